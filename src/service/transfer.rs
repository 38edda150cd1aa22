//! One object on its way between a file of this machine and a bucket. Neither way does memory grow with its size.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::files::{self, Arriving, Existing};
use super::{AdminAction, Ending, JobId, Problem, Put, Service, Subject};
use crate::http::SourceFile;
use crate::media;
use crate::supabase::{
    BucketName, Class, Ended, Error, FileSource, ObjectKey, ObjectStream, Objects, ResumableUpload, Step, UPLOAD_MARK,
    Upload, UploadMetadata, url,
};

/// Where the hash of an object's bytes is in its metadata; another object's hash is not taken over.
const HASH: &str = "sha256";
/// What is larger goes in pieces, so that a break costs one piece.
const ONE_PIECE: u64 = ResumableUpload::PIECE as u64;
/// How often an upload that the server has forgotten is begun anew.
const AGAIN: u32 = 2;
/// How long the end of an upload waits until the server has thrown away what had arrived.
const PATIENCE: Duration = Duration::from_secs(5);
/// A download says how far it is each time so many bytes more have come.
const TOLD: u64 = 1 << 20;

/// How far an object is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transferred {
    /// Bytes that have arrived.
    pub bytes: u64,
    /// Bytes in all, if that is known.
    pub of: Option<u64>,
}

type Observe<'a> = &'a (dyn Fn(Transferred) + Send + Sync);

impl Service {
    /// Uploads a file, with its type by content, and reads back that it is stored. With `upsert` an object of that key is
    /// replaced; what was kept beside its bytes and how long readers may keep it stay as they are.
    ///
    /// # Errors
    /// If the file cannot be read, the bucket refuses its type or size (nothing is sent then), the upload fails, or
    /// `cancel` stops it.
    pub async fn put_object(
        &self,
        file: &Path,
        (bucket, key): (&BucketName, &ObjectKey),
        upsert: bool,
        observe: Observe<'_>,
        cancel: &CancellationToken,
    ) -> Result<Put, Problem> {
        if upsert {
            self.admin().permit(AdminAction::Overwrite)?;
        }
        let (source, head) = files::look(file).await?;
        let facts = self.inner.supabase.buckets().get(bucket).await?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let allowed = facts.allowed_mime_types.as_deref();
        let content_type = media::check_object(&name, &head, source.size(), facts.file_size_limit, allowed)?;
        let objects = self.inner.supabase.bucket(bucket);
        let mut how = Upload {
            upsert,
            ..Upload::new(content_type.clone())
        };
        if upsert {
            take_over(&objects, key, &mut how).await?;
        }
        observe(Transferred {
            bytes: 0,
            of: Some(source.size()),
        });
        send(&objects, key, &source, &how, observe, cancel).await?;
        let info = objects.info(key).await?;
        self.changed(Subject::Bucket(bucket.clone()));
        Ok(Put {
            bucket: bucket.to_string(),
            key: key.to_string(),
            content_type,
            size: info.size.unwrap_or(source.size()),
            etag: info.etag,
            public_url: facts
                .public
                .then(|| url::public_url(self.inner.supabase.url(), bucket, key)),
        })
    }

