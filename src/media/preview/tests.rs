use std::io::Cursor;

use image::{GrayAlphaImage, GrayImage, Luma, LumaA, Rgb, RgbImage, Rgba};

use super::*;
use crate::media::decode;

/// Red to the right, green downwards, and a frame of transparency where it is wanted.
fn picture(width: u32, height: u32, alpha: bool) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let hidden = alpha && (x < width / 8 || y < height / 8);
        Rgba([
            (x * 255 / width.max(1)) as u8,
            (y * 255 / height.max(1)) as u8,
            90,
            if hidden { 0 } else { 255 },
        ])
    })
    .into()
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// What a careful scaler makes of the whole picture at once.
fn reference(bytes: &[u8], target: (u32, u32)) -> Pixels {
    let whole = decode(bytes, &Limits::default()).unwrap();
    let exact = (f64::from(whole.width()), f64::from(whole.height()));
    let size = (whole.width(), whole.height());
    let rgba = whole.into_rgba();
    scaled(Shrunk { rgba, size, exact }, target).unwrap()
}

#[test]
fn what_fits_already_stays_as_it_is() {
    let small = encoded(&picture(10, 4, true), ImageFormat::Png);
    let shown = preview(&small, (64, 64), &Limits::default()).unwrap();
    assert_eq!(shown.pixels, decode(&small, &Limits::default()).unwrap());
    assert_eq!(shown.original, (10, 4));
}

#[test]
fn every_kind_looks_like_the_whole_picture_scaled_at_once() {
    for (format, alpha) in [
        (ImageFormat::Png, false),
        (ImageFormat::Png, true),
        (ImageFormat::Jpeg, false),
        (ImageFormat::WebP, false),
        (ImageFormat::WebP, true),
        (ImageFormat::Gif, false),
    ] {
        for size in [(731, 517), (64, 48), (2000, 33)] {
            let drawn = picture(size.0, size.1, alpha);
            let drawn = if alpha { drawn } else { drawn.to_rgb8().into() };
            let bytes = encoded(&drawn, format);
            let shown = preview(&bytes, (80, 60), &Limits::default()).unwrap();
            assert_eq!(shown.original, size);
            let (width, height) = (shown.pixels.width(), shown.pixels.height());
            assert_eq!((width, height), fitted(size, (80, 60)));
            let expected = reference(&bytes, (width, height));
            for (index, (found, expected)) in shown
                .pixels
                .rgba()
                .chunks_exact(4)
                .zip(expected.rgba().chunks_exact(4))
                .enumerate()
            {
                // At the sharp edge of the transparency the two ways to scale differ.
                if expected[3] != 255 || found[3] != 255 {
                    continue;
                }
                let off = (0..3).map(|at| found[at].abs_diff(expected[at])).max().unwrap();
                assert!(
                    off < 24,
                    "{format:?} {size:?}, pixel {index}: {found:?} for {expected:?}"
                );
            }
        }
    }
}

#[test]
fn grey_palette_and_sixteen_bits_are_read_row_by_row() {
    let grey = GrayImage::from_fn(600, 400, |x, _| Luma([(x / 3) as u8]));
    let translucent = GrayAlphaImage::from_fn(600, 400, |x, _| LumaA([(x / 3) as u8, 128]));
    let deep = image::ImageBuffer::<Rgb<u16>, Vec<u16>>::from_fn(600, 400, |x, _| Rgb([(x * 100) as u16, 30_000, 0]));
    for drawn in [
        DynamicImage::from(grey),
        DynamicImage::from(translucent),
        DynamicImage::from(deep),
    ] {
        let bytes = encoded(&drawn, ImageFormat::Png);
        let shown = preview(&bytes, (60, 40), &Limits::default()).unwrap();
        let expected = reference(&bytes, (60, 40));
        for (found, expected) in shown.pixels.rgba().iter().zip(expected.rgba()) {
            assert!(
                found.abs_diff(*expected) < 6,
                "{:?}: {found} for {expected}",
                drawn.color()
            );
        }
    }
    let mut palette = Vec::new();
    let mut encoder = png::Encoder::new(&mut palette, 400, 300);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(vec![255, 0, 0, 0, 255, 0, 0, 0, 255]);
    encoder.set_trns(vec![255, 128]);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[0b0101_0101; 100 * 300]).unwrap();
    writer.finish().unwrap();
    let shown = preview(&palette, (40, 30), &Limits::default()).unwrap();
    assert_eq!(&shown.pixels.rgba()[..4], [0, 255, 0, 128]);
}

