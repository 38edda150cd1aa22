//! The card at the right: URL, key or sign-in, what they say of themselves, and the connection test.

use egui::{Align, Id, Key, Layout, Modifiers, Rect, Sense, Stroke, Ui, ViewportCommand, pos2, vec2};

use super::{Facts, advanced, key_facts, test_table};
use crate::gui::action::Action;
use crate::gui::icon;
use crate::gui::panel::connect::state::{Field, SecretText, State, Way};
use crate::gui::theme::{Tokens, Type, size, space};
use crate::gui::widget::{
    Button, LargeField, LargeFieldAnswer, Note, Segment, Shows, paint, segmented, text, toggle, tooltip,
};
use crate::service::Problem;
use crate::workspace::Belongs;

/// Draws the card's contents.
pub(super) fn show(ui: &mut Ui, state: &mut State, facts: &Facts<'_>, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    head(ui, state);
    ui.add_space(14.0);
    url(ui, state, facts);
    key(ui, state, facts);
    if state.form.way == Way::SignIn {
        ui.add_space(space::SECTION);
        account(ui, state);
    }
    if let Some(filled) = &state.filled {
        ui.add_space(space::SECTION);
        Note::info(filled, "").show(ui);
    }
    if state.form.is_service() {
        ui.add_space(13.0);
        service_key(ui, state);
    }
    ui.add_space(11.0);
    paint::part(ui, Id::unique("connect remember"), |ui| remember(ui, state, actions));
    if state.form.advanced.open {
        ui.add_space(space::SECTION);
        paint::part(ui, Id::unique("connect advanced"), |ui| advanced::show(ui, state));
    }
    ui.add_space(11.0);
    paint::part(ui, Id::unique("connect test"), |ui| {
        test_table::show(ui, state, actions);
    });
    let beside_field = state.needs_passphrase() && state.passphrase_error().is_some();
    if let Some(problem) = state.problem.as_ref().filter(|_| !beside_field) {
        ui.add_space(space::SECTION);
        Note::err(&problem.what, &problem.advice).show(ui);
    }
    ui.add_space(16.0);
    paint::part(ui, Id::unique("connect foot"), |ui| {
        let room = ui.allocate_space(vec2(ui.available_width(), size::LARGE)).1;
        let room = lifted(ui, room);
        paint::inside(ui, room, Layout::top_down(Align::Min), |ui| {
            foot(ui, state, actions);
        });
    });
}

/// Where the foot is drawn: in its place, or at the lower edge of the window over the rest of the card while its place is
/// not to be seen. What the page is for is not to be looked for.
fn lifted(ui: &mut Ui, room: Rect) -> Rect {
    /// A window lower than this shows the card from its head on, and is scrolled.
    const LOWEST: f32 = 320.0;
    let seen = ui.clip_rect();
    let over = room.bottom() + space::SECTION - seen.bottom();
    if over <= 0.0 || seen.height() < LOWEST {
        return room;
    }
    let t = Tokens::of(ui);
    let room = room.translate(vec2(0.0, -over));
    let band = Rect::from_min_max(room.min - vec2(0.0, space::SECTION), pos2(room.right(), seen.bottom()));
    // What lies below is not to be clicked through it.
    ui.interact(band, Id::unique("connect foot band"), Sense::click_and_drag());
    // To the borders of the card, which stay to be seen.
    let band = band.expand2(vec2(20.0, 0.0)).intersect(seen);
    ui.painter().rect_filled(band, 0, t.bg2);
    ui.painter().hline(band.x_range(), band.top(), Stroke::new(1.0, t.line));
    room
}

fn head(ui: &mut Ui, state: &mut State) {
    let t = Tokens::of(ui);
    text::line(ui, 24.0, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let ways = [
                (Way::Key, Segment::words("Key")),
                (Way::SignIn, Segment::words("Sign in")),
            ];
            if segmented(ui, &mut state.form.way, &ways).changed() {
                state.changed();
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::elided(ui, Type::Title, state.heading(), t.tx1);
            });
        });
    });
}

fn url(ui: &mut Ui, state: &mut State, facts: &Facts<'_>) {
    let t = Tokens::of(ui);
    let id = Id::unique("connect url");
    if state.takes_focus(Field::Url) {
        ui.memory_mut(|memory| memory.request_focus(id));
        ui.request_repaint();
    }
    let error = state.form.url.error();
    let field = &mut state.form.url;
    let marks: Vec<_> = field.read.removed.iter().map(|part| part.range.clone()).collect();
    let buttons: &[_] = if field.text.is_empty() {
        &[]
    } else {
        &[(icon::X, "Clear project URL")]
    };
    let answer = LargeField::new("Project URL", &mut field.text)
        .hint("https://….supabase.co, or the dashboard's address")
        .mono()
        .marks(&marks)
        .buttons(buttons)
        .error(error.as_deref())
        .takes_paste(State::is_settings_file)
        .id(id)
        .show(ui);
    if let Some(pasted) = answer.pasted {
        state.paste_settings(&pasted, facts.now);
        return;
    }
    if answer.pressed == Some(0) {
        state.form.url.text.clear();
        ui.memory_mut(|memory| memory.request_focus(id));
        state.url_changed();
    }
    if answer.response.changed() {
        state.url_changed();
        ui.ctx().request_discard("the marks of the new text are known now");
    }
    if answer.response.lost_focus() {
        state.left_url(entered(ui));
    }
    cleaned(ui, state, t);
}

