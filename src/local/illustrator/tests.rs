use super::*;
use crate::local::lexicon::{
    Character, Color, Garment, GarmentKind, Mood, Pose, Prop, Scale, Shot, SkinTone, TimeOfDay,
};

pub(super) fn someone(kind: &str) -> Character {
    Character {
        kind: kind.into(),
        name: None,
        garments: Vec::new(),
        holds: None,
        color: None,
        skin: None,
        pose: Pose::Stand,
        mood: Mood::Calm,
        scale: Scale::Usual,
    }
}

pub(super) fn scene(setting: Setting, cast: Vec<Character>) -> Reading {
    Reading {
        cast,
        setting,
        setting_said: true,
        time: TimeOfDay::Day,
        weather: Weather::Clear,
        props: Vec::new(),
        shot: Shot::Medium,
        side: None,
        understood: Vec::new(),
        unknown: Vec::new(),
    }
}

pub(super) fn thing(sprite: &str) -> Prop {
    Prop {
        sprite: sprite.into(),
        count: 1,
        color: None,
    }
}

pub(super) const GARMENTS: [GarmentKind; 12] = [
    GarmentKind::Scarf,
    GarmentKind::Hat,
    GarmentKind::Cape,
    GarmentKind::Coat,
    GarmentKind::Dress,
    GarmentKind::Shirt,
    GarmentKind::Trousers,
    GarmentKind::Boots,
    GarmentKind::Glasses,
    GarmentKind::Bow,
    GarmentKind::Crown,
    GarmentKind::Backpack,
];

pub(super) const POSES: [Pose; 10] = [
    Pose::Stand,
    Pose::Walk,
    Pose::Run,
    Pose::Wave,
    Pose::Sit,
    Pose::Sleep,
    Pose::Point,
    Pose::Jump,
    Pose::Hug,
    Pose::Hold,
];

pub(super) const MOODS: [Mood; 7] = [
    Mood::Calm,
    Mood::Happy,
    Mood::Sad,
    Mood::Afraid,
    Mood::Surprised,
    Mood::Sleepy,
    Mood::Angry,
];

fn small(reading: &Reading, seed: u64) -> Picture {
    let options = Options {
        seed,
        width: 320,
        height: 256,
        ..Options::default()
    };
    draw_reading(reading, "words", &options).unwrap()
}

fn document(reading: &Reading, seed: u64) -> String {
    compose(
        reading,
        "words",
        &Options {
            seed,
            ..Options::default()
        },
    )
    .svg
}

fn pixels(picture: &Picture) -> image::RgbImage {
    image::load_from_memory(&picture.png).unwrap().to_rgb8()
}

fn company<'a>(reading: &'a Reading, seed: u64, size: (u32, u32)) -> (Stage, layout::Company<'a>, Backdrop) {
    let base = rng::hash("words") ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut stage = Stage::new(size.0, size.1, Light::of(reading, 0), base, 0);
    scenery::prepare(&mut stage, reading.setting, reading.shot);
    let backdrop = scenery::draw(&mut Drawing::default(), &stage, reading);
    let company = layout::arrange(&stage, reading, &backdrop);
    (stage, company, backdrop)
}

#[test]
fn the_same_words_and_seed_give_the_same_bytes() {
    let mut fox = someone("fox");
    fox.garments.push(Garment {
        kind: GarmentKind::Scarf,
        color: Some(Color::Green),
    });
    let mut reading = scene(Setting::PineForest, vec![fox, someone("owl")]);
    reading.weather = Weather::Snow;
    let first = small(&reading, 7);
    assert_eq!(first, small(&reading, 7));
    assert_ne!(first.png, small(&reading, 8).png, "another seed is another layout");
    assert_ne!(
        compose(&reading, "other words", &Options::default()).svg,
        compose(&reading, "words", &Options::default()).svg,
        "other words are another layout"
    );
}

