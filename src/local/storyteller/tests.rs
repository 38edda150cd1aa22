use proptest::prelude::*;

use super::grammar::count_words;
use super::*;
use crate::local::lexicon::read;

fn brief(title: &str, prompt: &str, scenes: usize, seed: u64) -> Brief {
    Brief {
        title: title.to_owned(),
        prompt: prompt.to_owned(),
        scenes,
        seed,
        words_per_scene: 45,
    }
}

fn whole_text(tale: &Tale) -> String {
    let texts: Vec<&str> = tale.scenes.iter().map(|page| page.text.as_str()).collect();
    texts.join(" ")
}

#[test]
fn a_tale_keeps_what_the_brief_says() {
    let brief = brief(
        "Pip and the Lost Star",
        "A small fox named Pip, who wears a green scarf, finds a fallen star in a snowy forest at night. \
         There are three balloons. An owl named Olga helps.",
        8,
        7,
    );
    let tale = tell(&brief).unwrap();
    let text = whole_text(&tale);
    for fact in [
        "Pip",
        "fox",
        "green scarf",
        "fallen star",
        "snowy forest",
        "snowy night",
        "three balloons",
        "Olga",
    ] {
        assert!(text.contains(fact), "{fact} is missing in: {text}");
    }
    for page in &tale.scenes {
        let reading = read(&page.image_prompt);
        assert_eq!(reading.time, TimeOfDay::Night, "{}", page.image_prompt);
        assert_eq!(reading.weather, Weather::Snow, "{}", page.image_prompt);
        assert_eq!(reading.setting, Setting::PineForest, "{}", page.image_prompt);
    }
    assert!(tale.not_understood.is_empty(), "{:?}", tale.not_understood);
}

#[test]
fn the_seed_changes_the_words_and_nothing_else_does() {
    let first = brief("Mira's kite", "Mira loses her red kite on the beach", 6, 1);
    let second = Brief {
        seed: 2,
        ..first.clone()
    };
    assert_eq!(tell(&first), tell(&first));
    assert_ne!(tell(&first), tell(&second));
}

#[test]
fn a_brief_that_is_not_understood_still_makes_a_tale_with_its_title() {
    let tale = tell(&brief("Der Wald", "Ein Fuchs im Wald bei Nacht", 5, 3)).unwrap();
    assert_eq!(tale.scenes.len(), 5);
    assert!(whole_text(&tale).contains("Der Wald"));
    assert!(tale.not_understood.contains(&"fuchs".to_owned()));
}

#[test]
fn says_what_is_wrong_with_a_brief() {
    let good = brief("A title", "a fox", 3, 0);
    let with = |change: fn(&mut Brief)| {
        let mut brief = good.clone();
        change(&mut brief);
        tell(&brief).unwrap_err()
    };
    assert_eq!(with(|it| it.title = " <b></b> ".into()), StorytellerError::EmptyTitle);
    assert_eq!(with(|it| it.prompt = "\n".into()), StorytellerError::EmptyPrompt);
    assert_eq!(with(|it| it.scenes = 0), StorytellerError::SceneCount(0));
    assert_eq!(with(|it| it.scenes = 13), StorytellerError::SceneCount(13));
    assert_eq!(
        with(|it| it.prompt = "a fox with a gun".into()),
        StorytellerError::BlockedWord("gun".into())
    );
}

