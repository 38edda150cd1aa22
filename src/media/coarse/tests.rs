use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageFormat, Rgb, RgbImage};
use proptest::prelude::*;

use super::*;
use crate::media::{Limits, MediaError, Pixels, decode, preview};

/// With half the colours each way, and a restart every five blocks.
const SUBSAMPLED: &[u8] = include_bytes!("../../../tests/pictures/files/subsampled.jpg");
const LOSSY: &[u8] = include_bytes!("../../../tests/pictures/files/lossy.webp");

/// Shapes with edges and slopes, in all colours.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let inside = (x / 40 + y / 24) % 3 == 0;
        Rgb([
            (x * 255 / width) as u8,
            if inside { 220 } else { (y * 200 / height) as u8 },
            ((x + y) % 64 * 3) as u8,
        ])
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder
        .encode(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    bytes
}

fn endless() -> Deadline {
    Deadline::start(&Limits {
        max_time: std::time::Duration::MAX,
        ..Limits::default()
    })
}

/// The means of the cells of the whole picture.
fn means(whole: &Pixels, cell: (u32, u32)) -> Shrunk {
    let mut shrink = Shrink::new(Samples::Rgba, (whole.width(), whole.height()), cell);
    for row in whole.rgba().chunks_exact(whole.width() as usize * 4) {
        shrink.push(row);
    }
    shrink.finish().unwrap()
}

/// How far two pictures are from each other, as the root of the mean square.
fn distance(found: &Shrunk, expected: &Shrunk) -> f64 {
    assert_eq!((found.size, found.rgba.len()), (expected.size, expected.rgba.len()));
    let pairs = found.rgba.iter().zip(&expected.rgba);
    let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    (sum / found.rgba.len() as f64).sqrt()
}

#[test]
fn a_jpeg_in_cells_is_the_whole_one_in_cells() {
    for size in [(640, 480), (333, 217), (17, 129)] {
        for cell in [(2, 2), (3, 2), (4, 4), (5, 6), (8, 8), (9, 16)] {
            for drawn in [
                DynamicImage::from(picture(size.0, size.1)),
                DynamicImage::from(picture(size.0, size.1)).to_luma8().into(),
            ] {
                let mut bytes = std::io::Cursor::new(Vec::new());
                drawn.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
                let bytes = bytes.into_inner();
                let found = read(MediaType::Jpeg, &bytes, size, cell, endless()).unwrap();
                // The largest of these that both sides have.
                let by = [8, 4, 2].into_iter().find(|by| cell.0.min(cell.1) >= *by).unwrap();
                let whole = decode(&bytes, &Limits::default()).unwrap();
                let cell = (cell.0 / by * by, cell.1 / by * by);
                let off = distance(&found, &means(&whole, cell));
                assert!(off < 12.0, "{size:?} {cell:?} {:?}: {off}", drawn.color());
                assert!(found.exact.0 > f64::from(found.size.0) - 1.0 && found.exact.0 <= f64::from(found.size.0));
            }
        }
    }
}

