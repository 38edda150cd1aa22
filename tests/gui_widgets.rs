//! How the components behave: keys, focus, names, what asks to be drawn again.

mod support;

use std::time::Duration;

use egui::accesskit::Toggled;
use egui::{Align, Key, Modifiers, Role, Theme, Ui, ViewportId, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use storymimi_studio::gui::icon;
use storymimi_studio::gui::theme::{Tokens, Tone, Type};
use storymimi_studio::gui::widget::{
    Badge, Button, ErrorAction, ErrorBlock, ErrorChoice, IconButton, MenuItem, ModalFrame, Note, Progress, ProgressBar,
    Row, Select, Stepper, Tab, TextField, Toast, Toasts, cell, context_menu, spinner, tabs, text, toggle,
};

use support::Click as _;

const SIZE: [f32; 2] = [320.0, 290.0];

/// How long until the next frame; `MAX` is never.
fn next_frame<State>(harness: &Harness<'_, State>) -> Duration {
    harness.output().viewport_output[&ViewportId::ROOT].repaint_delay
}

struct InUse {
    title: String,
    style: u8,
    tab: u8,
}

/// Hover, focus, an open menu, a tooltip: what a picture of things at rest does not show.
fn in_use(ui: &mut Ui, state: &mut InUse) {
    ui.painter().rect_filled(ui.clip_rect(), 0, Tokens::of(ui).bg1);
    ui.set_max_width(300.0);
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.add(Button::primary("Replace live"));
        ui.add(
            Button::new("Empty bucket").disabled_because(Some("Needs service_role. You are signed in as an editor.")),
        );
        ui.add(IconButton::new(icon::COPY, "Keep variant").key("K"));
    });
    TextField::new("Title", &mut state.title).label().show(ui);
    let choices = [(0, "Soft night, flat"), (1, "Watercolour"), (2, "Paper cut")];
    let current = choices[usize::from(state.style)].1;
    Select::new("Style", current)
        .icon(icon::PALETTE)
        .width(180.0)
        .show_choices(ui, &mut state.style, &choices);
    Row::new("Otis and the Rainbow Kite", 28.0).show(ui, |ui| {
        text::elided(ui, Type::Small, "Otis and the Rainbow Kite", Tokens::of(ui).tx1);
    });
    tabs(
        ui,
        &mut state.tab,
        0.0,
        &[(0, Tab::new("Variants")), (1, Tab::new("History"))],
    );
}

#[test]
fn components_in_use() {
    let state = InUse {
        title: "pip-lost-star".to_owned(),
        style: 0,
        tab: 0,
    };
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(in_use, state);
    harness.get_by_label("Replace live").focus();
    harness.run();
    harness.snapshot("use_focus_button");

    harness
        .get_by_role_and_label(Role::ListBoxOption, "Otis and the Rainbow Kite")
        .hover();
    harness.run();
    harness.snapshot("use_hover_row");

    harness.get_by_label("Keep variant").hover();
    harness.run_steps(6);
    harness.snapshot("use_tooltip_key");
    harness.get_by_label("Empty bucket").hover();
    harness.run_steps(6);
    harness.snapshot("use_tooltip_disabled");

    harness.get_by_role(Role::TextInput).click();
    harness.run();
    harness.snapshot("use_focus_field");

    harness.get_by_label("Style").click();
    harness.run();
    harness.snapshot("use_select_open");
    harness.get_by_label("Paper cut").click();
    harness.run();
    assert_eq!(harness.state().style, 2);
    assert!(
        harness.query_by_label("Watercolour").is_none(),
        "a choice closes the menu"
    );
}

