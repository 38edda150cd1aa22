//! The built-in illustrator: words to a picture without a model, the same for the same words and seed.
//!
//! A picture is composed as one SVG document, layer by layer from the sky to the vignette, and rendered
//! with resvg. Here live the sprites, the figures, the settings and the layout. What the words mean is the
//! lexicon's business ([`crate::local::lexicon`]); nothing here reads language, and nothing of the prompt's
//! text gets into the document: a prompt only chooses among sprites, colours and places.

mod creature;
mod face;
mod figure;
mod fit;
mod garment;
mod hold;
mod layout;
mod mark;
mod outlines;
mod palette;
mod prop;
mod puppet;
mod render;
mod rng;
mod scenery;
mod sprites;
mod stage;
mod stature;
mod svg;
mod tail;
mod weather;

pub use mark::marked;

use palette::Light;
use scenery::Backdrop;
use stage::Stage;
use svg::{Drawing, art};

use crate::local::lexicon::{self, Reading, Setting, Weather};

/// The name shown wherever its work is shown.
pub const ENGINE: &str = "Built-in illustrator (no AI)";

/// The smallest and largest width and height of a picture, in pixels.
pub const SIDE: std::ops::RangeInclusive<u32> = 256..=2048;

/// The look of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// Flat shapes in clean colours.
    #[default]
    Flat,
    /// Black lines on white, to colour in.
    Outlines,
}

/// What a picture depends on besides its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Another seed is another layout of the same scene.
    pub seed: u64,
    /// In pixels, within [`SIDE`].
    pub width: u32,
    /// In pixels, within [`SIDE`].
    pub height: u32,
    /// The look.
    pub style: Style,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            width: 1024,
            height: 768,
            style: Style::Flat,
        }
    }
}

