//! Where a picture comes from: one record, the same in the journal, in the object's metadata, in a sidecar file and inside
//! our own pictures.
//!
//! What a provider sent is never changed: it may be signed. Only the built-in illustrator writes into its pictures, and only
//! what the picture itself depends on, so that the same words and seed still give the same bytes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{SceneId, StoryId};
use crate::journal::sha256;
use crate::media::{self, Notes};
use crate::workspace::EngineId;

/// The keyword of the record in a PNG.
pub const NOTE_KEYWORD: &str = media::PROVENANCE_KEYWORD;
/// The form of the record that is written here.
pub const VERSION: u32 = 1;
/// Characters of a text that somebody else wrote which are taken.
const TEXT_MAX: usize = 20_000;

/// What is known of a picture. Each field may be missing; wire names are those of the object's metadata.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// The form of the record; None if it is not one of ours.
    #[serde(rename = "v", skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The story it was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub story_id: Option<StoryId>,
    /// The scene it was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene_id: Option<SceneId>,
    /// The scene's place then, counted from 0.
    #[serde(rename = "scene", skip_serializing_if = "Option::is_none")]
    pub scene_index: Option<usize>,
    /// Who made it, as it is shown: "Built-in illustrator (no AI)"; "upload" for what a person brought.
    #[serde(rename = "generator", skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whose server the model is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_host: Option<String>,
    /// SHA-256 of the words, as hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_sha256: Option<String>,
    /// The words themselves: only where somebody wants them told, as anybody may read the metadata of a public object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// SHA-256 of the words for what is not wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_sha256: Option<String>,
    /// The seed that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Pixels across.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Steps of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// The provider's word for quality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
    /// SHA-256 of the pictures that were sent along.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// When it was made, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// This program's version then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// What it cost, in millionths of a US dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<i64>,
    /// SHA-256 of the picture that it was made from, or took the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_sha256: Option<String>,
    /// SHA-256 of its own bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What kind of source it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digital_source_type: Option<DigitalSource>,
    /// What is to be said about rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence_notes: Option<String>,
    /// The name of the file, for what a person brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// What other programs have written into it. Read from the bytes, never stored.
    #[serde(skip)]
    pub foreign: Vec<Foreign>,
    /// Whether its bytes carry a signed manifest (C2PA); None if they were not looked at.
    #[serde(skip)]
    pub is_signed: Option<bool>,
}

/// The kinds of sources a picture of a story can have, out of IPTC's vocabulary, written as its URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum DigitalSource {
    /// Drawn by a program without a trained model: the built-in illustrator.
    Algorithmic,
    /// Drawn by a trained model.
    TrainedAlgorithmic,
    /// A picture of another source, changed by a trained model.
    CompositeWithTrained,
    /// Made by a person with a program.
    HumanEdits,
    /// Taken with a camera.
    Capture,
}

const VOCABULARY: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/";

impl DigitalSource {
    const ALL: [Self; 5] = [
        Self::Algorithmic,
        Self::TrainedAlgorithmic,
        Self::CompositeWithTrained,
        Self::HumanEdits,
        Self::Capture,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Algorithmic => "algorithmicMedia",
            Self::TrainedAlgorithmic => "trainedAlgorithmicMedia",
            Self::CompositeWithTrained => "compositeWithTrainedAlgorithmicMedia",
            Self::HumanEdits => "humanEdits",
            Self::Capture => "digitalCapture",
        }
    }

    /// Its URI.
    #[must_use]
    pub fn uri(self) -> String {
        format!("{VOCABULARY}{}", self.code())
    }

    /// Reads a URI or the word at its end.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().rsplit('/').next()?;
        Self::ALL
            .into_iter()
            .find(|kind| kind.code().eq_ignore_ascii_case(code))
    }

    /// As a person reads it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Algorithmic => "drawn by a program, without AI",
            Self::TrainedAlgorithmic => "made by AI",
            Self::CompositeWithTrained => "changed by AI",
            Self::HumanEdits => "made by a person",
            Self::Capture => "photographed",
        }
    }

    /// Whether readers are to be told that AI was at work.
    #[must_use]
    pub fn is_ai(self) -> bool {
        matches!(self, Self::TrainedAlgorithmic | Self::CompositeWithTrained)
    }
}

impl From<DigitalSource> for String {
    fn from(kind: DigitalSource) -> Self {
        kind.uri()
    }
}

impl TryFrom<String> for DigitalSource {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a digital source type that pictures of stories have")
    }
}

/// What another program has written into a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The program, as far as its key tells.
    pub program: &'static str,
    /// The key.
    pub key: String,
    /// The text, cut where it is very long.
    pub text: String,
}

/// Keys of programs that draw, and the programs.
const FOREIGN: [(&str, &str); 8] = [
    ("parameters", "AUTOMATIC1111, Forge or stable-diffusion.cpp"),
    ("prompt", "ComfyUI"),
    ("workflow", "ComfyUI"),
    ("invokeai_metadata", "InvokeAI"),
    ("invokeai_graph", "InvokeAI"),
    ("sd-metadata", "InvokeAI"),
    ("Dream", "InvokeAI"),
    ("generation_data", "TensorArt"),
];

