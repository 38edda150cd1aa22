use super::*;

/// For people: `BRIEFS=file cargo test --lib show_tales -- --ignored --nocapture`; a line is `scenes|words|seed|title|prompt`.
#[test]
#[ignore = "prints for reading"]
fn show_tales() {
    let path = std::env::var("BRIEFS").expect("BRIEFS names a file");
    for line in std::fs::read_to_string(path).expect("readable").lines() {
        let parts: Vec<&str> = line.splitn(5, '|').collect();
        let tale = tell(&Brief {
            title: parts[3].into(),
            prompt: parts[4].into(),
            scenes: parts[0].parse().unwrap(),
            seed: parts[2].parse().unwrap(),
            words_per_scene: parts[1].parse().unwrap(),
        })
        .unwrap();
        println!(
            "\n===== {} :: {}\n  {:?} / {:?}",
            tale.title, parts[4], tale.understood, tale.not_understood
        );
        for page in tale.scenes {
            println!(
                "\n## {} ({} words)\n{}\n  [{}]\n  [{}]",
                page.title,
                count_words(&page.text),
                page.text,
                page.image_prompt,
                page.alt_text
            );
        }
    }
}