#[test]
fn ten_tales_do_not_read_alike() {
    let tales: Vec<Tale> = (0..10)
        .map(|seed| {
            tell(&brief(
                "The kite",
                "A fox named Pip loses a red kite in the meadow",
                8,
                seed,
            ))
            .unwrap()
        })
        .collect();
    for page in 0..8 {
        let mut texts: Vec<&str> = tales.iter().map(|tale| tale.scenes[page].text.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert!(texts.len() >= 7, "page {page} has only {} texts", texts.len());
    }
}

fn prompts() -> impl Strategy<Value = String> {
    let hero = prop::sample::select(vec![
        "a fox named Pip",
        "Mira",
        "an owl",
        "a small blue dragon",
        "Otis, a boy with dark skin,",
        "King Otto",
        "two children",
        "Grandma",
        "a girl called Red Riding Hood",
        "a robot and a cat",
        "butterflies",
        "an elephant",
        "a mermaid",
        "three bears",
        "somebody",
        "a witch and her black cat",
    ]);
    let look = prop::sample::select(vec![
        "",
        " in a green scarf",
        " wearing a red coat and yellow boots",
        " with a purple hat",
        " in blue pyjamas",
        " holding a red lantern",
        " in an orange cape, holding a kite",
        " with glasses and a backpack",
    ]);
    let deed = prop::sample::select(vec![
        " finds a golden key",
        " loses her umbrella",
        " is afraid of the dark",
        " meets an octopus",
        " helps a turtle",
        " has a birthday party with balloons and an apple pie",
        " travels far",
        " looks for honey",
        " sleeps",
        "",
        " builds a rocket with five friends",
        " finds a golden crown",
    ]);
    let place = prop::sample::select(vec![
        "",
        " in the pine forest",
        " on the beach",
        " under the sea",
        " in bed",
        " on a hill",
        " in the city at night",
        " in the castle at dawn",
        " on the moon",
        " by the river at sunset",
        " in a cave",
        " in the library",
        " in Antarctica",
        " among the trees",
    ]);
    let weather = prop::sample::select(vec![
        "",
        ". It is raining",
        " in the snow",
        ", no rain",
        " and a rainbow",
        ". Stormy",
    ]);
    (hero, look, deed, place, weather)
        .prop_map(|(hero, look, deed, place, weather)| format!("{hero}{look}{deed}{place}{weather}."))
}

/// What is wrong with a page's English, as far as a machine can tell.
fn faults(text: &str) -> Vec<&'static str> {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .collect();
    let mut faults = Vec::new();
    let mut check = |wrong: bool, fault| {
        if wrong {
            faults.push(fault);
        }
    };
    check(
        text.contains(['{', '}', '|', '<', '>', '[', ']']),
        "a blank or markup is left",
    );
    check(text.contains("  "), "a double space");
    check(
        text.contains(" ,") || text.contains(" .") || text.contains(".."),
        "a stray mark",
    );
    check(
        !text.starts_with(|c: char| c.is_uppercase() || c == '"'),
        "does not begin with a capital",
    );
    check(!text.ends_with(['.', '?', '!', '"']), "does not end a sentence");
    check(text.matches('"').count() % 2 == 1, "a quotation is not closed");
    check(
        words.windows(2).any(|pair| {
            pair[0].eq_ignore_ascii_case("a")
                && pair[1].starts_with(['a', 'e', 'i', 'o'])
                && !pair[1].starts_with("one")
                || pair[0].eq_ignore_ascii_case("an") && grammar::article(pair[1]) == "a"
        }),
        "a wrong article",
    );
    let raw: Vec<&str> = text.split_whitespace().collect();
    let echoes = ["down,", "tap,", "tick,", "tock,", "drip,", "rustle,"];
    check(
        raw.windows(2)
            .any(|pair| pair[0].eq_ignore_ascii_case(pair[1]) && !echoes.contains(&pair[0].to_lowercase().as_str())),
        "a doubled word",
    );
    let they_was = words.windows(2).any(|pair| {
        matches!(
            (pair[0].to_lowercase().as_str(), pair[1]),
            ("they", "was") | ("he" | "she", "were")
        )
    });
    check(they_was, "a verb that does not agree");
    let mut previous = ' ';
    let mut ended = false;
    for c in text.chars() {
        if ended && previous == ' ' && c.is_lowercase() {
            check(true, "a sentence without a capital");
            break;
        }
        match c {
            '.' => ended = true,
            ' ' => {}
            _ => ended = false,
        }
        previous = c;
    }
    faults
}

#[test]
fn a_short_page_keeps_its_length_however_much_must_be_told() {
    let tale = tell(&Brief {
        title: "The Little Tale".into(),
        prompt: "three bears wearing a red coat and yellow boots has a birthday party with balloons and an apple pie \
                 and a rainbow."
            .into(),
        scenes: 1,
        seed: 7_974_903_661_251_101_218,
        words_per_scene: 45,
    })
    .unwrap();
    let count = count_words(&tale.scenes[0].text);
    assert!((27..=83).contains(&count), "{count} words in {}", tale.scenes[0].text);
}

#[test]
fn pages_that_follow_each_other_are_framed_differently() {
    for seed in 0..20 {
        let tale = tell(&brief("By the sea", "a fox by the sea", 8, seed)).unwrap();
        let readings: Vec<_> = tale.scenes.iter().map(|page| read(&page.image_prompt)).collect();
        for pair in readings.windows(2) {
            assert_ne!(pair[0].shot, pair[1].shot);
            assert!(pair[1].side.is_some() && pair[0].side != pair[1].side);
        }
        let mut times: Vec<_> = readings.iter().map(|reading| reading.time).collect();
        times.dedup();
        assert!(times.len() >= 3, "{times:?}");
    }
}

#[test]
fn one_alone_is_not_called_they_again_and_again() {
    for seed in 0..40 {
        let tale = tell(&brief("Pip", "a fox named Pip finds a star in the forest", 8, seed)).unwrap();
        let text = whole_text(&tale);
        for tag in ["\" they said", "\" they whispered", "\" they asked"] {
            assert!(!text.contains(tag), "{tag} in {text}");
        }
        assert!(!text.contains("Pip were") && !text.contains("owl were"), "{text}");
    }
}

