//! The scenes that show the object.

use egui::{Rect, Sense, Ui, vec2};

use super::thumb;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{Note, Row, frame, text};
use crate::gui::words;
use crate::service::SceneUse;
use crate::supabase::{BucketName, ObjectKey};

/// Scenes that are named before the rest is a number.
const NAMED: usize = 8;
const ROW: f32 = 32.0;

pub fn show(
    ui: &mut Ui,
    state: &mut State,
    bucket: &BucketName,
    key: &ObjectKey,
    entry: &Entry,
    context: &mut PanelContext<'_>,
) {
    let t = Tokens::of(ui);
    frame::section_break(ui);
    let Some(uses) = state.inspect.uses().cloned() else {
        match state.inspect.uses_problem() {
            Some(problem) => {
                if Note::warn("It is not known which scenes use it", &problem.what)
                    .button("Try again")
                    .show(ui)
                {
                    state.inspect.reload();
                }
            }
            None => _ = text::label(ui, Type::SmallStrong, "Used by …", t.tx2),
        }
        return;
    };
    let all = uses.of(bucket, key);
    let title = used_by(all);
    text::line(ui, size::SMALL, |ui| text::label(ui, Type::SmallStrong, title, t.tx2));
    for (place, used) in all.iter().take(NAMED).enumerate() {
        let id = ui.unique_id().with(("use", place));
        let words = used.words();
        let label = format!("Show {words}");
        let row = Row::new(&label, ROW).padding(0.0).id(id);
        let response = row.show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = space::CONTROL;
            let (at, _) = ui.allocate_exact_size(vec2(32.0, 24.0), Sense::hover());
            thumb::show(ui, at, radius::MINI, bucket, entry, context);
            let right = ui.available_rect_before_wrap();
            let arrow = Rect::from_center_size(
                egui::pos2(right.right() - 10.0, right.center().y),
                vec2(size::ICON_SMALL, size::ICON_SMALL),
            );
            icon::ARROW_RIGHT.paint(ui.painter(), arrow.center(), size::ICON_SMALL, t.tx2);
            ui.scope(|ui| {
                ui.set_max_width(right.width() - 28.0);
                text::elided(ui, Type::Small, words.as_str(), t.tx1);
            });
        });
        if response.clicked() {
            let scene = used.scene.as_ref().map(|scene| scene.id.clone());
            context.actions.push(Action::OpenStory(used.story.clone(), scene));
        }
    }
    if all.len() > NAMED {
        let rest = format!("and {} more", words::grouped(all.len() - NAMED));
        text::label(ui, Type::Caption, rest, t.tx3);
    }
}

/// "Used by 2 scenes, as a cover".
fn used_by(all: &[SceneUse]) -> String {
    let covers = all.iter().filter(|used| used.scene.is_none()).count();
    let scenes = match all.len() - covers {
        0 => "Used by no scene".to_owned(),
        many => format!("Used by {}", words::count(many, "scene", "scenes")),
    };
    match covers {
        0 => scenes,
        1 => format!("{scenes}, as a cover"),
        many => format!("{scenes}, as {} covers", words::grouped(many)),
    }
}
