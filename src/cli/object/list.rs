//! `object list`.

use super::plan_text::escaped;
use crate::cli::output::{table, time};
use crate::media::format_bytes;
use crate::supabase::Entry;

pub(super) fn text(objects: &[Entry]) -> String {
    if objects.is_empty() {
        return "No objects.".to_owned();
    }
    let rows: Vec<Vec<String>> = objects
        .iter()
        .map(|object| {
            vec![
                object.size.map_or_else(|| "–".to_owned(), format_bytes),
                object.content_type.clone().unwrap_or_else(|| "–".to_owned()),
                object.updated_at.map(time).unwrap_or_default(),
                escaped(&object.key),
            ]
        })
        .collect();
    table(&["SIZE", "TYPE", "UPDATED", "KEY"], &rows)
}
