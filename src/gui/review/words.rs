//! How troubles and what helps are called.

use crate::media::format_bytes;
use crate::transfer::plan::fix::{Fix, IfTaken, Row, Trouble};

/// A trouble in few words.
pub(super) fn trouble(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused { why } | Trouble::NotMade { why } => why.clone(),
        Trouble::NotAllowed { what, .. } => format!("{} not allowed", in_short(what)),
        Trouble::TooLarge { most, .. } => format!("Over {}", format_bytes(*most)),
        Trouble::Empty { .. } => "Empty file".to_owned(),
        Trouble::BadName { why, .. } => why.clone(),
        Trouble::WrongExtension { .. } => "Wrong extension".to_owned(),
        Trouble::Location { .. } => "Has a location".to_owned(),
        Trouble::SameKey { .. } => "Same key twice".to_owned(),
        Trouble::Taken { .. } => "Key already taken".to_owned(),
        Trouble::Identical => "Already there".to_owned(),
        Trouble::LeftOut => "Left out".to_owned(),
    }
}

/// A kind of picture by its name, any other media type by what it is a type of: there is room for a word.
fn in_short(what: &str) -> &str {
    match what.split_once('/') {
        None => what,
        Some(("text", _)) => "Text",
        Some(("image", _)) => "This picture",
        Some(("audio", _)) => "Audio",
        Some(("video", _)) => "Video",
        Some(_) => "This type",
    }
}

/// The same as a sentence, for the tooltip.
pub(super) fn whole(trouble: &Trouble, rows: &[Row]) -> String {
    match trouble {
        Trouble::Refused { why } | Trouble::NotMade { why } => why.clone(),
        Trouble::NotAllowed { what, into } if into.is_empty() => {
            format!("The bucket does not take {what}, and it cannot be made into something else here.")
        }
        Trouble::NotAllowed { what, .. } => format!("The bucket does not take {what}."),
        Trouble::TooLarge { most, into } if into.is_empty() => format!(
            "The bucket takes files of up to {}, and only pictures can be made smaller here.",
            format_bytes(*most)
        ),
        Trouble::TooLarge { most, .. } => format!("The bucket takes files of up to {}.", format_bytes(*most)),
        Trouble::Empty { .. } => "There is nothing in this file.".to_owned(),
        Trouble::BadName { why, .. } => format!("The name cannot be a key: {why}."),
        Trouble::WrongExtension { says, is } => format!("It is called .{says} and is {}.", is.described()),
        Trouble::Location { can_be_removed: true } => {
            "The picture says where it was taken. That is removed from a copy; the pixels and your file stay as they are."
                .to_owned()
        }
        Trouble::Location { .. } => {
            "The picture says where it was taken, and is too large for that to be removed here.".to_owned()
        }
        Trouble::SameKey { other } => {
            let other = rows.get(*other as usize).map(|row| row.source().path.display().to_string());
            format!("{} has that key already.", other.unwrap_or_default())
        }
        Trouble::Taken { was_compared: true } => "Something else is stored under that key.".to_owned(),
        Trouble::Taken { .. } => {
            "Something of the same size is stored under that key, and the server tells no hash of it.".to_owned()
        }
        Trouble::Identical => "The same bytes are stored under that key.".to_owned(),
        Trouble::LeftOut => "You left it out.".to_owned(),
    }
}

/// What is done, on a button or in a menu.
pub(super) fn fix(trouble: &Trouble, fix: Fix) -> String {
    match fix {
        Fix::Skip => "Skip".to_owned(),
        Fix::Upload => match trouble {
            Trouble::LeftOut => "Upload".to_owned(),
            _ => "Upload anyway".to_owned(),
        },
        Fix::UseSuggestion => "Use suggestion".to_owned(),
        Fix::Escape => "Escape the name".to_owned(),
        Fix::RenameExtension => match trouble {
            Trouble::WrongExtension { is, .. } => format!("Rename to .{}", is.extension()),
            _ => "Rename".to_owned(),
        },
        Fix::KeepName => "Keep the name".to_owned(),
        Fix::Convert(kind) => format!("Convert to {}", kind.name()),
        Fix::Resize(_) => "Resize".to_owned(),
        Fix::Replace => "Replace".to_owned(),
        Fix::KeepBoth => "Keep both".to_owned(),
        Fix::RemoveLocation => "Remove it".to_owned(),
        Fix::KeepLocation => "Keep it".to_owned(),
    }
}

/// What a choice means, quietly beside it.
pub(super) fn detail(fix: Fix) -> &'static str {
    match fix {
        Fix::Replace => "old one to trash",
        Fix::KeepBoth => "adds a number",
        Fix::Escape => "can be turned back",
        _ => "",
    }
}

/// What becomes of taken keys: the words and what they mean.
pub(super) fn taken(taken: IfTaken) -> (&'static str, &'static str) {
    match taken {
        IfTaken::Ask => ("Ask for each", "Nothing is replaced silently"),
        IfTaken::Replace => ("Replace, old one to trash", "Restore for 30 days"),
        IfTaken::KeepBoth => ("Keep both", "Adds a number to the new one"),
        IfTaken::Skip => ("Skip", "Leave the stored file alone"),
    }
}
