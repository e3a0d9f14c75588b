//! Files that are flushed before anything rests on them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Writes a file that is not there yet, for its owner alone.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Replaces a file, or makes it, in one step.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync(dir)
}

/// Opens a file, made empty for its owner alone where it is not there; one that may only be
/// read will do.
pub(super) fn open_or_make(path: &Path) -> io::Result<File> {
    let made = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    made.or_else(|error| File::open(path).map_err(|_| error))
}

/// Flushes the names in a folder.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    fs::File::open(dir)?.sync_all()
}
