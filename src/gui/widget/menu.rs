//! Menus: items with icon and key, separators, headings. Put them into [`egui::Popup::menu`] or a context menu.

use egui::{
    Align, Key, Layout, Modifiers, Popup, Rect, Response, Role, Sense, SetOpenCommand, Ui, Widget, WidgetInfo, pos2,
    vec2,
};

use super::paint::{self, Use};
use super::{text, tooltip_disabled};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size};

/// An item of a menu: `if ui.add(MenuItem::new("Copy public URL").icon(icon::COPY)).clicked() { … }`.
///
/// A click closes the menu by itself.
#[must_use = "add it with `ui.add(item)`"]
pub struct MenuItem<'a> {
    words: &'a str,
    icon: Option<Icon>,
    key: &'a str,
    danger: bool,
    checked: Option<bool>,
    why_not: Option<&'a str>,
}

impl<'a> MenuItem<'a> {
    /// An item; its words start with a verb.
    pub fn new(words: &'a str) -> Self {
        Self {
            words,
            icon: None,
            key: "",
            danger: false,
            checked: None,
            why_not: None,
        }
    }

    /// An icon before the words.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The key that does the same, or a quiet note, at the right.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = key;
        self
    }

    /// Destroys something: red.
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// One of several choices: a tick before the chosen one.
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = Some(checked);
        self
    }

    /// Cannot be used when there is a reason, which the tooltip shows.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.why_not = reason;
        self
    }

    fn show(&self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let color = if self.danger { t.err } else { t.tx1 };
        let words = paint::whole_line(ui, Type::Small, self.words, color);
        let key = paint::whole_line(ui, Type::Caption, self.key, t.tx3);
        let has_icon = self.icon.is_some() || self.checked.is_some();
        let before = if has_icon { 8.0 + size::ICON_SMALL + 8.0 } else { 8.0 };
        let key_width = if self.key.is_empty() { 0.0 } else { 16.0 + key.size().x };
        let wanted = vec2((before + words.size().x + key_width + 8.0).ceil(), size::CONTROL);

        let (rect, response) = ui.allocate_at_least(wanted, Sense::click());
        paint::describe(&response, Role::MenuItem, ui.is_enabled(), self.words, self.why_not);
        if let Some(checked) = self.checked {
            response.widget_info(|| WidgetInfo::selected(Role::MenuItemRadio, ui.is_enabled(), checked, self.words));
        }
        let state = Use::of(&response);
        if state != Use::Rest || response.has_focus() {
            let fill = match (self.danger, state) {
                (true, _) => t.err_bg,
                (false, Use::Pressed) => t.bg4,
                (false, _) => t.bg3,
            };
            ui.painter().rect_filled(rect, radius::BADGE, fill);
        }
        let middle = rect.center().y;
        let mark = if self.checked == Some(true) {
            Some(icon::CHECK)
        } else {
            self.icon
        };
        if let Some(mark) = mark {
            let tint = match (self.danger, self.checked) {
                (true, _) => t.err,
                (_, Some(true)) => t.acc_tx,
                _ => t.tx2,
            };
            mark.paint(
                ui.painter(),
                pos2(rect.left() + 8.0 + size::ICON_SMALL * 0.5, middle),
                size::ICON_SMALL,
                tint,
            );
        }
        paint::galley_left(ui.painter(), rect.left() + before, middle, words, color);
        paint::galley_left(ui.painter(), rect.right() - 8.0 - key.size().x, middle, key, t.tx3);
        paint::focus_ring_inside(ui, &response, radius::BADGE);
        response
    }
}

impl Widget for MenuItem<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let response = ui.add_enabled_ui(self.why_not.is_none(), |ui| self.show(ui)).inner;
        match self.why_not {
            Some(reason) => tooltip_disabled(response, reason),
            None => response,
        }
    }
}

/// A hairline between groups of items.
pub fn menu_separator(ui: &mut Ui) {
    let (rect, _) = ui.allocate_at_least(vec2(1.0, 9.0), Sense::hover());
    ui.painter().hline(
        rect.x_range(),
        rect.center().y,
        egui::Stroke::new(1.0, Tokens::of(ui).line),
    );
}

/// A quiet heading over a group of items.
pub fn menu_heading(ui: &mut Ui, words: &str) {
    let (rect, _) = ui.allocate_at_least(vec2(60.0, 24.0), Sense::hover());
    let at = Rect::from_min_max(pos2(rect.left() + 8.0, rect.top() + 5.0), rect.max);
    let color = Tokens::of(ui).tx3;
    paint::inside(ui, at, Layout::left_to_right(Align::Min), |ui| {
        text::label(ui, Type::Caption, words, color)
    });
}

/// Opens a menu below a button that was clicked; `width` is its least width.
pub fn menu_below<R>(button: &Response, width: f32, items: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    Popup::menu(button)
        .gap(4.0)
        .width(width)
        .show(|ui| menu_contents(ui, width, items))
        .map(|shown| shown.inner)
}

/// Opens a menu at the pointer after a right click, or below the widget with the menu key or Shift F10 while it has focus.
pub fn context_menu<R>(target: &Response, items: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    let pressed = target.has_focus()
        && target.ctx.input_mut(|input| {
            input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
        });
    context_menu_at(target, pressed, items)
}

/// The same for a thing among many that have the keyboard together: `pressed` says that the key was pressed for this one.
pub fn context_menu_at<R>(target: &Response, pressed: bool, items: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    let by_key = target.id.with("menu-by-key");
    let menu = if pressed || Popup::is_id_open(&target.ctx, by_key) {
        Popup::menu(target)
            .id(by_key)
            .gap(4.0)
            .open_memory(pressed.then_some(SetOpenCommand::Bool(true)))
    } else {
        Popup::context_menu(target)
    };
    menu.show(|ui| menu_contents(ui, 180.0, items)).map(|shown| shown.inner)
}

fn menu_contents<R>(ui: &mut Ui, width: f32, items: impl FnOnce(&mut Ui) -> R) -> R {
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.set_min_width(width - 10.0);
    items(ui)
}

/// Whether the menu below the button with this response is open.
pub fn is_menu_open(button: &Response) -> bool {
    Popup::is_id_open(&button.ctx, Popup::default_response_id(button))
}
