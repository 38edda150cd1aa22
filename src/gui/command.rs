//! The commands: their names, icons and keys. Menus, the palette, tooltips and the list of keys are made from here.

use egui::{Context, Event, Key, KeyboardShortcut, ModifierNames, Modifiers};

use super::icon::{self, Icon};

/// The commands that need no more than their name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Open the command palette.
    Palette,
    /// Ask for a new story.
    NewStory,
    /// Show the stories.
    Stories,
    /// Show the buckets.
    Buckets,
    /// Show the URL Lab.
    UrlLab,
    /// Show the settings.
    Settings,
    /// Put the cursor into the filter of the place shown.
    Filter,
    /// Put the cursor into the search of all buckets.
    SearchAll,
    /// Read again what is shown.
    Refresh,
    /// Open or close the log.
    ToggleDock,
    /// Open or close the transfers.
    ToggleTransfers,
    /// Open or close the inspector.
    ToggleInspector,
    /// The previous scene or object.
    Previous,
    /// The next scene or object.
    Next,
    /// Draw candidates for the selected scene.
    Generate,
    /// Show the live picture and the candidate in turn.
    Flip,
    /// Keep the chosen candidate.
    Keep,
    /// Reject the chosen candidate.
    Reject,
    /// Put the chosen candidate in the place of the live picture.
    ReplaceLive,
    /// Let the seed stay the same, or not.
    LockSeed,
    /// Write the selected scene's alt text.
    AltText,
    /// Make the pictures that the selected story lacks.
    GenerateMissing,
    /// Upload a picture for the selected scene, or files into the bucket shown.
    Upload,
    /// Undo the last replacement.
    Undo,
    /// The dark theme.
    ThemeDark,
    /// The light theme.
    ThemeLight,
    /// The system's theme.
    ThemeSystem,
    /// The menu of workspaces.
    SwitchWorkspace,
    /// Connect another project.
    AddWorkspace,
    /// Change how the open workspace is reached.
    EditWorkspace,
    /// Test the connection of the open workspace.
    TestConnection,
    /// End the user's session.
    SignOut,
    /// Unlock admin mode.
    UnlockAdmin,
    /// Lock admin mode.
    LockAdmin,
    /// The list of keys.
    Shortcuts,
    /// Close the window.
    Quit,
}

/// What a command is about: the headings of the list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Where to be.
    Go,
    /// What is selected.
    Work,
    /// The pictures of the selected scene.
    Scenes,
    /// Which project is worked on.
    Workspace,
    /// How it looks.
    View,
    /// The program itself.
    Program,
}

impl Group {
    /// Every group, in the order shown.
    pub const ALL: &[Self] = &[
        Self::Go,
        Self::Work,
        Self::Scenes,
        Self::Workspace,
        Self::View,
        Self::Program,
    ];

    /// Its heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Go => "Go to",
            Self::Work => "Scenes and objects",
            Self::Scenes => "A scene's pictures",
            Self::Workspace => "Workspace",
            Self::View => "View",
            Self::Program => "Program",
        }
    }
}

/// A row of the table of commands.
struct Facts {
    group: Group,
    name: &'static str,
    description: &'static str,
    icon: Icon,
    /// Modifiers and key.
    keys: Option<(Modifiers, Key)>,
}

const CTRL: Modifiers = Modifiers::COMMAND;
const PLAIN: Modifiers = Modifiers::NONE;

impl Command {
    /// Every command, in the order of menus and of the palette.
    pub const ALL: &[Self] = &[
        Self::Palette,
        Self::NewStory,
        Self::Stories,
        Self::Buckets,
        Self::UrlLab,
        Self::Settings,
        Self::Filter,
        Self::SearchAll,
        Self::Refresh,
        Self::ToggleDock,
        Self::ToggleTransfers,
        Self::ToggleInspector,
        Self::Previous,
        Self::Next,
        Self::Generate,
        Self::Flip,
        Self::Keep,
        Self::Reject,
        Self::ReplaceLive,
        Self::LockSeed,
        Self::AltText,
        Self::GenerateMissing,
        Self::Upload,
        Self::Undo,
        Self::ThemeDark,
        Self::ThemeLight,
        Self::ThemeSystem,
        Self::SwitchWorkspace,
        Self::AddWorkspace,
        Self::EditWorkspace,
        Self::TestConnection,
        Self::SignOut,
        Self::UnlockAdmin,
        Self::LockAdmin,
        Self::Shortcuts,
        Self::Quit,
    ];

