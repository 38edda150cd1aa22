//! Users: who may sign in. What their passwords are hashed with is not known here.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde_json::{Map, Value};

use super::{Micros, Store, StoreError, now, session};
use crate::local::jsonb;

/// The tables, a migration of [`schema`](super::schema).
pub(super) const TABLES: &str = "
    CREATE TABLE users (
        id TEXT PRIMARY KEY,
        email TEXT UNIQUE,
        phone TEXT UNIQUE,
        password TEXT,
        role TEXT NOT NULL,
        email_confirmed_at INTEGER,
        phone_confirmed_at INTEGER,
        last_sign_in_at INTEGER,
        banned_until INTEGER,
        app_metadata TEXT NOT NULL,
        user_metadata TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        counter INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        refreshed_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX sessions_by_user ON sessions (user_id);
";

/// A user's row.
#[derive(Clone, Debug)]
pub struct User {
    /// A UUID; `sub` in the user's tokens, and the owner of what the user uploads.
    pub id: String,
    /// In lower case.
    pub email: Option<String>,
    /// Digits only.
    pub phone: Option<String>,
    /// The hash of the password; without one nobody can sign in with a password.
    pub password: Option<PasswordHash>,
    /// The database role that the user's tokens stand for: `authenticated`.
    pub role: String,
    /// Until this is set the address cannot be used for signing in.
    pub email_confirmed_at: Option<Micros>,
    /// The same for the telephone number.
    pub phone_confirmed_at: Option<Micros>,
    /// When the user last gave the password.
    pub last_sign_in_at: Option<Micros>,
    /// Until then the user is kept out.
    pub banned_until: Option<Micros>,
    /// What an admin keeps with the user.
    pub app_metadata: Map<String, Value>,
    /// What the user keeps with the user.
    pub user_metadata: Map<String, Value>,
    /// When the user was made.
    pub created_at: Micros,
    /// When the row last changed.
    pub updated_at: Micros,
}

/// A hash of a password, in the usual text form. Not printed: it could be guessed against.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a user was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// There is no user of that id.
    #[error("there is no such user")]
    NoSuchUser,
    /// Another user has the e-mail address.
    #[error("the e-mail address belongs to another user")]
    EmailTaken,
    /// Another user has the telephone number.
    #[error("the telephone number belongs to another user")]
    PhoneTaken,
    /// Another user has the id.
    #[error("the id belongs to another user")]
    IdTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for UserError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What to change about a user; what is left out stays.
#[derive(Debug, Default)]
pub struct UserChange {
    /// Another address.
    pub email: Option<String>,
    /// Another telephone number.
    pub phone: Option<String>,
    /// Another password. All sessions end but the one that [`UserChange::keep_session`] names.
    pub password: Option<PasswordHash>,
    /// The session in which the password is changed.
    pub keep_session: Option<String>,
    /// Another role.
    pub role: Option<String>,
    /// Confirm the address.
    pub confirm_email: bool,
    /// Confirm the telephone number.
    pub confirm_phone: bool,
    /// Until when to keep the user out; `Some(None)` lets the user in again.
    pub banned_until: Option<Option<Micros>>,
    /// Members to set; null removes one.
    pub app_metadata: Map<String, Value>,
    /// Members to set; null removes one.
    pub user_metadata: Map<String, Value>,
}

impl User {
    /// Whether the user is kept out at this moment.
    #[must_use]
    pub fn is_banned(&self) -> bool {
        self.banned_until.is_some_and(|until| until > now())
    }

    fn apply(&mut self, change: UserChange) {
        let now = now();
        self.email = change.email.or(self.email.take());
        self.phone = change.phone.or(self.phone.take());
        self.password = change.password.or(self.password.take());
        self.role = change.role.unwrap_or_else(|| std::mem::take(&mut self.role));
        if change.confirm_email {
            self.email_confirmed_at.get_or_insert(now);
        }
        if change.confirm_phone {
            self.phone_confirmed_at.get_or_insert(now);
        }
        if let Some(until) = change.banned_until {
            self.banned_until = until;
        }
        merge(&mut self.app_metadata, change.app_metadata);
        merge(&mut self.user_metadata, change.user_metadata);
        self.updated_at = now;
    }
}

/// Sets the members; null removes one.
fn merge(into: &mut Map<String, Value>, members: Map<String, Value>) {
    for (name, value) in members {
        if value.is_null() {
            into.shift_remove(&name);
        } else {
            into.insert(name, value);
        }
    }
}

/// What a user is found by.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// The id.
    Id(&'a str),
    /// The address, in lower case.
    Email(&'a str),
    /// The telephone number, digits only.
    Phone(&'a str),
}

const COLUMNS: &str = "id, email, phone, password, role, email_confirmed_at, phone_confirmed_at, last_sign_in_at, \
     banned_until, app_metadata, user_metadata, created_at, updated_at";

impl Store {
    /// Makes a user; the times of making and of the last change are set here.
    ///
    /// # Errors
    /// That the id, the address or the number is taken.
    pub async fn create_user(&self, mut user: User) -> Result<User, UserError> {
        self.write(move |transaction| {
            if find(transaction, By::Id(&user.id))?.is_some() {
                return Err(UserError::IdTaken);
            }
            check_free(transaction, &user)?;
            user.created_at = now();
            user.updated_at = user.created_at;
            let sql = format!(
                "INSERT INTO users ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
            );
            write(transaction, &sql, &user)?;
            Ok(user)
        })
        .await
    }

    /// Finds a user.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn user(&self, by: By<'_>) -> Result<Option<User>, StoreError> {
        let (column, value) = by.column();
        let (column, value) = (column, value.to_owned());
        self.read(move |connection| find_by(connection, column, &value)).await
    }

    /// Changes a user, and returns the row as it is then.
    ///
    /// # Errors
    /// That there is no such user, or that another one has the new address or number.
    pub async fn update_user(&self, id: &str, mut change: UserChange) -> Result<User, UserError> {
        let id = id.to_owned();
        self.write(move |transaction| {
            let mut user = find(transaction, By::Id(&id))?.ok_or(UserError::NoSuchUser)?;
            let (new_password, keep) = (change.password.is_some(), change.keep_session.take());
            user.apply(change);
            check_free(transaction, &user)?;
            save(transaction, &user)?;
            if new_password {
                session::end_all_but(transaction, &id, keep.as_deref())?;
            }
            Ok(user)
        })
        .await
    }

    /// Removes a user with all sessions. What the user made stays.
    ///
    /// # Errors
    /// That there is no such user.
    pub async fn delete_user(&self, id: &str) -> Result<(), UserError> {
        let id = id.to_owned();
        self.write(
            move |transaction| match transaction.execute("DELETE FROM users WHERE id = ?1", [&id])? {
                0 => Err(UserError::NoSuchUser),
                _ => Ok(()),
            },
        )
        .await
    }

    /// A page of users, the newest first, and how many there are in all. `filter` is part of an address.
    ///
    /// # Errors
    /// That the database failed.
    pub async fn users(&self, filter: Option<String>, limit: u64, offset: u64) -> Result<(Vec<User>, u64), StoreError> {
        self.read(move |connection| {
            let matches = "?1 IS NULL OR instr(lower(email), lower(?1)) > 0
                 OR instr(lower(user_metadata ->> 'full_name'), lower(?1)) > 0";
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let mut select = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM users WHERE {matches} ORDER BY created_at DESC, id LIMIT ?2 OFFSET ?3"
            ))?;
            let users = select
                .query_map(params![filter, number(limit), number(offset)], read)?
                .collect::<Result<Vec<_>, _>>()?;
            let total: i64 = connection
                .prepare_cached(&format!("SELECT count(*) FROM users WHERE {matches}"))?
                .query_row([&filter], |row| row.get(0))?;
            Ok((users, u64::try_from(total).unwrap_or_default()))
        })
        .await
    }
}

