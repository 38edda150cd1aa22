//! SVG to PNG.

use resvg::{tiny_skia, usvg};

use super::IllustratorError;

/// Draws the document at `width` × `height` pixels and encodes it as an opaque PNG.
pub fn to_png(svg: &str, width: u32, height: u32) -> Result<Vec<u8>, IllustratorError> {
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default())?;
    let mut pixmap = tiny_skia::Pixmap::new(width, height).ok_or(IllustratorError::Size { width, height })?;
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut pixmap.as_mut());
    encode(&pixmap)
}

/// Every picture is opaque (its sky or wall covers all of it), so three channels say it all.
fn encode(pixmap: &tiny_skia::Pixmap) -> Result<Vec<u8>, IllustratorError> {
    let mut rgb = vec![0; pixmap.data().len() / 4 * 3];
    for (to, from) in rgb.chunks_exact_mut(3).zip(pixmap.data().chunks_exact(4)) {
        to.copy_from_slice(&from[..3]);
    }
    let mut bytes = Vec::with_capacity(rgb.len() / 6);
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(bytes)
}
