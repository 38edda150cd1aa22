//! Jobs with real identities for the unit tests of this panel.

use jiff::Timestamp;

use crate::http::Secret;
use crate::service::{Ending, Job, JobState, Progress, Service, Subject};
use crate::workspace::{ApiKey, Home, ProjectUrl, Provider, Workspace};

/// A workspace whose project does not exist. Nothing is asked of it.
pub(super) struct Bench {
    service: Service,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Bench {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = ProjectUrl::parse("http://127.0.0.1:9").unwrap();
        let key = ApiKey::parse("sb_secret_0123456789").unwrap();
        let provider = Provider::built_in("http://127.0.0.1:9/v1".to_owned(), Secret::new("none"));
        let workspace = Workspace::local(url, key, provider);
        let (service, _events) = Service::open(workspace, &Home::at(folder.path()), runtime.handle().clone()).unwrap();
        Self {
            service,
            _folder: folder,
            _runtime: runtime,
        }
    }

    /// A job with the next identity. The one it is taken from ends at once and is told of nowhere.
    pub(super) fn job(&self, subject: Subject, state: JobState) -> Job {
        let work = |_| async { Ok(Ending::Done(String::new())) };
        let id = self.service.jobs().start("Sample", "", Subject::None, work);
        Job {
            id,
            title: "Sample".to_owned(),
            target: "Pip".to_owned(),
            subject,
            started: Timestamp::now(),
            ended: None,
            progress: Progress::default(),
            state,
        }
    }
}
