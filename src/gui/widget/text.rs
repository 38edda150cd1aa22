//! Text in the type styles, with what each needs when it does not fit.

use std::borrow::Cow;

use egui::{Align, Color32, Label, Layout, Response, Role, Ui, WidgetInfo, vec2};

use crate::gui::theme::Type;

/// A text that is as wide as it is; it wraps only where the layout wraps.
pub fn label(ui: &mut Ui, kind: Type, text: impl Into<String>, color: Color32) -> Response {
    ui.add(Label::new(kind.rich(text).color(color)).extend())
}

/// Things beside each other, centred on a line of exactly `height` points (`ui.horizontal` is never lower than a control).
pub fn line<R>(ui: &mut Ui, height: f32, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), height),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.set_min_height(height);
            contents(ui)
        },
    )
    .inner
}

/// A text that wraps at the available width.
pub fn wrapped(ui: &mut Ui, kind: Type, text: impl Into<String>, color: Color32) -> Response {
    ui.add(Label::new(kind.rich(text).color(color)).wrap())
}

/// One line, cut with "…" at the available width; then the tooltip shows the whole.
pub fn elided(ui: &mut Ui, kind: Type, text: impl Into<String>, color: Color32) -> Response {
    ui.add(Label::new(kind.rich(text).color(color)).truncate())
}

/// Facts with " · " between them, of which the last ones are left out where there is no room: half a number would say
/// another one. Then the tooltip has them all, as has the accessible name always.
pub fn facts(ui: &mut Ui, kind: Type, words: &str, color: Color32) -> Response {
    const BETWEEN: &str = " · ";
    let width = ui.available_width();
    let fits = |words: &str| {
        let job = kind.line(words, color, f32::INFINITY);
        ui.fonts_mut(|fonts| fonts.layout_job(job)).size().x <= width
    };
    let shorter = words.rmatch_indices(BETWEEN).map(|(at, _)| &words[..at]);
    let shown = std::iter::once(words).chain(shorter).find(|words| fits(words));
    let first = || words.split(BETWEEN).next().unwrap_or_default();
    let shown = shown.unwrap_or_else(first);
    let response = elided(ui, kind, shown, color);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), words));
    if shown.len() < words.len() {
        super::tooltip(response, words)
    } else {
        response
    }
}

/// A wrapping text that can be selected and copied: keys, hashes, errors.
pub fn selectable(ui: &mut Ui, kind: Type, text: impl Into<String>, color: Color32) -> Response {
    ui.add(Label::new(kind.rich(text).color(color)).wrap().selectable(true))
}

/// An object key or another path on one line. Cut in the middle when it does not fit, never in its extension;
/// then the tooltip shows the whole. Its accessible name is always the whole. What cannot be seen is written out.
pub fn key(ui: &mut Ui, kind: Type, key: &str, color: Color32) -> Response {
    let width = ui.available_width();
    let key = &*visible(key);
    let shown = elide_middle(key, |text| {
        let job = kind.line(text, color, f32::INFINITY);
        ui.fonts_mut(|fonts| fonts.layout_job(job)).size().x <= width
    });
    let cut = matches!(shown, Cow::Owned(_));
    let response = ui.add(Label::new(kind.rich(shown).color(color)).extend());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), key));
    if cut { super::tooltip(response, key) } else { response }
}

/// A name with what cannot be seen written out, as in `new\u{a}line.txt`: a line break would push what is below it out of
/// its row, and what turns the direction of writing would make `\u{202e}gnp.exe` look like a picture.
pub fn visible(name: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if !name.contains(hidden) {
        return Cow::Borrowed(name);
    }
    let mut shown = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        if hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Cuts `text` in the middle to the longest form that `fits`, keeping its extension whole.
///
/// Answers the text itself when it fits. When even "…" and the extension do not fit, answers that all the same.
pub fn elide_middle(text: &str, mut fits: impl FnMut(&str) -> bool) -> Cow<'_, str> {
    if fits(text) {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let extension = extension_length(&chars);
    let cut = |kept: usize| {
        let tail = (kept / 2).max(extension);
        let head = kept - tail;
        chars[..head]
            .iter()
            .chain(&['…'])
            .chain(&chars[chars.len() - tail..])
            .collect::<String>()
    };
    let (mut best, mut too_many) = (extension, chars.len());
    while best + 1 < too_many {
        let middle = best.midpoint(too_many);
        if fits(&cut(middle)) {
            best = middle;
        } else {
            too_many = middle;
        }
    }
    Cow::Owned(cut(best))
}

/// Length of the extension with its dot; 0 for a name without one, or with one too long to be one.
fn extension_length(chars: &[char]) -> usize {
    const LONGEST: usize = 9;
    let name = chars.iter().rposition(|&c| c == '/').map_or(0, |slash| slash + 1);
    match chars[name..].iter().rposition(|&c| c == '.') {
        Some(dot) if chars.len() - name - dot <= LONGEST => chars.len() - name - dot,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, width: usize) -> String {
        elide_middle(text, |text| text.chars().count() <= width).into_owned()
    }

    #[test]
    fn a_key_that_fits_is_left_alone() {
        assert_eq!(cut("stories/scene_3.png", 19), "stories/scene_3.png");
    }

    #[test]
    fn a_long_key_keeps_both_ends() {
        assert_eq!(
            cut("stories/pip-lost-star/scene_3_9b1c.png", 20),
            "stories/pi…_9b1c.png"
        );
    }

    #[test]
    fn the_extension_is_never_cut() {
        for width in 1..20 {
            assert!(
                cut("stories/pip-lost-star/scene.webp", width).ends_with(".webp"),
                "at {width}"
            );
        }
        assert_eq!(cut("stories/pip-lost-star/scene.webp", 1), "….webp");
    }

    #[test]
    fn a_dot_in_a_folder_or_in_a_sentence_is_no_extension() {
        assert_eq!(cut("v1.2-long-folder/readme", 8), "v1.2…dme");
        assert_eq!(cut("a. very long sentence here", 9).chars().count(), 9);
    }

    #[test]
    fn what_cannot_be_seen_in_a_name_is_written_out() {
        assert_eq!(visible("new\nline.txt"), "new\\u{a}line.txt");
        assert_eq!(visible("\u{202e}gnp.exe"), "\\u{202e}gnp.exe");
        assert!(matches!(visible("Möhre 7 狐.png"), Cow::Borrowed(_)));
    }

    #[test]
    fn letters_outside_ascii_are_whole() {
        assert_eq!(cut("Möhre/ö/ää/ü/Äpfel.png", 12), "Möhre/…l.png");
    }
}
