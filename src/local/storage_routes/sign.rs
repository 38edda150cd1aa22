//! Signed URLs: for reading one object or many, and for uploading one.
//!
//! The real server signs the path of a single-sign request half decoded, so that its URLs for keys with `? & = + , : ; @ $`
//! do not work. Here both ways sign the key itself, as the real server's batch does.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::StorageError;
use super::render::Transform;
use super::request::{Caller, Fields, JsonBody, Target};
use super::upload::wants_upsert;
use crate::local::jwt::{self, Kind, Leeway};
use crate::local::names;
use crate::local::reply::ok;
use crate::local::server::App;
use crate::local::store::StoreError;

type Answer = Result<Response, StorageError>;

/// How long an upload URL can be used, in seconds. Hosted projects say two hours.
const UPLOAD_VALIDITY: i64 = 2 * 60 * 60;
/// Most paths in one batch.
const BATCH: usize = 1000;
const NOT_VISIBLE: &str = "Either the object does not exist or you do not have access to it";

#[derive(Serialize, Deserialize)]
struct DownloadClaims {
    url: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transformations: Option<String>,
    iat: i64,
    exp: i64,
}

#[derive(Serialize, Deserialize)]
struct UploadClaims {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    url: String,
    upsert: bool,
    scope: String,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct TokenParam {
    token: Option<String>,
}

/// A verified token of a signed read.
pub struct DownloadToken {
    url: String,
    /// Until when it can be used, in seconds since 1970.
    pub expires: i64,
    /// What a picture is to be turned into, in the token's words.
    pub transformations: Option<String>,
}

/// A verified token of a signed upload.
pub struct UploadToken {
    url: String,
    /// Whether it may replace.
    pub upsert: bool,
    /// Whose the object will be: the user's who made the token.
    pub owner: Option<String>,
}

impl DownloadToken {
    /// Whether the token is for this object.
    pub fn check(&self, target: &Target) -> Result<(), StorageError> {
        check_url(&self.url, target)
    }
}

impl UploadToken {
    /// The token in an `x-signature` header of a resumable upload.
    pub fn verify(app: &App, token: &str) -> Result<Self, StorageError> {
        let claims: UploadClaims =
            jwt::verify(app.secrets.jwt_secret(), token, now(), Leeway::NONE).map_err(StorageError::invalid_jwt)?;
        if claims.scope != "upload" {
            return Err(StorageError::invalid_signature());
        }
        Ok(Self {
            url: claims.url,
            upsert: claims.upsert,
            owner: claims.owner,
        })
    }

    /// Whether the token is for this object.
    pub fn check(&self, target: &Target) -> Result<(), StorageError> {
        check_url(&self.url, target)
    }
}

fn check_url(url: &str, target: &Target) -> Result<(), StorageError> {
    if *url == path(&target.bucket, &target.key) {
        Ok(())
    } else {
        Err(StorageError::invalid_signature())
    }
}

impl FromRequestParts<Arc<App>> for DownloadToken {
    type Rejection = StorageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let claims: DownloadClaims = verified(parts, app).await?;
        if claims.scope != "download" {
            return Err(StorageError::invalid_signature());
        }
        Ok(Self {
            url: claims.url,
            expires: claims.exp,
            transformations: claims.transformations,
        })
    }
}

impl FromRequestParts<Arc<App>> for UploadToken {
    type Rejection = StorageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let claims: UploadClaims = verified(parts, app).await?;
        if claims.scope != "upload" {
            return Err(StorageError::invalid_signature());
        }
        Ok(Self {
            url: claims.url,
            upsert: claims.upsert,
            owner: claims.owner,
        })
    }
}

async fn verified<T>(parts: &mut Parts, app: &Arc<App>) -> Result<T, StorageError>
where
    T: serde::de::DeserializeOwned,
{
    let query = Query::<TokenParam>::from_request_parts(parts, app).await;
    let token = query.ok().and_then(|Query(params)| params.token);
    let token = token.ok_or_else(|| StorageError::schema("querystring must have required property 'token'"))?;
    jwt::verify(app.secrets.jwt_secret(), &token, now(), Leeway::NONE).map_err(StorageError::invalid_jwt)
}

