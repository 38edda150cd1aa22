//! What a project's gateway does before a request reaches an API: it translates keys of the newer kind (`sb_…`), which
//! are no tokens, and answers browsers that ask whether a page of another site may call.
//!
//! As the Kong of `supabase start`: keys in `apikey` or, where a client repeats them, in `Authorization`; the token of a
//! user in `Authorization` goes before a key. A token in `apikey` alone is left alone: the storage server was recorded
//! without a gateway, and refuses it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_LENGTH, ORIGIN,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::access::bearer;
use super::secrets::Secrets;
use super::server::App;

const METHODS: &str = "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT";
/// What a page may send, if it does not say what it wants to: the official clients' headers, and those of resumable
/// uploads.
const ALLOWED: &str = "apikey,authorization,x-client-info,content-type,accept,accept-profile,content-profile,prefer,range,\
    range-unit,x-upsert,x-metadata,x-signature,x-supabase-api-version,cache-control,if-none-match,tus-resumable,\
    upload-length,upload-metadata,upload-offset,upload-defer-length,upload-concat,x-http-method-override,x-request-id";
/// What a page may read of an answer, beyond what every page may.
const EXPOSED: &str = "content-encoding,content-length,content-location,content-range,content-disposition,date,etag,\
    location,range-unit,preference-applied,link,x-total-count,x-sb-error-code,x-supabase-api-version,\
    x-transformations,tus-resumable,tus-version,tus-extension,tus-max-size,upload-length,upload-offset,\
    upload-metadata,upload-expires,upload-defer-length";
/// How long a browser may remember an answer to its question, in seconds.
const REMEMBER: &str = "3600";

/// Passes a request on to its API.
pub async fn pass(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let from_page = app.browsers && request.headers().contains_key(ORIGIN);
    if from_page && request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    {
        return preflight(request.headers());
    }
    translate(&app.secrets, request.headers_mut());
    let mut response = next.run(request).await;
    if from_page {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    response
}

/// Whatever a page asks for is allowed, since it needs a key for it: nothing here goes by cookies.
fn preflight(asked: &HeaderMap) -> Response {
    let wanted = asked
        .get(ACCESS_CONTROL_REQUEST_HEADERS)
        .cloned()
        .unwrap_or(HeaderValue::from_static(ALLOWED));
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBER));
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response
}

/// Puts the token that a key of the newer kind stands for into `Authorization`.
fn translate(secrets: &Secrets, headers: &mut HeaderMap) {
    let token = match bearer(headers) {
        Some(token) => secrets.translate(token),
        None => headers
            .get("apikey")
            .and_then(|key| key.to_str().ok())
            .and_then(|key| secrets.translate(key)),
    };
    if let Some(value) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
        headers.insert(AUTHORIZATION, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(pairs: &[(&'static str, &str)]) -> Option<String> {
        let mut headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (name.parse::<axum::http::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        translate(&Secrets::supabase_defaults(), &mut headers);
        headers
            .get(AUTHORIZATION)
            .map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn newer_keys_become_tokens_and_a_users_token_goes_before_them() {
        let secrets = Secrets::supabase_defaults();
        let key = secrets.secret_key().unwrap();
        let service = Some(format!("Bearer {}", secrets.service_key()));
        assert_eq!(translated(&[("apikey", key)]), service);
        assert_eq!(
            translated(&[("apikey", key), ("authorization", &format!("Bearer {key}"))]),
            service
        );
        let anon = Some(format!("Bearer {}", secrets.anon_key()));
        assert_eq!(translated(&[("apikey", secrets.publishable_key().unwrap())]), anon);
        let user = [("apikey", key), ("authorization", "Bearer eyJ.user.token")];
        assert_eq!(translated(&user), Some("Bearer eyJ.user.token".into()));
        assert_eq!(translated(&[("apikey", secrets.anon_key())]), None);
        assert_eq!(translated(&[("apikey", "sb_secret_unknown")]), None);
        assert_eq!(translated(&[]), None);
    }
}
