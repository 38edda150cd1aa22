//! What files meet in a bucket: nothing, the same bytes, or others.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::compare::{READS, Same, compare};
use crate::transfer::plan::there::Stored;
use crate::transfer::plan::{PlanError, Planner, Seen};

/// A file and the key that it is for.
#[derive(Clone, Debug)]
pub struct Aim {
    /// Whose it is: comes back with the answer.
    pub row: u32,
    /// The bytes.
    pub path: Arc<PathBuf>,
    /// How many.
    pub size: u64,
    /// Where they are to go.
    pub key: ObjectKey,
}

/// What is at a key.
#[derive(Clone, Debug)]
pub struct Met {
    /// Who asked for it.
    pub aim: Aim,
    /// What is there, if anything.
    pub seen: Option<Seen>,
    /// Whether it has the same bytes; None if the server tells nothing that could be compared.
    pub same: Option<bool>,
    /// A key in the bucket that some systems take for this one, as a sentence.
    pub twin: Option<String>,
}

impl Planner<'_> {
    /// Looks what is at keys of a bucket. What is told without reading a file comes at once.
    ///
    /// # Errors
    /// If the bucket is not there or cannot be read, or it was stopped.
    pub async fn meet(
        &self,
        bucket: &BucketName,
        aims: Vec<Aim>,
        take: &(dyn Fn(Vec<Met>) + Send + Sync),
    ) -> Result<(), PlanError> {
        let (_, objects) = self.bucket(bucket).await?;
        let keys: Vec<&ObjectKey> = aims.iter().map(|aim| &aim.key).collect();
        let there = self.look_for(&objects, &keys).await?;
        let (mut known, mut to_compare) = (Vec::new(), Vec::new());
        for aim in aims {
            match there.objects.get(aim.key.as_str()) {
                Some(stored) if stored.size == Some(aim.size) => to_compare.push((aim, stored.clone())),
                stored => known.push(Met {
                    twin: there.twin(aim.key.as_str()).map(|twin| twin.to_string()),
                    seen: stored.map(Stored::seen),
                    same: Some(false),
                    aim,
                }),
            }
        }
        take(known);
        let objects = &objects;
        let work = stream::iter(to_compare)
            .map(|(aim, stored)| async move {
                let opened = Arc::clone(&aim.path);
                let open = Box::new(move || Ok(Box::new(File::open(&*opened)?) as Box<dyn io::Read + Send>));
                let file = (aim.size, aim.path.to_path_buf(), open as _);
                let same = match compare(file, (objects, &aim.key, &stored), self.stop).await {
                    // Reading it again will say what is wrong with it.
                    Err(PlanError::Io { .. }) => Same::Unknown,
                    other => other?,
                };
                Ok::<_, PlanError>(Met {
                    seen: Some(stored.seen()),
                    same: match same {
                        Same::Yes => Some(true),
                        Same::No => Some(false),
                        Same::Unknown => None,
                    },
                    twin: None,
                    aim,
                })
            })
            .buffer_unordered(READS)
            .boxed();
        let mut work = work;
        while let Some(met) = self.wait(work.next()).await? {
            take(vec![met?]);
        }
        Ok(())
    }
}
