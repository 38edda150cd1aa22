//! Where objects go: moved, copied, or under another name.

use tokio_util::sync::CancellationToken;

use super::folder::segments;
use super::{Chosen, ShownPlan};
use crate::service::{Listed, Load, Problem, Service};
use crate::supabase::{BucketName, ObjectKey};
use crate::transfer::plan::{BadNames, KeySource, KeyTarget, RelocateOrder, Taken};
use crate::transfer::{Plan, Rules};
use crate::workspace::WorkspaceId;

/// What becomes of the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journey {
    /// They are elsewhere then.
    Move,
    /// They are there twice.
    Copy,
    /// They stay in their folder under another name.
    Rename,
}

/// Where objects are to go.
#[derive(Debug)]
pub struct Relocation {
    /// What becomes of them.
    pub journey: Journey,
    /// Which they are.
    pub chosen: Chosen,
    /// Into which workspace, if it is another one.
    to_workspace: Option<WorkspaceId>,
    /// The other workspaces.
    workspaces: Load<Vec<Listed>>,
    /// The buckets of the one that was chosen.
    buckets_there: Load<Vec<BucketName>>,
    /// Into which bucket.
    pub to_bucket: BucketName,
    /// The folder or, of a renaming, the name that was typed.
    pub typed: String,
    /// What becomes of what is there already.
    pub taken: Taken,
    /// The folders in the folder that is typed, by their whole paths.
    pub folders: Load<Vec<String>>,
    folders_of: Option<FolderAt>,
    /// What will happen.
    pub plan: ShownPlan<Question>,
    /// Whether the name has got the keyboard.
    pub focused: bool,
}

/// A folder of a bucket, and of which workspace if it is another one.
type FolderAt = (Option<WorkspaceId>, BucketName, String);

/// What a plan was made for.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    to_workspace: Option<WorkspaceId>,
    to_bucket: BucketName,
    target: KeyTarget,
    taken: Taken,
}

impl Relocation {
    /// Objects that are moved or copied from `folder`, with nothing typed yet.
    #[must_use]
    pub fn new(journey: Journey, chosen: Chosen, folder: &str) -> Self {
        Self {
            journey,
            to_workspace: None,
            workspaces: Load::default(),
            buckets_there: Load::default(),
            to_bucket: chosen.bucket.clone(),
            chosen,
            typed: folder.to_owned(),
            taken: Taken::Refuse,
            folders: Load::default(),
            folders_of: None,
            plan: ShownPlan::default(),
            focused: false,
        }
    }

    /// One object, or one folder, that gets another name; none of several.
    #[must_use]
    pub fn rename(chosen: Chosen) -> Option<Self> {
        let name = match (&chosen.folder, chosen.single()) {
            (Some(folder), _) => folder.trim_end_matches('/').rsplit('/').next()?.to_owned(),
            (None, Some(key)) => key.file_name().to_owned(),
            (None, None) => return None,
        };
        let mut relocation = Self::new(Journey::Rename, chosen, "");
        relocation.typed = name;
        Some(relocation)
    }

