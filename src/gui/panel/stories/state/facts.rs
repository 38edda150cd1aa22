//! Which object of the project the selected scene's picture is.

use crate::service::Service;
use crate::supabase::{BucketName, ObjectKey};

/// The object behind a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureObject {
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
}

/// What is known of one picture's address, found out again when the picture changes.
#[derive(Default)]
pub struct Facts {
    url: Option<String>,
    object: Option<PictureObject>,
}

impl Facts {
    /// Follows the picture at `url`.
    pub fn poll(&mut self, url: Option<&str>, service: &Service) {
        if self.url.as_deref() != url {
            self.url = url.map(str::to_owned);
            self.object = url
                .and_then(|url| service.own_object(url))
                .map(|(bucket, key)| PictureObject { bucket, key });
        }
    }

    /// The object, if the picture is in this project.
    pub fn object(&self) -> Option<&PictureObject> {
        self.object.as_ref()
    }
}
