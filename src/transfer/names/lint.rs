//! What is wrong with a key, or will be for somebody, and which key would do.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::escape::{Decoded, decode, encode, extension, hash_mark, shorten};
use super::fold;
use super::hostile::{SEGMENT_MAX, is_dots, is_forbidden_on_windows, is_invisible, is_reserved};
use crate::supabase::ObjectKey;

/// Something about a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "finding")]
pub enum Finding {
    /// There is no key.
    Empty,
    /// A character that storage does not take.
    Character {
        /// Which.
        character: char,
    },
    /// A character that cannot be seen, or that changes how others are seen.
    Invisible {
        /// Which.
        character: char,
    },
    /// A segment `.` or `..`.
    Dots {
        /// Which of the two.
        segment: String,
    },
    /// More characters than storage keeps.
    TooLong {
        /// Characters.
        length: usize,
    },
    /// It begins with a slash.
    LeadingSlash,
    /// It ends with a slash.
    TrailingSlash,
    /// Two slashes without a name between them.
    DoubledSlash,
    /// A segment that begins or ends with a space.
    OuterSpace {
        /// Which.
        segment: String,
    },
    /// A segment that ends with a dot.
    TrailingDot {
        /// Which.
        segment: String,
    },
    /// The name of a device on Windows.
    Reserved {
        /// The segment.
        segment: String,
    },
    /// A character that names of files cannot have on Windows.
    Windows {
        /// Which.
        character: char,
    },
    /// A segment that no file system takes as a name.
    LongSegment {
        /// Bytes.
        length: usize,
    },
    /// A key that differs by case only.
    CaseTwin {
        /// The other key.
        of: String,
        /// Whether the other one is in the bucket already.
        stored: bool,
    },
    /// A key that looks the same and is written with other characters.
    UnicodeTwin {
        /// The other key.
        of: String,
        /// Whether the other one is in the bucket already.
        stored: bool,
    },
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It works, but somebody will have trouble with it.
    Risky,
    /// Storage does not take it, or nothing reaches it afterwards.
    Impossible,
}

impl Finding {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Empty
            | Self::Character { .. }
            | Self::Invisible { .. }
            | Self::Dots { .. }
            | Self::TooLong { .. } => Severity::Impossible,
            _ => Severity::Risky,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The key is empty."),
            Self::Character { character } if *character == ' ' => f.write_str("“ ” is not allowed in keys."),
            Self::Character { character } => write!(f, "“{character}” is not allowed in keys."),
            Self::Invisible { character } => write!(
                f,
                "There is a character in it that cannot be seen (U+{:04X}); keys cannot have it.",
                u32::from(*character)
            ),
            Self::Dots { segment } => write!(
                f,
                "A part of the key is “{segment}”, which web addresses take for another folder; nothing would reach it."
            ),
            Self::TooLong { length } => write!(
                f,
                "The key has {length} characters; at most {} are possible.",
                ObjectKey::MAX
            ),
            Self::LeadingSlash => f.write_str("The key begins with a slash: it lies in a folder without a name."),
            Self::TrailingSlash => f.write_str("The key ends with a slash: it looks like a folder and is none."),
            Self::DoubledSlash => f.write_str(
                "There are two slashes in a row: it lies in a folder without a name, which cannot be opened.",
            ),
            Self::OuterSpace { segment } => write!(
                f,
                "“{segment}” begins or ends with a space, which Windows and many forms drop."
            ),
            Self::TrailingDot { segment } => {
                write!(f, "“{segment}” ends with a dot, which Windows drops.")
            }
            Self::Reserved { segment } => {
                write!(
                    f,
                    "“{segment}” is the name of a device on Windows; no file there can have it."
                )
            }
            Self::Windows { character } => write!(f, "Files on Windows cannot have “{character}” in their names."),
            Self::LongSegment { length } => write!(
                f,
                "A part of the key has {length} bytes; names of files have at most {SEGMENT_MAX}."
            ),
            Self::CaseTwin { of, stored } => write!(
                f,
                "“{of}” {} differs in capital letters only; on Windows and macOS one would overwrite the other.",
                place(*stored)
            ),
            Self::UnicodeTwin { of, stored } => write!(
                f,
                "“{of}” {} looks the same and is written with other characters.",
                place(*stored)
            ),
        }
    }
}

fn place(stored: bool) -> &'static str {
    if stored { "in the bucket" } else { "beside it" }
}

