//! Finds secrets by what they look like and by what stands before them, in any text: the half of masking that needs to
//! be told nothing. Its tests are those of [`super::mask`].

use std::borrow::Cow;

use super::mask::shorten;

/// Names of query parameters, JSON members and settings whose value is a secret; without `_` and `-`, in lower case.
const NAMES: [&str; 21] = [
    "accesstoken",
    "anonkey",
    "apikey",
    "authorization",
    "clientsecret",
    "cookie",
    "idtoken",
    "jwt",
    "jwtsecret",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "providertoken",
    "refreshtoken",
    "secret",
    "secretkey",
    "servicekey",
    "servicerolekey",
    "token",
    "xsignature",
];

/// How the sentences of auth servers go on that begin with "Invalid Refresh Token:".
const OF_TOKENS: [&str; 3] = ["Already", "Refresh", "Session"];

/// Masks tokens by their shape and values by the name before them. One pass over words; it understands JSON, JSON
/// inside JSON (escaped quotes), query strings, header lines and settings alike, and does not mind if they are cut.
pub(super) fn by_structure(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find(is_word) {
        out.push_str(&text[at..at + found]);
        at += found;
        let end = at + text[at..].find(|c| !is_word(c)).unwrap_or(text.len() - at);
        let word = &text[at..end];
        if let Some(length) = token_length(&text[at..], word.len()) {
            out.push_str(&shorten(&text[at..at + length]));
            at += length;
        } else if let Some((value_start, value_end)) = is_secret_name(word).then(|| value_after(text, end)).flatten() {
            out.push_str(&text[at..value_start]);
            out.push_str(&shorten(&text[value_start..value_end]));
            at = value_end;
        } else {
            out.push_str(word);
            at = end;
        }
    }
    out.push_str(&text[at..]);
    out
}

/// Masks `user:password@` of addresses.
pub(super) fn without_passwords(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return text.into();
    }
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("://");
        let end = part
            .find(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c))
            .unwrap_or(part.len());
        match part[..end].rfind('@') {
            Some(at) => {
                out.push('…');
                out.push_str(&part[at..]);
            }
            None => out.push_str(part),
        }
    }
    out.into()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// Bytes of the longest of [`NAMES`].
const LONGEST_NAME: usize = {
    let (mut longest, mut at) = (0, 0);
    while at < NAMES.len() {
        if NAMES[at].len() > longest {
            longest = NAMES[at].len();
        }
        at += 1;
    }
    longest
};

/// Asked of every word of every text, so nothing is allocated for it.
fn is_secret_name(word: &str) -> bool {
    let (mut plain, mut length) = ([0; LONGEST_NAME], 0);
    for byte in word.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(place) = plain.get_mut(length) else {
            return false;
        };
        *place = byte.to_ascii_lowercase();
        length += 1;
    }
    NAMES.iter().any(|name| name.as_bytes() == &plain[..length])
}

/// The length of a token at the start of the text, whose first word has `first` bytes: a JWT (`eyJ….….…`), or a key with a
/// prefix of its own.
fn token_length(text: &str, first: usize) -> Option<usize> {
    if text.starts_with("eyJ") {
        let word = |text: &str| text.find(|c| !is_word(c)).unwrap_or(text.len());
        let mut length = first;
        let mut parts = 1;
        // The dot may be percent-encoded.
        while parts < 5
            && let Some(dot) = [".", "%2E", "%2e"]
                .into_iter()
                .find(|dot| text[length..].starts_with(dot))
        {
            length += dot.len() + word(&text[length + dot.len()..]);
            parts += 1;
        }
        return (parts >= 2).then_some(length);
    }
    let prefixes = ["sb_secret_", "sbp_", "sk-", "hf_"];
    let prefix = prefixes.into_iter().find(|prefix| text.starts_with(prefix))?;
    (first >= prefix.len() + 12 || prefix == "sb_secret_").then_some(first)
}

/// Where the value lies that belongs to a name ending at `at`: `name=value`, `name: value`, `"name":"value"`.
fn value_after(text: &str, at: usize) -> Option<(usize, usize)> {
    let skip = |at: usize, what: &[char]| text.len() - text[at..].trim_start_matches(what).len();
    let after_name = skip(at, &['\\']);
    let quoted_name = text[after_name..].starts_with(['"', '\'']);
    let at = skip(if quoted_name { after_name + 1 } else { at }, &[' ', '\t', '\n', '\r']);
    let separator = text[at..].chars().next().filter(|c| matches!(c, ':' | '='))?;
    let mut start = skip(at + separator.len_utf8(), &[' ', '\t', '\n', '\r']);
    let slashes = skip(start, &['\\']) - start;
    let rest = &text[start + slashes..];
    let end = if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        start += slashes + 1;
        start + quoted_length(&text[start..], quote, slashes)
    } else {
        for scheme in ["Bearer ", "Basic ", "bearer ", "basic "] {
            if text[start..].starts_with(scheme) {
                start += scheme.len();
            }
        }
        start
            + text[start..]
                .find(|c: char| c.is_whitespace() || "&#\"'<>,;)}]\\".contains(c))
                .unwrap_or(text.len() - start)
    };
    let value = &text[start..end];
    // "Invalid Refresh Token: Already Used": what auth servers say of a token, without it.
    if text[..at].ends_with("Invalid Refresh Token") && OF_TOKENS.contains(&value) {
        return None;
    }
    (!value.is_empty() && value != "null" && value != "[" && value != "{").then_some((start, end))
}

/// How long a quoted text is whose opening quote had `slashes` backslashes before it.
fn quoted_length(text: &str, quote: char, slashes: usize) -> usize {
    let mut run = 0;
    for (at, c) in text.char_indices() {
        if c == '\\' {
            run += 1;
        } else {
            // In JSON within JSON an inner quote is escaped more often than the quotes around the value.
            if c == quote && (run == slashes || (slashes == 0 && run % 2 == 0)) {
                return at - slashes.min(run);
            }
            run = 0;
        }
    }
    text.len()
}
