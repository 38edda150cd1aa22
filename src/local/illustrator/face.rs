//! Heads: where the eyes, brows and mouth of each face sprite are, and how a mood shows on them.
//!
//! All coordinates are those of the sprite's 32 × 32 box.

use super::palette::{INK, Rgb, rgb};
use super::svg::{Drawing, art};
use crate::local::lexicon::{Mood, Pose, SkinTone};

/// What of a character a sprite shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A head alone.
    Head,
    /// Head, shoulders and chest, cut off at the box's lower edge.
    Bust,
}

/// The tail that belongs to an animal's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    None,
    Bushy,
    Ringed,
    Thin,
    Tuft,
    Short,
    Puff,
    Curly,
    Mane,
}

/// A face sprite and what has to be known to give it a body and a mood.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    pub kind: &'static str,
    pub sprite: &'static str,
    pub part: Part,
    /// Middles of the eyes; a head in profile has one eye, given twice.
    pub eyes: (f32, f32, f32),
    /// Half the width and height of what a closed lid has to cover.
    pub lid: (f32, f32),
    pub mouth: (f32, f32),
    /// Where a hat sits: the middle and the height of the skull's top, and half its width there.
    pub skull: (f32, f32, f32),
    /// The skin, fur or metal around the eyes and on the hands.
    pub skin: Rgb,
    /// The body, if nothing covers it, and its belly.
    pub body: Rgb,
    pub belly: Option<Rgb>,
    pub tail: Tail,
}

const fn animal(
    (kind, sprite): (&'static str, &'static str),
    eyes: (f32, f32, f32),
    mouth: (f32, f32),
    skull: (f32, f32, f32),
    (skin, body, belly): (u32, u32, u32),
    tail: Tail,
) -> Face {
    Face {
        kind,
        sprite,
        part: Part::Head,
        eyes,
        lid: (1.7, 2.1),
        mouth,
        skull,
        skin: rgb(skin),
        body: rgb(body),
        belly: Some(rgb(belly)),
        tail,
    }
}

const SKIN: u32 = 0xffc83d;

const fn person(sprite: &'static str, eye_y: f32, mouth_y: f32, clothes: u32) -> Face {
    Face {
        kind: sprite,
        sprite,
        part: Part::Head,
        eyes: (11.2, 20.8, eye_y),
        lid: (3.5, 2.1),
        mouth: (16.0, mouth_y),
        skull: (16.0, 8.0, 11.0),
        skin: rgb(SKIN),
        body: rgb(clothes),
        belly: None,
        tail: Tail::None,
    }
}

const fn bust(sprite: &'static str, middle: f32, eye_y: f32, clothes: u32) -> Face {
    Face {
        kind: sprite,
        sprite,
        part: Part::Bust,
        eyes: (middle - 2.6, middle + 2.6, eye_y),
        lid: (1.7, 1.0),
        mouth: (middle, eye_y + 4.6),
        skull: (middle, eye_y - 4.5, 6.0),
        skin: rgb(SKIN),
        body: rgb(clothes),
        belly: None,
        tail: Tail::None,
    }
}

