//! One item of a job: its name, how far it is or how it ended, and what can be done about it.

use std::time::Duration;

use egui::{Align, Id, Layout, Rect, Sense, Ui, vec2};

use super::{Around, ROW, job, lines, speed};
use crate::gui::action::Action;
use crate::gui::icon::{self, Icon};
use crate::gui::panel::buckets::kind::may_be_picture;
use crate::gui::theme::{Tokens, Tone, Type, radius, size, space};
use crate::gui::widget::{
    Badge, Button, Fit, IconButton, MenuItem, Picture, PictureState, Progress, ProgressBar, Row, context_menu,
    menu_below, text, tooltip,
};
use crate::media::format_bytes;
use crate::service::{Moving, MovingItem, MovingJob, Wish};
use crate::transfer::{ItemState, Job, JobState, Kind, Proof, Target, Wanted};

/// The block with the icon of its kind.
const MARK: egui::Vec2 = vec2(32.0, 24.0);

pub(super) fn show(
    ui: &mut Ui,
    moving: &Moving,
    of: &MovingJob,
    item: &MovingItem,
    around: &mut Around<'_>,
    actions: &mut Vec<Action>,
) {
    let t = Tokens::of(ui);
    let facts = Facts::of(moving, of, item);
    let is_last = lines::is_last(moving, lines::place_of(moving, of));
    let name = format!("{}, {}", item.name, facts.whole());
    let row = Row::new(&name, ROW)
        .padding(12.0)
        .id(Id::unique(("transfer", of.job.id, item.number)))
        .show(ui, |ui| {
            ui.push_id(("transfer", of.job.id, item.number), |ui| {
                ui.spacing_mut().item_spacing.x = space::CONTROL;
                mark(ui, item, around);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    buttons(ui, of, item, is_last, actions);
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
                        let color = match facts.tone {
                            Tone::Err => t.err,
                            Tone::Warn => t.warn,
                            _ => t.tx2,
                        };
                        text::elided(ui, Type::Caption, facts.words.as_str(), color);
                    });
                });
            });
        });
    if has_menu(of, item) {
        context_menu(&row, |ui| menu(ui, of, item, is_last, actions));
    }
    tooltip(row, &format!("{}\n{}", item.way, facts.whole()));
}

