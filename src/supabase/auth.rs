//! The auth API (GoTrue): signing in with a password, refreshing, the user, signing out.
//! Source: supabase/auth at bc32168, and auth-js for what the official client sends.

use std::fmt;
use std::sync::Arc;

use ::http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::error::{Context, Error};
use super::{fault, lenient};
use crate::http::{Call, Http, Masker, Remembered, Reply, Retry, Secret};
use crate::workspace::{ApiKey, ProjectUrl};

/// Errors with the code as a word: `{code, message}`. auth-js asks for the same.
const API_VERSION: &str = "2024-01-01";
/// What an access token is good for if the server does not say: GoTrue's usual setting, in seconds.
const USUAL_LIFETIME: i64 = 3600;

/// The auth API of a project. Clones share everything.
#[derive(Clone, Debug)]
pub struct Auth {
    http: Http,
    url: ProjectUrl,
    key: ApiKey,
    /// The key stays hidden in the transcript as long as it may be sent.
    _hidden: Arc<Remembered>,
}

/// Who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// By e-mail address.
    Email(String),
    /// By telephone number, in the form of E.164.
    Phone(String),
}

/// What signing in takes.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Who.
    pub identity: Identity,
    /// The password, as it was typed.
    pub password: Secret,
    /// The answer to a captcha, where the project asks for one.
    pub captcha: Option<Secret>,
}

/// What a session lives by. Nothing of it is printed.
#[derive(Clone, PartialEq)]
pub struct Tokens {
    /// The JWT that calls carry.
    pub access: Secret,
    /// What the next pair is had for; good for one exchange.
    pub refresh: Secret,
    /// When the access token ends: seconds since 1970, by the clock of this computer, so that a wrong clock does no harm.
    pub expires_at: i64,
    /// Whose they are.
    pub user: User,
}

/// A user of the project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// A UUID.
    pub id: String,
    /// The e-mail address.
    #[serde(default, deserialize_with = "lenient::text")]
    pub email: Option<String>,
    /// The telephone number.
    #[serde(default, deserialize_with = "lenient::text")]
    pub phone: Option<String>,
    /// The database role: `authenticated`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub role: Option<String>,
    /// What an admin keeps with the user.
    #[serde(default, deserialize_with = "lenient::object")]
    pub app_metadata: Map<String, Value>,
    /// What the user keeps with the user.
    #[serde(default, deserialize_with = "lenient::object")]
    pub user_metadata: Map<String, Value>,
    /// When the user was made.
    #[serde(default, deserialize_with = "lenient::time")]
    pub created_at: Option<Timestamp>,
    /// When the user last gave the password.
    #[serde(default, deserialize_with = "lenient::time")]
    pub last_sign_in_at: Option<Timestamp>,
}

/// Which sessions are signed out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOut {
    /// The one whose token it is.
    This,
    /// All of the user's but that one.
    Others,
    /// All of the user's.
    All,
}

/// What the server says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Health {
    /// `GoTrue`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How a project lets people in, as far as this program can do it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// With an e-mail address and a password.
    pub email: bool,
    /// With a telephone number and a password.
    pub phone: bool,
    /// Nobody can make an account without an admin.
    pub signup_disabled: bool,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("expires_at", &self.expires_at)
            .field("user", &self.user.id)
            .finish_non_exhaustive()
    }
}

/// A text that is no stored session.
#[derive(Debug, thiserror::Error)]
#[error("what was stored is no session of this program")]
pub struct NotTokens;

impl Tokens {
    /// One text to keep in a vault.
    #[must_use]
    pub fn to_stored(&self) -> Secret {
        #[derive(Serialize)]
        struct Stored<'a> {
            access_token: &'a str,
            refresh_token: &'a str,
            expires_at: i64,
            user: &'a User,
        }
        let stored = Stored {
            access_token: self.access.expose(),
            refresh_token: self.refresh.expose(),
            expires_at: self.expires_at,
            user: &self.user,
        };
        // Texts, a number and JSON that came in as such always become JSON.
        let text = Zeroizing::new(serde_json::to_string(&stored).unwrap_or_default());
        Secret::exact(&text)
    }

    /// Reads what [`Tokens::to_stored`] wrote.
    ///
    /// # Errors
    /// If it is anything else. The text is not repeated.
    pub fn from_stored(text: &Secret) -> Result<Self, NotTokens> {
        let value: Value = serde_json::from_str(text.expose()).map_err(|_| NotTokens)?;
        let expires_at = value.get("expires_at").and_then(Value::as_i64).ok_or(NotTokens)?;
        Self::read(&value, expires_at).ok_or(NotTokens)
    }

    fn read(value: &Value, expires_at: i64) -> Option<Self> {
        let secret = |name: &str| {
            let text = value.get(name)?.as_str()?;
            // A header must be able to carry it.
            let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
            fits.then(|| Secret::exact(text))
        };
        Some(Self {
            access: secret("access_token")?,
            refresh: secret("refresh_token")?,
            expires_at,
            user: User::deserialize(value.get("user")?).ok()?,
        })
    }
}

