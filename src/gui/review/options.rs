//! What is the same for all files of an upload.

use serde::{Deserialize, Serialize};

use crate::supabase::{Bucket, BucketName};
use crate::transfer::Rules;
use crate::transfer::names::{Severity, lint};
use crate::transfer::plan::fix::{IfTaken, Template, Terms};

/// How somebody is used to upload; remembered between starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// Whether uploads are reviewed also when there is nothing to decide.
    pub always_ask: bool,
    /// Whether pictures lose where they were taken.
    pub remove_location: bool,
    /// Whether bytes are read back where the server tells no hash.
    pub read_back: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            always_ask: true,
            remove_location: true,
            read_back: true,
        }
    }
}

/// How long readers may keep what is uploaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cache {
    /// An hour.
    #[default]
    Hour,
    /// A day.
    Day,
    /// A year: for names that are never used again.
    Year,
    /// They ask each time.
    Ask,
}

impl Cache {
    pub(super) const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Year, Self::Ask];

    /// The header.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Hour => "max-age=3600",
            Self::Day => "max-age=86400",
            Self::Year => "max-age=31536000",
            Self::Ask => "no-cache",
        }
    }
}

/// What is the same for all files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The bucket.
    pub bucket: BucketName,
    /// The folder, as it is typed.
    pub folder: String,
    /// The names, as they are typed; empty: they stay.
    pub template: String,
    /// How long readers may keep it.
    pub cache: Cache,
    /// What becomes of those whose key is taken.
    pub taken: IfTaken,
    /// How somebody is used to it.
    pub habits: Habits,
}

impl Options {
    /// For a folder of a bucket.
    #[must_use]
    pub fn new(bucket: BucketName, folder: String, habits: Habits) -> Self {
        Self {
            bucket,
            folder,
            template: String::new(),
            cache: Cache::default(),
            taken: IfTaken::default(),
            habits,
        }
    }

    /// By which rules files are judged; `bucket` is what is known of the bucket.
    pub(super) fn terms(&self, bucket: Option<&Bucket>) -> Terms {
        Terms {
            bucket: self.bucket.clone(),
            limit: bucket.and_then(|bucket| bucket.file_size_limit),
            types: bucket.and_then(|bucket| bucket.allowed_mime_types.clone()),
            // What cannot be the beginning of a key is told at the field, and not of each file.
            folder: match self.folder_problem() {
                None => self.folder.clone(),
                Some(_) => String::new(),
            },
            template: match self.template_problem() {
                None => Template::new(&self.template),
                Some(_) => Template::default(),
            },
            taken: self.taken,
            remove_location: self.habits.remove_location,
        }
    }

    /// How the job is carried out.
    pub(super) fn rules(&self) -> Rules {
        Rules {
            cache_control: self.cache.header().to_owned(),
            read_back: self.habits.read_back,
            ..Rules::default()
        }
    }

    /// What is wrong with the folder, as a sentence.
    pub(super) fn folder_problem(&self) -> Option<String> {
        let folder = self.folder.trim().trim_end_matches('/');
        if folder.is_empty() {
            return None;
        }
        let worst = lint(folder).into_iter().next()?;
        (worst.severity() == Severity::Impossible).then(|| worst.to_string())
    }

    /// What is wrong with the names, as a sentence.
    pub(super) fn template_problem(&self) -> Option<String> {
        Template::new(&self.template).problem()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_wrongly_is_told_once() {
        let bucket = BucketName::parse("b").unwrap();
        let mut options = Options::new(bucket, "winter/".to_owned(), Habits::default());
        assert_eq!((options.folder_problem(), options.template_problem()), (None, None));
        assert_eq!(options.terms(None).prefix(), "winter/");
        options.folder = "wintär".to_owned();
        options.template = "{nothing}".to_owned();
        assert!(options.folder_problem().unwrap().contains('ä'));
        assert!(options.template_problem().is_some());
        assert_eq!(options.terms(None).prefix(), "");
        assert!(options.terms(None).template.keeps_names());
        options.folder = "/".to_owned();
        assert_eq!(options.folder_problem(), None);
    }

    #[test]
    fn habits_of_another_version_are_read() {
        let habits: Habits = serde_json::from_str(r#"{"always_ask":false,"other":1}"#).unwrap();
        assert!(!habits.always_ask && habits.remove_location);
    }
}
