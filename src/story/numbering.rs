//! Which scene a file is meant for, by the number in its name.

/// The scenes, from 0, that files with these names are meant for, of a story with `scenes` of them.
///
/// A name counts by the number after "scene" or "page", else by its first number. Names that begin at 0 count from there, as
/// those of our own objects do; others count from 1, as people do. A scene goes to the first of the names that ask for it, and a
/// name without a number, or with one that no scene has, is meant for none.
#[must_use]
pub fn scenes_of_names(names: &[&str], scenes: usize) -> Vec<Option<usize>> {
    let numbers: Vec<Option<usize>> = names.iter().map(|name| number(name)).collect();
    let first = usize::from(!numbers.contains(&Some(0)));
    let mut taken = vec![false; scenes];
    numbers
        .into_iter()
        .map(|number| {
            let scene = number?.checked_sub(first)?;
            let taken = taken.get_mut(scene).filter(|taken| !**taken)?;
            *taken = true;
            Some(scene)
        })
        .collect()
}

/// The number that a file's name counts by.
fn number(name: &str) -> Option<usize> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
    let after = ["scene", "page"].iter().find_map(|word| {
        let rest = &stem[stem.find(word)? + word.len()..];
        digits(rest.trim_start_matches([' ', '_', '-', '.', '#']))
    });
    after.or_else(|| digits(&stem[stem.find(|letter: char| letter.is_ascii_digit())?..]))
}

/// The number that a text begins with.
fn digits(text: &str) -> Option<usize> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_count_from_one() {
        let names = [
            "scene-01.png",
            "Scene 2 night.webp",
            "3.jpg",
            "page_04_final.png",
            "cover.png",
        ];
        let found = scenes_of_names(&names, 8);
        assert_eq!(found, [Some(0), Some(1), Some(2), Some(3), None]);
    }

    #[test]
    fn our_own_names_count_from_zero() {
        let names = [
            "scene_0_5e0c.png",
            "scene_1_a31f.png",
            "scene_7_77aa.png",
            "scene_8_77aa.png",
        ];
        assert_eq!(scenes_of_names(&names, 8), [Some(0), Some(1), Some(7), None]);
    }

    #[test]
    fn a_scene_is_given_once_and_a_number_that_none_has_is_nobodys() {
        let names = [
            "scene 2.png",
            "2b.png",
            "IMG_2210.HEIC",
            "2026-01-02 scene 3.png",
            "99999999999999999999.png",
        ];
        let found = scenes_of_names(&names, 4);
        assert_eq!(found, [Some(1), None, None, Some(2), None]);
        assert_eq!(scenes_of_names(&["1.png"], 0), [None]);
    }

    #[test]
    fn letters_outside_ascii_do_no_harm() {
        let names = ["Möhre #2 [final].png", "Szene٣.png", ".2", "İscene3.png", ""];
        let found = scenes_of_names(&names, 3);
        assert_eq!(found, [Some(1), None, None, Some(2), None]);
    }
}
