//! Pictures that come from anywhere: bombs, cut off, damaged, wrongly named, turned, animated, of odd kinds. None stops the
//! program, none takes more memory than it may, and what is not shown says why.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod allocations;
mod bad;

use std::sync::{Mutex, MutexGuard, PoisonError};

use image::{DynamicImage, ImageFormat, RgbaImage};
use proptest::prelude::*;
use storymimi_studio::media::{Limits, MediaError, Preview, decode, inspect, preview, preview_cost};

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

const FIT: (u32, u32) = (320, 240);
/// What the test itself and the machinery around it may allocate meanwhile.
const SLACK: usize = 1_000_000;

const PROGRESSIVE: &[u8] = include_bytes!("files/progressive.jpg");
const LOSSY: &[u8] = include_bytes!("files/lossy.webp");
const LOSSY_ALPHA: &[u8] = include_bytes!("files/lossy-alpha.webp");
const CMYK: &[u8] = include_bytes!("files/cmyk.jpg");
const WIDE_GAMUT: &[u8] = include_bytes!("files/wide-gamut.jpg");

const FORMATS: [ImageFormat; 4] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];

/// Allocations are counted for the whole process: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a picture small, and sees that it takes no more memory than was said before, nor than is allowed.
fn shown(name: &str, bytes: &[u8], limits: &Limits) -> Result<Preview, MediaError> {
    let said = preview_cost(bytes, FIT, limits);
    let (made, taken) = allocations::most_during(|| preview(bytes, FIT, limits));
    let allowed = usize::try_from(limits.max_alloc).unwrap() + SLACK;
    assert!(taken < allowed, "{name}: {taken} bytes of memory");
    if made.is_ok() {
        let said = usize::try_from(said).unwrap() + SLACK;
        assert!(taken < said, "{name}: {taken} bytes of memory, and {said} were said");
    }
    made
}

/// Why a picture is not shown. It is refused without the memory for its pixels.
fn refused(name: &str, bytes: &[u8]) -> String {
    let (refused, taken) = allocations::most_during(|| preview(bytes, FIT, &Limits::default()));
    let Err(error) = refused else {
        panic!("{name} is shown");
    };
    assert!(taken < 70_000_000, "{name}: {taken} bytes of memory");
    // Opening the whole of it is refused as well.
    let (whole, taken) = allocations::most_during(|| decode(bytes, &Limits::default()));
    assert!(whole.is_err(), "{name}");
    assert!(taken < 70_000_000, "{name}, whole: {taken} bytes of memory");
    error.to_string()
}

/// The colour at a place, given as parts of the picture.
fn colour(shown: &Preview, x: f32, y: f32) -> [u8; 4] {
    let pixels = &shown.pixels;
    let (x, y) = (x * pixels.width() as f32, y * pixels.height() as f32);
    let at = (y as usize * pixels.width() as usize + x as usize) * 4;
    pixels.rgba()[at..at + 4].try_into().unwrap()
}

fn near(found: [u8; 4], expected: [u8; 3], most: u8) -> bool {
    (0..3).all(|at| found[at].abs_diff(expected[at]) <= most)
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let _alone = alone();
    for (name, bytes, said) in [
        ("PNG", bad::claimed_png(50_000, 50_000, 8, 0), "50,000 × 50,000 pixels"),
        ("PNG of 16 bits", bad::claimed_png(u32::MAX >> 1, 9, 16, 0), "pixels"),
        (
            "GIF",
            bad::claimed_gif((65_535, 65_535), (9, 9)),
            "65,535 × 65,535 pixels",
        ),
        (
            "GIF with a larger frame",
            bad::claimed_gif((1, 1), (65_535, 65_535)),
            "memory",
        ),
        (
            "JPEG",
            bad::claimed_jpeg(65_500, 65_500, 0xc0, 1),
            "65,500 × 65,500 pixels",
        ),
        (
            "progressive JPEG",
            bad::claimed_jpeg(65_500, 65_500, 0xc2, 1),
            "65,500 × 65,500 pixels",
        ),
        (
            "WebP with a canvas",
            bad::webp(&[bad::webp_head(0, 1 << 14, 1 << 14), (b"VP8 ", vec![0; 16])]),
            "16,384 × 16,384 pixels",
        ),
        (
            "WebP",
            {
                let mut chunk = bad::lossless_chunk(&bad::quarters(4, 4));
                // Fourteen bits for each side, less one.
                chunk[1..5].copy_from_slice(&(0x3ffe_u32 | 0x3ffe << 14).to_le_bytes());
                bad::webp(&[(b"VP8L", chunk)])
            },
            "16,383 × 16,383 pixels",
        ),
    ] {
        let said_of_it = refused(name, &bytes);
        assert!(said_of_it.contains(said), "{name}: {said_of_it}");
    }
}