impl Provenance {
    /// An empty record of the present form, written by this program.
    #[must_use]
    pub fn new() -> Self {
        Self {
            version: Some(VERSION),
            app_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            ..Self::default()
        }
    }

    /// The same with the words, by their hash.
    #[must_use]
    pub fn with_prompt(mut self, prompt: &str) -> Self {
        self.prompt_sha256 = Some(sha256(prompt.as_bytes()));
        self
    }

    /// As it goes into the metadata of an object: without the words, which anybody could read there.
    #[must_use]
    pub fn to_metadata(&self) -> Map<String, Value> {
        let told = Self {
            prompt: None,
            ..self.clone()
        };
        match serde_json::to_value(told) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// As it goes into a file beside the picture, or into the journal.
    #[must_use]
    pub fn to_sidecar(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the metadata of an object, whoever wrote it. A field of another type than it should have is left out, and what it
    /// does not know is passed over.
    #[must_use]
    pub fn from_metadata(metadata: &Map<String, Value>) -> Self {
        let mut record = Self::default();
        for (name, value) in metadata {
            let mut one = Map::new();
            one.insert(name.clone(), value.clone());
            if let Ok(read) = serde_json::from_value::<Self>(Value::Object(one)) {
                record = record.or(read);
            }
        }
        record.cut()
    }

    /// Reads a sidecar, or what the journal kept.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Some(Self::from_metadata(&map)),
            _ => None,
        }
    }

    /// Reads what is written in a picture's own bytes: our record, what other programs wrote, and whether it is signed.
    #[must_use]
    pub fn from_picture(bytes: &[u8]) -> Self {
        let notes = media::notes(bytes);
        let mut record = notes.text(NOTE_KEYWORD).and_then(Self::from_text).unwrap_or_default();
        if record.digital_source_type.is_none() {
            record.digital_source_type = notes.source_type().as_deref().and_then(DigitalSource::parse);
        }
        record.is_signed = Some(notes.is_signed);
        record.foreign = foreign(&notes);
        record
    }

    /// What this record says, and where it says nothing, what the other one does.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            version: self.version.or(other.version),
            story_id: self.story_id.or(other.story_id),
            scene_id: self.scene_id.or(other.scene_id),
            scene_index: self.scene_index.or(other.scene_index),
            engine: self.engine.or(other.engine),
            model: self.model.or(other.model),
            base_host: self.base_host.or(other.base_host),
            prompt_sha256: self.prompt_sha256.or(other.prompt_sha256),
            prompt: self.prompt.or(other.prompt),
            negative_sha256: self.negative_sha256.or(other.negative_sha256),
            seed: self.seed.or(other.seed),
            width: self.width.or(other.width),
            height: self.height.or(other.height),
            steps: self.steps.or(other.steps),
            quality: self.quality.or(other.quality),
            references: if self.references.is_empty() {
                other.references
            } else {
                self.references
            },
            created_at: self.created_at.or(other.created_at),
            operator: self.operator.or(other.operator),
            app_version: self.app_version.or(other.app_version),
            cost_micros: self.cost_micros.or(other.cost_micros),
            parent_sha256: self.parent_sha256.or(other.parent_sha256),
            sha256: self.sha256.or(other.sha256),
            digital_source_type: self.digital_source_type.or(other.digital_source_type),
            licence_notes: self.licence_notes.or(other.licence_notes),
            file_name: self.file_name.or(other.file_name),
            foreign: if self.foreign.is_empty() {
                other.foreign
            } else {
                self.foreign
            },
            is_signed: self.is_signed.or(other.is_signed),
        }
    }

    /// What kind of source it has: as the record says, else as the name of the engine tells.
    #[must_use]
    pub fn source(&self) -> Option<DigitalSource> {
        self.digital_source_type.or_else(|| {
            let engine = self.engine.as_deref()?;
            match engine {
                "upload" => None,
                _ if engine.contains("(no AI)") || engine.eq_ignore_ascii_case(EngineId::BUILT_IN) => {
                    Some(DigitalSource::Algorithmic)
                }
                _ => Some(DigitalSource::TrainedAlgorithmic),
            }
        })
    }

    /// Texts that others wrote are not endless.
    fn cut(mut self) -> Self {
        for text in [
            &mut self.engine,
            &mut self.model,
            &mut self.base_host,
            &mut self.prompt,
            &mut self.quality,
            &mut self.operator,
            &mut self.licence_notes,
            &mut self.file_name,
        ]
        .into_iter()
        .flatten()
        {
            cut(text);
        }
        self.references.truncate(64);
        self
    }
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(TEXT_MAX) {
        text.truncate(end);
    }
}

fn foreign(notes: &Notes) -> Vec<Foreign> {
    let known = |key: &str| {
        FOREIGN
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, program)| *program)
    };
    let found = notes.texts.iter().filter_map(|(key, text)| {
        let program = known(key)?;
        let mut text = text.clone();
        cut(&mut text);
        Some(Foreign {
            program,
            key: key.clone(),
            text,
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests;
