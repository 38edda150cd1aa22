//! What can be asked for on a scene, from its card, its row or its menu.

use egui::{Rect, Response, Ui};

use crate::gui::icon;
use crate::gui::panel::stories::state::{Failure, ScenePicture};
use crate::gui::widget::{MenuItem, context_menu, menu_separator};
use crate::media::MediaType;
use crate::service::JobId;
use crate::story::{Scene, SceneId};

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Select,
    Enlarge,
    Upload,
    Regenerate,
    Generate,
    Retry(JobId),
    /// The same picture, saved as another kind.
    RetryAs(JobId, MediaType),
    Cancel(JobId),
    /// The object that a broken link meant.
    Find,
    Explain,
    CopyUrl,
    ShowObject,
    /// This scene goes to another place.
    Move(usize),
    /// The scene at the first place was dropped on the one at the second.
    Drop(usize, usize),
}

/// What scenes answer, however they are laid out: the one under the pointer, for files that are dropped, and what was asked of
/// which.
pub(super) type Answer = (Option<(SceneId, Rect)>, Option<(usize, Asked)>);

/// The menu of a scene, however it is laid out.
pub(super) fn menu(card: &Response, scene: &Scene, shown: &ScenePicture<'_>) -> Option<Asked> {
    let none = scene.image_url.is_none().then_some("This scene has no picture");
    let busy =
        matches!(shown, ScenePicture::Drawing { .. } | ScenePicture::Waiting).then_some("A picture is being made");
    context_menu(card, |ui| {
        let mut asked = None;
        let mut item = |ui: &mut Ui, item: MenuItem<'_>, meaning: Asked| {
            if ui.add(item).clicked() {
                asked = Some(meaning);
            }
        };
        item(
            ui,
            MenuItem::new("Show large")
                .icon(icon::ARROWS_OUT_SIMPLE)
                .key("Enter")
                .disabled_because(none),
            Asked::Enlarge,
        );
        item(
            ui,
            MenuItem::new("Regenerate")
                .icon(icon::ARROWS_CLOCKWISE)
                .disabled_because(busy),
            Asked::Regenerate,
        );
        item(
            ui,
            MenuItem::new("Upload picture…")
                .icon(icon::UPLOAD_SIMPLE)
                .disabled_because(busy),
            Asked::Upload,
        );
        if let ScenePicture::Drawing { job: Some(job), .. } = shown {
            item(ui, MenuItem::new("Cancel").icon(icon::X), Asked::Cancel(*job));
        }
        if let ScenePicture::Failed(Failure::Job(job, problem)) = shown
            && let Some(save) = problem.save_as
        {
            let again = MenuItem::new(save.words()).icon(icon::ARROWS_CLOCKWISE);
            item(ui, again, Asked::RetryAs(*job, save.kind));
        }
        item(
            ui,
            MenuItem::new("Find image…")
                .icon(icon::MAGNIFYING_GLASS)
                .disabled_because(none.or(busy)),
            Asked::Find,
        );
        menu_separator(ui);
        item(
            ui,
            MenuItem::new("Copy URL").icon(icon::COPY).disabled_because(none),
            Asked::CopyUrl,
        );
        item(
            ui,
            MenuItem::new("Open in URL Lab").icon(icon::LINK).disabled_because(none),
            Asked::Explain,
        );
        item(
            ui,
            MenuItem::new("Show in bucket")
                .icon(icon::DATABASE)
                .disabled_because(none),
            Asked::ShowObject,
        );
        asked
    })
    .flatten()
}
