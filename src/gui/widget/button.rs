//! Buttons with words.

use egui::epaint::StrokeKind;
use egui::response::Flags;
use egui::{Color32, Response, Role, Sense, Stroke, Ui, Widget, vec2};

use super::key_cap::{self, KeyCap};
use super::paint::{self, Use};
use super::{tooltip, tooltip_disabled};
use crate::gui::icon::Icon;
use crate::gui::theme::{Tokens, Type, radius, size};

/// What a button means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Primary,
    Default,
    Ghost,
    Danger,
    DangerFilled,
}

/// How tall a button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Height {
    Small,
    Default,
    Large,
}

/// A button with words: `ui.add(Button::primary("Replace live").key("R"))`.
///
/// One primary button a panel, where its work ends; danger filled only in the last confirmation.
#[must_use = "add it with `ui.add(button)`"]
pub struct Button<'a> {
    words: &'a str,
    kind: Kind,
    height: Height,
    icon: Option<Icon>,
    key: Option<&'a str>,
    tip: Option<&'a str>,
    why_not: Option<&'a str>,
    busy: bool,
    open: bool,
    min_width: f32,
}

impl<'a> Button<'a> {
    fn of(kind: Kind, words: &'a str) -> Self {
        Self {
            words,
            kind,
            height: Height::Default,
            icon: None,
            key: None,
            tip: None,
            why_not: None,
            busy: false,
            open: false,
            min_width: 0.0,
        }
    }

    /// An ordinary button.
    pub fn new(words: &'a str) -> Self {
        Self::of(Kind::Default, words)
    }

    /// The one main act of a panel.
    pub fn primary(words: &'a str) -> Self {
        Self::of(Kind::Primary, words)
    }

    /// A quiet button without a frame.
    pub fn ghost(words: &'a str) -> Self {
        Self::of(Kind::Ghost, words)
    }

    /// Leads to something that destroys.
    pub fn danger(words: &'a str) -> Self {
        Self::of(Kind::Danger, words)
    }

    /// Destroys, in the last confirmation.
    pub fn danger_filled(words: &'a str) -> Self {
        Self::of(Kind::DangerFilled, words)
    }

    /// 24 tall, for rows and cards.
    pub fn small(mut self) -> Self {
        self.height = Height::Small;
        self
    }

    /// 36 tall, for the footers of modals and the first run.
    pub fn large(mut self) -> Self {
        self.height = Height::Large;
        self
    }

    /// An icon before the words.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The key that does the same, printed on the button. The caller handles the key.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// A tooltip, where the words do not say it all.
    pub fn tip(mut self, tip: &'a str) -> Self {
        self.tip = Some(tip);
        self
    }

