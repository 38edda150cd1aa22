//! A door for the fuzz targets in `fuzz/`: the parser of errors, which has no public function of its own.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::error::Context;
use super::{Error, fault};
use crate::http::{ExchangeId, Head, Masker, Reply, Retry};

/// What the client makes of an answer with this status, this `Location` and this body: whether it asks again, and the error
/// that it reports. None if the status is none of HTTP.
#[must_use]
pub fn error(status: u16, location: Option<&str>, body: Vec<u8>, idempotent: bool) -> Option<(Retry, Error)> {
    let mut headers = HeaderMap::new();
    if let Some(location) = location.and_then(|text| text.parse().ok()) {
        headers.insert(http::header::LOCATION, location);
    }
    let reply = Reply {
        head: Head {
            status: StatusCode::from_u16(status).ok()?,
            headers,
            exchange: ExchangeId(0),
            attempts: 1,
        },
        body: Bytes::from(body),
    };
    let call = Context {
        operation: "Fuzz",
        target: "bucket/key".to_owned(),
        idempotent,
        changes: !idempotent,
    };
    Some((
        fault::retry(&reply),
        Error::from_reply(&call, &reply, &Masker::default()),
    ))
}
