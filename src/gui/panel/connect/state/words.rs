//! What the screen says of the form: titles, the place for secrets, and why a button cannot be pressed.

use super::{State, Way, form};
use crate::service::VaultState;
use crate::service::connection::CheckState;
use crate::workspace::Keep;

/// What becomes of secrets that are not to be remembered.
const FORGOTTEN: &str = "Known until the program ends, then forgotten";

impl State {
    /// Title of the page and the line below it.
    #[must_use]
    pub fn title(&self) -> (&'static str, &'static str) {
        if self.editing.is_some() && self.reason.is_some() {
            (
                "Open a workspace",
                "It could not be opened as it is. Mend what is missing, or go back to the workspace that is open.",
            )
        } else if self.editing.is_some() {
            (
                "Change a workspace",
                "What is changed here is used from the next time the workspace is opened.",
            )
        } else {
            (
                "Choose where your stories live",
                "You can add more workspaces later and switch between them at the top left.",
            )
        }
    }

    /// Title of the card.
    #[must_use]
    pub fn heading(&self) -> String {
        match &self.editing {
            Some(profile) => profile.name.clone(),
            None => "Connect a Supabase project".to_owned(),
        }
    }

    /// What is wrong with the e-mail address.
    #[must_use]
    pub fn email_error(&self) -> Option<String> {
        let wrong = self.left_email && !self.form.email.is_empty() && !form::is_email(&self.form.email);
        wrong.then(|| "This is not an e-mail address".to_owned())
    }

    /// The name that is used when none is typed.
    #[must_use]
    pub fn usual_name(&self) -> String {
        match &self.form.url.read.url {
            Ok(url) => url.reference().unwrap_or(url.host_and_port()).to_owned(),
            Err(_) => "The project's name".to_owned(),
        }
    }

    /// What the key's field says while it is empty, if a key is kept already.
    #[must_use]
    pub fn kept_key(&self) -> Option<String> {
        let profile = self.editing.as_ref()?;
        let place = match profile.keep {
            Keep::Keychain => "in the system keychain",
            Keep::File => "in the encrypted file",
            Keep::Session => return None,
        };
        Some(format!("Kept {place}; paste to replace it"))
    }

    /// Words of the switch, the quiet words beside it, and more for who wants to know. They name where secrets really go.
    #[must_use]
    pub fn vault_words(&self) -> (&'static str, &'static str, String) {
        match &self.vault {
            None => ("Remember the key", "Looking for the system keychain…", String::new()),
            Some(VaultState { no_keychain: None, .. }) => (
                "Remember in the system keychain",
                if self.form.remember {
                    "Never written to files, logs or exports"
                } else {
                    FORGOTTEN
                },
                String::new(),
            ),
            Some(VaultState {
                no_keychain: Some(why), ..
            }) => (
                "Remember in an encrypted file",
                if self.form.remember {
                    "No keychain here; a passphrase opens it"
                } else {
                    FORGOTTEN
                },
                form::sentence(why),
            ),
        }
    }

    /// The words of the primary button.
    #[must_use]
    pub fn connect_words(&self) -> String {
        let verb = if self.form.way == Way::SignIn {
            "Sign in"
        } else {
            "Connect"
        };
        if !self.test.is_of(self.revision) || self.test_forbids() {
            return verb.to_owned();
        }
        match self.test.count(CheckState::Warning) + self.test.count(CheckState::Failed) {
            0 => verb.to_owned(),
            1 => format!("{verb} with 1 warning"),
            many => format!("{verb} with {many} warnings"),
        }
    }

    /// Why Connect cannot be pressed.
    #[must_use]
    pub fn why_not_connect(&self) -> Option<String> {
        if let Some(missing) = self.missing() {
            return Some(missing);
        }
        if let Some(wrong) = self.advanced_errors().first() {
            return Some(wrong.clone());
        }
        if self.needs_passphrase() && self.form.passphrase.is_empty() {
            return Some("Type a passphrase for the encrypted file, or do not remember the key".to_owned());
        }
        self.test_forbids()
            .then(|| "A check failed; see what to do about it in its row".to_owned())
    }

    /// Why the test cannot be run.
    #[must_use]
    pub fn why_not_test(&self) -> Option<String> {
        self.missing().or_else(|| self.advanced_errors().first().cloned())
    }
}
