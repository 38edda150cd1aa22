//! A user as GoTrue's JSON has it, and the forms of addresses and numbers.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::AuthError;
use super::token::AUDIENCE;
use crate::local::store::Micros;
use crate::local::store::user::User;

/// The user, as every answer with one has it.
pub fn json(user: &User) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    put("id", json!(user.id));
    put("aud", json!(AUDIENCE));
    put("role", json!(user.role));
    put("email", json!(user.email.as_deref().unwrap_or_default()));
    let mut time = |name: &str, at: Option<Micros>| {
        if let Some(at) = at {
            put(name, time(at));
        }
    };
    time("email_confirmed_at", user.email_confirmed_at);
    time("phone_confirmed_at", user.phone_confirmed_at);
    time("confirmed_at", user.email_confirmed_at.or(user.phone_confirmed_at));
    time("last_sign_in_at", user.last_sign_in_at);
    time("banned_until", user.banned_until.filter(|_| user.is_banned()));
    put("phone", json!(user.phone.as_deref().unwrap_or_default()));
    put("app_metadata", Value::Object(user.app_metadata.clone()));
    put("user_metadata", Value::Object(user.user_metadata.clone()));
    put("identities", identities(user));
    put("created_at", self::time(user.created_at));
    put("updated_at", self::time(user.updated_at));
    put("is_anonymous", json!(false));
    Value::Object(body)
}

/// What the user can be told by: one for the address, one for the number.
fn identities(user: &User) -> Value {
    let of = |provider: &str, value: &Option<String>| {
        let value = value.as_deref()?;
        let namespace = Uuid::try_parse(&user.id).unwrap_or_default();
        let mut data = json!({ "email_verified": false, "phone_verified": false, "sub": user.id });
        data[provider] = json!(value);
        let mut identity = json!({
            // Not kept: the same user has the same identities always.
            "identity_id": Uuid::new_v5(&namespace, provider.as_bytes()).to_string(),
            "id": user.id,
            "user_id": user.id,
            "identity_data": data,
            "provider": provider,
            "last_sign_in_at": time(user.created_at),
            "created_at": time(user.created_at),
            "updated_at": time(user.created_at),
        });
        if provider == "email" {
            identity["email"] = json!(value);
        }
        Some(identity)
    };
    [of("email", &user.email), of("phone", &user.phone)]
        .into_iter()
        .flatten()
        .collect()
}

/// `2026-01-31T12:00:00.123456Z`
fn time(at: Micros) -> Value {
    json!(jiff::Timestamp::from_microsecond(at).unwrap_or_default().to_string())
}

/// The ways in that a user has, as `app_metadata` names them.
pub fn providers(email: Option<&str>, phone: Option<&str>) -> Map<String, Value> {
    let all: Vec<_> = email
        .map(|_| "email")
        .into_iter()
        .chain(phone.map(|_| "phone"))
        .collect();
    let mut members = Map::new();
    members.insert("provider".into(), json!(all.first()));
    members.insert("providers".into(), json!(all));
    members
}

/// An e-mail address in lower case.
///
/// # Errors
/// In GoTrue's words, if it has not the form of one.
pub fn email(text: &str) -> Result<String, AuthError> {
    if text.is_empty() {
        return Err(AuthError::invalid("An email address is required"));
    }
    if text.len() > 255 {
        return Err(AuthError::invalid("An email address is too long"));
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_local = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    match text.split_once('@') {
        Some((local, domain)) if is_local(local) && domain.split('.').all(is_label) => Ok(text.to_ascii_lowercase()),
        _ => Err(AuthError::invalid("Unable to validate email address: invalid format")),
    }
}

/// A telephone number without `+` and spaces, not checked further.
pub fn phone_digits(text: &str) -> String {
    text.strip_prefix('+').unwrap_or(text).replace(' ', "")
}

/// A telephone number in the digits of E.164.
///
/// # Errors
/// In GoTrue's words, if it has not the form of one.
pub fn phone(text: &str) -> Result<String, AuthError> {
    let digits = phone_digits(text);
    let is_number =
        (2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if is_number {
        Ok(digits)
    } else {
        Err(AuthError::invalid("Invalid phone number format (E.164 required)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_have_their_forms() {
        assert_eq!(email("Pip.Fox+x@Example.org").unwrap(), "pip.fox+x@example.org");
        assert!(email("a@localhost").is_ok());
        for bad in ["", "a", "@b.c", "a@", "a@b..c", "a@-b.c", "a b@c.d", "a@b@c", "é@b.c"] {
            assert!(email(bad).is_err(), "{bad}");
        }
        assert_eq!(phone("+41 79 123 45 67").unwrap(), "41791234567");
        for bad in ["", "1", "012", "+1x", "1234567890123456"] {
            assert!(phone(bad).is_err(), "{bad}");
        }
    }
}