#[test]
fn every_setting_time_and_weather_is_drawn_and_differs() {
    let mut seen = std::collections::BTreeSet::new();
    for setting in Setting::ALL {
        let picture = small(&scene(setting, Vec::new()), 1);
        let colors: std::collections::BTreeSet<_> = pixels(&picture).pixels().map(|p| p.0).collect();
        assert!(colors.len() > 60, "{setting:?} has {} colours", colors.len());
        assert!(seen.insert(picture.png), "{setting:?} looks like another setting");
    }
    for time in [TimeOfDay::Dawn, TimeOfDay::Sunset, TimeOfDay::Night] {
        let reading = Reading {
            time,
            ..scene(Setting::Meadow, Vec::new())
        };
        assert!(seen.insert(small(&reading, 1).png), "{time:?}");
    }
    for weather in [
        Weather::Cloudy,
        Weather::Rain,
        Weather::Storm,
        Weather::Snow,
        Weather::Fog,
        Weather::Wind,
        Weather::Rainbow,
    ] {
        for setting in [Setting::Meadow, Setting::Cave] {
            let reading = Reading {
                weather,
                ..scene(setting, Vec::new())
            };
            let differs = seen.insert(small(&reading, 1).png);
            assert!(differs || setting == Setting::Cave, "{weather:?}");
        }
    }
}

#[test]
fn a_picture_has_the_size_that_was_asked_for() {
    let reading = scene(Setting::Meadow, vec![someone("fox"), someone("whale")]);
    for (width, height) in [(256, 256), (256, 2048), (2048, 256), (300, 417), (1024, 768)] {
        let options = Options {
            width,
            height,
            ..Options::default()
        };
        let picture = draw_reading(&reading, "", &options).unwrap();
        assert_eq!(pixels(&picture).dimensions(), (width, height));
    }
    for (width, height) in [(255, 768), (1024, 2049), (0, 0), (u32::MAX, u32::MAX)] {
        let options = Options {
            width,
            height,
            ..Options::default()
        };
        assert!(matches!(
            draw_reading(&reading, "", &options),
            Err(IllustratorError::Size { .. })
        ));
    }
}

#[test]
fn weather_stays_outside_of_rooms() {
    for setting in Setting::ALL.into_iter().filter(|setting| setting.is_indoors()) {
        let clear = scene(setting, vec![someone("bear")]);
        let rainy = Reading {
            weather: Weather::Rain,
            ..clear.clone()
        };
        let (_, _, backdrop) = company(&rainy, 0, (1024, 768));
        let options = Options::default();
        let before = pixels(&draw_reading(&clear, "words", &options).unwrap());
        let after = pixels(&draw_reading(&rainy, "words", &options).unwrap());
        let mut changed_glass = false;
        for (x, y, pixel) in before.enumerate_pixels() {
            if after.get_pixel(x, y) == pixel {
                continue;
            }
            let (x, y) = (x as f32, y as f32);
            // The dull light of the hour may change all colours a little; drops must not be in the room.
            let in_glass = backdrop
                .windows
                .iter()
                .any(|w| x > w.left - 8.0 && x < w.right + 8.0 && y > w.top - 8.0 && y < w.bottom + 8.0);
            changed_glass |= in_glass;
            let other = after.get_pixel(x as u32, y as u32);
            let difference: i32 = (0..3)
                .map(|c| (i32::from(pixel.0[c]) - i32::from(other.0[c])).abs())
                .sum();
            assert!(in_glass || difference < 90, "{setting:?} at {x} {y}");
        }
        assert!(changed_glass, "{setting:?}: the window shows the rain");
    }
}

#[test]
fn each_garment_has_a_shape_of_its_own() {
    let plain = document(&scene(Setting::Meadow, vec![someone("fox")]), 0);
    for who in ["fox", "girl", "king", "owl", "deer"] {
        let mut seen = vec![plain.clone()];
        for kind in GARMENTS {
            let mut wearer = someone(who);
            wearer.garments.push(Garment {
                kind,
                color: Some(Color::Green),
            });
            let drawn = document(&scene(Setting::Meadow, vec![wearer]), 0);
            let four_legged = matches!(who, "owl" | "deer");
            let shares_a_shape = four_legged
                && matches!(
                    kind,
                    GarmentKind::Coat | GarmentKind::Dress | GarmentKind::Shirt | GarmentKind::Boots
                );
            assert!(shares_a_shape || !seen.contains(&drawn), "{who} in {kind:?}");
            seen.push(drawn);
        }
    }
}

