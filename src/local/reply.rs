//! Answers that all rooms of the server share in form: JSON with its charset, and times as the wire has them.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::fmt::temporal;
use serde::Serialize;

use crate::local::store::Micros;

/// A JSON answer with the content type that storage-api sends.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let (status, text) = match serde_json::to_vec(body) {
        Ok(text) => (status, text),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            (StatusCode::INTERNAL_SERVER_ERROR, Vec::new())
        }
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

/// A 200 with JSON.
pub fn ok(body: &impl Serialize) -> Response {
    json(StatusCode::OK, body)
}

/// `{"message": …}`, as many calls answer.
pub fn message(text: &str) -> Response {
    #[derive(Serialize)]
    struct Message<'a> {
        message: &'a str,
    }
    ok(&Message { message: text })
}

fn timestamp(micros: Micros) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}

/// `2026-01-31T12:00:00.000Z`, as storage-api prints times.
pub fn iso(micros: Micros) -> String {
    const PRINTER: temporal::DateTimePrinter = temporal::DateTimePrinter::new().precision(Some(3));
    PRINTER.timestamp_to_string(&timestamp(micros))
}

/// `Sat, 31 Jan 2026 12:00:00 GMT`, as HTTP headers have it.
pub fn http_date(micros: Micros) -> String {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&timestamp(micros))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_as_on_the_wire() {
        let micros = 1_769_860_800_123_456;
        assert_eq!(iso(micros), "2026-01-31T12:00:00.123Z");
        assert_eq!(iso(1_769_860_800_000_000), "2026-01-31T12:00:00.000Z");
        assert_eq!(iso(1_769_860_799_999_999), "2026-01-31T11:59:59.999Z");
        assert_eq!(http_date(micros), "Sat, 31 Jan 2026 12:00:00 GMT");
    }
}
