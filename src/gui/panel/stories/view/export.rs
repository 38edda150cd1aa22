//! Asks what a story is to be made into.

use egui::{Context, Key, Modifiers, Ui};

use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{ExportForm, State, about};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, ModalFrame, Note, Segment, check_box, modal, radio, segmented, text};
use crate::story::Story;
use crate::story::export::{Format, PageSize};

/// Draws the question while it is open.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(story) = state.export.story.clone() else {
        return;
    };
    let story = state.list.get(&story).cloned();
    let title = story.as_ref().map_or_else(String::new, |story| story.title.clone());
    let form = &mut state.export;
    let entered = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let frame = ModalFrame::new("export-story", "Export story")
        .caption(&title)
        .width(520.0);
    let id = frame.id();
    let answer = frame.show(
        ctx,
        |ui| fields(ui, form, story.as_ref()),
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let save = Button::primary("Export…")
                .icon(icon::DOWNLOAD_SIMPLE)
                .key("Ctrl Enter")
                .large();
            let export = ui.add(save).clicked();
            let cancel = ui.add(Button::new("Cancel").large()).clicked();
            (export, cancel)
        },
    );
    let (export, cancel) = answer.footer;
    if answer.closed || cancel {
        form.close();
        modal::return_focus(ctx, id);
    } else if export || entered {
        context.actions.extend(form.answer());
        modal::return_focus(ctx, id);
    }
}

fn fields(ui: &mut Ui, form: &mut ExportForm, story: Option<&Story>) {
    ui.spacing_mut().item_spacing.y = 6.0;
    for format in Format::ALL {
        if radio(ui, format.name(), about(format), form.format == format).clicked() {
            form.format = format;
        }
    }
    if form.format.has_pages() {
        ui.add_space(space::SECTION);
        ui.horizontal(|ui| {
            let quiet = Tokens::of(ui).tx2;
            text::label(ui, Type::Small, "Pages", quiet);
            let sizes = PageSize::ALL.map(|size| (size, Segment::words(size.name())));
            segmented(ui, &mut form.size, &sizes);
        });
        check_box(ui, "Bleed and trim marks, for a printer", &mut form.bleed);
    }
    let Some(story) = story else { return };
    let missing = story.missing().count();
    if missing > 0 && form.format != Format::Colouring {
        ui.add_space(space::SECTION);
        let line = match missing {
            1 => "1 scene has no picture".to_owned(),
            many => format!("{many} scenes have no picture"),
        };
        Note::warn(&line, "They are exported with their words alone.").show(ui);
    }
    let silent = story
        .scenes
        .iter()
        .filter(|scene| scene.image_url.is_some() && scene.alt_text.is_none());
    let silent = silent.count();
    if silent > 0 && matches!(form.format, Format::Pdf | Format::Epub) {
        ui.add_space(space::SECTION);
        let line = match silent {
            1 => "1 picture has no description".to_owned(),
            many => format!("{many} pictures have no description"),
        };
        Note::warn(&line, "Somebody who cannot see them hears the titles of their scenes.").show(ui);
    }
}
