//! Pictures from an image model: OpenAI-compatible image generations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

use super::{Ai, AiError, dialect};
use crate::http::{Call, Reply};
use crate::media;

/// What a picture is asked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaintRequest {
    /// The words.
    pub prompt: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Passed on to models that take one.
    pub seed: u64,
}

/// A picture as the model sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Painted {
    /// The bytes, unchanged: providers sign what they send.
    pub bytes: Bytes,
    /// By content; providers call JPEG bytes PNG.
    pub media_type: String,
    /// What the provider made of the prompt.
    pub note: Option<String>,
}

/// Bytes of a picture at most, and of the answer around it.
const PICTURE_MAX: usize = 64 << 20;

#[derive(Deserialize)]
struct Images {
    #[serde(default)]
    data: Vec<Image>,
}

#[derive(Deserialize)]
struct Image {
    #[serde(default)]
    b64_json: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    revised_prompt: Option<String>,
}

impl Ai {
    /// Asks for one picture. It may cost money, so it is asked for once: only refusals that came before any work are
    /// repeated.
    ///
    /// # Errors
    /// If the provider fails or refuses, or if what it sends is no picture.
    pub async fn paint(&self, request: &PaintRequest) -> Result<Painted, AiError> {
        let body = dialect::body(&self.provider, request);
        let call = self
            .post("Draw picture", "/images/generations", body)
            // Models that draw and models that write fail apart.
            .endpoint("images")
            .at_most(PICTURE_MAX);
        let reply = self.send(call).await?;
        let images: Images =
            serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(&reply, source))?;
        let exchange = Some(reply.exchange);
        let image = images.data.into_iter().next().ok_or(AiError::NoImage { exchange })?;
        let bytes = match (image.b64_json, image.url) {
            (Some(text), _) if !text.is_empty() => decode(&text, &reply)?,
            (_, Some(url)) => self.fetch(&url, &reply).await?,
            _ => return Err(AiError::NoImage { exchange }),
        };
        let Some(kind) = media::detect(&bytes).filter(|kind| kind.is_picture()) else {
            return Err(AiError::BadJson {
                reason: "what was sent as a picture is none".to_owned(),
                exchange,
            });
        };
        let note = image.revised_prompt.filter(|note| !note.trim().is_empty());
        Ok(Painted {
            bytes,
            media_type: kind.mime().to_owned(),
            note,
        })
    }

    /// Some providers answer with an address instead of bytes; it lives for an hour or less. The key is not sent there.
    async fn fetch(&self, address: &str, reply: &Reply) -> Result<Bytes, AiError> {
        let bad = |reason: &str| AiError::BadJson {
            reason: reason.to_owned(),
            exchange: Some(reply.exchange),
        };
        let url = url::Url::parse(&self.provider.base_url)
            .and_then(|base| base.join(address))
            .map_err(|_| bad("the picture's address cannot be read"))?;
        let same_origin = url::Url::parse(&self.provider.base_url).is_ok_and(|base| base.origin() == url.origin());
        if url.scheme() != "https" && !same_origin {
            return Err(bad("the picture's address is not encrypted"));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let call = Call::new("Fetch picture", host, ::http::Method::GET, url.as_str()).at_most(PICTURE_MAX);
        Ok(self.send(call).await?.body)
    }
}

fn decode(text: &str, reply: &Reply) -> Result<Bytes, AiError> {
    let compact: String = text.split_ascii_whitespace().collect();
    STANDARD
        .decode(compact)
        .map(Bytes::from)
        .map_err(|source| AiError::unreadable(reply, source))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ai::tests::{Script, ai};

    const PIXEL: &str =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    fn request() -> PaintRequest {
        PaintRequest {
            prompt: "a fox".into(),
            width: 1024,
            height: 768,
            seed: 7,
        }
    }

    #[tokio::test]
    async fn decodes_and_names_the_picture_by_its_content() {
        let script = Script::new([(
            200,
            json!({ "data": [{ "b64_json": PIXEL, "revised_prompt": "a red fox" }] }),
        )]);
        let painted = ai(&script).await.paint(&request()).await.unwrap();
        assert_eq!(
            (painted.media_type.as_str(), painted.note.as_deref()),
            ("image/png", Some("a red fox"))
        );
        let sent = &script.sent()[0];
        assert_eq!(sent["size"], "1536x1024");
        assert!(sent.get("seed").is_none() && sent.get("response_format").is_none());
    }

    #[tokio::test]
    async fn an_empty_success_is_no_picture() {
        for body in [json!({ "data": [] }), json!({ "data": [{}] })] {
            let script = Script::new([(200, body)]);
            assert!(matches!(
                ai(&script).await.paint(&request()).await,
                Err(AiError::NoImage { .. })
            ));
        }
        let script = Script::new([(200, json!({ "data": [{ "b64_json": "aGVsbG8=" }] }))]);
        assert!(matches!(
            ai(&script).await.paint(&request()).await,
            Err(AiError::BadJson { .. })
        ));
    }

    #[tokio::test]
    async fn refusals_and_server_trouble_are_not_asked_again() {
        let blocked = json!({ "error": { "message": "blocked", "type": "image_generation_user_error", "code": "moderation_blocked" } });
        for (status, body, refused) in [(400, blocked, true), (500, json!({}), false)] {
            let script = Script::new([(status, body)]);
            let error = ai(&script).await.paint(&request()).await.unwrap_err();
            assert_eq!(matches!(error, AiError::Refused { .. }), refused, "{error}");
            assert_eq!(script.sent().len(), 1);
        }
    }

    #[tokio::test]
    async fn unencrypted_addresses_of_other_hosts_are_not_fetched() {
        let script = Script::new([(200, json!({ "data": [{ "url": "http://192.0.2.1/x.png" }] }))]);
        let error = ai(&script).await.paint(&request()).await.unwrap_err();
        assert!(error.to_string().contains("not encrypted"), "{error}");
    }
}
