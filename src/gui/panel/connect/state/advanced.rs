//! What is wrong with the fields of the fold.

use std::num::NonZeroU32;

use super::{State, form};
use crate::workspace::{BaseUrl, TableName};

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
    pub(super) fn first(&self) -> Option<&String> {
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
}
