//! Buckets: list, look at, make, change, empty, delete.

use ::http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::path::bucket_path;
use super::url::encode_segment;
use super::{AllowedType, BucketName, Class, Error, Supabase, lenient};
use crate::media::{accepts, format_bytes};

/// The buckets of a project.
#[derive(Clone, Debug)]
pub struct Buckets {
    project: Supabase,
}

/// A bucket as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Bucket {
    /// What addresses it; the same as the name unless somebody took pains.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it holds. Servers leave it out where only one bucket is asked for.
    #[serde(default, rename = "type")]
    pub kind: BucketKind,
    /// The user that made it; empty for the service key.
    #[serde(default, deserialize_with = "lenient::text")]
    pub owner: Option<String>,
    /// Whether its objects can be read without a key. New buckets are private unless told otherwise.
    #[serde(default)]
    pub public: bool,
    /// Bytes an object may have; the project's own limit holds besides.
    #[serde(default, deserialize_with = "size_limit")]
    pub file_size_limit: Option<u64>,
    /// Media types it takes, as `image/png` or `image/*`. None or empty is any.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub allowed_mime_types: Option<Vec<String>>,
    /// When it was made.
    #[serde(default, deserialize_with = "lenient::time")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "lenient::time")]
    pub updated_at: Option<Timestamp>,
}

/// What a bucket holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub enum BucketKind {
    /// Objects.
    #[default]
    Standard,
    /// Tables for analytics; none of its calls are those of objects.
    Analytics,
    /// Something that this program does not know.
    Other,
}

impl<'de> Deserialize<'de> for BucketKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match lenient::text(deserializer)?.as_deref() {
            None | Some("STANDARD" | "") => Self::Standard,
            Some("ANALYTICS") => Self::Analytics,
            Some(_) => Self::Other,
        })
    }
}

/// A number of bytes as people and servers write limits: `5242880`, `100MB`, `1.5 kb`. Units are decimal, as the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimit(pub u64);

impl SizeLimit {
    /// Reads one. None if it is none, or more than can be counted.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let factor: u64 = match unit {
            "" | "b" => 1,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            _ => return None,
        };
        let number = number.trim();
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 9 {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        let part: u64 = format!("{part:0<9}").parse().ok()?;
        let part = u64::try_from(u128::from(part) * u128::from(factor) / 1_000_000_000).ok()?;
        whole.checked_mul(factor)?.checked_add(part).map(Self)
    }
}

/// A limit as a number, or as text with a unit.
fn size_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => SizeLimit::parse(&text).map(|limit| limit.0),
        _ => None,
    })
}

impl Bucket {
    /// Whether it takes an object of this type and size, as far as the server says; None is not known and passes.
    ///
    /// # Errors
    /// With the class and a sentence if it does not.
    pub fn takes(&self, content_type: Option<&str>, size: Option<u64>) -> Result<(), (Class, String)> {
        if let (Some(most), Some(size)) = (self.file_size_limit, size)
            && size > most
        {
            let (size, most) = (format_bytes(size), format_bytes(most));
            let why = format!("“{}” takes objects up to {most}; this one has {size}", self.name);
            return Err((Class::TooLarge, why));
        }
        if let (Some(allowed), Some(kind)) = (&self.allowed_mime_types, content_type)
            && !allowed.is_empty()
            && !allowed.iter().any(|entry| accepts(entry, kind))
        {
            let why = format!("“{}” takes {}, not {kind}", self.name, allowed.join(", "));
            return Err((Class::WrongType, why));
        }
        Ok(())
    }
}

/// Which buckets are wanted, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketQuery {
    /// Only those whose name has this text in it, whatever its case.
    pub search: Option<String>,
    /// By what they are sorted; the server has no order of its own.
    pub sort: BucketSort,
    /// The other way round.
    pub descending: bool,
    /// After so many.
    pub offset: usize,
    /// At most so many; None is all.
    pub limit: Option<usize>,
}

/// By what buckets are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BucketSort {
    /// By id.
    #[default]
    Id,
    /// By name.
    Name,
    /// By when they were made.
    Created,
    /// By when they were last changed.
    Updated,
}

