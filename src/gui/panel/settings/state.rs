//! What can be set, and what is known of the workspace.

use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::RangeInclusive;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::gui::review::Habits;
use crate::transfer::Limits;
use crate::workspace::{Home, KeyKind, Workspace};

/// The sizes of the interface, in percent.
pub const ZOOM: RangeInclusive<u32> = 80..=200;
/// What one step changes, in percent.
const STEP: u32 = 10;

/// The theme asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// As the system is.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// How the window looks; remembered between starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The theme.
    pub theme: Theme,
    /// The size of everything, in percent.
    pub zoom: u32,
    /// Whether nothing moves.
    pub reduced_motion: bool,
    /// How somebody is used to upload.
    pub uploads: Habits,
    /// How fast transfers may be.
    pub limits: TransferLimits,
}

/// How fast transfers may be, where that was set by somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TransferLimits {
    /// Bytes a second.
    bytes_per_second: Option<NonZeroU64>,
    /// Items at once.
    at_once: Option<NonZeroUsize>,
}

impl TransferLimits {
    /// What of an engine's limits is remembered.
    #[must_use]
    pub fn of(limits: Limits) -> Self {
        let usual = Limits::default();
        Self {
            bytes_per_second: limits.bytes_per_second,
            at_once: (limits.at_once != usual.at_once).then_some(limits.at_once),
        }
    }

    /// The limits of an engine, with what was set.
    #[must_use]
    pub fn with(self, limits: Limits) -> Limits {
        Limits {
            bytes_per_second: self.bytes_per_second,
            at_once: self.at_once.unwrap_or(limits.at_once),
            large_at_once: self
                .at_once
                .map_or(limits.large_at_once, |at_once| at_once.min(limits.large_at_once)),
            ..limits
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            zoom: 100,
            reduced_motion: false,
            uploads: Habits::default(),
            limits: TransferLimits::default(),
        }
    }
}

impl Settings {
    /// The zoom within what the window can be used at, whatever was stored.
    #[must_use]
    pub fn zoom_percent(&self) -> u32 {
        self.zoom.clamp(*ZOOM.start(), *ZOOM.end())
    }

    /// One step larger; nothing at the end.
    #[must_use]
    pub fn larger(&self) -> Option<u32> {
        let next = self.zoom_percent() / STEP * STEP + STEP;
        ZOOM.contains(&next).then_some(next)
    }

    /// One step smaller; nothing at the end.
    #[must_use]
    pub fn smaller(&self) -> Option<u32> {
        let next = self.zoom_percent().div_ceil(STEP) * STEP - STEP;
        ZOOM.contains(&next).then_some(next)
    }
}

/// What the page says of the workspace. The key itself is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The workspace's name.
    pub name: String,
    /// Whether it is the embedded server.
    pub is_local: bool,
    /// Where it is.
    pub url: String,
    /// What kind of key is used and which role it has.
    pub key: String,
    /// Whether the key passes every policy.
    pub is_service: bool,
    /// Where pictures go.
    pub bucket: String,
    /// Who writes.
    pub text_engine: String,
    /// Who draws.
    pub image_engine: String,
    /// The provider's address, unless the built-in engines answer.
    pub provider: Option<String>,
    /// The folder of everything the program writes.
    pub home: String,
}

impl Facts {
    /// Gathers them.
    #[must_use]
    pub fn of(workspace: &Workspace, home: &Home) -> Self {
        let provider = &workspace.provider;
        Self {
            name: workspace.name.clone(),
            is_local: workspace.is_local,
            url: workspace.url.as_str().to_owned(),
            key: key_in_words(workspace.key.kind()),
            is_service: workspace.key.is_service(),
            bucket: workspace.bucket.clone(),
            text_engine: provider.text_engine(),
            image_engine: provider.image_engine(),
            provider: (!provider.is_built_in()).then(|| provider.base_url.clone()),
            home: shown(home.path()),
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn key_in_words(kind: &KeyKind) -> String {
    match kind {
        KeyKind::Jwt { role, .. } => role.clone(),
        // https://supabase.com/docs/guides/api/api-keys: they act as these roles.
        KeyKind::Publishable => "anon (publishable key)".to_owned(),
        KeyKind::Secret => "service_role (secret key)".to_owned(),
    }
}

/// The page.
#[derive(Clone, Debug)]
pub struct State {
    /// What can be set.
    pub settings: Settings,
    /// What is known.
    pub facts: Facts,
    /// The licence whose text is open.
    pub(super) licence: Option<usize>,
}

impl State {
    /// The page of a workspace.
    #[must_use]
    pub fn new(settings: Settings, workspace: &Workspace, home: &Home) -> Self {
        Self {
            settings,
            facts: Facts::of(workspace, home),
            licence: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Secret;
    use crate::workspace::{ApiKey, ProjectUrl, Provider};

    fn zoom(zoom: u32) -> Settings {
        Settings {
            zoom,
            ..Settings::default()
        }
    }

    #[test]
    fn zoom_steps_stay_within_what_can_be_used() {
        assert_eq!((zoom(100).smaller(), zoom(100).larger()), (Some(90), Some(110)));
        assert_eq!((zoom(80).smaller(), zoom(200).larger()), (None, None));
        assert_eq!((zoom(95).smaller(), zoom(95).larger()), (Some(90), Some(100)));
        assert_eq!(zoom(9999).zoom_percent(), 200);
        assert_eq!(zoom(0).zoom_percent(), 80);
    }

    #[test]
    fn stored_settings_of_another_version_are_read() {
        let settings: Settings = serde_json::from_str(r#"{"theme":"Dark","sound":true}"#).unwrap();
        assert_eq!(
            settings,
            Settings {
                theme: Theme::Dark,
                ..Settings::default()
            }
        );
    }

    #[test]
    fn the_facts_tell_the_role_and_not_the_key() {
        let url = ProjectUrl::parse("https://abcdefgh.supabase.co").unwrap();
        let key = ApiKey::parse("sb_secret_do-not-show-me").unwrap();
        let provider = Provider::built_in("http://127.0.0.1:1/v1".to_owned(), Secret::new("me-neither"));
        let facts = Facts::of(
            &Workspace::project(url, key, provider),
            &Home::at(Path::new("/data/storymimi")),
        );
        assert_eq!(facts.key, "service_role (secret key)");
        assert_eq!(facts.text_engine, "Built-in storyteller (no AI)");
        assert_eq!(facts.provider, None);
        let all = format!("{facts:?}");
        assert!(!all.contains("do-not-show-me") && !all.contains("me-neither"), "{all}");
    }
}
