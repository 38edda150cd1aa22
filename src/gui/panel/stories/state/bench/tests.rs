//! The bench without a window and without a server: what is chosen, judged, asked for and undone.

use super::super::samples::story;
use super::super::{Draft, Pages, State};
use super::*;
use crate::ai::{Abilities, Sizes};
use crate::gui::action::{Action, Command};
use crate::gui::widget::CompareMode;
use crate::story::{Replaced, Story};
use crate::workspace::{EngineId, Money};

fn engine(name: &str) -> Engine {
    Engine {
        id: EngineId::new(name),
        name: name.to_owned(),
        built_in: false,
        text_model: String::new(),
        image_model: "black-forest-labs/FLUX.1".to_owned(),
        writes: false,
        draws: true,
        abilities: Abilities {
            seed: true,
            negative: true,
            steps: false,
            base: true,
            strength: true,
            references: 1,
            base_is_reference: false,
            sizes: Sizes::Fixed(vec![(1024, 768)]),
            progress: false,
        },
        price: Some(Money::from_micros(3_000)),
        spent_this_month: Money::from_micros(690_000),
        budget: Some(Money::from_micros(5_000_000)),
        masks_people: true,
        notice: None,
    }
}

fn variant(of: &Story, ordinal: u32, state: VariantState) -> Variant {
    super::super::samples::variant(&of.story_id, &of.scenes[0].scene_id, ordinal, state)
}

/// A place with one story of two scenes, whose first is selected and has these candidates.
fn place(states: &[VariantState]) -> State {
    let row = story("Pip", 2);
    let mut state = State::default();
    state.take_pages(Ok(Pages {
        stories: vec![row],
        more: false,
    }));
    let row = state.story().unwrap().clone();
    state.select_scene(&row.scenes[0].scene_id);
    let (story, scene) = state.selected().unwrap();
    state.bench.follow(Some((&story, &scene)));
    state.bench.engines = vec![engine("Together")];
    let variants = states
        .iter()
        .enumerate()
        .map(|(at, state)| variant(&row, at as u32, state.clone()))
        .collect();
    state.bench.settle(variants);
    state
}

fn made(many: usize) -> State {
    place(&vec![VariantState::Made; many])
}

fn ids(state: &State) -> Vec<VariantId> {
    state.bench.candidates().map(|variant| variant.id).collect()
}

fn chosen(state: &State) -> Option<VariantId> {
    state.bench.chosen().map(|variant| variant.id)
}

#[test]
fn candidates_are_chosen_by_their_place_and_each_scene_keeps_its_choice() {
    let mut state = made(3);
    assert_eq!(chosen(&state), None, "the live picture alone");
    assert!(state.bench.choose_at(1));
    assert!(!state.bench.choose_at(7));
    let second = ids(&state)[1];
    assert_eq!(chosen(&state), Some(second));

    let (story, first) = state.selected().unwrap();
    let before = state.bench.variants.clone();
    let other = state.story().unwrap().scenes[1].scene_id.clone();
    state.bench.follow(Some((&story, &other)));
    assert_eq!((state.bench.candidates().count(), chosen(&state)), (0, None));
    state.bench.follow(Some((&story, &first)));
    state.bench.settle(before);
    assert_eq!(chosen(&state), Some(second));
    state.bench.choose(None);
    assert_eq!(chosen(&state), None);
}

#[test]
fn the_candidate_that_is_the_live_picture_is_not_beside_it() {
    let mut state = made(3);
    let all = ids(&state);
    let stored = |key: &str| Some(("story-images".to_owned(), key.to_owned()));
    for (at, variant) in state.bench.variants.iter_mut().enumerate() {
        variant.stored_at = stored(&format!("pip/{at}.png"));
    }
    state.bench.choose(Some(all[1]));
    state.bench.live = stored("pip/1.png");
    assert_eq!((ids(&state), chosen(&state)), (vec![all[0], all[2]], None));
    assert!(state.bench.choose_at(1));
    assert_eq!(chosen(&state), Some(all[2]));
    // Another one is live: what was before it can be put back from here.
    state.bench.live = stored("pip/2.png");
    assert_eq!(ids(&state), all[..2]);
    // It is not what was waited for, either.
    let (_, scene) = state.selected().unwrap();
    state.bench.expected.insert(scene, 2);
    let variants = state.bench.variants.clone();
    state.bench.settle(variants);
    assert_eq!(chosen(&state), None);
}

