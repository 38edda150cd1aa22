//! Codes of sign-in (supabase/auth, `internal/api/apierrors/errorcode.go`).

use super::{Known, stays, transient};
use crate::supabase::Class;

const TRY_AGAIN: &str = "The server has trouble of its own. Try again in a moment.";
const REQUEST: &str = "The server does not understand the request. It may be older or newer than this program expects; look at the exchange.";
const TOKEN: &str =
    "The server does not accept the token. Sign in again, and check that this computer's clock is right.";
const SIGN_IN_AGAIN: &str = "You have been signed out, here or on another device. Sign in again.";
const METHOD: &str =
    "The project does not offer this way of signing in. Use e-mail and password, or ask an admin to turn it on.";
const MANY_MESSAGES: &str = "Too many messages were sent lately. Wait an hour, or ask an admin to raise the limit.";

pub(super) const SIGN_IN: &[Known] = {
    use Class::*;
    &[
        stays(
            "invalid_credentials",
            BadKey,
            "The e-mail address or the password is wrong. Check both; the server does not say which.",
        ),
        stays(
            "invalid_grant",
            BadKey,
            "The e-mail address or the password is wrong, or the sign-in has ended. Sign in again.",
        ),
        stays(
            "email_not_confirmed",
            Forbidden,
            "The e-mail address is not confirmed yet. Open the link in the message that was sent to it.",
        ),
        stays(
            "phone_not_confirmed",
            Forbidden,
            "The phone number is not confirmed yet. Confirm it first.",
        ),
        stays(
            "user_banned",
            Forbidden,
            "This user is banned for now. Ask an admin of the project.",
        ),
        stays(
            "user_not_found",
            NotFound,
            "There is no such user any more. Sign in as somebody else.",
        ),
        stays(
            "over_request_rate_limit",
            Throttled,
            "Too many attempts. Wait a few minutes, then try again.",
        ),
        stays("over_email_send_rate_limit", Throttled, MANY_MESSAGES),
        stays("over_sms_send_rate_limit", Throttled, MANY_MESSAGES),
        stays("refresh_token_not_found", BadKey, SIGN_IN_AGAIN),
        stays(
            "refresh_token_already_used",
            BadKey,
            "The session was ended because its token was used twice, perhaps from a copy of this computer's data. Sign in again.",
        ),
        stays("session_not_found", BadKey, SIGN_IN_AGAIN),
        stays("session_expired", BadKey, SIGN_IN_AGAIN),
        stays("bad_jwt", BadKey, TOKEN),
        stays("no_authorization", BadKey, "The server got no token. Sign in again."),
        stays(
            "unexpected_audience",
            BadKey,
            "The token was made for something else. Sign in again.",
        ),
        stays(
            "not_admin",
            Forbidden,
            "Only the service key may do that. Use it in admin mode.",
        ),
        stays(
            "insufficient_aal",
            Forbidden,
            "The project asks for a second factor, which this program cannot give. Use the project's own app.",
        ),
        stays(
            "captcha_failed",
            Forbidden,
            "The project asks for a captcha at sign-in. An admin can turn it off for this program's users.",
        ),
        stays(
            "weak_password",
            Invalid,
            "The password is too weak for this project. Choose a longer one with digits and signs.",
        ),
        stays(
            "same_password",
            Invalid,
            "The new password must differ from the old one.",
        ),
        stays(
            "reauthentication_needed",
            Forbidden,
            "Sign in again before you change the password.",
        ),
        stays(
            "reauthentication_not_valid",
            Invalid,
            "The code is wrong. Ask for a new one.",
        ),
        stays(
            "validation_failed",
            Invalid,
            "A value is missing or has the wrong form. Correct it, then try again.",
        ),
        stays("bad_json", Invalid, REQUEST),
        stays(
            "email_address_invalid",
            Invalid,
            "This is not an e-mail address that the project accepts. Check the spelling.",
        ),
        stays(
            "email_address_not_authorized",
            Forbidden,
            "The project may not send messages to this address. Ask an admin.",
        ),
        stays(
            "email_exists",
            Exists,
            "There is a user with this e-mail address already. Sign in instead.",
        ),
        stays(
            "phone_exists",
            Exists,
            "There is a user with this phone number already. Sign in instead.",
        ),
        stays(
            "user_already_exists",
            Exists,
            "There is such a user already. Sign in instead.",
        ),
        stays(
            "conflict",
            Exists,
            "The user was changed by somebody else at the same time. Try again.",
        ),
        stays(
            "signup_disabled",
            Forbidden,
            "The project takes no new users. Ask an admin for an invitation.",
        ),
        stays("email_provider_disabled", Unsupported, METHOD),
        stays("phone_provider_disabled", Unsupported, METHOD),
        stays("provider_disabled", Unsupported, METHOD),
        stays("anonymous_provider_disabled", Unsupported, METHOD),
        stays("otp_disabled", Unsupported, METHOD),
        stays("otp_expired", BadKey, "The code has expired. Ask for a new one."),
        stays(
            "user_sso_managed",
            Forbidden,
            "This user is kept by the organisation's own sign-in. Change it there.",
        ),
        stays(
            "mfa_verification_rejected",
            Forbidden,
            "The second factor was refused. Try again with a new code.",
        ),
        // Two of our own: a session whose tokens cannot be kept or removed on this computer.
        stays(
            "session_not_saved",
            Busy,
            "Unlock the system's keychain, or see that the disk is not full, then try again. Nothing is lost meanwhile.",
        ),
        stays(
            "session_not_removed",
            Busy,
            "You are signed out. Remove what is left of the session from the system's keychain by hand; it is worth nothing any more.",
        ),
        transient("hook_timeout", Busy, TRY_AGAIN),
        transient("hook_timeout_after_retry", Busy, TRY_AGAIN),
        transient("request_timeout", Busy, TRY_AGAIN),
        stays("unexpected_failure", Busy, TRY_AGAIN),
    ]
};
