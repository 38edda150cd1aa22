//! Carries out actions: the only place that starts work from the window.

use std::path::PathBuf;

use egui::Context;

use super::{App, Undo};
use crate::gui::action::{Action, Command, Place};
use crate::gui::icon;
use crate::gui::panel::settings::{Theme, TransferLimits};
use crate::gui::panel::{buckets, stories};
use crate::gui::picker::Purpose;
use crate::gui::shell::dock::Tab;
use crate::gui::shell::palette::{PaletteEntry, PaletteGroup};
use crate::gui::theme::Tone;
use crate::gui::widget::Toast;
use crate::service::{Listed, LocalFile, Pending, Problem, Report};
use crate::story::export::{ExportSettings, suggested_name};
use crate::story::{SceneId, Source, StoryId};
use crate::supabase::{BucketName, ObjectKey};
use crate::workspace::WorkspaceId;

/// What was asked of the system or the project and is not there yet.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) asked: Vec<Asked>,
}

impl Waiting {
    pub(super) fn ask(&mut self, asked: Asked) {
        self.asked.push(asked);
    }
}

/// One answer that is on its way, with what to do with it.
pub(super) enum Asked {
    /// A picture file for a scene, chosen or named, and read.
    Picture {
        story: StoryId,
        scene: SceneId,
        file: Pending<Option<LocalFile>>,
    },
    /// Files for a folder of a bucket.
    Uploads {
        bucket: BucketName,
        folder: String,
        paths: Pending<Vec<PathBuf>>,
    },
    /// Where an object is saved.
    Saving {
        bucket: BucketName,
        key: ObjectKey,
        path: Pending<Option<PathBuf>>,
    },
    /// Where a book out of a story goes.
    Exporting {
        story: StoryId,
        settings: ExportSettings,
        path: Pending<Option<PathBuf>>,
    },
    /// A text is saved; whether it was, and what is said of it then.
    Saved {
        what: &'static str,
        done: Pending<Option<PathBuf>>,
    },
    /// A folder of this machine for a download.
    DownloadFolder(Pending<Option<PathBuf>>),
    /// A bucket is saved; what is said of it then.
    Bucket { words: String, done: Pending<()> },
    /// Something is done to candidates; what is said if it was not.
    Bench { what: &'static str, done: Pending<()> },
    /// How a transfer ended.
    Report(Box<Pending<Report>>),
    /// Something that was done to a story, a manuscript or a batch.
    Deed(super::authoring::Doing),
}

impl App {
    /// Carries out one action. Whatever fails is said: in a toast, and by the job in the log.
    pub(super) fn execute(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Command(command) => self.command(ctx, command),
            Action::Go(place) => self.place = place,
            Action::OpenStory(story, scene) => {
                self.place = Place::Stories;
                self.stories.open(story, scene);
            }
            Action::OpenBucket(bucket) => {
                self.place = Place::Buckets;
                self.buckets.open_bucket(bucket);
            }
            Action::OpenObject(bucket, key) => {
                self.place = Place::Buckets;
                self.buckets.open_object(bucket, &key);
            }
            Action::ExplainUrl(text) => {
                self.place = Place::UrlLab;
                self.url_lab.open(text);
            }
            Action::ResumeStory(id) => match self.stories.find(&id) {
                Some(story) => _ = self.service.start_resume(story),
                None => self.failed(&not_loaded(), "The story was not finished"),
            },
            Action::Regenerate {
                story,
                scene,
                prompt,
                seed,
            } => {
                self.replace(&story, scene, Source::Drawn { prompt, seed });
            }
            Action::ChoosePicture { story, scene } => {
                let picker = self.picker.clone();
                let file = self.service.load(move |_| async move {
                    match picker.pick_files(&Purpose::Picture).await?.into_iter().next() {
                        Some(path) => LocalFile::read(&path).await.map(Some),
                        None => Ok(None),
                    }
                });
                self.waiting.asked.push(Asked::Picture { story, scene, file });
            }
            Action::ReplacePicture { story, scene, path } => {
                let file = self
                    .service
                    .load(move |_| async move { LocalFile::read(&path).await.map(Some) });
                self.waiting.asked.push(Asked::Picture { story, scene, file });
            }
            Action::Bench(act) => self.bench(ctx, *act),
            Action::Do(deed) => self.carry_out(*deed),
            Action::PutBack(replaced) => {
                self.undo = None;
                self.service.start_put_back(replaced);
            }
            Action::ExportStory(story) => {
                self.place = Place::Stories;
                self.stories.ask_export(story);
            }
            Action::Export(story, settings) => self.choose_export(story, settings),
            Action::ChooseUploads { bucket, folder } => {
                self.choose_uploads(Purpose::Uploads(bucket.to_string()), bucket, folder);
            }
            Action::Upload { paths, bucket, folder } => self.review(paths, bucket, folder),
            Action::UploadPicture {
                picture,
                bucket,
                folder,
            } => self.review_pasted(&picture, bucket, folder),
            Action::ChooseUploadFolders { bucket, folder } => {
                self.choose_uploads(Purpose::UploadFolders(bucket.to_string()), bucket, folder);
            }
            Action::Save(bucket, key) => {
                let picker = self.picker.clone();
                let name = key.file_name().to_owned();
                let path = self
                    .service
                    .load(move |_| async move { Ok(picker.save_file(&name).await?) });
                self.waiting.asked.push(Asked::Saving { bucket, key, path });
            }
            Action::Delete { chosen, for_good } => self.delete(chosen, for_good),
            Action::Transfer(plan) => self.transfer(*plan),
            Action::NewFolder(bucket, folder) => _ = self.service.start_new_folder(bucket, folder),
            Action::ChooseDownloadFolder => self.choose_download_folder(),
            Action::ClearBucket { bucket, then_delete } => self.clear_bucket(bucket, then_delete),
            Action::CreateBucket(bucket) => self.create_bucket(bucket),
            Action::UpdateBucket(bucket, update) => self.update_bucket(bucket, update),
            Action::CancelJob(id) => self.service.jobs().cancel(id),
            Action::RetryJob(id) => self.service.jobs().retry(id),
            Action::RetryAs(id, kind) => self.service.jobs().retry_as(id, kind),
            Action::ToggleTransfers => self.transfers.toggle(),
            Action::ShowTransfers => self.transfers.open = true,
            Action::Wish(target, wish) => self.service.wish(target, wish),
            Action::UndoTransfer(job) => {
                if self.undo == Some(Undo::Transfer(job)) {
                    self.undo = None;
                }
                self.service.start_undo(job);
            }
            Action::CopyReport(job) => {
                let report = self
                    .service
                    .load(move |service| async move { service.report(job).await });
                self.waiting.asked.push(Asked::Report(Box::new(report)));
            }
            Action::LimitTransfers(limits) => {
                self.service.engine().set_limits(limits);
                self.settings.settings.limits = TransferLimits::of(limits);
            }
            Action::Copy { text, what } => self.copy(ctx, text, what),
            Action::CopySecret(text, what) => self.copy(ctx, text.expose().to_owned(), what),
            Action::SaveText { name, text, what } => self.save_text(name, text, what),
            Action::Edit { chosen, edit } => self.edit(&chosen, edit),
            Action::CopyCurl(id) => match self.service.exchange(id) {
                Some(exchange) => self.copy(ctx, exchange.curl(), "curl command"),
                None => self.say(Tone::Warn, "That request is too long ago to be copied"),
            },
            Action::AddWorkspace => self.add_workspace(),
            Action::EditWorkspace(id) => self.edit_workspace(&id),
            Action::CloseConnect => self.switch.connect = None,
            Action::Connect => self.connect(),
            Action::OpenWorkspace(id) => self.open_workspace(id),
            Action::AskToRemove(id) => self.ask_to_remove(&id),
            Action::RemoveWorkspace(id) => self.remove_workspace(id),
            Action::SignInAgain => self.sign_in_again(),
            Action::SignOut(id) => self.sign_out(id),
            Action::ImportWorkspaces => self.import_workspaces(),
            Action::ExportWorkspaces(id) => self.export_workspaces(id),
            Action::AskToUnlock => self.ask_to_unlock(),
            Action::UnlockAdmin => self.service.admin().unlock(),
            Action::LockAdmin => self.service.admin().lock(),
            Action::ShowLog => self.dock.open_on(Tab::Log),
            Action::ShowJobs => {
                self.dock.open_on(Tab::Jobs);
            }
            Action::ShowRequest(id) => self.dock.show_request(id),
        }
    }