impl Identity {
    /// The address or the number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(text) | Self::Phone(text) => text,
        }
    }
}

impl Auth {
    /// A handle. Nothing is sent. The key is hidden in the transcript until the last clone is dropped.
    #[must_use]
    pub fn new(http: Http, url: ProjectUrl, key: ApiKey) -> Self {
        let hidden = Arc::new(http.transcript().masker().remember_while(key.secret()));
        Self {
            http,
            url,
            key,
            _hidden: hidden,
        }
    }

    /// Signs in with an e-mail address.
    ///
    /// # Errors
    /// [`super::Class::BadKey`] with the code `invalid_credentials` if address or password are wrong; see
    /// [`super::Class`].
    pub async fn sign_in(&self, email: &str, password: &Secret) -> Result<Tokens, Error> {
        self.sign_in_with(&SignIn {
            identity: Identity::Email(email.to_owned()),
            password: password.clone(),
            captcha: None,
        })
        .await
    }

    /// Signs in.
    ///
    /// # Errors
    /// As [`Auth::sign_in`].
    pub async fn sign_in_with(&self, sign_in: &SignIn) -> Result<Tokens, Error> {
        // A server may repeat in its answer what it was sent.
        let masker = self.http.transcript().masker();
        let _password = masker.remember_while(&sign_in.password);
        let _captcha = sign_in.captcha.as_ref().map(|captcha| masker.remember_while(captcha));
        let mut body = match &sign_in.identity {
            Identity::Email(email) => json!({ "email": email.trim() }),
            Identity::Phone(phone) => json!({ "phone": phone.trim() }),
        };
        body["password"] = json!(sign_in.password.expose());
        if let Some(captcha) = &sign_in.captcha {
            body["gotrue_meta_security"] = json!({ "captcha_token": captcha.expose() });
        }
        let call = self
            .call(
                "Sign in",
                sign_in.identity.as_str(),
                Method::POST,
                "token?grant_type=password",
            )
            .json(body)
            // A second session is of no harm.
            .idempotent(true)
            .changes(false)
            .classify(never_guess_again);
        self.tokens(self.with_key(call)).await
    }

    /// Exchanges a refresh token. Each is good once: use [`super::Session`], which sees to that.
    ///
    /// # Errors
    /// [`super::Class::BadKey`] if the session has ended; see [`super::Class`].
    pub async fn refresh(&self, refresh: &Secret) -> Result<Tokens, Error> {
        let _hidden = self.http.transcript().masker().remember_while(refresh);
        let call = self
            .call(
                "Refresh the session",
                "",
                Method::POST,
                "token?grant_type=refresh_token",
            )
            .json(json!({ "refresh_token": refresh.expose() }))
            // The server answers the token before the present one again, since its answer may have been lost.
            .idempotent(true)
            .changes(false);
        self.tokens(self.with_key(call)).await
    }

    /// The user whose token it is, as of now.
    ///
    /// # Errors
    /// [`super::Class::BadKey`] if the session has ended; see [`super::Class`].
    pub async fn user(&self, access: &Secret) -> Result<User, Error> {
        let _hidden = self.http.transcript().masker().remember_while(access);
        let call = self.call("Look at the user", "", Method::GET, "user");
        let context = Context::from(&call);
        let reply = self.send(with_token(call, access)).await?;
        serde_json::from_slice(&reply.body).map_err(|_| unreadable(&context, &reply))
    }

    /// Signs out of the session whose token it is. A session that has ended already is no error.
    ///
    /// # Errors
    /// See [`super::Class`].
    pub async fn sign_out(&self, access: &Secret) -> Result<(), Error> {
        self.sign_out_of(access, SignOut::This).await
    }

