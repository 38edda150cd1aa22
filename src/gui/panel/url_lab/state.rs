//! What the URL Lab knows and remembers. No egui.

use super::snippet::Language;
use crate::gui::action::Command;
use crate::service::{Event, Load, PictureAt, ProbeRow, Service, Subject};
use crate::supabase::url::{self, Explained, Fix, ObjectRef, Severity};
use crate::supabase::{BucketName, ObjectInfo, ObjectKey};
use crate::workspace::ProjectUrl;

/// What an explanation was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    text: String,
    /// Counts the listings of buckets.
    buckets: u64,
}

/// The URL Lab.
#[derive(Debug, Default)]
pub struct State {
    /// What is typed.
    pub(super) text: String,
    /// Whether to put the cursor into the field in the next frame.
    pub(super) focus: bool,
    /// Whether the clipboard was asked for, to take the place of the text.
    pub(super) pasting: bool,
    /// The language of the code shown.
    pub(super) language: Language,
    buckets: Load<Vec<(BucketName, bool)>>,
    buckets_read: u64,
    buckets_stale: bool,
    asked: Option<Question>,
    explained: Option<Explained>,
    /// The object meant, after everything was fixed, if it is of this project.
    object: Option<(BucketName, ObjectKey)>,
    info: Load<ObjectInfo>,
    info_of: Option<(BucketName, ObjectKey)>,
    probe: Load<Vec<ProbeRow>>,
    probe_of: Option<(BucketName, ObjectKey)>,
    probe_wanted: bool,
}

impl State {
    /// Takes in what has arrived, and asks for what is needed: the buckets, and the facts of the object meant.
    pub fn poll(&mut self, service: &Service) {
        if self.buckets.poll() {
            self.buckets_read += 1;
        }
        if self.buckets.is_idle() || (self.buckets_stale && !self.buckets.is_loading()) {
            self.buckets_stale = false;
            self.buckets.start(service.load(|service| async move {
                let buckets = service.buckets().await?;
                let known = |bucket: crate::supabase::Bucket| Some((BucketName::parse(&bucket.name).ok()?, bucket.public));
                Ok(buckets.into_iter().filter_map(known).collect())
            }));
        }
        self.refresh(service);
        if self.object != self.info_of {
            self.info.clear();
            if let Some((bucket, key)) = self.object.clone() {
                self.info.start(service.load(|service| async move { service.object_info(&bucket, &key).await }));
            }
            self.info_of.clone_from(&self.object);
        }
        self.info.poll();
        if std::mem::take(&mut self.probe_wanted)
            && let Some((bucket, key)) = self.object.clone()
        {
            let typed = self.text.clone();
            self.probe_of = Some((bucket.clone(), key.clone()));
            self.probe.start(service.load(|service| async move { service.probe(&bucket, &key, Some(&typed)).await }));
        }
        self.probe.poll();
    }

    /// Learns what changed.
    pub fn event(&mut self, event: &Event, _service: &Service) {
        if let Event::Changed(Subject::Bucket(bucket)) = event {
            self.buckets_stale = true;
            if self.object.as_ref().is_some_and(|(of, _)| of == bucket) {
                self.info_of = None;
            }
        }
    }

    /// Carries out a command of the window.
    pub fn command(&mut self, command: Command) {
        match command {
            Command::Filter => self.focus = true,
            Command::Refresh => {
                self.buckets_stale = true;
                self.info_of = None;
            }
            _ => {}
        }
    }

    /// Shows a text.
    pub fn open(&mut self, text: String) {
        self.text = text;
    }

