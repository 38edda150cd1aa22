//! The AI providers of the fold: a row each, and the fields of the one that is open.

use egui::{Align, Id, Layout, ScrollArea, Ui};

use super::advanced::{pair, plain};
use crate::ai::ModelInfo;
use crate::gui::icon;
use crate::gui::panel::connect::state::{Asked, ProviderErrors, ProviderForm, State};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{
    Button, IconButton, LargeField, MenuItem, Note, Row, Select, Shows, Stepper, paint, text, toggle_row,
};
use crate::service::Problem;
use crate::workspace::{Dialect, ProviderProfile};

const ROW: f32 = 40.0;
/// Width of the button beside a header.
const BUTTON: f32 = 28.0;
/// Height of a field's name, with what is above the middle of the field.
const LABEL: f32 = 24.0;
/// Models shown of a list: more are found by typing.
const SHOWN: usize = 60;

/// What was asked for beside a row.
enum Wish {
    Open(Option<usize>),
    Remove(usize),
    MakeUsual(usize),
}

/// Draws the section. Answers whether something was changed that a test depends on.
pub(super) fn show(ui: &mut Ui, state: &mut State, errors: &[ProviderErrors]) -> bool {
    let t = Tokens::of(ui);
    let mut changed = false;
    text::label(ui, Type::SmallStrong, "AI providers", t.tx1);
    ui.add_space(2.0);
    let words = "Who writes and draws besides the built-in storyteller and illustrator, which work without AI. The first one is \
                 the usual one.";
    text::wrapped(ui, Type::Caption, words, t.tx2);
    ui.add_space(space::CONTROL);
    let mut wish = None;
    let count = state.form.providers.list.len();
    for at in 0..count {
        let open = state.form.providers.open == Some(at);
        let form = &mut state.form.providers.list[at];
        let fault = errors.get(at).and_then(|errors| errors.first_words());
        paint::part(ui, Id::unique("connect provider").with(form.number), |ui| {
            wish = row(ui, at, open, form, fault).or(wish.take());
            if open {
                ui.add_space(space::CONTROL);
                changed |= fields(ui, form, errors.get(at));
            }
        });
        ui.add_space(4.0);
    }
    match wish {
        Some(Wish::Open(open)) => state.form.providers.open = open,
        Some(Wish::Remove(at)) => {
            state.form.providers.remove(at);
            changed = true;
        }
        Some(Wish::MakeUsual(at)) => {
            state.form.providers.make_usual(at);
            changed = true;
        }
        None => {}
    }
    ui.add_space(space::LABEL);
    changed |= more(ui, state);
    ui.add_space(space::GROUP);
    changed
}

/// A provider in one line.
fn row(ui: &mut Ui, at: usize, open: bool, form: &ProviderForm, fault: Option<&str>) -> Option<Wish> {
    let t = Tokens::of(ui);
    let mut wish = None;
    let name = form.shown_name();
    let models = [&form.text_model, &form.image_model].map(|model| model.trim());
    let models: Vec<&str> = models.into_iter().filter(|model| !model.is_empty()).collect();
    let clicked = Row::new(&name, ROW).selected(open).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(IconButton::new(icon::TRASH, &format!("Remove {name}")))
                .clicked()
            {
                wish = Some(Wish::Remove(at));
            }
            if at > 0 {
                let words = format!("Make {name} the usual one");
                if ui.add(IconButton::new(icon::ARROW_UP, &words)).clicked() {
                    wish = Some(Wish::MakeUsual(at));
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let caret = if open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
                let (rect, _) = ui.allocate_exact_size(egui::vec2(size::ICON, size::ICON), egui::Sense::hover());
                caret.paint(ui.painter(), rect.center(), size::ICON_SMALL, t.tx3);
                text::label(ui, Type::Small, &name, t.tx1);
                match fault {
                    Some(fault) => text::elided(ui, Type::Caption, fault, t.err),
                    None => text::elided(ui, Type::Caption, models.join(" · "), t.tx3),
                };
            });
        });
    });
    if clicked.clicked() && wish.is_none() {
        wish = Some(Wish::Open((!open).then_some(at)));
    }
    wish
}

