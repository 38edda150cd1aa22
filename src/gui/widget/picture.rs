//! Pictures, and what stands in their place while there is none.

use egui::load::SizedTexture;
use egui::{Align, Color32, CornerRadius, Layout, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::progress::{Progress, paint_ring};
use super::{Badge, Button, IconButton, paint};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size};

/// What is known of a picture.
#[derive(Clone, Copy, Debug)]
pub enum PictureState<'a> {
    /// Here it is.
    Ready(SizedTexture),
    /// On its way.
    Loading,
    /// It should be there and is not, or cannot be read: what is wrong, and the server's code.
    Broken {
        /// One line.
        line: &'a str,
        /// The code, monospace.
        code: &'a str,
    },
    /// There is none yet.
    Missing {
        /// One line.
        line: &'a str,
        /// Words of the button that makes one.
        button: Option<&'a str>,
    },
    /// A new one is being made, over the one that is there.
    Busy {
        /// The picture that stays live meanwhile.
        under: Option<SizedTexture>,
        /// How far it is.
        progress: Progress,
        /// Time so far, such as "0:14".
        elapsed: &'a str,
        /// One line.
        line: &'a str,
    },
    /// A new one could not be made or stored, over the one that is there.
    Failed {
        /// The picture that is still live.
        under: Option<SizedTexture>,
        /// The cause, one line.
        line: &'a str,
        /// Words of the button that tries something.
        button: Option<&'a str>,
    },
}

/// How a picture fills a place of another shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// Fills the place; what hangs over is cut.
    #[default]
    Cover,
    /// Shows all of the picture; what is left free is grey.
    Contain,
}

/// A corner of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    /// Left top.
    LeftTop,
    /// Right top.
    RightTop,
    /// Left bottom.
    LeftBottom,
    /// Right bottom.
    RightBottom,
}

/// What the user did to a picture.
#[derive(Debug)]
pub struct PictureResponse {
    /// The picture itself; `clicked()` when it senses clicks.
    pub response: Response,
    /// Whether the button of its state was clicked.
    pub button: bool,
    /// The hover action that was clicked.
    pub action: Option<usize>,
}

/// A picture: `Picture::new(alt, state).size(vec2(224.0, 168.0)).show(ui)`.
#[must_use = "call `show(ui)`"]
pub struct Picture<'a> {
    alt: &'a str,
    state: PictureState<'a>,
    size: Vec2,
    fit: Fit,
    corners: CornerRadius,
    sense: Sense,
    badges: &'a [(Corner, Badge<'a>)],
    actions: &'a [(Icon, &'a str)],
    actions_shown: Option<bool>,
}

impl<'a> Picture<'a> {
    /// A picture whose accessible name is `alt` ("No alt text" when that is empty).
    pub fn new(alt: &'a str, state: PictureState<'a>) -> Self {
        Self {
            alt: if alt.is_empty() { "No alt text" } else { alt },
            state,
            size: vec2(60.0, 45.0),
            fit: Fit::Cover,
            corners: CornerRadius::same(radius::CARD),
            sense: Sense::hover(),
            badges: &[],
            actions: &[],
            actions_shown: None,
        }
    }

    /// Size in points; 60 × 45 without this.
    pub fn size(mut self, size: Vec2) -> Self {
        self.size = size;
        self
    }

    /// How it fills its place.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }

    /// Rounding of its corners.
    pub fn corners(mut self, corners: impl Into<CornerRadius>) -> Self {
        self.corners = corners.into();
        self
    }

    /// What it senses; nothing without this.
    pub fn sense(mut self, sense: Sense) -> Self {
        self.sense = sense;
        self
    }

