//! Colours: what the words call them, and what the time of day makes of them.

use std::fmt;

use crate::local::lexicon::{Color, Reading, Setting, TimeOfDay, Weather};

/// An opaque colour; displays as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The colour `0xrrggbb`.
pub const fn rgb(hex: u32) -> Rgb {
    Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub const WHITE: Rgb = rgb(0xffffff);
pub const INK: Rgb = rgb(0x2b2230);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Rgb {
    /// This colour with a `share` (0 to 1) of the other.
    pub fn mix(self, other: Self, share: f32) -> Self {
        let blend = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share) as u8;
        Self(blend(self.0, other.0), blend(self.1, other.1), blend(self.2, other.2))
    }

    /// Towards white by a share of 0 to 1.
    pub fn lighter(self, share: f32) -> Self {
        self.mix(WHITE, share)
    }

    /// Towards a bluish black by a share of 0 to 1, as shade on a thing is never pure black.
    pub fn darker(self, share: f32) -> Self {
        self.mix(rgb(0x1a1630), share)
    }

    fn times(self, light: Self) -> Self {
        let part = |a: u8, b: u8| (u16::from(a) * u16::from(b) / 255) as u8;
        Self(part(self.0, light.0), part(self.1, light.1), part(self.2, light.2))
    }

    /// Hue in degrees, saturation and lightness in 0 to 1.
    pub fn hsl(self) -> (f32, f32, f32) {
        let [r, g, b] = [self.0, self.1, self.2].map(|c| f32::from(c) / 255.0);
        let (max, min) = (r.max(g).max(b), r.min(g).min(b));
        let lightness = f32::midpoint(max, min);
        let spread = max - min;
        if spread < 1e-4 {
            return (0.0, 0.0, lightness);
        }
        let saturation = spread / (1.0 - (2.0 * lightness - 1.0).abs()).max(1e-4);
        let hue = if max == r {
            ((g - b) / spread).rem_euclid(6.0)
        } else if max == g {
            (b - r) / spread + 2.0
        } else {
            (r - g) / spread + 4.0
        };
        (hue * 60.0, saturation.min(1.0), lightness)
    }

    /// The colour of this hue (degrees), saturation and lightness (0 to 1).
    pub fn from_hsl(hue: f32, saturation: f32, lightness: f32) -> Self {
        let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
        let sector = hue.rem_euclid(360.0) / 60.0;
        let second = chroma * (1.0 - (sector % 2.0 - 1.0).abs());
        let (r, g, b) = match sector as u8 {
            0 => (chroma, second, 0.0),
            1 => (second, chroma, 0.0),
            2 => (0.0, chroma, second),
            3 => (0.0, second, chroma),
            4 => (second, 0.0, chroma),
            _ => (chroma, 0.0, second),
        };
        let base = lightness - chroma / 2.0;
        let byte = |c: f32| ((c + base) * 255.0).round().clamp(0.0, 255.0) as u8;
        Self(byte(r), byte(g), byte(b))
    }

    /// Turned around the colour circle.
    pub fn turned(self, degrees: f32) -> Self {
        let (hue, saturation, lightness) = self.hsl();
        Self::from_hsl(hue + degrees, saturation, lightness)
    }
}

impl From<Color> for Rgb {
    fn from(color: Color) -> Self {
        rgb(match color {
            Color::Red => 0xe0393e,
            Color::Orange => 0xf58a2c,
            Color::Yellow => 0xf9cb3b,
            Color::Green => 0x3d9b52,
            Color::Blue => 0x3a78d8,
            Color::Purple => 0x8650b8,
            Color::Pink => 0xf27fae,
            Color::Brown => 0x8a5a3c,
            Color::Black => 0x34313d,
            Color::White => 0xf6f4ef,
            Color::Grey => 0x9a9ca6,
            Color::Gold => 0xe6ae2e,
            Color::Silver => 0xc3cad6,
            Color::Turquoise => 0x2fb5b0,
        })
    }
}

/// The light that a scene is seen in: its sky, and what it does to every colour under it.
#[derive(Clone, Debug)]
pub struct Light {
    /// From the top of the sky down to the horizon.
    pub sky: [Rgb; 3],
    /// What far things fade into.
    pub haze: Rgb,
    /// Every colour of the land is multiplied by this.
    pub lamp: Rgb,
    /// Laid thinly over the cast as well, so that it belongs to the scene; the number is its opacity.
    pub veil: (Rgb, f32),
    /// When it is.
    pub time: TimeOfDay,
    /// Whether snow lies on the land.
    pub snowy: bool,
    /// How far unknown words turn the land's colours, in degrees.
    turn: f32,
}

