//! The tall text field of setup pages: marks on parts of its text, secrets, buttons inside.

use std::ops::Range;

use egui::epaint::{RectShape, StrokeKind};
use egui::text::{CCursor, CCursorRange, LayoutJob};
use egui::text_edit::{TextEdit, TextEditState};
use egui::{
    Align, Align2, Event, Frame, Id, Key, Layout, Margin, Modifiers, Rect, Response, Role, Sense, Stroke, TextBuffer,
    TextFormat, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use zeroize::Zeroizing;

use super::{IconButton, paint, text};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size, space};

const HEIGHT: f32 = 32.0;
const PADDING: f32 = 13.0;
const LABEL: f32 = 16.0;
/// Height of the line that says what is wrong, with its distance.
const MESSAGE: f32 = 18.0;

/// How the text of a field is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows<'a> {
    /// As it is.
    #[default]
    Text,
    /// A dot for each letter.
    Dots,
    /// These words in its place: a key of which only the ends are shown. It is replaced as a whole, by pasting or by
    /// typing another, and emptied with the Delete key.
    Sealed(&'a str),
}

/// A field of one line, 32 tall, with its name above.
#[must_use = "call `show(ui)`"]
pub struct LargeField<'a> {
    name: &'a str,
    text: &'a mut String,
    hint: &'a str,
    mono: bool,
    marks: &'a [Range<usize>],
    shows: Shows<'a>,
    secret: bool,
    takes: fn(&str) -> bool,
    buttons: &'a [(Icon, &'a str)],
    error: Option<&'a str>,
    id: Option<Id>,
    width: Option<f32>,
}

/// What happened to a [`LargeField`].
#[derive(Debug)]
pub struct LargeFieldAnswer {
    /// The response of the text: `changed()`, `lost_focus()`.
    pub response: Response,
    /// Which of its buttons was clicked.
    pub pressed: Option<usize>,
    /// What was pasted and is for the caller to put somewhere; the text is unchanged.
    pub pasted: Option<String>,
}

impl<'a> LargeField<'a> {
    /// A field for `text`, called `name`.
    pub fn new(name: &'a str, text: &'a mut String) -> Self {
        Self {
            name,
            text,
            hint: "",
            mono: false,
            marks: &[],
            shows: Shows::Text,
            secret: false,
            takes: |_| false,
            buttons: &[],
            error: None,
            id: None,
            width: None,
        }
    }

    /// Faint words while the field is empty.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Monospace, for URLs and keys.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Parts of the text, in bytes, that are shown as about to be left out.
    pub fn marks(mut self, marks: &'a [Range<usize>]) -> Self {
        self.marks = marks;
        self
    }

    /// A secret, shown as `shows` says. The field keeps no history of it to undo to, and tells nothing of it to
    /// assistive technology unless it is shown.
    pub fn secret(mut self, shows: Shows<'a>) -> Self {
        self.secret = true;
        self.shows = shows;
        self.takes = |_| true;
        self
    }

    /// Which pasted texts go to the caller and not into the field. All of a secret's do.
    pub fn takes_paste(mut self, takes: fn(&str) -> bool) -> Self {
        self.takes = takes;
        self
    }

