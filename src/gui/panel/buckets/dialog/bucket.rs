//! What a bucket is, or is to be: made anew, or changed.

use super::folder::sentence;
use crate::gui::panel::buckets::state::State;
use crate::media::format_bytes;
use crate::service::{Load, Problem, Service};
use crate::supabase::{AllowedType, Bucket, BucketName, BucketUpdate, NewBucket, SizeLimit};

/// Types that are offered; others can be typed.
pub const KNOWN_TYPES: [&str; 12] = [
    "image/*",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "image/svg+xml",
    "audio/*",
    "video/*",
    "application/pdf",
    "application/zip",
    "application/json",
    "text/plain",
];

/// The unit of a size limit. Units are decimal, as the server's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Thousands.
    KB,
    /// Millions.
    #[default]
    MB,
    /// Thousands of millions.
    GB,
}

impl Unit {
    /// All of them with their words.
    pub const ALL: [(Self, &'static str); 3] = [(Self::KB, "KB"), (Self::MB, "MB"), (Self::GB, "GB")];

    fn word(self) -> &'static str {
        match self {
            Self::KB => "KB",
            Self::MB => "MB",
            Self::GB => "GB",
        }
    }

    fn bytes(self) -> u64 {
        match self {
            Self::KB => 1_000,
            Self::MB => 1_000_000,
            Self::GB => 1_000_000_000,
        }
    }
}

/// The form of a bucket.
#[derive(Debug, Default)]
pub struct BucketForm {
    /// The bucket that is changed; none for a new one.
    pub editing: Option<BucketName>,
    /// What that bucket is at the server.
    pub present: Load<Bucket>,
    /// The name that was typed.
    pub name: String,
    /// Whether anybody may read it.
    pub public: bool,
    /// The number of the size limit; empty is none of its own.
    pub limit: String,
    /// Its unit.
    pub unit: Unit,
    /// The types that it takes; none is any.
    pub types: Vec<String>,
    /// A type that is being typed.
    pub typed_type: String,
    /// Whether it is being saved.
    pub saving: bool,
    /// Why it was not saved.
    pub problem: Option<Problem>,
}

impl BucketForm {
    /// The form of a bucket that is there.
    #[must_use]
    pub fn of(bucket: BucketName) -> Self {
        Self {
            name: bucket.to_string(),
            editing: Some(bucket),
            ..Self::default()
        }
    }

    pub(super) fn poll(&mut self, service: &Service) {
        let Some(bucket) = &self.editing else { return };
        if self.present.is_idle() {
            let bucket = bucket.clone();
            self.present
                .start(service.load(|service| async move { service.bucket_facts(&bucket).await }));
        }
        if self.present.poll()
            && let Some(present) = self.present.value().cloned()
        {
            self.fill(&present);
        }
    }

    fn fill(&mut self, bucket: &Bucket) {
        self.public = bucket.public;
        let limit = bucket.file_size_limit.filter(|bytes| *bytes > 0);
        self.unit = limit.map_or(Unit::MB, |bytes| {
            let units = [Unit::GB, Unit::MB, Unit::KB];
            units.into_iter().find(|unit| bytes >= unit.bytes()).unwrap_or(Unit::KB)
        });
        self.limit = limit.map(|bytes| exact(bytes, self.unit)).unwrap_or_default();
        self.types = bucket.allowed_mime_types.clone().unwrap_or_default();
    }

    /// The size limit in bytes; none of its own if nothing is typed.
    ///
    /// # Errors
    /// Says what is wrong with what is typed.
    pub fn bytes(&self) -> Result<Option<u64>, String> {
        let typed = self.limit.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        // Somebody may type the unit as well.
        let text = if typed.ends_with(|c: char| c.is_ascii_alphabetic()) {
            typed.to_owned()
        } else {
            format!("{typed}{}", self.unit.word())
        };
        match SizeLimit::parse(&text) {
            Some(SizeLimit(0)) => {
                Err("With a limit of 0 nothing could be uploaded. Leave it empty for none".to_owned())
            }
            Some(SizeLimit(bytes)) => Ok(Some(bytes)),
            None => Err(format!("“{typed}” is no size: type a number such as 5 or 2.5")),
        }
    }