    /// Explains the text anew if it or the buckets have changed.
    pub(super) fn refresh(&mut self, service: &Service) {
        let same = self.asked.as_ref().is_some_and(|asked| asked.text == self.text && asked.buckets == self.buckets_read);
        if same {
            return;
        }
        self.asked = Some(Question { text: self.text.clone(), buckets: self.buckets_read });
        let project = &service.workspace().url;
        if self.text.trim().is_empty() {
            self.explained = None;
            self.object = None;
            return;
        }
        let context = self.context(project, service.bucket());
        let explained = url::explain(&self.text, &context);
        let fixed = explained.fixed.as_deref().map(|fixed| url::explain(fixed, &context));
        let meant = fixed.and_then(|fixed| fixed.parsed).or_else(|| explained.parsed.clone());
        self.object = meant.filter(|object| is_here(object, service)).map(|object| (object.bucket, object.key));
        self.explained = Some(explained);
        if self.probe_of != self.object {
            self.probe.clear();
            self.probe_of = None;
        }
    }

    fn context<'a>(&'a self, project: &'a ProjectUrl, bucket: &'a BucketName) -> url::Context<'a> {
        url::Context {
            project: Some(project),
            buckets: self.buckets.value().map(Vec::as_slice).unwrap_or_default(),
            default_bucket: Some(bucket),
            now: Some(jiff::Timestamp::now()),
        }
    }

    /// The text to be edited, with its parts as far as they are known for it.
    pub(super) fn editing(&mut self) -> (&mut String, &[url::Segment]) {
        let known = self.asked.as_ref().is_some_and(|asked| asked.text == self.text);
        let parts = self.explained.as_ref().filter(|_| known).map(|explained| explained.segments.as_slice());
        (&mut self.text, parts.unwrap_or_default())
    }

    /// The explanation of the text; none while it is empty.
    pub fn explained(&self) -> Option<&Explained> {
        self.explained.as_ref()
    }

    /// The object meant, if it is one of this project.
    pub fn object(&self) -> Option<&(BucketName, ObjectKey)> {
        self.object.as_ref()
    }

    /// Where its picture is.
    pub fn picture(&self) -> Option<PictureAt> {
        self.object.clone().map(|(bucket, key)| PictureAt::Object(bucket, key))
    }

    /// What the server knows of the object meant.
    pub fn info(&self) -> &Load<ObjectInfo> {
        &self.info
    }

    /// What the last check found.
    pub fn probe(&self) -> &Load<Vec<ProbeRow>> {
        &self.probe
    }

    /// Whether the bucket of the object meant is public, if that is known.
    pub fn is_public(&self) -> Option<bool> {
        let (bucket, _) = self.object.as_ref()?;
        self.buckets.value()?.iter().find(|(name, _)| name == bucket).map(|(_, public)| *public)
    }

    /// Asks the server, with the next poll.
    pub fn check(&mut self) {
        self.probe_wanted = self.object.is_some();
    }

    /// Mends one problem.
    pub fn fix(&mut self, fix: &Fix) {
        self.text = url::apply(&self.text, fix);
    }

    /// Mends everything that can be mended.
    pub fn fix_all(&mut self, service: &Service) {
        let (project, bucket) = (service.workspace().url.clone(), service.bucket().clone());
        self.text = url::apply_all(&self.text, &self.context(&project, &bucket));
    }

    /// How many problems of each severity there are: errors, warnings, notes.
    pub fn severities(&self) -> [usize; 3] {
        let problems = self.explained.as_ref().map(|explained| explained.problems.as_slice()).unwrap_or_default();
        [Severity::Error, Severity::Warning, Severity::Note]
            .map(|severity| problems.iter().filter(|problem| problem.severity == severity).count())
    }

    /// A URL of this workspace to try the Lab with.
    pub fn example(service: &Service) -> String {
        format!("{}{}/object/public/{}/scene_0.png", service.workspace().url, url::API_ROOT, service.bucket())
    }
}

/// Whether an object is one of the workspace's project.
fn is_here(object: &ObjectRef, service: &Service) -> bool {
    let workspace = service.workspace();
    match &object.origin {
        None => true,
        // The embedded server may have had another port when the URL was written.
        Some(origin) => *origin == workspace.url || (workspace.is_local && origin.is_loopback()),
    }
}
