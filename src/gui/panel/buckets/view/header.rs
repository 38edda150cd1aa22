//! Above the objects: where one is, search, order, shape, and what there is.

use egui::{Align, Frame, Id, Layout, Margin, Popup, PopupCloseBehavior, Response, Role, Sense, Ui, WidgetInfo, vec2};

use super::Room;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::listing::{SortBy, shown_name};
use crate::gui::panel::buckets::model::Shape;
use crate::gui::panel::buckets::state::State;
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{Button, IconButton, Segment, Select, TextField, segmented, spinner, text, tooltip};
use crate::gui::words;

/// Least width in which the path of folders is shown beside the buttons.
const CRUMB_MOST: f32 = 200.0;

pub fn show(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, room: Room) {
    let margin = Margin {
        left: space::CONTENT as i8,
        right: space::CONTENT as i8,
        top: 0,
        bottom: 0,
    };
    Frame::NONE.inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(space::CONTROL, 0.0);
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), 48.0),
            Layout::right_to_left(Align::Center),
            |ui| top_row(ui, state, context, room),
        );
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), size::CONTROL),
            Layout::right_to_left(Align::Center),
            |ui| filter_row(ui, state),
        );
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), 28.0),
            Layout::right_to_left(Align::Center),
            |ui| count_row(ui, state),
        );
    });
}

fn top_row(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, room: Room) {
    ui.set_height(48.0);
    let details_shown = if room.inspector {
        !state.inspector_hidden
    } else {
        state.inspector_over
    };
    if !details_shown
        && ui
            .add(IconButton::new(icon::SIDEBAR_SIMPLE, "Show details").framed())
            .clicked()
    {
        state.toggle_inspector();
    }
    upload_from_path(ui, state, context);
    ui.spacing_mut().item_spacing.x = 4.0;
    if ui.add(Button::primary("Upload").icon(icon::UPLOAD_SIMPLE)).clicked() {
        context.actions.extend(state.choose_uploads());
    }
    ui.add_space(space::CONTROL);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if !room.list && ui.add(IconButton::new(icon::LIST, "Show buckets")).clicked() {
            state.list_over = true;
            state.inspector_over = false;
        }
        crumbs(ui, state);
    });
}

/// The way to here: the bucket, its folders, each to be clicked; those in the middle are left out when there is no room.
fn crumbs(ui: &mut Ui, state: &mut State) {
    let Some(bucket) = state.bucket() else { return };
    let mut steps = vec![(bucket.to_string(), String::new())];
    let folder = state.folder();
    let mut from = 0;
    for (slash, _) in folder.match_indices('/') {
        steps.push((shown_name(&folder[from..slash]).to_owned(), folder[..=slash].to_owned()));
        from = slash + 1;
    }
    let widths: Vec<f32> = steps.iter().map(|(name, _)| crumb_width(ui, name) + 20.0).collect();
    let mut hidden = 0;
    while steps.len() - hidden > 2
        && widths[0] + widths[1 + hidden..].iter().sum::<f32>() + if hidden > 0 { 36.0 } else { 0.0 }
            > ui.available_width()
    {
        hidden += 1;
    }
    let mut to = None;
    ui.spacing_mut().item_spacing.x = 4.0;
    let last = steps.len() - 1;
    for (place, (name, prefix)) in steps.iter().enumerate() {
        if place > 0 && place <= hidden {
            if place == hidden {
                separator(ui);
                if crumb(ui, "…", &format!("Folder {prefix}"), false).clicked() {
                    to = Some(prefix.clone());
                }
            }
            continue;
        }
        if place > 0 {
            separator(ui);
        }
        if crumb(ui, name, name, place == last).clicked() {
            to = Some(prefix.clone());
        }
    }
    if let Some(folder) = to {
        state.open_folder(&folder);
    }
}

fn crumb_width(ui: &Ui, name: &str) -> f32 {
    let galley = ui
        .painter()
        .layout_job(Type::Strong.line(name, Tokens::of(ui).tx1, CRUMB_MOST));
    galley.size().x
}

fn crumb(ui: &mut Ui, shown: &str, spoken: &str, last: bool) -> Response {
    let t = Tokens::of(ui);
    let most = CRUMB_MOST.min(ui.available_width().max(24.0));
    let galley = ui
        .painter()
        .layout_job(Type::Strong.line(shown, egui::Color32::PLACEHOLDER, most));
    let cut = galley.elided;
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, size::SMALL), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, ui.is_enabled(), spoken));
    let color = if last || response.hovered() { t.tx1 } else { t.tx2 };
    let at = egui::Align2::LEFT_CENTER
        .anchor_size(rect.left_center(), galley.size())
        .min;
    ui.painter().galley_with_override_text_color(at, galley, color);
    if response.has_focus() {
        let stroke = egui::Stroke::new(2.0, t.acc_tx);
        ui.painter()
            .rect_stroke(rect.expand2(vec2(3.0, -1.0)), 4, stroke, egui::StrokeKind::Outside);
    }
    if cut || shown == "…" {
        tooltip(response, spoken)
    } else {
        response
    }
}