/// The picture of what is moved where it is a file that can be shown, else what it is.
fn mark(ui: &mut Ui, item: &MovingItem, around: &mut Around<'_>) {
    let t = Tokens::of(ui);
    let name = item.name.as_str();
    let is_picture = may_be_picture(name, None);
    let file = item.file.as_ref().filter(|_| is_picture);
    let object = item.picture.as_ref().filter(|_| is_picture && file.is_none());
    let texture = match (file, object) {
        (Some(file), _) => (around.thumb)(ui, file),
        (None, Some(object)) => (around.picture)(ui, object),
        (None, None) => None,
    };
    if let Some(texture) = texture {
        let alt = format!("Picture of {name}");
        let _ = Picture::new(&alt, PictureState::Ready(texture))
            .size(MARK)
            .fit(Fit::Cover)
            .corners(radius::BADGE)
            .sense(Sense::hover())
            .show(ui);
        return;
    }
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

/// What is steered by the row of an item: the job, if there is nothing else in it.
fn target(of: &MovingJob, item: &MovingItem) -> Target {
    if lines::is_alone(of) {
        Target::Job(of.job.id)
    } else {
        Target::Item(of.job.id, item.number)
    }
}

/// What is wanted of an item, be it by its own or by its job's wish.
fn wanted(job: &Job, item: &MovingItem) -> Wanted {
    match (job.wanted, item.wanted) {
        (Wanted::Cancel, _) | (_, Wanted::Cancel) => Wanted::Cancel,
        (Wanted::Pause, _) | (_, Wanted::Pause) => Wanted::Pause,
        (Wanted::Run, Wanted::Run) => Wanted::Run,
    }
}

fn buttons(ui: &mut Ui, of: &MovingJob, item: &MovingItem, is_last: bool, actions: &mut Vec<Action>) {
    if has_menu(of, item) {
        let more = ui.add(IconButton::new(icon::DOTS_THREE, &format!("More about {}", item.name)).small());
        menu_below(&more, 180.0, |ui| menu(ui, of, item, is_last, actions));
    }
    let alone = lines::is_alone(of);
    match &item.state {
        // While all of a job is to wait, it goes on as a whole.
        _ if !item.state.is_over() && (alone || of.job.wanted != Wanted::Pause) => {
            let wanted = wanted(&of.job, item);
            job::pause(ui, &of.job, &item.name, target(of, item), wanted, actions);
        }
        ItemState::Failed(_) => retry(ui, "Retry", of, item, actions),
        ItemState::Undecided { .. } => retry(ui, "Look again", of, item, actions),
        _ => {}
    }
    if alone {
        job::undo(ui, of, actions);
    }
}

fn retry(ui: &mut Ui, words: &str, of: &MovingJob, item: &MovingItem, actions: &mut Vec<Action>) {
    if ui.add(Button::new(words).small()).clicked() {
        actions.push(Action::Wish(Target::Item(of.job.id, item.number), Wish::Retry));
    }
}

fn has_menu(of: &MovingJob, item: &MovingItem) -> bool {
    match item.state {
        ItemState::Waiting | ItemState::InFlight | ItemState::Landed => wanted(&of.job, item) != Wanted::Cancel,
        ItemState::Done { .. } => item.object.is_some(),
        ItemState::Failed(_) | ItemState::Undecided { .. } => true,
        ItemState::Skipped { .. } | ItemState::Cancelled => false,
    }
}

fn menu(ui: &mut Ui, of: &MovingJob, item: &MovingItem, is_last: bool, actions: &mut Vec<Action>) {
    let target = target(of, item);
    let mut chosen = |ui: &mut Ui, item: MenuItem<'_>, action: &dyn Fn() -> Action| {
        if ui.add(item).clicked() {
            actions.push(action());
        }
    };
    match &item.state {
        ItemState::Waiting | ItemState::InFlight | ItemState::Landed => {
            if item.state == ItemState::Waiting {
                let first = MenuItem::new("Put before all others").icon(icon::ARROW_LINE_UP);
                chosen(ui, first, &|| Action::Wish(target, Wish::First));
                if !is_last && matches!(target, Target::Job(_)) {
                    let later = MenuItem::new("Put behind the next").icon(icon::ARROW_DOWN);
                    chosen(ui, later, &|| Action::Wish(target, Wish::Later));
                }
            }
            let cancel = MenuItem::new("Cancel").icon(icon::X).danger();
            chosen(ui, cancel, &|| Action::Wish(target, Wish::Cancel));
        }
        ItemState::Failed(failure) => {
            let copy = MenuItem::new("Copy error").icon(icon::COPY);
            chosen(ui, copy, &|| Action::Copy {
                text: format!("{}\n{}\n{}", item.way, failure.what, failure.hint),
                what: "error",
            });
        }
        ItemState::Undecided { why } => {
            let copy = MenuItem::new("Copy what is to be decided").icon(icon::COPY);
            chosen(ui, copy, &|| Action::Copy {
                text: format!("{}\n{why}", item.way),
                what: "question",
            });
        }
        ItemState::Done { .. } => {
            if let Some((bucket, key)) = &item.object {
                let open = MenuItem::new("Show in its bucket").icon(icon::DATABASE);
                chosen(ui, open, &|| Action::OpenObject(bucket.clone(), key.clone()));
            }
        }
        ItemState::Skipped { .. } | ItemState::Cancelled => {}
    }
}

/// What a row says.
struct Facts {
    words: String,
    /// What is not in the row but in its tooltip.
    hint: String,
    tone: Tone,
    progress: Option<Progress>,
    badge: Option<(Tone, Icon, &'static str)>,
}

impl Facts {
    fn plain(words: String) -> Self {
        Self {
            words,
            hint: String::new(),
            tone: Tone::Neutral,
            progress: None,
            badge: None,
        }
    }

    fn of(moving: &Moving, of: &MovingJob, item: &MovingItem) -> Self {
        let kind = of.job.kind;
        let size = item.size.map(format_bytes).unwrap_or_default();
        match &item.state {
            ItemState::Waiting | ItemState::InFlight => Self::open(moving, of, item),
            ItemState::Landed => Self {
                progress: Some(Progress::Running(Some(1.0))),
                ..Self::plain(with("Checking what arrived", &size))
            },
            ItemState::Done { proof } => Self {
                badge: moves_bytes(&of.job).then(|| badge(*proof)),
                ..Self::plain(done(kind, *proof, &size))
            },
            ItemState::Skipped { why } if why.is_empty() => Self::plain("Left as it is".to_owned()),
            ItemState::Skipped { why } => Self::plain(sentence(why)),
            ItemState::Undecided { why } => Self {
                tone: Tone::Warn,
                hint: "Decide which one is right, then look again.".to_owned(),
                ..Self::plain(sentence(why))
            },
            ItemState::Failed(failure) => Self {
                tone: Tone::Err,
                hint: failure.hint.clone(),
                ..Self::plain(sentence(&failure.what))
            },
            ItemState::Cancelled => Self::plain("Cancelled".to_owned()),
        }
    }

