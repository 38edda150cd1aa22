//! The beginning of an object: what it really is, and a few lines of it where it is a text.

use bytes::Bytes;

use super::{Problem, Service};
use crate::media::{self, MediaType};
use crate::supabase::{BucketName, ByteRange, ObjectKey};

/// Bytes that are read.
const HEAD: u64 = 4_096;

/// The beginning of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peek {
    /// Its first bytes, up to 4,096.
    pub head: Bytes,
    /// Whether that is all of it.
    pub is_whole: bool,
    /// What it is by its content, as far as that is recognised.
    pub kind: Option<MediaType>,
    /// Whether it is a picture inside the wrapping of a web form, as broken clients store it.
    pub is_wrapped: bool,
}

impl Service {
    /// Reads the beginning of an object and says what it is by its content.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub async fn peek(&self, bucket: &BucketName, key: &ObjectKey, size: Option<u64>) -> Result<Peek, Problem> {
        if size == Some(0) {
            // There is no range of nothing.
            return Ok(Peek {
                is_whole: true,
                ..Peek::default()
            });
        }
        let objects = self.inner.supabase.bucket(bucket);
        let head = objects.download_part(key, ByteRange::Between(0, HEAD - 1)).await?.bytes;
        // A server that knows no ranges sends all of it.
        let head = head.slice(..head.len().min(HEAD as usize));
        Ok(Peek {
            is_whole: size.is_some_and(|size| size <= head.len() as u64) || (head.len() as u64) < HEAD,
            kind: media::detect(&head),
            is_wrapped: is_wrapped(&head),
            head,
        })
    }
}

/// Whether bytes begin like the body of a web form.
fn is_wrapped(head: &[u8]) -> bool {
    const MARK: &[u8] = b"Content-Disposition: form-data";
    let first = &head[..head.len().min(512)];
    first.starts_with(b"--") && first.windows(MARK.len()).any(|part| part.eq_ignore_ascii_case(MARK))
}

impl Peek {
    /// The lines of it, if it is a text that can be shown; a letter that is cut at the end is left out.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let text = match std::str::from_utf8(&self.head) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() && !self.is_whole => {
                std::str::from_utf8(&self.head[..error.valid_up_to()]).ok()?
            }
            Err(_) => return None,
        };
        let shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        (!text.is_empty() && text.chars().all(shown)).then(|| text.replace("\r\n", "\n").replace('\r', "\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peek(head: &[u8], is_whole: bool) -> Peek {
        Peek {
            head: Bytes::copy_from_slice(head),
            is_whole,
            ..Peek::default()
        }
    }

    #[test]
    fn a_text_is_shown_up_to_the_letter_that_is_cut() {
        assert_eq!(peek("a\r\nb\tö".as_bytes(), true).text().unwrap(), "a\nb\tö");
        assert_eq!(peek(&"aö".as_bytes()[..2], false).text().unwrap(), "a");
        assert_eq!(peek(&"aö".as_bytes()[..2], true).text(), None, "nothing is cut there");
    }

    #[test]
    fn the_wrapping_of_a_form_is_seen() {
        let form = b"--b0undary\r\nContent-Disposition: form-data; name=\"\"; filename=\"a.png\"\r\n\r\n\x89PNG";
        assert!(is_wrapped(form));
        assert!(!is_wrapped(b"-- a comment\n"));
    }

    #[test]
    fn what_is_no_text_is_not_shown_as_one() {
        for bytes in [&b"\x89PNG\r\n\x1a\n"[..], b"a\0b", b"\xff\xfe", b"", b"a\x1b[31m"] {
            assert_eq!(peek(bytes, true).text(), None, "{bytes:?}");
        }
    }
}
