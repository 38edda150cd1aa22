//! Buckets: made, changed, emptied, deleted.

use storymimi_studio::supabase::Bucket;

use super::*;

fn facts(studio: &Studio, name: &str) -> Option<Bucket> {
    let buckets = studio.runtime.block_on(studio.service.buckets()).unwrap();
    buckets.into_iter().find(|bucket| bucket.name == name)
}

#[test]
fn a_bucket_is_made_with_its_limits() {
    let mut studio = studio(&[]);
    click(&mut studio, "New bucket");
    retype(&mut studio, "Name", BUCKET);
    says(&mut studio, "is there already");
    assert!(is_refused(&studio, "Create bucket"));
    retype(&mut studio, "Name", "covers");
    retype(&mut studio, "Size limit", "2.5");
    says(&mut studio, "Objects up to 2.5 MB");
    retype(&mut studio, "Another type", "*/*");
    says(&mut studio, "then refuses every upload");
    assert!(is_refused(&studio, "Add") && is_refused(&studio, "Create bucket"));
    studio.picture("bucket-new");
    retype(&mut studio, "Another type", "png, image/webp");
    confirm(&mut studio, "Add");
    confirm(&mut studio, "Create bucket");
    says(&mut studio, "covers was made");
    let made = facts(&studio, "covers").unwrap();
    assert!(!made.public);
    assert_eq!(made.file_size_limit, Some(2_500_000));
    assert_eq!(made.allowed_mime_types.unwrap(), ["image/png", "image/webp"]);
}

#[test]
fn a_bucket_is_changed_and_the_consequence_is_told() {
    let mut studio = studio(&[]);
    click(&mut studio, "Edit bucket…");
    says(&mut studio, "Save changes");
    assert!(is_refused(&studio, "Save changes"), "nothing is changed yet");
    studio.until("the form", |harness| {
        harness.query_by_role_and_label(Role::Switch, "Public").is_some()
    });
    studio.harness.run_steps(4);
    studio
        .harness
        .click(|harness| harness.get_by_role_and_label(Role::Switch, "Public").rect());
    says(&mut studio, "Public URLs stop working");
    studio.picture("bucket-edit");
    confirm(&mut studio, "Save changes");
    says(&mut studio, "was changed");
    assert!(!facts(&studio, BUCKET).unwrap().public);
}

#[test]
fn a_bucket_is_emptied_only_after_its_name_was_typed() {
    let mut studio = studio(&["a.png", "winter/b.png"]);
    click(&mut studio, "More about the bucket");
    click(&mut studio, "Empty bucket…");
    says(&mut studio, "2 objects with");
    assert!(is_refused(&studio, "Empty bucket"));
    retype(&mut studio, "Type story-images to confirm", "story-image");
    assert!(is_refused(&studio, "Empty bucket"));
    studio.picture("bucket-empty");
    retype(&mut studio, "Type story-images to confirm", BUCKET);
    confirm(&mut studio, "Empty bucket");
    comes_true(&mut studio, "the bucket is empty", |studio| {
        keys(studio, BUCKET).is_empty()
    });
    assert!(facts(&studio, BUCKET).is_some());
}

#[test]
fn a_bucket_is_deleted_with_all_that_is_in_it() {
    let mut studio = studio(&["a.png"]);
    click(&mut studio, "More about the bucket");
    click(&mut studio, "Delete bucket…");
    says(&mut studio, "1 object with");
    retype(&mut studio, "Type story-images to confirm", BUCKET);
    confirm(&mut studio, "Delete bucket");
    comes_true(&mut studio, "the bucket is gone", |studio| {
        facts(studio, BUCKET).is_none()
    });
}
