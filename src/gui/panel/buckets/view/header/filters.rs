//! The filters that are on, each with a way off, and the panel that puts them on.

use egui::{Frame, Id, Margin, Popup, PopupCloseBehavior, Ui, vec2};
use jiff::Timestamp;

use crate::catalog::Mode;
use crate::gui::icon;
use crate::gui::panel::buckets::state::{Age, FileKind, Filter, Scope, State, parse_size};
use crate::gui::theme::{Tokens, Type, space};
use crate::gui::widget::paint::part;
use crate::gui::widget::{FilterChip, Segment, TextField, segmented, text, toggle_row};

/// Width of the panel.
const PANEL: f32 = 336.0;
/// What the button after the chips takes.
const ADD: f32 = 104.0;

pub fn show(ui: &mut Ui, state: &mut State) {
    ui.spacing_mut().item_spacing.x = space::TIGHT;
    let filters = state.search.filtering.all();
    let mut room = ui.available_width() - ADD;
    let mut gone = None;
    let mut hidden = 0;
    for filter in &filters {
        let words = filter.words();
        let width = chip_width(ui, &words, filter.icon().is_some()) + space::TIGHT;
        if hidden > 0 || width > room {
            hidden += 1;
            continue;
        }
        room -= width;
        let mut chip = FilterChip::new(&words, true).removable();
        if let Some(icon) = filter.icon() {
            chip = chip.icon(icon);
        }
        if ui.add(chip).clicked() {
            gone = Some(*filter);
        }
    }
    if let Some(filter) = gone {
        state.search.filtering.take(filter);
        clear_sizes(state, filter);
    }
    let more = format!("{hidden} more");
    let words = match hidden {
        0 if ui.available_width() < ADD => "Filter",
        0 => "Add filter",
        _ => more.as_str(),
    };
    let chip = FilterChip::new(words, hidden > 0).icon(icon::FUNNEL_SIMPLE);
    // Its id must not depend on how many chips are before it, or the panel would close with each that comes.
    let button = part(ui, Id::unique("buckets filters"), |ui| ui.add(chip));
    Popup::from_toggle_button_response(&button)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .gap(4.0)
        .width(PANEL)
        .show(|ui| {
            Frame::NONE.inner_margin(Margin::same(10)).show(ui, |ui| {
                ui.set_width(PANEL - 20.0);
                ui.spacing_mut().item_spacing = vec2(space::TIGHT, space::TIGHT);
                panel(ui, state);
            });
        });
}

/// What a chip takes that can be removed.
fn chip_width(ui: &Ui, words: &str, has_icon: bool) -> f32 {
    let job = Type::SmallStrong.line(words, Tokens::of(ui).tx1, f32::INFINITY);
    let words = ui.painter().layout_job(job).size().x;
    words + 36.0 + if has_icon { 19.0 } else { 0.0 }
}

/// A size that is off is not typed any more.
fn clear_sizes(state: &mut State, filter: Filter) {
    match filter {
        Filter::Larger(_) => state.sizes[0].clear(),
        Filter::Smaller(_) => state.sizes[1].clear(),
        _ => {}
    }
}

fn heading(ui: &mut Ui, words: &str) {
    text::label(ui, Type::Caption, words, Tokens::of(ui).tx3);
}

fn panel(ui: &mut Ui, state: &mut State) {
    heading(ui, "Search in");
    segmented(
        ui,
        &mut state.search.scope,
        &Scope::ALL.map(|(scope, words)| (scope, Segment::words(words))),
    );
    heading(ui, "Text is");
    let modes = [
        (Mode::Substring, Segment::words("Words")),
        (Mode::Fuzzy, Segment::words("Letters in order")),
        (Mode::Regex, Segment::words("Regular expression")),
    ];
    segmented(ui, &mut state.search.mode, &modes);
    ui.add_space(4.0);
    heading(ui, "Type");
    chips(ui, state, &FileKind::ALL.map(|kind| (kind.words(), Filter::Kind(kind))));
    heading(ui, "Size");
    sizes(ui, state);
    heading(ui, "Last written within");
    chips(ui, state, &Age::ALL.map(|age| (age.words(), Filter::Newer(age))));
    heading(ui, "Not written for");
    chips(ui, state, &Age::ALL.map(|age| (age.words(), Filter::Older(age))));
    ui.add_space(4.0);
    toggle_row(ui, "Show files of subfolders in one list", &mut state.flat);
    toggle_row(ui, "Show placeholder files", &mut state.show_placeholders);
    let mut trash = state.show_trash;
    if toggle_row(ui, "Show trash", &mut trash).changed() {
        state.toggle_trash();
    }
}

fn chips(ui: &mut Ui, state: &mut State, choices: &[(&str, Filter)]) {
    ui.horizontal_wrapped(|ui| {
        for (words, filter) in choices {
            let on = state.search.filtering.has(*filter);
            if ui.add(FilterChip::new(words, on).tight()).clicked() {
                state.search.filtering.flip(*filter, Timestamp::now());
            }
        }
    });
}

fn sizes(ui: &mut Ui, state: &mut State) {
    ui.horizontal(|ui| {
        let width = (ui.available_width() - space::TIGHT) * 0.5;
        for (place, name) in ["At least", "At most"].into_iter().enumerate() {
            let text = &mut state.sizes[place];
            let wrong = !text.trim().is_empty() && parse_size(text).is_none();
            let error = wrong.then_some("A number with KB, MB or GB");
            let field = TextField::new(name, text).hint(name).mono().width(width);
            let field = field.help("For example 90 KB").error(error);
            if !field.show(ui).changed() {
                continue;
            }
            let size = parse_size(&state.sizes[place]);
            let filter = if place == 0 { Filter::Larger } else { Filter::Smaller };
            match size {
                Some(bytes) => state.search.filtering.put(filter(bytes), Timestamp::now()),
                None => state.search.filtering.take(filter(0)),
            }
        }
    });
}
