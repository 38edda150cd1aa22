//! Names of buckets and keys of objects, as storage-api accepts them for writing.
//!
//! Both are data: they are stored in the database and never become part of a path.

/// The characters besides letters, digits and `_` that storage-api allows in names (`src/storage/limits.ts`).
const PUNCTUATION: &str = "!.*'() &$@=;:+,?-";

/// Whether `name` may name a bucket: 1 to 100 characters of the allowed set, no spaces around it.
#[must_use]
pub fn is_bucket_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name.trim() == name
        && name.chars().all(is_allowed)
        && !name.ends_with("--table-s3")
}

/// Whether `key` may be the key of a new object: at least one character of the allowed set. Slashes may stand
/// anywhere, also doubled.
#[must_use]
pub fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c == '/' || is_allowed(c))
}

/// Whether a segment of `key` is `.` or `..`, which a server with a file backend refuses on writing.
#[must_use]
pub fn has_dot_segment(key: &str) -> bool {
    key.split('/').any(|segment| matches!(segment, "." | ".."))
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || PUNCTUATION.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names() {
        for good in ["a", "story-images", "my bucket", "Upper", "a.b", "_x"] {
            assert!(is_bucket_name(good), "{good}");
        }
        let long = "x".repeat(101);
        for bad in ["", " lead", "a/b", "büro", "a%b", "x--table-s3", &long] {
            assert!(!is_bucket_name(bad), "{bad}");
        }
    }

    #[test]
    fn keys() {
        for good in ["a//b", "/a", "dir/", "a?b=c&d", "it's (1).png"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "a#b", "100%", "a~b", "a\0b", "a\\b", "图.png", "a\nb", "{a}"] {
            assert!(!is_key(bad), "{bad}");
        }
        assert!(has_dot_segment("a/../b") && has_dot_segment("."));
        assert!(!has_dot_segment("a/...b/c."));
    }
}
