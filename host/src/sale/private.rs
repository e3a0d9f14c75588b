//! Files that are nobody else's business, and vanish unless they are kept.

use super::{JournalError, SaleError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What there is of them in this process.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the files that this process has begun and not kept: for when it is ended from
/// outside, in the middle of a work.
pub fn remove_unfinished_files() {
    for path in unfinished().drain(..) {
        let _ = fs::remove_file(path);
    }
}

/// A file for its owner alone that is removed when it is dropped, unless it is kept.
pub(super) struct PrivateFile {
    file: File,
    path: PathBuf,
}

impl PrivateFile {
    /// Makes the file; what an earlier process left there is replaced.
    pub(super) fn create(path: PathBuf) -> Result<Self, SaleError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let _ = fs::remove_file(&path);
        let mut all = unfinished();
        let file = options.open(&path).map_err(at(&path))?;
        all.push(path.clone());
        Ok(Self { file, path })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), SaleError> {
        self.file.write_all(bytes).map_err(at(&self.path))
    }

    /// Makes sure that there is room for `bytes`, which are then written from the beginning.
    pub(super) fn reserve(&mut self, bytes: u64) -> Result<(), SaleError> {
        let mut zeros = io::repeat(0).take(bytes);
        let copied = io::copy(&mut zeros, &mut self.file).and_then(|_| self.file.sync_all());
        copied.and_then(|()| self.file.rewind()).map_err(at(&self.path))?;
        sync_folder(&self.path)
    }

    /// What was written, to be read from its beginning while this is there.
    pub(super) fn read_again(&mut self) -> Result<impl Read + Send + use<>, SaleError> {
        let again = self.file.rewind().and_then(|()| self.file.try_clone());
        again.map_err(at(&self.path))
    }

    /// Keeps the file, which is on disk from now on, and says where.
    pub(super) fn keep(self) -> Result<PathBuf, SaleError> {
        self.file.sync_all().map_err(at(&self.path))?;
        sync_folder(&self.path)?;
        forget(&self.path);
        Ok(self.path.clone())
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if forget(&self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes sure that a new file is found after a cut of power.
pub(super) fn sync_folder(path: &Path) -> Result<(), SaleError> {
    super::journal::sync_folder_of(path).map_err(|error| match error {
        JournalError::Disk { path, source } => SaleError::File { path, source },
        error => error.into(),
    })
}

pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> SaleError {
    move |source| SaleError::File { path: path.to_owned(), source }
}

/// Returns whether the file was one of those that are to vanish.
fn forget(path: &Path) -> bool {
    let mut all = unfinished();
    let before = all.len();
    all.retain(|known| known != path);
    all.len() < before
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_vanishes_and_what_is_kept_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        drop(PrivateFile::create(one.clone()).unwrap());
        assert!(!one.exists());
        PrivateFile::create(two.clone()).unwrap().keep().unwrap();
        assert!(two.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it_whatever_was_there_before() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one");
        fs::write(&path, "left by another").unwrap();
        let _file = PrivateFile::create(path.clone()).unwrap();
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.permissions().mode() & 0o777, found.len()), (0o600, 0));
    }
}
