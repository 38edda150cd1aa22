//! Headers of the user's own that are sent to a provider, as they are typed: each a name and a value that is shown as dots.

use super::form::{SecretText, sentence};
use crate::http::Secret;
use crate::workspace::{HeaderValues, ProfileError, ProviderProfile};

/// One header as it is typed.
#[derive(Default)]
pub struct HeaderForm {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretText,
    /// The name under which a value is kept already.
    kept_as: Option<String>,
}

/// All headers of a provider as they are typed.
#[derive(Default)]
pub struct HeaderForms {
    /// In the order in which they were typed.
    pub list: Vec<HeaderForm>,
}

impl HeaderForm {
    /// Whether a value is kept for the name as it is typed now.
    pub fn keeps_value(&self) -> bool {
        let name = self.name.trim();
        self.kept_as
            .as_ref()
            .is_some_and(|kept| kept.eq_ignore_ascii_case(name))
    }

    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        self.name.trim().is_empty() && self.value.is_empty()
    }

    fn error(&self, keeps: bool) -> Option<String> {
        let (name, value) = (self.name.trim(), self.value.text.trim());
        let told = |error: ProfileError| sentence(&error.to_string());
        match (name, value) {
            ("", "") => None,
            ("", _) => Some("Say the name of the header".to_owned()),
            (name, "") if !(keeps && self.keeps_value()) => Some(format!("Type the value of “{name}”")),
            (name, value) => ProviderProfile::check_header(name, value).err().map(told),
        }
    }
}

impl HeaderForms {
    pub(super) fn of(profile: &ProviderProfile) -> Self {
        let plain = profile.headers.iter().map(|(name, value)| HeaderForm {
            name: name.clone(),
            value: SecretText::of(value),
            kept_as: None,
        });
        let secret = profile.secret_headers.iter().map(|name| HeaderForm {
            name: name.clone(),
            kept_as: Some(name.clone()),
            ..HeaderForm::default()
        });
        Self {
            list: plain.chain(secret).collect(),
        }
    }

    /// Begins one.
    pub fn add(&mut self) {
        self.list.push(HeaderForm::default());
    }

    /// Takes one out.
    pub fn remove(&mut self, at: usize) {
        if at < self.list.len() {
            self.list.remove(at);
        }
    }

    /// Takes in lines of `name: value` that were pasted into the name of one; the others come after it. False if they are none.
    pub fn paste(&mut self, at: usize, text: &str) -> bool {
        let lines: Option<Vec<(&str, &str)>> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.split_once(':'))
            .collect();
        let Some(lines) = lines.filter(|lines| !lines.is_empty() && at < self.list.len()) else {
            return false;
        };
        let typed = lines.into_iter().map(|(name, value)| HeaderForm {
            name: name.trim().to_owned(),
            value: SecretText::of(value.trim()),
            kept_as: None,
        });
        self.list.splice(at..=at, typed);
        true
    }

    /// What is wrong with the first that something is wrong with. `keeps` says whether what is kept is kept for the address as it
    /// is typed now.
    pub(super) fn error(&self, keeps: bool) -> Option<String> {
        self.list.iter().find_map(|form| form.error(keeps))
    }

    /// Their names.
    pub(super) fn names(&self) -> Vec<String> {
        let named = self.list.iter().filter(|form| !form.is_empty());
        named.map(|form| form.name.trim().to_owned()).collect()
    }

    /// The values that were typed.
    pub(super) fn typed(&self) -> HeaderValues {
        let typed = self
            .list
            .iter()
            .filter(|form| !form.name.trim().is_empty() && !form.value.is_empty());
        typed
            .map(|form| (form.name.trim().to_owned(), Secret::new(&form.value.text)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &str) -> HeaderForms {
        let mut forms = HeaderForms::default();
        forms.add();
        assert!(forms.paste(0, lines));
        forms
    }

    #[test]
    fn lines_that_are_pasted_become_headers() {
        let forms = of("X-Org: org-0123\n\n x-tenant :a:b \n");
        assert_eq!(forms.names(), ["X-Org", "x-tenant"]);
        let typed = forms.typed();
        let values: Vec<_> = typed.iter().map(|(name, value)| (name, value.expose())).collect();
        assert_eq!(values, [("x-org", "org-0123"), ("x-tenant", "a:b")]);
        assert_eq!(forms.error(false), None);
        let mut forms = HeaderForms::default();
        forms.add();
        assert!(!forms.paste(0, "X-Org"), "a name alone is a name");
    }

    #[test]
    fn what_cannot_be_sent_or_is_not_the_users_to_say_is_told_without_its_value() {
        for (name, value) in [
            ("Host", "evil-CANARY"),
            ("authorization", "Bearer CANARY"),
            ("a b", "CANARY"),
            ("x-a", "CANARY\r\nx-b: c"),
            ("x-a", ""),
            ("", "CANARY"),
        ] {
            let mut forms = HeaderForms::default();
            forms.add();
            name.clone_into(&mut forms.list[0].name);
            forms.list[0].value.set(value);
            let error = forms.error(false).unwrap_or_else(|| panic!("{name}"));
            assert!(!error.contains("CANARY"), "{error}");
        }
    }

    #[test]
    fn a_value_that_is_kept_need_not_be_typed_for_the_same_name_and_address() {
        let profile = ProviderProfile {
            secret_headers: vec!["X-Org".to_owned()],
            ..ProviderProfile::new(crate::workspace::BaseUrl::parse("https://a.example").unwrap())
        };
        let mut forms = HeaderForms::of(&profile);
        assert_eq!(forms.error(true), None);
        assert!(forms.error(false).is_some(), "it is kept for another address");
        assert!(forms.typed().is_empty());
        "X-Other".clone_into(&mut forms.list[0].name);
        assert!(forms.error(true).is_some());
    }
}
