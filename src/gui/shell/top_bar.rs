//! The bar at the top: which workspace, search, and what is going on.

use egui::{Align, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::switcher;
use crate::gui::action::{Action, Command};
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{IconButton, KeyCap, Progress, ProgressBar, paint, text};
use crate::media::group_thousands;
use crate::service::{Job, Moving};

/// The bar's height.
pub const HEIGHT: f32 = 44.0;
const SEARCH: egui::Vec2 = vec2(400.0, 28.0);

/// What the bar tells.
pub struct Facts<'a> {
    /// The workspace and the others.
    pub switcher: switcher::Facts<'a>,
    /// All jobs.
    pub jobs: &'a [Job],
    /// All transfers.
    pub moving: &'a Moving,
    /// Whether the inspector is open; `None` in a place without one.
    pub inspector: Option<bool>,
}

/// Draws the bar.
pub fn show(ui: &mut Ui, facts: &Facts<'_>, actions: &mut Vec<Action>) {
    let whole = ui.max_rect();
    if facts.switcher.service.workspace().is_admin() {
        // The key passes every policy: that is to be seen in every place.
        let strip = Rect::from_min_size(whole.min, vec2(whole.width(), 2.0));
        ui.painter().rect_filled(strip, 0, Tokens::of(ui).warn_fill);
    }
    let search = Rect::from_center_size(pos2(whole.center().x, whole.center().y), SEARCH);
    let left = Rect::from_min_max(whole.min, pos2(search.left() - space::CONTROL, whole.bottom()));
    let right = Rect::from_min_max(pos2(search.right() + space::CONTROL, whole.top()), whole.max);
    let layout = Layout::left_to_right(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(left).layout(layout), |ui| {
        ui.add_space(14.0);
        switcher::show(ui, &facts.switcher, actions);
    });
    ui.scope_builder(UiBuilder::new().max_rect(search).layout(layout), |ui| {
        search_field(ui, actions);
    });
    let layout = Layout::right_to_left(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(right).layout(layout), |ui| {
        tools(ui, facts, actions);
    });
}

/// Looks like a field and opens the palette, which is one.
fn search_field(ui: &mut Ui, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(SEARCH, Sense::click());
    let words = "Search stories, objects and commands";
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    let line = if response.hovered() { t.tx3 } else { t.line2 };
    ui.painter().rect(
        rect,
        radius::CONTROL,
        t.input,
        egui::Stroke::new(1.0, line),
        egui::StrokeKind::Inside,
    );
    paint::focus_ring(ui, &response, radius::CONTROL);
    let inside = rect.shrink2(vec2(10.0, 0.0));
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(inside)
            .layout(Layout::left_to_right(Align::Center)),
        |ui| {
            let (mark, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
            icon::MAGNIFYING_GLASS.paint(ui.painter(), mark.center(), size::ICON, t.tx2);
            text::label(ui, Type::Body, words, t.tx2);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(KeyCap::new(&Command::Palette.keys()))
            });
        },
    );
    if response.clicked() {
        actions.push(Action::Command(Command::Palette));
    }
}

fn tools(ui: &mut Ui, facts: &Facts<'_>, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.x = 4.0;
    ui.add_space(12.0);
    let mut tool = |ui: &mut Ui, button: IconButton<'_>, command: Command| {
        if ui.add(button.key(&command.keys())).clicked() {
            actions.push(Action::Command(command));
        }
    };
    let inspector = IconButton::new(icon::SIDEBAR_SIMPLE, "Inspector");
    let inspector = match facts.inspector {
        Some(open) => inspector.selected(open),
        None => inspector.disabled_because(Some("This place has no inspector")),
    };
    tool(ui, inspector, Command::ToggleInspector);
    let keys = IconButton::new(icon::KEYBOARD, "Keyboard shortcuts");
    tool(ui, keys, Command::Shortcuts);
    let (mark, name, command) = if t.dark {
        (icon::SUN, "Light theme", Command::ThemeLight)
    } else {
        (icon::MOON, "Dark theme", Command::ThemeDark)
    };
    tool(ui, IconButton::new(mark, name), command);
    running(ui, facts.jobs, actions);
    moving(ui, facts.moving, actions);
}

/// The number of running jobs with how far they are together; opens the dock.
fn running(ui: &mut Ui, jobs: &[Job], actions: &mut Vec<Action>) {
    let open: Vec<&Job> = jobs.iter().filter(|job| !job.state.is_over()).collect();
    if open.is_empty() {
        return;
    }
    let known: Option<Vec<f32>> = open
        .iter()
        .map(|job| {
            job.progress
                .total
                .map(|total| job.progress.done as f32 / total.max(1) as f32)
        })
        .collect();
    let share = known.map(|shares| shares.iter().sum::<f32>() / shares.len() as f32);
    let words = if open.len() == 1 {
        "1 job is running".to_owned()
    } else {
        format!("{} jobs are running", open.len())
    };
    let going = Going {
        mark: icon::LIGHTNING,
        count: open.len().to_string(),
        bar: Progress::Running(share),
        words: &words,
        name: "Show jobs",
    };
    if going.show(ui) {
        actions.push(Action::ShowJobs);
    }
}

/// How many files are still to be moved, with how far they are; opens the transfers.
fn moving(ui: &mut Ui, moving: &Moving, actions: &mut Vec<Action>) {
    let open = moving.open();
    if open == 0 {
        return;
    }
    let words = if open == 1 {
        "1 file is to be moved".to_owned()
    } else {
        format!("{open} files are to be moved")
    };
    let bar = match moving.share() {
        Some(share) if !moving.is_running() => Progress::Paused(share),
        share => Progress::Running(share),
    };
    let going = Going {
        mark: icon::ARROWS_DOWN_UP,
        count: group_thousands(open),
        bar,
        words: &words,
        name: "Show or hide transfers",
    };
    if going.show(ui) {
        actions.push(Action::ToggleTransfers);
    }
}

/// A number of things that go on, with a bar; a click shows them.
struct Going<'a> {
    mark: Icon,
    count: String,
    bar: Progress,
    words: &'a str,
    name: &'a str,
}

impl Going<'_> {
    fn show(&self, ui: &mut Ui) -> bool {
        let t = Tokens::of(ui);
        ui.add_space(space::CONTROL);
        let response = ui
            .scope_builder(
                UiBuilder::new()
                    .sense(Sense::click())
                    .layout(Layout::right_to_left(Align::Center)),
                |ui| {
                    ui.add(ProgressBar::new(self.words, self.bar).width(42.0));
                    text::label(ui, Type::Strong, self.count.as_str(), t.tx1);
                    let (mark, _) = ui.allocate_exact_size(vec2(size::ICON, size::ICON), Sense::hover());
                    self.mark.paint(ui.painter(), mark.center(), size::ICON, t.tx2);
                },
            )
            .response;
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, self.name));
        response.clicked()
    }
}