    /// Of an item that is not over and has not arrived.
    fn open(moving: &Moving, of: &MovingJob, item: &MovingItem) -> Self {
        let job = &of.job;
        let size = item.size.map(format_bytes).unwrap_or_default();
        let share = item.size.map(|size| (item.bytes as f64 / size.max(1) as f64) as f32);
        let begun = item.bytes > 0;
        match wanted(job, item) {
            Wanted::Cancel => return Self::plain("Is being cancelled".to_owned()),
            Wanted::Pause if begun => {
                let words = format!("Paused at {} of {size}, resumes from there", format_bytes(item.bytes));
                return Self {
                    progress: Some(Progress::Paused(share.unwrap_or(0.0))),
                    ..Self::plain(words)
                };
            }
            Wanted::Pause => return Self::plain(with("Paused", &size)),
            Wanted::Run => {}
        }
        if let Some((what, hint)) = &of.held_by {
            return Self {
                progress: begun.then(|| Progress::Retrying(share.unwrap_or(0.0))),
                tone: Tone::Warn,
                hint: format!("{} {hint}", sentence(what)),
                ..Self::plain(with("Waits for the other workspace", &size))
            };
        }
        if let Some(what) = moving
            .server_waited_for
            .as_ref()
            .filter(|_| job.state == JobState::Running)
        {
            return Self {
                progress: Some(Progress::Retrying(share.unwrap_or(0.0))),
                hint: sentence(what),
                ..Self::plain(with("Waits for the server", &size))
            };
        }
        if item.state == ItemState::Waiting {
            return Self::plain(with("Queued", &size));
        }
        // A large file is read as a whole, for its hash, before any of it is sent.
        let is_read = !begun && job.kind == Kind::Upload && item.size > Some(job.rules.resumable_above);
        if is_read {
            return Self {
                progress: Some(Progress::Running(Some(0.0))),
                ..Self::plain(with("Reading the file", &size))
            };
        }
        let mut words = verb(job.kind).to_owned();
        if let Some(share) = share.filter(|_| moves_bytes(job)) {
            words.push_str(&format!(" {} %", (share * 100.0).floor()));
        }
        if lines::is_alone(of) && of.bytes_per_second > 0 {
            words.push_str(&format!(" · {}", speed(of.bytes_per_second)));
            if let Some(left) = of.left {
                words.push_str(&format!(" · {} left", duration(left)));
            }
        } else {
            words = with(&words, &size);
        }
        Self {
            progress: Some(Progress::Running(share.filter(|_| moves_bytes(job)))),
            ..Self::plain(words)
        }
    }

    /// All of it, for the tooltip and for assistive technology.
    fn whole(&self) -> String {
        let badge = self.badge.map(|(.., words)| words).unwrap_or_default();
        let parts = [self.words.as_str(), self.hint.as_str(), badge];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    }
}

/// "Queued · 231 KB"; the size is not known of everything.
fn with(words: &str, size: &str) -> String {
    if size.is_empty() {
        words.to_owned()
    } else {
        format!("{words} · {size}")
    }
}

/// A reason that begins like a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Whether bytes go through this machine: what a server moves by itself is there at once.
pub(super) fn moves_bytes(job: &Job) -> bool {
    matches!(job.kind, Kind::Upload | Kind::Download) || job.rules.elsewhere.is_some()
}

fn verb(kind: Kind) -> &'static str {
    match kind {
        Kind::Upload => "Uploading",
        Kind::Download => "Downloading",
        Kind::Move => "Moving",
        Kind::Copy => "Copying",
        Kind::Delete => "Moving to trash",
        Kind::Restore => "Restoring",
        Kind::Edit => "Editing",
        Kind::Empty => "Emptying",
        Kind::DeleteBucket => "Deleting",
    }
}

/// What a proof is called, and how it looks.
pub(super) fn badge(proof: Proof) -> (Tone, Icon, &'static str) {
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
        (Kind::Move, _) => with("Moved", size),
        (Kind::Copy, _) => with("Copied", size),
        (Kind::Delete, _) => with("Deleted", size),
        (Kind::Restore, _) => with("Restored", size),
        (Kind::Edit, _) => "Edited".to_owned(),
        (Kind::Empty, _) => with("Emptied", size),
        (Kind::DeleteBucket, _) => with("Deleted", size),
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

    #[test]
    fn reasons_begin_like_sentences_whatever_they_begin_with() {
        assert_eq!(sentence("the file is gone"), "The file is gone");
        assert_eq!(sentence("ähnlich"), "Ähnlich");
        assert_eq!(sentence(""), "");
    }
}
