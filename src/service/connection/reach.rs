//! Is there a project at the address, and is its clock like ours?

use std::time::{Duration, Instant};

use ::http::Method;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Draft, Fix, Found, lasted};
use crate::http::{Call, CertificateFacts, Http, NetworkClass, Reply};
use crate::workspace::ProjectUrl;

/// What the first answer told.
pub(super) struct Reached {
    /// The storage server's version, if it says so without a key.
    pub(super) version: Option<String>,
    /// Whether the gateway wants a key even for that.
    pub(super) wants_key: bool,
}

/// Clocks that differ less are the same for all that lives by them.
const SAME: SignedDuration = SignedDuration::from_secs(30);

/// A certificate that ends sooner should have been renewed.
const RENEWED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Asks for the storage server's version, without a key.
pub(super) async fn reach(draft: &Draft, http: &Http) -> (Found, Option<Reached>) {
    let call = Call::new("Test connection", draft.url.host(), Method::GET, version_url(draft)).at_most(1 << 20);
    let started = Instant::now();
    let reply = match http.send(call).await {
        Ok(reply) => reply,
        Err(error) => {
            let found = Found::failed(error.sentence.clone(), network_advice(error.class)).with(Fix::ChangeUrl);
            return (found, None);
        }
    };
    let took = started.elapsed();
    if let Some(found) = no_project(draft, &reply) {
        return (found, None);
    }
    let reached = Reached {
        version: version(&reply),
        wants_key: matches!(reply.status.as_u16(), 401 | 403),
    };
    (
        reachable(&draft.url, took, http.certificate(draft.url.as_str()), Timestamp::now()),
        Some(reached),
    )
}

/// "84 ms, encrypted, certificate valid until 2 Feb 2027". A certificate is renewed weeks before its end as a rule: one
/// that is not will stop everything.
fn reachable(url: &ProjectUrl, took: Duration, certificate: Option<CertificateFacts>, now: Timestamp) -> Found {
    let took = lasted(took);
    if !url.as_str().starts_with("https") {
        return Found::ok(format!("{took}, on this computer, not encrypted"));
    }
    let Some(certificate) = certificate else {
        return Found::ok(format!("{took}, encrypted"));
    };
    let end = certificate.not_after.to_zoned_datetime(TimeZone::UTC);
    let words = format!(
        "{took}, encrypted, certificate valid until {}",
        end.strftime("%-d %b %Y")
    );
    if certificate.not_after.duration_since(now) > RENEWED {
        return Found::ok(words);
    }
    Found::warning(
        words,
        "It ends soon; then no program connects any more. Whoever runs the server has to renew it.",
    )
}

pub(super) fn version_url(draft: &Draft) -> String {
    format!("{}/storage/v1/version", draft.url)
}

/// `1.28.0`, as text or within quotes; anything longer or stranger is none.
pub(super) fn version(reply: &Reply) -> Option<String> {
    let text = std::str::from_utf8(&reply.body)
        .ok()?
        .trim()
        .trim_matches('"')
        .trim_start_matches('v');
    let well_formed = reply.is_success()
        && (1..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    well_formed.then(|| text.to_owned())
}

fn network_advice(class: NetworkClass) -> &'static str {
    match class {
        NetworkClass::Dns => {
            "Copy the URL from the project's settings. A project that was deleted has no name any more."
        }
        NetworkClass::Tls => {
            "Check the URL. Behind a company's proxy, its certificate must be among those of this system."
        }
        NetworkClass::Decode => "Check the port of the URL.",
        _ => "Check the URL and the internet connection.",
    }
}

