//! The list at the left: search, filters, and a row a story.

use egui::{
    Align, EventFilter, Id, Key, Layout, Margin, Modifiers, Rect, Response, ScrollArea, Sense, Ui, UiBuilder, pos2,
    vec2,
};

use super::candidate;
use super::picture::{Pixels, spoken};
use super::problem::{self, Answer};
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{
    Creation, Focus, Planning, SORTS, Selection, State, meaning, order as order_words, without_alt,
};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Tone, Type, radius, size};
use crate::gui::widget::{
    Button, Chip, EmptyState, FilterChip, IconButton, MenuItem, Picture, PictureState, Progress, ProgressBar, Row,
    TextField, context_menu, menu_below, menu_separator, skeleton, skeleton_due, text, tooltip,
};
use crate::gui::words::{self, grouped};
use crate::service::{BatchScope, Job, JobState};
use crate::story::{Manuscript, ManuscriptState, Scene, Show, Status, Story, StoryId};

const ROW: f32 = 64.0;
const COVER: egui::Vec2 = vec2(60.0, 45.0);
/// Height of what stands below the list while stories are marked.
const MARKED: f32 = 40.0;

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
            let more = if state.list.is_counted() { "" } else { "+" };
            text::label(ui, Type::Small, format!("{}{more}", grouped(state.list.len())), t.tx3);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if ui.add(IconButton::new(icon::PLUS, "New story")).clicked() {
                state.new_story();
            }
            order(ui, state);
        });
    });
}

/// The order of the list, and reading it again.
fn order(ui: &mut Ui, state: &mut State) {
    let reading = state.list.is_reading();
    let button = IconButton::new(icon::SORT_ASCENDING, "Order of the list").busy(reading && state.list.is_loaded());
    let button = ui.add(button);
    menu_below(&button, 200.0, |ui| {
        for sort in SORTS {
            let chosen = state.list.sort() == sort;
            if ui.add(MenuItem::new(order_words(sort)).checked(chosen)).clicked() {
                state.list.set_sort(sort);
            }
        }
        menu_separator(ui);
        let refresh = MenuItem::new("Refresh stories")
            .icon(icon::ARROW_CLOCKWISE)
            .key("Ctrl R");
        if ui.add(refresh).clicked() {
            state.refresh();
        }
        menu_separator(ui);
        if ui
            .add(MenuItem::new("Generate all missing…").icon(icon::IMAGES))
            .clicked()
        {
            state.batches.planning = Some(Planning::new(BatchScope::All));
        }
        if ui.add(MenuItem::new("Show batches").icon(icon::QUEUE)).clicked() {
            state.batches.listed = true;
        }
    });
}

fn search(ui: &mut Ui, state: &mut State) {
    let id = Id::unique("stories-search");
    if state.focus == Some(Focus::Search) {
        state.focus = None;
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let mut query = state.list.query().to_owned();
    // Down and Enter lead from what was found to the first row of it.
    let has_keyboard = ui.memory(|memory| memory.has_focus(id));
    let down = has_keyboard && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::ArrowDown));
    let field = TextField::search("Title or prompt", &mut query)
        .key("/")
        .id(id)
        .show(ui);
    if field.changed() {
        state.list.search(query);
    }
    if down || field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        state.enter_list();
    }
    if let Some(wait) = state.list.wakes_in() {
        ui.request_repaint_after(wait);
    }
}