#[test]
fn the_first_one_that_is_made_of_those_that_were_asked_for_is_shown() {
    let mut state = made(2);
    let (_, scene) = state.selected().unwrap();
    state.bench.expect(&scene);
    let row = state.story().unwrap().clone();
    let mut later = state.bench.variants.clone();
    later.push(variant(&row, 2, VariantState::Drawing));
    later.push(variant(&row, 3, VariantState::Queued));
    state.bench.settle(later.clone());
    assert_eq!(chosen(&state), None, "older ones are not what was asked for");
    later[3] = variant(&row, 3, VariantState::Made);
    state.bench.settle(later.clone());
    assert_eq!(chosen(&state), Some(later[3].id));
    later[2] = variant(&row, 2, VariantState::Made);
    state.bench.settle(later.clone());
    assert_eq!(chosen(&state), Some(later[3].id), "it stays");

    state.bench.expect(&scene);
    state.bench.choose_at(0);
    later.push(variant(&row, 4, VariantState::Made));
    state.bench.settle(later.clone());
    assert_eq!(chosen(&state), Some(later[0].id), "whoever has chosen is left alone");
}

#[test]
fn a_judgement_shows_at_once_is_taken_back_by_itself_and_can_be_undone() {
    let mut state = made(3);
    state.bench.choose_at(0);
    let ids = ids(&state);
    let act = state.bench_command(Command::Keep).unwrap();
    assert_eq!(act, BenchAct::Judge(ids[0], Verdict::Kept).into());
    assert_eq!(state.bench.chosen().unwrap().verdict, Verdict::Kept);
    let act = state.bench_command(Command::Keep).unwrap();
    assert_eq!(act, BenchAct::Judge(ids[0], Verdict::Open).into());

    // A rejection goes on to the next.
    let act = state.bench_command(Command::Reject).unwrap();
    assert_eq!(act, BenchAct::Judge(ids[0], Verdict::Rejected).into());
    assert_eq!(chosen(&state), Some(ids[1]));
    state.bench_command(Command::Reject).unwrap();
    state.bench_command(Command::Reject).unwrap();
    assert_eq!(chosen(&state), Some(ids[2]), "the last one stays");

    assert!(state.can_undo_judgement());
    assert_eq!(
        state.undo_judgement(false),
        Some(BenchAct::Judge(ids[2], Verdict::Open).into())
    );
    assert_eq!(
        state.undo_judgement(false),
        Some(BenchAct::Judge(ids[1], Verdict::Open).into())
    );
    assert_eq!(chosen(&state), Some(ids[1]), "what was undone is looked at");
}

#[test]
fn what_was_replaced_after_a_judgement_is_undone_before_it() {
    let mut state = made(1);
    state.bench.choose_at(0);
    state.bench_command(Command::Keep).unwrap();
    let (story, scene) = state.selected().unwrap();
    state.bench.take(&Event::Replaced(Replaced {
        story,
        scene,
        before: None,
        now: None,
        left_behind: None,
    }));
    assert_eq!(state.undo_judgement(true), None, "the window undoes the replacement");
    let judged = state.undo_judgement(false);
    assert_eq!(judged, Some(BenchAct::Judge(ids(&state)[0], Verdict::Open).into()));
    assert_eq!(state.undo_judgement(false), None);
}

#[test]
fn what_is_asked_for_has_only_what_the_engine_can() {
    let state = made(1);
    let (story, scene) = state.selected().unwrap();
    let mut draft = Draft::new(state.scene().unwrap());
    draft.seed = "4127".to_owned();
    let mut ask = Ask {
        style: Some("Watercolour".to_owned()),
        negative: " text ".to_owned(),
        base: Some(Ask::live(&story, &scene)),
        strength: 40,
        ..Ask::default()
    };
    ask.toggle_reference(Ask::live(&story, &scene));
    ask.toggle_reference(crate::story::PictureRef::Variant(VariantId::fresh()));
    let all = engine("Together");
    let wanted = ask.wanted(&draft, &all).unwrap();
    assert_eq!((wanted.seed, wanted.negative.as_deref()), (Some(4127), Some("text")));
    assert_eq!((wanted.strength, wanted.references.len()), (Some(0.4), 1));

    let mut one_kind = engine("One kind");
    one_kind.abilities.strength = false;
    one_kind.abilities.base_is_reference = true;
    let wanted = ask.wanted(&draft, &one_kind).unwrap();
    assert!(
        wanted.base.is_some() && wanted.references.is_empty(),
        "the base is the one"
    );
    assert_eq!(wanted.strength, None);

    let mut poor = engine("Poor");
    poor.abilities.seed = false;
    poor.abilities.negative = false;
    poor.abilities.base = false;
    poor.abilities.references = 0;
    let wanted = ask.wanted(&draft, &poor).unwrap();
    assert_eq!(
        (wanted.seed, wanted.negative, wanted.base, wanted.strength),
        (None, None, None, None)
    );
    assert!(wanted.references.is_empty());
    draft.prompt.clear();
    assert_eq!(ask.wanted(&draft, &all), Err("Write a prompt first"));

    ask.leave_scene();
    assert_eq!(
        (ask.base, ask.references.len()),
        (None, 2),
        "references go along to the next scene"
    );
}

