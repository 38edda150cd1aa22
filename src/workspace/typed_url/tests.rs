//! Addresses as people type and paste them.

use super::*;

const CLEAN: &str = "https://vqkzmdlrwsnhtyfpjxbe.supabase.co";

fn removed(text: &str) -> (String, Vec<&str>, String) {
    let typed = TypedUrl::read(text);
    let url = typed.url.as_ref().map_or_else(ToString::to_string, ToString::to_string);
    let parts = typed.removed.iter().map(|part| &text[part.range.clone()]).collect();
    (url, parts, typed.removed_words().unwrap_or_default())
}

#[test]
fn says_what_it_takes_off_and_where_that_is() {
    for (text, parts, words) in [
        (
            "https://https://vqkzmdlrwsnhtyfpjxbe.supabase.co/rest/v1/",
            vec!["https://", "/rest/v1/"],
            "removed a second https:// and /rest/v1/",
        ),
        ("https://vqkzmdlrwsnhtyfpjxbe.supabase.co", vec![], ""),
        ("  vqkzmdlrwsnhtyfpjxbe.supabase.co/ ", vec!["/"], "removed /"),
        ("HTTPS://vqkzmdlrwsnhtyfpjxbe.supabase.co", vec![], ""),
        ("vqkzmdlrwsnhtyfpjxbe", vec![], ""),
        (
            "http://https://vqkzmdlrwsnhtyfpjxbe.supabase.co",
            vec!["http://"],
            "removed a second http://",
        ),
        (
            "https://https//vqkzmdlrwsnhtyfpjxbe.supabase.co",
            vec!["https://"],
            "removed a second https://",
        ),
        (
            "\"https://vqkzmdlrwsnhtyfpjxbe.supabase.co\",",
            vec!["\"", "\","],
            "removed the quotation marks",
        ),
        (
            "https://vqkzmdlrwsnhtyfpjxbe.supabase.co/storage/v1/object/sign/b/k?token=hunter2",
            vec!["/storage/v1/object/sign/b/k?token=hunter2"],
            "removed /storage/v1/…",
        ),
        (
            "https://supabase.com/dashboard/project/vqkzmdlrwsnhtyfpjxbe/storage/files",
            vec!["supabase.com/dashboard/project/", "/storage/files"],
            "removed the dashboard's address and /storage/files",
        ),
        (
            "https://user:hunter2@vqkzmdlrwsnhtyfpjxbe.supabase.co",
            vec!["user:hunter2@"],
            "removed a name and password",
        ),
        (
            "NEXT_PUBLIC_SUPABASE_URL=https://vqkzmdlrwsnhtyfpjxbe.supabase.co",
            vec!["NEXT_PUBLIC_SUPABASE_URL="],
            "removed NEXT_PUBLIC_SUPABASE_URL=",
        ),
        (
            "https://vqkzmdlrwsnhtyfpjxbe.storage.supabase.co/storage/v1/s3",
            vec![".storage", "/storage/v1/s3"],
            "removed .storage and /storage/v1/…",
        ),
        ("db.vqkzmdlrwsnhtyfpjxbe.supabase.co", vec!["db."], "removed db."),
        (
            "https://vqkzmdlrwsnhtyfpjxbe.supabase.co.",
            vec!["."],
            "removed the full stop",
        ),
    ] {
        assert_eq!(
            removed(text),
            (CLEAN.to_owned(), parts.clone(), words.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn refuses_what_is_something_else_and_does_not_repeat_it() {
    for (text, error) in [
        ("", ProjectUrlError::Empty),
        ("hunter2", ProjectUrlError::NotAnAddress),
        ("https://", ProjectUrlError::NotAnAddress),
        ("sb_secret_hunter2", ProjectUrlError::Key),
        (
            "postgresql://postgres:hunter2@db.abc.supabase.co:5432/postgres",
            ProjectUrlError::Database,
        ),
        ("ftp://hunter2", ProjectUrlError::NotAnAddress),
        ("https://supabase.com/dashboard/projects", ProjectUrlError::Dashboard),
        (
            "https://supabase.com/dashboard/project/_/settings",
            ProjectUrlError::Dashboard,
        ),
    ] {
        let found = TypedUrl::read(text).url.unwrap_err();
        assert!(!found.to_string().contains("hunter2"), "{found}");
        assert_eq!(found, error, "{text}");
    }
}

#[test]
fn odd_names_are_pointed_out() {
    let warnings = |text: &str| TypedUrl::read(text).warnings;
    assert_eq!(warnings(CLEAN), []);
    assert_eq!(warnings("https://stories.example.org"), []);
    assert_eq!(warnings("http://127.0.0.1:54321"), []);
    // The second letter is a Cyrillic one.
    assert!(matches!(
        warnings("https://vqkzmdlrwsnhtyfpjxbe.s\u{443}pabase.co").as_slice(),
        [UrlWarning::LookAlike { sent_as }] if sent_as.contains("xn--")
    ));
    for near in ["supabase.com", "supabse.co", "suapbase.co", "supabase.cc"] {
        assert_eq!(
            warnings(&format!("https://vqkzmdlrwsnhtyfpjxbe.{near}")),
            [UrlWarning::Misspelt {
                meant: "vqkzmdlrwsnhtyfpjxbe.supabase.co".to_owned()
            }]
        );
    }
    assert_eq!(
        warnings("https://abc.supabase.co"),
        [UrlWarning::Reference { letters: 3 }]
    );
}

proptest::proptest! {
    #[test]
    fn whatever_is_typed_is_read(
        text in "(https?:/{0,3}|NAME_URL=|\"){0,3}(\\PC{0,3}|[a-z0-9.@:-]{0,12}|supabase\\.com?|/dashboard/project/){0,5}\\PC{0,8}"
    ) {
        let typed = TypedUrl::read(&text);
        let mut at = 0;
        for part in &typed.removed {
            proptest::prop_assert!(part.range.start >= at && part.range.end <= text.len());
            proptest::prop_assert!(text.get(part.range.clone()).is_some());
            at = part.range.end;
        }
        if let Ok(url) = typed.url {
            // A clean address is its own clean address.
            let again = TypedUrl::read(url.as_str());
            proptest::prop_assert_eq!(again.url, Ok(url));
            proptest::prop_assert_eq!(again.removed, Vec::new());
        }
    }
}