/// Everything about a key by itself, each kind once; the worst first. Nothing, if every system takes it as it is.
#[must_use]
pub fn lint(key: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if key.is_empty() {
        return vec![Finding::Empty];
    }
    let mut add = |finding: Finding| {
        let same = |other: &Finding| std::mem::discriminant(other) == std::mem::discriminant(&finding);
        if !findings.iter().any(same) {
            findings.push(finding);
        }
    };
    for c in key.chars().filter(|c| *c != '/') {
        if is_invisible(c) {
            add(Finding::Invisible { character: c });
        } else if ObjectKey::parse(c.encode_utf8(&mut [0; 4])).is_err() {
            add(Finding::Character { character: c });
        } else if is_forbidden_on_windows(c) {
            add(Finding::Windows { character: c });
        }
    }
    let length = key.chars().count();
    if length > ObjectKey::MAX {
        add(Finding::TooLong { length });
    }
    if key.starts_with('/') {
        add(Finding::LeadingSlash);
    }
    if key.ends_with('/') {
        add(Finding::TrailingSlash);
    }
    if key.contains("//") {
        add(Finding::DoubledSlash);
    }
    for segment in key.split('/') {
        let owned = || segment.to_owned();
        if is_dots(segment) {
            add(Finding::Dots { segment: owned() });
            continue;
        }
        if segment.starts_with(' ') || segment.ends_with(' ') {
            add(Finding::OuterSpace { segment: owned() });
        }
        if segment.ends_with('.') {
            add(Finding::TrailingDot { segment: owned() });
        }
        if is_reserved(segment) {
            add(Finding::Reserved { segment: owned() });
        }
        if segment.len() > SEGMENT_MAX {
            add(Finding::LongSegment { length: segment.len() });
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    findings
}

/// A key that would do in the place of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The key.
    pub key: ObjectKey,
    /// Whether the name can be computed from it again ([`super::decode`]). If not, it was too long, and only a plan or
    /// manifest knows it.
    pub exact: bool,
}

/// A key for a name below a prefix that is a legal beginning of keys already. None if the prefix leaves no room.
#[must_use]
pub fn suggest(prefix: &str, name: &str) -> Option<Suggestion> {
    let room = ObjectKey::MAX.checked_sub(prefix.len())?;
    let mut written: Vec<String> = name
        .split('/')
        .map(|segment| {
            let whole = encode(segment);
            if whole.len() > SEGMENT_MAX {
                shorten(&whole, segment, SEGMENT_MAX)
            } else {
                whole
            }
        })
        .collect();
    let length = |written: &[String]| written.iter().map(|segment| segment.len() + 1).sum::<usize>() - 1;
    if length(&written) > room {
        // As many of its folders as there is room for, and the hash of the whole name.
        let end = written.pop().unwrap_or_default();
        let last = format!("{}{}", hash_mark(name), extension(&end));
        while !written.is_empty() && length(&written) + 1 + last.len() > room {
            written.pop();
        }
        written.push(last);
    }
    let name = written.join("/");
    let key = ObjectKey::parse(&format!("{prefix}{name}")).ok()?;
    let exact = matches!(decode(&name), Decoded::Exact(_));
    Some(Suggestion { key, exact })
}

/// Finds keys that some system takes for one another.
#[derive(Debug, Default)]
pub struct Twins {
    /// By what they fold to: the first key, and whether it is in the bucket.
    seen: HashMap<String, (String, bool)>,
}

impl Twins {
    /// Takes in a key; tells if there is a twin of it already. A key is not its own twin.
    pub fn add(&mut self, key: &str, stored: bool) -> Option<Finding> {
        let folded = fold(key);
        let Some((of, there)) = self.seen.get(&folded) else {
            self.seen.insert(folded, (key.to_owned(), stored));
            return None;
        };
        (of != key).then(|| twin(of, key, *there))
    }

    /// Tells if there is a twin of a key.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<Finding> {
        let (of, there) = self.seen.get(&fold(key))?;
        (of != key).then(|| twin(of, key, *there))
    }
}

