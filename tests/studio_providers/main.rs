//! What the studio asks of providers, and what it makes of what they answer: the pictures that others are made from, and
//! whether what failed may have been charged for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod charges;
mod references;
mod room;

use std::time::Duration;

use storymimi_studio::service::Service;
use storymimi_studio::story::{Batch, BatchId, Story, StoryId};
use support::project::Project;
use support::story_rows;

/// A story whose scenes have these prompts and no pictures.
async fn story(project: &Project, prompts: &[&str]) -> Story {
    let server = &project.server;
    let (id, _) = story_rows::insert(server.url(), server.service_key(), "Pip", prompts).await;
    project.service.story(&StoryId::parse(&id).unwrap()).await.unwrap()
}

/// Waits until a batch is over, with the queue run as the window runs it.
async fn over(service: &Service, id: &BatchId) -> Batch {
    let wait = async {
        loop {
            let batch = service.batch(id).await.unwrap();
            if batch.is_over() {
                return batch;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), wait)
        .await
        .unwrap_or_else(|_| panic!("it does not come to an end"))
}
