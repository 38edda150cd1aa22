//! The command palette: one field that finds commands, stories, buckets and objects, and does what is chosen.

use std::ops::Range;

use egui::text::LayoutJob;
use egui::text_edit::TextEdit;
use egui::{
    Align, Align2, Color32, Context, Frame, Id, Key, Layout, Modal, Modifiers, Rect, Response, Role, ScrollArea, Sense,
    Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::palette_match::{self, Match};
use crate::gui::action::{Action, Command};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size};
use crate::gui::widget::{EmptyState, KeyCap, modal, tooltip_disabled};

/// Rows shown at most; more would not be read, but typed away.
const MOST_ROWS: usize = 50;
/// Rows of one kind at most, so that many objects do not hide a bucket.
const MOST_OF_A_KIND: usize = 20;

const WIDTH: f32 = 600.0;
const FIELD: f32 = 44.0;
const ROW: f32 = 32.0;
const HEADING: f32 = 26.0;
const MARGIN: f32 = 6.0;
const ICON_AT: f32 = 18.0;
const TEXT_AT: f32 = 36.0;
/// Rows that PgUp and PgDn move by.
const PAGE: usize = 8;

/// The kinds of things the palette finds, in the order shown for an empty query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaletteGroup {
    /// What the program can do.
    Commands,
    /// Workspaces, by their names.
    Workspaces,
    /// Stories, by their titles.
    Stories,
    /// Buckets, by their names.
    Buckets,
    /// Objects, by their keys.
    Objects,
}

impl PaletteGroup {
    /// Its heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commands => "Commands",
            Self::Workspaces => "Workspaces",
            Self::Stories => "Stories",
            Self::Buckets => "Buckets",
            Self::Objects => "Objects",
        }
    }
}

/// Something the palette can find.
#[derive(Clone, Debug, PartialEq)]
pub struct PaletteEntry {
    /// What kind of thing it is.
    pub group: PaletteGroup,
    /// Its icon.
    pub icon: Icon,
    /// Its name, which is what is searched.
    pub text: String,
    /// Quiet words at the right: the bucket of an object, the state of a story.
    pub detail: String,
    /// The keys that do the same; empty without keys.
    pub keys: String,
    /// Why it cannot be chosen now.
    pub disabled: Option<String>,
    /// What choosing it does.
    pub action: Action,
}

impl PaletteEntry {
    /// The entries of all commands but the palette's own; `why_not` says why one cannot be chosen now.
    pub fn commands(why_not: impl Fn(Command) -> Option<String>) -> impl Iterator<Item = Self> {
        let commands = Command::ALL.iter().copied();
        commands
            .filter(|command| *command != Command::Palette)
            .map(move |command| Self {
                group: PaletteGroup::Commands,
                icon: command.icon(),
                text: command.name().to_owned(),
                detail: String::new(),
                keys: command.keys(),
                disabled: why_not(command),
                action: Action::Command(command),
            })
    }
}

/// The palette: what is typed, what was found, what is selected.
#[derive(Debug, Default)]
pub struct Palette {
    open: bool,
    query: String,
    selected: usize,
    found: Vec<(PaletteEntry, Match)>,
    /// What was found belongs to another query or to older things.
    stale: bool,
    /// The window has not shown it since it was opened.
    fresh: bool,
}

/// What the user did in a frame.
enum Answer {
    Run(Box<Action>),
    Close,
}

impl Palette {
    /// Opens it with an empty field. Does nothing while it is open.
    pub fn open(&mut self) {
        if !self.open {
            *self = Self {
                open: true,
                stale: true,
                fresh: true,
                ..Self::default()
            };
        }
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// What is typed into it, while it is open.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.open.then_some(self.query.as_str())
    }

    /// Searches anew in the next frame: the things that can be found have changed.
    pub fn refresh(&mut self) {
        self.stale = true;
    }