    fn command(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Palette => self.palette.open(),
            Command::NewStory => {
                self.place = Place::Stories;
                self.stories.new_story();
            }
            Command::Stories => self.place = Place::Stories,
            Command::Buckets => self.place = Place::Buckets,
            Command::UrlLab => self.place = Place::UrlLab,
            Command::Settings => self.place = Place::Settings,
            Command::ToggleTransfers => self.transfers.toggle(),
            Command::ToggleDock => self.dock.open = !self.dock.open,
            Command::Shortcuts => self.shortcuts = true,
            Command::SwitchWorkspace => self.switch.ask_for_menu(ctx),
            Command::AddWorkspace => self.add_workspace(),
            Command::EditWorkspace => {
                if let Some(id) = self.present() {
                    self.edit_workspace(&id);
                }
            }
            Command::TestConnection => self.test_connection(),
            Command::SignOut => {
                if let Some(WorkspaceId::Profile(id)) = self.present() {
                    self.sign_out(id);
                }
            }
            Command::UnlockAdmin => self.ask_to_unlock(),
            Command::LockAdmin => self.service.admin().lock(),
            Command::ThemeDark => self.theme(ctx, Theme::Dark),
            Command::ThemeLight => self.theme(ctx, Theme::Light),
            Command::ThemeSystem => self.theme(ctx, Theme::System),
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            Command::Undo => self.undo_last(),
            Command::SearchAll => {
                self.place = Place::Buckets;
                self.buckets.command(command);
            }
            Command::Filter
            | Command::Refresh
            | Command::ToggleInspector
            | Command::Previous
            | Command::Next
            | Command::Generate
            | Command::Flip
            | Command::Keep
            | Command::Reject
            | Command::ReplaceLive
            | Command::LockSeed
            | Command::AltText
            | Command::GenerateMissing
            | Command::Upload => {
                let action = match self.place {
                    Place::Stories => self.stories.command(command),
                    Place::Buckets => self.buckets.command(command),
                    Place::UrlLab => {
                        self.url_lab.command(command);
                        None
                    }
                    Place::Settings => None,
                };
                self.actions.extend(action);
            }
        }
    }

    /// Undoes what was done last: a judgement of the bench, a transfer, a replacement.
    fn undo_last(&mut self) {
        let judged = (self.place == Place::Stories)
            .then(|| self.stories.undo_judgement(self.undo.is_some()))
            .flatten();
        match (judged, self.undo.take()) {
            (Some(action), undo) => {
                self.undo = undo;
                self.actions.push(action);
            }
            (None, Some(Undo::Transfer(job))) => self.service.start_undo(job),
            (None, Some(Undo::Replacement(replaced))) => {
                self.service.start_put_back(replaced);
            }
            (None, None) => self.say(Tone::Neutral, "There is nothing to undo"),
        }
    }

    fn theme(&mut self, ctx: &Context, theme: Theme) {
        self.settings.settings.theme = theme;
        self.settings.settings.apply(ctx);
    }

    fn copy(&mut self, ctx: &Context, text: String, what: &str) {
        ctx.copy_text(text);
        self.say(Tone::Ok, &format!("The {what} is on the clipboard"));
    }

    pub(super) fn say(&mut self, tone: Tone, words: &str) {
        self.toasts.push(Toast::new(tone, words));
    }

    fn replace(&mut self, story: &StoryId, scene: SceneId, source: Source) {
        match self.stories.find(story) {
            Some(story) => _ = self.service.start_replace(story.clone(), scene, source),
            None => self.failed(&not_loaded(), "The picture was not replaced"),
        }
    }

    fn choose_export(&mut self, story: StoryId, settings: ExportSettings) {
        let title = self.stories.find(&story).map_or("story", |story| story.title.as_str());
        let name = suggested_name(title, settings.format);
        let picker = self.picker.clone();
        let path = self
            .service
            .load(move |_| async move { Ok(picker.save_file(&name).await?) });
        self.waiting.asked.push(Asked::Exporting { story, settings, path });
    }

    fn choose_uploads(&mut self, purpose: Purpose, bucket: BucketName, folder: String) {
        let picker = self.picker.clone();
        let paths = self
            .service
            .load(move |_| async move { Ok(picker.pick_files(&purpose).await?) });
        self.waiting.asked.push(Asked::Uploads { bucket, folder, paths });
    }

    pub(super) fn failed(&mut self, problem: &Problem, what: &str) {
        self.dock.problem(what, problem);
        let toast = Toast::new(Tone::Err, format!("{what}: {}", problem.sentences())).action("Show");
        self.offer(toast, Action::ShowLog);
    }

    /// Takes in the answers that have arrived.
    pub(super) fn poll_waiting(&mut self, ctx: &Context) {
        for asked in std::mem::take(&mut self.waiting.asked) {
            match asked {
                Asked::Picture { story, scene, file } => match file.take() {
                    Err(file) => self.waiting.asked.push(Asked::Picture { story, scene, file }),
                    Ok(Ok(Some(file))) => {
                        let source = Source::File {
                            name: file.name(),
                            bytes: file.bytes,
                        };
                        self.replace(&story, scene, source);
                        ctx.request_repaint();
                    }
                    Ok(Ok(None)) => {}
                    Ok(Err(problem)) => self.failed(&problem, "The picture was not uploaded"),
                },
                Asked::Uploads { bucket, folder, paths } => match paths.take() {
                    Err(paths) => self.waiting.asked.push(Asked::Uploads { bucket, folder, paths }),
                    Ok(Ok(paths)) => self.review(paths, bucket, folder),
                    Ok(Err(problem)) => self.failed(&problem, "Nothing was uploaded"),
                },
                Asked::Saving { bucket, key, path } => match path.take() {
                    Err(path) => self.waiting.asked.push(Asked::Saving { bucket, key, path }),
                    Ok(Ok(Some(path))) => {
                        self.transfers.open = true;
                        self.transfers.planning();
                        self.service.start_saving(bucket, key, path);
                    }
                    Ok(Ok(None)) => {}
                    Ok(Err(problem)) => self.failed(&problem, "Nothing was saved"),
                },
                Asked::Bench { what, done } => match done.take() {
                    Err(done) => self.waiting.asked.push(Asked::Bench { what, done }),
                    Ok(Ok(())) => {}
                    Ok(Err(problem)) => self.failed(&problem, what),
                },
                Asked::Exporting { story, settings, path } => match path.take() {
                    Err(path) => self.waiting.asked.push(Asked::Exporting { story, settings, path }),
                    Ok(Ok(Some(path))) => match self.stories.find(&story) {
                        Some(story) => _ = self.service.start_export(story, settings, path),
                        None => self.failed(&not_loaded(), "The story was not exported"),
                    },
                    Ok(Ok(None)) => {}
                    Ok(Err(problem)) => self.failed(&problem, "The story was not exported"),
                },
                Asked::Saved { what, done } => match done.take() {
                    Err(done) => self.waiting.asked.push(Asked::Saved { what, done }),
                    Ok(Ok(Some(path))) => self.say(Tone::Ok, &format!("The {what} are in {}", path.display())),
                    Ok(Ok(None)) => {}
                    Ok(Err(problem)) => self.failed(&problem, "Nothing was saved"),
                },
                Asked::DownloadFolder(path) => match path.take() {
                    Err(path) => self.waiting.asked.push(Asked::DownloadFolder(path)),
                    Ok(Ok(path)) => _ = path.map(|path| self.buckets.folder_chosen(&path)),
                    Ok(Err(problem)) => self.failed(&problem, "No folder was chosen"),
                },
                Asked::Bucket { words, done } => match done.take() {
                    Err(done) => self.waiting.asked.push(Asked::Bucket { words, done }),
                    Ok(saved) => self.bucket_saved(&saved, &words),
                },
                Asked::Deed(doing) => self.poll_deed(doing),
                Asked::Report(report) => match report.take() {
                    Err(report) => self.waiting.asked.push(Asked::Report(Box::new(report))),
                    Ok(Ok(report)) => self.copy(ctx, report.text(), "report"),
                    Ok(Err(problem)) => self.failed(&problem, "The report was not copied"),
                },
            }
        }
    }
}