fn filters(ui: &mut Ui, state: &mut State) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
        for filter in Show::ALL {
            let mut chip = FilterChip::new(filter.word(), state.list.filter() == filter).tight();
            if filter != Show::All
                && let Some(count) = state.list.count(filter)
            {
                chip = chip.count(usize::try_from(count).unwrap_or(usize::MAX));
            }
            if tooltip(ui.add(chip), meaning(filter)).clicked() {
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
    let above = state.rows_above();
    if state.list.len() + above > 0 {
        return rows(ui, state, context, above);
    }
    if state.list.problem().is_some() {
        // Why, and what to do about it, is told in the middle.
        quiet(ui, "The stories could not be read");
    } else if !state.list.is_loaded() {
        skeletons(ui);
    } else if state.list.is_empty() {
        quiet(ui, "Stories are listed here");
    } else {
        let (line, caption) = no_match(state);
        if EmptyState::new(icon::MAGNIFYING_GLASS, &line, caption)
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

fn no_match(state: &State) -> (String, &'static str) {
    let query = state.list.query().trim();
    if query.is_empty() {
        let line = format!("No story under “{}”", state.list.filter().word());
        (line, meaning(state.list.filter()))
    } else {
        (
            format!("No match for “{query}”"),
            "Titles and prompts of all stories were searched",
        )
    }
}

fn skeletons(ui: &mut Ui) {
    let now = ui.input(|input| input.time);
    let since = ui.data_mut(|data| *data.get_temp_mut_or_insert_with(Id::unique("stories-first-load"), || now));
    if !skeleton_due(ui, since) {
        return;
    }
    for _ in 0..6 {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        skeleton_row(ui, rect);
    }
}

/// A row that is not read yet.
fn skeleton_row(ui: &mut Ui, rect: Rect) {
    let cover = Rect::from_min_size(pos2(rect.left() + 16.0, rect.center().y - COVER.y * 0.5), COVER);
    ui.scope_builder(UiBuilder::new().max_rect(cover), |ui| skeleton(ui, COVER));
    for (top, width) in [(14.0, 130.0), (36.0, 84.0)] {
        let at = Rect::from_min_size(rect.min + vec2(86.0, top), vec2(width, 12.0));
        ui.scope_builder(UiBuilder::new().max_rect(at), |ui| skeleton(ui, at.size()));
    }
}

fn rows(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, above: usize) {
    keys(ui, state);
    let count = above + state.list.len();
    let selected = state.selected_row();
    let reveal = state.reveal_row.then_some(selected).flatten();
    state.reveal_row = false;
    let (left, width) = (ui.max_rect().left(), ui.available_width());
    let top = ui.available_rect_before_wrap().top();
    let room = if state.batches.marked.is_empty() { 0.0 } else { MARKED };
    ScrollArea::vertical()
        .id_salt("stories-rows")
        .auto_shrink(false)
        .max_height((ui.available_height() - room).max(ROW))
        .show_viewport(ui, |ui, view| {
            ui.set_height(count as f32 * ROW);
            // What many rows add up to is more than an `f32` tells apart.
            let place = |at: usize| {
                let y = (at as f64 * f64::from(ROW) - f64::from(view.top())) as f32;
                Rect::from_min_size(pos2(left, top + y), vec2(width, ROW))
            };
            if let Some(at) = reveal {
                ui.scroll_to_rect(place(at), None);
            }
            let row_at = |y: f32| (f64::from(y) / f64::from(ROW)).floor().max(0.0) as usize;
            let in_sight = row_at(view.top()).min(count)..(row_at(view.bottom()) + 1).min(count);
            state
                .list
                .see(in_sight.start.saturating_sub(above)..in_sight.end.saturating_sub(above));
            for at in in_sight {
                let builder = UiBuilder::new().id_salt(at).max_rect(place(at));
                ui.scope_builder(builder, |ui| row(ui, state, context, at, above));
            }
        });
    if room > 0.0 {
        marked(ui, state);
    }
}

/// The row at a place: what has no row in the project yet first, then the listed stories.
fn row(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, at: usize, above: usize) {
    let creations = state.work.creations().count();
    let chosen = if at < creations {
        let Some(creation) = state.work.creations().nth(at) else {
            return;
        };
        let selection = Selection::Creation(creation.id);
        let response = creation_row(ui, creation, *state.selection() == selection);
        response.clicked().then_some(selection)
    } else if at < above {
        let Some(manuscript) = state.manuscripts.listed().nth(at - creations) else {
            return;
        };
        let selection = Selection::Manuscript(manuscript.id.clone());
        let chosen = *state.selection() == selection;
        let response = manuscript_row(ui, manuscript, chosen, context);
        response.clicked().then_some(selection)
    } else if let Some(story) = state.list.at(at - above) {
        let selection = Selection::Story(story.story_id.clone());
        let selected = *state.selection() == selection;
        let response = story_row(ui, state, story, selected, context);
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
        let id = story.story_id.clone();
        let asked = row_menu(
            &response,
            state.batches.marked.contains(&id),
            state.batches.marked.len(),
        );
        let marks = response.clicked() && ui.input(|input| input.modifiers.command);
        let space = response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space));
        match asked {
            Some(RowAsked::Mark) => state.batches.mark(&id),
            Some(RowAsked::Generate) => generate(state, id),
            None if marks || space => state.batches.mark(&id),
            None => {}
        }
        (response.clicked() && !marks && !space).then_some(selection)
    } else {
        let rect = ui.max_rect();
        skeleton_row(ui, rect);
        None
    };
    if let Some(selection) = chosen {
        state.select(selection);
    }
}

/// The id of a story's row, the same wherever the row is.
fn row_id(story: &StoryId) -> Id {
    Id::unique("story-row").with(story.as_str())
}

/// What was asked for in the menu of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowAsked {
    Mark,
    Generate,
}

