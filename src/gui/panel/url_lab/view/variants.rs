//! Every form that the URL of the object can take.

use egui::{Align, Layout, OpenUrl, Sense, Ui, UiBuilder, vec2};

use super::problems::head;
use crate::gui::action::Action;
use crate::gui::icon::{self, Icon};
use crate::gui::panel::PanelContext;
use crate::gui::panel::url_lab::state::State;
use crate::gui::theme::{Tokens, Type, size};
use crate::gui::widget::{IconButton, cell, frame, text};
use crate::supabase::url::{API_ROOT, Variant, VariantKind};

const ROW: f32 = 36.0;
const NAME: f32 = 124.0;
const NOTE: f32 = 196.0;

pub fn show(ui: &mut Ui, state: &State, context: &mut PanelContext<'_>) {
    let Some(explained) = state.explained() else { return };
    if explained.variants.is_empty() {
        return;
    }
    head(ui, "Variants", "built from the fixed key, nothing sent yet", |_| {});
    ui.add_space(6.0);
    frame::card(ui, 1).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, variant) in explained.variants.iter().enumerate() {
            if place > 0 {
                frame::hairline(ui);
            }
            row(ui, variant, context);
        }
    });
}

fn row(ui: &mut Ui, variant: &Variant, context: &mut PanelContext<'_>) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let inner = rect.shrink2(vec2(12.0, 0.0));
    // The embedded server has no route that resizes; a project has one.
    let not_here = variant.kind == VariantKind::Render && context.service.workspace().is_local;
    let works = variant.works && !not_here;
    let note_words = if not_here {
        "Not in the local workspace"
    } else {
        &variant.note
    };
    let (strong, quiet) = if works { (t.tx1, t.tx2) } else { (t.tx3, t.tx3) };
    let label = variant.kind.label();
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(inner)
            .layout(Layout::right_to_left(Align::Center)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let browser = variant.complete && works && variant.kind != VariantKind::Authenticated;
            let why_not = (!browser).then_some(if variant.works {
                "A browser has no key to send"
            } else {
                "It would not open"
            });
            let why_not = if variant.complete {
                why_not
            } else {
                Some("The server's token is not in it yet")
            };
            let open = IconButton::new(icon::ARROW_SQUARE_OUT, "Open in the browser")
                .small()
                .disabled_because(why_not);
            if ui.add(open).clicked() {
                ui.ctx().open_url(OpenUrl::new_tab(&variant.url));
            }
            let name = format!("Copy {label} URL");
            let why_not = (!variant.complete).then_some("The server's token is not in it yet");
            if ui
                .add(IconButton::new(icon::COPY, &name).small().disabled_because(why_not))
                .clicked()
            {
                context.actions.push(Action::Copy {
                    text: variant.url.clone(),
                    what: "URL",
                });
            }
            let note = NOTE.min(inner.width() * 0.3);
            ui.add_space(8.0);
            cell(ui, note, Align::Min, |ui| {
                let (sign, color) = if works {
                    (icon::CHECK, t.ok)
                } else {
                    (icon::PROHIBIT, t.tx3)
                };
                mark(ui, sign, color);
                text::elided(ui, Type::Caption, note_words, quiet);
            });
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                cell(ui, NAME, Align::Min, |ui| {
                    mark(ui, sign_of(variant.kind), quiet);
                    text::elided(ui, Type::SmallStrong, label, strong);
                });
                let shown = variant
                    .url
                    .find(API_ROOT)
                    .and_then(|at| variant.url.get(at + API_ROOT.len()..));
                let shown = shown.map_or_else(|| variant.url.clone(), |path| format!("…{path}"));
                text::key(ui, Type::MonoSmall, &shown, quiet);
            });
        },
    );
}

fn mark(ui: &mut Ui, sign: Icon, color: egui::Color32) {
    ui.spacing_mut().item_spacing.x = 6.0;
    let (at, _) = ui.allocate_exact_size(vec2(size::ICON_SMALL, size::ICON), Sense::hover());
    sign.paint(ui.painter(), at.center(), size::ICON_SMALL, color);
}

fn sign_of(kind: VariantKind) -> Icon {
    match kind {
        VariantKind::Public => icon::GLOBE_SIMPLE,
        VariantKind::Authenticated => icon::USER_CIRCLE,
        VariantKind::Signed => icon::SIGNATURE,
        VariantKind::Download => icon::DOWNLOAD_SIMPLE,
        VariantKind::Render => icon::FRAME_CORNERS,
    }
}
