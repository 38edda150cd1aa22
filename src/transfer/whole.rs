//! Files of this program's own that are written whole or not at all: plans, manifests.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file that takes the place of what was there. If that fails, what was there stays, and nothing is left behind.
/// Blocks.
pub(super) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<NamedTempFile>) -> io::Result<()>,
) -> io::Result<()> {
    let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // The permissions that any new file of the user has.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = BufWriter::new(builder.tempfile_in(folder)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // A name is on disk when its folder is. Windows does not open folders to sync them.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
