//! What was found in all buckets: a heading a bucket, its first objects, and a way to all of them.

use egui::{Align, Frame, Layout, Margin, ScrollArea, Ui};

use super::grid::entry_name;
use super::{problem, thumb};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::state::{FoundIn, State};
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{EmptyState, Row, text};
use crate::gui::words;
use crate::media::format_bytes;
use crate::supabase::BucketName;

/// Objects that are shown of a bucket; its own place shows them all.
const FIRST: usize = 100;

/// A row.
#[derive(Clone, Copy)]
enum Line {
    /// The heading of a bucket.
    Bucket(usize),
    /// An object, by the place of its bucket and its own.
    Object(usize, usize),
    /// How many more there are.
    More(usize, usize),
}

/// What was clicked.
enum Clicked {
    Bucket(BucketName),
    Object(BucketName, String),
}

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(found) = state.found_everywhere() else {
        if let Some(failure) = state.everywhere_problem() {
            // What is wrong is in the text: only another one helps.
            let _again = problem::show(ui, failure, context.actions);
        }
        return;
    };
    if found.is_empty() {
        let line = format!("No match for “{}”", state.search.text.trim());
        let (_, whole, all) = state.everywhere_total();
        let searched = format!("{whole} of {} are listed", words::count(all, "bucket", "buckets"));
        let clear = Frame::NONE
            .inner_margin(Margin::same(space::CONTENT as i8))
            .show(ui, |ui| {
                EmptyState::new(icon::MAGNIFYING_GLASS, &line, &searched)
                    .button("Clear search")
                    .show(ui)
            });
        if clear.inner {
            state.search.clear();
        }
        return;
    }
    let lines = lines(found);
    let mut clicked = None;
    ScrollArea::vertical()
        .id_salt("buckets everywhere")
        .auto_shrink(false)
        .show_rows(ui, size::TABLE_ROW, lines.len(), |ui, range| {
            for line in lines.get(range).unwrap_or_default() {
                clicked = row(ui, found, *line, context).or(clicked.take());
            }
        });
    match clicked {
        Some(Clicked::Bucket(bucket)) => state.search_in(bucket),
        Some(Clicked::Object(bucket, key)) => state.open_found(bucket, &key),
        None => {}
    }
}

fn lines(found: &[FoundIn]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (part, in_bucket) in found.iter().enumerate() {
        let many = in_bucket.contents.objects.len();
        lines.push(Line::Bucket(part));
        lines.extend((0..many.min(FIRST)).map(|place| Line::Object(part, place)));
        if many > FIRST {
            lines.push(Line::More(part, many - FIRST));
        }
    }
    lines
}

fn row(ui: &mut Ui, found: &[FoundIn], line: Line, context: &mut PanelContext<'_>) -> Option<Clicked> {
    let t = Tokens::of(ui);
    let (Line::Bucket(part) | Line::Object(part, _) | Line::More(part, _)) = line;
    let FoundIn { index, contents } = found.get(part)?;
    let bucket = index.bucket();
    let table_row = |name: &str, ui: &mut Ui, contents: &mut dyn FnMut(&mut Ui)| {
        Row::new(name, size::TABLE_ROW)
            .table()
            .padding(space::CONTENT)
            .show(ui, |ui| contents(ui))
            .clicked()
    };
    match line {
        Line::Bucket(_) => {
            let facts = format!(
                "{} · {}",
                words::count(contents.objects.len(), "match", "matches"),
                contents.total.size()
            );
            let clicked = table_row(&format!("Show what was found in {bucket}"), ui, &mut |ui| {
                sign(ui, icon::DATABASE, t.acc_tx);
                text::label(ui, Type::SmallStrong, bucket.as_str(), t.tx1);
                text::elided(ui, Type::Caption, &facts, t.tx3);
            });
            clicked.then(|| Clicked::Bucket(bucket.clone()))
        }
        Line::More(_, many) => {
            let words = format!("{} more in {bucket}", words::grouped(many));
            let clicked = table_row(&words, ui, &mut |ui| {
                ui.add_space(32.0);
                text::label(ui, Type::Small, &words, t.acc_tx);
            });
            clicked.then(|| Clicked::Bucket(bucket.clone()))
        }
        Line::Object(_, place) => {
            let entry = Entry::from(index.row(*contents.objects.get(place)?)?);
            let name = format!("{} in {bucket}", entry_name(&entry));
            let clicked = table_row(&name, ui, &mut |ui| {
                let (rect, _) = ui.allocate_exact_size(egui::vec2(24.0, 18.0), egui::Sense::hover());
                thumb::show(ui, rect, radius::MINI, bucket, &entry, context);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let size = entry.size.map_or_else(|| "–".to_owned(), format_bytes);
                    text::label(ui, Type::MonoSmall, size, t.tx2);
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        text::label(ui, Type::Mono, entry_name(&entry), t.tx1);
                        text::elided(ui, Type::Caption, entry.folder(), t.tx3);
                    });
                });
            });
            clicked.then(|| Clicked::Object(bucket.clone(), entry.key.clone()))
        }
    }
}

fn sign(ui: &mut Ui, icon: icon::Icon, color: egui::Color32) {
    let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(size::ICON), egui::Sense::hover());
    icon.filled().paint(ui.painter(), rect.center(), size::ICON, color);
}
