//! A small picture among others of which one is chosen: what is live, and what could be.

use egui::epaint::{CornerRadius, StrokeKind};
use egui::load::SizedTexture;
use egui::{Align2, Color32, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::picture::{Fit, fitted};
use super::progress::{Progress, paint_ring};
use super::{paint, tooltip};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Tone, Type, radius, size};

/// How a candidate stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CandidateMark {
    /// A picture like any other.
    #[default]
    Plain,
    /// Worth keeping: a star.
    Kept,
    /// Not wanted: shaded, with a cross.
    Rejected,
    /// It waits for its turn.
    Waiting,
    /// It is being made; how far, if that is known.
    Running(Option<f32>),
    /// Somebody's rules forbid it.
    Refused,
    /// It could not be made.
    Failed,
    /// Nobody knows whether it was made.
    Uncertain,
    /// It was called off.
    Stopped,
}

/// A candidate: `Candidate::new("B, seed 4127", "B").picture(texture).mark(CandidateMark::Kept).chosen(true).show(ui)`.
#[must_use = "call `show(ui)`"]
pub struct Candidate<'a> {
    name: &'a str,
    caption: &'a str,
    picture: Option<SizedTexture>,
    mark: CandidateMark,
    chosen: bool,
    tip: &'a str,
    id: Option<egui::Id>,
}

impl<'a> Candidate<'a> {
    /// Width of its picture.
    pub const WIDTH: f32 = 62.0;
    /// Height of its picture.
    pub const HEIGHT: f32 = 46.0;
    /// How far its rings reach around its picture.
    pub const RING: f32 = 4.0;
    /// Height with its caption.
    pub const WHOLE: f32 = Self::HEIGHT + 4.0 + 14.0;

    /// A candidate; `name` is for assistive technology and the tooltip, `caption` is written below it.
    pub fn new(name: &'a str, caption: &'a str) -> Self {
        Self {
            name,
            caption,
            picture: None,
            mark: CandidateMark::Plain,
            chosen: false,
            tip: name,
            id: None,
        }
    }

    /// Its picture, once that is here.
    pub fn picture(mut self, picture: Option<SizedTexture>) -> Self {
        self.picture = picture;
        self
    }

    /// How it stands.
    pub fn mark(mut self, mark: CandidateMark) -> Self {
        self.mark = mark;
        self
    }

    /// Whether it is the one that is chosen.
    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }

    /// Another tooltip than its name.
    pub fn tip(mut self, tip: &'a str) -> Self {
        self.tip = tip;
        self
    }

    /// An id that stays the same.
    pub fn id(mut self, id: egui::Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Draws it; `clicked()` chooses it.
    pub fn show(self, ui: &mut Ui) -> Response {
        let (auto, rect) = ui.allocate_space(vec2(Self::WIDTH, Self::WHOLE));
        let response = ui.interact(rect, self.id.unwrap_or(auto), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), self.chosen, self.name));
        if ui.is_rect_visible(rect) {
            self.draw(ui, rect, &response);
        }
        tooltip(response, self.tip)
    }

    fn draw(&self, ui: &Ui, rect: Rect, response: &Response) {
        let t = Tokens::of(ui);
        let picture = Rect::from_min_size(rect.min, vec2(Self::WIDTH, Self::HEIGHT));
        let corners = CornerRadius::same(radius::CONTROL);
        let painter = ui.painter();
        painter.rect_filled(picture, corners, t.bg3);
        if let Some(texture) = self.picture {
            let (at, uv) = fitted(picture, texture.size, Fit::Cover);
            paint::texture(painter, at, corners, texture.id, uv);
        }
        let shade = || {
            painter.rect_filled(picture, corners, t.shade);
        };
        // Over nothing, an icon has the colour of icons; over a picture or a shade it is white.
        let mark = |icon: Icon, size: f32, color: Color32| {
            icon.paint(painter, picture.center(), size, color);
        };
        match self.mark {
            CandidateMark::Plain => {}
            CandidateMark::Kept => {
                let middle = picture.right_top() + vec2(-11.0, 11.0);
                painter.circle_filled(middle, 8.0, t.tone(Tone::Ok).fill);
                icon::STAR.filled().paint(painter, middle, 10.0, Tokens::DARK.bg0);
            }
            CandidateMark::Rejected => {
                shade();
                mark(icon::X, size::ICON, t.on_fill);
            }
            CandidateMark::Running(share) => {
                shade();
                let ring = Rect::from_center_size(picture.center(), vec2(22.0, 22.0));
                let dark = &Tokens::DARK;
                let colors = [dark.on_fill.gamma_multiply(0.25), dark.acc_tx, dark.on_fill];
                paint_ring(ui, ring, Progress::Running(share), "", colors);
            }
            CandidateMark::Waiting => mark(icon::HOURGLASS_MEDIUM, size::ICON, t.tx3),
            CandidateMark::Refused => mark(icon::PROHIBIT, size::ICON, t.err),
            CandidateMark::Failed => mark(icon::WARNING_CIRCLE.filled(), size::ICON, t.err),
            CandidateMark::Uncertain => mark(icon::QUESTION, size::ICON, t.warn),
            CandidateMark::Stopped => mark(icon::STOP, size::ICON, t.tx3),
        }
        if self.chosen {
            let ring = Stroke::new(2.0, t.acc_tx);
            // A line of the ground between ring and picture tells them apart on any picture.
            painter.rect_stroke(picture, corners, Stroke::new(1.0, t.bg1), StrokeKind::Inside);
            painter.rect_stroke(picture.expand(2.0), radius::CONTROL + 2, ring, StrokeKind::Inside);
        } else if response.hovered() {
            painter.rect_stroke(picture, corners, Stroke::new(1.0, t.tx3), StrokeKind::Inside);
        }
        if response.has_focus() {
            let ring = Stroke::new(2.0, t.acc_tx);
            painter.rect_stroke(
                picture.expand(Self::RING),
                radius::CONTROL + 4,
                ring,
                StrokeKind::Inside,
            );
        }
        let color = if self.chosen { t.tx1 } else { t.tx2 };
        let words = paint::line(ui, Type::Caption, self.caption, color, Self::WIDTH);
        let at = Align2::CENTER_TOP.anchor_size(pos2(picture.center().x, picture.bottom() + 4.0), words.size());
        painter.galley(at.min, words, color);
    }
}
