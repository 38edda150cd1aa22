//! Bucket and key: names, encoding, and whether the way in fits the bucket.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::encode::{decode, encode_key, encode_segment, has_escape, is_escape};
use super::super::explained::{Access, ObjectRef, ProblemKind as Kind, SegmentKind, Severity};
use super::super::secret::holds_key;
use super::{Check, count, edit, fix};
use crate::supabase::{BucketName, ObjectKey};

/// Percent-encoding more often than this is not undone: nobody means it.
const MAX_ENCODED: usize = 4;

/// A part of the path, decoded.
struct Decoded<'a> {
    text: Cow<'a, str>,
    /// How often it was encoded.
    times: usize,
    /// Whether it is certain what is meant.
    sound: bool,
}

impl Check<'_> {
    pub(super) fn object(
        &mut self,
        access: Option<&(Access, Range<usize>)>,
        bucket: Option<usize>,
        key: &Range<usize>,
    ) -> Option<ObjectRef> {
        if let Some((Access::Resumable, _)) = access {
            return self.upload_in_progress(key);
        }
        if self.secrets.any_in(&self.parts.path_range) {
            self.add(
                Severity::Error,
                Kind::SecretInUrl,
                Some(SegmentKind::File),
                "A key or token is a part of the path",
                "Replace it with a new one in the project's settings if this link was ever shared",
                None,
            );
            return None;
        }
        let name = match bucket {
            Some(index) => self.bucket(index, access),
            None => self.bucket_of_bare_key(access, key),
        };
        let text = self.key(bucket, key);
        let object = ObjectRef {
            origin: self.parts.origin(),
            bucket: name?,
            key: text?,
            access: access.map_or(Access::Bare, |(access, _)| *access),
        };
        if object.key.as_str().split('/').next() == Some(object.bucket.as_str()) && object.key.as_str().contains('/') {
            self.add(
                Severity::Warning,
                Kind::BucketTwice,
                Some(SegmentKind::Folder),
                format!("{} stands twice", object.bucket),
                "The server answers uploads with bucket and key together; a link built from that has the bucket twice",
                None,
            );
        }
        Some(object)
    }

    fn bucket_of_bare_key(
        &mut self,
        access: Option<&(Access, Range<usize>)>,
        key: &Range<usize>,
    ) -> Option<BucketName> {
        if access.is_none() && !key.is_empty() && self.context.default_bucket.is_some() {
            return self.context.default_bucket.cloned();
        }
        // An address that ends before its way in was reported as that.
        if access.is_some() || !key.is_empty() {
            self.add(
                Severity::Error,
                Kind::MissingBucket,
                Some(SegmentKind::Bucket),
                "The bucket is missing",
                "An object is named by its bucket and its key",
                None,
            );
        }
        None
    }

    fn bucket(&mut self, index: usize, access: Option<&(Access, Range<usize>)>) -> Option<BucketName> {
        let segment = Some(SegmentKind::Bucket);
        let bytes = self.parts.path[index].clone();
        let text = self.encoding(SegmentKind::Bucket, &bytes)?;
        let name = match BucketName::parse(&text) {
            Ok(name) => name,
            Err(error) => {
                self.add(
                    Severity::Error,
                    Kind::InvalidBucket,
                    segment,
                    "No bucket can have this name",
                    capital(&error.to_string()),
                    None,
                );
                return None;
            }
        };
        if matches!(name.as_str(), "." | "..") {
            self.dot_segment(SegmentKind::Bucket);
        }
        if self.context.buckets.is_empty() || !self.is_own() {
            return Some(name);
        }
        match (self.visibility(name.as_str()), access) {
            (None, _) => self.unknown_bucket(&name, bytes),
            (Some(false), Some(way)) if way.0.is_public() => {
                let route = match way.0 {
                    Access::RenderPublic => "render/image/authenticated",
                    Access::InfoPublic => "object/info/authenticated",
                    _ => "object/authenticated",
                };
                let way = self.route_bytes(way);
                self.add(
                    Severity::Error,
                    Kind::PrivateBucket,
                    Some(SegmentKind::Access),
                    format!("{name} is private, the URL is public"),
                    "Visitors get 404 Bucket not found",
                    fix("Use authenticated", vec![edit(way, route)]),
                );
            }
            _ => {}
        }
        Some(name)
    }

    fn unknown_bucket(&mut self, name: &BucketName, bytes: Range<usize>) {
        let same = self
            .context
            .buckets
            .iter()
            .map(|(known, _)| known.as_str())
            .find(|known| known.eq_ignore_ascii_case(name.as_str()));
        let detail = match same {
            Some(known) => format!("Names are case-sensitive: the project has {known}"),
            None => "The project has no bucket of this name, or the key in use may not see it".to_owned(),
        };
        let change = same.and_then(|known| fix("Correct it", vec![edit(bytes, encode_segment(known))]));
        self.add(
            Severity::Error,
            Kind::UnknownBucket,
            Some(SegmentKind::Bucket),
            format!("There is no bucket {name}"),
            detail,
            change,
        );
    }

    fn key(&mut self, bucket: Option<usize>, segments: &Range<usize>) -> Option<ObjectKey> {
        let bytes = self.parts.span(segments);
        if bytes.is_empty() {
            if bucket.is_some() {
                self.add(
                    Severity::Error,
                    Kind::MissingKey,
                    Some(SegmentKind::File),
                    "The link ends at the bucket",
                    "The key of the object is missing; a bucket itself cannot be opened",
                    None,
                );
            }
            return None;
        }
        let last = segments.end - 1;
        let folder = self.parts.span(&(segments.start..last));
        let mut text = String::with_capacity(bytes.len());
        if last > segments.start {
            let folder = self.encoding(SegmentKind::Folder, &folder);
            text.push_str(&folder?);
            text.push('/');
        }
        let in_folder = text.len();
        let file = self.parts.path[last].clone();
        if !file.is_empty() {
            text.push_str(&self.encoding(SegmentKind::File, &file)?);
        }
        self.shape(&text);
        match ObjectKey::parse(&text) {
            Ok(key) => Some(key),
            Err(error) => {
                let in_file = ObjectKey::parse(&text[..in_folder]).is_ok() || in_folder == 0;
                let segment = if in_file {
                    SegmentKind::File
                } else {
                    SegmentKind::Folder
                };
                self.add(
                    Severity::Error,
                    Kind::RefusedKey,
                    Some(segment),
                    "Storage refuses this key",
                    capital(&error.to_string()),
                    None,
                );
                None
            }
        }
    }

    /// What is legal in a key and still goes wrong.
    fn shape(&mut self, key: &str) {
        if key.starts_with('/') || key.contains("//") {
            self.add(
                Severity::Warning,
                Kind::EmptyFolder,
                Some(SegmentKind::Folder),
                "The key has a folder without a name",
                "Storage keeps // as it is, the JavaScript client removes it: its links miss the object",
                None,
            );
        }
        if key.split('/').any(|segment| matches!(segment, "." | "..")) {
            self.dot_segment(SegmentKind::Folder);
        }
        if key.ends_with('/') {
            self.add(
                Severity::Warning,
                Kind::FolderOnly,
                Some(SegmentKind::Folder),
                "The link ends in a slash",
                "It names a folder; there is no file name behind it",
                None,
            );
        }
    }

    fn dot_segment(&mut self, segment: SegmentKind) {
        self.add(
            Severity::Error,
            Kind::DotSegment,
            Some(segment),
            "The path has . or .. as a folder",
            "Browsers and clients resolve it before they ask, so this object cannot be reached by URL",
            None,
        );
    }

    /// Decodes one part of the path and reports how it is encoded: one problem at most, the worst.
    fn encoding(&mut self, kind: SegmentKind, bytes: &Range<usize>) -> Option<String> {
        let raw = self.parts.at(bytes);
        let plain = self.is_bare();
        let slashed: Cow<'_, str> = if raw.contains('\\') {
            raw.replace('\\', "/").into()
        } else {
            raw.into()
        };
        let decoded = decode_fully(&slashed);
        if decoded.as_ref().is_some_and(|decoded| holds_key(&decoded.text)) {
            self.add(
                Severity::Error,
                Kind::SecretInUrl,
                Some(kind),
                "A key or token is a part of the path",
                "Replace it with a new one in the project's settings if this link was ever shared",
                None,
            );
            return None;
        }
        let segment = Some(kind);
        let Some(decoded) = decoded.filter(|decoded| decoded.sound) else {
            self.add(
                Severity::Error,
                Kind::BrokenEncoding,
                segment,
                "The percent-encoding is broken",
                "Two hexadecimal digits must follow every %, and all together must be UTF-8",
                None,
            );
            return None;
        };
        let encode = if kind == SegmentKind::Bucket {
            encode_segment
        } else {
            encode_key
        };
        let change = |label| fix(label, vec![edit(bytes.clone(), encode(&decoded.text))]);
        let bad: Vec<char> = raw.chars().filter(|c| must_be_encoded(*c)).collect();
        if decoded.times > 1 {
            self.add(
                Severity::Error,
                Kind::DoubleEncoded,
                segment,
                "The name is encoded twice",
                format!("%25 stands for %, and no key can have one: {} is meant", decoded.text),
                if plain { None } else { change("Decode once") },
            );
        } else if plain {
            // A path that is no URL is written as the key is.
        } else if !bad.is_empty() {
            let (one, many) = if bad.iter().all(|c| *c == ' ') {
                ("space", "spaces")
            } else {
                ("character", "characters")
            };
            let example = slashed
                .split('/')
                .find(|part| part.contains(must_be_encoded))
                .unwrap_or_default();
            self.add(
                Severity::Warning,
                Kind::NotEncoded,
                segment,
                format!("{} not encoded", count(bad.len(), one, many)),
                format!(
                    "{example} becomes {}",
                    encode_segment(&decode_fully(example).map_or_else(String::new, |d| d.text.into_owned()))
                ),
                change("Encode"),
            );
        } else if kind != SegmentKind::Bucket && raw.to_ascii_lowercase().contains("%2f") {
            self.add(
                Severity::Warning,
                Kind::EncodedSlash,
                segment,
                "A slash between folders is encoded",
                "%2F was meant to be /; some servers in between refuse it",
                change("Decode it"),
            );
        } else if raw.contains('+') {
            self.add(
                Severity::Note,
                Kind::PlusSign,
                segment,
                "A + is a plus sign here, not a space",
                "Only queries read + as a space; write %2B so that no program takes it for one",
                change("Encode"),
            );
        }
        Some(decoded.text.into_owned())
    }

    /// The id of a resumable upload is base64url of `bucket/key/version`.
    fn upload_in_progress(&mut self, id: &Range<usize>) -> Option<ObjectRef> {
        let id = (id.start..id.end)
            .rev()
            .map(|index| self.parts.segment(index))
            .find(|word| !word.is_empty());
        let Some(id) = id else {
            self.add(
                Severity::Note,
                Kind::MissingKey,
                Some(SegmentKind::File),
                "Uploads are created here",
                "The address of one upload has its id behind it",
                None,
            );
            return None;
        };
        let decoded = URL_SAFE_NO_PAD.decode(id.trim_end_matches('=')).ok()?;
        let decoded = String::from_utf8(decoded).ok().filter(|text| !holds_key(text))?;
        let (bucket, rest) = decoded.split_once('/')?;
        let (key, _version) = rest.rsplit_once('/')?;
        Some(ObjectRef {
            origin: self.parts.origin(),
            bucket: BucketName::parse(bucket).ok()?,
            key: ObjectKey::parse(key).ok()?,
            access: Access::Resumable,
        })
    }
}

/// Decodes as long as escapes are left: `%` itself is in no legal name, so what still has one was encoded again.
fn decode_fully(raw: &str) -> Option<Decoded<'_>> {
    let mut text = Cow::Borrowed(raw);
    let mut times = 0;
    while times < MAX_ENCODED && has_escape(&text) {
        text = Cow::Owned(decode(&text)?.into_owned());
        times += 1;
    }
    let sound = !raw.match_indices('%').any(|(at, _)| !is_escape(raw, at)) && !has_escape(&text);
    Some(Decoded { text, times, sound })
}

/// Characters that a URL's path cannot have.
fn must_be_encoded(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_control() || " \"<>^`{|}[]".contains(c)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