impl BucketQuery {
    /// `?limit=…` for a page.
    fn text(&self, limit: usize, offset: usize) -> String {
        let column = match self.sort {
            BucketSort::Id => "id",
            BucketSort::Name => "name",
            BucketSort::Created => "created_at",
            BucketSort::Updated => "updated_at",
        };
        let order = if self.descending { "desc" } else { "asc" };
        let mut text = format!("?limit={limit}&offset={offset}&sortColumn={column}&sortOrder={order}");
        if let Some(search) = &self.search {
            text.push_str("&search=");
            text.push_str(&encode_segment(search));
        }
        text
    }
}

/// A bucket to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBucket {
    /// Its name.
    pub name: BucketName,
    /// Whether its objects can be read without a key.
    pub public: bool,
    /// Bytes an object may have; None leaves it to the project's limit.
    pub file_size_limit: Option<u64>,
    /// Media types it takes; None is any.
    pub allowed_mime_types: Option<Vec<String>>,
}

/// What to change of a bucket. What is None stays; an inner None takes the limit away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BucketUpdate {
    /// Whether its objects can be read without a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// Bytes an object may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size_limit: Option<Option<u64>>,
    /// Media types it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_mime_types: Option<Option<Vec<String>>>,
}

/// A bucket that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ensured {
    /// It was there before, perhaps with other settings than asked for.
    Existed(Bucket),
    /// It was made.
    Created(Bucket),
}

impl Ensured {
    /// The bucket, however it came to be.
    #[must_use]
    pub fn into_bucket(self) -> Bucket {
        match self {
            Self::Existed(bucket) | Self::Created(bucket) => bucket,
        }
    }
}

impl Buckets {
    /// Buckets asked for at once.
    const PAGE: usize = 1_000;

    pub(super) fn new(project: Supabase) -> Self {
        Self { project }
    }

    /// All buckets that the key may see, by id. An anonymous key sees none, and is told so by no error.
    ///
    /// # Errors
    /// As [`Class`] says.
    pub async fn list(&self) -> Result<Vec<Bucket>, Error> {
        self.search(&BucketQuery::default()).await
    }

    /// Buckets that the key may see, as asked for, however many pages it takes.
    ///
    /// # Errors
    /// As [`Class`] says.
    pub async fn search(&self, query: &BucketQuery) -> Result<Vec<Bucket>, Error> {
        let mut buckets: Vec<Bucket> = Vec::new();
        loop {
            let wanted = query
                .limit
                .map_or(usize::MAX, |limit| limit.saturating_sub(buckets.len()));
            let ask = wanted.min(Self::PAGE);
            if ask == 0 {
                return Ok(buckets);
            }
            let path = format!("bucket{}", query.text(ask, query.offset.saturating_add(buckets.len())));
            let mut page: Vec<Bucket> = self
                .project
                .send(self.project.storage("List buckets", "", Method::GET, &path))
                .await?
                .json()?;
            let last = page.len() < ask;
            // Older servers know no offset and send everything each time.
            let repeated = page
                .first()
                .is_some_and(|first| buckets.iter().any(|bucket| bucket.id == first.id));
            if !repeated {
                page.truncate(wanted);
                buckets.extend(page);
            }
            if last || repeated {
                return Ok(buckets);
            }
        }
    }

    /// One bucket.
    ///
    /// # Errors
    /// [`Class::BucketNotFound`] also if the key may not see it.
    pub async fn get(&self, name: &BucketName) -> Result<Bucket, Error> {
        let path = at("Look at bucket", name, "")?;
        self.project
            .send(
                self.project
                    .storage("Look at bucket", name.as_str(), Method::GET, &path),
            )
            .await?
            .json()
    }

    /// Makes a bucket.
    ///
    /// # Errors
    /// [`Class::Exists`] if there is one of that name; [`Class::Invalid`] for names that are words of the API, and for what
    /// the server takes and then refuses every upload by: see [`AllowedType`].
    pub async fn create(&self, bucket: &NewBucket) -> Result<(), Error> {
        const OPERATION: &str = "Create bucket";
        let name = bucket.name.as_str();
        let refuse = |message: String| Error::refused(OPERATION, name, message);
        BucketName::parse_new(name).map_err(|error| refuse(error.to_string()))?;
        check_limits(bucket.file_size_limit, bucket.allowed_mime_types.as_deref()).map_err(refuse)?;
        let call = self
            .project
            .storage(OPERATION, name, Method::POST, "bucket")
            .json(json!({
                "id": name,
                "name": name,
                "public": bucket.public,
                "file_size_limit": bucket.file_size_limit,
                "allowed_mime_types": bucket.allowed_mime_types,
            }));
        self.project.send(call).await.map(drop)
    }