fn row_menu(row: &Response, marked: bool, marks: usize) -> Option<RowAsked> {
    context_menu(row, |ui| {
        let mut asked = None;
        let words = if marked { "Take the mark away" } else { "Mark" };
        if ui
            .add(MenuItem::new(words).icon(icon::CHECK_SQUARE).key("Space"))
            .clicked()
        {
            asked = Some(RowAsked::Mark);
        }
        let words = match (marked, marks) {
            (true, 2..) => format!("Generate missing in {marks} stories…"),
            _ => "Generate missing…".to_owned(),
        };
        if ui.add(MenuItem::new(&words).icon(icon::IMAGES)).clicked() {
            asked = Some(RowAsked::Generate);
        }
        asked
    })
    .flatten()
}

/// Plans a batch for a story; for all marked ones if it is one of them.
fn generate(state: &mut State, id: StoryId) {
    let stories = if state.batches.marked.contains(&id) {
        state.batches.marked.iter().cloned().collect()
    } else {
        vec![id]
    };
    state.batches.planning = Some(Planning::new(BatchScope::Stories(stories)));
}

/// What can be done to the marked stories, below the list.
fn marked(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    let count = state.batches.marked.len();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), MARKED), Sense::hover());
    ui.painter().rect_filled(rect, 0, t.bg2);
    ui.painter()
        .hline(rect.x_range(), rect.top() + 0.5, egui::Stroke::new(1.0, t.line));
    let inner = rect.shrink2(vec2(12.0, 6.0));
    let layout = Layout::right_to_left(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if ui
            .add(IconButton::new(icon::X, "Take all marks away").small())
            .clicked()
        {
            state.batches.marked.clear();
        }
        if ui.add(Button::new("Generate missing…").small()).clicked() {
            let stories = state.batches.marked.iter().cloned().collect();
            state.batches.planning = Some(Planning::new(BatchScope::Stories(stories)));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            text::elided(ui, Type::SmallStrong, format!("{count} marked"), t.tx1);
        });
    });
}

fn story_row(ui: &mut Ui, state: &State, story: &Story, selected: bool, context: &mut PanelContext<'_>) -> Response {
    let job = state.work.running(&story.story_id);
    let cover = story
        .cover_image_url
        .as_ref()
        .or_else(|| story.scenes.iter().find_map(|scene| scene.image_url.as_ref()));
    // A cover is the picture of one of the scenes, mostly.
    let shows_it = |scene: &&Scene| cover.is_some() && scene.image_url.as_ref() == cover;
    let pixels = match story.scenes.iter().find(shows_it) {
        Some(scene) => Pixels::live(ui, context, state, (story, scene), PictureSize::Thumb),
        None => Pixels::at(ui, context.pictures, context.service, cover, PictureSize::Thumb),
    };
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
    let (pictures, scenes) = (story.pictures(), story.scenes.len());
    let broken = state.broken_of(story);
    let bare = without_alt(story);
    let (count, warns) = match (pictures, scenes) {
        (_, 0) => ("No scenes".to_owned(), false),
        (pictures, scenes) if pictures < scenes => (format!("{pictures} of {scenes}"), false),
        _ if broken > 0 => (format!("{broken} broken"), true),
        _ if bare > 0 => (format!("{bare} no alt"), true),
        (_, 1) => ("1 scene".to_owned(), false),
        (_, scenes) => (format!("{scenes} scenes"), false),
    };
    let share = pictures as f32 / scenes.max(1) as f32;
    let progress = match (job, story.status) {
        (Some(job), _) => Some(progress_of(job)),
        (None, Status::Processing) if pictures < scenes => Some(Progress::Running(Some(share))),
        (None, Status::Failed) if pictures < scenes => Some(Progress::Failed(share)),
        _ => None,
    };
    let is_marked = state.batches.marked.contains(&story.story_id);
    let line = Line {
        is_marked,
        name: &story.title,
        cover: story.scenes.first().map(spoken).unwrap_or_default(),
        thumb,
        tone,
        word,
        count: &count,
        warns,
        progress,
    };
    list_row(ui, line, selected, Some(row_id(&story.story_id)))
}