/// The address that will be used, below the field, and what was taken off it.
fn cleaned(ui: &mut Ui, state: &State, t: &Tokens) {
    let read = &state.form.url.read;
    let Ok(url) = &read.url else {
        ui.add_space(space::SECTION);
        return;
    };
    ui.add_space(space::LABEL);
    text::line(ui, 16.0, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (mark, _) = ui.allocate_exact_size(vec2(16.0, 14.0), Sense::hover());
        let corner = pos2(mark.left() + 4.0, mark.center().y + 2.0);
        let stroke = Stroke::new(1.0, t.tx3);
        ui.painter()
            .line_segment([pos2(corner.x, mark.top() + 1.0), corner], stroke);
        ui.painter().line_segment([corner, corner + vec2(9.0, 0.0)], stroke);
        ui.painter()
            .line_segment([corner + vec2(9.0, 0.0), corner + vec2(6.0, -3.0)], stroke);
        ui.painter()
            .line_segment([corner + vec2(9.0, 0.0), corner + vec2(6.0, 3.0)], stroke);
        text::key(ui, Type::MonoSmall, url.as_str(), t.ok);
        if let Some(words) = read.removed_words() {
            text::elided(ui, Type::Caption, words, t.tx2);
        }
    });
    for warning in &read.warnings {
        ui.add_space(space::LABEL);
        Note::warn(&warning.sentence(), "").show(ui);
    }
    ui.add_space(space::SECTION);
}

fn key(ui: &mut Ui, state: &mut State, facts: &Facts<'_>) {
    let id = Id::unique("connect key");
    if state.takes_focus(Field::Key) {
        ui.memory_mut(|memory| memory.request_focus(id));
        ui.request_repaint();
    }
    let error = state.form.key.error();
    let hint = match state.form.way {
        Way::Key => "Publishable, secret, anon or service_role key",
        Way::SignIn => "The project's publishable key",
    };
    let name = match state.form.way {
        Way::Key => "Key",
        Way::SignIn => "Publishable key",
    };
    let kept = state.kept_key();
    let field = &mut state.form.key;
    let masked = field
        .facts()
        .filter(|_| field.left)
        .map(|facts| long_mask(&facts.masked));
    let shows = match (&masked, field.secret.revealed) {
        (_, true) => Shows::Text,
        (Some(masked), false) => Shows::Sealed(masked),
        (None, false) => Shows::Dots,
    };
    let answer = LargeField::new(name, &mut field.secret.text)
        .hint(kept.as_deref().unwrap_or(hint))
        .mono()
        .secret(shows)
        .buttons(&secret_buttons(field.secret.revealed, "key"))
        .error(error.as_deref())
        .id(id)
        .show(ui);
    let entered = entered(ui);
    match secret_answer(ui, id, answer, &mut field.secret) {
        Change::Pasted(text) if State::is_settings_file(&text) => state.paste_settings(&text, facts.now),
        Change::Pasted(text) => state.paste_key(&text, facts.now),
        Change::Typed => state.key_changed(facts.now),
        Change::Left => state.left_key(entered),
        Change::None => {}
    }
    if let Some(said) = state.form.key.facts() {
        ui.add_space(space::TIGHT);
        key_facts::show(ui, said, state.form.belongs(), facts.now);
        if state.form.belongs() == Belongs::No {
            ui.add_space(space::TIGHT);
            Note::err(
                "This key was made for another project than the URL names",
                "Copy URL and key from the same project; its server refuses the keys of others.",
            )
            .show(ui);
        }
    }
}

/// The ends of a key with as many dots between them as make it look like one.
fn long_mask(masked: &str) -> String {
    masked.replacen("••••", &"•".repeat(32), 1)
}

/// What happened to a secret's field.
enum Change {
    None,
    Pasted(String),
    Typed,
    Left,
}