/// As many as `PROPTEST_CASES` says, for a long run by hand.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_tale_is_sound(prompt in prompts(), scenes in 1usize..=12, seed: u64, words in 20usize..=150) {
        let brief = Brief { title: "The Little Tale".into(), prompt: prompt.clone(), scenes, seed, words_per_scene: words };
        let tale = tell(&brief).unwrap();
        prop_assert_eq!(tale.scenes.len(), scenes);
        for page in &tale.scenes {
            for text in [&page.text, &page.image_prompt, &page.alt_text] {
                let faults = faults(text);
                prop_assert!(faults.is_empty(), "{:?} in {:?} for {:?}", faults, text, prompt);
            }
            let count = count_words(&page.text);
            let (least, most) = (words * 6 / 10, words * 13 / 10 + 25);
            prop_assert!((least..=most).contains(&count) || (words < 45 && count <= 60),
                "{} words for {} in {:?}", count, words, page.text);
            prop_assert!(page.alt_text.chars().count() <= 140, "{}", page.alt_text);
            prop_assert!(!page.title.is_empty());
        }
        for pair in tale.scenes.windows(2) {
            prop_assert_ne!(&pair[0].text, &pair[1].text);
        }
    }

    #[test]
    fn the_hero_looks_the_same_on_every_page(prompt in prompts(), scenes in 1usize..=12, seed: u64) {
        let tale = tell(&brief("The Little Tale", &prompt, scenes, seed)).unwrap();
        let said = read(&prompt).cast.into_iter().next();
        let looks: Vec<_> = tale.scenes.iter().map(|page| read(&page.image_prompt)).collect();
        let first = &looks[0].cast[0];
        for (reading, page) in looks.iter().zip(&tale.scenes) {
            let hero = &reading.cast[0];
            prop_assert_eq!(&hero.kind, &first.kind, "{}", &page.image_prompt);
            prop_assert_eq!(&hero.garments, &first.garments, "{}", &page.image_prompt);
            prop_assert_eq!(&hero.name, &first.name, "{}", &page.image_prompt);
            prop_assert_eq!((hero.color, hero.skin, hero.scale, &hero.holds), (first.color, first.skin, first.scale, &first.holds));
            prop_assert_eq!(reading.setting, looks[0].setting, "{}", &page.image_prompt);
            prop_assert!(reading.unknown.is_empty(), "{:?} in {}", &reading.unknown, &page.image_prompt);
            if let Some(said) = &said {
                prop_assert_eq!(&hero.kind, &said.kind);
                prop_assert_eq!(&hero.garments, &said.garments, "{}", &page.image_prompt);
                prop_assert_eq!(&hero.holds, &said.holds, "{}", &page.image_prompt);
            }
        }
        if let Some(name) = said.and_then(|hero| hero.name) {
            prop_assert!(tale.scenes[0].text.contains(&name));
        }
    }

    #[test]
    fn hostile_briefs_are_plain_text(title in "\\PC{1,60}", prompt in "\\PC{0,600}", scenes in 1usize..=12, seed: u64) {
        if let Ok(tale) = tell(&brief(&title, &prompt, scenes, seed)) {
            prop_assert_eq!(tale.scenes.len(), scenes);
            for page in &tale.scenes {
                let markup = page.text.contains(['<', '>', '{', '}']);
                prop_assert!(!markup && !page.text.chars().any(char::is_control));
            }
        }
    }
}

#[test]
fn long_briefs_are_told_too() {
    let prompt = "Pip the fox 🦊 said \"hello\" to <b>the</b> owl. ".repeat(250);
    assert!(prompt.len() > 10_000);
    let tale = tell(&brief("“Pip” & 'Co' 🌙", &prompt, 12, 1)).unwrap();
    assert!(whole_text(&tale).contains("Pip"));
}

/// For people: `BRIEFS=file cargo test --lib show_tales -- --ignored --nocapture`; a line is `scenes|words|seed|title|prompt`.
#[test]
#[ignore = "prints for reading"]
fn show_tales() {
    let path = std::env::var("BRIEFS").expect("BRIEFS names a file");
    for line in std::fs::read_to_string(path).expect("readable").lines() {
        let parts: Vec<&str> = line.splitn(5, '|').collect();
        let tale = tell(&Brief {
            title: parts[3].into(),
            prompt: parts[4].into(),
            scenes: parts[0].parse().unwrap(),
            seed: parts[2].parse().unwrap(),
            words_per_scene: parts[1].parse().unwrap(),
        })
        .unwrap();
        println!(
            "\n===== {} :: {}\n  {:?} / {:?}",
            tale.title, parts[4], tale.understood, tale.not_understood
        );
        for page in tale.scenes {
            println!(
                "\n## {} ({} words)\n{}\n  [{}]\n  [{}]",
                page.title,
                count_words(&page.text),
                page.text,
                page.image_prompt,
                page.alt_text
            );
        }
    }
}
