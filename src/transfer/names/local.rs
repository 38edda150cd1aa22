//! From the key of an object to the name of a file that every system takes and that stays in its folder.
//!
//! Keys are what a server says, and a server may be anybody's. They are mapped, segment by segment, and never joined to
//! a path.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::escape::{encode_file_name, extension, hash_mark, is_file_name, shorten};
use super::fold;
use super::hostile::SEGMENT_MAX;
use super::manifest::Manifest;

/// Bytes of a whole path below its folder. Together with the folder's own path it stays below the 4,096 of Linux and the
/// 1,024 of macOS in all but strange places.
const PATH_MAX: usize = 860;

/// A path below a folder, with `/` between its names, safe on Linux, macOS and Windows: no name is empty, leads elsewhere,
/// is a device's, has a forbidden or invisible character, ends with a dot or space, or has more than 255 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalPath(String);

/// A text that is no [`LocalPath`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{}” is not the name of a file inside a folder on every system", .0.escape_debug())]
pub struct NotLocal(pub String);

impl LocalPath {
    /// Reads one.
    ///
    /// # Errors
    /// If it is not safe everywhere.
    pub fn parse(text: &str) -> Result<Self, NotLocal> {
        let good = |segment: &str| segment.len() <= SEGMENT_MAX && is_file_name(segment);
        if text.len() <= 4 * PATH_MAX && text.split('/').all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotLocal(text.chars().take(200).collect()))
        }
    }

    /// With `/` between the names.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As this system writes it; relative.
    #[must_use]
    pub fn to_path(&self) -> PathBuf {
        self.0.split('/').collect()
    }

    /// The last name.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The same with a number before the extension: `a (2).png`. The number saves even what is a device's name without it.
    #[must_use]
    pub fn numbered(&self, number: usize) -> Self {
        Self(numbered(&self.0, number))
    }
}

/// A path whose last name has a number before its extension, `a (2).png`, and still is a name of a file.
#[must_use]
pub fn numbered(path: &str, number: usize) -> String {
    let (folder, name) = match path.rfind('/') {
        Some(slash) => path.split_at(slash + 1),
        None => ("", path),
    };
    let extension = extension(name);
    let mark = format!(" ({number}){extension}");
    let mut stem = &name[..name.len() - extension.len()];
    while stem.len() + mark.len() > SEGMENT_MAX {
        let mut chars = stem.chars();
        chars.next_back();
        stem = chars.as_str();
    }
    format!("{folder}{stem}{mark}")
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LocalPath {
    type Error = NotLocal;

    fn try_from(text: String) -> Result<Self, NotLocal> {
        Self::parse(&text)
    }
}

impl From<LocalPath> for String {
    fn from(path: LocalPath) -> Self {
        path.0
    }
}

/// Where an object goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Below the folder.
    pub path: LocalPath,
    /// Why the name is not the key, if it is not; the last of the reasons if there are several.
    pub changed: Option<Changed>,
}

/// Why a file is not called as its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It has characters or names that some system does not take.
    Escaped,
    /// It is too long.
    Shortened,
    /// Another key has a name that some systems take for the same.
    Twin {
        /// The other key.
        of: String,
    },
    /// Other keys need a folder of this name.
    Folder,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Escaped => f.write_str("not every system takes the key as the name of a file"),
            Self::Shortened => f.write_str("the key is too long for the name of a file"),
            Self::Twin { of } => write!(f, "some systems take it for the same name as that of “{of}”"),
            Self::Folder => f.write_str("other objects need a folder of this name"),
        }
    }
}

