//! Settings of a project pasted as a whole: a `.env` file, the lines of a shell, or the dashboard's connect dialog.

use super::{ApiKey, ApiKeyError, ProjectUrl};

/// What was found in pasted settings. Values that are not understood are dropped, never kept or repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastedSettings {
    /// The address, clean.
    pub url: Option<ProjectUrl>,
    /// The keys, those that open less first.
    pub keys: Vec<PastedKey>,
}

/// One key of pasted settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastedKey {
    /// The setting's name: `NEXT_PUBLIC_SUPABASE_ANON_KEY`.
    pub name: String,
    /// The key, or why it is none.
    pub key: Result<ApiKey, ApiKeyError>,
}

impl PastedSettings {
    /// Reads `NAME=value` lines, with or without `export`, quotes and comments, for the names that Supabase's guides
    /// use: `SUPABASE_URL` and `SUPABASE_…KEY`, whatever stands before them (`NEXT_PUBLIC_`, `VITE_`, `REACT_APP_`,
    /// `EXPO_PUBLIC_`, `NUXT_PUBLIC_`, `PUBLIC_`, …). None if there is no such line.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut url = None;
        let mut keys = Vec::new();
        for (name, value) in text.lines().filter_map(setting) {
            match Meaning::of(&name) {
                Some(Meaning::Url) => url = url.or_else(|| ProjectUrl::parse(&value).ok()),
                Some(Meaning::Key) if !value.is_empty() => {
                    let key = ApiKey::parse(&value);
                    keys.push(PastedKey { name, key });
                }
                _ => {}
            }
        }
        // Whoever pastes both wants the safer one unless they say otherwise.
        keys.sort_by_key(|pasted| match &pasted.key {
            Ok(key) if !key.is_service() => 0,
            Ok(_) => 1,
            Err(_) => 2,
        });
        (url.is_some() || !keys.is_empty()).then_some(Self { url, keys })
    }

    /// The key that opens least, if one can be read.
    #[must_use]
    pub fn safest_key(&self) -> Option<&ApiKey> {
        self.keys.iter().find_map(|pasted| pasted.key.as_ref().ok())
    }

    /// The key that passes every rule, if one is among them.
    #[must_use]
    pub fn service_key(&self) -> Option<&ApiKey> {
        self.keys
            .iter()
            .filter_map(|pasted| pasted.key.as_ref().ok())
            .find(|key| key.is_service())
    }
}

enum Meaning {
    Url,
    Key,
}

impl Meaning {
    fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_uppercase();
        let at = name.find("SUPABASE_")?;
        match &name[at + "SUPABASE_".len()..] {
            "URL" | "PROJECT_URL" | "API_URL" => Some(Self::Url),
            "KEY"
            | "ANON_KEY"
            | "SERVICE_ROLE_KEY"
            | "SERVICE_KEY"
            | "PUBLISHABLE_KEY"
            | "SECRET_KEY"
            | "PUBLISHABLE_DEFAULT_KEY"
            | "PUBLISHABLE_OR_ANON_KEY"
            | "API_KEY"
            | "SERVICE_ROLE"
            | "ANON" => Some(Self::Key),
            _ => None,
        }
    }
}

/// The name and value of a line, without quotes and comments.
fn setting(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = ["export ", "set ", "$env:", "const ", "- "]
        .iter()
        .find_map(|prefix| line.strip_prefix(prefix))
        .unwrap_or(line);
    let at = line.find(['=', ':'])?;
    let name = line[..at].trim().trim_matches(['"', '\'']);
    let well_formed = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let value = line[at + 1..].trim();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => value[1..].split(quote).next().unwrap_or_default(),
        _ => value.split([' ', '\t', '#', ',', ';']).next().unwrap_or_default(),
    };
    well_formed.then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_env_file_and_prefers_the_safer_key() {
        let settings = PastedSettings::read(
            "# Connect to Supabase\n\
             NEXT_PUBLIC_SUPABASE_URL=https://abc.supabase.co\n\
             SUPABASE_SERVICE_ROLE_KEY=\"sb_secret_0123456789\" # never ship this\n\
             export NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY='sb_publishable_0123456789'\n\
             DATABASE_URL=postgresql://postgres:hunter2@db.abc.supabase.co/postgres\n\
             SUPABASE_JWT_SECRET=hunter2hunter2\n",
        )
        .unwrap();
        assert_eq!(settings.url.as_ref().unwrap().as_str(), "https://abc.supabase.co");
        let names: Vec<_> = settings.keys.iter().map(|pasted| pasted.name.as_str()).collect();
        assert_eq!(
            names,
            ["NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SERVICE_ROLE_KEY"]
        );
        assert!(!settings.safest_key().unwrap().is_service());
        assert!(settings.service_key().unwrap().is_service());
        assert!(!format!("{settings:?}").contains("hunter2") && !format!("{settings:?}").contains("0123456789"));
    }

    #[test]
    fn reads_one_line_of_any_framework() {
        for line in [
            "VITE_SUPABASE_URL=https://abc.supabase.co",
            "EXPO_PUBLIC_SUPABASE_URL = https://abc.supabase.co",
            "$env:SUPABASE_URL='https://abc.supabase.co'",
            "supabase_url: https://abc.supabase.co",
            "\"SUPABASE_URL\": \"https://abc.supabase.co\",",
        ] {
            let settings = PastedSettings::read(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                settings.url.as_ref().unwrap().as_str(),
                "https://abc.supabase.co",
                "{line}"
            );
        }
    }

    #[test]
    fn a_key_that_is_none_says_why() {
        let settings = PastedSettings::read("SUPABASE_KEY=sbp_0123456789").unwrap();
        assert_eq!(settings.keys[0].key, Err(ApiKeyError::AccessToken));
        assert!(settings.safest_key().is_none());
    }

    #[test]
    fn other_texts_are_no_settings() {
        for text in [
            "",
            "https://abc.supabase.co",
            "sb_secret_x",
            "A=b",
            "SUPABASE_URL=hunter2",
        ] {
            assert_eq!(PastedSettings::read(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_pasted_is_read(text in "\\PC{0,60}(\n(SUPABASE_(URL|KEY)=)?\\PC{0,40}){0,3}") {
            let _ = PastedSettings::read(&text);
        }
    }
}