    /// Draws the palette while it is open; answers what the user chose. `entries` is called only when the query has
    /// changed; it may answer what cannot match, and more than is shown.
    pub fn show(&mut self, ctx: &Context, entries: &dyn Fn(&str) -> Vec<PaletteEntry>) -> Option<Action> {
        if !self.open {
            return None;
        }
        let id = Id::unique("palette");
        if self.fresh {
            modal::remember_focus(ctx, id);
        }
        self.search(entries);

        let t = Tokens::of_ctx(ctx);
        let window = ctx.content_rect();
        let width = WIDTH.min(window.width() - 32.0);
        // Hung from its top, so that the field stays where it is when the list becomes shorter.
        let top = (window.height() * 0.14).clamp(16.0, 120.0);
        let list_height = (window.height() - top - FIELD - 32.0).clamp(80.0, 420.0);
        let frame = Frame::popup(&ctx.global_style())
            .corner_radius(radius::MODAL)
            .shadow(ctx.global_style().visuals.window_shadow)
            .inner_margin(0);
        let area = Modal::default_area(id)
            .anchor(Align2::CENTER_TOP, vec2(0.0, top))
            .default_size(vec2(width, FIELD + list_height));
        let answer = Modal::new(id)
            .area(area)
            .frame(frame)
            .backdrop_color(t.scrim)
            .show(ctx, |ui| {
                ui.accesskit_node_builder(ui.unique_id(), |node| {
                    node.set_label("Command palette");
                    node.set_modal();
                });
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 0.0;
                let (answer, moved) = self.keys(ui);
                let field = self.field(ui, id.with("field"));
                if field.changed() {
                    self.selected = 0;
                    self.stale = true;
                    self.search(entries);
                }
                let clicked = self.list(ui, list_height, &field, moved || field.changed());
                answer.or(clicked)
            });
        self.fresh = false;
        let answer = if answer.should_close() {
            Some(Answer::Close)
        } else {
            answer.inner
        };
        let action = match answer? {
            Answer::Close => None,
            Answer::Run(action) => Some(*action),
        };
        self.open = false;
        if action.as_ref().is_none_or(keeps_focus) {
            modal::return_focus(ctx, id);
        }
        ctx.request_repaint();
        action
    }

    fn search(&mut self, entries: &dyn Fn(&str) -> Vec<PaletteEntry>) {
        if self.stale {
            self.stale = false;
            self.found = found(&self.query, entries(self.query.trim()));
            self.selected = self.selected.min(self.found.len().saturating_sub(1));
        }
    }

    /// The keys that the field must not get; answers whether they moved the selection too.
    fn keys(&mut self, ui: &Ui) -> (Option<Answer>, bool) {
        let last = self.found.len().saturating_sub(1);
        let before = self.selected;
        let (mut enter, mut again) = (false, false);
        ui.input_mut(|input| {
            let mut pressed = |key| input.count_and_consume_key(Modifiers::NONE, key);
            for _ in 0..pressed(Key::ArrowDown) {
                self.selected = if self.selected >= last { 0 } else { self.selected + 1 };
            }
            for _ in 0..pressed(Key::ArrowUp) {
                self.selected = self.selected.checked_sub(1).unwrap_or(last);
            }
            self.selected = (self.selected + PAGE * pressed(Key::PageDown)).min(last);
            self.selected = self.selected.saturating_sub(PAGE * pressed(Key::PageUp));
            enter = pressed(Key::Enter) > 0;
            again = Command::Palette
                .shortcut()
                .is_some_and(|keys| input.consume_shortcut(&keys));
        });
        let answer = if again {
            Some(Answer::Close)
        } else {
            enter.then(|| self.choice(self.selected)).flatten()
        };
        (answer, self.selected != before)
    }

    fn choice(&self, at: usize) -> Option<Answer> {
        let (entry, _) = self.found.get(at)?;
        entry
            .disabled
            .is_none()
            .then(|| Answer::Run(Box::new(entry.action.clone())))
    }

