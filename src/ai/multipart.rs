//! Forms with files in them (RFC 7578), whole in memory: what goes along with a prompt is small.

use bytes::Bytes;
use uuid::Uuid;

use crate::http::Body;

/// A form being written.
pub(super) struct Form {
    boundary: String,
    bytes: Vec<u8>,
}

impl Form {
    pub(super) fn new() -> Self {
        Self {
            // Nobody who writes a prompt or draws a picture can guess it.
            boundary: format!("storymimi-{}", Uuid::new_v4().simple()),
            bytes: Vec::new(),
        }
    }

    /// A field.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.begin(name, None, None);
        self.bytes.extend_from_slice(value.as_bytes());
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// A file.
    pub(super) fn file(&mut self, name: &str, file_name: &str, media_type: &str, bytes: &[u8]) {
        self.begin(name, Some(file_name), Some(media_type));
        self.bytes.extend_from_slice(bytes);
        self.bytes.extend_from_slice(b"\r\n");
    }

    pub(super) fn into_body(mut self) -> Body {
        self.bytes
            .extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        Body::Bytes {
            bytes: Bytes::from(self.bytes),
            content_type: format!("multipart/form-data; boundary={}", self.boundary),
        }
    }

    fn begin(&mut self, name: &str, file_name: Option<&str>, media_type: Option<&str>) {
        let mut head = format!(
            "--{}\r\ncontent-disposition: form-data; name=\"{}\"",
            self.boundary,
            quoted(name)
        );
        if let Some(file_name) = file_name {
            head.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
        }
        if let Some(media_type) = media_type {
            head.push_str(&format!("\r\ncontent-type: {}", media_type.replace(['\r', '\n'], "")));
        }
        head.push_str("\r\n\r\n");
        self.bytes.extend_from_slice(head.as_bytes());
    }
}

/// A name within quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_line() {
        let mut form = Form::new();
        form.text("a\"\r\nx: y", "1");
        form.file("image[]", "p.png", "image/png", b"\x89PNG\r\n--");
        let Body::Bytes { bytes, content_type } = form.into_body() else {
            panic!("a form is bytes");
        };
        let boundary = content_type.split_once("boundary=").unwrap().1;
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("name=\"a%22%0D%0Ax: y\"\r\n\r\n1\r\n"), "{text}");
        assert!(
            text.contains("filename=\"p.png\"\r\ncontent-type: image/png\r\n\r\n"),
            "{text}"
        );
        assert_eq!(text.matches(boundary).count(), 3);
        assert!(text.ends_with(&format!("--{boundary}--\r\n")));
    }
}
