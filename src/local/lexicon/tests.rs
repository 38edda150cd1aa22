use proptest::prelude::*;

use super::*;

fn hero(text: &str) -> Character {
    read(text)
        .cast
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("nobody in {text:?}"))
}

fn props(text: &str) -> Vec<(String, u8)> {
    read(text)
        .props
        .into_iter()
        .map(|prop| (prop.sprite, prop.count))
        .collect()
}

#[test]
fn reads_a_whole_prompt() {
    let reading = read(
        "Pip the fox in a green scarf, holding a red lantern, deep pine forest at night, heavy snow falling, \
         the lost star glowing between the trees, wide shot",
    );
    let pip = &reading.cast[0];
    assert_eq!((pip.kind.as_str(), pip.name.as_deref()), ("fox", Some("Pip")));
    assert_eq!(
        pip.garments,
        [Garment {
            kind: GarmentKind::Scarf,
            color: Some(Color::Green)
        }]
    );
    assert_eq!(pip.holds.as_deref(), Some("red-paper-lantern"));
    assert_eq!(reading.cast.len(), 1);
    assert_eq!((reading.setting, reading.setting_said), (Setting::PineForest, true));
    assert_eq!((reading.time, reading.weather), (TimeOfDay::Night, Weather::Snow));
    assert_eq!(reading.shot, Shot::Wide);
    assert_eq!(reading.props[0].sprite, "glowing-star");
    for word in [
        "fox",
        "Pip",
        "green scarf",
        "red lantern",
        "pine forest",
        "night",
        "snow",
    ] {
        assert!(
            reading.understood.iter().any(|it| it == word),
            "{word} in {:?}",
            reading.understood
        );
    }
    assert!(reading.unknown.is_empty(), "{:?}", reading.unknown);
}

#[test]
fn finds_names_however_they_are_given() {
    for text in [
        "a fox named Pip",
        "A small fox called pip looks up.",
        "Pip the little red fox",
        "Pip, a fox",
        "the fox Pip",
        "A fox whose name is Pip.",
        "Fox. His name is Pip",
        "a fox named \"Pip\"",
    ] {
        let hero = hero(text);
        assert_eq!(
            (hero.kind.as_str(), hero.name.as_deref()),
            ("fox", Some("Pip")),
            "{text}"
        );
    }
    assert_eq!(hero("Mira, a girl, and her dog").name.as_deref(), Some("Mira"));
    let olle = read("A Red Umbrella for Olle. A penguin called Olle with a red umbrella");
    assert_eq!((olle.cast.len(), olle.cast[0].kind.as_str()), (1, "penguin"));
    assert_eq!(
        hero("a girl called Red Riding Hood").name.as_deref(),
        Some("Red Riding Hood")
    );
    assert_eq!(hero("King Otto looks at the sea").kind, "king");
    let mira = hero("Mira walks along the beach");
    assert_eq!((mira.kind.as_str(), mira.pose), ("girl", Pose::Walk));
}

#[test]
fn somebody_mentioned_again_is_the_same() {
    let reading = read("A fox named Pip meets an owl. The fox wears a red hat. Pip and the owl smile.");
    assert_eq!(reading.cast.len(), 2);
    assert_eq!(reading.cast[0].garments.len(), 1);
    assert_eq!(read("a fox meets another fox").cast.len(), 2);
    assert_eq!(read("two foxes in the snow").cast.len(), 2);
    assert_eq!(read("Rusty the fox and Pip the fox").cast.len(), 2);
}

#[test]
fn clothes_go_to_whom_they_belong() {
    let reading = read("A bear wears a red coat and yellow boots, a mouse in a blue hat");
    assert_eq!(
        reading.cast[0].garments,
        [
            Garment {
                kind: GarmentKind::Coat,
                color: Some(Color::Red)
            },
            Garment {
                kind: GarmentKind::Boots,
                color: Some(Color::Yellow)
            },
        ]
    );
    assert_eq!(
        reading.cast[1].garments,
        [Garment {
            kind: GarmentKind::Hat,
            color: Some(Color::Blue)
        }]
    );
    assert_eq!(hero("In a purple cape, a cat runs").garments[0].kind, GarmentKind::Cape);
}

#[test]
fn a_crown_that_is_found_is_not_worn() {
    let reading = read("A girl finds a golden crown");
    assert!(reading.cast[0].garments.is_empty());
    assert_eq!(reading.props[0].sprite, "crown");
    assert!(hero("Queen Ada searches for her golden crown").garments.is_empty());
    assert_eq!(hero("a girl with a golden crown").garments[0].kind, GarmentKind::Crown);
}

#[test]
fn counts_things() {
    assert_eq!(
        props("three stars and 2 balloons over a fox"),
        [("star".into(), 3), ("balloon".into(), 2)]
    );
    assert_eq!(props("a fox and a hot air balloon"), [("balloon".into(), 1)]);
    assert_eq!(props("a mouse eats; an apple pie on the table"), [("pie".into(), 1)]);
}

#[test]
fn respects_what_is_denied() {
    let reading = read("A fox in a forest, no rain or snow, without a scarf, not afraid");
    assert_eq!(reading.weather, Weather::Clear);
    assert!(reading.cast[0].garments.is_empty());
    assert_eq!(reading.cast[0].mood, Mood::Calm);
    assert!(reading.understood.contains(&"no rain".to_owned()));
    assert_eq!(read("a dog and no cat").cast.len(), 1);
    assert_eq!(read("A girl, brave like a lion").cast.len(), 1);
}

