//! Keys and clicks that choose objects.

use egui::{EventFilter, Id, Key, Modifiers, Response, Sense, Ui};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{Act, Ask};
use crate::gui::panel::buckets::model::Shape;
use crate::gui::panel::buckets::selection::Choice;
use crate::gui::panel::buckets::state::State;
use crate::gui::widget::{MenuItem, context_menu, menu_separator};
use crate::supabase::{ObjectKey, url};

/// What has the keyboard while objects are walked through.
fn id() -> Id {
    Id::unique("buckets objects")
}

/// Whether the objects have the keyboard.
pub fn has_focus(ui: &Ui) -> bool {
    ui.memory(|memory| memory.has_focus(id()))
}

/// Whether keys without a modifier are meant for this place: no text is being typed and no modal is open.
fn listening(ui: &Ui, state: &State) -> bool {
    let (focused, modal) = ui.memory(|memory| (memory.focused(), memory.top_modal_layer().is_some()));
    state.dialog.is_none() && !modal && !ui.text_edit_focused() && focused.is_none_or(|focused| focused == id())
}

/// Walks through the objects: `columns` of them a row, `page` rows in view.
pub fn within(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, columns: usize, page: usize) {
    let area = ui.interact(ui.available_rect_before_wrap(), id(), Sense::focusable_noninteractive());
    area.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ListBox, true, "Objects"));
    if area.has_focus() {
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id(), filter));
    }
    if !listening(ui, state) {
        return;
    }
    let (row, page) = (columns as isize, (columns * page) as isize);
    let steps = [
        (Key::ArrowLeft, -1),
        (Key::ArrowRight, 1),
        (Key::ArrowUp, -row),
        (Key::ArrowDown, row),
        (Key::PageUp, -page),
        (Key::PageDown, page),
        (Key::Home, -(u32::MAX as isize)),
        (Key::End, u32::MAX as isize),
    ];
    for (key, step) in steps {
        if columns == 1 && matches!(key, Key::ArrowLeft | Key::ArrowRight) {
            continue;
        }
        let choice = ui.input_mut(|input| {
            if input.consume_key(Modifiers::SHIFT, key) {
                Some(Choice::Range)
            } else if input.consume_key(Modifiers::NONE, key) {
                Some(Choice::Only)
            } else {
                None
            }
        });
        if let Some(choice) = choice {
            state.step(step, choice);
            ui.memory_mut(|memory| memory.request_focus(id()));
        }
    }
    if let Some(cursor) = state.selection().cursor()
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space))
    {
        state.choose(cursor, Choice::Toggle);
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
        state.choose_all();
    }
    let copied = ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Copy)));
    if copied && !state.selection().is_empty() {
        copy_urls(state, context);
    }
    for (modifiers, key, act) in [
        (Modifiers::SHIFT, Key::Delete, Act::Delete),
        (Modifiers::NONE, Key::Delete, Act::Trash),
        (Modifiers::NONE, Key::F2, Act::Rename),
    ] {
        if !state.selection().is_empty() && ui.input_mut(|input| input.consume_key(modifiers, key)) {
            state.ask(Ask::Chosen(act));
        }
    }
    if !state.selection().is_empty() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        state.choose_none();
    }
}

/// Keys that do not need an object.
pub fn global(ui: &Ui, state: &mut State) {
    if !listening(ui, state) {
        return;
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::N)) {
        state.ask(Ask::NewFolder);
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::ALT, Key::ArrowUp)) {
        state.open_parent();
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::V)) {
        state.shape = if state.shape == Shape::Grid {
            Shape::Table
        } else {
            Shape::Grid
        };
    }
}

/// What a click on an object does, and its menu.
pub fn pointer(ui: &Ui, response: &Response, object: u32, state: &mut State, context: &mut PanelContext<'_>) {
    if response.clicked() {
        let modifiers = ui.input(|input| input.modifiers);
        let choice = if modifiers.shift {
            Choice::Range
        } else if modifiers.command {
            Choice::Toggle
        } else {
            Choice::Only
        };
        state.choose(object, choice);
        ui.memory_mut(|memory| memory.request_focus(id()));
    }
    if response.double_clicked() {
        state.inspector_hidden = false;
        state.inspector_over = true;
    }
    if response.secondary_clicked() && !state.selection().contains(object) {
        state.choose(object, Choice::Only);
    }
    context_menu(response, |ui| menu(ui, state, context));
}

/// The menu of the chosen objects.
fn menu(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let single = state
        .single()
        .and_then(|(bucket, entry)| Some((bucket.clone(), ObjectKey::parse(&entry.key).ok()?)));
    if let Some((bucket, key)) = single {
        if ui.add(MenuItem::new("Open in URL Lab").icon(icon::LINK)).clicked() {
            let text = url::public_url(&context.service.workspace().url, &bucket, &key);
            context.actions.push(Action::ExplainUrl(text));
        }
        if ui
            .add(MenuItem::new("Copy public URL").icon(icon::COPY).key("Ctrl C"))
            .clicked()
        {
            copy_urls(state, context);
        }
        if ui.add(MenuItem::new("Copy key").icon(icon::KEY)).clicked() {
            context.actions.push(Action::Copy {
                text: key.to_string(),
                what: "Key",
            });
        }
        if ui.add(MenuItem::new("Save…").icon(icon::DOWNLOAD_SIMPLE)).clicked() {
            context.actions.push(Action::Save(bucket, key));
        }
    } else if ui
        .add(MenuItem::new("Copy public URLs").icon(icon::COPY).key("Ctrl C"))
        .clicked()
    {
        copy_urls(state, context);
    }
    menu_separator(ui);
    let delete = MenuItem::new("Move to trash").icon(icon::TRASH).key("Del").danger();
    if ui.add(delete.disabled_because(context.why_locked())).clicked() {
        state.ask_delete();
    }
}

/// Copies the public URLs of the chosen objects.
pub fn copy_urls(state: &State, context: &mut PanelContext<'_>) {
    let text = state.chosen_urls(context.service);
    let what = if state.selection().len() == 1 { "URL" } else { "URLs" };
    if !text.is_empty() {
        context.actions.push(Action::Copy { text, what });
    }
}
