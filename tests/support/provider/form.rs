//! Reads the forms that are sent, strictly: what a browser's form looks like (RFC 7578), and nothing else.

use super::Asked;

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its field.
    pub name: String,
    /// The file's name, if it is a file.
    pub file_name: Option<String>,
    /// What kind of bytes a file says that it has.
    pub media_type: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Part {
    /// Its bytes as a text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }
}

/// The parts of a form, in their order.
pub fn form(asked: &Asked) -> Vec<Part> {
    let kind = asked.headers["content-type"].to_str().unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The first one stands at the beginning, without a line before it.
    let body = [b"\r\n".as_slice(), &asked.bytes].concat();
    let mut parts = Vec::new();
    let mut rest = after(&body, &delimiter).1;
    loop {
        if rest == b"--\r\n" {
            return parts;
        }
        let (part, next) = after(rest.strip_prefix(b"\r\n").unwrap(), &delimiter);
        parts.push(read(part));
        rest = next;
    }
}

/// What stands before the first `mark`, and what behind it.
fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> (&'a [u8], &'a [u8]) {
    let at = bytes.windows(mark.len()).position(|window| window == mark).unwrap();
    (&bytes[..at], &bytes[at + mark.len()..])
}

fn read(part: &[u8]) -> Part {
    let (head, bytes) = after(part, b"\r\n\r\n");
    let head = std::str::from_utf8(head).unwrap();
    let field = |name: &str| {
        let (_, rest) = head.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"').unwrap().0.to_owned())
    };
    let media_type = head.lines().find_map(|line| line.strip_prefix("content-type: "));
    assert!(head.starts_with("content-disposition: form-data; name="), "{head}");
    Part {
        name: field("name").unwrap(),
        file_name: field("filename"),
        media_type: media_type.map(str::to_owned),
        bytes: bytes.to_vec(),
    }
}
