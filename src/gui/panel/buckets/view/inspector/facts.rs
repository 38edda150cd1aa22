//! What the server says of an object, and what proves it.

use egui::{Align, Layout, Sense, Ui, vec2};
use jiff::tz::TimeZone;

use super::super::dialogs::headers::rules;
use super::{NAMES, edit};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::model::Entry;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Tone, Type, size};
use crate::gui::widget::{Button, IconButton, Select, TextField, key_mono, key_text, key_value, text, tooltip};
use crate::gui::words;
use crate::service::{Provenance, Written};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::Proof;
use crate::transfer::plan::HeaderEdit;

pub fn show(
    ui: &mut Ui,
    state: &mut State,
    entry: &Entry,
    at: Option<(&BucketName, &ObjectKey)>,
    context: &mut PanelContext<'_>,
) {
    let info = state.inspect.info().cloned();
    let bytes = info.as_ref().and_then(|info| info.size).or(entry.size);
    let bytes = bytes.map_or_else(
        || "Not known".to_owned(),
        |bytes| format!("{} bytes", crate::media::group_thousands(bytes)),
    );
    key_text(ui, NAMES, "Size", &bytes);
    let declared = info
        .as_ref()
        .and_then(|info| info.content_type.as_deref())
        .or(entry.content_type.as_deref());
    key_mono(ui, NAMES, "Type", declared.unwrap_or("not declared"));
    if let Some(at) = at {
        caching(
            ui,
            state,
            info.as_ref().and_then(|info| info.cache_control.as_deref()),
            at,
            context,
        );
    }
    // What is not known yet has its place already.
    let waiting = state.inspect.is_waiting();
    match info.as_ref().and_then(|info| info.etag.as_deref()) {
        Some(etag) => copied(ui, "ETag", etag, "ETag", None, context),
        None => key_text(ui, NAMES, "ETag", if waiting { "…" } else { "Not known" }),
    }
    let provenance = state.inspect.provenance().cloned();
    match provenance.as_ref().and_then(|provenance| provenance.sha256.clone()) {
        Some(sha256) => copied(
            ui,
            "SHA-256",
            &sha256,
            "SHA-256",
            provenance.as_ref().map(proof),
            context,
        ),
        None => key_text(ui, NAMES, "SHA-256", if waiting { "…" } else { "Not noted" }),
    }
    let zone = TimeZone::system();
    let updated = info.as_ref().and_then(|info| info.last_modified).or(entry.modified);
    if let Some(time) = updated {
        let time = words::whole_time(time, &zone);
        match provenance.as_ref().and_then(|provenance| provenance.edited.as_ref()) {
            // No line of its own: an edit that comes while somebody looks moves nothing.
            Some(edited) => written(ui, "Updated", &format!("{time}, edited here"), edited, &zone),
            None => key_text(ui, NAMES, "Updated", &time),
        }
    }
    if let Some(created) = info.as_ref().and_then(|info| info.created_at) {
        key_text(ui, NAMES, "First stored", &words::whole_time(created, &zone));
    }
    match provenance.as_ref().and_then(|provenance| provenance.stored.as_ref()) {
        Some(stored) => written(ui, "Written by", &stored.title, stored, &zone),
        None => key_text(
            ui,
            NAMES,
            "Written by",
            if waiting { "…" } else { "No transfer of this computer" },
        ),
    }
}

