//! The small picture of an object, or the sign of its kind.

use egui::load::SizedTexture;
use egui::{Rect, Ui, UiBuilder};

use crate::gui::icon::{self, Icon};
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::kind;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::texture::{PictureSize, Shown};
use crate::gui::theme::{Tokens, size};
use crate::gui::widget::{Picture, PictureState};
use crate::service::PictureAt;
use crate::supabase::{BucketName, ObjectKey};

/// Draws an object into `rect`.
pub fn show(ui: &mut Ui, rect: Rect, corner: u8, bucket: &BucketName, entry: &Entry, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let picture = kind::may_be_picture(entry.name(), entry.content_type.as_deref());
    let key = ObjectKey::parse(&entry.key).ok().filter(|_| picture);
    let Some(key) = key else {
        ui.painter().rect_filled(rect, corner, t.bg3);
        let side = if rect.width() < 60.0 { size::ICON } else { 28.0 };
        sign(entry).paint(ui.painter(), rect.center(), side, t.tx3);
        return;
    };
    let at = PictureAt::Object(bucket.clone(), key);
    let alt = format!("Picture {}", entry.name());
    let state = match context.pictures.get(ui.ctx(), context.service, &at, PictureSize::Thumb) {
        Shown::Loading => PictureState::Loading,
        Shown::Ready { texture, .. } => PictureState::Ready(SizedTexture::from_handle(texture)),
        Shown::Broken(problem) => PictureState::Broken {
            line: &problem.what,
            code: problem.code.as_deref().unwrap_or(""),
        },
    };
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        Picture::new(&alt, state).size(rect.size()).corners(corner).show(ui)
    });
}

/// The sign of a kind of file.
fn sign(entry: &Entry) -> Icon {
    let declared = entry.content_type.as_deref().unwrap_or_default();
    match declared.split('/').next().unwrap_or_default() {
        "image" => icon::FILE_IMAGE,
        "audio" => icon::SPEAKER_HIGH,
        "video" => icon::VIDEO,
        "text" => icon::FILE_TEXT,
        _ if declared.contains("pdf") => icon::FILE_PDF,
        _ if declared.contains("zip") => icon::FILE_ZIP,
        _ if declared.contains("json") => icon::CODE,
        _ => icon::FILE,
    }
}
