//! Text fields: one line, search, and the prompt box.

use egui::epaint::StrokeKind;
use egui::text_edit::TextEdit;
use egui::{
    Align, Align2, Frame, Id, Layout, Margin, Rect, Response, Role, ScrollArea, Sense, Stroke, TextBuffer, Ui,
    WidgetInfo, pos2, vec2,
};

use super::key_cap::{self, KeyCap};
use super::{IconButton, paint, text, tooltip, tooltip_disabled};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::words::grouped;

/// Width of a button in a field.
const SWITCH: f32 = 24.0;
/// Height of the line below a field, with its distance.
const MESSAGE: f32 = 18.0;

/// A text field of one line.
///
/// `ui` it with [`TextField::show`]. The answer is the response of the text: `changed()`, `lost_focus()`, `has_focus()`.
#[must_use = "call `show(ui)`"]
pub struct TextField<'a> {
    name: &'a str,
    text: &'a mut String,
    label: bool,
    hint: &'a str,
    icon: Option<Icon>,
    key: Option<&'a str>,
    message: Option<Message<'a>>,
    why_not: Option<&'a str>,
    switch: Option<Switch<'a>>,
    clear: bool,
    mono: bool,
    password: bool,
    width: Option<f32>,
    id: Option<Id>,
}

/// What is said below a field. The line is kept free also while there is nothing to say.
#[derive(Clone, Copy)]
enum Message<'a> {
    Error(&'a str),
    Help(&'a str),
}

/// A button in a field that stays down.
struct Switch<'a> {
    words: &'a str,
    name: &'a str,
    on: &'a mut bool,
}

impl<'a> TextField<'a> {
    /// A field for `text`. `name` is what it is called; it is shown only with [`Self::label`].
    pub fn new(name: &'a str, text: &'a mut String) -> Self {
        Self {
            name,
            text,
            label: false,
            hint: "",
            icon: None,
            key: None,
            message: None,
            why_not: None,
            switch: None,
            clear: false,
            mono: false,
            password: false,
            width: None,
            id: None,
        }
    }

    /// A field that filters or searches: a glass before, a cross to clear after.
    pub fn search(name: &'a str, text: &'a mut String) -> Self {
        let mut field = Self::new(name, text);
        field.hint = name;
        field.icon = Some(icon::MAGNIFYING_GLASS);
        field.clear = true;
        field
    }

    /// Shows the name above the field.
    pub fn label(mut self) -> Self {
        self.label = true;
        self
    }

    /// Faint words while the field is empty.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// An icon before the text.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The key that focuses this field, shown while it is empty. The caller handles the key.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// A button that clears the field, shown while there is something in it.
    pub fn clearable(mut self) -> Self {
        self.clear = true;
        self
    }

    /// A small button in the field that stays down, as for how the text is meant: the words it shows, and its name.
    pub fn switch(mut self, words: &'a str, name: &'a str, on: &'a mut bool) -> Self {
        self.switch = Some(Switch { words, name, on });
        self
    }

    /// Monospace, for keys, URLs and names of files.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Shows dots.
    pub fn password(mut self, password: bool) -> Self {
        self.password = password;
        self
    }

    /// What is wrong with the text, below the field. Keeps the room below also for `None`.
    pub fn error(mut self, error: Option<&'a str>) -> Self {
        let help = match self.message {
            Some(Message::Help(help)) => help,
            _ => "",
        };
        self.message = Some(error.map_or(Message::Help(help), Message::Error));
        self
    }

    /// A line below the field, in whose place an error is shown. Call before [`Self::error`].
    pub fn help(mut self, help: &'a str) -> Self {
        self.message = Some(Message::Help(help));
        self
    }

