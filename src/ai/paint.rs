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
