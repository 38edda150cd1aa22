//! What may come in: plain text, and nothing that has no place in a children's story.

use super::StorytellerError;

/// Words that a children's product does not tell stories about. A short list on purpose: it stops the plain cases, it
/// is no moderation. Whole words only, so that "skill" and "Essex" pass.
const BLOCKED: &[&str] = &[
    "arsehole",
    "asshole",
    "bastard",
    "behead",
    "beheaded",
    "bitch",
    "bloodbath",
    "bloodshed",
    "bondage",
    "bullshit",
    "cocaine",
    "corpse",
    "cunt",
    "decapitate",
    "drugs",
    "erotic",
    "execute",
    "execution",
    "fetish",
    "fuck",
    "fucked",
    "fucking",
    "genocide",
    "gore",
    "gory",
    "gun",
    "guns",
    "hentai",
    "heroin",
    "hitler",
    "incest",
    "kill",
    "killed",
    "killer",
    "killing",
    "kills",
    "lynch",
    "marijuana",
    "massacre",
    "meth",
    "molest",
    "motherfucker",
    "murder",
    "murdered",
    "murderer",
    "murders",
    "naked",
    "nazi",
    "nazis",
    "nigger",
    "nsfw",
    "nude",
    "nudes",
    "nudity",
    "orgasm",
    "orgy",
    "paedophile",
    "pedophile",
    "penis",
    "pistol",
    "porn",
    "porno",
    "pornography",
    "prostitute",
    "rape",
    "raped",
    "rapist",
    "rifle",
    "sex",
    "sexual",
    "sexy",
    "shit",
    "slaughter",
    "slut",
    "stab",
    "stabbed",
    "strangle",
    "suicide",
    "terrorism",
    "terrorist",
    "topless",
    "torture",
    "tortured",
    "vagina",
    "vodka",
    "whore",
];

/// The first blocked word of a text, as an error that names it.
pub(super) fn check(text: &str) -> Result<(), StorytellerError> {
    let lower = text.to_lowercase();
    let blocked = lower
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| BLOCKED.binary_search(word).is_ok());
    match blocked {
        Some(word) => Err(StorytellerError::BlockedWord(word.to_owned())),
        None => Ok(()),
    }
}

/// One line of plain text: no markup, no control characters, single spaces, at most `most` characters.
pub(super) fn plain(text: &str, most: usize) -> String {
    let mut inside_tag = false;
    let mut line = String::new();
    let has_close = text.contains('>');
    for c in text.chars() {
        match c {
            '<' if has_close => inside_tag = true,
            '>' if inside_tag => {
                inside_tag = false;
                line.push(' ');
            }
            _ if inside_tag => {}
            '<' | '>' | '{' | '}' | '|' | '`' | '*' | '#' => line.push(' '),
            '"' | '“' | '”' | '„' | '«' | '»' => {}
            _ if c.is_control() || c.is_whitespace() => line.push(' '),
            _ => line.push(c),
        }
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").chars().take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(BLOCKED.is_sorted());
    }

    #[test]
    fn names_the_blocked_word_and_lets_others_pass() {
        let error = check("The dragon will KILL the king").unwrap_err();
        assert!(matches!(error, StorytellerError::BlockedWord(word) if word == "kill"));
        assert!(check("A skilful heroine sees a shooting star in Essex").is_ok());
    }

    #[test]
    fn markup_and_quotes_are_gone() {
        assert_eq!(plain("  <b>Pip</b> & \"the\n{star}\" ", 100), "Pip & the star");
        assert_eq!(plain("a < b", 100), "a b");
        assert_eq!(plain("абвг", 2), "аб");
    }
}
