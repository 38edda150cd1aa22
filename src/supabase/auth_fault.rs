//! What the codes of GoTrue's errors mean and what can be done about them.
//! Source: `internal/api/apierrors/errorcode.go` of supabase/auth at bc32168.

use super::Class;

/// The kind of an error of the auth API; `None` for codes of other APIs, and where the status says enough.
pub(super) fn class(code: &str, status: u16) -> Option<Class> {
    Some(match code {
        "invalid_credentials"
        | "bad_jwt"
        | "no_authorization"
        | "refresh_token_not_found"
        | "refresh_token_already_used"
        | "session_not_found"
        | "session_expired" => Class::BadKey,
        // A token whose user is gone, or an admin's question for a user that is not there.
        "user_not_found" if status == 403 => Class::BadKey,
        "user_not_found" | "identity_not_found" => Class::NotFound,
        "user_banned"
        | "not_admin"
        | "email_not_confirmed"
        | "phone_not_confirmed"
        | "insufficient_aal"
        | "reauthentication_needed"
        | "email_address_not_authorized" => Class::Forbidden,
        "email_exists" | "phone_exists" | "user_already_exists" | "same_password" => Class::Exists,
        "over_request_rate_limit" | "over_email_send_rate_limit" | "over_sms_send_rate_limit" => Class::Throttled,
        "signup_disabled"
        | "email_provider_disabled"
        | "phone_provider_disabled"
        | "provider_disabled"
        | "feature_disabled" => Class::Unsupported,
        "captcha_failed" | "weak_password" | "validation_failed" | "bad_json" | "email_address_invalid" => {
            Class::Invalid
        }
        "conflict" | "request_timeout" | "hook_timeout" | "unexpected_failure" => Class::Busy,
        _ => return None,
    })
}

/// Whether the error ends a session: there is no way back but to sign in.
pub(super) fn ends_session(code: &str, status: u16) -> bool {
    matches!(
        code,
        "refresh_token_not_found"
            | "refresh_token_already_used"
            | "session_not_found"
            | "session_expired"
            | "user_banned"
    ) || (code == "user_not_found" && status != 404)
}

/// What to do about it.
pub(super) fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "invalid_credentials" => {
            "The e-mail address or the password is wrong. Check both; the server does not say which."
        }
        "refresh_token_not_found" | "session_not_found" | "session_expired" => {
            "You have been signed out, here or on another device. Sign in again."
        }
        "refresh_token_already_used" => {
            "The session was ended because its token was used twice, perhaps from a copy of this computer's data. Sign in again."
        }
        "bad_jwt" | "no_authorization" => "The server does not accept the token. Sign in again.",
        "user_not_found" => "There is no such user any more. Ask an admin, or sign in as somebody else.",
        "user_banned" => "An admin has blocked this account. Ask an admin to let you in again.",
        "not_admin" => "Only the service key may do this.",
        "email_not_confirmed" => "Open the link in the confirmation mail first, then sign in.",
        "phone_not_confirmed" => "Confirm the telephone number first, then sign in.",
        "email_provider_disabled" => "This project does not let people sign in with an e-mail address. Ask an admin.",
        "phone_provider_disabled" => "This project does not let people sign in with a telephone number. Ask an admin.",
        "signup_disabled" => "This project takes no new users by themselves. Ask an admin for an account.",
        "captcha_failed" => {
            "The project asks for a captcha that this program cannot show. Ask an admin to switch it off for sign-in, or use a key."
        }
        "weak_password" => "Choose a longer or less common password.",
        "same_password" => "Choose a password that is not the present one.",
        "insufficient_aal" => "The project asks for a second factor, which this program does not support yet.",
        "over_request_rate_limit" => "Too many attempts. Wait a few minutes, then try again.",
        "session_not_saved" => {
            "Unlock the system's keychain, or see that the disk is not full, then try again. Nothing is lost meanwhile."
        }
        "session_not_removed" => {
            "You are signed out. Remove what is left of the session from the system's keychain by hand; it is worth nothing any more."
        }
        "email_exists" | "phone_exists" | "user_already_exists" => "There is a user with that address already.",
        _ => return None,
    })
}
