//! Signed URLs: permission to read or to store one object, for whoever has the link, until it ends.
//!
//! The server signs one object wrongly if its key has reserved characters; its batch form signs every key rightly
//! (supabase/storage 4fa61fb, `src/storage/object.ts`). Links are therefore always made by the batch, and rebuilt here from
//! the token, because the server does not encode keys in the links that it answers.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use ::http::Method;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client::Answer;
use super::download::{Download, download};
use super::render::Transform;
use super::upload::{Stored, encoded};
use super::url::{API_ROOT, encode_for_signing, signed_render_url, signed_url, token, upload_url};
use super::{BucketName, Class, Error, ObjectKey, Objects, Upload, Uploaded, lenient};
use crate::http::{Body, Secret};
use crate::workspace::ProjectUrl;

/// A link that reads one object without a key. Printing it does not show its token.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl {
    /// The object.
    pub key: ObjectKey,
    /// When the server stops honouring it, by the server's clock; None if its token does not say.
    pub ends: Option<Timestamp>,
    url: Secret,
}

/// A permission to store one object without a key. Printing it does not show its token.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadPass {
    /// The object.
    pub key: ObjectKey,
    /// When the server stops honouring it.
    pub ends: Option<Timestamp>,
    bucket: BucketName,
    token: Secret,
}

impl SignedUrl {
    /// The whole link. Whoever has it can read the object.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.expose()
    }
}

impl UploadPass {
    /// The link to send the bytes to (PUT).
    #[must_use]
    pub fn url(&self, project: &ProjectUrl) -> Secret {
        Secret::new(&upload_url(project, &self.bucket, &self.key, self.token.expose()))
    }

    /// The token alone, as resumable uploads want it (`x-signature`).
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedUrl")
            .field("key", &self.key)
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UploadPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadPass")
            .field("key", &self.key)
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

/// What a link is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// For how long, in whole seconds; one at least.
    pub lasts: Duration,
    /// As a file to be saved under this name or, if that is empty, its own; None shows it. Not part of the signature.
    pub save_as: Option<String>,
}

impl Signing {
    /// A link that shows the object.
    #[must_use]
    pub fn lasting(lasts: Duration) -> Self {
        Self { lasts, save_as: None }
    }

    fn seconds(&self, operation: &'static str, target: &str) -> Result<u64, Error> {
        match self.lasts.as_secs() {
            0 => Err(Error::refused(operation, target, "a link lasts one second at least")),
            seconds => Ok(seconds),
        }
    }
}

impl Objects {
    /// Objects signed at once; the server takes no more.
    const SIGN_BATCH: usize = 1_000;

    /// A link that reads one object.
    ///
    /// # Errors
    /// [`Class::NotFound`] also if this key may not see it.
    pub async fn sign(&self, key: &ObjectKey, how: &Signing) -> Result<SignedUrl, Error> {
        let mut signed = self.sign_many(std::slice::from_ref(key), how).await?;
        signed.pop().unwrap_or_else(|| {
            Err(Error::refused(
                "Sign link",
                self.target(key),
                "the server signed nothing",
            ))
        })
    }

