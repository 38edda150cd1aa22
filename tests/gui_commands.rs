//! The palette, the list of keys and the settings, used through their accessible names.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::Path;

use egui::{Key, Modifiers, Role, Theme, Ui};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};
use storymimi_studio::gui::action::{Action, Command, Place, pressed};
use storymimi_studio::gui::icon;
use storymimi_studio::gui::panel::settings;
use storymimi_studio::gui::shell::palette::{Palette, PaletteEntry, PaletteGroup};
use storymimi_studio::gui::shell::shortcuts;
use storymimi_studio::gui::theme::Tokens;
use storymimi_studio::gui::widget::{Button, TextField};
use storymimi_studio::http::Secret;
use storymimi_studio::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};

const LOOKS: [(Theme, &str); 2] = [(Theme::Dark, "dark"), (Theme::Light, "light")];
const WINDOW: [f32; 2] = [1280.0, 800.0];

#[derive(Default)]
struct Window {
    palette: Palette,
    keys: bool,
    filter: String,
    actions: Vec<Action>,
}

fn entry(group: PaletteGroup, icon: icon::Icon, text: &str, detail: &str) -> PaletteEntry {
    PaletteEntry {
        group,
        icon,
        text: text.to_owned(),
        detail: detail.to_owned(),
        keys: String::new(),
        disabled: None,
        action: Action::Go(Place::Buckets),
    }
}

fn entries(_query: &str) -> Vec<PaletteEntry> {
    let commands = PaletteEntry::commands(|command| {
        (command == Command::Undo).then(|| "Nothing has been replaced yet".to_owned())
    });
    let things = [
        entry(
            PaletteGroup::Stories,
            icon::BOOK_OPEN,
            "Pip and the Lost Star",
            "8 scenes",
        ),
        entry(
            PaletteGroup::Stories,
            icon::BOOK_OPEN,
            "Otis and the Rainbow Kite",
            "6 scenes",
        ),
        entry(PaletteGroup::Buckets, icon::DATABASE, "story-images", "Public"),
        entry(
            PaletteGroup::Objects,
            icon::FILE_IMAGE,
            "stories/pip-lost-star/scene_3.png",
            "story-images",
        ),
    ];
    commands.chain(things).collect()
}

fn window(ui: &mut Ui, state: &mut Window) {
    for command in pressed(ui, |_| true) {
        match command {
            Command::Palette => state.palette.open(),
            Command::Shortcuts => state.keys = true,
            other => state.actions.push(Action::Command(other)),
        }
    }
    ui.painter().rect_filled(ui.clip_rect(), 0, Tokens::of(ui).bg1);
    ui.add(Button::new("Elsewhere"));
    TextField::search("Filter stories", &mut state.filter)
        .width(240.0)
        .show(ui);
    if state.keys && shortcuts::show(ui) {
        state.keys = false;
    }
    state.actions.extend(state.palette.show(ui, &entries));
}

fn open(look: Theme) -> Harness<'static, Window> {
    support::builder(WINDOW, look).build_ui_state(window, Window::default())
}

fn type_text(harness: &mut Harness<'_, Window>, text: &str) {
    harness.event(egui::Event::Text(text.to_owned()));
    harness.run();
}

fn is_selected(harness: &Harness<'_, Window>, row: &str) -> bool {
    let row = harness.get_by_role_and_label(Role::ListBoxOption, row);
    row.accesskit_node().is_selected() == Some(true)
}

#[test]
fn the_palette_opens_filters_and_runs() {
    let mut harness = open(Theme::Dark);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Find anything");
    assert!(harness.ctx.text_edit_focused(), "one can type at once");
    let first = harness.get_by_role_and_label(Role::ListBoxOption, "New story");
    assert!(first.is_focused(), "a screen reader reads the selected row");

    type_text(&mut harness, "theme");
    assert!(harness.query_by_label("Quit").is_none());
    assert!(is_selected(&harness, "Dark theme"));
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert!(is_selected(&harness, "Light theme"));
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, [Action::Command(Command::ThemeLight)]);
    assert!(!harness.state().palette.is_open());
}

#[test]
fn the_arrows_go_round_and_a_click_runs() {
    let mut harness = open(Theme::Dark);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    type_text(&mut harness, "pip");
    harness.key_press(Key::ArrowUp);
    harness.run();
    let last = "stories/pip-lost-star/scene_3.png";
    assert!(is_selected(&harness, last));
    harness.get_by_label(last).click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::Go(Place::Buckets)]);
}

#[test]
fn esc_closes_the_palette_and_gives_focus_back() {
    let mut harness = open(Theme::Dark);
    harness.get_by_label("Filter stories").focus();
    harness.run();
    for closing in [(Modifiers::NONE, Key::Escape), (Modifiers::COMMAND, Key::K)] {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
        harness.run();
        type_text(&mut harness, "ot");
        harness.key_press_modifiers(closing.0, closing.1);
        harness.run();
        assert!(!harness.state().palette.is_open());
        assert!(harness.get_by_label("Filter stories").is_focused());
    }
    assert_eq!(harness.state().filter, "", "what was typed went to the palette");
    assert_eq!(harness.state().actions, []);
}

