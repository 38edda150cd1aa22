//! `object find`.

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use super::plan_text::escaped;
use crate::catalog::{Contents, Filters, Index, Mode, Order, Query, Row, SortBy, UseCounts};
use crate::cli::indexes::{Indexes, age, ago, coverage, size};
use crate::cli::output::{Output, table, time};
use crate::media::{format_bytes, group_thousands};
use crate::service::{Problem, Service};

/// What is looked for, and where.
#[derive(Debug, Args)]
pub struct Find {
    /// What keys have in them: each of these words, whatever the case. Nothing finds everything
    text: Option<String>,
    #[command(flatten)]
    indexes: Indexes,
    /// Only in this folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,
    /// The text is a regular expression
    #[arg(long, conflicts_with = "fuzzy")]
    regex: bool,
    /// The letters of the text have to be there in their order only
    #[arg(long)]
    fuzzy: bool,
    /// At least so large: 90KB, 1.5MB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    larger: Option<u64>,
    /// At most so large
    #[arg(long, value_name = "SIZE", value_parser = size)]
    smaller: Option<u64>,
    /// Written no longer ago than this: 12h, 7d
    #[arg(long, value_name = "AGE", value_parser = age)]
    newer: Option<std::time::Duration>,
    /// Written longer ago than this
    #[arg(long, value_name = "AGE", value_parser = age)]
    older: Option<std::time::Duration>,
    /// Declared as this: image/png, image/*. Repeat it for several
    #[arg(long = "type", value_name = "TYPE")]
    kinds: Vec<String>,
    /// In which order, within each bucket
    #[arg(long, value_enum)]
    sort: Option<Sort>,
    /// The other way round
    #[arg(long)]
    reverse: bool,
    /// Objects that are shown, at most
    #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
    limit: usize,
    /// In the trash, too
    #[arg(long)]
    trash: bool,
    /// Also the empty objects that keep folders alive
    #[arg(long)]
    placeholders: bool,
}

/// The orders that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// By name, numbers by their value
    Name,
    /// The smallest first
    Size,
    /// By declared type
    Type,
    /// The oldest first
    Modified,
    /// By the rule for caches
    CacheControl,
    /// The best match first
    Match,
}

/// An object that was found.
#[derive(Serialize)]
struct Object<'a> {
    bucket: &'a str,
    key: &'a str,
    size: Option<u64>,
    content_type: Option<&'a str>,
    modified: Option<jiff::Timestamp>,
    created: Option<jiff::Timestamp>,
    cache_control: Option<&'a str>,
    etag: Option<std::borrow::Cow<'a, str>>,
}

impl<'a> Object<'a> {
    fn new(index: &'a Index, row: Row<'a>) -> Self {
        Self {
            bucket: index.bucket().as_str(),
            key: row.key,
            size: row.size,
            content_type: row.content_type,
            modified: row.modified,
            created: row.created,
            cache_control: row.cache_control,
            etag: row.etag,
        }
    }
}

/// What was found, bucket by bucket.
#[derive(Serialize)]
struct Found<'a> {
    complete: bool,
    /// All that match, also those that are not shown.
    found: u64,
    bytes: u64,
    buckets: Vec<Value>,
    objects: Vec<Object<'a>>,
}

pub(super) async fn command(find: &Find, service: &Service, output: &mut Output) -> Result<(), Problem> {
    let query = query(find)?;
    let (indexes, lacking) = find.indexes.get(service, output).await?;
    let mut answers: Vec<(Index, Contents)> = Vec::new();
    for index in indexes {
        let contents = service.answer(index.clone(), query.clone()).await?;
        answers.push((index, contents));
    }
    let mut found = Found {
        complete: lacking.is_none(),
        found: answers.iter().map(|(_, contents)| contents.total.objects).sum(),
        bytes: answers.iter().map(|(_, contents)| contents.total.bytes).sum(),
        buckets: Vec::new(),
        objects: Vec::new(),
    };
    for (index, contents) in &answers {
        let mut bucket = coverage(index);
        bucket["found"] = json!(contents.total.objects);
        bucket["bytes"] = json!(contents.total.bytes);
        found.buckets.push(bucket);
        let left = find.limit - found.objects.len();
        let rows = contents.objects.iter().take(left).filter_map(|id| index.row(*id));
        found.objects.extend(rows.map(|row| Object::new(index, row)));
    }
    output.result(&found, text)?;
    lacking.map_or(Ok(()), Err)
}

fn query(find: &Find) -> Result<Query, Problem> {
    let mode = match (find.regex, find.fuzzy) {
        (true, _) => Mode::Regex,
        (false, true) => Mode::Fuzzy,
        (false, false) => Mode::Substring,
    };
    let by = match find.sort {
        Some(Sort::Name) => SortBy::Name,
        Some(Sort::Size) => SortBy::Size,
        Some(Sort::Type) => SortBy::Type,
        Some(Sort::Modified) => SortBy::Modified,
        Some(Sort::CacheControl) => SortBy::CacheControl,
        Some(Sort::Match) => SortBy::Match,
        None if find.fuzzy => SortBy::Match,
        None => SortBy::Name,
    };
    let mut folder = find.folder.clone().unwrap_or_default();
    if !folder.is_empty() && !folder.ends_with('/') {
        folder.push('/');
    }
    Ok(Query {
        folder,
        deep: true,
        text: find.text.clone().unwrap_or_default(),
        mode,
        filters: Filters {
            min_size: find.larger,
            max_size: find.smaller,
            after: find.newer.map(ago).transpose()?,
            before: find.older.map(ago).transpose()?,
            kinds: find.kinds.clone(),
        },
        order: Order {
            by,
            descending: find.reverse,
        },
        uses: UseCounts::default(),
        trash: find.trash,
        placeholders: find.placeholders,
    })
}

fn text(found: &Found<'_>) -> String {
    if found.objects.is_empty() && found.found == 0 {
        return "Nothing was found.".to_owned();
    }
    let row = |object: &Object<'_>| {
        vec![
            object.size.map_or_else(|| "–".to_owned(), format_bytes),
            object.content_type.map_or_else(|| "–".to_owned(), escaped),
            object.modified.map(time).unwrap_or_default(),
            escaped(&format!("{}/{}", object.bucket, object.key)),
        ]
    };
    let rows: Vec<_> = found.objects.iter().map(row).collect();
    let mut text = table(&["SIZE", "TYPE", "MODIFIED", "OBJECT"], &rows);
    let more = found.found - found.objects.len() as u64;
    let sum = format_bytes(found.bytes);
    text += &format!("\n{} found, {sum}", group_thousands(found.found));
    if more > 0 {
        text += &format!("; {} more are not shown (--limit)", group_thousands(more));
    }
    text
}
