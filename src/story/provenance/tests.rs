//! Records go out and come back; what others wrote is read and not believed.

use serde_json::json;

use super::*;

fn record() -> Provenance {
    Provenance {
        story_id: Some(StoryId::fresh()),
        scene_index: Some(2),
        engine: Some("FLUX at Example".into()),
        model: Some("flux-schnell".into()),
        prompt: Some("a fox".into()),
        seed: Some(u64::MAX),
        cost_micros: Some(3_000),
        references: vec!["ab".into()],
        digital_source_type: Some(DigitalSource::TrainedAlgorithmic),
        ..Provenance::new().with_prompt("a fox")
    }
}

#[test]
fn metadata_and_sidecar_say_the_same_but_for_the_words() {
    let record = record();
    let metadata = record.to_metadata();
    assert!(!metadata.contains_key("prompt"), "anybody may read it");
    assert_eq!(metadata["generator"], "FLUX at Example");
    assert_eq!(
        metadata["digital_source_type"],
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    );
    let back = Provenance::from_metadata(&metadata);
    assert_eq!(
        Provenance {
            prompt: Some("a fox".into()),
            ..back
        },
        record
    );
    assert_eq!(Provenance::from_text(&record.to_sidecar()), Some(record));
}

#[test]
fn what_earlier_versions_wrote_is_read() {
    let old = json!({
        "generator": "Built-in illustrator (no AI)", "story_id": "x", "scene": 1, "seed": 7, "model": "m",
        "prompt_sha256": "p", "sha256": "s", "storymimi-upload": "u",
    });
    let record = Provenance::from_metadata(old.as_object().unwrap());
    assert_eq!(
        (record.version, record.seed, record.scene_index),
        (None, Some(7), Some(1))
    );
    assert_eq!(record.source(), Some(DigitalSource::Algorithmic));
}

#[test]
fn one_bad_field_does_not_spoil_the_others() {
    let strange = json!({
        "seed": "seven", "scene": -1, "references": {"a": 1}, "digital_source_type": "x", "cost_micros": 1.5, "v": null,
        "model": "m", "prompt": "x".repeat(TEXT_MAX * 2), "foreign": [1], "is_signed": true,
    });
    let record = Provenance::from_metadata(strange.as_object().unwrap());
    assert_eq!((record.model.as_deref(), record.seed), (Some("m"), None));
    assert_eq!(record.prompt.unwrap().len(), TEXT_MAX);
    assert_eq!(
        record.is_signed, None,
        "what is read from bytes is not believed of a record"
    );
    assert_eq!(Provenance::from_text("[1]"), None);
    assert_eq!(Provenance::from_text("{"), None);
}

#[test]
fn pictures_tell_what_is_in_them() {
    let pixels = media::Pixels::new(1, 1, vec![255; 4]).unwrap();
    let png = media::encode(&pixels, media::MediaType::Png, 0).unwrap();
    let packet = media::xmp_packet(None, Some(&DigitalSource::TrainedAlgorithmic.uri()));
    let texts = [
        ("parameters", "a fox\nSteps: 4, Seed: 7"),
        (media::XMP_KEYWORD, packet.as_str()),
        ("Author", "nobody"),
    ];
    let read = Provenance::from_picture(&media::with_texts(&png, &texts).unwrap());
    assert_eq!(read.is_signed, Some(false));
    assert_eq!(read.source(), Some(DigitalSource::TrainedAlgorithmic));
    assert_eq!(read.foreign.len(), 1);
    assert_eq!((read.foreign[0].key.as_str(), read.engine), ("parameters", None));
    let ours = media::with_texts(&png, &[(NOTE_KEYWORD, &record().to_sidecar())]).unwrap();
    assert_eq!(Provenance::from_picture(&ours).model.as_deref(), Some("flux-schnell"));
}

#[test]
fn source_types_are_uris() {
    for kind in DigitalSource::ALL {
        assert_eq!(DigitalSource::parse(&kind.uri()), Some(kind));
        assert_eq!(DigitalSource::parse(kind.code()), Some(kind));
    }
    assert_eq!(DigitalSource::parse("https://example.com/"), None);
}
