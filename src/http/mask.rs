//! Keeps secrets out of everything that is shown, logged or copied.
//!
//! Two nets. By structure: header names, query parameters, JSON keys, and the shapes of tokens. By value: every
//! secret the program was given, also percent-encoded and in base64, wherever it turns up.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::Secret;
use super::shape::{by_structure, without_passwords};

/// Values shorter than this are masked by structure only: looking for them everywhere would blot out plain words.
const SHORTEST: usize = 6;
/// Runs of base64 at least this long are pictures, not words.
const LONGEST_RUN: usize = 512;

/// Headers whose value is a secret as a whole.
const HEADERS: [&str; 8] = [
    "apikey",
    "api-key",
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
    "x-signature",
];

/// Beginnings that say what a key is and nothing more; longest first.
const PREFIXES: [&str; 6] = ["sb_publishable_", "sb_secret_", "sbp_", "eyJ", "sk-", "hf_"];

/// What hides secrets. One a [`super::Transcript`]; every secret the program takes in is told to it.
#[derive(Default)]
pub struct Masker {
    known: Arc<RwLock<Known>>,
}

/// Hides a secret until the last one of its kind is dropped; see [`Masker::remember_while`].
#[must_use = "the secret is forgotten when this is dropped"]
pub struct Remembered {
    known: Arc<RwLock<Known>>,
    secret: Secret,
}

#[derive(Default)]
struct Known {
    secrets: Vec<(Secret, Holders)>,
    /// All spellings of all secrets with what is shown instead, the longest first: a secret that contains another one
    /// must go first, or its rest would stay.
    forms: Vec<(Zeroizing<String>, String)>,
}

/// Who wants a secret to be hidden.
#[derive(Default)]
struct Holders {
    for_ever: bool,
    guards: usize,
}

impl Masker {
    /// Remembers a secret for as long as this lives, so that it is replaced wherever it appears, in any of its usual
    /// spellings.
    pub fn remember(&self, secret: &Secret) {
        write(&self.known).holders(secret).for_ever = true;
    }

    /// Remembers a secret until what this gives is dropped, and all others that were given for the same one: a
    /// workspace that is closed leaves none behind.
    pub fn remember_while(&self, secret: &Secret) -> Remembered {
        write(&self.known).holders(secret).guards += 1;
        Remembered {
            known: Arc::clone(&self.known),
            secret: secret.clone(),
        }
    }

    /// The text with every secret in it replaced by its shown form, and pictures in base64 by their size.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.elided(elide_base64(text, usize::MAX).0)
    }

    /// The same of a text whose pictures are replaced already.
    pub(super) fn elided(&self, text: Cow<'_, str>) -> String {
        by_structure(&without_passwords(&self.by_value(text)))
    }

    /// The value of a header as it may be shown.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        if HEADERS.contains(&name) {
            return match value.split_once(' ') {
                Some((scheme, rest)) if name.ends_with("authorization") => format!("{scheme} {}", shorten(rest)),
                _ => shorten(value),
            };
        }
        self.text(value)
    }

    fn by_value<'a>(&self, mut text: Cow<'a, str>) -> Cow<'a, str> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        // The longest stand first.
        let fits = known.forms.partition_point(|(form, _)| form.len() > text.len());
        for (form, shown) in &known.forms[fits..] {
            if memmem::find(text.as_bytes(), form.as_bytes()).is_some() {
                text = text.replace(form.as_str(), shown).into();
            }
        }
        text
    }
}

fn write(known: &RwLock<Known>) -> RwLockWriteGuard<'_, Known> {
    known.write().unwrap_or_else(PoisonError::into_inner)
}

impl Known {
    fn holders(&mut self, secret: &Secret) -> &mut Holders {
        let at = self.secrets.iter().position(|(known, _)| known == secret);
        let at = at.unwrap_or_else(|| {
            self.secrets.push((secret.clone(), Holders::default()));
            self.spell();
            self.secrets.len() - 1
        });
        &mut self.secrets[at].1
    }

    fn release(&mut self, secret: &Secret) {
        let Some(at) = self.secrets.iter().position(|(known, _)| known == secret) else {
            return;
        };
        let holders = &mut self.secrets[at].1;
        holders.guards = holders.guards.saturating_sub(1);
        if holders.guards == 0 && !holders.for_ever {
            self.secrets.swap_remove(at);
            self.spell();
        }
    }

