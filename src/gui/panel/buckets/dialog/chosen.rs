//! Objects that something is asked about: how many they are, and a way to name them all, off the window's thread.

use std::fmt;
use std::sync::Arc;

use crate::gui::panel::buckets::state::State;
use crate::gui::words;
use crate::media::format_bytes;
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::KeySource;

/// Keys that are named in a question before the rest is a number.
const NAMED: usize = 5;
/// Chosen objects whose keys are looked at in the window's thread.
const LOOKED_AT: usize = 10_000;

/// What a question is about.
#[derive(Clone)]
pub struct Chosen {
    /// The bucket.
    pub bucket: BucketName,
    /// How many objects they are, where that is known.
    pub objects: Option<usize>,
    /// Their bytes, where that is known.
    pub bytes: Option<u64>,
    /// How many objects of those that are chosen cannot be addressed: they are left alone.
    pub unaddressed: usize,
    /// The keys of the first of them.
    pub named: Vec<String>,
    /// The folder that it is, if it is one folder; ends with `/`.
    pub folder: Option<String>,
    sources: Arc<dyn Fn() -> Vec<KeySource> + Send + Sync>,
}

impl Chosen {
    /// A folder and all that is in it.
    #[must_use]
    pub fn of_folder(bucket: BucketName, folder: &str, total: Option<(usize, u64)>) -> Self {
        let source = KeySource::Folder(folder.to_owned());
        Self {
            bucket,
            objects: total.map(|(objects, _)| objects),
            bytes: total.map(|(_, bytes)| bytes),
            unaddressed: 0,
            named: vec![folder.to_owned()],
            folder: Some(folder.to_owned()),
            sources: Arc::new(move || vec![source.clone()]),
        }
    }

    /// Objects by their keys; `sources` names those that can be addressed, and is not called in the window's thread for
    /// more than a few.
    #[must_use]
    pub fn of_objects(
        bucket: BucketName,
        objects: usize,
        bytes: u64,
        named: Vec<String>,
        sources: impl Fn() -> Vec<KeySource> + Send + Sync + 'static,
    ) -> Self {
        Self {
            bucket,
            objects: Some(objects),
            bytes: Some(bytes),
            unaddressed: 0,
            named,
            folder: None,
            sources: Arc::new(sources),
        }
    }

    /// All of them, for a plan.
    #[must_use]
    pub fn sources(&self) -> Vec<KeySource> {
        (self.sources)()
    }

    /// The one object that it is.
    #[must_use]
    pub fn single(&self) -> Option<ObjectKey> {
        if self.folder.is_some() || self.objects != Some(1) {
            return None;
        }
        ObjectKey::parse(self.named.first()?).ok()
    }

    /// "12 objects", "scene_3.png", "folder winter".
    #[must_use]
    pub fn what(&self) -> String {
        if let Some(folder) = &self.folder {
            let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            return format!("folder {name}");
        }
        match (self.single(), self.objects) {
            (Some(key), _) => key.file_name().to_owned(),
            (None, Some(objects)) => words::count(objects, "object", "objects"),
            (None, None) => "objects".to_owned(),
        }
    }

    /// "3 objects", for titles whose names are below.
    #[must_use]
    pub fn counted(&self) -> String {
        match (&self.folder, self.objects) {
            (None, Some(objects)) => words::count(objects, "object", "objects"),
            _ => self.what(),
        }
    }

    /// "1.7 MB of story-images".
    #[must_use]
    pub fn caption(&self) -> String {
        let objects = self
            .folder
            .as_ref()
            .and(self.objects)
            .map(|objects| words::count(objects, "object", "objects"));
        let size = self.bytes.map(format_bytes);
        let facts: Vec<String> = objects.into_iter().chain(size).collect();
        if facts.is_empty() {
            format!("Of {}", self.bucket)
        } else {
            format!("{} of {}", facts.join(", "), self.bucket)
        }
    }
}

impl PartialEq for Chosen {
    fn eq(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.sources() == other.sources()
    }
}

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chosen")
            .field("bucket", &self.bucket)
            .field("objects", &self.objects)
            .field("named", &self.named)
            .finish_non_exhaustive()
    }
}

impl State {
    /// The chosen objects; none if nothing is chosen that can be addressed.
    #[must_use]
    pub fn chosen(&self) -> Option<Chosen> {
        let (bucket, index) = (self.bucket()?.clone(), self.index()?.clone());
        let selection = self.selection().clone();
        let addressed = |object: u32| ObjectKey::parse(index.row(object)?.key).ok();
        // Of very many, those that cannot be addressed are left out by the plan, and counted there.
        let first: Vec<ObjectKey> = selection.iter().take(LOOKED_AT).filter_map(addressed).collect();
        let unaddressed = selection.len().min(LOOKED_AT) - first.len();
        if first.is_empty() {
            return None;
        }
        let named = first.iter().take(NAMED).map(ToString::to_string).collect();
        let (objects, bytes) = (selection.len() - unaddressed, self.selected_total().bytes);
        let mut chosen = Chosen::of_objects(bucket, objects, bytes, named, move || {
            let rows = selection.iter().filter_map(|object| index.row(object));
            let keys = rows.filter_map(|row| ObjectKey::parse(row.key).ok());
            keys.map(KeySource::Key).collect()
        });
        chosen.unaddressed = unaddressed;
        Some(chosen)
    }

    /// A folder of the open bucket, with all that is in it.
    #[must_use]
    pub fn chosen_folder(&self, folder: &str) -> Option<Chosen> {
        let total = self.index().map(|index| index.folder_total(folder));
        let total = total.map(|total| (usize::try_from(total.objects).unwrap_or(usize::MAX), total.bytes));
        Some(Chosen::of_folder(self.bucket()?.clone(), folder, total))
    }
}
