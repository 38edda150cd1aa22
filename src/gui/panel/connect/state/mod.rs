//! What is known while a project is being connected: the form, its test, and what became of it.

mod form;
mod test;

pub use form::{Form, KeyField, SecretText, Way};
pub use test::Test;

use std::num::NonZeroU32;

use jiff::Timestamp;

use crate::http::Secret;
use crate::service::connection::{CheckId, CheckState};
use crate::service::{EventReceiver, NewSecrets, Pending, Problem, Saved, Service, VaultState, Workspaces};
use crate::workspace::{
    Access, ApiKey, BaseUrl, Dialect, Keep, Limits, PastedSettings, Profile, ProfileId, ProviderProfile, TableName,
    Tables, WorkspaceId,
};

/// What came of pressing Connect: the profile that was saved, and the workspace, if it could be opened.
pub struct Connected {
    /// As it is in the file now.
    pub saved: Saved,
    /// Its work and its events.
    pub opened: Result<(Service, EventReceiver), Problem>,
}

/// The fields that the cursor can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The project's URL.
    Url,
    /// The key.
    Key,
    /// The password.
    Password,
    /// The passphrase of the encrypted file.
    Passphrase,
}

impl Field {
    /// The field that a problem stands beside.
    fn called(name: Option<&str>) -> Option<Self> {
        match name? {
            "url" => Some(Self::Url),
            "key" => Some(Self::Key),
            "password" => Some(Self::Password),
            "passphrase" => Some(Self::Passphrase),
            _ => None,
        }
    }
}

/// The cursor on its way to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Focus {
    field: Field,
    passes: u8,
}

impl Focus {
    /// Passes for which the field asks for the cursor: what led here, a menu or the palette, gives it back to what had
    /// it before a pass or two after it closed.
    const PASSES: u8 = 4;

    /// To this field.
    #[must_use]
    pub fn on(field: Field) -> Self {
        Self {
            field,
            passes: Self::PASSES,
        }
    }
}

/// What is wrong with the fields of the fold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdvancedErrors {
    /// Of the bucket.
    pub bucket: Option<String>,
    /// Of the names of pictures.
    pub key_template: Option<String>,
    /// Of the table of stories.
    pub stories: Option<String>,
    /// Of the table of scenes.
    pub scenes: Option<String>,
    /// Of the provider's address.
    pub provider_url: Option<String>,
    /// Of the model that writes.
    pub text_model: Option<String>,
    /// Of the model that draws.
    pub image_model: Option<String>,
    /// Of the requests in a minute.
    pub per_minute: Option<String>,
}

