//! The candidates of a scene or of a portrait beside each other, with the one that is chosen, and why some were not made.

use egui::{Align, Layout, Ui, vec2};

use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::BenchAct;
use crate::gui::panel::stories::view::candidate;
use crate::gui::panel::stories::view::picture::four_by_three;
use crate::gui::texture::PictureSize;
use crate::gui::theme::{Tokens, Type, radius, size};
use crate::gui::widget::{Button, Picture, PictureState, text};
use crate::story::{Variant, VariantId, VariantState};

/// Width of the chosen picture.
pub(super) const CHOSEN: f32 = 176.0;

/// The chosen picture, large enough to be judged.
pub(super) fn chosen(
    ui: &mut Ui,
    context: &mut PanelContext<'_>,
    (name, none): (&str, &str),
    chosen: Option<VariantId>,
    coming: bool,
) {
    let pixels = candidate::pixels(ui, context, chosen, PictureSize::Card);
    let picture = match (&pixels, chosen) {
        (Some(texture), _) => PictureState::Ready(*texture),
        (None, Some(_)) => PictureState::Loading,
        (None, None) => PictureState::Missing {
            line: if coming { "Being made" } else { none },
            button: None,
        },
    };
    Picture::new(name, picture)
        .size(four_by_three(CHOSEN))
        .corners(radius::CONTROL)
        .show(ui);
}

/// All of them; a click chooses one, a second click none. `of` is "scene 2", or somebody's name.
pub(super) fn show(
    ui: &mut Ui,
    context: &mut PanelContext<'_>,
    variants: &[Variant],
    chosen: Option<VariantId>,
    of: &str,
) -> Option<Option<VariantId>> {
    let t = Tokens::of(ui);
    if variants.is_empty() {
        text::label(ui, Type::Caption, "No candidates yet", t.tx3);
        return None;
    }
    let mut answer = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
        for variant in variants {
            let is_chosen = chosen == Some(variant.id);
            let response = candidate::show(ui, context, variant, is_chosen, of);
            if response.clicked() && variant.state == VariantState::Made {
                answer = Some((!is_chosen).then_some(variant.id));
            }
        }
    });
    for variant in variants {
        not_made(ui, context, variant, of);
    }
    answer
}

/// Why there is no picture, and the way to ask for it once more: by people only.
fn not_made(ui: &mut Ui, context: &mut PanelContext<'_>, variant: &Variant, of: &str) {
    let Some(words) = candidate::refusal(variant) else {
        return;
    };
    let t = Tokens::of(ui);
    let letter = variant.letter();
    let row = vec2(ui.available_width(), size::SMALL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let again = format!("Try {letter} of {of} again");
        let button = Button::new(&again).small().icon(icon::ARROW_CLOCKWISE);
        let button = match variant.state {
            VariantState::Uncertain { .. } => {
                button.tip("The one before may have been charged for; this one is asked for besides")
            }
            _ => button,
        };
        if ui.add(button).clicked() {
            context
                .actions
                .push(Action::Bench(Box::new(BenchAct::Again(variant.id))));
        }
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            // As high as the words of the button stand.
            ui.add_space(5.0);
            text::wrapped(ui, Type::Caption, format!("{letter}: {words}"), t.err);
        });
    });
}
