//! Words to a picture: asks an image model, and takes the picture out of whatever it answers.

use ::http::Method;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use image::ImageFormat;
use serde_json::Value;
use url::Url;

use super::client::{Ai, Answer};
use super::dialect;
use super::error::{AiError, Asked};

/// Base64 with or without padding; services differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes a picture may have.
const LARGEST: usize = 32 << 20;

/// What the picture is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaintRequest {
    /// What it shows.
    pub prompt: String,
    /// Its width in pixels; the service may only have sizes near it.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The same number gives the same picture again, where the service takes one.
    pub seed: Option<u64>,
}

/// A picture as the model made it. The bytes are untouched: they may carry a mark of their origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Painted {
    /// The file.
    pub bytes: Bytes,
    /// What the bytes are, whatever the service says: `image/png`, `image/jpeg`, `image/webp` or `image/gif`.
    pub media_type: &'static str,
    /// The model.
    pub model: String,
    /// The words that the service made of the prompt, or what else it wants known.
    pub note: Option<String>,
}

impl Ai {
    /// Asks the image model for a picture.
    ///
    /// # Errors
    /// As [`AiError`] says. A success without a picture is [`AiError::NoImage`]; a picture that was made but could not
    /// be fetched is [`AiError::Ambiguous`], for making it again costs again.
    pub async fn paint(&self, request: &PaintRequest) -> Result<Painted, AiError> {
        let asked = self.asked("Paint picture", true);
        let model = self.provider().image_model.trim();
        if model.is_empty() {
            let said = asked.said("no image model is chosen for this provider");
            return Err(AiError::BadRequest {
                param: Some("model".to_owned()),
                said,
            });
        }
        let (path, body) = dialect::image_request(self.provider().dialect, model, request);
        let call = self.call(asked, model, Method::POST, path)?.json(body);
        let answer = self.send(asked, call).await?;
        let image = answer.body.pointer("/data/0").unwrap_or(&Value::Null);
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let bytes = match (text(image, "b64_json"), text(image, "url")) {
            (Some(encoded), _) if !encoded.is_empty() => decode(asked, &answer, &encoded)?,
            (_, Some(url)) if !url.is_empty() => self.fetch(asked, &answer, &url).await?,
            _ => {
                return Err(AiError::NoImage(
                    asked.of(&answer.reply, "the answer has no picture in it"),
                ));
            }
        };
        let Some(media_type) = media_type(&bytes) else {
            let why = format!(
                "what it sent ({} bytes) is not a PNG, JPEG, WebP or GIF picture",
                bytes.len()
            );
            return Err(AiError::NoImage(asked.of(&answer.reply, &why)));
        };
        Ok(Painted {
            bytes,
            media_type,
            model: text(&answer.body, "model").unwrap_or_else(|| model.to_owned()),
            note: text(image, "revised_prompt")
                .or_else(|| text(&answer.body, "note"))
                .filter(|note| !note.is_empty()),
        })
    }

    /// Gets a picture that the service keeps for us: from its own address, or by https, never with the key elsewhere.
    async fn fetch(&self, asked: Asked<'_>, answer: &Answer, url: &str) -> Result<Bytes, AiError> {
        if let Some((_, encoded)) = url.strip_prefix("data:").and_then(|data| data.split_once(";base64,")) {
            return decode(asked, answer, encoded);
        }
        let no_image = |why: &str| AiError::NoImage(asked.of(&answer.reply, why));
        let base =
            Url::parse(self.provider().base_url.trim()).map_err(|_| no_image("the provider's address is none"))?;
        let target = base
            .join(url)
            .map_err(|_| no_image("the picture's address is not a web address"))?;
        let own = target.origin() == base.origin();
        if !own && target.scheme() != "https" {
            return Err(no_image(
                "the picture's address is neither encrypted nor the provider's own",
            ));
        }
        let mut call = self
            .bare_call(asked, "", Method::GET, target.to_string())
            .at_most(LARGEST);
        if let Some(key) = self.provider().key.as_ref().filter(|_| own) {
            call = call.secret_header("authorization", "Bearer ", key);
        }
        match self.send_raw(asked, call).await {
            Ok(reply) => Ok(reply.body),
            Err(AiError::Cancelled(said)) => Err(AiError::Cancelled(said)),
            Err(error) => {
                let mut said = asked.said(format!(
                    "the picture was made, but cannot be fetched: {}",
                    error.said().message
                ));
                said.exchange = error.said().exchange;
                Err(AiError::Ambiguous(said))
            }
        }
    }
}