/// An answer that is not one of a project that can be worked with.
fn no_project(draft: &Draft, reply: &Reply) -> Option<Found> {
    let status = reply.status.as_u16();
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let word = |name: &str| body.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let dashboard = || match draft.url.reference() {
        Some(reference) => Fix::Open(format!("https://supabase.com/dashboard/project/{reference}")),
        None => Fix::ChangeUrl,
    };
    if reply.status.is_redirection() {
        let target = reply.header("location").and_then(|target| url::Url::parse(target).ok());
        let origin = target.map_or_else(
            || "another address".to_owned(),
            |url| url.origin().ascii_serialization(),
        );
        let words = format!("It sends on to {origin}");
        return Some(Found::failed(words, "Use that address if it is yours. No key was sent.").with(Fix::ChangeUrl));
    }
    if status == 540 {
        let found = Found::failed(
            "The project is paused",
            "Resume it in the dashboard; that takes a few minutes.",
        );
        return Some(found.with(dashboard()));
    }
    let code = word("code").or_else(|| word("error")).unwrap_or_default();
    if code == "TenantNotFound" {
        let found = Found::failed(
            "There is no project at this address, or it is paused",
            "Check the URL; a paused project must be resumed in the dashboard.",
        );
        return Some(found.with(dashboard()));
    }
    if matches!(status, 502..=504 | 520..=530) {
        let words = format!("The gateway answers {status}: the project behind it does not");
        let advice = "It may be starting, paused or overloaded. Look at it in the dashboard, or try again in a minute.";
        return Some(Found::failed(words, advice).with(dashboard()));
    }
    let html = reply.content_type().is_some_and(|kind| kind.contains("html"));
    if html || (reply.is_success() && version(reply).is_none() && body.is_none() && !reply.body.is_empty()) {
        let words = "A web page answers there, not a Supabase project";
        let found = Found::failed(
            words,
            "Copy the project URL from the settings, not the address of a page or an app.",
        );
        return Some(found.with(Fix::ChangeUrl));
    }
    None
}

/// The row of the clock: this computer's beside the server's, as its answers have told the time.
pub(super) fn clock(draft: &Draft, http: &Http) -> Found {
    let Some(clock) = http.clock_offset(draft.url.as_str()) else {
        return Found::skipped("The server does not tell the time");
    };
    let offset = clock.offset;
    let apart = offset.abs();
    if apart < SAME {
        return Found::ok("Like the server's");
    }
    // The server's time minus ours: a positive one says that we are late.
    let which = if offset.is_positive() { "behind" } else { "ahead of" };
    Found::warning(
        format!("{} {which} the server's", words(apart)),
        "Set this computer's clock by the network. Sign-ins and signed links end at the wrong time otherwise.",
    )
}

fn words(apart: SignedDuration) -> String {
    match apart.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", (seconds + 30) / 60),
        seconds @ 7_200..172_800 => format!("{} h", (seconds + 1_800) / 3_600),
        seconds => format!("{} days", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::super::CheckState;
    use super::*;

    fn row(url: &str, ends: Option<&str>) -> Found {
        let certificate = ends.map(|end| CertificateFacts {
            not_after: end.parse().unwrap(),
            issuer: "CN=WE1,O=Google Trust Services,C=US".to_owned(),
        });
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        reachable(
            &ProjectUrl::parse(url).unwrap(),
            Duration::from_millis(84),
            certificate,
            now,
        )
    }

    const HOSTED: &str = "https://vqkzmdlrwsnhtyfpjxbe.supabase.co";

    #[test]
    fn the_row_tells_when_the_certificate_ends_and_warns_in_time() {
        let good = row(HOSTED, Some("2027-02-02T08:00:00Z"));
        assert_eq!(good.state, CheckState::Ok);
        assert_eq!(good.words, "84 ms, encrypted, certificate valid until 2 Feb 2027");
        let soon = row(HOSTED, Some("2026-12-09T11:59:59Z"));
        assert_eq!(soon.state, CheckState::Warning);
        assert_eq!(soon.words, "84 ms, encrypted, certificate valid until 9 Dec 2026");
        assert!(soon.advice.contains("renew"), "{}", soon.advice);
        assert_eq!(row(HOSTED, Some("2026-12-09T12:00:01Z")).state, CheckState::Ok);
    }

    #[test]
    fn without_a_certificate_nothing_is_said_of_one() {
        assert_eq!(row(HOSTED, None).words, "84 ms, encrypted");
        assert_eq!(lasted(Duration::from_millis(999)), "999 ms");
        assert_eq!(lasted(Duration::from_millis(2_204)), "2.2 s");
        let local = row("http://127.0.0.1:54321", None);
        assert_eq!(
            (local.state, local.words.as_str()),
            (CheckState::Ok, "84 ms, on this computer, not encrypted")
        );
    }
}
