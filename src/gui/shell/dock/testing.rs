//! Events made by hand.

use std::time::Duration;

use ::http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::http::{BodyShown, Exchange, ExchangeId, Outcome};
use crate::service::{Job, JobId, JobState, Progress, Subject};

/// An upload that was answered with 200.
pub(super) fn exchange(id: u64, operation: &'static str) -> Exchange {
    Exchange {
        id: ExchangeId(id),
        operation,
        target: "story-images/scene_6.png".to_owned(),
        method: Method::POST,
        url: "http://127.0.0.1:54321/storage/v1/object/story-images/scene_6.png".to_owned(),
        request_headers: vec![("apikey".to_owned(), "eyJ…abc".to_owned())],
        request_body: BodyShown::Binary,
        request_size: 6_800_000,
        status: Some(StatusCode::OK),
        response_headers: Vec::new(),
        response_body: text("{}"),
        response_size: 2,
        started_at: at(i64::try_from(id).unwrap()),
        waited: Duration::ZERO,
        first_byte: Some(Duration::from_millis(96)),
        duration: Some(Duration::from_millis(412)),
        attempt: 1,
        outcome: Outcome::Answered,
    }
}

/// One that was refused.
pub(super) fn refused(id: u64, operation: &'static str, status: u16, body: &str) -> Exchange {
    Exchange {
        status: Some(StatusCode::from_u16(status).unwrap()),
        response_body: text(body),
        ..exchange(id, operation)
    }
}

/// A text as a body.
pub(super) fn text(text: &str) -> BodyShown {
    BodyShown::Text {
        text: text.to_owned(),
        complete: true,
    }
}

/// A moment.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

/// A job that ended after three seconds.
pub(super) fn job(id: JobId, state: JobState) -> Job {
    Job {
        id,
        title: "Create story".to_owned(),
        target: "Pip and the Lost Star".to_owned(),
        subject: Subject::None,
        started: at(0),
        ended: state.is_over().then(|| at(3)),
        progress: Progress::default(),
        state,
    }
}
