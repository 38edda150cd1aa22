//! What files are called in a bucket: as they are, or by a template; and a name that would do where that is no key.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use crate::media::MediaType;
use crate::supabase::ObjectKey;
use crate::transfer::names::{Finding, Severity, lint, suggest};

/// How files are called. Empty: as they are.
///
/// Known places, those of the names of scenes' pictures: `{index}` (from 0), `{index1}` (from 1), `{uuid}` (fresh, so that
/// no cache shows an older picture), `{ext}`; and `{name}`, the file's own name without its extension. Folders stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(String);

/// What a template is filled with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    /// The path below what was named.
    pub(super) relative: &'a str,
    /// Which of the files, from 0.
    pub(super) index: usize,
    pub(super) uuid: Uuid,
}

impl Template {
    /// What can stand in braces.
    pub const PLACES: [&'static str; 5] = ["name", "index", "index1", "uuid", "ext"];

    /// A template as it was typed.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// Whether files keep their names.
    #[must_use]
    pub fn keeps_names(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with it, as a sentence.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.0.contains('/') {
            return Some("Folders are typed above; this is the name of the file.".to_owned());
        }
        let mut rest = self.0.as_str();
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else {
                return Some("A brace is opened and not closed.".to_owned());
            };
            if !Self::PLACES.contains(&name) {
                return Some(format!("{{{name}}} means nothing here."));
            }
            rest = behind;
        }
        None
    }

    /// The path of a file below the folder that it goes to.
    pub(super) fn fill(&self, places: Places<'_>) -> String {
        if self.keeps_names() {
            return places.relative.to_owned();
        }
        let (folder, name) = match places.relative.rfind('/') {
            Some(slash) => places.relative.split_at(slash + 1),
            None => ("", places.relative),
        };
        let (stem, extension) = split(name);
        let filled = self
            .0
            .replace("{name}", stem)
            .replace("{index}", &places.index.to_string())
            .replace("{index1}", &(places.index + 1).to_string())
            .replace("{uuid}", &places.uuid.to_string())
            .replace("{ext}", extension);
        format!("{folder}{}", filled.trim_end_matches('.'))
    }
}

/// A name without its extension, and the extension without its dot; empty if it has none.
pub(super) fn split(name: &str) -> (&str, &str) {
    let start = name.rfind('/').map_or(0, |slash| slash + 1);
    match name[start..].rfind('.') {
        Some(dot) if dot > 0 => (&name[..start + dot], &name[start + dot + 1..]),
        _ => (name, ""),
    }
}

/// The name with the extension of a kind.
pub(super) fn with_extension(name: &str, kind: MediaType) -> String {
    format!("{}.{}", split(name).0, kind.extension())
}

/// The extension of a name, if it says that the file is something else than what it is.
pub(super) fn wrong_extension(name: &str, kind: Option<MediaType>) -> Option<&str> {
    let kind = kind.filter(|kind| kind.is_picture())?;
    let (_, extension) = split(name);
    let known = mime_guess::from_ext(extension);
    // Of an extension that means nothing to anybody, nothing can be said.
    let says = known.first_raw()?;
    let fits = says == kind.mime() || extension.eq_ignore_ascii_case(kind.extension());
    let fits = fits
        || match kind {
            MediaType::Heic => says == "image/heif" || says == "image/heic",
            MediaType::Ico => says.contains("icon"),
            MediaType::Bmp => says.contains("bmp"),
            _ => false,
        };
    (!fits).then_some(extension)
}

/// Why a whole key cannot be: few words. None if it can.
pub(super) fn impossible(key: &str) -> Option<String> {
    let worst = lint(key).into_iter().next()?;
    if worst.severity() != Severity::Impossible {
        return None;
    }
    Some(match worst {
        Finding::Empty => "No name".to_owned(),
        Finding::Invisible { .. } => "Invisible character".to_owned(),
        Finding::Dots { .. } => "“.” or “..” as a name".to_owned(),
        Finding::TooLong { .. } => "Name too long".to_owned(),
        _ => {
            let mut bad: Vec<char> = Vec::new();
            for c in key.chars() {
                if c != '/' && !bad.contains(&c) && ObjectKey::parse(c.encode_utf8(&mut [0; 4])).is_err() {
                    bad.push(c);
                }
            }
            let more = if bad.len() > 4 { " …" } else { "" };
            let shown: Vec<String> = bad.iter().take(4).map(ToString::to_string).collect();
            format!("{}{more} not valid", shown.join(" "))
        }
    })
}

/// What else there is to say of a key that works.
pub(super) fn risk(key: &str) -> Option<String> {
    lint(key).first().map(ToString::to_string)
}

/// A key that people can read, in the place of a name that is none; the reversible one where nothing readable is left.
pub(super) fn readable(prefix: &str, name: &str) -> Option<ObjectKey> {
    let segments: Option<Vec<String>> = name.split('/').map(plain).collect();
    let key = segments.map(|segments| format!("{prefix}{}", segments.join("/")));
    match key {
        Some(key) if impossible(&key).is_none() => ObjectKey::parse(&key).ok(),
        _ => escaped(prefix, name),
    }
}