    /// Links that read many objects, in their order, each with an outcome of its own; up to 1,000 a request.
    ///
    /// # Errors
    /// If a request fails, or the bucket is not there, which the server does not say itself.
    pub async fn sign_many(&self, keys: &[ObjectKey], how: &Signing) -> Result<Vec<Result<SignedUrl, Error>>, Error> {
        const OPERATION: &str = "Sign links";
        #[derive(Deserialize)]
        struct Row {
            #[serde(default, deserialize_with = "lenient::text")]
            error: Option<String>,
            #[serde(default, deserialize_with = "lenient::text")]
            path: Option<String>,
            #[serde(default, rename = "signedURL", deserialize_with = "lenient::text")]
            signed: Option<String>,
        }
        let seconds = how.seconds(OPERATION, self.bucket.as_str())?;
        let path = format!("object/sign/{}", self.path(OPERATION)?);
        let mut all = Vec::with_capacity(keys.len());
        for batch in keys.chunks(Self::SIGN_BATCH) {
            let target = match batch {
                [key] => self.target(key),
                keys => format!("{}, {} objects", self.bucket, keys.len()),
            };
            let names: Vec<&str> = batch.iter().map(ObjectKey::as_str).collect();
            let call = self
                .project
                .storage(OPERATION, target, Method::POST, &path)
                .idempotent(true)
                .changes(false)
                .json(json!({ "expiresIn": seconds, "paths": names }));
            let answer = self.project.send(call).await?;
            let rows: Vec<Row> = answer.json()?;
            if !rows.iter().any(|row| row.signed.is_some()) {
                // The same answer as for a bucket that does not exist.
                self.project.buckets().get(&self.bucket).await?;
            }
            let rows: HashMap<&str, &Row> = rows
                .iter()
                .filter_map(|row| Some((row.path.as_deref()?, row)))
                .collect();
            for key in batch {
                all.push(match rows.get(key.as_str()) {
                    Some(Row { signed: Some(link), .. }) => self.signed(&answer, key, link, how, signed_url),
                    Some(row) => Err(self.unsigned(&answer, key, row.error.as_deref())),
                    None => Err(self.unsigned(&answer, key, None)),
                });
            }
        }
        Ok(all)
    }

    /// A link that reads one picture as the server renders it. Only the single form of signing renders.
    ///
    /// # Errors
    /// [`Class::Invalid`] for keys with `?` in them, which that form cannot sign; otherwise as [`Objects::sign`].
    pub async fn sign_rendered(
        &self,
        key: &ObjectKey,
        transform: &Transform,
        how: &Signing,
    ) -> Result<SignedUrl, Error> {
        const OPERATION: &str = "Sign link";
        let target = self.target(key);
        let seconds = how.seconds(OPERATION, &target)?;
        // Refuses what no address can carry.
        self.at(OPERATION, "object/sign", key)?;
        let refused = || {
            let why = "storage cannot sign a rendered picture whose key has a ?; rename it, or sign the object itself";
            Error::refused(OPERATION, self.target(key), why)
        };
        let path = encode_for_signing(&format!("{}/{key}", self.bucket)).ok_or_else(refused)?;
        let mut asked = Map::new();
        if let Some(width) = transform.width {
            asked.insert("width".to_owned(), width.into());
        }
        if let Some(height) = transform.height {
            asked.insert("height".to_owned(), height.into());
        }
        if let Some(resize) = transform.resize {
            asked.insert("resize".to_owned(), resize.as_str().into());
        }
        if let Some(quality) = transform.quality {
            asked.insert("quality".to_owned(), quality.into());
        }
        if let Some(format) = transform.format {
            asked.insert("format".to_owned(), format.as_str().into());
        }
        let call = self
            .project
            .storage(OPERATION, target, Method::POST, &format!("object/sign/{path}"))
            .idempotent(true)
            .changes(false)
            .json(json!({ "expiresIn": seconds, "transform": asked }));
        #[derive(Deserialize)]
        struct Signed {
            #[serde(rename = "signedURL")]
            url: String,
        }
        let answer = self.project.send(call).await?;
        let signed: Signed = answer.json()?;
        self.signed(&answer, key, &signed.url, how, signed_render_url)
    }

    /// Reads what a link leads to, as anybody who has it would.
    ///
    /// # Errors
    /// Codes `InvalidJWT` if it has ended, `InvalidSignature` if it is for another object.
    pub async fn download_signed(&self, link: &SignedUrl) -> Result<Download, Error> {
        const OPERATION: &str = "Download object";
        let path = self.own_path(OPERATION, &link.key, link.expose())?;
        let call = self
            .project
            .storage(OPERATION, self.target(&link.key), Method::GET, path);
        let answer = self.project.send_open(call).await?;
        download(&answer.reply, None).map_err(|why| answer.unreadable(why))
    }

