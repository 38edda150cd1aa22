//! From a profile to the form, and from the form to a profile with its secrets.

use super::{Providers, SecretText, State, Way};
use crate::http::Secret;
use crate::service::NewSecrets;
use crate::workspace::{Access, Keep, Limits, Profile, ProfileId, TableName, Tables};

impl State {
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
        advanced.days = profile.limits.clamped().keep_forgotten_days;
        form.providers = Providers::of(&profile);
        state.focus = None;
        state.editing = Some(profile);
        state
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
        profile.providers = self.form.providers.profiles()?;
        profile.limits = Limits {
            concurrent_pictures: fields.pictures as usize,
            // Each provider has its own.
            requests_per_minute: None,
            keep_forgotten_days: fields.days,
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
            providers: self.form.providers.keys(),
            headers: self.form.providers.headers(),
        }
    }
}