/// The key from which the name can be computed again.
pub(super) fn escaped(prefix: &str, name: &str) -> Option<ObjectKey> {
    suggest(prefix, name).map(|suggestion| suggestion.key)
}

/// A segment in the letters that keys have. None if it has none.
fn plain(segment: &str) -> Option<String> {
    let (stem, extension) = split(segment);
    let plain_stem = letters(stem);
    let plain_extension = letters(extension);
    let stem = plain_stem.trim_matches(['-', ' ', '.']);
    if !stem.chars().any(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let extension = plain_extension.trim_matches(['-', ' ']);
    Some(if extension.is_empty() {
        stem.to_owned()
    } else {
        format!("{stem}.{extension}")
    })
}

fn letters(text: &str) -> String {
    let mut plain = String::new();
    for c in text.nfkd() {
        let written: &str = match c {
            'ß' => "ss",
            'æ' => "ae",
            'Æ' => "AE",
            'œ' => "oe",
            'Œ' => "OE",
            'ø' => "o",
            'Ø' => "O",
            'ł' => "l",
            'Ł' => "L",
            'đ' | 'ð' => "d",
            'þ' => "th",
            c if is_combining_mark(c) => continue,
            c if ObjectKey::parse(c.encode_utf8(&mut [0; 4])).is_ok() => {
                // One dash stands for all that was between two words.
                if c == ' ' && plain.ends_with('-') {
                    continue;
                }
                plain.push(c);
                continue;
            }
            _ => {
                plain.truncate(plain.trim_end_matches([' ', '-']).len());
                "-"
            }
        };
        plain.push_str(written);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::names::local::corpus;

    #[test]
    fn names_are_kept_or_filled_in() {
        let places = Places {
            relative: "winter/fox.two.png",
            index: 3,
            uuid: Uuid::nil(),
        };
        assert_eq!(Template::new(" ").fill(places), "winter/fox.two.png");
        let filled = |text: &str| Template::new(text).fill(places);
        assert_eq!(filled("{index1}-{name}.{ext}"), "winter/4-fox.two.png");
        assert_eq!(
            filled("scene_{index}_{uuid}.{ext}"),
            "winter/scene_3_00000000-0000-0000-0000-000000000000.png"
        );
        let without = Places {
            relative: "README",
            ..places
        };
        assert_eq!(Template::new("{name}.{ext}").fill(without), "README");
        assert_eq!(Template::new("{name}").problem(), None);
        for bad in ["{what}", "{name", "a/b"] {
            assert!(Template::new(bad).problem().is_some(), "{bad}");
        }
    }

    #[test]
    fn extensions_that_lie_are_known() {
        let wrong = |name, kind| wrong_extension(name, Some(kind));
        assert_eq!(wrong("a/b.jpg", MediaType::Png), Some("jpg"));
        assert_eq!(wrong("b.txt", MediaType::Png), Some("txt"));
        for (name, kind) in [
            ("b.PNG", MediaType::Png),
            ("b.jpeg", MediaType::Jpeg),
            ("b.JPG", MediaType::Jpeg),
            ("b.tif", MediaType::Tiff),
            ("b.heif", MediaType::Heic),
            ("b.ico", MediaType::Ico),
            ("b", MediaType::Png),
            (".png", MediaType::Png),
            ("v1.final version", MediaType::Png),
            ("b.docx", MediaType::Zip),
        ] {
            assert_eq!(wrong(name, kind), None, "{name}");
        }
        assert_eq!(with_extension("a.b/c", MediaType::Png), "a.b/c.png");
        assert_eq!(with_extension("a/c.jpeg", MediaType::Png), "a/c.png");
    }

    #[test]
    fn suggestions_can_be_read_where_there_is_something_to_read() {
        let suggested = |name| readable("f/", name).unwrap().to_string();
        assert_eq!(suggested("Möhre #7 [final].png"), "f/Mohre-7-final.png");
        assert_eq!(suggested("Straße/Øre – 1.jpg"), "f/Strasse/Ore-1.jpg");
        assert!(suggested("图片.png").starts_with("f/!u"));
        assert_eq!(impossible("Möhre #7 [final].png").as_deref(), Some("ö # [ ] not valid"));
        assert_eq!(impossible("fine (2).png"), None);
    }

    #[test]
    fn every_hostile_name_has_a_suggestion_that_is_a_key() {
        for name in corpus::names().into_iter().filter(|name| !name.starts_with('/')) {
            if impossible(&name).is_some()
                && let Some(key) = readable("folder/", &name)
            {
                assert_eq!(impossible(key.as_str()), None, "{name:?}: {key}");
                assert!(key.as_str().starts_with("folder/"), "{name:?}: {key}");
            }
        }
    }
}
