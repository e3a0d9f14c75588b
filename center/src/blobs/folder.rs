//! A blob store in a folder of the file system.
//!
//! ```text
//! <root>/blobs/<64 hex digits>    the blobs
//! <root>/incoming/                puts under way; whatever a crash leaves here is removed
//! <root>/lock                     held shared by every open store
//! ```
//!
//! A put writes and syncs a file in `incoming`, renames it into `blobs` and syncs that folder: at
//! every moment a blob is there whole or not at all.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use tempfile::NamedTempFile;

use super::{Blob, BlobError, BlobId, BlobRef, Blobs, Staged};

const BUFFER_BYTES: usize = 128 * 1024;

/// A blob store in a folder.
#[derive(Debug)]
pub struct Folder {
    blobs: PathBuf,
    incoming: PathBuf,
    max_bytes: u64,
    _lock: File,
}

impl Folder {
    /// Opens the store in `root`, made if it is not there, for blobs of at most `max_bytes` each.
    ///
    /// Leftovers of interrupted puts are removed, unless another process has the store open, whose
    /// puts they may be.
    ///
    /// # Errors
    /// The folder cannot be made, read or written.
    pub fn open(root: &Path, max_bytes: u64) -> Result<Self, BlobError> {
        let (blobs, incoming) = (root.join("blobs"), root.join("incoming"));
        for folder in [&blobs, &incoming] {
            fs::create_dir_all(folder).map_err(failing("make its folders"))?;
        }
        sync_folder(root)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))
            .map_err(failing("open its lock"))?;
        if lock.try_lock().is_ok() {
            remove_all_in(&incoming).map_err(failing("remove interrupted puts"))?;
        }
        lock.lock_shared().map_err(failing("take its lock"))?;
        Ok(Self { blobs, incoming, max_bytes, _lock: lock })
    }

    fn path(&self, id: BlobId) -> PathBuf {
        self.blobs.join(id.to_string())
    }

    fn copy_in(&self, source: &mut dyn Read, to: &mut File) -> Result<BlobRef, BlobError> {
        let mut digest = Context::new(&SHA256);
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut length = 0_u64;
        loop {
            let count = match source.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other.map_err(BlobError::Source)?,
            };
            if count == 0 {
                break;
            }
            length += count as u64;
            if length > self.max_bytes {
                return Err(BlobError::TooLong { max_bytes: self.max_bytes });
            }
            digest.update(&buffer[..count]);
            to.write_all(&buffer[..count]).map_err(failing("write"))?;
        }
        to.sync_all().map_err(failing("write through to the disk"))?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest.finish().as_ref());
        Ok(BlobRef { sha256: BlobId(sha256), length })
    }
}

/// A file in `incoming`, which is removed when it is dropped.
struct Incoming<'a> {
    folder: &'a Folder,
    file: NamedTempFile,
    blob: BlobRef,
}

impl Staged for Incoming<'_> {
    fn blob(&self) -> BlobRef {
        self.blob
    }

    fn open(&self) -> Result<Box<dyn Blob>, BlobError> {
        Ok(Box::new(self.file.reopen().map_err(failing("open what came in"))?))
    }

    fn keep(self: Box<Self>) -> Result<BlobRef, BlobError> {
        let Self { folder, file, blob } = *self;
        file.persist(folder.path(blob.sha256))
            .map_err(|refused| failing("move a blob to its place")(refused.error))?;
        sync_folder(&folder.blobs)?;
        Ok(blob)
    }
}

impl Blobs for Folder {
    fn put(&self, source: &mut dyn Read) -> Result<BlobRef, BlobError> {
        self.stage(source, None)?.keep()
    }

    fn stage(
        &self,
        source: &mut dyn Read,
        sha256: Option<BlobId>,
    ) -> Result<Box<dyn Staged + '_>, BlobError> {
        let mut file = NamedTempFile::new_in(&self.incoming).map_err(failing("make a file"))?;
        let blob = self.copy_in(source, file.as_file_mut())?;
        match sha256 {
            Some(should) if should != blob.sha256 => {
                Err(BlobError::OtherDigest { is: blob.sha256, should })
            }
            _ => Ok(Box::new(Incoming { folder: self, file, blob })),
        }
    }

    fn open(&self, blob: &BlobRef) -> Result<Box<dyn Blob>, BlobError> {
        let file = File::open(self.path(blob.sha256)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => BlobError::Missing(blob.sha256),
            _ => failing("open a blob")(error),
        })?;
        let is = file.metadata().map_err(failing("measure a blob"))?.len();
        if is != blob.length {
            return Err(BlobError::WrongLength { id: blob.sha256, is, should: blob.length });
        }
        Ok(Box::new(file))
    }
}

fn failing(what: &'static str) -> impl Fn(std::io::Error) -> BlobError {
    move |error| BlobError::Store { what, error }
}

/// Makes a rename in the folder survive a power cut; only Unix lets a folder be synced.
fn sync_folder(folder: &Path) -> Result<(), BlobError> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(failing("write through to the disk"))?;
    }
    Ok(())
}