impl AdvancedErrors {
    fn first(&self) -> Option<&String> {
        let all = [
            &self.bucket,
            &self.key_template,
            &self.stories,
            &self.scenes,
            &self.provider_url,
            &self.text_model,
            &self.image_model,
            &self.per_minute,
        ];
        all.into_iter().flatten().next()
    }
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
    /// Where the cursor is to go.
    pub focus: Option<Focus>,
    /// Whether the provider's key is kept already.
    pub keeps_provider_key: bool,
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
            focus: Some(Focus::on(Field::Url)),
            keeps_provider_key: false,
            revision: 0,
            vault: None,
            asked_vault: None,
            connecting: None,
        }
    }

    /// The form of a profile. Its secrets stay where they are kept, unless others are typed.
    #[must_use]
    pub fn edit(profile: Profile) -> Self {
        let mut state = Self::new();
        let form = &mut state.form;
        form.url.text = profile.url.as_str().to_owned();
        form.url.changed();
        form.name.clone_from(&profile.name);
        form.colour = profile.colour;
        form.remember = profile.keep != Keep::Session;
        if let Access::SignIn { email } = &profile.access {
            form.way = Way::SignIn;
            form.email.clone_from(email);
        }
        let advanced = &mut form.advanced;
        advanced.bucket.clone_from(&profile.bucket);
        advanced.key_template.clone_from(&profile.key_template);
        advanced.stories = profile.tables.stories.to_string();
        advanced.scenes = profile.tables.scenes.to_string();
        advanced.pictures = u32::try_from(profile.limits.clamped().concurrent_pictures).unwrap_or(1);
        advanced.per_minute = profile
            .limits
            .requests_per_minute
            .map_or_else(String::new, |rate| rate.to_string());
        if let Some(provider) = &profile.provider {
            advanced.provider_url = provider.base_url.to_string();
            advanced.text_model.clone_from(&provider.text_model);
            advanced.image_model.clone_from(&provider.image_model);
            state.keeps_provider_key = true;
        }
        state.focus = None;
        state.editing = Some(profile);
        state
    }

    /// The same, because the workspace could not be opened.
    #[must_use]
    pub fn not_opened(profile: Option<Profile>, reason: Problem) -> Self {
        let mut state = profile.map_or_else(Self::new, Self::edit);
        state.focus = Field::called(reason.field).map(Focus::on);
        state.reason = Some(reason);
        state
    }

    /// Title of the page and the line below it.
    #[must_use]
    pub fn title(&self) -> (&'static str, &'static str) {
        if self.editing.is_some() {
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

    /// The key was typed in.
    pub fn key_changed(&mut self, now: Timestamp) {
        self.form.key.changed(now);
        if self.form.key.secret.is_empty() {
            self.form.key.left = false;
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

    /// Changes from the service key to signing in; the key is forgotten.
    pub fn sign_in_instead(&mut self) {
        self.form.way = Way::SignIn;
        self.form.key = KeyField::default();
        self.focus = Some(Focus::on(Field::Key));
        self.changed();
    }

    /// Whether `field` is to ask for the cursor in this pass.
    pub fn takes_focus(&mut self, field: Field) -> bool {
        let Some(focus) = self.focus.as_mut().filter(|focus| focus.field == field) else {
            return false;
        };
        focus.passes -= 1;
        if focus.passes == 0 {
            self.focus = None;
        }
        true
    }

    /// What is wrong with the e-mail address.
    #[must_use]
    pub fn email_error(&self) -> Option<String> {
        let wrong = self.left_email && !self.form.email.is_empty() && !form::is_email(&self.form.email);
        wrong.then(|| "This is not an e-mail address".to_owned())
    }

    /// What is wrong in the fold.
    #[must_use]
    pub fn advanced_errors(&self) -> AdvancedErrors {
        let fields = &self.form.advanced;
        let table = |text: &str| {
            TableName::parse(text)
                .err()
                .map(|error| form::sentence(&error.to_string()))
        };
        let with_provider = !fields.provider_url.trim().is_empty();
        let model =
            |text: &str| (with_provider && text.trim().is_empty()).then(|| "Name the provider's model".to_owned());
        let address = BaseUrl::parse(&fields.provider_url).err();
        AdvancedErrors {
            bucket: crate::supabase::BucketName::parse(&fields.bucket)
                .err()
                .map(|error| form::sentence(&error.to_string())),
            key_template: (!fields.key_template.contains("{uuid}"))
                .then(|| "Needs {uuid}, or a picture would replace another".to_owned()),
            stories: table(&fields.stories),
            scenes: table(&fields.scenes),
            provider_url: address
                .filter(|_| with_provider)
                .map(|error| form::sentence(&error.to_string())),
            text_model: model(&fields.text_model),
            image_model: model(&fields.image_model),
            per_minute: {
                let typed = fields.per_minute.trim();
                let wrong = !typed.is_empty() && typed.parse::<NonZeroU32>().is_err();
                wrong.then(|| "A whole number from 1, or nothing".to_owned())
            },
        }
    }

    /// The name that is used when none is typed.
    #[must_use]
    pub fn usual_name(&self) -> String {
        match &self.form.url.read.url {
            Ok(url) => url.reference().unwrap_or(url.host()).to_owned(),
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
                "Never written to files, logs or exports",
                String::new(),
            ),
            Some(VaultState {
                no_keychain: Some(why), ..
            }) => (
                "Remember in an encrypted file",
                "There is no keychain here; a passphrase opens the file",
                form::sentence(why),
            ),
        }
    }

    /// Whether the passphrase of the encrypted file is to be typed.
    #[must_use]
    pub fn needs_passphrase(&self) -> bool {
        let file = self.vault.as_ref().is_some_and(|vault| vault.no_keychain.is_some());
        let asked = self
            .problem
            .as_ref()
            .or(self.reason.as_ref())
            .is_some_and(|problem| problem.field == Some("passphrase"));
        asked || (file && self.form.remember && !self.is_unlocked())
    }

    /// Whether the encrypted file is there and open.
    fn is_unlocked(&self) -> bool {
        self.vault.as_ref().is_some_and(|vault| vault.is_open)
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

    /// Why the test cannot be run.
    #[must_use]
    pub fn why_not_test(&self) -> Option<String> {
        self.missing().or_else(|| self.advanced_errors().first().cloned())
    }

    /// Whether a provider of the project's own would be used.
    #[must_use]
    pub fn has_provider(&self) -> bool {
        !self.form.advanced.provider_url.trim().is_empty()
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

    /// A test is asked for where nothing is missing: a key is not sent to a host that is still being typed.
    fn ask_for_test(&mut self, entered: bool) {
        // A sign-in that is only being typed would be counted as a wrong password.
        let changed = !self.test.is_of(self.revision) && self.form.way == Way::Key;
        if self.missing().is_none() && (changed || entered) {
            self.wants_test = true;
        }
    }

    /// The profile that the form describes. `None` if something is missing.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        let url = self.form.url.read.url.as_ref().ok()?.clone();
        let fields = &self.form.advanced;
        let name = match self.form.name.trim() {
            "" => self.usual_name(),
            typed => typed.to_owned(),
        };
        let mut profile = match &self.editing {
            Some(profile) => profile.clone(),
            None => Profile::new(ProfileId::fresh(&name, &[]), url.clone()),
        };
        profile.url = url;
        profile.name = name;
        profile.colour = self.form.colour;
        profile.access = match self.form.way {
            Way::Key => Access::Key,
            Way::SignIn => Access::SignIn {
                email: self.form.email.trim().to_owned(),
            },
        };
        profile.bucket = fields.bucket.trim().to_owned();
        profile.key_template = fields.key_template.trim().to_owned();
        profile.tables = Tables {
            stories: TableName::parse(&fields.stories).ok()?,
            scenes: TableName::parse(&fields.scenes).ok()?,
        };
        profile.provider = match fields.provider_url.trim() {
            "" => None,
            typed => {
                let base_url = BaseUrl::parse(typed).ok()?;
                Some(ProviderProfile {
                    name: provider_name(base_url.as_str()),
                    base_url,
                    text_model: fields.text_model.trim().to_owned(),
                    image_model: fields.image_model.trim().to_owned(),
                    dialect: Dialect::OpenAi,
                })
            }
        };
        profile.limits = Limits {
            concurrent_pictures: fields.pictures as usize,
            requests_per_minute: match fields.per_minute.trim() {
                "" => None,
                typed => Some(typed.parse().ok()?),
            },
        };
        let has_keychain = self.vault.as_ref().is_some_and(|vault| vault.no_keychain.is_none());
        profile.keep = match (self.form.remember, has_keychain) {
            (false, _) => Keep::Session,
            (true, true) => Keep::Keychain,
            (true, false) => Keep::File,
        };
        Some(profile)
    }

    /// The secrets that were typed.
    #[must_use]
    pub fn secrets(&self) -> NewSecrets {
        let typed = |secret: &SecretText| (!secret.is_empty()).then(|| Secret::exact(&secret.text));
        NewSecrets {
            key: self.form.key.key().cloned(),
            password: (self.form.way == Way::SignIn)
                .then(|| typed(&self.form.password))
                .flatten(),
            provider: typed(&self.form.advanced.provider_key),
        }
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
        self.focus = Field::called(problem.field).map(Focus::on);
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

/// What a provider is called: its host, without the usual first label.
fn provider_name(url: &str) -> String {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    host.strip_prefix("api.").unwrap_or(host).to_owned()
}