#[test]
fn a_scarf_is_round_the_neck_and_not_over_the_body() {
    let green = |picture: &image::RgbImage| {
        let scarf = |p: &image::Rgb<u8>| p.0[1] > 100 && p.0[0] < 90 && p.0[2] < 110;
        picture.pixels().filter(|p| scarf(p)).count()
    };
    let dressed = |kind| {
        let mut fox = someone("fox");
        fox.garments.push(Garment {
            kind,
            color: Some(Color::Green),
        });
        let mut reading = scene(Setting::Space, vec![fox]);
        reading.shot = Shot::Close;
        green(&pixels(&small(&reading, 0)))
    };
    let (scarf, coat) = (dressed(GarmentKind::Scarf), dressed(GarmentKind::Coat));
    assert!(scarf > 30, "{scarf} green pixels of scarf");
    assert!(
        coat > scarf * 2,
        "a coat ({coat}) covers far more than a scarf ({scarf})"
    );
}

#[test]
fn each_pose_and_mood_shows() {
    for who in ["fox", "girl", "farmer"] {
        let mut seen = std::collections::BTreeSet::new();
        for pose in POSES {
            let mut c = someone(who);
            c.pose = pose;
            assert!(
                seen.insert(document(&scene(Setting::Space, vec![c]), 0)),
                "{who} {pose:?}"
            );
        }
        for mood in MOODS.into_iter().skip(1) {
            let mut c = someone(who);
            c.mood = mood;
            assert!(
                seen.insert(document(&scene(Setting::Space, vec![c]), 0)),
                "{who} {mood:?}"
            );
        }
    }
}

#[test]
fn whoever_holds_a_thing_holds_it() {
    for holder in 0..3 {
        for kind in ["fox", "owl", "farmer"] {
            let mut cast = vec![someone(kind), someone(kind), someone(kind)];
            let empty = document(&scene(Setting::Meadow, cast.clone()), 0);
            cast[holder].holds = Some("lantern".into());
            let drawn = document(&scene(Setting::Meadow, cast), 0);
            assert_eq!(
                drawn.matches("<use").count(),
                empty.matches("<use").count() + 1,
                "{kind} {holder}"
            );
        }
    }
}

#[test]
fn figures_stand_on_the_ground_within_the_frame_and_apart() {
    for setting in Setting::ALL {
        for shot in [Shot::Wide, Shot::Medium, Shot::Close] {
            for seed in 0..6 {
                for size in [(1024, 768), (512, 512), (256, 1024), (1600, 400)] {
                    let mut cast = vec![someone("fox"), someone("elephant"), someone("king"), someone("mouse")];
                    cast[seed as usize % 4].pose = POSES[seed as usize];
                    cast[2].garments.push(Garment {
                        kind: GarmentKind::Hat,
                        color: None,
                    });
                    let reading = Reading {
                        shot,
                        ..scene(setting, cast)
                    };
                    let (stage, company, _) = company(&reading, seed, size);
                    assert_eq!(company.figures.len(), 4);
                    for (i, (figure, spot)) in company.figures.iter().enumerate() {
                        let area = layout::area(figure, *spot);
                        let at = format!("{setting:?} {shot:?} {seed} {size:?} {}", figure.who.kind);
                        assert!(area.left >= 0.0 && area.right <= stage.width, "{at} {area:?}");
                        assert!(area.top >= 0.0 && area.bottom <= stage.height, "{at} {area:?}");
                        assert!(spot.floats || spot.y >= stage.ground_at(spot.x), "{at} hovers");
                        for (other, place) in &company.figures[i + 1..] {
                            let faces = layout::face(figure, *spot).overlaps(&layout::face(other, *place));
                            assert!(!faces, "{at} and {}", other.who.kind);
                        }
                    }
                }
            }
        }
    }
}

