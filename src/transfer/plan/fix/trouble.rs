//! What may be wrong with a file on its way into a bucket, and what can be done about it.

use crate::media::MediaType;

/// Something about a file that has to be decided, by a rule or by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be sent at all.
    Refused {
        /// Why, as a sentence.
        why: String,
    },
    /// The bucket does not take its type.
    NotAllowed {
        /// "HEIC", "text/plain".
        what: String,
        /// What it can be made into and the bucket takes.
        into: Vec<MediaType>,
    },
    /// It has more bytes than the bucket takes.
    TooLarge {
        /// The bucket's limit.
        most: u64,
        /// What it can be made into, smaller; the first is what it is, where that can be written.
        into: Vec<MediaType>,
    },
    /// It could not be made into something else.
    NotMade {
        /// Why, as a sentence.
        why: String,
    },
    /// Nothing is in it.
    Empty {
        /// Whether it is called like a picture, which an empty file is none of.
        is_picture: bool,
    },
    /// Its name is no key.
    BadName {
        /// Why, in few words.
        why: String,
        /// Whether there is a name that would do.
        can_be_suggested: bool,
    },
    /// Its extension says something else than its bytes.
    WrongExtension {
        /// What it says.
        says: String,
        /// What it is.
        is: MediaType,
    },
    /// It says where it was taken.
    Location {
        /// Whether that can be removed.
        can_be_removed: bool,
    },
    /// Another file of the same upload has that key.
    SameKey {
        /// The number of the other one, from 0.
        other: u32,
    },
    /// Something else is at its key.
    Taken {
        /// Whether it could be compared.
        was_compared: bool,
    },
    /// The same bytes are at its key.
    Identical,
    /// Somebody left it out.
    LeftOut,
}

/// Troubles that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// See [`Trouble::Refused`].
    Refused,
    /// See [`Trouble::NotAllowed`].
    NotAllowed,
    /// See [`Trouble::TooLarge`].
    TooLarge,
    /// See [`Trouble::NotMade`].
    NotMade,
    /// See [`Trouble::Empty`].
    Empty,
    /// See [`Trouble::BadName`].
    BadName,
    /// See [`Trouble::WrongExtension`].
    WrongExtension,
    /// See [`Trouble::Location`].
    Location,
    /// See [`Trouble::SameKey`].
    SameKey,
    /// See [`Trouble::Taken`].
    Taken,
    /// See [`Trouble::Identical`].
    Identical,
    /// See [`Trouble::LeftOut`].
    LeftOut,
}

/// What is done about a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fix {
    /// The file is not uploaded.
    Skip,
    /// It is uploaded as it is.
    Upload,
    /// It gets a name that is a key and can be read.
    UseSuggestion,
    /// It gets a name from which its own can be computed again.
    Escape,
    /// It gets the extension of what it is.
    RenameExtension,
    /// It keeps its name.
    KeepName,
    /// It is made into another kind, as large as the bucket takes.
    Convert(MediaType),
    /// It is made as small as the bucket takes.
    Resize(MediaType),
    /// What is there goes to the trash.
    Replace,
    /// It gets a number.
    KeepBoth,
    /// Where it was taken is removed.
    RemoveLocation,
    /// Where it was taken stays in it.
    KeepLocation,
}

impl Trouble {
    /// What it is like.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused { .. } => Kind::Refused,
            Self::NotAllowed { .. } => Kind::NotAllowed,
            Self::TooLarge { .. } => Kind::TooLarge,
            Self::NotMade { .. } => Kind::NotMade,
            Self::Empty { .. } => Kind::Empty,
            Self::BadName { .. } => Kind::BadName,
            Self::WrongExtension { .. } => Kind::WrongExtension,
            Self::Location { .. } => Kind::Location,
            Self::SameKey { .. } => Kind::SameKey,
            Self::Taken { .. } => Kind::Taken,
            Self::Identical => Kind::Identical,
            Self::LeftOut => Kind::LeftOut,
        }
    }

    /// What can be done about it, the best first. Nothing about what cannot be sent.
    #[must_use]
    pub fn fixes(&self) -> Vec<Fix> {
        let mut fixes = match self {
            Self::Refused { .. } => return Vec::new(),
            Self::NotAllowed { into, .. } => into.iter().copied().map(Fix::Convert).collect(),
            Self::TooLarge { into, .. } => into
                .iter()
                .enumerate()
                .map(|(at, kind)| {
                    if at == 0 {
                        Fix::Resize(*kind)
                    } else {
                        Fix::Convert(*kind)
                    }
                })
                .collect(),
            Self::NotMade { .. } => Vec::new(),
            Self::Empty { .. } | Self::LeftOut => vec![Fix::Upload],
            Self::BadName { can_be_suggested, .. } if *can_be_suggested => vec![Fix::UseSuggestion, Fix::Escape],
            Self::BadName { .. } => Vec::new(),
            Self::WrongExtension { .. } => vec![Fix::RenameExtension, Fix::KeepName],
            Self::Location { can_be_removed } if *can_be_removed => vec![Fix::RemoveLocation, Fix::KeepLocation],
            Self::Location { .. } => vec![Fix::KeepLocation],
            Self::SameKey { .. } => vec![Fix::KeepBoth],
            Self::Taken { .. } => vec![Fix::Replace, Fix::KeepBoth],
            Self::Identical => vec![Fix::Skip, Fix::Replace, Fix::KeepBoth],
        };
        if !fixes.contains(&Fix::Skip) {
            fixes.push(Fix::Skip);
        }
        fixes
    }

    /// What is done if nobody says otherwise; None asks.
    pub(super) fn usual(&self) -> Option<Fix> {
        match self {
            Self::Refused { .. } | Self::Identical | Self::LeftOut => Some(Fix::Skip),
            Self::NotAllowed { into, .. } if into.is_empty() => Some(Fix::Skip),
            Self::TooLarge { into, .. } if into.is_empty() => Some(Fix::Skip),
            Self::NotAllowed { .. } | Self::TooLarge { .. } | Self::BadName { .. } | Self::WrongExtension { .. } => {
                self.fixes().first().copied().filter(|fix| *fix != Fix::Skip)
            }
            Self::Empty { is_picture: false } => Some(Fix::Upload),
            Self::Location { can_be_removed: true } => Some(Fix::RemoveLocation),
            Self::Empty { .. }
            | Self::Location { .. }
            | Self::NotMade { .. }
            | Self::SameKey { .. }
            | Self::Taken { .. } => None,
        }
    }
}