    /// Cannot be used when there is a reason, which the tooltip shows.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.why_not = reason;
        self
    }

    /// Width in points; without it, the field takes what is available.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// An id that stays the same, to focus the field from elsewhere with `ctx.memory_mut(|m| m.request_focus(id))`.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Draws the field.
    pub fn show(self, ui: &mut Ui) -> Response {
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let label_height = if self.label { 16.0 + space::LABEL } else { 0.0 };
        let message_height = self.message.map_or(0.0, |_| MESSAGE);
        let size = vec2(width, label_height + size::CONTROL + message_height);
        let why_not = self.why_not;
        let (mut room, whole, _) = paint::room(ui, size, why_not.is_none());
        let response = self.show_in(&mut room, whole, label_height);
        match why_not {
            Some(reason) => {
                ui.accesskit_node_builder(response.id, |node| node.set_description(reason));
                tooltip_disabled(response, reason)
            }
            None => response,
        }
    }

    fn show_in(self, ui: &mut Ui, whole: Rect, label_height: f32) -> Response {
        let rect = Rect::from_min_size(whole.min + vec2(0.0, label_height), vec2(whole.width(), size::CONTROL));
        let t = Tokens::of(ui);

        let wrong = matches!(self.message, Some(Message::Error(_)));
        let before = self.icon.map_or(9.0, |_| 9.0 + size::ICON + 7.0);
        let clear = self.clear && !self.text.is_empty();
        let key = self.key.filter(|_| self.text.is_empty());
        let after = if clear {
            size::CONTROL
        } else {
            9.0 + key.map_or(0.0, |key| key_cap::cap_width(ui, key) - 2.0)
        };
        let kind = if self.mono { Type::Mono } else { Type::Body };
        let edge = rect.right() - if clear || key.is_some() { after } else { 4.0 };
        let after = after + if self.switch.is_some() { SWITCH } else { 0.0 };

        let background = ui.painter().add(egui::Shape::Noop);
        let edit = Edit {
            kind,
            hint: self.hint,
            password: self.password,
            id: self.id,
            rows: 1,
            multiline: false,
        };
        let response = edit.show(ui, rect, [before, after], self.text);
        ui.painter().set(background, box_shape(ui, rect, &response, wrong));

        if self.label {
            let label = inside(ui, whole, |ui| text::label(ui, Type::Small, self.name, t.tx2).id);
            ui.accesskit_node_builder(response.id, |node| {
                node.set_label(self.name);
                node.push_labelled_by(label.accesskit_id());
            });
        } else {
            ui.accesskit_node_builder(response.id, |node| node.set_label(self.name));
        }
        if let Some(icon) = self.icon {
            icon.paint(
                ui.painter(),
                pos2(rect.left() + 9.0 + size::ICON * 0.5, rect.center().y),
                size::ICON,
                t.tx3,
            );
        }
        let mut response = response;
        if let Some(switch) = self.switch {
            let at = Rect::from_min_size(pos2(edge - SWITCH, rect.top() + 4.0), vec2(SWITCH, 20.0));
            if switch.show(ui, at) {
                response.mark_changed();
            }
        }
        if clear && clear_button(ui, rect, self.name) {
            self.text.clear();
            response.mark_changed();
            response.request_focus();
        } else if let Some(key) = key {
            let width = key_cap::cap_width(ui, key);
            let at = Rect::from_min_size(
                pos2(rect.right() - 5.0 - width, rect.top() + 5.0),
                vec2(width, size::KEY),
            );
            KeyCap::new(key).paint(ui, at, t.tx3, t.line2);
        }
        if let Some(message) = self.message {
            let at = Rect::from_min_max(pos2(rect.left(), rect.bottom() + 4.0), whole.max);
            show_message(ui, at, message, &response);
        }
        response
    }
}

/// A box for several lines, with its name above and a count of its letters.
#[must_use = "call `show(ui)`"]
pub struct PromptBox<'a> {
    name: &'a str,
    text: &'a mut String,
    hint: &'a str,
    rows: usize,
    most_rows: Option<usize>,
    limit: Option<usize>,
    why_not: Option<&'a str>,
    id: Option<Id>,
    bare: bool,
}

impl<'a> PromptBox<'a> {
    /// A box for `text`, with `name` above it.
    pub fn new(name: &'a str, text: &'a mut String) -> Self {
        Self {
            name,
            text,
            hint: "",
            rows: 3,
            most_rows: None,
            limit: None,
            why_not: None,
            id: None,
            bare: false,
        }
    }

    /// Without its name and its count above it, for cells of a table; the name is for assistive technology then.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Faint words while the box is empty.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Lines to show without scrolling.
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// Lines beyond which it scrolls and grows no more, so that what is below stays in sight.
    pub fn most_rows(mut self, rows: usize) -> Self {
        self.most_rows = Some(rows);
        self
    }