#[test]
fn generating_takes_the_typed_words_and_a_new_seed_for_the_next_time() {
    let mut state = made(0);
    state.draft().unwrap().seed = "4127".to_owned();
    state.bench.ask.count = 2;
    let Some(Action::Bench(act)) = state.bench_command(Command::Generate) else {
        panic!()
    };
    let BenchAct::Generate { wanted, count, .. } = *act else {
        panic!()
    };
    assert_eq!((wanted.seed, count), (Some(4127), 2));
    assert_ne!(state.draft().unwrap().seed, "4127");

    state.bench_command(Command::LockSeed);
    let seed = state.draft().unwrap().seed.clone();
    state.bench_command(Command::Generate).unwrap();
    assert_eq!(state.draft().unwrap().seed, seed);

    state.draft().unwrap().prompt = "  ".to_owned();
    assert_eq!(state.bench_command(Command::Generate), None);
    assert_eq!(state.why_no_generation().as_deref(), Some("Write a prompt first"));
    state.draft().unwrap().prompt = "Pip".to_owned();
    state.bench.engines.clear();
    assert!(state.why_no_generation().unwrap().contains("No provider"));
}

#[test]
fn a_month_s_budget_that_does_not_reach_stops_before_anything_is_asked() {
    let mut state = made(0);
    state.bench.engines[0].budget = Some(Money::from_micros(695_000));
    state.bench.ask.count = 1;
    assert_eq!(state.why_no_generation(), None);
    state.bench.ask.count = 2;
    assert!(state.why_no_generation().unwrap().contains("budget of $0.695"));
    assert_eq!(state.bench_command(Command::Generate), None);
}

#[test]
fn what_cannot_be_seen_is_not_put_in_place() {
    let mut state = made(1);
    state.bench.choose_at(0);
    let id = ids(&state)[0];
    let (story, scene) = state.selected().unwrap();
    state.inspector_open = false;
    assert_eq!(state.bench_command(Command::ReplaceLive), None, "it is shown first");
    assert!(state.shows_bench());
    let placed = BenchAct::Place {
        story,
        scene,
        variant: id,
    };
    assert_eq!(state.bench_command(Command::ReplaceLive), Some(placed.into()));
    state.bench.choose(None);
    assert_eq!(state.bench_command(Command::ReplaceLive), None);
    assert_eq!(state.why_not_replaced(), Some("Choose a candidate first"));
}

#[test]
fn only_what_has_a_picture_is_put_in_place() {
    let refused = VariantState::Refused {
        message: "no".to_owned(),
    };
    let mut state = place(&[VariantState::Drawing, refused, VariantState::Cancelled]);
    assert_eq!(state.bench.candidates().count(), 2, "what was called off is not shown");
    state.bench.choose_at(0);
    assert_eq!(state.why_not_replaced(), Some("It is not there yet"));
    state.bench.choose_at(1);
    assert_eq!(state.why_not_replaced(), Some("This candidate has no picture"));
    assert_eq!(state.bench_command(Command::ReplaceLive), None);
}

#[test]
fn a_flip_needs_a_candidate() {
    let mut state = made(1);
    state.bench_command(Command::Flip);
    assert_eq!(state.bench.look.mode(), CompareMode::Slider);
    state.bench.choose_at(0);
    state.bench_command(Command::Flip);
    assert_eq!(state.bench.look.mode(), CompareMode::Flip);
}

#[test]
fn words_and_seed_of_a_candidate_are_used_again() {
    let mut state = made(2);
    let second = ids(&state)[1];
    state.recall(&second);
    let draft = state.draft().unwrap();
    assert_eq!(
        (draft.prompt.as_str(), draft.seed.as_str(), draft.keep_seed),
        ("Prompt 1", "4128", true)
    );
    assert_eq!(state.bench.ask.engine, Some(EngineId::new("Together")));
}

#[test]
fn earlier_prompts_are_each_there_once_the_latest_first() {
    let state = made(3);
    let mut again = state.bench.variants.clone();
    again[2].wanted.as_mut().unwrap().prompt = "Prompt 0".to_owned();
    let scene = state.scene().unwrap();
    let prompts = earlier(scene, again.iter(), "Prompt 1");
    assert_eq!(prompts, ["Prompt 0", "A small fox in the snow"]);
}

#[test]
fn a_run_says_what_it_costs_and_how_long_it_takes() {
    let state = made(3);
    assert_eq!(state.bench.usual_seconds(), Some(5.0));
    let said = estimate(state.bench.engine().unwrap(), 4, state.bench.usual_seconds());
    assert_eq!(
        (said.line.as_str(), said.budget.as_str()),
        ("About $0.0120 · 20 s", "$4.31 left of $5.00 this month")
    );
    assert_eq!(said.over, None);
    let mut other = engine("Other");
    (other.price, other.budget) = (None, None);
    let said = estimate(&other, 4, Some(30.0));
    assert_eq!(
        (said.line.as_str(), said.budget.as_str()),
        ("Price not known · 2 min", "$0.69 spent this month")
    );
    other.built_in = true;
    other.spent_this_month = Money::ZERO;
    assert_eq!(estimate(&other, 1, None).line, "Costs nothing");
}
