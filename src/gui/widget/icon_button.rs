//! Buttons with an icon and no words. Each has a name: as its tooltip and for assistive technology.

use egui::epaint::StrokeKind;
use egui::{Color32, Response, Role, Sense, Stroke, Ui, Widget, WidgetInfo, vec2};

use super::paint::{self, Use};
use super::{tooltip, tooltip_disabled, tooltip_with_key};
use crate::gui::icon::Icon;
use crate::gui::theme::{Tokens, Tone, radius, size};

/// Where an icon button stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ghost,
    Framed,
    OverPicture,
}

/// A button with an icon: `ui.add(IconButton::new(icon::TRASH, "Move to trash"))`.
#[must_use = "add it with `ui.add(button)`"]
pub struct IconButton<'a> {
    icon: Icon,
    name: &'a str,
    kind: Kind,
    small: bool,
    key: Option<&'a str>,
    why_not: Option<&'a str>,
    selected: Option<bool>,
    busy: bool,
    dot: Option<Tone>,
    open: bool,
}

impl<'a> IconButton<'a> {
    /// A button without a frame. `name` starts with a verb, like the words of a button.
    pub fn new(icon: Icon, name: &'a str) -> Self {
        Self {
            icon,
            name,
            kind: Kind::Ghost,
            small: false,
            key: None,
            why_not: None,
            selected: None,
            busy: false,
            dot: None,
            open: false,
        }
    }

    /// With a frame, as beside buttons that have one.
    pub fn framed(mut self) -> Self {
        self.kind = Kind::Framed;
        self
    }

    /// On a shade, over a picture.
    pub fn over_picture(mut self) -> Self {
        self.kind = Kind::OverPicture;
        self
    }

    /// 24 square with an icon of 14, for rows.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// The key that does the same, shown in the tooltip. The caller handles the key.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// Cannot be used when there is a reason, which the tooltip shows.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.why_not = reason;
        self
    }

    /// A button that stays down.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// At work: a spinner in the icon's place.
    pub fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    /// A dot at the corner: something new behind it.
    pub fn dot(mut self, tone: Option<Tone>) -> Self {
        self.dot = tone;
        self
    }

    /// Looks pressed, while the menu it opened is open.
    pub fn open(mut self, open: bool) -> Self {
        self.open = open;
        self
    }

    fn show(&self, ui: &mut Ui) -> Response {
        let (side, icon_size) = if self.small {
            (size::SMALL, size::ICON_SMALL)
        } else {
            (size::CONTROL, size::ICON)
        };
        let (ui, rect, id) = paint::room(ui, vec2(side, side), self.why_not.is_none());
        let (ui, response) = (&ui, ui.interact(rect, id, Sense::click()));
        paint::describe(&response, Role::Button, ui.is_enabled(), self.name, self.why_not);
        if let Some(selected) = self.selected {
            response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), selected, self.name));
        }
        if ui.is_rect_visible(rect) {
            let state = if self.open { Use::Pressed } else { Use::of(&response) };
            let (fill, border, color) = self.colors(ui, state);
            ui.painter().rect(
                rect,
                radius::CONTROL,
                fill,
                Stroke::new(1.0, border),
                StrokeKind::Inside,
            );
            if self.busy {
                paint::spinner(ui, rect.center(), icon_size, color);
            } else {
                self.icon.paint(ui.painter(), rect.center(), icon_size, color);
            }
            if let Some(tone) = self.dot {
                let t = Tokens::of(ui);
                let center = rect.center() + vec2(5.0, -5.0);
                ui.painter()
                    .circle(center, 3.5, t.tone(tone).fill, Stroke::new(1.5, t.bg0));
            }
            paint::focus_ring(ui, &response, radius::CONTROL);
        }
        response
    }

    /// Fill, border and icon.
    fn colors(&self, ui: &Ui, state: Use) -> (Color32, Color32, Color32) {
        const NONE: Color32 = Color32::TRANSPARENT;
        let t = Tokens::of(ui);
        match (self.kind, state) {
            _ if self.selected == Some(true) => (t.acc_bg, t.acc_line, t.acc_tx),
            (Kind::OverPicture, Use::Rest) => (t.shade, NONE, t.on_fill),
            (Kind::OverPicture, Use::Hovered) => (t.shade, t.on_fill.gamma_multiply(0.4), t.on_fill),
            (Kind::OverPicture, Use::Pressed) => (t.shade, t.on_fill, t.on_fill),
            (Kind::Framed, Use::Rest) => (t.control(), t.line2, t.tx2),
            (Kind::Framed, Use::Hovered) => (t.control_hover(), t.line2, t.tx1),
            (Kind::Ghost, Use::Rest) => (NONE, NONE, t.tx2),
            (Kind::Ghost, Use::Hovered) => (t.bg3, t.bg3, t.tx1),
            (Kind::Framed | Kind::Ghost, Use::Pressed) => (t.bg4, t.tx3, t.tx1),
        }
    }
}

impl Widget for IconButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let response = self.show(ui);
        match (self.why_not, self.key) {
            (Some(reason), _) => tooltip_disabled(response, reason),
            (None, Some(key)) => tooltip_with_key(response, self.name, key),
            (None, None) => tooltip(response, self.name),
        }
    }
}
