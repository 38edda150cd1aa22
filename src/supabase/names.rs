//! Names of buckets and keys of objects, made valid once.

use std::fmt;

/// Characters that storage accepts besides letters and digits (storage-api, `limits.ts`).
const PUNCTUATION: &str = "_!.*'() &$@=;:+,?-";

/// The name of a bucket as storage accepts it: 1 to 100 of `A–Z a–z 0–9 _ ! . * ' ( ) space & $ @ = ; : + , ? -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketName(String);

/// The key of an object inside its bucket, as storage accepts it: the alphabet of bucket names and `/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

/// Why a text is no name or key. The messages are shown as they are.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    /// Nothing was given.
    #[error("the {what} is empty")]
    Empty {
        /// "bucket name" or "object key".
        what: &'static str,
    },
    /// A character outside the alphabet; the first one found.
    #[error("“{character}” is not allowed in {article} {what}; use letters, digits and - _ . instead")]
    Character {
        /// "bucket name" or "object key".
        what: &'static str,
        /// "a" or "an".
        article: &'static str,
        /// What was found, escaped if it cannot be seen.
        character: String,
    },
    /// Longer than storage keeps.
    #[error("the {what} has {length} characters; at most {most} are possible")]
    TooLong {
        /// "bucket name" or "object key".
        what: &'static str,
        /// Characters given.
        length: usize,
        /// Characters possible.
        most: usize,
    },
    /// A bucket called like one of storage's own routes: uploads to it cannot be told from calls of that route.
    #[error("“{0}” is a word of the Storage API itself; uploads to a bucket of that name fail, choose another")]
    Reserved(String),
}

impl BucketName {
    /// Characters at most (storage-api).
    pub const MAX: usize = 100;

    /// Reads a name that exists already. Surrounding white space is refused by storage and dropped here.
    ///
    /// # Errors
    /// If it is empty, too long, or has a character outside the alphabet.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        check(text, "bucket name", "a", Self::MAX, false)?;
        Ok(Self(text.to_owned()))
    }

    /// Reads a name for a bucket that is to be made: besides [`BucketName::parse`], words of the API are refused,
    /// and so are `.` and `..`, which some tools take for folders.
    ///
    /// # Errors
    /// As [`BucketName::parse`], and for reserved words.
    pub fn parse_new(text: &str) -> Result<Self, NameError> {
        let name = Self::parse(text)?;
        match name.as_str() {
            "list" | "list-v2" | "sign" | "." | ".." => Err(NameError::Reserved(name.0)),
            _ => Ok(name),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ObjectKey {
    /// Characters at most: S3's 1,024 bytes hold tenant, bucket and version too.
    pub const MAX: usize = 850;

    /// Reads a key.
    ///
    /// # Errors
    /// If it is empty, too long, or has a character outside the alphabet (all of Unicode beyond ASCII is).
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check(text, "object key", "an", Self::MAX, true)?;
        Ok(Self(text.to_owned()))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the last `/`.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

fn check(text: &str, what: &'static str, article: &'static str, most: usize, slash: bool) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { what });
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || PUNCTUATION.contains(c) || (slash && c == '/');
    if let Some(c) = text.chars().find(|c| !allowed(*c)) {
        let character = if c.is_control() {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        };
        return Err(NameError::Character {
            what,
            article,
            character,
        });
    }
    if text.len() > most {
        return Err(NameError::TooLong {
            what,
            length: text.len(),
            most,
        });
    }
    Ok(())
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_servers_alphabet() {
        for good in ["story-images", "my bucket", "Upper", "a.b", "x!*'()&$@=;:+,?"] {
            assert!(BucketName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a/b", "büro", "a#b", "a\u{0}b", &"x".repeat(101)] {
            assert!(BucketName::parse(bad).is_err(), "{bad}");
        }
        for good in ["a/b/c.png", "/a", "a//b", "a/", "scene_1 (2).png"] {
            assert!(ObjectKey::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ä.png", "a%20b", "a#b", "a\\b", "a[b]", &"x".repeat(851)] {
            assert!(ObjectKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn new_buckets_are_not_called_like_routes() {
        assert!(BucketName::parse("list").is_ok());
        assert_eq!(
            BucketName::parse_new("list-v2"),
            Err(NameError::Reserved("list-v2".into()))
        );
    }

    #[test]
    fn says_which_character_is_wrong() {
        let error = ObjectKey::parse("Möhre #7.png").unwrap_err();
        assert_eq!(
            error.to_string(),
            "“ö” is not allowed in an object key; use letters, digits and - _ . instead"
        );
    }
}
