//! A field for the path in the place of the breadcrumb, with proposals below it.

use egui::{Event, EventFilter, Frame, Id, Key, Margin, Modifiers, Popup, PopupCloseBehavior, Ui};

use crate::gui::icon;
use crate::gui::panel::buckets::state::{PathEdit, State};
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{IconButton, MenuItem, TextField, text};
use crate::service::Service;
use crate::supabase::BucketName;

/// What was done in a frame.
enum Answer {
    Go,
    Leave,
}

pub fn show(ui: &mut Ui, state: &mut State, service: &Service) {
    let Some(mut edit) = state.path_edit.take() else { return };
    let buckets: Vec<&BucketName> = state.names().collect();
    let answer = field(ui, &mut edit, &buckets);
    match answer {
        Some(Answer::Leave) => {}
        Some(Answer::Go) => {
            state.path_edit = Some(edit);
            state.follow_path(service);
            if let Some(edit) = &mut state.path_edit {
                edit.fresh = true;
            }
        }
        None => state.path_edit = Some(edit),
    }
}

fn field(ui: &mut Ui, edit: &mut PathEdit, buckets: &[&BucketName]) -> Option<Answer> {
    let id = Id::unique("buckets path");
    let proposals = edit.proposals(buckets);
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    if has_focus && !proposals.is_empty() {
        keys(ui, edit, &proposals, id);
    }
    let width = (ui.available_width() - 32.0).max(120.0);
    let error = edit.error.clone();
    let response = TextField::new("Path", &mut edit.text)
        .mono()
        .width(width)
        .id(id)
        .show(ui);
    if response.changed() {
        edit.error = None;
        edit.marked = None;
    }
    if std::mem::take(&mut edit.fresh) {
        response.request_focus();
    }
    // Tab takes over a proposal, the arrows walk through them.
    let filter = EventFilter {
        tab: true,
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));

    let mut taken = None;
    let shown = Popup::from_response(&response)
        .id(id.with("proposals"))
        .open(error.is_some() || (has_focus && !proposals.is_empty()))
        .close_behavior(PopupCloseBehavior::IgnoreClicks)
        .gap(4.0)
        .width(width)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if let Some(error) = &error {
                Frame::NONE.inner_margin(Margin::symmetric(8, 6)).show(ui, |ui| {
                    text::wrapped(ui, Type::Caption, error, Tokens::of(ui).err);
                });
            }
            for (place, proposal) in proposals.iter().enumerate() {
                let item = MenuItem::new(proposal).icon(icon::FOLDER);
                let item = if edit.marked == Some(place) {
                    item.key("Tab")
                } else {
                    item
                };
                if ui.add(item).clicked() {
                    taken = Some(proposal.clone());
                }
            }
        });
    let over_proposals = shown.is_some_and(|shown| shown.response.contains_pointer());
    let close = ui.add(IconButton::new(icon::X, "Leave the path as it is").small());
    if let Some(proposal) = taken {
        edit.take(proposal);
        cursor_to_end(ui, id, &edit.text);
        response.request_focus();
        return None;
    }
    if close.clicked() || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        return Some(Answer::Leave);
    }
    if response.lost_focus() {
        if ui.input(|input| input.key_pressed(Key::Enter)) {
            return Some(Answer::Go);
        }
        return (!over_proposals).then_some(Answer::Leave);
    }
    None
}

/// Keys that belong to the proposals and not to the text.
fn keys(ui: &Ui, edit: &mut PathEdit, proposals: &[String], id: Id) {
    let last = proposals.len() - 1;
    let (down, up, tab) = ui.input_mut(|input| {
        let down = input.consume_key(Modifiers::NONE, Key::ArrowDown);
        let up = input.consume_key(Modifiers::NONE, Key::ArrowUp);
        let tab = input.consume_key(Modifiers::NONE, Key::Tab);
        input
            .events
            .retain(|event| !matches!(event, Event::Text(text) if text == "\t"));
        (down, up, tab)
    });
    if down {
        edit.marked = Some(edit.marked.map_or(0, |at| (at + 1).min(last)));
    }
    if up {
        edit.marked = edit.marked.and_then(|at| at.checked_sub(1));
    }
    if tab && let Some(proposal) = proposals.get(edit.marked.unwrap_or(0)) {
        edit.take(proposal.clone());
        cursor_to_end(ui, id, &edit.text);
    }
}

fn cursor_to_end(ui: &Ui, id: Id, text: &str) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = egui::text_edit::TextEditState::load(ui, id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ui, id);
}