#[test]
fn a_modal_takes_focus_and_gives_it_back() {
    let mut open = false;
    let mut harness = support::harness([640.0, 420.0], Theme::Dark, move |ui| {
        if ui.add(Button::new("Delete bucket…")).clicked() {
            open = true;
        }
        if open {
            let answer = ModalFrame::new("delete-bucket", "Delete story-drafts")
                .caption("941 objects, 310 MB")
                .note("Kept in the trash for 30 days")
                .show(
                    ui,
                    |ui| {
                        text::wrapped(
                            ui,
                            Type::Body,
                            "Visitors will get 404 for every picture in it.",
                            Tokens::of(ui).tx2,
                        )
                    },
                    |ui| {
                        ui.add(Button::danger_filled("Move to trash").large());
                        ui.add(Button::new("Cancel").large()).clicked()
                    },
                );
            open = !answer.closed && !answer.footer;
        }
    });
    harness.get_by_label("Delete bucket…").focus();
    harness.run();
    harness.key_press(egui::Key::Enter);
    harness.run();
    assert!(harness.get_by_label("Move to trash").is_focused());
    harness.snapshot("modal_dark");
    harness.key_press(egui::Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Move to trash").is_none());
    assert!(harness.get_by_label("Delete bucket…").is_focused());
}

#[test]
fn a_tall_modal_is_in_its_place_as_soon_as_it_is_seen() {
    let mut harness = support::harness([640.0, 900.0], Theme::Dark, |ui| {
        let body = |ui: &mut egui::Ui| ui.allocate_exact_size(vec2(400.0, 600.0), egui::Sense::hover());
        ModalFrame::new("tall", "Review 2 files").show(ui, body, |ui| ui.add(Button::primary("Start").large()));
    });
    // The first pass only measures.
    harness.run_steps(2);
    let first = harness.get_by_label("Start").rect();
    harness.run_steps(20);
    assert_eq!(harness.get_by_label("Start").rect(), first);
}

#[test]
fn at_rest_nothing_asks_to_be_drawn_again() {
    // Everything that moves only when it is used, with motion on.
    let mut rest = support::harness([700.0, 400.0], Theme::Dark, |ui| {
        ui.add(Button::primary("Save").icon(icon::CHECK));
        toggle(ui, "On", &mut true);
        tabs(ui, &mut 1, 0.0, &[(0, Tab::new("Variants")), (1, Tab::new("History"))]);
        ui.add(ProgressBar::new("Upload", Progress::Paused(0.4)));
        ui.add(Badge::new(Tone::Ok, "Verified").icon(icon::SEAL_CHECK));
        Note::info("All links are fine", "").show(ui);
    });
    rest.ctx.all_styles_mut(|style| style.animation_time = 0.12);
    rest.run_steps(8);
    assert_eq!(next_frame(&rest), Duration::MAX);
}

#[test]
fn a_spinner_moves_only_while_it_can_be_seen() {
    let shown = |visible: bool| {
        let mut harness = support::harness(SIZE, Theme::Dark, move |ui| {
            ui.add_space(if visible { 0.0 } else { 500.0 });
            spinner(ui, "Loading stories");
        });
        harness.ctx.all_styles_mut(|style| style.animation_time = 0.12);
        harness.run_steps(4);
        next_frame(&harness)
    };
    assert_eq!(shown(true), Duration::ZERO);
    assert_eq!(shown(false), Duration::MAX);
}

#[test]
fn what_cannot_be_used_says_why() {
    let mut clicked = false;
    let mut harness = support::harness(SIZE, Theme::Dark, |ui| {
        clicked |= ui
            .add(Button::new("Empty bucket").disabled_because(Some("Needs service_role.")))
            .clicked();
    });
    let button = harness.get_by_label("Empty bucket");
    assert!(button.accesskit_node().is_disabled());
    assert_eq!(
        button.accesskit_node().description().as_deref(),
        Some("Needs service_role.")
    );
    button.click();
    harness.run();
    drop(harness);
    assert!(!clicked);
}

#[test]
fn a_button_at_work_takes_no_clicks() {
    let mut clicks = 0;
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui, busy: &mut bool| {
            if ui.add(Button::primary("Publish").busy(*busy)).clicked() {
                clicks += 1;
                *busy = true;
            }
        },
        false,
    );
    let at_rest = harness.get_by_label("Publish").rect();
    for _ in 0..2 {
        harness.get_by_label("Publish").click();
        harness.run();
    }
    assert_eq!(harness.get_by_label("Publish").rect(), at_rest, "the button moved");
    drop(harness);
    assert_eq!(clicks, 1);
}

#[test]
fn a_field_is_named_and_can_be_cleared() {
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui, words: &mut String| _ = TextField::search("Title or prompt", words).show(ui),
        "owlet".to_owned(),
    );
    let field = harness.get_by_role_and_label(Role::TextInput, "Title or prompt");
    assert_eq!(field.accesskit_node().value().as_deref(), Some("owlet"));
    harness.get_by_label("Clear title or prompt").click();
    harness.run();
    assert_eq!(harness.state(), "");
    assert!(harness.query_by_label("Clear title or prompt").is_none());
    assert!(harness.get_by_role(Role::TextInput).is_focused());
}

#[test]
fn an_error_below_a_field_moves_nothing() {
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui, words: &mut String| {
            let error = words.contains('#').then_some("# is not allowed");
            TextField::new("File name", words).label().error(error).show(ui);
            ui.add(Button::new("Save"));
        },
        "scene_3.png".to_owned(),
    );
    let before = harness.get_by_label("Save").rect();
    *harness.state_mut() = "scene #3.png".to_owned();
    harness.run();
    assert!(harness.query_by_label("# is not allowed").is_some());
    assert_eq!(harness.get_by_label("Save").rect(), before);
}

