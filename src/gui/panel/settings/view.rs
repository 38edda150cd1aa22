//! The page: appearance, workspace, data, about.

use egui::{Align, Layout, ScrollArea, Sense, Ui, vec2};

use super::licences::LICENCES;
use super::state::{Facts, Settings, State, Theme};
use crate::gui::action::{Action, Command};
use crate::gui::icon;
use crate::gui::theme::{Tokens, Tone, Type, size, space};
use crate::gui::widget::{
    Badge, Button, IconButton, Row, Segment, follow_focus, frame, key_mono, key_text, key_value, segmented, text,
    toggle,
};

/// Lines longer than this are hard to read.
const WIDTH: f32 = 720.0;
const NAME: f32 = 132.0;
const CONTROL_ROW: f32 = 44.0;
const LICENCE_HEIGHT: f32 = 240.0;

const PROJECT: &str = "SUPABASE_URL=https://PROJECT.supabase.co \\\nSUPABASE_KEY=YOUR_KEY \\\nstorymimi-studio";
const PROVIDER: &str = "STORYMIMI_AI_URL=https://api.openai.com/v1 \\\nSTORYMIMI_AI_KEY=YOUR_KEY \\\n\
                        STORYMIMI_TEXT_MODEL=TEXT_MODEL \\\nSTORYMIMI_IMAGE_MODEL=IMAGE_MODEL \\\nstorymimi-studio";

/// Draws the page. What is set takes effect at once.
pub fn show(ui: &mut Ui, state: &mut State, actions: &mut Vec<Action>) {
    egui::CentralPanel::default().frame(frame::panel(ui)).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = (ui.available_width() - 2.0 * space::CONTENT).min(WIDTH);
            ui.add_space(24.0);
            ui.allocate_ui_with_layout(vec2(ui.available_width(), 0.0), Layout::top_down(Align::Center), |ui| {
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    page(ui, state, actions);
                });
            });
            ui.add_space(24.0);
            follow_focus(ui, 24.0);
        });
    });
}

fn page(ui: &mut Ui, state: &mut State, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Title, "Settings", t.tx1);
    section(ui, "Appearance", "", |ui| {
        let before = state.settings;
        appearance(ui, &mut state.settings);
        if state.settings != before {
            state.settings.apply(ui);
        }
    });
    section(ui, "Uploads", "", |ui| uploads(ui, &mut state.settings));
    section(ui, "Workspace", "", |ui| workspace(ui, &state.facts));
    section(ui, "Other workspaces", "", |ui| others(ui, &state.facts, actions));
    section(ui, "Data", "", |ui| data(ui, &state.facts, actions));
    section(ui, "Licences", "What is inside the program besides its code", |ui| {
        licences(ui, &mut state.licence);
    });
}

fn section(ui: &mut Ui, title: &str, caption: &str, contents: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    ui.add_space(space::CONTENT);
    ui.horizontal(|ui| {
        text::label(ui, Type::Head, title, t.tx1);
        if !caption.is_empty() {
            text::elided(ui, Type::Caption, caption, t.tx3);
        }
    });
    ui.add_space(2.0);
    frame::card(ui, space::PANEL as i8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        contents(ui);
    });
}

/// A setting: its name and what it does at the left, its control at the right.
fn setting(ui: &mut Ui, name: &str, words: &str, control: impl FnOnce(&mut Ui)) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), CONTROL_ROW), Sense::hover());
    let mut left = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::top_down(Align::Min)),
    );
    left.spacing_mut().item_spacing.y = 2.0;
    left.add_space(5.0);
    text::label(&mut left, Type::Strong, name, t.tx1);
    text::label(&mut left, Type::Caption, words, t.tx3);
    let right = Layout::right_to_left(Align::Center);
    control(&mut ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(right)));
}

fn appearance(ui: &mut Ui, settings: &mut Settings) {
    setting(
        ui,
        "Theme",
        "System follows the dark or light setting of your desktop",
        |ui| {
            let themes = [
                (Theme::System, Segment::words("System")),
                (Theme::Dark, Segment::words("Dark")),
                (Theme::Light, Segment::words("Light")),
            ];
            segmented(ui, &mut settings.theme, &themes);
        },
    );
    frame::section_break(ui);
    setting(
        ui,
        "Interface size",
        "80 to 200 %, also with Ctrl + and Ctrl −",
        |ui| zoom(ui, settings),
    );
    frame::section_break(ui);
    setting(
        ui,
        "Reduced motion",
        "Nothing slides or fades; spinners stand still",
        |ui| {
            toggle(ui, "Reduced motion", &mut settings.reduced_motion);
        },
    );
}

fn uploads(ui: &mut Ui, settings: &mut Settings) {
    setting(
        ui,
        "Review every upload",
        "Off: files that are ready are sent at once, and only others are looked through",
        |ui| {
            toggle(ui, "Review every upload", &mut settings.uploads.always_ask);
        },
    );
}

