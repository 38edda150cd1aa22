use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::media::{Limits, MediaType, Pixels, decode, encode};

/// A TIFF with a camera's name, an orientation and a place, in either order of bytes.
fn tiff(little: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let two = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    let four = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    bytes.extend(if little { b"II*\0" } else { b"MM\0*" });
    bytes.extend(four(8));
    // Three entries: orientation, the camera's name behind everything, the place.
    bytes.extend(two(3));
    bytes.extend([&two(0x0112)[..], &two(3), &four(1), &two(6), &two(0)].concat());
    bytes.extend([&two(0x0110)[..], &two(2), &four(8), &four(200)].concat());
    bytes.extend([&two(GPS_DIRECTORY)[..], &two(4), &four(1), &four(60)].concat());
    bytes.extend(four(0));
    bytes.resize(60, 0);
    bytes.extend(two(2));
    bytes.extend([&two(1)[..], &two(2), &four(2), b"N\0\0\0"].concat());
    bytes.extend([&two(2)[..], &two(5), &four(3), &four(120)].concat());
    bytes.extend(four(0));
    bytes.resize(120, 0);
    bytes.extend([four(48), four(1), four(51), four(1), four(4_711), four(100)].concat());
    bytes.resize(200, 0);
    bytes.extend(b"Camera7\0");
    bytes
}

const XMP: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/"
 exif:GPSLatitude="48,51.29N" dc:title="Fox" exif:GPSLongitude='2,17.4E'><exif:GPSAltitude>35/1</exif:GPSAltitude>
 <exif:GPSTimeStamp/></rdf:Description></x:xmpmeta>"#;

fn picture(kind: MediaType) -> Vec<u8> {
    let rgba = (0..40_u32 * 30)
        .flat_map(|at| [at as u8, (at / 3) as u8, 99, 255])
        .collect();
    encode(&Pixels::new(40, 30, rgba).unwrap(), kind, 90).unwrap()
}

fn jpeg_with(blocks: &[Vec<u8>]) -> Vec<u8> {
    let plain = picture(MediaType::Jpeg);
    let mut bytes = plain[..2].to_vec();
    for block in blocks {
        bytes.extend([0xff, 0xe1]);
        bytes.extend((block.len() as u16 + 2).to_be_bytes());
        bytes.extend(block);
    }
    bytes.extend(&plain[2..]);
    bytes
}

fn png_with(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let plain = picture(MediaType::Png);
    // Behind the header: 8 bytes of signature, 25 of IHDR.
    let mut bytes = plain[..33].to_vec();
    for (name, data) in chunks {
        bytes.extend((data.len() as u32).to_be_bytes());
        let body = [&name[..], data].concat();
        bytes.extend(&body);
        bytes.extend(crc(&body).to_be_bytes());
    }
    bytes.extend(&plain[33..]);
    bytes
}

fn webp_with(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = picture(MediaType::Webp);
    for (name, data) in chunks {
        bytes.extend(*name);
        bytes.extend((data.len() as u32).to_le_bytes());
        bytes.extend(data);
        bytes.resize(bytes.len() + bytes.len() % 2, 0);
    }
    let length = (bytes.len() as u32 - 8).to_le_bytes();
    bytes[4..8].copy_from_slice(&length);
    bytes
}

fn exif(little: bool) -> Vec<u8> {
    [&b"Exif\0\0"[..], &tiff(little)].concat()
}

fn xmp() -> Vec<u8> {
    [&b"http://ns.adobe.com/xap/1.0/\0"[..], XMP.as_bytes()].concat()
}

fn itxt() -> Vec<u8> {
    [&b"XML:com.adobe.xmp\0\0\0\0\0"[..], XMP.as_bytes()].concat()
}

