//! What opening a picture costs in memory, told from its header: asked before the memory is taken.

use super::detect::MediaType;

/// What any decoder needs besides: tables, windows, chunks of metadata.
const BESIDES: u64 = 2_000_000;

/// Bytes of memory that decoding takes at its peak, the decoded pixels (`decoded` bytes) included. An upper bound of what the
/// decoders were seen to take.
pub(super) fn decoding(kind: MediaType, bytes: &[u8], (width, height): (u32, u32), decoded: u64) -> u64 {
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    let length = bytes.len() as u64;
    let own = match kind {
        MediaType::Jpeg => {
            let frame = jpeg_frame(bytes);
            let coefficients = frame.filter(|frame| frame.keeps_coefficients);
            // The file is copied; some rows of blocks are kept as they are and scaled up.
            let rows = u64::from(width).saturating_mul(4 * 64);
            let kept = coefficients.map_or(0, |frame| pixels.saturating_mul(2 * frame.samples_per_8_pixels) / 8);
            length.saturating_add(rows).saturating_add(kept)
        }
        // Lossy: brightness and colour at one and a half bytes a pixel, transparency decoded as a picture of its own and kept.
        // Lossless: all pixels once more. Animated: the canvas and a frame.
        MediaType::Webp => pixels.saturating_mul(7).saturating_add(length.saturating_mul(2)),
        // A frame that does not fill the canvas has pixels of its own.
        MediaType::Gif => pixels.saturating_mul(4),
        // Rows of 16 bits, filtered and not, some of them ahead of where it is.
        _ => u64::from(width).saturating_mul(8 * 4),
    };
    decoded.saturating_add(own).saturating_add(BESIDES)
}

/// What matters here of a JPEG's frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct JpegFrame {
    /// Whether coefficients are kept until the last scan: progressive, or one scan a component.
    keeps_coefficients: bool,
    /// Samples of all components for eight pixels: 24 without subsampling, 12 with the usual one.
    samples_per_8_pixels: u64,
}

/// Walks over the segments up to the first scan.
fn jpeg_frame(bytes: &[u8]) -> Option<JpegFrame> {
    let mut frame = None;
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        let segment = usize::from(u16::from_be_bytes([high, low]));
        match marker {
            // Fill bytes may stand before a marker.
            0xff => {
                at += 1;
                continue;
            }
            // Start of frame, all ways of coding; 0xc4, 0xc8 and 0xcc are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let components = bytes.get(at + 10..)?;
                let count = usize::from(*bytes.get(at + 9)?);
                let sampling: Vec<(u64, u64)> = components
                    .chunks_exact(3)
                    .take(count)
                    .map(|component| (u64::from(component[1] >> 4), u64::from(component[1] & 15)))
                    .collect();
                let widest = sampling.iter().map(|(across, _)| *across).max()?.max(1);
                let tallest = sampling.iter().map(|(_, down)| *down).max()?.max(1);
                let blocks: u64 = sampling.iter().map(|(across, down)| across * down).sum();
                frame = Some(JpegFrame {
                    keeps_coefficients: marker != 0xc0 && marker != 0xc1,
                    samples_per_8_pixels: (blocks * 8).div_ceil(widest * tallest).max(8),
                });
            }
            // Start of scan: one of fewer components than the frame has is followed by others.
            0xda => {
                let in_scan = u64::from(*bytes.get(at + 4)?);
                let mut found = frame?;
                found.keeps_coefficients |= in_scan == 1 && found.samples_per_8_pixels > 8;
                return Some(found);
            }
            _ => {}
        }
        at += 2 + segment;
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(marker: u8, sampling: &[u8], in_scan: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, marker];
        bytes.extend((8 + 3 * sampling.len() as u16).to_be_bytes());
        bytes.extend([8, 0, 16, 0, 16, sampling.len() as u8]);
        for (id, sampling) in (1..).zip(sampling) {
            bytes.extend([id, *sampling, 0]);
        }
        bytes.extend([0xff, 0xda, 0, 8, in_scan, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn the_frame_tells_what_is_kept() {
        for (marker, sampling, in_scan, keeps, samples) in [
            (0xc0, &[0x22, 0x11, 0x11][..], 3, false, 12),
            (0xc0, &[0x11, 0x11, 0x11], 3, false, 24),
            (0xc0, &[0x22, 0x11, 0x11], 1, true, 12),
            (0xc2, &[0x11, 0x11, 0x11], 3, true, 24),
            (0xc2, &[0x11, 0x11, 0x11, 0x11], 1, true, 32),
            (0xc0, &[0x11], 1, false, 8),
        ] {
            let frame = jpeg_frame(&jpeg(marker, sampling, in_scan)).unwrap();
            assert_eq!((frame.keeps_coefficients, frame.samples_per_8_pixels), (keeps, samples));
        }
    }

    #[test]
    fn a_header_that_is_cut_off_or_lies_does_no_harm() {
        let whole = jpeg(0xc2, &[0x22, 0x11, 0x11], 3);
        for end in 0..whole.len() {
            let _ = jpeg_frame(&whole[..end]);
        }
        assert_eq!(jpeg_frame(&jpeg(0xc0, &[], 3)), None);
        assert!(jpeg_frame(&jpeg(0xc0, &[0, 0], 0)).is_some());
    }
}
