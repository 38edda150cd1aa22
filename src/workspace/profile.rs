//! What is remembered of a workspace between starts. Never a secret: those are in the [`super::Vault`].

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::provider_profile::{ProviderProfile, one_or_many};
use super::{DEFAULT_BUCKET, DEFAULT_KEY_TEMPLATE, ProjectUrl};

/// A workspace as it is written to disk and shared as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its name for files and commands; stays when the shown name changes.
    pub id: ProfileId,
    /// The name shown.
    pub name: String,
    /// The mark that tells it from others at a glance.
    #[serde(default)]
    pub colour: Colour,
    /// Where the project is.
    pub url: ProjectUrl,
    /// How one gets in.
    #[serde(default)]
    pub access: Access,
    /// The bucket that pictures of scenes go to.
    #[serde(default = "default_bucket")]
    pub bucket: String,
    /// How a picture's object is named.
    #[serde(default = "default_key_template")]
    pub key_template: String,
    /// Where stories and scenes are.
    #[serde(default)]
    pub tables: Tables,
    /// Who writes and draws, the usual one first. The built-in engines are there besides, and come first where there is
    /// none.
    #[serde(
        default,
        alias = "provider",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "one_or_many"
    )]
    pub providers: Vec<ProviderProfile>,
    /// How much is done at a time.
    #[serde(default)]
    pub limits: Limits,
    /// Where its secrets are kept.
    #[serde(default)]
    pub keep: Keep,
}

/// Why a profile's part cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// A name for files with other characters than small letters, digits and hyphens, or a wrong length.
    #[error("the id of a workspace has 1 to 64 small letters, digits and hyphens, and begins with a letter or digit")]
    Id,
    /// The name of the embedded workspace.
    #[error("“local” is the built-in workspace; choose another name")]
    Reserved,
    /// No database would know such a table.
    #[error("“{0}” is not the name of a table: letters, digits and underscores, at most 63, not a digit first")]
    Table(String),
    /// A provider without a name, or with one that is no line of text.
    #[error("a provider has a name of 1 to 60 characters")]
    ProviderName,
    /// Two providers of one name cannot be told apart.
    #[error("another provider is called “{0}” already; give this one another name")]
    ProviderTaken(String),
    /// A provider that neither writes nor draws.
    #[error("name a model that writes or one that draws")]
    NoModel,
    /// A header that cannot be sent, or that the program sets itself.
    #[error("“{0}” is no header that can be sent along")]
    Header(String),
    /// A header that is named more than once.
    #[error("the header “{0}” is there twice")]
    HeaderTwice(String),
    /// A number outside its range.
    #[error("{what} must be from {least} to {most}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// The least.
        least: usize,
        /// The most.
        most: usize,
    },
}

/// A workspace's name for files and commands: small letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProfileId(String);

/// A workspace that can be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WorkspaceId {
    /// The embedded one, which is always there.
    #[default]
    Local,
    /// One of the profiles.
    Profile(ProfileId),
}

/// The marks of workspaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Colour {
    #[default]
    Blue,
    Violet,
    Pink,
    Red,
    Orange,
    Amber,
    Green,
    Teal,
}

/// How one gets into a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Access {
    /// With the key alone.
    #[default]
    Key,
    /// As a user: the key opens the gateway, the user's token says what is allowed.
    SignIn {
        /// Whose.
        email: String,
    },
}

/// The tables of stories and scenes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tables {
    /// One row a story.
    pub stories: TableName,
    /// One row a scene.
    pub scenes: TableName,
}

/// The name of a table in the exposed schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName(String);

/// How much is done at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Pictures made and uploaded at the same time, 1 to [`Limits::MOST_PICTURES`].
    pub concurrent_pictures: usize,
    /// Requests to the AI provider in a minute; as many as it takes unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<NonZeroU32>,
    /// Days for which the files of candidates that were forgotten stay on this computer, 1 to [`Limits::MOST_DAYS`].
    #[serde(skip_serializing_if = "is_usual_time")]
    pub keep_forgotten_days: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_usual_time(days: &u32) -> bool {
    *days == Limits::USUAL_DAYS
}

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// In the keychain of the operating system.
    #[default]
    Keychain,
    /// In a file encrypted with a passphrase.
    File,
    /// In memory, until the program ends.
    Session,
}

impl Profile {
    /// A profile with the usual settings, named after the project's host.
    #[must_use]
    pub fn new(id: ProfileId, url: ProjectUrl) -> Self {
        Self {
            id,
            name: url.host().to_owned(),
            colour: Colour::default(),
            url,
            access: Access::default(),
            bucket: default_bucket(),
            key_template: default_key_template(),
            tables: Tables::default(),
            providers: Vec::new(),
            limits: Limits::default(),
            keep: Keep::default(),
        }
    }
}

