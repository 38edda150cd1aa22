//! Every component in one picture, dark and light: what a change to the look does is seen here first.

mod support;

use egui::load::SizedTexture;
use egui::{Align, ColorImage, CornerRadius, Layout, Rect, TextureHandle, TextureOptions, Theme, Ui, UiBuilder, vec2};
use storymimi_studio::gui::icon;
use storymimi_studio::gui::theme::{Tokens, Tone, Type};
use storymimi_studio::gui::widget::{
    Badge, Button, Checked, Chip, Corner, EmptyState, ErrorAction, ErrorBlock, FilterChip, IconButton, KeyCap,
    MenuItem, Note, Picture, PictureState, Progress, ProgressBar, PromptBox, Row, Segment, Select, Stepper, Tab,
    TextField, Toast, bare_check_box, cell, check_box, count_badge, frame, key_mono, key_text, key_value, menu_heading,
    menu_separator, progress_ring, radio, segmented, skeleton, spinner, tabs, text, toggle, toggle_row,
};

/// What the controls of the gallery hold.
struct Gallery {
    search: String,
    title: String,
    file: String,
    locked: String,
    prompt: String,
    bucket: u8,
    count: u32,
    on: bool,
    view: u8,
    tab: u8,
    picture: Option<TextureHandle>,
}

impl Gallery {
    fn new() -> Self {
        Self {
            search: String::new(),
            title: "pip-lost-star".to_owned(),
            file: "Möhre #7.png".to_owned(),
            locked: String::new(),
            prompt:
                "Pip the fox in a green scarf, holding a red lantern, deep pine forest at night, heavy snow falling, \
                     the lost star glowing between the trees, wide shot"
                    .to_owned(),
            bucket: 0,
            count: 4,
            on: true,
            view: 0,
            tab: 0,
            picture: None,
        }
    }

    /// A hill under a sky, made here: the gallery needs no file.
    fn picture(&mut self, ui: &Ui) -> SizedTexture {
        let texture = self.picture.get_or_insert_with(|| {
            let size = [256, 192];
            let mut rgb = Vec::with_capacity(size[0] * size[1] * 3);
            for y in 0..size[1] {
                for x in 0..size[0] {
                    let hill = 120.0 + (x as f32 / 40.0).sin() * 18.0;
                    let sky = y as f32 / 192.0;
                    rgb.extend(if (y as f32) > hill {
                        [214, 226, 240]
                    } else {
                        [(60.0 + sky * 150.0) as u8, (110.0 + sky * 100.0) as u8, 215]
                    });
                }
            }
            ui.load_texture("hill", ColorImage::from_rgb(size, &rgb), TextureOptions::LINEAR)
        });
        SizedTexture::from_handle(texture)
    }
}

const SIZE: [f32; 2] = [1108.0, 1330.0];
const COLUMN: f32 = 340.0;

fn gallery(ui: &mut Ui, state: &mut Gallery) {
    let t = Tokens::of(ui);
    ui.painter().rect_filled(ui.clip_rect(), 0, t.bg1);
    let top = ui.max_rect().min;
    let columns: [fn(&mut Ui, &mut Gallery); 3] = [controls, states, blocks];
    for (i, column) in columns.into_iter().enumerate() {
        let at = Rect::from_min_size(
            top + vec2(20.0 + i as f32 * (COLUMN + 24.0), 16.0),
            vec2(COLUMN, SIZE[1]),
        );
        ui.scope_builder(UiBuilder::new().max_rect(at), |ui| column(ui, state));
    }
}

fn section(ui: &mut Ui, words: &str) {
    ui.add_space(14.0);
    text::label(ui, Type::Section, words, Tokens::of(ui).tx1);
    ui.add_space(4.0);
}

