//! The client understands every answer of a real storage server: each recorded one becomes its type or its error.
//!
//! `wire/storage-v1.jsonl` holds exchanges with supabase/storage 4fa61fb (2026-08-21). A server on this machine gives
//! each recorded answer to the call that it belongs to.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may panic and may talk")]

mod case;

use std::sync::Arc;

use case::{Case, cases};
use storymimi_studio::http::{Http, Transcript};
use storymimi_studio::supabase::Class;

/// Answers that are read otherwise than their status says, and as what.
const READ_OTHERWISE: &[(&str, Otherwise)] = &[
    (
        "manage: remove one missing",
        Otherwise::Success("nothing to remove is told as such, not as an error"),
    ),
    (
        "manage: remove as anon",
        Otherwise::Error(
            Class::BucketNotFound,
            "an empty answer is believed of a bucket that the key may see",
        ),
    ),
    (
        "object: head missing",
        Otherwise::Error(Class::NotFound, "a refusal without words is asked about again"),
    ),
    (
        "object: upload key with 1025 characters",
        Otherwise::Error(
            Class::Unexpected,
            "the client names no such key, and another one is not believed",
        ),
    ),
];

enum Otherwise {
    Success(&'static str),
    Error(Class, &'static str),
}

#[tokio::test]
async fn every_recorded_answer_becomes_its_type_or_its_error() {
    let http = Http::new(Arc::new(Transcript::default())).unwrap();
    let (mut values, mut errors, mut otherwise) = (0, 0, 0);
    for case in cases() {
        let case = Arc::new(case);
        let result = case.call(&http).await;
        let exception = READ_OTHERWISE.iter().find(|(name, _)| *name == case.name);
        match (result, exception) {
            (Ok(()), Some((_, Otherwise::Success(reason)))) => {
                println!("{}: {reason}", case.name);
                otherwise += 1;
            }
            (Err(error), Some((_, Otherwise::Error(class, reason)))) => {
                assert_eq!(error.class, *class, "{}: {reason}", case.name);
                otherwise += 1;
            }
            (result, Some(_)) => panic!("{}: listed, but is read as its status says: {result:?}", case.name),
            (Ok(()), None) => {
                assert!(case.status < 400, "{}", case.name);
                values += 1;
            }
            (Err(error), None) => {
                errors += 1;
                assert!(case.status >= 400, "{}: {error}", case.name);
                assert_eq!(error.http_status, Some(case.status), "{}", case.name);
                assert_eq!(error.code.as_deref(), case.json["code"].as_str(), "{}", case.name);
                let status = &case.json["statusCode"];
                let status = status.as_u64().or_else(|| status.as_str()?.parse().ok());
                assert_eq!(error.status_in_body.map(u64::from), status, "{}", case.name);
                let said = case.json["message"]
                    .as_str()
                    .unwrap_or(std::str::from_utf8(&case.body).unwrap());
                if case.method != "HEAD" {
                    assert_eq!(error.message, said.trim(), "{}", case.name);
                }
                assert_eq!(error.class, expected_class(&case), "{}", case.name);
                assert!(!error.hint().is_empty() && error.exchange.is_some());
            }
        }
    }
    println!("{values} answers became values, {errors} errors, {otherwise} something else than their status says");
    assert_eq!((values + errors + otherwise, otherwise), (193, READ_OTHERWISE.len()));
}

/// The class by the real status and a few words, told without the client's own table.
fn expected_class(case: &Case) -> Class {
    let status = &case.json["statusCode"];
    let status = status
        .as_u64()
        .or_else(|| status.as_str()?.parse().ok())
        .unwrap_or(u64::from(case.status));
    let text = String::from_utf8_lossy(&case.body);
    let about_key = ["JWS", "signature", "exp\\\" claim", "InvalidJWT", "'authorization'"]
        .iter()
        .any(|words| text.contains(words));
    match status {
        400 | 403 if about_key => Class::BadKey,
        403 => Class::Forbidden,
        404 if text.contains("Bucket not found") => Class::BucketNotFound,
        404 => Class::NotFound,
        409 if text.contains("NotEmpty") => Class::NotEmpty,
        409 if text.contains("Upload-Offset") => Class::Busy,
        409 => Class::Exists,
        413 => Class::TooLarge,
        415 => Class::WrongType,
        _ => Class::Invalid,
    }
}
