//! Reading and writing whole files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use saifu_applet::crypto::SecretVec;

/// Turns "there is none" from an error into an answer.
pub(super) fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a file of at most `max_bytes`; only a regular one, so that no pipe can make us wait.
pub(super) fn read(path: &Path, max_bytes: usize) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max_bytes {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
}

/// Reads a file of at most `max_bytes` that holds a secret, as [`read`] does: at once into its place,
/// which is never moved, and wiped whatever comes of it.
pub(super) fn read_secret(path: &Path, max_bytes: usize) -> io::Result<Option<SecretVec>> {
    let Some(mut file) = open(path)? else { return Ok(None) };
    let mut bytes = SecretVec::new(vec![0; max_bytes + 1]);
    let mut filled = 0;
    while let Some(room) = bytes.expose_mut().get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if filled > max_bytes {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    bytes.truncate(filled);
    Ok(Some(bytes))
}

fn open(path: &Path) -> io::Result<Option<File>> {
    let Some(metadata) = found(fs::symlink_metadata(path))? else { return Ok(None) };
    if !metadata.is_file() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    found(File::open(path))
}

/// Writes a new file and gives it back to be synced.
///
/// What has its name is removed first and never written through: it may be a link that leads
/// elsewhere, or a pipe that makes us wait.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<File> {
    found(fs::remove_file(path))?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Writes over a regular file, byte for byte, and returns once that is durable.
pub(super) fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    overwrite_unsynced(path, bytes)?.sync_all()
}

/// Writes over a regular file, byte for byte, and gives it back to be synced.
pub(super) fn overwrite_unsynced(path: &Path, bytes: &[u8]) -> io::Result<File> {
    if found(fs::symlink_metadata(path))?.is_some_and(|metadata| !metadata.is_file()) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    Ok(file)
}

/// Makes what a folder lists durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes a folder for its owner alone.
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The folder that holds `path`.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A name beside `path` that nothing has, for what is to become it.
pub(super) fn sibling(path: &Path) -> io::Result<PathBuf> {
    let drawn = getrandom::u32().map_err(|_| io::Error::other("the random source failed"))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".making-{drawn:08x}"));
    Ok(path.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_up_to_its_most_bytes_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("slot");
        assert_eq!(read_secret(&path, 4).unwrap(), None);
        for length in 0..=4 {
            let bytes = vec![7; length];
            fs::write(&path, &bytes).unwrap();
            assert_eq!(read_secret(&path, 4).unwrap(), Some(SecretVec::new(bytes)), "{length}");
        }
        fs::write(&path, [7; 5]).unwrap();
        let refused = read_secret(&path, 4).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
        let refused = read_secret(folder.path(), 4).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
    }
}
