//! Status chips, badges, filter chips and counts.

use egui::epaint::StrokeKind;
use egui::{Color32, Response, Role, Sense, Stroke, Ui, Widget, WidgetInfo, pos2, vec2};

use super::paint::{self, Use};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Tone, Type, radius, size};
use crate::gui::words::grouped;

/// The state of a thing as a whole, with a dot: `ui.add(Chip::new(Tone::Ok, "Completed"))`.
///
/// Pending is neutral, Processing accent, Completed ok, Failed err.
#[must_use = "add it with `ui.add(chip)`"]
pub struct Chip<'a> {
    tone: Tone,
    words: &'a str,
}

impl<'a> Chip<'a> {
    /// A chip that says `words`.
    pub fn new(tone: Tone, words: &'a str) -> Self {
        Self { tone, words }
    }
}

impl Widget for Chip<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let colors = t.tone(self.tone);
        let galley = paint::whole_line(ui, Type::CaptionStrong, self.words, colors.fg);
        let width = (7.0 + 6.0 + 5.0 + galley.size().x + 8.0).ceil();
        let (rect, response) = ui.allocate_exact_size(vec2(width, size::CHIP), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), self.words));
        ui.painter().rect_filled(rect, radius::CHIP, colors.bg);
        ui.painter()
            .circle_filled(pos2(rect.left() + 10.0, rect.center().y), 3.0, colors.fill);
        paint::galley_left(ui.painter(), rect.left() + 18.0, rect.center().y, galley, colors.fg);
        response
    }
}

/// A fact about a thing, with an icon: `ui.add(Badge::new(Tone::Warn, "No alt text").icon(icon::TEXT_T_SLASH))`.
#[derive(Clone, Copy, Debug)]
#[must_use = "add it with `ui.add(badge)`"]
pub struct Badge<'a> {
    tone: Tone,
    words: &'a str,
    icon: Option<Icon>,
    busy: bool,
    shade: bool,
}

impl<'a> Badge<'a> {
    /// A badge that says `words`.
    pub fn new(tone: Tone, words: &'a str) -> Self {
        Self {
            tone,
            words,
            icon: None,
            busy: false,
            shade: false,
        }
    }

    /// An icon before the words; filled for states that were proven or refused.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// A spinner before the words.
    pub fn busy(mut self) -> Self {
        self.busy = true;
        self
    }

    /// White on a shade, over a picture. A tone that is not neutral shows as a dot.
    pub fn over_picture(mut self) -> Self {
        self.shade = true;
        self
    }

    /// What it says.
    pub(super) fn words(&self) -> &'a str {
        self.words
    }

    /// Width the badge will take.
    pub fn width(&self, ui: &Ui) -> f32 {
        let words = paint::whole_line(ui, Type::CaptionStrong, self.words, Color32::PLACEHOLDER)
            .size()
            .x;
        (6.0 + self.mark_width() + words + 6.0).ceil().max(size::BADGE + 2.0)
    }

    fn mark_width(&self) -> f32 {
        if self.icon.is_some() || self.busy {
            size::ICON_BADGE + 4.0
        } else if self.shade && self.tone != Tone::Neutral {
            10.0
        } else {
            0.0
        }
    }

    pub(super) fn paint(&self, ui: &Ui, rect: egui::Rect) {
        let t = Tokens::of(ui);
        let colors = t.tone(self.tone);
        let (fill, text) = if self.shade {
            (t.shade, t.on_fill)
        } else {
            (colors.bg, colors.fg)
        };
        let painter = ui.painter();
        painter.rect_filled(rect, radius::BADGE, fill);
        let galley = paint::whole_line(ui, Type::CaptionStrong, self.words, text);
        let mark_width = self.mark_width();
        let mut left = rect.left() + 6.0;
        if self.words.len() <= 2 {
            left = rect.center().x - (mark_width + galley.size().x) * 0.5;
        }
        let mark = pos2(left + size::ICON_BADGE * 0.5, rect.center().y);
        if self.busy {
            paint::spinner(ui, mark, size::ICON_BADGE, text);
        } else if let Some(icon) = self.icon {
            icon.paint(painter, mark, size::ICON_BADGE, text);
        } else if mark_width > 0.0 {
            painter.circle_filled(
                pos2(left + 3.0, rect.center().y),
                3.0,
                Tokens::DARK.tone(self.tone).fill,
            );
        }
        paint::galley_left(painter, left + mark_width, rect.center().y, galley, text);
    }
}

impl Widget for Badge<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(self.width(ui), size::BADGE), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), self.words));
        self.paint(ui, rect);
        response
    }
}

