//! Many workspaces: adding, opening, switching, testing and sharing them, in the library and from the command line.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use storymimi_studio::http::{Secret, Transcript};
use storymimi_studio::service::connection::{CheckId, CheckState};
use storymimi_studio::service::{
    AdminAction, AdminState, JobState, LocalAccess, LocalServer, NewSecrets, Problem, Service, Workspaces,
};
use storymimi_studio::story::{Replaced, SceneId, StoryId};
use storymimi_studio::supabase::BucketName;
use storymimi_studio::transfer::{Action, Kind, Place, Plan, PlanItem, Rules, Seen};
use storymimi_studio::workspace::{ApiKey, Home, Keep, Profile, ProfileId, ProjectUrl, Vault, WorkspaceId};
use support::project::Project;

/// The embedded server of a test, which counts how often it is started.
struct Counted {
    access: LocalAccess,
    starts: AtomicUsize,
}

impl LocalServer for Counted {
    fn start(&self, _: Arc<Transcript>) -> BoxFuture<'_, Result<LocalAccess, Problem>> {
        Box::pin(async {
            self.starts.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(self.access.clone())
        })
    }
}

/// A user with a local workspace, and a project of somebody else's.
struct User {
    /// Kept alive.
    _local: Project,
    project: Project,
    server: Arc<Counted>,
    workspaces: Workspaces,
    home: tempfile::TempDir,
}

impl User {
    async fn new() -> Self {
        let (local, project) = (Project::start().await, Project::start().await);
        let server = Arc::new(Counted {
            access: LocalAccess {
                url: ProjectUrl::parse(local.server.url()).unwrap(),
                key: ApiKey::parse(local.server.service_key()).unwrap(),
            },
            starts: AtomicUsize::new(0),
        });
        let home = tempfile::tempdir().unwrap();
        let workspaces = Self::workspaces(home.path(), server.clone());
        Self {
            _local: local,
            project,
            server,
            workspaces,
            home,
        }
    }

    /// As at another start of the program.
    fn workspaces(home: &Path, server: Arc<Counted>) -> Workspaces {
        let home = Home::at(home);
        let vault = Vault::without_keychain(&home);
        Workspaces::with(home, vault, server, None, tokio::runtime::Handle::current())
    }

    fn profile(&self, name: &str) -> Profile {
        let url = ProjectUrl::parse(self.project.server.url()).unwrap();
        Profile {
            name: name.to_owned(),
            ..Profile::new(ProfileId::parse("new").unwrap(), url)
        }
    }

    fn key(&self) -> ApiKey {
        ApiKey::parse(self.project.server.service_key()).unwrap()
    }

    async fn add(&self, name: &str) -> WorkspaceId {
        let secrets = NewSecrets {
            key: Some(self.key()),
            ..NewSecrets::default()
        };
        let saved = self.workspaces.add(self.profile(name), secrets).await.unwrap();
        WorkspaceId::Profile(saved.profile.id)
    }
}

async fn make_bucket(service: &Service, name: &str) {
    let bucket = storymimi_studio::supabase::NewBucket {
        name: BucketName::parse(name).unwrap(),
        public: true,
        file_size_limit: None,
        allowed_mime_types: None,
    };
    service.create_bucket(&bucket).await.unwrap();
}

async fn bucket_names(service: &Service) -> Vec<String> {
    let buckets = service.buckets().await.unwrap();
    buckets.into_iter().map(|bucket| bucket.name).collect()
}

#[tokio::test]
async fn switching_leaves_each_workspace_to_itself() {
    let user = User::new().await;
    let there = user.add("Theirs").await;
    let (local, _events) = user.workspaces.open(&WorkspaceId::Local).await.unwrap();
    make_bucket(&local, "ours").await;
    let (remote, _events) = user.workspaces.open(&there).await.unwrap();
    remote.admin().unlock();
    make_bucket(&remote, "theirs").await;
    assert_eq!(bucket_names(&local).await, ["ours"]);
    assert_eq!(bucket_names(&remote).await, ["theirs"]);
    assert!(local.workspace().is_local && !remote.workspace().is_local);
    assert!(
        remote
            .transcript()
            .exchanges()
            .iter()
            .all(|exchange| exchange.url.starts_with(user.project.server.url())),
        "each has its own transcript"
    );

    // The window opens the last one at the next start, also in another process.
    let again = User::workspaces(user.home.path(), user.server.clone());
    assert_eq!(again.last_used().await.unwrap(), there);
    let list = again.list().await.unwrap().workspaces;
    let marks: Vec<_> = list
        .iter()
        .map(|listed| (listed.name.as_str(), listed.last_used))
        .collect();
    assert_eq!(marks, [("Local workspace", false), ("Theirs", true)]);
}