fn decode(asked: Asked<'_>, answer: &Answer, encoded: &str) -> Result<Bytes, AiError> {
    // Some send a data URL in the place of bare base64, some break lines.
    let encoded = encoded.rsplit_once(";base64,").map_or(encoded, |(_, encoded)| encoded);
    let compact: String;
    let encoded = if encoded.contains(char::is_whitespace) {
        compact = encoded.split_whitespace().collect();
        &compact
    } else {
        encoded
    };
    BASE64
        .decode(encoded)
        .map(Bytes::from)
        .map_err(|error| AiError::NoImage(asked.of(&answer.reply, &format!("its picture is not base64: {error}"))))
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match image::guess_format(bytes).ok()? {
        format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif) => {
            Some(format.to_mime_type())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use serde_json::json;

    use super::super::testing::{KEY, answer, error, provider};
    use super::*;

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 and so on";

    fn request() -> PaintRequest {
        PaintRequest {
            prompt: "a fox".into(),
            width: 1024,
            height: 768,
            seed: Some(7),
        }
    }

    #[tokio::test]
    async fn believes_the_bytes_about_what_they_are() {
        for encoded in [
            STANDARD.encode(JPEG),
            STANDARD_NO_PAD.encode(JPEG),
            format!("data:image/png;base64,{}", STANDARD.encode(JPEG)),
            STANDARD.encode(JPEG).replace('A', "A\n"),
        ] {
            let body = json!({"data": [{"b64_json": encoded, "revised_prompt": "a red fox"}], "output_format": "png"});
            let (ai, seen) = provider(move |_, _| answer(200, &body)).await;
            let painted = ai.paint(&request()).await.unwrap();
            assert_eq!((&painted.bytes[..], painted.media_type), (JPEG, "image/jpeg"));
            assert_eq!(
                (painted.model.as_str(), painted.note.as_deref()),
                ("painter-1", Some("a red fox"))
            );
            assert_eq!(seen.lock().unwrap()[0].0, "/v1/images/generations");
        }
    }

    #[tokio::test]
    async fn a_success_without_a_picture_is_an_error() {
        for body in [
            json!({"data": []}),
            json!({}),
            json!([]),
            json!({"data": [{"b64_json": ""}]}),
            json!({"data": [{"b64_json": "%%%"}]}),
            json!({"data": [{"b64_json": STANDARD.encode("<svg/>")}]}),
            json!({"data": [{"url": "http://elsewhere.example/x.png"}]}),
            json!({"data": [{"url": "file:///etc/passwd"}]}),
        ] {
            let shown = body.to_string();
            let (ai, seen) = provider(move |_, _| answer(200, &body)).await;
            assert!(
                matches!(ai.paint(&request()).await.unwrap_err(), AiError::NoImage(_)),
                "{shown}"
            );
            assert_eq!(seen.lock().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn fetches_a_picture_from_the_providers_own_address() {
        use axum::response::IntoResponse as _;
        for url in ["/files/x.jpg", "data:image/png;base64,/9j/4AAQSkZJRg=="] {
            let body = json!({"data": [{"url": url}]});
            let (ai, seen) = provider(move |number, _| {
                if number == 0 {
                    answer(200, &body)
                } else {
                    JPEG.into_response()
                }
            })
            .await;
            assert_eq!(ai.paint(&request()).await.unwrap().media_type, "image/jpeg");
            if let Some((path, key, _)) = seen.lock().unwrap().get(1) {
                assert_eq!(
                    (path.as_str(), key.as_deref()),
                    ("/files/x.jpg", Some(format!("Bearer {KEY}").as_str()))
                );
            }
        }
        // Made and paid for, but lost: making it again would be paid for again.
        let (ai, _) = provider(|number, _| {
            if number == 0 {
                answer(200, &json!({"data": [{"url": "/x"}]}))
            } else {
                error(404, "", "")
            }
        })
        .await;
        assert!(matches!(ai.paint(&request()).await.unwrap_err(), AiError::Ambiguous(_)));
    }

    #[tokio::test]
    async fn a_refusal_says_what_for() {
        let body = json!({"error": {"type": "image_generation_user_error", "code": "moderation_blocked", "message": "blocked",
            "moderation_details": {"moderation_stage": "input", "categories": ["violence"]}}});
        let (ai, seen) = provider(move |_, _| answer(400, &body)).await;
        let AiError::Refused {
            stage,
            categories,
            said,
        } = ai.paint(&request()).await.unwrap_err()
        else {
            panic!()
        };
        assert_eq!(
            (stage.as_deref(), categories.as_slice()),
            (Some("input"), &["violence".to_owned()][..])
        );
        assert_eq!(
            (said.code.as_deref(), seen.lock().unwrap().len()),
            (Some("moderation_blocked"), 1)
        );
    }
}
