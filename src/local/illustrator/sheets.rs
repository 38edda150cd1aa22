//! Pictures to look at and to measure, drawn on request only: see the two ignored tests.

use std::fs;

use super::tests::{GARMENTS, MOODS, POSES, scene, someone, thing};
use super::*;
use crate::local::lexicon::{Color, Garment, GarmentKind, Prop, Shot, TimeOfDay};

/// Prints how long a picture takes and how large it is.
#[test]
#[ignore = "measures; run it with --release"]
fn speed() {
    let prompts = [
        "A fox in a green scarf with a lantern in a snowy pine forest at night, a star glows",
        "A girl and a turtle on the beach at sunset",
        "A bear reads to a mouse in the library",
        "A robot in the city in the rain",
    ];
    draw("warm up the sprites", &Options::default()).unwrap();
    for prompt in prompts {
        let start = std::time::Instant::now();
        let composed = compose(&lexicon::read(prompt), prompt, &Options::default());
        let composing = start.elapsed();
        let start = std::time::Instant::now();
        let png = render::to_png(&composed.svg, 1024, 768).unwrap();
        println!(
            "compose {composing:?}, render {:?}, PNG {} bytes, SVG {}",
            start.elapsed(),
            png.len(),
            composed.svg.len()
        );
    }
}

/// Draws all pages of ten stories, a story to a sheet, with their texts beside them; see [`sheets`] for the folder.
#[test]
#[ignore = "draws pictures to look at"]
fn stories() {
    use crate::local::storyteller::{Brief, tell};

    const COLUMNS: usize = 4;
    let folder = std::env::var("ILLUSTRATOR_SHEETS")
        .unwrap_or_else(|_| std::env::temp_dir().join("illustrator").display().to_string());
    fs::create_dir_all(&folder).unwrap();
    let (w, h) = (480, 360);
    for (number, (title, prompt)) in STORIES.iter().enumerate() {
        let tale = tell(&Brief {
            title: (*title).into(),
            prompt: (*prompt).into(),
            scenes: 8,
            seed: number as u64,
            words_per_scene: 60,
        })
        .unwrap();
        let rows = tale.scenes.len().div_ceil(COLUMNS);
        let mut all = image::RgbImage::new((w * COLUMNS) as u32, (h * rows) as u32);
        let mut text = format!("{title}\n{prompt}\n");
        for (i, page) in tale.scenes.iter().enumerate() {
            let options = Options {
                seed: number as u64,
                width: w as u32,
                height: h as u32,
                ..Options::default()
            };
            let picture = draw(&page.image_prompt, &options).unwrap();
            let picture = image::load_from_memory(&picture.png).unwrap().to_rgb8();
            image::imageops::replace(&mut all, &picture, (i % COLUMNS * w) as i64, (i / COLUMNS * h) as i64);
            text += &format!("\n## {}\n{}\n  [{}]\n", page.title, page.text, page.image_prompt);
        }
        all.save(format!("{folder}/story-{number}.png")).unwrap();
        fs::write(format!("{folder}/story-{number}.txt"), text).unwrap();
    }
}

const STORIES: [(&str, &str); 10] = [
    (
        "Pip and the Fallen Star",
        "a small fox named Pip, who wears a green scarf, finds a fallen star in a snowy pine forest at night and \
         brings it home with the help of an owl",
    ),
    ("By the Sea", "a fox by the sea"),
    (
        "Mira's Kite",
        "Mira, a girl with brown skin in a yellow raincoat, loses her red kite on the beach",
    ),
    (
        "The Brave Mouse",
        "a tiny mouse named Momo and a big elephant travel through the desert",
    ),
    (
        "Olle's Umbrella",
        "a penguin called Olle with a red umbrella meets a seal on the ice",
    ),
    ("The Dark", "a little bear is afraid of the dark in the cave"),
    (
        "Otto's Party",
        "King Otto has a birthday party with three balloons in the castle, a dragon and a cat come",
    ),
    (
        "The Robot in the City",
        "a lonely robot with a backpack meets a cat in the city in the rain",
    ),
    (
        "Under the Sea",
        "a small turtle named Tilly looks for a golden key under the sea with an octopus and a fish",
    ),
    (
        "Grandma's Garden",
        "Grandma and Lily help a hedgehog in the garden, there is a bicycle and a tree",
    ),
];

