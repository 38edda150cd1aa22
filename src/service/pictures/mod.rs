//! Pictures for the screen: fetched, decoded within limits and scaled, all off the window's thread, and kept on disk.

mod decoders;
mod thumbs;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{Problem, Service};
use crate::http::Call;
use crate::media::{self, Limits, MediaError, Pixels, Preview};
use crate::story::VariantId;
use crate::supabase::{BucketName, ObjectKey, url};
use crate::workspace::Home;
use decoders::{Decoders, Unfinished};
use thumbs::{Name, Thumbs};

/// What a picture for the screen may cost.
const LIMITS: Limits = Limits {
    max_bytes: 64_000_000,
    max_pixels: 64_000_000,
    max_alloc: 512_000_000,
    max_time: Duration::from_secs(10),
};
/// When a decoder that does not look at the clock is given up.
const GIVE_UP: Duration = Duration::from_secs(15);
/// Larger ones are not kept on disk: few are looked at, and each takes as much as fifty small ones.
const KEPT: (u32, u32) = (640, 480);

/// [`Problem::code`] of a picture whose URL is none: no server has to be asked to know that it leads nowhere.
pub const UNREADABLE_URL: &str = "UnreadableUrl";

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PictureAt {
    /// At the URL that a row says.
    Url(String),
    /// A variant of a scene, which is on this computer.
    Variant(VariantId),
    /// In a bucket.
    Object(BucketName, ObjectKey),
    /// In a bucket, and a listing said which bytes: one that was made before is shown without a request.
    Listed {
        /// Its bucket.
        bucket: BucketName,
        /// Its key.
        key: ObjectKey,
        /// Changes with the bytes.
        etag: Arc<str>,
        /// Bytes, if the listing said so.
        size: Option<u64>,
    },
}

impl PictureAt {
    /// An object as it was listed.
    #[must_use]
    pub fn listed(bucket: BucketName, key: ObjectKey, etag: Option<&str>, size: Option<u64>) -> Self {
        match etag.filter(|etag| !etag.is_empty()) {
            Some(etag) => Self::Listed {
                bucket,
                key,
                etag: etag.into(),
                size,
            },
            None => Self::Object(bucket, key),
        }
    }
}

/// A picture made ready for the screen.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The pixels, scaled down.
    pub pixels: Pixels,
    /// Width and height of the stored picture.
    pub original: (u32, u32),
}

/// What makes pictures ready.
pub(super) struct Studio {
    decoders: Decoders,
    thumbs: Arc<Thumbs>,
}

impl Studio {
    pub(super) fn new(home: &Home) -> Self {
        Self {
            decoders: Decoders::new(),
            thumbs: Arc::new(Thumbs::new(home.thumbnails())),
        }
    }
}

/// The bytes of a picture, and the ETag that the server gave with them.
struct Fetched {
    bytes: Bytes,
    etag: Option<String>,
}

impl Service {
    /// A picture, scaled down to fit `(width, height)` pixels; never enlarged. What was made before from the same bytes comes
    /// from the disk; which bytes an object has is known if it was listed.
    ///
    /// # Errors
    /// If it cannot be fetched, is no picture, is larger than can be decoded safely, or takes too long.
    pub async fn picture(&self, at: &PictureAt, fit: (u32, u32)) -> Result<Picture, Problem> {
        if let PictureAt::Listed { bucket, key, etag, .. } = at
            && let Some(name) = self.kept_name(bucket, key, etag, fit)
        {
            let thumbs = Arc::clone(&self.inner.studio.thumbs);
            let found = tokio::task::spawn_blocking(move || thumbs.get(&name)).await;
            if let Ok(Some(found)) = found {
                return Ok(found.into());
            }
        }
        let (fetched, object) = self.fetch_picture(at).await?;
        let preview = self.preview(fetched.bytes, fit).await?;
        if let (Some((bucket, key)), Some(etag)) = (object, fetched.etag)
            && let Some(name) = self.kept_name(&bucket, &key, &etag, fit)
        {
            let (thumbs, preview) = (Arc::clone(&self.inner.studio.thumbs), preview.clone());
            // Not waited for: the screen has it already.
            drop(tokio::task::spawn_blocking(move || thumbs.put(&name, &preview)));
        }
        Ok(preview.into())
    }

    fn kept_name(&self, bucket: &BucketName, key: &ObjectKey, etag: &str, fit: (u32, u32)) -> Option<Name> {
        let is_small = fit.0 <= KEPT.0 && fit.1 <= KEPT.1;
        // The embedded server has another port at times; the workspace is the same.
        let workspace = self.workspace();
        let whose = if workspace.is_local {
            workspace.id.as_str()
        } else {
            workspace.url.as_str()
        };
        is_small.then(|| Name::new(whose, bucket.as_str(), key.as_str(), etag, fit))
    }

