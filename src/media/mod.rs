//! Bytes of pictures: detect, limits, decode, thumbnails. Knows no bucket and no window.
//!
//! Everything here blocks and computes; callers run it off the window's thread.

mod decode;
mod detect;
mod envelope;
mod error;
mod format;
mod thumbnail;
mod upload;

pub use decode::{Limits, PictureInfo, Pixels, decode, inspect};
pub use detect::{MediaType, detect};
pub use envelope::wrapped_picture;
pub use error::MediaError;
pub use format::{format_bytes, group_thousands};
pub use thumbnail::thumbnail;
pub use upload::{UploadFacts, accepts, check_object, check_upload};
