//! Plans against the embedded server, and against servers that answer as a real one was seen to: what is planned is what
//! is there, with few requests, and nothing is changed by it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/hostile_names.rs"]
mod hostile_names;
#[path = "../rules/project.rs"]
mod project;

mod downloads;
mod relocations;
mod sync;
mod uploads;

use std::fs;
use std::path::Path;

use project::{Local, bucket};
use storymimi_studio::supabase::Supabase;
use storymimi_studio::transfer::plan::{
    BadNames, DownloadOrder, FileSource, KeySource, KeyTarget, Links, Planner, RelocateOrder, Taken, UploadOrder,
};
use storymimi_studio::transfer::{Action, Place, Plan, PlanItem, Rules};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const NOBODY: &(dyn Fn(storymimi_studio::transfer::plan::Planning) + Send + Sync) = &|_| {};

/// Writes files with their own names as content, unless told otherwise.
fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        write(folder.path(), file, file.as_bytes());
    }
    folder
}

fn write(folder: &Path, file: &str, bytes: &[u8]) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

struct Planning<'a> {
    project: &'a Supabase,
    stop: CancellationToken,
}

impl<'a> Planning<'a> {
    fn of(project: &'a Supabase) -> Self {
        Self {
            project,
            stop: CancellationToken::new(),
        }
    }

    fn planner(&self) -> Planner<'_> {
        Planner {
            project: self.project,
            stop: &self.stop,
            observe: NOBODY,
        }
    }

    /// A plan that is good by its own rules and the same after it was on disk.
    fn sound(&self, plan: &Plan) {
        plan.check(self.project.url()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        plan.save(&path).unwrap();
        assert_eq!(&Plan::read(&path, self.project.url()).unwrap(), plan);
    }

    async fn upload(&self, order: &UploadOrder) -> Plan {
        let plan = self.planner().upload(order).await.unwrap();
        self.sound(&plan);
        plan
    }

    async fn download(&self, order: &DownloadOrder) -> Plan {
        let plan = self.planner().download(order).await.unwrap();
        self.sound(&plan);
        plan
    }

    async fn relocate(&self, order: &RelocateOrder) -> Plan {
        let plan = self.planner().relocate(order).await.unwrap();
        self.sound(&plan);
        plan
    }
}

fn up(folder: &Path, prefix: &str) -> UploadOrder {
    UploadOrder {
        sources: vec![FileSource::Inside(folder.to_owned())],
        bucket: bucket("art"),
        target: KeyTarget::Under(prefix.to_owned()),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        links: Links::Refuse,
        rules: Rules::default(),
    }
}

fn down(folder: &Path, sources: &[&str]) -> DownloadOrder {
    DownloadOrder {
        sources: sources.iter().map(|text| KeySource::typed(text).unwrap()).collect(),
        bucket: bucket("art"),
        folder: folder.to_owned(),
        name: None,
        taken: Taken::Refuse,
        rules: Rules::default(),
    }
}

fn moving(sources: &[&str], target: &str) -> RelocateOrder {
    RelocateOrder {
        copy: false,
        sources: sources.iter().map(|text| KeySource::typed(text).unwrap()).collect(),
        bucket: bucket("art"),
        to_bucket: bucket("art"),
        target: KeyTarget::typed(target).unwrap(),
        bad_names: BadNames::Refuse,
        taken: Taken::Refuse,
        rules: Rules::default(),
    }
}

fn target(item: &PlanItem) -> String {
    match &item.to {
        Some(Place::Object { key, .. } | Place::Elsewhere { key, .. }) => key.clone(),
        Some(Place::File { file }) => file.display().to_string(),
        Some(Place::Bucket { bucket }) => bucket.clone(),
        None => String::new(),
    }
}

fn source(item: &PlanItem) -> String {
    match &item.from {
        Place::Object { key, .. } | Place::Elsewhere { key, .. } => key.clone(),
        Place::File { file } => file.display().to_string(),
        Place::Bucket { bucket } => bucket.clone(),
    }
}

/// Targets and what happens to them.
fn rows(plan: &Plan) -> Vec<(String, Action)> {
    plan.items.iter().map(|item| (target(item), item.action)).collect()
}

fn expect(plan: &Plan, expected: &[(&str, Action)]) {
    let expected: Vec<(String, Action)> = expected
        .iter()
        .map(|(key, action)| ((*key).to_owned(), *action))
        .collect();
    assert_eq!(rows(plan), expected, "{:#?}", plan.items);
}

#[tokio::test]
async fn a_plan_is_for_its_project_only() {
    let (one, other) = (Local::start().await, Local::start().await);
    let files = folder(&["a.png"]);
    let plan = Planning::of(&one.project).upload(&up(files.path(), "")).await;
    assert_eq!(plan.project, one.server.url());
    let error = plan.check(other.project.url()).unwrap_err().to_string();
    assert!(
        error.contains(one.server.url()) && error.contains(other.server.url()),
        "{error}"
    );
}