#[test]
fn what_cannot_be_done_says_why_and_is_not_done() {
    let mut harness = open(Theme::Dark);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    type_text(&mut harness, "undo");
    let undo = harness.get_by_role_and_label(Role::ListBoxOption, "Undo last replacement");
    assert!(undo.accesskit_node().is_disabled());
    undo.click();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);
    assert!(harness.state().palette.is_open());
}

#[test]
fn keys_do_not_act_on_what_a_modal_covers() {
    let mut harness = open(Theme::Dark);
    harness.key_press(Key::F1);
    harness.run();
    harness.get_by_label("Normal size");
    harness.key_press(Key::G);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    assert_eq!(harness.state().actions, []);
    assert!(!harness.state().palette.is_open());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.state().keys);
}

#[test]
fn pictures_of_the_palette_and_the_keys() {
    let mut results = SnapshotResults::new();
    for (look, name) in LOOKS {
        let mut harness = open(look);
        harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
        harness.run();
        harness.snapshot(format!("palette_{name}"));
        type_text(&mut harness, "st im");
        harness.snapshot(format!("palette_query_{name}"));
        harness.key_press(Key::Escape);
        harness.run();
        harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
        harness.run();
        type_text(&mut harness, "owlet");
        harness.snapshot(format!("palette_empty_{name}"));
        harness.key_press(Key::Escape);
        harness.run();
        harness.key_press(Key::F1);
        harness.run();
        harness.snapshot(format!("shortcuts_{name}"));
        results.extend(harness.take_snapshot_results());
    }
}

struct Page {
    state: settings::State,
    actions: Vec<Action>,
}

fn page(is_local: bool) -> Page {
    let builtin = Provider::built_in("http://127.0.0.1:54321/v1".to_owned(), Secret::new("local"));
    let workspace = if is_local {
        let url = ProjectUrl::parse("http://127.0.0.1:54321").unwrap();
        Workspace::local(url, ApiKey::parse("sb_secret_local").unwrap(), builtin)
    } else {
        let url = ProjectUrl::parse("https://abcdefghijklmnopqrst.supabase.co").unwrap();
        Workspace::project(url, ApiKey::parse("sb_publishable_x").unwrap(), builtin)
    };
    let home = Home::at(Path::new("/home/editor/.local/share/storymimi-studio"));
    Page {
        state: settings::State::new(settings::Settings::default(), &workspace, &home),
        actions: Vec::new(),
    }
}

fn settings_in(size: [f32; 2], look: Theme, is_local: bool) -> Harness<'static, Page> {
    support::builder(size, look).build_ui_state(
        |ui, page: &mut Page| {
            page.state.settings.follow(ui);
            settings::show(ui, &mut page.state, &mut page.actions);
        },
        page(is_local),
    )
}

#[test]
fn the_settings_take_effect_at_once() {
    let mut harness = settings_in(WINDOW, Theme::Dark, true);
    harness.get_by_role_and_label(Role::RadioButton, "Light").click();
    harness.run();
    assert_eq!(harness.ctx.theme(), Theme::Light);
    harness.get_by_role_and_label(Role::RadioButton, "Dark").click();
    harness.run();
    assert_eq!(harness.ctx.theme(), Theme::Dark);
    assert_eq!(harness.state().state.settings.theme, settings::Theme::Dark);

    harness.get_by_role_and_label(Role::Switch, "Reduced motion").click();
    harness.run();
    assert_eq!(harness.ctx.global_style().animation_time, 0.0);

    harness.get_by_label("Larger").click();
    harness.run();
    assert_eq!(harness.ctx.zoom_factor(), 1.1);
    harness.get_by_label("110 %");
    harness.get_by_label("Reset").click();
    harness.run();
    assert_eq!(harness.ctx.zoom_factor(), 1.0);
}

#[test]
fn the_folder_can_be_copied_and_a_licence_read() {
    let mut harness = settings_in([1280.0, 1600.0], Theme::Dark, true);
    harness.get_by_label("Copy the folder's path").click();
    harness.run();
    let copied = Action::Copy {
        text: "/home/editor/.local/share/storymimi-studio".to_owned(),
        what: "path",
    };
    assert_eq!(harness.state().actions, [copied]);
    harness.get_by_role_and_label(Role::ListBoxOption, "Inter").click();
    harness.run();
    harness.get_by_label_contains("SIL OPEN FONT LICENSE");
}

#[test]
fn pictures_of_the_settings() {
    let mut results = SnapshotResults::new();
    for (look, name) in LOOKS {
        let mut harness = settings_in([1376.0, 1240.0], look, true);
        harness.snapshot(format!("settings_{name}"));
        results.extend(harness.take_snapshot_results());
    }
    let mut harness = settings_in([1056.0, 632.0], Theme::Dark, false);
    harness.snapshot("settings_small");
    results.extend(harness.take_snapshot_results());
}