    fn field(&mut self, ui: &mut Ui, id: Id) -> Response {
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), FIELD), Sense::hover());
        let painter = ui.painter();
        painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let middle = rect.center().y;
        icon::MAGNIFYING_GLASS.paint(painter, pos2(rect.left() + ICON_AT, middle), size::ICON, t.tx3);

        let cap = Rect::from_min_max(
            pos2(rect.right() - 64.0, rect.top()),
            rect.right_bottom() - vec2(12.0, 0.0),
        );
        ui.scope_builder(
            UiBuilder::new()
                .max_rect(cap)
                .layout(Layout::right_to_left(Align::Center)),
            |ui| ui.add(KeyCap::new("Esc")),
        );
        let edit = Rect::from_min_max(
            pos2(rect.left() + TEXT_AT, middle - size::CONTROL * 0.5),
            pos2(cap.left(), middle + size::CONTROL * 0.5),
        );
        let mut child = ui.new_child(UiBuilder::new().max_rect(edit));
        child.visuals_mut().weak_text_color = Some(t.tx3);
        let response = TextEdit::singleline(&mut self.query)
            .id(id)
            .font(Type::Body.font())
            .text_color(t.tx1)
            .frame(Frame::NONE)
            .hint_text(Type::Body.rich("Find commands, stories, buckets and objects"))
            .desired_width(edit.width())
            .min_size(edit.size())
            .align(Align2::LEFT_CENTER)
            .show(&mut child)
            .response
            .response;
        if !response.has_focus() {
            response.request_focus();
        }
        let found = self.found.get(self.selected).map(|_| row_id(id, self.selected));
        ui.accesskit_node_builder(id, |node| {
            node.set_label("Find anything");
            if let Some(row) = found {
                node.set_active_descendant(row.accesskit_id());
            }
        });
        response
    }

    fn list(&mut self, ui: &mut Ui, height: f32, field: &Response, scroll: bool) -> Option<Answer> {
        if self.found.is_empty() {
            let line = if self.query.trim().is_empty() {
                "Nothing to find yet".to_owned()
            } else {
                format!("No match for “{}”", self.query.trim())
            };
            EmptyState::new(
                icon::MAGNIFYING_GLASS,
                &line,
                "Try fewer letters, or the beginnings of words",
            )
            .height(132.0)
            .show(ui);
            return None;
        }
        let mut answer = None;
        ScrollArea::vertical().max_height(height).show(ui, |ui| {
            ui.add_space(MARGIN * 0.5);
            let mut group = None;
            for at in 0..self.found.len() {
                let (entry, found) = &self.found[at];
                if group != Some(entry.group) {
                    group = Some(entry.group);
                    heading(ui, entry.group.name());
                }
                let selected = at == self.selected;
                let row = row(ui, row_id(field.id, at), entry, &found.ranges, selected);
                if selected && scroll {
                    row.scroll_to_me(None);
                }
                // Only a pointer that moves selects: one that merely lies there must not fight the arrows.
                if row.hovered() && ui.input(|input| input.pointer.delta() != egui::Vec2::ZERO) {
                    self.selected = at;
                }
                if row.clicked() {
                    answer = self.choice(at);
                }
            }
            ui.add_space(MARGIN);
        });
        answer
    }
}

fn row_id(field: Id, at: usize) -> Id {
    field.with(("row", at))
}

/// Whether what had focus before the palette should have it again: not when the action moves it itself.
fn keeps_focus(action: &Action) -> bool {
    matches!(
        action,
        Action::Command(
            Command::Refresh
                | Command::ToggleDock
                | Command::ToggleInspector
                | Command::Previous
                | Command::Next
                | Command::Generate
                | Command::Flip
                | Command::Keep
                | Command::Reject
                | Command::ReplaceLive
                | Command::LockSeed
                | Command::Undo
                | Command::ThemeDark
                | Command::ThemeLight
                | Command::ThemeSystem
        )
    )
}

/// What matches, best first within its group, the group with the best match first.
fn found(query: &str, entries: Vec<PaletteEntry>) -> Vec<(PaletteEntry, Match)> {
    let mut found: Vec<_> = entries
        .into_iter()
        .filter_map(|entry| palette_match::find(query, &entry.text).map(|found| (entry, found)))
        .collect();
    let best = |group| {
        found
            .iter()
            .filter(|(entry, _)| entry.group == group)
            .map(|(_, found)| found.score)
            .max()
    };
    let mut groups = [
        PaletteGroup::Commands,
        PaletteGroup::Stories,
        PaletteGroup::Buckets,
        PaletteGroup::Objects,
    ]
    .map(|group| (group, best(group)));
    groups.sort_by_key(|(group, best)| (std::cmp::Reverse(*best), *group));
    let place = |group| groups.iter().position(|(other, _)| *other == group);
    // Stable: equal matches stay in the order they came in.
    found.sort_by_key(|(entry, found)| (place(entry.group), std::cmp::Reverse(found.score)));
    let mut of_a_kind = 0;
    let mut kind = None;
    found.retain(|(entry, _)| {
        of_a_kind = if kind == Some(entry.group) { of_a_kind + 1 } else { 1 };
        kind = Some(entry.group);
        of_a_kind <= MOST_OF_A_KIND
    });
    found.truncate(MOST_ROWS);
    found
}

fn heading(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEADING), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.painter().text(
        pos2(rect.left() + MARGIN + 4.0, rect.center().y + 1.0),
        Align2::LEFT_CENTER,
        words,
        Type::Caption.font(),
        t.tx3,
    );
}

