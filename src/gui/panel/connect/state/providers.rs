//! The AI providers of the form: several, one of which is open at a time.

use std::num::NonZeroU32;

use serde_json::Value;

use super::form::{SecretText, sentence};
use super::headers::HeaderForms;
use crate::ai::{ModelInfo, Nearby};
use crate::http::Secret;
use crate::service::{Pending, Problem, Workspaces};
use crate::workspace::{BaseUrl, Dialect, HeaderValues, Money, Profile, ProviderProfile, ProviderSecrets};

/// All providers that are typed.
#[derive(Default)]
pub struct Providers {
    /// The usual one first.
    pub list: Vec<ProviderForm>,
    /// Which is open.
    pub open: Option<usize>,
    /// What answers on this computer.
    pub nearby: Asked<Vec<Nearby>>,
    next: u32,
}

/// One provider as it is typed.
pub struct ProviderForm {
    /// What tells it from others while the form is open, whatever it is called.
    pub number: u32,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Its name; empty for its host.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Its key.
    pub key: SecretText,
    /// The address that a key is kept for already.
    pub kept_for: Option<BaseUrl>,
    /// The model that writes.
    pub text_model: String,
    /// The model that draws.
    pub image_model: String,
    /// What a picture costs.
    pub price: String,
    /// What may be spent in a month.
    pub budget: String,
    /// Requests in a minute.
    pub per_minute: String,
    /// Pictures at the same time.
    pub concurrent: u32,
    /// Whether names and ages of people are replaced.
    pub mask_people: bool,
    /// What is sent besides, as JSON.
    pub extra: String,
    /// Its models, once they were asked for.
    pub models: Asked<Vec<ModelInfo>>,
    /// What is sent along with every request.
    pub headers: HeaderForms,
}

/// Something that is asked for by a click.
#[derive(Default)]
pub enum Asked<T: Send + 'static> {
    /// Not yet.
    #[default]
    Not,
    /// It is to be asked for.
    Wanted,
    /// It is on its way.
    Under(Pending<T>),
    /// It is here.
    Here(T),
    /// It cannot be had.
    Failed(Problem),
}

/// What is wrong with a provider's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderErrors {
    /// Of the name.
    pub name: Option<String>,
    /// Of the address.
    pub url: Option<String>,
    /// Of the models.
    pub models: Option<String>,
    /// Of the price.
    pub price: Option<String>,
    /// Of the budget.
    pub budget: Option<String>,
    /// Of the requests in a minute.
    pub per_minute: Option<String>,
    /// Of what is sent besides.
    pub extra: Option<String>,
    /// Of the headers.
    pub headers: Option<String>,
}

impl ProviderErrors {
    /// The first of them, in words.
    #[must_use]
    pub fn first_words(&self) -> Option<&str> {
        self.first().map(String::as_str)
    }

    pub(super) fn first(&self) -> Option<&String> {
        let all = [
            &self.url,
            &self.models,
            &self.name,
            &self.price,
            &self.budget,
            &self.per_minute,
            &self.extra,
            &self.headers,
        ];
        all.into_iter().flatten().next()
    }
}

impl<T: Send + 'static> Asked<T> {
    /// Whether it is on its way.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Wanted | Self::Under(_))
    }

    fn poll(&mut self, start: impl FnOnce() -> Option<Pending<T>>) {
        *self = match std::mem::take(self) {
            Self::Wanted => start().map_or(Self::Not, Self::Under),
            Self::Under(pending) => match pending.take() {
                Err(pending) => Self::Under(pending),
                Ok(Ok(value)) => Self::Here(value),
                Ok(Err(problem)) => Self::Failed(problem),
            },
            other => other,
        };
    }
}

impl Providers {
    pub(super) fn of(profile: &Profile) -> Self {
        let mut all = Self::default();
        for provider in &profile.providers {
            let form = ProviderForm::of(provider, all.number());
            all.list.push(form);
        }
        // As an earlier version had it: one rate for the one provider.
        if let (Some(first), Some(rate)) = (all.list.first_mut(), profile.limits.requests_per_minute)
            && first.per_minute.is_empty()
        {
            first.per_minute = rate.to_string();
        }
        all
    }

    /// Begins a provider of that dialect, and opens it.
    pub fn add(&mut self, dialect: Dialect) {
        let form = ProviderForm::new(dialect, self.number());
        self.push(form);
    }

    /// Takes over a server that was found on this computer.
    pub fn add_nearby(&mut self, found: &Nearby) {
        let mut form = ProviderForm::new(found.dialect, self.number());
        form.name.clone_from(&found.name);
        form.url.clone_from(&found.base_url);
        let draws = matches!(found.dialect, Dialect::Sdapi | Dialect::Comfy) || found.name.contains("diffusion");
        if let Some(model) = found.models.first() {
            let field = if draws {
                &mut form.image_model
            } else {
                &mut form.text_model
            };
            field.clone_from(model);
        }
        // Nothing leaves this computer.
        form.mask_people = false;
        self.push(form);
    }

    /// Takes one out.
    pub fn remove(&mut self, at: usize) {
        if at < self.list.len() {
            self.list.remove(at);
            self.open = None;
        }
    }

