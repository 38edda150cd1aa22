//! The colours, dark and light. The only file that makes colours.

use egui::{Color32, Context, Theme, Ui};

/// What a coloured thing means. Nothing is coloured that has no meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing to say: grey.
    #[default]
    Neutral,
    /// Selected, in progress, act here: blue.
    Accent,
    /// Proven: green.
    Ok,
    /// Needs a look: amber.
    Warn,
    /// Broken or refused: red.
    Err,
    /// Readable by anyone: the data hue of hosts.
    Public,
}

/// The colours of one [`Tone`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToneColors {
    /// Text and icons on `bg` or on any surface.
    pub fg: Color32,
    /// Tint behind text.
    pub bg: Color32,
    /// Border around the tint.
    pub line: Color32,
    /// Dots and bars.
    pub fill: Color32,
}

/// A data hue: text on its tint. For the parts of URLs, and for code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hue {
    /// Text.
    pub text: Color32,
    /// Tint behind the text.
    pub tint: Color32,
}

/// Every colour of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Whether this is the dark theme.
    pub dark: bool,
    /// Window, top bar, rail, status bar.
    pub bg0: Color32,
    /// Panels and content.
    pub bg1: Color32,
    /// Cards, popovers, modals, docked bars.
    pub bg2: Color32,
    /// Controls at rest, hovered rows, neutral chips, empty thumbnails.
    pub bg3: Color32,
    /// Pressed, tracks of bars and sliders. Never behind `tx3`.
    pub bg4: Color32,
    /// Text fields and code.
    pub input: Color32,
    /// Hairlines and borders of cards.
    pub line: Color32,
    /// Borders of controls, popovers and modals.
    pub line2: Color32,
    /// Text.
    pub tx1: Color32,
    /// Secondary text.
    pub tx2: Color32,
    /// Tertiary text and icons.
    pub tx3: Color32,
    /// Fill of the primary button and of checked things, under white text.
    pub acc: Color32,
    /// The primary button, hovered.
    pub acc_hover: Color32,
    /// Accent text, bars, focus ring, edge of the selection.
    pub acc_tx: Color32,
    /// Selected row, accent chip.
    pub acc_bg: Color32,
    /// Border of an accent chip.
    pub acc_line: Color32,
    /// Verified, live.
    pub ok: Color32,
    /// Tint of `ok`.
    pub ok_bg: Color32,
    /// Border of `ok_bg`.
    pub ok_line: Color32,
    /// Needs a look: text.
    pub warn: Color32,
    /// Tint of `warn`.
    pub warn_bg: Color32,
    /// Border of `warn_bg`.
    pub warn_line: Color32,
    /// Amber bars and dots, and the strip of admin mode.
    pub warn_fill: Color32,
    /// Broken, refused.
    pub err: Color32,
    /// Tint of `err`.
    pub err_bg: Color32,
    /// Border of `err_bg`.
    pub err_line: Color32,
    /// The filled danger button, under white text.
    pub err_fill: Color32,
    /// Behind labels over pictures, under white text.
    pub shade: Color32,
    /// Behind modals.
    pub scrim: Color32,
    /// Text on `acc`, `err_fill` and `shade`.
    pub on_fill: Color32,
    /// Shadow under popovers.
    pub shadow_popover: Color32,
    /// Shadow under modals.
    pub shadow_modal: Color32,
    /// Shadow under cards; none in the dark.
    pub shadow_card: Color32,
    /// Steps of the treemap, from small to large.
    pub treemap: [Color32; 4],
    /// Scheme of a URL; keywords.
    pub scheme: Hue,
    /// Host of a URL; calls; the Public badge.
    pub host: Hue,
    /// API root of a URL.
    pub api_root: Hue,
    /// Access part of a URL; numbers.
    pub access: Hue,
    /// Bucket.
    pub bucket: Hue,
    /// Folder; strings.
    pub folder: Hue,
    /// File.
    pub file: Hue,
    /// Query of a URL.
    pub query: Hue,
}

