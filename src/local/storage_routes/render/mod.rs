//! `/render/image`: pictures in another size, quality and kind.
//!
//! Deliberately unlike the real server, whose picture service is a program of its own:
//! - WebP is lossless (no lossy encoder is built in), so it is made where it was asked for by `format=webp`, and by `Accept`
//!   only of what was lossless already: a photo in JPEG stays one, since it would grow.
//! - There is no AVIF encoder: `format=avif` is refused.
//! - Of an animation the first frame is rendered, as PNG. `gravity=sm` keeps the middle.
//! - A picture that the client has already is answered with 304.

mod cache;
mod options;

use std::io::Read as _;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::download::{View, describe, public_bucket, put};
use super::error::StorageError;
use super::request::{Caller, Target};
use super::sign::DownloadToken;
use crate::local::server::App;
use crate::local::store::StoreError;
use crate::local::store::content::Content;
use crate::media::{Limits, MediaError, MediaType, decode, detect, encode, resize};
use cache::Cache;
pub use options::{Format, Transform};

type Answer = Result<Response, StorageError>;

const X_TRANSFORMATIONS: HeaderName = HeaderName::from_static("x-transformations");
/// Bytes of pictures that are kept in memory.
const CACHE: usize = 64 * 1024 * 1024;
/// What a source may cost: the hosted service's 25 MB and 50 megapixels.
const LIMITS: Limits = Limits {
    max_bytes: 25_000_000,
    max_pixels: 50_000_000,
    max_alloc: 450_000_000,
    max_time: std::time::Duration::from_secs(10),
};

/// What renders, and what was rendered.
pub struct Renders {
    cache: Arc<Cache>,
    /// One picture a core at a time: more would only take more memory.
    turns: Arc<Semaphore>,
}

impl Renders {
    /// With nothing rendered yet.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cache: Arc::new(Cache::new(CACHE)),
            turns: Arc::new(Semaphore::new(cores.clamp(1, 4))),
        }
    }

    /// Computes on the blocking pool when it is its turn. The work keeps its turn also if the caller goes away meanwhile, so
    /// that nobody makes room for more pictures by hanging up.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
        // Nobody closes the semaphore.
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let worker = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        Ok(worker.await?)
    }
}

/// The query: fields of [`Transform`], and `download`.
type Params = Query<Map<String, Value>>;

fn asked(params: &Map<String, Value>) -> Result<Transform, StorageError> {
    Transform::read("querystring", |name| params.get(name).cloned())
}

fn view(params: &Map<String, Value>, method: &Method, headers: HeaderMap) -> View {
    let download = params.get("download").and_then(Value::as_str).map(str::to_owned);
    View::new(download, method, headers)
}

/// `GET /render/image/public/{bucket}/{key}`
pub async fn public(
    State(app): State<Arc<App>>,
    target: Target,
    Query(params): Params,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let transform = asked(&params)?;
    public_bucket(&app, &target).await?;
    send(&app, &target, &transform, &view(&params, &method, headers)).await
}

/// `GET /render/image/authenticated/{bucket}/{key}`
pub async fn authenticated(
    State(app): State<Arc<App>>,
    caller: Caller,
    target: Target,
    Query(params): Params,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let transform = asked(&params)?;
    if !caller.sees(&target.bucket) {
        return Err(StorageError::no_such_key());
    }
    send(&app, &target, &transform, &view(&params, &method, headers)).await
}

/// `GET /render/image/sign/{bucket}/{key}?token=`: what the token says is rendered, whatever the query says.
pub async fn signed(
    State(app): State<Arc<App>>,
    target: Target,
    token: DownloadToken,
    Query(params): Params,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    token.check(&target)?;
    let transform = Transform::from_token(token.transformations.as_deref().unwrap_or_default());
    let mut view = view(&params, &method, headers);
    view.expires = Some(token.expires.saturating_mul(1_000_000));
    send(&app, &target, &transform, &view).await
}

