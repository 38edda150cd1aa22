//! A user's session with a project: always a good access token, however many ask for it, across restarts and beside
//! other processes that hold the same session.
//!
//! A refresh token is good once. So one exchange goes on at a time, all who ask meanwhile share its outcome, it is not
//! stopped when they stop waiting, and its tokens are kept before anybody gets them: whatever moment the program dies at,
//! what was kept is good, or is the token before the present one, which the server still takes.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jiff::Timestamp;

use super::auth::{Auth, Tokens, User};
use super::error::{Class, Error};
use crate::http::{Remembered, Secret};

/// Tokens are exchanged this long before their end, in seconds, so that none ends on its way to the server.
const AHEAD: i64 = 60;
/// After an exchange failed while the token is still good, the next one is tried no sooner; and a token that is refused
/// sooner after it came is not what the refusal is about.
const PAUSE: Duration = Duration::from_secs(10);
/// Tokens that stay hidden in the transcript, the present ones included: answers to calls that were made with the ones
/// before may still be on their way.
const HIDDEN: usize = 4;
const OPERATION: &str = "Stay signed in";

/// Holds others off a session's tokens until it is dropped.
pub type Turn = Box<dyn Send>;

/// Where a session's tokens are kept between starts. Its calls may block; they are made off the async threads.
pub trait SessionKeeper: Send + Sync {
    /// Waits until nobody else, in whichever process, exchanges the tokens of this session. It gives up after a while:
    /// whoever holds them that long has been stopped in the middle, and may never go on.
    ///
    /// # Errors
    /// If it gave up, or could not ask. The exchange then goes on all the same, as the server's grace allows.
    fn turn(&self) -> io::Result<Turn> {
        Ok(Box::new(()))
    }

    /// What is kept now, if that is known: another process may have exchanged the tokens meanwhile.
    ///
    /// # Errors
    /// If it cannot be read.
    fn load(&self) -> io::Result<Option<Tokens>> {
        Ok(None)
    }

    /// Keeps new tokens in the place of the old ones. They are not used before this returns.
    ///
    /// # Errors
    /// If they could not be kept.
    fn keep(&self, tokens: &Tokens) -> io::Result<()>;

    /// Forgets them: the session has ended.
    ///
    /// # Errors
    /// If they are still there.
    fn forget(&self) -> io::Result<()>;
}

/// A keeper for a session that ends with the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThisRunOnly;

impl SessionKeeper for ThisRunOnly {
    fn keep(&self, _: &Tokens) -> io::Result<()> {
        Ok(())
    }

    fn forget(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Somebody who is signed in. Clones share the session.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Inner>,
}

struct Inner {
    auth: Auth,
    keeper: Arc<dyn SessionKeeper>,
    state: Mutex<State>,
}

/// What all who asked during one exchange get.
type Exchange = Shared<BoxFuture<'static, Result<Tokens, Arc<Error>>>>;

struct State {
    tokens: Tokens,
    /// The latest tokens, the newest last.
    hidden: VecDeque<Hidden>,
    /// Tokens that came but could not be kept yet; not to be used before they are.
    unkept: Option<Tokens>,
    exchange: Option<Exchange>,
    not_before: Option<Instant>,
    /// When the server last granted tokens.
    granted: Option<Instant>,
    /// Set when the session has ended; everybody gets this error from then on.
    ended: Option<Arc<Error>>,
}

/// Tokens that the transcript does not show.
struct Hidden {
    tokens: Tokens,
    _guards: [Remembered; 2],
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user", &self.user().id)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session with tokens that are kept already, or are about to be by whoever signed in.
    #[must_use]
    pub fn new(auth: Auth, tokens: Tokens, keeper: Arc<dyn SessionKeeper>) -> Self {
        let hidden = Hidden::by(&auth, &tokens);
        Self {
            shared: Arc::new(Inner {
                auth,
                keeper,
                state: Mutex::new(State {
                    tokens,
                    hidden: VecDeque::from([hidden]),
                    unkept: None,
                    exchange: None,
                    not_before: None,
                    granted: None,
                    ended: None,
                }),
            }),
        }
    }

    /// Whose session it is, as of the last exchange.
    #[must_use]
    pub fn user(&self) -> User {
        self.state().tokens.user.clone()
    }

    /// Whether it has ended, so that only signing in helps.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state().ended.is_some()
    }