#[rustfmt::skip] // a table: one face a line
const FACES: &[Face] = &[
    animal(("fox", "fox"), (12.0, 19.0, 18.5), (15.5, 26.0), (15.5, 9.5, 9.0), (0xff822d, 0xff822d, 0xffdea7), Tail::Bushy),
    animal(("wolf", "wolf"), (12.0, 20.0, 15.5), (16.0, 27.0), (16.0, 8.5, 8.0), (0x9b9b9b, 0x8d8f96, 0xd3d3d3), Tail::Bushy),
    animal(("raccoon", "raccoon"), (12.0, 20.0, 19.0), (16.0, 26.5), (16.0, 9.0, 9.0), (0x636363, 0x8d8d8d, 0xd3d3d3), Tail::Ringed),
    animal(("bear", "bear"), (12.0, 20.0, 16.5), (16.0, 24.5), (16.0, 7.0, 10.0), (0xa56953, 0xa56953, 0xf3ad61), Tail::None),
    animal(("polar-bear", "polar-bear"), (12.0, 20.0, 16.5), (16.0, 24.5), (16.0, 7.0, 10.0), (0xf4f4f4, 0xe9ebf0, 0xffffff), Tail::None),
    animal(("panda", "panda"), (12.0, 20.0, 16.5), (16.0, 24.5), (16.0, 7.0, 10.0), (0x635994, 0x433b6b, 0xf4f4f4), Tail::None),
    animal(("koala", "koala"), (10.0, 22.0, 17.5), (16.0, 27.5), (16.0, 7.0, 9.0), (0x9b9b9b, 0x8f9197, 0xd6d6da), Tail::None),
    animal(("lion", "lion"), (12.0, 20.0, 14.5), (16.0, 22.5), (16.0, 5.0, 9.0), (0xffb02e, 0xf4a52c, 0xffdc9a), Tail::Tuft),
    animal(("tiger", "tiger-face"), (12.0, 20.0, 15.5), (16.0, 23.0), (16.0, 6.0, 9.0), (0xff822d, 0xff822d, 0xfff3e3), Tail::Thin),
    animal(("cat", "cat-face"), (12.0, 20.0, 18.5), (16.0, 25.0), (16.0, 11.0, 9.0), (0xffb02e, 0xffb02e, 0xffe7b0), Tail::Thin),
    animal(("dog", "dog-face"), (13.0, 19.0, 13.5), (16.0, 24.0), (16.0, 6.0, 9.0), (0xf3bd7a, 0xe8ab66, 0xffe0ae), Tail::Short),
    animal(("mouse", "mouse-face"), (12.0, 20.0, 22.5), (16.0, 27.5), (16.0, 13.5, 7.0), (0xcdc4d6, 0xbdb3c9, 0xefe9f4), Tail::Thin),
    animal(("hamster", "hamster"), (12.0, 20.0, 19.5), (16.0, 26.5), (16.0, 12.0, 8.0), (0xf3ad61, 0xf3ad61, 0xfff0dc), Tail::None),
    animal(("rabbit", "rabbit-face"), (12.0, 20.0, 18.5), (16.0, 25.0), (16.0, 12.0, 8.0), (0xcdc4d6, 0xcdc4d6, 0xf6f0fa), Tail::Puff),
    animal(("frog", "frog"), (9.5, 22.5, 7.5), (16.0, 21.0), (16.0, 8.0, 5.0), (0x00d26a, 0x00c062, 0xfcd53f), Tail::None),
    animal(("pig", "pig-face"), (12.0, 20.0, 15.5), (16.0, 26.5), (16.0, 6.5, 8.5), (0xff8687, 0xff8687, 0xffc0bd), Tail::Curly),
    animal(("cow", "cow-face"), (12.0, 20.0, 14.5), (16.0, 26.5), (16.0, 6.5, 7.0), (0xb9bac2, 0xe6e6ea, 0xffc3b4), Tail::Tuft),
    animal(("monkey", "monkey-face"), (13.0, 19.0, 15.5), (16.0, 22.5), (16.0, 7.0, 9.0), (0xe39d89, 0x7d4533, 0xe39d89), Tail::Thin),
    animal(("unicorn", "unicorn"), (12.0, 12.0, 13.5), (7.5, 21.0), (14.0, 6.0, 5.0), (0xefd5ff, 0xefd5ff, 0xfbf1ff), Tail::Mane),
    animal(("horse-face", "horse-face"), (12.0, 12.0, 13.5), (7.0, 21.0), (15.0, 6.0, 5.0), (0xa56953, 0xa56953, 0xc98f72), Tail::Mane),
    animal(("boar", "boar"), (13.0, 13.0, 15.0), (9.0, 21.0), (15.0, 8.0, 6.0), (0x6d4534, 0x6d4534, 0x8d5f4a), Tail::Curly),
    animal(("moose", "moose"), (5.0, 12.6, 19.5), (8.5, 23.5), (13.0, 14.0, 5.0), (0xa56953, 0xa56953, 0xc98f72), Tail::Short),
    animal(("robot", "robot"), (10.2, 21.8, 14.5), (16.0, 24.5), (16.0, 6.0, 8.0), (0x212121, 0xcdc4d6, 0x9fe0f2), Tail::None),
    animal(("alien", "alien"), (9.6, 22.4, 16.5), (16.0, 25.5), (16.0, 5.0, 8.0), (0x86d72f, 0x7cc92b, 0xc4f08d), Tail::None),
    animal(("ogre", "ogre"), (11.0, 21.0, 16.0), (16.0, 23.5), (16.0, 7.0, 8.0), (0xca0b4a, 0x533566, 0xca0b4a), Tail::None),
    animal(("clown-face", "clown-face"), (12.0, 20.0, 12.0), (16.0, 23.0), (16.0, 4.5, 8.0), (0xffffff, 0x2f8fe0, 0xffd23f), Tail::None),
    person("girl", 18.0, 23.8, 0xd8443c),
    person("boy", 17.5, 23.6, 0x2f74d0),
    person("child", 17.6, 23.6, 0x2fa58a),
    person("baby", 19.2, 24.6, 0xf4a9c0),
    person("man", 17.4, 24.4, 0x3f7d5a),
    person("woman", 17.2, 24.2, 0x8a4fa8),
    person("old-man", 17.2, 24.6, 0x6f7f4a),
    person("old-woman", 16.8, 24.2, 0x5b6fb5),
    person("older-person", 17.2, 24.2, 0x8a6f5a),
    person("santa-claus", 15.2, 22.2, 0xd8232a),
    person("mrs-claus", 18.2, 24.2, 0xd8232a),
    person("man-bald", 17.4, 24.4, 0x47618f),
    person("man-beard", 17.4, 24.4, 0x7a4a3a),
    person("man-wearing-turban", 17.4, 24.4, 0x2f8f8a),
    person("man-red-hair", 17.4, 24.4, 0x3f6fb0),
    person("woman-red-hair", 17.2, 24.2, 0x3f8f6a),
    person("person-red-hair", 17.2, 24.2, 0x3f6fb0),
    person("man-blonde-hair", 17.4, 24.4, 0x3b6ea8),
    person("woman-blonde-hair", 17.2, 24.2, 0xc04f7a),
    person("man-white-hair", 17.4, 24.4, 0x51618a),
    person("woman-white-hair", 17.2, 24.2, 0x7a5fa8),
    person("baby-angel", 19.2, 24.6, 0xeef2fb),
    bust("woman-with-headscarf", 16.0, 8.9, 0x7d5fb8),
    bust("person-with-crown", 16.0, 14.3, 0xd9631e),
    bust("prince", 16.0, 14.3, 0x0089dd),
    bust("princess", 16.0, 13.5, 0x6d4490),
    bust("man-mage", 16.0, 15.0, 0x0091d6),
    bust("woman-mage", 16.0, 15.4, 0x0091d6),
    bust("man-elf", 16.2, 10.8, 0x7a4a38),
    bust("woman-elf", 16.4, 10.8, 0x7a4a8f),
    bust("man-genie", 15.6, 12.0, 0x3f8fe8),
    bust("woman-genie", 15.6, 12.2, 0xe0275a),
    bust("man-superhero", 16.0, 10.2, 0x0068b5),
    bust("woman-superhero", 16.0, 10.2, 0x0068b5),
    bust("troll", 14.2, 11.2, 0x7a5a24),
    bust("ninja", 16.0, 10.4, 0x2a1b38),
    bust("astronaut", 16.0, 10.4, 0xdcdce4),
    bust("cook", 16.0, 11.0, 0xeeeef0),
    bust("farmer", 15.0, 9.8, 0x0070c4),
    bust("firefighter", 16.0, 10.2, 0xd01040),
    bust("artist", 14.8, 10.2, 0xdcdce4),
    bust("pilot", 16.0, 10.2, 0x33203f),
    bust("police-officer", 16.0, 11.0, 0x0091d6),
    bust("guard", 16.0, 14.6, 0xd01040),
    bust("scientist", 16.0, 10.2, 0xe4e4e8),
    bust("singer", 15.2, 11.6, 0xf06020),
    bust("student", 16.0, 10.4, 0x1c1a20),
    bust("detective", 16.0, 14.0, 0x4a3560),
    bust("health-worker", 16.0, 9.8, 0xe4e4e8),
    bust("mechanic", 16.0, 10.8, 0x0074ba),
    bust("construction-worker", 16.0, 13.4, 0xff8a2a),
];