    /// Signs out of several sessions of the user whose token it is.
    ///
    /// # Errors
    /// See [`super::Class`].
    pub async fn sign_out_of(&self, access: &Secret, sessions: SignOut) -> Result<(), Error> {
        let _hidden = self.http.transcript().masker().remember_while(access);
        let scope = match sessions {
            SignOut::This => "local",
            SignOut::Others => "others",
            SignOut::All => "global",
        };
        let call = self
            .call("Sign out", "", Method::POST, &format!("logout?scope={scope}"))
            .idempotent(true);
        match self.send(with_token(call, access)).await {
            Ok(_) => Ok(()),
            // As in auth-js: the token, the session or the user is gone, which is what was wanted.
            Err(error) if matches!(error.http_status, Some(401 | 403 | 404)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the auth API is there.
    ///
    /// # Errors
    /// See [`super::Class`].
    pub async fn health(&self) -> Result<Health, Error> {
        let call = self.call("Look at the auth server", "", Method::GET, "health");
        let context = Context::from(&call);
        let reply = self.send(self.with_key(call)).await?;
        serde_json::from_slice(&reply.body).map_err(|_| unreadable(&context, &reply))
    }

    /// How the project lets people in.
    ///
    /// # Errors
    /// See [`super::Class`].
    pub async fn settings(&self) -> Result<Settings, Error> {
        let call = self.call("Look at the sign-in settings", "", Method::GET, "settings");
        let context = Context::from(&call);
        let reply = self.send(self.with_key(call)).await?;
        let value: Value = serde_json::from_slice(&reply.body).map_err(|_| unreadable(&context, &reply))?;
        let is = |pointer: &str| value.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        if !value.is_object() {
            return Err(unreadable(&context, &reply));
        }
        Ok(Settings {
            email: is("/external/email"),
            phone: is("/external/phone"),
            signup_disabled: is("/disable_signup"),
        })
    }

    fn call(&self, operation: &'static str, target: &str, method: Method, path: &str) -> Call {
        Call::new(operation, target, method, format!("{}/auth/v1/{path}", self.url))
            .header("x-supabase-api-version", API_VERSION)
            .secret_header("apikey", "", self.key.secret())
            .classify(fault::retry)
    }

    fn with_key(&self, call: Call) -> Call {
        if self.key.is_bearer() {
            call.secret_header("authorization", "Bearer ", self.key.secret())
        } else {
            call
        }
    }

    async fn send(&self, call: Call) -> Result<Reply, Error> {
        let context = Context::from(&call);
        let sent = self.http.send(call).await;
        let reply = sent.map_err(|error| Error::from_network(&context, error))?;
        if reply.is_success() {
            Ok(reply)
        } else {
            Err(Error::from_reply(&context, &reply, self.http.transcript().masker()))
        }
    }

    async fn tokens(&self, call: Call) -> Result<Tokens, Error> {
        let context = Context::from(&call);
        let reply = self.send(call).await?;
        let value: Value = serde_json::from_slice(&reply.body).map_err(|_| unreadable(&context, &reply))?;
        let lifetime = value
            .get("expires_in")
            .and_then(Value::as_i64)
            .filter(|seconds| *seconds > 0)
            .unwrap_or(USUAL_LIFETIME);
        let expires_at = Timestamp::now().as_second().saturating_add(lifetime);
        Tokens::read(&value, expires_at).ok_or_else(|| unreadable(&context, &reply))
    }

    /// Hides tokens in the transcript until what this gives is dropped.
    pub(super) fn hide(&self, tokens: &Tokens) -> [Remembered; 2] {
        let masker = self.http.transcript().masker();
        [
            masker.remember_while(&tokens.access),
            masker.remember_while(&tokens.refresh),
        ]
    }
}

fn with_token(call: Call, access: &Secret) -> Call {
    call.secret_header("authorization", "Bearer ", access)
}

/// What a parser says of the body would repeat parts of it, and there are tokens in it. These words need no masking.
fn unreadable(context: &Context, reply: &Reply) -> Error {
    Error::unreadable(
        context,
        reply,
        &Masker::default(),
        "it is not what an auth server answers",
    )
}

/// A server that asks for a pause between passwords means the person, not the program.
fn never_guess_again(reply: &Reply) -> Retry {
    match fault::retry(reply) {
        Retry::Throttled { .. } if reply.status.as_u16() == 429 => Retry::Never,
        other => other,
    }
}

#[cfg(test)]
mod tests;