#[test]
fn a_place_to_be_in_wins_over_one_to_see() {
    assert_eq!(read("mountains far away, a cow in a meadow").setting, Setting::Meadow);
    assert_eq!(read("a knight in the old castle").setting, Setting::Castle);
    let outside = read("a knight near a castle by the river");
    assert_eq!(
        (outside.setting, outside.props[0].sprite.as_str()),
        (Setting::River, "castle")
    );
    assert_eq!(read("a whale under the sea").setting, Setting::Underwater);
    assert!(!read("a whale").setting_said);
    let snowy = read("a hare in a snowy forest");
    assert_eq!((snowy.setting, snowy.weather), (Setting::PineForest, Weather::Snow));
}

#[test]
fn poses_and_moods_go_to_the_right_one() {
    let reading = read("A sleeping bear and a happy mouse. The mouse waves.");
    assert_eq!((reading.cast[0].pose, reading.cast[1].mood), (Pose::Sleep, Mood::Happy));
    assert_eq!(reading.cast[1].pose, Pose::Wave);
    assert_eq!(hero("The boy is sad and tired").mood, Mood::Sad);
    assert_eq!(hero("A tiny blue dragon jumps").scale, Scale::Small);
    assert_eq!(hero("A tiny blue dragon jumps").color, Some(Color::Blue));
}

#[test]
fn people_have_skin_and_animals_fur() {
    assert_eq!(hero("a girl with dark skin in a red dress").skin, Some(SkinTone::Dark));
    assert_eq!(hero("a black girl").skin, Some(SkinTone::Dark));
    assert_eq!(hero("a rabbit with white fur").color, Some(Color::White));
}

#[test]
fn reports_what_is_not_known() {
    let reading = read("A green submarine with a periscope quickly dives past a fox");
    assert_eq!(reading.unknown, ["submarine", "periscope"]);
}

#[test]
fn swarms_are_scenery_unless_alone() {
    assert_eq!(read("a fox and butterflies").cast.len(), 1);
    assert_eq!(read("butterflies in the garden").cast.len(), 3);
    assert_eq!(read("a bee on a flower").cast.len(), 1);
}

#[test]
fn reads_emoji() {
    let reading = read("🦊🌲🌙");
    assert_eq!(reading.cast[0].kind, "fox");
    assert_eq!(reading.props.len(), 2);
}

#[test]
fn other_languages_are_not_understood_and_do_no_harm() {
    let reading = read("Лисица в лесу ночью 森の中のキツネ الثعلب");
    assert!(reading.cast.is_empty());
    assert!(!reading.unknown.is_empty());
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,400}") {
        let _ = read(&text);
    }

    #[test]
    fn never_panics_on_words(words in prop::collection::vec(
        prop::sample::select(vec![
            "Pip", "the", "a", "fox", "named", "no", "or", "and", "in", "with", "red", "scarf", "holding", ",", ".",
            "lantern", "two", "255", "like", "stopped", "raining", "king's", "toy", "bear", "is", "happy", "Rose", "'s",
            "snowy forest", "under the", "sea", "\u{301}", "🦊", "as", "of", "castle", "birds", "sleeping",
        ]), 0..60)) {
        let text = words.join(" ");
        let reading = read(&text);
        prop_assert!(reading.cast.len() <= 6);
        prop_assert_eq!(reading, read(&text));
    }
}

/// For people: `PROMPTS=file cargo test --lib show_readings -- --ignored --nocapture`.
#[test]
#[ignore = "prints for reading"]
fn show_readings() {
    let path = std::env::var("PROMPTS").expect("PROMPTS names a file");
    for line in std::fs::read_to_string(path).expect("readable").lines() {
        let r = read(line);
        println!("\n> {line}");
        for c in &r.cast {
            println!(
                "  {} {:?} {:?} holds {:?} {:?} {:?} {:?} {:?} {:?}",
                c.kind,
                c.name,
                c.garments.iter().map(|g| (g.kind, g.color)).collect::<Vec<_>>(),
                c.holds,
                c.color,
                c.skin,
                c.pose,
                c.mood,
                c.scale
            );
        }
        println!(
            "  {:?} said {} {:?} {:?} {:?} props {:?}",
            r.setting,
            r.setting_said,
            r.time,
            r.weather,
            r.shot,
            r.props
                .iter()
                .map(|p| (p.sprite.as_str(), p.count, p.color))
                .collect::<Vec<_>>()
        );
        println!("  understood {:?}\n  unknown {:?}", r.understood, r.unknown);
    }
}

/// For people: `cargo test --lib show_speed -- --ignored --nocapture`.
#[test]
#[ignore = "prints a measurement"]
fn show_speed() {
    let prompt = "Pip the fox in a green scarf, holding a red lantern, deep pine forest at night, heavy snow falling, \
                  the lost star glowing between the trees, wide shot";
    let first = std::time::Instant::now();
    let _ = read(prompt);
    println!("first, with the tables: {:?}", first.elapsed());
    let start = std::time::Instant::now();
    for _ in 0..1_000 {
        let _ = read(prompt);
    }
    println!("each: {:?}", start.elapsed() / 1_000);
}
