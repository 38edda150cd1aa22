//! Keys and clicks that choose objects.

use egui::{EventFilter, Id, Key, Modifiers, Response, Sense, Ui};

use super::selection_bar;
use crate::catalog::Folder;
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::PanelContext;
use crate::gui::panel::buckets::dialog::{Act, Ask};
use crate::gui::panel::buckets::model::Shape;
use crate::gui::panel::buckets::selection::Choice;
use crate::gui::panel::buckets::state::{Raster, State, Walk};
use crate::gui::widget::{MenuItem, context_menu_at, menu_separator};
use crate::supabase::{ObjectKey, url};

/// What has the keyboard while objects are walked through.
fn id() -> Id {
    Id::unique("buckets objects")
}

/// Whether the objects have the keyboard.
pub fn has_focus(ui: &Ui) -> bool {
    ui.memory(|memory| memory.has_focus(id()))
}

/// Whether keys without a modifier are meant for this place: no text is being typed and no modal is open.
fn listening(ui: &Ui, state: &State) -> bool {
    let (focused, modal) = ui.memory(|memory| (memory.focused(), memory.top_modal_layer().is_some()));
    state.dialog.is_none() && !modal && !ui.text_edit_focused() && focused.is_none_or(|focused| focused == id())
}

/// Walks through folders and objects.
pub fn within(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>, raster: Raster) {
    let area = ui.interact(ui.available_rect_before_wrap(), id(), Sense::focusable_noninteractive());
    area.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ListBox, true, "Objects"));
    if area.has_focus() {
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id(), filter));
    }
    if !listening(ui, state) {
        return;
    }
    walk(ui, state, raster);
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if let Some(place) = state.cursor() {
        let folders = state.contents().folders.len();
        if pressed(Modifiers::NONE, Key::Space) && place >= folders {
            state.choose(place - folders, Choice::Toggle);
        }
        if pressed(Modifiers::NONE, Key::Enter) {
            match state.contents().folders.get(place).map(|folder| folder.prefix.clone()) {
                Some(folder) => state.open_folder(&folder),
                None => open(state, place - folders),
            }
        }
        if pressed(Modifiers::NONE, Key::Menu) || pressed(Modifiers::SHIFT, Key::F10) {
            state.menu_at = Some(place);
            state.scroll_to = Some(place);
        }
    }
    if pressed(Modifiers::COMMAND, Key::A) {
        state.choose_all();
    }
    let copied = ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Copy)));
    if copied && !state.selection().is_empty() {
        copy_urls(state, context);
    }
    for (modifiers, key, act) in [
        (Modifiers::SHIFT, Key::Delete, Act::Delete),
        (Modifiers::NONE, Key::Delete, Act::Trash),
        (Modifiers::NONE, Key::F2, Act::Rename),
    ] {
        if pressed(modifiers, key) {
            ask(state, act);
        }
    }
    if !state.selection().is_empty() && pressed(Modifiers::NONE, Key::Escape) {
        state.choose_none();
    }
}

fn walk(ui: &Ui, state: &mut State, raster: Raster) {
    let keys = [
        (Key::ArrowLeft, Walk::Left),
        (Key::ArrowRight, Walk::Right),
        (Key::ArrowUp, Walk::Up),
        (Key::ArrowDown, Walk::Down),
        (Key::PageUp, Walk::PageUp),
        (Key::PageDown, Walk::PageDown),
        (Key::Home, Walk::Home),
        (Key::End, Walk::End),
    ];
    for (key, walk) in keys {
        if raster.columns == 1 && matches!(key, Key::ArrowLeft | Key::ArrowRight) {
            continue;
        }
        // Several presses of a held key can come in one frame.
        let (ranges, singles) = ui.input_mut(|input| {
            (
                input.count_and_consume_key(Modifiers::SHIFT, key),
                input.count_and_consume_key(Modifiers::NONE, key),
            )
        });
        for choice in std::iter::repeat_n(Choice::Range, ranges).chain(std::iter::repeat_n(Choice::Only, singles)) {
            state.walk(walk, choice, raster);
            ui.memory_mut(|memory| memory.request_focus(id()));
        }
    }
}

/// Asks about the folder that has the keyboard, or else about the chosen objects.
fn ask(state: &mut State, act: Act) {
    let folder = state
        .folder_cursor()
        .and_then(|place| state.contents().folders.get(place));
    match folder.map(|folder| folder.prefix.clone()) {
        Some(prefix) if state.selection().is_empty() => state.ask(Ask::Folder(act, prefix)),
        _ => state.ask(Ask::Chosen(act)),
    }
}

