//! Plans and their ends as text.

use crate::cli::output::table;
use crate::media::{format_bytes, group_thousands};
use crate::service::Report;
use crate::transfer::names::is_invisible;
use crate::transfer::{Action, Item, ItemState, Kind, Place, Plan, PlanItem, Unseen};

/// A plan, row by row, and what it comes to.
pub(in crate::cli) fn plan(plan: &Plan) -> String {
    let rows: Vec<Vec<String>> = plan.items.iter().map(|item| row(plan.kind, item)).collect();
    let mut text = escaped(&plan.title);
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table(&["", "SIZE", "TYPE", "FROM", "TO", "WHY"], &rows));
    }
    for unseen in &plan.unseen {
        text.push_str(&format!("\n{}", not_seen(unseen)));
    }
    text.push('\n');
    text.push_str(&summary(plan));
    text
}

/// "12 new, 3 identical, 1 refused; 2.3 MB to move".
pub(in crate::cli) fn summary(plan: &Plan) -> String {
    let mut parts = Vec::new();
    for action in [
        Action::New,
        Action::Replace,
        Action::Rename,
        Action::Identical,
        Action::Refuse,
        Action::Skip,
    ] {
        let count = plan.items.iter().filter(|item| item.action == action).count();
        if count > 0 {
            parts.push(format!("{} {}", group_thousands(count as u64), past(plan.kind, action)));
        }
    }
    if parts.is_empty() {
        return "Nothing to do.".to_owned();
    }
    let bytes: u64 = plan
        .items
        .iter()
        .filter(|item| item.action.acts())
        .filter_map(|item| item.size)
        .sum();
    let mut text = parts.join(", ");
    if bytes > 0 {
        text.push_str(&format!("; {}", format_bytes(bytes)));
    }
    text
}

fn past(kind: Kind, action: Action) -> &'static str {
    match (kind, action) {
        (Kind::Delete, Action::New) => "to delete",
        (Kind::Move, Action::New) => "to move",
        (Kind::Copy, Action::New) => "to copy",
        (Kind::Restore, Action::New) => "to restore",
        (Kind::Edit, Action::New) => "to edit",
        (Kind::Empty, Action::New) => "to empty",
        (Kind::DeleteBucket, Action::New) => "to delete",
        (_, Action::New) => "new",
        (_, Action::Replace) => "to replace",
        (_, Action::Rename) => "under another name",
        (_, Action::Identical) => "identical",
        (_, Action::Refuse) => "refused",
        (_, Action::Skip) => "skipped",
    }
}

fn row(kind: Kind, item: &PlanItem) -> Vec<String> {
    let action = match (item.action, kind) {
        (Action::New, Kind::Delete) => "delete",
        (Action::New, Kind::Move) => "move",
        (Action::New, Kind::Copy) => "copy",
        (Action::New, Kind::Restore) => "restore",
        (Action::New, Kind::Edit) => "edit",
        (Action::New, Kind::Empty) => "empty",
        (Action::New, Kind::DeleteBucket) => "delete",
        (Action::New, Kind::Upload | Kind::Download) => "new",
        (Action::Replace, _) => "replace",
        (Action::Rename, _) => "rename",
        (Action::Identical, _) => "identical",
        (Action::Refuse, _) => "refuse",
        (Action::Skip, _) => "skip",
    };
    vec![
        action.to_owned(),
        item.size.map_or_else(|| "–".to_owned(), format_bytes),
        item.media_type.clone().unwrap_or_else(|| "–".to_owned()),
        place(&item.from),
        item.to.as_ref().map_or_else(|| "–".to_owned(), place),
        item.why.clone(),
    ]
}

/// A place on a terminal: nothing of a name moves the cursor or turns the text around.
pub(in crate::cli) fn place(place: &Place) -> String {
    match place {
        Place::File { file } => escaped(&file.to_string_lossy()),
        Place::Object { bucket, key } => escaped(&format!("{bucket}/{key}")),
        Place::Elsewhere { .. } => escaped(&place.to_string()),
        Place::Bucket { bucket } => escaped(bucket),
    }
}

/// Characters that are not seen, or move what is, as their numbers.
pub(in crate::cli) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// An item and where it stands.
pub(in crate::cli) fn item(item: &Item) -> String {
    let state = match &item.state {
        ItemState::Waiting => "waiting".to_owned(),
        ItemState::InFlight => "under way".to_owned(),
        ItemState::Landed => "arrived, not yet proven".to_owned(),
        ItemState::Done { proof } => format!("done, {}", proof.words()),
        ItemState::Skipped { why } => match item.plan.action {
            Action::Refuse => format!("refused: {why}"),
            Action::Identical => "identical".to_owned(),
            _ => format!("left out: {why}"),
        },
        ItemState::Undecided { why } => format!("to be decided: {why}"),
        ItemState::Failed(failure) => format!("failed: {} {}", failure.what, failure.hint),
        ItemState::Cancelled => "cancelled".to_owned(),
    };
    let from = place(&item.plan.from);
    let to = item
        .plan
        .to
        .as_ref()
        .map(|to| format!(" → {}", place(to)))
        .unwrap_or_default();
    format!("{} {from}{to}: {state}", item.number)
}

/// How a job ended: a sentence, how far it is proven, and a line for what is not done.
pub(in crate::cli) fn ended(report: &Report) -> String {
    let counts = &report.job.counts;
    let mut text = format!("{}: {} done", escaped(&report.job.title), group_thousands(counts.done));
    let left_out = counts.skipped.saturating_sub(report.identical + report.refused);
    let more = [
        (report.identical, "identical"),
        (report.refused, "refused"),
        (left_out, "left out"),
        (counts.failed, "failed"),
        (counts.undecided, "to be decided"),
        (counts.cancelled, "cancelled"),
        (counts.waiting + counts.running, "left"),
    ];
    for (count, words) in more {
        if count > 0 {
            text.push_str(&format!(", {} {words}", group_thousands(count)));
        }
    }
    if counts.bytes_done > 0 {
        text.push_str(&format!("; {}", format_bytes(counts.bytes_done)));
    }
    for proven in &report.proofs {
        text.push_str(&format!("\n{} {}", group_thousands(proven.items), proven.proof.words()));
    }
    for item in report.not_done() {
        let why = match &item.state {
            ItemState::Failed(failure) => format!("{} {}", failure.what, failure.hint),
            ItemState::Undecided { why } | ItemState::Skipped { why } => why.clone(),
            _ => continue,
        };
        text.push_str(&format!("\n{}: {}", place(&item.plan.from), escaped(why.trim_end())));
    }
    for unseen in &report.unseen {
        text.push_str(&format!("\n{}", not_seen(unseen)));
    }
    if let Some(manifest) = &report.manifest {
        text.push_str(&format!(
            "\nWhich file is which object: {}",
            escaped(&manifest.to_string_lossy())
        ));
    }
    if let Some(url) = &report.public_url {
        text.push_str(&format!("\n{url}"));
    }
    text
}

fn not_seen(unseen: &Unseen) -> String {
    format!("Not looked at: {}: {}", escaped(&unseen.place), unseen.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_move_no_cursor_and_turn_no_text_around() {
        assert_eq!(
            escaped("a\u{1b}[2Jb\u{202e}gnp.exe\n"),
            "a\\u{1b}[2Jb\\u{202e}gnp.exe\\u{a}"
        );
        assert_eq!(escaped("Füchse & Bären.png"), "Füchse & Bären.png");
    }
}