    /// The longest text in letters. Longer ones are shown as wrong, never cut.
    pub fn limit(mut self, letters: usize) -> Self {
        self.limit = Some(letters);
        self
    }

    /// Cannot be used when there is a reason, which the tooltip shows.
    pub fn disabled_because(mut self, reason: Option<&'a str>) -> Self {
        self.why_not = reason;
        self
    }

    /// An id that stays the same.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Draws the box; it grows with its text, as far as it may.
    pub fn show(self, ui: &mut Ui) -> Response {
        let why_not = self.why_not;
        let response = ui.add_enabled_ui(why_not.is_none(), |ui| self.show_enabled(ui)).inner;
        match why_not {
            Some(reason) => tooltip_disabled(response, reason),
            None => response,
        }
    }

    fn show_enabled(self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let count = self.text.chars().count();
        let too_long = self.limit.is_some_and(|limit| count > limit);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::LABEL;
            let label = (!self.bare).then(|| {
                ui.horizontal(|ui| {
                    let label = text::label(ui, Type::Small, self.name, t.tx2);
                    if let Some(limit) = self.limit {
                        let words = format!("{} of {}", grouped(count), grouped(limit));
                        let color = if too_long { t.err } else { t.tx3 };
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            text::label(ui, Type::Caption, words, color);
                        });
                    }
                    label
                })
            });

            // Laid out once to know the height, so that the box is as tall as its text.
            let width = ui.available_width();
            let lines = ui
                .painter()
                .layout_job(Type::Body.job(self.text.as_str(), t.tx1, width - 18.0))
                .rows
                .len();
            let rows = lines.max(self.rows);
            let shown = self.most_rows.map_or(rows, |most| rows.min(most.max(self.rows)));
            let height = |rows: usize| Type::Body.line_height() * rows as f32 + 14.0;
            let (rect, _) = ui.allocate_exact_size(vec2(width, height(shown)), Sense::hover());
            let background = ui.painter().add(egui::Shape::Noop);
            let edit = Edit {
                kind: Type::Body,
                hint: self.hint,
                password: false,
                id: self.id,
                rows,
                multiline: true,
            };
            let sides = [9.0, 9.0];
            let response = if self.most_rows.is_none() {
                edit.show(ui, rect, sides, self.text)
            } else {
                inside(ui, rect.shrink2(vec2(0.0, 1.0)), |ui| {
                    let scroll = ScrollArea::vertical().id_salt(("lines", self.name)).auto_shrink(false);
                    let text = self.text;
                    let scrolled = scroll.show(ui, |ui| {
                        let whole = vec2(width, height(rows) - 2.0);
                        let (whole, _) = ui.allocate_exact_size(whole, Sense::hover());
                        edit.show(ui, whole, sides, text)
                    });
                    scrolled.inner
                })
            };
            ui.painter().set(background, box_shape(ui, rect, &response, too_long));
            ui.accesskit_node_builder(response.id, |node| {
                node.set_label(self.name);
                if let Some(label) = &label {
                    node.push_labelled_by(label.inner.id.accesskit_id());
                }
            });
            response
        })
        .inner
    }
}

/// egui's text edit without its frame, on our lines.
struct Edit<'a> {
    kind: Type,
    hint: &'a str,
    password: bool,
    id: Option<Id>,
    rows: usize,
    multiline: bool,
}

