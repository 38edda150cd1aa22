//! The live picture and its candidates beside each other, small: one click compares another.

use egui::{Align, Id, Layout, Margin, ScrollArea, Ui, vec2};

use super::pictures::tag;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::{Ask, BenchAct, State};
use crate::gui::panel::stories::view::picture::{Pixels, elapsed};
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Type};
use crate::gui::widget::{Candidate, CandidateMark, MenuItem, Note, context_menu, menu_separator, paint, text, tick};
use crate::service::PictureAt;
use crate::story::{PictureRef, Variant, VariantId, VariantState, Verdict};

/// What was asked for in the strip.
enum Asked {
    Choose(Option<VariantId>),
    Enlarge,
    Judge(VariantId, Verdict),
    Recall(VariantId),
    Again(VariantId),
    BeginFrom(PictureRef),
    Reference(PictureRef),
    Copy(String),
    Cancel(VariantId),
    Forget(VariantId),
}

pub(super) fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    if let Some(problem) = state.bench.problem() {
        if Note::warn("The candidates cannot be read", &problem.what)
            .button("Try again")
            .show(ui)
        {
            state.bench.refresh();
        }
        ui.add_space(8.0);
    }
    let chosen = state.bench.chosen().map(|variant| variant.id);
    // The chosen one is brought into sight when it becomes another.
    let seen = Id::unique("bench-strip-chosen");
    let before = ui.data(|data| data.get_temp::<Option<VariantId>>(seen)).flatten();
    let reveal = before != chosen;
    ui.data_mut(|data| data.insert_temp(seen, chosen));

    let mut asked = None;
    let (_, row) = ui.allocate_space(vec2(ui.available_width(), Candidate::WHOLE));
    // As wide as the rings of the first and of the last one are, which a narrower row would cut.
    let whole = row.expand2(vec2(Candidate::RING, 0.0));
    paint::inside(ui, whole, Layout::top_down(Align::Min), |ui| {
        ScrollArea::horizontal()
            .id_salt("bench-strip")
            .max_width(whole.width())
            .auto_shrink([false, true])
            .content_margin(Margin::symmetric(Candidate::RING as i8, 0))
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 7.25;
                    ui.set_height(Candidate::WHOLE);
                    asked = live(ui, state, context, chosen.is_none());
                    for variant in state.bench.candidates() {
                        let picked = chosen == Some(variant.id);
                        asked = candidate(ui, state, context, variant, picked, picked && reveal).or(asked.take());
                    }
                });
            });
    });
    if state.bench.candidates().next().is_none() && state.bench.problem().is_none() {
        ui.add_space(2.0);
        text::elided(
            ui,
            Type::Caption,
            "No candidates yet: generate, upload or paste one",
            t.tx3,
        );
    }
    if let Some(asked) = asked {
        carry_out(state, context, asked);
    }
}

fn live(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>, chosen: bool) -> Option<Asked> {
    let (story, scene) = state.story().zip(state.scene())?;
    let pixels = Pixels::live(ui, context, state, (story, scene), PictureSize::Thumb);
    let response = Candidate::new("Live picture", "Live")
        .picture(pixels.texture())
        .chosen(chosen)
        .id(Id::unique("candidate-live"))
        .show(ui);
    let mut asked = None;
    if scene.image_url.is_some() {
        let this = Ask::live(&story.story_id, &scene.scene_id);
        context_menu(&response, |ui| asked = picture_items(ui, state, &this));
    }
    if response.double_clicked() {
        return Some(Asked::Enlarge);
    }
    asked.or(response.clicked().then_some(Asked::Choose(None)))
}

fn candidate(
    ui: &mut Ui,
    state: &State,
    context: &mut PanelContext<'_>,
    variant: &Variant,
    chosen: bool,
    reveal: bool,
) -> Option<Asked> {
    let letter = variant.letter();
    let mut caption = letter.clone();
    let mut pixels = Pixels::None;
    let mark = match (&variant.state, variant.verdict) {
        (VariantState::Made, verdict) => {
            let at = PictureAt::Variant(variant.id);
            pixels = Pixels::of(ui, context.pictures, context.service, &at, PictureSize::Thumb);
            match verdict {
                Verdict::Open => CandidateMark::Plain,
                Verdict::Kept => CandidateMark::Kept,
                Verdict::Rejected => CandidateMark::Rejected,
            }
        }
        (VariantState::Queued, _) => CandidateMark::Waiting,
        (VariantState::Drawing, _) => {
            if let Some(since) = variant.asked_at {
                tick(ui);
                caption = format!("{letter} {}", elapsed(since));
            }
            CandidateMark::Running(None)
        }
        (VariantState::Refused { .. }, _) => CandidateMark::Refused,
        (VariantState::Failed { .. }, _) => CandidateMark::Failed,
        (VariantState::Uncertain { .. }, _) => CandidateMark::Uncertain,
        (VariantState::Cancelled, _) => CandidateMark::Stopped,
    };
    let name = format!("Candidate {letter}, {}", standing(variant));
    let tip = tag(variant);
    let response = Candidate::new(&name, &caption)
        .picture(pixels.texture())
        .mark(mark)
        .chosen(chosen)
        .tip(&tip)
        .id(Id::unique("candidate").with(variant.id))
        .show(ui);
    if reveal {
        response.scroll_to_me(None);
    }
    let mut asked = None;
    context_menu(&response, |ui| asked = items(ui, state, variant));
    if response.double_clicked() && variant.picture.is_some() {
        return Some(Asked::Enlarge);
    }
    asked.or(response.clicked().then_some(Asked::Choose(Some(variant.id))))
}

