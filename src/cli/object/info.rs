//! `object info`.

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::one;
use super::plan_text::escaped;
use crate::cli::output::{Output, time};
use crate::media::{format_bytes, group_thousands};
use crate::service::{Problem, Provenance, SceneUse, Service, Written};

/// Which object is looked at.
#[derive(Debug, Args)]
pub struct Info {
    /// Which
    #[arg(value_name = "BUCKET/KEY")]
    object: String,
    /// Say which scenes show it, too; all stories are read for that
    #[arg(long)]
    uses: bool,
}

/// What is known of an object.
#[derive(Debug, Serialize)]
struct Known {
    bucket: String,
    key: String,
    size: Option<u64>,
    content_type: Option<String>,
    cache_control: Option<String>,
    etag: Option<String>,
    created_at: Option<Timestamp>,
    last_modified: Option<Timestamp>,
    metadata: Map<String, Value>,
    public_url: Option<String>,
    provenance: Option<Provenance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<Vec<SceneUse>>,
}

pub(super) async fn command(words: &Info, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let (bucket, key) = one(&words.object)?;
    let info = service.object_info(&bucket, &key).await?;
    let uses = match words.uses {
        true => Some(service.uses().await?.of(&bucket, &key).to_vec()),
        false => None,
    };
    let known = Known {
        public_url: service.public_url(&bucket, &key).await?,
        provenance: service.provenance_of(&bucket, &key, &info).await?,
        bucket: bucket.to_string(),
        key: key.to_string(),
        size: info.size,
        content_type: info.content_type,
        cache_control: info.cache_control,
        etag: info.etag,
        created_at: info.created_at,
        last_modified: info.last_modified,
        metadata: info.metadata,
        uses,
    };
    output.result(&known, text)
}

fn text(known: &Known) -> String {
    let size = known.size.map(|size| match size {
        ..1_000 => format_bytes(size),
        size => format!("{} ({} bytes)", format_bytes(size), group_thousands(size)),
    });
    let mut rows = vec![
        ("Object", Some(escaped(&format!("{}/{}", known.bucket, known.key)))),
        ("Size", size),
        ("Type", known.content_type.as_deref().map(escaped)),
        ("Cache control", known.cache_control.as_deref().map(escaped)),
        ("ETag", known.etag.as_deref().map(escaped)),
        ("Created", known.created_at.map(time)),
        ("Modified", known.last_modified.map(time)),
        ("Public URL", known.public_url.clone()),
    ];
    if let Some(provenance) = &known.provenance {
        rows.push(("SHA-256", provenance.sha256.as_deref().map(escaped)));
        rows.push(("Stored by", provenance.stored.as_ref().map(written)));
        rows.push(("Edited by", provenance.edited.as_ref().map(written)));
    }
    let rows = rows
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name:<14}{}", value?)));
    let mut lines: Vec<String> = rows.collect();
    lines.extend(metadata(&known.metadata));
    for used in known.uses.iter().flatten() {
        let place = used
            .scene
            .as_ref()
            .map_or("its cover".to_owned(), |scene| format!("scene {}", scene.index + 1));
        lines.push(format!("{:<14}“{}”, {place}", "Shown by", escaped(&used.title)));
    }
    if known.uses.as_ref().is_some_and(Vec::is_empty) {
        lines.push(format!("{:<14}no story", "Shown by"));
    }
    lines.join("\n")
}

/// A line for each value.
pub(super) fn metadata(metadata: &Map<String, Value>) -> Vec<String> {
    let line = |(key, value): (&String, &Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{:<14}{} = {}", "Metadata", escaped(key), escaped(&value))
    };
    metadata.iter().map(line).collect()
}

fn written(written: &Written) -> String {
    format!(
        "{}, from {}, {}, {} (transfer {})",
        escaped(&written.title),
        escaped(&written.from),
        time(written.at),
        written.proof.words(),
        written.job
    )
}
