//! The last segment of an upload's URL: base64url of `bucket/key/version`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};

use super::error::TusError;
use crate::local::names;
use crate::local::storage_routes::error::StorageError;
use crate::local::storage_routes::request::Target;
use crate::local::store::blob::BlobId;
use crate::local::store::upload::Upload;

/// Segments that are part of the routes' own path name no upload.
const OWN_PATH: &str = "/upload/resumable";

/// As JavaScript's decoder is: with padding or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What an upload's URL names. The key in it is checked, and never a path: the file is named by the version, a UUID.
pub struct UploadId {
    /// The object to be.
    pub target: Target,
    /// The upload's own id, `None` if the version is no UUID, so that there can be none.
    pub version: Option<BlobId>,
}

impl UploadId {
    /// Reads the last segment of a path.
    pub fn from_path(path: &str) -> Result<Self, TusError> {
        let segment = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if segment.is_empty() || OWN_PATH.contains(segment) {
            return Err(TusError::NOT_FOUND);
        }
        let bytes = LENIENT.decode(segment).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let invalid = |message: &str| TusError::from(StorageError::invalid_upload_id(message));
        let (bucket, rest) = text.split_once('/').ok_or_else(|| invalid("Invalid upload id"))?;
        let (key, version) = rest.rsplit_once('/').unwrap_or(("", rest));
        let target = target(bucket, key)?;
        if version.is_empty() {
            return Err(invalid("Version not provided"));
        }
        Ok(Self {
            target,
            version: BlobId::parse(version),
        })
    }

    /// The segment for an upload.
    pub fn segment(upload: &Upload) -> String {
        let text = format!("{}/{}/{}", upload.bucket_id, upload.name, upload.id.as_str());
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Whether a row is the upload that the URL names.
    pub fn is_for(&self, upload: &Upload) -> bool {
        self.target.bucket == upload.bucket_id && self.target.key == upload.name
    }
}

/// A bucket and a key that an object may have.
pub fn target(bucket: &str, key: &str) -> Result<Target, TusError> {
    if !names::is_bucket_name(bucket) {
        return Err(StorageError::invalid_bucket_name().into());
    }
    if !names::is_key(key) {
        return Err(StorageError::invalid_key(key).into());
    }
    if names::has_dot_segment(key) {
        return Err(StorageError::invalid_key(&format!("{key} contains dot path segment")).into());
    }
    Ok(Target {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<UploadId, TusError> {
        UploadId::from_path(&format!("/upload/resumable/{}", URL_SAFE_NO_PAD.encode(text)))
    }

    #[test]
    fn bucket_key_and_version_are_told_apart() {
        let id = read("art/a/b c.png/0b0f9d0e-5a3c-4d0e-9d5f-0d4c3b2a1f00").unwrap();
        assert_eq!(
            (id.target.bucket.as_str(), id.target.key.as_str()),
            ("art", "a/b c.png")
        );
        assert_eq!(id.version.unwrap().as_str(), "0b0f9d0e-5a3c-4d0e-9d5f-0d4c3b2a1f00");
        assert!(read("art/k/not-a-uuid").unwrap().version.is_none());
    }

    #[test]
    fn what_names_no_upload_is_refused() {
        for text in [
            "",
            "art",
            "art/version",
            "art//",
            "/k/v",
            "art/k/",
            "art/../v",
            "art/a/../../b/v",
            "art/fée/v",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        for path in ["/upload/resumable", "/upload/resumable/", "/upload/resumable/%%%"] {
            assert!(UploadId::from_path(path).is_err(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_segment_is_read_or_refused(segment in "\\PC*", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for segment in [segment, URL_SAFE_NO_PAD.encode(&bytes)] {
                if let Ok(id) = UploadId::from_path(&segment) {
                    prop_assert!(names::is_key(&id.target.key) && !names::has_dot_segment(&id.target.key));
                    if let Some(version) = id.version {
                        prop_assert!(uuid::Uuid::try_parse(version.as_str()).is_ok());
                    }
                }
            }
        }
    }
}
