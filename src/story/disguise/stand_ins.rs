//! Ordinary names that stand for others: of the same script, neither a girl's nor a boy's, and no word of a language.

use super::forms::fold;

/// Scripts that need names of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Greek,
    Hebrew,
    Arabic,
    Han,
    Kana,
    Hangul,
    /// Thai and others that do not part their words.
    Unparted,
    Other,
}

/// The script of a letter.
pub(super) fn script(c: char) -> Script {
    match u32::from(c) {
        0x41..=0x24f | 0x1e00..=0x1eff => Script::Latin,
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x400..=0x52f => Script::Cyrillic,
        0x590..=0x5ff => Script::Hebrew,
        0x600..=0x6ff | 0x750..=0x77f | 0x8a0..=0x8ff => Script::Arabic,
        0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff => Script::Unparted,
        0x3040..=0x30ff => Script::Kana,
        0x3400..=0x9fff | 0x2_0000..=0x3_ffff => Script::Han,
        0x1100..=0x11ff | 0xac00..=0xd7af => Script::Hangul,
        _ => Script::Other,
    }
}

const LATIN: &[&str] = &[
    "Alex", "Charlie", "Jamie", "Casey", "Riley", "Morgan", "Quinn", "Taylor", "Avery", "Remy", "Jules", "Ellis",
    "Frankie", "Emery", "Finley", "Hayden", "Kelly", "Kerry", "Marley", "Micah", "Noel", "Reese", "Sidney", "Stacy",
    "Tracy", "Blair", "Cameron", "Corey", "Devin", "Jessie", "Kai", "Logan", "Nicky", "Peyton", "Rory", "Sasha",
    "Shannon", "Terry", "Dana", "Kim", "Toni", "Sam", "Bobbie", "Lindsay", "Lesley", "Aubrey", "Tatum", "Arden",
    "Dallas", "Denny",
];
const CYRILLIC: &[&str] = &[
    "Саша",
    "Слава",
    "Ника",
    "Мика",
    "Лёва",
    "Женя",
    "Валя",
    "Толя",
    "Ася",
    "Максим",
    "Марат",
    "Денис",
    "Роман",
    "Матвей",
    "Алексей",
    "Тимофей",
    "Игорь",
    "Лазарь",
];
const GREEK: &[&str] = &["Άρης", "Νίκη", "Λευτέρης", "Δανάη", "Φοίβος", "Μυρτώ"];
const HEBREW: &[&str] = &["יובל", "שחר", "עדי", "ליאור", "אורי", "רותם"];
const ARABIC: &[&str] = &["نور", "صباح", "رضا", "إحسان", "جهاد", "وسام"];
const HAN: &[&str] = &["小宁", "安安", "文文", "子涵", "晓晓", "嘉嘉"];
const KANA: &[&str] = &["アキラ", "カオル", "ヒカル", "ミサキ", "レオナ", "マコト"];
const HANGUL: &[&str] = &["지민", "민서", "현우", "서윤", "도윤", "은우"];

/// A stand-in for a name that is not `taken`. The same name gets the same one as long as that is free.
pub(super) fn choose(name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let script = name.chars().find(|c| c.is_alphabetic()).map_or(Script::Other, script);
    let own: &[&str] = match script {
        Script::Latin | Script::Unparted | Script::Other => &[],
        Script::Cyrillic => CYRILLIC,
        Script::Greek => GREEK,
        Script::Hebrew => HEBREW,
        Script::Arabic => ARABIC,
        Script::Han => HAN,
        Script::Kana => KANA,
        Script::Hangul => HANGUL,
    };
    let start = hash(&fold(name));
    let turned = |names: &'static [&'static str]| {
        let first = usize::try_from(start % names.len().max(1) as u64).unwrap_or(0);
        names.iter().cycle().skip(first).take(names.len()).copied()
    };
    let free = |name: &&str| !taken(name);
    // Cases are kept where the stand-in has the same ending.
    let ending = name.to_lowercase().chars().next_back();
    let kind = |name: &str| name.to_lowercase().chars().next_back();
    let vowels = |end: Option<char>| end.filter(|end| matches!(end, 'а' | 'я' | 'й' | 'ь'));
    let fits = |candidate: &&str| script != Script::Cyrillic || vowels(kind(candidate)) == vowels(ending);
    turned(own)
        .filter(fits)
        .chain(turned(own))
        .chain(turned(LATIN))
        .find(free)
        .map_or_else(|| made(start, taken), str::to_owned)
}

/// A name of syllables, once all others are used.
fn made(start: u64, taken: &dyn Fn(&str) -> bool) -> String {
    const FIRST: [&str; 16] = [
        "Ba", "Da", "Fe", "Ga", "Jo", "Ka", "Le", "Mi", "Na", "Pe", "Ri", "So", "Te", "Vi", "Wa", "Zo",
    ];
    const LAST: [&str; 16] = [
        "bel", "dan", "fin", "gor", "jan", "kel", "lin", "mar", "nor", "pin", "ral", "sen", "tam", "vor", "wen", "zan",
    ];
    let mut number = start;
    loop {
        let (a, b, c) = (number % 16, number / 16 % 16, number / 256 % 16);
        let part = |at: u64| usize::try_from(at).unwrap_or(0);
        let name = format!("{}{}{}", FIRST[part(a)], LAST[part(b)], LAST[part(c)]);
        // After all of them, with a number; no text has all numbers.
        let tries = number.wrapping_sub(start);
        let name = if tries < 4_096 {
            name
        } else {
            format!("{name}{}", tries / 4_096)
        };
        if !taken(&name) {
            return name;
        }
        number = number.wrapping_add(1);
    }
}

/// FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