/// The hero's size as a share of the picture's height, and everybody's by kind.
fn sizes(reading: &Reading, seed: u64, size: (u32, u32)) -> (f32, Vec<(String, f32)>) {
    let (stage, company, _) = company(reading, seed, size);
    let all: Vec<(String, f32)> = company
        .figures
        .iter()
        .map(|(figure, spot)| (figure.who.kind.clone(), figure.size() * spot.unit / stage.measure()))
        .collect();
    let hero = all.iter().find(|(kind, _)| *kind == reading.cast[0].kind).unwrap().1;
    (hero, all)
}

#[test]
fn the_hero_is_never_tiny() {
    let companies = [
        vec!["mouse"],
        vec!["fox", "owl"],
        vec!["mouse", "elephant"],
        vec!["turtle", "girl"],
        vec!["rabbit", "whale", "girl"],
        vec!["hedgehog", "bear", "bear", "king"],
    ];
    for (shot, share) in [(Shot::Wide, 0.22), (Shot::Medium, 0.34), (Shot::Close, 0.5)] {
        // A close-up of four is a group picture.
        for kinds in companies.iter().filter(|it| shot != Shot::Close || it.len() < 4) {
            for scale in [Scale::Small, Scale::Usual, Scale::Large] {
                for setting in Setting::ALL {
                    let mut cast: Vec<_> = kinds.iter().map(|kind| someone(kind)).collect();
                    cast[0].scale = scale;
                    let reading = Reading {
                        shot,
                        ..scene(setting, cast)
                    };
                    for size in [(1024, 768), (768, 768), (1536, 1024)] {
                        let (hero, all) = sizes(&reading, 3, size);
                        assert!(hero >= share, "{setting:?} {shot:?} {size:?} {scale:?} {all:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_cast_is_believable_side_by_side() {
    let words = "a small fox named Pip, who wears a green scarf, finds a fallen star with the help of an owl";
    let reading = lexicon::read(words);
    for shot in [Shot::Wide, Shot::Medium, Shot::Close] {
        let reading = Reading {
            shot,
            ..reading.clone()
        };
        let (fox, all) = sizes(&reading, 1, (1024, 768));
        assert!(
            all.iter().all(|(kind, height)| kind == "fox" || *height < fox),
            "{all:?}"
        );
        let cast = ["dog", "mouse", "girl", "cat", "bear"].map(someone).to_vec();
        let reading = Reading {
            shot,
            ..scene(Setting::Meadow, cast)
        };
        let (_, mut all) = sizes(&reading, 1, (1024, 768));
        all.sort_by(|a, b| a.1.total_cmp(&b.1));
        let order: Vec<&str> = all.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(order, ["mouse", "cat", "dog", "girl", "bear"], "{all:?}");
        assert!(
            all[4].1 < all[0].1 * 2.5,
            "the small ones are still well visible: {all:?}"
        );
    }
}

#[test]
fn the_hero_stands_where_the_words_say() {
    for (words, side) in [("on the left", 0), ("in the middle", 1), ("on the right", 2)] {
        for shot in ["wide shot", "medium shot", "close-up"] {
            let prompt = format!("{shot}, main character {words}. A fox walks in the meadow. An owl waves.");
            let reading = lexicon::read(&prompt);
            assert!(reading.unknown.is_empty(), "{:?}", reading.unknown);
            for alone in [true, false] {
                let mut reading = reading.clone();
                reading.cast.truncate(if alone { 1 } else { 2 });
                for seed in 0..10 {
                    let (stage, company, _) = company(&reading, seed, (1024, 768));
                    let x = company.figures.iter().find(|(it, _)| it.who.kind == "fox").unwrap().1.x / stage.width;
                    let right = match side {
                        0 => x < 0.5,
                        1 => (0.25..0.75).contains(&x),
                        _ => x > 0.5,
                    };
                    assert!(right, "{prompt} alone: {alone}, seed {seed}: {x}");
                }
            }
        }
    }
}

#[test]
fn a_glowing_star_is_not_on_the_moon() {
    for seed in 0..40 {
        let mut reading = scene(Setting::PineForest, vec![someone("fox")]);
        reading.time = TimeOfDay::Night;
        reading.props = vec![thing("glowing-star"), thing("kite")];
        let (stage, company, backdrop) = company(&reading, seed, (1024, 768));
        let (things, _) = prop::place(&stage, &reading, &backdrop, &company);
        let moon = backdrop.taken[0];
        for star in things {
            let area = stage::Area::around(star.x, star.y, star.size * 0.8, star.size * 0.8);
            assert!(!area.overlaps(&moon), "seed {seed}");
        }
    }
}

#[test]
fn things_do_not_cover_faces() {
    for setting in Setting::ALL {
        for seed in 0..8 {
            let mut reading = scene(setting, vec![someone("girl"), someone("bear")]);
            reading.props = ["kite", "red-apple", "bicycle", "castle", "sailboat", "deciduous-tree"]
                .map(thing)
                .to_vec();
            let (stage, company, backdrop) = company(&reading, seed, (1024, 768));
            let (things, _) = prop::place(&stage, &reading, &backdrop, &company);
            for item in things.iter().filter(|item| !item.is_behind()) {
                let area = stage::Area::around(item.x, item.y, item.size * 0.7, item.size * 0.7);
                for (figure, spot) in company.figures.iter().filter(|(_, spot)| spot.y < item.foot()) {
                    assert!(!area.overlaps(&layout::face(figure, *spot)), "{setting:?} {seed}");
                }
            }
        }
    }
}

#[test]
fn the_hero_is_at_the_left_in_the_middle_and_at_the_right_by_seed() {
    let mut places = std::collections::BTreeSet::new();
    let reading = scene(Setting::Meadow, vec![someone("fox")]);
    for seed in 0..30 {
        let (stage, company, _) = company(&reading, seed, (1024, 768));
        places.insert((company.figures[0].1.x / stage.width * 3.0) as u32);
    }
    assert_eq!(places.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_character_looks_the_same_on_every_page() {
    let body = |setting, seed| {
        let mut fox = someone("fox");
        fox.name = Some("Pip".into());
        fox.garments.push(Garment {
            kind: GarmentKind::Scarf,
            color: None,
        });
        let mut g = Drawing::default();
        let reading = scene(setting, vec![fox.clone()]);
        let (_, company, _) = company(&reading, seed, (1024, 768));
        let spot = figure::Spot {
            x: 0.0,
            y: 0.0,
            unit: 1.0,
            faces_left: false,
            floats: false,
        };
        company.figures[0].0.draw(&mut g, spot);
        g.finish(256, 256, (256.0, 256.0))
    };
    assert_eq!(body(Setting::Meadow, 1), body(Setting::Castle, 9));
}

#[test]
fn unknown_words_change_the_picture_and_are_reported() {
    let plain = scene(Setting::Meadow, vec![someone("fox")]);
    let odd = Reading {
        unknown: vec!["submarine".into()],
        ..plain.clone()
    };
    let odder = Reading {
        unknown: vec!["zeppelin".into()],
        ..plain.clone()
    };
    let (a, b, c) = (small(&plain, 0), small(&odd, 0), small(&odder, 0));
    assert!(a.png != b.png && b.png != c.png);
    assert_eq!(b.not_drawn, ["submarine"]);
    assert!(a.not_drawn.is_empty());
}

#[test]
fn what_could_not_be_drawn_is_not_called_understood() {
    let mut reading = scene(Setting::Space, vec![someone("fox"), someone("gryphon")]);
    reading.weather = Weather::Rain;
    reading.props = vec![thing("no-such-thing")];
    reading.understood = ["fox", "gryphon", "rain", "space", "no such thing"]
        .map(String::from)
        .to_vec();
    let picture = small(&reading, 0);
    assert_eq!(picture.understood, ["fox", "space"]);
    assert_eq!(picture.not_drawn, ["gryphon", "rain", "no such thing"]);
}

#[test]
fn a_crowd_is_cut_short_and_told() {
    let cast = vec![someone("fox"); layout::MOST + 2];
    let reading = scene(Setting::Meadow, cast);
    let (_, company, _) = company(&reading, 0, (1024, 768));
    assert_eq!((company.figures.len(), company.left_out.len()), (layout::MOST, 2));
}

#[test]
fn all_sprite_names_in_the_code_are_in_the_set() {
    for kind in face::kinds().chain(["knight", "king", "owl", "dragon"]) {
        let known = can_draw(kind) || face::kinds().any(|k| k == kind);
        assert!(known, "{kind}");
        let reading = scene(Setting::Meadow, vec![someone(kind)]);
        let (_, company, _) = company(&reading, 0, (1024, 768));
        assert_eq!(company.figures.len(), 1, "{kind}");
    }
    for name in [
        "coral",
        "spiral-shell",
        "sailboat",
        "sunflower",
        "red-heart",
        "teddy-bear",
        "books",
        "potted-plant",
        "pot-of-food",
        "teapot",
        "bread",
    ] {
        assert!(can_draw(name), "{name} is drawn by a setting");
    }
    assert!(!can_draw("no-such-thing") && !can_draw(""));
}

#[test]
fn the_lexicon_names_only_sprites_that_there_are() {
    let missing: Vec<_> = lexicon::sprites().filter(|name| !can_draw(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn skin_tones_and_colours_show() {
    let mut seen = std::collections::BTreeSet::new();
    for skin in [
        None,
        Some(SkinTone::Light),
        Some(SkinTone::MediumLight),
        Some(SkinTone::Medium),
        Some(SkinTone::MediumDark),
        Some(SkinTone::Dark),
    ] {
        for kind in ["girl", "old-man", "farmer"] {
            let mut who = someone(kind);
            who.skin = skin;
            assert!(
                seen.insert(document(&scene(Setting::Meadow, vec![who]), 0)),
                "{kind} {skin:?}"
            );
        }
    }
    for color in [Color::Blue, Color::Gold, Color::Black] {
        for kind in ["dragon", "fox", "rabbit"] {
            let mut who = someone(kind);
            who.color = Some(color);
            assert!(
                seen.insert(document(&scene(Setting::Meadow, vec![who]), 0)),
                "{kind} {color:?}"
            );
        }
    }
}

#[test]
fn hostile_words_never_reach_the_document() {
    let long = "a very long tale of a fox ".repeat(2000);
    let prompts = [
        "",
        " ",
        "<svg onload=\"x\">&amp;<image href=\"file:///etc/passwd\"/>",
        "\u{0}\u{7}\u{202e}\u{feff}",
        "🦊🧣❄️👩‍🚀",
        "]]><script>alert(1)</script>",
        "{} {0} {name} %s",
        &long,
    ];
    for prompt in prompts {
        let options = Options {
            width: 256,
            height: 256,
            ..Options::default()
        };
        let picture = draw(prompt, &options).unwrap();
        assert!(!picture.svg.contains("script") && !picture.svg.contains("passwd") && !picture.svg.contains("<image"));
    }
    let mut evil = someone("fox");
    evil.name = Some("\"/><script>".into());
    evil.holds = Some("\"/><script>".into());
    evil.kind = "fox".into();
    let mut reading = scene(Setting::Meadow, vec![evil]);
    reading.props = vec![thing("\"/><script>")];
    reading.unknown = vec!["<script>".into()];
    assert!(!small(&reading, 0).svg.contains("script"));
}

#[test]
fn words_become_a_picture() {
    let picture = draw(
        "A fox named Pip with a green scarf finds a star in a snowy pine forest at night",
        &Options::default(),
    )
    .unwrap();
    assert_eq!(pixels(&picture).dimensions(), (1024, 768));
    let words = picture.understood.join(" ").to_lowercase();
    for word in ["fox", "scarf", "star", "night"] {
        assert!(words.contains(word), "{word} in {words}");
    }
    assert!(picture.png.len() < 400_000, "{} bytes", picture.png.len());
}
