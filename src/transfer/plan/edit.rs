//! Objects whose headers and metadata are edited, planned: which, and for which of them nothing would change.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::check::is_header;
use super::keys::{Hit, reachable};
use super::request::counted;
use super::{Action, KeySource, Kind, Place, Plan, PlanError, PlanItem, Planner, Rules};
use crate::supabase::{BucketName, UPLOAD_MARK};

/// Keys of the metadata that this program needs: by which upload an object was made, and the hash of its bytes. No edit
/// touches them.
pub const UNTOUCHED: [&str; 2] = [UPLOAD_MARK, "sha256"];

/// Bytes of all metadata, as JSON: what goes into one header on its way, with room for what proxies take besides.
const METADATA_MAX: usize = 4_096;

/// What is changed of an object without sending its bytes. What is None stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeaderEdit {
    /// The media type that readers are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How long readers may keep it: `max-age=3600`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// What is kept beside the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataEdit>,
}

/// What is changed of what is kept beside an object's bytes. [`UNTOUCHED`] stays in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetadataEdit {
    /// Whether all that is not set here goes.
    pub replace: bool,
    /// What is set.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// What goes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<String>,
}

impl HeaderEdit {
    /// Whether it changes nothing of any object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let nothing = MetadataEdit::default();
        self.content_type.is_none()
            && self.cache_control.is_none()
            && self.metadata.as_ref().is_none_or(|metadata| *metadata == nothing)
    }

    /// Whether it can be sent.
    ///
    /// # Errors
    /// Why not, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.is_empty() {
            return Err("There is nothing to change.".to_owned());
        }
        if let Some(content_type) = &self.content_type {
            check_type(content_type)?;
        }
        if let Some(cache_control) = &self.cache_control {
            check_caching(cache_control)?;
        }
        self.metadata.as_ref().map_or(Ok(()), MetadataEdit::check)
    }

    /// In words: "type image/webp, cache control no-cache, metadata +owner −draft".
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = Vec::new();
        if let Some(content_type) = &self.content_type {
            words.push(format!("type {content_type}"));
        }
        if let Some(cache_control) = &self.cache_control {
            words.push(format!("cache control {cache_control}"));
        }
        if let Some(metadata) = self
            .metadata
            .as_ref()
            .filter(|metadata| **metadata != MetadataEdit::default())
        {
            let set = metadata.set.keys().map(|key| format!("+{key}"));
            let unset = metadata.unset.iter().map(|key| format!("−{key}"));
            let mut all: Vec<String> = set.chain(unset).collect();
            if metadata.replace {
                all.push("and no other".to_owned());
            }
            words.push(format!("metadata {}", all.join(" ")));
        }
        words.join(", ")
    }
}

impl MetadataEdit {
    /// What is kept beside an object after the edit.
    #[must_use]
    pub fn applied_to(&self, before: &Map<String, Value>) -> Map<String, Value> {
        let stays =
            |key: &str| UNTOUCHED.contains(&key) || !(self.replace || self.unset.iter().any(|gone| gone == key));
        let kept = before.iter().filter(|(key, _)| stays(key));
        let mut after: Map<String, Value> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
        for (key, value) in &self.set {
            if !UNTOUCHED.contains(&key.as_str()) {
                after.insert(key.clone(), value.clone());
            }
        }
        after
    }

    fn check(&self) -> Result<(), String> {
        for key in self.set.keys().chain(&self.unset) {
            if key.trim().is_empty() || key.len() > 256 || key.chars().any(char::is_control) {
                return Err("A name in the metadata is empty, too long, or has control characters.".to_owned());
            }
            if UNTOUCHED.contains(&key.as_str()) {
                return Err(format!(
                    "“{key}” in the metadata is kept by this program and cannot be changed."
                ));
            }
        }
        if let Some(twice) = self.unset.iter().find(|key| self.set.contains_key(*key)) {
            return Err(format!("“{twice}” is to be set and to be removed."));
        }
        if serde_json::to_string(&self.set).map_or(0, |text| text.len()) > METADATA_MAX {
            return Err(format!("The metadata has more than {METADATA_MAX} bytes."));
        }
        Ok(())
    }
}

/// A type as it is served: `type/sub`, perhaps with parameters.
fn check_type(text: &str) -> Result<(), String> {
    let bare = text.split(';').next().unwrap_or_default().trim();
    let token = |part: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
        !part.is_empty() && part.chars().all(fits)
    };
    match bare.split_once('/') {
        Some((family, sub)) if token(family) && token(sub) && is_header(text) => Ok(()),
        _ => Err(format!(
            "“{}” is no media type; write it as image/png.",
            text.escape_debug()
        )),
    }
}

fn check_caching(text: &str) -> Result<(), String> {
    if text.trim().is_empty() || !is_header(text) {
        return Err(format!(
            "“{}” is no cache control; write it as max-age=3600 or no-cache.",
            text.escape_debug()
        ));
    }
    // The server would take it, and no reader would understand it.
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("“{text}” alone says nothing to readers; write max-age={text}."));
    }
    Ok(())
}

/// Which objects are to be edited, and how.
#[derive(Clone, Debug)]
pub struct EditOrder {
    /// Which objects.
    pub sources: Vec<KeySource>,
    /// Of which bucket.
    pub bucket: BucketName,
    /// What is changed of each.
    pub edit: HeaderEdit,
}

