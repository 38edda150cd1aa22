//! What falls due while a workspace is open: pictures that are shown no more go to the trash, what was in the trash long
//! enough goes for good as do candidates that were forgotten, and what was under way when the program ended is looked for.

use std::time::Duration;

use jiff::Timestamp;

use super::events::EventSender;
use super::studio::forgotten_before;
use super::{Event, Problem, Subject};
use crate::story::Stories;

/// How often it is looked for what is due.
const PAUSE: Duration = Duration::from_secs(60 * 60);

/// How long the program is open before it looks for files that nobody means: commands end sooner, and need not wait for that.
const SETTLED: Duration = Duration::from_secs(60);

/// Looks after what is due, at once and every hour. The project is asked only if the journal says that something is due.
pub(super) async fn look_after(stories: Stories, events: EventSender, keep_forgotten_days: u32) {
    let due = async {
        loop {
            if let Err(problem) = once(&stories, &events, Timestamp::now()).await {
                // Nobody asked for it, and nothing is lost: it is due the next time, too.
                tracing::info!("what is due is looked after later: {}", problem.what);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::join!(due, make_room(&stories, keep_forgotten_days));
}

/// Removes for good what was forgotten long enough ago.
async fn make_room(stories: &Stories, keep_forgotten_days: u32) {
    tokio::time::sleep(SETTLED).await;
    loop {
        let before = forgotten_before(Timestamp::now(), keep_forgotten_days);
        match stories.variants().purge(before, false).await.map_err(Problem::from) {
            Ok(purged) if purged.files > 0 => {
                tracing::info!(
                    files = purged.files,
                    bytes = purged.bytes,
                    "forgotten candidates are gone for good"
                );
            }
            Ok(_) => {}
            Err(problem) => tracing::info!("forgotten candidates are removed later: {}", problem.what),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn once(stories: &Stories, events: &EventSender, now: Timestamp) -> Result<(), Problem> {
    // Before what is due: what a replacement was about to show is not due yet.
    match stories.settle_replacements().await.map_err(Problem::from) {
        Ok(settled) => {
            for settled in settled {
                events.send(Event::Changed(Subject::Story(settled.story().clone())));
            }
        }
        Err(problem) => tracing::info!("replacements are gone on with later: {}", problem.what),
    }
    match stories.settle_publications().await.map_err(Problem::from) {
        Ok(drafts) => {
            for id in drafts {
                events.send(Event::Manuscript(id));
            }
        }
        Err(problem) => tracing::info!("what was stored of a publication is removed later: {}", problem.what),
    }
    match stories.settle_deletions(now).await.map_err(Problem::from) {
        Ok(settled) => {
            for id in settled {
                events.send(Event::Changed(Subject::Story(id)));
            }
        }
        Err(problem) => tracing::info!("a deletion is gone on with later: {}", problem.what),
    }
    let trash = stories.trash();
    trash.settle(now).await.map_err(Problem::from)?;
    let retired = stories.retire_due(now).await.map_err(Problem::from)?;
    let purged = trash.purge_due(now).await.map_err(Problem::from)?;
    for kept in &purged.kept {
        tracing::info!("{} is due and stays in the trash: {}", kept.record.kept_key, kept.why);
    }
    if !retired.trashed.is_empty() || purged.removed > 0 {
        events.send(Event::Changed(Subject::Bucket(stories.settings().bucket.clone())));
    }
    Ok(())
}