    /// A permission to store one object. How long it lasts is the server's choice (hosted: two hours).
    ///
    /// # Errors
    /// [`Class::Exists`] if the key is taken and `upsert` is not asked for.
    pub async fn sign_upload(
        &self,
        key: &ObjectKey,
        upsert: bool,
        metadata: &Map<String, Value>,
    ) -> Result<UploadPass, Error> {
        const OPERATION: &str = "Sign upload";
        #[derive(Deserialize)]
        struct Pass {
            #[serde(default, deserialize_with = "lenient::text")]
            token: Option<String>,
            #[serde(default, deserialize_with = "lenient::text")]
            url: Option<String>,
        }
        let path = self.at(OPERATION, "object/upload/sign", key)?;
        let mut call = self
            .project
            .storage(OPERATION, self.target(key), Method::POST, &path)
            .idempotent(true)
            .changes(false)
            .header("x-metadata", &encoded(metadata));
        if upsert {
            call = call.header("x-upsert", "true");
        }
        let answer = self.project.send(call).await?;
        let pass: Pass = answer.json()?;
        let token = pass
            .token
            .or_else(|| Some(last_token(pass.url.as_deref()?)?.to_owned()))
            .ok_or_else(|| answer.unreadable("it has no token"))?;
        Ok(UploadPass {
            key: key.clone(),
            ends: token::read(&token).and_then(|facts| facts.ends),
            bucket: self.bucket.clone(),
            token: Secret::new(&token),
        })
    }

    /// Stores an object by a permission for it. Whether it replaces is decided in the permission; without, the permission
    /// is good for one object only.
    ///
    /// # Errors
    /// [`Class::Exists`] if the key is taken and the permission does not replace; [`Class::Ambiguous`] if the answer was
    /// lost.
    pub async fn upload_signed(&self, pass: &UploadPass, bytes: Bytes, how: &Upload) -> Result<Uploaded, Error> {
        const OPERATION: &str = "Upload object";
        let url = pass.url(self.project.url());
        let path = self.own_path(OPERATION, &pass.key, url.expose())?;
        let call = self
            .project
            .storage(OPERATION, self.target(&pass.key), Method::PUT, path)
            .idempotent(how.upsert)
            .body(Body::Bytes {
                bytes,
                content_type: how.content_type.clone(),
            });
        let stored: Stored = self.project.send_open(how.headers(call)).await?.json()?;
        Ok(Uploaded {
            key: pass.key.clone(),
            id: stored.id,
            found: false,
        })
    }

    /// What of a link follows the address of the storage API. A link of another project is not followed from here.
    fn own_path<'a>(&self, operation: &'static str, key: &ObjectKey, link: &'a str) -> Result<&'a str, Error> {
        link.strip_prefix(self.project.url().as_str())
            .and_then(|path| path.strip_prefix(API_ROOT)?.strip_prefix('/'))
            .ok_or_else(|| Error::refused(operation, self.target(key), "the link belongs to another project"))
    }

    /// The link with its token, rebuilt for the key that was meant.
    fn signed(
        &self,
        answer: &Answer,
        key: &ObjectKey,
        link: &str,
        how: &Signing,
        build: fn(&ProjectUrl, &BucketName, &ObjectKey, &str, Option<&str>) -> String,
    ) -> Result<SignedUrl, Error> {
        let token = last_token(link).ok_or_else(|| answer.unreadable("the link has no token"))?;
        // Refuses what no address can carry, although it can be signed.
        self.at("Sign link", "object/sign", key)?;
        let facts = token::read(token);
        let object = facts.as_ref().and_then(|facts| facts.object.as_deref());
        if object.is_some_and(|object| object != self.target(key)) {
            return Err(answer.unreadable("the link is signed for another object than the one that was meant"));
        }
        Ok(SignedUrl {
            key: key.clone(),
            ends: facts.and_then(|facts| facts.ends),
            url: Secret::new(&build(
                self.project.url(),
                &self.bucket,
                key,
                token,
                how.save_as.as_deref(),
            )),
        })
    }

    /// A row without a link.
    fn unsigned(&self, answer: &Answer, key: &ObjectKey, said: Option<&str>) -> Error {
        // What the server says is "Either the object does not exist or you do not have access to it".
        let why = said.unwrap_or("the server signed other objects than those that were named");
        let error = answer.unreadable(why).about(self.target(key));
        match said {
            Some(said) => error.found_to_be(Class::NotFound, said),
            None => error,
        }
    }
}

/// What follows the last `?token=`: a key may have the same words in it.
fn last_token(link: &str) -> Option<&str> {
    let (_, rest) = link.rsplit_once("?token=")?;
    rest.split('&').next().filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests;
