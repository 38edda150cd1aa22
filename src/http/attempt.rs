//! One attempt at a call: the request, and its answer or what went wrong.

use std::sync::Arc;

use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, USER_AGENT};
use ::http::{HeaderMap, StatusCode};
use bytes::{Bytes, BytesMut};
use jiff::Timestamp;

use super::address::Address;
use super::body::Outgoing;
use super::error::{NetworkClass, classify};
use super::record::Record;
use super::sending::{Sending, is_empty};
use super::streaming::Streaming;
use super::transcript::ExchangeId;
use super::{Call, Head, Http, Reply};

/// Bytes of a refusal that are read when its caller wants a stream: it is an error's text.
const REFUSAL: usize = 1 << 20;
/// Most memory that is set aside for an answer because its head says that it is so long.
const ANNOUNCED: usize = 16 << 20;

/// Why one attempt brought no answer.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) class: NetworkClass,
    pub(super) may_have_arrived: bool,
    pub(super) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What an attempt brings.
pub(super) enum Answer {
    /// An answer with all of its body.
    Whole(Reply),
    /// A success whose body is still to come.
    Open(Streaming),
}

/// What an attempt is made with.
pub(super) struct Attempt<'a> {
    pub(super) http: &'a Http,
    pub(super) client: &'a reqwest::Client,
    pub(super) call: &'a Call,
    pub(super) address: &'a Address,
    pub(super) body: Option<&'a Outgoing>,
    pub(super) sending: &'a Arc<Sending>,
    pub(super) id: ExchangeId,
    /// From 1.
    pub(super) number: u32,
    /// Whether the body of a success is left to be read by the caller.
    pub(super) open: bool,
}

impl Trouble {
    /// Trouble with the connection, or with what was to be sent through it.
    pub(super) fn lost(error: reqwest::Error, encrypted: bool, sending: &Sending) -> Self {
        let never = error.is_connect() || error.is_builder();
        let class = classify(&error, encrypted);
        match sending.take_failure() {
            Some(failure) if !sending.is_held() => Self::source(failure),
            _ => Self {
                class,
                may_have_arrived: !never && sending.may_have_arrived(),
                source: Some(error.without_url().into()),
            },
        }
    }

    fn source(failure: std::io::Error) -> Self {
        Self {
            class: NetworkClass::Source,
            may_have_arrived: false,
            source: Some(failure.into()),
        }
    }

    fn stalled(error: super::stall::Stalled, sending: &Sending) -> Self {
        Self {
            class: NetworkClass::Stalled,
            may_have_arrived: sending.may_have_arrived(),
            source: Some(error.into()),
        }
    }

    fn too_large(sending: &Sending) -> Self {
        Self {
            class: NetworkClass::TooLarge,
            may_have_arrived: sending.may_have_arrived(),
            source: None,
        }
    }

    /// What is said about it; not masked yet.
    pub(super) fn sentence(&self, origin: &str) -> String {
        match (&self.class, &self.source) {
            (NetworkClass::Source, Some(source)) => {
                format!("What was to be sent could not be read: {source}. Nothing was stored.")
            }
            _ => self.class.sentence(origin),
        }
    }
}

impl Attempt<'_> {
    pub(super) async fn make(self) -> Result<Answer, Trouble> {
        let headers = self.headers()?;
        let transcript = self.http.transcript();
        let numbers = (self.id, self.number);
        let mut record = Record::start(transcript, self.call, self.address, numbers, &headers, self.body);
        match self.exchange(headers, &mut record).await {
            Ok((status, headers, Received::Whole(body))) => {
                record.answered(&body, &headers);
                Ok(Answer::Whole(Reply {
                    head: self.head(status, headers),
                    body,
                }))
            }
            Ok((status, headers, Received::Open(response))) => {
                let head = self.head(status, headers);
                Ok(Answer::Open(Streaming::new(&self, record, head, response)))
            }
            Err(trouble) => {
                let sentence = transcript.masker().text(&trouble.sentence(&self.address.origin));
                record.failed(trouble.class, sentence);
                Err(trouble)
            }
        }
    }

    fn headers(&self) -> Result<HeaderMap, Trouble> {
        let mut headers = self.call.headers.clone();
        headers.insert(USER_AGENT, HeaderValue::from_static(Http::USER_AGENT));
        if let Some(body) = self.body {
            headers.insert(CONTENT_LENGTH, body.source.length().into());
            let content_type = HeaderValue::from_str(&body.content_type).map_err(|error| Trouble {
                class: NetworkClass::Request,
                may_have_arrived: false,
                source: Some(error.into()),
            })?;
            headers.insert(CONTENT_TYPE, content_type);
        }
        Ok(headers)
    }

    fn head(&self, status: StatusCode, headers: HeaderMap) -> Head {
        Head {
            status,
            headers,
            exchange: self.id,
            attempts: self.number,
        }
    }

    async fn exchange(
        &self,
        headers: HeaderMap,
        record: &mut Record,
    ) -> Result<(StatusCode, HeaderMap, Received), Trouble> {
        let (sending, address) = (self.sending, self.address);
        self.http.turn(address).await;
        record.sent();
        let method = self.call.method.clone();
        let mut request = self.client.request(method, address.url.clone()).headers(headers);
        match self.body {
            None => {}
            Some(body) if body.source.length() == 0 => {
                match is_empty(&body.source).await {
                    Ok(true) => {}
                    Ok(false) => {
                        let more =
                            std::io::Error::new(std::io::ErrorKind::InvalidData, "there is more of it than before");
                        return Err(Trouble::source(more));
                    }
                    Err(failure) => return Err(Trouble::source(failure)),
                }
                request = request.body(Bytes::new());
            }
            Some(body) => request = request.body(sending.body(body.source.clone())),
        }
        let sent_at = Timestamp::now();
        sending.start();
        let stall = self.call.stall;
        let mut response = sending
            .activity
            .watch(stall, request.send())
            .await
            .map_err(|stalled| Trouble::stalled(stalled, sending))?
            .map_err(|error| Trouble::lost(error, address.is_encrypted(), sending))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        record.head(status, &headers);
        self.http.learn(address, &headers, &response, sent_at);
        if status.as_u16() >= 400 && sending.is_incomplete() {
            sending.hold();
        }
        if self.open && status.is_success() {
            return Ok((status, headers, Received::Open(response)));
        }
        let most = if self.open {
            self.call.most.min(REFUSAL)
        } else {
            self.call.most
        };
        let announced = response.content_length().unwrap_or_default();
        if announced > most as u64 {
            return Err(Trouble::too_large(sending));
        }
        // A server's word for the size is not worth much memory before the bytes are here. Up to here it is, so that they
        // are not moved while they gather: the system gives it out as it is written to.
        let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or_default().min(ANNOUNCED));
        loop {
            let chunk = match sending.activity.watch(stall, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                // A server that refuses before it has read all often hangs up behind its answer. Its status is an
                // answer all the same, with as much of a reason as came through.
                Ok(Err(_)) | Err(_) if sending.is_held() => break,
                Ok(Err(error)) => return Err(Trouble::lost(error, address.is_encrypted(), sending)),
                Err(stalled) => return Err(Trouble::stalled(stalled, sending)),
            };
            if body.len() + chunk.len() > most {
                return Err(Trouble::too_large(sending));
            }
            record.received(chunk.len());
            body.extend_from_slice(&chunk);
        }
        Ok((status, headers, Received::Whole(body.freeze())))
    }
}

enum Received {
    Whole(Bytes),
    Open(reqwest::Response),
}
