//! What is asked of a picture: in a query, in the body that signs a URL, and in the token of a signed URL.

use serde_json::Value;

use crate::local::storage_routes::error::StorageError;
use crate::media::{Fit, Gravity, Resize};

/// Most pixels each way. As on the real server, more is taken for this.
const MOST: u64 = 2000;
/// The quality if none is asked for, as the real server's picture service has it.
const DEFAULT_QUALITY: u8 = 80;

/// A direction as it was written, and its offsets across and down.
type Direction = (String, Option<f64>, Option<f64>);

/// The kind of picture that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The source's own.
    Origin,
    /// AVIF, which is not made here.
    Avif,
    /// WebP.
    Webp,
}

/// What is asked of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transform {
    width: Option<u32>,
    height: Option<u32>,
    resize: Option<Fit>,
    quality: Option<u8>,
    format: Option<Format>,
    /// What stays when something is cut off.
    gravity: Option<Direction>,
}

impl Transform {
    /// Reads fields by name, checked in the words of the schema; `place` is where they stand: `querystring` or
    /// `body/transform`.
    pub fn read(place: &str, field: impl Fn(&str) -> Option<Value>) -> Result<Self, StorageError> {
        let read = Reader { place, field };
        let transform = Self {
            height: read.side("height")?,
            width: read.side("width")?,
            resize: read.choice("resize", FITS)?,
            format: read.choice("format", FORMATS)?,
            quality: read.quality()?,
            gravity: read.gravity()?,
        };
        Ok(transform)
    }

    /// Reads the words of a token. It was made by this server; what is not understood is passed over.
    pub fn from_token(text: &str) -> Self {
        let mut transform = Self::default();
        for part in text.split(',') {
            let mut words = part.split(':');
            let (Some(name), Some(value)) = (words.next(), words.next().filter(|value| !value.is_empty())) else {
                continue;
            };
            match name {
                "height" => transform.height = value.parse().ok().and_then(side),
                "width" => transform.width = value.parse().ok().and_then(side),
                "resize" => transform.resize = find(FITS, value),
                "format" => transform.format = find(FORMATS, value),
                "quality" => transform.quality = value.parse().ok().filter(|quality| (20..=100).contains(quality)),
                "gravity" if find(DIRECTIONS, value).is_some() => {
                    let mut offset = || {
                        words
                            .next()
                            .and_then(|word| word.parse().ok())
                            .filter(|o: &f64| o.is_finite())
                    };
                    transform.gravity = Some((value.to_owned(), offset(), offset()));
                }
                _ => {}
            }
        }
        transform
    }

    /// The words for a token, `None` if nothing is asked.
    pub fn to_token(&self) -> Option<String> {
        let mut words = self.sides();
        if !words.is_empty()
            && let Some(fit) = self.resize
        {
            words.push(format!("resize:{}", name(FITS, fit)));
        }
        words.extend(self.rest());
        (!words.is_empty()).then(|| words.join(","))
    }

    /// For `X-Transformations`, in the words of the real server's picture service. `None` if nothing is asked.
    pub fn to_header(&self) -> Option<String> {
        let mut words = self.sides();
        if !words.is_empty() {
            let kind = match self.resize.unwrap_or_default() {
                Fit::Cover => "fill",
                Fit::Contain => "fit",
                Fit::Fill => "force",
            };
            words.push(format!("resizing_type:{kind}"));
        }
        words.extend(self.rest());
        (!words.is_empty()).then(|| words.join(","))
    }

    fn sides(&self) -> Vec<String> {
        let height = self.height.map(|height| format!("height:{height}"));
        let width = self.width.map(|width| format!("width:{width}"));
        height.into_iter().chain(width).collect()
    }

    fn rest(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(quality) = self.quality {
            words.push(format!("quality:{quality}"));
        }
        if let Some(format) = self.format.filter(|format| *format != Format::Origin) {
            words.push(format!("format:{}", name(FORMATS, format)));
        }
        match &self.gravity {
            None => {}
            Some((direction, None, None)) => words.push(format!("gravity:{direction}")),
            Some((direction, _, _)) if direction == "sm" => words.push("gravity:sm".to_owned()),
            Some((direction, x, y)) => {
                let (x, y) = (x.unwrap_or(0.0), y.unwrap_or(0.0));
                words.push(format!("gravity:{direction}:{x}:{y}"));
            }
        }
        words
    }