fn twin(of: &str, key: &str, stored: bool) -> Finding {
    use unicode_normalization::UnicodeNormalization as _;
    let visible = |name: &str| -> String { name.chars().filter(|c| !is_invisible(*c)).nfc().collect() };
    let of_owned = of.to_owned();
    if visible(of) == visible(key) {
        Finding::UnicodeTwin { of: of_owned, stored }
    } else {
        Finding::CaseTwin { of: of_owned, stored }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn worst(key: &str) -> Option<Severity> {
        lint(key).first().map(Finding::severity)
    }

    #[test]
    fn finds_what_is_wrong() {
        for good in ["a.png", "winter/scene_1 (2).png", ".hidden", "a..b", "...a", "it's!"] {
            assert_eq!(lint(good), [], "{good}");
        }
        for bad in [
            "",
            "ö",
            "a#b",
            "a\\b",
            "a/../b",
            ".",
            "a\u{202e}gpj.exe",
            "a\u{0}",
            &"x".repeat(851),
        ] {
            assert_eq!(worst(bad), Some(Severity::Impossible), "{bad:?}");
        }
        for risky in [
            "/a",
            "a/",
            "a//b",
            " a",
            "a /b",
            "a.",
            "a./b",
            "nul.txt.jpg",
            "x/COM1",
            "a:b",
            "what?",
            "a*",
            &"x".repeat(256),
        ] {
            assert_eq!(worst(risky), Some(Severity::Risky), "{risky:?}");
        }
        assert_eq!(
            lint("a/../ö#"),
            [
                Finding::Character { character: 'ö' },
                Finding::Dots { segment: "..".into() }
            ]
        );
    }

    #[test]
    fn every_finding_is_a_sentence() {
        let mut twins = Twins::default();
        twins.add("a", false);
        twins.add("o\u{308}", true);
        let keys = [
            "",
            "ö\u{200b}",
            "..",
            &"x".repeat(900),
            "/a:",
            "a//b/",
            " a",
            "a.",
            "nul",
        ];
        let found: Vec<Finding> = keys
            .iter()
            .flat_map(|key| lint(key))
            .chain(twins.of("A"))
            .chain(twins.of("ö"))
            .collect();
        assert_eq!(
            found
                .iter()
                .map(std::mem::discriminant)
                .collect::<std::collections::HashSet<_>>()
                .len(),
            15
        );
        for finding in found {
            let text = finding.to_string();
            assert!(
                text.ends_with('.') && text.chars().next().is_some_and(|c| c.is_uppercase() || c == '“'),
                "{text}"
            );
            assert!(!text.chars().any(char::is_control));
        }
    }

    #[test]
    fn twins_are_told_apart_by_kind() {
        let mut twins = Twins::default();
        assert_eq!(twins.add("a.png", true), None);
        assert_eq!(twins.add("a.png", false), None);
        assert_eq!(
            twins.add("A.png", false),
            Some(Finding::CaseTwin {
                of: "a.png".into(),
                stored: true
            })
        );
        assert_eq!(twins.add("M\u{f6}we", false), None);
        assert_eq!(
            twins.of("Mo\u{308}we"),
            Some(Finding::UnicodeTwin {
                of: "M\u{f6}we".into(),
                stored: false
            })
        );
    }

    #[test]
    fn what_is_too_long_keeps_its_folders_and_extension() {
        let name = format!("folder/{}/{}.png", "d".repeat(250), "ö".repeat(200));
        let short = suggest("p/", &name).unwrap();
        assert!(
            !short.exact && short.key.as_str().starts_with("p/folder/ddd") && short.key.as_str().ends_with("!.png")
        );
        let deep = format!("a/{}b.png", "deep/".repeat(300));
        let short = suggest("", &deep).unwrap();
        assert!(
            !short.exact && short.key.as_str().starts_with("a/deep/deep/") && short.key.as_str().ends_with("!.png")
        );
        assert_ne!(suggest("", &format!("{deep}x")).unwrap().key, short.key);
        assert_eq!(suggest(&"x".repeat(849), &deep), None);
        assert_eq!(suggest(&"x".repeat(851), "a"), None);
    }

    proptest! {
        #![proptest_config(crate::transfer::names::cases(128))]

        #[test]
        fn suggestions_have_nothing_wrong(name in "([ -~/.!ö\u{0}-\u{1f}\u{200b}]|nul|\\PC){0,60}") {
            let suggestion = suggest("", &name).unwrap();
            prop_assert_eq!(lint(suggestion.key.as_str()), []);
            if suggestion.exact {
                prop_assert_eq!(decode(suggestion.key.as_str()), Decoded::Exact(name));
            }
        }

        #[test]
        fn nothing_found_means_nothing_changed(name in "[A-Za-z0-9_/.'() &$@=;+,-]{1,40}") {
            if lint(&name).is_empty() {
                let same = suggest("", &name).unwrap();
                prop_assert_eq!(same.key.as_str(), name);
            }
        }
    }
}