    #[rustfmt::skip] // a table reads best as one
    const fn facts(self) -> Facts {
        use Group::{Go, Program, Scenes, View, Work, Workspace};
        let (group, name, icon, keys, description) = match self {
            Self::Palette => (Go, "Find anything", icon::MAGNIFYING_GLASS, Some((CTRL, Key::K)), "Find a command, a story, a bucket or an object"),
            Self::NewStory => (Work, "New story", icon::PLUS, Some((CTRL, Key::N)), "Write a story and draw its pictures"),
            Self::Stories => (Go, "Stories", icon::BOOK_OPEN, Some((CTRL, Key::Num1)), "Show the stories and their scenes"),
            Self::Buckets => (Go, "Buckets", icon::DATABASE, Some((CTRL, Key::Num2)), "Show the buckets and their objects"),
            Self::UrlLab => (Go, "URL Lab", icon::LINK_SIMPLE, Some((CTRL, Key::Num3)), "Show what each part of a URL means"),
            Self::Settings => (Go, "Settings", icon::GEAR_SIX, Some((CTRL, Key::Comma)), "Show how the program looks and what it works on"),
            Self::Filter => (Go, "Filter", icon::FUNNEL_SIMPLE, Some((PLAIN, Key::Slash)), "Type to narrow the list"),
            Self::SearchAll => (Go, "Search all buckets", icon::LIST_MAGNIFYING_GLASS, Some((CTRL, Key::F)), "Look for an object in every bucket"),
            Self::Refresh => (View, "Refresh", icon::ARROW_CLOCKWISE, Some((CTRL, Key::R)), "Read again what is shown"),
            Self::ToggleDock => (View, "Show or hide the log", icon::SQUARE_HALF_BOTTOM, Some((CTRL, Key::J)), "Jobs and requests, below the content"),
            Self::ToggleTransfers => (View, "Show or hide the transfers", icon::ARROWS_DOWN_UP, Some((CTRL, Key::T)), "What is being uploaded and downloaded, and how it ended"),
            Self::ToggleInspector => (View, "Show or hide the inspector", icon::SIDEBAR_SIMPLE, Some((CTRL, Key::I)), "Details of what is selected, at the right"),
            Self::Previous => (Work, "Previous", icon::CARET_LEFT, Some((PLAIN, Key::OpenBracket)), "Select the previous scene or object"),
            Self::Next => (Work, "Next", icon::CARET_RIGHT, Some((PLAIN, Key::CloseBracket)), "Select the next scene or object"),
            Self::Generate => (Scenes, "Generate", icon::IMAGE, Some((PLAIN, Key::G)), "Draw candidates for the selected scene; the live picture stays"),
            Self::Flip => (Scenes, "Flip live and candidate", icon::SWAP, Some((PLAIN, Key::Space)), "Show the live picture and the candidate in turn, in the same place"),
            Self::Keep => (Scenes, "Keep candidate", icon::STAR, Some((PLAIN, Key::K)), "Mark the chosen candidate as one to keep"),
            Self::Reject => (Scenes, "Reject candidate", icon::X, Some((PLAIN, Key::X)), "Mark the chosen candidate as one that will not be used"),
            Self::ReplaceLive => (Scenes, "Replace live", icon::CHECK, Some((PLAIN, Key::R)), "Put the chosen candidate in the place of the live picture, wherever that is used"),
            Self::LockSeed => (Scenes, "Lock or unlock the seed", icon::LOCK_SIMPLE, Some((PLAIN, Key::L)), "Keep the seed for the next pictures, or take another for each"),
            Self::AltText => (Scenes, "Edit alt text", icon::TEXT_T, Some((PLAIN, Key::A)), "Write what readers are told who cannot see the picture"),
            Self::GenerateMissing => (Work, "Generate missing", icon::IMAGES, Some((CTRL, Key::G)), "Make the pictures that the selected story lacks"),
            Self::Upload => (Work, "Upload…", icon::UPLOAD_SIMPLE, Some((CTRL, Key::U)), "A picture for the selected scene, or files into the bucket shown"),
            Self::Undo => (Work, "Undo last replacement", icon::ARROW_COUNTER_CLOCKWISE, Some((CTRL, Key::Z)), "Put the previous picture back into its place"),
            Self::ThemeDark => (View, "Dark theme", icon::MOON, None, "Use the dark theme"),
            Self::ThemeLight => (View, "Light theme", icon::SUN, None, "Use the light theme"),
            Self::ThemeSystem => (View, "System theme", icon::MONITOR, None, "Follow the system's dark or light setting"),
            Self::SwitchWorkspace => (Workspace, "Switch workspace", icon::CARET_UP_DOWN, Some((CTRL, Key::O)), "Show the workspaces and open another one"),
            Self::AddWorkspace => (Workspace, "Add workspace", icon::PLUS_CIRCLE, None, "Connect a project of Supabase"),
            Self::EditWorkspace => (Workspace, "Edit workspace", icon::PENCIL_SIMPLE, None, "Change how the open workspace is reached"),
            Self::TestConnection => (Workspace, "Test connection", icon::PLUGS_CONNECTED, None, "Ask the open workspace's server what works and what does not"),
            Self::SignOut => (Workspace, "Sign out", icon::SIGN_OUT, None, "End the session at the server and on this computer"),
            Self::UnlockAdmin => (Workspace, "Unlock admin mode", icon::LOCK_SIMPLE_OPEN, None, "Allow deleting and replacing with a key that skips every rule"),
            Self::LockAdmin => (Workspace, "Lock admin mode", icon::LOCK_SIMPLE, Some((CTRL, Key::L)), "Forbid deleting and replacing until it is unlocked again"),
            Self::Shortcuts => (Program, "Keyboard shortcuts", icon::KEYBOARD, Some((PLAIN, Key::F1)), "Every key on one page"),
            Self::Quit => (Program, "Quit", icon::POWER, Some((CTRL, Key::Q)), "Close the window"),
        };
        Facts { group, name, description, icon, keys }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// What it does, for tooltips.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.facts().description
    }