/// Gives every key a file of its own; the answer is in the order of the keys. What each one gets depends on the set of
/// keys, not on their order; a key that is given twice gets two files.
#[must_use]
pub fn lay_out(keys: &[&str]) -> Vec<Laid> {
    let natural: Vec<Laid> = keys.iter().map(|key| natural(key)).collect();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|index| keys[*index]);

    let mut folders = HashSet::new();
    for laid in &natural {
        let folded = fold(laid.path.as_str());
        let ends: Vec<usize> = folded.match_indices('/').map(|(at, _)| at).collect();
        // The innermost first: what is known has its outer folders known too.
        for end in ends.into_iter().rev() {
            if !folders.insert(folded[..end].to_owned()) {
                break;
            }
        }
    }
    // Names that nothing is wrong with go first, so that a suffix is never what another key is called by itself.
    let mut taken: HashMap<String, Option<usize>> = HashMap::new();
    taken.insert(fold(Manifest::FILE_NAME), None);
    let mut left = Vec::new();
    for index in order {
        let folded = fold(natural[index].path.as_str());
        if folders.contains(&folded) {
            left.push((index, Changed::Folder));
            continue;
        }
        match taken.get(&folded) {
            None => {
                taken.insert(folded, Some(index));
            }
            Some(other) => {
                let of = other.map_or(Manifest::FILE_NAME, |other| keys[other]).to_owned();
                left.push((index, Changed::Twin { of }));
            }
        }
    }
    let mut laid = natural;
    // Where the search for a free number goes on: a thousand twins are not a million looks.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for (index, why) in left {
        let next = numbers.entry(fold(laid[index].path.as_str())).or_insert(2);
        let path = loop {
            let path = laid[index].path.numbered(*next);
            *next += 1;
            let folded = fold(path.as_str());
            if !folders.contains(&folded) && !taken.contains_key(&folded) {
                taken.insert(folded, Some(index));
                break path;
            }
        };
        laid[index] = Laid {
            path,
            changed: Some(why),
        };
    }
    laid
}

/// The path of a key that is alone.
fn natural(key: &str) -> Laid {
    let mut changed = None;
    let mut segments: Vec<String> = Vec::new();
    for segment in key.split('/') {
        let mut name = encode_file_name(segment);
        if name != segment {
            changed = Some(Changed::Escaped);
        }
        if name.len() > SEGMENT_MAX {
            name = shorten(&name, segment, SEGMENT_MAX);
            changed = Some(Changed::Shortened);
        }
        segments.push(name);
    }
    let length = |segments: &[String]| segments.iter().map(|segment| segment.len() + 1).sum::<usize>();
    if length(&segments) > PATH_MAX {
        let end = segments.pop().unwrap_or_default();
        let last = format!("{}{}", hash_mark(key), extension(&end));
        while !segments.is_empty() && length(&segments) + last.len() > PATH_MAX {
            segments.pop();
        }
        segments.push(last);
        changed = Some(Changed::Shortened);
    }
    Laid {
        path: LocalPath(segments.join("/")),
        changed,
    }
}

