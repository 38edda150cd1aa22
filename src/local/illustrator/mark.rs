//! What the illustrator writes into its pictures: that a program drew them, which, and from what. Only what a picture depends on, so that
//! the same words and seed give the same bytes.

use serde_json::json;

use super::{ENGINE, Options};
use crate::journal::sha256;
use crate::media;

/// The kind of source, out of IPTC's vocabulary: a pure algorithm, nothing that was trained.
const SOURCE: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia";

/// The same picture with a note of where it comes from. `model` is the name that it was asked for by.
#[must_use]
pub fn marked(png: Vec<u8>, prompt: &str, options: &Options, model: &str) -> Vec<u8> {
    let record = json!({
        "v": 1, "generator": ENGINE, "model": model, "prompt_sha256": sha256(prompt.as_bytes()), "seed": options.seed,
        "width": options.width, "height": options.height, "app_version": env!("CARGO_PKG_VERSION"),
        "digital_source_type": SOURCE,
    });
    let (record, packet) = (record.to_string(), media::xmp_packet(None, Some(SOURCE)));
    let texts = [
        ("Software", ENGINE),
        (media::PROVENANCE_KEYWORD, record.as_str()),
        (media::XMP_KEYWORD, packet.as_str()),
    ];
    media::with_texts(&png, &texts).unwrap_or(png)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::illustrator::draw;
    use crate::media::{Limits, decode};

    #[test]
    fn a_picture_says_where_it_comes_from_and_looks_the_same() {
        let options = Options {
            width: 256,
            height: 256,
            ..Options::default()
        };
        let plain = draw("a fox", &options).unwrap().png;
        let marked = marked(plain.clone(), "a fox", &options, "builtin-illustrator");
        let notes = media::notes(&marked);
        assert!(notes.text(media::PROVENANCE_KEYWORD).unwrap().contains("\"seed\":0"));
        assert!(!notes.text(media::PROVENANCE_KEYWORD).unwrap().contains("a fox"));
        assert_eq!(notes.source_type().as_deref(), Some(SOURCE));
        let limits = Limits::default();
        assert_eq!(decode(&marked, &limits).unwrap(), decode(&plain, &limits).unwrap());
    }
}
