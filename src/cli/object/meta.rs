//! `object meta`.

use clap::Args;
use serde_json::{Map, Value, json};

use super::{PlanArguments, info, one, run, sources, split_all};
use crate::cli::output::Output;
use crate::service::{Problem, Service};
use crate::transfer::Kind;
use crate::transfer::plan::{EditOrder, HeaderEdit, MetadataEdit};

/// Which objects, and what is changed of them. Without a change, what is kept beside one object is shown.
#[derive(Debug, Args)]
pub struct Meta {
    /// Which, all of one bucket: BUCKET/KEY, BUCKET/FOLDER/, BUCKET/PATTERN
    #[arg(required_unless_present = "run")]
    what: Vec<String>,
    /// Keep this beside the bytes; give it again for more
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Take this away; give it again for more
    #[arg(long, value_name = "NAME")]
    unset: Vec<String>,
    /// Take everything away that --set does not name
    #[arg(long)]
    only: bool,
    /// The media type that readers are told: image/webp
    #[arg(long, value_name = "TYPE")]
    r#type: Option<String>,
    /// How long readers may keep it: max-age=3600
    #[arg(long, value_name = "TEXT")]
    cache_control: Option<String>,
    #[command(flatten)]
    plan: PlanArguments,
}

pub(super) async fn command(meta: &Meta, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let edit = edit(meta);
    if edit.is_empty() && !meta.plan.was_saved() {
        return show(meta, service, output).await;
    }
    let observe = run::planning(output);
    run::planned((&meta.plan, &[Kind::Edit]), service, output, async |stop| {
        let (bucket, keys) = split_all(&meta.what)?;
        let order = EditOrder {
            sources: sources(&keys)?,
            bucket,
            edit,
        };
        Ok(vec![service.plan_edit(&order, &observe, &stop).await?])
    })
    .await
}

async fn show(meta: &Meta, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let [what] = meta.what.as_slice() else {
        return Err(Problem::new(
            "It is not said what is to be changed.",
            "Say it with --set, --unset, --only, --type or --cache-control; without them, one object is shown.",
        ));
    };
    let (bucket, key) = one(what)?;
    let found = service.object_info(&bucket, &key).await?;
    let document = json!({
        "bucket": bucket.as_str(), "key": key.as_str(), "content_type": found.content_type,
        "cache_control": found.cache_control, "metadata": found.metadata,
    });
    output.result(&document, |_| {
        let headers = [("Type", &found.content_type), ("Cache control", &found.cache_control)];
        let headers = headers
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name:<14}{}", super::plan_text::escaped(value.as_deref()?))));
        let mut lines: Vec<String> = headers.collect();
        lines.extend(info::metadata(&found.metadata));
        lines.join("\n")
    })
}

fn edit(meta: &Meta) -> HeaderEdit {
    let set = meta.set.iter();
    let set: Map<String, Value> = set.map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let metadata = MetadataEdit {
        replace: meta.only,
        set,
        unset: meta.unset.clone(),
    };
    HeaderEdit {
        content_type: meta.r#type.clone(),
        cache_control: meta.cache_control.clone(),
        metadata: (metadata != MetadataEdit::default()).then_some(metadata),
    }
}

/// `NAME=VALUE`; the value may have `=` in it.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write a name, = and a value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_told_apart_at_the_first_sign() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(pair("a="), Ok(("a".to_owned(), String::new())));
        assert!(pair("=a").is_err() && pair("a").is_err());
    }
}
