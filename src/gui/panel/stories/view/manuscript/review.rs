//! Page by page as the story will be, with what an editor should see before it goes out, and the tick that says so.

use egui::{Align, Key, Layout, Modifiers, Ui, vec2};

use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{State, Warning, warnings};
use crate::gui::panel::stories::view::candidate;
use crate::gui::panel::stories::view::picture::four_by_three;
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{IconButton, Note, Picture, PictureState, check_box, frame, text};
use crate::story::{Manuscript, StoryId};

/// Width of what is at the right of the page.
const SIDE: f32 = 300.0;
/// Height of what is above and below the picture of a page.
const WORDS: f32 = 250.0;

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, id: &StoryId) {
    let Some(edit) = state.manuscripts.edit(id) else { return };
    let manuscript = edit.get().clone();
    let pages = manuscript.scenes.len();
    let mut page = edit.page.min(pages.saturating_sub(1));
    turn(ui, &mut page, pages);
    let page_width = (ui.available_width() - SIDE - space::CONTENT).max(260.0);
    let mut looked = edit.looked;
    let mut to = None;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::CONTENT;
        ui.allocate_ui_with_layout(vec2(page_width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(page_width);
            one_page(ui, context, &manuscript, page);
        });
        ui.vertical(|ui| {
            ui.set_width(ui.available_width());
            to = side(ui, &manuscript, &mut looked);
        });
    });
    let Some(edit) = state.manuscripts.edit(id) else { return };
    edit.page = page;
    if let Some(warning) = to {
        edit.step = warning.step;
    }
    if looked && !edit.looked {
        edit.looked = true;
        edit.save_now();
    } else if !looked && !manuscript.is_approved() {
        edit.looked = false;
    }
}

/// The page that is shown, and the way to the others: the arrows do the same while nothing has the keyboard.
fn turn(ui: &mut Ui, page: &mut usize, pages: usize) {
    let t = Tokens::of(ui);
    let free = ui.memory(|memory| memory.focused().is_none());
    let pressed = |key| free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let (back, on) = (pressed(Key::ArrowLeft), pressed(Key::ArrowRight));
    ui.horizontal(|ui| {
        ui.set_height(size::CONTROL);
        ui.spacing_mut().item_spacing.x = 6.0;
        let first = (*page == 0).then_some("This is the first page");
        let previous = IconButton::new(icon::CARET_LEFT, "Previous page").framed();
        let back = ui.add(previous.disabled_because(first)).clicked() || back;
        let words = format!("Page {} of {}", (*page + 1).min(pages), pages);
        text::label(ui, Type::Small, words, t.tx2);
        let last = (*page + 1 >= pages).then_some("This is the last page");
        let next = IconButton::new(icon::CARET_RIGHT, "Next page").framed();
        let on = ui.add(next.disabled_because(last)).clicked() || on;
        if back {
            *page = page.saturating_sub(1);
        }
        if on && *page + 1 < pages {
            *page += 1;
        }
    });
    ui.add_space(space::SECTION);
}

fn one_page(ui: &mut Ui, context: &mut PanelContext<'_>, manuscript: &Manuscript, page: usize) {
    let t = Tokens::of(ui);
    let Some(scene) = manuscript.scenes.get(page) else {
        text::label(ui, Type::Body, "There is no page yet.", t.tx3);
        return;
    };
    frame::card(ui, 16).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        // The whole page is to be seen at once, in a low window too: the picture leaves room for the words.
        let room = (ui.clip_rect().height() - WORDS).max(180.0);
        let width = ui.available_width().min(560.0).min((room * 4.0 / 3.0).floor());
        let pixels = candidate::pixels(ui, context, scene.chosen, PictureSize::Full);
        let picture = match (&pixels, scene.chosen) {
            (Some(texture), _) => PictureState::Ready(*texture),
            (None, Some(_)) => PictureState::Loading,
            (None, None) => PictureState::Missing {
                line: "No picture",
                button: None,
            },
        };
        let alt = scene.alt_text.trim();
        Picture::new(alt, picture)
            .size(four_by_three(width))
            .corners(radius::CARD)
            .show(ui);
        ui.add_space(space::SECTION);
        if !scene.title.trim().is_empty() {
            text::wrapped(ui, Type::Head, scene.title.trim(), t.tx1);
            ui.add_space(space::TIGHT);
        }
        let (words, color) = match scene.text.trim() {
            "" => ("No text", t.err),
            text => (text, t.tx1),
        };
        text::wrapped(ui, Type::Body, words, color);
        ui.add_space(space::SECTION);
        let (words, color) = match alt {
            "" if scene.chosen.is_some() => (
                "No alt text: this picture is not described to those who cannot see it",
                t.warn,
            ),
            "" => ("No alt text", t.tx3),
            alt => (alt, t.tx3),
        };
        text::wrapped(ui, Type::Caption, format!("Alt text: {words}"), color);
    });
}

/// What there is to look at, and the tick. Answers what is to be gone to.
fn side(ui: &mut Ui, manuscript: &Manuscript, looked: &mut bool) -> Option<Warning> {
    let t = Tokens::of(ui);
    let all = warnings(manuscript);
    let stops = all.iter().any(|warning| warning.stops);
    let mut to = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    text::label(ui, Type::Head, "Before it goes out", t.tx1);
    ui.add_space(space::GROUP);
    if all.is_empty() {
        Note::ok(
            "Nothing stands out",
            "Every scene has its text, its picture and its alt text.",
        )
        .show(ui);
        ui.add_space(space::TIGHT);
    }
    for warning in &all {
        let note = if warning.stops {
            Note::err(&warning.words, "")
        } else {
            Note::warn(&warning.words, "")
        };
        if note.button("Mend").show(ui) {
            to = Some(warning.clone());
        }
        ui.add_space(space::TIGHT);
    }
    ui.add_space(space::TIGHT);
    frame::hairline(ui);
    ui.add_space(space::SECTION);
    if stops {
        text::wrapped(
            ui,
            Type::Small,
            "What is red has to be mended before this story can be published.",
            t.tx2,
        );
        return to;
    }
    check_box(ui, "I have looked at every text and picture", looked);
    ui.add_space(space::TIGHT);
    match manuscript.approved.as_ref().filter(|_| manuscript.is_approved()) {
        Some(approval) => {
            let words = format!("Approved by {}", approval.by);
            text::wrapped(ui, Type::Caption, words, t.ok);
        }
        None => {
            let words = "Without this nothing is published. A later change takes it back.";
            text::wrapped(ui, Type::Caption, words, t.tx3);
        }
    }
    to
}

/// Whether nothing keeps the story from being published but being asked for.
pub(super) fn why_not(manuscript: &Manuscript) -> Option<&'static str> {
    match () {
        () if warnings(manuscript).iter().any(|warning| warning.stops) => {
            Some("Something in the review has to be mended first")
        }
        () if !manuscript.is_approved() => Some("Tick in the review that you have looked at every text and picture"),
        () => None,
    }
}
