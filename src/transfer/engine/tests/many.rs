//! A job of a million items takes no more memory than one of a thousand: items go into the journal one by one, and come out
//! of it in windows.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;
use uuid::Uuid;

use super::check;
use crate::journal::{NewItem, NewJob};
use crate::transfer::engine::Limits;
use crate::transfer::engine::script::{World, engine, plan};
use crate::transfer::job::{JobId, JobState};
use crate::transfer::plan::Kind;

const ITEMS: u32 = 1_000_000;
/// KiB more than before, at most, of which the scripted project takes a part: it remembers each item.
const MORE: u64 = 48 << 10;

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(start_paused = true)]
#[ignore = "takes minutes, and measures the whole process: run it alone"]
async fn a_million_items_are_kept_and_carried_out_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let world = Arc::new(World::default());
    let engine = engine(folder.path(), &world, Limits::default());
    let template = plan(Kind::Upload, 1);
    let id = Uuid::new_v4();
    let job = NewJob {
        id,
        project: template.project.clone(),
        kind: "upload".to_owned(),
        title: template.title.clone(),
        rules: serde_json::to_string(&template.rules).unwrap(),
        created_at: Timestamp::now().to_string(),
    };
    let item = template.items[0].clone();
    let items = (0..ITEMS).map(move |number| NewItem {
        plan: serde_json::to_string(&item)
            .unwrap()
            .replace("k/0", &format!("k/{number}")),
        mark: Uuid::new_v4(),
        size: item.size,
        large: false,
        target: None,
        state: "waiting".to_owned(),
        detail: None,
    });
    let before = peak();
    engine.shared.queue.journal().add_transfer(job, items).await.unwrap();
    let kept = peak() - before;
    assert!(kept <= MORE, "{kept} KiB to keep them");

    let job = JobId(id);
    let run = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run(job).await }
    });
    while world.requests.load(Ordering::Relaxed) < 30_000 {
        sleep(Duration::from_secs(1)).await;
    }
    engine.stop();
    let left = run.await.unwrap().unwrap();
    assert_eq!((left.state, left.counts.items), (JobState::Waiting, u64::from(ITEMS)));
    assert!(left.counts.done > 20_000, "{:?}", left.counts);
    let carried = peak() - before;
    assert!(carried <= MORE, "{carried} KiB to carry them out");
    println!(
        "{kept} KiB more to keep {ITEMS} items, {carried} KiB with {} carried out",
        left.counts.done
    );
    check(&world);
}
