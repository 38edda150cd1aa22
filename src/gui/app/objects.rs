//! What people ask for in the buckets' place, carried out: plans that were agreed to, deletions, buckets.

use super::App;
use super::execute::Asked;
use crate::gui::panel::buckets::Chosen;
use crate::gui::picker::Purpose;
use crate::gui::theme::Tone;
use crate::service::Problem;
use crate::supabase::{BucketName, BucketUpdate, NewBucket};
use crate::transfer::plan::DeleteOrder;
use crate::transfer::{Kind, Plan, Rules};
use tokio_util::sync::CancellationToken;

impl App {
    /// Carries out the very plan that was shown.
    pub(super) fn transfer(&mut self, plan: Plan) {
        self.transfers.open |= plan.kind == Kind::Download;
        self.transfers.planning();
        self.service.start_transfer(move |_| async move { Ok(plan) });
    }

    pub(super) fn delete(&mut self, chosen: Chosen, for_good: bool) {
        self.transfers.planning();
        self.service.start_transfer(move |service| async move {
            let bucket = chosen.bucket.clone();
            // A large selection is named off the window's thread.
            let sources = tokio::task::spawn_blocking(move || chosen.sources());
            let order = DeleteOrder {
                sources: sources.await.map_err(|_| Problem::stopped())?,
                bucket,
                rules: Rules {
                    keep_trash: !for_good,
                    ..Rules::default()
                },
            };
            service.plan_deletion(&order, &|_| {}, &CancellationToken::new()).await
        });
    }

    pub(super) fn choose_download_folder(&mut self) {
        let picker = self.picker.clone();
        let path = self.service.load(move |_| async move {
            let folders = picker.pick_files(&Purpose::DownloadFolder).await;
            Ok(folders.into_iter().next())
        });
        self.waiting.asked.push(Asked::DownloadFolder(path));
    }

    pub(super) fn create_bucket(&mut self, bucket: NewBucket) {
        let words = format!("{} was made", bucket.name);
        let done = self
            .service
            .load(move |service| async move { service.create_bucket(&bucket).await });
        self.waiting.asked.push(Asked::Bucket { words, done });
    }

    pub(super) fn update_bucket(&mut self, bucket: BucketName, update: BucketUpdate) {
        let words = format!("{bucket} was changed");
        let done = self
            .service
            .load(move |service| async move { service.update_bucket(&bucket, &update).await.map(drop) });
        self.waiting.asked.push(Asked::Bucket { words, done });
    }

    pub(super) fn bucket_saved(&mut self, saved: &Result<(), Problem>, words: &str) {
        let told = self.buckets.bucket_saved(saved);
        match saved {
            Ok(()) => self.say(Tone::Ok, words),
            Err(_) if told => {}
            Err(problem) => self.failed(problem, "The bucket was not saved"),
        }
    }

    /// Its progress is shown until the bucket is really empty, or gone.
    pub(super) fn clear_bucket(&mut self, bucket: BucketName, then_delete: bool) {
        self.transfers.open = true;
        self.transfers.planning();
        self.service.start_emptying(bucket, then_delete);
    }
}
