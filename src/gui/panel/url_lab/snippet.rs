//! Code that reads an object, in the languages that the service is written and looked after in. Keys are read from the
//! environment and are never part of a snippet.

use crate::supabase::url::{API_ROOT, encode_key, encode_segment};
use crate::supabase::{BucketName, ObjectKey};

/// A language of a snippet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// With `supabase`.
    #[default]
    Python,
    /// With `@supabase/supabase-js`.
    JavaScript,
    /// A shell command.
    Curl,
    /// With `reqwest`.
    Rust,
}

impl Language {
    /// Every language, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Python, Self::JavaScript, Self::Curl, Self::Rust];

    /// What it is called.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::Curl => "curl",
            Self::Rust => "Rust",
        }
    }

    fn template(self, public: bool) -> &'static str {
        match (self, public) {
            (Self::Python, true) => include_str!("snippets/public.py"),
            (Self::Python, false) => include_str!("snippets/private.py"),
            (Self::JavaScript, true) => include_str!("snippets/public.js"),
            (Self::JavaScript, false) => include_str!("snippets/private.js"),
            (Self::Curl, true) => include_str!("snippets/public.sh"),
            (Self::Curl, false) => include_str!("snippets/private.sh"),
            (Self::Rust, true) => include_str!("snippets/public.rs.txt"),
            (Self::Rust, false) => include_str!("snippets/private.rs.txt"),
        }
    }

    /// Code that reads the object: its public URL from a public bucket, else with a key.
    pub fn snippet(self, bucket: &BucketName, key: &ObjectKey, public: bool) -> String {
        // Names and keys have no braces (storage refuses them), so nothing that was put in is taken for a mark.
        self.template(public)
            .replace("{bucket}", &quoted(bucket.as_str()))
            .replace("{key}", &quoted(key.as_str()))
            .replace("{file}", &shell(key.file_name()))
            .replace("{public}", &path("public", bucket, key))
            .replace("{authenticated}", &path("authenticated", bucket, key))
    }
}

/// The path of an object, encoded; marks that URLs may have and shells read in their own way are encoded too.
fn path(access: &str, bucket: &BucketName, key: &ObjectKey) -> String {
    let path = format!(
        "{API_ROOT}/object/{access}/{}/{}",
        encode_segment(bucket.as_str()),
        encode_key(key.as_str())
    );
    path.replace('!', "%21").replace('\'', "%27")
}

/// A string literal that Python, JavaScript and Rust read alike.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A word that a shell takes as it is; a name that begins with `-` is not taken for an option.
fn shell(name: &str) -> String {
    let name = if name.is_empty() { "object" } else { name };
    format!("'./{}'", name.replace('\'', "'\\''"))
}

/// What a piece of code is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word of the language.
    Keyword,
    /// What is called.
    Call,
    /// A number.
    Number,
    /// A string.
    Text,
    /// A comment.
    Comment,
    /// Anything else.
    Plain,
}

const KEYWORDS: [&str; 9] = [
    "import", "from", "const", "let", "await", "as", "std", "process", "curl",
];

/// Cuts a line of code into coloured pieces. Together they are the line.
pub fn highlight(line: &str, language: Language) -> Vec<(&str, Token)> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (length, token) = match first {
            '"' | '\'' => (string_end(rest, first), Token::Text),
            '#' if language == Language::Python => (rest.len(), Token::Comment),
            '0'..='9' => (run(rest, |c| c.is_ascii_digit()), Token::Number),
            c if c.is_alphabetic() || c == '_' => word(rest, language),
            _ => (run_until_start(rest), Token::Plain),
        };
        let (piece, after) = rest.split_at(length.max(first.len_utf8()).min(rest.len()));
        pieces.push((piece, token));
        rest = after;
    }
    pieces
}

fn word(rest: &str, language: Language) -> (usize, Token) {
    let length = run(rest, |c| c.is_alphanumeric() || c == '_');
    let (word, after) = rest.split_at(length);
    let token = if KEYWORDS.contains(&word) && !(language == Language::Rust && word == "process") {
        Token::Keyword
    } else if after.starts_with('(') || (language == Language::Rust && after.starts_with("!(")) {
        Token::Call
    } else {
        Token::Plain
    };
    (length, token)
}

/// Bytes up to the end of a string, its closing mark included.
fn string_end(rest: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == mark => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

fn run_until_start(rest: &str) -> usize {
    run(rest, |c| !(c.is_alphanumeric() || matches!(c, '_' | '"' | '\'' | '#'))).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str) -> (BucketName, ObjectKey) {
        (
            BucketName::parse("my 'own' bucket").unwrap(),
            ObjectKey::parse(key).unwrap(),
        )
    }

    #[test]
    fn quotation_marks_cannot_end_a_string() {
        assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(shell("it's.png"), r"'./it'\''s.png'");
        assert_eq!(shell("-rf"), "'./-rf'");
        let (bucket, key) = object("a/$HOME/it's.png");
        let curl = Language::Curl.snippet(&bucket, &key, false);
        assert!(
            curl.contains("/authenticated/my%20%27own%27%20bucket/a/%24HOME/it%27s.png\""),
            "{curl}"
        );
    }

    #[test]
    fn keys_are_read_from_the_environment() {
        let (bucket, key) = object("a.png");
        for language in Language::ALL {
            for public in [true, false] {
                let code = language.snippet(&bucket, &key, public);
                assert!(code.contains("SUPABASE_URL"), "{code}");
                assert!(public || code.contains("SUPABASE_KEY"), "{code}");
                assert!(!code.contains("eyJ") && !code.contains("sb_"), "{code}");
                let marks = ["{bucket}", "{key}", "{file}", "{public}", "{authenticated}"];
                assert!(marks.iter().all(|mark| !code.contains(mark)), "{code}");
            }
        }
    }

    #[test]
    fn highlighting_loses_nothing() {
        let (bucket, key) = object("pip/scene_1.png");
        for language in Language::ALL {
            for line in language
                .snippet(&bucket, &key, false)
                .lines()
                .chain(["\"open", "ä'\\", "x9é # c"])
            {
                let together: String = highlight(line, language).into_iter().map(|(piece, _)| piece).collect();
                assert_eq!(together, line);
            }
        }
        let pieces = highlight("sb = create_client(7)  # why", Language::Python);
        assert!(pieces.contains(&("create_client", Token::Call)) && pieces.contains(&("7", Token::Number)));
        assert_eq!(pieces.last(), Some(&("# why", Token::Comment)));
    }
}
