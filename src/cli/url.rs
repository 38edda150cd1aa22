//! `url explain`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::output::Output;
use crate::service::Problem;
use crate::supabase::url::{Context, Explained, Severity, explain};
use crate::workspace::ProjectUrl;

/// The commands about URLs. Nothing is sent.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what each part of a URL is, what is wrong with it, and every form it can take
    Explain {
        /// The URL, a path, or whatever a row says
        url: String,
    },
}

pub(super) fn run(command: &Command, output: &mut Output) -> Result<(), Problem> {
    let Command::Explain { url } = command;
    // The project of the environment, if there is one, tells own links from foreign ones.
    let project = std::env::var("SUPABASE_URL")
        .ok()
        .and_then(|url| ProjectUrl::parse(&url).ok());
    let context = Context {
        project: project.as_ref(),
        now: Some(jiff::Timestamp::now()),
        ..Context::default()
    };
    let explained = explain(url, &context);
    output.result(&document(&explained), |_| text(&explained))?;
    let errors: Vec<&str> = explained
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.headline.as_str())
        .collect();
    match errors.as_slice() {
        [] => Ok(()),
        errors => {
            let advice = match &explained.fixed {
                Some(fixed) => format!("This one is right: {fixed}"),
                None => "Copy the URL again from where it is made.".to_owned(),
            };
            Err(Problem::new(
                format!("This URL does not work: {}.", errors.join("; ")),
                advice,
            ))
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn document(explained: &Explained) -> Value {
    let parts: Vec<Value> = explained
        .segments
        .iter()
        .map(|part| json!({ "part": part.kind.label(), "text": part.text, "meaning": part.meaning }))
        .collect();
    let problems: Vec<Value> = explained
        .problems
        .iter()
        .map(|problem| {
            json!({ "severity": word(problem.severity), "headline": problem.headline, "detail": problem.detail })
        })
        .collect();
    let variants: Vec<Value> = explained
        .variants
        .iter()
        .map(|variant| {
            let form = variant.kind.label();
            json!({ "form": form, "url": variant.url, "complete": variant.complete, "note": variant.note })
        })
        .collect();
    let object = explained.parsed.as_ref().map(|object| {
        let origin = object.origin.as_ref().map(ProjectUrl::as_str);
        json!({ "origin": origin, "bucket": object.bucket.as_str(), "key": object.key.as_str() })
    });
    json!({
        "parts": parts, "problems": problems, "object": object, "fixed": explained.fixed, "variants": variants,
    })
}

fn text(explained: &Explained) -> String {
    let mut lines = Vec::new();
    let width = explained
        .segments
        .iter()
        .map(|part| part.text.chars().count())
        .max()
        .unwrap_or(0)
        .min(48);
    for part in explained.segments.iter().filter(|part| !part.text.is_empty()) {
        lines.push(format!(
            "{:<9} {:<width$}  {}",
            part.kind.label(),
            part.text,
            part.meaning
        ));
    }
    for problem in &explained.problems {
        lines.push(format!(
            "\n{}: {}\n  {}",
            word(problem.severity),
            problem.headline,
            problem.detail
        ));
    }
    if let Some(fixed) = explained.fixed.as_ref().filter(|_| !explained.problems.is_empty()) {
        lines.push(format!("\nFixed: {fixed}"));
    }
    if !explained.variants.is_empty() {
        lines.push(String::new());
    }
    for variant in &explained.variants {
        lines.push(format!(
            "{:<13} {}\n              {}",
            variant.kind.label(),
            variant.url,
            variant.note
        ));
    }
    lines.join("\n")
}