impl Planner<'_> {
    /// Plans an edit of headers and metadata.
    ///
    /// # Errors
    /// If the edit cannot be made of any object, nothing was found of something that was named, the bucket is not there or
    /// does not take the new type, or it was stopped.
    pub async fn edit(&self, order: &EditOrder) -> Result<Plan, PlanError> {
        order.edit.check().map_err(PlanError::Edit)?;
        let (facts, objects) = self.bucket(&order.bucket).await?;
        if let Some(content_type) = &order.edit.content_type {
            facts
                .takes(Some(content_type), None)
                .map_err(|(_, why)| PlanError::Edit(format!("{why}.")))?;
        }
        let hits = self.hits(&objects, &order.sources).await?;
        let items: Vec<PlanItem> = hits.into_iter().map(|hit| row(hit, order)).collect();
        let title = format!(
            "Edit {} of {}: {}",
            counted(items.len(), "object"),
            order.bucket,
            order.edit.words()
        );
        let rules = Rules {
            edit: Some(order.edit.clone()),
            ..Rules::default()
        };
        Ok(self.plan(Kind::Edit, title, &rules, items, Vec::new()))
    }
}

fn row(hit: Hit, order: &EditOrder) -> PlanItem {
    let refused = reachable(&hit.key).err();
    // The listing does not tell what is kept beside the bytes.
    let headers_alone = order.edit.metadata.is_none();
    let same = |asked: &Option<String>, now: &Option<String>| asked.is_none() || asked == now;
    let is_same = headers_alone
        && same(&order.edit.content_type, &hit.stored.content_type)
        && same(&order.edit.cache_control, &hit.stored.cache_control);
    let (action, why) = match refused {
        Some(why) => (Action::Refuse, why),
        None if is_same => (Action::Identical, "It is served so already.".to_owned()),
        None => (Action::New, String::new()),
    };
    PlanItem {
        from: Place::object(order.bucket.as_str(), hit.key),
        to: None,
        action,
        why,
        media_type: hit.stored.content_type.clone(),
        size: hit.stored.size,
        dimensions: None,
        seen: hit.stored.seen(),
        replaces: None,
        renamed_from: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn metadata(replace: bool, set: &Value, unset: &[&str]) -> MetadataEdit {
        MetadataEdit {
            replace,
            set: map(set),
            unset: unset.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn what_is_not_named_stays_and_what_the_program_needs_always_does() {
        let before = map(&json!({"a": 1, "b": "2", "sha256": "f", UPLOAD_MARK: "m"}));
        let after = metadata(false, &json!({"c": [3]}), &["a"]).applied_to(&before);
        assert_eq!(
            after,
            map(&json!({"b": "2", "c": [3], "sha256": "f", UPLOAD_MARK: "m"}))
        );
        let after = metadata(true, &json!({"c": null}), &[]).applied_to(&before);
        assert_eq!(after, map(&json!({"c": null, "sha256": "f", UPLOAD_MARK: "m"})));
        let after = metadata(true, &json!({"sha256": "forged"}), &[]).applied_to(&before);
        assert_eq!(after, map(&json!({"sha256": "f", UPLOAD_MARK: "m"})));
        assert_eq!(metadata(false, &json!({"b": "2"}), &["x"]).applied_to(&before), before);
    }

    #[test]
    fn edits_that_cannot_be_sent_are_refused() {
        let of = |content_type: Option<&str>, cache_control: Option<&str>, metadata: Option<MetadataEdit>| HeaderEdit {
            content_type: content_type.map(str::to_owned),
            cache_control: cache_control.map(str::to_owned),
            metadata,
        };
        for bad in [
            of(None, None, None),
            of(None, None, Some(MetadataEdit::default())),
            of(Some("image"), None, None),
            of(Some("image/*"), None, None),
            of(Some("image/png\r\nx: y"), None, None),
            of(None, Some(""), None),
            of(None, Some("3600"), None),
            of(None, Some("max-age=ö"), None),
            of(None, None, Some(metadata(false, &json!({"sha256": "0"}), &[]))),
            of(None, None, Some(metadata(false, &json!({}), &[UPLOAD_MARK]))),
            of(None, None, Some(metadata(false, &json!({"a": 1}), &["a"]))),
            of(None, None, Some(metadata(false, &json!({" ": 1}), &[]))),
            of(
                None,
                None,
                Some(metadata(false, &json!({"a": "x".repeat(METADATA_MAX)}), &[])),
            ),
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        for good in [
            of(Some("text/plain; charset=utf-8"), None, None),
            of(None, Some("public, max-age=31536000, immutable"), None),
            of(None, None, Some(metadata(true, &json!({}), &[]))),
        ] {
            assert_eq!(good.check(), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn an_edit_in_words_says_all_of_it() {
        let edit = HeaderEdit {
            content_type: Some("image/webp".to_owned()),
            cache_control: Some("no-cache".to_owned()),
            metadata: Some(metadata(true, &json!({"owner": "m"}), &[])),
        };
        assert_eq!(
            edit.words(),
            "type image/webp, cache control no-cache, metadata +owner and no other"
        );
        let text = serde_json::to_string(&edit).unwrap();
        assert_eq!(serde_json::from_str::<HeaderEdit>(&text).unwrap(), edit);
    }
}
