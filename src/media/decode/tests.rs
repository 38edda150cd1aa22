use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

/// Not a plain colour, so that a turned or mirrored picture differs.
fn picture(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| {
        Rgba([(x * 40) as u8, (y * 40) as u8, 128, if x == 0 { 0 } else { 255 }])
    })
    .into()
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let opaque = DynamicImage::from(picture.to_rgb8());
    let picture = if format == ImageFormat::Jpeg { &opaque } else { picture };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PNG that is a header and the beginning of its data: all that is needed to claim a size.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap();
    // Dropping the writer ends the file; a data chunk must come before that for a decoder to get past the header.
    let end = bytes.len() - 12;
    bytes.truncate(end);
    bytes.extend([0, 0, 0, 4]);
    bytes.extend(b"IDAT");
    bytes.extend([0x78, 0x9c, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// Puts an EXIF segment with this orientation behind the start of a JPEG.
fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let tiff = [
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
        &[orientation, 0, 0, 0][..],
        &[0; 4],
    ]
    .concat();
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(((tiff.len() + 8) as u16).to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}

const ALL: [(ImageFormat, MediaType); 4] = [
    (ImageFormat::Png, MediaType::Png),
    (ImageFormat::Jpeg, MediaType::Jpeg),
    (ImageFormat::WebP, MediaType::Webp),
    (ImageFormat::Gif, MediaType::Gif),
];

#[test]
fn reads_every_kind_that_is_shown() {
    for (format, media_type) in ALL {
        let bytes = encode(&picture(6, 4), format);
        let info = inspect(&bytes).unwrap();
        assert_eq!((info.media_type, info.width, info.height), (media_type, 6, 4));
        let pixels = decode(&bytes, &Limits::default()).unwrap();
        assert_eq!((pixels.width(), pixels.height()), (6, 4));
    }
    let png = decode(&encode(&picture(6, 4), ImageFormat::Png), &Limits::default()).unwrap();
    assert_eq!(png.rgba(), picture(6, 4).to_rgba8().as_raw().as_slice());
}

#[test]
fn applies_the_rotation_of_a_camera() {
    let bytes = turned(&encode(&picture(32, 16), ImageFormat::Jpeg), 6);
    let info = inspect(&bytes).unwrap();
    assert_eq!((info.width, info.height), (16, 32));
    let pixels = decode(&bytes, &Limits::default()).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (16, 32));
}

#[test]
fn says_when_a_picture_is_cut_off() {
    for (format, _) in ALL {
        let bytes = encode(&picture(64, 64), format);
        for keep in [bytes.len() / 2, bytes.len() * 3 / 4] {
            let error = decode(&bytes[..keep], &Limits::default()).unwrap_err();
            assert!(matches!(error, MediaError::CutOff), "{format:?} {keep}: {error:?}");
        }
    }
}

#[test]
fn a_preview_in_the_metadata_does_not_hide_a_cut() {
    let whole = encode(&picture(64, 64), ImageFormat::Jpeg);
    let mut bytes = whole[..2].to_vec();
    bytes.extend([0xff, 0xe2]);
    bytes.extend(((whole.len() + 2) as u16).to_be_bytes());
    bytes.extend(&whole);
    bytes.extend(&whole[2..]);
    assert!(jpeg_is_complete(&bytes));
    assert!(!jpeg_is_complete(&bytes[..bytes.len() - 2]));
}

#[test]
fn refuses_a_bomb_by_its_header() {
    let bomb = png_header(50_000, 50_000);
    let info = inspect(&bomb).unwrap();
    assert_eq!((info.width, info.height), (50_000, 50_000));
    let error = decode(&bomb, &Limits::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The picture is 50,000 × 50,000 pixels; up to 64 megapixels are opened here. Save it smaller and try again."
    );
    let limits = Limits {
        max_pixels: u64::MAX,
        ..Limits::default()
    };
    assert!(matches!(decode(&bomb, &limits), Err(MediaError::TooMuchMemory { .. })));
}

#[test]
fn a_very_long_picture_is_fine() {
    let bytes = encode(&picture(1, 100_000), ImageFormat::Png);
    assert_eq!(decode(&bytes, &Limits::default()).unwrap().height(), 100_000);
}

#[test]
fn says_what_the_bytes_are_instead() {
    let limits = Limits::default();
    let said = |bytes: &[u8]| decode(bytes, &limits).unwrap_err().to_string();
    assert_eq!(said(b""), "The file is empty.");
    assert_eq!(
        said(b"%PDF-1.7"),
        "This is not a picture: it begins like a PDF document."
    );
    assert_eq!(
        said(b"\0\0\0\x20ftypavif"),
        "This is an AVIF picture. Save it as PNG, JPEG, WebP or GIF and try again."
    );
    let png = encode(&picture(2, 2), ImageFormat::Png);
    let envelope = [b"--b\r\nContent-Type: image/png\r\n\r\n", &png[..], b"\r\n--b--\r\n"].concat();
    assert!(matches!(decode(&envelope, &limits), Err(MediaError::Wrapped)));
    let small = Limits {
        max_bytes: 10,
        ..limits
    };
    assert!(matches!(decode(&png, &small), Err(MediaError::TooLarge { .. })));
    // A byte of the data changed: the checksum of the chunk is wrong.
    let mut damaged = png;
    let middle = damaged.len() - 20;
    damaged[middle] ^= 0xff;
    assert!(matches!(
        decode(&damaged, &limits),
        Err(MediaError::Damaged {
            kind: MediaType::Png,
            ..
        })
    ));
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(start in 0_usize..6, tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let start: &[u8] = [&b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x40\0\0\0WEBPVP8 ", b"--b\r\n"][start];
        let bytes = [start, &tail].concat();
        let _ = inspect(&bytes);
        let _ = decode(&bytes, &Limits::default());
        let _ = crate::media::check_upload(&bytes, Some(100), None);
    }

    #[test]
    fn changed_pictures_never_panic(kind in 0_usize..4, at in 0_usize..4000, value in any::<u8>()) {
        let mut bytes = encode(&picture(12, 9), ALL[kind].0);
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = decode(&bytes, &Limits::default());
    }
}