/// The eight orientations of EXIF: a picture that is red on the left, stored as a camera would and shown as it was seen.
#[test]
fn a_picture_is_turned_the_way_its_metadata_says() {
    let seen = RgbImage::from_fn(480, 240, |x, y| match (x < 240, y < 120) {
        (true, true) => Rgb([250, 10, 10]),
        (true, false) => Rgb([10, 250, 10]),
        (false, true) => Rgb([10, 10, 250]),
        (false, false) => Rgb([240, 240, 10]),
    });
    for exif in 1..=8_u8 {
        let orientation = Orientation::from_exif(exif).unwrap();
        // What a camera stored is what becomes right by turning: the inverse.
        let inverse = match orientation {
            Orientation::Rotate90 => Orientation::Rotate270,
            Orientation::Rotate270 => Orientation::Rotate90,
            other => other,
        };
        let mut stored = DynamicImage::from(seen.clone());
        stored.apply_orientation(inverse);
        let jpeg = encoded(&stored, ImageFormat::Jpeg);
        let tiff = [
            b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[exif, 0, 0, 0][..],
            &[0; 4],
        ]
        .concat();
        let mut bytes = jpeg[..2].to_vec();
        bytes.extend([0xff, 0xe1]);
        bytes.extend(((tiff.len() + 8) as u16).to_be_bytes());
        bytes.extend(b"Exif\0\0");
        bytes.extend(&tiff);
        bytes.extend(&jpeg[2..]);

        let mut png = Vec::new();
        let mut info = png::Info::with_size(stored.width(), stored.height());
        info.color_type = png::ColorType::Rgb;
        info.exif_metadata = Some(tiff.into());
        let encoder = png::Encoder::with_info(&mut png, info).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(stored.to_rgb8().as_raw()).unwrap();
        writer.finish().unwrap();

        for bytes in [bytes, png] {
            let shown = preview(&bytes, (48, 48), &Limits::default()).unwrap();
            assert_eq!(shown.original, (480, 240), "{exif}");
            assert_eq!((shown.pixels.width(), shown.pixels.height()), (48, 24), "{exif}");
            for (x, y, expected) in [(4, 3, [250, 10, 10]), (4, 20, [10, 250, 10]), (44, 3, [10, 10, 250])] {
                let found = &shown.pixels.rgba()[(y * 48 + x) * 4..][..3];
                let off = (0..3).map(|at| found[at].abs_diff(expected[at])).max().unwrap();
                assert!(off < 12, "{exif}: {found:?} at {x}, {y}");
            }
        }
    }
}

#[test]
fn an_interlaced_png_is_the_same_picture() {
    // The encoder writes none, so one of a single pixel of each of the seven passes is put together by hand: 8 × 8 grey.
    let mut rows = Vec::new();
    for (columns, lines) in [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)] {
        for _ in 0..lines {
            rows.push(0);
            rows.extend(std::iter::repeat_n(77_u8, columns));
        }
    }
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut zlib, &rows).unwrap();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [
        (b"IHDR", [&[0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 1][..]].concat()),
        (b"IDAT", zlib.finish().unwrap()),
        (b"IEND", Vec::new()),
    ] {
        bytes.extend((data.len() as u32).to_be_bytes());
        let mut checked = flate2::Crc::new();
        checked.update(name);
        checked.update(&data);
        bytes.extend(name);
        bytes.extend(data);
        bytes.extend(checked.sum().to_be_bytes());
    }
    let shown = preview(&bytes, (4, 4), &Limits::default()).unwrap();
    assert_eq!(shown.pixels.rgba(), [77, 77, 77, 255].repeat(16));
}

#[test]
fn limits_are_seen_before_memory_is_taken_and_time_is_kept() {
    let bytes = encoded(&picture(900, 700, false), ImageFormat::Png);
    let error = |limits: Limits| preview(&bytes, (40, 40), &limits).unwrap_err();
    let all = Limits::default();
    assert!(matches!(
        error(Limits { max_bytes: 100, ..all }),
        MediaError::TooLarge { .. }
    ));
    assert!(matches!(
        error(Limits {
            max_pixels: 629_999,
            ..all
        }),
        MediaError::TooManyPixels { .. }
    ));
    assert!(matches!(
        error(Limits {
            max_alloc: 1_000_000,
            ..all
        }),
        MediaError::TooMuchMemory { .. }
    ));
    let late = error(Limits {
        max_time: std::time::Duration::ZERO,
        ..all
    });
    assert!(matches!(late, MediaError::TooSlow { .. }), "{late:?}");
    // Row by row: a PNG of any height costs little more than its rows.
    assert!(preview_cost(&bytes, (40, 40), &all) < 900 * 700 * 4);
    let jpeg = encoded(&picture(900, 700, false).to_rgb8().into(), ImageFormat::Jpeg);
    assert!(preview_cost(&jpeg, (40, 40), &all) > 900 * 700 * 3);
    assert_eq!(preview_cost(b"no picture", (40, 40), &all), 0);
}
