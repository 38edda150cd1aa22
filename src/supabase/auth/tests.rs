use serde_json::json;

use super::super::Class;
use super::super::testing::{SERVICE_KEY, json as answer, project};
use super::*;

fn granted() -> Value {
    json!({
        "access_token": "eyJ.access.CANARY", "token_type": "bearer", "expires_in": 3600, "expires_at": 5,
        "refresh_token": "refresh-CANARY", "user": { "id": "u", "email": "pip@example.org", "phone": 7 },
        "weak_password": null,
    })
}

#[tokio::test]
async fn signing_in_sends_what_gotrue_takes_and_reads_what_it_gives() {
    let (project, seen) = project(|_| answer(200, granted())).await;
    let auth = project.auth();
    let before = Timestamp::now().as_second();
    let tokens = auth
        .sign_in(" pip@example.org ", &Secret::exact(" pass word "))
        .await
        .unwrap();
    assert_eq!(tokens.access.expose(), "eyJ.access.CANARY");
    assert!(
        (before + 3600..before + 3660).contains(&tokens.expires_at),
        "by this clock"
    );
    assert_eq!(tokens.user.email.as_deref(), Some("pip@example.org"));
    let phone = SignIn {
        identity: Identity::Phone("+41791234567".into()),
        password: Secret::exact("x"),
        captcha: Some(Secret::exact("captcha-answer")),
    };
    auth.sign_in_with(&phone).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].line(), "POST /auth/v1/token?grant_type=password");
    assert_eq!(
        seen[0].json(),
        json!({"email": "pip@example.org", "password": " pass word "})
    );
    assert_eq!(seen[0].header("apikey"), Some(SERVICE_KEY));
    assert_eq!(seen[0].header("x-supabase-api-version"), Some("2024-01-01"));
    assert_eq!(
        seen[1].json(),
        json!({"phone": "+41791234567", "password": "x", "gotrue_meta_security": {"captcha_token": "captcha-answer"}})
    );
}

#[tokio::test]
async fn both_forms_of_errors_say_what_is_wrong() {
    for (status, body, class, code) in [
        (
            400,
            json!({"code": "invalid_credentials", "message": "Invalid login credentials"}),
            Class::BadKey,
            "invalid_credentials",
        ),
        (
            400,
            json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"}),
            Class::BadKey,
            "invalid_credentials",
        ),
        (
            422,
            json!({"code": "email_provider_disabled", "message": "Email logins are disabled"}),
            Class::Unsupported,
            "email_provider_disabled",
        ),
        (
            400,
            json!({"code": "email_not_confirmed", "message": "Email not confirmed"}),
            Class::Forbidden,
            "email_not_confirmed",
        ),
    ] {
        let (project, seen) = project(move |_| answer(status, body.clone())).await;
        let error = project.auth().sign_in("a@b.c", &Secret::exact("x")).await.unwrap_err();
        assert_eq!((error.class, error.code.as_deref()), (class, Some(code)), "{error}");
        assert_ne!(error.hint(), class.hint(), "{code} has a hint of its own");
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_limit_on_passwords_is_not_answered_with_more_of_them() {
    let (project, seen) = project(|_| {
        answer(
            429,
            json!({"code": "over_request_rate_limit", "message": "Request rate limit reached"}),
        )
    })
    .await;
    let error = project.auth().sign_in("a@b.c", &Secret::exact("x")).await.unwrap_err();
    assert_eq!((error.class, seen.lock().unwrap().len()), (Class::Throttled, 1));
}

#[tokio::test]
async fn no_secret_is_in_errors_or_exchanges() {
    let (project, _) = project(|_| answer(200, json!({"access_token": 5, "refresh_token": "refresh-CANARY"}))).await;
    let auth = project.auth();
    let error = auth
        .sign_in("a@b.c", &Secret::exact("password-CANARY"))
        .await
        .unwrap_err();
    assert_eq!(error.class, Class::Unexpected);
    let refused = auth.refresh(&Secret::exact("old-refresh-CANARY")).await.unwrap_err();
    let mut shown = format!("{error} {error:?} {refused} {refused:?} {auth:?}");
    for exchange in project.http().transcript().exchanges() {
        shown.push_str(&format!("{exchange:?} {}", exchange.curl()));
    }
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[test]
fn tokens_are_kept_whole_and_never_printed() {
    let tokens = Tokens::read(&granted(), 77).unwrap();
    assert!(!format!("{tokens:?}").contains("CANARY"));
    let stored = tokens.to_stored();
    assert_eq!(Tokens::from_stored(&stored).unwrap(), tokens);
    for bad in [
        "",
        "{}",
        "[]",
        r#"{"access_token":"a b","refresh_token":"r","expires_at":1,"user":{"id":"u"}}"#,
    ] {
        assert!(Tokens::from_stored(&Secret::exact(bad)).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn signing_out_of_what_is_gone_is_done() {
    for status in [401, 403, 404] {
        let (project, seen) = project(move |_| answer(status, json!({"code": "session_not_found"}))).await;
        project.auth().sign_out(&Secret::exact("token")).await.unwrap();
        let seen = seen.lock().unwrap();
        assert_eq!(seen[0].line(), "POST /auth/v1/logout?scope=local");
        assert_eq!(seen[0].header("authorization"), Some("Bearer token"));
    }
    let (project, _) = project(|_| answer(500, json!({}))).await;
    assert!(
        project
            .auth()
            .sign_out_of(&Secret::exact("token"), SignOut::All)
            .await
            .is_err()
    );
}
