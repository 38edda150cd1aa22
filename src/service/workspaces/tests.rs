//! What becomes of secrets when a place for them fails, and when a workspace changes its way in.

use futures_util::FutureExt as _;

use super::keeper::VaultKeeper;
use super::*;
use crate::supabase::User;
use crate::workspace::{BaseUrl, Keep, ProviderProfile, Scripted, VaultError};

struct Local;

impl LocalServer for Local {
    fn start(&self, _: Arc<Transcript>) -> BoxFuture<'_, Result<LocalAccess, Problem>> {
        async {
            Ok(LocalAccess {
                url: ProjectUrl::parse("127.0.0.1:9").unwrap(),
                key: key("local"),
            })
        }
        .boxed()
    }
}

fn key(of: &str) -> ApiKey {
    ApiKey::parse(&format!("sb_publishable_{of}_0123456789")).unwrap()
}

fn tokens(email: &str) -> Tokens {
    Tokens {
        access: Secret::exact("access-0123456789"),
        refresh: Secret::exact("refresh-0123456789"),
        expires_at: 4_000_000_000,
        user: User {
            id: "u".to_owned(),
            email: Some(email.to_owned()),
            ..User::default()
        },
    }
}

fn signs_in(email: &str) -> Access {
    Access::SignIn {
        email: email.to_owned(),
    }
}

fn provider_address() -> BaseUrl {
    BaseUrl::parse("https://ai.example.org/v1").unwrap()
}

fn profile(access: Access) -> Profile {
    Profile {
        access,
        keep: Keep::Keychain,
        providers: vec![ProviderProfile {
            text_model: "text".to_owned(),
            image_model: "image".to_owned(),
            ..ProviderProfile::new(provider_address())
        }],
        ..Profile::new(
            ProfileId::parse("a").unwrap(),
            ProjectUrl::parse("https://abc.supabase.co").unwrap(),
        )
    }
}

fn secrets(key: ApiKey) -> NewSecrets {
    NewSecrets {
        key: Some(key),
        password: None,
        providers: vec![(provider_address(), Secret::exact("provider-0123456789"))],
        headers: Vec::new(),
    }
}

struct Desk {
    folder: tempfile::TempDir,
    keychain: Scripted,
    workspaces: Workspaces,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (home, keychain) = (Home::at(folder.path()), Scripted::default());
        let vault = keychain.vault(&home);
        let runtime = tokio::runtime::Handle::current();
        let workspaces = Workspaces::with(home, vault, Arc::new(Local), None, runtime);
        Self {
            folder,
            keychain,
            workspaces,
        }
    }

    fn kept(&self) -> Vec<String> {
        self.keychain.entries.lock().unwrap().keys().cloned().collect()
    }
}

#[tokio::test]
async fn a_keychain_that_refuses_new_tokens_is_not_said_to_have_kept_them() {
    let desk = Desk::new();
    let keeper = |vault: &Vault| VaultKeeper {
        vault: vault.clone(),
        profile: profile(signs_in("pip@example.org")),
        lock: desk.folder.path().join("lock"),
    };
    let tokens = tokens("pip@example.org");
    let ours = keeper(&desk.workspaces.inner.vault);
    *desk.keychain.trouble.lock().unwrap() = Some(|| VaultError::Keychain("it is locked".to_owned()));
    let error = ours.keep(&tokens).unwrap_err();
    assert!(error.to_string().contains("it is locked"), "{error}");
    *desk.keychain.trouble.lock().unwrap() = None;
    ours.keep(&tokens).unwrap();
    assert_eq!(desk.kept(), ["a/session"]);
    // Where there is none, nothing more can be had than what was said at the beginning.
    let none = keeper(&Vault::without_keychain(&Home::at(desk.folder.path())));
    none.keep(&tokens).unwrap();
    assert!(none.load().unwrap().is_some());
}

#[tokio::test]
async fn a_secret_that_cannot_be_kept_leaves_the_others_as_they_were() {
    let desk = Desk::new();
    *desk.keychain.refused.lock().unwrap() = Some("provider https://ai.example.org/v1");
    let added = desk.workspaces.add(profile(Access::Key), secrets(key("one"))).await;
    added.unwrap_err();
    assert!(desk.kept().is_empty(), "{:?}", desk.kept());
    assert_eq!(desk.workspaces.list().await.unwrap().workspaces.len(), 1);

    *desk.keychain.refused.lock().unwrap() = None;
    let saved = desk.workspaces.add(profile(Access::Key), secrets(key("one"))).await;
    let profile = saved.unwrap().profile;
    *desk.keychain.refused.lock().unwrap() = Some("provider https://ai.example.org/v1");
    let saved = desk.workspaces.save(profile.clone(), secrets(key("two"))).await;
    saved.unwrap_err();
    assert_eq!(desk.workspaces.key(&profile).await.unwrap(), key("one"));
}

