//! Makes the steps of a resumable upload, and goes on after any break: asks the server how far it is, sends what is
//! missing, and finds out whether the object is stored if the last answer was lost.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::super::upload::{Standing, theirs};
use super::super::{Class, Error, ObjectKey, Objects, Upload, UploadPass, Uploaded};
use super::{Created, NotTheSame, PieceSource, Resumable, UploadState};

/// An upload in pieces, each of which survives a break.
#[derive(Debug)]
pub struct ResumableUpload {
    steps: Resumable,
    key: ObjectKey,
    how: Upload,
    mark: String,
    piece: usize,
    cancel: CancellationToken,
    sha256: Option<String>,
    state: Option<UploadState>,
    /// All bytes went along with the beginning of an upload that was not answered.
    may_be_stored: bool,
    /// It was begun without any bytes just now: where it is need not be asked.
    fresh: bool,
}

/// How an upload ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The object is stored.
    Stored(Uploaded),
    /// The server has forgotten the upload, with all that had arrived of it: begin a new one.
    Gone,
}

/// What just happened in an upload.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The server knows of it now. From here on another run of the program can go on with it: write this down.
    Begun(&'a UploadState),
    /// So many bytes have arrived, of how many.
    Arrived(u64, Option<u64>),
    /// A step failed and is made again after a while.
    Waiting(Duration, &'a Error),
}

/// What a step did.
enum Moved {
    On,
    Stored(Uploaded),
    Gone,
}

/// Which step is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Beginning,
    Looking,
    Sending,
}

/// Where an upload is.
struct Place {
    doing: Doing,
    /// The next upload begins without its first piece: one that began with it has failed. What had arrived belongs to an
    /// upload whose name was in the lost answer, so a line on which no whole piece gets through would bring it no further.
    apart: bool,
    /// Bytes that the server has; None if that must be asked.
    offset: Option<u64>,
    /// The most that it ever had.
    best: u64,
    /// Bytes in all, if the server was told: that can be said to it only once.
    length: Option<u64>,
    /// The server has refused to say how far it is, without a reason.
    refused: bool,
}

impl ResumableUpload {
    /// Bytes sent at once: what hosted projects ask for.
    pub const PIECE: usize = 6 << 20;
    /// How long another request at the same upload is waited for, at least.
    const LOCK: Duration = Duration::from_secs(1);

    /// A new upload. Nothing is sent yet.
    #[must_use]
    pub fn new(objects: &Objects, key: &ObjectKey, how: &Upload) -> Self {
        Self::with(objects.resumable(), key, how)
    }

    /// A new upload by a permission. Whether it replaces is decided in the permission.
    #[must_use]
    pub fn by(objects: &Objects, pass: &UploadPass, how: &Upload) -> Self {
        Self::with(objects.resumable_by(pass), &pass.key, how)
    }

    fn with(steps: Resumable, key: &ObjectKey, how: &Upload) -> Self {
        let (how, mark) = how.marked();
        Self {
            steps,
            key: key.clone(),
            how,
            mark,
            piece: Self::PIECE,
            cancel: CancellationToken::new(),
            sha256: None,
            state: None,
            may_be_stored: false,
            fresh: false,
        }
    }

    /// The SHA-256 of the bytes, in hexadecimal digits ([`super::sha256`]). It is kept in the object's metadata, and an
    /// upload that has it can be continued by another run of the program.
    #[must_use]
    pub fn of_content(mut self, sha256: &str) -> Self {
        self.how.metadata.insert("sha256".to_owned(), sha256.into());
        self.sha256 = Some(sha256.to_owned());
        self
    }

    /// What the bytes are known by where their SHA-256 is not known before they are sent: it says which object they are of, and
    /// is another text with each change of that. An upload that has it can be continued by another run of the program.
    #[must_use]
    pub fn of_source(mut self, identity: &str) -> Self {
        self.sha256 = Some(identity.to_owned());
        self
    }

    /// Bytes sent at once; one at least. An attempt holds so many in memory.
    #[must_use]
    pub fn in_pieces_of(mut self, bytes: usize) -> Self {
        self.piece = bytes.max(1);
        self
    }

    /// What stops it from outside. What has arrived stays on the server, and it can be continued.
    #[must_use]
    pub fn stopped_by(mut self, token: CancellationToken) -> Self {
        self.cancel = token;
        self
    }

