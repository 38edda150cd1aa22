//! What a file is, by its first bytes. Names and declared types lie: some image models answer JPEG for what is then stored as
//! `.png` with `image/png`.

use std::fmt;

/// A kind of file that is recognised by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaType {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// Scalable Vector Graphics.
    Svg,
    /// AVIF.
    Avif,
    /// HEIC and HEIF, as phones make them.
    Heic,
    /// Windows bitmap.
    Bmp,
    /// TIFF.
    Tiff,
    /// Windows icon.
    Ico,
    /// PDF document.
    Pdf,
    /// MP3 audio.
    Mp3,
    /// MP4 video or audio.
    Mp4,
    /// ZIP archive, and what is built on it.
    Zip,
    /// A web page: often an error page that was saved as a picture.
    Html,
    /// JSON: often an error answer that was saved as a picture.
    Json,
}

impl MediaType {
    /// The media type as in `Content-Type`.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Svg => "image/svg+xml",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
            Self::Ico => "image/x-icon",
            Self::Pdf => "application/pdf",
            Self::Mp3 => "audio/mpeg",
            Self::Mp4 => "video/mp4",
            Self::Zip => "application/zip",
            Self::Html => "text/html",
            Self::Json => "application/json",
        }
    }

    /// The usual end of a file's name, without a dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Svg => "svg",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::Bmp => "bmp",
            Self::Tiff => "tiff",
            Self::Ico => "ico",
            Self::Pdf => "pdf",
            Self::Mp3 => "mp3",
            Self::Mp4 => "mp4",
            Self::Zip => "zip",
            Self::Html => "html",
            Self::Json => "json",
        }
    }

    /// Whether this program decodes and shows it.
    #[must_use]
    pub fn is_picture_we_show(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Webp | Self::Gif)
    }

    /// Whether it is a picture of any kind.
    #[must_use]
    pub fn is_picture(self) -> bool {
        self.mime().starts_with("image/")
    }

    /// A short label: "PNG", "WebP", "PDF document".
    #[must_use]
    pub fn name(self) -> &'static str {
        let described = self.described();
        let name = described.split_once(' ').map_or(described, |(_, name)| name);
        name.strip_suffix(" picture").unwrap_or(name)
    }

    /// "a PNG picture", "an MP3 recording".
    #[must_use]
    pub fn described(self) -> &'static str {
        match self {
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::Webp => "a WebP picture",
            Self::Gif => "a GIF picture",
            Self::Svg => "an SVG drawing",
            Self::Avif => "an AVIF picture",
            Self::Heic => "a HEIC picture",
            Self::Bmp => "a BMP picture",
            Self::Tiff => "a TIFF picture",
            Self::Ico => "an icon file",
            Self::Pdf => "a PDF document",
            Self::Mp3 => "an MP3 recording",
            Self::Mp4 => "an MP4 video",
            Self::Zip => "a ZIP archive",
            Self::Html => "a web page",
            Self::Json => "a JSON text",
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Recognises a file by its first bytes. A file that is cut off later is recognised all the same.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<MediaType> {
    /// Fixed beginnings.
    const MAGIC: [(&[u8], MediaType); 12] = [
        (b"\x89PNG\r\n\x1a\n", MediaType::Png),
        (b"\xff\xd8\xff", MediaType::Jpeg),
        (b"GIF87a", MediaType::Gif),
        (b"GIF89a", MediaType::Gif),
        (b"%PDF-", MediaType::Pdf),
        (b"II*\0", MediaType::Tiff),
        (b"MM\0*", MediaType::Tiff),
        (b"\0\0\x01\0", MediaType::Ico),
        (b"PK\x03\x04", MediaType::Zip),
        (b"PK\x05\x06", MediaType::Zip),
        (b"ID3", MediaType::Mp3),
        (b"\xff\xfb", MediaType::Mp3),
    ];
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(*found);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(MediaType::Webp);
    }
    // "BM" alone begins many texts: the header's reserved words are zero in every bitmap.
    if bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4]) {
        return Some(MediaType::Bmp);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return match bytes.get(8..12)? {
            b"avif" | b"avis" => Some(MediaType::Avif),
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => Some(MediaType::Heic),
            _ => Some(MediaType::Mp4),
        };
    }
    detect_text(bytes)
}

/// The kinds that are text: looked for in the first kilobyte, behind a byte-order mark and white space.
fn detect_text(bytes: &[u8]) -> Option<MediaType> {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = head[..head.len().min(1024)].trim_ascii_start();
    if head.starts_with(b"{\"") {
        return Some(MediaType::Json);
    }
    if !head.starts_with(b"<") {
        return None;
    }
    let head = head.to_ascii_lowercase();
    let has = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") {
        Some(MediaType::Html)
    } else if has(b"<svg") {
        Some(MediaType::Svg)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_by_content() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], Some(MediaType::Png)),
            (b"\xff\xd8\xff\xe0", Some(MediaType::Jpeg)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(MediaType::Webp)),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"GIF89a", Some(MediaType::Gif)),
            (b"\0\0\0\x20ftypavif", Some(MediaType::Avif)),
            (b"\0\0\0\x20ftypheic", Some(MediaType::Heic)),
            (b"\0\0\0\x20ftypisom", Some(MediaType::Mp4)),
            (b"BM\x10\0\0\0\0\0\0\0", Some(MediaType::Bmp)),
            (b"BMW and other cars", None),
            (b"%PDF-1.7", Some(MediaType::Pdf)),
            (
                b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- a --><svg xmlns",
                Some(MediaType::Svg),
            ),
            (b"<!DOCTYPE HTML><svg>", Some(MediaType::Html)),
            (b"{\"statusCode\":\"404\"}", Some(MediaType::Json)),
            (b"--boundary\r\n", None),
            (b"", None),
            (b"\x89PN", None),
        ] {
            assert_eq!(detect(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn only_decodable_kinds_are_shown() {
        assert!(MediaType::Webp.is_picture_we_show());
        assert!(MediaType::Avif.is_picture() && !MediaType::Avif.is_picture_we_show());
        assert!(!MediaType::Pdf.is_picture());
        assert_eq!(MediaType::Png.name(), "PNG");
        assert_eq!(MediaType::Pdf.name(), "PDF document");
    }
}