impl Edit<'_> {
    /// Fills `rect`, with `[before, after]` left free at its sides.
    fn show(self, ui: &mut Ui, rect: Rect, [before, after]: [f32; 2], text: &mut String) -> Response {
        let t = Tokens::of(ui);
        let multiline = self.multiline;
        let vertical = (rect.height() - self.kind.line_height() * self.rows as f32) * 0.5;
        let margin = Margin {
            left: before as i8,
            right: after as i8,
            top: vertical as i8,
            bottom: vertical as i8,
        };
        let (kind, password) = (self.kind, self.password);
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
            let shown = if password {
                "•".repeat(text.as_str().chars().count())
            } else {
                text.as_str().to_owned()
            };
            let mut job = kind.job(shown, t.tx1, if multiline { width } else { f32::INFINITY });
            job.keep_trailing_whitespace = true;
            job.break_on_newline = multiline;
            ui.painter().layout_job(job)
        };
        let edit = if multiline {
            TextEdit::multiline(text)
        } else {
            TextEdit::singleline(text)
        };
        let mut edit = edit
            .font(kind.font())
            .frame(Frame::NONE.inner_margin(margin))
            .hint_text(kind.rich(self.hint))
            .desired_rows(self.rows)
            .desired_width(rect.width())
            .min_size(rect.size())
            .align(if multiline {
                Align2::LEFT_TOP
            } else {
                Align2::LEFT_CENTER
            })
            .password(password)
            .layouter(&mut layouter);
        if let Some(id) = self.id {
            edit = edit.id(id);
        }
        inside(ui, rect, |ui| {
            // The colour of the hint; a disabled field fades it.
            ui.visuals_mut().weak_text_color = Some(if ui.is_enabled() { t.tx3 } else { t.tx2 });
            edit.show(ui).response.response
        })
    }
}

fn inside<R>(ui: &mut Ui, rect: Rect, contents: impl FnOnce(&mut Ui) -> R) -> R {
    paint::inside(ui, rect, Layout::top_down(Align::Min), contents)
}

/// The frame of a field in its state.
fn box_shape(ui: &Ui, rect: Rect, response: &Response, wrong: bool) -> egui::Shape {
    let t = Tokens::of(ui);
    let (stroke, grown) = if response.has_focus() {
        (Stroke::new(2.0, if wrong { t.err } else { t.acc_tx }), 0.5)
    } else {
        (Stroke::new(1.0, if wrong { t.err } else { t.line2 }), 0.0)
    };
    egui::epaint::RectShape::new(rect.expand(grown), radius::CONTROL, t.input, stroke, StrokeKind::Inside).into()
}

fn clear_button(ui: &mut Ui, rect: Rect, name: &str) -> bool {
    let at = Rect::from_center_size(
        pos2(rect.right() - 14.0, rect.center().y),
        vec2(size::SMALL, size::SMALL),
    );
    let words = format!("Clear {}", lower_first(name));
    inside(ui, at, |ui| ui.add(IconButton::new(icon::X, &words).small()).clicked())
}

impl Switch<'_> {
    /// Draws the button; answers whether it was clicked.
    fn show(self, ui: &Ui, rect: Rect) -> bool {
        let t = Tokens::of(ui);
        let response = ui.interact(rect, ui.scope_id().with(("switch", self.name)), Sense::click());
        if response.clicked() {
            *self.on = !*self.on;
        }
        let on = *self.on;
        response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), on, self.name));
        let (fill, color) = match (on, response.hovered()) {
            (true, _) => (t.acc_bg, t.acc_tx),
            (false, true) => (t.bg3, t.tx1),
            (false, false) => (egui::Color32::TRANSPARENT, t.tx3),
        };
        ui.painter().rect_filled(rect, radius::BADGE, fill);
        let galley = paint::whole_line(ui, Type::Mono, self.words, color);
        paint::galley_center(ui.painter(), rect, galley, color);
        paint::focus_ring(ui, &response, radius::BADGE);
        let clicked = response.clicked();
        tooltip(response, self.name);
        clicked
    }
}

fn show_message(ui: &mut Ui, rect: Rect, message: Message<'_>, field: &Response) {
    let t = Tokens::of(ui);
    let (words, color) = match message {
        Message::Error(words) => (words, t.err),
        Message::Help(words) => (words, t.tx3),
    };
    if words.is_empty() {
        return;
    }
    let mut left = rect.left();
    if matches!(message, Message::Error(_)) {
        icon::X_CIRCLE.filled().paint(
            ui.painter(),
            pos2(left + 6.0, rect.top() + 7.0),
            size::ICON_BADGE,
            t.err,
        );
        left += 16.0;
    }
    let at = Rect::from_min_max(pos2(left, rect.top()), rect.max);
    let shown = inside(ui, at, |ui| text::elided(ui, Type::Caption, words, color));
    ui.accesskit_node_builder(field.id, |node| {
        node.push_described_by(shown.id.accesskit_id());
        if matches!(message, Message::Error(_)) {
            node.set_invalid(egui::accesskit::Invalid::True);
        }
    });
    shown.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
}

fn lower_first(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
