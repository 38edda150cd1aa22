//! What a story is made into.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The kinds of things that a story is made into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A book for print.
    #[default]
    Pdf,
    /// A book for readers of electronic books.
    Epub,
    /// All pictures on one sheet, as a PNG.
    Sheet,
    /// The pictures and words as files, with a manifest.
    Folder,
    /// A PDF of outlines to colour in, drawn by the built-in illustrator.
    Colouring,
}

impl Format {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Epub, Self::Sheet, Self::Folder, Self::Colouring];

    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Epub => "epub",
            Self::Sheet => "sheet",
            Self::Folder => "folder",
            Self::Colouring => "colouring",
        }
    }

    /// Its name in the window.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF book",
            Self::Epub => "EPUB",
            Self::Sheet => "Contact sheet",
            Self::Folder => "Folder",
            Self::Colouring => "Colouring pages",
        }
    }

    /// The end of a file's name; None for a folder.
    #[must_use]
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Self::Pdf | Self::Colouring => Some("pdf"),
            Self::Epub => Some("epub"),
            Self::Sheet => Some("png"),
            Self::Folder => None,
        }
    }

    /// Whether it has pages of a size of their own.
    #[must_use]
    pub fn has_pages(self) -> bool {
        matches!(self, Self::Pdf | Self::Colouring)
    }
}

/// Sizes of printed pages, after they are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageSize {
    /// 8.5 × 8.5 inches, the usual picture book.
    #[default]
    Square,
    /// 297 × 210 mm.
    A4Landscape,
    /// 148 × 210 mm.
    A5,
    /// 8.5 × 11 inches.
    Letter,
}

impl PageSize {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Square, Self::A4Landscape, Self::A5, Self::Letter];

    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Square => "square",
            Self::A4Landscape => "a4-landscape",
            Self::A5 => "a5",
            Self::Letter => "letter",
        }
    }

    /// Its name in the window.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Square => "Square, 8.5 in",
            Self::A4Landscape => "A4 landscape",
            Self::A5 => "A5",
            Self::Letter => "US Letter",
        }
    }

    /// Width and height in points, 72 to the inch.
    #[must_use]
    pub fn points(self) -> (f32, f32) {
        /// Points of a millimetre.
        const MM: f32 = 72.0 / 25.4;
        match self {
            Self::Square => (612.0, 612.0),
            Self::A4Landscape => (297.0 * MM, 210.0 * MM),
            Self::A5 => (148.0 * MM, 210.0 * MM),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// A word that names no format, size or language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{word}” is none of {known}")]
pub struct NoSuchChoice {
    /// As it was typed.
    pub word: String,
    /// What is possible.
    pub known: String,
}

fn choose<T: Copy>(text: &str, all: &[T], word: impl Fn(T) -> &'static str) -> Result<T, NoSuchChoice> {
    let typed = text.trim().to_ascii_lowercase();
    all.iter()
        .copied()
        .find(|one| word(*one) == typed)
        .ok_or_else(|| NoSuchChoice {
            word: text.chars().take(60).collect(),
            known: all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", "),
        })
}

impl FromStr for Format {
    type Err = NoSuchChoice;

    fn from_str(text: &str) -> Result<Self, NoSuchChoice> {
        choose(text, &Self::ALL, Self::word)
    }
}

impl FromStr for PageSize {
    type Err = NoSuchChoice;

    fn from_str(text: &str) -> Result<Self, NoSuchChoice> {
        choose(text, &Self::ALL, Self::word)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for PageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The language of a book, as BCP 47 writes it: `en`, `pt-BR`, `und` for an unknown one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Reads one: a language of two or three letters, then parts of up to eight letters and digits.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, NoSuchChoice> {
        let text = text.trim();
        let mut parts = text.split('-');
        let first = parts.next().unwrap_or_default();
        let is_language = (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_part =
            |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_language && text.len() <= 35 && parts.all(is_part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoSuchChoice {
                word: text.chars().take(60).collect(),
                known: "the languages, such as en, de or pt-BR".to_owned(),
            })
        }
    }

    /// An unknown one.
    #[must_use]
    pub fn unknown() -> Self {
        Self("und".to_owned())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Language {
    type Error = NoSuchChoice;

    fn try_from(text: String) -> Result<Self, NoSuchChoice> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

/// What a story is made into, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportSettings {
    /// The kind.
    pub format: Format,
    /// The size of its pages, where it has some.
    pub size: PageSize,
    /// Whether pages go beyond where they are cut, with marks that say where that is.
    pub bleed: bool,
    /// The language of the words; None to tell it from them.
    pub language: Option<Language>,
    /// Whether a file that is there is replaced.
    pub overwrite: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for format in Format::ALL {
            assert_eq!(format.word().parse(), Ok(format));
        }
        for size in PageSize::ALL {
            assert_eq!(size.word().to_uppercase().parse(), Ok(size));
        }
        let error = "docx".parse::<Format>().unwrap_err().to_string();
        assert_eq!(error, "“docx” is none of pdf, epub, sheet, folder, colouring");
    }

    #[test]
    fn languages_are_tags() {
        for good in ["en", "pt-BR", "zh-Hans-CN", "und", "gsw"] {
            assert_eq!(Language::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "e", "english", "en_US", "en-", "en-\"><script>", "de DE"] {
            assert!(Language::parse(bad).is_err(), "{bad}");
        }
    }
}