#[tokio::test]
async fn a_workspace_that_was_left_stops_its_jobs() {
    let user = User::new().await;
    let (service, _events) = user.workspaces.open(&WorkspaceId::Local).await.unwrap();
    let brief = storymimi_studio::story::Brief::new("Pip", "a fox by the sea", 6, 1).unwrap();
    let job = service.start_story(brief);
    service.close().await;
    let jobs = service.jobs().list();
    assert!(jobs.iter().any(|other| other.id == job) && jobs.iter().all(|job| job.state.is_over()));
}

#[tokio::test]
async fn whoever_asks_first_starts_the_embedded_server_and_the_others_wait() {
    let user = User::new().await;
    let opened = futures_util::future::join_all((0..8).map(|_| user.workspaces.open(&WorkspaceId::Local))).await;
    assert!(opened.iter().all(Result::is_ok));
    assert_eq!(user.server.starts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_service_key_is_locked_until_somebody_says_otherwise() {
    let user = User::new().await;
    let (service, _events) = user.workspaces.open(&user.add("Theirs").await).await.unwrap();
    assert_eq!(service.admin().state(), AdminState::Locked);
    let deletion = Plan {
        format: Plan::FORMAT,
        project: service.workspace().url.to_string(),
        made_at: jiff::Timestamp::now(),
        kind: Kind::Delete,
        title: "Delete 1 object".to_owned(),
        rules: Rules::default(),
        items: vec![PlanItem {
            from: Place::object("b", "a.png"),
            to: None,
            action: Action::New,
            why: String::new(),
            media_type: None,
            size: None,
            dimensions: None,
            seen: Seen::default(),
            replaces: None,
            renamed_from: None,
        }],
        unseen: Vec::new(),
    };
    let refused = service.submit(deletion).await.unwrap_err();
    assert!(refused.what.contains("Admin mode is locked") && refused.what.contains("Nothing was changed"));
    assert!(service.transcript().exchanges().is_empty(), "nothing was sent");
    service.admin().permit(AdminAction::Overwrite).unwrap_err();
    let replaced = Replaced {
        story: StoryId::fresh(),
        scene: SceneId::fresh(),
        before: None,
        now: None,
        left_behind: None,
    };
    let refused = service.put_back(&replaced).await.unwrap_err();
    assert!(refused.what.contains("Admin mode is locked"), "{}", refused.what);
    let job = service.start_put_back(replaced);
    let state = loop {
        let jobs = service.jobs().list();
        let job = jobs.into_iter().find(|other| other.id == job).unwrap();
        if job.state.is_over() {
            break job.state;
        }
        tokio::task::yield_now().await;
    };
    assert!(matches!(state, JobState::Failed(problem) if problem.what.contains("Admin mode is locked")));
    assert!(service.transcript().exchanges().is_empty(), "nothing was sent");
    service.admin().unlock();
    make_bucket(&service, "b").await;
    service.close().await;
    assert_eq!(service.admin().state(), AdminState::Locked);

    let (local, _events) = user.workspaces.open(&WorkspaceId::Local).await.unwrap();
    assert_eq!(
        local.admin().state(),
        AdminState::Off,
        "the local workspace is the user's own"
    );
}

#[tokio::test]
async fn what_is_missing_to_open_a_workspace_is_said_beside_its_field() {
    let user = User::new().await;
    let id = user.add("Theirs").await;
    let WorkspaceId::Profile(profile) = &id else {
        unreachable!()
    };

    // The key was kept for the session only, since this system has no keychain.
    let again = User::workspaces(user.home.path(), user.server.clone());
    let problem = again.open(&id).await.err().unwrap();
    assert_eq!(problem.field, Some("key"));

    // In the file, once it is open.
    let mut saved = user.workspaces.profile(profile).await.unwrap();
    saved.keep = Keep::File;
    let problem = user
        .workspaces
        .save(saved.clone(), NewSecrets::default())
        .await
        .unwrap_err();
    assert_eq!(problem.field, Some("passphrase"));
    user.workspaces
        .unlock_vault(Secret::new("three quiet foxes"))
        .await
        .unwrap();
    user.workspaces.save(saved, NewSecrets::default()).await.unwrap();
    let again = User::workspaces(user.home.path(), user.server.clone());
    assert!(again.vault_state().await.unwrap().is_locked);
    assert_eq!(again.open(&id).await.err().unwrap().field, Some("passphrase"));
    again.unlock_vault(Secret::new("three quiet foxes")).await.unwrap();
    again.open(&id).await.unwrap();

    // A key is for one address.
    let mut moved = again.profile(profile).await.unwrap();
    moved.url = ProjectUrl::parse("https://elsewhere.example.org").unwrap();
    again.save(moved, NewSecrets::default()).await.unwrap();
    assert_eq!(again.open(&id).await.err().unwrap().field, Some("key"));
    again.remove(profile).await.unwrap();
    assert!(again.open(&id).await.is_err());
}

#[tokio::test]
async fn the_test_of_a_real_server_passes() {
    let user = User::new().await;
    let id = user.add("Theirs").await;
    let (service, _events) = user.workspaces.open(&id).await.unwrap();
    service.admin().unlock();
    let brief = storymimi_studio::story::Brief::new("Pip", "a fox by the sea", 1, 1).unwrap();
    let cancel = tokio_util::sync::CancellationToken::new();
    service.create_story(&brief, &|_| {}, &cancel).await.unwrap();
    let draft = user.workspaces.draft_of(&id).await.unwrap();
    let mut running = user.workspaces.start_test(draft);
    while !running.is_over() {
        tokio::task::yield_now().await;
    }
    for check in running.checks() {
        let fine = match check.id {
            CheckId::Provider => check.state == CheckState::Skipped,
            // Whether it scales pictures is the server's affair; a warning says if not.
            CheckId::Rendering => check.state != CheckState::Failed,
            _ => check.state == CheckState::Ok,
        };
        assert!(fine, "{check:?}");
    }
}

/// The program, with a home and a project of the test's own.
struct Program {
    home: tempfile::TempDir,
    url: String,
    key: String,
}

impl Program {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storymimi-studio"));
        command
            .args(words)
            .env("STORYMIMI_HOME", self.home.path())
            .env("STORYMIMI_NO_KEYCHAIN", "1")
            .env("STORYMIMI_PASSPHRASE", "three quiet foxes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in [
            "SUPABASE_URL",
            "SUPABASE_KEY",
            "SUPABASE_PASSWORD",
            "STORYMIMI_AI_URL",
            "DISPLAY",
            "WAYLAND_DISPLAY",
        ] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, words: &[&str], input: &str) -> Output {
        let mut child = self.command(words).spawn().unwrap();
        // Commands that need no input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        for text in [&output.stdout, &output.stderr] {
            assert!(!text.windows(self.key.len()).any(|window| window == self.key.as_bytes()));
        }
        output
    }

    fn json(&self, words: &[&str], input: &str) -> Value {
        let mut all = words.to_vec();
        all.push("--json");
        let output = self.run(&all, input);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn fails(&self, words: &[&str], input: &str) -> String {
        let output = self.run(words, input);
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_looks_after_workspaces() {
    let project = Project::start().await;
    let program = Program {
        home: tempfile::tempdir().unwrap(),
        url: project.server.url().to_owned(),
        key: project.server.service_key().to_owned(),
    };
    tokio::task::spawn_blocking(move || {
        let listed = program.json(&["workspace", "list"], "");
        assert_eq!(listed["workspaces"][0]["id"], "local");

        let add = ["workspace", "add", "Theirs", "--url", &program.url, "--keep", "file"];
        assert!(program.fails(&add, "").contains("There is no key"));
        assert!(program.fails(&add, "hunter2\n").contains("not a Supabase key"));
        let added = program.json(&add, &format!("{}\n", program.key));
        assert_eq!((&added["id"], &added["kept_in"]), (&json!("theirs"), &json!("file")));

        // Commands go to the local workspace until they are told otherwise.
        program.json(&["bucket", "create", "theirs", "--workspace", "THEIRS"], "");
        assert_eq!(program.json(&["bucket", "list"], ""), json!([]));
        program.json(&["workspace", "use", "theirs"], "");
        assert_eq!(program.json(&["bucket", "list"], "")[0]["name"], "theirs");
        assert_eq!(program.json(&["--workspace", "local", "bucket", "list"], ""), json!([]));
        assert!(
            program
                .fails(&["bucket", "list", "--workspace", "nobody"], "")
                .contains("no workspace")
        );

        let rows = program.json(&["workspace", "test"], "");
        assert_eq!(
            (&rows[0]["row"], &rows[0]["state"]),
            (&json!("Reachable"), &json!("ok"))
        );
        assert_eq!(rows[2]["words"], "service_role, passes every access rule");

        let file = program.home.path().join("shared.toml");
        let shared = file.to_str().unwrap();
        program.json(&["workspace", "export", "--output", shared], "");
        assert!(!std::fs::read_to_string(&file).unwrap().contains(&program.key));
        let printed = program.json(&["workspace", "export"], "");
        assert_eq!(
            printed["toml"].as_str().unwrap(),
            std::fs::read_to_string(&file).unwrap()
        );
        let imported = program.json(&["workspace", "import", shared], "");
        assert_eq!(imported["imported"], json!(["theirs"]));

        // On another computer the file brings no key; it is given there.
        let there = Program {
            home: tempfile::tempdir().unwrap(),
            url: program.url.clone(),
            key: program.key.clone(),
        };
        there.json(&["workspace", "import", shared], "");
        let keyless = there.fails(&["bucket", "list", "--workspace", "theirs"], "");
        assert!(keyless.contains("storymimi-studio workspace key theirs"), "{keyless}");
        assert!(
            there
                .fails(&["workspace", "key", "theirs"], "hunter2\n")
                .contains("not a Supabase key")
        );
        let kept = there.json(&["workspace", "key", "theirs"], &format!("{}\n", there.key));
        assert_eq!(kept["kept_in"], "file");
        assert_eq!(
            there.json(&["bucket", "list", "--workspace", "theirs"], "")[0]["name"],
            "theirs"
        );
        assert!(
            there
                .fails(&["workspace", "sign-out", "theirs"], "")
                .contains("not by signing in")
        );
        let place = there.url.trim_start_matches("http://");
        assert_eq!(there.json(&["workspace", "list"], "")["workspaces"][1]["place"], place);
        let mut locked = there.command(&["bucket", "list", "--workspace", "theirs"]);
        let locked = locked.env_remove("STORYMIMI_PASSPHRASE").output().unwrap();
        let said = String::from_utf8_lossy(&locked.stderr).into_owned();
        assert!(
            said.contains("is locked") && said.contains("STORYMIMI_PASSPHRASE"),
            "{said}"
        );

        program.json(&["workspace", "remove", "theirs"], "");
        assert_eq!(
            program.json(&["workspace", "list"], "")["workspaces"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            program.json(&["bucket", "list"], ""),
            json!([]),
            "the local workspace again"
        );
        assert!(
            program
                .fails(&["workspace", "remove", "local"], "")
                .contains("always there")
        );

        // A file of settings brings URL and key; the server is gone by then.
        let settings = program.home.path().join(".env");
        std::fs::write(
            &settings,
            format!(
                "SUPABASE_URL=http://127.0.0.1:9\nSUPABASE_SERVICE_ROLE_KEY={}\n",
                program.key
            ),
        )
        .unwrap();
        let from = [
            "workspace",
            "add",
            "--env-file",
            settings.to_str().unwrap(),
            "--keep",
            "file",
        ];
        let added = program.json(&from, "");
        let failed = program.fails(&["workspace", "test", added["id"].as_str().unwrap()], "");
        assert!(failed.contains("The connection test failed at “Reachable”"), "{failed}");
        assert!(!failed.contains("?."), "{failed}");
    })
    .await
    .unwrap();
}