fn controls(ui: &mut Ui, state: &mut Gallery) {
    let t = Tokens::of(ui);
    section(ui, "Type");
    for (kind, words) in [
        (Type::Display, "Choose a home"),
        (Type::Title, "Pip and the Lost Star"),
        (Type::Head, "Variants of scene 3"),
        (Type::Body, "A small fox named Pip"),
        (Type::Strong, "5 of 8 pictures live"),
        (Type::Small, "Uploading 62 %, 4 s left"),
        (Type::CaptionStrong, "Updated 2 min ago"),
        (Type::Mono, "stories/scene_3.png -> != 0O"),
        (Type::MonoSmall, "404 NoSuchKey 88 ms"),
    ] {
        text::label(ui, kind, words, t.tx1);
    }

    section(ui, "Buttons");
    ui.horizontal(|ui| {
        ui.add(Button::primary("Save").small());
        ui.add(Button::new("Save").small());
        ui.add(Button::ghost("Save").small());
        ui.add(Button::danger("Save").small());
        ui.add(
            Button::primary("Save")
                .small()
                .disabled_because(Some("Needs service_role.")),
        );
        ui.add(
            Button::new("Save")
                .small()
                .disabled_because(Some("Needs service_role.")),
        );
    });
    text::line(ui, 36.0, |ui| {
        ui.add(Button::new("Small 24").small());
        ui.add(Button::new("Default 28"));
        ui.add(Button::new("Large 36").large());
        ui.add(IconButton::new(icon::TRASH, "Move to trash").framed());
        ui.add(IconButton::new(icon::BELL, "Open messages").dot(Some(Tone::Err)));
    });
    ui.horizontal(|ui| {
        ui.add(Button::primary("Upload").icon(icon::UPLOAD_SIMPLE));
        ui.add(Button::primary("Replace live").key("R"));
        ui.add(Button::danger_filled("Delete 3").icon(icon::TRASH));
    });
    ui.horizontal(|ui| {
        ui.add(Button::new("Generating").icon(icon::IMAGE).busy(true));
        ui.add(Button::new("Keep").key("K"));
        ui.add(Button::new("Export…").icon(icon::EXPORT));
    });

    section(ui, "Inputs");
    ui.horizontal(|ui| {
        TextField::search("Title or prompt", &mut state.search)
            .key("/")
            .width(160.0)
            .show(ui);
        TextField::new("Slug", &mut state.title)
            .clearable()
            .width(160.0)
            .show(ui);
    });
    ui.horizontal(|ui| {
        let error = Some("ö and # are not allowed");
        TextField::new("File name", &mut state.file)
            .mono()
            .error(error)
            .width(160.0)
            .show(ui);
        TextField::new("Bucket", &mut state.locked)
            .hint("Locked by plan")
            .error(None)
            .width(160.0)
            .disabled_because(Some("The plan is running."))
            .show(ui);
    });
    ui.horizontal(|ui| {
        let choices = [(0, "story-images"), (1, "story-audio")];
        let current = choices[usize::from(state.bucket)].1;
        Select::new("Bucket", current)
            .icon(icon::DATABASE)
            .width(160.0)
            .show_choices(ui, &mut state.bucket, &choices);
        ui.add(Stepper::new("Variants", &mut state.count, 1..=8).width(160.0));
    });
    PromptBox::new("Prompt", &mut state.prompt).limit(2000).show(ui);
    TextField::new("Seed", &mut state.search)
        .label()
        .help("Empty takes a new one each time")
        .show(ui);

    section(ui, "Toggles, tabs");
    ui.horizontal(|ui| {
        toggle(ui, "Off", &mut !state.on);
        toggle(ui, "On", &mut state.on);
        for (name, checked) in [("None", Checked::No), ("All", Checked::Yes), ("Some", Checked::Some)] {
            bare_check_box(ui, name, checked);
        }
        check_box(ui, "Show trash", &mut state.on);
    });
    ui.horizontal(|ui| {
        radio(ui, "Ask for each", "Nothing is replaced silently", true);
        radio(ui, "Keep both", "Adds a new name", false);
    });
    toggle_row(ui, "Verify by hash after upload", &mut state.on);
    ui.horizontal(|ui| {
        let words = [
            (0, Segment::words("Board")),
            (1, Segment::words("Strip")),
            (2, Segment::words("Table")),
        ];
        segmented(ui, &mut state.view, &words);
        let icons = [
            (0, Segment::icon(icon::SQUARES_FOUR, "View as board")),
            (1, Segment::icon(icon::ROWS, "View as strip")),
            (2, Segment::icon(icon::TABLE, "View as table")),
        ];
        segmented(ui, &mut state.view, &icons);
    });
    let choices = [
        (0, Tab::new("Variants")),
        (1, Tab::new("Text and alt")),
        (2, Tab::count("Provenance", 3)),
        (3, Tab::new("History")),
    ];
    tabs(ui, &mut state.tab, 0.0, &choices);
}