    /// Goes on with an upload that an earlier run began.
    ///
    /// # Errors
    /// If it is of something else: other bytes, another place.
    pub fn continuing(mut self, state: UploadState, length: Option<u64>) -> Result<Self, NotTheSame> {
        let objects = self.steps.objects();
        state.is_of(objects, &self.key, self.how.upsert, length, self.sha256.as_deref())?;
        self.mark.clone_from(&state.mark);
        self.how = self.how.marked_with(&state.mark);
        self.state = Some(state);
        Ok(self)
    }

    /// What to write down of it, once it has begun.
    #[must_use]
    pub fn state(&self) -> Option<&UploadState> {
        self.state.as_ref()
    }

    /// Begins without sending any bytes, so that what is to be written down of it is on disk before the first of them goes.
    /// Without this, [`ResumableUpload::run`] begins together with the first piece.
    ///
    /// # Errors
    /// What storing would be refused for is refused here: key, type, size, policy, and a key that is taken.
    pub async fn begin(&mut self, length: Option<u64>) -> Result<&UploadState, Error> {
        let cancel = self.cancel.clone();
        let created = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(self.stopped()),
            created = self.steps.create(&self.key, length, &self.how, None) => created?,
        };
        // An empty object is stored as soon as it is begun; then looking says so.
        self.fresh = created.offset == 0 && !created.complete && length != Some(0);
        let state = self.new_state(created, length);
        Ok(self.state.insert(state))
    }

    /// Uploads to the end. Steps that fail are made again as [`crate::http::Persistence`] says, and a server that is left
    /// alone for a while because it keeps failing is waited for. After an error, what has arrived stays on the server: call
    /// it again, now or in another run of the program.
    ///
    /// # Errors
    /// [`Class::Source`] if the bytes cannot be read or changed meanwhile; [`Class::Exists`] if somebody else's object took
    /// the key; [`Class::Cancelled`]; otherwise the failure that stayed after several attempts.
    pub async fn run<S: PieceSource>(
        &mut self,
        source: &mut S,
        tell: &(dyn for<'a> Fn(Step<'a>) + Sync),
    ) -> Result<Ended, Error> {
        let mut at = Place {
            doing: Doing::Beginning,
            apart: false,
            offset: std::mem::take(&mut self.fresh).then_some(0),
            best: 0,
            length: None,
            refused: false,
        };
        if at.offset.is_some() {
            at.length = source.length();
        }
        let project = self.steps.objects().project();
        let mut persistence = project.http().persistence(project.url().as_str());
        loop {
            let before = at.best;
            let cancel = self.cancel.clone();
            let moved = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(self.stopped()),
                moved = self.step(source, &mut at, tell) => moved,
            };
            let error = match moved {
                Ok(Moved::On) => {
                    if at.best > before {
                        persistence.progressed();
                    }
                    continue;
                }
                Ok(Moved::Stored(stored)) => return Ok(Ended::Stored(stored)),
                Ok(Moved::Gone) => {
                    self.state = None;
                    return Ok(Ended::Gone);
                }
                Err(error) => error,
            };
            match self.after(error, &mut at, source.length()).await? {
                After::Stored(stored) => return Ok(Ended::Stored(stored)),
                After::Gone => {
                    self.state = None;
                    return Ok(Ended::Gone);
                }
                After::Look(error) => {
                    at.offset = None;
                    let locked = matches!(error.http_status, Some(423 | 503)).then_some(Self::LOCK);
                    let Some(wait) = persistence.failed(error.retry_after.or(locked)) else {
                        return Err(error);
                    };
                    tell(Step::Waiting(wait, &error));
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = cancel.cancelled() => return Err(self.stopped()),
                    }
                }
            }
        }
    }

    /// Throws away what has arrived.
    ///
    /// # Errors
    /// As [`Class`] says; it is then forgotten by the server some hours later.
    pub async fn discard(&mut self) -> Result<(), Error> {
        if let Some(state) = &self.state {
            self.steps.terminate(&state.upload, &self.key, self.how.upsert).await?;
        }
        self.state = None;
        Ok(())
    }

    async fn step<S: PieceSource>(
        &mut self,
        source: &mut S,
        at: &mut Place,
        tell: &(dyn for<'a> Fn(Step<'a>) + Sync),
    ) -> Result<Moved, Error> {
        let total = source.length();
        let Some(state) = &self.state else {
            at.doing = Doing::Beginning;
            return self.begin_with_first(source, at, tell).await;
        };
        let Some(offset) = at.offset else {
            at.doing = Doing::Looking;
            let place = self.steps.place(&state.upload, &self.key).await?;
            let named = |name, ours: &str| place.metadata.get(name).is_none_or(|theirs| theirs == ours);
            let bucket = self.steps.objects().bucket().as_str();
            // Forgotten by us rather than by the server: the address leads to somebody else's upload.
            if !named("bucketName", bucket) || !named("objectName", self.key.as_str()) {
                return Ok(Moved::Gone);
            }
            if total.is_some_and(|total| place.offset > total) {
                return Ok(Moved::Gone);
            }
            at.refused = false;
            at.length = place.length;
            at.reached(place.offset);
            tell(Step::Arrived(place.offset, total));
            if place.length == Some(place.offset) {
                // All bytes are there; whether the object is stored, the server does not say.
                return self.look(place.offset).await;
            }
            return Ok(Moved::On);
        };
        at.doing = Doing::Sending;
        let bytes = self.read(source, offset, total).await?;
        let sent = bytes.len() as u64;
        // The length of a source that tells it at its end.
        let end = offset + sent;
        let declared = (total.is_none() && at.length.is_none() && bytes.len() < self.piece).then_some(end);
        let appended = self
            .steps
            .append(&state.upload, &self.key, offset, bytes, self.how.upsert, declared)
            .await?;
        if appended.offset < offset || appended.offset > end || (appended.offset == offset && sent > 0) {
            // The server counts otherwise than we do: ask it.
            at.offset = None;
            return Err(self.miscounted(offset, appended.offset));
        }
        at.reached(appended.offset);
        tell(Step::Arrived(appended.offset, total));
        if appended.complete {
            return Ok(Moved::Stored(self.stored(None, false)));
        }
        at.length = at.length.or(declared);
        if total.or(at.length) == Some(appended.offset) {
            return self.look(appended.offset).await;
        }
        Ok(Moved::On)
    }

    async fn begin_with_first<S: PieceSource>(
        &mut self,
        source: &mut S,
        at: &mut Place,
        tell: &(dyn for<'a> Fn(Step<'a>) + Sync),
    ) -> Result<Moved, Error> {
        let total = source.length();
        let first = match total {
            Some(1..) if !at.apart => Some(self.read(source, 0, total).await?),
            _ => None,
        };
        let sent = first.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let earlier = self.may_be_stored;
        self.may_be_stored |= total == Some(sent);
        let created = match self.steps.create(&self.key, total, &self.how, first).await {
            Ok(created) => created,
            Err(error) => {
                // An empty object is stored when it begins, and its beginning is repeated within the call: an attempt may
                // have been carried out, and the next one have found that.
                let repeated = sent == 0 && error.attempts > 1 && matches!(error.class, Class::Busy | Class::Exists);
                if error.class != Class::Ambiguous && !repeated {
                    self.may_be_stored = earlier;
                }
                return Err(error);
            }
        };
        let (offset, complete) = (created.offset, created.complete);
        let state = self.new_state(created, total);
        let state = self.state.insert(state);
        tell(Step::Begun(state));
        if offset > sent {
            // The server counts otherwise than we do: ask it.
            return Err(self.miscounted(0, offset));
        }
        at.reached(offset);
        if offset > 0 {
            tell(Step::Arrived(offset, total));
        }
        if complete {
            return Ok(Moved::Stored(self.stored(None, false)));
        }
        if total == Some(offset) {
            return self.look(offset).await;
        }
        Ok(Moved::On)
    }

    fn new_state(&self, created: Created, length: Option<u64>) -> UploadState {
        let objects = self.steps.objects();
        UploadState {
            upload: created.id,
            project: objects.project().url().to_string(),
            bucket: objects.bucket().to_string(),
            key: self.key.to_string(),
            upsert: self.how.upsert,
            length,
            sha256: self.sha256.clone(),
            mark: self.mark.clone(),
            began: Timestamp::now(),
            ends: created.ends,
        }
    }

    async fn read<S: PieceSource>(&self, source: &mut S, offset: u64, total: Option<u64>) -> Result<Bytes, Error> {
        let failed = |error| Error::source(Resumable::OPERATION, self.steps.objects().target(&self.key), error);
        let bytes = source.read_at(offset, self.piece).await.map_err(failed)?;
        let end = offset + bytes.len() as u64;
        let short = total.is_some_and(|total| end < total) && bytes.len() < self.piece;
        let long = total.is_some_and(|total| end > total);
        if short || long {
            let why = std::io::Error::other("it is not as long as it was at the beginning");
            return Err(failed(why));
        }
        if total.is_none_or(|total| end == total) {
            source.unchanged().await.map_err(failed)?;
        }
        Ok(bytes)
    }

    /// Whether the object is stored, after the server had all of it. If it is not, the upload cannot be ended any more.
    async fn look(&self, size: u64) -> Result<Moved, Error> {
        let standing = self.steps.objects().standing(&self.key, &self.mark, Some(size)).await?;
        match standing {
            Standing::Ours { id } => Ok(Moved::Stored(self.stored(id, true))),
            Standing::Theirs { .. } | Standing::Nothing => Ok(Moved::Gone),
        }
    }

    /// What a failed step means.
    async fn after(&self, error: Error, at: &mut Place, total: Option<u64>) -> Result<After, Error> {
        at.apart |= at.doing == Doing::Beginning;
        Ok(match (error.class, at.doing) {
            (Class::Ambiguous | Class::Exists, Doing::Beginning) if self.may_be_stored => {
                self.whose(error, total).await?
            }
            (Class::Ambiguous | Class::Network | Class::Busy | Class::Throttled, _) => After::Look(error),
            (Class::NotFound, Doing::Looking | Doing::Sending) => self.forgotten(error, at, total).await?,
            // A refusal without a body: an upload that the server cannot read the id of, or a key that it does not take. The
            // object's own route says which.
            (Class::Invalid, Doing::Looking) if error.http_status == Some(400) => {
                self.forgotten(error, at, total).await?
            }
            // The last piece arrived, but the key was taken: perhaps by ourselves, through an answer that was lost.
            (Class::Exists, Doing::Sending) => self.whose(error, total.or(at.length)).await?,
            _ => return Err(error),
        })
    }

    /// What it means that the server knows no upload of that name. It forgets one that has become an object, too, and the
    /// answer that said so may have been lost: what has arrived is thrown away only if that is certain.
    async fn forgotten(&self, error: Error, at: &mut Place, total: Option<u64>) -> Result<After, Error> {
        let size = total.or(at.length);
        let said = error.class == Class::NotFound;
        match self.steps.objects().standing(&self.key, &self.mark, size).await {
            Ok(Standing::Ours { id }) => Ok(After::Stored(self.stored(id, true))),
            Err(reason) if matches!(reason.class, Class::Network | Class::Busy | Class::Throttled) => {
                Ok(After::Look(reason))
            }
            Err(reason) if !said && matches!(reason.class, Class::BadKey | Class::Forbidden) => Err(reason),
            Ok(_) | Err(_) if said || at.refused => Ok(After::Gone),
            // Some proxies refuse once what they let pass in the next moment.
            Ok(_) | Err(_) => {
                at.refused = true;
                Ok(After::Look(error))
            }
        }
    }

    /// What an error means after which the object may be stored, by us or by somebody else.
    async fn whose(&self, error: Error, total: Option<u64>) -> Result<After, Error> {
        match self.steps.objects().standing(&self.key, &self.mark, total).await {
            Ok(Standing::Ours { id }) => Ok(After::Stored(self.stored(id, true))),
            // An overwrite that was not carried out finds what it was to replace.
            Ok(Standing::Theirs { same_size }) if !self.how.upsert => Err(theirs(error, same_size)),
            // Begun again; if it is stored after all, that is found out by the key that is taken.
            _ if error.class == Class::Ambiguous => Ok(After::Look(error)),
            _ => Err(error),
        }
    }

    fn stored(&self, id: Option<String>, found: bool) -> Uploaded {
        Uploaded {
            key: self.key.clone(),
            id,
            found,
        }
    }

    fn stopped(&self) -> Error {
        Error::stopped(Resumable::OPERATION, self.steps.objects().target(&self.key))
    }

    fn miscounted(&self, sent: u64, told: u64) -> Error {
        let why = format!("the server counts {told} bytes after a piece that began at {sent}");
        Error::refused(Resumable::OPERATION, self.steps.objects().target(&self.key), why).of_class(Class::Ambiguous)
    }
}

/// How an upload goes on after a failed step.
enum After {
    /// Wait, then ask how far it is.
    Look(Error),
    Stored(Uploaded),
    Gone,
}

impl Place {
    fn reached(&mut self, offset: u64) {
        self.offset = Some(offset);
        self.best = self.best.max(offset);
    }
}
