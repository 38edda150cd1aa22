//! The models that a provider offers, as far as it lists them. Listing costs nothing, so it is also the test of a
//! connection.

use std::collections::HashSet;

use ::http::Method;
use serde::Serialize;
use serde_json::Value;

use super::dialect::gemini;
use super::{Ai, AiError};
use crate::http::Call;
use crate::workspace::{Dialect, Money};

/// The most models that are read; no list is longer that anybody chooses from.
const MOST: usize = 2_000;

/// A model of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelInfo {
    /// By which it is asked for.
    pub id: String,
    /// Whether it draws, if the provider says.
    pub draws: Option<bool>,
    /// Whether it writes, if the provider says.
    pub writes: Option<bool>,
    /// What a picture of it costs, if the provider says.
    pub price: Option<Money>,
}

impl ModelInfo {
    fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            draws: None,
            writes: None,
            price: None,
        }
    }

    /// Whether that name means it. Some providers put the kind before a model's name: "models/…".
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        let bare = |name: &str| {
            name.strip_prefix("models/")
                .map_or_else(|| name.to_owned(), str::to_owned)
        };
        bare(&self.id) == bare(name) || self.id.ends_with(&format!("/{name}"))
    }
}

impl Ai {
    /// The models that the provider offers.
    ///
    /// # Errors
    /// If the provider cannot be reached or refuses the key.
    pub async fn models(&self) -> Result<Vec<ModelInfo>, AiError> {
        // A list costs nothing, whatever becomes of it.
        self.list_models().await.map_err(AiError::before_work)
    }

    async fn list_models(&self) -> Result<Vec<ModelInfo>, AiError> {
        let mut models = match self.provider.dialect {
            Dialect::BuiltIn | Dialect::OpenAi | Dialect::OpenaiLoose | Dialect::Together => {
                let listed = self.listed(self.call(Method::GET, "/models")?).await?;
                rows(&listed).filter_map(usual).collect()
            }
            Dialect::OpenRouter => self.of_openrouter().await?,
            Dialect::Gemini => {
                let listed = self
                    .listed(gemini::native(self, Method::GET, "/models?pageSize=1000")?)
                    .await?;
                rows(&listed).filter_map(of_google).collect()
            }
            Dialect::Sdapi => {
                let listed = self.listed(self.at_root(Method::GET, "/sdapi/v1/sd-models")?).await?;
                rows(&listed)
                    .filter_map(|row| drawing(row["title"].as_str().or_else(|| row["model_name"].as_str())?))
                    .collect()
            }
            Dialect::Comfy => {
                let call = self.at_root(Method::GET, "/object_info/CheckpointLoaderSimple")?;
                let listed = self.listed(call).await?;
                let names = &listed["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0];
                rows(names)
                    .filter_map(|name| drawing(name.as_str()?))
                    .collect::<Vec<_>>()
            }
        };
        let mut seen = HashSet::new();
        models.retain(|model| seen.insert(model.id.clone()));
        models.truncate(MOST);
        Ok(models)
    }

    async fn listed(&self, call: Call) -> Result<Value, AiError> {
        /// OpenRouter's list has some hundred thousand bytes.
        const LARGEST: usize = 16 << 20;
        let reply = self
            .send(call.doing("List models").endpoint("models").at_most(LARGEST))
            .await?;
        let listed: Value =
            serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(&reply, source))?;
        match self.within(&reply, &listed) {
            Some(error) if rows(&listed).next().is_none() => Err(error),
            _ => Ok(listed),
        }
    }

    /// Models that write and models that draw are two lists; the price of a picture is told a model at a time, so it is
    /// asked for the one that is used.
    async fn of_openrouter(&self) -> Result<Vec<ModelInfo>, AiError> {
        let listed = self.listed(self.call(Method::GET, "/images/models")?).await?;
        let mut models: Vec<ModelInfo> = rows(&listed)
            .filter_map(|row| {
                let id = row["id"].as_str()?;
                Some(ModelInfo {
                    draws: Some(true),
                    price: price(&row["pricing"]),
                    ..ModelInfo::named(id)
                })
            })
            .collect();
        let used = models.iter_mut().find(|model| model.id == self.provider.image_model);
        if let Some(model) = used.filter(|model| model.price.is_none()) {
            let path = format!("/images/models/{}/endpoints", model.id);
            // A price that cannot be had is none; the list is what was asked for.
            let endpoints = self.listed(self.call(Method::GET, &path)?).await.unwrap_or_default();
            let all = rows(&endpoints["data"]["endpoints"])
                .chain(rows(&endpoints["endpoints"]))
                .chain(rows(&endpoints));
            model.price = all.filter_map(|endpoint| price(&endpoint["pricing"])).max();
        }
        let writing = self.listed(self.call(Method::GET, "/models")?).await?;
        models.extend(
            rows(&writing)
                .filter_map(usual)
                .filter(|model| model.draws != Some(true)),
        );
        Ok(models)
    }
}