fn states(ui: &mut Ui, state: &mut Gallery) {
    let t = Tokens::of(ui);
    section(ui, "Chips and badges");
    ui.spacing_mut().item_spacing.x = 6.0;
    text::line(ui, 20.0, |ui| {
        ui.add(Chip::new(Tone::Neutral, "Pending"));
        ui.add(Chip::new(Tone::Accent, "Processing"));
        ui.add(Chip::new(Tone::Ok, "Completed"));
        ui.add(Chip::new(Tone::Err, "Failed"));
    });
    text::line(ui, 20.0, |ui| {
        ui.add(Badge::new(Tone::Ok, "Verified, server hash").icon(icon::SEAL_CHECK.filled()));
        ui.add(Badge::new(Tone::Ok, "Verified, re-read").icon(icon::SEAL_CHECK.filled()));
    });
    text::line(ui, 20.0, |ui| {
        ui.add(Badge::new(Tone::Warn, "Size only").icon(icon::SEAL_QUESTION.filled()));
        ui.add(Badge::new(Tone::Neutral, "Not checked").icon(icon::CIRCLE_DASHED));
        ui.add(Badge::new(Tone::Public, "Public").icon(icon::GLOBE));
        ui.add(Badge::new(Tone::Neutral, "Private").icon(icon::LOCK_SIMPLE));
    });
    text::line(ui, 20.0, |ui| {
        ui.add(Badge::new(Tone::Warn, "No alt text").icon(icon::TEXT_T_SLASH));
        ui.add(Badge::new(Tone::Err, "Broken link").icon(icon::LINK_BREAK));
        ui.add(Badge::new(Tone::Accent, "Generating").busy());
    });
    text::line(ui, 20.0, |ui| {
        ui.add(FilterChip::new("Images", true).removable());
        ui.add(FilterChip::new("Failed", false).count(2));
        ui.add(FilterChip::new("Errors", false).dot(Tone::Err).count(1));
        ui.add(KeyCap::new("Ctrl K"));
    });

    section(ui, "Progress");
    for (progress, words, color) in [
        (Progress::Running(Some(0.62)), "Uploading 62 %, 4 s left", t.tx2),
        (Progress::Running(None), "Listing, 4,812 so far", t.tx2),
        (Progress::Paused(0.33), "Paused at 6.0 of 18.4 MB", t.tx2),
        (Progress::Retrying(0.4), "Retry 2 of 6 in 0:07", t.warn),
        (Progress::Failed(0.78), "Stopped at 78 %, bucket full", t.err),
        (Progress::Done, "Verified", t.ok),
    ] {
        text::line(ui, 15.0, |ui| {
            ui.add(ProgressBar::new(words, progress).width(120.0));
            text::label(ui, Type::Caption, words, color);
        });
    }
    text::line(ui, 56.0, |ui| {
        progress_ring(ui, "Scene 5", 36.0, Progress::Running(Some(0.6)), "");
        progress_ring(ui, "Scene 6", 56.0, Progress::Running(Some(0.25)), "0:14");
        spinner(ui, "Loading stories");
        skeleton(ui, vec2(24.0, 18.0));
        skeleton(ui, vec2(80.0, 10.0));
        let (rail, _) = ui.allocate_exact_size(vec2(28.0, 28.0), egui::Sense::hover());
        icon::HEARTBEAT.paint(ui.painter(), rail.center(), 20.0, t.tx2);
        count_badge(ui, rail.right_top() + vec2(-2.0, 0.0), 6, Tone::Warn);
    });

    section(ui, "Rows");
    let card = frame::card(ui, 1);
    card.show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        for (i, (file, words, tone)) in [
            ("scene_1.png", "Rest", Tone::Neutral),
            ("scene_3.png", "Selected", Tone::Accent),
            ("scene_5.png", "Warning", Tone::Warn),
            ("scene_6.png", "Failed", Tone::Err),
        ]
        .into_iter()
        .enumerate()
        {
            let t = Tokens::of(ui);
            Row::new(file, 28.0).table().selected(i == 1).show(ui, |ui| {
                cell(ui, 32.0, Align::Min, |ui| {
                    bare_check_box(
                        ui,
                        &format!("Select {file}"),
                        if i == 1 { Checked::Yes } else { Checked::No },
                    )
                });
                cell(ui, 120.0, Align::Min, |ui| text::key(ui, Type::Mono, file, t.tx1));
                cell(ui, 60.0, Align::Max, |ui| {
                    text::label(ui, Type::MonoSmall, "231 KB", t.tx2)
                });
                ui.add_space(12.0);
                text::label(ui, Type::Small, words, t.tone(tone).fg);
            });
        }
    });
    ui.add_space(4.0);
    let texture = state.picture(ui);
    for selected in [true, false] {
        Row::new("Pip and the Lost Star", 64.0)
            .selected(selected)
            .show(ui, |ui| {
                Picture::new("A fox in the snow", PictureState::Ready(texture))
                    .corners(4)
                    .show(ui);
                ui.add_space(4.0);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 4.0;
                    ui.add_space(9.0);
                    text::elided(
                        ui,
                        Type::Strong,
                        "Pip and the Lost Star, and what came after",
                        Tokens::of(ui).tx1,
                    );
                    ui.horizontal(|ui| {
                        ui.add(Chip::new(Tone::Accent, "Processing"));
                        text::label(ui, Type::Caption, "6 of 8", Tokens::of(ui).tx3);
                    });
                });
            });
    }

    section(ui, "Pictures");
    let badges = [(Corner::LeftTop, Badge::new(Tone::Neutral, "1").over_picture())];
    let live = [(Corner::LeftTop, Badge::new(Tone::Ok, "Live").over_picture())];
    let actions = [
        (icon::UPLOAD_SIMPLE, "Upload a picture"),
        (icon::ARROWS_CLOCKWISE, "Generate again"),
    ];
    let half = vec2((COLUMN - 8.0) * 0.5, (COLUMN - 8.0) * 0.375);
    let cells: [[Picture<'_>; 2]; 3] = [
        [
            Picture::new("A hill", PictureState::Ready(texture)).badges(&badges),
            Picture::new("", PictureState::Ready(texture))
                .badges(&live)
                .actions(&actions)
                .show_actions(true),
        ],
        [
            Picture::new(
                "Scene 4",
                PictureState::Broken {
                    line: "Image not found",
                    code: "404 NoSuchKey",
                },
            ),
            Picture::new(
                "Scene 7",
                PictureState::Missing {
                    line: "No picture yet",
                    button: Some("Generate"),
                },
            ),
        ],
        [
            Picture::new(
                "Scene 5",
                PictureState::Busy {
                    under: Some(texture),
                    progress: Progress::Running(Some(0.64)),
                    elapsed: "0:14",
                    line: "Step 18 of 28, about 8 s left",
                },
            ),
            Picture::new(
                "Scene 6",
                PictureState::Failed {
                    under: Some(texture),
                    line: "Too large for this bucket",
                    button: Some("Retry as WebP"),
                },
            ),
        ],
    ];
    for pair in cells {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            for picture in pair {
                picture.size(half).corners(CornerRadius::same(8)).show(ui);
            }
        });
    }
}

