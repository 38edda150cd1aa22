//! What panels are made of. Nothing here knows stories, buckets or servers: words and states go in, clicks come out.
//!
//! Every widget has an accessible name, keeps its size in all its states, and says in its tooltip why it cannot be used
//! (`disabled_because(Option<&str>)`: `None` is usable). Colours and type come from [`theme`](super::theme):
//! `let t = Tokens::of(ui)`, then `text::label(ui, Type::Small, "6 of 8", t.tx3)`. Icons are constants of
//! [`icon`](super::icon). Never put an icon's glyph into a text: give it to a widget, or [`paint`](super::icon::Icon::paint) it.
//!
//! | what | how | answers |
//! |---|---|---|
//! | **text** | | |
//! | as wide as it is | `text::label(ui, Type, text, color)` | `Response` |
//! | wrapped; one line with "…"; selectable | `text::wrapped(…)`, `text::elided(…)`, `text::selectable(…)` | `Response` |
//! | key cut in the middle | `text::key(ui, Type::Mono, key, color)` | `Response` |
//! | facts with " · ", the last ones left out where they do not fit | `text::facts(…)` | `Response` |
//! | things on one line | `text::line(ui, height, \|ui\| …)` | the closure's |
//! | **buttons** | | |
//! | with words | `ui.add(Button::{new, primary, ghost, danger, danger_filled}(words)` `.small() .large() .icon(Icon) .key("G") .tip(text) .busy(bool) .open(bool) .min_width(f32) .disabled_because(reason))` | `Response` |
//! | with an icon | `ui.add(IconButton::new(Icon, name)` `.framed() .over_picture() .small() .key("Ctrl I") .selected(bool) .busy(bool) .dot(Option<Tone>) .open(bool) .disabled_because(reason))` | `Response` |
//! | **fields** | | |
//! | one line | `TextField::new(name, &mut String)` `.label() .hint(text) .icon(Icon) .key("/") .clearable() .switch(words, name, &mut bool) .mono() .password(bool) .help(text) .error(Option<&str>) .width(f32) .id(Id) .disabled_because(reason) .show(ui)` | `Response`, `changed()` |
//! | tall, of a setup page | `LargeField::new(name, &mut String)` `.hint(text) .mono() .marks(&[range]) .secret(Shows) .buttons(&[(Icon, name)]) .error(Option<&str>) .id(Id) .show(ui)` | [`LargeFieldAnswer`] |
//! | search | `TextField::search(name, &mut String)…show(ui)` | `Response` |
//! | several lines, counted | `PromptBox::new(name, &mut String)` `.hint(text) .rows(n) .limit(letters) .bare() .id(Id) .disabled_because(reason) .show(ui)` | `Response` |
//! | one of a list | `Select::new(name, current)` `.icon(Icon) .width(f32) .disabled_because(reason)`, then `.show_choices(ui, &mut T, &[(T, words)])` or `.show(ui, \|ui\| items)` | `Response`, `changed()`; `(Response, Option<R>)` |
//! | small number | `ui.add(Stepper::new(name, &mut u32, 1..=8).width(f32))` | `Response`, `changed()` |
//! | one of a few | `segmented(ui, &mut T, &[(T, Segment::words("Board"))])`, `Segment::icon(Icon, name)` | `Response`, `changed()` |
//! | tabs | `tabs(ui, &mut T, indent, &[(T, Tab::new("Log"))])`, `Tab::count("Jobs", 3)` | `Response`, `changed()` |
//! | switch | `toggle_row(ui, words, &mut bool)`, `toggle(ui, name, &mut bool)` | `Response`, `changed()` |
//! | check box, radio | `check_box(ui, words, &mut bool)`, `bare_check_box(ui, name, Checked)`, `radio(ui, words, detail, chosen)` | `Response` |
//! | **facts** | | |
//! | state | `ui.add(Chip::new(Tone, words))` | `Response` |
//! | badge | `ui.add(Badge::new(Tone, words)` `.icon(Icon) .busy() .over_picture())` | `Response` |
//! | filter | `ui.add(FilterChip::new(words, on)` `.count(n) .icon(Icon) .dot(Tone) .removable() .tight())` | `Response` |
//! | key cap | `ui.add(KeyCap::new("Ctrl K"))` | `Response` |
//! | count over the rail | `count_badge(ui, right_top, count, Tone)` | |
//! | name and value | `key_text(ui, width, name, value)`, `key_mono(…)`, `key_value(ui, width, name, \|ui\| …)` | the closure's |
//! | **surfaces** | | |
//! | frames | `frame::{panel, bar, docked_bar, popover, code}(ui)`, `frame::card(ui, margin)` | `egui::Frame` |
//! | hairlines | `frame::hairline(ui)`, `frame::section_break(ui)` | |
//! | row | `Row::new(name, height)` `.table() .selected(bool) .padding(f32) .tint(Tone) .id(Id) .draggable() .show(ui, \|ui\| …)` | `Response` |
//! | what the keyboard went to, brought into view | `follow_focus(ui, margin)` at the end of a scroll area | |
//! | cell of a row | `cell(ui, width, Align, \|ui\| …)` | the closure's |
//! | **work** | | |
//! | bar | `ui.add(ProgressBar::new(name, Progress)` `.width(f32) .thin())` | `Response` |
//! | ring, spinner | `progress_ring(ui, name, diameter, Progress, words)`, `spinner(ui, name)` | `Response` |
//! | skeleton | `skeleton(ui, size)`, `skeleton_due(ui, since)` | `Response`, `bool` |
//! | running clock | `tick(ui)` asks for the next frame | |
//! | **pictures** | `Picture::new(alt, PictureState)` `.size(vec2) .fit(Fit) .corners(radius) .sense(Sense) .badges(&[(Corner, Badge)]) .actions(&[(Icon, name)]) .show_actions(bool) .show(ui)` | [`PictureResponse`] |
//! | one of several to choose | `Candidate::new(name, caption)` `.picture(Option<texture>) .mark(CandidateMark) .chosen(bool) .tip(text) .id(Id) .show(ui)` | `Response` |
//! | two compared | `Compare::new(name, CompareSide, CompareSide, &mut CompareLook)` `.size(vec2) .id(Id) .wheel() .show(ui)` | `Response` |
//! | **said** | | |
//! | nothing here | `EmptyState::new(Icon, line, caption)` `.button(words) .drop_target() .height(f32) .show(ui)` | clicked |
//! | where a file would go | `drop_target(ui, rect, words)`, over everything | |
//! | error | `ErrorBlock::new(title, body, technical)` `.code(part) .actions(&[ErrorAction::new(words).icon(Icon)]) .dismissible()`, then `.show(ui)` or `.show_in_dock(ui, indent)` | `Option<ErrorChoice>` |
//! | note | `Note::{info, warn, err, ok}(line, body)` `.icon(Icon) .button(words) .show(ui)` | clicked |
//! | toasts | `toasts.push(Toast::new(Tone, words).action(words).progress(Progress))`, `toasts.show(ctx, margin)` | `Option<(ToastId, ToastChoice)>` |
//! | modal | `ModalFrame::new(id, title)` `.caption(text) .note(text) .width(f32) .body_margin(f32) .show(ctx, \|ui\| body, \|ui\| footer)` | [`ModalAnswer`] |
//! | menu | `menu_below(&button, width, \|ui\| …)`, `context_menu(&target, \|ui\| …)`, `context_menu_at(&target, pressed, \|ui\| …)`, in them `ui.add(MenuItem::new(words)` `.icon(Icon) .key(text) .danger() .checked(bool) .disabled_because(reason))`, `menu_separator(ui)`, `menu_heading(ui, words)` | the closure's, while open |
//! | tooltip | `tooltip(response, words)`, `tooltip_with_key(response, words, key)`, `tooltip_disabled(response, reason)` | `Response` |

