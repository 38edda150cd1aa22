//! `usage`: what takes the space.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::indexes::{Indexes, coverage};
use super::object::plan_text::escaped;
use super::output::{Output, table, time};
use crate::catalog::{FolderUsage, Growth, Index, Row, Total, Usage, UsageQuery};
use crate::media::{format_bytes, group_thousands};
use crate::service::{Problem, Service};

/// What is summed up, and how.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    indexes: Indexes,
    /// Only this folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,
    /// By what it is told apart; a document has all of them
    #[arg(long, value_enum, default_value_t = By::Folder)]
    by: By,
    /// Folders in folders to this depth
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=20))]
    depth: u8,
    /// Show the largest objects, so many
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    largest: usize,
    /// Show the objects that were written longest ago, so many
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    oldest: usize,
}

/// What space can be told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// By folder
    Folder,
    /// By declared type
    Type,
    /// By when objects were last written
    Age,
}

/// Folders of one folder that are shown one by one.
const FOLDERS: usize = 1_000;

pub(super) async fn run(words: &Arguments, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let mut folder = words.folder.clone().unwrap_or_default();
    if !folder.is_empty() && !folder.ends_with('/') {
        folder.push('/');
    }
    let query = UsageQuery {
        folder,
        depth: usize::from(words.depth),
        folders: FOLDERS,
        objects: words.largest.max(words.oldest),
        ..UsageQuery::default()
    };
    let (indexes, lacking) = words.indexes.get(service, output).await?;
    let mut buckets = Vec::new();
    let mut texts = Vec::new();
    let mut total = Total::default();
    for index in indexes {
        let found = service.usage(index.clone(), query.clone()).await?;
        total = total.and(found.usage.total);
        if output.is_json() {
            buckets.push(document(&index, &found.usage, found.growth.as_ref(), words));
        } else {
            texts.push(text(&index, &found.usage, found.growth.as_ref(), words));
        }
    }
    let whole = json!({ "complete": lacking.is_none(), "total": total, "buckets": buckets });
    output.result(&whole, |_| {
        if texts.len() > 1 {
            texts.push(format!("All buckets: {}, {}", objects_of(total.objects), total.size()));
        }
        match texts.is_empty() {
            true => "No buckets, or none that this key may see.".to_owned(),
            false => texts.join("\n\n"),
        }
    })?;
    lacking.map_or(Ok(()), Err)
}

/// "1 object", "12,408 objects".
fn objects_of(number: u64) -> String {
    format!(
        "{} {}",
        group_thousands(number),
        if number == 1 { "object" } else { "objects" }
    )
}

fn objects<'a>(index: &'a Index, ids: &[u32], many: usize) -> Vec<Row<'a>> {
    ids.iter().take(many).filter_map(|id| index.row(*id)).collect()
}

fn document(index: &Index, usage: &Usage, growth: Option<&Growth>, words: &Arguments) -> Value {
    let rows = |ids: &[u32], many| -> Vec<Value> {
        let row = |row: Row<'_>| json!({ "key": row.key, "size": row.size, "modified": row.modified });
        objects(index, ids, many).into_iter().map(row).collect()
    };
    let ages: Vec<Value> = usage
        .ages
        .iter()
        .map(|(age, total)| json!({ "age": age, "total": total }))
        .collect();
    let mut bucket = coverage(index);
    bucket["total"] = json!(usage.total);
    bucket["folders"] = folder_document(&usage.tree);
    bucket["types"] = json!(usage.types);
    bucket["ages"] = json!(ages);
    bucket["largest"] = json!(rows(&usage.largest, words.largest));
    bucket["oldest"] = json!(rows(&usage.oldest, words.oldest));
    bucket["growth"] = json!(growth);
    bucket
}

fn folder_document(folder: &FolderUsage) -> Value {
    json!({
        "prefix": folder.prefix,
        "total": folder.total,
        "own": folder.own,
        "folders": folder.folders.iter().map(folder_document).collect::<Vec<_>>(),
        "other_folders": folder.other_folders,
        "others": folder.others,
    })
}

fn text(index: &Index, usage: &Usage, growth: Option<&Growth>, words: &Arguments) -> String {
    let all = usage.total.bytes;
    let share = |total: Total| match all {
        0 => "–".to_owned(),
        all => format!("{:.1} %", total.bytes as f64 * 100.0 / all as f64),
    };
    let row = |name: String, total: Total| vec![name, group_thousands(total.objects), total.size(), share(total)];
    let (head, rows) = match words.by {
        By::Folder => {
            let mut rows = Vec::new();
            folder_rows(&usage.tree, &mut |name, total| rows.push(row(name, total)));
            ("FOLDER", rows)
        }
        By::Type => {
            let name = |name: &str| {
                if name.is_empty() {
                    "none declared".to_owned()
                } else {
                    escaped(name)
                }
            };
            (
                "TYPE",
                usage
                    .types
                    .iter()
                    .map(|share| row(name(&share.name), share.total))
                    .collect(),
            )
        }
        By::Age => (
            "WRITTEN",
            usage
                .ages
                .iter()
                .map(|(age, total)| row(age.words().to_owned(), *total))
                .collect(),
        ),
    };
    let mut lines = vec![format!(
        "{}: {}, {}",
        index.bucket(),
        objects_of(usage.total.objects),
        usage.total.size()
    )];
    if !rows.is_empty() {
        lines.push(table(&[head, "OBJECTS", "SIZE", "SHARE"], &rows));
    }
    if let Some(growth) = growth {
        let sign = |number: i64| if number < 0 { "−" } else { "+" };
        lines.push(format!(
            "Since {}: {}{}, {}{}",
            growth.since.strftime("%Y-%m-%d %H:%M UTC"),
            sign(growth.objects),
            objects_of(growth.objects.unsigned_abs()),
            sign(growth.bytes),
            format_bytes(growth.bytes.unsigned_abs()),
        ));
    }
    for (what, ids, many) in [
        ("LARGEST", &usage.largest, words.largest),
        ("OLDEST", &usage.oldest, words.oldest),
    ] {
        let row = |row: Row<'_>| {
            vec![
                row.size.map_or_else(|| "–".to_owned(), format_bytes),
                row.modified.map(time).unwrap_or_default(),
                escaped(row.key),
            ]
        };
        let rows: Vec<_> = objects(index, ids, many).into_iter().map(row).collect();
        if !rows.is_empty() {
            lines.push(table(&["SIZE", "MODIFIED", what], &rows));
        }
    }
    lines.join("\n")
}

fn folder_rows(folder: &FolderUsage, row: &mut dyn FnMut(String, Total)) {
    for inner in &folder.folders {
        row(escaped(&inner.prefix), inner.total);
        folder_rows(inner, row);
    }
    // At the greatest depth, what is inside is in the folder's own row.
    if !folder.folders.is_empty() && folder.other_folders > 0 {
        row(
            format!(
                "{}… {} more",
                escaped(&folder.prefix),
                group_thousands(folder.other_folders as u64)
            ),
            folder.others,
        );
    }
    if folder.own.objects > 0 && (!folder.folders.is_empty() || folder.prefix.is_empty()) {
        row(format!("{}(in no folder)", escaped(&folder.prefix)), folder.own);
    }
}