fn remove_all_in(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Seek, SeekFrom};

    use tempfile::TempDir;

    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn store() -> (TempDir, Folder) {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), 1_000_000).unwrap();
        (root, folder)
    }

    fn names_in(root: &TempDir, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(root.path().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Gives some bytes, then breaks.
    struct Breaking(usize);

    impl Read for Breaking {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("line cut"));
            }
            let count = self.0.min(buffer.len());
            self.0 -= count;
            Ok(count)
        }
    }

    #[test]
    fn what_is_put_comes_back_under_its_digest_after_reopening() {
        let (root, folder) = store();
        let blob = folder.put(&mut &b"abc"[..]).unwrap();
        assert_eq!((blob.sha256.to_string().as_str(), blob.length), (ABC, 3));
        drop(folder);
        let folder = Folder::open(root.path(), 10).unwrap();
        let mut bytes = Vec::new();
        folder.open(&blob).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"abc");
    }

    #[test]
    fn a_blob_longer_than_the_buffer_is_read_at_any_place() {
        let (_root, folder) = store();
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n / 7) as u8).collect();
        let blob = folder.put(&mut Cursor::new(&bytes)).unwrap();
        let digest = aws_lc_rs::digest::digest(&SHA256, &bytes);
        assert_eq!((&blob.sha256.0[..], blob.length), (digest.as_ref(), 300_000));
        let mut open = folder.open(&blob).unwrap();
        open.seek(SeekFrom::Start(299_990)).unwrap();
        let mut end = Vec::new();
        open.read_to_end(&mut end).unwrap();
        assert_eq!(end, bytes[299_990..]);
    }

    #[test]
    fn the_same_bytes_twice_are_one_file_and_others_another() {
        let (root, folder) = store();
        let first = folder.put(&mut &b"abc"[..]).unwrap();
        assert_eq!(folder.put(&mut &b"abc"[..]).unwrap(), first);
        assert_eq!(names_in(&root, "blobs"), [ABC]);
        assert_ne!(folder.put(&mut &b"abd"[..]).unwrap(), first);
        assert_eq!(names_in(&root, "blobs").len(), 2);
        assert!(names_in(&root, "incoming").is_empty());
    }

    #[test]
    fn what_is_not_what_its_sender_says_is_not_kept() {
        let (root, folder) = store();
        let abc: BlobId = ABC.parse().unwrap();
        let error = folder.stage(&mut &b"abd"[..], Some(abc)).err().unwrap();
        assert!(matches!(error, BlobError::OtherDigest { should, .. } if should == abc), "{error}");
        assert!(names_in(&root, "blobs").is_empty() && names_in(&root, "incoming").is_empty());
        let staged = folder.stage(&mut &b"abc"[..], Some(abc)).unwrap();
        assert_eq!(staged.keep().unwrap().sha256, abc);
    }

    #[test]
    fn what_is_taken_in_can_be_read_and_leaves_nothing_unless_it_is_kept() {
        let (root, folder) = store();
        let staged = folder.stage(&mut &b"abc"[..], None).unwrap();
        let mut bytes = Vec::new();
        staged.open().unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!((&bytes[..], staged.blob().length), (&b"abc"[..], 3));
        assert!(folder.open(&staged.blob()).is_err());
        drop(staged);
        assert!(names_in(&root, "blobs").is_empty() && names_in(&root, "incoming").is_empty());
    }

    #[test]
    fn an_interrupted_put_leaves_nothing() {
        let (root, folder) = store();
        let error = folder.put(&mut Breaking(500_000)).unwrap_err();
        assert!(matches!(error, BlobError::Source(_)), "{error}");
        assert!(names_in(&root, "blobs").is_empty() && names_in(&root, "incoming").is_empty());
    }

    #[test]
    fn leftovers_of_a_crash_are_removed_at_open_but_not_under_another_open_store() {
        let (root, folder) = store();
        let leftover = root.path().join("incoming/left");
        fs::write(&leftover, b"half a blo").unwrap();
        let second = Folder::open(root.path(), 10).unwrap();
        assert!(leftover.exists());
        drop((folder, second));
        Folder::open(root.path(), 10).unwrap();
        assert!(!leftover.exists());
    }

    #[test]
    fn the_limit_is_kept_and_one_byte_more_is_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path(), 3).unwrap();
        assert!(folder.put(&mut &b"abc"[..]).is_ok());
        let error = folder.put(&mut &b"abcd"[..]).unwrap_err();
        assert!(matches!(error, BlobError::TooLong { max_bytes: 3 }), "{error}");
        assert_eq!(names_in(&root, "blobs"), [ABC]);
    }

    #[test]
    fn a_blob_that_is_missing_or_has_another_length_is_not_opened() {
        let (root, folder) = store();
        let blob = folder.put(&mut &b"abc"[..]).unwrap();
        let longer = BlobRef { length: 4, ..blob };
        assert!(matches!(folder.open(&longer), Err(BlobError::WrongLength { is: 3, .. })));
        let other = BlobRef { sha256: BlobId([7; 32]), ..blob };
        assert!(matches!(folder.open(&other), Err(BlobError::Missing(_))));
        fs::write(root.path().join("blobs").join(ABC), b"ab").unwrap();
        assert!(matches!(folder.open(&blob), Err(BlobError::WrongLength { is: 2, .. })));
        assert_eq!(folder.put(&mut &b"abc"[..]).unwrap(), blob);
        assert!(folder.open(&blob).is_ok(), "putting it again mends it");
    }
}
