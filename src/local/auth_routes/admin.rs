//! `/admin/users`: the list of users, for the service key.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::LINK;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::NewUserError;
use super::body::Members;
use super::caller::Admin;
use super::error::AuthError;
use super::password::check_strength;
use super::token::AUDIENCE;
use super::user;
use crate::http::Secret;
use crate::local::reply;
use crate::local::server::App;
use crate::local::store::user::{By, User, UserChange, UserError};
use crate::local::store::{Micros, now};

type Answer = Result<Response, AuthError>;

/// Users on a page if the request says nothing.
const PAGE: u64 = 50;
const X_TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// The query of the list.
#[derive(Deserialize)]
pub struct ListParams {
    page: Option<String>,
    per_page: Option<String>,
    filter: Option<String>,
}

/// `GET /admin/users?page=&per_page=&filter=`
pub async fn list(State(app): State<Arc<App>>, _: Admin, Query(params): Query<ListParams>) -> Answer {
    let number = |text: &Option<String>, default: u64| match text.as_deref() {
        None | Some("") => Ok(default),
        Some(text) => text
            .parse::<u64>()
            .map_err(|error| AuthError::invalid(format!("Bad Pagination Parameters: {error}"))),
    };
    let page = number(&params.page, 1)?.max(1);
    let per_page = number(&params.per_page, PAGE)?.clamp(1, 1000);
    let filter = params.filter.filter(|filter| !filter.is_empty());
    let offset = (page - 1).saturating_mul(per_page);
    let (users, total) = app.store.users(filter, per_page, offset).await?;
    let rows: Vec<Value> = users.iter().map(user::json).collect();
    let mut response = reply::ok(&json!({ "users": rows, "aud": AUDIENCE }));
    let last = total.div_ceil(per_page);
    let at = |page: u64| format!("</admin/users?page={page}&per_page={per_page}>");
    let mut links = String::new();
    if last > page {
        links = format!("{}; rel=\"next\", ", at(page + 1));
    }
    links.push_str(&format!("{}; rel=\"last\"", at(last)));
    let headers = response.headers_mut();
    headers.insert(X_TOTAL_COUNT, HeaderValue::from(total));
    if let Ok(links) = HeaderValue::from_str(&links) {
        headers.insert(LINK, links);
    }
    Ok(response)
}

/// The user of a path.
async fn found(app: &App, id: &str) -> Result<User, AuthError> {
    let id = Uuid::try_parse(id).map_err(|_| AuthError::not_found("validation_failed", "user_id must be an UUID"))?;
    let found = app.store.user(By::Id(&id.to_string())).await?;
    found.ok_or_else(|| UserError::NoSuchUser.into())
}

/// `GET /admin/users/{id}`
pub async fn get(State(app): State<Arc<App>>, _: Admin, Path(id): Path<String>) -> Answer {
    Ok(reply::ok(&user::json(&found(&app, &id).await?)))
}

/// `POST /admin/users`
pub async fn create(State(app): State<Arc<App>>, _: Admin, members: Members) -> Answer {
    let given = Given::read(&members)?;
    if given.email.is_none() && given.phone.is_none() {
        return Err(AuthError::invalid(
            "Cannot create a user without either an email or phone",
        ));
    }
    let id = match members.text("id")? {
        "" => Uuid::new_v4(),
        id => Uuid::try_parse(id)
            .ok()
            .filter(|id| !id.is_nil())
            .ok_or_else(|| AuthError::invalid("ID must conform to the uuid v4 format"))?,
    };
    let password = match given.password.filter(|password| !password.expose().is_empty()) {
        Some(password) => Some(app.auth.hasher.hash(&password).await?),
        None => None,
    };
    let now = now();
    let mut app_metadata = user::providers(given.email.as_deref(), given.phone.as_deref());
    app_metadata.extend(given.app_metadata);
    let fresh = User {
        id: id.to_string(),
        password,
        role: given.role.unwrap_or_else(|| "authenticated".into()),
        email_confirmed_at: given.confirm_email.then_some(now),
        phone_confirmed_at: given.confirm_phone.then_some(now),
        email: given.email,
        phone: given.phone,
        last_sign_in_at: None,
        banned_until: given.banned_until.flatten(),
        app_metadata,
        user_metadata: given.user_metadata,
        created_at: now,
        updated_at: now,
    };
    let made = app.store.create_user(fresh).await?;
    Ok(reply::ok(&user::json(&made)))
}

/// `PUT /admin/users/{id}`
pub async fn update(State(app): State<Arc<App>>, _: Admin, Path(id): Path<String>, members: Members) -> Answer {
    let user = found(&app, &id).await?;
    let given = Given::read(&members)?;
    let password = match given.password {
        Some(password) => {
            check_strength(&password)?;
            Some(app.auth.hasher.hash(&password).await?)
        }
        None => None,
    };
    let change = UserChange {
        email: given.email,
        phone: given.phone,
        password,
        keep_session: None,
        role: given.role,
        confirm_email: given.confirm_email,
        confirm_phone: given.confirm_phone,
        banned_until: given.banned_until,
        app_metadata: given.app_metadata,
        user_metadata: given.user_metadata,
    };
    let changed = app.store.update_user(&user.id, change).await?;
    Ok(reply::ok(&user::json(&changed)))
}