fn default_bucket() -> String {
    DEFAULT_BUCKET.to_owned()
}

fn default_key_template() -> String {
    DEFAULT_KEY_TEMPLATE.to_owned()
}

impl ProfileId {
    /// Reads an id.
    ///
    /// # Errors
    /// If it has other characters than small letters, digits and hyphens, or is `local`.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if text == WorkspaceId::LOCAL {
            return Err(ProfileError::Reserved);
        }
        let well_formed =
            (1..=64).contains(&text.len()) && text.starts_with(plain) && text.chars().all(|c| plain(c) || c == '-');
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(ProfileError::Id)
        }
    }

    /// An id for a new workspace of that name, unlike those `taken`.
    #[must_use]
    pub fn fresh(name: &str, taken: &[Self]) -> Self {
        let mut base = String::new();
        for c in name.trim().chars().take(60) {
            match c {
                c if c.is_ascii_alphanumeric() => base.push(c.to_ascii_lowercase()),
                _ if base.ends_with('-') || base.is_empty() => {}
                _ => base.push('-'),
            }
        }
        let mut base = base.trim_matches('-').to_owned();
        base.truncate(48);
        let base = base.trim_matches('-');
        let base = if base.is_empty() || base == WorkspaceId::LOCAL {
            "project"
        } else {
            base
        };
        let mut id = Self(base.to_owned());
        let mut number = 2;
        while taken.contains(&id) {
            id = Self(format!("{base}-{number}"));
            number += 1;
        }
        id
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl WorkspaceId {
    /// How the embedded workspace is called in files and commands.
    pub const LOCAL: &str = "local";

    /// Reads an id: `local`, or a profile's.
    ///
    /// # Errors
    /// As [`ProfileId::parse`].
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        if text == Self::LOCAL {
            Ok(Self::Local)
        } else {
            ProfileId::parse(text).map(Self::Profile)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Local => Self::LOCAL,
            Self::Profile(id) => id.as_str(),
        }
    }
}

impl Colour {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 8] = [
        Self::Blue,
        Self::Violet,
        Self::Pink,
        Self::Red,
        Self::Orange,
        Self::Amber,
        Self::Green,
        Self::Teal,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blue => "Blue",
            Self::Violet => "Violet",
            Self::Pink => "Pink",
            Self::Red => "Red",
            Self::Orange => "Orange",
            Self::Amber => "Amber",
            Self::Green => "Green",
            Self::Teal => "Teal",
        }
    }
}

impl TableName {
    /// Reads a table's name. `public.` before it is dropped: it is the schema that is served.
    ///
    /// # Errors
    /// If no table is called so without quotes.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let text = text.trim();
        let name = text.strip_prefix("public.").unwrap_or(text);
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let well_formed = (1..=63).contains(&name.len())
            && name.starts_with(first)
            && name.chars().all(|c| first(c) || c.is_ascii_digit());
        if well_formed {
            Ok(Self(name.to_owned()))
        } else {
            Err(ProfileError::Table(text.chars().take(80).collect()))
        }
    }

    /// The name, without a schema.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Tables {
    /// Whether one of the two is called so.
    #[must_use]
    pub fn are_called(&self, name: &str) -> bool {
        self.stories.as_str() == name || self.scenes.as_str() == name
    }
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            stories: TableName("stories".to_owned()),
            scenes: TableName("scenes".to_owned()),
        }
    }
}

impl Limits {
    /// Pictures at the same time at most: more only queue at the provider.
    pub const MOST_PICTURES: usize = 16;

    /// Days for which the files of forgotten candidates are kept unless somebody says otherwise.
    pub const USUAL_DAYS: u32 = 30;

    /// Days for which they are kept at most: ten years.
    pub const MOST_DAYS: u32 = 3_650;

    /// The same within its ranges.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            concurrent_pictures: self.concurrent_pictures.clamp(1, Self::MOST_PICTURES),
            keep_forgotten_days: self.keep_forgotten_days.clamp(1, Self::MOST_DAYS),
            ..self
        }
    }
}

impl Keep {
    /// The place in a word, as in the file of profiles.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "file",
            Self::Session => "session",
        }
    }

    /// The place, to be read after "in the".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Keychain => "system's keychain",
            Self::File => "file of secrets, sealed with your passphrase",
            Self::Session => "memory of this session only",
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrent_pictures: 2,
            requests_per_minute: None,
            keep_forgotten_days: Self::USUAL_DAYS,
        }
    }
}

macro_rules! text_form {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = ProfileError;

            fn from_str(text: &str) -> Result<Self, ProfileError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = ProfileError;

            fn try_from(text: String) -> Result<Self, ProfileError> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}

text_form!(ProfileId);
text_form!(WorkspaceId);
text_form!(TableName);
