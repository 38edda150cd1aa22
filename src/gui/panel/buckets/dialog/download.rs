//! Where objects are downloaded to.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::{Chosen, Dialog, ShownPlan};
use crate::gui::panel::buckets::state::State;
use crate::service::{Problem, Service};
use crate::transfer::plan::{DownloadOrder, Taken};
use crate::transfer::{Plan, Rules};

/// A folder of this machine that objects are to go into.
#[derive(Debug)]
pub struct DownloadForm {
    /// Which objects.
    pub chosen: Chosen,
    /// The folder that was typed or chosen.
    pub folder: String,
    /// What becomes of files that are there already with other bytes.
    pub taken: Taken,
    /// What will happen.
    pub plan: ShownPlan<(PathBuf, Taken)>,
}

impl DownloadForm {
    /// Into the user's folder for downloads.
    #[must_use]
    pub fn new(chosen: Chosen) -> Self {
        let user = directories::UserDirs::new();
        let folder = user.and_then(|user| {
            let downloads = user.download_dir().map(ToOwned::to_owned);
            Some(
                downloads
                    .unwrap_or_else(|| user.home_dir().join("Downloads"))
                    .to_str()?
                    .to_owned(),
            )
        });
        Self {
            chosen,
            folder: folder.unwrap_or_default(),
            taken: Taken::Refuse,
            plan: ShownPlan::default(),
        }
    }

    /// The folder.
    ///
    /// # Errors
    /// Says why it is none that could be written to.
    pub fn path(&self) -> Result<PathBuf, String> {
        let path = PathBuf::from(self.folder.trim());
        if self.folder.trim().is_empty() {
            return Err("Type a folder, or choose one".to_owned());
        }
        if path.is_relative() {
            return Err("Type the whole path of the folder".to_owned());
        }
        Ok(path)
    }

    pub(super) fn poll(&mut self, service: &Service) {
        let question = self.path().ok().map(|path| (path, self.taken));
        let chosen = self.chosen.clone();
        self.plan.follow(service, question, move |service, (folder, taken)| {
            plan(service, chosen, folder, taken)
        });
    }

    /// Why it cannot be started.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        self.path().err().or_else(|| self.plan.why_not().map(str::to_owned))
    }
}

async fn plan(service: Service, chosen: Chosen, folder: PathBuf, taken: Taken) -> Result<Plan, Problem> {
    let bucket = chosen.bucket.clone();
    let sources = tokio::task::spawn_blocking(move || chosen.sources());
    let order = DownloadOrder {
        sources: sources.await.map_err(|_| Problem::stopped())?,
        bucket,
        folder,
        name: None,
        taken,
        rules: Rules::default(),
    };
    service.plan_download(&order, &|_| {}, &CancellationToken::new()).await
}

impl State {
    /// A folder was chosen for the download that is asked about.
    pub fn folder_chosen(&mut self, folder: &std::path::Path) {
        if let (Some(Dialog::Download(form)), Some(folder)) = (&mut self.dialog, folder.to_str()) {
            folder.clone_into(&mut form.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supabase::BucketName;

    #[test]
    fn a_folder_is_named_by_its_whole_path() {
        let mut form = DownloadForm::new(Chosen::of_folder(BucketName::parse("b").unwrap(), "a/", None));
        for (typed, good) in [("", false), ("Downloads", false), ("/tmp/x", cfg!(unix))] {
            typed.clone_into(&mut form.folder);
            assert_eq!(form.path().is_ok(), good, "{typed}");
        }
    }
}