/// Right to left.
fn zoom(ui: &mut Ui, settings: &mut Settings) {
    let t = Tokens::of(ui);
    let (larger, smaller) = (settings.larger(), settings.smaller());
    let reason = |next: Option<u32>, words| next.is_none().then_some(words);
    let up = IconButton::new(icon::PLUS, "Larger").framed();
    if ui
        .add(up.disabled_because(reason(larger, "200 % is the largest")))
        .clicked()
    {
        settings.zoom = larger.unwrap_or(settings.zoom);
    }
    let (rect, response) = ui.allocate_exact_size(vec2(48.0, size::CONTROL), Sense::hover());
    let words = format!("{} %", settings.zoom_percent());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
    ui.painter().text(
        rect.center(),
        egui::Align2::CENTER_CENTER,
        &words,
        Type::Mono.font(),
        t.tx1,
    );
    let down = IconButton::new(icon::MINUS, "Smaller").framed();
    if ui
        .add(down.disabled_because(reason(smaller, "80 % is the smallest")))
        .clicked()
    {
        settings.zoom = smaller.unwrap_or(settings.zoom);
    }
    if settings.zoom != 100 && ui.add(Button::ghost("Reset").small()).clicked() {
        settings.zoom = 100;
    }
}

fn workspace(ui: &mut Ui, facts: &Facts) {
    key_value(ui, NAME, "Name", |ui| {
        text::label(ui, Type::SmallStrong, facts.name.as_str(), Tokens::of(ui).tx1);
        if facts.is_local {
            ui.add(Badge::new(Tone::Neutral, "Embedded server"));
        }
    });
    key_mono(ui, NAME, "URL", &facts.url);
    key_value(ui, NAME, "Role of the key", |ui| {
        let (tone, icon) = if facts.is_service {
            (Tone::Warn, icon::KEY)
        } else {
            (Tone::Neutral, icon::USER)
        };
        ui.add(Badge::new(tone, &facts.key).icon(icon));
    });
    key_mono(ui, NAME, "Bucket of pictures", &facts.bucket);
    frame::section_break(ui);
    key_text(ui, NAME, "Writes", &facts.text_engine);
    key_text(ui, NAME, "Draws", &facts.image_engine);
    if let Some(provider) = &facts.provider {
        key_mono(ui, NAME, "Provider", provider);
    }
}

/// How to work on another project or with another provider, and what that keeps where.
fn others(ui: &mut Ui, facts: &Facts, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let words = "Each workspace has its own project, key or sign-in, bucket, tables and AI provider. The list is a file \
                 without secrets; keys are in the system's keychain, in a file that a passphrase opens, or nowhere, as \
                 chosen for each.";
    text::wrapped(ui, Type::Small, words, t.tx2);
    ui.add_space(space::SECTION);
    ui.horizontal(|ui| {
        if ui.add(Button::new("Add workspace…").icon(icon::PLUS)).clicked() {
            actions.push(Action::AddWorkspace);
        }
        let why_not = facts.is_local.then_some("The local workspace has nothing to set");
        let edit = Button::new("Edit this workspace…").icon(icon::PENCIL_SIMPLE);
        if ui.add(edit.disabled_because(why_not)).clicked() {
            actions.push(Action::Command(Command::EditWorkspace));
        }
    });
    frame::section_break(ui);
    command(ui, "For one run, without keeping anything: a project", PROJECT, actions);
    ui.add_space(space::SECTION);
    let words = "For one run, in every workspace: an AI provider that speaks OpenAI's API";
    command(ui, words, PROVIDER, actions);
}

fn command(ui: &mut Ui, words: &str, command: &str, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    text::line(ui, size::CONTROL, |ui| {
        text::label(ui, Type::Small, words, t.tx2);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = format!("Copy: {}", words.to_lowercase());
            if ui.add(IconButton::new(icon::COPY, &name)).clicked() {
                actions.push(Action::Copy {
                    text: command.to_owned(),
                    what: "Command",
                });
            }
        });
    });
    ui.add_space(space::LABEL);
    frame::code(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        text::selectable(ui, Type::Mono, command, t.tx1);
    });
}

fn data(ui: &mut Ui, facts: &Facts, actions: &mut Vec<Action>) {
    key_value(ui, NAME, "Folder", |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(IconButton::new(icon::COPY, "Copy the folder's path").small())
                .clicked()
            {
                actions.push(Action::Copy {
                    text: facts.home.clone(),
                    what: "path",
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::MonoSmall, &facts.home, Tokens::of(ui).tx1);
            });
        });
    });
    key_text(
        ui,
        NAME,
        "In it",
        "The embedded server's files, the journals, the list of workspaces, and how the window was left",
    );
    key_mono(ui, NAME, "Moved with", "STORYMIMI_HOME");
    key_text(ui, NAME, "Version", env!("CARGO_PKG_VERSION"));
}

fn licences(ui: &mut Ui, open: &mut Option<usize>) {
    let t = Tokens::of(ui);
    for (at, licence) in LICENCES.iter().enumerate() {
        let is_open = *open == Some(at);
        let row = Row::new(licence.name, 32.0).show(ui, |ui| {
            let caret = if is_open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
            let (rect, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON_SMALL), Sense::hover());
            caret.paint(ui.painter(), rect.center(), size::ICON_SMALL, t.tx3);
            text::label(ui, Type::SmallStrong, licence.name, t.tx1);
            text::label(ui, Type::Small, licence.of, t.tx3);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                text::label(ui, Type::Caption, licence.terms, t.tx3);
            });
        });
        ui.accesskit_node_builder(row.id, |node| node.set_expanded(is_open));
        if row.clicked() {
            *open = (!is_open).then_some(at);
        }
        if is_open {
            frame::code(ui).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ScrollArea::vertical()
                    .id_salt(licence.name)
                    .max_height(LICENCE_HEIGHT)
                    .show(ui, |ui| text::selectable(ui, Type::MonoSmall, licence.text, t.tx2));
            });
            ui.add_space(space::TIGHT);
        }
    }
}