impl Tokens {
    /// The tokens of the style that `ui` is drawn in.
    pub fn of(ui: &Ui) -> &'static Self {
        if ui.visuals().dark_mode {
            &Self::DARK
        } else {
            &Self::LIGHT
        }
    }

    /// The tokens of the current theme, where there is no [`Ui`] yet.
    pub fn of_ctx(ctx: &Context) -> &'static Self {
        match ctx.theme() {
            Theme::Dark => &Self::DARK,
            Theme::Light => &Self::LIGHT,
        }
    }

    /// The colours that say `tone`.
    pub const fn tone(&self, tone: Tone) -> ToneColors {
        match tone {
            Tone::Neutral => ToneColors {
                fg: self.tx2,
                bg: self.bg3,
                line: self.line2,
                fill: self.tx3,
            },
            Tone::Accent => ToneColors {
                fg: self.acc_tx,
                bg: self.acc_bg,
                line: self.acc_line,
                fill: self.acc_tx,
            },
            Tone::Ok => ToneColors {
                fg: self.ok,
                bg: self.ok_bg,
                line: self.ok_line,
                fill: self.ok,
            },
            Tone::Warn => ToneColors {
                fg: self.warn,
                bg: self.warn_bg,
                line: self.warn_line,
                fill: self.warn_fill,
            },
            Tone::Err => ToneColors {
                fg: self.err,
                bg: self.err_bg,
                line: self.err_line,
                fill: self.err,
            },
            Tone::Public => ToneColors {
                fg: self.host.text,
                bg: self.host.tint,
                line: self.host.tint,
                fill: self.host.text,
            },
        }
    }

    /// The control at rest: the light theme's controls are white.
    pub const fn control(&self) -> Color32 {
        if self.dark { self.bg3 } else { self.bg2 }
    }

    /// The control under the pointer.
    pub const fn control_hover(&self) -> Color32 {
        if self.dark { self.bg4 } else { self.bg3 }
    }

    /// The dark theme.
    pub const DARK: Self = Self {
        dark: true,
        bg0: rgb(0x0E0F12),
        bg1: rgb(0x141519),
        bg2: rgb(0x1A1C21),
        bg3: rgb(0x23262D),
        bg4: rgb(0x2E323A),
        input: rgb(0x0F1014),
        line: rgb(0x25282E),
        line2: rgb(0x3A3E47),
        tx1: rgb(0xECEDF1),
        tx2: rgb(0xABB0BC),
        tx3: rgb(0x8A909D),
        acc: rgb(0x3D6CE6),
        acc_hover: rgb(0x335FD6),
        acc_tx: rgb(0x8EAFFF),
        acc_bg: rgb(0x1A2440),
        acc_line: rgb(0x34508F),
        ok: rgb(0x56C990),
        ok_bg: rgb(0x13271D),
        ok_line: rgb(0x235239),
        warn: rgb(0xEDB044),
        warn_bg: rgb(0x2B2212),
        warn_line: rgb(0x5A4418),
        warn_fill: rgb(0xEDB044),
        err: rgb(0xFF8077),
        err_bg: rgb(0x331A1B),
        err_line: rgb(0x6B2E2C),
        err_fill: rgb(0xC93A35),
        shade: rgba(0x000000, 0xB8),
        scrim: rgba(0x08090B, 0xB3),
        on_fill: Color32::WHITE,
        shadow_popover: rgba(0x000000, 0x73),
        shadow_modal: rgba(0x000000, 0x8C),
        shadow_card: Color32::TRANSPARENT,
        treemap: [rgb(0x1E2530), rgb(0x232D3C), rgb(0x28364A), rgb(0x2E4059)],
        scheme: hue(0xB7A8F5, 0x262140),
        host: hue(0x7FC4F7, 0x13293A),
        api_root: hue(0xA8AEBC, 0x25282F),
        access: hue(0xF0A870, 0x342317),
        bucket: hue(0x5CCFC0, 0x122D2A),
        folder: hue(0xA8D36B, 0x212B14),
        file: hue(0xF29AC0, 0x371D2A),
        query: hue(0xD8B4FE, 0x2E2140),
    };

    /// The light theme.
    pub const LIGHT: Self = Self {
        dark: false,
        bg0: rgb(0xECEDF0),
        bg1: rgb(0xF6F7F9),
        bg2: rgb(0xFFFFFF),
        bg3: rgb(0xEEEFF3),
        bg4: rgb(0xE1E3E9),
        input: rgb(0xFFFFFF),
        line: rgb(0xDFE1E6),
        line2: rgb(0xC3C7D0),
        tx1: rgb(0x17181C),
        tx2: rgb(0x4B515D),
        tx3: rgb(0x636975),
        acc: rgb(0x2F5FDB),
        acc_hover: rgb(0x2754C7),
        acc_tx: rgb(0x2754C7),
        acc_bg: rgb(0xE3EBFF),
        acc_line: rgb(0xA9C0F7),
        ok: rgb(0x14744A),
        ok_bg: rgb(0xDDF2E7),
        ok_line: rgb(0xA5D9BF),
        warn: rgb(0x855400),
        warn_bg: rgb(0xFAEDD0),
        warn_line: rgb(0xE3C480),
        warn_fill: rgb(0xB57400),
        err: rgb(0xB92722),
        err_bg: rgb(0xFBE5E3),
        err_line: rgb(0xEBB0AB),
        err_fill: rgb(0xC4302B),
        shade: rgba(0x000000, 0xB8),
        scrim: rgba(0x1C1E24, 0x66),
        on_fill: Color32::WHITE,
        shadow_popover: rgba(0x1C1E24, 0x29),
        shadow_modal: rgba(0x1C1E24, 0x3D),
        shadow_card: rgba(0x1C1E24, 0x14),
        treemap: [rgb(0xDCE3EE), rgb(0xCCD8EA), rgb(0xBBCBE5), rgb(0xA6BCDF)],
        scheme: hue(0x5B45B8, 0xECE8FC),
        host: hue(0x0F639F, 0xDFF0FB),
        api_root: hue(0x505665, 0xE8EAEF),
        access: hue(0x9A4A0C, 0xFBE9DB),
        bucket: hue(0x0B6B60, 0xD8F2EE),
        folder: hue(0x466A0E, 0xE8F3D5),
        file: hue(0xA82A66, 0xFBE4EF),
        query: hue(0x7A35B5, 0xF2E6FC),
    };
}

