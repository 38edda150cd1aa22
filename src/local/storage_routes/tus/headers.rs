//! The headers of the TUS protocol (version 1.0.0): which values are legal, and what every answer carries.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONTENT_TYPE, HeaderName,
};
use axum::http::{HeaderMap, HeaderValue, Method};

use super::error::TusError;
use super::metadata::Metadata;

pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub const TUS_COMPLETE: HeaderName = HeaderName::from_static("tus-complete");
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
pub const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub const UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
pub const X_SIGNATURE: HeaderName = HeaderName::from_static("x-signature");

/// The version that is spoken.
pub const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// What of the protocol is served.
pub const EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,creation-defer-length,termination,expiration");
/// The type of the bytes of an upload.
const BYTES: &str = "application/offset+octet-stream";

// The lists of headers as the real server was recorded to send them.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Location, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Concat, \
     Upload-Defer-Length, Upload-Length, Upload-Metadata, Upload-Offset, X-HTTP-Method-Override, X-Requested-With, \
     X-Forwarded-Host, X-Forwarded-Proto, Forwarded,",
);
const ALLOWED: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Location, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Concat, \
     Upload-Defer-Length, Upload-Length, Upload-Metadata, Upload-Offset, X-HTTP-Method-Override, X-Requested-With, \
     X-Forwarded-Host, X-Forwarded-Proto, Forwarded, Authorization, X-Upsert, Upload-Expires, ApiKey, x-signature",
);

/// Lets pages of any origin read an answer.
pub fn open_to_pages(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// What `OPTIONS` tells.
pub fn tell_options(headers: &mut HeaderMap, most: u64) {
    headers.insert(TUS_VERSION, VERSION);
    headers.insert(TUS_EXTENSION, EXTENSIONS);
    headers.insert(TUS_MAX_SIZE, HeaderValue::from(most));
    let methods = HeaderValue::from_static("POST, HEAD, PATCH, OPTIONS, DELETE");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
}

/// Whether the values of the protocol's headers are legal, whichever the request needs.
pub fn check(method: &Method, headers: &HeaderMap) -> Result<(), TusError> {
    if method == Method::OPTIONS {
        return Ok(());
    }
    if !headers.contains_key(TUS_RESUMABLE) {
        return Err(TusError::VERSION_REQUIRED);
    }
    let invalid: Vec<&str> = headers
        .iter()
        .filter(|(name, value)| !is_legal(method, name, value))
        .map(|(name, _)| name.as_str())
        .collect();
    if invalid.is_empty() {
        Ok(())
    } else {
        Err(TusError::invalid_headers(&invalid))
    }
}

fn is_legal(method: &Method, name: &HeaderName, value: &HeaderValue) -> bool {
    // Clients put types of their own on requests without bytes.
    if name == CONTENT_TYPE {
        return method != Method::PATCH || value == BYTES;
    }
    match name.as_str() {
        "tus-resumable" | "tus-version" => value == VERSION,
        "upload-offset" | "upload-length" => number(value).is_some(),
        "upload-defer-length" => value == "1",
        "upload-metadata" => value.to_str().is_ok_and(|text| Metadata::parse(text).is_some()),
        "upload-concat" => value == "partial" || value.as_bytes().starts_with(b"final;"),
        "x-forwarded-proto" => value == "http" || value == "https",
        _ => true,
    }
}

/// Whether a body comes with the request that begins an upload.
pub fn brings_bytes(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value == BYTES)
}

/// A whole number as the protocol writes it: digits, no sign, no leading zeros.
fn number(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?;
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// The number in a header, if it is there.
pub fn read_number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name).and_then(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain() {
        for (text, expected) in [
            ("0", Some(0)),
            ("20", Some(20)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("020", None),
            ("+1", None),
            ("-1", None),
            ("1.0", None),
            ("", None),
            ("ten", None),
        ] {
            assert_eq!(number(&HeaderValue::from_str(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn illegal_values_are_named() {
        let mut headers = HeaderMap::new();
        assert_eq!(check(&Method::POST, &headers), Err(TusError::VERSION_REQUIRED));
        assert_eq!(check(&Method::OPTIONS, &headers), Ok(()));
        headers.insert(TUS_RESUMABLE, VERSION);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
        assert_eq!(check(&Method::POST, &headers), Ok(()));
        let refused = TusError::invalid_headers(&["content-type"]);
        assert_eq!(check(&Method::PATCH, &headers), Err(refused));
        headers.insert(TUS_RESUMABLE, HeaderValue::from_static("0.2.2"));
        let refused = TusError::invalid_headers(&["tus-resumable"]);
        assert_eq!(check(&Method::HEAD, &headers), Err(refused));
    }
}