#[test]
fn what_packs_a_thousandfold_takes_the_memory_of_what_is_shown() {
    let _alone = alone();
    let limits = Limits::default();
    for format in FORMATS {
        let bytes = bad::empty(4000, 4000, format);
        assert!(bytes.len() < 700_000, "{format:?}: {}", bytes.len());
        let made = shown(&format!("{format:?}"), &bytes, &limits).unwrap();
        assert_eq!(made.original, (4000, 4000));
    }
    // A PNG is never in memory as a whole.
    let bytes = bad::empty(4000, 4000, ImageFormat::Png);
    let (made, taken) = allocations::most_during(|| preview(&bytes, FIT, &limits));
    made.unwrap();
    assert!(taken < 8_000_000, "{taken} bytes of memory for 64 MB of pixels");
    for (number, bytes) in bad::packed_metadata().into_iter().enumerate() {
        assert!(bytes.len() < 400_000);
        let made = shown(&format!("metadata {number}"), &bytes, &limits);
        assert_eq!(made.unwrap().original, (4, 4), "{number}");
        let (_, taken) = allocations::most_during(|| decode(&bytes, &limits));
        assert!(taken < 70_000_000, "{number}: {taken} bytes of memory");
        let (_, taken) = allocations::most_during(|| inspect(&bytes));
        assert!(taken < 70_000_000, "{number}: {taken} bytes of memory");
    }
}

#[test]
fn little_memory_is_kept_to_and_the_reason_says_so() {
    let _alone = alone();
    let limits = Limits {
        max_alloc: 9_000_000,
        ..Limits::default()
    };
    let large = [
        bad::empty(1600, 1200, ImageFormat::Jpeg),
        bad::empty(1600, 1200, ImageFormat::WebP),
        bad::empty(1600, 1200, ImageFormat::Gif),
        bad::claimed_png(1600, 1200, 16, 1),
        PROGRESSIVE.to_vec(),
        LOSSY.to_vec(),
        LOSSY_ALPHA.to_vec(),
    ];
    let mut refused = 0;
    for (number, bytes) in large.iter().enumerate() {
        if let Err(error) = shown(&number.to_string(), bytes, &limits) {
            assert!(
                error.to_string().contains("memory") || error.to_string().contains("ends"),
                "{number}: {error}"
            );
            refused += 1;
        }
        let (_, taken) = allocations::most_during(|| decode(bytes, &limits));
        assert!(taken < 9_000_000 + SLACK, "{number}, whole: {taken}");
    }
    assert!(refused >= 4, "{refused}");
    assert!(shown("PNG", &bad::empty(1600, 1200, ImageFormat::Png), &limits).is_ok());
}

#[test]
fn scans_without_end_come_to_an_end() {
    let _alone = alone();
    for scans in [2, 50, 20_000] {
        // The decoder reads the first ones or refuses; either way it is done in a moment.
        let bytes = bad::claimed_jpeg(2000, 2000, 0xc2, scans);
        _ = shown(&scans.to_string(), &bytes, &Limits::default());
    }
    // No data for most of it: shown as far as it goes, or refused.
    _ = shown(
        "nothing in it",
        &bad::claimed_jpeg(7900, 7900, 0xc0, 1),
        &Limits::default(),
    );
}

