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

/// What of a workspace an explanation depends on.
#[derive(Clone, Copy, Debug)]
struct Here<'a> {
    project: &'a ProjectUrl,
    bucket: &'a BucketName,
    is_local: bool,
}

impl<'a> Here<'a> {
    fn of(service: &'a Service) -> Self {
        let workspace = service.workspace();
        Self {
            project: &workspace.url,
            bucket: service.bucket(),
            is_local: workspace.is_local,
        }
    }

    /// Whether an object is one of the workspace's project.
    fn has(self, object: &ObjectRef) -> bool {
        match &object.origin {
            None => true,
            // The embedded server may have had another port when the URL was written.
            Some(origin) => origin == self.project || (self.is_local && origin.is_loopback()),
        }
    }
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
                let known =
                    |bucket: crate::supabase::Bucket| Some((BucketName::parse(&bucket.name).ok()?, bucket.public));
                Ok(buckets.into_iter().filter_map(known).collect())
            }));
        }
        self.refresh(service);
        if self.object != self.info_of {
            self.info.clear();
            if let Some((bucket, key)) = self.object.clone() {
                self.info
                    .start(service.load(|service| async move { service.object_info(&bucket, &key).await }));
            }
            self.info_of.clone_from(&self.object);
        }
        self.info.poll();
        if std::mem::take(&mut self.probe_wanted)
            && let Some((bucket, key)) = self.object.clone()
        {
            let typed = self.text.clone();
            self.probe_of = Some((bucket.clone(), key.clone()));
            self.probe
                .start(service.load(|service| async move { service.probe(&bucket, &key, Some(&typed)).await }));
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
        self.explain(Here::of(service));
    }

    fn explain(&mut self, here: Here<'_>) {
        let same = self
            .asked
            .as_ref()
            .is_some_and(|asked| asked.text == self.text && asked.buckets == self.buckets_read);
        if same {
            return;
        }
        self.asked = Some(Question {
            text: self.text.clone(),
            buckets: self.buckets_read,
        });
        self.explained = None;
        self.object = None;
        if !self.text.trim().is_empty() {
            let context = self.context(here);
            let explained = url::explain(&self.text, &context);
            let fixed = explained
                .fixed
                .as_deref()
                .and_then(|fixed| url::explain(fixed, &context).parsed);
            let meant = fixed
                .or_else(|| explained.parsed.clone())
                .filter(|object| here.has(object));
            self.object = meant.map(|object| (object.bucket, object.key));
            self.explained = Some(explained);
        }
        if self.probe_of != self.object {
            self.probe.clear();
            self.probe_of = None;
        }
    }

    fn context<'a>(&'a self, here: Here<'a>) -> url::Context<'a> {
        url::Context {
            project: Some(here.project),
            buckets: self.buckets.value().map(Vec::as_slice).unwrap_or_default(),
            default_bucket: Some(here.bucket),
            now: Some(jiff::Timestamp::now()),
        }
    }

    /// The text to be edited, with its parts as far as they are known for it.
    pub(super) fn editing(&mut self) -> (&mut String, &[url::Segment]) {
        let known = self.asked.as_ref().is_some_and(|asked| asked.text == self.text);
        let parts = self
            .explained
            .as_ref()
            .filter(|_| known)
            .map(|explained| explained.segments.as_slice());
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
        self.buckets
            .value()?
            .iter()
            .find(|(name, _)| name == bucket)
            .map(|(_, public)| *public)
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
        self.text = url::apply_all(&self.text, &self.context(Here::of(service)));
    }

    /// How many problems of each severity there are: errors, warnings, notes.
    pub fn severities(&self) -> [usize; 3] {
        let problems = self
            .explained
            .as_ref()
            .map(|explained| explained.problems.as_slice())
            .unwrap_or_default();
        [Severity::Error, Severity::Warning, Severity::Note]
            .map(|severity| problems.iter().filter(|problem| problem.severity == severity).count())
    }

    /// A URL of this workspace to try the Lab with.
    pub fn example(service: &Service) -> String {
        format!(
            "{}{}/object/public/{}/scene_0.png",
            service.workspace().url,
            url::API_ROOT,
            service.bucket()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "https://abc.supabase.co";

    fn explained(text: &str, is_local: bool) -> State {
        let mut state = State::default();
        state.open(text.to_owned());
        let (project, bucket) = (
            ProjectUrl::parse(PROJECT).unwrap(),
            BucketName::parse("story-images").unwrap(),
        );
        state.explain(Here {
            project: &project,
            bucket: &bucket,
            is_local,
        });
        state
    }

    #[test]
    fn the_object_is_what_the_mended_url_means() {
        let state = explained(
            "https://https://abc.supabase.co/storage/v1/object/public/story-images/a.png",
            false,
        );
        let (bucket, key) = state.object().unwrap();
        assert_eq!((bucket.as_str(), key.as_str()), ("story-images", "a.png"));
        assert!(state.severities()[0] > 0);
    }

    #[test]
    fn objects_of_other_projects_are_explained_and_not_read() {
        let url = "https://other.supabase.co/storage/v1/object/public/b/a.png";
        let state = explained(url, false);
        assert!(state.explained().is_some());
        assert_eq!(state.object(), None);
    }

    #[test]
    fn the_local_workspace_knows_its_earlier_ports() {
        let url = "http://127.0.0.1:54399/storage/v1/object/public/b/a.png";
        assert!(explained(url, true).object().is_some());
        assert_eq!(explained(url, false).object(), None);
    }

    #[test]
    fn parts_are_given_for_the_text_they_were_made_of_only() {
        let mut state = explained("story-images/a.png", false);
        assert!(!state.editing().1.is_empty());
        state.text.push('x');
        assert!(state.editing().1.is_empty());
    }

    #[test]
    fn nothing_is_asked_without_an_object() {
        let mut state = explained("  ", false);
        assert!(state.explained().is_none());
        state.check();
        assert!(!state.probe_wanted);
    }
}