    /// Begins to read an object of any size.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub async fn open_object(&self, bucket: &BucketName, key: &ObjectKey) -> Result<ObjectStream, Problem> {
        Ok(self.inner.supabase.bucket(bucket).open(key, None, None).await?)
    }

    /// Writes an object to a file that the user named, whole or not at all. Answers its size in bytes. The future may be
    /// dropped: nothing is left behind then.
    ///
    /// # Errors
    /// If the object cannot be read, the file is there and is to be kept, or it cannot be written.
    pub async fn save_object(
        &self,
        (bucket, key): (&BucketName, &ObjectKey),
        path: &Path,
        existing: Existing,
        observe: Observe<'_>,
    ) -> Result<u64, Problem> {
        // Told before the first byte, not after the last.
        let mut file = Arriving::at(path, existing).await?;
        let mut object = self.open_object(bucket, key).await?;
        let of = object.facts.size;
        let (mut bytes, mut told) = (0, 0);
        observe(Transferred { bytes, of });
        while let Some(piece) = object.chunk().await? {
            file.write(&piece).await?;
            bytes += piece.len() as u64;
            if bytes - told >= TOLD {
                told = bytes;
                observe(Transferred { bytes, of });
            }
        }
        file.finish().await?;
        observe(Transferred { bytes, of: Some(bytes) });
        Ok(bytes)
    }

    /// Starts uploading a file of this machine.
    pub fn start_put(&self, path: PathBuf, bucket: BucketName, key: ObjectKey) -> JobId {
        let service = self.clone();
        let target = format!("{bucket}/{key}");
        self.jobs().start(
            "Upload",
            target.clone(),
            Subject::Bucket(bucket.clone()),
            move |context| {
                let (service, path, bucket, key, target) = (
                    service.clone(),
                    path.clone(),
                    bucket.clone(),
                    key.clone(),
                    target.clone(),
                );
                async move {
                    context.report(0, Some(1), "Reading the file");
                    let steps = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
                    let observe = |far: Transferred| {
                        let doing = format!("Uploading {}", far.words());
                        context.report(steps(far.bytes), far.of.map(steps), doing);
                    };
                    let put = service
                        .put_object(&path, (&bucket, &key), false, &observe, context.cancel())
                        .await?;
                    context.report(1, Some(1), "");
                    Ok(Ending::Done(format!(
                        "{target} is stored, {}",
                        media::format_bytes(put.size)
                    )))
                }
            },
        )
    }
}

impl Transferred {
    /// "12 MB of 2 GB".
    #[must_use]
    pub fn words(self) -> String {
        let here = media::format_bytes(self.bytes);
        match self.of {
            Some(of) => format!("{here} of {}", media::format_bytes(of)),
            None => here,
        }
    }
}

/// What an object that is to be replaced has beside its bytes: the server wipes what an overwrite does not bring along.
async fn take_over(objects: &Objects, key: &ObjectKey, how: &mut Upload) -> Result<(), Error> {
    let before = match objects.info(key).await {
        Ok(before) => before,
        Err(error) if error.class == Class::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    how.metadata = before.metadata;
    // These two are about the bytes of before.
    how.metadata.remove(UPLOAD_MARK);
    how.metadata.remove(HASH);
    if let Some(caching) = before.cache_control.filter(|caching| !caching.is_empty()) {
        how.cache_control = caching;
    }
    Ok(())
}

/// Sends a file in one request if it is small, else in pieces.
async fn send(
    objects: &Objects,
    key: &ObjectKey,
    source: &SourceFile,
    how: &Upload,
    observe: Observe<'_>,
    cancel: &CancellationToken,
) -> Result<(), Problem> {
    // An upload in pieces cannot carry every `Cache-Control`.
    let in_pieces = source.size() > ONE_PIECE && UploadMetadata::new(objects.bucket(), key, how).is_ok();
    if !in_pieces {
        let whole = source.whole();
        return tokio::select! {
            stored = objects.upload_from(key, &whole, how) => Ok(stored.map(drop)?),
            () = cancel.cancelled() => Err(Problem::new("The upload was stopped.", "Look whether the object is there, then start it again.")),
        };
    }
    let mut bytes = FileSource::open(source.path())
        .await
        .map_err(|error| files::unreadable(source.path(), &error))?;
    let mut upload = ResumableUpload::new(objects, key, how).stopped_by(cancel.clone());
    let tell = |step: Step<'_>| {
        if let Step::Arrived(bytes, of) = step {
            observe(Transferred { bytes, of });
        }
    };
    for _ in 0..=AGAIN {
        match upload.run(&mut bytes, &tell).await {
            Ok(Ended::Stored(_)) => return Ok(()),
            Ok(Ended::Gone) => {}
            Err(error) => {
                // Nobody goes on with it: the server need not keep what had arrived until it forgets it by itself.
                let _ = tokio::time::timeout(PATIENCE, upload.discard()).await;
                return Err(error.into());
            }
        }
    }
    Err(Problem::new(
        format!("The server forgot the upload of {key} each time before it was whole."),
        "Try again later; if it happens again, ask whoever looks after the server.",
    ))
}
