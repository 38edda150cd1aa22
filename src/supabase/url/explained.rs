//! What an explanation of a URL consists of: parts, problems, fixes, and the object it names.

use std::ops::Range;

use jiff::Timestamp;

use crate::supabase::{BucketName, ObjectKey};
use crate::workspace::ProjectUrl;

/// What is known beside the text. With `Context::default()` a URL is judged by its form alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The project that is open: what links without a host belong to, and what other hosts are compared with.
    pub project: Option<&'a ProjectUrl>,
    /// Its buckets, and whether each is public. Empty means "not known", not "none".
    pub buckets: &'a [(BucketName, bool)],
    /// The bucket of a bare path such as `scene_1.png`.
    pub default_bucket: Option<&'a BucketName>,
    /// The time, by the server's clock if that is known; without it no token is called expired.
    pub now: Option<Timestamp>,
}

/// A URL taken apart. No text in it contains a token or another secret of the URL: those are shown as `eyJ…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The parts in the order of the text. Their ranges cover it without gaps.
    pub segments: Vec<Segment>,
    /// What is wrong or worth knowing, in the order of the text.
    pub problems: Vec<UrlProblem>,
    /// The object that is meant, as the text says it (before any fix).
    pub parsed: Option<ObjectRef>,
    /// The URL with everything fixed that can be fixed, if it then names an object of a host. Tokens are hidden in it; the
    /// text for an input field comes from [`super::apply_all`].
    pub fixed: Option<String>,
    /// Every form that the URL of this object can take.
    pub variants: Vec<Variant>,
}

/// One part of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Which part it is.
    pub kind: SegmentKind,
    /// Bytes of the text, with the `/` or `?` before the part.
    pub range: Range<usize>,
    /// The part itself, without separators; within `range`.
    pub core: Range<usize>,
    /// The part as it may be shown: as `core`, with secrets hidden.
    pub text: String,
    /// One sentence about what the part does.
    pub meaning: String,
    /// The worst that is wrong with it.
    pub severity: Option<Severity>,
}

/// The parts of a storage URL, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SegmentKind {
    /// `https://`
    Scheme,
    /// `abc.supabase.co`
    Host,
    /// `/storage/v1`
    ApiRoot,
    /// `/object/public`
    Access,
    /// `story-images`
    Bucket,
    /// Everything of the key before its last `/`.
    Folder,
    /// The last part of the key.
    File,
    /// From `?` on, and a fragment.
    Query,
}

impl SegmentKind {
    /// The label above the part.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Scheme => "Scheme",
            Self::Host => "Host",
            Self::ApiRoot => "API root",
            Self::Access => "Access",
            Self::Bucket => "Bucket",
            Self::Folder => "Folder",
            Self::File => "File",
            Self::Query => "Query",
        }
    }
}

/// How bad a problem is. Ordered: a note is least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Works, and is worth knowing.
    Note,
    /// Works in some places, or not for long.
    Warning,
    /// Does not work.
    Error,
}

/// What can be wrong with a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemKind {
    /// Nothing, or a word for nothing such as `null`.
    Empty,
    /// Text that is no link and no path.
    NotAUrl,
    /// White space or quotation marks around it.
    Surroundings,
    /// `https://https://`
    DoubledScheme,
    /// No `https://` before the host.
    MissingScheme,
    /// `https:/` or `https:\\`
    MalformedScheme,
    /// `http://` to another machine.
    NotEncrypted,
    /// `user:password@`
    UserInfo,
    /// A path without a host.
    MissingHost,
    /// A host that cannot exist.
    InvalidHost,
    /// Another project than the open one.
    OtherProject,
    /// A link that is no storage link at all.
    NotStorage,
    /// `<ref>.storage.supabase.co`, the host for large uploads.
    UploadHost,
    /// A page of the dashboard.
    DashboardLink,
    /// `//` before the bucket.
    ExtraSlashes,
    /// No `/storage/v1`.
    MissingApiRoot,
    /// `/storage/v1` twice.
    DoubledApiRoot,
    /// Something else in its place.
    WrongApiRoot,
    /// No `/object/public` or another way in.
    MissingAccess,
    /// A route of storage that is no object's.
    NotAnObject,
    /// `\` for `/`.
    Backslash,
    /// The path ends before the bucket.
    MissingBucket,
    /// A name that no bucket can have.
    InvalidBucket,
    /// No bucket of the project has this name.
    UnknownBucket,
    /// A public link into a private bucket.
    PrivateBucket,
    /// The bucket stands in the key once more.
    BucketTwice,
    /// The path ends after the bucket.
    MissingKey,
    /// A key that storage refuses.
    RefusedKey,
    /// Characters that must be percent-encoded.
    NotEncoded,
    /// Encoded twice: `%2520`.
    DoubleEncoded,
    /// A `%` without two hex digits, or bytes that are no text.
    BrokenEncoding,
    /// `%2F` between folders.
    EncodedSlash,
    /// A `+`, which is no space in a path.
    PlusSign,
    /// `//` inside the key.
    EmptyFolder,
    /// A `.` or `..` between slashes.
    DotSegment,
    /// The key ends in `/`.
    FolderOnly,
    /// A `?` with nothing behind it.
    EmptyQuery,
    /// A `?` where an `&` is needed.
    SecondQuestionMark,
    /// Spaces or other letters in the query.
    QueryNotEncoded,
    /// `width=` and the like where nothing is resized.
    TransformIgnored,
    /// A value that the render route refuses.
    BadTransform,
    /// A signed link without its token.
    MissingToken,
    /// A token that was hidden when the link was copied.
    TokenHidden,
    /// A token that is none.
    TokenUnreadable,
    /// A token that has ended.
    TokenExpired,
    /// A token that was signed for another object.
    TokenForOther,
    /// A token where none is asked for.
    TokenUnused,
    /// A key or password in the link.
    SecretInUrl,
    /// `#…`, which never reaches the server.
    Fragment,
    /// A path that belongs to the project's storage.
    BarePath,
    /// The address of the S3 protocol.
    S3Address,
    /// The address of an upload.
    UploadAddress,
}