#[cfg(test)]
#[path = "../../../tests/support/hostile_names.rs"]
pub(crate) mod corpus;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths(keys: &[&str]) -> Vec<String> {
        lay_out(keys).into_iter().map(|laid| laid.path.to_string()).collect()
    }

    /// Whether a set of files can be on a disk that knows no case, no forms of Unicode and nothing that is not seen.
    fn coexist(laid: &[Laid]) -> bool {
        let mut files = HashSet::new();
        let all_new = laid.iter().all(|laid| files.insert(fold(laid.path.as_str())));
        let folder_is_file = files
            .iter()
            .any(|file| file.match_indices('/').any(|(at, _)| files.contains(&file[..at])));
        all_new && !folder_is_file
    }

    #[test]
    fn keys_stay_what_they_are_where_they_can() {
        for (key, path) in [
            ("winter/1.png", "winter/1.png"),
            ("Möhre!oe!.png", "Möhre!oe!.png"),
            ("/etc/passwd", "!u!/etc/passwd"),
            ("../../x", "!u2e.2e!/!u2e.2e!/x"),
            ("C:\\x", "C!u3a.5c!x"),
            ("\\\\host\\share", "!u5c.5c!host!u5c!share"),
            ("a\u{0}b", "a!u00!b"),
            ("nul.txt.jpg", "!u6e!ul.txt.jpg"),
            ("a./b /c", "a!u2e!/b!u20!/c"),
            ("x\u{202e}gpj.exe", "x!u202e!gpj.exe"),
            ("a/", "a/!u!"),
            ("", "!u!"),
        ] {
            assert_eq!(paths(&[key]), [path]);
        }
    }

    #[test]
    fn twins_get_numbers_in_the_order_of_keys() {
        assert_eq!(
            paths(&["a.png", "A.png", "a (2).png", "Mo\u{308}we", "M\u{f6}we"]),
            ["a (3).png", "A.png", "a (2).png", "Mo\u{308}we", "M\u{f6}we (2)"]
        );
        assert_eq!(paths(&["A/x", "a/x", "a/y"]), ["A/x", "a/x (2)", "a/y"]);
        assert_eq!(paths(&["a", "a/b", "A"]), ["a (3)", "a/b", "A (2)"]);
        assert_eq!(paths(&["a:b", "a!u3a!b"]), ["a!u3a!b (2)", "a!u3a!b"]);
        assert_eq!(paths(&[Manifest::FILE_NAME]).len(), 1);
        assert_ne!(paths(&[Manifest::FILE_NAME]), [Manifest::FILE_NAME]);
    }

    #[test]
    fn what_is_too_long_is_shortened() {
        let long = format!("{}.png", "ö".repeat(200));
        let laid = &lay_out(&[&long])[0];
        assert!(laid.path.as_str().len() <= 255 && laid.path.as_str().ends_with(".png"));
        assert_eq!(laid.changed, Some(Changed::Shortened));
        let deep = "a/".repeat(2_000);
        let laid = lay_out(&[&deep, "a/a"]);
        assert!(laid[0].path.as_str().len() <= PATH_MAX);
        assert!(coexist(&laid));
    }

    #[test]
    fn a_thousand_twins_are_laid_out() {
        let keys: Vec<String> = (0..1 << 11)
            .map(|bits: u32| {
                "abcdefghijk"
                    .chars()
                    .enumerate()
                    .map(|(at, c)| if bits >> at & 1 == 1 { c.to_ascii_uppercase() } else { c })
                    .collect()
            })
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert!(coexist(&lay_out(&keys)));
    }

    #[test]
    fn the_corpus_stays_inside_and_apart() {
        let corpus = corpus::names();
        let keys: Vec<&str> = corpus.iter().map(String::as_str).collect();
        assert!(keys.len() >= 500, "{}", keys.len());
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
        let laid = lay_out(&keys);
        for (key, laid) in keys.iter().zip(&laid) {
            assert_eq!(LocalPath::parse(laid.path.as_str()).as_ref(), Ok(&laid.path), "{key:?}");
            let relative = laid.path.to_path();
            let plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
            assert!(relative.components().all(plain), "{key:?}");
        }
        assert!(coexist(&laid));
    }

    #[test]
    fn the_corpus_can_be_on_a_disk() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = corpus::names();
        let keys: Vec<&str> = corpus.iter().map(String::as_str).collect();
        for laid in lay_out(&keys) {
            let path = folder.path().join(laid.path.to_path());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::File::create_new(&path).unwrap();
        }
        let files = walkdir::WalkDir::new(folder.path())
            .into_iter()
            .filter(|entry| entry.as_ref().unwrap().file_type().is_file());
        assert_eq!(files.count(), keys.len());
    }

    proptest! {
        #![proptest_config(crate::transfer::names::cases(64))]

        #[test]
        fn any_keys_get_files_of_their_own(keys in prop::collection::hash_set("([abA/. !:]|nul|ö|o\u{308}|\u{200b}|\\PC){0,12}", 0..30)) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let laid = lay_out(&keys);
            prop_assert!(coexist(&laid), "{:?}", laid);
            for laid in &laid {
                prop_assert!(LocalPath::parse(laid.path.as_str()).is_ok(), "{}", laid.path);
            }
            // The order in which they come does not matter.
            let mut turned: Vec<(&str, Laid)> = keys.iter().copied().zip(laid).collect();
            turned.reverse();
            let (keys, laid): (Vec<&str>, Vec<Laid>) = turned.into_iter().unzip();
            prop_assert_eq!(lay_out(&keys), laid);
        }

        #[test]
        fn what_is_no_file_name_is_refused(text in ".{0,30}") {
            if let Ok(path) = LocalPath::parse(&text) {
                let folder = std::path::Path::new("/folder");
                let joined = folder.join(path.to_path());
                prop_assert!(joined.starts_with(folder) && joined != folder);
            }
        }
    }
}
