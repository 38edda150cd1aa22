//! Every place of the vault, and what becomes of a secret when a place fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::keychain::{Worker, joined, parts};
use super::testing::Scripted;
use super::*;
use crate::workspace::{BaseUrl, ProjectUrl, ProviderProfile};

const CANARY: &str = "sb_secret_canary-0123456789";
const PASSPHRASE: &str = "three quiet foxes";

fn profile(id: &str, keep: Keep) -> Profile {
    Profile {
        keep,
        ..Profile::new(
            ProfileId::parse(id).unwrap(),
            ProjectUrl::parse("https://abc.supabase.co").unwrap(),
        )
    }
}

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path());
    (folder, home)
}

fn found(vault: &Vault, profile: &Profile) -> Option<String> {
    let secret = vault.get(profile, &SecretName::Key).unwrap()?;
    Some(secret.expose().to_owned())
}

#[test]
fn the_keychain_keeps_what_it_is_asked_to() {
    let (_folder, home) = home();
    let keychain = Scripted::default();
    let vault = Vault::with(&home, keychain.clone());
    let profile = profile("a", Keep::Keychain);
    let kept = vault.put(&profile, &SecretName::Key, &Secret::new(CANARY)).unwrap();
    assert_eq!(
        kept,
        Kept {
            place: Keep::Keychain,
            why: None
        }
    );
    let again = Vault::with(&home, keychain.clone());
    assert_eq!(found(&again, &profile).as_deref(), Some(CANARY));
    again.forget(&profile).unwrap();
    assert_eq!(found(&vault, &profile), None);
    assert!(keychain.entries.lock().unwrap().is_empty());
}

#[test]
fn without_a_keychain_it_is_said_where_a_secret_is() {
    let (_folder, home) = home();
    let vault = Vault::without_keychain(&home);
    let profile = profile("a", Keep::Keychain);
    let kept = vault.put(&profile, &SecretName::Key, &Secret::new(CANARY)).unwrap();
    assert_eq!(kept.place, Keep::Session);
    assert!(kept.why.unwrap().contains("there is none"));
    assert_eq!(found(&vault, &profile).as_deref(), Some(CANARY));
    assert_eq!(
        found(&Vault::without_keychain(&home), &profile),
        None,
        "gone with the session"
    );

    vault.unlock(&Secret::new(PASSPHRASE)).unwrap();
    let kept = vault.put(&profile, &SecretName::Key, &Secret::new(CANARY)).unwrap();
    assert_eq!(kept.place, Keep::File, "an open file is better than nothing");
}

#[test]
fn a_keychain_that_asks_its_user_is_waited_for_and_not_gone_around() {
    let (_folder, home) = home();
    let keychain = Scripted::default();
    let vault = Vault::with(&home, keychain.clone());
    *keychain.trouble.lock().unwrap() = Some(|| VaultError::KeychainSilent);
    let result = vault.put(&profile("a", Keep::Keychain), &SecretName::Key, &Secret::new(CANARY));
    assert!(matches!(result, Err(VaultError::KeychainSilent)));
    *keychain.trouble.lock().unwrap() = Some(|| VaultError::Keychain("denied".to_owned()));
    let result = vault.put(&profile("a", Keep::Keychain), &SecretName::Key, &Secret::new(CANARY));
    assert_eq!(result.unwrap().place, Keep::Session);
}