    /// Decodes and scales, on the threads for it.
    async fn preview(&self, bytes: Bytes, fit: (u32, u32)) -> Result<Preview, Problem> {
        let header = bytes.clone();
        let memory = tokio::task::spawn_blocking(move || media::preview_cost(&header, fit, &LIMITS)).await;
        let memory = memory.unwrap_or(LIMITS.max_alloc);
        let made = self
            .inner
            .studio
            .decoders
            .run(memory, GIVE_UP, move || media::preview(&bytes, fit, &LIMITS))
            .await;
        match made {
            Ok(made) => Ok(made?),
            Err(Unfinished::TooSlow) => Err(MediaError::TooSlow { most: GIVE_UP }.into()),
            Err(Unfinished::Closed) => Err(Problem::stopped()),
            Err(Unfinished::Panicked) => {
                let mut problem = Problem::new(
                    "The picture is damaged in a way that its decoder does not know.",
                    "Copy the file again, or save the picture anew.",
                );
                problem.technical = Unfinished::Panicked.to_string();
                Err(problem)
            }
        }
    }

    /// The bytes, and which object of this project they are of.
    async fn fetch_picture(&self, at: &PictureAt) -> Result<(Fetched, Option<(BucketName, ObjectKey)>), Problem> {
        let (object, size) = match at {
            PictureAt::Variant(id) => {
                let bytes = self.variant_picture(id).await?;
                small_enough(Some(bytes.len() as u64))?;
                return Ok((Fetched { bytes, etag: None }, None));
            }
            PictureAt::Object(bucket, key) => ((bucket.clone(), key.clone()), None),
            PictureAt::Listed { bucket, key, size, .. } => ((bucket.clone(), key.clone()), *size),
            PictureAt::Url(text) => match self.own_object(text) {
                // Read with the key: a bucket that was made private still shows its pictures to those who may.
                Some(object) => (object, None),
                None => {
                    let bytes = self.foreign_picture(text).await?;
                    return Ok((Fetched { bytes, etag: None }, None));
                }
            },
        };
        small_enough(size)?;
        let fetched = self.object_picture(&object.0, &object.1).await?;
        Ok((fetched, Some(object)))
    }

    /// Reads an object as far as a picture may be large, and not at all if it is said to be larger.
    async fn object_picture(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Fetched, Problem> {
        let mut stream = self.open_object(bucket, key).await?;
        small_enough(stream.facts.size)?;
        let expected = stream.facts.size.and_then(|size| usize::try_from(size).ok());
        let mut bytes = BytesMut::with_capacity(expected.unwrap_or(0));
        while let Some(chunk) = stream.chunk().await? {
            small_enough(Some((bytes.len() + chunk.len()) as u64))?;
            bytes.extend_from_slice(&chunk);
        }
        Ok(Fetched {
            bytes: bytes.freeze(),
            etag: stream.facts.etag.clone(),
        })
    }

    /// The object that a URL of this project names. Rows may say it wrongly (a doubled scheme, a trailing `?`).
    #[must_use]
    pub fn own_object(&self, text: &str) -> Option<(BucketName, ObjectKey)> {
        let ours = &self.workspace().url;
        let context = url::Context {
            project: Some(ours),
            default_bucket: Some(self.bucket()),
            ..url::Context::default()
        };
        let found = url::explain(text, &context).parsed?;
        let here = match &found.origin {
            None => true,
            // The embedded server may have had another port when the row was written.
            Some(origin) => origin == ours || (self.workspace().is_local && origin.is_loopback()),
        };
        here.then_some((found.bucket, found.key))
    }

    async fn foreign_picture(&self, text: &str) -> Result<Bytes, Problem> {
        let unreadable = || {
            Problem::new(
                "This picture's URL cannot be read.",
                "Open it in the URL Lab to see what is wrong with it.",
            )
        };
        let address = ::url::Url::parse(text).map_err(|_| {
            let mut problem = unreadable();
            problem.code = Some(UNREADABLE_URL.to_owned());
            problem
        })?;
        if address.scheme() != "https" {
            return Err(unreadable());
        }
        let call = Call::new(
            "Fetch picture",
            address.host_str().unwrap_or_default(),
            ::http::Method::GET,
            address.as_str(),
        );
        let reply = self.inner.http.send(call).await?;
        if !reply.is_success() {
            let mut problem = Problem::new(
                "Another server holds this picture and does not give it out.",
                "Open the URL in a browser, or upload a picture of your own.",
            );
            problem.http_status = Some(reply.status.as_u16());
            problem.technical = format!("HTTP {}", reply.status);
            problem.exchange = Some(reply.exchange);
            return Err(problem);
        }
        Ok(reply.body)
    }
}

impl From<Preview> for Picture {
    fn from(preview: Preview) -> Self {
        Self {
            pixels: preview.pixels,
            original: preview.original,
        }
    }
}

/// Refuses what is too large before it is fetched.
fn small_enough(size: Option<u64>) -> Result<(), MediaError> {
    match size.filter(|size| *size > LIMITS.max_bytes) {
        Some(size) => Err(MediaError::TooLarge {
            size,
            most: LIMITS.max_bytes,
        }),
        None => Ok(()),
    }
}
