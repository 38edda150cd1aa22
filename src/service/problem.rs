//! What is shown when something fails: three lines, the same in the window and on the command line.

use serde::Serialize;

use crate::http::ExchangeId;
use crate::media::MediaType;

/// A failure as people see it. Each room has its own error type; at the service it becomes one of these.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// What happened, and what is still safe.
    pub what: String,
    /// What to do about it. Empty only if there is nothing to do.
    pub advice: String,
    /// For those who look closer: HTTP status, the server's own code, request id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub technical: String,
    /// The server's own code, if it gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The HTTP status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The field of a form it belongs beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// Whether trying the same again may help.
    pub retry: bool,
    /// What would help in its place: a picture that its bucket does not take, saved as another kind.
    #[serde(skip)]
    pub save_as: Option<SaveAs>,
    /// The request it came from, in the transcript.
    #[serde(skip)]
    pub exchange: Option<ExchangeId>,
}

/// How a picture that was not taken can be saved so that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaveAs {
    /// As what.
    pub kind: MediaType,
    /// What was wrong, in a few words for a small place.
    pub why: &'static str,
}

impl SaveAs {
    /// The words of the button: "Retry as WebP".
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.kind {
            MediaType::Jpeg => "Retry as JPEG",
            MediaType::Png => "Retry as PNG",
            _ => "Retry as WebP",
        }
    }
}

impl Problem {
    /// A failure that no server was asked about.
    #[must_use]
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            advice: advice.into(),
            technical: String::new(),
            code: None,
            http_status: None,
            field: None,
            retry: false,
            save_as: None,
            exchange: None,
        }
    }

    /// Puts it beside a field of a form.
    #[must_use]
    pub fn beside(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// Says that trying again may help.
    #[must_use]
    pub fn worth_a_retry(mut self) -> Self {
        self.retry = true;
        self
    }

    /// The work ended before it had a result, e.g. because the program is closing.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new("The work was stopped before it had a result.", "Start it again.").worth_a_retry()
    }

    /// What and advice in one text.
    #[must_use]
    pub fn sentences(&self) -> String {
        if self.advice.is_empty() {
            self.what.clone()
        } else {
            format!("{} {}", self.what, self.advice)
        }
    }
}
