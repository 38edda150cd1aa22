//! What stands in the place of a scene's picture, however the scene is laid out, and what the button there means.

use super::asked::Asked;
use super::picture::Pixels;
use crate::gui::panel::stories::state::{Failure, ScenePicture, State};
use crate::gui::widget::{PictureState, Progress};
use crate::service::Problem;
use crate::story::SceneId;

/// What the button in the picture's place means.
pub(super) fn state_button(shown: &ScenePicture<'_>) -> Option<Asked> {
    match shown {
        ScenePicture::Drawing { .. } | ScenePicture::Waiting | ScenePicture::Live => None,
        ScenePicture::Missing | ScenePicture::Failed(Failure::Row(_)) => Some(Asked::Generate),
        ScenePicture::Failed(Failure::Job(
            job,
            Problem {
                save_as: Some(save), ..
            },
        )) => Some(Asked::RetryAs(*job, save.kind)),
        ScenePicture::Failed(Failure::Job(job, problem)) if problem.retry => Some(Asked::Retry(*job)),
        ScenePicture::Failed(Failure::Job(..)) => Some(Asked::Select),
    }
}

/// What stands in the picture's place.
pub(super) fn picture_state<'a>(pixels: &'a Pixels, shown: &ScenePicture<'a>, clock: &'a str) -> PictureState<'a> {
    let under = pixels.texture();
    match shown {
        ScenePicture::Drawing { .. } => PictureState::Busy {
            under,
            progress: Progress::Running(None),
            elapsed: clock,
            line: "",
        },
        ScenePicture::Waiting => PictureState::Missing {
            line: "Waiting for its turn",
            button: None,
        },
        ScenePicture::Failed(failure) => {
            let (line, button) = match failure {
                Failure::Job(
                    _,
                    Problem {
                        save_as: Some(save), ..
                    },
                ) => (save.why, save.words()),
                Failure::Job(_, problem) if problem.retry => (problem.what.as_str(), "Try again"),
                Failure::Job(_, problem) => (problem.what.as_str(), "Show why"),
                Failure::Row(_) => ("The picture could not be made", "Try again"),
            };
            PictureState::Failed {
                under,
                line,
                button: Some(button),
            }
        }
        ScenePicture::Missing => PictureState::Missing {
            line: "No picture",
            button: Some("Generate"),
        },
        ScenePicture::Live => match pixels {
            Pixels::Ready(texture, _) => PictureState::Ready(*texture),
            Pixels::Loading => PictureState::Loading,
            Pixels::Broken { line, code } => PictureState::Broken { line, code },
            Pixels::None => PictureState::Missing {
                line: "No picture",
                button: None,
            },
        },
    }
}

/// Remembers whether a scene's picture could not be shown, for the counts.
pub(super) fn remember_broken(state: &mut State, scene: &SceneId, link: Option<String>, pixels: &Pixels) {
    match link {
        Some(link) if pixels.is_broken() => _ = state.broken.insert(scene.clone(), link),
        _ if !matches!(pixels, Pixels::Loading) => _ = state.broken.remove(scene),
        _ => {}
    }
}
