//! The mapping of the tokens to egui's own style, for egui's own widgets.

use egui::epaint::{FontColorTransferFunction, Shadow};
use egui::style::{HandleShape, ScrollAnimation, ScrollStyle, Selection, TextCursorStyle, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, Margin, Stroke, Style, Visuals, vec2};

use super::{Tokens, Type, motion, radius, size};

/// egui's style from our tokens.
pub(super) fn style(t: &Tokens) -> Style {
    let mut style = Style {
        text_styles: Type::ALL.iter().map(|kind| (kind.style(), kind.font())).collect(),
        drag_value_text_style: Type::Mono.style(),
        animation_time: motion::OPEN,
        scroll_animation: ScrollAnimation::duration(motion::SCROLL),
        visuals: visuals(t),
        ..Style::default()
    };

    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(10.0, 5.0);
    spacing.interact_size.y = size::CONTROL;
    spacing.window_margin = Margin::ZERO;
    spacing.menu_margin = Margin::same(4);
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 6.0;
    spacing.combo_height = 320.0;
    spacing.tooltip_width = 320.0;
    spacing.slider_rail_height = 4.0;
    spacing.scroll = ScrollStyle {
        floating: true,
        bar_width: 6.0,
        floating_width: 4.0,
        foreground_color: false,
        dormant_handle_opacity: 1.0,
        active_handle_opacity: 1.0,
        interact_handle_opacity: 1.0,
        dormant_background_opacity: 0.0,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.0,
        ..ScrollStyle::floating()
    };
    spacing.scroll.fade.strength = 0.0;

    style.interaction.tooltip_delay = 0.45;
    style.interaction.selectable_labels = false;
    style
}

fn visuals(t: &Tokens) -> Visuals {
    let line2 = Stroke::new(1.0, t.line2);
    let mut visuals = if t.dark { Visuals::dark() } else { Visuals::light() };

    visuals.panel_fill = t.bg1;
    visuals.window_fill = t.bg2;
    visuals.extreme_bg_color = t.input;
    visuals.text_edit_bg_color = Some(t.input);
    visuals.code_bg_color = t.input;
    visuals.faint_bg_color = t.bg2;
    visuals.weak_text_color = Some(t.tx2);
    visuals.hyperlink_color = t.acc_tx;
    visuals.warn_fg_color = t.warn;
    visuals.error_fg_color = t.err;
    visuals.selection = Selection {
        bg_fill: t.acc_bg,
        stroke: Stroke::new(1.0, t.acc_tx),
    };
    visuals.text_cursor = TextCursorStyle {
        stroke: Stroke::new(1.0, t.acc_tx),
        ..TextCursorStyle::default()
    };

    visuals.window_stroke = line2;
    visuals.window_corner_radius = CornerRadius::same(radius::MODAL);
    visuals.menu_corner_radius = CornerRadius::same(radius::CARD);
    visuals.window_shadow = Shadow {
        offset: [0, 20],
        blur: 56,
        spread: 0,
        color: t.shadow_modal,
    };
    visuals.popup_shadow = Shadow {
        offset: [0, 8],
        blur: 24,
        spread: 0,
        color: t.shadow_popover,
    };

    visuals.widgets = Widgets {
        noninteractive: widget(t.bg1, Stroke::new(1.0, t.line), t.tx1),
        inactive: widget(t.control(), line2, t.tx1),
        hovered: widget(t.control_hover(), line2, t.tx1),
        active: widget(t.bg4, Stroke::new(1.0, t.tx3), t.tx1),
        open: widget(t.bg4, Stroke::new(1.0, t.tx3), t.tx1),
    };

    // egui thickens light text on dark a good deal; Inter needs little of it.
    let gamma = if t.dark {
        FontColorTransferFunction::Gamma(0.85)
    } else {
        FontColorTransferFunction::Off
    };
    visuals.text_options.color_transfer_function = gamma;
    visuals.disabled_alpha = 0.45;
    visuals.striped = false;
    visuals.indent_has_left_vline = false;
    visuals.collapsing_header_frame = false;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    visuals
}

/// Nothing grows on hover: the expansion is always zero.
fn widget(fill: Color32, border: Stroke, text: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: border,
        corner_radius: CornerRadius::same(radius::CONTROL),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    }
}
