//! What the transcript is told of an attempt while it is under way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use jiff::Timestamp;

use super::Call;
use super::address::Address;
use super::body::Outgoing;
use super::error::NetworkClass;
use super::head::content_type;
use super::transcript::{BodyShown, Exchange, ExchangeId, Outcome, Transcript};

/// The record of an attempt. If it is dropped in the middle, it says so.
#[derive(Debug)]
pub(super) struct Record {
    transcript: Arc<Transcript>,
    exchange: Option<Exchange>,
    started: Instant,
}

impl Record {
    pub(super) fn start(
        transcript: &Arc<Transcript>,
        call: &Call,
        address: &Address,
        (id, attempt): (ExchangeId, u32),
        headers: &HeaderMap,
        body: Option<&Outgoing>,
    ) -> Self {
        let masker = transcript.masker();
        let exchange = Exchange {
            id,
            operation: call.operation,
            target: masker.text(&call.target),
            method: call.method.clone(),
            url: masker.text(address.url.as_str()),
            request_headers: transcript.mask_headers(headers),
            request_body: body.map_or(BodyShown::Empty, |body| match &body.shown {
                Some(bytes) => transcript.mask_body(bytes, Some(&body.content_type)),
                None => BodyShown::Binary,
            }),
            request_size: body.map_or(0, |body| body.source.length()),
            status: None,
            response_headers: Vec::new(),
            response_body: BodyShown::Empty,
            response_size: 0,
            started_at: Timestamp::now(),
            waited: Duration::ZERO,
            first_byte: None,
            duration: None,
            attempt,
            outcome: Outcome::Pending,
        };
        transcript.record(exchange.clone());
        Self {
            transcript: Arc::clone(transcript),
            exchange: Some(exchange),
            started: Instant::now(),
        }
    }

    /// It is sent now; until now it waited for its turn.
    pub(super) fn sent(&mut self) {
        let waited = self.started.elapsed();
        self.started = Instant::now();
        if let Some(exchange) = &mut self.exchange {
            exchange.waited = waited;
        }
    }

    /// The head of the answer is here.
    pub(super) fn head(&mut self, status: StatusCode, headers: &HeaderMap) {
        if let Some(exchange) = &mut self.exchange {
            exchange.status = Some(status);
            exchange.response_headers = self.transcript.mask_headers(headers);
            exchange.first_byte = Some(self.started.elapsed());
        }
    }

    /// More of the answer's body is here.
    pub(super) fn received(&mut self, bytes: usize) {
        if let Some(exchange) = &mut self.exchange {
            exchange.response_size += bytes as u64;
        }
    }

    /// The whole answer is here.
    pub(super) fn answered(&mut self, body: &Bytes, headers: &HeaderMap) {
        if let Some(exchange) = &mut self.exchange {
            exchange.response_body = self.transcript.mask_body(body, content_type(headers));
        }
        self.end(Outcome::Answered);
    }

    /// A body that nobody keeps has come to its end.
    pub(super) fn ended(&mut self) {
        if let Some(exchange) = &mut self.exchange
            && exchange.response_size > 0
        {
            exchange.response_body = BodyShown::Binary;
        }
        self.end(Outcome::Answered);
    }

    /// It failed, and this is what is said about it, masked.
    pub(super) fn failed(&mut self, class: NetworkClass, sentence: String) {
        self.end(Outcome::Failed { class, sentence });
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(mut exchange) = self.exchange.take() {
            exchange.duration = Some(self.started.elapsed());
            exchange.outcome = outcome;
            tracing::debug!(
                id = exchange.id.0,
                operation = exchange.operation,
                target = exchange.target,
                status = exchange.status.map(|status| status.as_u16()),
                attempt = exchange.attempt,
                waited = ?exchange.waited,
                duration = ?exchange.duration,
                outcome = ?exchange.outcome,
                "exchange"
            );
            self.transcript.record(exchange);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(exchange) = &mut self.exchange
            && exchange.response_size > 0
        {
            exchange.response_body = BodyShown::Binary;
        }
        self.end(Outcome::Cancelled);
    }
}
