use bytes::Bytes;
use rusqlite::params;
use uuid::Uuid;

use super::*;
use crate::journal::samples::{self, recipe};
use crate::journal::{NewGeneration, NewPicture, sha256};

const DAY: i64 = 24 * 60 * 60 * 1000;

struct Desk {
    folder: tempfile::TempDir,
    journal: Journal,
    /// A time long after everything here was written.
    later: i64,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Self {
            journal: Journal::open(folder.path()).unwrap(),
            folder,
            later: i64::try_from(now.as_millis()).unwrap() + DAY,
        }
    }

    /// A picture of a model, made and paid for.
    async fn made(&self, bytes: &'static [u8], request: &str) -> Uuid {
        let id = Uuid::new_v4();
        let new = NewGeneration {
            id,
            story: "story".into(),
            scene: "scene".into(),
            engine: "paid".into(),
            free: false,
            request: request.to_owned(),
            estimate: Some(40),
            place: false,
        };
        self.journal.begin_generation_alone(new, 1, None).await.unwrap();
        self.journal.generation_made(id, picture(bytes), 2).await.unwrap();
        id
    }

    async fn forget(&self, id: Uuid, at: i64) {
        assert!(self.journal.forget_generation(id, at).await.unwrap());
    }

    fn has(&self, bytes: &[u8]) -> bool {
        self.folder.path().join("pictures").join(sha256(bytes)).exists()
    }

    async fn purge(&self, before: i64) -> Purged {
        let looked = self.journal.purge_generations(before, true).await.unwrap();
        let purged = self.journal.purge_generations(before, false).await.unwrap();
        assert_eq!(looked, purged, "what was said is what was done");
        purged
    }
}

/// A picture whose recipe is known by its bytes.
fn picture(bytes: &'static [u8]) -> NewPicture {
    NewPicture {
        note: Some("a fox named Maya".into()),
        recipe: Some(recipe(std::str::from_utf8(bytes).unwrap())),
        ..samples::picture(bytes)
    }
}

#[tokio::test]
async fn what_was_forgotten_goes_when_its_time_is_over_and_its_cost_stays() {
    let desk = Desk::new();
    let (gone, young, shown) = (
        desk.made(b"gone", "{\"prompt\":\"Maya\"}").await,
        desk.made(b"young", "{}").await,
        desk.made(b"shown", "{}").await,
    );
    desk.forget(gone, 10).await;
    desk.forget(young, desk.later).await;
    let purged = desk.purge(desk.later).await;
    assert_eq!((purged.pictures, purged.files, purged.bytes), (1, 1, 4));
    assert!(!desk.has(b"gone") && desk.has(b"young") && desk.has(b"shown"));
    assert!(
        !desk.journal.has_picture(&recipe("gone")).unwrap(),
        "it would have to be paid again"
    );
    assert!(desk.journal.has_picture(&recipe("young")).unwrap());
    let spent = desk.journal.generations_spent(0).await.unwrap();
    assert_eq!((spent[0].cost, spent[0].pictures), (90, 3));
    // No word of what it was is left in the file.
    let words: i64 = desk
        .journal
        .with(|db| {
            db.query_row(
                "SELECT count(*) FROM generation WHERE id = ?1 AND (request <> '' OR note IS NOT NULL OR sent IS NOT NULL)",
                [gone.to_string()],
                |row| row.get(0),
            )
        })
        .unwrap();
    assert_eq!(words, 0);
    assert_eq!(
        desk.purge(desk.later).await,
        Purged::default(),
        "there is nothing more to do"
    );
    let _ = shown;
}

#[tokio::test]
async fn what_is_placed_kept_or_meant_stays_however_long_ago_it_was_forgotten() {
    let desk = Desk::new();
    let placed = desk.made(b"placed", "{}").await;
    desk.journal
        .generation_stored(placed, "images".into(), "a.png".into())
        .await
        .unwrap();
    let kept = desk.made(b"kept", "{}").await;
    desk.journal.judge_generation(kept, "kept").await.unwrap();
    let same = desk.made(b"same", "{}").await;
    let _still_there = desk.made(b"same", "{}").await;
    let chosen = desk.made(b"chosen", "{}").await;
    desk.journal
        .with(|db| {
            db.execute(
                "INSERT INTO manuscript (story_id, version, body, changed_at) VALUES ('m', 1, ?1, 1)",
                params![format!("{{\"chosen\":\"{chosen}\"}}")],
            )
        })
        .unwrap();
    let base = desk.made(b"base", "{}").await;
    desk.made(b"next", &format!("{{\"base\":{{\"variant\":\"{base}\"}}}}"))
        .await;
    let reference = desk
        .journal
        .keep_reference(Bytes::from_static(b"reference"))
        .await
        .unwrap();
    desk.made(
        b"like it",
        &format!("{{\"references\":[{{\"kept\":\"{reference}\"}}]}}"),
    )
    .await;
    for id in [placed, kept, same, chosen, base] {
        desk.forget(id, 10).await;
    }
    let purged = desk.purge(desk.later).await;
    // Of two rows with the same bytes one goes, and the bytes stay.
    assert_eq!((purged.pictures, purged.files), (1, 0));
    for bytes in [
        &b"placed"[..],
        b"kept",
        b"same",
        b"chosen",
        b"base",
        b"next",
        b"reference",
        b"like it",
    ] {
        assert!(desk.has(bytes), "{}", String::from_utf8_lossy(bytes));
    }
    assert!(desk.journal.has_picture(&recipe("same")).unwrap());
}

#[tokio::test]
async fn files_that_nobody_means_go_unless_they_were_written_lately() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("pictures");
    let orphan = desk
        .journal
        .keep_reference(Bytes::from_static(b"orphan"))
        .await
        .unwrap();
    fs::write(folder.join(".tmpAbCdEf"), b"half").unwrap();
    fs::write(folder.join("notes.txt"), b"somebody's own").unwrap();
    let now = desk.later - DAY - 60_000;
    assert_eq!(
        desk.purge(now).await,
        Purged::default(),
        "a request for it may be on its way"
    );
    assert!(folder.join(&orphan).exists() && folder.join(".tmpAbCdEf").exists());
    let purged = desk.purge(desk.later).await;
    assert_eq!((purged.pictures, purged.files, purged.bytes), (0, 1, 6));
    let left: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["notes.txt"]);
}

#[tokio::test]
async fn what_was_on_its_way_out_when_the_program_ended_is_put_back_if_it_is_meant() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("pictures");
    desk.made(b"meant", "{}").await;
    let name = sha256(b"meant");
    fs::rename(folder.join(&name), folder.join(format!("{GOING}{name}"))).unwrap();
    fs::write(folder.join(format!("{GOING}{}", sha256(b"nobody's"))), b"nobody's").unwrap();
    desk.purge(desk.later).await;
    assert!(desk.has(b"meant"));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[tokio::test]
async fn bytes_that_are_written_anew_while_they_go_stay() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("pictures");
    let name = desk.journal.keep_reference(Bytes::from_static(b"again")).await.unwrap();
    let before = SystemTime::now() - Duration::from_secs(60);
    assert_eq!(take_out(&folder, &name, before).unwrap(), None);
    assert!(desk.has(b"again"));
}
