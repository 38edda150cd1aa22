//! The list at the left: search, filters, and a row a story.

use egui::{Align, EventFilter, Id, Layout, Margin, Rect, Response, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

use super::picture::{Pixels, spoken};
use super::problem::{self, Answer};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Creation, Filter, Focus, Selection, State};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Tone, Type, radius, size, space};
use crate::gui::widget::{
    Button, Chip, EmptyState, FilterChip, IconButton, Picture, PictureState, Progress, ProgressBar, Row, TextField,
    skeleton, skeleton_due, text,
};
use crate::service::{Job, JobState};
use crate::story::{Status, Story, StoryId};

const ROW: f32 = 64.0;
const COVER: egui::Vec2 = vec2(60.0, 45.0);

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    egui::Frame::NONE
        .inner_margin(Margin {
            left: 12,
            right: 12,
            top: 8,
            bottom: 0,
        })
        .show(ui, |ui| {
            head(ui, state);
            ui.add_space(6.0);
            search(ui, state);
            ui.add_space(10.0);
            filters(ui, state);
        });
    ui.add_space(8.0);
    if !state.list.is_empty() && state.list.problem().is_some() {
        refresh_failed(ui, state, context);
    }
    rows_or_why_not(ui, state, context);
}

fn head(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.set_height(size::CONTROL);
        ui.spacing_mut().item_spacing.x = 8.0;
        text::label(ui, Type::Head, "Stories", t.tx1);
        if state.list.is_loaded() {
            text::label(ui, Type::Small, state.list.total(), t.tx3);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if ui.add(IconButton::new(icon::PLUS, "New story")).clicked() {
                state.new_story();
            }
            let reading = state.list.is_reading();
            let refresh = IconButton::new(icon::ARROW_CLOCKWISE, "Refresh stories").busy(reading);
            if ui.add(refresh).clicked() && !reading {
                state.refresh();
            }
        });
    });
}

fn search(ui: &mut Ui, state: &mut State) {
    let id = Id::unique("stories-search");
    if state.focus == Some(Focus::Search) {
        state.focus = None;
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let mut query = state.list.query().to_owned();
    let field = TextField::search("Title or prompt", &mut query)
        .key("/")
        .id(id)
        .show(ui);
    if field.changed() {
        state.list.search(query);
    }
}

fn filters(ui: &mut Ui, state: &mut State) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
        for filter in Filter::ALL {
            let mut chip = FilterChip::new(filter.word(), state.list.filter() == filter).tight();
            if filter != Filter::All {
                chip = chip.count(state.list.count(filter));
            }
            if ui.add(chip).clicked() {
                state.list.set_filter(filter);
            }
        }
    });
}

/// The rows are what was read before; say so, and why.
fn refresh_failed(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let Some(problem) = state.list.problem() else { return };
    let answer = egui::Frame::NONE
        .inner_margin(Margin {
            left: 12,
            right: 12,
            top: 0,
            bottom: 8,
        })
        .show(ui, |ui| problem::show(ui, problem, "Try again", false, context.actions))
        .inner;
    if answer == Some(Answer::Retry) {
        state.refresh();
    }
}

fn rows_or_why_not(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let creations = state.work.creations().count();
    if state.list.visible().len() + creations > 0 {
        return rows(ui, state, context, creations);
    }
    if !state.list.is_loaded() {
        match state.list.problem() {
            // Why, and what to do about it, is told in the middle.
            Some(_) => quiet(ui, "The stories could not be read"),
            None => skeletons(ui),
        }
    } else if state.list.is_empty() {
        quiet(ui, "Stories are listed here");
    } else {
        let (line, caption) = no_match(state);
        if EmptyState::new(icon::MAGNIFYING_GLASS, &line, &caption)
            .button("Clear filters")
            .show(ui)
        {
            state.list.clear_filters();
        }
    }
}

fn quiet(ui: &mut Ui, words: &str) {
    ui.vertical_centered(|ui| {
        ui.add_space(24.0);
        text::label(ui, Type::Caption, words, Tokens::of(ui).tx3);
    });
}

fn no_match(state: &State) -> (String, String) {
    let query = state.list.query().trim();
    let line = if query.is_empty() {
        format!("No story under “{}”", state.list.filter().word())
    } else {
        format!("No match for “{query}”")
    };
    let more = if state.list.has_more() {
        "; there may be more"
    } else {
        ""
    };
    (
        line,
        format!("{} stories searched{more}", state.list.count(Filter::All)),
    )
}

