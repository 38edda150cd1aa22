//! An exchange as a command that can be pasted into a POSIX shell. Whatever a server or a file name contains, the
//! shell sees it as data.

use ::http::Method;

use super::mask::is_secret_header;
use super::transcript::{BodyShown, Exchange};

/// The command. Each option stands on a line of its own.
pub(super) fn command(exchange: &Exchange) -> String {
    let mut parts = vec!["curl".to_owned()];
    if exchange.method == Method::HEAD {
        parts.push("--head".to_owned());
    } else {
        parts.push(format!("--request {}", quote(exchange.method.as_str())));
    }
    parts.push(quote(&exchange.url));
    let supabase = exchange.request_headers.iter().any(|(name, _)| name == "apikey");
    for (name, value) in &exchange.request_headers {
        // curl counts the body itself.
        if name == "content-length" {
            continue;
        }
        parts.push(if is_secret_header(name) {
            let variable = match name.as_str() {
                "apikey" => "$SUPABASE_KEY",
                "authorization" if supabase => "Bearer $SUPABASE_KEY",
                "authorization" => "Bearer $API_KEY",
                _ => "$SECRET",
            };
            // Double quotes: the shell is to put the variable in. Names are fixed words of ours.
            format!("--header \"{name}: {variable}\"")
        } else {
            format!("--header {}", quote(&format!("{name}: {value}")))
        });
    }
    match &exchange.request_body {
        BodyShown::Empty => {}
        BodyShown::Text { text, complete: true } => parts.push(format!("--data-raw {}", quote(text))),
        BodyShown::Text { .. } | BodyShown::Binary => parts.push("--data-binary @FILE".to_owned()),
    }
    parts.join(" \\\n  ")
}

/// The text in single quotes, in which a shell gives nothing a meaning.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::http::{ExchangeId, Outcome};

    fn exchange(body: &str, url: &str) -> Exchange {
        Exchange {
            id: ExchangeId(1),
            operation: "Test",
            target: String::new(),
            method: Method::POST,
            url: url.into(),
            request_headers: vec![
                ("apikey".into(), "eyJ…abc".into()),
                ("authorization".into(), "Bearer eyJ…abc".into()),
                ("content-type".into(), "application/json".into()),
                ("content-length".into(), "9".into()),
            ],
            request_body: BodyShown::Text {
                text: body.into(),
                complete: true,
            },
            request_size: 0,
            status: None,
            response_headers: Vec::new(),
            response_body: BodyShown::Empty,
            response_size: 0,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            waited: std::time::Duration::ZERO,
            first_byte: None,
            duration: None,
            attempt: 1,
            outcome: Outcome::Answered,
        }
    }

    #[test]
    fn is_a_command_with_placeholders() {
        assert_eq!(
            exchange("{}", "http://x/y").curl(),
            "curl \\\n  --request 'POST' \\\n  'http://x/y' \\\n  --header \"apikey: $SUPABASE_KEY\" \\\n  --header \
             \"authorization: Bearer $SUPABASE_KEY\" \\\n  --header 'content-type: application/json' \\\n  --data-raw '{}'"
        );
        let picture = Exchange {
            request_body: BodyShown::Binary,
            ..exchange("", "http://x/y")
        };
        assert!(picture.curl().ends_with("--data-binary @FILE"));
    }

    #[cfg(unix)]
    #[test]
    fn hostile_texts_stay_data_in_a_shell() {
        let hostile = "it's $(touch /tmp/owned) `id` \\ \" ; rm -rf / #\n!! $HOME";
        let command = exchange(hostile, hostile).curl().replacen("curl", "printf '%s\\0'", 1);
        let output = Command::new("sh")
            .arg("-c")
            .arg(&command)
            .env("SUPABASE_KEY", "k")
            .output()
            .unwrap();
        let words: Vec<_> = output.stdout.split(|b| *b == 0).map(String::from_utf8_lossy).collect();
        assert_eq!(words.iter().filter(|word| *word == hostile).count(), 2, "{words:?}");
        assert!(words.iter().any(|word| word == "authorization: Bearer k"));
    }
}