fn separator(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(12.0, size::SMALL), Sense::hover());
    icon::CARET_RIGHT.paint(ui.painter(), rect.center(), size::ICON_BADGE, Tokens::of(ui).tx3);
}

/// For folders, for machines whose file dialog does not work, and for those who have the path at hand.
fn upload_from_path(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let button = ui.add(IconButton::new(icon::CARET_DOWN, "Upload folders, or from a path").framed());
    let field = Id::unique("buckets upload path");
    if button.clicked() {
        ui.memory_mut(|memory| memory.request_focus(field));
    }
    let Some(bucket) = state.bucket().cloned() else { return };
    let popup = Popup::from_toggle_button_response(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.gap(4.0).width(340.0).show(|ui| {
        Frame::NONE.inner_margin(Margin::same(8)).show(ui, |ui| {
            ui.set_width(320.0);
            ui.spacing_mut().item_spacing.y = 8.0;
            let path = TextField::new("Path of a file or folder on this machine", &mut state.path)
                .label()
                .mono()
                .id(field);
            let response = path.hint("/home/me/pictures/cover.png").show(ui);
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let path = state.path.trim();
            let missing = path.is_empty().then_some("Type the path of a file or folder first");
            let target = format!(
                "Upload to {}",
                if state.folder().is_empty() {
                    bucket.as_str()
                } else {
                    state.folder()
                }
            );
            let clicked = ui
                .add(Button::new(&target).icon(icon::UPLOAD_SIMPLE).disabled_because(missing))
                .clicked();
            let folders = Button::new("Choose folders…").icon(icon::FOLDER_OPEN);
            if ui.add(folders).clicked() {
                context.actions.push(Action::ChooseUploadFolders {
                    bucket: bucket.clone(),
                    folder: state.folder().to_owned(),
                });
                ui.close();
            }
            if (clicked || entered) && !path.is_empty() {
                let paths = vec![path.strip_prefix("file://").unwrap_or(path).into()];
                context.actions.push(Action::Upload {
                    paths,
                    bucket,
                    folder: state.folder().to_owned(),
                });
                state.path.clear();
                ui.close();
            }
        });
    });
}

fn filter_row(ui: &mut Ui, state: &mut State) {
    let shapes = [
        (Shape::Grid, Segment::icon(icon::SQUARES_FOUR, "Grid")),
        (Shape::Table, Segment::icon(icon::ROWS, "Table")),
    ];
    segmented(ui, &mut state.shape, &shapes);
    let (sign, name) = if state.order.descending {
        (icon::SORT_DESCENDING, "Sort ascending")
    } else {
        (icon::SORT_ASCENDING, "Sort descending")
    };
    if ui.add(IconButton::new(sign, name).framed()).clicked() {
        state.order.descending = !state.order.descending;
    }
    if state.has_trash() {
        let name = if state.show_trash { "Hide trash" } else { "Show trash" };
        let button = IconButton::new(icon::TRASH, name).framed().selected(state.show_trash);
        if ui.add(button).clicked() {
            state.toggle_trash();
        }
    }
    ui.spacing_mut().item_spacing.x = 4.0;
    let choices = SortBy::ALL.map(|by| (by, by.words()));
    Select::new("Sort by", state.order.by.words())
        .width(112.0)
        .show_choices(ui, &mut state.order.by, &choices);
    ui.add_space(space::CONTROL);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let id = Id::unique("buckets search");
        let width = ui.available_width().min(320.0);
        let field = TextField::search("Search all folders", &mut state.search)
            .key("/")
            .width(width)
            .id(id);
        field.show(ui);
        if std::mem::take(&mut state.focus_search) {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
    });
}

fn count_row(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    if state.is_listing() {
        let busy = if state.listing().is_some() {
            "Reading the bucket again"
        } else {
            "Reading the bucket"
        };
        text::label(ui, Type::Caption, busy, t.tx3);
        spinner(ui, busy);
    }
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if state.listing().is_none() {
            return;
        }
        let contents = state.contents();
        if state.is_search() {
            text::label(
                ui,
                Type::Caption,
                words::count(contents.objects.len(), "match", "matches"),
                t.tx1,
            );
            text::elided(ui, Type::Caption, format!("·  {}", contents.total.size()), t.tx3);
            return;
        }
        if contents.folders.is_empty() && contents.objects.is_empty() {
            return;
        }
        let mut line = words::count(contents.objects.len(), "object", "objects");
        if !contents.folders.is_empty() {
            line = format!("{}, {line}", words::count(contents.folders.len(), "folder", "folders"));
        }
        text::elided(
            ui,
            Type::Caption,
            format!("{line}  ·  {}", contents.total.size()),
            t.tx2,
        );
    });
}