    /// Badges at its corners; make them with [`Badge::over_picture`].
    pub fn badges(mut self, badges: &'a [(Corner, Badge<'a>)]) -> Self {
        self.badges = badges;
        self
    }

    /// Buttons at its right top corner, shown under the pointer and while one of them has focus.
    pub fn actions(mut self, actions: &'a [(Icon, &'a str)]) -> Self {
        self.actions = actions;
        self
    }

    /// Shows the actions also when the pointer is elsewhere, for instance on the card around the picture.
    pub fn show_actions(mut self, shown: bool) -> Self {
        self.actions_shown = Some(shown);
        self
    }

    /// Draws the picture.
    pub fn show(self, ui: &mut Ui) -> PictureResponse {
        let (rect, response) = ui.allocate_exact_size(self.size, self.sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, ui.is_enabled(), self.alt));
        if matches!(self.state, PictureState::Loading) {
            ui.accesskit_node_builder(response.id, egui::accesskit::Node::set_busy);
        }
        if !ui.is_rect_visible(rect) {
            return PictureResponse {
                response,
                button: false,
                action: None,
            };
        }
        let button = self.body(ui, rect);
        for (corner, badge) in self.badges {
            let at = place(rect, *corner, vec2(badge.width(ui), size::CHIP));
            badge.paint(ui, at);
        }
        let action = self.action_buttons(ui, rect);
        let corner = self.corners.nw.max(self.corners.se);
        paint::focus_ring(ui, &response, corner);
        PictureResponse {
            response,
            button,
            action,
        }
    }

    /// Draws the state; answers whether its button was clicked.
    fn body(&self, ui: &mut Ui, rect: Rect) -> bool {
        let t = Tokens::of(ui);
        let small = rect.width() < 120.0;
        match self.state {
            PictureState::Ready(texture) => {
                self.paint_texture(ui, rect, texture);
                false
            }
            PictureState::Loading => {
                ui.painter().rect_filled(rect, self.corners, t.bg3);
                false
            }
            PictureState::Broken { line, code } => {
                ui.painter().rect_filled(rect, self.corners, t.bg3);
                if small {
                    icon::IMAGE_BROKEN.paint(ui.painter(), rect.center(), size::ICON, t.err);
                    return false;
                }
                stacked(ui, rect, |stack| {
                    stack.icon(icon::IMAGE_BROKEN, 28.0, t.err);
                    stack.line(Type::SmallStrong, line, t.tx1);
                    stack.line(Type::MonoSmall, code, t.tx3);
                    false
                })
            }
            PictureState::Missing { line, button } => {
                ui.painter().rect_filled(rect, self.corners, t.bg3);
                if small {
                    icon::IMAGE.paint(ui.painter(), rect.center(), size::ICON, t.tx3);
                    return false;
                }
                stacked(ui, rect, |stack| {
                    stack.icon(icon::IMAGE, size::ICON_EMPTY, t.tx3);
                    stack.line(Type::SmallStrong, line, t.tx2);
                    stack.button(button)
                })
            }
            PictureState::Busy {
                under,
                progress,
                elapsed,
                line,
            } => {
                self.paint_under(ui, rect, under);
                if small {
                    let ring = Rect::from_center_size(rect.center(), vec2(24.0, 24.0));
                    paint_ring(ui, ring, progress, "", self.ring_colors());
                    return false;
                }
                let ring = Rect::from_center_size(rect.center() - vec2(0.0, 10.0), vec2(56.0, 56.0));
                paint_ring(ui, ring, progress, elapsed, self.ring_colors());
                let words = paint::line(ui, Type::Caption, line, t.on_fill, rect.width() - 16.0);
                let below = Rect::from_center_size(pos2(rect.center().x, ring.bottom() + 16.0), words.size());
                ui.painter().galley(below.min, words, t.on_fill);
                false
            }
            PictureState::Failed { under, line, button } => {
                self.paint_under(ui, rect, under);
                if small {
                    icon::WARNING_CIRCLE
                        .filled()
                        .paint(ui.painter(), rect.center(), size::ICON, t.on_fill);
                    return false;
                }
                stacked(ui, rect, |stack| {
                    stack.icon(icon::WARNING_CIRCLE.filled(), size::ICON_EMPTY, t.on_fill);
                    stack.line(Type::SmallStrong, line, t.on_fill);
                    stack.button(button)
                })
            }
        }
    }

    /// Colours of the ring over the shade: those of the dark theme in both.
    fn ring_colors(&self) -> [Color32; 3] {
        let t = &Tokens::DARK;
        [t.on_fill.gamma_multiply(0.25), t.acc_tx, t.on_fill]
    }

    fn paint_under(&self, ui: &Ui, rect: Rect, under: Option<SizedTexture>) {
        match under {
            Some(texture) => {
                self.paint_texture(ui, rect, texture);
                ui.painter().rect_filled(rect, self.corners, Tokens::of(ui).shade);
            }
            None => _ = ui.painter().rect_filled(rect, self.corners, Tokens::DARK.bg3),
        }
    }

    fn paint_texture(&self, ui: &Ui, rect: Rect, texture: SizedTexture) {
        let (at, uv) = fitted(rect, texture.size, self.fit);
        if at != rect {
            ui.painter().rect_filled(rect, self.corners, Tokens::of(ui).bg3);
        }
        let corners = if at == rect { self.corners } else { CornerRadius::ZERO };
        paint::texture(ui.painter(), at, corners, texture.id, uv);
    }

    fn action_buttons(&self, ui: &mut Ui, rect: Rect) -> Option<usize> {
        if self.actions.is_empty() {
            return None;
        }
        let side = size::SMALL;
        let width = self.actions.len() as f32 * (side + 4.0) - 4.0;
        let at = Rect::from_min_size(pos2(rect.right() - 8.0 - width, rect.top() + 8.0), vec2(width, side));
        let ids = ui.unique_id().with("picture-actions");
        let focused = ui.data(|data| data.get_temp::<bool>(ids)).unwrap_or(false);
        let shown = focused || self.actions_shown.unwrap_or(false) || ui.rect_contains_pointer(rect);

        let mut clicked = None;
        let mut has_focus = false;
        let layout = Layout::left_to_right(Align::Center);
        paint::inside(ui, at, layout, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            if !shown {
                // They keep their place in the order of the Tab key, but cannot be seen.
                ui.set_opacity(0.0);
            }
            for (i, (icon, name)) in self.actions.iter().enumerate() {
                let response = ui.add(IconButton::new(*icon, name).small().over_picture());
                has_focus |= response.has_focus();
                if response.clicked() {
                    clicked = Some(i);
                }
            }
        });
        if has_focus != focused {
            ui.data_mut(|data| data.insert_temp(ids, has_focus));
        }
        clicked
    }
}