impl<'a> By<'a> {
    fn column(self) -> (&'static str, &'a str) {
        match self {
            Self::Id(id) => ("id", id),
            Self::Email(email) => ("email", email),
            Self::Phone(phone) => ("phone", phone),
        }
    }
}

/// Finds a user within a transaction.
pub(super) fn find(connection: &Connection, by: By<'_>) -> Result<Option<User>, StoreError> {
    let (column, value) = by.column();
    find_by(connection, column, value)
}

fn find_by(connection: &Connection, column: &str, value: &str) -> Result<Option<User>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE {column} = ?1"))?
        .query_row([value], read)
        .optional()?)
}

/// Whether nobody else has the user's address or number.
fn check_free(transaction: &Transaction<'_>, user: &User) -> Result<(), UserError> {
    let taken = |by: By<'_>| Ok::<_, UserError>(find(transaction, by)?.is_some_and(|other| other.id != user.id));
    if let Some(email) = &user.email
        && taken(By::Email(email))?
    {
        return Err(UserError::EmailTaken);
    }
    if let Some(phone) = &user.phone
        && taken(By::Phone(phone))?
    {
        return Err(UserError::PhoneTaken);
    }
    Ok(())
}

/// Writes a changed row.
pub(super) fn save(transaction: &Transaction<'_>, user: &User) -> Result<(), StoreError> {
    let sql = "UPDATE users SET email = ?2, phone = ?3, password = ?4, role = ?5, email_confirmed_at = ?6,
         phone_confirmed_at = ?7, last_sign_in_at = ?8, banned_until = ?9, app_metadata = ?10, user_metadata = ?11,
         updated_at = ?13
         WHERE id = ?1";
    write(transaction, sql, user)
}

/// Runs a statement whose parameters are numbered as [`COLUMNS`]; it may leave some out, but not the last.
fn write(transaction: &Transaction<'_>, sql: &str, user: &User) -> Result<(), StoreError> {
    transaction.prepare_cached(sql)?.execute(params![
        user.id,
        user.email,
        user.phone,
        user.password.as_ref().map(|hash| &hash.0),
        user.role,
        user.email_confirmed_at,
        user.phone_confirmed_at,
        user.last_sign_in_at,
        user.banned_until,
        text(&user.app_metadata),
        text(&user.user_metadata),
        user.created_at,
        user.updated_at,
    ])?;
    Ok(())
}

fn text(members: &Map<String, Value>) -> String {
    jsonb::normal(Value::Object(members.clone())).to_string()
}

fn read(row: &Row<'_>) -> rusqlite::Result<User> {
    let members = |at: usize| {
        let text: String = row.get(at)?;
        Ok::<_, rusqlite::Error>(serde_json::from_str(&text).unwrap_or_default())
    };
    Ok(User {
        id: row.get(0)?,
        email: row.get(1)?,
        phone: row.get(2)?,
        password: row.get::<_, Option<String>>(3)?.map(PasswordHash),
        role: row.get(4)?,
        email_confirmed_at: row.get(5)?,
        phone_confirmed_at: row.get(6)?,
        last_sign_in_at: row.get(7)?,
        banned_until: row.get(8)?,
        app_metadata: members(9)?,
        user_metadata: members(10)?,
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
    })
}