    /// Sees to it that the bucket is there: looks first, makes it if it is missing, and takes "already exists" (somebody
    /// else was faster) for success.
    ///
    /// # Errors
    /// Any other failure, [`Class::BucketNotFound`] included: a bucket that exists but may not be seen.
    pub async fn ensure(&self, bucket: &NewBucket) -> Result<Ensured, Error> {
        match self.get(&bucket.name).await {
            Ok(found) => return Ok(Ensured::Existed(found)),
            Err(error) if error.class == Class::BucketNotFound => {}
            Err(error) => return Err(error),
        }
        match self.create(bucket).await {
            Ok(()) => self.get(&bucket.name).await.map(Ensured::Created),
            Err(error) if error.class == Class::Exists => self.get(&bucket.name).await.map(Ensured::Existed),
            // No answer: whether there is a bucket now says whether it worked.
            Err(error) if error.class == Class::Ambiguous => {
                self.get(&bucket.name).await.map(Ensured::Created).map_err(|_| error)
            }
            Err(error) => Err(error),
        }
    }

    /// Changes a bucket's settings: those that are given, and no others.
    ///
    /// # Errors
    /// [`Class::Invalid`] if nothing is given, and as [`Buckets::create`].
    pub async fn update(&self, name: &BucketName, update: &BucketUpdate) -> Result<(), Error> {
        const OPERATION: &str = "Change bucket";
        let body = serde_json::to_value(update).unwrap_or_default();
        if body.as_object().is_none_or(serde_json::Map::is_empty) {
            return Err(Error::refused(OPERATION, name.as_str(), "there is nothing to change"));
        }
        let types = update.allowed_mime_types.as_ref().and_then(Option::as_deref);
        check_limits(update.file_size_limit.flatten(), types)
            .map_err(|why| Error::refused(OPERATION, name.as_str(), why))?;
        let path = at(OPERATION, name, "")?;
        let call = self
            .project
            .storage(OPERATION, name.as_str(), Method::PUT, &path)
            .json(body);
        let changed = self.project.send(call).await.map(drop);
        self.project.known_buckets().forget(name);
        changed
    }

    /// Deletes an empty bucket.
    ///
    /// # Errors
    /// [`Class::NotEmpty`] if there is anything in it.
    pub async fn delete(&self, name: &BucketName) -> Result<(), Error> {
        const OPERATION: &str = "Delete bucket";
        let path = at(OPERATION, name, "")?;
        let call = self.project.storage(OPERATION, name.as_str(), Method::DELETE, &path);
        self.project.known_buckets().forget(name);
        match self.project.send(call).await {
            Ok(_) => Ok(()),
            // An attempt whose answer was lost has deleted it.
            Err(error) if error.class == Class::BucketNotFound && error.attempts > 1 => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asks the server to delete everything in the bucket. It only takes the order: objects are gone some time later,
    /// up to an hour. Only the service key may do this.
    ///
    /// # Errors
    /// [`Class::Forbidden`] for other keys; [`Class::Invalid`] above 200,000 objects, unless the server allows more.
    pub async fn empty(&self, name: &BucketName) -> Result<(), Error> {
        const OPERATION: &str = "Empty bucket";
        let path = at(OPERATION, name, "/empty")?;
        let call = self
            .project
            .storage(OPERATION, name.as_str(), Method::POST, &path)
            .idempotent(true);
        self.project.send(call).await.map(drop)
    }
}

/// What the server would take, and then refuse every upload by.
fn check_limits(most: Option<u64>, types: Option<&[String]>) -> Result<(), String> {
    if most == Some(0) {
        return Err("a limit of 0 bytes refuses every upload; give none for no limit".to_owned());
    }
    for text in types.unwrap_or_default() {
        match AllowedType::parse(text) {
            Ok(read) if read.as_str() == text => {}
            Ok(read) => return Err(format!("“{text}” is compared letter by letter; write {read}")),
            Err(why) => return Err(why.to_string()),
        }
    }
    Ok(())
}

fn at(operation: &'static str, name: &BucketName, rest: &str) -> Result<String, Error> {
    let path = bucket_path(name).ok_or_else(|| {
        Error::refused(
            operation,
            name.as_str(),
            "a bucket called . or .. cannot be reached through a web address",
        )
    })?;
    Ok(format!("bucket/{path}{rest}"))
}

#[cfg(test)]
mod tests;
