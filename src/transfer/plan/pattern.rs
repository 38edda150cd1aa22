//! Patterns of files and keys: as in shells, `*` and `?` stay within a name, `**` does not, `{a,b}` and `[a-z]` are choices.

use globset::{GlobBuilder, GlobMatcher};

use super::PlanError;

/// A pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    matcher: GlobMatcher,
    text: String,
}

/// What is special in patterns. A backslash takes that from what follows.
fn is_special(c: char) -> bool {
    matches!(c, '*' | '?' | '[' | '{' | '\\')
}

/// Whether a text has anything in it that makes a pattern of it.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// The folder, with its slash, that everything lies in that a pattern can match; empty if that is not known. The rest is
/// what follows.
pub(super) fn split(text: &str) -> (&str, &str) {
    let special = text.find(is_special).unwrap_or(text.len());
    let folder = text[..special].rfind('/').map_or(0, |slash| slash + 1);
    text.split_at(folder)
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, PlanError> {
        let glob = GlobBuilder::new(text)
            .literal_separator(true)
            .backslash_escape(true)
            .empty_alternates(true)
            .build()
            .map_err(|error| PlanError::Pattern {
                pattern: text.to_owned(),
                why: error.kind().to_string(),
            })?;
        Ok(Self {
            matcher: glob.compile_matcher(),
            text: text.to_owned(),
        })
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }

    /// How many folders deep a match can be; None if any number.
    pub(super) fn depth(&self) -> Option<usize> {
        (!self.text.contains("**")).then(|| self.text.split('/').count())
    }

    /// Whether it names something that begins with a dot; other patterns leave such files out, as shells do.
    pub(super) fn wants_hidden(&self) -> bool {
        self.text.split(['/', '{', ',']).any(|segment| segment.starts_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_a_shell_does() {
        for (pattern, good, bad) in [
            ("*.png", &["a.png", ".png"][..], &["a/b.png", "a.PNG", "a.pngx"][..]),
            ("**/*.png", &["a.png", "a/b.png", "a/b/c.png"], &["a.jpg"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "b/a"]),
            (
                "scene_?.{png,webp}",
                &["scene_1.png", "scene_2.webp"],
                &["scene_10.png", "scene_/.png"],
            ),
            ("[0-9]*", &["1", "1a"], &["a1"]),
            ("a\\*b", &["a*b"], &["axb"]),
            ("a{,b}c", &["ac", "abc"], &["abbc"]),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            for name in good {
                assert!(pattern.matches(name), "{pattern:?} {name}");
            }
            for name in bad {
                assert!(!pattern.matches(name), "{pattern:?} {name}");
            }
        }
        assert!(matches!(Pattern::parse("[a").unwrap_err(), PlanError::Pattern { .. }));
    }

    #[test]
    fn knows_where_to_look() {
        assert_eq!(split("a/b/*.png"), ("a/b/", "*.png"));
        assert_eq!(split("*.png"), ("", "*.png"));
        assert_eq!(split("a/b{c,d}/e"), ("a/", "b{c,d}/e"));
        assert_eq!(split("a/b"), ("a/", "b"));
        assert_eq!(Pattern::parse("*/b.png").unwrap().depth(), Some(2));
        assert_eq!(Pattern::parse("**/b.png").unwrap().depth(), None);
        assert!(Pattern::parse(".*").unwrap().wants_hidden() && !Pattern::parse("a.*").unwrap().wants_hidden());
    }
}
