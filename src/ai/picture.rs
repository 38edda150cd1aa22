//! Finds the picture in an answer, wherever a provider has put it: in base64, as a `data:` URL, or at an address.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use serde_json::Value;

use super::paint::PICTURE_MAX;
use super::{Ai, AiError, PaintRequest, Painted, Stage};
use crate::http::{Call, Reply};
use crate::media;
use crate::workspace::Money;

/// Pictures of less than this are looked at whether they are all black: more bytes are not black.
const SUSPICIOUS: usize = 64 << 10;

/// Where a picture is.
#[derive(Debug, PartialEq)]
enum Place<'a> {
    Base64(&'a str),
    Url(&'a str),
}

impl Ai {
    /// The picture of an answer, with what is said about it.
    pub(super) async fn painted(&self, reply: &Reply, request: &PaintRequest) -> Result<Painted, AiError> {
        let exchange = Some(reply.exchange);
        let body: Value = serde_json::from_slice(&reply.body).map_err(|source| AiError::unreadable(reply, source))?;
        let place = find(&body);
        if place.is_none()
            && let Some(error) = self.within(reply, &body)
        {
            return Err(error);
        }
        if is_flagged(&body) {
            return Err(refused_result(
                "the provider's filter has blacked the picture out",
                reply,
            ));
        }
        let bytes = match place.ok_or(AiError::NoImage { exchange })? {
            Place::Base64(text) => decode(text, reply)?,
            Place::Url(url) => self.fetch(url, reply).await?,
        };
        let painted = self.checked(bytes, reply, request).await?;
        let text = |value: &Value| {
            value
                .as_str()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        Ok(Painted {
            note: text(&body["data"][0]["revised_prompt"]).map(|note| note.chars().take(2_000).collect()),
            seed: body["seed"].as_u64().or_else(|| body["data"][0]["seed"].as_u64()),
            cost: cost(&body),
            model: text(&body["model"]).unwrap_or(painted.model),
            ..painted
        })
    }

    /// Bytes that are said to be a picture, if they are one.
    pub(super) async fn checked(
        &self,
        bytes: Bytes,
        reply: &Reply,
        request: &PaintRequest,
    ) -> Result<Painted, AiError> {
        let Some(kind) = media::detect(&bytes).filter(|kind| kind.is_picture()) else {
            return Err(AiError::BadJson {
                reason: "what was sent as a picture is none".to_owned(),
                exchange: Some(reply.exchange),
            });
        };
        if bytes.len() < SUSPICIOUS && !self.provider.is_built_in() && is_black(bytes.clone()).await {
            return Err(refused_result(
                "the picture is all black, which is how the provider's filter hides one",
                reply,
            ));
        }
        Ok(Painted {
            bytes,
            media_type: kind.mime().to_owned(),
            note: None,
            seed: None,
            cost: None,
            model: self.image_model(request),
        })
    }

    /// Some providers answer with an address instead of bytes; it lives for an hour or less. The key is not sent there.
    async fn fetch(&self, address: &str, reply: &Reply) -> Result<Bytes, AiError> {
        let bad = |reason: &str| AiError::BadJson {
            reason: reason.to_owned(),
            exchange: Some(reply.exchange),
        };
        let base = self.base().ok_or_else(|| bad("the picture's address cannot be read"))?;
        let url = base
            .join(address)
            .map_err(|_| bad("the picture's address cannot be read"))?;
        if url.scheme() != "https" && base.origin() != url.origin() {
            return Err(bad("the picture's address is not encrypted"));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let call = Call::new("Fetch picture", host, ::http::Method::GET, url.as_str());
        let fetched = self.send(self.fetching(call)).await;
        Ok(fetched.map_err(AiError::not_fetched)?.body)
    }
}

/// The first place of a picture in an answer.
fn find(body: &Value) -> Option<Place<'_>> {
    let lists = [&body["data"], &body["images"], &body["output"], &body["artifacts"]];
    let listed = lists.into_iter().flat_map(entries).find_map(entry);
    let in_chat = || {
        let message = &body["choices"][0]["message"];
        let content = entries(&message["content"]).chain(entries(&message["images"]));
        content
            .into_iter()
            .find_map(|part| place(part["image_url"]["url"].as_str()?))
    };
    let in_parts = || {
        let candidates = entries(&body["candidates"]);
        let parts = candidates.flat_map(|candidate| entries(&candidate["content"]["parts"]));
        parts.into_iter().find_map(|part| {
            let data = part["inlineData"]["data"]
                .as_str()
                .or_else(|| part["inline_data"]["data"].as_str());
            match data.filter(|data| !data.is_empty()) {
                Some(data) => Some(Place::Base64(data)),
                None => within_text(part["text"].as_str()?),
            }
        })
    };
    listed.or_else(in_chat).or_else(in_parts)
}

fn entries(value: &Value) -> impl Iterator<Item = &Value> {
    let one = value.as_str().map(|_| value);
    value.as_array().into_iter().flatten().chain(one)
}

fn entry(entry: &Value) -> Option<Place<'_>> {
    if let Some(text) = entry.as_str() {
        return place(text);
    }
    let base64 = ["b64_json", "base64", "image", "b64"]
        .iter()
        .find_map(|name| entry[*name].as_str().and_then(place));
    base64.or_else(|| place(entry["url"].as_str().or_else(|| entry["image_url"]["url"].as_str())?))
}

/// A text that is a picture or the address of one.
fn place(text: &str) -> Option<Place<'_>> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if let Some(data) = text.strip_prefix("data:") {
        return data.split_once(";base64,").map(|(_, data)| Place::Base64(data));
    }
    // Base64 has neither a colon nor a dot; a path begins with a slash, and so does the base64 of a JPEG.
    let is_address = text.contains("://") || text.starts_with('/') && (text.contains('.') || text.len() < 256);
    Some(if is_address {
        Place::Url(text)
    } else {
        Place::Base64(text)
    })
}

