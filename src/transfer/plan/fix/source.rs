//! Files as they are by themselves, whatever bucket they are for.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::media::{self, MediaType};
use crate::transfer::plan::compare::READS;
use crate::transfer::plan::head::{Head, head};
use crate::transfer::plan::request::{ITEMS_MAX, blocking};
use crate::transfer::plan::walk::{Found, What};
use crate::transfer::plan::{FileSource, Links, PlanError, Planner, Step, Unseen};

/// Files looked into one after the other before they are told.
const CHUNK: usize = 32;

/// A file that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Where.
    pub path: PathBuf,
    /// Its path below what was named, with `/` between the names.
    pub relative: String,
    /// Bytes.
    pub size: u64,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// What it is by content, if that is known here.
    pub kind: Option<MediaType>,
    /// The type that it is stored with: by content, else by name.
    pub media_type: String,
    /// Pixels across and down, of a picture.
    pub dimensions: Option<(u32, u32)>,
    /// Whether it says where it was taken.
    pub has_location: bool,
    /// Why it cannot be sent at all, as a sentence.
    pub refused: Option<String>,
}

impl Source {
    /// What is at a path that was looked at before, with the name that it had below what was named then. Blocks.
    #[must_use]
    pub fn look(path: &Path, relative: &str) -> Self {
        // As the walk does: a link is not followed here, and was refused if it was one before.
        let what = match path.symlink_metadata() {
            Ok(facts) => What::of(&facts),
            Err(error) => What::Refused(format!("It cannot be read: {error}.")),
        };
        Self::of(Found {
            path: path.to_owned(),
            relative: relative.to_owned(),
            what,
        })
    }

    /// Whether the file is not what it was any more, as far as its facts tell. Blocks.
    #[must_use]
    pub fn was_changed(&self) -> bool {
        let now = self.path.symlink_metadata().map(|facts| What::of(&facts));
        match now {
            Ok(What::File { size, modified }) => (size, modified) != (self.size, self.modified),
            _ => self.refused.is_none(),
        }
    }

    /// The name of the file itself.
    #[must_use]
    pub fn name(&self) -> &str {
        self.relative.rsplit('/').next().unwrap_or(&self.relative)
    }

    fn of(found: Found) -> Self {
        let (size, modified, head) = match found.what {
            What::File { size, modified } => (size, modified, head(&found.path, size, None, None)),
            What::Refused(why) => (0, None, refused(why)),
            What::Manifest => {
                let why = "It tells which files are which objects, and is none itself.";
                (0, None, refused(why.to_owned()))
            }
        };
        Self {
            has_location: head.refused.is_none() && has_location(&found.path, head.kind),
            path: found.path,
            relative: found.relative,
            size,
            modified,
            kind: head.kind,
            media_type: head.media_type.unwrap_or_default(),
            dimensions: head.dimensions,
            refused: head.refused,
        }
    }
}

fn refused(why: String) -> Head {
    Head {
        refused: Some(why),
        ..Head::default()
    }
}

/// What cannot be read says so when its bytes are wanted.
fn has_location(path: &Path, kind: Option<MediaType>) -> bool {
    if !kind.is_some_and(MediaType::is_picture_we_show) {
        return false;
    }
    let look = || media::has_location(&mut BufReader::new(File::open(path)?));
    look().unwrap_or(false)
}

impl Planner<'_> {
    /// Looks at files, some at once, and hands them on in their order as they come.
    ///
    /// # Errors
    /// If something that was named is not there, there are too many, or it was stopped.
    pub async fn look_at(
        &self,
        sources: &[FileSource],
        links: Links,
        take: &(dyn Fn(Vec<Source>) + Send + Sync),
    ) -> Result<Vec<Unseen>, PlanError> {
        let walked = self.find(sources, links).await?;
        if walked.found.len() > ITEMS_MAX {
            return Err(PlanError::TooMany(ITEMS_MAX));
        }
        let count = walked.found.len();
        let mut found = walked.found.into_iter();
        let chunks = std::iter::from_fn(move || {
            let chunk: Vec<Found> = found.by_ref().take(CHUNK).collect();
            (!chunk.is_empty()).then_some(chunk)
        });
        let work = stream::iter(chunks)
            .map(|chunk| {
                let stop = self.stop.clone();
                blocking(move || {
                    let look = |found| (!stop.is_cancelled()).then(|| Source::of(found));
                    chunk.into_iter().map_while(look).collect::<Vec<Source>>()
                })
            })
            .buffered(READS);
        let mut work = std::pin::pin!(work);
        let mut done = 0;
        while let Some(looked) = self.wait(work.next()).await? {
            done += looked.len();
            self.tell(Step::Looking, done, Some(count));
            take(looked);
        }
        self.go_on()?;
        Ok(walked.unseen)
    }
}
