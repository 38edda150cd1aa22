//! What is wrong with the fields of the fold.

use super::{ProviderErrors, State, form};
use crate::workspace::TableName;

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
    /// Of each provider.
    pub providers: Vec<ProviderErrors>,
}

impl AdvancedErrors {
    pub(super) fn first(&self) -> Option<&String> {
        let all = [&self.bucket, &self.key_template, &self.stories, &self.scenes];
        let providers = self.providers.iter().find_map(ProviderErrors::first);
        all.into_iter().flatten().next().or(providers)
    }
}

impl State {
    /// What is wrong in the fold.
    #[must_use]
    pub fn advanced_errors(&self) -> AdvancedErrors {
        let fields = &self.form.advanced;
        let table = |text: &str| {
            TableName::parse(text)
                .err()
                .map(|error| form::sentence(&error.to_string()))
        };
        AdvancedErrors {
            bucket: crate::supabase::BucketName::parse(&fields.bucket)
                .err()
                .map(|error| form::sentence(&error.to_string())),
            key_template: (!fields.key_template.contains("{uuid}"))
                .then(|| "Needs {uuid}, or a picture would replace another".to_owned()),
            stories: table(&fields.stories),
            scenes: table(&fields.scenes),
            providers: self.form.providers.errors(),
        }
    }
}