mod button;
mod candidate;
mod chip;
mod compare;
mod compare_look;
mod drop_target;
mod empty;
mod error_block;
mod field;
mod follow;
pub mod frame;
mod icon_button;
mod key_cap;
mod key_value;
mod large_field;
mod menu;
pub mod modal;
mod note;
pub(in crate::gui) mod paint;
mod picture;
mod progress;
mod row;
mod segmented;
mod select;
mod stepper;
mod tabs;
pub mod text;
mod toast;
mod toggle;
mod tooltip;
mod treemap;

pub use button::Button;
pub use candidate::{Candidate, CandidateMark};
pub use chip::{Badge, Chip, FilterChip, count_badge};
pub use compare::{Compare, CompareSide};
pub use compare_look::{CompareLook, CompareMode};
pub use drop_target::drop_target;
pub use empty::EmptyState;
pub use error_block::{ErrorAction, ErrorBlock, ErrorChoice};
pub use field::{PromptBox, TextField};
pub use follow::follow_focus;
pub use icon_button::IconButton;
pub use key_cap::KeyCap;
pub use key_value::{KEY_VALUE_HEIGHT, key_mono, key_text, key_value};
pub use large_field::{LargeField, LargeFieldAnswer, Shows};
pub use menu::{MenuItem, context_menu, context_menu_at, is_menu_open, menu_below, menu_heading, menu_separator};
pub use modal::{ModalAnswer, ModalFrame};
pub use note::Note;
pub use picture::{Corner, Fit, Picture, PictureResponse, PictureState};
pub use progress::{Progress, ProgressBar, progress_ring, skeleton, skeleton_due, spinner, tick};
pub use row::{Row, cell};
pub use segmented::{Segment, segmented};
pub use select::Select;
pub use stepper::Stepper;
pub use tabs::{TABS_HEIGHT, Tab, tabs};
pub use toast::{Toast, ToastChoice, ToastId, Toasts};
pub use toggle::{Checked, bare_check_box, check_box, radio, toggle, toggle_row};
pub use tooltip::{tooltip, tooltip_disabled, tooltip_with_key};
pub use treemap::{CellMark, TreemapCell, treemap};
