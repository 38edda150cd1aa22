//! Modals: only before irreversible or bulk work.

use egui::{
    Align, Context, FocusDirection, Frame, Id, Layout, Margin, Plugin, Rect, ScrollArea, Sense, Stroke, Ui, vec2,
};

use super::{Button, IconButton, paint, text};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size, space};

const HEAD: f32 = 56.0;
const FOOT: f32 = 60.0;

/// A modal: a title, a body that scrolls when it must, and a footer with the buttons.
///
/// Esc, the cross and a click beside it close it. Focus moves into it, and back when it is closed.
#[must_use = "call `show(ctx, body, footer)`"]
pub struct ModalFrame<'a> {
    id: Id,
    title: &'a str,
    caption: &'a str,
    note: &'a str,
    width: f32,
    body_margin: f32,
    stays: bool,
    head_button: Option<(Icon, &'a str)>,
}

/// What a modal answered in this frame.
#[derive(Debug)]
pub struct ModalAnswer<B, F> {
    /// What the body answered.
    pub body: B,
    /// What the footer answered.
    pub footer: F,
    /// Whether the user closed the modal without an answer.
    pub closed: bool,
    /// Whether the button in its head was clicked.
    pub head_clicked: bool,
}

impl<'a> ModalFrame<'a> {
    /// A modal; `id` tells it from others, `title` names it.
    pub fn new(id: &'static str, title: &'a str) -> Self {
        Self {
            id: Id::unique(id),
            title,
            caption: "",
            note: "",
            width: 480.0,
            body_margin: space::CONTENT,
            stays: false,
            head_button: None,
        }
    }

    /// A quiet line below the title.
    pub fn caption(mut self, caption: &'a str) -> Self {
        self.caption = caption;
        self
    }

    /// A quiet line at the left of the footer.
    pub fn note(mut self, note: &'a str) -> Self {
        self.note = note;
        self
    }

    /// Width in points; it is never wider than the window.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// A click beside it does not close it: much was chosen in it.
    pub fn stays(mut self) -> Self {
        self.stays = true;
        self
    }

    /// A button beside the cross.
    pub fn head_button(mut self, icon: Icon, words: &'a str) -> Self {
        self.head_button = Some((icon, words));
        self
    }

    /// Space around the body; 20 without this.
    pub fn body_margin(mut self, margin: f32) -> Self {
        self.body_margin = margin;
        self
    }

    /// Draws the modal over everything. The footer is laid out from right to left: the primary button first.
    pub fn show<B, F>(
        self,
        ctx: &Context,
        body: impl FnOnce(&mut Ui) -> B,
        footer: impl FnOnce(&mut Ui) -> F,
    ) -> ModalAnswer<B, F> {
        let t = Tokens::of_ctx(ctx);
        let looking = self.look_for_focus(ctx);
        let frame = Frame::popup(&ctx.global_style())
            .corner_radius(radius::MODAL)
            .shadow(ctx.global_style().visuals.window_shadow)
            .inner_margin(0);
        let window = ctx.content_rect().size();
        let width = self.width.min(window.x - 32.0);
        let modal = egui::Modal::new(self.id)
            .frame(frame)
            .backdrop_color(t.scrim)
            .show(ctx, |ui| {
                ui.accesskit_node_builder(ui.unique_id(), |node| {
                    node.set_label(self.title);
                    node.set_modal();
                });
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 0.0;
                let (head, _) = ui.allocate_exact_size(vec2(width, HEAD), Sense::hover());
                let margin = Margin::same(self.body_margin as i8);
                let most = (window.y - 80.0 - HEAD - FOOT).max(80.0);
                // Also the least before it scrolls: else it grows from frame to frame, as an area in the middle is given
                // room below its last size only, and what is clicked in that time is not there any more.
                let body = ScrollArea::vertical()
                    .max_height(most)
                    .min_scrolled_height(most)
                    .show(ui, |ui| {
                        Frame::NONE
                            .inner_margin(margin)
                            .show(ui, |ui| {
                                ui.set_width(width - 2.0 * self.body_margin);
                                ui.spacing_mut().item_spacing.y = 6.0;
                                body(ui)
                            })
                            .inner
                    })
                    .inner;
                let footer = self.foot(ui, width, footer);
                // The head comes last, so that focus goes to the first choice and not to the cross.
                let (crossed, head_clicked) = self.head(ui, head);
                (crossed, head_clicked, body, footer)
            });
        if let Some(before) = looking
            && ctx.memory(|memory| memory.focused().is_some())
        {
            ctx.data_mut(|data| data.insert_temp(self.id, Focus::Inside(before)));
        }
        let beside = self.stays && modal.backdrop_response.clicked();
        let should_close = modal.should_close() && !beside;
        let (crossed, head_clicked, body, footer) = modal.inner;
        let closed = crossed || should_close;
        if closed {
            return_focus(ctx, self.id);
        }
        ModalAnswer {
            body,
            footer,
            closed,
            head_clicked,
        }
    }