/// A JPEG of plain blocks, eight by eight for each component, sampled as is said.
fn plain_blocks(sampling: [(u8, u8); 3], interval: u8) -> Vec<u8> {
    let (across, down) = (sampling.map(|(across, _)| across), sampling.map(|(_, down)| down));
    let side = |all: [u8; 3]| 64 * all.into_iter().max().unwrap();
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    bytes.extend([8; 64]);
    bytes.extend([0xff, 0xc0, 0, 17, 8, 0, side(down), 0, side(across), 3]);
    for (id, (across, down)) in (1..).zip(sampling) {
        bytes.extend([id, across << 4 | down, 0]);
    }
    // Twelve sizes with codes of four bits; nothing but the end, with a code of one.
    bytes.extend([
        0xff,
        0xc4,
        0,
        19 + 12,
        0,
        0,
        0,
        0,
        12,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    bytes.extend(0..12);
    bytes.extend([
        0xff,
        0xc4,
        0,
        19 + 1,
        0x10,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    bytes.extend([0xff, 0xdd, 0, 4, 0, interval]);
    bytes.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let (mut held, mut many, mut last) = (0_u32, 0_u32, [0_i32; 3]);
    let mut put = |value: u32, length: u32, bytes: &mut Vec<u8>| {
        for bit in (0..length).rev() {
            held = held << 1 | value >> bit & 1;
            many += 1;
            if many % 8 == 0 {
                bytes.push(held as u8);
                bytes.extend((held as u8 == 0xff).then_some(0));
            }
        }
        many % 8
    };
    for group in 0..64_i32 {
        if interval > 0 && group > 0 && group % i32::from(interval) == 0 {
            let left = put(0, 0, &mut bytes);
            put(0xff, (8 - left) % 8, &mut bytes);
            bytes.extend([0xff, 0xd0 + (group / i32::from(interval) - 1) as u8 % 8]);
            last = [0; 3];
        }
        for ((across, down), last) in sampling.into_iter().zip(&mut last) {
            for block in 0..i32::from(across * down) {
                let (x, y) = (
                    group % 8 * i32::from(across) + block % i32::from(across),
                    group / 8 * i32::from(down) + block / i32::from(across),
                );
                let value = x * 40 / i32::from(across) / 8 + y * 60 / i32::from(down) / 8 - 50;
                let step = value - *last;
                *last = value;
                let size = 32 - step.unsigned_abs().leading_zeros();
                put(size, 4, &mut bytes);
                put(if step < 0 { step - 1 } else { step } as u32, size, &mut bytes);
                put(0, 1, &mut bytes);
            }
        }
    }
    let left = put(0, 0, &mut bytes);
    put(0xff, (8 - left) % 8, &mut bytes);
    bytes.extend([0xff, 0xd9]);
    bytes
}

#[test]
fn colours_are_where_they_belong_however_they_are_sampled() {
    for luma in [(1, 1), (2, 1), (1, 2), (2, 2)] {
        for interval in [0, 3] {
            let bytes = plain_blocks([luma, (1, 1), (1, 1)], interval);
            let whole = decode(&bytes, &Limits::default()).unwrap();
            let size = (whole.width(), whole.height());
            for cell in [(2, 2), (4, 4), (8, 8)] {
                let found = read(MediaType::Jpeg, &bytes, size, cell, endless()).unwrap();
                let off = distance(&found, &means(&whole, cell));
                assert!(off < 3.0, "{luma:?} {interval} {cell:?}: {off}");
            }
        }
    }
    let odd = plain_blocks([(1, 1), (2, 1), (2, 1)], 0);
    assert!(read(MediaType::Jpeg, &odd, (128, 64), (2, 2), endless()).is_err());
    let whole = decode(SUBSAMPLED, &Limits::default()).unwrap();
    for cell in [(2, 2), (4, 4), (8, 8)] {
        let found = read(MediaType::Jpeg, SUBSAMPLED, (413, 311), cell, endless()).unwrap();
        let off = distance(&found, &means(&whole, cell));
        assert!(off < 9.0, "{cell:?}: {off}");
    }
}

#[test]
fn lossy_webp_in_cells_is_the_whole_one_in_cells() {
    let whole = decode(LOSSY, &Limits::default()).unwrap();
    let size = (whole.width(), whole.height());
    for cell in [(2, 2), (4, 4), (6, 8)] {
        let found = read(MediaType::Webp, LOSSY, size, cell, endless()).unwrap();
        let off = distance(&found, &means(&whole, cell));
        assert!(off < 2.5, "{cell:?}: {off}");
    }
}

#[test]
fn small_cells_other_kinds_and_late_ones_are_refused() {
    let bytes = jpeg(&picture(64, 64), 80);
    let asked = |kind, size, cell, deadline| read(kind, &bytes, size, cell, deadline).err();
    assert_eq!(asked(MediaType::Jpeg, (64, 64), (2, 2), endless()), None);
    assert_eq!(asked(MediaType::Jpeg, (64, 64), (1, 2), endless()), Some(Refused));
    assert_eq!(asked(MediaType::Jpeg, (64, 63), (2, 2), endless()), Some(Refused));
    assert_eq!(asked(MediaType::Gif, (64, 64), (2, 2), endless()), Some(Refused));
    let over = Deadline::start(&Limits {
        max_time: std::time::Duration::ZERO,
        ..Limits::default()
    });
    assert_eq!(asked(MediaType::Jpeg, (64, 64), (2, 2), over), Some(Refused));
    assert!(read(MediaType::Webp, LOSSY, (1600, 1200), (4, 4), over).is_err());
    let late = Limits {
        max_time: std::time::Duration::ZERO,
        ..Limits::default()
    };
    let large = jpeg(&picture(640, 480), 80);
    assert!(matches!(
        preview(&large, (64, 64), &late),
        Err(MediaError::TooSlow { .. })
    ));
}

#[test]
fn what_is_cut_off_is_refused() {
    let whole = jpeg(&picture(400, 300), 80);
    for keep in (0..whole.len()).step_by(97) {
        assert!(
            read(MediaType::Jpeg, &whole[..keep], (400, 300), (4, 4), endless()).is_err(),
            "{keep}"
        );
    }
    for keep in (0..LOSSY.len()).step_by(97) {
        assert!(
            read(MediaType::Webp, &LOSSY[..keep], (1600, 1200), (4, 4), endless()).is_err(),
            "{keep}"
        );
    }
}

proptest! {
    // Each of a WebP is two megapixels without optimisation.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changed_bytes_never_panic_and_give_a_whole_picture_or_none(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), lossy in any::<bool>(),
    ) {
        let (kind, size) = if lossy { (MediaType::Webp, (1600, 1200)) } else { (MediaType::Jpeg, (160, 120)) };
        let mut bytes = if lossy { LOSSY.to_vec() } else { jpeg(&picture(160, 120), 90) };
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(shrunk) = read(kind, &bytes, size, (4, 4), endless()) {
            prop_assert_eq!(shrunk.rgba.len(), (shrunk.size.0 * shrunk.size.1 * 4) as usize);
        }
    }
}
