//! A picture over the whole place: with the wheel, the pointer and keys.

use egui::{Align, Align2, Area, Id, Key, Layout, Modifiers, Order, Rect, Sense, Ui, pos2, vec2};

use super::{canvas, head};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::inspect::Look;
use crate::gui::panel::buckets::state::State;
use crate::gui::texture::{PictureSize, Shown};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{IconButton, frame, paint, spinner, text};
use crate::service::PictureAt;
use crate::supabase::ObjectKey;

/// Height of the line above the picture.
const BAR: f32 = 44.0;
/// Points that an arrow key moves the picture by.
const STEP: f32 = 60.0;

/// What is drawn of it.
struct Geometry {
    picture: [f32; 2],
    place: [f32; 2],
}

fn geometry_id() -> Id {
    Id::unique("enlarged picture")
}

/// Its keys; before those of the objects below it.
pub fn keys(ui: &Ui, state: &mut State) {
    let Some(mut look) = state.inspect.enlarged else { return };
    if ui.text_edit_focused() || ui.memory(|memory| memory.top_modal_layer().is_some()) {
        return;
    }
    let geometry: Option<([f32; 2], [f32; 2])> = ui.data(|data| data.get_temp(geometry_id()));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::Escape) {
        state.inspect.enlarged = None;
        return;
    }
    let Some((picture, place)) = geometry else { return };
    if pressed(Key::Num0) {
        look.fit();
    }
    if pressed(Key::Num1) {
        look.whole_size();
    }
    if pressed(Key::Plus) || pressed(Key::Equals) {
        look.step(true, picture, place);
    }
    if pressed(Key::Minus) {
        look.step(false, picture, place);
    }
    // All of it is in sight: the arrows go to other objects, as they do without it.
    if !look.is_fitted() {
        let moves = [
            (Key::ArrowLeft, [STEP, 0.0]),
            (Key::ArrowRight, [-STEP, 0.0]),
            (Key::ArrowUp, [0.0, STEP]),
            (Key::ArrowDown, [0.0, -STEP]),
        ];
        for (key, by) in moves {
            if pressed(key) {
                look.pan(by, picture, place);
            }
        }
    }
    state.inspect.enlarged = Some(look);
}

/// Draws it over `at`, the whole place.
pub fn show(ui: &Ui, at: Rect, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(mut look) = state.inspect.enlarged else { return };
    let Some((bucket, entry)) = state.looked_at() else {
        state.inspect.enlarged = None;
        return;
    };
    let Ok(key) = ObjectKey::parse(&entry.key) else { return };
    let picture = PictureAt::listed(bucket, key, entry.etag.as_deref(), entry.size);
    let mut closed = false;
    let area = Area::new(Id::unique("enlarged"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_TOP)
        .fixed_pos(at.min);
    area.show(ui.ctx(), |ui| {
        ui.set_clip_rect(at);
        let t = Tokens::of(ui);
        // What lies below gets neither clicks nor the wheel.
        ui.interact(at, Id::unique("enlarged ground"), Sense::click_and_drag());
        ui.painter().rect_filled(at, 0, t.bg0);
        let bar = Rect::from_min_max(at.min, pos2(at.right(), at.top() + BAR));
        let place = Rect::from_min_max(pos2(at.left(), bar.bottom()), at.max).shrink(space::CONTENT);
        let shown = match context
            .pictures
            .get(ui.ctx(), context.service, &picture, PictureSize::Full)
        {
            Shown::Ready { texture, original } => Some((texture, original)),
            Shown::Loading => {
                paint::inside(
                    ui,
                    place,
                    Layout::centered_and_justified(egui::Direction::TopDown),
                    |ui| spinner(ui, "Loading the picture"),
                );
                None
            }
            Shown::Broken(problem) => {
                paint::inside(ui, place, Layout::top_down(Align::Center), |ui| {
                    text::wrapped(ui, Type::Body, problem.sentences(), t.tx2)
                });
                None
            }
        };
        let geometry = shown.map(|(texture, original)| {
            let original = original.unwrap_or_else(|| {
                let [width, height] = texture.size();
                (width as u32, height as u32)
            });
            let alt = format!("Enlarged {}", entry.name());
            canvas::show(ui, place, (&alt, 0), texture, original, &mut look, true);
            Geometry {
                picture: canvas::points(ui, original),
                place: [place.width(), place.height()],
            }
        });
        if let Some(Geometry { picture, place }) = &geometry {
            ui.data_mut(|data| data.insert_temp(geometry_id(), (*picture, *place)));
        }
        closed = toolbar(ui, bar, entry.name(), state, &mut look, geometry.as_ref());
    });
    state.inspect.enlarged = (!closed).then_some(look);
}

/// The line above it; answers whether to close it.
fn toolbar(
    ui: &mut Ui,
    bar: Rect,
    name: &str,
    state: &mut State,
    look: &mut Look,
    geometry: Option<&Geometry>,
) -> bool {
    let t = Tokens::of(ui);
    let inner = bar.shrink2(vec2(space::PANEL, 8.0));
    let closed = paint::inside(ui, inner, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let closed = ui.add(IconButton::new(icon::X, "Close picture").key("Esc")).clicked();
        if ui
            .add(IconButton::new(icon::CARET_RIGHT, "Next picture").key("→"))
            .clicked()
        {
            head::step(state, true);
        }
        if ui
            .add(IconButton::new(icon::CARET_LEFT, "Previous picture").key("←"))
            .clicked()
        {
            head::step(state, false);
        }
        let none = geometry.is_none().then_some("The picture is not there yet");
        let (picture, place) = geometry.map_or(([1.0; 2], [1.0; 2]), |geometry| (geometry.picture, geometry.place));
        ui.add_space(space::CONTROL);
        let fit = IconButton::new(icon::FRAME_CORNERS, "Fit").key("0");
        if ui.add(fit.selected(look.is_fitted()).disabled_because(none)).clicked() {
            look.fit();
        }
        let whole = crate::gui::widget::Button::ghost("100 %").key("1");
        if ui.add(whole.disabled_because(none)).clicked() {
            look.whole_size();
        }
        let larger = IconButton::new(icon::MAGNIFYING_GLASS_PLUS, "Zoom in").key("+");
        if ui.add(larger.disabled_because(none)).clicked() {
            look.step(true, picture, place);
        }
        let smaller = IconButton::new(icon::MAGNIFYING_GLASS_MINUS, "Zoom out").key("-");
        if ui.add(smaller.disabled_because(none)).clicked() {
            look.step(false, picture, place);
        }
        if geometry.is_some() {
            let percent = format!("{:.0} %", look.zoom(picture, place) * 100.0);
            text::label(ui, Type::MonoSmall, percent, t.tx2);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            text::key(ui, Type::Head, name, t.tx1);
        });
        closed
    });
    let line = Rect::from_min_max(pos2(bar.left(), bar.bottom() - 1.0), bar.max);
    paint::inside(ui, line, Layout::top_down(Align::Min), frame::hairline);
    closed
}
