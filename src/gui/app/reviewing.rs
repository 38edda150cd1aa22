//! Uploads: looked through before they begin.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{ColorImage, Context, Event};

use super::App;
use super::benching::pixels_of;
use super::execute::Asked as Waiting;
use crate::gui::action::{Action, Place};
use crate::gui::picker::Purpose;
use crate::gui::review::view::{self, Around, Asked};
use crate::gui::review::{Options, Outcome, Review};
use crate::gui::theme::Tone;
use crate::service::AdminState;
use crate::supabase::BucketName;

impl App {
    /// Lets files and folders be looked through; they are added to what is looked through already.
    pub(super) fn review(&mut self, paths: Vec<PathBuf>, bucket: BucketName, folder: String) {
        if paths.is_empty() {
            return;
        }
        match &mut self.review {
            Some(review) => review.add(&self.service, paths),
            None => {
                let options = Options::new(bucket, folder, self.settings.settings.uploads);
                self.review = Some(Review::open(&self.service, paths, options));
            }
        }
    }

    /// The same for a picture of the clipboard.
    pub(super) fn review_pasted(&mut self, picture: &ColorImage, bucket: BucketName, folder: String) {
        let Some(pixels) = pixels_of(picture) else {
            return self.say(Tone::Warn, "There is no picture on the clipboard that can be used");
        };
        let options = Options::new(bucket, folder, self.settings.settings.uploads);
        let service = &self.service;
        let review = self
            .review
            .get_or_insert_with(|| Review::open(service, Vec::new(), options));
        review.paste(service, pixels);
    }

    /// A picture that is pasted goes into the folder that is open, or is a candidate for the scene that is selected.
    pub(super) fn take_pasted(&mut self, ctx: &Context) {
        let in_review = self.review.as_ref().is_some_and(Review::is_shown);
        let elsewhere = ctx.memory(|memory| memory.top_modal_layer().is_some()) && !in_review;
        let takes = matches!(self.place, Place::Buckets | Place::Stories);
        if !takes || self.switch.connect.is_some() || elsewhere {
            return;
        }
        let picture = ctx.input(|input| {
            let pasted = |event: &Event| match event {
                Event::PasteImage(picture) => Some(Arc::clone(picture)),
                _ => None,
            };
            input.events.iter().find_map(pasted)
        });
        let Some(picture) = picture else { return };
        if self.place == Place::Stories {
            match self.stories.paste_candidate(picture) {
                Some(action) => self.actions.push(action),
                None => self.say(Tone::Neutral, "Select a scene first, then paste the picture"),
            }
            return;
        }
        match self.buckets.bucket().cloned() {
            Some(bucket) => {
                let folder = self.buckets.folder().to_owned();
                self.actions.push(Action::UploadPicture {
                    picture,
                    bucket,
                    folder,
                });
            }
            None => self.say(Tone::Neutral, "Open a bucket first, then paste the picture"),
        }
    }

    /// Takes in what has arrived for the review.
    pub(super) fn poll_review(&mut self, ctx: &Context) {
        self.thumbs.poll(ctx);
        let Some(review) = &mut self.review else { return };
        let outcome = review.poll(&self.service);
        self.settings.settings.uploads = review.options.habits;
        match outcome {
            Outcome::Open => {}
            Outcome::Begun(_) => {
                self.review = None;
                self.transfers.open = true;
                ctx.request_repaint();
            }
            Outcome::Needless(words) => {
                self.review = None;
                self.say(Tone::Neutral, &words);
            }
        }
    }

    /// Draws the review over everything.
    pub(super) fn draw_review(&mut self, ctx: &Context) {
        let Some(review) = self.review.as_mut().filter(|review| review.is_shown()) else {
            return;
        };
        let locked = self.service.admin().state() == AdminState::Locked;
        let mut around = Around {
            service: &self.service,
            thumbs: &mut self.thumbs,
            why_locked: locked.then_some("Admin mode is locked: unlock it beside the workspace's name at the top left"),
            speed: self.transfers.usual_speed(),
        };
        match view::show(ctx, review, &mut around) {
            Asked::Nothing => {}
            Asked::Close => self.review = None,
            Asked::More => {
                let (bucket, folder) = (review.options.bucket.clone(), review.options.folder.clone());
                let picker = self.picker.clone();
                let purpose = Purpose::Uploads(bucket.to_string());
                let paths = self
                    .service
                    .load(move |_| async move { Ok(picker.pick_files(&purpose).await?) });
                self.waiting.ask(Waiting::Uploads { bucket, folder, paths });
            }
        }
    }
}