/// A drawn picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The picture as an opaque PNG.
    pub png: Vec<u8>,
    /// The drawing it was made from, as SVG; always in colours.
    pub svg: String,
    /// The words that are in the picture.
    pub understood: Vec<String>,
    /// The words that are not: unknown ones, and what could not be shown.
    pub not_drawn: Vec<String>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum IllustratorError {
    /// A side is outside [`SIDE`].
    #[error("a picture of {width} × {height} pixels cannot be drawn: each side must be 256 to 2048")]
    Size {
        /// The width that was asked for.
        width: u32,
        /// The height that was asked for.
        height: u32,
    },
    /// The composed document could not be read back.
    #[error("the composed drawing is not valid SVG")]
    Svg(#[from] resvg::usvg::Error),
    /// The pixels could not be written as PNG.
    #[error("the picture could not be encoded as PNG")]
    Png(#[from] png::EncodingError),
}

/// Whether there is a sprite of this name.
#[must_use]
pub fn can_draw(sprite: &str) -> bool {
    sprites::resolve(sprite).is_some()
}

/// Draws what the text says.
///
/// # Errors
///
/// As [`draw_reading`].
pub fn draw(prompt: &str, options: &Options) -> Result<Picture, IllustratorError> {
    draw_reading(&lexicon::read(prompt), prompt, options)
}

/// Draws what a text was understood to say. `prompt` is the text: with the seed it decides the layout.
///
/// # Errors
///
/// [`IllustratorError::Size`] if a side is outside [`SIDE`]; the others would be faults of this module.
pub fn draw_reading(reading: &Reading, prompt: &str, options: &Options) -> Result<Picture, IllustratorError> {
    let (width, height) = (options.width, options.height);
    if !SIDE.contains(&width) || !SIDE.contains(&height) {
        return Err(IllustratorError::Size { width, height });
    }
    let mut composed = compose(reading, prompt, options);
    let svg = std::mem::take(&mut composed.svg);
    let png = match options.style {
        Style::Flat => render::to_png(&svg, width, height)?,
        Style::Outlines => outlines::to_png(&svg, width, height)?,
    };
    Ok(Picture {
        png,
        svg,
        understood: composed.understood,
        not_drawn: composed.not_drawn,
    })
}

struct Composed {
    svg: String,
    understood: Vec<String>,
    not_drawn: Vec<String>,
}

/// The picture as a document, and what became of the words.
fn compose(reading: &Reading, prompt: &str, options: &Options) -> Composed {
    let words = if reading.unknown.is_empty() {
        0
    } else {
        rng::hash(&reading.unknown.join(" ")).max(1)
    };
    let base = rng::hash(prompt.trim()) ^ options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ words;
    let light = Light::of(reading, words);
    let mut stage = Stage::new(options.width, options.height, light, base, words);
    scenery::prepare(&mut stage, reading.setting, reading.shot);

    let mut g = Drawing::default();
    let backdrop = scenery::draw(&mut g, &stage, reading);
    let company = layout::arrange(&stage, reading, &backdrop);
    let (things, unknown_sprites) = prop::place(&stage, reading, &backdrop, &company);

    draw_glows(&mut g, &backdrop);
    for thing in things.iter().filter(|thing| thing.is_behind()) {
        prop::draw(&mut g, &stage, thing);
    }
    draw_cast_and_ground(&mut g, &stage, reading, &company, &things);
    scenery::draw_in_front(&mut g, &stage, reading);
    if !reading.setting.is_indoors() && scenery::has_weather(reading.setting, reading.weather) {
        draw_weather(&mut g, &stage, reading, &backdrop);
    }
    finish_light(&mut g, &stage, reading);

    let mut missing: Vec<String> = company.left_out.iter().map(|who| who.kind.clone()).collect();
    missing.extend(unknown_sprites);
    if !scenery::has_weather(reading.setting, reading.weather) {
        missing.push(weather_word(reading.weather).to_owned());
    }
    let (understood, mut not_drawn): (Vec<_>, Vec<_>) = reading
        .understood
        .iter()
        .cloned()
        .partition(|word| !missing.iter().any(|gone| says(word, gone)));
    for gone in &missing {
        if !not_drawn.iter().any(|word| says(word, gone)) {
            not_drawn.push(gone.replace('-', " "));
        }
    }
    not_drawn.extend(reading.unknown.iter().cloned());
    Composed {
        svg: g.finish(options.width, options.height, (stage.width, stage.height)),
        understood,
        not_drawn,
    }
}

/// Whether a shown word ("blue submarine", "rainy") is about a thing that is missing ("submarine").
fn says(word: &str, gone: &str) -> bool {
    let gone = gone.replace('-', " ");
    word.split(' ').any(|part| part.starts_with(&gone)) || word.contains(&gone)
}

fn weather_word(weather: Weather) -> &'static str {
    match weather {
        Weather::Clear => "clear",
        Weather::Cloudy => "cloud",
        Weather::Rain => "rain",
        Weather::Storm => "storm",
        Weather::Snow => "snow",
        Weather::Fog => "fog",
        Weather::Wind => "wind",
        Weather::Rainbow => "rainbow",
    }
}

/// Figures and what lies about them, from back to front.
fn draw_cast_and_ground(
    g: &mut Drawing,
    stage: &Stage,
    reading: &Reading,
    company: &layout::Company<'_>,
    things: &[prop::Placed],
) {
    let mut ground = things.iter().filter(|thing| !thing.is_behind()).peekable();
    let boat = (reading.setting == Setting::Sea)
        .then(|| scenery::Vessel::under(company))
        .flatten();
    for (figure, spot) in &company.figures {
        while let Some(thing) = ground.next_if(|thing| thing.foot() <= spot.y) {
            prop::draw(g, stage, thing);
        }
        figure.draw(g, *spot);
    }
    for thing in ground {
        prop::draw(g, stage, thing);
    }
    if let Some(vessel) = boat {
        vessel.draw(g, stage);
    }
    if reading.setting == Setting::Sea {
        scenery::front_waves(g, stage);
    }
}

/// Outdoors the weather is everywhere; from a cave it is seen through the mouth only.
fn draw_weather(g: &mut Drawing, stage: &Stage, reading: &Reading, backdrop: &Backdrop) {
    if reading.setting == Setting::Cave {
        for mouth in &backdrop.windows {
            let (rx, ry) = ((mouth.right - mouth.left) / 2.0, (mouth.bottom - mouth.top) / 2.0);
            let clip = g.clip(&format!(
                r#"<ellipse cx="{:.1}" cy="{:.1}" rx="{rx:.1}" ry="{ry:.1}"/>"#,
                mouth.left + rx,
                mouth.top + ry
            ));
            art!(g, r#"<g clip-path="{clip}">"#);
            weather::through_window(g, stage, reading.weather, *mouth);
            art!(g, "</g>");
        }
    } else {
        weather::draw(g, stage, reading.weather);
    }
}

/// The light around lamps and crystals, behind the cast, so that no face is washed out.
fn draw_glows(g: &mut Drawing, backdrop: &Backdrop) {
    let warm = palette::rgb(0xffdf8e);
    for (x, y, r) in &backdrop.glows {
        let glow = g.radial(&[(0.0, warm, 0.6), (0.4, warm, 0.24), (1.0, warm, 0.0)]);
        art!(g, r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill="{glow}"/>"#);
    }
}

/// The hour's veil over all, and a soft vignette.
fn finish_light(g: &mut Drawing, stage: &Stage, reading: &Reading) {
    let (w, h) = (stage.width + 8.0, stage.height + 8.0);
    let (color, opacity) = stage.light.veil;
    let opacity = if reading.setting.is_indoors() {
        opacity * 0.5
    } else {
        opacity
    };
    if opacity > 0.0 && reading.setting != Setting::Space {
        art!(
            g,
            r#"<rect x="-4" y="-4" width="{w:.1}" height="{h:.1}" fill="{color}" fill-opacity="{opacity:.2}"/>"#
        );
    }
    let dark = palette::rgb(0x120a2a);
    let strength = if stage.light.is_dark() { 0.34 } else { 0.2 };
    let vignette = g.radial(&[(0.0, dark, 0.0), (0.72, dark, 0.0), (1.0, dark, strength)]);
    art!(
        g,
        r#"<ellipse cx="{:.1}" cy="{:.1}" rx="{:.1}" ry="{:.1}" fill="{vignette}"/>"#,
        stage.width / 2.0,
        stage.height / 2.0,
        stage.width * 0.72,
        stage.height * 0.72
    );
}

#[cfg(test)]
mod sheets;
#[cfg(test)]
mod tests;