/// How it stands, in words.
fn standing(variant: &Variant) -> &'static str {
    match (&variant.state, variant.verdict) {
        (VariantState::Made, Verdict::Open) => "made",
        (VariantState::Made, Verdict::Kept) => "kept",
        (VariantState::Made, Verdict::Rejected) => "rejected",
        (VariantState::Queued, _) => "waiting",
        (VariantState::Drawing, _) => "being drawn",
        (VariantState::Refused { .. }, _) => "refused",
        (VariantState::Failed { .. }, _) => "failed",
        (VariantState::Uncertain { .. }, _) => "uncertain",
        (VariantState::Cancelled, _) => "cancelled",
    }
}

fn items(ui: &mut Ui, state: &State, variant: &Variant) -> Option<Asked> {
    let id = variant.id;
    let mut asked = None;
    let mut item = |ui: &mut Ui, item: MenuItem<'_>, meaning: Asked| {
        if ui.add(item).clicked() {
            asked = Some(meaning);
        }
    };
    if variant.picture.is_some() {
        let verdict = variant.verdict;
        let (kept, rejected) = (verdict == Verdict::Kept, verdict == Verdict::Rejected);
        let keep = MenuItem::new("Keep").icon(icon::STAR).checked(kept).key("K");
        item(ui, keep, Asked::Judge(id, Verdict::Kept));
        let reject = MenuItem::new("Reject").icon(icon::X).checked(rejected).key("X");
        item(ui, reject, Asked::Judge(id, Verdict::Rejected));
        menu_separator(ui);
    }
    if let Some(wanted) = &variant.wanted {
        let recall = MenuItem::new("Use its prompt and seed").icon(icon::ARROW_BEND_DOWN_RIGHT);
        item(ui, recall, Asked::Recall(id));
        item(
            ui,
            MenuItem::new("Copy prompt").icon(icon::COPY),
            Asked::Copy(wanted.prompt.clone()),
        );
        if variant.state.is_over() && variant.state != VariantState::Made {
            item(
                ui,
                MenuItem::new("Ask again").icon(icon::ARROW_CLOCKWISE),
                Asked::Again(id),
            );
        }
    }
    if !variant.state.is_over() {
        item(ui, MenuItem::new("Cancel").icon(icon::STOP), Asked::Cancel(id));
    }
    if variant.picture.is_some() {
        asked = picture_items(ui, state, &PictureRef::Variant(id)).or(asked);
    }
    if variant.state.is_over() {
        menu_separator(ui);
        if ui.add(MenuItem::new("Forget").icon(icon::TRASH).danger()).clicked() {
            asked = Some(Asked::Forget(id));
        }
    }
    asked
}

/// What a picture can be used for, where the engine can.
fn picture_items(ui: &mut Ui, state: &State, picture: &PictureRef) -> Option<Asked> {
    let mut asked = None;
    let can = state.bench.engine().map(|engine| engine.abilities.clone());
    let why = "This engine cannot do that";
    let base = can.as_ref().is_none_or(|can| !can.base).then_some(why);
    let from = MenuItem::new("Begin the next ones from it")
        .icon(icon::MAGIC_WAND)
        .checked(state.bench.ask.base.as_ref() == Some(picture))
        .disabled_because(base);
    if ui.add(from).clicked() {
        asked = Some(Asked::BeginFrom(picture.clone()));
    }
    let references = can.as_ref().is_none_or(|can| can.references == 0).then_some(why);
    let reference = MenuItem::new("Use as a reference")
        .icon(icon::PAPERCLIP)
        .checked(state.bench.ask.references.contains(picture))
        .disabled_because(references);
    if ui.add(reference).clicked() {
        asked = Some(Asked::Reference(picture.clone()));
    }
    asked
}

fn carry_out(state: &mut State, context: &mut PanelContext<'_>, asked: Asked) {
    let action = match asked {
        Asked::Choose(id) => {
            state.bench.choose(id);
            None
        }
        Asked::Enlarge => {
            state.enlarged = true;
            None
        }
        Asked::Judge(id, verdict) => {
            state.bench.choose(Some(id));
            state.bench.judge(verdict)
        }
        Asked::Recall(id) => {
            state.recall(&id);
            None
        }
        Asked::Again(id) => state.ask_again(&id),
        Asked::BeginFrom(picture) => {
            let same = state.bench.ask.base.as_ref() == Some(&picture);
            state.begin_from((!same).then_some(picture));
            None
        }
        Asked::Reference(picture) => {
            state.bench.ask.more = true;
            state.bench.ask.toggle_reference(picture);
            None
        }
        Asked::Copy(text) => Some(Action::Copy { text, what: "Prompt" }),
        Asked::Cancel(id) => Some(BenchAct::Cancel(id).into()),
        Asked::Forget(id) => Some(BenchAct::Forget(id).into()),
    };
    context.actions.extend(action);
}