fn fields(ui: &mut Ui, form: &mut ProviderForm, errors: Option<&ProviderErrors>) -> bool {
    let t = Tokens::of(ui);
    let no_errors = ProviderErrors::default();
    let errors = errors.unwrap_or(&no_errors);
    let mut changed = false;
    let usual_name = form.shown_name();
    pair(ui, |ui, width| {
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = space::LABEL;
            text::label(ui, Type::Small, "How it is spoken to", t.tx2);
            let choices = Dialect::OFFERED.map(|dialect| (dialect, dialect.title()));
            let mut dialect = form.dialect;
            let select = Select::new("How it is spoken to", form.dialect.title()).width(width);
            if select.show_choices(ui, &mut dialect, &choices).changed() {
                form.set_dialect(dialect);
                changed = true;
            }
        });
        let field = LargeField::new("Provider's name", &mut form.name).hint(&usual_name);
        changed |= field
            .error(errors.name.as_deref())
            .width(width)
            .show(ui)
            .response
            .changed();
    });
    let keeps_key = form.keeps_key();
    pair(ui, |ui, width| {
        changed |= plain(ui, width, "Provider's address", &mut form.url, errors.url.as_deref());
        let answer = LargeField::new("Provider's key", &mut form.key.text)
            .hint(if keeps_key {
                "Kept; paste to replace"
            } else {
                "Where it needs one"
            })
            .mono()
            .secret(Shows::Dots)
            .width(width)
            .show(ui);
        changed |= answer.response.changed();
        if let Some(pasted) = answer.pasted {
            form.key.set(pasted.trim());
            changed = true;
        }
    });
    if let Some(notice) = form.dialect.notice() {
        Note::info(notice, "").show(ui);
        ui.add_space(space::CONTROL);
    }
    changed |= models(ui, form, errors);
    pair(ui, |ui, width| {
        changed |= money(
            ui,
            width,
            "Price of a picture, in US dollars",
            &mut form.price,
            errors.price.as_deref(),
        );
        changed |= money(
            ui,
            width,
            "Budget of a month, in US dollars",
            &mut form.budget,
            errors.budget.as_deref(),
        );
    });
    pair(ui, |ui, width| {
        let field = LargeField::new("Requests a minute to the provider", &mut form.per_minute);
        let field = field.hint("As many as it takes").error(errors.per_minute.as_deref());
        changed |= field.width(width).show(ui).response.changed();
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::LABEL;
            text::label(ui, Type::Small, "Pictures asked for at the same time", t.tx2);
            let most = u32::try_from(ProviderProfile::MOST_CONCURRENT).unwrap_or(u32::MAX);
            let stepper = Stepper::new("Pictures asked for at the same time", &mut form.concurrent, 1..=most);
            changed |= ui.add(stepper.width(160.0)).changed();
        });
    });
    let words = "Replace names and ages of people in what is sent, and put them back";
    changed |= toggle_row(ui, words, &mut form.mask_people).changed();
    ui.add_space(space::CONTROL);
    let hint = match form.dialect {
        Dialect::Comfy => "{\"workflow\": { … as saved in API format … }}",
        _ => "{\"quality\": \"low\"}",
    };
    let field = LargeField::new("Sent besides, as JSON", &mut form.extra)
        .hint(hint)
        .mono();
    changed |= field.error(errors.extra.as_deref()).show(ui).response.changed();
    ui.add_space(space::GROUP);
    changed |= headers(ui, form, errors.headers.as_deref());
    ui.add_space(space::GROUP);
    changed
}

/// Headers of the user's own: names, and values that are kept as the key is.
fn headers(ui: &mut Ui, form: &mut ProviderForm, error: Option<&str>) -> bool {
    let t = Tokens::of(ui);
    let mut changed = false;
    let keeps = form.keeps_key();
    let (mut removed, mut pasted) = (None, None);
    for (at, header) in form.headers.list.iter_mut().enumerate() {
        let number = at + 1;
        pair(ui, |ui, width| {
            let name = format!("Header {number}");
            let answer = LargeField::new(&name, &mut header.name)
                .hint("X-Organisation")
                .mono()
                .takes_paste(|text| text.contains(':'))
                .width(width)
                .show(ui);
            changed |= answer.response.changed();
            if let Some(lines) = answer.pasted {
                pasted = Some((at, lines));
            }
            let kept = keeps && header.keeps_value();
            let name = format!("Value of header {number}");
            let answer = LargeField::new(&name, &mut header.value.text)
                .hint(if kept { "Kept; paste to replace" } else { "Its value" })
                .mono()
                .secret(Shows::Dots)
                .width(width - BUTTON - space::SECTION)
                .show(ui);
            changed |= answer.response.changed();
            if let Some(value) = answer.pasted {
                header.value.set(value.trim());
                changed = true;
            }
            ui.vertical(|ui| {
                ui.add_space(LABEL);
                let words = format!("Remove header {number}");
                if ui.add(IconButton::new(icon::TRASH, &words)).clicked() {
                    removed = Some(at);
                }
            });
        });
    }
    if let Some((at, lines)) = pasted {
        changed |= form.headers.paste(at, &lines);
    }
    if let Some(at) = removed {
        form.headers.remove(at);
        changed = true;
    }
    if let Some(error) = error {
        text::wrapped(ui, Type::Caption, error, t.err);
        ui.add_space(space::LABEL);
    }
    let add = Button::ghost("Add a header").icon(icon::PLUS).small();
    if ui
        .add(add.tip("Sent along with every request to it. Its value is kept as the key is."))
        .clicked()
    {
        form.headers.add();
        changed = true;
    }
    changed
}

fn money(ui: &mut Ui, width: f32, name: &str, amount: &mut String, error: Option<&str>) -> bool {
    let field = LargeField::new(name, amount).hint("Not known");
    field.mono().error(error).width(width).show(ui).response.changed()
}

