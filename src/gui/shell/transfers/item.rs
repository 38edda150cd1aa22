//! One item of a job: its name, how far it is or how it ended, and what can be done about it.

use std::time::Duration;

use egui::{Align, Id, Layout, Rect, Sense, Ui, vec2};

use crate::gui::action::Action;
use crate::gui::icon::{self, Icon};
use crate::gui::panel::buckets::kind::may_be_picture;
use crate::gui::theme::{Tokens, Tone, Type, radius, size, space};
use crate::gui::widget::{Badge, Button, IconButton, Progress, ProgressBar, Row, text, tooltip};
use crate::media::format_bytes;
use crate::service::{MovingItem, Wish};
use crate::transfer::{ItemState, Job, JobState, Kind, Proof, Target, Wanted};

const HEIGHT: f32 = 54.0;
/// The block with the icon of its kind.
const MARK: egui::Vec2 = vec2(32.0, 24.0);

pub(super) fn show(ui: &mut Ui, job: &Job, item: &MovingItem, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let facts = Facts::of(job, item);
    let name = format!("{}, {}", item.name, facts.words);
    let shown = Row::new(&name, HEIGHT)
        .padding(12.0)
        .id(Id::unique(("transfer", job.id, item.number)))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = space::CONTROL;
            mark(ui, &item.name);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                buttons(ui, job, item, actions);
                if let Some((tone, icon, words)) = facts.badge {
                    ui.add(Badge::new(tone, words).icon(icon));
                }
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    ui.spacing_mut().item_spacing = vec2(0.0, 3.0);
                    ui.add_space(if facts.progress.is_some() { 7.0 } else { 10.0 });
                    text::key(ui, Type::MonoSmall, &item.name, t.tx1);
                    if let Some(progress) = facts.progress {
                        ui.add(ProgressBar::new(&item.name, progress));
                    }
                    let color = if facts.bad { t.err } else { t.tx2 };
                    text::elided(ui, Type::Caption, facts.words.as_str(), color);
                });
            });
        });
    if let ItemState::Failed(failure) = &item.state {
        tooltip(shown, &format!("{}\n{}", failure.what, failure.hint));
    }
}

fn mark(ui: &mut Ui, name: &str) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(MARK, Sense::hover());
    let rect = Rect::from_center_size(rect.center(), MARK);
    ui.painter().rect_filled(rect, radius::BADGE, t.bg3);
    let kind = if may_be_picture(name, None) {
        icon::FILE_IMAGE
    } else {
        icon::FILE
    };
    kind.paint(ui.painter(), rect.center(), size::ICON_SMALL, t.tx3);
}

fn buttons(ui: &mut Ui, job: &Job, item: &MovingItem, actions: &mut Vec<Action>) {
    let mut wish = |wish| actions.push(Action::Wish(Target::Item(job.id, item.number), wish));
    match &item.state {
        ItemState::Waiting | ItemState::InFlight | ItemState::Landed => {
            let open = matches!(job.state, JobState::Running | JobState::Waiting | JobState::Paused);
            if !open {
                return;
            }
            if item.wanted == Wanted::Pause || job.wanted == Wanted::Pause {
                let name = format!("Resume {}", item.name);
                if ui.add(IconButton::new(icon::PLAY, &name).small()).clicked() {
                    wish(Wish::Resume);
                }
            } else {
                let name = format!("Pause {}", item.name);
                if ui.add(IconButton::new(icon::PAUSE, &name).small()).clicked() {
                    wish(Wish::Pause);
                }
            }
        }
        ItemState::Failed(_) => {
            if ui.add(Button::new("Retry").small()).clicked() {
                wish(Wish::Retry);
            }
        }
        ItemState::Done { .. } | ItemState::Skipped { .. } | ItemState::Undecided { .. } | ItemState::Cancelled => {}
    }
}

