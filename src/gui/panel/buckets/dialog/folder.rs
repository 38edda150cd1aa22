//! A new folder.

use crate::gui::panel::buckets::state::State;
use crate::supabase::{BucketName, ObjectKey};

/// What a new folder is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderForm {
    /// The bucket.
    pub bucket: BucketName,
    /// The folder that it is made in: empty, or ending with `/`.
    pub parent: String,
    /// What was typed.
    pub name: String,
}

impl FolderForm {
    /// A folder without a name yet.
    #[must_use]
    pub fn new(bucket: BucketName, parent: String) -> Self {
        Self {
            bucket,
            parent,
            name: String::new(),
        }
    }

    /// The whole folder, ending with `/`.
    ///
    /// # Errors
    /// Says why there can be no such folder.
    pub fn folder(&self) -> Result<String, String> {
        let name = self.name.trim().trim_matches('/');
        if name.is_empty() {
            return Err("Type a name first".to_owned());
        }
        segments(name)?;
        Ok(format!("{}{name}/", self.parent))
    }
}

/// Refuses what no key can have between its slashes.
pub(super) fn segments(path: &str) -> Result<(), String> {
    if path.split('/').any(str::is_empty) {
        return Err("Two slashes in a row make a folder without a name".to_owned());
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("Web addresses take . and .. for other folders".to_owned());
    }
    ObjectKey::parse(path)
        .map(drop)
        .map_err(|error| sentence(&error.to_string()))
}

/// With a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

impl State {
    /// Whether the open bucket has a folder of this name, as far as it is listed.
    #[must_use]
    pub fn has_folder(&self, folder: &str) -> bool {
        self.index().is_some_and(|index| index.folder_total(folder).objects > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str) -> FolderForm {
        let mut form = FolderForm::new(BucketName::parse("b").unwrap(), "a/".to_owned());
        name.clone_into(&mut form.name);
        form
    }

    #[test]
    fn a_folder_is_made_inside_the_one_that_is_shown() {
        assert_eq!(form("winter").folder().unwrap(), "a/winter/");
        assert_eq!(form("winter/deep/").folder().unwrap(), "a/winter/deep/");
    }

    #[test]
    fn names_that_no_key_can_have_are_refused_with_the_reason() {
        for (name, why) in [
            ("", "Type a name"),
            ("..", ". and .."),
            ("x//y", "slashes"),
            ("ö", "not allowed"),
        ] {
            let refused = form(name).folder().unwrap_err();
            assert!(refused.contains(why), "{name}: {refused}");
        }
    }
}
