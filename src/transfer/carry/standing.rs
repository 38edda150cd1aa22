//! What is at the name of a file that an object is to become: nothing, the very file, or another one.

use std::io;
use std::path::Path;

use super::Carried;
use super::Carry;
use super::content::{Hashes, etag_md5};
use super::failure::{blocking, unwritable};
use super::folder::{self, Folder};
use super::kept::Kept;
use super::proof::is_same;
use crate::transfer::job::{Content, Failure};
use crate::transfer::plan::{Action, Seen};

/// What is at a file's name.
pub(super) enum Standing {
    /// Nothing, or what is to be replaced.
    Free,
    /// The file that is to be there.
    Ours,
    Other,
}

impl Standing {
    pub(super) fn carried(self, path: &Path) -> Result<Option<Carried>, Failure> {
        match self {
            Self::Free => Ok(None),
            Self::Ours => Ok(Some(Carried::Identical)),
            Self::Other => Err(unwritable(path, &io::ErrorKind::AlreadyExists.into())),
        }
    }
}

/// By what it is judged what is at a file's name.
pub(super) struct Look {
    replaces: Option<Seen>,
    expected: Option<Content>,
}

impl Look {
    pub(super) fn of(carry: &Carry<'_>, kept: &Kept) -> Self {
        let plan = &carry.item.plan;
        Self {
            replaces: plan.replaces.clone().filter(|_| plan.action == Action::Replace),
            expected: expected(carry, kept),
        }
    }

    /// Blocks.
    pub(super) fn at(&self, folder: &Folder) -> io::Result<Standing> {
        let Some(there) = folder.look()? else {
            return Ok(Standing::Free);
        };
        let planned = self.replaces.as_ref();
        if planned.is_some_and(|planned| there.is_file() && folder::is_as_planned(&there, planned)) {
            return Ok(Standing::Free);
        }
        // Our own of before, perhaps: a program that ends between the name and the journal.
        let same = match &self.expected {
            Some(expected) if there.is_file() && expected.size.is_none_or(|size| size == there.len()) => folder
                .read()?
                .map(hash)
                .transpose()?
                .is_some_and(|found| is_same(&found, expected)),
            _ => false,
        };
        Ok(if same { Standing::Ours } else { Standing::Other })
    }
}

/// What is at the file's name already. None: it may be written.
pub(super) async fn standing(carry: &Carry<'_>, kept: &Kept, path: &Path) -> Result<Option<Carried>, Failure> {
    let (look, root, shown) = (Look::of(carry, kept), carry.rules.root.clone(), path.to_owned());
    let looked = blocking(move || look.at(&Folder::open(root.as_deref(), &shown)?));
    let standing = looked.await?.map_err(|error| unwritable(path, &error))?;
    standing.carried(path)
}

/// What the whole file will have, as far as that can be told before it is there.
fn expected(carry: &Carry<'_>, kept: &Kept) -> Option<Content> {
    if let Some(whole) = &kept.whole {
        return Some(whole.clone());
    }
    let plan = &carry.item.plan;
    Some(Content {
        size: plan.size.or(plan.seen.size),
        md5: Some(plan.seen.etag.as_deref().and_then(etag_md5)?),
        ..Content::default()
    })
}

fn hash(mut file: std::fs::File) -> io::Result<Content> {
    struct Into<'a>(&'a mut Hashes);
    impl io::Write for Into<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hashes = Hashes::default();
    io::copy(&mut file, &mut Into(&mut hashes))?;
    Ok(hashes.finish())
}

/// What a file that is there has.
pub(super) async fn content_of(carry_root: Option<&Path>, path: &Path) -> Result<Option<Content>, Failure> {
    let (root, shown) = (carry_root.map(Path::to_owned), path.to_owned());
    let read = blocking(move || Folder::open(root.as_deref(), &shown)?.read()?.map(hash).transpose());
    read.await?.map_err(|error| unwritable(path, &error))
}