    /// Buttons at its right end.
    pub fn buttons(mut self, buttons: &'a [(Icon, &'a str)]) -> Self {
        self.buttons = buttons;
        self
    }

    /// What is wrong with the text, below the field.
    pub fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// An id that stays the same, to focus the field from elsewhere.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Width in points; without it, the field takes what is available.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Draws the field.
    pub fn show(self, ui: &mut Ui) -> LargeFieldAnswer {
        let t = Tokens::of(ui);
        let message = if self.error.is_some() { MESSAGE } else { 0.0 };
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let (auto, whole) = ui.allocate_space(vec2(width, LABEL + space::LABEL + HEIGHT + message));
        let id = self.id.unwrap_or(auto);
        let rect = Rect::from_min_size(whole.min + vec2(0.0, LABEL + space::LABEL), vec2(width, HEIGHT));
        let label = paint::inside(ui, whole, Layout::top_down(Align::Min), |ui| {
            text::label(ui, Type::Small, self.name, t.tx2).id
        });

        let buttons = self.buttons.len() as f32 * (size::SMALL + 4.0);
        let inner = Rect::from_min_max(rect.min + vec2(PADDING, 0.0), rect.max - vec2(PADDING + buttons, 0.0));
        let pasted = take_paste(ui, id, self.takes);
        let background = ui.painter().add(egui::Shape::Noop);
        let mut response = match self.shows {
            Shows::Sealed(shown) => sealed(ui, inner, id, self.name, shown, self.text),
            Shows::Text | Shows::Dots => {
                let look = Look {
                    kind: if self.mono { Type::Mono } else { Type::Body },
                    dots: self.shows == Shows::Dots,
                    marks: self.marks,
                    hint: self.hint,
                };
                look.edit(ui, inner, id, self.text)
            }
        };
        if self.secret {
            forget_history(ui, id);
        }
        let wrong = self.error.is_some();
        let (stroke, grown) = if response.has_focus() {
            (Stroke::new(2.0, if wrong { t.err } else { t.acc_tx }), 0.5)
        } else {
            (Stroke::new(1.0, if wrong { t.err } else { t.line2 }), 0.0)
        };
        let shape = RectShape::new(rect.expand(grown), radius::CARD, t.input, stroke, StrokeKind::Inside);
        ui.painter().set(background, shape);

        ui.accesskit_node_builder(response.id, |node| {
            node.set_label(self.name);
            node.push_labelled_by(label.accesskit_id());
        });
        if let Some(error) = self.error {
            let at = Rect::from_min_max(pos2(rect.left(), rect.bottom() + 4.0), whole.max);
            message_below(ui, at, error, &response);
        }
        let pressed = trailing(ui, id, rect, inner.right(), self.buttons);
        if pasted.is_some() {
            response.mark_changed();
        }
        LargeFieldAnswer {
            response,
            pressed,
            pasted,
        }
    }
}

/// How a text that is typed looks.
struct Look<'a> {
    kind: Type,
    dots: bool,
    marks: &'a [Range<usize>],
    hint: &'a str,
}

impl Look<'_> {
    fn edit(&self, ui: &mut Ui, rect: Rect, id: Id, text: &mut String) -> Response {
        let t = Tokens::of(ui);
        let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, _width: f32| {
            let mut job = if self.dots {
                let dots = "•".repeat(buffer.as_str().chars().count());
                self.kind.job(dots, t.tx1, f32::INFINITY)
            } else {
                marked(self.kind, buffer.as_str(), self.marks, t)
            };
            job.break_on_newline = false;
            job.keep_trailing_whitespace = true;
            ui.painter().layout_job(job)
        };
        let vertical = ((rect.height() - self.kind.line_height()) * 0.5) as i8;
        let edit = TextEdit::singleline(text)
            .id(id)
            .font(self.kind.font())
            .frame(Frame::NONE.inner_margin(Margin::symmetric(0, vertical)))
            .hint_text(self.kind.rich(self.hint))
            .desired_width(rect.width())
            .min_size(rect.size())
            .align(Align2::LEFT_CENTER)
            .password(self.dots)
            .layouter(&mut layouter);
        paint::inside(ui, rect, Layout::top_down(Align::Min), |ui| {
            ui.visuals_mut().weak_text_color = Some(t.tx3);
            ui.add(edit)
        })
    }
}

/// The text with its marks. Marks of another text are left out: the frame in which something is typed is drawn with the
/// marks of the frame before.
fn marked(kind: Type, text: &str, marks: &[Range<usize>], t: &Tokens) -> LayoutJob {
    let plain = kind.format(t.tx1);
    let gone = TextFormat {
        background: t.warn_bg,
        ..kind.format(t.warn)
    };
    let mut job = LayoutJob::default();
    let mut done = 0;
    for mark in marks {
        let (Some(before), Some(part)) = (text.get(done..mark.start), text.get(mark.clone())) else {
            break;
        };
        job.append(before, 0.0, plain.clone());
        job.append(part, 0.0, gone.clone());
        done = mark.end;
    }
    job.append(text.get(done..).unwrap_or_default(), 0.0, plain);
    job
}