/// `DELETE /admin/users/{id}`. A body may ask for soft deletion, which keeps the row; that is not served.
pub async fn delete(
    State(app): State<Arc<App>>,
    _: Admin,
    Path(id): Path<String>,
    members: Result<Members, AuthError>,
) -> Answer {
    let user = found(&app, &id).await?;
    // Clients send no body as well as one.
    if members.is_ok_and(|members| members.boolean("should_soft_delete").unwrap_or(false)) {
        return Err(AuthError::unprocessable(
            "feature_disabled",
            "This server does not keep deleted users; delete without should_soft_delete",
        ));
    }
    app.store.delete_user(&user.id).await?;
    Ok(reply::ok(&json!({})))
}

/// Makes a user with this address and password, or gives the one that is there the password.
pub(super) async fn ensure(app: &App, email: String, password: &Secret) -> Result<(), NewUserError> {
    let failed = |error: AuthError| NewUserError::Password(error.message().to_owned());
    let hash = app.auth.hasher.hash(password).await.map_err(failed)?;
    let now = now();
    let found = app.store.user(By::Email(&email)).await.map_err(UserError::from)?;
    let Some(known) = found else {
        let fresh = User {
            id: Uuid::new_v4().to_string(),
            app_metadata: user::providers(Some(&email), None),
            user_metadata: serde_json::Map::new(),
            email: Some(email),
            phone: None,
            password: Some(hash),
            role: "authenticated".into(),
            email_confirmed_at: Some(now),
            phone_confirmed_at: None,
            last_sign_in_at: None,
            banned_until: None,
            created_at: now,
            updated_at: now,
        };
        app.store.create_user(fresh).await?;
        return Ok(());
    };
    // Sessions go on if the password is what it was.
    let same = app.auth.hasher.verify(password, known.password.as_ref()).await;
    if same.map_err(failed)? {
        return Ok(());
    }
    let change = UserChange {
        password: Some(hash),
        confirm_email: true,
        ..UserChange::default()
    };
    app.store.update_user(&known.id, change).await?;
    Ok(())
}

/// What an admin says about a user.
struct Given {
    email: Option<String>,
    phone: Option<String>,
    password: Option<Secret>,
    role: Option<String>,
    confirm_email: bool,
    confirm_phone: bool,
    banned_until: Option<Option<Micros>>,
    app_metadata: serde_json::Map<String, Value>,
    user_metadata: serde_json::Map<String, Value>,
}

impl Given {
    fn read(members: &Members) -> Result<Self, AuthError> {
        let present = |name: &str| {
            members
                .text(name)
                .map(|text| Some(text).filter(|text| !text.is_empty()))
        };
        if members.get("password_hash").is_some() {
            return Err(AuthError::invalid("password_hash is not taken by this server"));
        }
        Ok(Self {
            email: present("email")?.map(user::email).transpose()?,
            phone: present("phone")?.map(user::phone).transpose()?,
            password: members.secret("password")?,
            role: present("role")?.map(|role| role.trim().to_owned()),
            confirm_email: members.boolean("email_confirm")?,
            confirm_phone: members.boolean("phone_confirm")?,
            banned_until: present("ban_duration")?.map(banned_until).transpose()?,
            app_metadata: members.object("app_metadata")?,
            user_metadata: members.object("user_metadata")?,
        })
    }
}

/// The moment after which a user may come in again: Go's form of a duration from now on, or `none`.
fn banned_until(text: &str) -> Result<Option<Micros>, AuthError> {
    if text == "none" {
        return Ok(None);
    }
    let refuse = || {
        AuthError::invalid(format!(
            "invalid format for ban duration: time: invalid duration {text:?}"
        ))
    };
    let micros = go_duration(text).ok_or_else(refuse)?;
    Ok(Some(now().saturating_add(micros)))
}

/// `1h30m`, `24h`, `1.5h`: microseconds.
fn go_duration(text: &str) -> Option<Micros> {
    const UNITS: [(&str, f64); 6] = [
        ("ns", 1e-3),
        ("us", 1.0),
        ("ms", 1e3),
        ("s", 1e6),
        ("m", 60e6),
        ("h", 3600e6),
    ];
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let number_ends = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(number_ends);
        let unit_ends = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_ends);
        let factor = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        sum += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    #[expect(clippy::cast_possible_truncation, reason = "what is longer than a life saturates")]
    (!text.is_empty() && sum.is_finite()).then_some(sum as Micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(go_duration("1h30m"), Some(5_400_000_000));
        assert_eq!(go_duration("1.5s"), Some(1_500_000));
        assert_eq!(go_duration("876600h"), Some(876_600 * 3_600_000_000));
        for bad in ["", "h", "1", "1d", "-1h", "1h2", "1..2h"] {
            assert_eq!(go_duration(bad), None, "{bad}");
        }
    }
}
