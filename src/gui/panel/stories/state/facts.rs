//! What the project knows about the selected scene's picture besides its pixels.

use crate::service::{Load, Service};
use crate::supabase::{BucketName, ObjectInfo, ObjectKey};

/// The object behind a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureObject {
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
}

/// Facts about one picture, read again when the picture changes.
#[derive(Default)]
pub struct Facts {
    url: Option<String>,
    object: Option<PictureObject>,
    info: Load<ObjectInfo>,
}

impl Facts {
    /// Asks for what belongs to `url`, unless that was done, and takes in what arrived.
    pub fn poll(&mut self, url: Option<&str>, service: &Service) {
        if self.url.as_deref() != url {
            self.info.clear();
            self.url = url.map(str::to_owned);
            self.object = url
                .and_then(|url| service.own_object(url))
                .map(|(bucket, key)| PictureObject { bucket, key });
            if let Some(PictureObject { bucket, key }) = self.object.clone() {
                let read = service.load(move |service| async move { service.object_info(&bucket, &key).await });
                self.info.start(read);
            }
        }
        self.info.poll();
    }

    /// The object, if the picture is in this project.
    pub fn object(&self) -> Option<&PictureObject> {
        self.object.as_ref()
    }

    /// Bytes stored.
    pub fn size(&self) -> Option<u64> {
        self.info.value()?.size
    }

    /// The line that says where the picture is from.
    pub fn made_by(&self) -> Option<String> {
        made_by(self.info.value()?)
    }
}

/// Reads the note that is kept beside every picture that this program uploads.
fn made_by(info: &ObjectInfo) -> Option<String> {
    let note = |name: &str| info.metadata.get(name);
    match note("generator")?.as_str()? {
        "upload" => Some(match note("file_name").and_then(|name| name.as_str()) {
            Some(name) => format!("Uploaded from {name}"),
            None => "Uploaded".to_owned(),
        }),
        engine => Some(match note("seed").and_then(serde_json::Value::as_u64) {
            Some(seed) => format!("Made by {engine} · seed {seed}"),
            None => format!("Made by {engine}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(metadata: &serde_json::Value) -> ObjectInfo {
        serde_json::from_value(serde_json::json!({ "name": "scene_0_a.png", "metadata": metadata })).unwrap()
    }

    #[test]
    fn says_where_a_picture_is_from_only_when_that_is_known() {
        let drawn = info(&serde_json::json!({ "generator": "Built-in illustrator (no AI)", "seed": 4127 }));
        assert_eq!(
            made_by(&drawn).unwrap(),
            "Made by Built-in illustrator (no AI) · seed 4127"
        );
        let brought = info(&serde_json::json!({ "generator": "upload", "file_name": "pip.png" }));
        assert_eq!(made_by(&brought).unwrap(), "Uploaded from pip.png");
        assert_eq!(made_by(&info(&serde_json::json!({ "seed": 1 }))), None);
    }
}
