//! Percent-encoding of one path segment, and back.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What JavaScript's `encodeURIComponent` leaves as it is: letters, digits and `- _ . ! ~ * ' ( )`.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What signing one object needs as it is, besides.
const SIGNING: &AsciiSet = &COMPONENT
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b',')
    .remove(b':')
    .remove(b';')
    .remove(b'@')
    .remove(b'$')
    .remove(b'/');

/// Encodes one path segment or one query value, as `encodeURIComponent` does. A `/` becomes `%2F`.
#[must_use]
pub fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Encodes the key of an object: every segment for itself, `/` stays. This is the form that all read routes of
/// storage-api understand for every legal key.
#[must_use]
pub fn encode_key(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len() + 16);
    for (index, segment) in key.split('/').enumerate() {
        if index > 0 {
            encoded.push('/');
        }
        encoded.extend(utf8_percent_encode(segment, COMPONENT));
    }
    encoded
}

/// Encodes a key for signing one object: as [`encode_key`], with `& = + , : ; @ $` as they are. The server signs the path
/// after a decoding that leaves their escapes (JavaScript's `decodeURI`), and would sign another key.
/// None for a key with `?` in it, which cannot stand in a path as it is.
#[must_use]
pub fn encode_for_signing(key: &str) -> Option<String> {
    (!key.contains('?')).then(|| utf8_percent_encode(key, SIGNING).to_string())
}

/// Decodes percent-escapes once. `None` if the bytes are no UTF-8; a `%` without two hex digits stays as it is.
pub(super) fn decode(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}

/// Whether two hex digits follow the `%` at this byte.
pub(super) fn is_escape(text: &str, percent: usize) -> bool {
    text.as_bytes()
        .get(percent + 1..percent + 3)
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Whether a text contains a percent-escape.
pub(super) fn has_escape(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| is_escape(text, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_like_encode_uri_component() {
        assert_eq!(encode_segment("a b/ü?#"), "a%20b%2F%C3%BC%3F%23");
        assert_eq!(encode_segment("-_.!~*'()"), "-_.!~*'()");
        assert_eq!(encode_segment("&$@=;:+,"), "%26%24%40%3D%3B%3A%2B%2C");
    }

    #[test]
    fn keeps_the_slashes_of_a_key() {
        assert_eq!(
            encode_key("pip lost star/scene 3.png"),
            "pip%20lost%20star/scene%203.png"
        );
        assert_eq!(encode_key("/a//b/"), "/a//b/");
    }

    #[test]
    fn leaves_for_signing_what_decode_uri_would_leave() {
        assert_eq!(
            encode_for_signing("a b/c+d&e=f,h;i@j:k$(l)'.png").as_deref(),
            Some("a%20b/c+d&e=f,h;i@j:k$(l)'.png")
        );
        assert_eq!(encode_for_signing("what?.png"), None);
    }

    #[test]
    fn decodes_what_is_an_escape_only() {
        assert_eq!(decode("100%.png").as_deref(), Some("100%.png"));
        assert_eq!(decode("a%20b%zz").as_deref(), Some("a b%zz"));
        assert_eq!(decode("%ff"), None);
        assert!(has_escape("a%20") && !has_escape("100%") && !has_escape("%2"));
    }
}
