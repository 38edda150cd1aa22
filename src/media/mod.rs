//! Bytes of pictures: detect, limits, decode, scale, encode; and the hash that an ETag is. Knows no bucket and no window.
//!
//! Everything here blocks and computes; callers run it off the window's thread.

mod cost;
mod decode;
mod detect;
mod encode;
mod envelope;
mod error;
mod format;
mod limits;
mod location;
mod md5;
mod preview;
mod refit;
mod shrink;
mod text_chunks;
mod transform;
mod upload;
mod xmp;

pub use decode::{PictureInfo, Pixels, decode, inspect};
pub use detect::{MediaType, detect};
pub use encode::encode;
pub use envelope::wrapped_picture;
pub use error::MediaError;
pub use format::{format_bytes, group_thousands};
pub use limits::Limits;
pub use location::{has_location, remove_location};
pub use md5::Md5;
pub use preview::{Preview, preview, preview_cost};
pub use refit::{Refitted, refit};
pub use text_chunks::{Notes, PROVENANCE_KEYWORD, XMP_KEYWORD, notes, with_texts};
pub use transform::{Fit, Gravity, Resize, resize};
pub use upload::{UploadFacts, accepts, check_object, check_upload};
pub use xmp::packet as xmp_packet;
