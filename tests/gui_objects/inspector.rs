//! What the inspector tells of an object, and what can be changed there.

use storymimi_studio::transfer::plan::{HeaderEdit, KeySource, MetadataEdit};

use super::*;

/// A JPEG picture, which a name and a type may say otherwise of.
fn jpeg() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(40, 30)
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

/// Changes an object as another client would, and waits until that is done.
fn edit(studio: &mut Studio, at: &str, edit: HeaderEdit) {
    let wanted = edit.clone();
    studio
        .service
        .start_edit(bucket(BUCKET), vec![KeySource::Key(key(at))], edit);
    let at = at.to_owned();
    comes_true(studio, "another client's change", move |studio| {
        let info = info(studio, &at);
        let typed = wanted.content_type.is_none() || wanted.content_type == info.content_type;
        let set = wanted
            .metadata
            .as_ref()
            .map(|metadata| metadata.set.clone())
            .unwrap_or_default();
        typed && set.iter().all(|(name, value)| info.metadata.get(name) == Some(value))
    });
}

fn with(name: &str, value: &str) -> HeaderEdit {
    let set = std::iter::once((name.to_owned(), Value::from(value))).collect();
    HeaderEdit {
        metadata: Some(MetadataEdit {
            set,
            ..MetadataEdit::default()
        }),
        ..HeaderEdit::default()
    }
}

#[test]
fn it_tells_what_an_object_is_and_where_it_is_from() {
    let mut studio = studio(&["a.png"]);
    choose(&mut studio, "a.png");
    for fact in [
        "SHA-256",
        "server hash",
        "ETag",
        "First stored",
        "Written by",
        "Used by no scene",
        "32 × 24",
    ] {
        says(&mut studio, fact);
    }
    click(&mut studio, "Copy Public URL");
    says(&mut studio, "The URL is on the clipboard");
}

#[test]
fn a_wrong_type_is_mended_without_sending_the_bytes_again() {
    let mut studio = studio(&["a.png"]);
    put(&studio, BUCKET, "b.jpg", jpeg());
    let wrong = HeaderEdit {
        content_type: Some("image/png".to_owned()),
        ..HeaderEdit::default()
    };
    edit(&mut studio, "b.jpg", wrong);
    choose(&mut studio, "b.jpg");
    says(&mut studio, "Declared type does not match the bytes");
    studio.picture("mismatch");
    let before = info(&studio, "b.jpg").etag;
    confirm(&mut studio, "Fix type");
    comes_true(&mut studio, "the type is right", |studio| {
        info(studio, "b.jpg").content_type.as_deref() == Some("image/jpeg")
    });
    assert_eq!(info(&studio, "b.jpg").etag, before);
    studio.until("the card is gone", |harness| {
        harness.query_by_label_contains("does not match the bytes").is_none()
    });
}

#[test]
fn metadata_is_added_changed_and_taken_away_in_place() {
    let mut studio = studio(&["a.png"]);
    edit(&mut studio, "a.png", with("draft", "yes"));
    choose(&mut studio, "a.png");
    says(&mut studio, "draft");
    click(&mut studio, "Edit");
    assert!(is_refused(&studio, "Save metadata"));
    let rows = info(&studio, "a.png").metadata;
    let place = |name: &str| rows.keys().position(|known| known == name).unwrap() + 1;
    assert!(is_refused(&studio, &format!("Remove row {}", place("upload_id"))));
    click(&mut studio, &format!("Remove row {}", place("draft")));
    click(&mut studio, "Add a row");
    let last = rows.len();
    retype(&mut studio, &format!("Name {last}"), "season");
    retype(&mut studio, &format!("Value {last}"), "winter");
    studio.picture("metadata-edit");
    confirm(&mut studio, "Save metadata");
    comes_true(&mut studio, "the metadata is changed", |studio| {
        metadata(studio, "a.png", "season") == Some("winter".into()) && metadata(studio, "a.png", "draft").is_none()
    });
    assert!(metadata(&studio, "a.png", "upload_id").is_some());
}

#[test]
fn metadata_that_somebody_else_changed_is_not_written_over() {
    let mut studio = studio(&["a.png"]);
    edit(&mut studio, "a.png", with("season", "spring"));
    choose(&mut studio, "a.png");
    says(&mut studio, "season");
    click(&mut studio, "Edit");
    let rows = info(&studio, "a.png").metadata;
    let row = rows.keys().position(|known| known == "season").unwrap() + 1;
    retype(&mut studio, &format!("Value {row}"), "winter");
    edit(&mut studio, "a.png", with("owner", "ole"));
    // Whether the change is heard of before or at saving: it is said, and nothing is saved until somebody decides.
    if !is_refused(&studio, "Save metadata") {
        confirm(&mut studio, "Save metadata");
    }
    says(&mut studio, "Somebody changed it meanwhile");
    studio.picture("metadata-conflict");
    assert_eq!(metadata(&studio, "a.png", "season"), Some("spring".into()));
    confirm(&mut studio, "Keep mine");
    confirm(&mut studio, "Save metadata");
    comes_true(&mut studio, "both changes are there", |studio| {
        metadata(studio, "a.png", "season") == Some("winter".into())
            && metadata(studio, "a.png", "owner") == Some("ole".into())
    });
}

