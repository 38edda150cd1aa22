//! The file of profiles: what it keeps, what it refuses, and two programs that write it.

use super::*;
use crate::workspace::{Access, BaseUrl, Colour, Dialect, Keep, Money, ProviderProfile};

fn profile(name: &str) -> Profile {
    let id = ProfileId::fresh(name, &[]);
    Profile {
        name: name.to_owned(),
        ..Profile::new(id, ProjectUrl::parse("https://abc.supabase.co").unwrap())
    }
}

fn profiles() -> (tempfile::TempDir, Profiles) {
    let folder = tempfile::tempdir().unwrap();
    let profiles = Profiles::new(&Home::at(folder.path()));
    (folder, profiles)
}

fn names(profiles: &Profiles) -> Vec<String> {
    let registry = profiles.read().unwrap();
    registry.profiles.into_iter().map(|profile| profile.name).collect()
}

#[test]
fn keeps_every_part_of_a_profile() {
    let (_folder, profiles) = profiles();
    let mut whole = profile("Bedtime");
    whole.colour = Colour::Teal;
    whole.access = Access::SignIn {
        email: "pip@example.org".to_owned(),
    };
    whole.tables.stories = "tales".parse().unwrap();
    let provider = |address: &str| ProviderProfile::new(BaseUrl::parse(address).unwrap());
    whole.providers = vec![
        ProviderProfile {
            name: "Example".to_owned(),
            text_model: "t".to_owned(),
            image_model: "i".to_owned(),
            dialect: Dialect::Together,
            price: Some(Money::from_micros(2_700)),
            budget: Some(Money::from_micros(20_000_000)),
            concurrent: 4,
            per_minute: std::num::NonZeroU32::new(60),
            headers: vec![("x-title".to_owned(), "Bedtime".to_owned())],
            extra: serde_json::from_str(r#"{"a": null, "steps": 4}"#).unwrap(),
            mask_people: false,
            ..provider("https://api.example.com/v1")
        },
        provider("http://127.0.0.1:7860"),
    ];
    whole.limits.concurrent_pictures = 5;
    whole.limits.requests_per_minute = std::num::NonZeroU32::new(12);
    whole.keep = Keep::File;
    profiles.save(&whole).unwrap();
    assert_eq!(profiles.get(&whole.id).unwrap(), whole);
    let used = WorkspaceId::Profile(whole.id.clone());
    profiles.set_last_used(&used).unwrap();
    profiles.set_for_commands(&used).unwrap();
    let registry = profiles.read().unwrap();
    assert_eq!((&registry.last_used, &registry.for_commands), (&used, &used));

    whole.providers.clear();
    profiles.save(&whole).unwrap();
    assert_eq!(profiles.get(&whole.id).unwrap(), whole, "what was taken away is gone");

    assert!(profiles.remove(&whole.id).unwrap());
    assert!(!profiles.remove(&whole.id).unwrap());
    assert_eq!(
        profiles.read().unwrap(),
        Registry::default(),
        "the local workspace is next"
    );
}

#[test]
fn the_one_provider_of_an_earlier_version_is_the_first_of_several() {
    let (folder, profiles) = profiles();
    let file = folder.path().join("workspaces.toml");
    let text = "version = 1\n[workspaces.a]\nname = \"A\"\nurl = \"https://abc.supabase.co\"\n\n[workspaces.a.provider]\n\
                name = \"P\"\nbase_url = \"https://api.example.com/v1\"\ntext_model = \"t\"\nimage_model = \"i\"\ndialect = \"open-ai\"\n";
    fs::write(&file, text).unwrap();
    let mut read = profiles.get(&ProfileId::parse("a").unwrap()).unwrap();
    let provider = &read.providers[0];
    assert_eq!((provider.name.as_str(), provider.dialect), ("P", Dialect::OpenAi));
    assert!(provider.mask_people, "names stay here unless somebody says otherwise");
    read.providers
        .push(ProviderProfile::new(BaseUrl::parse("http://127.0.0.1:8188").unwrap()));
    profiles.save(&read).unwrap();
    assert_eq!(profiles.get(&read.id).unwrap(), read);

    // An earlier version that writes the file again leaves alone what it does not know.
    let both = fs::read_to_string(&file).unwrap() + &text[text.find("[workspaces.a.provider]").unwrap()..];
    fs::write(&file, both).unwrap();
    assert_eq!(profiles.get(&read.id).unwrap(), read);
    let broken = text.replace("https://api.example.com/v1", "http://api.example.com/v1");
    fs::write(&file, broken).unwrap();
    let why = &profiles.read().unwrap().unreadable[0].why;
    assert!(why.contains("not encrypted"), "{why}");
}

#[test]
fn ids_are_made_from_names_and_differ() {
    let (_folder, profiles) = profiles();
    let ids: Vec<String> = ["Bedtime Stories!", "bedtime stories", "Ü", "local", ""]
        .into_iter()
        .map(|name| profiles.add(profile(name)).unwrap().id.to_string())
        .collect();
    assert_eq!(
        ids,
        [
            "bedtime-stories",
            "bedtime-stories-2",
            "project",
            "project-2",
            "project-3"
        ]
    );
    for text in ["local", "", "-a", "A", "a/b", "..", "a b", &"a".repeat(65)] {
        assert!(ProfileId::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_this_version_does_not_know_stays() {
    let (folder, profiles) = profiles();
    let file = folder.path().join("workspaces.toml");
    let text = "version = 1\nfuture = \"kept\"\n\n[workspaces.a]\nname = \"A\"\nurl = \"https://abc.supabase.co\"\nfuture = [1, 2]\n\n\
                [workspaces.strange]\nname = \"S\"\nurl = 7\n\n[workspaces.\"Not an id\"]\nname = \"N\"\nurl = \"https://abc.supabase.co\"\n";
    fs::write(&file, text).unwrap();
    let registry = profiles.read().unwrap();
    assert_eq!(registry.profiles.len(), 1);
    let unreadable: Vec<_> = registry.unreadable.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(unreadable, ["Not an id", "strange"]);

    let mut a = registry.profiles[0].clone();
    a.name = "Changed".to_owned();
    profiles.save(&a).unwrap();
    let after: Table = fs::read_to_string(&file).unwrap().parse().unwrap();
    assert_eq!(after["future"].as_str(), Some("kept"));
    assert_eq!(after["workspaces"]["a"]["future"].as_array().map(Vec::len), Some(2));
    assert_eq!(after["workspaces"]["a"]["name"].as_str(), Some("Changed"));
    assert_eq!(after["workspaces"]["strange"]["url"].as_integer(), Some(7));
}

#[test]
fn a_file_that_cannot_be_read_is_left_as_it_is() {
    let (folder, profiles) = profiles();
    let file = folder.path().join("workspaces.toml");
    for (text, expected) in [
        ("name = \"sb_secret_canary\nx", "cannot be read"),
        ("version = 1\n\n= 3\n", "line 3 cannot be read"),
        ("version = 2\n", "newer version"),
    ] {
        fs::write(&file, text).unwrap();
        let error = profiles.save(&profile("A")).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(expected) || error.to_string().contains(expected),
            "{shown}"
        );
        assert!(!shown.contains("canary"), "{shown}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn many_programs_at_once_lose_nobodys_profile() {
    let (folder, _) = profiles();
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let profiles = Profiles::new(&Home::at(folder.path()));
            std::thread::Builder::new()
                .spawn(move || {
                    for turn in 0..5 {
                        profiles.add(profile(&format!("W{number} {turn}"))).unwrap();
                    }
                })
                .unwrap()
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let profiles = Profiles::new(&Home::at(folder.path()));
    assert_eq!(names(&profiles).len(), 40);
}

#[test]
fn a_shared_file_brings_profiles_and_no_secrets() {
    let (_folder, ours) = profiles();
    ours.save(&profile("Bedtime")).unwrap();
    let text = ours.export(&[]).unwrap();
    assert!(text.starts_with("# Workspaces of StoryMimi Studio"));

    let (_elsewhere, theirs) = profiles();
    assert_eq!(theirs.import(&text).unwrap().profiles.len(), 1);
    assert_eq!(theirs.import(&text).unwrap().profiles.len(), 1);
    assert_eq!(names(&theirs), ["Bedtime"], "the same file twice is one workspace");

    let with_secrets = "[workspaces.bedtime]\nname = \"Bedtime\"\nurl = \"https://pip:canary-password@xyz.supabase.co\"\n\
        key = \"eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.canary\"\nservice_role_key = \"canary-plain\"\n\
        note = \"sb_secret_canary0123456789\"\ntags = [\"sb_secret_canary0123456789\"]\n";
    let imported = theirs.import(with_secrets).unwrap();
    assert_eq!(
        imported.secrets_left_out,
        ["key", "note", "service_role_key", "tags", "url"].map(|field| format!("workspaces.bedtime.{field}"))
    );
    assert_eq!(
        imported.profiles[0].id.as_str(),
        "bedtime-2",
        "what is there is not replaced"
    );
    assert_eq!(imported.profiles[0].url.as_str(), "https://xyz.supabase.co");
    let exported = theirs.export(&[]).unwrap();
    assert!(
        !exported.contains("canary") && exported.contains("bedtime-2"),
        "{exported}"
    );
}

#[test]
fn a_key_in_the_wrong_field_is_not_exported() {
    let (_folder, profiles) = profiles();
    let mut careless = profile("A");
    careless.key_template = "sb_secret_canary0123456789".to_owned();
    profiles.save(&careless).unwrap();
    assert!(!profiles.export(&[careless.id]).unwrap().contains("canary"));
}

#[test]
fn a_file_of_something_else_is_refused() {
    let (_folder, profiles) = profiles();
    for text in ["", "a = 1", "[workspaces]", "workspaces = 3"] {
        assert!(matches!(profiles.import(text), Err(ProfilesError::Nothing)), "{text}");
    }
    assert!(matches!(profiles.import("<html>"), Err(ProfilesError::Damaged { .. })));
    let unknown = ProfileId::parse("nobody").unwrap();
    assert!(matches!(profiles.export(&[unknown]), Err(ProfilesError::Unknown(_))));
    let broken = profiles.import("[workspaces.a]\nname = \"A\"\n").unwrap();
    assert_eq!((broken.profiles.len(), broken.unreadable.len()), (0, 1));
}