fn blocks(ui: &mut Ui, _: &mut Gallery) {
    let t = Tokens::of(ui);
    section(ui, "Error panel");
    let actions = [
        ErrorAction::new("Retry as WebP"),
        ErrorAction::new("Copy as curl").icon(icon::TERMINAL_WINDOW),
    ];
    ErrorBlock::new(
        "The bucket refused a 6.8 MB picture",
        "story-images accepts files up to 5 MB. Save as WebP, about 0.9 MB, or raise the limit.",
        "HTTP 400 · EntityTooLarge (413) · 0197f3c2-8a41-7c55-b1de",
    )
    .actions(&actions)
    .dismissible()
    .show(ui);

    section(ui, "Notes");
    Note::warn(
        "This key skips every access rule",
        "Editors do not need it: a publishable key and a sign-in are enough.",
    )
    .button("Sign in instead")
    .show(ui);
    Note::info("12,408 names searched", "").show(ui);
    Note::err("Scene 6 still shows its previous picture", "").show(ui);

    section(ui, "Toasts");
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        Toast::new(Tone::Ok, "Scene 3 replaced in 3 places")
            .action("Undo")
            .show(ui);
        Toast::new(Tone::Accent, "Exporting EPUB")
            .progress(Progress::Running(Some(0.45)))
            .show(ui);
        Toast::new(Tone::Err, "2 of 11 objects were not deleted: policy")
            .action("Show")
            .show(ui);
    });

    section(ui, "Menu");
    frame::popover(ui).inner_margin(4).show(ui, |ui| {
        ui.set_width(182.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
            menu_heading(ui, "Scene 3");
            ui.add(MenuItem::new("Open in URL Lab").icon(icon::ARROW_SQUARE_OUT).key("L"));
            ui.add(MenuItem::new("Copy public URL").icon(icon::COPY).key("Ctrl C"));
            ui.add(
                MenuItem::new("Replace picture…")
                    .icon(icon::SWAP)
                    .disabled_because(Some("The story is locked.")),
            );
            menu_separator(ui);
            ui.add(MenuItem::new("Move to trash").icon(icon::TRASH).key("Del").danger());
        });
    });

    section(ui, "Facts");
    key_text(ui, 96.0, "Size", "198,412 bytes");
    key_mono(
        ui,
        96.0,
        "Key",
        "stories/pip-and-the-lost-star/scene_3_9b1c2f6e-a7d0.png",
    );
    key_value(ui, 96.0, "SHA-256", |ui| {
        text::label(ui, Type::MonoSmall, "e3b0c442…52b855", t.tx1);
        ui.add(Badge::new(Tone::Ok, "re-read").icon(icon::SEAL_CHECK.filled()));
    });
    frame::section_break(ui);
    frame::code(ui).show(ui, |ui| {
        ui.set_width(COLUMN - 24.0);
        ui.spacing_mut().item_spacing.x = 3.0;
        ui.horizontal(|ui| {
            for (hue, words) in [
                (t.scheme, "https://"),
                (t.host, "127.0.0.1"),
                (t.bucket, "story-images"),
                (t.file, "a.png"),
            ] {
                let label = Type::Mono.rich(words).color(hue.text).background_color(hue.tint);
                ui.add(egui::Label::new(label));
            }
        });
    });

    section(ui, "Empty states");
    ui.horizontal(|ui| {
        let half = (COLUMN - 6.0) * 0.5;
        for (mark, line, caption, words) in [
            (icon::IMAGE, "No pictures yet", "Generate or drop files", "Generate 8"),
            (
                icon::MAGNIFYING_GLASS,
                "No match for “owlet”",
                "12,408 names searched",
                "Clear filters",
            ),
        ] {
            ui.allocate_ui(vec2(half, 134.0), |ui| {
                EmptyState::new(mark, line, caption)
                    .button(words)
                    .drop_target()
                    .height(134.0)
                    .show(ui);
            });
        }
    });

    section(ui, "Icons");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(10.0, 8.0);
        for shown in icon::ALL.iter().step_by(4) {
            let (at, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
            shown.paint(ui.painter(), at.center(), 16.0, t.tx2);
        }
    });
}

fn snapshot(look: Theme, name: &str) {
    let mut harness = support::builder(SIZE, look).build_ui_state(gallery, Gallery::new());
    harness.run();
    harness.snapshot(name);
}

#[test]
fn components_in_the_dark() {
    snapshot(Theme::Dark, "gallery_dark");
}

#[test]
fn components_in_the_light() {
    snapshot(Theme::Light, "gallery_light");
}