fn secret_buttons(revealed: bool, what: &str) -> [(icon::Icon, &'static str); 2] {
    let (show, hide, paste) = match what {
        "key" => ("Show key", "Hide key", "Paste key"),
        "passphrase" => ("Show passphrase", "Hide passphrase", "Paste passphrase"),
        _ => ("Show password", "Hide password", "Paste password"),
    };
    let eye = if revealed {
        (icon::EYE_SLASH, hide)
    } else {
        (icon::EYE, show)
    };
    [eye, (icon::CLIPBOARD, paste)]
}

fn secret_answer(ui: &Ui, id: Id, answer: LargeFieldAnswer, secret: &mut SecretText) -> Change {
    match answer.pressed {
        Some(0) => secret.revealed = !secret.revealed,
        Some(_) => {
            ui.memory_mut(|memory| memory.request_focus(id));
            ui.ctx().send_viewport_cmd(ViewportCommand::RequestPaste);
        }
        None => {}
    }
    match answer.pasted {
        Some(text) => Change::Pasted(text),
        None if answer.response.changed() => Change::Typed,
        None if answer.response.lost_focus() => Change::Left,
        None => Change::None,
    }
}

fn account(ui: &mut Ui, state: &mut State) {
    let width = (ui.available_width() - space::SECTION) * 0.5;
    let error = state.email_error();
    let mut went = false;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::SECTION;
        let email = LargeField::new("E-mail", &mut state.form.email)
            .hint("you@example.org")
            .error(error.as_deref())
            .id(Id::unique("connect email"))
            .width(width)
            .show(ui);
        let id = Id::unique("connect password");
        if state.takes_focus(Field::Password) {
            ui.memory_mut(|memory| memory.request_focus(id));
            ui.request_repaint();
        }
        let secret = &mut state.form.password;
        let shows = if secret.revealed { Shows::Text } else { Shows::Dots };
        let password = LargeField::new("Password", &mut secret.text)
            .hint("Used once to sign in, then forgotten")
            .secret(shows)
            .buttons(&secret_buttons(secret.revealed, "password"))
            .id(id)
            .width(width)
            .show(ui);
        if email.response.changed() {
            state.changed();
        }
        if email.response.lost_focus() {
            state.left_email = true;
        }
        let left = password.response.lost_focus();
        match secret_answer(ui, id, password, &mut state.form.password) {
            Change::Pasted(text) => {
                state.form.password.set(text.trim_end_matches(['\r', '\n']));
                state.changed();
            }
            Change::Typed => state.changed(),
            Change::Left | Change::None => {}
        }
        went = left && entered(ui);
    });
    if went {
        state.wants_test = true;
    }
}

fn service_key(ui: &mut Ui, state: &mut State) {
    let note = Note::warn(
        "This key skips every access rule in the whole database",
        "Studio shows an amber line, asks before each delete and locks after 15 minutes idle. Editors do not need it: a \
         publishable key and a sign-in are enough.",
    );
    if note
        .icon(icon::SHIELD_WARNING.filled())
        .button("Sign in instead")
        .show(ui)
    {
        state.sign_in_instead();
    }
}

/// Whether secrets are kept, and truly where.
fn remember(ui: &mut Ui, state: &mut State, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    let (words, caption, detail) = state.vault_words();
    text::line(ui, size::SMALL, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let open = state.form.advanced.open;
            let more = Button::ghost("Name, colour and more").small().icon(if open {
                icon::CARET_UP
            } else {
                icon::CARET_DOWN
            });
            let more = ui.add(more);
            ui.accesskit_node_builder(more.id, |node| node.set_expanded(open));
            if more.clicked() {
                state.form.advanced.open = !open;
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                toggle(ui, words, &mut state.form.remember);
                text::label(ui, Type::Small, words, t.tx1);
                let shown = text::elided(ui, Type::Caption, caption, t.tx3);
                if !detail.is_empty() {
                    tooltip(shown, &detail);
                }
            });
        });
    });
    if state.needs_passphrase() {
        ui.add_space(space::CONTROL);
        let id = Id::unique("connect passphrase");
        if state.takes_focus(Field::Passphrase) {
            ui.memory_mut(|memory| memory.request_focus(id));
            ui.request_repaint();
        }
        let error = state.passphrase_error().map(Problem::sentences);
        let hint = if state.begins_file() {
            "A few words, at least 10 characters; asked for at each start"
        } else {
            "Asked for at each start"
        };
        let secret = &mut state.form.passphrase;
        let shows = if secret.revealed { Shows::Text } else { Shows::Dots };
        let answer = LargeField::new("Passphrase of the encrypted file", &mut secret.text)
            .hint(hint)
            .secret(shows)
            .buttons(&secret_buttons(secret.revealed, "passphrase"))
            .error(error.as_deref())
            .id(id)
            .show(ui);
        match secret_answer(ui, id, answer, &mut state.form.passphrase) {
            Change::Pasted(text) => {
                state.form.passphrase.set(text.trim_end_matches(['\r', '\n']));
                state.passphrase_changed();
            }
            Change::Typed => state.passphrase_changed(),
            Change::Left if entered(ui) && state.why_not_connect().is_none() => actions.push(Action::Connect),
            Change::Left | Change::None => {}
        }
    }
}

fn foot(ui: &mut Ui, state: &mut State, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui);
    text::line(ui, size::LARGE, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let words = state.connect_words();
            let why_not = state.why_not_connect();
            let connect = Button::primary(&words)
                .large()
                .busy(state.is_connecting())
                .disabled_because(why_not.as_deref());
            let connect = ui.add(connect);
            if connect.clicked() {
                actions.push(Action::Connect);
            }
            let back = ui.add(Button::new("Back").large());
            if back.clicked() {
                actions.push(Action::CloseConnect);
            }
            state.foot_has_focus = connect.has_focus() || back.has_focus();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::elided(
                    ui,
                    Type::Caption,
                    "Every test only reads. Nothing is created in your project.",
                    t.tx3,
                );
            });
        });
    });
}

/// Whether the field was left by Enter.
fn entered(ui: &Ui) -> bool {
    ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.matches_exact(Modifiers::NONE))
}
