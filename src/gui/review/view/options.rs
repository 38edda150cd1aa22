//! What is the same for all files: where they go, what they are called, what becomes of what is there.

use egui::{ScrollArea, Ui};

use super::Around;
use crate::gui::icon;
use crate::gui::review::Review;
use crate::gui::review::options::Cache;
use crate::gui::review::words;
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::{Button, MenuItem, Select, TextField, frame, radio, text, toggle_row, tooltip_disabled};
use crate::media::format_bytes;
use crate::supabase::{Bucket, BucketName};
use crate::transfer::plan::fix::{IfTaken, Template};

pub(super) fn show(ui: &mut Ui, review: &mut Review, around: &mut Around<'_>) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::LABEL;
        ui.add_space(space::SECTION);
        let before = review.options.clone();
        bucket(ui, review);
        ui.add_space(space::GROUP);
        folder(ui, review);
        names(ui, review);
        ui.add_space(space::GROUP);
        cache(ui, review);
        frame::section_break(ui);
        taken(ui, review, around.why_locked);
        frame::section_break(ui);
        habits(ui, review);
        let now = &review.options;
        let typed = (&now.folder, &now.template) != (&before.folder, &before.template);
        if *now != before {
            review.options_changed(typed);
        }
        if let Some(problem) = review.problem.clone() {
            frame::section_break(ui);
            let t = Tokens::of(ui);
            text::wrapped(ui, Type::Small, problem.sentences(), t.err);
            if ui
                .add(Button::new("Try again").small().icon(icon::ARROW_CLOCKWISE))
                .clicked()
            {
                review.retry(around.service);
            }
        }
        ui.add_space(space::SECTION);
    });
}

fn label(ui: &mut Ui, name: &str) {
    text::label(ui, Type::Small, name, Tokens::of(ui).tx2);
}

fn bucket(ui: &mut Ui, review: &mut Review) {
    label(ui, "Bucket");
    let current = review.options.bucket.to_string();
    let names: Vec<BucketName> = review
        .buckets
        .value()
        .into_iter()
        .flatten()
        .filter_map(|bucket| BucketName::parse(&bucket.name).ok())
        .collect();
    let why_not = names.is_empty().then_some("The buckets are not known yet");
    let select = Select::new("Bucket", &current)
        .icon(icon::DATABASE)
        .disabled_because(why_not);
    let (_, chosen) = select.show(ui, |ui| {
        let mut chosen = None;
        for name in &names {
            let item = MenuItem::new(name.as_str()).checked(*name == review.options.bucket);
            if ui.add(item).clicked() {
                chosen = Some(name.clone());
            }
        }
        chosen
    });
    if let Some(bucket) = chosen.flatten() {
        review.options.bucket = bucket;
    }
    let facts = review.bucket().map(facts).unwrap_or_default();
    text::elided(ui, Type::Caption, facts, Tokens::of(ui).tx3);
}

/// "Public, up to 5 MB, png jpeg webp".
fn facts(bucket: &Bucket) -> String {
    let mut facts = vec![if bucket.public { "Public" } else { "Private" }.to_owned()];
    if let Some(limit) = bucket.file_size_limit {
        facts.push(format!("up to {}", format_bytes(limit)));
    }
    match bucket.allowed_mime_types.as_deref() {
        None | Some([]) => facts.push("any type".to_owned()),
        Some(types) => {
            let short = |entry: &String| entry.strip_prefix("image/").map_or(entry.clone(), ToOwned::to_owned);
            let images = |short: &String| short != "*";
            let types: Vec<String> = types
                .iter()
                .map(|entry| Some(short(entry)).filter(images).unwrap_or_else(|| entry.clone()))
                .collect();
            facts.push(types.join(" "));
        }
    }
    facts.join(", ")
}

fn folder(ui: &mut Ui, review: &mut Review) {
    let problem = review.options.folder_problem();
    TextField::new("Folder", &mut review.options.folder)
        .label()
        .mono()
        .hint("The bucket itself")
        .error(problem.as_deref())
        .show(ui);
}

fn names(ui: &mut Ui, review: &mut Review) {
    let problem = review.options.template_problem();
    let unique = review.options.template.contains("{uuid}");
    let help = if review.options.template.trim().is_empty() {
        "Files keep their names"
    } else if unique {
        "Unique names never go stale in the cache"
    } else {
        "The same for all files, folders stay"
    };
    TextField::new("File name", &mut review.options.template)
        .label()
        .mono()
        .hint("{name}.{ext}")
        .help(help)
        .error(problem.as_deref())
        .show(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::LABEL, space::LABEL);
        for place in Template::PLACES {
            let tip = match place {
                "name" => "The file's own name",
                "index" => "Its number, from 0",
                "index1" => "Its number, from 1",
                "uuid" => "A name that nothing else has",
                _ => "The extension of what it is",
            };
            if ui.add(Button::new(place).small().tip(tip)).clicked() {
                let template = &mut review.options.template;
                if place == "ext" && !template.is_empty() && !template.ends_with('.') {
                    template.push('.');
                }
                template.push_str(&format!("{{{place}}}"));
            }
        }
    });
}

fn cache(ui: &mut Ui, review: &mut Review) {
    label(ui, "Cache-Control");
    let unique = review.options.template.contains("{uuid}");
    let words = |cache: Cache| match cache {
        Cache::Hour => "1 hour",
        Cache::Day => "1 day",
        Cache::Year if unique => "1 year, names are unique",
        Cache::Year => "1 year",
        Cache::Ask => "Ask each time",
    };
    let choices = Cache::ALL.map(|cache| (cache, words(cache)));
    Select::new("Cache-Control", words(review.options.cache))
        .icon(icon::CLOCK)
        .show_choices(ui, &mut review.options.cache, &choices);
}

fn taken(ui: &mut Ui, review: &mut Review, why_locked: Option<&'static str>) {
    label(ui, "If the key is taken");
    ui.add_space(space::LABEL);
    for taken in [IfTaken::Ask, IfTaken::Replace, IfTaken::KeepBoth, IfTaken::Skip] {
        let (name, detail) = words::taken(taken);
        let locked = why_locked.filter(|_| taken == IfTaken::Replace);
        let chosen = review.options.taken == taken;
        let answer = ui.add_enabled_ui(locked.is_none(), |ui| radio(ui, name, detail, chosen));
        let mut response = answer.inner;
        if let Some(reason) = locked {
            response = tooltip_disabled(response, reason);
        }
        if response.clicked() {
            review.options.taken = taken;
        }
    }
}

fn habits(ui: &mut Ui, review: &mut Review) {
    let habits = &mut review.options.habits;
    toggle_row(ui, "Verify by hash after upload", &mut habits.read_back);
    toggle_row(ui, "Remove location data", &mut habits.remove_location);
    toggle_row(ui, "Ask also when all is ready", &mut habits.always_ask);
}