fn is_there(bytes: &[u8]) -> bool {
    has_location(&mut Cursor::new(bytes)).unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

#[test]
fn a_place_is_found_and_removed_wherever_cameras_write_it() {
    let pictures = [
        ("jpeg", jpeg_with(&[exif(true)])),
        ("jpeg, big endian", jpeg_with(&[exif(false)])),
        ("jpeg, XMP", jpeg_with(&[xmp()])),
        ("jpeg, both", jpeg_with(&[exif(true), xmp()])),
        ("png", png_with(&[(b"eXIf", tiff(true))])),
        ("png, XMP", png_with(&[(b"iTXt", itxt())])),
        (
            "png, of ImageMagick",
            png_with(&[(b"zTXt", b"Raw profile type exif\0\0packed".to_vec())]),
        ),
        (
            "webp",
            webp_with(&[(b"EXIF", tiff(false)), (b"XMP ", XMP.as_bytes().to_vec())]),
        ),
    ];
    for (name, original) in pictures {
        assert!(is_there(&original), "{name}");
        let mut bytes = original.clone();
        assert!(remove_location(&mut bytes), "{name}");
        assert!(!is_there(&bytes), "{name}: still there");
        assert!(!remove_location(&mut bytes), "{name}: nothing is left to remove");
        assert_eq!(bytes.len(), original.len(), "{name}");
        for gone in [
            &b"48,51"[..],
            b"2,17.4E",
            b"GPSAltitude",
            &4_711_u32.to_le_bytes(),
            &4_711_u32.to_be_bytes(),
        ] {
            assert!(!contains(&bytes, gone), "{name}: {}", gone.escape_ascii());
        }
        // Every pixel, and whatever else was said of it.
        let pixels = |bytes: &[u8]| decode(bytes, &Limits::default()).unwrap();
        assert_eq!(pixels(&bytes), pixels(&original), "{name}");
        for stays in [&b"Camera7"[..], b"dc:title=\"Fox\""] {
            assert_eq!(contains(&bytes, stays), contains(&original, stays), "{name}");
        }
    }
}

#[test]
fn pictures_behind_the_first_one_are_looked_into() {
    let mut bytes = jpeg_with(&[]);
    let mpf = [&[0xff, 0xe2, 0, 8][..], b"MPF\0xx"].concat();
    bytes.splice(2..2, mpf);
    bytes.extend(jpeg_with(&[exif(true)]));
    assert!(is_there(&bytes));
    assert!(remove_location(&mut bytes));
    assert!(!is_there(&bytes));
}

#[test]
fn what_says_nothing_is_left_as_it_is() {
    let without = tiff(true)[..22].to_vec();
    for original in [
        picture(MediaType::Jpeg),
        picture(MediaType::Png),
        picture(MediaType::Webp),
        jpeg_with(&[[&b"Exif\0\0"[..], &without].concat()]),
        png_with(&[(b"tEXt", b"Comment\0exif:GPSLatitude is a name".to_vec())]),
        b"not a picture with exif:GPSLatitude=\"1\"".to_vec(),
        Vec::new(),
    ] {
        let mut bytes = original.clone();
        assert!(!is_there(&bytes), "{:?}", detect(&bytes));
        assert!(!remove_location(&mut bytes));
        assert_eq!(bytes, original);
    }
}

proptest! {
    #[test]
    fn damaged_files_do_no_harm(which in 0..4_usize, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40), cut in any::<prop::sample::Index>()) {
        let mut bytes = [
            jpeg_with(&[exif(true), xmp()]),
            jpeg_with(&[exif(false)]),
            png_with(&[(b"eXIf", tiff(true)), (b"iTXt", itxt())]),
            webp_with(&[(b"EXIF", tiff(false)), (b"XMP ", XMP.as_bytes().to_vec())]),
        ][which].clone();
        // The metadata is near the beginning, but for WebP.
        let near = if which == 3 { bytes.len() } else { 500.min(bytes.len()) };
        for (at, with) in flips {
            let at = at.index(near);
            bytes[at] = with;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let _ = has_location(&mut Cursor::new(&bytes));
        let length = bytes.len();
        let _ = remove_location(&mut bytes);
        prop_assert_eq!(bytes.len(), length);
    }
}
