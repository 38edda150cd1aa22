//! Pictures that are made to do harm, or that only few programs make. Each is some kilobytes, whatever it claims.

use std::io::{Cursor, Write as _};

use image::{DynamicImage, ImageFormat, RgbaImage};

/// Red, green, blue and yellow quarters.
pub fn quarters(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba(match (x < width / 2, y < height / 2) {
            (true, true) => [230, 20, 20, 255],
            (false, true) => [20, 200, 20, 255],
            (true, false) => [20, 20, 230, 255],
            (false, false) => [230, 210, 20, 255],
        })
    })
    .into()
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let opaque = DynamicImage::from(picture.to_rgb8());
    let picture = if format == ImageFormat::Jpeg { &opaque } else { picture };
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A picture of nothing, which packs a thousandfold.
pub fn empty(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    encoded(&RgbaImage::new(width, height).into(), format)
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A PNG of these chunks, with right checksums.
pub fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks {
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend(*name);
        bytes.extend(data);
        let mut sum = flate2::Crc::new();
        sum.update(*name);
        sum.update(data);
        bytes.extend(sum.sum().to_be_bytes());
    }
    bytes
}

pub fn header(width: u32, height: u32, depth: u8, colour: u8, interlaced: u8) -> (&'static [u8; 4], Vec<u8>) {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    (b"IHDR", [&sides[..], &[depth, colour, 0, 0, interlaced]].concat())
}

/// A small PNG with one more chunk before its pixels.
pub fn png_with(name: &'static [u8; 4], data: Vec<u8>) -> Vec<u8> {
    let pixels = (0..4).flat_map(|_| [&[0][..], &[200; 4]].concat()).collect::<Vec<_>>();
    png(&[
        header(4, 4, 8, 0, 0),
        (name, data),
        (b"IDAT", zlib(&pixels)),
        (b"IEND", Vec::new()),
    ])
}

/// A claim of a size, and pixels for none of it.
pub fn claimed_png(width: u32, height: u32, depth: u8, interlaced: u8) -> Vec<u8> {
    png(&[
        header(width, height, depth, 6, interlaced),
        (b"IDAT", zlib(&[0; 64])),
        (b"IEND", Vec::new()),
    ])
}

/// A colour profile, a text and a picture of a megabyte that become two hundred.
pub fn packed_metadata() -> Vec<Vec<u8>> {
    let bomb = zlib(&vec![0; 200_000_000]);
    vec![
        png_with(b"iCCP", [&b"icc\0\0"[..], &bomb].concat()),
        png_with(b"zTXt", [&b"text\0\0"[..], &bomb].concat()),
        png_with(b"iTXt", [&b"text\0\x01\0\0\0"[..], &bomb].concat()),
    ]
}

/// A GIF with this canvas and one frame of that size, of which the data are a few bytes.
pub fn claimed_gif(canvas: (u16, u16), frame: (u16, u16)) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(canvas.0.to_le_bytes());
    bytes.extend(canvas.1.to_le_bytes());
    bytes.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
    bytes.extend([0x2c, 0, 0, 0, 0]);
    bytes.extend(frame.0.to_le_bytes());
    bytes.extend(frame.1.to_le_bytes());
    bytes.extend([0, 2, 2, 0x4c, 0x01, 0, b';']);
    bytes
}

/// A JPEG with a frame of this size and kind, and a scan of a few bytes.
pub fn claimed_jpeg(width: u16, height: u16, frame: u8, scans: usize) -> Vec<u8> {
    let small = encoded(&quarters(16, 16), ImageFormat::Jpeg);
    let at = small.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let mut bytes = small;
    bytes[at + 1] = frame;
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let end = bytes.len() - 2;
    let one = bytes[scan..end].to_vec();
    bytes.truncate(end);
    for _ in 1..scans {
        bytes.extend(&one);
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// A RIFF file of these chunks.
pub fn webp(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, data) in chunks {
        body.extend(*name);
        body.extend((data.len() as u32).to_le_bytes());
        body.extend(data);
        if data.len() % 2 == 1 {
            body.push(0);
        }
    }
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// The features and the size of the canvas.
pub fn webp_head(flags: u8, width: u32, height: u32) -> (&'static [u8; 4], Vec<u8>) {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    (b"VP8X", [&[flags, 0, 0, 0][..], &side(width), &side(height)].concat())
}

/// The picture chunk of a lossless WebP.
pub fn lossless_chunk(picture: &DynamicImage) -> Vec<u8> {
    let bytes = encoded(picture, ImageFormat::WebP);
    let at = bytes.windows(4).position(|name| name == b"VP8L").unwrap();
    let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
    bytes[at + 8..at + 8 + length].to_vec()
}

/// An animation of these frames.
pub fn animated_webp(frames: &[DynamicImage]) -> Vec<u8> {
    let (width, height) = (frames[0].width(), frames[0].height());
    let mut chunks = vec![webp_head(0x12, width, height), (b"ANIM", vec![0; 6])];
    for frame in frames {
        let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
        let mut data = [vec![0; 6], side(width), side(height), vec![100, 0, 0, 0]].concat();
        let picture = lossless_chunk(frame);
        data.extend(b"VP8L");
        data.extend((picture.len() as u32).to_le_bytes());
        data.extend(&picture);
        if picture.len() % 2 == 1 {
            data.push(0);
        }
        chunks.push((b"ANMF", data));
    }
    webp(&chunks)
}

pub fn animated_gif(frames: &[DynamicImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for frame in frames {
        encoder.encode_frame(image::Frame::new(frame.to_rgba8())).unwrap();
    }
    drop(encoder);
    bytes
}

pub fn animated_png(frames: &[DynamicImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, frames[0].width(), frames[0].height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(frames.len() as u32, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for frame in frames {
        writer.write_image_data(frame.to_rgba8().as_raw()).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

/// Puts a segment behind the start of a JPEG.
pub fn jpeg_with(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, data, &jpeg[2..]].concat()
}

/// A drawing as deep as it is long.
pub fn deep_svg(depth: usize) -> Vec<u8> {
    let mut text = String::from("<svg xmlns='http://www.w3.org/2000/svg'>");
    text.push_str(&"<g>".repeat(depth));
    text.push_str(&"</g>".repeat(depth));
    text.push_str("</svg>");
    text.into_bytes()
}