fn creation_row(ui: &mut Ui, creation: &Creation, selected: bool) -> Response {
    let state = creation.job.as_ref().map(|job| &job.state);
    let (tone, word) = match state {
        Some(JobState::Failed(_)) => (Tone::Err, "Not written"),
        Some(JobState::Cancelled) => (Tone::Neutral, "Cancelled"),
        Some(JobState::Running | JobState::Cancelling | JobState::Done(_)) | None => (Tone::Accent, "Writing"),
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
        warns: false,
        is_marked: false,
        progress,
    };
    list_row(ui, line, selected, None)
}

fn manuscript_row(ui: &mut Ui, manuscript: &Manuscript, selected: bool, context: &mut PanelContext<'_>) -> Response {
    let cover = manuscript.cover_scene().and_then(|scene| scene.chosen);
    let thumb = match candidate::pixels(ui, context, cover, PictureSize::Thumb) {
        Some(texture) => PictureState::Ready(texture),
        None if cover.is_some() => PictureState::Loading,
        None => PictureState::Missing { line: "", button: None },
    };
    let scenes = manuscript.scenes.len();
    let chosen = manuscript.scenes.iter().filter(|scene| scene.chosen.is_some()).count();
    let (tone, word) = match manuscript.state {
        ManuscriptState::Publishing => (Tone::Accent, "Publishing"),
        ManuscriptState::TakingBack => (Tone::Warn, "Taking back"),
        ManuscriptState::Draft | ManuscriptState::Published => (Tone::Neutral, "Draft"),
    };
    let count = match (chosen, scenes) {
        (_, 0) => "No scenes".to_owned(),
        (0, scenes) => words::count(scenes, "scene", "scenes"),
        (chosen, scenes) => format!("{chosen} of {scenes}"),
    };
    let name = match manuscript.title.trim() {
        "" => "Untitled",
        title => title,
    };
    let line = Line {
        name,
        cover: "Cover of the draft",
        thumb,
        tone,
        word,
        count: &count,
        warns: false,
        is_marked: false,
        progress: None,
    };
    // While it is being published its story is listed too, under the same id.
    let id = Id::unique("manuscript-row").with(manuscript.id.as_str());
    list_row(ui, line, selected, Some(id))
}

/// What a row says.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) cover: &'a str,
    pub(super) thumb: PictureState<'a>,
    pub(super) tone: Tone,
    pub(super) word: &'a str,
    pub(super) count: &'a str,
    /// Whether the count is of something that needs a look.
    pub(super) warns: bool,
    /// Whether it is marked for a batch.
    pub(super) is_marked: bool,
    pub(super) progress: Option<Progress>,
}

pub(super) fn list_row(ui: &mut Ui, line: Line<'_>, selected: bool, id: Option<Id>) -> Response {
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
                if line.is_marked {
                    let corner = Rect::from_min_size(ui.min_rect().min, COVER).left_top() + vec2(10.0, 10.0);
                    ui.painter().circle_filled(corner, 8.0, t.acc);
                    icon::CHECK.paint(ui.painter(), corner, size::ICON_BADGE, t.on_fill);
                }
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
                            let color = match (line.warns, selected) {
                                (true, _) => t.warn,
                                (false, true) => t.tx2,
                                (false, false) => t.tx3,
                            };
                            if line.warns {
                                ui.spacing_mut().item_spacing.x = 4.0;
                                let side = size::ICON_SMALL;
                                let (mark, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
                                icon::WARNING.filled().paint(ui.painter(), mark.center(), side, color);
                            }
                            text::elided(ui, Type::Small, line.count, color);
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
    let page = ((ui.available_height() / ROW) as isize - 1).max(1);
    let by = ui.input(|input| {
        let pressed = |key| input.num_presses(key) as isize;
        match () {
            () if input.key_pressed(Key::Home) => isize::MIN / 2,
            () if input.key_pressed(Key::End) => isize::MAX / 2,
            () => {
                pressed(Key::ArrowDown) - pressed(Key::ArrowUp) + page * (pressed(Key::PageDown) - pressed(Key::PageUp))
            }
        }
    });
    if by != 0 {
        state.step_story(by);
        state.focus = Some(Focus::Row);
    }
}
