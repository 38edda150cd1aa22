//! What goes when a story is deleted, before it goes.

use egui::Context;

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Deed, State};
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Button, ModalFrame, modal, text};
use crate::gui::words::count;

/// Draws the question while it is asked.
pub(super) fn show(ctx: &Context, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(story) = state.deleting.as_ref().and_then(|id| state.find(id)) else {
        state.deleting = None;
        return;
    };
    let t = Tokens::of_ctx(ctx);
    let mut urls: Vec<&String> = story
        .scenes
        .iter()
        .filter_map(|scene| scene.image_url.as_ref())
        .collect();
    urls.extend(&story.cover_image_url);
    urls.sort_unstable();
    urls.dedup();
    let own = urls
        .iter()
        .filter(|url| context.service.own_object(url).is_some())
        .count();
    let foreign = urls.len() - own;
    let title = format!("Delete “{}”?", story.title);
    let id = story.story_id.clone();
    let frame = ModalFrame::new("delete-story", &title).width(480.0);
    let modal_id = frame.id();
    let answer = frame.show(
        ctx,
        |ui| {
            let rows = count(story.scenes.len(), "scene", "scenes");
            text::wrapped(
                ui,
                Type::Body,
                format!("Its row and the rows of {rows} are deleted. That cannot be undone."),
                t.tx1,
            );
            let pictures = match own {
                0 => "It has no picture in this project.".to_owned(),
                own => format!(
                    "{} to the trash of {}, from which it can be restored for 30 days.",
                    count(own, "picture moves", "pictures move"),
                    context.service.bucket()
                ),
            };
            text::wrapped(ui, Type::Body, pictures, t.tx2);
            if foreign > 0 {
                let words = count(foreign, "picture lies", "pictures lie");
                text::wrapped(ui, Type::Body, format!("{words} elsewhere and stays there."), t.tx2);
            }
        },
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let delete = Button::danger_filled("Delete story").icon(icon::TRASH).large();
            let delete = ui.add(delete.disabled_because(context.why_locked())).clicked();
            (delete, ui.add(Button::new("Cancel").large()).clicked())
        },
    );
    let (delete, cancel) = answer.footer;
    if delete {
        context.actions.push(Action::Do(Box::new(Deed::Delete(id))));
    }
    if delete || cancel || answer.closed {
        state.deleting = None;
        modal::return_focus(ctx, modal_id);
    }
}