/// The entries of a list, however it is wrapped.
fn rows(listed: &Value) -> impl Iterator<Item = &Value> {
    let list = [listed, &listed["data"], &listed["models"]]
        .into_iter()
        .find_map(Value::as_array);
    list.into_iter().flatten()
}

/// An entry as OpenAI has it, with what others add: a type, what comes out, what it can do.
fn usual(row: &Value) -> Option<ModelInfo> {
    let id = row["id"].as_str().or_else(|| row["name"].as_str())?;
    let kind = row["type"].as_str();
    let out = row["architecture"]["output_modalities"].as_array();
    let gives = |what: &str| out.map(|out| out.iter().any(|it| it.as_str() == Some(what)));
    let (draws, writes) = match kind {
        Some("image") => (Some(true), Some(false)),
        Some("chat" | "language" | "code") => (Some(false), Some(true)),
        Some("embedding" | "rerank" | "moderation" | "audio" | "transcribe" | "video") => (Some(false), Some(false)),
        _ => (gives("image"), gives("text")),
    };
    Some(ModelInfo {
        id: id.to_owned(),
        draws,
        writes,
        price: None,
    })
}

fn of_google(row: &Value) -> Option<ModelInfo> {
    let id = row["name"].as_str()?.trim_start_matches("models/");
    let methods = row["supportedGenerationMethods"].as_array();
    let generates = methods.is_none_or(|all| all.iter().any(|it| it.as_str() == Some("generateContent")));
    // What comes out is told by the name only.
    let draws = generates && id.contains("image");
    Some(ModelInfo {
        draws: Some(draws),
        writes: Some(generates && !draws),
        ..ModelInfo::named(id)
    })
}

fn drawing(name: &str) -> Option<ModelInfo> {
    let model = ModelInfo {
        draws: Some(true),
        writes: Some(false),
        ..ModelInfo::named(name)
    };
    (!name.is_empty()).then_some(model)
}

/// What one picture costs by a table of prices; none if it is charged by pixels or tokens.
fn price(pricing: &Value) -> Option<Money> {
    let row = rows(pricing)
        .find(|row| row["billable"].as_str() == Some("output_image") && row["unit"].as_str() == Some("image"))?;
    match &row["cost_usd"] {
        Value::Number(number) => Money::from_dollars(number.as_f64()?),
        Value::String(text) => Money::parse(text).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_of_a_list_is_read() {
        let ids = |listed: Value| {
            rows(&listed)
                .filter_map(usual)
                .map(|model| model.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            ids(json!({ "data": [{ "id": "a" }, { "no": 1 }, 7, { "id": "b" }] })),
            ["a", "b"]
        );
        assert_eq!(ids(json!([{ "id": "a", "type": "image" }])), ["a"]);
        assert_eq!(ids(json!({ "models": [{ "name": "a" }] })), ["a"]);
        assert_eq!(ids(json!("nothing")), [""; 0]);
    }

    #[test]
    fn what_a_model_does_is_told_where_the_provider_says_it() {
        let image = usual(&json!({ "id": "f", "type": "image" })).unwrap();
        assert_eq!((image.draws, image.writes), (Some(true), Some(false)));
        let both = usual(&json!({ "id": "g", "architecture": { "output_modalities": ["text", "image"] } })).unwrap();
        assert_eq!((both.draws, both.writes), (Some(true), Some(true)));
        let silent = usual(&json!({ "id": "h" })).unwrap();
        assert_eq!((silent.draws, silent.writes), (None, None));
        let google = of_google(
            &json!({ "name": "models/gemini-3-pro-image", "supportedGenerationMethods": ["generateContent"] }),
        )
        .unwrap();
        assert_eq!((google.id.as_str(), google.draws), ("gemini-3-pro-image", Some(true)));
        assert!(google.is("models/gemini-3-pro-image") && google.is("gemini-3-pro-image") && !google.is("image"));
    }

    #[test]
    fn a_price_is_that_of_a_picture_or_none() {
        let row = |unit: &str, cost: Value| json!([{ "billable": "output_image", "unit": unit, "cost_usd": cost }]);
        assert_eq!(price(&row("image", json!(0.039))), Some(Money::from_micros(39_000)));
        assert_eq!(price(&row("image", json!("0.04"))), Some(Money::from_micros(40_000)));
        assert_eq!(price(&row("megapixel", json!(0.03))), None);
        assert_eq!(price(&json!(null)), None);
    }
}
