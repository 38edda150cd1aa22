//! What is known while a project is being connected: the form, its test, and what became of it.

mod advanced;
mod focus;
mod form;
mod headers;
mod profile;
mod providers;
mod test;
mod typing;
mod words;

pub use focus::{Field, Focus};
pub use form::{Form, KeyField, SecretText, Way};
pub use providers::{Asked, ProviderErrors, ProviderForm, Providers};
pub use test::Test;

use crate::http::Secret;
use crate::service::connection::{CheckId, CheckState};
use crate::service::{EventReceiver, Pending, Problem, Saved, Service, VaultState, Workspaces};
use crate::workspace::{Limits, Profile, Tables, WorkspaceId};

/// What came of pressing Connect: the profile that was saved, and the workspace, if it could be opened.
pub struct Connected {
    /// As it is in the file now.
    pub saved: Saved,
    /// Its work and its events.
    pub opened: Result<(Service, EventReceiver), Problem>,
}

/// The connect screen.
pub struct State {
    /// What is typed.
    pub form: Form,
    /// The profile that is changed; none for a new one.
    pub editing: Option<Profile>,
    /// Why the screen opened by itself: a workspace that could not be opened.
    pub reason: Option<Problem>,
    /// Why connecting failed.
    pub problem: Option<Problem>,
    /// What a paste filled in.
    pub filled: Option<String>,
    /// The connection test.
    pub test: Test,
    /// Whether the e-mail's field was left: then its errors are told.
    pub left_email: bool,
    /// Whether a test is to be begun as soon as it can be.
    pub wants_test: bool,
    /// Whether the keyboard is in the card's foot, which is seen wherever the page is scrolled to.
    pub foot_has_focus: bool,
    /// Where the cursor is to go.
    pub focus: Option<Focus>,
    /// Whether it was asked for the passphrase of the encrypted file, whatever the form says.
    wants_passphrase: bool,
    /// Goes up with each change of what a test depends on.
    revision: u64,
    vault: Option<VaultState>,
    asked_vault: Option<Pending<VaultState>>,
    connecting: Option<Pending<Connected>>,
}

