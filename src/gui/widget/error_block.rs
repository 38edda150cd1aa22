//! Errors where the work is: what happened, what to do, the technical line, and buttons for it.

use egui::text::LayoutJob;
use egui::{Align, Color32, Frame, Layout, Margin, Rect, Sense, Stroke, Ui, vec2};

use super::{Button, IconButton, paint, text};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size};

/// A button of an [`ErrorBlock`].
#[derive(Clone, Copy, Debug)]
pub struct ErrorAction<'a> {
    words: &'a str,
    icon: Option<Icon>,
}

impl<'a> ErrorAction<'a> {
    /// A button; its words start with a verb.
    pub fn new(words: &'a str) -> Self {
        Self { words, icon: None }
    }

    /// An icon before the words.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }
}

/// What the user did to an [`ErrorBlock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorChoice {
    /// Clicked the action at this index.
    Action(usize),
    /// Closed the block.
    Dismissed,
}

/// An error in three lines.
#[must_use = "call `show` or `show_in_dock`"]
pub struct ErrorBlock<'a> {
    title: &'a str,
    body: &'a str,
    technical: &'a str,
    code: &'a str,
    actions: &'a [ErrorAction<'a>],
    dismissible: bool,
}

impl<'a> ErrorBlock<'a> {
    /// `title`: what happened and what is still safe. `body`: what to do, with numbers. `technical`: HTTP status, the
    /// body's code, the request's id. `body` and `technical` may be empty.
    pub fn new(title: &'a str, body: &'a str, technical: &'a str) -> Self {
        Self {
            title,
            body,
            technical,
            code: "",
            actions: &[],
            dismissible: false,
        }
    }

    /// The part of the technical line that names the error, in red.
    pub fn code(mut self, code: &'a str) -> Self {
        self.code = code;
        self
    }

    /// Buttons, the most useful first.
    pub fn actions(mut self, actions: &'a [ErrorAction<'a>]) -> Self {
        self.actions = actions;
        self
    }

    /// A cross at the corner.
    pub fn dismissible(mut self) -> Self {
        self.dismissible = true;
        self
    }

    /// Draws the block as a card with a red edge, in the place of the work that failed.
    pub fn show(self, ui: &mut Ui) -> Option<ErrorChoice> {
        let t = Tokens::of(ui);
        let frame = Frame::NONE
            .fill(t.bg2)
            .stroke(Stroke::new(1.0, t.err_line))
            .corner_radius(radius::CARD)
            .inner_margin(Margin {
                left: 13,
                right: 11,
                top: 11,
                bottom: 11,
            });
        frame
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
                ui.set_width(ui.available_width());
                let mut choice = None;
                let left = size::ICON + 8.0;
                ui.horizontal_top(|ui| {
                    let (at, _) = ui.allocate_exact_size(vec2(size::ICON, size::CONTROL), Sense::hover());
                    icon::X_CIRCLE
                        .filled()
                        .paint(ui.painter(), at.center(), size::ICON, t.err);
                    let cross = if self.dismissible { size::SMALL + 8.0 } else { 0.0 };
                    let words = vec2(ui.available_width() - cross, size::CONTROL);
                    ui.allocate_ui_with_layout(words, Layout::top_down(Align::Min), |ui| {
                        // What happened is told whole: it is the one line that everybody reads.
                        ui.set_min_size(words);
                        ui.add_space((size::CONTROL - Type::Section.line_height()) * 0.5);
                        text::wrapped(ui, Type::Section, self.title, t.tx1);
                    });
                    if self.dismissible {
                        let place = vec2(size::SMALL, size::CONTROL);
                        ui.allocate_ui_with_layout(place, Layout::left_to_right(Align::Center), |ui| {
                            if ui.add(IconButton::new(icon::X, "Dismiss error").small()).clicked() {
                                choice = Some(ErrorChoice::Dismissed);
                            }
                        });
                    }
                });
                indented(ui, left, |ui| {
                    ui.add_space(6.0);
                    self.details(ui);
                    if !self.actions.is_empty() {
                        ui.add_space(6.0);
                        ui.horizontal_wrapped(|ui| {
                            ui.spacing_mut().item_spacing.y = 6.0;
                            choice = self.buttons(ui).or(choice);
                        });
                    }
                });
                choice
            })
            .inner
    }

    /// Draws the block as the detail below a line of the log: a red edge at the left, buttons at the right.
    pub fn show_in_dock(self, ui: &mut Ui, indent: f32) -> Option<ErrorChoice> {
        const BUTTONS: f32 = 232.0;
        const HEIGHT: f32 = 74.0;
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
        ui.painter().rect_filled(rect, 0, t.bg2);
        ui.painter()
            .rect_filled(Rect::from_min_size(rect.min, vec2(2.0, HEIGHT)), 0, t.err);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));

        let split = rect.right() - BUTTONS - 16.0;
        let left = Rect::from_min_max(rect.min + vec2(indent, 9.0), egui::pos2(split - 16.0, rect.bottom()));
        paint::inside(ui, left, Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            text::elided(ui, Type::SmallStrong, self.title, t.tx1);
            text::elided(ui, Type::Small, self.body, t.tx2);
            self.technical_line(ui, t.tx2);
        });
        let right = Rect::from_min_max(egui::pos2(split, rect.top() + 9.0), rect.max);
        paint::inside(
            ui,
            right,
            Layout::left_to_right(Align::Min).with_main_wrap(true),
            |ui| {
                ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
                self.buttons(ui)
            },
        )
    }

    fn details(&self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        if !self.body.is_empty() {
            text::selectable(ui, Type::Small, self.body, t.tx2);
        }
        if !self.technical.is_empty() {
            ui.add_space(8.0);
            self.technical_line(ui, t.tx3);
        }
    }

    fn technical_line(&self, ui: &mut Ui, color: Color32) {
        let mut job = LayoutJob::default();
        let mut part = |words: &str, color| job.append(words, 0.0, Type::MonoSmall.format(color));
        match self.technical.split_once(self.code) {
            Some((before, after)) if !self.code.is_empty() => {
                part(before, color);
                part(self.code, Tokens::of(ui).err);
                part(after, color);
            }
            _ => part(self.technical, color),
        }
        ui.add(egui::Label::new(job).truncate().selectable(true));
    }

    fn buttons(&self, ui: &mut Ui) -> Option<ErrorChoice> {
        let mut choice = None;
        for (i, action) in self.actions.iter().enumerate() {
            let mut button = Button::new(action.words).small();
            if let Some(icon) = action.icon {
                button = button.icon(icon);
            }
            if ui.add(button).clicked() {
                choice = Some(ErrorChoice::Action(i));
            }
        }
        choice
    }
}

fn indented(ui: &mut Ui, left: f32, contents: impl FnOnce(&mut Ui)) {
    Frame::NONE
        .inner_margin(Margin {
            left: left as i8,
            ..Margin::ZERO
        })
        .show(ui, contents);
}
