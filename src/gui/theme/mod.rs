//! The tokens of the look: colours, type styles, measures, fonts, and their mapping to egui's own style.
//!
//! Nothing else in the program makes a colour or names a font size. Widgets are in [`super::widget`].

mod fonts;
mod style;
mod tokens;
mod typography;

pub use tokens::{Hue, Tokens, Tone, ToneColors};
pub use typography::Type;

use egui::{Context, Theme, ThemePreference};

/// Sets fonts and both styles, and follows the system's dark or light setting.
///
/// Call once, before the first frame. The user's choice is egui's own [`ThemePreference`].
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Dark, style::style(&Tokens::DARK));
    ctx.set_style_of(Theme::Light, style::style(&Tokens::LIGHT));
    ctx.set_theme(ThemePreference::System);
}

/// Distances between things, in points.
pub mod space {
    /// Between a label and its field.
    pub const LABEL: f32 = 4.0;
    /// Between controls that belong together.
    pub const TIGHT: f32 = 6.0;
    /// Between controls.
    pub const CONTROL: f32 = 8.0;
    /// Between field groups.
    pub const GROUP: f32 = 10.0;
    /// Side margin of a list, and above and below the hairline between sections.
    pub const SECTION: f32 = 12.0;
    /// Side margin of a panel.
    pub const PANEL: f32 = 16.0;
    /// Side margin of the content.
    pub const CONTENT: f32 = 20.0;
}

/// Corner radii, in points.
pub mod radius {
    /// The smallest thumbnails.
    pub const MINI: u8 = 3;
    /// Badges, thumbnails, menu rows.
    pub const BADGE: u8 = 4;
    /// Controls, rows, tooltips.
    pub const CONTROL: u8 = 6;
    /// Cards, popovers, large buttons.
    pub const CARD: u8 = 8;
    /// Status chips.
    pub const CHIP: u8 = 10;
    /// Modals and the palette.
    pub const MODAL: u8 = 12;
}

/// Heights of controls and sizes of icons, in points.
pub mod size {
    /// A small button.
    pub const SMALL: f32 = 24.0;
    /// Any control.
    pub const CONTROL: f32 = 28.0;
    /// Buttons of modal footers and of the first run.
    pub const LARGE: f32 = 36.0;
    /// A status chip.
    pub const CHIP: f32 = 20.0;
    /// A badge.
    pub const BADGE: f32 = 18.0;
    /// A filter chip.
    pub const FILTER: f32 = 24.0;
    /// A key cap.
    pub const KEY: f32 = 18.0;
    /// A row of a table.
    pub const TABLE_ROW: f32 = 28.0;
    /// An icon in a badge.
    pub const ICON_BADGE: f32 = 12.0;
    /// An icon in a small button.
    pub const ICON_SMALL: f32 = 14.0;
    /// Any icon.
    pub const ICON: f32 = 16.0;
    /// An icon of the rail.
    pub const ICON_RAIL: f32 = 20.0;
    /// The icon of an empty state.
    pub const ICON_EMPTY: f32 = 24.0;
}

/// How long things move, in seconds. All of it is zero with reduced motion (`style.animation_time == 0`).
pub mod motion {
    /// Panels opening, toggles, the underline of tabs.
    pub const OPEN: f32 = 0.12;
    /// Buttons that appear on hover, tooltips.
    pub const HOVER: f32 = 0.08;
    /// Modals fading in.
    pub const MODAL: f32 = 0.16;
    /// The longest a list scrolls by itself.
    pub const SCROLL: f32 = 0.2;
    /// The shortest time between two repaints of a running clock or countdown.
    pub const TICK: f32 = 0.1;

    /// `duration`, or zero when the user wants no motion.
    pub fn time(ui: &egui::Ui, duration: f32) -> f32 {
        if reduced(ui) { 0.0 } else { duration }
    }

    /// Whether the user wants no motion.
    pub fn reduced(ui: &egui::Ui) -> bool {
        ui.style().animation_time == 0.0
    }
}
