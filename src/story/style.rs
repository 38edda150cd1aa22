//! Styles: names for words that are added to a prompt, so that the pictures of a story look like one another.

use serde::Serialize;

/// A way to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Style {
    /// Its name, as it is shown and kept.
    pub name: &'static str,
    /// The words that are added.
    pub words: &'static str,
}

/// The styles that there are.
pub const STYLES: [Style; 6] = [
    Style {
        name: "Soft night flat",
        words: "Flat children's book illustration, soft rounded shapes, calm night colours, gentle light.",
    },
    Style {
        name: "Watercolour",
        words: "Watercolour children's book illustration, light washes on textured paper, soft edges.",
    },
    Style {
        name: "Paper cut",
        words: "Layered paper cut-out illustration, clean edges, soft drop shadows between the layers.",
    },
    Style {
        name: "Pencil",
        words: "Coloured pencil children's book illustration, visible strokes, warm paper.",
    },
    Style {
        name: "Bold and bright",
        words: "Bold children's book illustration, thick outlines, bright flat colours, simple shapes.",
    },
    Style {
        name: "Colouring page",
        words: "Colouring page, black outlines on white, no shading, no colours.",
    },
];

impl Style {
    /// The style of that name, however it is written.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        STYLES
            .into_iter()
            .find(|style| style.name.eq_ignore_ascii_case(name.trim()))
    }

    /// A prompt with the style's words behind it.
    #[must_use]
    pub fn apply(self, prompt: &str) -> String {
        let prompt = prompt.trim();
        match prompt.chars().last() {
            None => self.words.to_owned(),
            Some('.' | '!' | '?' | '…') => format!("{prompt} {}", self.words),
            Some(_) => format!("{prompt}. {}", self.words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_found_by_its_name_and_adds_its_words() {
        let style = Style::find(" paper CUT ").unwrap();
        assert_eq!(style.name, "Paper cut");
        assert!(style.apply("A fox").starts_with("A fox. Layered paper"));
        assert!(style.apply("A fox!").starts_with("A fox! Layered paper"));
        assert_eq!(style.apply("  "), style.words);
        assert_eq!(Style::find("Oil"), None);
    }
}