    /// The name that it has now, of a renaming.
    #[must_use]
    pub fn name_now(&self) -> String {
        self.whole()
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    fn whole(&self) -> String {
        match &self.chosen.folder {
            Some(folder) => folder.clone(),
            None => self.chosen.single().map(|key| key.to_string()).unwrap_or_default(),
        }
    }

    /// Where it goes.
    ///
    /// # Errors
    /// Says what is wrong with what is typed.
    pub fn target(&self) -> Result<KeyTarget, String> {
        if self.journey == Journey::Rename {
            return self.renamed();
        }
        let folder = self.typed.trim().trim_start_matches('/').trim_end_matches('/');
        if folder.is_empty() {
            return Ok(KeyTarget::Under(String::new()));
        }
        segments(folder)?;
        Ok(KeyTarget::Under(format!("{folder}/")))
    }

    fn renamed(&self) -> Result<KeyTarget, String> {
        let name = self.typed.trim();
        if name.is_empty() {
            return Err("Type a name first".to_owned());
        }
        if name.contains('/') {
            return Err("A name has no slash. Move it to bring it into another folder".to_owned());
        }
        segments(name)?;
        if name == self.name_now() {
            return Err("That is its name now".to_owned());
        }
        let whole = self.whole();
        let inside = whole.trim_end_matches('/');
        let parent = inside.rfind('/').map_or("", |slash| &whole[..=slash]);
        if self.chosen.folder.is_some() {
            return Ok(KeyTarget::Under(format!("{parent}{name}/")));
        }
        ObjectKey::parse(&format!("{parent}{name}"))
            .map(KeyTarget::Exact)
            .map_err(|error| super::folder::sentence(&error.to_string()))
    }

    /// That the end of the name, which tells people and programs what a file is, will be another one.
    #[must_use]
    pub fn changes_extension(&self) -> bool {
        let end = |name: &str| name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        self.journey == Journey::Rename
            && self.chosen.folder.is_none()
            && self.target().is_ok()
            && end(&self.name_now()) != end(self.typed.trim())
    }

    /// The folder that is typed, as a prefix; none while it is none.
    #[must_use]
    pub fn folder(&self) -> Option<String> {
        match self.target() {
            Ok(KeyTarget::Under(folder)) => Some(folder),
            _ => None,
        }
    }

    /// Chooses a folder.
    pub fn enter(&mut self, folder: &str) {
        folder.clone_into(&mut self.typed);
    }

    /// Another bucket: its folders are others.
    pub fn set_bucket(&mut self, bucket: BucketName) {
        if bucket != self.to_bucket {
            self.to_bucket = bucket;
            self.typed.clear();
        }
    }

    /// The other workspace that they go into, if they do.
    #[must_use]
    pub fn workspace(&self) -> Option<&WorkspaceId> {
        self.to_workspace.as_ref()
    }

    /// The workspaces that they can go into besides this one, with their names.
    #[must_use]
    pub fn workspaces(&self) -> Vec<(WorkspaceId, String)> {
        let known = self.workspaces.value().into_iter().flatten();
        known.map(|listed| (listed.id.clone(), listed.name.clone())).collect()
    }

    /// The buckets of the other workspace, as far as they are known; none if they go into one of this.
    #[must_use]
    pub fn buckets_there(&self) -> Option<&[BucketName]> {
        self.to_workspace.as_ref()?;
        Some(self.buckets_there.value().map_or(&[], Vec::as_slice))
    }

    /// Why the other workspace cannot be opened.
    #[must_use]
    pub fn closed(&self) -> Option<&Problem> {
        self.to_workspace.as_ref().and_then(|_| self.buckets_there.problem())
    }

    /// Another workspace: its buckets and folders are others, and nothing is replaced there.
    pub fn set_workspace(&mut self, workspace: Option<WorkspaceId>) {
        if workspace == self.to_workspace {
            return;
        }
        self.to_workspace = workspace;
        self.buckets_there.clear();
        self.typed.clear();
        if self.to_workspace.is_none() {
            self.to_bucket = self.chosen.bucket.clone();
        } else if self.taken == Taken::Replace {
            self.taken = Taken::Refuse;
        }
    }

    fn poll_workspaces(&mut self, service: &Service) {
        if self.workspaces.value().is_none() && self.workspaces.problem().is_none() && !self.workspaces.is_loading() {
            self.workspaces
                .start(service.load(|service| async move { service.other_workspaces().await }));
        }
        self.workspaces.poll();
        let Some(workspace) = self.to_workspace.clone() else {
            return;
        };
        let buckets = &mut self.buckets_there;
        if buckets.value().is_none() && buckets.problem().is_none() && !buckets.is_loading() {
            buckets.start(service.load(|service| async move {
                let buckets = service.buckets_elsewhere(&workspace).await?;
                // One that no call can name is nowhere to go to.
                let names = buckets
                    .into_iter()
                    .filter_map(|bucket| BucketName::parse(&bucket.name).ok());
                Ok(names.collect())
            }));
        }
        buckets.poll();
        // The bucket of the same name, if there is one there.
        if let Some(known) = buckets.value()
            && !known.contains(&self.to_bucket)
            && let Some(first) = known.first()
        {
            self.to_bucket = first.clone();
        }
    }

    /// Whether it is known into which bucket they go.
    fn has_bucket(&self) -> bool {
        self.buckets_there()
            .is_none_or(|buckets| buckets.contains(&self.to_bucket))
    }

    pub(super) fn poll(&mut self, service: &Service) {
        if self.journey != Journey::Rename {
            self.poll_workspaces(service);
            let folder = self.folder().filter(|_| self.has_bucket());
            let wanted = folder.map(|folder| (self.to_workspace.clone(), self.to_bucket.clone(), folder));
            if wanted.is_some() && wanted != self.folders_of {
                self.folders.clear();
                self.folders_of.clone_from(&wanted);
                if let Some((workspace, bucket, folder)) = wanted {
                    self.folders.start(service.load(|service| async move {
                        match workspace {
                            None => service.folders(&bucket, &folder).await,
                            Some(workspace) => service.folders_elsewhere(&workspace, &bucket, &folder).await,
                        }
                    }));
                }
            }
            self.folders.poll();
        }
        let can_be = self.has_bucket() && !self.is_home();
        let question = self.target().ok().filter(|_| can_be).map(|target| Question {
            to_workspace: self.to_workspace.clone(),
            to_bucket: self.to_bucket.clone(),
            target,
            taken: self.taken,
        });
        let (journey, chosen) = (self.journey, self.chosen.clone());
        self.plan.follow(service, question, move |service, question| {
            plan(service, journey, chosen, question)
        });
    }

    /// Whether they are in the folder that is typed already.
    #[must_use]
    pub fn is_home(&self) -> bool {
        if self.journey == Journey::Rename || self.to_workspace.is_some() || self.to_bucket != self.chosen.bucket {
            return false;
        }
        let Some(folder) = self.folder() else { return false };
        let parent = |key: &str| {
            let inside = key.trim_end_matches('/');
            inside
                .rfind('/')
                .map_or(String::new(), |slash| inside[..=slash].to_owned())
        };
        // More than the first few are not looked at here; their plan says it of each.
        let few = self.chosen.folder.is_some()
            || self
                .chosen
                .objects
                .is_some_and(|objects| objects <= self.chosen.named.len());
        few && self.chosen.named.iter().all(|key| parent(key) == folder)
    }

    /// Why it cannot be started.
    #[must_use]
    pub fn why_not(&self) -> Option<String> {
        if let Err(reason) = self.target() {
            return Some(reason);
        }
        if !self.has_bucket() {
            return Some("Choose a bucket of the other workspace first".to_owned());
        }
        if self.is_home() {
            return Some("They are in this folder already: choose another one".to_owned());
        }
        self.plan.why_not().map(str::to_owned)
    }
}

async fn plan(service: Service, journey: Journey, chosen: Chosen, question: Question) -> Result<Plan, Problem> {
    let bucket = chosen.bucket.clone();
    // The keys of a large selection are found off the window's thread.
    let sources = tokio::task::spawn_blocking(move || {
        let renamed = journey == Journey::Rename;
        match &chosen.folder {
            Some(folder) if renamed => vec![KeySource::Inside(folder.clone())],
            _ => chosen.sources(),
        }
    });
    let order = RelocateOrder {
        copy: journey == Journey::Copy,
        sources: sources.await.map_err(|_| Problem::stopped())?,
        bucket,
        to_bucket: question.to_bucket,
        target: question.target,
        bad_names: BadNames::Refuse,
        taken: question.taken,
        rules: Rules::default(),
    };
    let stop = CancellationToken::new();
    match question.to_workspace {
        None => service.plan_relocation(&order, &|_| {}, &stop).await,
        Some(workspace) => service.plan_relocation_into(&workspace, &order, &|_| {}, &stop).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket() -> BucketName {
        BucketName::parse("b").unwrap()
    }

    fn object(key: &str) -> Chosen {
        let source = KeySource::Key(ObjectKey::parse(key).unwrap());
        Chosen::of_objects(bucket(), 1, 5, vec![key.to_owned()], move || vec![source.clone()])
    }

    #[test]
    fn a_file_is_renamed_within_its_folder() {
        let mut relocation = Relocation::rename(object("a/fox.png")).unwrap();
        assert_eq!(
            (relocation.typed.as_str(), relocation.why_not().unwrap()),
            ("fox.png", "That is its name now".to_owned())
        );
        relocation.typed = "owl.png".to_owned();
        assert_eq!(
            relocation.target(),
            Ok(KeyTarget::Exact(ObjectKey::parse("a/owl.png").unwrap()))
        );
        assert!(!relocation.changes_extension());
        relocation.typed = "owl.jpg".to_owned();
        assert!(relocation.changes_extension());
        for wrong in ["", "x/y", "..", "ö"] {
            relocation.typed = wrong.to_owned();
            assert!(relocation.target().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_folder_is_renamed_beside_its_siblings() {
        let chosen = Chosen::of_folder(bucket(), "a/old/", None);
        let mut relocation = Relocation::rename(chosen).unwrap();
        assert_eq!(relocation.typed, "old");
        relocation.typed = "new.folder".to_owned();
        assert_eq!(relocation.target(), Ok(KeyTarget::Under("a/new.folder/".to_owned())));
        assert!(!relocation.changes_extension());
    }

    #[test]
    fn several_objects_have_no_name_to_change() {
        let chosen = Chosen::of_objects(bucket(), 2, 5, vec!["a".to_owned(), "b".to_owned()], Vec::new);
        assert!(Relocation::rename(chosen).is_none());
    }

    #[test]
    fn where_they_are_is_no_place_to_go_to() {
        let mut relocation = Relocation::new(Journey::Move, object("a/fox.png"), "a/");
        assert!(relocation.is_home());
        relocation.typed = "/x/y".to_owned();
        assert_eq!(relocation.target(), Ok(KeyTarget::Under("x/y/".to_owned())));
        assert!(!relocation.is_home());
        relocation.set_bucket(BucketName::parse("other").unwrap());
        assert_eq!((relocation.typed.as_str(), relocation.is_home()), ("", false));
    }
}
