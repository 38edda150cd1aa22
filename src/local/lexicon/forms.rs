//! The base forms of an English word: just enough of a stemmer for the words of the tables.
//! It proposes; only what a table holds is taken, so a wrong proposal does no harm.

/// How a base form came about, which says what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The word as it stands.
    Same,
    /// Plural noun, or a verb's third person.
    Plural,
    /// From an `-ing` or `-ed` form: only a verb, or weather ("snowing").
    Verb,
}

const IRREGULAR: &[(&str, &str)] = &[
    ("children", "child"),
    ("feet", "foot"),
    ("firemen", "fireman"),
    ("fishermen", "fisherman"),
    ("geese", "goose"),
    ("halves", "half"),
    ("kids", "kid"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("loaves", "loaf"),
    ("men", "man"),
    ("mermen", "merman"),
    ("mice", "mouse"),
    ("oxen", "ox"),
    ("scarves", "scarf"),
    ("shelves", "shelf"),
    ("snowmen", "snowman"),
    ("teeth", "tooth"),
    ("wolves", "wolf"),
    ("women", "woman"),
    ("elves", "elf"),
];

/// The base forms to look up, likeliest first. Empty for words too short to be inflected.
pub(super) fn base_forms(word: &str) -> Vec<(String, Form)> {
    let mut forms = Vec::new();
    if let Some((_, base)) = IRREGULAR.iter().find(|(form, _)| *form == word) {
        forms.push(((*base).to_owned(), Form::Plural));
    }
    if word.len() < 4 || !word.is_ascii() {
        return forms;
    }
    if let Some(stem) = word.strip_suffix("ies") {
        forms.push((format!("{stem}y"), Form::Plural));
    }
    if let Some(stem) = word.strip_suffix('s')
        && !stem.ends_with('s')
    {
        forms.push((stem.to_owned(), Form::Plural));
        if let Some(stem) = stem.strip_suffix('e') {
            forms.push((stem.to_owned(), Form::Plural));
        }
    }
    if let Some(stem) = word.strip_suffix("ied") {
        forms.push((format!("{stem}y"), Form::Verb));
    }
    for ending in ["ing", "ed"] {
        let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() >= 2) else {
            continue;
        };
        forms.push((stem.to_owned(), Form::Verb));
        forms.push((format!("{stem}e"), Form::Verb));
        if let Some(single) = undoubled(stem) {
            forms.push((single.to_owned(), Form::Verb));
        }
    }
    forms
}

/// "runn" is "run" before "-ing".
fn undoubled(stem: &str) -> Option<&str> {
    let mut ends = stem.chars().rev();
    let (last, before) = (ends.next()?, ends.next()?);
    (last == before).then(|| &stem[..stem.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(word: &str, base: &str, form: Form) -> bool {
        base_forms(word).contains(&(base.to_owned(), form))
    }

    #[test]
    fn nouns_and_verbs_find_home() {
        assert!(has("foxes", "fox", Form::Plural));
        assert!(has("cherries", "cherry", Form::Plural));
        assert!(has("mice", "mouse", Form::Plural));
        assert!(has("running", "run", Form::Verb));
        assert!(has("smiling", "smile", Form::Verb));
        assert!(has("carried", "carry", Form::Verb));
        assert!(has("hugged", "hug", Form::Verb));
    }

    #[test]
    fn other_scripts_have_no_forms() {
        assert!(base_forms("лисицаs").is_empty());
        assert!(base_forms("ss").is_empty());
    }
}
