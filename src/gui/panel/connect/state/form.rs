//! What is typed into the connect screen, and what it means. Read anew at each change; nothing is sent.

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::workspace::{ApiKey, ApiKeyError, Belongs, Colour, KeyFacts, Lifetime, TypedUrl};

/// Letters that a secret's field holds without moving it in memory, which would leave a copy behind.
const SECRET: usize = 8192;

/// How one gets in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// With a key alone.
    #[default]
    Key,
    /// As a user, with e-mail and password.
    SignIn,
}

/// A secret being typed.
pub struct SecretText {
    /// The text. Emptied memory is zeroed.
    pub text: Zeroizing<String>,
    /// Whether it is shown as it is.
    pub revealed: bool,
}

impl Default for SecretText {
    fn default() -> Self {
        Self {
            text: Zeroizing::new(String::with_capacity(SECRET)),
            revealed: false,
        }
    }
}

impl SecretText {
    /// One that holds `text`.
    pub(super) fn of(text: &str) -> Self {
        let mut secret = Self::default();
        secret.set(text);
        secret
    }

    /// Puts `text` in the place of what was there.
    pub fn set(&mut self, text: &str) {
        self.clear();
        self.text.push_str(text);
    }

    /// Empties it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// The field of the project's URL.
pub struct UrlField {
    /// As typed.
    pub text: String,
    /// What it means.
    pub read: TypedUrl,
    /// Whether its errors may be told: nobody is corrected in the middle of a word.
    pub left: bool,
}

impl Default for UrlField {
    fn default() -> Self {
        Self {
            text: String::new(),
            read: TypedUrl::read(""),
            left: false,
        }
    }
}

impl UrlField {
    /// Reads the text again.
    pub fn changed(&mut self) {
        self.read = TypedUrl::read(&self.text);
    }

    /// What is wrong with it, once the field was left.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        let told = self.left && !self.text.trim().is_empty();
        let error = self.read.url.as_ref().err().filter(|_| told)?;
        Some(sentence(&error.to_string()))
    }
}

/// The field of the key.
#[derive(Default)]
pub struct KeyField {
    /// As typed or pasted.
    pub secret: SecretText,
    /// What it means.
    pub read: Option<Result<(ApiKey, KeyFacts), ApiKeyError>>,
    /// Whether the field was left or filled by pasting: then a key is shown by its ends.
    pub left: bool,
}

impl KeyField {
    /// Reads the text again.
    pub fn changed(&mut self, now: Timestamp) {
        let text = self.secret.text.trim();
        self.read = (!text.is_empty()).then(|| {
            let key = ApiKey::parse(text)?;
            let facts = KeyFacts::of(&key, now);
            Ok((key, facts))
        });
    }

    /// The key, if it is one.
    #[must_use]
    pub fn key(&self) -> Option<&ApiKey> {
        self.read.as_ref()?.as_ref().ok().map(|(key, _)| key)
    }

    /// What it says of itself, if it is a key.
    #[must_use]
    pub fn facts(&self) -> Option<&KeyFacts> {
        self.read.as_ref()?.as_ref().ok().map(|(_, facts)| facts)
    }

    /// What is wrong with it, once the field was left.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        if !self.left {
            return None;
        }
        match self.read.as_ref()? {
            Err(error) => Some(sentence(&error.to_string())),
            Ok((_, facts)) => match facts.lifetime {
                Lifetime::Ended(_) => Some(
                    "This key has ended; no server takes it any more. Copy the present one from the dashboard."
                        .to_owned(),
                ),
                Lifetime::Endless | Lifetime::Until(_) | Lifetime::EndsSoon(_) => None,
            },
        }
    }
}

/// What is seldom changed.
#[derive(Default)]
pub struct Advanced {
    /// Whether it is shown.
    pub open: bool,
    /// The bucket that pictures go to.
    pub bucket: String,
    /// How a picture's object is named.
    pub key_template: String,
    /// The table of stories.
    pub stories: String,
    /// The table of scenes.
    pub scenes: String,
    /// Pictures at the same time.
    pub pictures: u32,
    /// Days for which the files of forgotten candidates are kept.
    pub days: u32,
}

/// Everything typed.
#[derive(Default)]
pub struct Form {
    /// How one gets in.
    pub way: Way,
    /// Where the project is.
    pub url: UrlField,
    /// The key: all there is, or what opens the gateway for a user.
    pub key: KeyField,
    /// Whose account.
    pub email: String,
    /// Its password. Never kept: the session is.
    pub password: SecretText,
    /// The workspace's name; empty for the host's.
    pub name: String,
    /// Its mark.
    pub colour: Colour,
    /// Whether secrets are kept for the next start.
    pub remember: bool,
    /// Opens the encrypted file, where there is no keychain.
    pub passphrase: SecretText,
    /// What is seldom changed.
    pub advanced: Advanced,
    /// Who writes and draws.
    pub providers: super::Providers,
}

impl Form {
    /// Why nothing can be tested or connected yet; `None` if all that is needed is there.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        if let Err(error) = &self.url.read.url {
            return Some(sentence(&error.to_string()));
        }
        let Some((_, facts)) = self.key.read.as_ref().and_then(|read| read.as_ref().ok()) else {
            return Some(match (&self.key.read, self.way) {
                (Some(Err(error)), _) => sentence(&error.to_string()),
                (_, Way::Key) => "Paste a key of the project first".to_owned(),
                (_, Way::SignIn) => "Paste the publishable key of the project first".to_owned(),
            });
        };
        if matches!(facts.lifetime, Lifetime::Ended(_)) {
            return Some("The key has ended; copy the present one from the dashboard".to_owned());
        }
        if self.belongs() == Belongs::No {
            return Some("The key was made for another project than the URL names".to_owned());
        }
        if self.way == Way::SignIn {
            if facts.is_service {
                return Some(
                    "Sign in with the publishable key: a service key would skip what the sign-in is for".to_owned(),
                );
            }
            if !is_email(&self.email) {
                return Some("Type the e-mail address of the account".to_owned());
            }
            if self.password.is_empty() {
                return Some("Type the password of the account".to_owned());
            }
        }
        None
    }

    /// Whether the key was made for the project of the URL.
    #[must_use]
    pub fn belongs(&self) -> Belongs {
        match (self.key.facts(), &self.url.read.url) {
            (Some(facts), Ok(url)) => facts.belongs_to(url),
            _ => Belongs::Unknown,
        }
    }

    /// Whether a key that skips every rule would be used.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.way == Way::Key && self.key.facts().is_some_and(|facts| facts.is_service)
    }
}

/// Whether a text can be an e-mail address: the server decides, this only tells a slip before anything is sent.
pub(super) fn is_email(text: &str) -> bool {
    let text = text.trim();
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace))
}

/// The first letter of an error of a room below made large, unless an address begins with it.
pub(super) fn sentence(words: &str) -> String {
    if words.split(' ').next().is_some_and(|first| first.contains("://")) {
        return words.to_owned();
    }
    let mut chars = words.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
