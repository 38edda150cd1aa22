//! `/token` and `/signup`: passwords and refresh tokens in, tokens out.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::body::Members;
use super::error::AuthError;
use super::password::check_strength;
use super::token::{RefreshToken, grant};
use super::user;
use crate::http::Secret;
use crate::local::reply;
use crate::local::server::App;
use crate::local::store::Micros;
use crate::local::store::session::Rotation;
use crate::local::store::user::{By, User, UserError};

type Answer = Result<Response, AuthError>;

/// Within this of an exchange, older refresh tokens are answered, too: ten seconds, GoTrue's usual setting.
const REUSE: Micros = 10_000_000;

/// The query of `/token`.
#[derive(Deserialize)]
pub struct Grant {
    grant_type: Option<String>,
}

/// `POST /token?grant_type=password|refresh_token`
pub async fn token(State(app): State<Arc<App>>, Query(query): Query<Grant>, members: Members) -> Answer {
    match query.grant_type.as_deref() {
        Some("password") => by_password(&app, &members).await,
        Some("refresh_token") => by_refresh_token(&app, &members).await,
        _ => Err(AuthError::bad_request("invalid_credentials", "unsupported_grant_type")),
    }
}

async fn by_password(app: &App, members: &Members) -> Answer {
    let (email, phone) = (members.text("email")?, members.text("phone")?);
    let password = members.secret("password")?.unwrap_or_else(|| Secret::exact(""));
    let name = match (email.is_empty(), phone.is_empty()) {
        (false, false) => {
            return Err(AuthError::invalid(
                "Only an email address or phone number should be provided on login.",
            ));
        }
        (true, true) => return Err(AuthError::invalid("missing email or phone")),
        (false, true) => email.to_lowercase(),
        (true, false) => user::phone_digits(phone),
    };
    if !app.auth.guesses.take(&name) {
        return Err(AuthError::rate_limit());
    }
    let by = if phone.is_empty() {
        By::Email(&name)
    } else {
        By::Phone(&name)
    };
    let found = app.store.user(by).await?;
    let hash = found.as_ref().and_then(|user| user.password.as_ref());
    let right = app.auth.hasher.verify(&password, hash).await?;
    // After the hash in any case: the time must not tell who is kept out.
    let user = found.filter(|_| right).ok_or_else(AuthError::invalid_credentials)?;
    app.auth.guesses.was_right(&name);
    if user.is_banned() {
        return Err(AuthError::bad_request("user_banned", "User is banned"));
    }
    if phone.is_empty() && user.email_confirmed_at.is_none() {
        return Err(AuthError::bad_request("email_not_confirmed", "Email not confirmed"));
    }
    if email.is_empty() && user.phone_confirmed_at.is_none() {
        return Err(AuthError::bad_request("phone_not_confirmed", "Phone not confirmed"));
    }
    open_session(app, &user.id).await
}

async fn open_session(app: &App, user: &str) -> Answer {
    let opened = app.store.open_session(user).await?;
    let (session, user) = opened.ok_or_else(AuthError::invalid_credentials)?;
    Ok(reply::ok(&grant(app, &session, &user)?))
}

async fn by_refresh_token(app: &App, members: &Members) -> Answer {
    let refuse = |code, why: &str| AuthError::bad_request(code, format!("Invalid Refresh Token: {why}"));
    let text = members.text("refresh_token")?;
    if text.is_empty() {
        return Err(AuthError::oauth("invalid_request", "refresh_token required"));
    }
    let token = RefreshToken::decode(app.secrets.jwt_secret(), text)
        .ok_or_else(|| refuse("refresh_token_not_found", "Refresh Token Not Found"))?;
    let session = token.session.to_string();
    match app.store.rotate_session(&session, token.counter, REUSE).await? {
        Rotation::Granted(session, user) => Ok(reply::ok(&grant(app, &session, &user)?)),
        Rotation::NoSession => Err(refuse("refresh_token_not_found", "Refresh Token Not Found")),
        Rotation::Banned => Err(refuse("user_banned", "User Banned")),
        Rotation::NotIssued => Err(refuse("validation_failed", "Not Issued By This Server")),
        Rotation::AlreadyUsed => Err(refuse("refresh_token_already_used", "Already Used")),
    }
}

/// `POST /signup`: off unless the server was started with it. There is no mail to confirm an address with, so that the
/// user is signed in at once.
pub async fn sign_up(State(app): State<Arc<App>>, members: Members) -> Answer {
    let (email, phone) = (members.text("email")?, members.text("phone")?);
    if email.is_empty() && phone.is_empty() {
        return Err(AuthError::unprocessable(
            "anonymous_provider_disabled",
            "Anonymous sign-ins are disabled",
        ));
    }
    if !app.auth.signup {
        return Err(AuthError::unprocessable(
            "signup_disabled",
            "Signups not allowed for this instance",
        ));
    }
    let password = members
        .secret("password")?
        .filter(|password| !password.expose().is_empty())
        .ok_or_else(|| AuthError::invalid("Signup requires a valid password"))?;
    check_strength(&password)?;
    if !email.is_empty() && !phone.is_empty() {
        return Err(AuthError::invalid(
            "Only an email address or phone number should be provided on signup.",
        ));
    }
    let email = (!email.is_empty()).then(|| user::email(email)).transpose()?;
    let phone = (!phone.is_empty()).then(|| user::phone(phone)).transpose()?;
    let now = crate::local::store::now();
    let fresh = User {
        id: Uuid::new_v4().to_string(),
        app_metadata: user::providers(email.as_deref(), phone.as_deref()),
        user_metadata: members.object("data")?,
        password: Some(app.auth.hasher.hash(&password).await?),
        role: "authenticated".into(),
        email_confirmed_at: email.as_ref().map(|_| now),
        phone_confirmed_at: phone.as_ref().map(|_| now),
        email,
        phone,
        last_sign_in_at: None,
        banned_until: None,
        created_at: now,
        updated_at: now,
    };
    let made = app.store.create_user(fresh).await.map_err(|error| match error {
        UserError::EmailTaken | UserError::PhoneTaken => {
            AuthError::unprocessable("user_already_exists", "User already registered")
        }
        other => other.into(),
    })?;
    open_session(&app, &made.id).await
}