#[test]
fn a_file_of_secrets_opens_with_its_passphrase_only() {
    let (folder, home) = home();
    let vault = Vault::without_keychain(&home);
    let profile = profile("a", Keep::File);
    let secret = Secret::new(CANARY);
    assert!(matches!(
        vault.put(&profile, &SecretName::Key, &secret),
        Err(VaultError::NoPassphrase)
    ));
    assert!(matches!(
        vault.unlock(&Secret::new("short")),
        Err(VaultError::WeakPassphrase(_))
    ));
    vault.unlock(&Secret::new(PASSPHRASE)).unwrap();
    assert_eq!(
        vault.put(&profile, &SecretName::Key, &secret).unwrap().place,
        Keep::File
    );

    let again = Vault::without_keychain(&home);
    assert!(again.is_locked());
    assert!(matches!(again.get(&profile, &SecretName::Key), Err(VaultError::Locked)));
    assert!(matches!(
        again.unlock(&Secret::new("another passphrase")),
        Err(VaultError::WrongPassphrase)
    ));
    again.unlock(&Secret::new(PASSPHRASE)).unwrap();
    assert_eq!(found(&again, &profile).as_deref(), Some(CANARY));
    assert!(again.confirm(&Secret::new(PASSPHRASE)).is_ok());
    assert!(again.confirm(&Secret::new("another passphrase")).is_err());

    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("canary") && !text.contains("foxes"), "{text}");
    }
    again.lock();
    assert!(again.is_locked());
    assert!(matches!(again.forget(&profile), Err(VaultError::Locked)));
}

#[test]
fn two_programs_add_to_one_file() {
    let (_folder, home) = home();
    let (first, second) = (Vault::without_keychain(&home), Vault::without_keychain(&home));
    first.unlock(&Secret::new(PASSPHRASE)).unwrap();
    second.unlock(&Secret::new(PASSPHRASE)).unwrap();
    let (a, b) = (profile("a", Keep::File), profile("b", Keep::File));
    first.put(&a, &SecretName::Key, &Secret::new(CANARY)).unwrap();
    second.put(&b, &SecretName::Key, &Secret::new(CANARY)).unwrap();
    assert!(found(&first, &b).is_some() && found(&second, &a).is_some());
    first.forget(&a).unwrap();
    assert!(found(&second, &a).is_none() && found(&second, &b).is_some());
}

#[test]
fn a_file_that_was_tampered_with_is_refused() {
    let (folder, home) = home();
    let path = folder.path().join("secrets.sealed");
    let vault = Vault::without_keychain(&home);
    vault.unlock(&Secret::new(PASSPHRASE)).unwrap();
    let whole = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"memory\": 65536", "\"memory\": 8"),
        ("\"memory\": 65536", "\"memory\": 4294967295"),
        ("\"passes\": 3", "\"passes\": 4000000000"),
        ("\"version\": 1", "\"version\": 2"),
        ("\"nonce\": \"", "\"nonce\": \"AA"),
        ("{", ""),
    ] {
        let changed = whole.replacen(from, to, 1);
        assert_ne!(changed, whole, "{from}");
        std::fs::write(&path, changed).unwrap();
        let error = Vault::without_keychain(&home)
            .unlock(&Secret::new(PASSPHRASE))
            .unwrap_err();
        assert!(
            matches!(error, VaultError::Damaged | VaultError::WrongPassphrase),
            "{to}: {error}"
        );
    }
}

#[test]
fn a_key_is_given_out_for_its_own_address_only() {
    let (_folder, home) = home();
    let vault = Vault::with(&home, Scripted::default());
    let mut profile = profile("a", Keep::Keychain);
    let address = BaseUrl::parse("https://api.example.com/v1").unwrap();
    let evil = BaseUrl::parse("https://evil.example.org").unwrap();
    profile.providers = vec![ProviderProfile::new(address.clone())];
    let provider = SecretName::Provider(address);
    vault.put(&profile, &SecretName::Key, &Secret::new(CANARY)).unwrap();
    vault.put(&profile, &provider, &Secret::new(CANARY)).unwrap();
    let mut elsewhere = profile.clone();
    elsewhere.url = ProjectUrl::parse("https://evil.example.org").unwrap();
    assert_eq!(found(&vault, &elsewhere), None);
    assert!(vault.get(&elsewhere, &provider).unwrap().is_some());
    elsewhere.providers[0].base_url = evil.clone();
    for name in [&provider, &SecretName::Provider(evil)] {
        assert!(vault.get(&elsewhere, name).unwrap().is_none());
    }
    assert_eq!(found(&vault, &profile).as_deref(), Some(CANARY));
}

