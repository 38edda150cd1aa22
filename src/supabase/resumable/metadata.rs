//! `Upload-Metadata`: what an upload is created with, as names and base64 (tus.io, "Creation"; storage reads these five).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::{BucketName, ObjectKey, Upload};

/// Names and values of an upload, in their order. Its text form is that of the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadMetadata(Vec<(String, Vec<u8>)>);

/// What a resumable upload cannot carry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a resumable upload can keep only “no-cache” or “max-age=…” as its Cache-Control, not “{0}”; change it afterwards"
)]
pub struct NotCarried(String);

impl UploadMetadata {
    /// What storage wants to know of an object.
    ///
    /// # Errors
    /// If the server would store another `Cache-Control` than the one asked for: it makes `no-cache` of everything that is
    /// not a number of seconds.
    pub fn new(bucket: &BucketName, key: &ObjectKey, how: &Upload) -> Result<Self, NotCarried> {
        let seconds = how.cache_control.trim().strip_prefix("max-age=");
        let cache = match seconds {
            Some(seconds) if !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit()) => seconds,
            _ if how.cache_control.trim() == "no-cache" => "no-cache",
            _ => return Err(NotCarried(how.cache_control.clone())),
        };
        let metadata = Value::Object(how.metadata.clone()).to_string();
        let pairs = [
            ("bucketName", bucket.as_str()),
            ("objectName", key.as_str()),
            // Without a type the server would not check it against the bucket's list.
            ("contentType", &how.content_type),
            ("cacheControl", cache),
            ("metadata", &metadata),
        ];
        Ok(Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
                .collect(),
        ))
    }

    /// Reads the header as servers send it back. What cannot be read is left out: it is only looked at.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        let pairs = header.split(',').filter_map(|pair| {
            let mut words = pair.trim().splitn(2, ' ');
            let name = words.next().filter(|name| !name.is_empty())?;
            let value = STANDARD.decode(words.next().unwrap_or_default().trim()).ok()?;
            Some((name.to_owned(), value))
        });
        Self(pairs.collect())
    }

    /// The header's value.
    #[must_use]
    pub fn encode(&self) -> String {
        self.to_string()
    }

    /// A value that is text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(found, _)| found == name)?;
        std::str::from_utf8(value).ok()
    }
}

impl fmt::Display for UploadMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.0.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            write!(f, "{comma}{name} {}", STANDARD.encode(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(cache_control: &str) -> Upload {
        Upload {
            cache_control: cache_control.to_owned(),
            ..Upload::new("image/png")
        }
    }

    fn encoded(how: &Upload) -> Result<String, NotCarried> {
        let (bucket, key) = (
            BucketName::parse("private-art").unwrap(),
            ObjectKey::parse("tus/one.png").unwrap(),
        );
        UploadMetadata::new(&bucket, &key, how).map(|metadata| metadata.encode())
    }

    #[test]
    fn is_written_as_recorded() {
        let mut how = upload("max-age=3600");
        how.metadata.insert("seed".into(), 1.into());
        assert_eq!(
            encoded(&how).unwrap(),
            "bucketName cHJpdmF0ZS1hcnQ=,objectName dHVzL29uZS5wbmc=,contentType aW1hZ2UvcG5n,cacheControl MzYwMA==,metadata eyJzZWVkIjoxfQ=="
        );
    }

    #[test]
    fn what_the_server_would_change_is_refused() {
        assert!(
            encoded(&upload("no-cache"))
                .unwrap()
                .contains("cacheControl bm8tY2FjaGU=")
        );
        for bad in ["", "max-age=", "max-age=1, immutable", "private", "max-age=-1"] {
            assert_eq!(encoded(&upload(bad)), Err(NotCarried(bad.to_owned())), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(pairs in proptest::collection::vec(("[a-zA-Z]{1,9}", proptest::collection::vec(proptest::num::u8::ANY, 0..40)), 0..6)) {
            let metadata = UploadMetadata(pairs);
            proptest::prop_assert_eq!(UploadMetadata::parse(&metadata.encode()), metadata);
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            let read = UploadMetadata::parse(&text);
            proptest::prop_assert_eq!(UploadMetadata::parse(&read.encode()), read);
        }
    }
}