    /// Its icon.
    #[must_use]
    pub const fn icon(self) -> Icon {
        self.facts().icon
    }

    /// What it is about.
    #[must_use]
    pub const fn group(self) -> Group {
        self.facts().group
    }

    /// The keys that ask for it.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        self.facts()
            .keys
            .map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key))
    }

    /// The keys as they are shown, `Ctrl K` or on a Mac `⌘ K`; empty without keys.
    #[must_use]
    pub fn keys(self) -> String {
        self.shortcut()
            .map_or_else(String::new, |shortcut| shown(shortcut, cfg!(target_os = "macos")))
    }

    /// Whether a text field that is being typed in keeps the keys: letters, and its own undo.
    fn yields_to_text(self) -> bool {
        self == Self::Undo || self.shortcut().is_some_and(|keys| types_a_letter(&keys))
    }

    /// Whether it is about the pictures of a scene, so that it means nothing, and its key belongs to others, where no scenes are.
    #[must_use]
    pub fn is_of_scenes(self) -> bool {
        self.group() == Group::Scenes
    }

    /// Whether whatever has the keyboard keeps the key: Space presses the button that has focus.
    fn yields_to_focus(self) -> bool {
        self == Self::Flip
    }

    /// Whether it is about the program and its workspaces as a whole, so that it means something whatever is shown.
    #[must_use]
    pub fn is_of_the_program(self) -> bool {
        matches!(
            self,
            Self::Palette
                | Self::ThemeDark
                | Self::ThemeLight
                | Self::ThemeSystem
                | Self::Shortcuts
                | Self::AddWorkspace
                | Self::EditWorkspace
                | Self::TestConnection
                | Self::Quit
        )
    }

    /// Whether holding the keys asks again and again.
    fn repeats(self) -> bool {
        matches!(self, Self::Previous | Self::Next)
    }
}

/// The keys as they are printed on caps: `Ctrl K`, on a Mac `⌘ K`.
#[must_use]
pub fn shown(shortcut: KeyboardShortcut, is_mac: bool) -> String {
    let names = ModifierNames {
        concat: " ",
        ..if is_mac {
            ModifierNames::SYMBOLS
        } else {
            ModifierNames::NAMES
        }
    };
    let modifiers = names.format(&shortcut.modifiers, is_mac);
    let key = shortcut.logical_key.symbol_or_name();
    if modifiers.is_empty() {
        key.to_owned()
    } else {
        format!("{modifiers} {key}")
    }
}