impl State {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        let mut form = Form {
            remember: true,
            ..Form::default()
        };
        form.advanced.pictures = u32::try_from(Limits::default().concurrent_pictures).unwrap_or(1);
        form.advanced.days = Limits::default().keep_forgotten_days;
        let tables = Tables::default();
        form.advanced.bucket = crate::workspace::DEFAULT_BUCKET.to_owned();
        form.advanced.key_template = crate::workspace::DEFAULT_KEY_TEMPLATE.to_owned();
        form.advanced.stories = tables.stories.to_string();
        form.advanced.scenes = tables.scenes.to_string();
        Self {
            form,
            editing: None,
            reason: None,
            problem: None,
            filled: None,
            test: Test::default(),
            left_email: false,
            wants_test: false,
            foot_has_focus: false,
            focus: Some(Focus::on(Field::Url)),
            wants_passphrase: false,
            revision: 0,
            vault: None,
            asked_vault: None,
            connecting: None,
        }
    }

    /// The same, because the workspace could not be opened.
    #[must_use]
    pub fn not_opened(profile: Option<Profile>, reason: Problem) -> Self {
        let mut state = profile.map_or_else(Self::new, Self::edit);
        let field = Field::called(reason.field);
        state.focus = field.map(Focus::on);
        state.wants_passphrase = field == Some(Field::Passphrase);
        state.reason = Some(reason);
        state
    }

    /// Whether the passphrase of the encrypted file is to be typed.
    #[must_use]
    pub fn needs_passphrase(&self) -> bool {
        let file = self.vault.as_ref().is_some_and(|vault| vault.no_keychain.is_some());
        self.wants_passphrase || (file && self.form.remember && !self.is_unlocked())
    }

    /// What is wrong with the passphrase, to be told beside its field.
    #[must_use]
    pub fn passphrase_error(&self) -> Option<&Problem> {
        let told = self.problem.as_ref()?;
        (Field::called(told.field) == Some(Field::Passphrase)).then_some(told)
    }

    /// Whether the passphrase is to be one for a new file.
    #[must_use]
    pub fn begins_file(&self) -> bool {
        self.vault
            .as_ref()
            .is_some_and(|vault| !vault.is_locked && !vault.is_open)
    }

    /// Whether the encrypted file is there and open.
    fn is_unlocked(&self) -> bool {
        self.vault.as_ref().is_some_and(|vault| vault.is_open)
    }

    /// Whether the test says that nothing would work. Without tables there are no stories to look after, but buckets
    /// all the same.
    fn test_forbids(&self) -> bool {
        let needed = [CheckId::Reachable, CheckId::StorageApi, CheckId::Key];
        let mut failed = self.test.rows.iter().filter(|row| row.state == CheckState::Failed);
        self.test.is_of(self.revision) && failed.any(|row| needed.contains(&row.id))
    }

    /// What is missing for a test. A key that is kept already need not be typed.
    fn missing(&self) -> Option<String> {
        let keeps_key = self.editing.is_some() && self.form.key.secret.is_empty() && self.form.url.read.url.is_ok();
        if keeps_key { None } else { self.form.missing() }
    }

    /// Whether a provider of the project's own would be used.
    #[must_use]
    pub fn has_provider(&self) -> bool {
        !self.form.providers.list.is_empty()
    }

    /// What the revision of the form is called; see [`Test::is_of`].
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether Connect was pressed and is under way.
    #[must_use]
    pub fn is_connecting(&self) -> bool {
        self.connecting.is_some()
    }

    /// Saves the profile and opens the workspace; [`State::poll`] gives back what came of it.
    pub fn connect(&mut self, workspaces: &Workspaces) {
        let Some(profile) = self.profile().filter(|_| self.why_not_connect().is_none()) else {
            return;
        };
        if self.connecting.is_some() {
            return;
        }
        let secrets = self.secrets();
        let is_new = self.editing.is_none();
        let passphrase = (!self.form.passphrase.is_empty()).then(|| Secret::exact(&self.form.passphrase.text));
        self.problem = None;
        self.connecting = Some(workspaces.load(move |workspaces| async move {
            if let Some(passphrase) = passphrase {
                workspaces.unlock_vault(passphrase).await?;
            }
            let saved = if is_new {
                workspaces.add(profile, secrets).await?
            } else {
                workspaces.save(profile, secrets).await?
            };
            let id = WorkspaceId::Profile(saved.profile.id.clone());
            let opened = workspaces.open(&id).await;
            Ok(Connected { saved, opened })
        }));
    }

    /// Takes in what has arrived, and begins what was asked for. Called once a pass while the screen is shown.
    pub fn poll(&mut self, workspaces: &Workspaces) -> Option<Connected> {
        self.poll_vault(workspaces);
        self.form.providers.poll(workspaces, self.editing.as_ref());
        if let Some(problem) = self.test.poll(workspaces) {
            self.problem = Some(problem);
        }
        if self.wants_test && !self.is_connecting() {
            self.wants_test = false;
            if self.why_not_test().is_none()
                && let Some(profile) = self.profile()
            {
                let secrets = self.secrets();
                self.test.start(workspaces, profile, secrets, self.revision);
            }
        }
        match self.connecting.take()?.take() {
            Err(connecting) => {
                self.connecting = Some(connecting);
                None
            }
            Ok(Err(problem)) => {
                self.failed(problem);
                None
            }
            Ok(Ok(connected)) => Some(connected),
        }
    }

    /// Tells what failed beside where it can be mended.
    pub fn failed(&mut self, problem: Problem) {
        let field = Field::called(problem.field);
        self.focus = field.map(Focus::on);
        self.wants_passphrase |= field == Some(Field::Passphrase);
        self.problem = Some(problem);
    }

    /// Takes over what the places for secrets can do here.
    pub fn set_vault(&mut self, vault: VaultState) {
        self.vault = Some(vault);
    }

    /// Shows a test that has ended with these rows, as one of the form as it is.
    pub fn show_test(&mut self, rows: Vec<crate::service::connection::Check>) {
        self.test = Test::ended(rows, Some(self.revision));
    }

    fn poll_vault(&mut self, workspaces: &Workspaces) {
        if self.vault.is_some() {
            return;
        }
        let asked = self
            .asked_vault
            .take()
            .unwrap_or_else(|| workspaces.load(|workspaces| async move { workspaces.vault_state().await }));
        match asked.take() {
            Err(asked) => self.asked_vault = Some(asked),
            Ok(Ok(vault)) => self.set_vault(vault),
            Ok(Err(problem)) => self.problem = Some(problem),
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
