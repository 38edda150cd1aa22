//! `Upload-Metadata`: pairs of a name and a value in base64, separated by commas.

use std::collections::HashSet;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde::{Deserialize, Serialize};

/// As JavaScript's decoder is: what the last character holds too much is passed over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a client says about an upload: names and values in its order. A name may stand without a value.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(Vec<(String, Option<String>)>);

impl Metadata {
    /// Reads the header. `None` if it is empty, a name is not ASCII or there twice, or a value is no base64.
    ///
    /// ```text
    /// bucketName YQ==,objectName Yg==,is_confidential
    /// ```
    pub fn parse(header: &str) -> Option<Self> {
        let mut pairs: Vec<(String, Option<String>)> = Vec::new();
        // A header may hold tens of thousands of names.
        let mut names = HashSet::new();
        if header.trim().is_empty() {
            return None;
        }
        for pair in header.split(',') {
            let (name, value) = match pair.split_once(' ') {
                Some((name, value)) => (name, Some(value)),
                None => (pair, None),
            };
            if !is_name(name) || !names.insert(name) {
                return None;
            }
            let value = match value {
                None | Some("") => None,
                Some(value) => Some(decode(value)?),
            };
            pairs.push((name.to_owned(), value));
        }
        Some(Self(pairs))
    }

    /// The header again.
    pub fn to_header(&self) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| match value {
                Some(value) => format!("{name} {}", STANDARD.encode(value)),
                None => name.clone(),
            })
            .collect();
        pairs.join(",")
    }

    /// A value that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        value.as_deref().filter(|value| !value.is_empty())
    }

    /// Sets a value where its name stands, else at the end.
    pub fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = Some(value),
            None => self.0.push((name.to_owned(), Some(value))),
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.is_ascii() && !name.contains([' ', ','])
}

/// Base64 with its padding. What is no UTF-8 in it is replaced, as JavaScript does.
fn decode(value: &str) -> Option<String> {
    let unpadded = value.trim_end_matches('=');
    if !value.len().is_multiple_of(4) || value.len() - unpadded.len() > 2 {
        return None;
    }
    let bytes = LENIENT.decode(value).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stand_with_and_without_values() {
        let header = "bucketName YQ==,confidential,objectName Yi9jLnBuZw==";
        let metadata = Metadata::parse(header).unwrap();
        assert_eq!(metadata.get("objectName"), Some("b/c.png"));
        assert_eq!(metadata.get("confidential"), None);
        assert_eq!(metadata.get("other"), None);
        assert_eq!(metadata.to_header(), header);
    }

    /// As many as a header may hold: comparing each with each would take a minute.
    #[test]
    fn of_very_many_names_each_stands_once() {
        let header: Vec<String> = (0..100_000).map(|n| format!("{n:x}")).collect();
        let header = header.join(",");
        assert_eq!(Metadata::parse(&header).unwrap().to_header(), header);
        assert_eq!(Metadata::parse(&format!("{header},0")), None);
    }

    #[test]
    fn what_is_set_takes_its_place_or_the_end() {
        let mut metadata = Metadata::parse("cacheControl MzYwMA==,a YQ==").unwrap();
        metadata.set("cacheControl", "max-age=3600".into());
        metadata.set("b", "b".into());
        assert_eq!(metadata.to_header(), "cacheControl bWF4LWFnZT0zNjAw,a YQ==,b Yg==");
    }

    #[test]
    fn what_breaks_the_rules_is_refused() {
        for bad in [
            "",
            " ",
            ",",
            "a YQ==,",
            "a YQ",
            "a YQ=",
            "a Y===",
            "a ====",
            "a b c",
            "a YQ==,a YQ==",
            " YQ==",
            "ä YQ==",
            "a YQ_=",
            "a  YQ==",
        ] {
            assert_eq!(Metadata::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_refused(header in "\\PC*") {
            if let Some(metadata) = Metadata::parse(&header) {
                prop_assert_eq!(Metadata::parse(&metadata.to_header()), Some(metadata));
            }
        }

        #[test]
        fn values_read_back(values in prop::collection::vec("\\PC{1,20}", 1..5)) {
            let mut metadata = Metadata::default();
            for (at, value) in values.iter().enumerate() {
                metadata.set(&format!("name{at}"), value.clone());
            }
            prop_assert_eq!(Metadata::parse(&metadata.to_header()), Some(metadata));
        }
    }
}
