//! A candidate of a scene as it is shown in a row of them.

use egui::load::SizedTexture;
use egui::{Id, Response, Ui};

use super::picture::elapsed;
use crate::gui::panel::PanelContext;
use crate::gui::texture::{PictureSize, Shown};
use crate::gui::widget::{Candidate, CandidateMark, tick};
use crate::service::{PictureAt, Service};
use crate::story::{Variant, VariantId, VariantState, Verdict};

/// The picture of a candidate, once it is here.
pub(super) fn pixels(
    ui: &Ui,
    context: &mut PanelContext<'_>,
    variant: Option<VariantId>,
    size: PictureSize,
) -> Option<SizedTexture> {
    match context
        .pictures
        .get(ui, context.service, &PictureAt::Variant(variant?), size)
    {
        Shown::Ready { texture, .. } => Some(SizedTexture::from_handle(texture)),
        Shown::Loading | Shown::Broken(_) => None,
    }
}

/// Draws a candidate of "scene 2", or of somebody's portrait.
pub(super) fn show(ui: &mut Ui, context: &mut PanelContext<'_>, variant: &Variant, chosen: bool, of: &str) -> Response {
    let made = variant.state == VariantState::Made;
    let picture = pixels(ui, context, made.then_some(variant.id), PictureSize::Thumb);
    let letter = variant.letter();
    let caption = match (&variant.state, variant.asked_at) {
        (VariantState::Drawing, Some(since)) => {
            tick(ui);
            format!("{letter} {}", elapsed(since))
        }
        _ => letter.clone(),
    };
    let name = format!("Candidate {letter} of {of}");
    Candidate::new(&name, &caption)
        .picture(picture)
        .mark(mark(variant, context.service))
        .chosen(chosen)
        .id(Id::unique("candidate").with(variant.id))
        .show(ui)
}

fn mark(variant: &Variant, service: &Service) -> CandidateMark {
    let fraction = || {
        let drawing = service.drawing();
        drawing
            .into_iter()
            .find(|drawing| drawing.variant == variant.id)?
            .fraction
    };
    match (&variant.state, variant.verdict) {
        (VariantState::Made, Verdict::Open) => CandidateMark::Plain,
        (VariantState::Made, Verdict::Kept) => CandidateMark::Kept,
        (VariantState::Made, Verdict::Rejected) => CandidateMark::Rejected,
        (VariantState::Queued, _) => CandidateMark::Waiting,
        (VariantState::Drawing, _) => CandidateMark::Running(fraction()),
        (VariantState::Refused { .. }, _) => CandidateMark::Refused,
        (VariantState::Failed { .. }, _) => CandidateMark::Failed,
        (VariantState::Cancelled, _) => CandidateMark::Stopped,
        (VariantState::Uncertain { .. }, _) => CandidateMark::Uncertain,
    }
}

/// Why there is no picture, in the words of whoever said no.
pub(super) fn refusal(variant: &Variant) -> Option<String> {
    match &variant.state {
        VariantState::Refused { message } => Some(format!("The provider's rules forbid it: {message}")),
        VariantState::Failed { sentence, hint, .. } => Some(format!("{sentence} {hint}").trim().to_owned()),
        VariantState::Uncertain { sentence } if !sentence.is_empty() => Some(format!(
            "{sentence} It may have been charged for; it is not asked for again by itself."
        )),
        VariantState::Uncertain { .. } => Some(
            "It was asked for, and the answer never came. It may have been charged for; it is not asked for again by itself."
                .to_owned(),
        ),
        VariantState::Queued | VariantState::Drawing | VariantState::Made | VariantState::Cancelled => None,
    }
}