    /// What the limit means, for below its field.
    #[must_use]
    pub fn limit_help(&self) -> String {
        match self.bytes() {
            Ok(Some(bytes)) => format!(
                "Objects up to {}; the project's own limit holds besides",
                format_bytes(bytes)
            ),
            _ => "Empty: only the project's own limit holds".to_owned(),
        }
    }

    /// Adds the type that is typed, or several with commas or spaces between them.
    ///
    /// # Errors
    /// Says why it cannot be added; nothing is then.
    pub fn add_typed(&mut self) -> Result<(), String> {
        let types = AllowedType::parse_list(&self.typed_type).map_err(|why| sentence(&why.to_string()))?;
        for kind in types {
            if !self.types.iter().any(|known| known == kind.as_str()) {
                self.types.push(kind.to_string());
            }
        }
        self.typed_type.clear();
        Ok(())
    }

    /// Why what is typed cannot be added as a type; `None` while nothing is, too.
    #[must_use]
    pub fn type_problem(&self) -> Option<String> {
        let refused = AllowedType::parse_list(&self.typed_type).err()?;
        Some(sentence(&refused.to_string()))
    }

    /// Adds or removes one of the types that are offered.
    pub fn toggle_type(&mut self, kind: &str) {
        match self.types.iter().position(|known| known == kind) {
            Some(at) => _ = self.types.remove(at),
            None => self.types.push(kind.to_owned()),
        }
    }

    fn allowed(&self) -> Option<Vec<String>> {
        (!self.types.is_empty()).then(|| self.types.clone())
    }

    /// The bucket to be made.
    ///
    /// # Errors
    /// Says what is missing or wrong.
    pub fn made(&self) -> Result<NewBucket, String> {
        if self.name.is_empty() {
            return Err("Type a name first".to_owned());
        }
        let name = BucketName::parse_new(&self.name).map_err(|error| sentence(&error.to_string()))?;
        self.finished()?;
        Ok(NewBucket {
            name,
            public: self.public,
            file_size_limit: self.bytes()?,
            allowed_mime_types: self.allowed(),
        })
    }

    /// What is to change of the bucket: only what is not as it was.
    ///
    /// # Errors
    /// Says what is wrong, or that nothing is to change.
    pub fn changes(&self) -> Result<BucketUpdate, String> {
        let present = self.present.value().ok_or("The bucket is not read yet")?;
        self.finished()?;
        let bytes = self.bytes()?;
        let before = present.allowed_mime_types.clone().filter(|types| !types.is_empty());
        let update = BucketUpdate {
            public: (self.public != present.public).then_some(self.public),
            file_size_limit: (bytes != present.file_size_limit.filter(|bytes| *bytes > 0)).then_some(bytes),
            allowed_mime_types: (self.allowed() != before).then(|| self.allowed()),
        };
        if update == BucketUpdate::default() {
            return Err("Nothing is changed yet".to_owned());
        }
        Ok(update)
    }