fn skeletons(ui: &mut Ui) {
    let now = ui.input(|input| input.time);
    let since = ui.data_mut(|data| *data.get_temp_mut_or_insert_with(Id::unique("stories-first-load"), || now));
    if !skeleton_due(ui, since) {
        return;
    }
    for _ in 0..6 {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        let cover = Rect::from_min_size(pos2(rect.left() + 16.0, rect.center().y - COVER.y * 0.5), COVER);
        ui.scope_builder(UiBuilder::new().max_rect(cover), |ui| skeleton(ui, COVER));
        for (top, width) in [(14.0, 130.0), (36.0, 84.0)] {
            let at = Rect::from_min_size(rect.min + vec2(86.0, top), vec2(width, 12.0));
            ui.scope_builder(UiBuilder::new().max_rect(at), |ui| skeleton(ui, at.size()));
        }
    }
}

fn rows(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, creations: usize) {
    keys(ui, state);
    let listed = state.list.visible().len();
    let more = usize::from(state.list.has_more());
    let selected = match state.selection() {
        Selection::Story(id) => state.list.place_of(id).map(|place| place + creations),
        Selection::Creation(id) => state.work.creations().position(|creation| creation.id == *id),
        Selection::None => None,
    };
    let reveal = state.reveal_row.then_some(selected).flatten();
    state.reveal_row = false;
    ScrollArea::vertical()
        .id_salt("stories-rows")
        .auto_shrink(false)
        .show_rows(ui, ROW, creations + listed + more, |ui, range| {
            let top = ui.max_rect().top() - range.start as f32 * ROW;
            if let Some(place) = reveal {
                let row = Rect::from_min_size(pos2(ui.max_rect().left(), top + place as f32 * ROW), vec2(1.0, ROW));
                ui.scroll_to_rect(row, None);
            }
            for at in range {
                row(ui, state, context, at, creations);
            }
        });
}

/// The row at a place: stories without a row first, then the listed ones, then what reads more.
fn row(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, at: usize, creations: usize) {
    let chosen = if at < creations {
        let Some(creation) = state.work.creations().nth(at) else {
            return;
        };
        let selection = Selection::Creation(creation.id);
        let response = creation_row(ui, creation, *state.selection() == selection);
        response.clicked().then_some(selection)
    } else if let Some(story) = state.list.at(at - creations) {
        let selection = Selection::Story(story.story_id.clone());
        let selected = *state.selection() == selection;
        let job = state.work.running(&story.story_id);
        let response = story_row(ui, story, job, selected, context);
        if selected && state.focus == Some(Focus::Row) {
            response.request_focus();
            state.focus = None;
        }
        if response.has_focus() {
            let arrows = EventFilter {
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        }
        response.clicked().then_some(selection)
    } else {
        show_more(ui, state);
        None
    };
    if let Some(selection) = chosen {
        state.select(selection);
    }
}

fn show_more(ui: &mut Ui, state: &mut State) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let layout = Layout::centered_and_justified(egui::Direction::LeftToRight);
    let inner = rect.shrink2(vec2(space::SECTION, (ROW - size::CONTROL) * 0.5));
    ui.scope_builder(UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        let reading = state.list.is_reading();
        let button = Button::new("Show more")
            .icon(icon::CARET_DOWN)
            .min_width(f32::INFINITY)
            .busy(reading);
        if ui.add(button).clicked() && !reading {
            state.list.show_more();
        }
    });
}

/// The id of a story's row, the same wherever the row is.
fn row_id(story: &StoryId) -> Id {
    Id::unique("story-row").with(story.as_str())
}

fn story_row(
    ui: &mut Ui,
    story: &Story,
    job: Option<&Job>,
    selected: bool,
    context: &mut PanelContext<'_>,
) -> Response {
    let cover = story
        .cover_image_url
        .as_ref()
        .or_else(|| story.scenes.iter().find_map(|scene| scene.image_url.as_ref()));
    let pixels = Pixels::at(ui, context.pictures, context.service, cover, PictureSize::Thumb);
    let thumb = match &pixels {
        Pixels::Ready(texture, _) => PictureState::Ready(*texture),
        Pixels::Loading => PictureState::Loading,
        Pixels::Broken { line, code } => PictureState::Broken { line, code },
        Pixels::None => PictureState::Missing { line: "", button: None },
    };
    let (tone, word) = match job {
        Some(_) => (Tone::Accent, Status::Processing.word()),
        None => status_tone(story.status),
    };
    let count = match (story.pictures(), story.scenes.len()) {
        (_, 0) => "No scenes".to_owned(),
        (pictures, scenes) if pictures < scenes => format!("{pictures} of {scenes}"),
        (_, 1) => "1 scene".to_owned(),
        (_, scenes) => format!("{scenes} scenes"),
    };
    let progress = job.map(progress_of);
    let line = Line {
        name: &story.title,
        cover: story.scenes.first().map(spoken).unwrap_or_default(),
        thumb,
        tone,
        word,
        count: &count,
        progress,
    };
    list_row(ui, line, selected, Some(row_id(&story.story_id)))
}

