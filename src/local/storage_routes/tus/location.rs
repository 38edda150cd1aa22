//! The URL of an upload, absolute: clients keep it and come back to it after hours. It is built from where the client thinks
//! it is: `Host`, or what a proxy in front says.

use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HOST};

use crate::local::storage_routes::PREFIX;

/// The URL of the upload with this last segment.
pub fn location(headers: &HeaderMap, signed: bool, segment: &str) -> String {
    let forwarded = header(headers, FORWARDED.as_str()).unwrap_or_default();
    let proto = parameter(forwarded, "proto")
        .or_else(|| header(headers, "x-forwarded-proto"))
        .filter(|proto| matches!(*proto, "http" | "https"))
        .unwrap_or("http");
    let forwarded_host = header(headers, "x-forwarded-host");
    let host = parameter(forwarded, "host")
        .or(forwarded_host)
        .filter(|host| is_host(host))
        .or_else(|| header(headers, HOST.as_str()).filter(|host| is_host(host)))
        .unwrap_or("localhost");
    let port = header(headers, "x-forwarded-port")
        .filter(|port| forwarded_host.is_some() && !matches!(*port, "443" | "80"))
        .filter(|port| port.parse::<u16>().is_ok());
    let host = match port {
        Some(port) => format!("{}:{port}", without_port(host)),
        None => host.to_owned(),
    };
    let before = header(headers, "x-forwarded-prefix")
        .filter(|prefix| is_path(prefix))
        .unwrap_or_default()
        .trim_end_matches('/');
    let kind = if signed { "/sign" } else { "" };
    format!("{proto}://{host}{before}{PREFIX}/upload/resumable{kind}/{segment}")
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}

/// A parameter of the first element of a `Forwarded` header (RFC 7239).
fn parameter<'a>(forwarded: &'a str, name: &str) -> Option<&'a str> {
    let first = forwarded.split(',').next()?;
    first
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim_matches('"'))
}

/// Whether it can stand as the host of a URL: what comes from a client comes back in a URL.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_' | b'~'))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn url(headers: &[(&'static str, &'static str)]) -> String {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        location(&headers, false, "id")
    }

    #[test]
    fn it_is_where_the_client_is() {
        let path = "/storage/v1/upload/resumable/id";
        for (headers, base) in [
            (&[("host", "127.0.0.1:54321")][..], "http://127.0.0.1:54321"),
            (&[("host", "a:1"), ("x-forwarded-proto", "https")], "https://a:1"),
            (
                &[("host", "a:1"), ("x-forwarded-host", "b.example")],
                "http://b.example",
            ),
            (
                &[("host", "a"), ("x-forwarded-host", "b:1"), ("x-forwarded-port", "8443")],
                "http://b:8443",
            ),
            (
                &[("host", "a"), ("x-forwarded-host", "[::1]"), ("x-forwarded-port", "81")],
                "http://[::1]:81",
            ),
            (
                &[("host", "a"), ("x-forwarded-host", "b"), ("x-forwarded-port", "443")],
                "http://b",
            ),
            (
                &[("host", "a"), ("forwarded", "for=x;host=\"c:2\";proto=https")],
                "https://c:2",
            ),
            (&[("host", "a"), ("x-forwarded-prefix", "/studio/")], "http://a/studio"),
            (&[("host", "a"), ("x-forwarded-prefix", "//evil")], "http://a"),
            (&[("host", "a"), ("x-forwarded-host", "b/@c")], "http://a"),
            (&[], "http://localhost"),
        ] {
            assert_eq!(url(headers), format!("{base}{path}"), "{headers:?}");
        }
        assert!(location(&HeaderMap::new(), true, "id").ends_with("/upload/resumable/sign/id"));
    }
}
