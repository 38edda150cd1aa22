//! The fonts in `assets/fonts/`. What they lack comes from the system (eframe's `system_fonts`).

use std::sync::Arc;

use egui::epaint::text::{FontTweak, VariationCoords};
use egui::{FontData, FontDefinitions, FontFamily};

use crate::gui::icon;

/// Family of Inter at weight 500.
pub(super) const MEDIUM: &str = "medium";
/// Family of Inter at weight 600.
pub(super) const SEMIBOLD: &str = "semibold";

const INTER: &[u8] = include_bytes!("../../../assets/fonts/Inter.ttf");
const MONO: &[u8] = include_bytes!("../../../assets/fonts/JetBrainsMonoNL.ttf");
const ICONS: &[u8] = include_bytes!("../../../assets/fonts/Phosphor.ttf");
const ICONS_FILL: &[u8] = include_bytes!("../../../assets/fonts/PhosphorFill.ttf");

/// Inter at three weights from one variable font, JetBrains Mono without ligatures, and the icons.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |family: FontFamily, names: &[(&str, FontData)]| {
        let keys = names.iter().map(|(name, data)| {
            fonts
                .font_data
                .entry((*name).to_owned())
                .or_insert_with(|| Arc::new(data.clone()));
            (*name).to_owned()
        });
        let keys = keys.collect();
        fonts.families.insert(family, keys);
    };

    let none = VariationCoords::default;
    let weight = |weight: f32| VariationCoords::new([(b"wght", weight)]);
    let mono = || ("mono", font(MONO, none()));
    let regular = || ("inter-400", font(INTER, weight(400.0)));
    add(FontFamily::Proportional, &[regular(), mono()]);
    add(
        FontFamily::Name(MEDIUM.into()),
        &[("inter-500", font(INTER, weight(500.0))), mono()],
    );
    add(
        FontFamily::Name(SEMIBOLD.into()),
        &[("inter-600", font(INTER, weight(600.0))), mono()],
    );
    add(FontFamily::Monospace, &[mono(), regular()]);
    add(FontFamily::Name(icon::FAMILY.into()), &[("icon", font(ICONS, none()))]);
    add(
        FontFamily::Name(icon::FAMILY_FILL.into()),
        &[("icon-fill", font(ICONS_FILL, none()))],
    );
    fonts
}

/// None of the fonts is hinted: Inter and the icons are drawn to be shown as they are, and the automatic hinter would
/// read every glyph of every font before the first frame, which is most of the time a window or a test needs to start.
fn font(bytes: &'static [u8], coords: VariationCoords) -> FontData {
    FontData::from_static(bytes).tweak(FontTweak {
        coords,
        hinting: Some(false),
        ..FontTweak::default()
    })
}