/// The face for a sprite name; `man-farmer` and `woman-farmer` are laid out like `farmer`.
pub fn find(kind: &str, sprite: &'static str) -> Option<Face> {
    let named = |name: &str| FACES.iter().find(|face| face.kind == name).copied();
    named(kind).or_else(|| named(sprite)).or_else(|| {
        let (_, role) = sprite.split_once("man-")?;
        let face = named(role).filter(|face| face.part == Part::Bust)?;
        Some(Face { sprite, ..face })
    })
}

/// All face kinds, for the tests that draw each.
#[cfg(test)]
pub fn kinds() -> impl Iterator<Item = &'static str> {
    FACES.iter().map(|face| face.kind)
}

/// The skin of the sprite set's people in a tone.
pub fn skin(tone: SkinTone) -> Rgb {
    rgb(match tone {
        SkinTone::Light => 0xf7d7c4,
        SkinTone::MediumLight => 0xf3c998,
        SkinTone::Medium => 0xd19f7a,
        SkinTone::MediumDark => 0xae7a5c,
        SkinTone::Dark => 0x7d533f,
    })
}

/// Draws what `mood` and a sleeping `pose` do to the face, over the head's sprite.
pub fn draw_mood(g: &mut Drawing, face: &Face, skin: Rgb, mood: Mood, pose: Pose) {
    let (left, right, y) = face.eyes;
    let (rx, ry) = face.lid;
    if pose == Pose::Sleep {
        for x in eyes(left, right) {
            art!(
                g,
                r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{rx}" ry="{:.2}" fill="{skin}"/>"#,
                ry + 0.2
            );
            line(
                g,
                &format!("M{:.1} {:.1}q{rx:.1} {:.1} {:.1} 0", x - rx, y, rx * 0.9, rx * 2.0),
                0.8,
            );
        }
        return;
    }
    match mood {
        Mood::Calm => {}
        Mood::Happy => cheeks(g, face),
        Mood::Sad => {
            frown(g, face, skin);
            brows(g, face, 1.1);
            let x = right.max(left) + rx * 0.7;
            art!(
                g,
                r##"<path d="M{x:.1} {:.1}q1.5 2.3 0 3.2q-1.5 -0.9 0 -3.2z" fill="#5ac8fa"/>"##,
                y + ry + 0.3
            );
        }
        Mood::Afraid => {
            frown(g, face, skin);
            brows(g, face, 1.5);
            drop_of_sweat(g, face);
        }
        Mood::Surprised => {
            brows(g, face, 0.0);
            let (x, mouth_y) = face.mouth;
            let size = if face.part == Part::Head { 1.7 } else { 1.0 };
            art!(
                g,
                r##"<ellipse cx="{x:.1}" cy="{mouth_y:.1}" rx="{size:.1}" ry="{:.1}" fill="#5a1a2e"/>"##,
                size * 1.25
            );
        }
        Mood::Sleepy => {
            for x in eyes(left, right) {
                let top = y - ry - 0.3;
                art!(
                    g,
                    r#"<path d="M{:.2} {y:.2}V{:.2}Q{x:.1} {:.2} {:.2} {:.2}V{y:.2}z" fill="{skin}"/>"#,
                    x - rx - 0.2,
                    top + 0.9,
                    top - 0.9,
                    x + rx + 0.2,
                    top + 0.9
                );
                line(g, &format!("M{:.1} {y:.1}h{:.1}", x - rx, rx * 2.0), 0.7);
            }
        }
        Mood::Angry => {
            frown(g, face, skin);
            brows(g, face, -1.5);
        }
    }
}