    /// Puts one before all others: it is the one that writes and draws unless another is chosen.
    pub fn make_usual(&mut self, at: usize) {
        if at < self.list.len() {
            self.list[..=at].rotate_right(1);
            self.open = self.open.map(|open| match open {
                open if open == at => 0,
                open if open < at => open + 1,
                open => open,
            });
        }
    }

    /// What is wrong with each of them.
    pub(super) fn errors(&self) -> Vec<ProviderErrors> {
        let profiles: Vec<_> = self.list.iter().map(|form| form.profile().ok()).collect();
        let each = self.list.iter().enumerate().map(|(at, form)| {
            let mut errors = form.errors();
            let before = profiles[..at].iter().flatten();
            if let Some(Err(error)) = profiles[at].as_ref().map(|profile| profile.check(before)) {
                use crate::workspace::ProfileError;
                let words = Some(sentence(&error.to_string()));
                match error {
                    ProfileError::NoModel => errors.models = words,
                    ProfileError::Header(_) | ProfileError::HeaderTwice(_) => errors.headers = words,
                    _ => errors.name = words,
                }
            }
            errors
        });
        each.collect()
    }

    /// The providers that the fields describe. None if something is wrong.
    pub(super) fn profiles(&self) -> Option<Vec<ProviderProfile>> {
        self.list.iter().map(|form| form.profile().ok()).collect()
    }

    /// The keys that were typed.
    pub(super) fn keys(&self) -> Vec<(BaseUrl, Secret)> {
        let typed = self.list.iter().filter(|form| !form.key.is_empty());
        typed
            .filter_map(|form| Some((BaseUrl::parse(&form.url).ok()?, Secret::new(&form.key.text))))
            .collect()
    }

    /// The values of headers that were typed.
    pub(super) fn headers(&self) -> Vec<(BaseUrl, HeaderValues)> {
        let each = self.list.iter().filter_map(|form| {
            let typed = form.headers.typed();
            Some((BaseUrl::parse(&form.url).ok()?, typed))
        });
        each.filter(|(_, typed)| !typed.is_empty()).collect()
    }

    /// Takes in what has arrived, and begins what was asked for.
    pub(super) fn poll(&mut self, workspaces: &Workspaces, editing: Option<&Profile>) {
        self.nearby.poll(|| Some(workspaces.load(Workspaces::nearby_models)));
        for form in &mut self.list {
            let (profile, typed) = (form.profile().ok(), form.typed_secrets());
            form.models.poll(|| {
                let (editing, provider) = (editing.cloned(), profile?);
                Some(workspaces.load(move |workspaces| workspaces.models_of(editing, provider, typed)))
            });
        }
    }

    fn push(&mut self, form: ProviderForm) {
        self.list.push(form);
        self.open = Some(self.list.len() - 1);
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }
}

impl ProviderForm {
    fn new(dialect: Dialect, number: u32) -> Self {
        Self {
            number,
            dialect,
            name: String::new(),
            url: dialect.usual_address().to_owned(),
            key: SecretText::default(),
            kept_for: None,
            text_model: String::new(),
            image_model: String::new(),
            price: String::new(),
            budget: String::new(),
            per_minute: String::new(),
            concurrent: 2,
            mask_people: true,
            extra: String::new(),
            models: Asked::Not,
            headers: HeaderForms::default(),
        }
    }

    fn of(profile: &ProviderProfile, number: u32) -> Self {
        let amount = |amount: Option<Money>| amount.map(Money::dollars).unwrap_or_default();
        Self {
            name: profile.name.clone(),
            url: profile.base_url.to_string(),
            kept_for: Some(profile.base_url.clone()),
            text_model: profile.text_model.clone(),
            image_model: profile.image_model.clone(),
            price: amount(profile.price),
            budget: amount(profile.budget),
            per_minute: profile.per_minute.map(|rate| rate.to_string()).unwrap_or_default(),
            concurrent: u32::try_from(profile.concurrent).unwrap_or(1),
            mask_people: profile.mask_people,
            extra: match profile.extra.is_empty() {
                true => String::new(),
                false => Value::Object(profile.extra.clone()).to_string(),
            },
            headers: HeaderForms::of(profile),
            ..Self::new(profile.dialect, number)
        }
    }

    /// What it is called: as typed, else after its host.
    #[must_use]
    pub fn shown_name(&self) -> String {
        match (self.name.trim(), BaseUrl::parse(&self.url)) {
            ("", Ok(url)) => ProviderProfile::new(url).name,
            ("", Err(_)) => self.dialect.title().to_owned(),
            (name, _) => name.to_owned(),
        }
    }

    /// Whether a key is kept for the address as it is typed now.
    #[must_use]
    pub fn keeps_key(&self) -> bool {
        self.kept_for.is_some() && BaseUrl::parse(&self.url).ok() == self.kept_for
    }

    /// Changes how it is spoken to, and with it an address that nobody has typed.
    pub fn set_dialect(&mut self, dialect: Dialect) {
        if self.url.trim() == self.dialect.usual_address() || self.url.trim().is_empty() {
            dialect.usual_address().clone_into(&mut self.url);
        }
        self.dialect = dialect;
        self.models = Asked::Not;
    }