#[test]
fn what_is_cut_off_says_so() {
    let _alone = alone();
    let picture = bad::quarters(160, 120);
    let mut files: Vec<(String, Vec<u8>)> = FORMATS
        .iter()
        .map(|format| (format!("{format:?}"), bad::encoded(&picture, *format)))
        .collect();
    for (name, bytes) in [
        ("progressive", PROGRESSIVE),
        ("lossy", LOSSY),
        ("lossy alpha", LOSSY_ALPHA),
        ("CMYK", CMYK),
    ] {
        files.push((name.to_owned(), bytes.to_vec()));
    }
    files.push((
        "animated WebP".to_owned(),
        bad::animated_webp(&[picture.clone(), picture.clone()]),
    ));
    for (name, bytes) in files {
        let step = (bytes.len() / 60).max(1);
        let mut refused = 0;
        for end in (0..bytes.len()).step_by(step) {
            match shown(&format!("{name} cut off at {end}"), &bytes[..end], &Limits::default()) {
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                }
                // Everything that is shown is there: what is missing comes after it.
                Ok(made) => assert!(end * 2 > bytes.len(), "{name} cut off at {end}: {:?}", made.original),
            }
        }
        assert!(refused >= 20, "{name}: {refused}");
    }
}

#[test]
fn what_is_no_picture_says_what_it_is() {
    let _alone = alone();
    for (bytes, said) in [
        (&b""[..], "The file is empty."),
        (b"<!DOCTYPE html><html><body>404", "a web page"),
        (b"{\"statusCode\":\"404\",\"error\":\"not_found\"}", "a JSON text"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\0\0\0\x20ftypisom\0\0", "an MP4 video"),
        (b"\0\0\0\x20ftypheic\0\0", "a HEIC picture"),
        (b"II*\0\x08\0\0\0", "a TIFF picture"),
        (b"plain words", "not a picture of a known kind"),
    ] {
        let error = refused("no picture", bytes);
        assert!(error.contains(said), "{error}");
    }
    // Never parsed, so neither its depth nor what it refers to matters.
    let error = refused("SVG", &bad::deep_svg(200_000));
    assert!(error.contains("an SVG drawing"), "{error}");
    let reference = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>";
    assert!(refused("SVG", reference).contains("an SVG drawing"));
}

#[test]
fn of_an_animation_the_first_frame_is_shown() {
    let _alone = alone();
    let plain = |pixel| DynamicImage::from(RgbaImage::from_pixel(64, 48, image::Rgba(pixel)));
    let frames = [
        plain([250, 0, 0, 255]),
        plain([0, 250, 0, 255]),
        plain([0, 0, 250, 255]),
    ];
    for (name, bytes) in [
        ("GIF", bad::animated_gif(&frames)),
        ("PNG", bad::animated_png(&frames)),
        ("WebP", bad::animated_webp(&frames)),
    ] {
        let made = shown(name, &bytes, &Limits::default()).unwrap();
        assert_eq!(made.original, (64, 48), "{name}");
        assert!(
            near(colour(&made, 0.5, 0.5), [250, 0, 0], 8),
            "{name}: {:?}",
            colour(&made, 0.5, 0.5)
        );
    }
    // Thousands of frames cost what one costs.
    let many = vec![plain([250, 0, 0, 255]); 2000];
    let (made, taken) = allocations::most_during(|| preview(&bad::animated_gif(&many), FIT, &Limits::default()));
    made.unwrap();
    assert!(taken < 20_000_000, "{taken}");
}

#[test]
fn huge_sides_are_shown_thin() {
    let _alone = alone();
    for (format, size) in [
        (ImageFormat::Png, (1, 100_000)),
        (ImageFormat::Png, (100_000, 1)),
        (ImageFormat::Jpeg, (1, 65_000)),
        (ImageFormat::Jpeg, (65_000, 1)),
        (ImageFormat::WebP, (1, 16_383)),
        (ImageFormat::WebP, (16_383, 1)),
        (ImageFormat::Gif, (1, 65_535)),
        (ImageFormat::Gif, (65_535, 1)),
    ] {
        let name = format!("{format:?} {size:?}");
        let made = shown(
            &name,
            &bad::encoded(&bad::quarters(size.0, size.1), format),
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(made.original, size);
        let (width, height) = (made.pixels.width(), made.pixels.height());
        assert!(
            (width, height) == (1, 240) || (width, height) == (320, 1),
            "{name}: {width} × {height}"
        );
    }
    // Within the pixels, but a row alone takes more than it may.
    let error = refused("one row", &bad::claimed_png(60_000_000, 1, 16, 0));
    assert!(error.contains("memory"), "{error}");
}

#[test]
fn every_kind_of_colour_is_shown() {
    let _alone = alone();
    for (name, bytes) in [
        ("progressive", PROGRESSIVE),
        ("lossy", LOSSY),
        ("lossy alpha", LOSSY_ALPHA),
        ("CMYK", CMYK),
        // Its profile is not applied: colours are a little paler than they should be, and no decoder of profiles is at risk.
        ("wide gamut", WIDE_GAMUT),
    ] {
        let made = shown(name, bytes, &Limits::default()).unwrap();
        // Inks are turned to light without a profile.
        let most = match name {
            "CMYK" => 110,
            "wide gamut" => 90,
            _ => 16,
        };
        for (x, y, expected) in [
            (0.25, 0.25, [230, 20, 20]),
            (0.75, 0.25, [20, 200, 20]),
            (0.25, 0.75, [20, 20, 230]),
            (0.75, 0.75, [230, 210, 20]),
        ] {
            let found = colour(&made, x, y);
            assert!(near(found, expected, most), "{name}: {found:?} at {x}, {y}");
        }
        assert_eq!(made.pixels.is_opaque(), name != "lossy alpha");
    }
}

#[test]
fn metadata_that_lies_does_no_harm() {
    let _alone = alone();
    let jpeg = bad::encoded(&bad::quarters(64, 48), ImageFormat::Jpeg);
    let exif = |tiff: &[u8]| [b"Exif\0\0", tiff].concat();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut bytes = b"II*\0\x08\0\0\0\xff\xff".to_vec();
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
        bytes
    };
    for (name, marker, data) in [
        ("an orientation that is none", 0xe1, exif(&entry(0x112, 3, 1, 77))),
        ("a count without end", 0xe1, exif(&entry(0x112, 3, u32::MAX, 6))),
        ("a directory outside", 0xe1, exif(b"MM\0*\xff\xff\xff\xff")),
        ("a directory in itself", 0xe1, exif(b"II*\0\0\0\0\0")),
        ("nothing", 0xe1, exif(b"")),
        ("a profile that is none", 0xe2, b"ICC_PROFILE\0\x01\x01garbage".to_vec()),
        ("a part of a profile", 0xe2, b"ICC_PROFILE\0\x02\xff".to_vec()),
    ] {
        let bytes = bad::jpeg_with(&jpeg, marker, &data);
        let made = shown(name, &bytes, &Limits::default()).unwrap();
        assert_eq!(made.original, (64, 48), "{name}");
    }
    for (name, chunk, data) in [
        ("a profile", b"iCCP", b"icc\0\0not packed at all".to_vec()),
        ("metadata of a camera", b"eXIf", b"II*\0\xff\xff\xff\xff".to_vec()),
        ("a gamma of nothing", b"gAMA", vec![0; 4]),
    ] {
        let made = shown(name, &bad::png_with(chunk, data), &Limits::default());
        assert_eq!(made.unwrap().original, (4, 4), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn flipped_bits_never_stop_it(kind in 0_usize..9, flips in proptest::collection::vec(any::<u32>(), 1..6), cut in any::<u16>()) {
        let _alone = alone();
        let picture = bad::quarters(96, 64);
        let mut bytes = match kind {
            0..4 => bad::encoded(&picture, FORMATS[kind]),
            4 => bad::animated_webp(&[picture.clone(), picture]),
            5 => bad::animated_gif(&[picture.clone(), picture]),
            6 => PROGRESSIVE.to_vec(),
            7 => LOSSY_ALPHA.to_vec(),
            _ => CMYK.to_vec(),
        };
        for flip in flips {
            // Three of four in the first kilobyte, where sizes and tables are.
            let range = if flip % 4 == 0 { bytes.len() } else { bytes.len().min(1024) };
            let at = (flip >> 8) as usize % range;
            bytes[at] ^= 1 << ((flip >> 2) % 8);
        }
        if cut % 8 == 0 {
            bytes.truncate(cut as usize % bytes.len());
        }
        let limits = Limits {
            max_pixels: 4_000_000,
            max_alloc: 64_000_000,
            ..Limits::default()
        };
        let (_, taken) = allocations::most_during(|| preview(&bytes, FIT, &limits));
        prop_assert!(taken < 64_000_000 + SLACK, "{taken} bytes of memory");
        let (_, taken) = allocations::most_during(|| decode(&bytes, &limits));
        prop_assert!(taken < 64_000_000 + SLACK, "whole: {taken} bytes of memory");
    }
}
