//! How tall everybody is beside a child: picture-book heights, in the order of nature but drawn together, so that a
//! mouse still has a face and an elephant still fits.

use crate::local::lexicon::Scale;

/// What stays small even in a picture book: beetles, snails, chicks.
const TINY: f32 = 0.5;
const MOUSE: f32 = 0.53;
/// Owls, rabbits, cats.
const SMALL: f32 = 0.68;
/// Foxes and dogs.
const MIDDLE: f32 = 0.84;
const CHILD: f32 = 1.0;
/// Grown people and bears.
const GROWN: f32 = 1.12;
/// Horses.
const TALL: f32 = 1.18;
/// Elephants, whales, dragons.
const GIANT: f32 = 1.25;

/// A small animal whose sprite shows it whole is as broad as it is high, and looks larger than a slender puppet of its
/// height; so it is drawn that much smaller.
const ROUND: f32 = 0.8;

/// The height beside a usual child's, of a kind that is drawn with this sprite, which shows its whole body or only its
/// head.
pub fn of(kind: &str, sprite: &str, is_whole: bool, scale: Scale) -> f32 {
    let shift = match scale {
        Scale::Small => 0.86,
        Scale::Usual => 1.0,
        Scale::Large => 1.3,
    };
    let usual = usual(kind).or_else(|| usual(sprite)).unwrap_or(CHILD);
    let round = if is_whole && usual < CHILD { ROUND } else { 1.0 };
    usual * round * shift
}

fn usual(kind: &str) -> Option<f32> {
    Some(match kind {
        "ant"
        | "beetle"
        | "lady-beetle"
        | "spider"
        | "cricket"
        | "honeybee"
        | "bug"
        | "snail"
        | "butterfly"
        | "baby-chick"
        | "front-facing-baby-chick"
        | "hatching-chick"
        | "scorpion"
        | "shrimp" => TINY,
        "hedgehog" | "mouse" | "mouse-face" | "rat" | "hamster" | "frog" | "bird" | "blackbird" | "bat" | "lizard"
        | "crab" | "fish" | "tropical-fish" | "blowfish" | "lobster" | "chipmunk" | "oyster" | "dove" => MOUSE,
        "owl" | "rabbit" | "rabbit-face" | "cat" | "cat-face" | "black-cat" | "duck" | "parrot" | "rooster"
        | "chicken" | "turtle" | "squid" | "octopus" | "jellyfish" | "snake" | "skunk" | "otter" | "beaver"
        | "dodo" | "baby" | "baby-angel" | "teddy-bear" | "koala" | "sloth" | "turkey" | "goose" | "woman-fairy"
        | "man-fairy" => SMALL,
        "fox"
        | "dog"
        | "dog-face"
        | "poodle"
        | "raccoon"
        | "badger"
        | "penguin"
        | "pig"
        | "pig-face"
        | "monkey"
        | "monkey-face"
        | "wolf"
        | "boar"
        | "ewe"
        | "goat"
        | "ram"
        | "swan"
        | "flamingo"
        | "peacock"
        | "eagle"
        | "seal"
        | "panda"
        | "kangaroo"
        | "leopard"
        | "orangutan"
        | "phoenix-bird"
        | "ghost"
        | "alien"
        | "alien-monster"
        | "snowman-without-snow" => MIDDLE,
        "deer" | "donkey" | "llama" | "zebra" | "dolphin" | "crocodile" | "tiger" | "tiger-face" | "lion" => 1.06,
        "bear" | "polar-bear" | "ogre" | "troll" | "gorilla" | "shark" | "old-woman" | "mrs-claus"
        | "woman-white-hair" | "older-person" => GROWN,
        "man" | "woman" | "old-man" | "santa-claus" | "man-beard" | "man-bald" => 1.15,
        "horse" | "horse-face" | "unicorn" | "cow" | "cow-face" | "moose" | "camel" | "two-hump-camel" => TALL,
        "elephant" | "mammoth" | "rhinoceros" | "hippopotamus" | "giraffe" | "whale" | "spouting-whale" | "dragon"
        | "dragon-face" | "sauropod" | "t-rex" => GIANT,
        "girl" | "boy" | "child" | "prince" | "princess" | "robot" | "clown-face" | "man-astronaut"
        | "woman-astronaut" | "astronaut" | "man-elf" | "woman-elf" => CHILD,
        person if person.starts_with("man-") || person.starts_with("woman-") => GROWN,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::illustrator::{face, sprites};

    #[test]
    fn nobody_is_larger_than_who_is_larger_in_nature() {
        let height = |kind, scale| {
            let sprite = sprites::resolve(kind).unwrap();
            of(kind, sprite, face::find(kind, sprite).is_none(), scale)
        };
        let order = ["mouse", "owl", "cat", "fox", "girl", "bear", "horse", "elephant"];
        let heights = order.map(|kind| height(kind, Scale::Usual));
        assert!(heights.is_sorted_by(|a, b| a < b), "{heights:?}");
        assert!(heights[0] >= 0.5 && heights[7] <= 1.25, "{heights:?}");
        for (small, large) in [
            ("owl", "fox"),
            ("rabbit", "dog"),
            ("cat", "girl"),
            ("crab", "rabbit"),
            ("mouse", "cat"),
        ] {
            assert!(
                height(small, Scale::Usual) < height(large, Scale::Small),
                "{small}, small {large}"
            );
        }
        assert!(height("bear", Scale::Large) > height("elephant", Scale::Usual));
    }
}
