//! What somebody who is signed in may do with the own account: look at it, change it, sign out.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::body::Members;
use super::caller::SignedIn;
use super::error::AuthError;
use super::password::check_strength;
use super::user;
use crate::local::reply;
use crate::local::server::App;
use crate::local::store::session::Ending;
use crate::local::store::user::UserChange;

type Answer = Result<Response, AuthError>;

/// `GET /user`
pub async fn get(caller: SignedIn) -> Response {
    reply::ok(&user::json(&caller.user))
}

/// `PUT /user`: `password`, `data`, `email` and `phone`. There is no mail to confirm a new address with: it holds at once.
pub async fn update(State(app): State<Arc<App>>, caller: SignedIn, members: Members) -> Answer {
    let present = |name: &str| {
        members
            .text(name)
            .map(|text| Some(text).filter(|text| !text.is_empty()))
    };
    let email = present("email")?.map(user::email).transpose()?;
    let phone = present("phone")?.map(user::phone).transpose()?;
    let mut change = UserChange {
        confirm_email: email.is_some(),
        confirm_phone: phone.is_some(),
        email,
        phone,
        user_metadata: members.object("data")?,
        keep_session: caller.session.map(|session| session.id),
        ..UserChange::default()
    };
    if members.get("app_metadata").is_some() {
        return Err(AuthError::forbidden(
            "not_admin",
            "Updating app_metadata requires admin privileges",
        ));
    }
    if let Some(password) = members.secret("password")? {
        check_strength(&password)?;
        // Whoever has somebody's token must not be able to try passwords with it.
        if !app.auth.guesses.take(&caller.user.id) {
            return Err(AuthError::rate_limit());
        }
        let known = caller.user.password.as_ref();
        if known.is_some() && app.auth.hasher.verify(&password, known).await? {
            return Err(AuthError::unprocessable(
                "same_password",
                "New password should be different from the old password.",
            ));
        }
        change.password = Some(app.auth.hasher.hash(&password).await?);
    }
    let changed = app.store.update_user(&caller.user.id, change).await?;
    Ok(reply::ok(&user::json(&changed)))
}

/// The query of `/logout`.
#[derive(Deserialize)]
pub struct Scope {
    scope: Option<String>,
}

/// `POST /logout?scope=global|local|others`. Access tokens stay good for storage and tables until they expire, as on a
/// real project; refresh tokens of the sessions do not.
pub async fn sign_out(State(app): State<Arc<App>>, Query(query): Query<Scope>, caller: SignedIn) -> Answer {
    let ending = match query.scope.as_deref() {
        None | Some("" | "global") => Ending::All,
        Some("local") => Ending::This,
        Some("others") => Ending::Others,
        Some(other) => return Err(AuthError::invalid(format!("Unsupported logout scope {other:?}"))),
    };
    let session = caller.session.as_ref().map(|session| session.id.as_str());
    app.store.end_sessions(&caller.user.id, session, ending).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