/// A picture within words, as a `data:` URL.
fn within_text(text: &str) -> Option<Place<'_>> {
    let at = text.find("data:image/")?;
    let (_, data) = text[at..].split_once(";base64,")?;
    let end = data.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '=' | '-' | '_'));
    Some(Place::Base64(&data[..end.unwrap_or(data.len())]))
}

/// Whether the answer says that its picture was taken away.
fn is_flagged(body: &Value) -> bool {
    let flags = ["has_nsfw_concepts", "nsfw_content_detected", "nsfw"];
    flags.iter().any(|name| {
        let told = |value: &Value| value[*name].as_bool() == Some(true) || value[*name][0].as_bool() == Some(true);
        told(body) || told(&body["data"][0])
    })
}

fn refused_result(words: &str, reply: &Reply) -> AiError {
    AiError::Refused {
        message: words.to_owned(),
        stage: Some(Stage::Output),
        categories: Vec::new(),
        exchange: Some(reply.exchange),
    }
}

fn cost(body: &Value) -> Option<Money> {
    [&body["usage"]["cost"], &body["cost"]]
        .into_iter()
        .find_map(|cost| match cost {
            Value::Number(number) => Money::from_dollars(number.as_f64()?),
            Value::String(text) => Money::parse(text).ok(),
            _ => None,
        })
}

fn decode(text: &str, reply: &Reply) -> Result<Bytes, AiError> {
    if text.len() / 4 * 3 > PICTURE_MAX {
        return Err(AiError::unreadable(reply, "the picture is larger than any picture"));
    }
    // Lines are broken by some, and others use the letters of addresses.
    let compact: String = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => '+',
            b'_' => '/',
            byte => char::from(byte),
        })
        .collect();
    let compact = compact.trim_end_matches('=');
    STANDARD_NO_PAD
        .decode(compact)
        .map(Bytes::from)
        .map_err(|source| AiError::unreadable(reply, source))
}

/// Whether nothing but black is to be seen. What cannot be decoded is no black picture: it is told of where it is used.
async fn is_black(bytes: Bytes) -> bool {
    /// A picture of fewer pixels hides nothing.
    const LEAST: u32 = 64;
    let look = move || {
        let pixels = media::decode(&bytes, &media::Limits::default());
        pixels.is_ok_and(|pixels| pixels.width().min(pixels.height()) >= LEAST && pixels.is_black())
    };
    tokio::task::spawn_blocking(look).await.unwrap_or(false)
}