fn row(ui: &mut Ui, id: Id, entry: &PaletteEntry, matched: &[Range<usize>], selected: bool) -> Response {
    let t = Tokens::of(ui);
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let rect = line.shrink2(vec2(MARGIN, 0.0));
    // Not focusable: the field keeps focus and names the row as its active descendant.
    let response = ui.interact(rect, id, Sense::CLICK);
    let enabled = entry.disabled.is_none();
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, enabled, selected, &entry.text));
    ui.accesskit_node_builder(id, |node| {
        node.set_selected(selected);
        if let Some(reason) = &entry.disabled {
            node.set_description(reason.as_str());
        }
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if selected {
        ui.painter().rect_filled(rect, radius::CONTROL, t.bg3);
    }
    let (icon_color, words, strong) = if enabled {
        (t.tx2, t.tx1, t.tx1)
    } else {
        (t.tx3, t.tx3, t.tx3)
    };
    let middle = rect.center().y;
    entry.icon.paint(
        ui.painter(),
        pos2(line.left() + ICON_AT, middle),
        size::ICON,
        icon_color,
    );

    let right = entry.disabled.as_deref().unwrap_or(&entry.detail);
    let mut edge = rect.right() - 10.0;
    for (quiet, limit) in [(entry.keys.as_str(), 120.0), (right, rect.width() * 0.45)] {
        if quiet.is_empty() {
            continue;
        }
        let galley = ui.painter().layout_job(Type::Caption.line(quiet, t.tx3, limit));
        let at = Align2::RIGHT_CENTER.anchor_size(pos2(edge, middle), galley.size());
        edge = at.left() - 12.0;
        ui.painter().galley(at.min, galley, t.tx3);
    }
    let left = line.left() + TEXT_AT;
    let galley = ui
        .painter()
        .layout_job(emphasised(&entry.text, matched, words, strong, edge - left));
    let at = Align2::LEFT_CENTER.anchor_size(pos2(left, middle), galley.size());
    ui.painter().galley(at.min, galley, words);
    match &entry.disabled {
        Some(reason) => tooltip_disabled(response, reason),
        None => response,
    }
}

/// One line with its matched letters in bold, cut with "…" at `width`.
fn emphasised(text: &str, matched: &[Range<usize>], plain: Color32, strong: Color32, width: f32) -> LayoutJob {
    let mut job = Type::Body.line(String::new(), plain, width);
    job.sections.clear();
    let mut add = |part: &str, format| {
        if !part.is_empty() {
            job.append(part, 0.0, format);
        }
    };
    let mut at = 0;
    for range in matched {
        add(&text[at..range.start], Type::Body.format(plain));
        add(&text[range.clone()], Type::Section.format(strong));
        at = range.end;
    }
    add(&text[at..], Type::Body.format(plain));
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(group: PaletteGroup, text: &str) -> PaletteEntry {
        PaletteEntry {
            group,
            icon: icon::FILE,
            text: text.to_owned(),
            detail: String::new(),
            keys: String::new(),
            disabled: None,
            action: Action::ExplainUrl(text.to_owned()),
        }
    }

    fn texts(query: &str, entries: Vec<PaletteEntry>) -> Vec<String> {
        found(query, entries).into_iter().map(|(entry, _)| entry.text).collect()
    }

    #[test]
    fn nothing_typed_keeps_the_order_of_groups() {
        let entries = vec![
            entry(PaletteGroup::Objects, "a.png"),
            entry(PaletteGroup::Commands, "Quit"),
            entry(PaletteGroup::Commands, "About"),
        ];
        assert_eq!(texts("", entries), ["Quit", "About", "a.png"]);
    }

    #[test]
    fn the_group_with_the_best_match_is_first() {
        let entries = vec![
            entry(PaletteGroup::Commands, "Show pip"),
            entry(PaletteGroup::Stories, "Oh, Pip"),
            entry(PaletteGroup::Stories, "Pip and the Lost Star"),
            entry(PaletteGroup::Commands, "Quit"),
        ];
        assert_eq!(texts("pip", entries), ["Pip and the Lost Star", "Oh, Pip", "Show pip"]);
    }

    #[test]
    fn many_objects_do_not_hide_a_bucket() {
        let mut entries: Vec<_> = (0..1000)
            .map(|n| entry(PaletteGroup::Objects, &format!("story/{n}.png")))
            .collect();
        entries.push(entry(PaletteGroup::Buckets, "a-story"));
        let found = texts("story", entries);
        assert_eq!(found.len(), MOST_OF_A_KIND + 1);
        assert!(found.contains(&"a-story".to_owned()));
    }

    #[test]
    fn matched_letters_are_a_part_of_the_whole_text() {
        let job = emphasised("Möhre.png", &[0..3, 7..10], Color32::WHITE, Color32::WHITE, 100.0);
        assert_eq!(job.text, "Möhre.png");
        assert_eq!(job.sections.len(), 3);
    }
}
