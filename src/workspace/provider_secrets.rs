//! What is sent to a provider and kept from everybody else: its key, and the values of headers of the user's own.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::http::Secret;

/// The secrets of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderSecrets {
    /// Its key; none if it needs none, or nobody has given it.
    pub key: Option<Secret>,
    /// The values of the headers that its profile names.
    pub headers: HeaderValues,
}

impl From<Option<Secret>> for ProviderSecrets {
    fn from(key: Option<Secret>) -> Self {
        Self {
            key,
            headers: HeaderValues::default(),
        }
    }
}

/// Headers with their values, by names in small letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderValues(BTreeMap<String, Secret>);

impl HeaderValues {
    /// As they are kept: one secret for all of them.
    #[must_use]
    pub fn to_stored(&self) -> Secret {
        let values: BTreeMap<&str, &str> = self.iter().map(|(name, value)| (name, value.expose())).collect();
        // Names and values are texts, which have a form.
        Secret::exact(&serde_json::to_string(&values).unwrap_or_default())
    }

    /// As they were kept. What is no such text holds none.
    #[must_use]
    pub fn from_stored(stored: &Secret) -> Self {
        let values = serde_json::from_str::<BTreeMap<String, String>>(stored.expose());
        let values = values.unwrap_or_default().into_iter();
        values
            .map(|(name, value)| (name, Secret::exact(&Zeroizing::new(value))))
            .collect()
    }

    /// These, and those of `newer` in the place of those of the same names.
    #[must_use]
    pub fn with(mut self, newer: &Self) -> Self {
        self.0.extend(newer.0.clone());
        self
    }

    /// Those of these names; others are dropped.
    #[must_use]
    pub fn only<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<String> = names.into_iter().map(str::to_ascii_lowercase).collect();
        self.0.retain(|name, _| names.contains(name));
        self
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each with its value, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl FromIterator<(String, Secret)> for HeaderValues {
    fn from_iter<T: IntoIterator<Item = (String, Secret)>>(headers: T) -> Self {
        let headers = headers.into_iter();
        Self(
            headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(of: &[(&str, &str)]) -> HeaderValues {
        let of = of.iter();
        of.map(|(name, value)| ((*name).to_owned(), Secret::exact(value)))
            .collect()
    }

    #[test]
    fn they_are_kept_as_one_secret_and_shown_nowhere() {
        let kept = values(&[("X-Org", "org-0123"), ("x-tenant", "a \"b\"")]);
        assert_eq!(HeaderValues::from_stored(&kept.to_stored()), kept);
        assert!(!format!("{kept:?}").contains("org-0123"));
        assert!(HeaderValues::from_stored(&Secret::exact("no JSON")).is_empty());
    }

    #[test]
    fn what_is_typed_counts_more_and_what_is_not_named_is_dropped() {
        let kept = values(&[("x-a", "1"), ("x-b", "2")]);
        let now = kept.with(&values(&[("X-B", "3")])).only(["X-b"]);
        assert_eq!(now, values(&[("x-b", "3")]));
    }
}
