//! Does the AI provider answer, and does it have the models that are named?

use super::{Found, counted};
use crate::ai::{Ai, AiError};
use crate::http::{Http, Secret};
use crate::service::problems::sentence;
use crate::workspace::{Provider, ProviderProfile};

/// Asks for the list of models, which costs nothing.
pub(super) async fn models(profile: &ProviderProfile, key: Option<Secret>, http: &Http) -> (Found, Option<()>) {
    let provider = Provider::of_profile(profile, key);
    let found = match Ai::new(http.clone(), provider).models().await {
        Ok(models) => {
            let known = |name: &str| {
                // Some providers put the kind before a model's name: "models/…".
                models
                    .iter()
                    .any(|model| model == name || model.ends_with(&format!("/{name}")))
            };
            let strange: Vec<&str> = [profile.text_model.as_str(), profile.image_model.as_str()]
                .into_iter()
                .filter(|name| !known(name))
                .collect();
            let words = counted(models.len() as u64, "model");
            match strange.as_slice() {
                [] => Found::ok(words),
                names => Found::warning(
                    format!("{words}; not among them: {}", names.join(", ")),
                    "The list may be of text models only. If a story fails with it, choose another model.",
                ),
            }
        }
        Err(AiError::Auth { .. }) => Found::failed("The key is not accepted", "Check the provider's key."),
        Err(error) => Found::failed(sentence(&error.to_string()), error.hint()),
    };
    (found, None)
}
