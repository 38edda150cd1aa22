//! The words that were used before for a scene's pictures.

use crate::story::{Scene, Variant};

/// Earlier prompts that are offered.
const MOST: usize = 20;

/// The prompts of a scene, latest first and each once: those of its candidates, and the one in its row. What is being typed is
/// not among them.
pub fn earlier<'a>(
    scene: &'a Scene,
    variants: impl DoubleEndedIterator<Item = &'a Variant>,
    typed: &str,
) -> Vec<&'a str> {
    let asked = variants
        .rev()
        .filter_map(|variant| variant.wanted.as_ref())
        .map(|wanted| wanted.prompt.as_str());
    let mut prompts: Vec<&str> = Vec::new();
    for prompt in asked.chain([scene.image_prompt.as_str()]) {
        let prompt = prompt.trim();
        if !prompt.is_empty() && prompt != typed.trim() && !prompts.contains(&prompt) {
            prompts.push(prompt);
        }
    }
    prompts.truncate(MOST);
    prompts
}
