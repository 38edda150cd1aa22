//! Names and ages of children are not what a provider needs to know: other ordinary names and a band of ages go out, and the real
//! names are put back into what comes.
//!
//! Hidden are the names of people who are children, and whoever the texts themselves call a child: "a girl named Maya", "Maya (5)",
//! "Maya, aged five". Every form of a name that is likely to be written is hidden: capitals, small letters, the genitive, the cases of
//! Slavic names, both ways Unicode writes an accent. What a text says otherwise (a street, a school) is not looked for.
//!
//! The same names get the same stand-ins, whatever else is in the text, so that a story's pictures keep their people.

mod ages;
mod forms;
mod found;
mod stand_ins;

use std::collections::{HashMap, HashSet};
use std::fmt;

use forms::Form;

/// Somebody in a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// Whether it is a child, whose name is hidden. A name that somebody asks to hide is one too.
    pub is_child: bool,
}

impl Person {
    /// A child.
    #[must_use]
    pub fn child(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            is_child: true,
        }
    }
}

/// Names that are hidden at most; what a hostile text says beyond is not taken for one.
const NAMES_MAX: usize = 200;

/// What is hidden in a story's texts, and behind what.
#[derive(Clone, Default)]
pub struct Disguise {
    /// From what is written to what goes out, longest first, by their first letter.
    out: Replacer,
    /// The way back.
    back: Replacer,
    /// Names and their stand-ins, word by word.
    pairs: Vec<(String, String)>,
    /// Phrases about ages, as they were and as they go out, where there is one way back only.
    ages: Vec<(String, String)>,
}

impl Disguise {
    /// Finds out who is hidden: the children among `people`, and whoever is called a child in `texts`, which are all that is known of
    /// the story.
    #[must_use]
    pub fn of(texts: &[&str], people: &[Person]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        let mut hide = |name: &str| {
            for word in forms::words(name) {
                if names.len() < NAMES_MAX && known.insert(forms::fold(&word)) {
                    names.push(word);
                }
            }
        };
        for person in people.iter().filter(|person| person.is_child) {
            hide(&person.name);
        }
        for name in texts.iter().flat_map(|text| found::names(text)) {
            hide(&name);
        }
        let mut taken = Taken::of(texts, people, &names);
        let mut disguise = Self::default();
        for name in names {
            let stand_in = stand_ins::choose(&name, &|candidate| taken.has(candidate));
            taken.take(&stand_in);
            for Form { from, to } in forms::of(&name, &stand_in) {
                disguise.back.add(&to, &from);
                disguise.out.add(&from, &to);
            }
            disguise.pairs.push((name, stand_in));
        }
        disguise.out.sort();
        disguise.back.sort();
        let mut phrases: HashMap<String, Option<String>> = HashMap::new();
        for (from, to) in texts.iter().flat_map(|text| ages::phrases(text)) {
            phrases
                .entry(to)
                .and_modify(|known| {
                    if known.as_deref() != Some(&from) {
                        *known = None;
                    }
                })
                .or_insert(Some(from));
        }
        disguise.ages = phrases.into_iter().filter_map(|(to, from)| Some((from?, to))).collect();
        disguise
            .ages
            .sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.cmp(b)));
        disguise
    }

    /// Whether nothing is hidden. Ages are put into bands all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Who is hidden behind whom, for the person whose names they are; never for a log.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// A text as it may go out.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        ages::banded(&self.out.replace(text))
    }

    /// What came, with the real names in it. An age comes back where only one age can be meant.
    #[must_use]
    pub fn restore(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.ages {
            if text.contains(to.as_str()) {
                text = text.replace(to.as_str(), from);
            }
        }
        self.back.replace(&text)
    }
}

impl fmt::Debug for Disguise {
    /// Without the names: this may be in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disguise")
            .field("hidden", &self.pairs.len())
            .finish_non_exhaustive()
    }
}

/// Words that no stand-in may be.
struct Taken {
    words: HashSet<String>,
    /// For scripts that do not part their words.
    all: String,
}

impl Taken {
    fn of(texts: &[&str], people: &[Person], names: &[String]) -> Self {
        let people = people.iter().map(|person| person.name.as_str());
        let all: Vec<String> = texts
            .iter()
            .copied()
            .chain(people)
            .chain(names.iter().map(String::as_str))
            .map(forms::fold)
            .collect();
        let all = all.join("\n");
        let words = all
            .split(|c: char| !forms::is_of_word(c))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        Self { words, all }
    }

    fn has(&self, candidate: &str) -> bool {
        let folded = forms::fold(candidate);
        if forms::is_unparted(candidate) {
            return self.all.contains(&folded);
        }
        forms::of(candidate, candidate)
            .iter()
            .any(|form| self.words.contains(&forms::fold(&form.from)))
    }

    fn take(&mut self, stand_in: &str) {
        let folded = forms::fold(stand_in);
        self.all.push('\n');
        self.all.push_str(&folded);
        self.words.insert(folded);
    }
}

/// Replaces whole words, the longest first, in one pass: what was put in is not looked at again.
#[derive(Clone, Default)]
struct Replacer {
    by_first: HashMap<char, Vec<(String, String)>>,
}

impl Replacer {
    /// The first pair for a word stays.
    fn add(&mut self, from: &str, to: &str) {
        let Some(first) = from.chars().next() else { return };
        let pairs = self.by_first.entry(first).or_default();
        if !pairs.iter().any(|(known, _)| known == from) {
            pairs.push((from.to_owned(), to.to_owned()));
        }
    }

    fn sort(&mut self) {
        for pairs in self.by_first.values_mut() {
            pairs.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        }
    }

    fn replace(&self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut before = None;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let found = self.by_first.get(&first).and_then(|pairs| {
                pairs.iter().find(|(from, _)| {
                    rest.strip_prefix(from.as_str())
                        .is_some_and(|after| forms::stands_alone(before, from, after.chars().next()))
                })
            });
            match found {
                Some((from, to)) => {
                    result.push_str(to);
                    before = from.chars().next_back();
                    rest = &rest[from.len()..];
                }
                None => {
                    result.push(first);
                    before = Some(first);
                    rest = &rest[first.len_utf8()..];
                }
            }
        }
        result
    }
}

#[cfg(test)]
mod tests;