    /// The size that is asked for.
    pub fn size(&self) -> Resize {
        let gravity = self.gravity.as_ref().map(|(direction, x, y)| {
            let offset = (x.unwrap_or(0.0), y.unwrap_or(0.0));
            match direction.as_str() {
                "fp" => Gravity::Around(offset.0, offset.1),
                // Looking for what matters in a picture is beyond this server: its middle stays.
                direction => Gravity::Towards {
                    side: find(DIRECTIONS, direction).unwrap_or_default(),
                    offset,
                },
            }
        });
        Resize {
            width: self.width,
            height: self.height,
            fit: self.resize.unwrap_or_default(),
            gravity: gravity.unwrap_or_default(),
        }
    }

    /// From 20 to 100.
    pub fn quality(&self) -> u8 {
        self.quality.unwrap_or(DEFAULT_QUALITY)
    }

    /// The kind that is asked for, if any is.
    pub fn format(&self) -> Option<Format> {
        self.format
    }
}

type Choices<T> = &'static [(&'static str, T)];

const FITS: Choices<Fit> = &[("cover", Fit::Cover), ("contain", Fit::Contain), ("fill", Fit::Fill)];
const FORMATS: Choices<Format> = &[
    ("origin", Format::Origin),
    ("avif", Format::Avif),
    ("webp", Format::Webp),
];
/// Directions of the compass, as the schema lists them.
const DIRECTIONS: Choices<(i8, i8)> = &[
    ("no", (0, -1)),
    ("so", (0, 1)),
    ("ea", (1, 0)),
    ("we", (-1, 0)),
    ("noea", (1, -1)),
    ("nowe", (-1, -1)),
    ("soea", (1, 1)),
    ("sowe", (-1, 1)),
    ("ce", (0, 0)),
    ("sm", (0, 0)),
    ("fp", (0, 0)),
];

fn find<T: Copy>(choices: Choices<T>, text: &str) -> Option<T> {
    choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
}

fn name<T: Copy + PartialEq>(choices: Choices<T>, value: T) -> &'static str {
    choices
        .iter()
        .find(|(_, known)| *known == value)
        .map_or("", |(name, _)| name)
}

/// Zero leaves a side to the other one.
fn side(pixels: u64) -> Option<u32> {
    (pixels > 0).then(|| u32::try_from(pixels.min(MOST)).unwrap_or(u32::MAX))
}

/// Reads fields in the words of the schema.
struct Reader<'a, F> {
    place: &'a str,
    field: F,
}