/// Takes the keys of commands out of this frame's input and answers the commands, in the order of the keys. The keys of those
/// that are not `allowed` are left for others.
///
/// Call before anything is drawn. Nothing is taken while a modal is open: keys do not act on what it covers.
pub fn pressed(ctx: &Context, allowed: impl Fn(Command) -> bool) -> Vec<Command> {
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        return Vec::new();
    }
    let typing = ctx.text_edit_focused();
    let focused = ctx.memory(|memory| memory.focused().is_some());
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        let mut letters = Vec::new();
        input.events.retain(|event| {
            let Event::Key {
                key,
                pressed: true,
                repeat,
                modifiers,
                ..
            } = event
            else {
                return true;
            };
            let kept = |command: Command| typing && command.yields_to_text() || focused && command.yields_to_focus();
            let Some(command) = asked_by(*key, *modifiers).filter(|command| allowed(*command) && !kept(*command))
            else {
                return true;
            };
            if !repeat || command.repeats() {
                commands.push(command);
            }
            letters.push(if *key == Key::Space { " " } else { key.symbol_or_name() });
            false
        });
        // The letter comes as text too; a field that the command focuses must not begin with it.
        if !typing {
            input.events.retain(|event| {
                let Event::Text(text) = event else { return true };
                !letters.iter().any(|letter| letter.eq_ignore_ascii_case(text))
            });
        }
    });
    commands
}

fn asked_by(key: Key, modifiers: Modifiers) -> Option<Command> {
    Command::ALL.iter().copied().find(|command| {
        command.shortcut().is_some_and(|shortcut| {
            shortcut.logical_key == key
                && if is_symbol(key) && shortcut.modifiers.is_none() {
                    // Where "/" is Shift 7, Shift is a part of the key.
                    modifiers.matches_logically(shortcut.modifiers)
                } else {
                    modifiers.matches_exact(shortcut.modifiers)
                }
        })
    })
}

fn is_symbol(key: Key) -> bool {
    matches!(key, Key::Slash | Key::OpenBracket | Key::CloseBracket)
}

