//! What is checked of a picture before a byte is sent, so that nobody waits for an upload that the bucket refuses.

use super::decode::{inspect, shown_kind};
use super::detect::{MediaType, detect};
use super::error::MediaError;

/// What an upload will send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadFacts {
    /// By content; what goes into `Content-Type`.
    pub media_type: MediaType,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Bytes.
    pub size: u64,
}

/// Checks a picture against what its bucket accepts: size first, then the kind by content, then the header.
///
/// `allowed` is the bucket's list of media types; `None` and an empty list accept everything, as storage does.
///
/// # Errors
/// With a sentence that has both numbers, or both types, if the bucket would refuse it; as [`inspect`] if it is no picture.
pub fn check_upload(
    bytes: &[u8],
    bucket_limit: Option<u64>,
    allowed: Option<&[String]>,
) -> Result<UploadFacts, MediaError> {
    let size = bytes.len() as u64;
    let kind = shown_kind(bytes)?;
    if let Some(most) = bucket_limit
        && size > most
    {
        return Err(MediaError::LargerThanBucket { size, most });
    }
    if let Some(allowed) = allowed
        && !allowed.is_empty()
        && !allowed.iter().any(|entry| accepts(entry, kind.mime()))
    {
        return Err(MediaError::NotAllowed {
            kind,
            allowed: allowed.to_vec(),
        });
    }
    let info = inspect(bytes)?;
    Ok(UploadFacts {
        media_type: info.media_type,
        width: info.width,
        height: info.height,
        size,
    })
}

/// Checks any file against what its bucket accepts and says which type it will be stored with: by content, else by the
/// extension of its name. `head` are its first bytes, some kilobytes if it has so many; `size` is that of the whole file.
///
/// # Errors
/// With a sentence that has both numbers, or both types, if the bucket would refuse it.
pub fn check_object(
    name: &str,
    head: &[u8],
    size: u64,
    bucket_limit: Option<u64>,
    allowed: Option<&[String]>,
) -> Result<String, MediaError> {
    if let Some(most) = bucket_limit.filter(|most| size > *most) {
        return Err(MediaError::LargerThanBucket { size, most });
    }
    let mime = match detect(head) {
        Some(kind) => kind.mime().to_owned(),
        None => mime_guess::from_path(name)
            .first_or_octet_stream()
            .essence_str()
            .to_owned(),
    };
    match allowed {
        Some(allowed) if !allowed.is_empty() && !allowed.iter().any(|entry| accepts(entry, &mime)) => {
            Err(MediaError::TypeNotAllowed {
                mime,
                allowed: allowed.to_vec(),
            })
        }
        _ => Ok(mime),
    }
}

/// Storage compares exactly, with case. `image/*` stands for all pictures; `*` and `*/*` can be stored but match nothing.
#[must_use]
pub fn accepts(entry: &str, mime: &str) -> bool {
    match entry.strip_suffix("/*") {
        Some("*" | "") => false,
        Some(family) => mime.split_once('/').is_some_and(|(of, _)| of == family),
        None => entry == mime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png() -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(7, 5)
            .write_to(&mut bytes, image::ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    fn types(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn tells_what_will_be_sent() {
        let bytes = png();
        let facts = check_upload(&bytes, Some(bytes.len() as u64), Some(&types(&["image/*"]))).unwrap();
        assert_eq!(
            facts,
            UploadFacts {
                media_type: MediaType::Png,
                width: 7,
                height: 5,
                size: bytes.len() as u64
            }
        );
        assert!(check_upload(&bytes, None, Some(&[])).is_ok());
    }

    #[test]
    fn matches_types_as_the_server_does() {
        for (entry, expected) in [
            ("image/png", true),
            ("image/*", true),
            ("IMAGE/PNG", false),
            ("image/pn", false),
            ("*/*", false),
            ("*", false),
            ("audio/*", false),
        ] {
            assert_eq!(accepts(entry, "image/png"), expected, "{entry}");
        }
    }

    #[test]
    fn refuses_with_the_numbers() {
        let error = check_upload(&png(), None, Some(&types(&["image/jpeg", "image/webp"]))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "This is a PNG picture, and the bucket accepts only image/jpeg and image/webp."
        );
        let error = MediaError::LargerThanBucket {
            size: 6_800_000,
            most: 5_000_000,
        };
        assert_eq!(
            error.to_string(),
            "The picture has 6.8 MB; the bucket accepts up to 5 MB."
        );
        let error = MediaError::LargerThanBucket {
            size: 5_000_001,
            most: 5_000_000,
        };
        assert_eq!(
            error.to_string(),
            "The picture has 5,000,001 bytes; the bucket accepts up to 5,000,000 bytes."
        );
        let error = check_upload(&png(), Some(10), None).unwrap_err();
        assert!(matches!(error, MediaError::LargerThanBucket { most: 10, .. }));
        let error = check_upload(b"%PDF-1.7", None, None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "This is not a picture: it begins like a PDF document."
        );
    }
}
