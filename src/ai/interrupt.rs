//! Tells a server to stop when nobody waits for it any more.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Ai;
use crate::http::{Call, Http};

/// A call that is made when this is dropped before it was disarmed: the work that it stops was given up.
pub(super) struct Interrupt {
    http: Http,
    call: Option<Call>,
    armed: AtomicBool,
}

impl Interrupt {
    pub(super) fn new(ai: &Ai, operation: &'static str, call: Call) -> Self {
        Self {
            http: ai.http.clone(),
            call: Some(call.doing(operation).endpoint("interrupt")),
            armed: AtomicBool::new(true),
        }
    }

    /// The work has ended; there is nothing to stop.
    pub(super) fn disarm(&self) {
        self.armed.store(false, Ordering::Relaxed);
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // Without a runtime the program is closing, and the server goes on with what it has.
        if self.armed.load(Ordering::Relaxed)
            && let (Some(call), Ok(runtime)) = (self.call.take(), tokio::runtime::Handle::try_current())
        {
            let http = self.http.clone();
            // Whether it was heard changes nothing here: nobody waits for what it would say.
            runtime.spawn(async move { http.send(call).await });
        }
    }
}