    /// Cannot be used when there is a reason, which the tooltip shows.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.why_not = reason;
        self
    }

    /// At work: a spinner in the icon's place, the same width, no clicks.
    pub fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    /// Looks pressed, while the menu it opened is open.
    pub fn open(mut self, open: bool) -> Self {
        self.open = open;
        self
    }

    /// At least this wide; `f32::INFINITY` takes what is available.
    pub fn min_width(mut self, width: f32) -> Self {
        self.min_width = width;
        self
    }

    fn show(&self, ui: &mut Ui) -> Response {
        let (height, padding, kind, icon_size, corner) = match self.height {
            Height::Small => (size::SMALL, 9.0, Type::Button, size::ICON_SMALL, radius::CONTROL),
            Height::Default => (size::CONTROL, 10.0, Type::Button, size::ICON, radius::CONTROL),
            Height::Large => (size::LARGE, 16.0, Type::Strong, size::ICON, radius::CARD),
        };
        let galley = paint::whole_line(ui, kind, self.words, Color32::PLACEHOLDER);
        let icon_width = self.icon.map_or(0.0, |_| icon_size + 6.0);
        let key_width = self.key.map_or(0.0, |key| 8.0 + key_cap::small_width(ui, key));
        let content = icon_width + galley.size().x + key_width;
        let wanted = (content + 2.0 * padding).ceil();
        let width = if self.min_width.is_finite() {
            wanted.max(self.min_width)
        } else {
            ui.available_width().max(wanted)
        };

        let (ui, rect, id) = paint::room(ui, vec2(width, height), self.why_not.is_none());
        let (ui, response) = (&ui, ui.interact(rect, id, Sense::click()));
        paint::describe(&response, Role::Button, ui.is_enabled(), self.words, self.why_not);
        if ui.is_rect_visible(rect) {
            let state = if self.open { Use::Pressed } else { Use::of(&response) };
            let look = Look::of(ui, self.kind, if self.busy { Use::Rest } else { state });
            let painter = ui.painter();
            painter.rect(rect, corner, look.fill, look.border, StrokeKind::Inside);

            let mut x = rect.center().x - content * 0.5;
            if let Some(icon) = self.icon {
                let center = egui::pos2(x + icon_size * 0.5, rect.center().y);
                if self.busy {
                    paint::spinner(ui, center, icon_size, look.icon);
                } else {
                    icon.paint(painter, center, icon_size, look.icon);
                }
                x += icon_width;
            }
            if self.busy && self.icon.is_none() {
                paint::spinner(ui, rect.center(), icon_size, look.icon);
            } else {
                let words = galley.size().x;
                paint::galley_left(painter, x, rect.center().y, galley, look.text);
                if let Some(key) = self.key {
                    KeyCap::new(key).paint_small(ui, x + words + 8.0, rect.center().y, look.key, look.key_border);
                }
            }
            paint::focus_ring(ui, &response, corner);
        }
        response
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let mut response = self.show(ui);
        if self.busy {
            // At work is not disabled: it keeps its colour and its focus, but takes no clicks.
            response.flags.remove(Flags::CLICKED | Flags::FAKE_PRIMARY_CLICKED);
        }
        match (self.why_not, self.tip) {
            (Some(reason), _) => tooltip_disabled(response, reason),
            (None, Some(tip)) => tooltip(response, tip),
            (None, None) => response,
        }
    }
}

/// The colours of a button in one state.
struct Look {
    fill: Color32,
    border: Stroke,
    text: Color32,
    icon: Color32,
    key: Color32,
    key_border: Color32,
}

impl Look {
    fn of(ui: &Ui, kind: Kind, state: Use) -> Self {
        let t = Tokens::of(ui);
        let quiet = |fill, border, text| Self {
            fill,
            border: Stroke::new(1.0, border),
            text,
            icon: if state == Use::Rest { t.tx2 } else { text },
            key: t.tx3,
            key_border: t.line2,
        };
        let filled = |fill, border| Self {
            fill,
            border: Stroke::new(1.0, border),
            text: t.on_fill,
            icon: t.on_fill,
            key: t.on_fill,
            key_border: t.on_fill.gamma_multiply(0.55),
        };
        match (kind, state) {
            (Kind::Primary, Use::Rest) => filled(t.acc, t.acc),
            (Kind::Primary, Use::Hovered) => filled(t.acc_hover, t.acc_hover),
            (Kind::Primary, Use::Pressed) => filled(t.acc, t.acc_tx),
            (Kind::Default, Use::Rest) => quiet(t.control(), t.line2, t.tx1),
            (Kind::Default, Use::Hovered) => quiet(t.control_hover(), t.line2, t.tx1),
            (Kind::Default | Kind::Ghost, Use::Pressed) => quiet(t.bg4, t.tx3, t.tx1),
            (Kind::Ghost, Use::Rest) => quiet(Color32::TRANSPARENT, Color32::TRANSPARENT, t.tx2),
            (Kind::Ghost, Use::Hovered) => quiet(t.bg3, t.bg3, t.tx1),
            (Kind::Danger, Use::Rest) => Self {
                icon: t.err,
                ..quiet(Color32::TRANSPARENT, t.err_line, t.err)
            },
            (Kind::Danger, Use::Hovered) => quiet(t.err_bg, t.err_line, t.err),
            (Kind::Danger, Use::Pressed) => quiet(t.err_bg, t.err, t.err),
            (Kind::DangerFilled, Use::Rest | Use::Hovered) => filled(t.err_fill, t.err_fill),
            (Kind::DangerFilled, Use::Pressed) => filled(t.err_fill, t.err),
        }
    }
}
