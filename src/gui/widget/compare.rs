//! Two pictures compared: with a divider between them, beside each other, or one after the other in the same place.

use egui::accesskit::Action;
use egui::epaint::CornerRadius;
use egui::load::SizedTexture;
use egui::{
    Align, CursorIcon, EventFilter, Id, Key, Layout, PointerButton, Rect, Response, Role, Sense, Stroke, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use super::compare_look::{CompareLook, CompareMode};
use super::picture::{Fit, fitted};
use super::{Badge, IconButton, paint};
use crate::gui::icon;
use crate::gui::icon::Icon;
use crate::gui::theme::{Tokens, Type, radius, size};

/// Diameter of the handle on the divider.
const HANDLE: f32 = 28.0;
/// The divider is grabbed this far from it.
const GRAB: f32 = 10.0;
/// Shapes that differ less than this are cut to fill the place; others are shown whole.
const ALIKE: f32 = 0.08;
/// Between pictures that are beside each other.
const GAP: f32 = 2.0;
/// How far an arrow key moves enlarged pictures, in shares of their place.
const PAN: f32 = 0.1;

/// One of the two pictures.
#[derive(Clone, Copy)]
pub struct CompareSide<'a> {
    /// The picture, or one line about why it is not there.
    pub picture: Result<SizedTexture, &'a str>,
    /// What it shows, for those who cannot see it; "No alt text" when that is empty.
    pub alt: &'a str,
    /// Which one it is: "Live", "B · seed 4127".
    pub tag: Badge<'a>,
}

/// Two pictures: `Compare::new("Live and B", live, b, &mut look).size(vec2(339.0, 247.0)).show(ui)`.
///
/// The first is at the left of the divider. With focus, the arrows move the divider (farther with Shift), Home and End put it at
/// an edge, plus and minus zoom both pictures and 0 shows all of them; while they are enlarged, the arrows move them and the
/// divider is moved with Alt. The wheel zooms with Ctrl, and a double click goes between twice as large and all.
#[must_use = "call `show(ui)`"]
pub struct Compare<'a> {
    name: &'a str,
    sides: [CompareSide<'a>; 2],
    look: &'a mut CompareLook,
    size: Vec2,
    id: Option<Id>,
    wheel: bool,
}

impl<'a> Compare<'a> {
    /// Compares `first` and `second`; `name` says both: "Live and B".
    pub fn new(name: &'a str, first: CompareSide<'a>, second: CompareSide<'a>, look: &'a mut CompareLook) -> Self {
        Self {
            name,
            sides: [first, second],
            look,
            size: vec2(339.0, 247.0),
            id: None,
            wheel: false,
        }
    }

    /// Size in points.
    pub fn size(mut self, size: Vec2) -> Self {
        self.size = size;
        self
    }

    /// An id that stays the same, to focus it from elsewhere.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// The wheel zooms without Ctrl: where nothing around it can be scrolled.
    pub fn wheel(mut self) -> Self {
        self.wheel = true;
        self
    }

    /// Draws the comparison; the response is of both pictures together and senses clicks and drags.
    pub fn show(mut self, ui: &mut Ui) -> Response {
        let (auto, rect) = ui.allocate_space(self.size);
        let id = self.id.unwrap_or(auto);
        let response = ui.interact(rect, id, Sense::click_and_drag());
        self.pointer(ui, rect, &response);
        self.keys(ui, &response);
        self.tell(ui, rect, &response);
        if ui.is_rect_visible(rect) {
            self.draw(ui, rect);
        }
        buttons(ui, rect, id, self.look);
        paint::focus_ring(ui, &response, radius::CARD);
        let cursor = match (self.look.mode(), self.look.is_fitted()) {
            (_, false) => CursorIcon::Grab,
            (CompareMode::Slider, true) => CursorIcon::ResizeHorizontal,
            (CompareMode::SideBySide | CompareMode::Flip, true) => CursorIcon::Default,
        };
        response.on_hover_cursor(cursor)
    }