fn creation_row(ui: &mut Ui, creation: &Creation, selected: bool) -> Response {
    let state = creation.job.as_ref().map(|job| &job.state);
    let (tone, word) = match state {
        Some(JobState::Failed(_)) => (Tone::Err, "Not begun"),
        Some(JobState::Cancelled) => (Tone::Neutral, "Cancelled"),
        Some(JobState::Running | JobState::Cancelling | JobState::Done(_)) | None => (Tone::Accent, "Beginning"),
    };
    let running = tone == Tone::Accent;
    let progress = running.then(|| creation.job.as_ref().map_or(Progress::Running(None), progress_of));
    let count = match creation.brief.scenes() {
        1 => "1 scene".to_owned(),
        scenes => format!("{scenes} scenes"),
    };
    let thumb = PictureState::Missing { line: "", button: None };
    let line = Line {
        name: creation.brief.title(),
        cover: "No picture yet",
        thumb,
        tone,
        word,
        count: &count,
        progress,
    };
    list_row(ui, line, selected, None)
}

/// What a row says.
#[derive(Clone, Copy)]
struct Line<'a> {
    name: &'a str,
    cover: &'a str,
    thumb: PictureState<'a>,
    tone: Tone,
    word: &'a str,
    count: &'a str,
    progress: Option<Progress>,
}

fn list_row(ui: &mut Ui, line: Line<'_>, selected: bool, id: Option<Id>) -> Response {
    let t = Tokens::of(ui);
    let mut row = Row::new(line.name, ROW).selected(selected).padding(12.0);
    if let Some(id) = id {
        row = row.id(id);
    }
    let whole = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), ROW));
    let inset = whole.shrink2(vec2(4.0, 0.0));
    let response = ui
        .scope_builder(UiBuilder::new().max_rect(inset), |ui| {
            row.show(ui, |ui| {
                Picture::new(line.cover, line.thumb)
                    .size(COVER)
                    .corners(radius::BADGE)
                    .show(ui);
                ui.add_space(2.0);
                let rect = ui.available_rect_before_wrap();
                let words = Rect::from_min_max(pos2(rect.left(), rect.top() + 9.0), rect.max);
                ui.scope_builder(
                    UiBuilder::new().max_rect(words).layout(Layout::top_down(Align::Min)),
                    |ui| {
                        ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
                        text::elided(ui, Type::Strong, line.name, t.tx1);
                        ui.add_space(3.0);
                        ui.horizontal(|ui| {
                            ui.add(Chip::new(line.tone, line.word));
                            text::elided(ui, Type::Small, line.count, if selected { t.tx2 } else { t.tx3 });
                        });
                        if let Some(progress) = line.progress {
                            ui.add_space(3.0);
                            ui.add(ProgressBar::new(line.name, progress).thin());
                        }
                    },
                );
            })
        })
        .inner;
    ui.allocate_rect(whole, Sense::hover());
    response
}

/// The colour and the word of a status.
pub(super) fn status_tone(status: Status) -> (Tone, &'static str) {
    let tone = match status {
        Status::Pending => Tone::Neutral,
        Status::Processing => Tone::Accent,
        Status::Completed => Tone::Ok,
        Status::Failed => Tone::Err,
    };
    (tone, status.word())
}

/// How far a running job is.
pub(super) fn progress_of(job: &Job) -> Progress {
    let share = job
        .progress
        .total
        .filter(|total| *total > 0)
        .map(|total| job.progress.done as f32 / total as f32);
    Progress::Running(share)
}

/// While a row has the keyboard, the arrows choose.
fn keys(ui: &Ui, state: &mut State) {
    let Selection::Story(id) = state.selection() else {
        return;
    };
    let id = row_id(id);
    if !ui.memory(|memory| memory.has_focus(id)) {
        return;
    }
    let by = ui.input(|input| {
        let pressed = |key| input.num_presses(key) as isize;
        pressed(egui::Key::ArrowDown) - pressed(egui::Key::ArrowUp)
            + 8 * (pressed(egui::Key::PageDown) - pressed(egui::Key::PageUp))
    });
    if by != 0 {
        state.step_story(by);
        state.focus = Some(Focus::Row);
    }
}
