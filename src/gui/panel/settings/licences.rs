//! The licences of what is inside the program besides code.

/// A licence and what it is for.
pub(super) struct Licence {
    /// What is used.
    pub name: &'static str,
    /// For what.
    pub of: &'static str,
    /// The licence's name.
    pub terms: &'static str,
    /// The licence.
    pub text: &'static str,
}

pub(super) const LICENCES: &[Licence] = &[
    Licence {
        name: "StoryMimi Studio",
        of: "This program",
        terms: "MIT",
        text: include_str!("../../../../LICENSE"),
    },
    Licence {
        name: "Inter",
        of: "The font of the interface",
        terms: "OFL 1.1",
        text: include_str!("../../../../assets/licenses/Inter.txt"),
    },
    Licence {
        name: "JetBrains Mono",
        of: "The font of keys and URLs",
        terms: "OFL 1.1",
        text: include_str!("../../../../assets/licenses/JetBrainsMono.txt"),
    },
    Licence {
        name: "Phosphor Icons",
        of: "The icons",
        terms: "MIT",
        text: include_str!("../../../../assets/licenses/Phosphor.txt"),
    },
    Licence {
        name: "Fluent Emoji",
        of: "The built-in illustrator's sprites",
        terms: "MIT",
        text: include_str!("../../../../assets/licenses/fluent-emoji.txt"),
    },
    Licence {
        name: "emojilib",
        of: "The built-in storyteller's words",
        terms: "MIT",
        text: include_str!("../../../../assets/lexicon/emojilib-LICENSE.txt"),
    },
];
