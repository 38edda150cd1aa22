//! The type styles: size, line height and weight of every text in the window.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontFamily, FontId, RichText, TextStyle};

use super::fonts;

/// A type style. Never make a [`FontId`] of your own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// 22/28, semibold: the first run, numbers on tiles.
    Display,
    /// 18/24, semibold: the title of a page.
    Title,
    /// 14/20, semibold: the title of a panel.
    Head,
    /// 13/18, semibold: the title of a section within a page.
    Section,
    /// 13/18: text.
    Body,
    /// 13/18, medium: titles in lists.
    Strong,
    /// 12.5/16, medium: buttons, selects, tabs.
    Button,
    /// 12/16: tables, labels of fields, details.
    Small,
    /// 12/16, medium.
    SmallStrong,
    /// 11/14: meta lines, chips, the rail.
    Caption,
    /// 11/14, medium: badges.
    CaptionStrong,
    /// 12/16, monospace: keys, URLs, hashes, codes.
    Mono,
    /// 11/14, monospace.
    MonoSmall,
}

impl Type {
    /// Every type style.
    pub const ALL: [Self; 13] = [
        Self::Display,
        Self::Title,
        Self::Head,
        Self::Section,
        Self::Body,
        Self::Strong,
        Self::Button,
        Self::Small,
        Self::SmallStrong,
        Self::Caption,
        Self::CaptionStrong,
        Self::Mono,
        Self::MonoSmall,
    ];

    /// Size of the letters, in points.
    pub const fn size(self) -> f32 {
        match self {
            Self::Display => 22.0,
            Self::Title => 18.0,
            Self::Head => 14.0,
            Self::Section | Self::Body | Self::Strong => 13.0,
            Self::Button => 12.5,
            Self::Small | Self::SmallStrong | Self::Mono => 12.0,
            Self::Caption | Self::CaptionStrong | Self::MonoSmall => 11.0,
        }
    }

    /// Height of a line, in points.
    pub const fn line_height(self) -> f32 {
        match self {
            Self::Display => 28.0,
            Self::Title => 24.0,
            Self::Head => 20.0,
            Self::Section | Self::Body | Self::Strong => 18.0,
            Self::Button | Self::Small | Self::SmallStrong | Self::Mono => 16.0,
            Self::Caption | Self::CaptionStrong | Self::MonoSmall => 14.0,
        }
    }

    fn family(self) -> FontFamily {
        match self {
            Self::Body | Self::Small | Self::Caption => FontFamily::Proportional,
            Self::Strong | Self::Button | Self::SmallStrong | Self::CaptionStrong => {
                FontFamily::Name(fonts::MEDIUM.into())
            }
            Self::Display | Self::Title | Self::Head | Self::Section => FontFamily::Name(fonts::SEMIBOLD.into()),
            Self::Mono | Self::MonoSmall => FontFamily::Monospace,
        }
    }

    /// The font to lay text out with.
    pub fn font(self) -> FontId {
        FontId::new(self.size(), self.family())
    }

    /// The key under which egui's style knows this type style.
    pub fn style(self) -> TextStyle {
        match self {
            Self::Display => TextStyle::Name("display".into()),
            Self::Title => TextStyle::Heading,
            Self::Head => TextStyle::Name("head".into()),
            Self::Section => TextStyle::Name("section".into()),
            Self::Body => TextStyle::Body,
            Self::Strong => TextStyle::Name("strong".into()),
            Self::Button => TextStyle::Button,
            Self::Small => TextStyle::Name("small".into()),
            Self::SmallStrong => TextStyle::Name("small-strong".into()),
            Self::Caption => TextStyle::Small,
            Self::CaptionStrong => TextStyle::Name("caption-strong".into()),
            Self::Mono => TextStyle::Monospace,
            Self::MonoSmall => TextStyle::Name("mono-small".into()),
        }
    }

    /// Text for egui's own widgets, in this style and line height.
    pub fn rich(self, text: impl Into<String>) -> RichText {
        RichText::new(text)
            .font(self.font())
            .line_height(Some(self.line_height()))
    }

    /// Format of a part of a [`LayoutJob`].
    pub fn format(self, color: Color32) -> TextFormat {
        TextFormat {
            font_id: self.font(),
            color,
            line_height: Some(self.line_height()),
            ..TextFormat::default()
        }
    }

    /// A text that wraps at `max_width`.
    pub fn job(self, text: impl Into<String>, color: Color32, max_width: f32) -> LayoutJob {
        let mut job = LayoutJob::single_section(text.into(), self.format(color));
        job.wrap = TextWrapping::wrap_at_width(max_width);
        job
    }

    /// One line, cut with "…" at `max_width`.
    pub fn line(self, text: impl Into<String>, color: Color32, max_width: f32) -> LayoutJob {
        let mut job = LayoutJob::single_section(text.into(), self.format(color));
        job.wrap = TextWrapping::truncate_at_width(max_width);
        job.break_on_newline = false;
        job
    }
}
