//! Sessions: who has signed in. A session counts how often its refresh token was exchanged; which tokens are good
//! follows from that number, so that none has to be kept.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use uuid::Uuid;

use super::user::{self, By, User};
use super::{Micros, Store, StoreError, now};

/// A session's row.
#[derive(Clone, Debug)]
pub struct Session {
    /// A UUID; `session_id` in the tokens.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// The number of the refresh token that is good now.
    pub counter: i64,
    /// When the password was given.
    pub created_at: Micros,
    /// When the refresh token was last exchanged.
    pub refreshed_at: Micros,
}

/// What came of a refresh token.
#[derive(Debug)]
pub enum Rotation {
    /// The session goes on; its present token is the one to hand out.
    Granted(Session, Box<User>),
    /// There is no such session any more.
    NoSession,
    /// The user is kept out.
    Banned,
    /// The token is one that this server cannot have given out yet.
    NotIssued,
    /// The token was exchanged before, and too long ago for a lost answer. Somebody else has it: the session is ended.
    AlreadyUsed,
}

/// Which sessions end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// This one.
    This,
    /// All of the user's but this one.
    Others,
    /// All of the user's.
    All,
}

impl Store {
    /// Opens a session for a user who has just given the password, and returns both as they are then.
    ///
    /// # Errors
    /// That the database failed; `None` if the user was removed meanwhile.
    pub async fn open_session(&self, user: &str) -> Result<Option<(Session, User)>, StoreError> {
        let id = user.to_owned();
        self.write(move |transaction| {
            let Some(mut user) = user::find(transaction, By::Id(&id))? else {
                return Ok(None);
            };
            let now = now();
            user.last_sign_in_at = Some(now);
            user.updated_at = now;
            user::save(transaction, &user)?;
            let session = Session {
                id: Uuid::new_v4().to_string(),
                user_id: id,
                counter: 0,
                created_at: now,
                refreshed_at: now,
            };
            transaction
                .prepare_cached(
                    "INSERT INTO sessions (id, user_id, counter, created_at, refreshed_at) VALUES (?1, ?2, 0, ?3, ?3)",
                )?
                .execute(params![session.id, session.user_id, now])?;
            Ok(Some((session, user)))
        })
        .await
    }

    /// Reads a session.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| find(connection, &id)).await
    }

    /// Exchanges the refresh token number `counter` of a session. As in GoTrue, the token before the present one may be
    /// shown again, since the answer with the present one may have been lost; and within `window` microseconds of an
    /// exchange any older one may, since several processes may have asked at once. All of them get the present one.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn rotate_session(&self, id: &str, counter: i64, window: Micros) -> Result<Rotation, StoreError> {
        let id = id.to_owned();
        self.write(move |transaction| {
            let Some(mut session) = find(transaction, &id)? else {
                return Ok(Rotation::NoSession);
            };
            let Some(user) = user::find(transaction, By::Id(&session.user_id))? else {
                return Ok(Rotation::NoSession);
            };
            if user.is_banned() {
                return Ok(Rotation::Banned);
            }
            let now = now();
            match session.counter - counter {
                ..0 => return Ok(Rotation::NotIssued),
                0 => {
                    session.counter += 1;
                    session.refreshed_at = now;
                    transaction
                        .prepare_cached("UPDATE sessions SET counter = ?2, refreshed_at = ?3 WHERE id = ?1")?
                        .execute(params![session.id, session.counter, session.refreshed_at])?;
                }
                1 => {}
                _ if (now - session.refreshed_at).abs() < window => {}
                _ => {
                    end(transaction, &session.id)?;
                    return Ok(Rotation::AlreadyUsed);
                }
            }
            Ok(Rotation::Granted(session, Box::new(user)))
        })
        .await
    }

    /// Ends sessions of a user. Ending what has ended is no error.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn end_sessions(&self, user: &str, session: Option<&str>, ending: Ending) -> Result<(), StoreError> {
        let (user, session) = (user.to_owned(), session.map(str::to_owned));
        self.write(move |transaction| match (ending, session) {
            (Ending::This, Some(session)) => end(transaction, &session),
            (Ending::Others, Some(session)) => end_all_but(transaction, &user, Some(&session)),
            // A token without a session cannot name one: all of them end, as in GoTrue.
            (Ending::All, _) | (_, None) => end_all_but(transaction, &user, None),
        })
        .await
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<Session>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id, user_id, counter, created_at, refreshed_at FROM sessions WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Session {
                id: row.get(0)?,
                user_id: row.get(1)?,
                counter: row.get(2)?,
                created_at: row.get(3)?,
                refreshed_at: row.get(4)?,
            })
        })
        .optional()?)
}

fn end(transaction: &Transaction<'_>, id: &str) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM sessions WHERE id = ?1", [id])?;
    Ok(())
}

/// Ends all sessions of a user but one.
pub(super) fn end_all_but(transaction: &Transaction<'_>, user: &str, keep: Option<&str>) -> Result<(), StoreError> {
    transaction.execute(
        "DELETE FROM sessions WHERE user_id = ?1 AND (?2 IS NULL OR id <> ?2)",
        params![user, keep],
    )?;
    Ok(())
}