    /// Where the divider is on the screen.
    fn divider(&self, rect: Rect) -> f32 {
        rect.left() + rect.width() * self.look.divider()
    }

    /// The part of `rect` in which one picture is seen.
    fn place(&self, rect: Rect, second: bool) -> Rect {
        if self.look.mode() != CompareMode::SideBySide {
            return rect;
        }
        let width = (rect.width() - GAP) * 0.5;
        let left = if second { rect.right() - width } else { rect.left() };
        Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()))
    }

    fn pointer(&mut self, ui: &Ui, rect: Rect, response: &Response) {
        let look = &mut *self.look;
        if response.contains_pointer() {
            let wheel = self.wheel;
            let by = ui.input(|input| {
                let by = input.zoom_delta();
                if by != 1.0 || !wheel {
                    return by;
                }
                (input.smooth_scroll_delta().y * 0.004).exp()
            });
            if by != 1.0 {
                let at = (response.hover_pos().unwrap_or(rect.center()) - rect.center()) / rect.size();
                look.scale(by, at.into());
            }
        }
        let sliding = look.mode() == CompareMode::Slider;
        // What a drag took hold of stays in its hand, wherever the pointer goes.
        let holds_divider = response.id.with("holds the divider");
        if response.drag_started_by(PointerButton::Primary) {
            let near = response.interact_pointer_pos().is_some_and(|pointer| {
                (pointer.x - rect.left() - rect.width() * look.divider()).abs() <= GRAB + HANDLE * 0.5
            });
            let holds = sliding && (look.is_fitted() || near);
            ui.data_mut(|data| data.insert_temp(holds_divider, holds));
        }
        if response.dragged_by(PointerButton::Primary) {
            let holds = ui.data(|data| data.get_temp(holds_divider)).unwrap_or(false);
            match response.interact_pointer_pos() {
                Some(pointer) if holds => look.divide_at((pointer.x - rect.left()) / rect.width()),
                _ => look.pan((response.drag_delta() / rect.size()).into()),
            }
        }
        if response.double_clicked() {
            if look.is_fitted() {
                let at = response.interact_pointer_pos().unwrap_or(rect.center()) - rect.center();
                look.scale(2.0, (at / rect.size()).into());
            } else {
                look.fit();
            }
        } else if response.clicked()
            && sliding
            && look.is_fitted()
            && let Some(pointer) = response.interact_pointer_pos()
        {
            look.divide_at((pointer.x - rect.left()) / rect.width());
        }
    }

    fn keys(&mut self, ui: &Ui, response: &Response) {
        let look = &mut *self.look;
        let by = ui.input(|input| {
            let count = |action| input.num_accesskit_action_requests(response.id, action) as i32;
            count(Action::Increment) - count(Action::Decrement)
        });
        look.nudge(by, false);
        if !response.has_focus() {
            return;
        }
        let arrows = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        ui.input_mut(|input| {
            let modifiers = input.modifiers;
            if modifiers.command {
                return;
            }
            let mut pressed = |key| input.count_and_consume_key(modifiers, key) as i32;
            let [x, y] = [
                pressed(Key::ArrowRight) - pressed(Key::ArrowLeft),
                pressed(Key::ArrowDown) - pressed(Key::ArrowUp),
            ];
            if !look.is_fitted() && !modifiers.alt {
                look.pan([-x as f32 * PAN, -y as f32 * PAN]);
            } else {
                look.nudge(x, modifiers.shift);
            }
            if pressed(Key::Home) > 0 {
                look.divide_at(0.0);
            }
            if pressed(Key::End) > 0 {
                look.divide_at(1.0);
            }
            if pressed(Key::Plus) + pressed(Key::Equals) > 0 {
                look.step(true);
            }
            if pressed(Key::Minus) > 0 {
                look.step(false);
            }
            if pressed(Key::Num0) > 0 {
                look.fit();
            }
        });
    }

    /// Says what is here: the divider with its place, and each picture that is seen.
    fn tell(&self, ui: &Ui, rect: Rect, response: &Response) {
        let mode = self.look.mode();
        let percent = f64::from((self.look.divider() * 100.0).round());
        response.widget_info(|| match mode {
            CompareMode::Slider => WidgetInfo {
                label: Some(self.name.to_owned()),
                value: Some(percent),
                ..WidgetInfo::new(Role::Slider)
            },
            CompareMode::SideBySide | CompareMode::Flip => WidgetInfo::labeled(Role::Group, ui.is_enabled(), self.name),
        });
        if mode == CompareMode::Slider {
            ui.accesskit_node_builder(response.id, |node| {
                node.set_min_numeric_value(0.0);
                node.set_max_numeric_value(100.0);
                node.add_action(Action::Increment);
                node.add_action(Action::Decrement);
            });
        }
        for (second, side) in [false, true].into_iter().zip(&self.sides) {
            if mode == CompareMode::Flip && second != self.look.shows_second() {
                continue;
            }
            let alt = if side.alt.is_empty() { "No alt text" } else { side.alt };
            let words = format!("{}: {alt}", side.tag.words());
            let picture = ui.interact(self.place(rect, second), response.id.with(second), Sense::hover());
            picture.widget_info(|| WidgetInfo::labeled(Role::Image, ui.is_enabled(), &words));
        }
    }

    fn draw(&self, ui: &Ui, rect: Rect) {
        let mode = self.look.mode();
        let divider = self.divider(rect);
        for (second, side) in [false, true].into_iter().zip(&self.sides) {
            let place = self.place(rect, second);
            let seen = match (mode, second) {
                (CompareMode::Slider, false) => place.with_max_x(divider),
                (CompareMode::Slider, true) => place.with_min_x(divider),
                (CompareMode::Flip, second) if second != self.look.shows_second() => continue,
                (CompareMode::Flip | CompareMode::SideBySide, _) => place,
            };
            self.picture(ui, side, place, seen);
        }
        if mode == CompareMode::Slider {
            handle(ui, rect, divider);
        }
        for (second, side) in [false, true].into_iter().zip(&self.sides) {
            if mode == CompareMode::Flip && second != self.look.shows_second() {
                continue;
            }
            let at_right = second && mode != CompareMode::SideBySide;
            tag(ui, self.place(rect, second), side.tag, at_right);
        }
    }

    /// Draws one picture into `place`, cut to `seen`.
    fn picture(&self, ui: &Ui, side: &CompareSide<'_>, place: Rect, seen: Rect) {
        let t = Tokens::of(ui);
        let painter = ui.painter().with_clip_rect(seen.intersect(ui.clip_rect()));
        let corners = CornerRadius::same(radius::CARD);
        painter.rect_filled(place, corners, t.bg3);
        let texture = match side.picture {
            Ok(texture) => texture,
            Err(words) => {
                let words = paint::line(ui, Type::SmallStrong, words, t.tx2, (seen.width() - 16.0).max(0.0));
                paint::galley_center(&painter, seen, words, t.tx2);
                return;
            }
        };
        let [x, y] = self.look.offset();
        let middle = place.center() + vec2(x, y) * place.size();
        let whole = Rect::from_center_size(middle, place.size() * self.look.zoom());
        let (at, uv) = fitted(whole, texture.size, self.fit(place));
        let shown = at.intersect(place);
        if !shown.is_positive() {
            return;
        }
        let along = |from: f32, length: f32, low: f32, side: f32| low + from / length * side;
        let uv = Rect::from_min_max(
            pos2(
                along(shown.left() - at.left(), at.width(), uv.left(), uv.width()),
                along(shown.top() - at.top(), at.height(), uv.top(), uv.height()),
            ),
            pos2(
                along(shown.right() - at.left(), at.width(), uv.left(), uv.width()),
                along(shown.bottom() - at.top(), at.height(), uv.top(), uv.height()),
            ),
        );
        let corners = if shown == place { corners } else { CornerRadius::ZERO };
        paint::texture(&painter, shown, corners, texture.id, uv);
    }

    /// Both are shown in the same way, so that the same part of both is in the same place.
    fn fit(&self, place: Rect) -> Fit {
        let shape = place.width() / place.height().max(1.0);
        let alike = |texture: &SizedTexture| {
            let own = texture.size.x / texture.size.y.max(1.0);
            (own / shape - 1.0).abs() <= ALIKE
        };
        let mut pictures = self.sides.iter().filter_map(|side| side.picture.as_ref().ok());
        if pictures.all(alike) { Fit::Cover } else { Fit::Contain }
    }
}

