//! What is typed and pasted, and what follows from it.

use jiff::Timestamp;

use super::{Field, Focus, KeyField, State, Way};
use crate::workspace::{ApiKey, PastedSettings};

impl State {
    /// Something that a test depends on was changed.
    pub fn changed(&mut self) {
        self.revision += 1;
        self.problem = None;
        self.test.stop();
    }

    /// The URL was typed in.
    pub fn url_changed(&mut self) {
        self.form.url.changed();
        self.changed();
    }

    /// The URL's field was left; by Enter asks for the test.
    pub fn left_url(&mut self, by_enter: bool) {
        self.form.url.left = true;
        self.ask_for_test(by_enter);
    }

    /// The key was typed in. It is not sealed, and nothing is said of it, before its field is left again: the first
    /// letters of a key may be a key too.
    pub fn key_changed(&mut self, now: Timestamp) {
        self.form.key.changed(now);
        self.form.key.left = false;
        if self.form.key.secret.is_empty() {
            self.form.key.secret.revealed = false;
        }
        self.filled = None;
        self.changed();
    }

    /// The key's field was left.
    pub fn left_key(&mut self, by_enter: bool) {
        self.form.key.left = true;
        self.ask_for_test(by_enter);
    }

    /// The key was pasted.
    pub fn paste_key(&mut self, text: &str, now: Timestamp) {
        self.form.key.secret.set(text.trim());
        self.form.key.secret.revealed = false;
        self.key_changed(now);
        self.form.key.left = true;
        self.ask_for_test(true);
    }

    /// Whether a pasted text is for both fields: a `.env` file, or a key in the URL's field.
    #[must_use]
    pub fn is_settings_file(text: &str) -> bool {
        PastedSettings::read(text).is_some_and(|settings| !settings.keys.is_empty())
            || ApiKey::parse(text.trim()).is_ok()
    }

    /// Fills both fields from a pasted `.env` file, or the key's from a key.
    pub fn paste_settings(&mut self, text: &str, now: Timestamp) {
        let Some(settings) = PastedSettings::read(text) else {
            self.paste_key(text, now);
            return;
        };
        let mut filled = Vec::new();
        if let Some(url) = &settings.url {
            self.form.url.text = url.as_str().to_owned();
            self.form.url.left = true;
            self.url_changed();
            filled.push("the URL".to_owned());
        }
        let mut left_out = false;
        if let Some(key) = settings.safest_key() {
            left_out = !key.is_service() && settings.service_key().is_some();
            let name = settings.keys.iter().find(|pasted| pasted.key.as_ref() == Ok(key));
            filled.push(name.map_or_else(|| "the key".to_owned(), |pasted| pasted.name.clone()));
            let text = zeroize::Zeroizing::new(key.secret().expose().to_owned());
            self.paste_key(&text, now);
        }
        let mut words = format!("Filled in {} from what was pasted.", filled.join(" and "));
        if left_out {
            words.push_str(" A service key was in it too and was left out: paste it alone to use it.");
        }
        self.filled = Some(words);
        self.ask_for_test(true);
    }

    /// The passphrase was typed in: what was wrong with it is told no more.
    pub fn passphrase_changed(&mut self) {
        if self.passphrase_error().is_some() {
            self.problem = None;
        }
    }

    /// Changes from the service key to signing in; the key is forgotten.
    pub fn sign_in_instead(&mut self) {
        self.form.way = Way::SignIn;
        self.form.key = KeyField::default();
        self.focus = Some(Focus::on(Field::Key));
        self.changed();
    }

    /// A test is asked for where nothing is missing: a key is not sent to a host that is still being typed.
    fn ask_for_test(&mut self, entered: bool) {
        // A sign-in that is only being typed would be counted as a wrong password.
        let changed = !self.test.is_of(self.revision) && self.form.way == Way::Key;
        if self.missing().is_none() && (changed || entered) {
            self.wants_test = true;
        }
    }
}