    /// The auth API that it is a session of.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.shared.auth
    }

    /// A token that is good now; exchanged first where its end is near.
    ///
    /// # Errors
    /// [`Class::BadKey`] if the session has ended: sign in again. Anything else passes, and the session goes on.
    pub async fn access_token(&self) -> Result<Secret, Error> {
        let exchange = {
            let mut state = self.state();
            if let Some(ended) = &state.ended {
                return Err(ended.again());
            }
            if state.unkept.is_none() && remaining(&state.tokens) > AHEAD {
                return Ok(state.tokens.access.clone());
            }
            let still_good = state.unkept.is_none() && remaining(&state.tokens) > 0;
            if still_good && state.not_before.is_some_and(|until| Instant::now() < until) {
                return Ok(state.tokens.access.clone());
            }
            self.exchange(&mut state)
        };
        match exchange.await {
            Ok(tokens) => self.unless_ended(tokens),
            Err(error) => self.despite(&error),
        }
    }

    /// Another token than `stale`, which the server has just refused; None if that one was granted a moment ago, so that
    /// the refusal stands: another would be refused as well, and so on with each call.
    ///
    /// # Errors
    /// As [`Session::access_token`].
    pub async fn renewed(&self, stale: &Secret) -> Result<Option<Secret>, Error> {
        let exchange = {
            let mut state = self.state();
            if let Some(ended) = &state.ended {
                return Err(ended.again());
            }
            if state.unkept.is_none() && state.tokens.access != *stale {
                return Ok(Some(state.tokens.access.clone()));
            }
            if state.unkept.is_none() && state.granted.is_some_and(|at| at.elapsed() < PAUSE) {
                return Ok(None);
            }
            self.exchange(&mut state)
        };
        let tokens = exchange.await.map_err(|error| error.again())?;
        self.unless_ended(tokens).map(Some)
    }

    /// Signs out and forgets the tokens. They are forgotten here in any case; what could not be said to the server ends
    /// there by itself.
    ///
    /// # Errors
    /// If the server did not hear of it, or the kept tokens could not be removed.
    pub async fn sign_out(&self) -> Result<(), Error> {
        let told = match self.access_token().await {
            Ok(access) => self.shared.auth.sign_out(&access).await,
            Err(error) if error.class == Class::BadKey => Ok(()),
            Err(error) => Err(error),
        };
        let forgotten = self.end(Error::session(
            OPERATION,
            Class::BadKey,
            Some("session_not_found"),
            "you have signed out",
        ));
        told.and(forgotten.await)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody gets a token after signing out, not even one that was on its way.
    fn unless_ended(&self, tokens: Tokens) -> Result<Secret, Error> {
        match &self.state().ended {
            Some(ended) => Err(ended.again()),
            None => Ok(tokens.access),
        }
    }

    /// A token that is still good serves although a new one could not be had.
    fn despite(&self, error: &Arc<Error>) -> Result<Secret, Error> {
        let mut state = self.state();
        if state.ended.is_none() && state.unkept.is_none() && remaining(&state.tokens) > 0 {
            state.not_before = Some(Instant::now() + PAUSE);
            return Ok(state.tokens.access.clone());
        }
        Err(error.again())
    }

    /// Joins the exchange that is going on, or begins one.
    fn exchange(&self, state: &mut State) -> Exchange {
        if let Some(exchange) = &state.exchange {
            return exchange.clone();
        }
        let session = self.clone();
        // A task of its own: those who asked may go away, but a token that was exchanged must be kept.
        let task = tokio::spawn(async move {
            let _over = Over(session.clone());
            let outcome = session.run().await.map_err(Arc::new);
            let mut state = session.state();
            if outcome.is_ok()
                && let Some(ended) = &state.ended
            {
                return Err(Arc::clone(ended));
            }
            if let Ok(tokens) = &outcome {
                state.tokens = tokens.clone();
                state.unkept = None;
                state.not_before = None;
            }
            outcome
        });
        let exchange = async move {
            task.await.unwrap_or_else(|stopped| {
                let (class, why) = if stopped.is_panic() {
                    (
                        Class::Busy,
                        "the session could not be renewed, by a fault of this program",
                    )
                } else {
                    (Class::Cancelled, "the program is closing")
                };
                Err(Arc::new(Error::session(OPERATION, class, None, why)))
            })
        }
        .boxed()
        .shared();
        state.exchange = Some(exchange.clone());
        exchange
    }

    /// One exchange, from what another process may have kept to new tokens that are kept.
    async fn run(&self) -> Result<Tokens, Error> {
        // Kept to the end: who reads the tokens before the new ones are kept would exchange the same one again.
        let _turn = self.blocking(|keeper| keeper.turn()).await.ok();
        let (known, unkept) = {
            let state = self.state();
            (state.tokens.clone(), state.unkept.clone())
        };
        if let Some(tokens) = unkept {
            return self.keep(tokens).await;
        }
        let mut using = known.clone();
        if let Some(kept) = self.load().await
            && kept.refresh != known.refresh
        {
            self.same_user(&known, &kept)?;
            if remaining(&kept) > AHEAD {
                return Ok(kept);
            }
            using = kept;
        }
        match self.shared.auth.refresh(&using.refresh).await {
            Ok(tokens) => self.keep(tokens).await,
            Err(error) if ends_session(&error) => {
                // Another process may have been faster by a moment.
                match self.load().await {
                    Some(kept) if kept.refresh != using.refresh && remaining(&kept) > 0 => {
                        self.same_user(&known, &kept)?;
                        Ok(kept)
                    }
                    _ => {
                        // What cannot be forgotten is worthless: the server does not take it any more.
                        let _ = self.end(error.again()).await;
                        Err(error)
                    }
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the session if what is kept is somebody else's by now: who asked as one user must not act as another.
    fn same_user(&self, known: &Tokens, kept: &Tokens) -> Result<(), Error> {
        if known.user.id == kept.user.id {
            return Ok(());
        }
        let error = || {
            Error::session(
                OPERATION,
                Class::BadKey,
                Some("session_not_found"),
                "signed in as somebody else meanwhile, in another window of this program",
            )
        };
        // Their tokens stay where they are.
        self.state().ended = Some(Arc::new(error()));
        Err(error())
    }

    async fn load(&self) -> Option<Tokens> {
        // Without what was kept the tokens in memory are as good.
        let kept = self.blocking(|keeper| keeper.load()).await.ok().flatten();
        if let Some(tokens) = &kept {
            self.hide(tokens);
        }
        kept
    }

    async fn keep(&self, tokens: Tokens) -> Result<Tokens, Error> {
        self.hide(&tokens);
        {
            let mut state = self.state();
            state.unkept = Some(tokens.clone());
            state.granted = Some(Instant::now());
        }
        let keeping = tokens.clone();
        self.blocking(move |keeper| keeper.keep(&keeping))
            .await
            .map_err(|error| {
                Error::session(
                    OPERATION,
                    Class::Busy,
                    Some("session_not_saved"),
                    format!("the renewed session could not be saved: {error}"),
                )
            })?;
        // Signed out meanwhile: what was just kept must not outlive that.
        let ended = self.state().ended.as_ref().map(|error| error.again());
        if let Some(ended) = ended {
            let _ = self.forget().await;
            return Err(ended);
        }
        Ok(tokens)
    }

    /// Hides tokens that came in, and forgets those that nothing is made with any more.
    fn hide(&self, tokens: &Tokens) {
        let hidden = Hidden::by(&self.shared.auth, tokens);
        let mut state = self.state();
        // Those that come again are the latest ones again.
        state.hidden.retain(|known| known.tokens != hidden.tokens);
        state.hidden.push_back(hidden);
        if state.hidden.len() > HIDDEN {
            state.hidden.pop_front();
        }
    }

    async fn end(&self, why: Error) -> Result<(), Error> {
        self.state().ended = Some(Arc::new(why));
        self.forget().await.map_err(|error| {
            Error::session(
                OPERATION,
                Class::Busy,
                Some("session_not_removed"),
                format!("the saved session could not be removed: {error}"),
            )
        })
    }

    /// Has what is kept forgotten, unless it is somebody else's by now.
    async fn forget(&self) -> io::Result<()> {
        let user = self.user().id;
        self.blocking(move |keeper| match keeper.load() {
            Ok(Some(kept)) if kept.user.id != user => Ok(()),
            _ => keeper.forget(),
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SessionKeeper) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let keeper = Arc::clone(&self.shared.keeper);
        tokio::task::spawn_blocking(move || work(keeper.as_ref()))
            .await
            .unwrap_or_else(|stopped| Err(io::Error::other(stopped)))
    }
}

/// Lets the next one who asks begin a new exchange when this one is over, however it ended.
struct Over(Session);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.state().exchange = None;
    }
}

impl Hidden {
    fn by(auth: &Auth, tokens: &Tokens) -> Self {
        Self {
            tokens: tokens.clone(),
            _guards: auth.hide(tokens),
        }
    }
}

/// Seconds that the access token is still good for.
fn remaining(tokens: &Tokens) -> i64 {
    tokens.expires_at.saturating_sub(Timestamp::now().as_second())
}

/// Whether the error ends a session: there is no way back but to sign in.
fn ends_session(error: &Error) -> bool {
    match error.code.as_deref() {
        Some(
            "refresh_token_not_found"
            | "refresh_token_already_used"
            | "session_not_found"
            | "session_expired"
            | "user_banned",
        ) => true,
        Some("user_not_found") => error.http_status != Some(404),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
