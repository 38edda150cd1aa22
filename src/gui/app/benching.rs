//! Carries out what is asked for on the bench of a scene's pictures.

use std::path::PathBuf;

use egui::{ColorImage, Context};

use super::App;
use super::execute::Asked;
use crate::gui::panel::stories::BenchAct;
use crate::gui::picker::Purpose;
use crate::gui::theme::Tone;
use crate::media::Pixels;
use crate::service::{LocalFile, Pending, Problem, Service};
use crate::story::{SceneId, StoryId};

impl App {
    /// Carries out one act. What fails is said in a toast and in the log.
    pub(super) fn bench(&mut self, ctx: &Context, act: BenchAct) {
        let what = act.failed_words();
        let service = &self.service;
        let done: Pending<()> = match act {
            BenchAct::Generate {
                story,
                scene,
                wanted,
                count,
            } => service.load(move |service| async move {
                let count = usize::try_from(count).unwrap_or(1);
                service.start_variants(&story, &scene, *wanted, count).await?;
                Ok(())
            }),
            BenchAct::Again(variant) => service.load(move |service| async move {
                service.retry_variant(&variant).await?;
                Ok(())
            }),
            BenchAct::Cancel(variant) => {
                service.load(move |service| async move { service.cancel_variant(&variant).await })
            }
            BenchAct::Judge(variant, verdict) => {
                service.load(move |service| async move { service.judge(&variant, verdict).await })
            }
            BenchAct::Forget(variant) => {
                service.load(move |service| async move { service.forget_variant(&variant).await })
            }
            BenchAct::Place { story, scene, variant } => {
                service.start_place(story, scene, variant);
                return;
            }
            BenchAct::Choose { story, scene } => {
                let picker = self.picker.clone();
                service.load(move |service| async move {
                    match picker.pick_files(&Purpose::Picture).await?.into_iter().next() {
                        Some(path) => bring(service, story, scene, path).await,
                        None => Ok(()),
                    }
                })
            }
            BenchAct::Bring { story, scene, path } => service.load(move |service| bring(service, story, scene, path)),
            BenchAct::Paste { story, scene, picture } => match self.pasted(story, scene, &picture) {
                Some(done) => done,
                None => return self.say(Tone::Warn, "There is no picture on the clipboard that can be used"),
            },
        };
        self.waiting.ask(Asked::Bench { what, done });
        ctx.request_repaint();
    }

    fn pasted(&self, story: StoryId, scene: SceneId, picture: &ColorImage) -> Option<Pending<()>> {
        let pixels = pixels_of(picture)?;
        Some(self.service.load(move |service| async move {
            service.bring_pasted(&story, &scene, pixels).await?;
            Ok(())
        }))
    }
}

/// Reads a file and takes it as a candidate.
async fn bring(service: Service, story: StoryId, scene: SceneId, path: PathBuf) -> Result<(), Problem> {
    let file = LocalFile::read(&path).await?;
    let name = file.name();
    service.bring_candidate(&story, &scene, file.bytes, &name).await?;
    Ok(())
}

/// The pixels of a picture of the clipboard; none if it has none.
pub(super) fn pixels_of(picture: &ColorImage) -> Option<Pixels> {
    let [width, height] = picture.size;
    let rgba = picture
        .pixels
        .iter()
        .flat_map(egui::Color32::to_srgba_unmultiplied)
        .collect();
    let sides = u32::try_from(width).ok().zip(u32::try_from(height).ok());
    sides.and_then(|(width, height)| Pixels::new(width, height, rgba))
}