#[tokio::test]
async fn a_session_is_only_of_the_user_and_the_way_in_that_it_was_kept_for() {
    let desk = Desk::new();
    let before = profile(signs_in("Pip@Example.org"));
    let kept = desk
        .workspaces
        .keep(before.clone(), secrets(key("one")), Some(tokens("pip@example.org")));
    kept.await.unwrap();
    desk.workspaces.kept_session(&before).await.unwrap();
    let nobody = |profile: Profile| {
        let workspaces = desk.workspaces.clone();
        async move { workspaces.kept_session(&profile).await.err().unwrap().field }
    };
    assert_eq!(nobody(profile(signs_in("ada@example.org"))).await, Some("password"));
    // What something else wrote into the keychain asks for the password, too, and not for another keychain.
    let whole = desk
        .keychain
        .entries
        .lock()
        .unwrap()
        .insert("a/session".to_owned(), "{".to_owned());
    assert_eq!(nobody(before.clone()).await, Some("password"));
    desk.keychain
        .entries
        .lock()
        .unwrap()
        .insert("a/session".to_owned(), whole.unwrap());
    let saved = desk.workspaces.save(profile(Access::Key), NewSecrets::default()).await;
    saved.unwrap();
    assert_eq!(desk.kept(), ["a/key", "a/provider https://ai.example.org/v1"]);
}

#[tokio::test]
async fn what_cannot_be_remembered_as_the_last_one_is_opened_all_the_same() {
    let desk = Desk::new();
    std::fs::create_dir(desk.folder.path().join("workspaces.toml")).unwrap();
    desk.workspaces.list().await.unwrap_err();
    desk.workspaces.open(&WorkspaceId::Local).await.unwrap();
}

#[tokio::test]
async fn headers_are_kept_beside_the_key_and_only_those_that_are_named() {
    const ENTRY: &str = "/headers https://ai.example.org/v1";
    let desk = Desk::new();
    let named = |names: &[&str]| {
        let mut profile = profile(Access::Key);
        profile.providers[0].secret_headers = names.iter().map(|name| (*name).to_owned()).collect();
        profile
    };
    let typed = |name: &str, value: &str| NewSecrets {
        headers: vec![(
            provider_address(),
            [(name.to_owned(), Secret::exact(value))].into_iter().collect(),
        )],
        ..secrets(key("one"))
    };
    let sent = |profile: Profile, typed: NewSecrets| {
        let workspaces = desk.workspaces.clone();
        async move {
            let all = workspaces.with_keys(&profile, &typed).await.unwrap();
            let values = all[0].1.headers.iter();
            values
                .map(|(name, value)| format!("{name}={}", value.expose()))
                .collect::<Vec<_>>()
        }
    };
    let saved = desk.workspaces.add(named(&["X-Org"]), typed("X-Org", "org-0123")).await;
    let first = saved.unwrap().profile;
    assert!(
        desk.kept().iter().any(|entry| entry.ends_with(ENTRY)),
        "{:?}",
        desk.kept()
    );
    assert_eq!(sent(first.clone(), NewSecrets::default()).await, ["x-org=org-0123"]);
    let file = std::fs::read_to_string(desk.folder.path().join("workspaces.toml")).unwrap();
    assert!(file.contains("X-Org") && !file.contains("org-0123"), "{file}");

    // Another one is typed, and the first one stays.
    let second = Profile {
        id: first.id.clone(),
        ..named(&["X-Org", "X-Tenant"])
    };
    let saved = desk.workspaces.save(second.clone(), typed("x-tenant", "t-42")).await;
    saved.unwrap();
    let both = ["x-org=org-0123", "x-tenant=t-42"];
    assert_eq!(sent(second.clone(), NewSecrets::default()).await, both);
    let newer = typed("X-Org", "org-9");
    assert_eq!(sent(second.clone(), newer).await, ["x-org=org-9", "x-tenant=t-42"]);

    // What is taken out of the form is forgotten.
    let third = Profile {
        id: first.id.clone(),
        ..named(&["X-Tenant"])
    };
    desk.workspaces.save(third, NewSecrets::default()).await.unwrap();
    assert_eq!(sent(second, NewSecrets::default()).await, ["x-tenant=t-42"]);
    let none = Profile {
        id: first.id.clone(),
        ..named(&[])
    };
    desk.workspaces.save(none, NewSecrets::default()).await.unwrap();
    assert!(
        !desk.kept().iter().any(|entry| entry.ends_with(ENTRY)),
        "{:?}",
        desk.kept()
    );
}