#[test]
fn a_stepper_counts_with_keys_and_stops_at_its_ends() {
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui, count: &mut u32| _ = ui.add(Stepper::new("Variants", count, 1..=3)),
        2,
    );
    harness.get_by_label("Variants").click();
    harness.run();
    for (key, expected) in [
        (Key::ArrowUp, 3),
        (Key::ArrowUp, 3),
        (Key::ArrowDown, 2),
        (Key::ArrowDown, 1),
    ] {
        harness.key_press(key);
        harness.run();
        assert_eq!(*harness.state(), expected);
    }
    assert!(harness.get_by_label("Fewer variants").accesskit_node().is_disabled());
    harness.get_by_label("More variants").click();
    harness.run();
    assert_eq!(*harness.state(), 2);
}

#[test]
fn a_context_menu_opens_by_key() {
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui, copied: &mut bool| {
            let row = Row::new("scene_3.png", 28.0).show(ui, |_| {});
            context_menu(&row, |ui| {
                *copied |= ui
                    .add(MenuItem::new("Copy public URL").icon(icon::COPY).key("Ctrl C"))
                    .clicked();
            });
        },
        false,
    );
    let row = harness.get_by_label("scene_3.png");
    assert_eq!(row.accesskit_node().toggled(), Some(Toggled::False));
    row.focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    harness.get_by_label("Copy public URL").click();
    harness.run();
    assert!(*harness.state());
    assert!(harness.query_by_label("Copy public URL").is_none());
}

/// The open line of the log, with its detail below.
#[test]
fn an_error_in_the_dock() {
    let mut retried = false;
    let mut harness = support::harness([1004.0, 132.0], Theme::Dark, |ui| {
        let t = Tokens::of(ui);
        ui.spacing_mut().item_spacing.y = 0.0;
        for (level, words, tone) in [
            ("OK", "Verify upload", None),
            ("Error", "Upload picture, scene 6", Some(Tone::Err)),
        ] {
            let mut row = Row::new(words, 26.0).table().padding(16.0);
            if let Some(tone) = tone {
                row = row.tint(tone);
            }
            row.show(ui, |ui| {
                let color = tone.map_or(t.ok, |tone| t.tone(tone).fg);
                cell(ui, 104.0, Align::Min, |ui| {
                    text::label(ui, Type::MonoSmall, "09:41:06.871", t.tx3)
                });
                cell(ui, 60.0, Align::Min, |ui| {
                    text::label(ui, Type::MonoSmall, level, color)
                });
                text::label(ui, Type::SmallStrong, words, t.tx1);
            });
        }
        let actions = [
            ErrorAction::new("Retry as WebP").icon(icon::ARROW_CLOCKWISE),
            ErrorAction::new("Retry"),
            ErrorAction::new("Copy as curl").icon(icon::TERMINAL_WINDOW),
            ErrorAction::new("Show request"),
        ];
        let choice = ErrorBlock::new(
            "The bucket refused a 6.8 MB picture. Scene 6 still shows its previous picture.",
            "story-images accepts files up to 5 MB. Save as WebP (about 0.9 MB), or raise the limit in bucket settings.",
            "HTTP 400 · code EntityTooLarge (413) · sb-request-id 0197f3c2-8a41-7c55-b1de-52e0a6",
        )
        .code("EntityTooLarge")
        .actions(&actions)
        .show_in_dock(ui, 128.0);
        retried |= choice == Some(ErrorChoice::Action(1));
    });
    harness.run();
    harness.snapshot("error_in_dock");
    harness.get_by_label("Retry").click();
    harness.run();
    drop(harness);
    assert!(retried);
}

#[test]
fn good_news_goes_by_itself_and_errors_stay() {
    let mut toasts = Toasts::default();
    toasts.push(Toast::new(Tone::Ok, "Scene 3 replaced in 3 places").action("Undo"));
    toasts.push(Toast::new(Tone::Err, "2 of 11 objects were not deleted"));
    let mut harness = support::builder([640.0, 290.0], Theme::Dark)
        .with_step_dt(0.5)
        .build_ui_state(|ui, toasts: &mut Toasts| _ = toasts.show(ui, vec2(16.0, 16.0)), toasts);
    harness.run_steps(3);
    harness.snapshot("toasts");
    assert!(harness.query_by_label("Undo").is_some());
    harness.run_steps(12);
    assert!(harness.query_by_label("Undo").is_none());
    harness.run_steps(20);
    harness.get_by_label("Dismiss").click();
    harness.run_steps(2);
    assert!(harness.state().is_empty());
}

struct Moving {
    frame: u32,
    hits: usize,
}

/// What the tests of the whole window rely on: lists and pictures come when they come.
#[test]
fn a_click_hits_what_was_found_though_each_frame_moves_it() {
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui: &mut Ui, state: &mut Moving| {
            state.frame += 1;
            // By more than its height.
            ui.add_space((state.frame % 5) as f32 * 40.0);
            state.hits += usize::from(ui.add(Button::new("Publish")).clicked());
        },
        Moving { frame: 0, hits: 0 },
    );
    for _ in 0..5 {
        harness.click(|harness| harness.get_by_label("Publish").rect());
    }
    assert_eq!(harness.state().hits, 5);
}