    fn spell(&mut self) {
        self.forms.clear();
        for (secret, _) in &self.secrets {
            let value = secret.expose();
            if value.len() < SHORTEST {
                continue;
            }
            let shown = shorten(value);
            let forms = spellings(value).into_iter().filter(|form| form.len() >= SHORTEST);
            self.forms.extend(forms.map(|form| (form, shown.clone())));
        }
        self.forms
            .sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.forms.dedup_by(|(a, _), (b, _)| a == b);
    }
}

impl Drop for Remembered {
    fn drop(&mut self) {
        write(&self.known).release(&self.secret);
    }
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Remembered(…)")
    }
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Masker(…)")
    }
}

/// Whether the header's value is a secret as a whole.
pub(super) fn is_secret_header(name: &str) -> bool {
    HEADERS.contains(&name)
}

/// Public prefix, `…`, last three characters, by which people tell their keys apart; nothing of keys too short for that,
/// and nothing of what is no key by its beginning: three characters of a password are a good part of it.
pub(super) fn shorten(value: &str) -> String {
    let prefix = PREFIXES
        .into_iter()
        .find(|prefix| value.starts_with(prefix))
        .unwrap_or_default();
    let hidden = value.get(prefix.len()..).unwrap_or_default();
    if prefix.is_empty() || hidden.chars().count() < 12 {
        return format!("{prefix}…");
    }
    let mut tail: Vec<char> = hidden.chars().rev().take(3).collect();
    tail.reverse();
    format!("{prefix}…{}", String::from_iter(tail))
}

fn spellings(value: &str) -> Vec<Zeroizing<String>> {
    let mut forms = vec![
        value.to_owned(),
        utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(value, COMPONENT).to_string(),
        value.replace('\\', "\\\\").replace('"', "\\\""),
    ];
    // The letters of base64 depend on where the value begins within a group of three bytes (`user:password` of a
    // Basic header). For each of the three places, what does not touch a neighbour is the same always.
    for shift in 0..3 {
        let mut bytes = Zeroizing::new(vec![0; shift]);
        bytes.extend_from_slice(value.as_bytes());
        let whole_groups = bytes.len() / 3 * 3;
        let first = [0, 2, 3][shift];
        for engine in [&STANDARD, &URL_SAFE] {
            let encoded = Zeroizing::new(engine.encode(&bytes[..whole_groups]));
            if let Some(form) = encoded.get(first..) {
                forms.push(form.to_owned());
            }
        }
    }
    forms.into_iter().map(Zeroizing::new).collect()
}

/// `encodeURIComponent`: what browsers and the official clients leave as it is.
const COMPONENT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// Replaces long runs of base64 by their decoded size. Ends as soon as there are `most` bytes, or a run more, and says whether
/// that was the end of the text.
pub(super) fn elide_base64(text: &str, most: usize) -> (Cow<'_, str>, bool) {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() && out.len() + (at - copied) < most {
        if !is_base64(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_base64(bytes[at]) {
            at += 1;
        }
        // A token's parts are such runs too, but end at a dot or stand before one; those are masked, not elided.
        let part_of_token = text[..start].ends_with('.') || text[at..].starts_with('.');
        if at - start >= LONGEST_RUN && !part_of_token {
            out.push_str(&text[copied..start]);
            let _ = write!(out, "<{} of base64>", size((at - start) / 4 * 3));
            copied = at;
        }
    }
    let end = text.ceil_char_boundary(at);
    if copied == 0 {
        return (text[..end].into(), end == text.len());
    }
    out.push_str(&text[copied..end]);
    (out.into(), end == text.len())
}

