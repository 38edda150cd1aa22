//! The card at the left: the embedded workspace, what it is and where it lies.

use egui::load::SizedTexture;
use egui::{Align, Layout, Rect, Sense, TextureHandle, TextureOptions, Ui, pos2, vec2};

use super::Facts;
use crate::gui::action::Action;
use crate::gui::icon::{self, Icon};
use crate::gui::theme::{Tokens, Type, radius, size, space};
use crate::gui::widget::{Button, Fit, IconButton, Picture, PictureState, paint, text};
use crate::media;
use crate::workspace::WorkspaceId;

/// Drawn by the built-in illustrator; `tests/gui_connect.rs` draws it again and compares.
const PICTURE: &[u8] = include_bytes!("../../../../../assets/connect/local.png");
const ALT: &str = "A fox in a green scarf and an owl beside a fallen star, in a snowy forest at night";
/// Height of the picture for its width.
const RATIO: f32 = 212.0 / 358.0;
const FACT: f32 = 36.0;
/// What stands at the foot of the card: the folder, the two buttons and their distances.
const FOOT: f32 = 16.0 + space::LABEL + 28.0 + 16.0 + size::LARGE + 10.0 + size::CONTROL;

/// Draws the card's contents, `height` tall.
pub(super) fn show(ui: &mut Ui, facts: &Facts<'_>, height: f32, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let top = ui.cursor().top();
    let width = ui.available_width();
    ui.spacing_mut().item_spacing.y = 0.0;
    picture(ui, width);
    ui.add_space(16.0);
    text::elided(ui, Type::Title, "Start with the local workspace", t.tx1);
    ui.add_space(4.0);
    let words = "Works offline, needs no account and no keys. Good for trying things out and for teaching.";
    text::wrapped(ui, Type::Body, words, t.tx2);
    ui.add_space(14.0);
    let address = facts.local_address.map_or_else(
        || "A real storage server, on 127.0.0.1 only".to_owned(),
        |address| format!("A real storage server on {address}"),
    );
    fact(ui, icon::HARD_DRIVES, "Storage on this computer", &address);
    ui.add_space(14.0);
    fact(
        ui,
        icon::BOOKS,
        "Built-in storyteller",
        "Writes a story of up to twelve scenes in seconds",
    );
    ui.add_space(14.0);
    fact(
        ui,
        icon::PAINT_BRUSH,
        "Built-in illustrator",
        "Draws without AI, without network, at no cost",
    );
    let used = ui.cursor().top() - top;
    ui.add_space((height - used - FOOT).max(space::PANEL));
    foot(ui, facts, actions);
}

fn picture(ui: &mut Ui, width: f32) {
    let t = Tokens::of(ui);
    let size = vec2(width, (width * RATIO).round());
    let texture = texture(ui);
    let state = texture.as_ref().map_or(PictureState::Loading, |texture| {
        PictureState::Ready(SizedTexture::from_handle(texture))
    });
    let shown = Picture::new(ALT, state)
        .size(size)
        .fit(Fit::Cover)
        .corners(radius::CARD)
        .sense(Sense::hover())
        .show(ui);
    let words = paint::whole_line(ui, Type::CaptionStrong, "Drawn by the built-in illustrator", t.on_fill);
    let at = Rect::from_min_size(
        shown.response.rect.min + vec2(8.0, 8.0),
        vec2(words.size().x + 14.0, 20.0),
    );
    ui.painter().rect_filled(at, radius::BADGE, t.shade);
    paint::galley_left(ui.painter(), at.left() + 7.0, at.center().y, words, t.on_fill);
}

/// Decoded when the page is first drawn: a few milliseconds once.
fn texture(ui: &Ui) -> Option<TextureHandle> {
    let id = egui::Id::unique("picture of the local workspace");
    if let Some(texture) = ui.data(|data| data.get_temp::<TextureHandle>(id)) {
        return Some(texture);
    }
    let pixels = media::decode(PICTURE, &media::Limits::default()).ok()?;
    let image = crate::gui::texture::image(&pixels);
    let texture = ui.load_texture("local workspace", image, TextureOptions::LINEAR);
    ui.data_mut(|data| data.insert_temp(id, texture.clone()));
    Some(texture)
}

fn fact(ui: &mut Ui, icon: Icon, title: &str, words: &str) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), FACT), Sense::hover());
    let tile = Rect::from_min_size(rect.min + vec2(0.0, 4.0), vec2(28.0, 28.0));
    ui.painter().rect_filled(tile, radius::CONTROL, t.bg3);
    icon.paint(ui.painter(), tile.center(), size::ICON, t.acc_tx);
    let words_at = Rect::from_min_max(pos2(tile.right() + 12.0, rect.top() + 1.0), rect.max);
    paint::inside(ui, words_at, Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        text::elided(ui, Type::Strong, title, t.tx1);
        text::elided(ui, Type::Small, words, t.tx2);
    });
}

fn foot(ui: &mut Ui, facts: &Facts<'_>, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    text::label(ui, Type::Small, "Folder", t.tx2);
    ui.add_space(space::LABEL);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::CONTROL), Sense::hover());
    ui.painter().rect(
        rect,
        radius::CONTROL,
        t.input,
        egui::Stroke::new(1.0, t.line2),
        egui::StrokeKind::Inside,
    );
    let inner = rect.shrink2(vec2(9.0, 0.0));
    paint::inside(ui, inner, Layout::right_to_left(Align::Center), |ui| {
        let copy = IconButton::new(icon::COPY, "Copy the folder's path").small();
        if ui.add(copy).clicked() {
            actions.push(Action::Copy {
                text: facts.folder.to_owned(),
                what: "path",
            });
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            text::key(ui, Type::Mono, facts.folder, t.tx1)
                .on_hover_text("Set STORYMIMI_HOME before the program starts to keep it elsewhere");
        });
    });
    ui.add_space(16.0);
    let start = Button::new(if facts.is_local_open {
        "Back to the local workspace"
    } else {
        "Start locally"
    });
    if ui.add(start.large().min_width(f32::INFINITY)).clicked() {
        actions.push(Action::OpenWorkspace(WorkspaceId::Local));
    }
    ui.add_space(10.0);
    ui.vertical_centered(|ui| {
        let open = Button::ghost("or open a workspace file…").icon(icon::FILE_ARROW_DOWN);
        if ui.add(open).clicked() {
            actions.push(Action::ImportWorkspaces);
        }
    });
}
