//! Codes of storage (supabase/storage 4fa61fb, `src/internal/errors/codes.ts`).

use super::{Known, by_status, refused, stays, transient};
use crate::supabase::Class;

const TRY_AGAIN: &str = "The server has trouble of its own. Try again in a moment.";
const REQUEST: &str = "The server does not understand the request. It may be older or newer than this program expects; look at the exchange.";
const SCHEMA: &str =
    "The project's storage tables are of another version than its server. An admin should update the project.";
const TOKEN: &str = "The server does not accept the key or the sign-in. Copy the key again from the project's settings or sign in again, and check that this computer's clock is right.";
const LINK: &str = "The link was made for another object or by another project. Make a new link.";
const ANALYTICS: &str =
    "It belongs to analytics or vector buckets, which this program does not manage. Use the project's dashboard.";

pub(super) const STORAGE: &[Known] = {
    use Class::*;
    &[
        stays(
            "NoSuchBucket",
            BucketNotFound,
            "There is no such bucket, or this key may not see it. Check the name, or create it.",
        ),
        stays(
            "NoSuchKey",
            NotFound,
            "There is no such object, or this key may not see it. Refresh the list.",
        ),
        stays(
            "NoSuchUpload",
            NotFound,
            "The upload has expired on the server. Start it again.",
        ),
        stays("InvalidJWT", BadKey, TOKEN),
        stays("InvalidRequest", Invalid, REQUEST),
        stays(
            "TenantNotFound",
            Invalid,
            "There is no project at this address. Check the project's URL; a paused project must be resumed first.",
        ),
        stays(
            "EntityTooLarge",
            TooLarge,
            "The file is over the limit of the bucket or of the whole project. Make it smaller, or raise both limits.",
        ),
        stays("InternalError", Busy, TRY_AGAIN),
        stays(
            "ResourceAlreadyExists",
            Exists,
            "Something of that name is there already. Choose another name.",
        ),
        stays(
            "KeyAlreadyExists",
            Exists,
            "An object of that name is there already. Choose another name, or replace it.",
        ),
        stays(
            "BucketAlreadyExists",
            Exists,
            "A bucket of that name is there already. Use it, or choose another name.",
        ),
        stays(
            "ResourceNotEmpty",
            NotEmpty,
            "The bucket still has objects in it. Empty it first.",
        ),
        stays(
            "ResourceReferenced",
            NotEmpty,
            "Something else still refers to it. Remove that first.",
        ),
        stays(
            "InvalidBucketName",
            Invalid,
            "Use 1 to 100 letters, digits, - _ or . for the bucket's name.",
        ),
        stays(
            "InvalidKey",
            Invalid,
            "The file's name has characters that storage refuses. Use letters without accents, digits, spaces and - _ . ( ) only.",
        ),
        stays(
            "InvalidRange",
            Invalid,
            "The part asked for lies outside the file. It may have been replaced; load it again from the start.",
        ),
        stays(
            "InvalidMimeType",
            WrongType,
            "The bucket does not allow this type of file. Convert the picture, or add the type to the bucket's allowed types.",
        ),
        stays(
            "InvalidUploadId",
            Invalid,
            "The upload has expired on the server. Start it again.",
        ),
        stays("InvalidSignature", BadKey, LINK),
        stays("InvalidUploadSignature", BadKey, LINK),
        stays("SignatureDoesNotMatch", BadKey, LINK),
        stays(
            "ExpiredToken",
            BadKey,
            "The token has expired. Sign in again, or make a new link.",
        ),
        stays(
            "AccessDenied",
            Forbidden,
            "This key is not allowed to do that. Sign in with other rights, or ask an admin for a policy.",
        ),
        refused(
            "ResourceLocked",
            Busy,
            "Somebody else is changing the same object. Wait a moment, then try again.",
        ),
        refused(
            "LockTimeout",
            Busy,
            "Somebody else is changing the same object. Wait a moment, then try again.",
        ),
        refused(
            "SlowDown",
            Throttled,
            "Too many requests at once. Wait a moment, then try again.",
        ),
        transient(
            "DatabaseTimeout",
            Busy,
            "The project's database took too long. Try again; for large folders ask for fewer at once.",
        ),
        transient(
            "DatabaseConnectionLimit",
            Busy,
            "The project's database has no connection free. Wait a moment, then try again.",
        ),
        transient(
            "DatabaseReadOnly",
            Busy,
            "The project's database is read-only, usually because its disk is full. An admin can free space or add some.",
        ),
        transient("DatabaseSchemaMismatch", Busy, SCHEMA),
        transient("DatabaseInvalidObjectDefinition", Busy, SCHEMA),
        stays("DatabaseTransactionAborted", Busy, TRY_AGAIN),
        stays("DatabaseError", Busy, TRY_AGAIN),
        transient(
            "TransactionError",
            Busy,
            "Two changes met in the project's database. Try again.",
        ),
        transient(
            "Aborted",
            Busy,
            "The server stopped the transfer in the middle. Try again.",
        ),
        stays(
            "AbortedTerminate",
            Busy,
            "The server stopped the transfer in the middle. Start it again.",
        ),
        stays(
            "MissingContentLength",
            Invalid,
            "A proxy on the way took the size out of the request. Try without it.",
        ),
        stays("MissingParameter", Invalid, REQUEST),
        stays(
            "InvalidParameter",
            Invalid,
            "A value is outside what the server allows. Correct it, then try again.",
        ),
        stays(
            "InvalidChecksum",
            Invalid,
            "The bytes changed on the way. Upload the file again.",
        ),
        stays(
            "MissingPart",
            Invalid,
            "A part of the upload is missing on the server. Start it again.",
        ),
        by_status(
            "S3Error",
            "The store behind the server reports an error. Try again; if it stays, tell whoever runs the project.",
        ),
        by_status(
            "TusError",
            "The server refused a step of the upload. Start the upload again.",
        ),
        stays(
            "InvalidAccessKeyId",
            BadKey,
            "Check the project's S3 credentials in its dashboard.",
        ),
        stays(
            "MaximumCredentialsLimit",
            Invalid,
            "Delete S3 credentials that nobody uses in the project's dashboard.",
        ),
        stays(
            "FeatureNotEnabled",
            Unsupported,
            "The project's plan does not include this feature.",
        ),
        stays(
            "NotSupported",
            Unsupported,
            "The project's server does not offer this feature.",
        ),
        stays("MalformedXML", Invalid, REQUEST),
        stays("NoSuchCatalog", NotFound, ANALYTICS),
        stays("IcebergError", Invalid, ANALYTICS),
        stays("IcebergMaximumResourceLimit", Invalid, ANALYTICS),
        stays("IcebergResourceNotEmpty", NotEmpty, ANALYTICS),
        stays("ConflictException", Exists, ANALYTICS),
        stays("NotFoundException", NotFound, ANALYTICS),
        stays("VectorBucketNotEmpty", NotEmpty, ANALYTICS),
        stays("S3VectorMaxBucketsExceeded", Invalid, ANALYTICS),
        stays("S3VectorMaxIndexesExceeded", Invalid, ANALYTICS),
        stays("NoAvailableShard", Busy, ANALYTICS),
        stays("ShardNotFound", NotFound, ANALYTICS),
    ]
};
