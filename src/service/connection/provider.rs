//! Do the AI providers answer, and do they have the models that are named?

use super::{CheckState, Found, counted};
use crate::ai::{Ai, AiError};
use crate::http::Http;
use crate::service::problems::sentence;
use crate::workspace::{Provider, ProviderProfile, ProviderSecrets};

/// Asks each of them, and tells of the worst.
pub(super) async fn all(providers: &[(ProviderProfile, ProviderSecrets)], http: &Http) -> (Found, Option<()>) {
    let mut found = Vec::new();
    for (profile, secrets) in providers {
        found.push((profile.name.as_str(), models(profile, secrets.clone(), http).await));
    }
    if let [(_, only)] = &mut found[..] {
        return (std::mem::replace(only, Found::skipped("")), None);
    }
    let bad = |state: CheckState| found.iter().position(|(_, found)| found.state == state);
    let words = match bad(CheckState::Failed).or_else(|| bad(CheckState::Warning)) {
        Some(at) => {
            let (name, worst) = found.swap_remove(at);
            Found {
                words: format!("{name}: {}", worst.words),
                ..worst
            }
        }
        None => {
            let each = found.iter().map(|(name, found)| format!("{name}: {}", found.words));
            Found::ok(each.collect::<Vec<_>>().join(" · "))
        }
    };
    (words, None)
}

/// Asks for the list of models, which costs nothing.
async fn models(profile: &ProviderProfile, secrets: ProviderSecrets, http: &Http) -> Found {
    let provider = Provider::of_profile(profile, secrets);
    match Ai::new(http.clone(), provider).models().await {
        Ok(models) => {
            // Some providers put the kind before a model's name: "models/…".
            let known = |name: &str| models.iter().any(|model| model.is(name));
            let strange: Vec<&str> = [profile.text_model.as_str(), profile.image_model.as_str()]
                .into_iter()
                .filter(|name| !name.is_empty() && !known(name))
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
    }
}
