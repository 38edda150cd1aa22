//! What a file is, told from its beginning: type, dimensions of pictures, whether the bucket takes it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};

use super::compare::READS;
use super::request::blocking;
use super::walk::{Found, What};
use super::{PlanError, Planner, Step};
use crate::media;
use crate::supabase::Bucket;

/// Bytes that a file's type and dimensions are told from.
const HEAD: u64 = 64 << 10;
/// Bytes that are read where a picture's dimensions stand behind a preview of its own.
const LONG_HEAD: u64 = 1 << 20;
/// Files looked at one after the other before others may.
const CHUNK: usize = 32;

/// What is known of a file by its beginning.
#[derive(Default)]
pub(super) struct Head {
    /// What it is by content.
    pub(super) kind: Option<media::MediaType>,
    pub(super) media_type: Option<String>,
    pub(super) dimensions: Option<(u32, u32)>,
    /// Why it is not taken, as a sentence.
    pub(super) refused: Option<String>,
}

impl Planner<'_> {
    /// Looks into all files, some at once; the answers are in their order.
    pub(super) async fn heads(&self, found: &[Found], bucket: &Bucket) -> Result<Vec<Head>, PlanError> {
        let limits = Arc::new((bucket.file_size_limit, bucket.allowed_mime_types.clone()));
        let chunks: Vec<Vec<Option<(PathBuf, u64)>>> = found
            .chunks(CHUNK)
            .map(|chunk| {
                let file = |found: &Found| match found.what {
                    What::File { size, .. } => Some((found.path.clone(), size)),
                    What::Refused(_) | What::Manifest => None,
                };
                chunk.iter().map(file).collect()
            })
            .collect();
        let count = chunks.len();
        let work = stream::iter(chunks)
            .map(|chunk| {
                let (limits, stop) = (Arc::clone(&limits), self.stop.clone());
                async move {
                    let read = move || -> Result<Vec<Head>, PlanError> {
                        chunk
                            .into_iter()
                            .map(|file| match file {
                                _ if stop.is_cancelled() => Err(PlanError::Stopped),
                                Some((path, size)) => Ok(head(&path, size, limits.0, limits.1.as_deref())),
                                None => Ok(Head::default()),
                            })
                            .collect()
                    };
                    blocking(read).await
                }
            })
            .buffered(READS);
        let heads = self.gather(Step::Looking, count, work).await?;
        Ok(heads.into_iter().flatten().collect())
    }
}

/// The beginning of a file, told apart.
pub(super) fn head(path: &Path, size: u64, most: Option<u64>, allowed: Option<&[String]>) -> Head {
    // Room for all of it: else the system would be asked for it in ever larger bits.
    let mut bytes = Vec::with_capacity(usize::try_from(size.saturating_add(1).min(HEAD)).unwrap_or_default());
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Head {
            refused: Some(format!("It cannot be read: {error}.")),
            ..Head::default()
        };
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let kind = media::detect(&bytes);
    let media_type = match media::check_object(&name, &bytes, size, most, allowed) {
        Ok(media_type) => media_type,
        Err(error) => {
            return Head {
                kind,
                refused: Some(error.to_string()),
                ..Head::default()
            };
        }
    };
    let dimensions = media_type
        .starts_with("image/")
        .then(|| dimensions(path, &bytes, size))
        .flatten();
    Head {
        kind,
        media_type: Some(media_type),
        dimensions,
        refused: None,
    }
}

fn dimensions(path: &Path, head: &[u8], size: u64) -> Option<(u32, u32)> {
    if !media::detect(head).is_some_and(media::MediaType::is_picture_we_show) {
        return None;
    }
    let size_of = |info: media::PictureInfo| (info.width, info.height);
    if let Ok(info) = media::inspect(head) {
        return Some(size_of(info));
    }
    if size <= HEAD {
        return None;
    }
    let mut longer = Vec::new();
    File::open(path).ok()?.take(LONG_HEAD).read_to_end(&mut longer).ok()?;
    media::inspect(&longer).ok().map(size_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn encoded(format: image::ImageFormat) -> Vec<u8> {
        // Noise, so that no format makes it small.
        let picture = image::RgbImage::from_fn(400, 300, |x, y| {
            image::Rgb([x, y, x * 7 + y * 13].map(|n| (n * n % 251) as u8))
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn pictures_are_measured_by_their_headers() {
        use image::ImageFormat::{Gif, Jpeg, Png, WebP};
        for (format, media_type) in [
            (Png, "image/png"),
            (Jpeg, "image/jpeg"),
            (WebP, "image/webp"),
            (Gif, "image/gif"),
        ] {
            let bytes = encoded(format);
            // The name says something else, and is not believed.
            let (_folder, path) = written("a.txt", &bytes);
            let head = head(&path, bytes.len() as u64, None, None);
            assert_eq!(head.media_type.as_deref(), Some(media_type));
            assert_eq!(
                head.dimensions,
                Some((400, 300)),
                "{media_type} of {} bytes",
                bytes.len()
            );
        }
    }

    #[test]
    fn a_preview_before_the_picture_does_not_hide_it() {
        let picture = encoded(image::ImageFormat::Jpeg);
        let mut bytes = picture[..2].to_vec();
        for _ in 0..3 {
            bytes.extend([0xff, 0xef, 0xff, 0xff]);
            bytes.extend(vec![0; 0xffff - 2]);
        }
        bytes.extend(&picture[2..]);
        let (_folder, path) = written("a.jpg", &bytes);
        assert_eq!(head(&path, bytes.len() as u64, None, None).dimensions, Some((400, 300)));
    }

    #[test]
    fn what_the_bucket_does_not_take_is_refused() {
        let (_folder, path) = written("a.txt", b"text");
        assert_eq!(head(&path, 4, None, None).media_type.as_deref(), Some("text/plain"));
        let types = ["image/*".to_owned()];
        let refused = head(&path, 4, None, Some(&types)).refused.unwrap();
        assert!(refused.contains("text/plain"), "{refused}");
        assert!(head(&path, 4, Some(3), None).refused.is_some());
        let damaged = head(&path.with_file_name("none"), 4, None, None).refused.unwrap();
        assert!(damaged.starts_with("It cannot be read"), "{damaged}");
    }

    #[test]
    fn a_damaged_picture_has_no_dimensions_and_is_taken() {
        let (_folder, path) = written("a.png", b"\x89PNG\r\n\x1a\n");
        let head = head(&path, 8, None, None);
        assert_eq!(
            (head.media_type.as_deref(), head.dimensions, head.refused),
            (Some("image/png"), None, None)
        );
    }
}