/// The models: typed, or chosen from the provider's list once it was asked for.
fn models(ui: &mut Ui, form: &mut ProviderForm, errors: &ProviderErrors) -> bool {
    let mut changed = false;
    pair(ui, |ui, width| {
        changed |= plain(
            ui,
            width,
            "Model that writes",
            &mut form.text_model,
            errors.models.as_deref(),
        );
        changed |= plain(ui, width, "Model that draws", &mut form.image_model, None);
    });
    text::line(ui, size::CONTROL, |ui| {
        let wrong = errors.url.as_deref().map(|_| "Mend the address first");
        let button = Button::new("List its models").icon(icon::LIST_MAGNIFYING_GLASS);
        let button = button.disabled_because(wrong).busy(form.models.is_under_way());
        if ui.add(button).clicked() {
            form.models = Asked::Wanted;
        }
        let Asked::Here(models) = &form.models else { return };
        changed |= choice(ui, "Models that write", models, &mut form.text_model, |model| {
            model.writes
        });
        let price = form.price.trim().is_empty();
        if choice(ui, "Models that draw", models, &mut form.image_model, |model| {
            model.draws
        }) {
            let chosen = models.iter().find(|model| model.id == form.image_model);
            if let Some(told) = chosen.and_then(|model| model.price).filter(|_| price) {
                form.price = told.dollars();
            }
            changed = true;
        }
    });
    ui.add_space(space::CONTROL);
    if let Asked::Failed(problem) = &form.models {
        tell(ui, problem);
    }
    changed
}

/// A menu of models, those first that hold what is typed. Those that are said not to do it are left out.
fn choice(
    ui: &mut Ui,
    name: &str,
    models: &[ModelInfo],
    chosen: &mut String,
    does: fn(&ModelInfo) -> Option<bool>,
) -> bool {
    let fitting: Vec<&ModelInfo> = models.iter().filter(|model| does(model) != Some(false)).collect();
    let typed = chosen.trim().to_lowercase();
    let exact = fitting.iter().any(|model| model.id == *chosen);
    let holds = |model: &&&ModelInfo| exact || typed.is_empty() || model.id.to_lowercase().contains(&typed);
    let mut shown: Vec<&ModelInfo> = fitting.iter().filter(holds).take(SHOWN).copied().collect();
    if shown.is_empty() {
        shown = fitting.iter().take(SHOWN).copied().collect();
    }
    let count = fitting.len();
    let words = format!("{name}: {count}");
    let none = (count == 0).then_some("The provider lists none");
    let mut changed = false;
    Select::new(name, &words)
        .width(190.0)
        .disabled_because(none)
        .show(ui, |ui| {
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for model in &shown {
                    if ui.add(MenuItem::new(&model.id).checked(model.id == *chosen)).clicked() {
                        chosen.clone_from(&model.id);
                        changed = true;
                    }
                }
            });
        });
    changed
}

/// Adding one: empty, or a server that was found on this computer. It is looked for only when somebody asks.
fn more(ui: &mut Ui, state: &mut State) -> bool {
    let t = Tokens::of(ui);
    let providers = &mut state.form.providers;
    let mut changed = false;
    let mut add = None;
    text::line(ui, size::CONTROL, |ui| {
        if ui.add(Button::new("Add a provider").icon(icon::PLUS)).clicked() {
            providers.add(Dialect::OpenAi);
            changed = true;
        }
        let look = Button::ghost("Look for local AI").icon(icon::MAGNIFYING_GLASS);
        let look =
            look.tip("Asks the usual ports of this computer: Ollama, LM Studio, LocalAI, AUTOMATIC1111, ComfyUI");
        if ui.add(look.busy(providers.nearby.is_under_way())).clicked() {
            providers.nearby = Asked::Wanted;
        }
    });
    match &providers.nearby {
        Asked::Here(found) if found.is_empty() => {
            ui.add_space(space::LABEL);
            text::label(
                ui,
                Type::Caption,
                "Nothing answers at the usual ports of this computer.",
                t.tx3,
            );
        }
        Asked::Here(found) => {
            ui.add_space(space::LABEL);
            for server in found {
                let taken = providers.list.iter().any(|form| form.url.trim() == server.base_url);
                let words = format!("Add {} at {}", server.name, server.base_url);
                let button = Button::ghost(&words).icon(icon::PLUS).small();
                if ui
                    .add(button.disabled_because(taken.then_some("It is in the list already")))
                    .clicked()
                {
                    add = Some(server.clone());
                }
            }
        }
        Asked::Failed(problem) => tell(ui, problem),
        Asked::Not | Asked::Wanted | Asked::Under(_) => {}
    }
    if let Some(server) = add {
        providers.add_nearby(&server);
        changed = true;
    }
    changed
}

fn tell(ui: &mut Ui, problem: &Problem) {
    Note::err(&problem.what, &problem.advice).show(ui);
    ui.add_space(space::CONTROL);
}
