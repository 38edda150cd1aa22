//! What goes out has no name of a child; what comes back has.

use proptest::prelude::*;

use super::*;

fn hide(texts: &[&str], names: &[&str]) -> Disguise {
    let people: Vec<Person> = names.iter().copied().map(Person::child).collect();
    Disguise::of(texts, &people)
}

#[test]
fn a_brief_goes_out_without_the_child_and_comes_back_with_it() {
    let brief = "A 5-year-old girl named Maya and her dog Rex find a star. Maya's coat is MAYA-red; maya laughs.";
    let disguise = hide(&[brief], &[]);
    let out = disguise.apply(brief);
    assert!(
        !out.to_lowercase().contains("maya") && !out.contains('5') || out.contains("3-to-5"),
        "{out}"
    );
    assert!(!out.to_lowercase().contains("maya"), "{out}");
    assert!(out.contains("Rex"), "a dog's name may be told: {out}");
    assert_eq!(disguise.restore(&out), brief);
    let stand_in = &disguise.pairs()[0].1;
    let came = format!("{stand_in} woke up. “{stand_in}’s star!”");
    assert_eq!(disguise.restore(&came), "Maya woke up. “Maya’s star!”");
}

#[test]
fn only_children_are_hidden() {
    let people = [
        Person::child("Ann-Marie Lopez"),
        Person {
            name: "Grandma Rosa".into(),
            is_child: false,
        },
    ];
    let text = "Ann-Marie, Ann and Annabel Lopez visit Grandma Rosa";
    let disguise = Disguise::of(&[text], &people);
    let out = disguise.apply(text);
    assert!(out.contains("Annabel") && out.contains("Grandma Rosa"), "{out}");
    assert!(
        !out.contains("Ann-") && !out.contains("Ann ") && !out.contains("Lopez"),
        "{out}"
    );
    assert_eq!(disguise.restore(&out), text);
}

#[test]
fn names_that_are_words_stay_words_in_small_letters() {
    let text = "Rose will pick a rose. Will you come, Will?";
    let disguise = hide(&[text], &["Rose", "Will"]);
    let out = disguise.apply(text);
    assert!(out.contains("pick a rose") && out.contains(" will "), "{out}");
    assert!(!out.contains("Rose") && !out.contains("Will"), "{out}");
    assert_eq!(disguise.restore(&out), text);
}

#[test]
fn other_scripts_and_other_ways_to_write_are_hidden() {
    for (name, text) in [
        ("Zoë", "Zoë and Zoe\u{308} and ZOË"),
        ("Маша", "Маша видит лису. Маше три года, у Маши есть кот, Машин кот."),
        ("Иван", "Иван спит, Ивана будят"),
        ("小明", "小明在森林里。我爱小明！"),
        ("지우", "지우는 별을 봤어요"),
        ("さくら", "さくらちゃんは"),
        ("נועה", "זה לנועה"),
        ("O'Brien", "O'Brien and O’Brien"),
        ("Jörg", "Jörgs Hut, Jörg"),
    ] {
        let disguise = hide(&[text], &[name]);
        let out = disguise.apply(text);
        let stem: String = name.chars().take(name.chars().count().clamp(2, 3)).collect();
        assert!(!forms::fold(&out).contains(&forms::fold(&stem)), "{name}: {out}");
        assert_eq!(
            forms::fold(&disguise.restore(&out)).replace('’', "'"),
            forms::fold(text).replace('’', "'"),
            "{name}: {out}"
        );
    }
}

#[test]
fn the_same_story_has_the_same_stand_ins() {
    let first = hide(&["Maya and Tom"], &["Maya", "Tom"]);
    let again = hide(&["Maya and Tom find a star", "another page"], &["Maya", "Tom"]);
    assert_eq!(first.pairs(), again.pairs());
    // A stand-in that is somebody in the text is not taken.
    let taken = &first.pairs()[0].1;
    let text = format!("Maya meets {taken}");
    let other = hide(&[&text], &["Maya"]);
    assert_ne!(&other.pairs()[0].1, taken);
    assert_eq!(other.restore(&other.apply(&text)), text);
}

#[test]
fn ages_come_back_where_one_age_is_meant() {
    let texts = ["A 5-year-old boy named Tom", "aged 4"];
    let disguise = Disguise::of(&texts, &[]);
    assert!(disguise.restore("The 3-to-5-year-old boy").contains("5-year-old boy"));
    let two = Disguise::of(&["a 4-year-old girl and a 5-year-old boy"], &[]);
    assert_eq!(two.restore("3-to-5-year-old"), "3-to-5-year-old", "nobody knows which");
}

#[test]
fn debug_and_empty_disguises_tell_nothing() {
    let disguise = hide(&[], &["Maya"]);
    assert!(!format!("{disguise:?}").contains("Maya"));
    let none = Disguise::of(&["a fox by the sea"], &[]);
    assert!(none.is_empty());
    assert_eq!(none.apply("a fox, by the sea"), "a fox, by the sea");
    assert!(hide(&[], &["", "  ", "the", "X", "!"]).is_empty());
}

#[test]
fn a_crowd_is_hidden_up_to_a_limit() {
    let names: Vec<String> = (0..300)
        .map(|at| format!("Xq{}", char::from(b'a' + u8::try_from(at % 26).unwrap())).repeat(1 + at / 26))
        .collect();
    let people: Vec<Person> = names.iter().map(Person::child).collect();
    let disguise = Disguise::of(&[], &people);
    assert_eq!(disguise.pairs().len(), NAMES_MAX);
    let stand_ins: HashSet<&str> = disguise.pairs().iter().map(|(_, to)| to.as_str()).collect();
    assert_eq!(stand_ins.len(), NAMES_MAX);
}

/// Whether a name stands in a text as a word, as it is.
fn says(text: &str, name: &str) -> bool {
    text.split(|c: char| !forms::is_of_word(c)).any(|word| word == name)
}

proptest! {
    #![proptest_config(crate::transfer::names::cases(256))]

    #[test]
    fn no_name_goes_out_and_all_come_back(
        names in prop::collection::hash_set("(Maya|Ann|Anna|Annabel|Li|Alex|Charlie|Will|Zoë|Маша|Ваня|Tom|Tomas|[A-Z][a-z]{1,6})", 1..6),
        glue in prop::collection::vec("( |, |'s |-|\\. | and the |\n|\u{301}| 5 |Anna|fox|Ω)", 0..24),
    ) {
        let names: Vec<String> = names.into_iter().collect();
        let mut text = String::new();
        for (at, part) in glue.iter().enumerate() {
            text.push_str(&names[at % names.len()]);
            text.push_str(part);
        }
        let people: Vec<Person> = names.iter().map(Person::child).collect();
        let disguise = Disguise::of(&[&text], &people);
        let out = disguise.apply(&text);
        for (name, stand_in) in disguise.pairs() {
            prop_assert!(!says(&out, name), "{name} is in {out:?}");
            prop_assert!(!says(&text, stand_in), "{stand_in} is in {text:?}");
        }
        let back = disguise.restore(&out);
        for name in &names {
            prop_assert_eq!(says(&back, name), says(&text, name), "{} in {:?}, out {:?}", name, back, out);
        }
        prop_assert_eq!(ages::banded(&back), ages::banded(&text));
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,200}", other in ".{0,80}", name in "\\PC{0,20}") {
        let disguise = Disguise::of(&[&text, &other], &[Person::child(name)]);
        let out = disguise.apply(&text);
        let _ = disguise.restore(&out);
    }
}