async fn send(app: &App, target: &Target, transform: &Transform, view: &View) -> Answer {
    let (object, content) = app.store.open_object(&target.bucket, &target.key).await?;
    let mut response = Response::new(Body::empty());
    describe(response.headers_mut(), &object, view);
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    if let Some(words) = transform.to_header() {
        put(response.headers_mut(), X_TRANSFORMATIONS, &words);
    }
    if view.is_unchanged(&object) {
        response.headers_mut().remove(CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let accepts_webp = view.header(&ACCEPT).is_some_and(|kinds| kinds.contains("image/webp"));
    let wanted = Wanted {
        version: object.version,
        transform: transform.clone(),
        accepts_webp,
    };
    let (kind, bytes) = render(app, wanted, content).await?;
    let headers = response.headers_mut();
    put(headers, CONTENT_TYPE, kind.mime());
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    *response.body_mut() = Body::from(bytes);
    Ok(response)
}

struct Wanted {
    version: String,
    transform: Transform,
    accepts_webp: bool,
}

impl Wanted {
    /// A version never changes, so what was made of it is never stale.
    fn key(&self) -> String {
        let words = self.transform.to_header().unwrap_or_default();
        let origin = self.transform.format() == Some(Format::Origin);
        format!("{}|{words}|{}", self.version, self.accepts_webp && !origin)
    }

    /// The kind that is sent for a source of this kind.
    fn kind(&self, source: MediaType) -> MediaType {
        let by_accept = self.transform.format().is_none() && self.accepts_webp && source != MediaType::Jpeg;
        match source {
            _ if self.transform.format() == Some(Format::Webp) || by_accept => MediaType::Webp,
            MediaType::Gif => MediaType::Png,
            same => same,
        }
    }
}

/// From the cache, or made on the blocking pool when it is its turn.
async fn render(app: &App, wanted: Wanted, content: Content) -> Result<(MediaType, Bytes), StorageError> {
    if wanted.transform.format() == Some(Format::Avif) {
        return Err(StorageError::image_processing(
            "Invalid image request: this server makes no AVIF; ask for webp or origin",
        ));
    }
    let (cache, key) = (Arc::clone(&app.renders.cache), wanted.key());
    if let Some(kept) = kept(&cache, &key) {
        return Ok(kept);
    }
    let work = move || {
        // Somebody may have made it meanwhile.
        if let Some(kept) = kept(&cache, &key) {
            return Ok(kept);
        }
        let (kind, bytes) = make(&wanted, content)?;
        cache.put(key, bytes.clone());
        Ok((kind, bytes))
    };
    app.renders.in_turn(work).await?
}

fn kept(cache: &Cache, key: &str) -> Option<(MediaType, Bytes)> {
    let bytes = cache.get(key)?;
    Some((detect(&bytes)?, bytes))
}

/// Blocks, and computes.
fn make(wanted: &Wanted, content: Content) -> Result<(MediaType, Bytes), StorageError> {
    let bytes = match content {
        Content::Inline(bytes) => bytes,
        Content::File(file) => {
            let mut bytes = Vec::new();
            file.take(LIMITS.max_bytes + 1)
                .read_to_end(&mut bytes)
                .map_err(StoreError::from)?;
            bytes.into()
        }
    };
    let picture = decode(&bytes, &LIMITS).map_err(|error| refusal(&error))?;
    let kind = wanted.kind(detect(&bytes).unwrap_or(MediaType::Png));
    drop(bytes);
    let picture = resize(&picture, &wanted.transform.size()).map_err(|error| refusal(&error))?;
    let made = encode(&picture, kind, wanted.transform.quality()).map_err(|error| refusal(&error))?;
    Ok((kind, made.into()))
}

/// The sentences that storage-api makes of its picture service's.
fn refusal(error: &MediaError) -> StorageError {
    StorageError::image_processing(match error {
        MediaError::TooLarge { .. } => "The source image file is too large to process",
        MediaError::TooManyPixels { .. } | MediaError::TooMuchMemory { .. } => {
            "The source image resolution is too large to process"
        }
        _ => "The source image is invalid or unsupported for rendering",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn work_keeps_its_turn_though_nobody_waits_for_it() {
        let renders = Renders::new();
        let all = renders.turns.available_permits();
        let (started, is_started) = channel();
        let (go, wait) = channel::<()>();
        let work = renders.in_turn(move || {
            started.send(()).unwrap();
            wait.recv()
        });
        // The caller begins it, and goes away.
        assert!(futures_util::poll!(Box::pin(work)).is_pending());
        is_started.recv().unwrap();
        assert_eq!(renders.turns.available_permits(), all - 1);
        drop(go);
        let _all = renders.turns.acquire_many(u32::try_from(all).unwrap()).await.unwrap();
    }
}
