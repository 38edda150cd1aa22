//! What an editor should see before a story goes out.

use super::Step;
use crate::story::{Lack, Manuscript, ManuscriptScene};

/// Words of a page that are many for a child that is read to.
const MANY_WORDS: usize = 120;

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The scene from 0; none if it is about the whole story.
    pub scene: Option<usize>,
    /// One sentence.
    pub words: String,
    /// Whether it cannot be published like this.
    pub stops: bool,
    /// Where it is mended.
    pub step: Step,
}

/// What there is to look at, what stops first.
pub fn warnings(manuscript: &Manuscript) -> Vec<Warning> {
    let lacks = manuscript.lacks();
    let stops = lacks.iter().map(|lack| Warning {
        scene: match lack {
            Lack::Text { scene } | Lack::Picture { scene } => Some(*scene),
            Lack::Title | Lack::Scenes | Lack::TooManyScenes | Lack::SceneTwice => None,
        },
        words: sentence(&lack.to_string()),
        stops: true,
        step: match lack {
            Lack::Picture { .. } => Step::Pictures,
            _ => Step::Draft,
        },
    });
    let mut all: Vec<Warning> = stops.collect();
    let mut say = |scene: usize, words: String, step: Step| {
        all.push(Warning {
            scene: Some(scene),
            words,
            stops: false,
            step,
        });
    };
    for (at, scene) in manuscript.scenes.iter().enumerate() {
        let number = at + 1;
        let text = scene.text.trim();
        let words = text.split_whitespace().count();
        if words > MANY_WORDS {
            say(
                at,
                format!("Scene {number} has {words} words, which is long for one page."),
                Step::Draft,
            );
        }
        let before = manuscript.scenes[..at].iter();
        let same = |other: &ManuscriptScene| !text.is_empty() && other.text.trim() == text;
        if let Some(other) = before.clone().position(same) {
            let words = format!("Scene {number} has the same text as scene {}.", other + 1);
            say(at, words, Step::Draft);
        }
        let same = |other: &ManuscriptScene| scene.chosen.is_some() && other.chosen == scene.chosen;
        if let Some(other) = before.clone().position(same) {
            let words = format!("Scene {number} shows the same picture as scene {}.", other + 1);
            say(at, words, Step::Pictures);
        }
        if scene.chosen.is_some() && scene.alt_text.trim().is_empty() {
            let words = format!("The picture of scene {number} has no alt text.");
            say(at, words, Step::Draft);
        }
    }
    all
}

/// "it has no title" as a sentence.
fn sentence(lack: &str) -> String {
    let lack = lack
        .strip_prefix("it has")
        .map_or_else(|| lack.to_owned(), |rest| format!("The story has{rest}"));
    let mut letters = lack.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::manuscript;
    use super::*;
    use crate::story::VariantId;

    #[test]
    fn what_stops_comes_first_and_each_says_where_it_is_mended() {
        let mut written = manuscript(3);
        assert_eq!(warnings(&written), []);
        written.scenes[2].chosen = None;
        written.scenes[0].alt_text.clear();
        written.scenes[1].text = written.scenes[0].text.clone();
        let all = warnings(&written);
        let told: Vec<_> = all
            .iter()
            .map(|warning| (warning.words.as_str(), warning.stops, warning.step))
            .collect();
        assert_eq!(
            told,
            [
                ("Scene 3 has no picture.", true, Step::Pictures),
                ("The picture of scene 1 has no alt text.", false, Step::Draft),
                ("Scene 2 has the same text as scene 1.", false, Step::Draft),
            ]
        );
    }

    #[test]
    fn many_words_and_a_picture_used_twice_are_told() {
        let mut written = manuscript(2);
        written.scenes[0].text = "word ".repeat(MANY_WORDS + 1);
        let same = Some(VariantId::fresh());
        (written.scenes[0].chosen, written.scenes[1].chosen) = (same, same);
        written.title.clear();
        let words: Vec<String> = warnings(&written).into_iter().map(|warning| warning.words).collect();
        assert_eq!(
            words,
            [
                "The story has no title.",
                "Scene 1 has 121 words, which is long for one page.",
                "Scene 2 shows the same picture as scene 1.",
            ]
        );
    }
}
