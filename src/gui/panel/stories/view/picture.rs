//! From what is known of a scene's picture to what stands in its place.

use egui::load::SizedTexture;
use egui::{Ui, vec2};
use jiff::Timestamp;

use crate::gui::panel::PanelContext;
use crate::gui::panel::stories::state::State;
use crate::gui::texture::{PictureSize, Pictures, Shown};
use crate::service::{PictureAt, Problem, Service, UNREADABLE_URL};
use crate::story::{Scene, Story};

/// What there is to show of a URL's picture.
pub(super) enum Pixels {
    /// No URL.
    None,
    /// On its way.
    Loading,
    /// Here, with the size it has where it is stored, in pixels, if that is known.
    Ready(SizedTexture, Option<(u32, u32)>),
    /// It cannot be shown: one line, and the server's code.
    Broken { line: &'static str, code: String },
}

impl Pixels {
    /// The picture at `url`; the first call for it starts loading.
    pub(super) fn at(
        ui: &Ui,
        pictures: &mut Pictures,
        service: &Service,
        url: Option<&String>,
        size: PictureSize,
    ) -> Self {
        match url {
            Some(url) => Self::of(ui, pictures, service, &PictureAt::Url(url.clone()), size),
            None => Self::None,
        }
    }

    /// The picture of a scene. Until it has been read back from where it was stored, the variant that it is stands in for it: that is
    /// on this computer, and was looked at before it was taken.
    pub(super) fn live(
        ui: &Ui,
        context: &mut PanelContext<'_>,
        state: &State,
        (story, scene): (&Story, &Scene),
        size: PictureSize,
    ) -> Self {
        let pixels = Self::at(ui, context.pictures, context.service, scene.image_url.as_ref(), size);
        let (Self::Loading, Some(url)) = (&pixels, &scene.image_url) else {
            return pixels;
        };
        let Some(variant) = state.stored_as(story, scene, context.service.own_object(url)) else {
            return pixels;
        };
        match Self::of(
            ui,
            context.pictures,
            context.service,
            &PictureAt::Variant(variant),
            size,
        ) {
            ready @ Self::Ready(..) => ready,
            Self::None | Self::Loading | Self::Broken { .. } => pixels,
        }
    }

    /// The picture that is there; the first call for it starts loading.
    pub(super) fn of(ui: &Ui, pictures: &mut Pictures, service: &Service, at: &PictureAt, size: PictureSize) -> Self {
        match pictures.get(ui, service, at, size) {
            Shown::Loading => Self::Loading,
            Shown::Ready { texture, original } => Self::Ready(SizedTexture::from_handle(texture), original),
            Shown::Broken(problem) => Self::Broken {
                line: broken_line(problem),
                code: broken_code(problem),
            },
        }
    }

    /// The texture, if it is here.
    pub(super) fn texture(&self) -> Option<SizedTexture> {
        match self {
            Self::Ready(texture, _) => Some(*texture),
            Self::None | Self::Loading | Self::Broken { .. } => None,
        }
    }

    /// Whether its link is broken: it is none, or the server was asked and did not give it. A picture that did not come or that this machine was
    /// too slow for is not.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self, Self::Broken { line, .. } if *line != NOT_SHOWN)
    }
}

/// Tries again what could not be shown of these URLs.
pub(super) fn retry<'a>(urls: impl Iterator<Item = &'a String>, pictures: &mut Pictures) {
    for url in urls {
        pictures.retry(&PictureAt::Url(url.clone()));
    }
}

/// Said of a picture without a word of the server.
const NOT_SHOWN: &str = "The picture cannot be shown";

fn broken_line(problem: &Problem) -> &'static str {
    let code = problem.code.as_deref().unwrap_or_default();
    match (problem.http_status, code) {
        (_, UNREADABLE_URL) => "The link is no URL",
        (_, "NoSuchKey" | "not_found") | (Some(404), _) => "Picture not found",
        (_, "AccessDenied") | (Some(401 | 403), _) => "You may not see this picture",
        (Some(_), _) => "The picture was not given out",
        (None, _) => NOT_SHOWN,
    }
}

/// The server's own code first; the transport's status may be another.
fn broken_code(problem: &Problem) -> String {
    match (problem.http_status, &problem.code) {
        (Some(status), Some(code)) => format!("{status} {code}"),
        (Some(status), None) => format!("HTTP {status}"),
        (None, Some(code)) if code == UNREADABLE_URL => String::new(),
        (None, Some(code)) => code.clone(),
        // Whatever is known: a card without a reason leads nowhere.
        (None, None) if problem.technical.is_empty() => problem.what.clone(),
        (None, None) => problem.technical.clone(),
    }
}

/// Time since `since` as "0:14".
pub(super) fn elapsed(since: Timestamp) -> String {
    let seconds = Timestamp::now().duration_since(since).as_secs().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// What a picture is called for those who cannot see it.
pub(super) fn spoken(scene: &Scene) -> &str {
    scene.alt_text.as_deref().unwrap_or_default()
}

/// The largest box of 4 to 3 that is `width` wide.
pub(super) fn four_by_three(width: f32) -> egui::Vec2 {
    vec2(width, (width * 0.75).round())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_code_decides_what_a_broken_picture_says() {
        let mut problem = Problem::new("The object is not there.", "");
        problem.http_status = Some(400);
        problem.code = Some("NoSuchKey".to_owned());
        assert_eq!(
            (broken_line(&problem), broken_code(&problem).as_str()),
            ("Picture not found", "400 NoSuchKey")
        );
        problem.code = None;
        problem.http_status = None;
        problem.technical = "not a picture".to_owned();
        assert_eq!(broken_code(&problem), "not a picture");
        problem.technical = String::new();
        assert_eq!(broken_code(&problem), "The object is not there.");
        problem.code = Some(UNREADABLE_URL.to_owned());
        assert_eq!(broken_line(&problem), "The link is no URL");
        problem.code = None;
        let pixels = |line| Pixels::Broken {
            line,
            code: String::new(),
        };
        assert!(pixels("Picture not found").is_broken());
        assert!(!pixels(broken_line(&problem)).is_broken(), "the link may be right");
    }

    #[test]
    fn time_is_told_in_minutes_and_seconds() {
        let since = Timestamp::now() - jiff::SignedDuration::from_secs(74);
        assert!(elapsed(since).starts_with("1:1"));
        assert_eq!(
            elapsed(Timestamp::now() + jiff::SignedDuration::from_secs(5)),
            "0:00",
            "clocks may be set back"
        );
    }
}
