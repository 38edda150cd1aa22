//! What the window starts on objects, besides uploads: each is planned, becomes a job, and tells by events what goes wrong and
//! what is left out, as [`Service::start_transfer`] says.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use crate::service::{Problem, Service};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::Rules;
use crate::transfer::plan::{
    BadNames, DeleteOrder, DownloadOrder, EditOrder, HeaderEdit, KeySource, KeyTarget, RelocateOrder, Taken,
};

/// Something that gets another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renaming {
    /// An object: its whole new key.
    Object {
        /// As it is.
        from: ObjectKey,
        /// As it is to be.
        to: ObjectKey,
    },
    /// A folder with all that is in it; both names whole, with or without a slash at the end.
    Folder {
        /// As it is.
        from: String,
        /// As it is to be.
        to: String,
    },
}

impl Service {
    /// Moves or copies objects and folders, to another folder or bucket of this project. Nothing is replaced unless the order
    /// says so.
    pub fn start_relocation(&self, order: RelocateOrder) {
        self.start_transfer(move |service| async move {
            let stop = CancellationToken::new();
            service.plan_relocation(&order, &|_| {}, &stop).await
        });
    }

    /// Gives an object or a folder another name. Nothing is replaced.
    ///
    /// # Errors
    /// If there is nothing to do, or the new name is none.
    pub fn start_rename(&self, bucket: BucketName, renaming: Renaming) -> Result<(), Problem> {
        let (source, target) = match renaming {
            Renaming::Object { from, to } if from == to => return Err(same_name()),
            Renaming::Object { from, to } => (KeySource::Key(from), KeyTarget::Exact(to)),
            Renaming::Folder { from, to } => {
                let (from, to) = (from.trim_end_matches('/'), to.trim_matches('/'));
                if from == to {
                    return Err(same_name());
                }
                // A folder without a name would be the bucket itself.
                ObjectKey::parse(to).map_err(Problem::from)?;
                (
                    KeySource::Inside(format!("{from}/")),
                    KeyTarget::Under(format!("{to}/")),
                )
            }
        };
        self.start_relocation(RelocateOrder {
            copy: false,
            sources: vec![source],
            to_bucket: bucket.clone(),
            bucket,
            target,
            bad_names: BadNames::Refuse,
            taken: Taken::Refuse,
            rules: Rules::default(),
        });
        Ok(())
    }

    /// Edits headers and metadata of objects and of all that is in folders. What they were before can be put back.
    pub fn start_edit(&self, bucket: BucketName, sources: Vec<KeySource>, edit: HeaderEdit) {
        self.start_transfer(move |service| async move {
            let order = EditOrder { sources, bucket, edit };
            service.plan_edit(&order, &|_| {}, &CancellationToken::new()).await
        });
    }

    /// Downloads objects and folders into a folder of this machine, which gets a manifest of them. A file that is there with
    /// other bytes stays.
    pub fn start_download(&self, bucket: BucketName, sources: Vec<KeySource>, to: PathBuf) {
        self.start_transfer(move |service| async move {
            let order = DownloadOrder {
                sources,
                bucket,
                folder: to,
                name: None,
                taken: Taken::Refuse,
                rules: Rules::default(),
            };
            service.plan_download(&order, &|_| {}, &CancellationToken::new()).await
        });
    }

    /// Deletes objects and folders. They can be taken back from the trash, unless it is `for_good`.
    pub fn start_deletion_of(&self, bucket: BucketName, sources: Vec<KeySource>, for_good: bool) {
        self.start_transfer(move |service| async move {
            let rules = Rules {
                keep_trash: !for_good,
                ..Rules::default()
            };
            let order = DeleteOrder { sources, bucket, rules };
            service.plan_deletion(&order, &|_| {}, &CancellationToken::new()).await
        });
    }
}

fn same_name() -> Problem {
    Problem::new("That is its name already.", "Type another one.").beside("name")
}