fn types_a_letter(shortcut: &KeyboardShortcut) -> bool {
    let key = shortcut.logical_key;
    shortcut.modifiers.is_none() && (key == Key::Space || key.symbol_or_name().chars().count() == 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use egui::RawInput;

    use super::*;
    use crate::gui::theme::{self, Type};

    fn key(key: Key, modifiers: Modifiers) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }
    }

    /// What the events ask for, and what is left of them for the widgets.
    fn press(ctx: &Context, events: Vec<Event>) -> (Vec<Command>, Vec<Event>) {
        let mut answer = (Vec::new(), Vec::new());
        let input = RawInput {
            events,
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            answer = (pressed(ui, |_| true), ui.input(|input| input.events.clone()));
        });
        output.textures_delta.clear();
        answer
    }

    #[test]
    fn the_list_has_every_command_in_order() {
        assert_eq!(Command::ALL.len(), Command::Quit as usize + 1);
        for (at, command) in Command::ALL.iter().enumerate() {
            assert_eq!(*command as usize, at);
        }
    }

    #[test]
    fn no_two_commands_share_keys_or_a_name() {
        let keys: Vec<_> = Command::ALL.iter().filter_map(|command| command.shortcut()).collect();
        assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
        let names: HashSet<_> = Command::ALL.iter().map(|command| command.name()).collect();
        assert_eq!(names.len(), Command::ALL.len());
        for command in Command::ALL {
            assert!(!command.name().is_empty() && !command.description().ends_with('.'));
        }
    }

    #[test]
    fn every_group_has_a_command() {
        for group in Group::ALL {
            assert!(Command::ALL.iter().any(|command| command.group() == *group));
        }
    }

    #[test]
    fn keys_are_shown_as_on_the_keyboard() {
        let palette = Command::Palette.shortcut().unwrap();
        assert_eq!(shown(palette, false), "Ctrl K");
        assert_eq!(shown(palette, true), "⌘ K");
        assert_eq!(shown(Command::Previous.shortcut().unwrap(), false), "[");
        assert_eq!(Command::ThemeDark.keys(), "");
    }

    #[test]
    fn the_fonts_have_every_key_sign() {
        let ctx = Context::default();
        theme::install(&ctx);
        let mut output = ctx.run_ui(RawInput::default(), |ui| {
            for shortcut in Command::ALL.iter().filter_map(|command| command.shortcut()) {
                let text = shown(shortcut, true) + &shown(shortcut, false);
                ui.fonts_mut(|fonts| assert!(fonts.has_glyphs(&Type::Caption.font(), &text), "{text}"));
            }
        });
        output.textures_delta.clear();
    }

    #[test]
    fn pressed_keys_are_taken_and_others_left() {
        let ctx = Context::default();
        let (commands, left) = press(&ctx, vec![key(Key::J, CTRL), key(Key::P, CTRL), key(Key::F1, PLAIN)]);
        assert_eq!(commands, [Command::ToggleDock, Command::Shortcuts]);
        assert_eq!(left, [key(Key::P, CTRL)]);
    }

    #[test]
    fn redo_is_not_undo_and_a_capital_letter_is_no_command() {
        let ctx = Context::default();
        let others = vec![key(Key::Z, CTRL | Modifiers::SHIFT), key(Key::G, Modifiers::SHIFT)];
        assert_eq!(press(&ctx, others).0, []);
        assert_eq!(
            press(&ctx, vec![key(Key::Slash, Modifiers::SHIFT)]).0,
            [Command::Filter]
        );
    }

    #[test]
    fn keys_of_scenes_belong_to_others_where_no_scenes_are() {
        let ctx = Context::default();
        let mut seen = (Vec::new(), 0);
        let events = vec![key(Key::X, PLAIN), key(Key::Space, PLAIN), key(Key::J, CTRL)];
        let input = RawInput {
            events,
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            let commands = pressed(ui, |command| !command.is_of_scenes());
            seen = (commands, ui.input(|input| input.events.len()));
        });
        output.textures_delta.clear();
        assert_eq!(seen, (vec![Command::ToggleDock], 2));
        let events = vec![key(Key::Space, PLAIN), Event::Text(" ".to_owned())];
        assert_eq!(press(&Context::default(), events), (vec![Command::Flip], vec![]));
    }

    #[test]
    fn space_presses_the_button_that_has_focus() {
        let ctx = Context::default();
        for _ in 0..2 {
            let mut output = ctx.run_ui(RawInput::default(), |ui| ui.button("Keep").request_focus());
            output.textures_delta.clear();
        }
        assert_eq!(
            press(&ctx, vec![key(Key::Space, PLAIN), key(Key::K, PLAIN)]).0,
            [Command::Keep]
        );
    }

    #[test]
    fn the_letter_of_a_command_is_not_typed() {
        let ctx = Context::default();
        let (commands, left) = press(&ctx, vec![key(Key::Slash, PLAIN), Event::Text("/".to_owned())]);
        assert_eq!((commands, left), (vec![Command::Filter], vec![]));
    }

    #[test]
    fn letters_belong_to_the_text_field_that_has_focus() {
        let ctx = Context::default();
        let mut text = String::new();
        for _ in 0..2 {
            let mut output = ctx.run_ui(RawInput::default(), |ui| {
                ui.text_edit_singleline(&mut text).request_focus();
            });
            output.textures_delta.clear();
        }
        let mut commands = Vec::new();
        let events = vec![key(Key::G, PLAIN), key(Key::Z, CTRL), key(Key::K, CTRL)];
        let input = RawInput {
            events,
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| {
            commands = pressed(ui, |_| true);
            ui.text_edit_singleline(&mut text);
        });
        output.textures_delta.clear();
        assert_eq!(commands, [Command::Palette]);
    }

    #[test]
    fn a_held_key_moves_on_but_toggles_once() {
        let ctx = Context::default();
        let keys = vec![key(Key::J, CTRL), key(Key::CloseBracket, PLAIN)];
        assert_eq!(press(&ctx, keys.clone()).0, [Command::ToggleDock, Command::Next]);
        // egui tells a held key by its having been down before.
        let (commands, left) = press(&ctx, keys);
        assert_eq!((commands, left), (vec![Command::Next], vec![]));
    }
}
