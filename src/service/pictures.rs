//! Pictures for the screen: fetched, decoded within limits and scaled, all off the window's thread.

use bytes::Bytes;

use super::{Problem, Service};
use crate::http::Call;
use crate::media::{self, Limits, Pixels};
use crate::supabase::{BucketName, ObjectKey, url};

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PictureAt {
    /// At the URL that a row says.
    Url(String),
    /// In a bucket.
    Object(BucketName, ObjectKey),
}

/// A picture made ready for the screen.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The pixels, scaled down.
    pub pixels: Pixels,
    /// Width and height of the stored picture.
    pub original: (u32, u32),
}

impl Service {
    /// A picture, scaled down to fit `(width, height)` pixels; never enlarged.
    ///
    /// # Errors
    /// If it cannot be fetched, is no picture, or is larger than can be decoded safely.
    pub async fn picture(&self, at: &PictureAt, fit: (u32, u32)) -> Result<Picture, Problem> {
        let bytes = self.picture_bytes(at).await?;
        tokio::task::spawn_blocking(move || {
            let whole = media::decode(&bytes, &Limits::default())?;
            let pixels = media::thumbnail(&whole, fit)?;
            Ok(Picture {
                pixels,
                original: (whole.width(), whole.height()),
            })
        })
        .await
        .map_err(|_| Problem::stopped())?
        .map_err(|error: media::MediaError| Problem::from(error))
    }

    async fn picture_bytes(&self, at: &PictureAt) -> Result<Bytes, Problem> {
        match at {
            PictureAt::Object(bucket, key) => Ok(self.download(bucket, key).await?.bytes),
            PictureAt::Url(text) => match self.own_object(text) {
                // Read with the key: a bucket that was made private still shows its pictures to those who may.
                Some((bucket, key)) => Ok(self.download(&bucket, &key).await?.bytes),
                None => self.foreign_picture(text).await,
            },
        }
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
        let address = ::url::Url::parse(text)
            .ok()
            .filter(|address| address.scheme() == "https");
        let Some(address) = address else {
            return Err(Problem::new(
                "This picture's URL cannot be read.",
                "Open it in the URL Lab to see what is wrong with it.",
            ));
        };
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