#[test]
fn each_provider_has_a_key_of_its_own_and_the_one_of_an_earlier_version_is_found() {
    let (_folder, home) = home();
    let vault = Vault::with(&home, Scripted::default());
    let mut profile = profile("a", Keep::Session);
    let [one, two] =
        ["https://one.example.com/v1", "https://two.example.com/v1"].map(|url| BaseUrl::parse(url).unwrap());
    profile.providers = [&one, &two].map(|url| ProviderProfile::new(url.clone())).to_vec();
    let [first, second] = [&one, &two].map(|url| SecretName::Provider(url.clone()));
    // As an earlier version kept it.
    let bound = Bound {
        address: one.to_string(),
        secret: Secret::new(CANARY),
    };
    vault.session().insert("a/provider".to_owned(), bound);
    let key = |name| vault.get(&profile, name).unwrap().map(|key| key.expose().to_owned());
    assert_eq!((key(&first).as_deref(), key(&second)), (Some(CANARY), None));

    vault.put(&profile, &second, &Secret::new("second-0123456789")).unwrap();
    vault.forget_one(&profile, &second).unwrap();
    assert_eq!((key(&first).as_deref(), key(&second)), (Some(CANARY), None));
    vault.forget_one(&profile, &first).unwrap();
    assert_eq!(key(&first), None);
    assert!(vault.session().is_empty());
}

#[test]
fn a_stuck_keychain_holds_nobody_up_for_ever() {
    let worker = Worker::default();
    let (release, stuck) = std::sync::mpsc::channel::<()>();
    let result = worker.run(Duration::from_millis(10), move || stuck.recv());
    assert!(matches!(result, Err(VaultError::KeychainSilent)));
    let done = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&done);
    // It stands behind the stuck one, and its asker goes away before its turn.
    let result = worker.run(Duration::from_millis(10), move || count.fetch_add(1, Ordering::SeqCst));
    assert!(matches!(result, Err(VaultError::KeychainSilent)));
    release.send(()).unwrap();
    assert_eq!(worker.run(Duration::from_secs(60), || 7).unwrap(), 7);
    assert_eq!(done.load(Ordering::SeqCst), 0, "nobody waited for it any more");
    let failed = worker.run(Duration::from_secs(60), || -> u8 { panic!("as a test") });
    assert!(matches!(failed, Err(VaultError::Keychain(_))));
    assert_eq!(worker.run(Duration::from_secs(60), || 8).unwrap(), 8);
}

#[test]
fn nothing_of_a_secret_is_printed() {
    let (_folder, home) = home();
    let vault = Vault::with(&home, Scripted::default());
    vault
        .put(&profile("a", Keep::Session), &SecretName::Key, &Secret::new(CANARY))
        .unwrap();
    assert!(!format!("{vault:?}").contains("canary"));
}

#[test]
fn a_long_secret_goes_in_parts_and_comes_back_whole() {
    for (text, most) in [("", 4), ("abcd", 4), ("abcde", 4), ("a b ä ö 1 2 ", 4), (CANARY, 1_200)] {
        let cut = parts(text, most);
        let read = |number: usize| Ok(cut.get(number).cloned());
        assert_eq!(joined(read).unwrap().unwrap().as_str(), text);
    }
    assert!(joined(|_| Ok(None)).unwrap().is_none());

    // Half of it is of an older text, or gone, or the head is none.
    let (old, new) = (parts("aaaabbbb", 4), parts("ccccdddd", 4));
    let mixed = joined(|number| Ok(Some(if number == 0 { old[0].clone() } else { new[1].clone() })));
    let short = joined(|number| Ok((number == 0).then(|| old[0].clone())));
    let strange = joined(|_| Ok(Some(Zeroizing::new("4000000000 00000000 x".to_owned()))));
    for result in [mixed, short, strange] {
        assert!(matches!(result, Err(VaultError::Damaged)));
    }
}