    fn finished(&self) -> Result<(), String> {
        if self.typed_type.trim().is_empty() {
            Ok(())
        } else {
            Err("Add the type that is typed, or clear its field".to_owned())
        }
    }
}

/// A number of bytes in a unit, with nothing lost.
fn exact(bytes: u64, unit: Unit) -> String {
    let (whole, part) = (bytes / unit.bytes(), bytes % unit.bytes());
    let digits = unit.bytes().ilog10() as usize;
    let text = format!("{whole}.{part:0digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl State {
    /// Why a new bucket cannot have the form's name; `None` if it can, or nothing is typed yet.
    #[must_use]
    pub fn form_name_problem(&self, form: &BucketForm) -> Option<String> {
        if form.name.is_empty() || form.editing.is_some() {
            return None;
        }
        self.name_problem(&form.name)
    }

    /// A bucket was saved, or was not: the form that is open for it closes, or says why. Answers whether one was open.
    pub fn bucket_saved(&mut self, saved: &Result<(), Problem>) -> bool {
        let Some(super::Dialog::Bucket(form)) = &mut self.dialog else {
            return false;
        };
        if !form.saving {
            return false;
        }
        match saved {
            Ok(()) => self.dialog = None,
            Err(problem) => {
                form.saving = false;
                form.problem = Some(problem.clone());
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(limit: &str, unit: Unit) -> Result<Option<u64>, String> {
        let form = BucketForm {
            limit: limit.to_owned(),
            unit,
            ..BucketForm::default()
        };
        form.bytes()
    }

    #[test]
    fn a_limit_is_a_number_with_a_unit() {
        assert_eq!(typed("", Unit::MB), Ok(None));
        assert_eq!(typed(" 5 ", Unit::MB), Ok(Some(5_000_000)));
        assert_eq!(typed("2.5", Unit::GB), Ok(Some(2_500_000_000)));
        assert_eq!(typed("20 KB", Unit::GB), Ok(Some(20_000)), "a typed unit counts");
        assert!(typed("0", Unit::MB).is_err());
        assert!(typed("many", Unit::MB).is_err());
        assert!(typed("-1", Unit::MB).is_err());
    }

    #[test]
    fn limits_are_shown_without_losing_a_byte() {
        for bytes in [1_u64, 999, 5_000_000, 5_242_880, 52_428_800, 2_500_000_000] {
            let mut form = BucketForm::default();
            form.fill(&bucket(Some(bytes), &[]));
            assert_eq!(form.bytes(), Ok(Some(bytes)), "{} {:?}", form.limit, form.unit);
        }
    }

    #[test]
    fn types_that_match_nothing_are_refused_with_the_reason() {
        for (kind, why) in [("*/*", "refuses every upload"), ("picture", "no media type")] {
            let form = BucketForm {
                typed_type: kind.to_owned(),
                ..BucketForm::default()
            };
            let refused = form.type_problem().unwrap();
            assert!(refused.contains(why), "{kind}: {refused}");
            assert!(form.made().is_err(), "what is typed is not passed over");
        }
        let mut form = BucketForm {
            typed_type: "image/png, Audio/*".to_owned(),
            ..BucketForm::default()
        };
        form.add_typed().unwrap();
        assert_eq!(form.types, ["image/png", "audio/*"]);
        form.typed_type = "image/gif, */*".to_owned();
        assert!(form.add_typed().is_err());
        assert_eq!(form.types.len(), 2, "nothing of it is added");
        assert!(form.made().is_err());
    }

    fn bucket(limit: Option<u64>, types: &[&str]) -> Bucket {
        let text = serde_json::json!({"id": "b", "name": "b", "public": true, "file_size_limit": limit, "allowed_mime_types": types});
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn only_what_is_changed_is_sent() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut form = BucketForm::of(BucketName::parse("b").unwrap());
        let present = bucket(Some(5_242_880), &["image/png"]);
        let there = present.clone();
        let wake: crate::service::Wake = std::sync::Arc::new(|| ());
        form.present
            .start(crate::service::Pending::spawn(runtime.handle(), wake, async {
                Ok(there)
            }));
        runtime.block_on(tokio::task::yield_now());
        assert!(form.present.poll());
        form.fill(&present);
        assert!(form.changes().is_err(), "nothing is changed");
        form.public = false;
        form.types.clear();
        let expected = BucketUpdate {
            public: Some(false),
            file_size_limit: None,
            allowed_mime_types: Some(None),
        };
        assert_eq!(form.changes(), Ok(expected));
        form.limit.clear();
        assert_eq!(form.changes().unwrap().file_size_limit, Some(None));
    }
}
