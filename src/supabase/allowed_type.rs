//! The media types that a bucket takes, as they are typed: checked here, because the server takes lists that refuse
//! every upload later.

use std::fmt;

/// Characters of an entry (storage-api).
const LENGTH_MAX: usize = 1_000;

/// What people write for a type: the end of a file's name.
const SHORT: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("avif", "image/avif"),
    ("svg", "image/svg+xml"),
    ("pdf", "application/pdf"),
    ("json", "application/json"),
    ("zip", "application/zip"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
];

/// One entry of the list of types that a bucket takes: `image/png`, or `image/*` for all pictures. The server compares
/// it with the type of an upload letter by letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AllowedType(String);

/// Why a text is no entry of such a list. The message is a phrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAType {
    /// `*` and `*/*`: the server takes them and then refuses every upload.
    #[error(
        "“{0}” allows no type at all: the server takes it and then refuses every upload. Leave the list empty to allow any type"
    )]
    Everything(String),
    /// `text/plain; charset=utf-8`: the server compares letter by letter, and what is stored has other parameters.
    #[error("“{0}” has a parameter, with which the server would compare letter by letter; write the type alone: {1}")]
    Parameter(String, String),
    /// Neither `type/sub` nor `type/*` nor a short form that is known.
    #[error("“{0}” is no media type; write it as image/png, or as image/* for all pictures")]
    Form(String),
    /// Longer than the server keeps.
    #[error("a media type has at most {LENGTH_MAX} characters")]
    TooLong,
}

impl AllowedType {
    /// Reads one entry. Capital letters become small ones, and the end of a file's name (`png`, `.png`) the type.
    ///
    /// # Errors
    /// If the server would refuse it, or would take it and then refuse every upload.
    pub fn parse(text: &str) -> Result<Self, NotAType> {
        let text = text.trim().to_ascii_lowercase();
        if text.len() > LENGTH_MAX {
            return Err(NotAType::TooLong);
        }
        if matches!(text.as_str(), "*" | "*/*" | "*.*") {
            return Err(NotAType::Everything(text));
        }
        let end = text.strip_prefix('.').unwrap_or(&text);
        if let Some((_, known)) = SHORT.iter().find(|(short, _)| *short == end) {
            return Ok(Self((*known).to_owned()));
        }
        if let Some((bare, _)) = text.split_once(';') {
            let bare = bare.trim().to_owned();
            return Err(NotAType::Parameter(text, bare));
        }
        match text.split_once('/') {
            Some((family, sub)) if is_token(family) && (sub == "*" || is_token(sub)) => Ok(Self(text)),
            _ => Err(NotAType::Form(text)),
        }
    }

    /// Reads a list as it is typed, with commas, blanks or lines between the entries; each is there once. An empty text is an
    /// empty list, which allows any type.
    ///
    /// # Errors
    /// For the first entry that is none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, NotAType> {
        let mut list: Vec<Self> = Vec::new();
        let words = text.split(|c: char| c == ',' || c.is_whitespace());
        for word in words.filter(|word| !word.is_empty()) {
            let one = Self::parse(word)?;
            if !list.contains(&one) {
                list.push(one);
            }
        }
        Ok(list)
    }

    /// As the server is told.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AllowedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name of RFC 6838: letters, digits and a few signs.
fn is_token(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, NotAType> {
        AllowedType::parse(text).map(|one| one.0)
    }

    #[test]
    fn types_are_read_as_people_write_them() {
        for (text, is) in [
            ("image/png", "image/png"),
            (" IMAGE/PNG ", "image/png"),
            ("image/*", "image/*"),
            ("image/svg+xml", "image/svg+xml"),
            ("application/vnd.ms-excel", "application/vnd.ms-excel"),
            ("png", "image/png"),
            (".JPG", "image/jpeg"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(is), "{text}");
        }
        let list = AllowedType::parse_list("png, jpeg\nimage/png,,image/*").unwrap();
        let list: Vec<&str> = list.iter().map(AllowedType::as_str).collect();
        assert_eq!(list, ["image/png", "image/jpeg", "image/*"]);
        assert_eq!(AllowedType::parse_list(" ,\n").unwrap(), []);
    }

    #[test]
    fn what_would_refuse_every_upload_is_refused_with_the_reason() {
        for all in ["*", "*/*", " */* "] {
            let said = read(all).unwrap_err();
            assert!(matches!(said, NotAType::Everything(_)), "{all}");
            assert!(said.to_string().contains("refuses every upload"), "{said}");
        }
        let said = read("text/plain; charset=utf-8").unwrap_err();
        assert!(said.to_string().ends_with("write the type alone: text/plain"), "{said}");
        for bad in [
            "",
            "image",
            "image/",
            "/png",
            "*/png",
            "image/p*",
            "image/png/x",
            "im age/png",
            "ö/ö",
            "image/-",
            "a/\u{0}",
        ] {
            assert!(matches!(read(bad), Err(NotAType::Form(_))), "{bad}");
        }
        assert_eq!(read(&format!("a/{}", "b".repeat(1_000))), Err(NotAType::TooLong));
        assert!(AllowedType::parse_list("png, */*").is_err());
    }
}