/// The ends of a secret. Delete empties the field, and what is typed is the beginning of another: letters that went
/// nowhere would leave half a key that looks whole.
fn sealed(ui: &mut Ui, rect: Rect, id: Id, name: &str, shown: &str, text: &mut String) -> Response {
    let mut response = ui.interact(rect, id, Sense::click());
    if response.clicked() {
        response.request_focus();
    }
    if response.has_focus() {
        let empties = ui.input_mut(|input| {
            input.consume_key(Modifiers::NONE, Key::Backspace) || input.consume_key(Modifiers::NONE, Key::Delete)
        });
        let typed = take_typed(ui);
        if empties || !typed.is_empty() {
            text.clear();
            text.push_str(&typed);
            response.mark_changed();
            let mut state = TextEditState::load(ui, id).unwrap_or_default();
            let end = CCursor::new(typed.chars().count());
            state.cursor.set_char_range(Some(CCursorRange::one(end)));
            state.store(ui, id);
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::PasswordInput, ui.is_enabled(), name));
    ui.accesskit_node_builder(response.id, |node| node.set_value(shown));
    let galley = paint::line(ui, Type::Mono, shown, Tokens::of(ui).tx1, rect.width());
    paint::galley_left(ui.painter(), rect.left(), rect.center().y, galley, Tokens::of(ui).tx1);
    response
}

/// The letters that were typed in this pass.
fn take_typed(ui: &Ui) -> Zeroizing<String> {
    let mut typed = Zeroizing::new(String::new());
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Text(text) => {
                typed.push_str(text);
                false
            }
            _ => true,
        });
    });
    typed
}

/// What was pasted while the field has the keyboard, if it is for the caller: a secret never goes through a text edit.
fn take_paste(ui: &Ui, id: Id, takes: fn(&str) -> bool) -> Option<String> {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return None;
    }
    let mut pasted = None;
    ui.input_mut(|input| {
        input.events.retain_mut(|event| match event {
            Event::Paste(text) if takes(text) => {
                pasted = Some(std::mem::take(text));
                false
            }
            _ => true,
        });
    });
    pasted
}

/// egui keeps what was typed for its undo.
fn forget_history(ui: &Ui, id: Id) {
    if let Some(mut state) = TextEditState::load(ui, id) {
        state.clear_undoer();
        state.store(ui, id);
    }
}

/// The buttons keep their ids, and so the focus, whether the text is typed in, sealed or wrong.
fn trailing(ui: &mut Ui, id: Id, field: Rect, left: f32, buttons: &[(Icon, &str)]) -> Option<usize> {
    let mut pressed = None;
    let row = Rect::from_min_max(pos2(left, field.top()), pos2(field.right() - 8.0, field.bottom()));
    // From left to right, so that the keyboard goes through them as they are read.
    let width = buttons.len() as f32 * (size::SMALL + 4.0);
    let row = Rect::from_min_max(pos2(row.right() - width, row.top()), row.max);
    let row = UiBuilder::new().scope_id(id.with("buttons")).max_rect(row);
    let mut ui = ui.new_child(row.layout(Layout::left_to_right(Align::Center)));
    ui.spacing_mut().item_spacing.x = 4.0;
    for (at, (icon, name)) in buttons.iter().enumerate() {
        if ui.add(IconButton::new(*icon, name).small()).clicked() {
            pressed = Some(at);
        }
    }
    pressed
}

fn message_below(ui: &mut Ui, rect: Rect, words: &str, field: &Response) {
    let t = Tokens::of(ui);
    let mark = pos2(rect.left() + 6.0, rect.top() + 7.0);
    icon::X_CIRCLE
        .filled()
        .paint(ui.painter(), mark, size::ICON_BADGE, t.err);
    let at = Rect::from_min_max(pos2(rect.left() + 16.0, rect.top()), rect.max);
    let shown = paint::inside(ui, at, Layout::top_down(Align::Min), |ui| {
        text::elided(ui, Type::Caption, words, t.err)
    });
    ui.accesskit_node_builder(field.id, |node| {
        node.push_described_by(shown.id.accesskit_id());
        node.set_invalid(egui::accesskit::Invalid::True);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_cover_what_they_name_and_the_text_stays_the_text() {
        let text = "https://https://a.supabase.co/rest/v1/";
        let job = marked(Type::Mono, text, &[0..8, 29..38], &Tokens::DARK);
        assert_eq!(job.text, text);
        let gone: Vec<&str> = job
            .sections
            .iter()
            .filter(|section| section.format.background != egui::Color32::TRANSPARENT)
            .map(|section| &text[section.byte_range.start.0..section.byte_range.end.0])
            .collect();
        assert_eq!(gone, ["https://", "/rest/v1/"]);
    }

    #[test]
    fn marks_of_another_text_are_left_out() {
        for (text, start, end) in [("ab", 0, 8), ("öö", 1, 2), ("abc", 2, 1), ("", 0, 1)] {
            let marks = [Range { start, end }];
            assert_eq!(marked(Type::Mono, text, &marks, &Tokens::DARK).text, text);
        }
    }
}