/// The rule for caches, and a pencil that changes it.
fn caching(
    ui: &mut Ui,
    state: &mut State,
    now: Option<&str>,
    (bucket, key): (&BucketName, &ObjectKey),
    context: &mut PanelContext<'_>,
) {
    let t = Tokens::of(ui);
    let known = state.inspect.info().is_some();
    let Some(mut typed) = state.inspect.caching.take() else {
        key_value(ui, NAMES, "Cache-Control", |ui| {
            let shown = if known { now.unwrap_or("not set") } else { "…" };
            text::label(ui, Type::MonoSmall, shown, t.tx1);
            let why_not = context.why_locked().or((!known).then_some("It is not read yet"));
            let pencil = IconButton::new(icon::PENCIL_SIMPLE, "Edit Cache-Control").small();
            if ui.add(pencil.disabled_because(why_not)).clicked() {
                state.inspect.edit_caching();
            }
        });
        return;
    };
    let change = HeaderEdit {
        cache_control: Some(typed.trim().to_owned()),
        ..HeaderEdit::default()
    };
    let wrong = change.check().err();
    let mut stays = true;
    text::label(ui, Type::Small, "Cache-Control", t.tx3);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let field = TextField::new("Cache-Control", &mut typed).mono();
        let response = field.width(ui.available_width() - 118.0).show(ui);
        if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            stays = false;
        }
        Select::new("Usual rules", "Usual rules")
            .width(112.0)
            .show(ui, |ui| rules(ui, &mut typed));
    });
    if let Some(wrong) = &wrong {
        text::wrapped(ui, Type::Caption, wrong.as_str(), t.err);
    }
    let same = Some(typed.trim()) == now;
    let reason = wrong
        .as_deref()
        .or(same.then_some("It is so already"))
        .or(context.why_locked());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if ui.add(Button::new("Save").small().disabled_because(reason)).clicked() {
            context.actions.push(edit(bucket, key, change));
            stays = false;
        }
        if ui.add(Button::ghost("Cancel").small()).clicked() {
            stays = false;
        }
    });
    state.inspect.caching = stays.then_some(typed);
}

/// How far it is proven that the object has this hash: the words, and how they are to be taken.
fn proof(provenance: &Provenance) -> (&'static str, Tone) {
    match provenance.stored.as_ref().map(|written| written.proof) {
        Some(Proof::ServerHash) => ("server hash", Tone::Ok),
        Some(Proof::ReadBack) => ("re-read", Tone::Ok),
        Some(Proof::SizeOnly) => ("size only", Tone::Warn),
        Some(Proof::Unverified) => ("not checked", Tone::Neutral),
        // Noted beside the bytes by whoever stored them.
        None => ("not checked", Tone::Neutral),
    }
}

/// A fact that can be copied, perhaps with what proves it.
fn copied(
    ui: &mut Ui,
    name: &str,
    value: &str,
    what: &'static str,
    proof: Option<(&str, Tone)>,
    context: &mut PanelContext<'_>,
) {
    let t = Tokens::of(ui);
    key_value(ui, NAMES, name, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let label = format!("Copy {name}");
            if ui.add(IconButton::new(icon::COPY, &label).small()).clicked() {
                context.actions.push(Action::Copy {
                    text: value.to_owned(),
                    what,
                });
            }
            if let Some((words, tone)) = proof {
                let colors = t.tone(tone);
                text::label(ui, Type::Small, words, colors.fg);
                let mark = match tone {
                    Tone::Ok => icon::SEAL_CHECK,
                    Tone::Warn => icon::SEAL_WARNING,
                    _ => icon::SEAL_QUESTION,
                };
                let (at, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON_SMALL), Sense::hover());
                mark.filled()
                    .paint(ui.painter(), at.center(), size::ICON_SMALL, colors.fill);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::key(ui, Type::MonoSmall, value, t.tx1)
            });
        });
    });
}

/// What wrote it, as far as this computer did: in `shown` words, and whole in the tooltip.
fn written(ui: &mut Ui, name: &str, shown: &str, written: &Written, zone: &TimeZone) {
    let t = Tokens::of(ui);
    key_value(ui, NAMES, name, |ui| {
        let response = text::elided(ui, Type::Small, shown, t.tx1);
        let at = words::whole_time(written.at, zone);
        let words = format!(
            "{}\nFrom {}\n{at}, {}",
            written.title,
            written.from,
            written.proof.words()
        );
        tooltip(response, &words);
    });
}
