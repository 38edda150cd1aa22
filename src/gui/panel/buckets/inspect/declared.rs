//! Whether the type that is declared for an object is that of its bytes.

use crate::media::MediaType;

/// The type itself, without parameters, in lower case.
fn bare(content_type: &str) -> String {
    let bare = content_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// Whether readers are told another type than the bytes have. Only where the bytes leave no doubt: archives and containers
/// have many types.
#[must_use]
pub fn differs(declared: Option<&str>, kind: MediaType) -> bool {
    let declared = declared.map(bare).unwrap_or_default();
    if declared == kind.mime() {
        return false;
    }
    let says_nothing = matches!(
        declared.as_str(),
        "" | "application/octet-stream" | "binary/octet-stream" | "multipart/form-data" | "text/plain"
    );
    match kind {
        MediaType::Jpeg => !matches!(declared.as_str(), "image/jpg" | "image/pjpeg"),
        MediaType::Ico => declared != "image/vnd.microsoft.icon",
        MediaType::Heic => declared != "image/heif",
        MediaType::Bmp => declared != "image/x-ms-bmp",
        MediaType::Svg => declared != "application/xml" && declared != "text/xml",
        MediaType::Png | MediaType::Webp | MediaType::Gif | MediaType::Avif | MediaType::Tiff | MediaType::Pdf => true,
        // What is built on these has types of its own; a picture it is not.
        MediaType::Zip | MediaType::Mp4 | MediaType::Mp3 => {
            declared.starts_with("image/") || (says_nothing && declared != "text/plain")
        }
        // A text that looks like one may be meant as another; declared as a picture it is an error page.
        MediaType::Html | MediaType::Json => declared.starts_with("image/"),
    }
}

/// The type that should be declared instead of the present one; none if that is right, or nobody can tell.
#[must_use]
pub fn should_be(declared: Option<&str>, kind: Option<MediaType>) -> Option<&'static str> {
    kind.filter(|kind| differs(declared, *kind)).map(MediaType::mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wrong_without_doubt_is_wrong() {
        for (declared, kind, wrong) in [
            (Some("image/png"), MediaType::Jpeg, true),
            (Some("IMAGE/PNG; q=1"), MediaType::Png, false),
            (Some("image/jpg"), MediaType::Jpeg, false),
            (None, MediaType::Png, true),
            (Some("text/plain"), MediaType::Png, true),
            (
                Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
                MediaType::Zip,
                false,
            ),
            (Some("application/octet-stream"), MediaType::Zip, true),
            (Some("image/png"), MediaType::Html, true),
            (Some("text/plain"), MediaType::Html, false),
            (Some("audio/mp4"), MediaType::Mp4, false),
        ] {
            assert_eq!(differs(declared, kind), wrong, "{declared:?} {kind:?}");
        }
        assert_eq!(should_be(Some("image/png"), Some(MediaType::Jpeg)), Some("image/jpeg"));
        assert_eq!(should_be(Some("image/png"), None), None);
    }
}
