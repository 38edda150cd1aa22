//! What people ask for in the buckets' place, carried out: plans that were agreed to, deletions, buckets.

use super::App;
use super::execute::Asked;
use crate::gui::panel::buckets::Chosen;
use crate::gui::picker::Purpose;
use crate::gui::theme::Tone;
use crate::http::Secret;
use crate::service::{Problem, write_whole};
use crate::supabase::{BucketName, BucketUpdate, NewBucket};
use crate::transfer::plan::{DeleteOrder, HeaderEdit};
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
            let folders = picker.pick_files(&Purpose::DownloadFolder).await?;
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

    pub(super) fn save_text(&mut self, name: String, text: Secret, what: &'static str) {
        let picker = self.picker.clone();
        let done = self.service.load(move |_| async move {
            let Some(path) = picker.save_file(&name).await? else {
                return Ok(None);
            };
            let written =
                tokio::task::spawn_blocking(move || write_whole(&path, text.expose().as_bytes()).map(|()| path));
            written.await.map_err(|_| Problem::stopped())?.map(Some)
        });
        self.waiting.asked.push(Asked::Saved { what, done });
    }

    pub(super) fn edit(&mut self, chosen: &Chosen, edit: HeaderEdit) {
        self.transfers.planning();
        let bucket = chosen.bucket.clone();
        self.service.start_edit(bucket, chosen.sources(), edit);
    }

    /// Its progress is shown until the bucket is really empty, or gone.
    pub(super) fn clear_bucket(&mut self, bucket: BucketName, then_delete: bool) {
        self.transfers.open = true;
        self.transfers.planning();
        self.service.start_emptying(bucket, then_delete);
    }
}