#[expect(clippy::disallowed_methods, reason = "this is where colours are made")]
const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const fn rgba(hex: u32, alpha: u8) -> Color32 {
    Color32::from_rgba_unmultiplied_const((hex >> 16) as u8, (hex >> 8) as u8, hex as u8, alpha)
}

const fn hue(text: u32, tint: u32) -> Hue {
    Hue {
        text: rgb(text),
        tint: rgb(tint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast as WCAG 2.2 defines them.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |color: Color32| {
            let linear = |channel: u8| {
                let c = f32::from(channel) / 255.0;
                if c <= 0.04045 {
                    c / 12.92
                } else {
                    ((c + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_surface_it_is_put_on() {
        for t in [Tokens::DARK, Tokens::LIGHT] {
            let mut pairs = vec![
                ("white on acc", t.on_fill, t.acc),
                ("white on acc_hover", t.on_fill, t.acc_hover),
            ];
            pairs.push(("white on err_fill", t.on_fill, t.err_fill));
            for (name, bg) in [
                ("bg0", t.bg0),
                ("bg1", t.bg1),
                ("bg2", t.bg2),
                ("bg3", t.bg3),
                ("input", t.input),
            ] {
                pairs.extend([
                    (name, t.tx1, bg),
                    (name, t.tx2, bg),
                    (name, t.tx3, bg),
                    (name, t.acc_tx, bg),
                ]);
            }
            pairs.extend([("tx1 on bg4", t.tx1, t.bg4), ("tx2 on bg4", t.tx2, t.bg4)]);
            pairs.extend([("tx1 on acc_bg", t.tx1, t.acc_bg), ("tx3 on acc_bg", t.tx3, t.acc_bg)]);
            for tone in [
                Tone::Neutral,
                Tone::Accent,
                Tone::Ok,
                Tone::Warn,
                Tone::Err,
                Tone::Public,
            ] {
                let colors = t.tone(tone);
                pairs.extend([
                    ("tone on tint", colors.fg, colors.bg),
                    ("tone on bg1", colors.fg, t.bg1),
                ]);
                pairs.push(("tone on bg2", colors.fg, t.bg2));
            }
            for hue in [
                t.scheme, t.host, t.api_root, t.access, t.bucket, t.folder, t.file, t.query,
            ] {
                pairs.extend([("hue on tint", hue.text, hue.tint), ("hue on input", hue.text, t.input)]);
            }
            for (name, text, bg) in pairs {
                let ratio = contrast(text, bg);
                assert!(
                    ratio >= 4.5,
                    "{name}: {text:?} on {bg:?} is {ratio:.2}, dark = {}",
                    t.dark
                );
            }
        }
    }

    #[test]
    fn focus_and_bars_stand_out_from_what_they_touch() {
        for t in [Tokens::DARK, Tokens::LIGHT] {
            for bg in [t.bg0, t.bg1, t.bg2, t.bg3, t.bg4] {
                assert!(contrast(t.acc_tx, bg) >= 3.0);
            }
            for tone in [Tone::Accent, Tone::Ok, Tone::Warn, Tone::Err] {
                assert!(contrast(t.tone(tone).fill, t.bg1) >= 3.0);
            }
        }
    }
}