/// A size in bytes for people, decimal units.
#[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary/key+with \"odd\" characters=";

    fn masker() -> Masker {
        let masker = Masker::default();
        masker.remember(&Secret::new(CANARY));
        masker
    }

    #[test]
    fn hides_a_known_secret_in_every_spelling() {
        let masker = masker();
        let percent = utf8_percent_encode(CANARY, NON_ALPHANUMERIC).to_string();
        let json = serde_json::json!({ "a": CANARY }).to_string();
        let basic = STANDARD.encode(format!("user:{CANARY}"));
        let shifted = URL_SAFE.encode(format!("ab{CANARY}zz"));
        for text in [CANARY, percent.as_str(), &json, &basic, &shifted] {
            let shown = masker.text(&format!("before {text} after"));
            assert!(shown.contains('…'), "{shown}");
            assert!(!shown.contains("canary") && !shown.contains("anary"), "{shown}");
            for part in [&basic, &shifted, &percent] {
                assert!(!shown.contains(&part[8..28]), "{shown}");
            }
        }
    }

    #[test]
    fn forgets_a_secret_when_nobody_holds_it_any_more() {
        let masker = Masker::default();
        let (secret, other) = (Secret::new("c4n4ry-one"), Secret::new("c4n4ry-two"));
        let text = "c4n4ry-one and c4n4ry-two";
        let first = masker.remember_while(&secret);
        let second = masker.remember_while(&secret);
        masker.remember(&other);
        drop(masker.remember_while(&other));
        assert_eq!(masker.text(text), "… and …");
        drop(first);
        assert_eq!(masker.text(text), "… and …", "somebody else holds it still");
        drop(second);
        assert_eq!(masker.text(text), "c4n4ry-one and …");
        assert_eq!(write(&masker.known).secrets.len(), 1);
        assert!(!format!("{:?}", masker.remember_while(&secret)).contains("c4n4ry"));
    }

    #[test]
    fn hides_values_by_their_name() {
        let masker = Masker::default();
        for text in [
            r#"{"password":"hunter2 and more"}"#,
            r#"{"password" : "hunter2 \" quoted"}"#,
            r#"{"body":"{\"refresh_token\":\"hunter2\"}"}"#,
            "https://x.co/object?token=hunter2&download=",
            "access_token=hunter2",
            "apikey: hunter2",
            "Authorization: Bearer hunter2",
            "SUPABASE_SERVICE_ROLE_KEY: x, service_role_key=hunter2",
        ] {
            let shown = masker.text(text);
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(!shown.contains("quoted") && !shown.contains("and more"), "{shown}");
        }
        assert_eq!(
            masker.text(r#"{"max_tokens":12,"title":"The secret garden","token":null}"#),
            r#"{"max_tokens":12,"title":"The secret garden","token":null}"#
        );
        assert_eq!(masker.text("?token=abc&download=x.png"), "?token=…&download=x.png");
        let said = "Invalid Refresh Token: Refresh Token Not Found";
        assert_eq!(masker.text(said), said);
        assert_eq!(
            masker.text("Invalid Refresh Token: hunter2"),
            "Invalid Refresh Token: …"
        );
        assert_eq!(
            masker.text("postgres://postgres:hunter2@db.x.co/postgres and http://a/b@c"),
            "postgres://…@db.x.co/postgres and http://a/b@c"
        );
    }

    #[test]
    fn hides_tokens_by_their_shape() {
        let masker = Masker::default();
        assert_eq!(
            masker.text("see eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJl, please"),
            "see eyJ…XJl, please"
        );
        assert_eq!(
            masker.text("?jws=eyJhbGciOiJIUzI1NiJ9%2EeyJyb2xlIjoiYW5vbiJ9%2Ec2lnbmF0dXJl"),
            "?jws=eyJ…XJl"
        );
        assert_eq!(masker.text("key sb_secret_0123456789abcdef"), "key sb_secret_…def");
        assert_eq!(
            masker.header("apikey", "sb_publishable_0123456789abc"),
            "sb_publishable_…abc"
        );
        assert_eq!(masker.header("authorization", "Bearer short"), "Bearer …");
    }

    #[test]
    fn shows_no_character_of_a_password() {
        let masker = Masker::default();
        let (password, typed) = ("correct horse battery", Secret::new("correct-horse-battery"));
        let _held = masker.remember_while(&typed);
        for text in [
            format!(r#"{{"password":"{password}"}}"#),
            "password=correct-horse-battery&x".to_owned(),
            "it was correct-horse-battery".to_owned(),
        ] {
            let shown = masker.text(&text);
            assert!(shown.contains('…') && !shown.contains("ery"), "{shown}");
        }
        assert_eq!(masker.header("cookie", "session-0123456789"), "…");
    }

    #[test]
    fn shows_pictures_as_their_size() {
        let masker = Masker::default();
        let picture = "A".repeat(1_600_000);
        assert_eq!(
            masker.text(&format!(r#"{{"b64_json":"{picture}"}}"#)),
            r#"{"b64_json":"<1.2 MB of base64>"}"#
        );
    }

    proptest::proptest! {
        #[test]
        fn never_fails_and_leaves_other_text_alone(text in "\\PC{0,200}") {
            let _ = masker().text(&text);
        }

        #[test]
        fn a_canary_is_never_seen(before in "\\PC{0,40}", after in "\\PC{0,40}") {
            let secret = "c4n4ry-0123456789-c4n4ry";
            let masker = Masker::default();
            masker.remember(&Secret::new(secret));
            let shown = masker.text(&format!("{before}{secret}{after}"));
            proptest::prop_assert!(!shown.contains("c4n4ry-0"));
        }
    }
}
