//! Calls without a key: public URLs and signed ones, which carry their own permission.

use std::sync::Arc;

use super::Supabase;
use super::client::Answer;
use super::error::{Context, Error};
use crate::http::Call;

impl Supabase {
    /// Sends a call as anybody would: no key, no token of a user.
    pub(super) async fn send_open(&self, call: Call) -> Result<Answer, Error> {
        let context = Context::from(&call);
        let reply = self
            .http()
            .send(call)
            .await
            .map_err(|error| Error::from_network(&context, error))?;
        if reply.is_success() || reply.status == ::http::StatusCode::NOT_MODIFIED {
            let transcript = Arc::clone(self.http().transcript());
            return Ok(Answer {
                reply,
                context,
                transcript,
            });
        }
        Err(Error::from_reply(&context, &reply, self.http().transcript().masker()))
    }
}