/// What is shown was read a while ago; somebody may have deleted it since.
fn not_loaded() -> Problem {
    Problem::new(
        "The story is not in the list any more.",
        "Refresh the stories and look for it again.",
    )
}

/// What the palette can find: commands, what is loaded of stories and buckets, and what was found of the open bucket's
/// objects.
pub(super) fn entries(
    stories: &stories::State,
    buckets: &buckets::State,
    workspaces: &[Listed],
    why_not: impl Fn(Command) -> Option<String>,
) -> Vec<PaletteEntry> {
    let entry = |group, icon, text: String, detail: String, action| PaletteEntry {
        group,
        icon,
        text,
        detail,
        keys: String::new(),
        disabled: None,
        action,
    };
    let commands = PaletteEntry::commands(why_not);
    let stories = stories.all().map(|story| {
        let action = Action::OpenStory(story.story_id.clone(), None);
        let detail = story.status.word().to_owned();
        entry(
            PaletteGroup::Stories,
            icon::BOOK_OPEN,
            story.title.clone(),
            detail,
            action,
        )
    });
    let names = buckets.names().map(|bucket| {
        let action = Action::OpenBucket(bucket.clone());
        entry(
            PaletteGroup::Buckets,
            icon::DATABASE,
            bucket.to_string(),
            String::new(),
            action,
        )
    });
    let objects = buckets.found().map(|(bucket, key)| {
        let (text, detail) = (key.to_string(), bucket.to_string());
        let action = Action::OpenObject(bucket.clone(), key.clone());
        entry(PaletteGroup::Objects, icon::FILE, text, detail, action)
    });
    let workspaces = workspaces.iter().map(|listed| {
        let action = Action::OpenWorkspace(listed.id.clone());
        let (text, detail) = (listed.name.clone(), listed.place.clone());
        entry(PaletteGroup::Workspaces, icon::CARET_UP_DOWN, text, detail, action)
    });
    commands
        .chain(workspaces)
        .chain(stories)
        .chain(names)
        .chain(objects)
        .collect()
}
