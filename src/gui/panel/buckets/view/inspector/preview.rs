//! The picture of the object, the first lines of a text, or the sign of its kind.

use egui::{Align, Label, Layout, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::{canvas, thumb};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::inspect::Look;
use crate::gui::panel::buckets::kind;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::state::State;
use crate::gui::texture::{PictureSize, Shown};
use crate::gui::theme::{Tokens, Tone, Type, radius, size};
use crate::gui::widget::{Badge, IconButton, Picture, PictureState, frame, paint, text};
use crate::service::PictureAt;
use crate::supabase::{BucketName, ObjectKey};

/// Height of a picture's place to its width.
const SHAPE: f32 = 0.675;
/// Height of other files' place.
const OTHER: f32 = 132.0;

pub fn show(ui: &mut Ui, state: &mut State, bucket: &BucketName, entry: &Entry, context: &mut PanelContext<'_>) {
    let width = ui.available_width();
    let key = ObjectKey::parse(&entry.key).ok();
    let picture = kind::may_be_picture(entry.name(), entry.content_type.as_deref());
    match key {
        Some(key) if picture => {
            let (rect, _) = ui.allocate_exact_size(vec2(width, (width * SHAPE).round()), Sense::hover());
            of_picture(ui, rect, state, bucket, &key, entry, context);
        }
        key => {
            let (rect, _) = ui.allocate_exact_size(vec2(width, OTHER), Sense::hover());
            match state.inspect.peek().and_then(crate::service::Peek::text) {
                Some(words) => of_text(ui, rect, &words),
                None => thumb::show(ui, rect, radius::CARD, bucket, entry, context),
            }
            if let Some(key) = key {
                buttons(ui, rect, (bucket, &key), false, context);
            }
            if let Some(peek) = state.inspect.peek()
                && peek.text().is_some()
                && !peek.is_whole
            {
                let t = Tokens::of(ui);
                text::label(ui, Type::Caption, "The first 4 KB", t.tx3);
            }
        }
    }
}

fn of_picture(
    ui: &mut Ui,
    rect: Rect,
    state: &mut State,
    bucket: &BucketName,
    key: &ObjectKey,
    entry: &Entry,
    context: &mut PanelContext<'_>,
) {
    let at = PictureAt::listed(bucket.clone(), key.clone(), entry.etag.as_deref(), entry.size);
    let alt = format!("Preview of {}", entry.name());
    // A picture that is enlarged needs more pixels than its place has.
    let size = if state.inspect.look.is_fitted() {
        PictureSize::Card
    } else {
        PictureSize::Full
    };
    let shown = match context.pictures.get(ui.ctx(), context.service, &at, size) {
        Shown::Ready { texture, original } => Some((texture, original)),
        Shown::Loading => {
            whole_place(ui, rect, &alt, PictureState::Loading);
            None
        }
        Shown::Broken(problem) => {
            let code = problem.code.as_deref().unwrap_or("");
            whole_place(
                ui,
                rect,
                &alt,
                PictureState::Broken {
                    line: &problem.what,
                    code,
                },
            );
            None
        }
    };
    let mut enlarge = false;
    if let Some((texture, original)) = shown {
        let original = original.unwrap_or_else(|| {
            let [width, height] = texture.size();
            (width as u32, height as u32)
        });
        let look = &mut state.inspect.look;
        canvas::show(ui, rect, (&alt, radius::CARD), texture, original, look, false);
        let words = format!("{} × {}", original.0, original.1);
        let badge = Badge::new(Tone::Neutral, &words).over_picture();
        let place = Rect::from_min_size(
            pos2(rect.left() + 8.0, rect.bottom() - 8.0 - size::BADGE),
            vec2(badge.width(ui), size::BADGE),
        );
        ui.put(place, badge);
        enlarge = true;
    }
    if buttons(ui, rect, (bucket, key), enlarge, context) {
        state.inspect.enlarged = Some(Look::default());
    }
}

fn whole_place(ui: &mut Ui, rect: Rect, alt: &str, state: PictureState<'_>) {
    paint::inside(ui, rect, Layout::top_down(Align::Min), |ui| {
        Picture::new(alt, state).size(rect.size()).show(ui)
    });
}

/// The buttons over the right top corner; answers whether the picture is to be enlarged.
fn buttons(
    ui: &mut Ui,
    rect: Rect,
    (bucket, key): (&BucketName, &ObjectKey),
    enlarges: bool,
    context: &mut PanelContext<'_>,
) -> bool {
    let at = Rect::from_min_size(
        pos2(rect.right() - 8.0 - 2.0 * size::SMALL - 6.0, rect.top() + 8.0),
        vec2(2.0 * size::SMALL + 6.0, size::SMALL),
    );
    paint::inside(ui, at, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let save = IconButton::new(icon::DOWNLOAD_SIMPLE, "Save as…")
            .small()
            .over_picture();
        if ui.add(save).clicked() {
            context.actions.push(Action::Save(bucket.clone(), key.clone()));
        }
        let enlarge = IconButton::new(icon::ARROWS_OUT_SIMPLE, "Enlarge")
            .small()
            .over_picture();
        enlarges && ui.add(enlarge).clicked()
    })
}

fn of_text(ui: &mut Ui, rect: Rect, words: &str) {
    let color = Tokens::of(ui).tx2;
    paint::inside(ui, rect, Layout::top_down(Align::Min), |ui| {
        frame::code(ui).show(ui, |ui| {
            ui.set_width(rect.width() - 24.0);
            ui.set_height(rect.height() - 20.0);
            ScrollArea::both()
                .id_salt("first lines")
                .auto_shrink(false)
                .max_height(rect.height() - 20.0)
                .show(ui, |ui| {
                    let label = Label::new(Type::MonoSmall.rich(words).color(color));
                    ui.add(label.extend().selectable(true));
                });
        });
    });
}