/// Draws the sheets that a person looks at, into the folder that `ILLUSTRATOR_SHEETS` names or a temporary
/// one; `ILLUSTRATOR_ONLY` names those to draw, with commas between them.
#[test]
#[ignore = "draws pictures to look at"]
fn sheets() {
    let folder = std::env::var("ILLUSTRATOR_SHEETS")
        .unwrap_or_else(|_| std::env::temp_dir().join("illustrator").display().to_string());
    let only = std::env::var("ILLUSTRATOR_ONLY").unwrap_or_default();
    let sheet = |name: &str, scenes: Vec<(Reading, u64)>| {
        if !only.is_empty() && !only.split(',').any(|o| name.starts_with(o)) {
            return;
        }
        const COLUMNS: usize = 4;
        let (w, h) = (480, 360);
        let rows = scenes.len().div_ceil(COLUMNS);
        let mut all = image::RgbImage::new((w * COLUMNS) as u32, (h * rows) as u32);
        for (i, (reading, seed)) in scenes.iter().enumerate() {
            let options = Options {
                seed: *seed,
                width: w as u32,
                height: h as u32,
                ..Options::default()
            };
            let picture = draw_reading(reading, name, &options).unwrap();
            let picture = image::load_from_memory(&picture.png).unwrap().to_rgb8();
            let (x, y) = (i % COLUMNS * w, i / COLUMNS * h);
            image::imageops::replace(&mut all, &picture, x as i64, y as i64);
        }
        fs::create_dir_all(&folder).unwrap();
        all.save(format!("{folder}/{name}.png")).unwrap();
    };
    let dressed = || {
        let mut fox = someone("fox");
        fox.garments.push(Garment {
            kind: GarmentKind::Scarf,
            color: Some(Color::Green),
        });
        fox
    };
    for time in [TimeOfDay::Day, TimeOfDay::Night, TimeOfDay::Dawn, TimeOfDay::Sunset] {
        let scenes = Setting::ALL.iter().enumerate().map(|(i, setting)| {
            let mut cast = vec![dressed(), someone(["owl", "girl", "bear", "rabbit", "turtle"][i % 5])];
            if *setting == Setting::Underwater {
                cast.push(someone("fish"));
            }
            let mut reading = scene(*setting, cast);
            reading.time = time;
            (reading, i as u64)
        });
        sheet(&format!("settings-{time:?}").to_lowercase(), scenes.collect());
    }
    let weathers = [
        Weather::Clear,
        Weather::Cloudy,
        Weather::Rain,
        Weather::Storm,
        Weather::Snow,
        Weather::Fog,
        Weather::Wind,
        Weather::Rainbow,
    ];
    let scenes = weathers.iter().flat_map(|weather| {
        [
            (Setting::PineForest, TimeOfDay::Night),
            (Setting::Village, TimeOfDay::Day),
            (Setting::Room, TimeOfDay::Day),
            (Setting::Sea, TimeOfDay::Sunset),
        ]
        .map(|(setting, time)| {
            let mut reading = scene(setting, vec![dressed()]);
            (reading.weather, reading.time) = (*weather, time);
            (reading, 3)
        })
    });
    sheet("weather", scenes.collect());
    let scenes = GARMENTS.iter().flat_map(|kind| {
        let with = |who: &str, color| {
            let mut c = someone(who);
            c.garments.push(Garment { kind: *kind, color });
            c
        };
        let mut a = scene(
            Setting::Meadow,
            vec![
                with("fox", Some(Color::Green)),
                with("girl", None),
                with("king", Some(Color::Blue)),
            ],
        );
        let mut b = scene(
            Setting::Meadow,
            vec![
                with("owl", None),
                with("deer", Some(Color::Red)),
                with("elephant", Some(Color::Purple)),
            ],
        );
        (a.shot, b.shot) = (Shot::Close, Shot::Close);
        [(a, 1), (b, 1)]
    });
    sheet("garments", scenes.collect());
    let scenes = POSES.iter().flat_map(|pose| {
        let with = |who: &str, holds: Option<&str>| {
            let mut c = someone(who);
            c.pose = *pose;
            c.holds = holds.map(str::to_owned);
            c
        };
        let mut a = scene(Setting::Meadow, vec![with("fox", None), with("girl", Some("lantern"))]);
        let mut b = scene(
            Setting::Room,
            vec![with("mouse", Some("book")), with("farmer", None), with("dragon", None)],
        );
        b.cast[0].holds = Some("balloon".into());
        (a.shot, b.shot) = (Shot::Close, Shot::Close);
        [(a, 2), (b, 2)]
    });
    sheet("poses", scenes.collect());
    let scenes = MOODS.iter().flat_map(|mood| {
        let with = |who: &str| {
            let mut c = someone(who);
            c.mood = *mood;
            c
        };
        let mut a = scene(Setting::Garden, vec![with("fox"), with("boy"), with("rabbit")]);
        let mut b = scene(
            Setting::Beach,
            vec![with("robot"), with("princess"), with("penguin"), with("turtle")],
        );
        (a.shot, b.shot) = (Shot::Close, Shot::Close);
        [(a, 2), (b, 2)]
    });
    sheet("moods", scenes.collect());
    let kinds: Vec<&str> = face::kinds().chain(["knight"]).collect();
    let scenes = kinds.chunks(5).map(|kinds| {
        let mut reading = scene(Setting::Meadow, kinds.iter().map(|kind| someone(kind)).collect());
        reading.shot = Shot::Close;
        (reading, 5)
    });
    sheet("faces", scenes.collect());
    let props = [
        "star", "kite", "balloon", "sailboat", "castle", "house", "tree", "ball", "book", "lantern", "cake", "bicycle",
        "rocket", "moon", "snowman", "tent", "flower", "apple", "treasure", "boat",
    ];
    let props: Vec<&str> = props
        .into_iter()
        .filter(|name| can_draw(name))
        .chain([
            "soccer-ball",
            "open-book",
            "birthday-cake",
            "tulip",
            "red-apple",
            "wrapped-gift",
            "duck",
            "butterfly",
        ])
        .collect();
    let scenes = props.chunks(3).enumerate().map(|(i, names)| {
        let mut reading = scene(
            [Setting::Meadow, Setting::Beach, Setting::Bedroom, Setting::Village][i % 4],
            vec![someone("bear"), someone("boy")],
        );
        reading.props = names
            .iter()
            .map(|name| Prop {
                sprite: (*name).into(),
                count: 1 + (i % 3) as u8,
                color: None,
            })
            .collect();
        reading.shot = [Shot::Wide, Shot::Medium, Shot::Close][i % 3];
        reading.time = [TimeOfDay::Night, TimeOfDay::Day][i % 2];
        (reading, i as u64)
    });
    sheet("props", scenes.collect());
    let scenes = (0..8).map(|seed| {
        let mut fox = dressed();
        fox.holds = Some("lantern".into());
        fox.name = Some("Pip".into());
        let mut reading = scene(Setting::PineForest, vec![fox, someone("owl")]);
        reading.time = TimeOfDay::Night;
        reading.weather = Weather::Snow;
        reading.props = vec![thing("glowing-star")];
        reading.shot = [Shot::Wide, Shot::Medium, Shot::Close][seed as usize % 3];
        (reading, seed)
    });
    sheet("seeds", scenes.collect());
    let prompts = [
        "A fox named Pip in a green scarf holding a red lantern, deep pine forest at night, heavy snow, a lost star glowing, wide shot",
        "A girl with dark skin in a yellow raincoat and red boots walks in the rain through the city, close up",
        "A king and a green dragon in a castle at sunset",
        "A boy flying a kite with a rabbit in a meadow under a rainbow",
        "A robot and a cat in space with a rocket and a planet",
        "An octopus, a fish and a shell under the sea",
        "A bear reads a book to a mouse in a bedroom at night while it rains",
        "A pirate girl sails a boat on the stormy sea with a parrot",
        "Grandmother bakes a cake in the kitchen with a little boy",
        "A sad wolf sits by the river, a happy duck waves",
        "A tiny mouse with a backpack and a huge elephant hug in the desert",
        "A wizard in the library points at a book, an owl with glasses",
        "A sleepy panda sleeps in the forest, butterflies around",
        "A farmer, a cow and a pig at the farm in the morning",
        "A unicorn jumps over a rainbow in a village with a princess",
        "Two penguins on a snowy mountain with a sled and a snowman",
    ];
    sheet(
        "words",
        prompts
            .iter()
            .enumerate()
            .map(|(i, prompt)| (lexicon::read(prompt), i as u64))
            .collect(),
    );
}