/// The divider and its handle; white in both themes, as it lies over pictures.
fn handle(ui: &Ui, rect: Rect, x: f32) {
    let t = Tokens::of(ui);
    let painter = ui.painter().with_clip_rect(rect.expand(1.0).intersect(ui.clip_rect()));
    painter.vline(x, rect.y_range(), Stroke::new(2.0, t.on_fill));
    let half = HANDLE * 0.5;
    // At an edge it stays whole.
    let middle = pos2(x.clamp(rect.left() + half, rect.right() - half), rect.center().y);
    painter.circle_filled(middle, half, t.on_fill);
    icon::ARROWS_HORIZONTAL.paint(&painter, middle, size::ICON, Tokens::LIGHT.tx1);
}

fn tag(ui: &Ui, place: Rect, tag: Badge<'_>, at_right: bool) {
    const INSET: f32 = 8.0;
    let size = vec2(tag.width(ui), size::CHIP);
    let left = if at_right {
        place.right() - INSET - size.x
    } else {
        place.left() + INSET
    };
    let at = Rect::from_min_size(pos2(left, place.top() + INSET), size);
    tag.paint(ui, at);
}

/// The buttons over the lower right corner: the ways to compare, and back to all of it. They can be seen under the pointer and
/// while one has focus, and keep their place in the order of the Tab key.
fn buttons(ui: &mut Ui, rect: Rect, id: Id, look: &mut CompareLook) {
    const GAP: f32 = 4.0;
    let ways: [(CompareMode, Icon, &str); 3] = [
        (CompareMode::Slider, icon::SQUARE_HALF, "Compare with a divider"),
        (CompareMode::SideBySide, icon::GRID_FOUR, "Compare side by side"),
        (CompareMode::Flip, icon::SWAP, "Show one at a time"),
    ];
    let width = (size::SMALL + GAP) * (ways.len() + 1) as f32;
    let corner = rect.right_bottom() - vec2(8.0 + width, 8.0 + size::SMALL);
    let at = Rect::from_min_size(corner, vec2(width, size::SMALL));
    let kept = id.with("buttons have focus");
    let focused = ui.data(|data| data.get_temp::<bool>(kept)).unwrap_or(false);
    let shown = focused || ui.rect_contains_pointer(rect) || !look.is_fitted();
    let mut has_focus = false;
    paint::inside(ui, at, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        if !shown {
            ui.set_opacity(0.0);
        }
        for (mode, icon, name) in ways.into_iter().rev() {
            let button = IconButton::new(icon, name)
                .small()
                .over_picture()
                .selected(look.mode() == mode);
            let response = ui.add(if mode == CompareMode::Flip {
                button.key("Space")
            } else {
                button
            });
            has_focus |= response.has_focus();
            if response.clicked() {
                look.set_mode(mode);
            }
        }
        if !look.is_fitted() {
            let name = format!("Show all, {:.0} % now", look.zoom() * 100.0);
            let all = IconButton::new(icon::FRAME_CORNERS, &name)
                .small()
                .over_picture()
                .key("0");
            let response = ui.add(all);
            has_focus |= response.has_focus();
            if response.clicked() {
                look.fit();
            }
        }
    });
    if has_focus != focused {
        ui.data_mut(|data| data.insert_temp(kept, has_focus));
    }
}
