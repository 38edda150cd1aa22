//! Who draws, and in which style; what that is going to cost.

use egui::Ui;

use crate::gui::icon;
use crate::gui::panel::stories::state::{Choices, NewStory};
use crate::gui::widget::{MenuItem, Select};
use crate::service::Service;
use crate::story::STYLES;

/// The choice of an engine.
pub(super) fn select(ui: &mut Ui, service: &Service, choices: &mut Choices, width: f32) {
    let engines: Vec<_> = service.engines().into_iter().filter(|engine| engine.draws).collect();
    let current = choices.facts(service).map_or_else(String::new, |engine| engine.name);
    let select = Select::new("Engine", &current).icon(icon::CUBE).width(width);
    select.show(ui, |ui| {
        for engine in &engines {
            let chosen = engine.name == current;
            let price = match (engine.built_in, engine.price) {
                (true, _) => "free".to_owned(),
                (false, Some(price)) => price.to_string(),
                (false, None) => String::new(),
            };
            if ui
                .add(MenuItem::new(&engine.name).checked(chosen).key(&price))
                .clicked()
            {
                choices.chosen = Some(engine.id.clone());
            }
        }
    });
}

/// The choice of who writes.
pub(super) fn writer(ui: &mut Ui, service: &Service, form: &mut NewStory, width: f32) {
    let current = form.writer(service).map_or_else(String::new, |engine| engine.name);
    let select = Select::new("Engine", &current).icon(icon::PENCIL_SIMPLE).width(width);
    select.show(ui, |ui| {
        for engine in service.engines().iter().filter(|engine| engine.writes) {
            let chosen = engine.name == current;
            if ui
                .add(MenuItem::new(&engine.name).checked(chosen).key(&engine.text_model))
                .clicked()
            {
                form.writer = Some(engine.id.clone());
            }
        }
    });
}

/// The choice of a style.
pub(super) fn style(ui: &mut Ui, choices: &mut Choices, width: f32) {
    let current = choices.style.clone().unwrap_or_else(|| "No style".to_owned());
    let select = Select::new("Style", &current).icon(icon::PALETTE).width(width);
    select.show(ui, |ui| {
        if ui
            .add(MenuItem::new("No style").checked(choices.style.is_none()))
            .clicked()
        {
            choices.style = None;
        }
        for style in STYLES {
            let chosen = choices.style.as_deref() == Some(style.name);
            if ui.add(MenuItem::new(style.name).checked(chosen)).clicked() {
                choices.style = Some(style.name.to_owned());
            }
        }
    });
}

/// What so many pictures are going to cost.
pub(super) fn about(service: &Service, choices: &Choices, pictures: usize) -> String {
    match choices.facts(service) {
        Some(engine) if engine.built_in => "Free, drawn on this machine".to_owned(),
        Some(engine) => match engine.price {
            Some(price) => format!("About {}", price * pictures as u64),
            None => "The price is not known".to_owned(),
        },
        None => "No engine can draw here".to_owned(),
    }
}