/// What a row says.
struct Facts {
    words: String,
    bad: bool,
    progress: Option<Progress>,
    badge: Option<(Tone, Icon, &'static str)>,
}

impl Facts {
    fn of(job: &Job, item: &MovingItem) -> Self {
        let share = item.size.map(|size| (item.bytes as f64 / size.max(1) as f64) as f32);
        let size = item.size.map(format_bytes).unwrap_or_default();
        let paused = item.wanted == Wanted::Pause || job.wanted == Wanted::Pause;
        let plain = |words: String| Self {
            words,
            bad: false,
            progress: None,
            badge: None,
        };
        match &item.state {
            ItemState::Waiting if paused && item.bytes > 0 => Self {
                progress: Some(Progress::Paused(share.unwrap_or(0.0))),
                ..plain(format!(
                    "Paused at {} of {size}, resumes from there",
                    format_bytes(item.bytes)
                ))
            },
            ItemState::Waiting if paused => plain(format!("Paused · {size}")),
            ItemState::Waiting => plain(format!("Waiting · {size}")),
            ItemState::InFlight => {
                let percent = share
                    .map(|share| format!(" {} %", (share * 100.0).floor()))
                    .unwrap_or_default();
                Self {
                    progress: Some(Progress::Running(share)),
                    ..plain(format!("{}{percent} · {size}", verb(job.kind)))
                }
            }
            ItemState::Landed => Self {
                progress: Some(Progress::Running(Some(1.0))),
                ..plain(format!("Proving it · {size}"))
            },
            ItemState::Done { proof } => Self {
                badge: moves_bytes(job.kind).then(|| badge(*proof)),
                ..plain(done(job.kind, *proof, &size))
            },
            ItemState::Skipped { why } => plain(why.clone()),
            ItemState::Undecided { why } => Self {
                badge: Some((Tone::Warn, icon::WARNING.filled(), "Decide")),
                ..plain(why.clone())
            },
            ItemState::Failed(failure) => Self {
                bad: true,
                ..plain(failure.what.clone())
            },
            ItemState::Cancelled => plain("Cancelled".to_owned()),
        }
    }
}

fn moves_bytes(kind: Kind) -> bool {
    matches!(kind, Kind::Upload | Kind::Download)
}

fn verb(kind: Kind) -> &'static str {
    match kind {
        Kind::Upload => "Uploading",
        Kind::Download => "Downloading",
        Kind::Move => "Moving",
        Kind::Copy => "Copying",
        Kind::Delete => "Deleting",
        Kind::Restore => "Restoring",
    }
}

fn badge(proof: Proof) -> (Tone, Icon, &'static str) {
    match proof {
        Proof::ServerHash => (Tone::Ok, icon::SEAL_CHECK.filled(), "Verified, server hash"),
        Proof::ReadBack => (Tone::Ok, icon::SEAL_CHECK.filled(), "Verified, re-read"),
        Proof::SizeOnly => (Tone::Warn, icon::SEAL_QUESTION.filled(), "Size only"),
        Proof::Unverified => (Tone::Neutral, icon::SEAL_QUESTION, "Not checked"),
    }
}

fn done(kind: Kind, proof: Proof, size: &str) -> String {
    match (kind, proof) {
        (Kind::Upload | Kind::Download, Proof::SizeOnly) => format!("{size} · hash not offered by server"),
        (Kind::Upload | Kind::Download, _) => size.to_owned(),
        (Kind::Move, _) => "Moved".to_owned(),
        (Kind::Copy, _) => "Copied".to_owned(),
        (Kind::Delete, _) => "Deleted".to_owned(),
        (Kind::Restore, _) => "Restored".to_owned(),
    }
}

/// "4 s", "2 min", "1 h 5 min".
pub(super) fn duration(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds {
        0..=59 => format!("{} s", seconds.max(1)),
        60..=3599 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_as_exact_as_it_has_to_be() {
        let words = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!(
            [words(0), words(4), words(61), words(3900)],
            ["1 s", "4 s", "2 min", "1 h 5 min"]
        );
    }
}