impl Light {
    /// The light of the reading; `words` is the hash of its unknown words, 0 if there are none.
    pub fn of(reading: &Reading, words: u64) -> Self {
        let (sky, haze, lamp, veil) = match reading.time {
            TimeOfDay::Dawn => ([0x8fa8e6, 0xd9c3e6, 0xffd9c2], 0xe9cdd6, 0xfff0ee, (0xffb59a, 0.06)),
            TimeOfDay::Day => ([0x4fa8ee, 0x8fd0f8, 0xdff3fb], 0xc4e2f2, 0xffffff, (0xffffff, 0.0)),
            TimeOfDay::Sunset => ([0x4d3f8e, 0xb85a94, 0xff9e6b], 0xd98aa0, 0xf2c4bd, (0xd8405a, 0.08)),
            TimeOfDay::Night => ([0x0e1644, 0x1d2c70, 0x3a4a94], 0x3a4a8e, 0x8793d4, (0x101a5c, 0.12)),
        };
        let mut light = Self {
            sky: sky.map(rgb),
            haze: rgb(haze),
            lamp: rgb(lamp),
            veil: (rgb(veil.0), veil.1),
            time: reading.time,
            snowy: reading.weather == Weather::Snow
                && !matches!(
                    reading.setting,
                    Setting::Space | Setting::Underwater | Setting::Beach | Setting::Sea
                ),
            turn: 0.0,
        };
        if words != 0 {
            light.turn = (words % 25) as f32 - 12.0;
            let sky_turn = (words / 25 % 21) as f32 - 10.0;
            light.sky = light.sky.map(|color| color.turned(sky_turn));
        }
        light.dull(reading.weather);
        light
    }

    /// Bad weather takes the colour out of the sky.
    fn dull(&mut self, weather: Weather) {
        let (grey, share) = match (weather, self.time) {
            (Weather::Storm, TimeOfDay::Night) => (rgb(0x141a33), 0.55),
            (Weather::Storm, _) => (rgb(0x56627a), 0.72),
            (Weather::Rain, TimeOfDay::Night) => (rgb(0x1c2444), 0.4),
            (Weather::Rain, _) => (rgb(0x8b9db3), 0.6),
            (Weather::Cloudy | Weather::Fog, TimeOfDay::Night) => (rgb(0x2a3358), 0.35),
            (Weather::Cloudy | Weather::Fog, _) => (rgb(0xc3cedb), 0.5),
            (Weather::Snow, TimeOfDay::Day) => (rgb(0xcfe0f2), 0.45),
            _ => return,
        };
        self.sky = self.sky.map(|color| color.mix(grey, share));
        self.haze = self.haze.mix(grey, share);
        if matches!(weather, Weather::Storm | Weather::Rain) {
            self.lamp = self.lamp.mix(rgb(0x8c98b8), 0.35);
            if self.veil.1 < 0.08 {
                self.veil = (rgb(0x4a5a80), 0.1);
            }
        }
    }

    /// A colour of the land in this light; `depth` is 0 in front and 1 at the horizon.
    pub fn land(&self, base: Rgb, depth: f32) -> Rgb {
        let base = if self.turn == 0.0 { base } else { base.turned(self.turn) };
        self.plain(base, depth)
    }

    /// As [`Light::land`], for colours that stay themselves whatever the words (stone, snow, wood).
    pub fn plain(&self, base: Rgb, depth: f32) -> Rgb {
        base.times(self.lamp).mix(self.haze, depth * 0.72)
    }

    /// The ground's colour: the base, or snow on it.
    pub fn ground(&self, base: Rgb, depth: f32) -> Rgb {
        if self.snowy {
            self.plain(rgb(0xf1f5fc).mix(base, 0.06), depth * 0.7)
        } else {
            self.land(base, depth)
        }
    }

    /// Whether lamps and windows are lit.
    pub fn is_dark(&self) -> bool {
        self.time == TimeOfDay::Night
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hsl_goes_there_and_back() {
        for hex in [0xe0393e, 0x3d9b52, 0x3a78d8, 0xf6f4ef, 0x34313d, 0x777777] {
            let (hue, saturation, lightness) = rgb(hex).hsl();
            let back = Rgb::from_hsl(hue, saturation, lightness);
            let near = |a: u8, b: u8| a.abs_diff(b) <= 1;
            let color = rgb(hex);
            assert!(near(color.0, back.0) && near(color.1, back.1) && near(color.2, back.2));
        }
    }

    #[test]
    fn displays_as_hex() {
        assert_eq!(rgb(0x0a0b0c).to_string(), "#0a0b0c");
    }
}