/// One thing that is wrong or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlProblem {
    /// How bad.
    pub severity: Severity,
    /// What.
    pub kind: ProblemKind,
    /// Short: "https:// appears twice".
    pub headline: String,
    /// Why, or what comes of it, without a full stop.
    pub detail: String,
    /// The part it is about.
    pub segment: Option<SegmentKind>,
    /// How to mend it in the text alone.
    pub fix: Option<Fix>,
}

/// A change of the text that mends one problem and leaves all others. Made by [`super::explain()`] for one text, and applied to
/// that text by [`super::apply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The button: "Remove one".
    pub label: &'static str,
    /// What to put for which bytes; in order, without overlap.
    pub(super) edits: Vec<Edit>,
}

/// One replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub range: Range<usize>,
    pub with: String,
}

/// The object that a link or a path means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// Scheme and host, if the text has them.
    pub origin: Option<ProjectUrl>,
    /// The bucket.
    pub bucket: BucketName,
    /// The key, decoded.
    pub key: ObjectKey,
    /// The way in that the text takes.
    pub access: Access,
}

/// The way in to an object: which route, and with it who may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// No route: a bare path.
    Bare,
    /// `/object/<bucket>`: where objects are written; reads need a key or a user's token.
    Direct,
    /// `/object/public`: anybody, if the bucket is public.
    Public,
    /// `/object/authenticated`: with a key or a user's token.
    Authenticated,
    /// `/object/sign`: whoever has the token.
    Signed,
    /// `/object/info`: facts as JSON, with a key or a user's token.
    Info,
    /// `/object/info/authenticated`: the same.
    InfoAuthenticated,
    /// `/object/info/public`: facts as JSON, for anybody if the bucket is public.
    InfoPublic,
    /// `/object/upload/sign`: one upload, for whoever has the token.
    SignedUpload,
    /// `/render/image/public`: resized, for anybody if the bucket is public.
    RenderPublic,
    /// `/render/image/authenticated`: resized, with a key or a user's token.
    RenderAuthenticated,
    /// `/render/image/sign`: resized, for whoever has the token.
    RenderSigned,
    /// `/upload/resumable`: an upload that is under way.
    Resumable,
    /// `/s3`, or an `s3://` address: the S3 protocol, with signed requests.
    S3,
}

impl Access {
    /// The path behind `/storage/v1`; empty for a bare path.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Bare => "",
            Self::Direct => "/object",
            Self::Public => "/object/public",
            Self::Authenticated => "/object/authenticated",
            Self::Signed => "/object/sign",
            Self::Info => "/object/info",
            Self::InfoAuthenticated => "/object/info/authenticated",
            Self::InfoPublic => "/object/info/public",
            Self::SignedUpload => "/object/upload/sign",
            Self::RenderPublic => "/render/image/public",
            Self::RenderAuthenticated => "/render/image/authenticated",
            Self::RenderSigned => "/render/image/sign",
            Self::Resumable => "/upload/resumable",
            Self::S3 => "/s3",
        }
    }

    /// Whether anybody may come this way into a public bucket.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::Public | Self::InfoPublic | Self::RenderPublic)
    }

    /// Whether a token in the query opens this way.
    #[must_use]
    pub fn takes_token(self) -> bool {
        matches!(self, Self::Signed | Self::RenderSigned | Self::SignedUpload)
    }

    /// Whether pictures are resized on this way.
    #[must_use]
    pub fn is_render(self) -> bool {
        matches!(
            self,
            Self::RenderPublic | Self::RenderAuthenticated | Self::RenderSigned
        )
    }
}

/// One form of an object's URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Which form.
    pub kind: VariantKind,
    /// The URL. Of a signed one the shape, with `token=…` where the server's token will be.
    pub url: String,
    /// Whether `url` can be opened or copied as it stands.
    pub complete: bool,
    /// Whether it works, as far as the bucket is known. `false` only if it is known not to.
    pub works: bool,
    /// Who or what it is for, or why it does not work.
    pub note: String,
}

/// The forms of an object's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VariantKind {
    /// For anybody.
    Public,
    /// With a key or a user's token.
    Authenticated,
    /// For whoever has the link, for a time.
    Signed,
    /// Saved instead of shown.
    Download,
    /// Resized by the server.
    Render,
}

impl VariantKind {
    /// The label of its row.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Authenticated => "Authenticated",
            Self::Signed => "Signed",
            Self::Download => "Download",
            Self::Render => "Render",
        }
    }
}
