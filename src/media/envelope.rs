//! The multipart envelope trap: a Python client given `{"Content-Type": …}` with a capital C sends its multipart body under
//! that type, and storage keeps the whole envelope as "the picture". The picture inside is intact and can be taken out.

use std::ops::Range;

use super::detect::detect;

/// RFC 2046: a boundary has at most 70 characters; with its two dashes 72.
const MAX_DELIMITER: usize = 72;
/// The headers of one part are a few lines.
const MAX_HEADERS: usize = 8 * 1024;

/// Where the picture is inside a stored multipart envelope, or `None` if these bytes are no such envelope, hold no picture,
/// or are cut off before its end.
#[must_use]
pub fn wrapped_picture(bytes: &[u8]) -> Option<Range<usize>> {
    if !bytes.starts_with(b"--") {
        return None;
    }
    let line_end = find(&bytes[..bytes.len().min(MAX_DELIMITER + 2)], b"\r\n")?;
    if line_end <= 2 {
        return None;
    }
    let end_of_part = [b"\r\n", &bytes[..line_end]].concat();
    let mut part = line_end;
    // Each round looks at one part; `part` is at the line break behind its delimiter.
    while bytes[part..].starts_with(b"\r\n") {
        let headers = &bytes[part..bytes.len().min(part + MAX_HEADERS)];
        let body = part + find(headers, b"\r\n\r\n")? + 4;
        let end = body + find(&bytes[body..], &end_of_part)?;
        if detect(&bytes[body..end]).is_some_and(super::MediaType::is_picture) {
            return Some(body..end);
        }
        part = end + end_of_part.len();
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\r\n--not-the-boundary\r\n rest";

    fn envelope() -> Vec<u8> {
        [
            &b"--b0undary\r\nContent-Disposition: form-data; name=\"cacheControl\"\r\n\r\n3600"[..],
            b"\r\n--b0undary\r\nContent-Disposition: form-data; name=\"\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n",
            PICTURE,
            b"\r\n--b0undary--\r\n",
        ]
        .concat()
    }

    #[test]
    fn finds_the_picture_behind_other_parts() {
        let bytes = envelope();
        assert_eq!(&bytes[wrapped_picture(&bytes).unwrap()], PICTURE);
    }

    #[test]
    fn never_takes_what_is_cut_off_or_no_picture() {
        let bytes = envelope();
        for end in 0..bytes.len() - 20 {
            assert_eq!(wrapped_picture(&bytes[..end]), None, "{end}");
        }
        assert_eq!(wrapped_picture(b"--b\r\nA: b\r\n\r\ntext\r\n--b--\r\n"), None);
        assert_eq!(wrapped_picture(PICTURE), None);
        assert_eq!(wrapped_picture(b"--\r\n\r\n\r\n"), None);
    }
}