    /// The id to give to [`return_focus`] when the modal is closed by one of its own buttons.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Until something in the modal has focus, sends focus to what comes first in it. Answers what had it before.
    fn look_for_focus(&self, ctx: &Context) -> Option<Option<Id>> {
        let before = match ctx.data(|data| data.get_temp::<Focus>(self.id)).unwrap_or_default() {
            Focus::Inside(_) => return None,
            Focus::Looking(before) => before,
            Focus::Unknown => {
                let before = ctx.memory(egui::Memory::focused);
                ctx.data_mut(|data| data.insert_temp(self.id, Focus::Looking(before)));
                if let Some(id) = before {
                    ctx.memory_mut(|memory| memory.surrender_focus(id));
                }
                before
            }
        };
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::Next));
        Some(before)
    }

    fn head(&self, ui: &mut Ui, rect: Rect) -> (bool, bool) {
        let t = Tokens::of(ui);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let inner = rect.shrink2(vec2(space::CONTENT, 0.0));
        let layout = Layout::right_to_left(Align::Center);
        paint::inside(ui, inner, layout, |ui| {
            let crossed = ui.add(IconButton::new(icon::X, "Close").key("Esc")).clicked();
            let clicked = self
                .head_button
                .is_some_and(|(icon, words)| ui.add(Button::new(words).icon(icon)).clicked());
            let right = ui.min_rect().left() - space::CONTROL;
            let lines = if self.caption.is_empty() { 20.0 } else { 36.0 };
            let left = Rect::from_min_max(inner.min, egui::pos2(right, inner.bottom()));
            let words = Rect::from_center_size(left.center(), vec2(left.width(), lines));
            paint::inside(ui, words, Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                text::elided(ui, Type::Head, self.title, t.tx1);
                if !self.caption.is_empty() {
                    text::elided(ui, Type::Caption, self.caption, t.tx2);
                }
            });
            (crossed, clicked)
        })
    }

    fn foot<F>(&self, ui: &mut Ui, width: f32, footer: impl FnOnce(&mut Ui) -> F) -> F {
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(width, FOOT), Sense::hover());
        ui.painter()
            .hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t.line));
        let inner = rect.shrink2(vec2(space::PANEL, (FOOT - size::LARGE) * 0.5));
        let layout = Layout::right_to_left(Align::Center);
        paint::inside(ui, inner, layout, |ui| {
            let answer = footer(ui);
            if !self.note.is_empty() {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    text::elided(ui, Type::Caption, self.note, t.tx3);
                });
            }
            answer
        })
    }
}

/// Where focus is while a modal is open; each remembers what had it before.
#[derive(Clone, Copy, Default)]
enum Focus {
    #[default]
    Unknown,
    Looking(Option<Id>),
    Inside(Option<Id>),
}

/// Remembers what has focus, for [`return_focus`]. [`ModalFrame`] does this by itself; call it for other modals, once,
/// when they open.
pub fn remember_focus(ctx: &Context, modal: Id) {
    let before = ctx.memory(egui::Memory::focused);
    ctx.data_mut(|data| data.insert_temp(modal, Focus::Inside(before)));
}

/// Gives focus back to what had it before the modal opened. Call when a button of the modal closes it.
pub fn return_focus(ctx: &Context, modal: Id) {
    if let Some(Focus::Looking(Some(id)) | Focus::Inside(Some(id))) = ctx.data_mut(|data| data.remove_temp(modal)) {
        ctx.plugin_or_default::<FocusReturn>().lock().pending = Some((id, 2));
        ctx.request_repaint();
    }
}

/// Gives focus back after the pass in which the modal is gone: until then egui takes it from all that is below one.
#[derive(Default)]
struct FocusReturn {
    /// Who gets it, and after how many passes.
    pending: Option<(Id, u8)>,
}

impl Plugin for FocusReturn {
    fn debug_name(&self) -> &'static str {
        "focus return"
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        if let Some((id, passes)) = self.pending.take() {
            if passes > 1 {
                self.pending = Some((id, passes - 1));
            } else {
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            ui.request_repaint();
        }
    }
}