impl<F: Fn(&str) -> Option<Value>> Reader<'_, F> {
    fn refuse(&self, name: &str, what: &str) -> StorageError {
        StorageError::schema(format!("{}/{name} {what}", self.place))
    }

    fn number(&self, name: &str) -> Result<Option<f64>, StorageError> {
        match (self.field)(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(Value::String(text)) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Some(number)),
                _ => Err(self.refuse(name, "must be number")),
            },
            Some(_) => Err(self.refuse(name, "must be number")),
        }
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, StorageError> {
        let number = self.number(name).map_err(|_| self.refuse(name, "must be integer"))?;
        let Some(number) = number else { return Ok(None) };
        if number.fract() != 0.0 {
            return Err(self.refuse(name, "must be integer"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and what is beyond saturates")]
        Ok(Some(number as i64))
    }

    fn side(&self, name: &str) -> Result<Option<u32>, StorageError> {
        match self.integer(name)?.map(u64::try_from) {
            None => Ok(None),
            Some(Ok(pixels)) => Ok(side(pixels)),
            Some(Err(_)) => Err(self.refuse(name, "must be >= 0")),
        }
    }

    fn quality(&self) -> Result<Option<u8>, StorageError> {
        match self.integer("quality")? {
            Some(quality) if quality < 20 => Err(self.refuse("quality", "must be >= 20")),
            Some(quality) if quality > 100 => Err(self.refuse("quality", "must be <= 100")),
            quality => Ok(quality.and_then(|quality| u8::try_from(quality).ok())),
        }
    }

    fn choice<T: Copy>(&self, name: &str, choices: Choices<T>) -> Result<Option<T>, StorageError> {
        let refuse = || self.refuse(name, "must be equal to one of the allowed values");
        match (self.field)(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => find(choices, &text).map(Some).ok_or_else(refuse),
            Some(_) => Err(refuse()),
        }
    }

    fn gravity(&self) -> Result<Option<Direction>, StorageError> {
        let (x, y) = (self.number("x_offset")?, self.number("y_offset")?);
        if self.choice("gravity", DIRECTIONS)?.is_none() {
            return Ok(None);
        }
        let Some(Value::String(direction)) = (self.field)("gravity") else {
            return Ok(None);
        };
        if direction == "fp" {
            let place = self.place;
            let refuse = |what: String| StorageError::schema(format!("{what}, {place} must match \"then\" schema"));
            for (name, value) in [("x_offset", x), ("y_offset", y)] {
                match value {
                    None => return Err(refuse(format!("{place} must have required property '{name}'"))),
                    Some(value) if value < 0.0 => return Err(refuse(format!("{place}/{name} must be >= 0"))),
                    Some(value) if value > 1.0 => return Err(refuse(format!("{place}/{name} must be <= 1"))),
                    Some(_) => {}
                }
            }
        }
        Ok(Some((direction, x, y)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(fields: &Value) -> Result<Transform, StorageError> {
        Transform::read("querystring", |name| fields.get(name).cloned())
    }

    #[test]
    fn what_is_asked_is_told_in_two_languages() {
        let asked = read(&json!({
            "width": "5000", "height": "100", "resize": "contain", "quality": "50", "format": "webp", "gravity": "noea",
        }))
        .unwrap();
        assert_eq!(
            asked.to_header().unwrap(),
            "height:100,width:2000,resizing_type:fit,quality:50,format:webp,gravity:noea"
        );
        assert_eq!(
            asked.to_token().unwrap(),
            "height:100,width:2000,resize:contain,quality:50,format:webp,gravity:noea"
        );
        let nothing = read(&json!({"width": 0, "height": 0, "format": "origin", "resize": "fill"})).unwrap();
        assert_eq!((nothing.to_header(), nothing.to_token()), (None, None));
        assert_eq!(nothing.quality(), 80);
    }

    #[test]
    fn mistakes_are_told_in_the_words_of_the_schema() {
        for (fields, message) in [
            (json!({"width": "ten"}), "querystring/width must be integer"),
            (json!({"width": "1.5"}), "querystring/width must be integer"),
            (json!({"width": ""}), "querystring/width must be integer"),
            (json!({"height": -1}), "querystring/height must be >= 0"),
            (json!({"height": "NaN"}), "querystring/height must be integer"),
            (json!({"quality": 19}), "querystring/quality must be >= 20"),
            (json!({"quality": 101}), "querystring/quality must be <= 100"),
            (
                json!({"resize": "crop"}),
                "querystring/resize must be equal to one of the allowed values",
            ),
            (
                json!({"gravity": "fp", "y_offset": 1}),
                "querystring must have required property 'x_offset', querystring must match \"then\" schema",
            ),
        ] {
            assert_eq!(read(&fields).unwrap_err(), StorageError::schema(message), "{fields}");
        }
        let huge = read(&json!({"width": 1e300})).unwrap();
        assert_eq!(huge.size().width, Some(2000));
    }

    proptest! {
        #[test]
        fn a_token_says_what_was_asked(
            width in prop::option::of(1_u32..3000), height in prop::option::of(1_u32..3000), quality in prop::option::of(20_u8..=100),
            resize in prop::sample::select(vec!["cover", "contain", "fill"]),
            format in prop::sample::select(vec!["origin", "webp", "avif"]),
            gravity in prop::sample::select(vec!["no", "soea", "ce", "fp"]), x in 0.0..=1.0, y in 0.0..=1.0,
        ) {
            let fields = json!({
                "width": width, "height": height, "quality": quality, "resize": resize, "format": format,
                "gravity": gravity, "x_offset": x, "y_offset": y,
            });
            let asked = read(&fields).unwrap();
            let told = Transform::from_token(&asked.to_token().unwrap());
            prop_assert_eq!(told.to_header(), asked.to_header());
            if width.is_some() || height.is_some() {
                prop_assert_eq!(told.size(), asked.size());
            }
        }

        #[test]
        fn any_token_is_read(text in "\\PC*") {
            Transform::from_token(&text);
        }
    }
}