/// A filter that can be on: `ui.add(FilterChip::new("Failed", on).count(2))`. The caller reacts to `clicked()`.
#[must_use = "add it with `ui.add(chip)`"]
pub struct FilterChip<'a> {
    words: &'a str,
    on: bool,
    count: Option<usize>,
    icon: Option<Icon>,
    dot: Option<Tone>,
    removable: bool,
    padding: f32,
}

impl<'a> FilterChip<'a> {
    /// A filter called `words`.
    pub fn new(words: &'a str, on: bool) -> Self {
        Self {
            words,
            on,
            count: None,
            icon: None,
            dot: None,
            removable: false,
            padding: 9.0,
        }
    }

    /// How many things it lets through.
    pub fn count(mut self, count: usize) -> Self {
        self.count = Some(count);
        self
    }

    /// An icon before the words.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// A dot before the words, for filters by state.
    pub fn dot(mut self, tone: Tone) -> Self {
        self.dot = Some(tone);
        self
    }

    /// Narrower, where several must fit beside each other.
    pub fn tight(mut self) -> Self {
        self.padding = 6.0;
        self
    }

    /// A cross after the words: a click takes the filter away.
    pub fn removable(mut self) -> Self {
        self.removable = true;
        self
    }
}

impl Widget for FilterChip<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let galley = paint::whole_line(ui, Type::SmallStrong, self.words, Color32::PLACEHOLDER);
        let count = self
            .count
            .map(|count| paint::whole_line(ui, Type::SmallStrong, &grouped(count), Color32::PLACEHOLDER));
        let before = match (self.icon, self.dot) {
            (Some(_), _) => size::ICON_SMALL + 5.0,
            (None, Some(_)) => 11.0,
            (None, None) => 0.0,
        };
        let count_width = count.as_ref().map_or(0.0, |count| 5.0 + count.size().x);
        let cross = if self.removable { 6.0 + size::ICON_BADGE } else { 0.0 };
        let width = (before + galley.size().x + count_width + cross + 2.0 * self.padding).ceil();
        let (rect, response) = ui.allocate_exact_size(vec2(width, size::FILTER), Sense::click());
        let name = if self.removable {
            format!("Remove filter {}", self.words)
        } else {
            self.words.to_owned()
        };
        response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), self.on, &name));

        let state = Use::of(&response);
        let (fill, border, text, quiet) = match (self.on, state) {
            (true, Use::Rest) => (t.acc_bg, t.acc_line, t.acc_tx, t.acc_tx),
            (true, _) => (t.acc_bg, t.acc_tx, t.acc_tx, t.acc_tx),
            (false, Use::Rest) => (Color32::TRANSPARENT, t.line, t.tx2, t.tx3),
            (false, Use::Hovered) => (t.bg3, t.line2, t.tx1, t.tx2),
            (false, Use::Pressed) => (t.bg4, t.tx3, t.tx1, t.tx2),
        };
        let painter = ui.painter();
        painter.rect(
            rect,
            radius::CONTROL,
            fill,
            Stroke::new(1.0, border),
            StrokeKind::Inside,
        );
        let (mut left, middle) = (rect.left() + self.padding, rect.center().y);
        if let Some(icon) = self.icon {
            icon.paint(
                painter,
                pos2(left + size::ICON_SMALL * 0.5, middle),
                size::ICON_SMALL,
                text,
            );
        } else if let Some(tone) = self.dot {
            painter.circle_filled(pos2(left + 3.0, middle), 3.0, t.tone(tone).fill);
        }
        left += before;
        let words_width = galley.size().x;
        painter.galley_with_override_text_color(pos2(left, middle - galley.size().y * 0.5), galley, text);
        left += words_width;
        if let Some(count) = count {
            let at = pos2(left + 5.0, middle - count.size().y * 0.5);
            painter.galley_with_override_text_color(at, count, quiet);
        }
        if self.removable {
            let center = pos2(rect.right() - self.padding - size::ICON_BADGE * 0.5, middle);
            icon::X.paint(painter, center, size::ICON_BADGE, text);
        }
        paint::focus_ring(ui, &response, radius::CONTROL);
        response
    }
}

/// A number on a corner of the rail: how many things wait there. Paints over `rect`, takes no room.
pub fn count_badge(ui: &Ui, right_top: egui::Pos2, count: usize, tone: Tone) {
    let t = Tokens::of(ui);
    let colors = t.tone(tone);
    let words = if count > 99 {
        "99+".to_owned()
    } else {
        count.to_string()
    };
    let galley = paint::whole_line(ui, Type::CaptionStrong, &words, colors.fg);
    let size = vec2((galley.size().x + 8.0).max(15.0), 15.0);
    let rect = egui::Rect::from_min_size(right_top - vec2(size.x * 0.5, 4.0), size);
    ui.painter().rect_filled(rect, radius::CONTROL, colors.bg);
    paint::galley_center(ui.painter(), rect, galley, colors.fg);
}