#[test]
fn the_rule_for_caches_is_changed_in_place() {
    let mut studio = studio(&["a.png"]);
    choose(&mut studio, "a.png");
    says(&mut studio, "max-age=3600");
    click(&mut studio, "Edit Cache-Control");
    retype(&mut studio, "Cache-Control", "3600");
    says(&mut studio, "write max-age=3600");
    assert!(is_refused(&studio, "Save"));
    retype(&mut studio, "Cache-Control", "no-cache");
    confirm(&mut studio, "Save");
    comes_true(&mut studio, "the rule is another", |studio| {
        info(studio, "a.png").cache_control.as_deref() == Some("no-cache")
    });
}

#[test]
fn a_link_is_signed_only_when_it_is_asked_for() {
    let mut studio = studio(&["a.png"]);
    let signed = |studio: &Studio| {
        let all = studio.service.transcript().exchanges();
        all.iter().filter(|exchange| exchange.operation == "Sign links").count()
    };
    choose(&mut studio, "a.png");
    says(&mut studio, "Used by");
    says(&mut studio, "upload_id");
    says(&mut studio, "server hash");
    assert_eq!(signed(&studio), 0);
    confirm(&mut studio, "Sign for 7 days");
    says(&mut studio, "6 d 23 h");
    assert_eq!(signed(&studio), 1);
    let shown =
        |node: &egui_kittest::kittest::AccessKitNode<'_>| node.label().is_some_and(|label| label.contains("eyJ"));
    assert!(studio.harness.query_by(shown).is_none(), "its token is not shown");
    confirm(&mut studio, "Copy Signed URL");
    says(&mut studio, "The signed URL is on the clipboard");
}

#[test]
fn a_picture_is_enlarged_zoomed_and_left_with_keys() {
    let mut studio = studio(&["a.png", "b.png"]);
    choose(&mut studio, "a.png");
    says(&mut studio, "32 × 24");
    click(&mut studio, "Enlarge");
    says(&mut studio, "Enlarged a.png");
    says(&mut studio, "100 %");
    studio.harness.key_press(Key::Plus);
    says(&mut studio, "125 %");
    studio.harness.key_press(Key::Minus);
    studio.harness.key_press(Key::Minus);
    says(&mut studio, "80 %");
    studio.harness.key_press(Key::Num0);
    studio.harness.run_steps(2);
    click(&mut studio, "Next picture");
    says(&mut studio, "Enlarged b.png");
    studio.harness.key_press(Key::Escape);
    studio.until("the picture closed", |harness| {
        harness.query_by_label_contains("Enlarged").is_none()
    });
    let selected = studio.harness.query_all_by_label_contains("1 selected").next();
    assert!(selected.is_some(), "Esc closes one thing");
}

#[test]
fn several_objects_are_summed_up_and_walked_through() {
    let mut studio = studio(&["a.png", "b.png", "c.png"]);
    choose(&mut studio, "a.png");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    says(&mut studio, "3 selected");
    says(&mut studio, "Together");
    click(&mut studio, "Next object");
    says(&mut studio, "1 of 3");
    says(&mut studio, "32 × 24");
    click(&mut studio, "Next object");
    says(&mut studio, "2 of 3");
    click(&mut studio, "Previous object");
    click(&mut studio, "Previous object");
    says(&mut studio, "Together");
}

#[test]
fn the_first_lines_of_a_text_are_shown() {
    let mut studio = studio(&[]);
    put(
        &studio,
        BUCKET,
        "notes.txt",
        b"Once upon a time\nthere was a fox.\n".to_vec(),
    );
    choose(&mut studio, "notes.txt");
    says(&mut studio, "Once upon a time");
    studio.picture("text");
}

#[test]
fn a_public_url_of_a_private_bucket_is_marked() {
    let mut studio = Studio::start();
    make(&studio, "drafts", false);
    put(&studio, "drafts", "a.png", support::project::png(8, 8));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    choose(&mut studio, "a.png");
    says(&mut studio, "Does not open for visitors: the bucket is private");
    click(&mut studio, "Copy URLs…");
    says(&mut studio, "Sign URLs");
}