fn eyes(left: f32, right: f32) -> Vec<f32> {
    if left == right { vec![left] } else { vec![left, right] }
}

/// People smile in the set; a worried mouth is drawn over the smile. Beards and animals are left alone.
fn frown(g: &mut Drawing, face: &Face, skin: Rgb) {
    let bearded = matches!(
        face.sprite,
        "santa-claus" | "man-beard" | "man-mage" | "ninja" | "man-genie" | "troll"
    );
    if face.belly.is_some() || bearded {
        return;
    }
    let (x, y) = face.mouth;
    let s = if face.part == Part::Head { 1.0 } else { 0.5 };
    art!(
        g,
        r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{:.1}" ry="{:.1}" fill="{skin}"/>"#,
        4.3 * s,
        2.0 * s
    );
    line(
        g,
        &format!(
            "M{:.1} {:.1}q{:.1} {:.1} {:.1} 0",
            x - 2.4 * s,
            y + 0.9 * s,
            2.4 * s,
            -2.4 * s,
            4.8 * s
        ),
        0.9 * s.max(0.7),
    );
}

/// Brows over the eyes; `worry` lifts their inner ends, or lowers them if negative.
fn brows(g: &mut Drawing, face: &Face, worry: f32) {
    let (left, right, eye_y) = face.eyes;
    let half = face.lid.0.max(1.5);
    let scale = half / 2.0;
    let y = eye_y - face.lid.1 - 1.5 * scale.min(1.0);
    let lift = worry * scale.min(1.0);
    if worry == 0.0 {
        for x in eyes(left, right) {
            line(
                g,
                &format!("M{:.1} {:.1}q{half:.1} -1.8 {:.1} 0", x - half, y - 0.4, half * 2.0),
                0.8,
            );
        }
        return;
    }
    line(
        g,
        &format!(
            "M{:.1} {:.1}L{:.1} {:.1}",
            left - half,
            y + lift * 0.6,
            left + half,
            y - lift * 0.6
        ),
        0.9,
    );
    if left != right {
        line(
            g,
            &format!(
                "M{:.1} {:.1}L{:.1} {:.1}",
                right - half,
                y - lift * 0.6,
                right + half,
                y + lift * 0.6
            ),
            0.9,
        );
    }
}

fn cheeks(g: &mut Drawing, face: &Face) {
    let (left, right, y) = face.eyes;
    let size = if face.part == Part::Head { 1.9 } else { 1.1 };
    for (x, side) in [(left, -1.0), (right, 1.0)] {
        art!(
            g,
            r##"<ellipse cx="{:.1}" cy="{:.1}" rx="{size:.1}" ry="{:.1}" fill="#ff5a6e" fill-opacity=".38"/>"##,
            x + side * size * 0.9,
            y + face.lid.1 + size * 1.1,
            size * 0.68
        );
    }
}

fn drop_of_sweat(g: &mut Drawing, face: &Face) {
    let (x, y, half) = face.skull;
    art!(
        g,
        r##"<path d="M{:.1} {:.1}q2 3 0 4.2q-2 -1.2 0 -4.2z" fill="#6fd0fa"/>"##,
        x + half * 0.95,
        y + 0.5
    );
}

fn line(g: &mut Drawing, path: &str, width: f32) {
    art!(
        g,
        r#"<path d="{path}" fill="none" stroke="{INK}" stroke-width="{width}" stroke-linecap="round"/>"#
    );
}