    fn typed_secrets(&self) -> ProviderSecrets {
        ProviderSecrets {
            key: (!self.key.is_empty()).then(|| Secret::new(&self.key.text)),
            headers: self.headers.typed(),
        }
    }

    /// The provider that the fields describe.
    fn profile(&self) -> Result<ProviderProfile, ()> {
        let amount = |text: &str| match text.trim() {
            "" => Ok(None),
            text => Money::parse(text).map(Some).map_err(|_| ()),
        };
        let base_url = BaseUrl::parse(&self.url).map_err(|_| ())?;
        Ok(ProviderProfile {
            name: self.shown_name(),
            text_model: self.text_model.trim().to_owned(),
            image_model: self.image_model.trim().to_owned(),
            dialect: self.dialect,
            price: amount(&self.price)?,
            budget: amount(&self.budget)?,
            concurrent: self.concurrent as usize,
            per_minute: match self.per_minute.trim() {
                "" => None,
                text => Some(text.parse::<NonZeroU32>().map_err(|_| ())?),
            },
            secret_headers: match self.headers.error(self.keeps_key()) {
                None => self.headers.names(),
                Some(_) => return Err(()),
            },
            extra: match self.extra.trim() {
                "" => serde_json::Map::new(),
                text => serde_json::from_str(text).map_err(|_| ())?,
            },
            mask_people: self.mask_people,
            ..ProviderProfile::new(base_url)
        })
    }

    fn errors(&self) -> ProviderErrors {
        let amount = |text: &str| {
            let wrong = !text.trim().is_empty() && Money::parse(text).is_err();
            wrong.then(|| "An amount in US dollars, such as 0.04, or nothing".to_owned())
        };
        let wrong_rate = !self.per_minute.trim().is_empty() && self.per_minute.trim().parse::<NonZeroU32>().is_err();
        let is_object = |text: &str| serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok();
        let wrong_extra = !self.extra.trim().is_empty() && !is_object(&self.extra);
        ProviderErrors {
            url: BaseUrl::parse(&self.url)
                .err()
                .map(|error| sentence(&error.to_string())),
            price: amount(&self.price),
            budget: amount(&self.budget),
            per_minute: wrong_rate.then(|| "A whole number from 1, or nothing".to_owned()),
            headers: self.headers.error(self.keeps_key()),
            extra: wrong_extra.then(|| "An object of JSON, such as {\"quality\": \"low\"}".to_owned()),
            ..ProviderErrors::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> ProviderForm {
        let mut form = ProviderForm::new(Dialect::OpenAi, 1);
        name.clone_into(&mut form.name);
        "writer".clone_into(&mut form.text_model);
        form
    }

    #[test]
    fn what_is_typed_is_a_provider_and_back() {
        let mut form = named("Mine");
        "0.04".clone_into(&mut form.price);
        "60".clone_into(&mut form.per_minute);
        r#"{"quality":"low"}"#.clone_into(&mut form.extra);
        form.headers.add();
        form.headers.paste(0, "X-Org: org-0123");
        let profile = form.profile().unwrap();
        assert_eq!(profile.secret_headers, ["X-Org"]);
        assert!(!format!("{profile:?}").contains("org-0123"));
        assert_eq!(ProviderForm::of(&profile, 1).profile(), Ok(profile.clone()));
        assert_eq!(profile.price, Some(Money::from_micros(40_000)));
        for (field, text) in [
            ("price", "cheap"),
            ("per_minute", "0"),
            ("extra", "[1]"),
            ("url", "http://a.b"),
        ] {
            let mut form = named("Mine");
            match field {
                "price" => &mut form.price,
                "per_minute" => &mut form.per_minute,
                "extra" => &mut form.extra,
                _ => &mut form.url,
            }
            .replace_range(.., text);
            assert!(form.errors().first().is_some(), "{field}");
            assert!(form.profile().is_err(), "{field}");
        }
    }

    #[test]
    fn the_second_of_one_name_is_told_of() {
        let mut providers = Providers {
            list: vec![named("Mine"), named("mine")],
            ..Providers::default()
        };
        let errors = providers.errors();
        assert_eq!(errors[0], ProviderErrors::default());
        assert!(errors[1].name.as_ref().unwrap().contains("another name"), "{errors:?}");
        providers.open = Some(0);
        providers.make_usual(1);
        assert_eq!((providers.list[0].name.as_str(), providers.open), ("mine", Some(1)));
        providers.list[0].text_model.clear();
        assert!(providers.errors()[0].models.is_some());
    }

    #[test]
    fn an_address_that_nobody_typed_follows_the_dialect() {
        let mut form = ProviderForm::new(Dialect::OpenAi, 1);
        form.set_dialect(Dialect::Gemini);
        assert_eq!(form.url, Dialect::Gemini.usual_address());
        "https://mine.example.org/v1".clone_into(&mut form.url);
        form.set_dialect(Dialect::Together);
        assert_eq!(form.url, "https://mine.example.org/v1");
    }
}