/// Shows an object as a whole.
fn open(state: &mut State, place: usize) {
    state.choose(place, Choice::Only);
    state.inspector_hidden = false;
    state.inspector_over = true;
}

/// Keys that do not need an object.
pub fn global(ui: &Ui, state: &mut State) {
    if !listening(ui, state) {
        return;
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::N)) {
        state.ask(Ask::NewFolder);
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::ALT, Key::ArrowUp)) {
        state.open_parent();
    }
}

/// The key of the view, which counts while the list is still on its way, too.
pub fn shape(ui: &Ui, state: &mut State) {
    if listening(ui, state) && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::V)) {
        state.shape = if state.shape == Shape::Grid {
            Shape::Table
        } else {
            Shape::Grid
        };
    }
}

/// What a click on an object does, and its menu.
pub fn pointer(
    ui: &Ui,
    response: &Response,
    place: usize,
    object: u32,
    state: &mut State,
    context: &mut PanelContext<'_>,
) {
    if response.clicked() {
        let modifiers = ui.input(|input| input.modifiers);
        let choice = if modifiers.shift {
            Choice::Range
        } else if modifiers.command {
            Choice::Toggle
        } else {
            Choice::Only
        };
        state.choose(place, choice);
        ui.memory_mut(|memory| memory.request_focus(id()));
    }
    if response.double_clicked() {
        open(state, place);
    }
    let by_key = menu_is_due(state, state.contents().folders.len() + place);
    if (response.secondary_clicked() || by_key) && !state.selection().contains(object) {
        state.choose(place, Choice::Only);
    }
    context_menu_at(response, by_key, |ui| menu(ui, state, context));
}

/// Whether a key asked for the menu at a place. Asked once.
fn menu_is_due(state: &mut State, place: usize) -> bool {
    state.menu_at.take_if(|at| *at == place).is_some()
}

/// What a click on a folder does, and its menu; answers whether to open it.
pub fn folder(
    response: &Response,
    place: usize,
    folder: &Folder,
    state: &mut State,
    context: &mut PanelContext<'_>,
) -> bool {
    let by_key = menu_is_due(state, place);
    // The second click of two is meant for the folder that the first one opened, and not for one inside that lies there now.
    let mut open = response.clicked() && !response.double_clicked() && !response.triple_clicked();
    context_menu_at(response, by_key, |ui| {
        open |= ui
            .add(MenuItem::new("Open").icon(icon::FOLDER_OPEN).key("Enter"))
            .clicked();
        if ui.add(MenuItem::new("Copy path").icon(icon::COPY)).clicked() {
            context.actions.push(Action::Copy {
                text: folder.prefix.clone(),
                what: "Path",
            });
        }
        menu_separator(ui);
        if let Some(act) = selection_bar::acts(ui, true, context) {
            state.ask(Ask::Folder(act, folder.prefix.clone()));
        }
    });
    open
}

/// The menu of the chosen objects.
fn menu(ui: &mut Ui, state: &mut State, context: &mut PanelContext<'_>) {
    let single = state
        .single()
        .and_then(|(bucket, entry)| Some((bucket.clone(), ObjectKey::parse(&entry.key).ok()?)));
    if let Some((bucket, key)) = single {
        if ui.add(MenuItem::new("Open in URL Lab").icon(icon::LINK)).clicked() {
            let text = url::public_url(&context.service.workspace().url, &bucket, &key);
            context.actions.push(Action::ExplainUrl(text));
        }
        if ui
            .add(MenuItem::new("Copy public URL").icon(icon::COPY).key("Ctrl C"))
            .clicked()
        {
            copy_urls(state, context);
        }
        if ui.add(MenuItem::new("Copy key").icon(icon::KEY)).clicked() {
            context.actions.push(Action::Copy {
                text: key.to_string(),
                what: "Key",
            });
        }
    } else if ui
        .add(MenuItem::new("Copy public URLs").icon(icon::COPY).key("Ctrl C"))
        .clicked()
    {
        copy_urls(state, context);
    }
    menu_separator(ui);
    let single = state.selection().len() == 1;
    if let Some(act) = selection_bar::acts(ui, single, context) {
        state.ask(Ask::Chosen(act));
    }
}

/// Copies the public URLs of the chosen objects.
pub fn copy_urls(state: &State, context: &mut PanelContext<'_>) {
    let text = state.chosen_urls(context.service);
    let what = if state.selection().len() == 1 { "URL" } else { "URLs" };
    if !text.is_empty() {
        context.actions.push(Action::Copy { text, what });
    }
}