/// `POST /object/sign/{bucket}/{key}`
pub async fn one(State(app): State<Arc<App>>, caller: Caller, target: Target, JsonBody(fields): JsonBody) -> Answer {
    let expires_in = validity(&fields)?;
    let transformations = match fields.object("transform")? {
        Some(transform) => Transform::read("body/transform", |name| transform.get(name).cloned())?.to_token(),
        None => None,
    };
    if !caller.sees(&target.bucket) {
        return Err(StorageError::no_such_key());
    }
    app.store.object(&target.bucket, &target.key).await?;
    let kind = match transformations {
        Some(_) => "render/image",
        None => "object",
    };
    let url = signed_url(&app, kind, &target, expires_in, transformations)?;
    Ok(ok(&json!({ "signedURL": url })))
}

/// `POST /object/sign/{bucket}`: a row for each path, also for those that are not there.
pub async fn many(State(app): State<Arc<App>>, caller: Caller, target: Target, JsonBody(fields): JsonBody) -> Answer {
    let expires_in = validity(&fields)?;
    let paths = fields.texts("paths")?;
    if paths.len() > BATCH {
        return Err(StorageError::schema(format!(
            "body/paths must NOT have more than {BATCH} items"
        )));
    }
    let found = if caller.sees(&target.bucket) {
        app.store.existing_keys(&target.bucket, paths).await?
    } else {
        paths.into_iter().map(|path| (path, false)).collect()
    };
    let mut rows = Vec::with_capacity(found.len());
    for (key, exists) in found {
        let target = Target {
            bucket: target.bucket.clone(),
            key,
        };
        rows.push(if exists {
            let url = signed_url(&app, "object", &target, expires_in, None)?;
            json!({ "error": null, "path": target.key, "signedURL": url })
        } else {
            json!({ "error": NOT_VISIBLE, "path": target.key, "signedURL": null })
        });
    }
    Ok(ok(&rows))
}

/// `POST /object/upload/sign/{bucket}/{key}`
pub async fn upload(State(app): State<Arc<App>>, caller: Caller, target: Target, headers: HeaderMap) -> Answer {
    let upsert = wants_upsert(&headers);
    if !names::is_key(&target.key) {
        return Err(StorageError::invalid_key(&target.key));
    }
    caller.may_write(&target.bucket)?;
    match app.store.bucket(&target.bucket).await {
        Err(StoreError::NoSuchBucket) => return Err(StorageError::related_resource()),
        bucket => bucket?,
    };
    match app.store.object(&target.bucket, &target.key).await {
        Ok(_) if !upsert => return Err(StorageError::key_exists()),
        Ok(_) | Err(StoreError::NoSuchKey) => {}
        Err(error) => return Err(error.into()),
    }
    let url = path(&target.bucket, &target.key);
    let iat = now();
    let claims = UploadClaims {
        owner: caller.owner(),
        url: url.clone(),
        upsert,
        scope: "upload".into(),
        iat,
        exp: iat + UPLOAD_VALIDITY,
    };
    let token = sign(&app, &claims)?;
    let url = format!("/object/upload/sign/{url}?token={token}");
    Ok(ok(&json!({ "url": url, "token": token })))
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// What a token is for: the key as it is, not percent-encoded.
fn path(bucket: &str, key: &str) -> String {
    format!("{bucket}/{key}")
}

fn sign(app: &App, claims: &impl Serialize) -> Result<String, StorageError> {
    jwt::sign(app.secrets.jwt_secret(), Kind::Url, claims).map_err(|error| StorageError::schema(error.to_string()))
}

/// The URL below `/storage/v1`. The key in it is not percent-encoded: a client takes the token and builds its own.
fn signed_url(
    app: &App,
    kind: &str,
    target: &Target,
    expires_in: i64,
    transformations: Option<String>,
) -> Result<String, StorageError> {
    let url = path(&target.bucket, &target.key);
    let iat = now();
    let exp = iat
        .checked_add(expires_in)
        .ok_or_else(|| StorageError::invalid_parameter("expiresIn"))?;
    let claims = DownloadClaims {
        url: url.clone(),
        scope: "download".into(),
        transformations,
        iat,
        exp,
    };
    let token = sign(app, &claims)?;
    Ok(format!("/{kind}/sign/{url}?token={token}"))
}

fn validity(fields: &Fields) -> Result<i64, StorageError> {
    let seconds = fields
        .integer("expiresIn", 1)?
        .ok_or_else(|| Fields::missing("expiresIn"))?;
    // Beyond this, a date cannot be written; the real server refuses such expiries, too.
    i64::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds <= 100 * 365 * 24 * 60 * 60 * 10)
        .ok_or_else(|| StorageError::invalid_parameter("expiresIn"))
}
