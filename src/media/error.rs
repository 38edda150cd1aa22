//! What can be wrong with a picture, in sentences for the person who chose it.

use super::detect::MediaType;
use super::format::{format_bytes, group_thousands};

/// Why bytes are not taken as a picture. The messages are shown as they are.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// No bytes at all.
    #[error("The file is empty.")]
    Empty,
    /// Something that is recognised, but no picture.
    #[error("This is not a picture: it begins like {}.", .0.described())]
    NotAPicture(MediaType),
    /// A picture of a kind that is not decoded here.
    #[error("This is {}. Save it as PNG, JPEG, WebP or GIF and try again.", .0.described())]
    KindNotShown(MediaType),
    /// Nothing that is recognised.
    #[error("This is not a picture of a known kind. PNG, JPEG, WebP and GIF are understood.")]
    Unknown,
    /// A stored upload form with the picture inside; see [`super::wrapped_picture`].
    #[error("This file is a whole upload form with the picture inside it. Take the picture out first.")]
    Wrapped,
    /// The data ends before the picture does.
    #[error("The file ends too early; it may have been cut off while it was copied.")]
    CutOff,
    /// The data contradicts itself.
    #[error("The {kind} is damaged and cannot be read.")]
    Damaged {
        /// What it begins like.
        kind: MediaType,
        /// What the decoder said.
        #[source]
        source: image::ImageError,
    },
    /// More bytes than are decoded here.
    #[error("{}", too_large("this program opens", *.size, *.most))]
    TooLarge {
        /// Bytes given.
        size: u64,
        /// Bytes possible.
        most: u64,
    },
    /// More pixels than are decoded here. Seen from the header alone, before memory is taken.
    #[error(
        "The picture is {} × {} pixels; up to {} megapixels are opened here. Save it smaller and try again.",
        group_thousands(u64::from(*.width)), group_thousands(u64::from(*.height)), .most / 1_000_000
    )]
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Pixels possible in all.
        most: u64,
    },
    /// Decoding would take more memory than allowed.
    #[error("Opening the picture would take more memory than the {} it may have.", format_bytes(*.most))]
    TooMuchMemory {
        /// Bytes of memory possible.
        most: u64,
    },
    /// Decoding took longer than allowed.
    #[error("The picture took more than {} seconds to open and was given up.", .most.as_secs())]
    TooSlow {
        /// The time possible.
        most: std::time::Duration,
    },
    /// More bytes than the bucket accepts. Storage would answer 413 `EntityTooLarge` after the upload.
    #[error("{}", too_large("the bucket accepts", *.size, *.most))]
    LargerThanBucket {
        /// Bytes of the picture.
        size: u64,
        /// The bucket's limit.
        most: u64,
    },
    /// A type that the bucket does not list. Storage would answer 415 `InvalidMimeType` after the upload.
    #[error("This is {}, and the bucket accepts {}.", .kind.described(), list(.allowed))]
    NotAllowed {
        /// What it is.
        kind: MediaType,
        /// What the bucket lists.
        allowed: Vec<String>,
    },
    /// A file of a type that the bucket does not list.
    #[error("This is {mime}, and the bucket accepts {}.", list(.allowed))]
    TypeNotAllowed {
        /// Its type.
        mime: String,
        /// What the bucket lists.
        allowed: Vec<String>,
    },
    /// The pixels could not be scaled.
    #[error("The picture could not be scaled.")]
    Scale(#[from] fast_image_resize::ResizeError),
}

/// "The picture has 6.8 MB; the bucket accepts up to 5 MB.", exact where the short numbers would look the same.
fn too_large(who: &str, size: u64, most: u64) -> String {
    let (mut has, mut limit) = (format_bytes(size), format_bytes(most));
    if has == limit {
        has = format!("{} bytes", group_thousands(size));
        limit = format!("{} bytes", group_thousands(most));
    }
    format!("The picture has {has}; {who} up to {limit}.")
}

/// `image/png`, `image/png and image/webp`, `image/png, image/webp and image/gif`.
fn list(types: &[String]) -> String {
    match types {
        [] => "nothing".to_owned(),
        [one] => format!("only {one}"),
        [first @ .., last] => format!("only {} and {last}", first.join(", ")),
    }
}
