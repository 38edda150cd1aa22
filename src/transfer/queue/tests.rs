use super::*;
use crate::transfer::engine::script::plan;
use crate::transfer::job::{Failure, FailureKind, Proof};

async fn queue(items: u32) -> (tempfile::TempDir, Queue, Kept) {
    let folder = tempfile::tempdir().unwrap();
    let queue = Queue::new(Journal::open(folder.path()).unwrap());
    let id = queue.add(plan(Kind::Upload, items)).await.unwrap();
    let kept = queue.job(id).await.unwrap();
    (folder, queue, kept)
}

async fn begin(queue: &Queue, kept: &Kept, numbers: &[u32]) -> Vec<u32> {
    let begun = queue.journal.begin_transfer_items(kept.number, numbers.to_vec());
    begun.await.unwrap()
}

fn to(state: ItemState) -> Change {
    Change::landed(state, None)
}

#[tokio::test]
async fn a_large_job_is_read_in_windows_and_counted_as_it_changes() {
    let (_folder, queue, kept) = queue(10_000).await;
    assert_eq!((kept.job.counts.items, kept.job.counts.waiting), (10_000, 10_000));
    assert_eq!((kept.job.counts.bytes, kept.job.state), (100_000, JobState::Waiting));
    let window = queue.next(&kept, false, 64).await.unwrap();
    assert!(window.iter().map(|item| item.number).eq(0..64));
    let marks: std::collections::HashSet<_> = window.iter().map(|item| item.mark).collect();
    assert_eq!(marks.len(), 64);
    assert_eq!(begin(&queue, &kept, &[0, 1, 2, 3, 10_000]).await, [0, 1, 2, 3]);
    assert!(begin(&queue, &kept, &[0]).await.is_empty(), "nothing is begun twice");

    let failure = Failure {
        kind: FailureKind::Refused,
        what: "No.".to_owned(),
        hint: "Yes.".to_owned(),
    };
    let known = Content {
        size: Some(11),
        md5: Some("m".to_owned()),
        ..Content::default()
    };
    let proof = Proof::SizeOnly;
    let back = Change {
        to_the_back: true,
        ..to(ItemState::Waiting)
    };
    let changes = vec![
        (0, Change::landed(ItemState::Done { proof }, Some(known.clone()))),
        (1, to(ItemState::Failed(failure.clone()))),
        (2, back),
        // Not in flight: not changed.
        (4, to(ItemState::Cancelled)),
    ];
    assert_eq!(queue.change(kept.number, changes).await.unwrap(), 3);
    let items = queue.items(&kept, 0, 5).await.unwrap();
    assert_eq!(
        (&items[0].state, &items[0].content),
        (&ItemState::Done { proof }, &known)
    );
    assert_eq!(items[1].state, ItemState::Failed(failure));
    assert_eq!((&items[2].state, items[2].attempts), (&ItemState::Waiting, 1));
    assert_eq!(
        (&items[3].state, &items[4].state),
        (&ItemState::InFlight, &ItemState::Waiting)
    );
    let counts = queue.job(kept.job.id).await.unwrap().job.counts;
    assert_eq!(
        (counts.done, counts.failed, counts.running, counts.waiting),
        (1, 1, 1, 9_997)
    );
    assert_eq!((counts.bytes, counts.bytes_done), (100_001, 11));

    assert!(queue.journal.front_transfer_item(kept.number, 500).await.unwrap());
    assert!(queue.journal.front_transfer_item(kept.number, 700).await.unwrap());
    assert!(
        !queue.journal.front_transfer_item(kept.number, 0).await.unwrap(),
        "it is over"
    );
    let next: Vec<_> = queue.next(&kept, false, 4).await.unwrap();
    assert!(next.iter().map(|item| item.number).eq([700, 500, 4, 5]));
    let all = queue.next(&kept, false, 20_000).await.unwrap();
    assert_eq!(all.last().unwrap().number, 2, "put back");
    assert_eq!(queue.items_in(&kept, IN_FLIGHT, Some(2), 9).await.unwrap()[0].number, 3);

    assert_eq!(queue.journal.retry_transfer_items(kept.number, None).await.unwrap(), 1);
    assert_eq!(queue.job(kept.job.id).await.unwrap().job.counts.failed, 0);
    let cancelled = queue
        .journal
        .cancel_untouched_transfer_items(kept.number, true)
        .await
        .unwrap();
    assert_eq!(cancelled, 9_996, "all but those that were begun once");
}

#[tokio::test]
async fn large_items_and_those_that_are_not_wanted_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let queue = Queue::new(Journal::open(folder.path()).unwrap());
    let mut wide = plan(Kind::Upload, 10);
    wide.items[3].size = Some(7 << 20);
    wide.items[4].size = Some(u64::MAX);
    let id = queue.add(wide).await.unwrap();
    let kept = queue.job(id).await.unwrap();
    let numbers = |items: Vec<Item>| items.iter().map(|item| item.number).collect::<Vec<_>>();
    assert_eq!(numbers(queue.next(&kept, true, 9).await.unwrap()), [3, 4]);
    let journal = &queue.journal;
    assert!(journal.want_transfer_item(kept.number, 0, "pause").await.unwrap());
    assert!(journal.want_transfer_item(kept.number, 1, "cancel").await.unwrap());
    assert_eq!(numbers(queue.next(&kept, false, 2).await.unwrap()), [2, 5]);
    assert_eq!(begin(&queue, &kept, &[0, 1, 2]).await, [2]);
    assert!(journal.want_transfer_item(kept.number, 2, "pause").await.unwrap());
    let wishes = queue.wishes(kept.number).await.unwrap();
    assert_eq!((wishes.to_cancel, wishes.waiting, wishes.job), (1, 7, Wanted::Run));
    assert_eq!(wishes.items, [(2, Wanted::Pause)]);
    assert_eq!(numbers(queue.to_cancel(&kept, false, 9).await.unwrap()), [1]);
    assert_eq!(journal.want_transfer(Some(id.0), "pause").await.unwrap(), 1);
    assert!(begin(&queue, &kept, &[5]).await.is_empty(), "the job waits");
    assert_eq!(queue.job(id).await.unwrap().job.state, JobState::Paused);
}

#[tokio::test]
async fn what_another_program_wrote_into_the_journal_is_an_error_that_says_so() {
    let (folder, queue, kept) = queue(2).await;
    let db = rusqlite::Connection::open(folder.path().join("journal.sqlite3")).unwrap();
    db.execute("UPDATE transfer_item SET plan = '{' WHERE number = 1", [])
        .unwrap();
    assert!(queue.items(&kept, 0, 1).await.is_ok());
    let error = queue.items(&kept, 0, 2).await.unwrap_err();
    assert!(matches!(error, TransferError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains(&kept.job.id.to_string()), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_cannot_be_written_down_are_not_taken() {
    use std::os::unix::ffi::OsStringExt as _;
    let folder = tempfile::tempdir().unwrap();
    let queue = Queue::new(Journal::open(folder.path()).unwrap());
    let mut odd = plan(Kind::Upload, 2);
    let file = std::ffi::OsString::from_vec(vec![b'/', 0xff]).into();
    odd.items[1].from = Place::File { file };
    assert!(matches!(queue.add(odd).await, Err(TransferError::BadPlan(_))));
    assert!(queue.jobs().await.unwrap().is_empty());
}