/// Where a picture of `picture` pixels goes in `place`, and which part of it is shown.
pub(super) fn fitted(place: Rect, picture: Vec2, fit: Fit) -> (Rect, Rect) {
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    if picture.x <= 0.0 || picture.y <= 0.0 || place.width() <= 0.0 || place.height() <= 0.0 {
        return (place, whole);
    }
    let (place_shape, shape) = (place.width() / place.height(), picture.x / picture.y);
    match fit {
        Fit::Cover => {
            let shown = if shape > place_shape {
                vec2(place_shape / shape, 1.0)
            } else {
                vec2(1.0, shape / place_shape)
            };
            (place, Rect::from_center_size(whole.center(), shown))
        }
        Fit::Contain => {
            let size = if shape > place_shape {
                vec2(place.width(), place.width() / shape)
            } else {
                vec2(place.height() * shape, place.height())
            };
            (Rect::from_center_size(place.center(), size), whole)
        }
    }
}

fn place(rect: Rect, corner: Corner, size: Vec2) -> Rect {
    const INSET: f32 = 8.0;
    let inner = rect.shrink(INSET);
    let min = match corner {
        Corner::LeftTop => inner.left_top(),
        Corner::RightTop => inner.right_top() - vec2(size.x, 0.0),
        Corner::LeftBottom => inner.left_bottom() - vec2(0.0, size.y),
        Corner::RightBottom => inner.right_bottom() - size,
    };
    Rect::from_min_size(min, size)
}

/// Things under each other in the middle of a picture.
struct Stack<'a> {
    ui: &'a mut Ui,
}

fn stacked(ui: &mut Ui, rect: Rect, contents: impl FnOnce(&mut Stack<'_>) -> bool) -> bool {
    let height = 88.0_f32.min(rect.height());
    let inner = Rect::from_center_size(rect.center(), vec2(rect.width() - 16.0, height));
    paint::inside(ui, inner, Layout::top_down(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        contents(&mut Stack { ui })
    })
}

impl Stack<'_> {
    fn icon(&mut self, icon: Icon, size: f32, color: Color32) {
        let (at, _) = self.ui.allocate_exact_size(vec2(size, size), Sense::hover());
        icon.paint(self.ui.painter(), at.center(), size, color);
    }

    fn line(&mut self, kind: Type, words: &str, color: Color32) {
        if !words.is_empty() {
            super::text::elided(self.ui, kind, words, color);
        }
    }

    fn button(&mut self, words: Option<&str>) -> bool {
        words.is_some_and(|words| self.ui.add(Button::new(words).small()).clicked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Rect = Rect {
        min: pos2(10.0, 10.0),
        max: pos2(210.0, 160.0),
    };

    #[test]
    fn covering_cuts_what_hangs_over_and_fills_the_place() {
        let (at, uv) = fitted(PLACE, vec2(1024.0, 1024.0), Fit::Cover);
        assert_eq!(at, PLACE);
        assert_eq!(uv, Rect::from_min_max(pos2(0.0, 0.125), pos2(1.0, 0.875)));
        let (_, uv) = fitted(PLACE, vec2(2000.0, 750.0), Fit::Cover);
        assert_eq!(uv, Rect::from_min_max(pos2(0.25, 0.0), pos2(0.75, 1.0)));
    }

    #[test]
    fn containing_shows_all_of_it_in_the_middle() {
        let (at, uv) = fitted(PLACE, vec2(1024.0, 1024.0), Fit::Contain);
        assert_eq!(at, Rect::from_center_size(PLACE.center(), vec2(150.0, 150.0)));
        assert_eq!(uv, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)));
    }

    #[test]
    fn a_picture_without_size_does_no_harm() {
        assert_eq!(fitted(PLACE, Vec2::ZERO, Fit::Cover).0, PLACE);
    }
}
