//! A card in a folder.
//!
//! ```text
//! card/
//!   secure/            what nobody may see: manufacture, slot-a, slot-b, seed if it has one
//!   outside/           what everybody may see, copy and put back
//!     00-manifest/     one file an object, its number in 16 hex digits
//!     13-money/ 15-key/ 16-secret-key/
//!     14-content/      one file a work (`works.rs`)
//! ```
//! Objects get names that nothing current has, so they are written where they stay; [`sync`] makes
//! them and their folders durable before the slot that names them is written. A slot is overwritten
//! in place: it is made to be torn, and 128 bytes are one sector.
//!
//! [`sync`]: Platform::sync_objects

mod files;
mod manufacture;
mod seed;
mod works;

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use saifu_applet::crypto::RandomFailed;
use saifu_applet::platform::{
    MAX_OBJECT_BYTES, Manufacture, Memory, MemoryFailed, ObjectName, Platform, SLOT_BYTES, Sealed,
    Slot,
};
use saifu_applet::secure;
use saifu_wire::certificate::Assurance;

use super::Tearable;
use seed::Seeded;
use works::Works;

pub use seed::Seed;

/// The most objects a card looks at; more than it ever has.
const MAX_LISTED: usize = 131_072;

/// The most written files kept open until they are synced.
const MAX_UNSYNCED: usize = 64;

/// How long a lock that another holds is waited for.
const LOCK_PATIENCE: Duration = Duration::from_millis(300);

/// How long to wait between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Says why a folder cannot be used as a card.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system refuses.
    #[error("{}: {error}", path.display())]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A new card would overwrite something.
    #[error("{} exists already; choose another folder for a new card", .0.display())]
    Exists(PathBuf),
    /// There is no card.
    #[error("{} is not a card; make one with `saifu-card new`", .0.display())]
    NotACard(PathBuf),
    /// Another process runs this card.
    #[error("the card in {} is in use, by another process or in another reader; take it out there first", .0.display())]
    InUse(PathBuf),
    /// Its random numbers would be known, and what it is worth is not a test's.
    #[error(
        "the card in {} is not of class test and has a seed: it could draw what others know; \
         make another without one",
        .0.display()
    )]
    Seeded(PathBuf),
    /// The slots could not be written.
    #[error("the secure area in {} could not be written", .0.display())]
    SecureArea(PathBuf),
}

/// A card's machine on a PC.
#[derive(Debug)]
pub struct FolderPlatform {
    folder: PathBuf,
    manufacture: Manufacture,
    unsynced: Vec<File>,
    unsynced_folders: BTreeSet<PathBuf>,
    works: Works,
    /// Where its random numbers come from, unless they are the system's.
    seeded: Option<Seeded>,
    /// Kept open: the lock ends with it.
    _lock: File,
}

impl FolderPlatform {
    /// Makes a blank card in a folder that is not there yet.
    ///
    /// # Errors
    /// [`FolderError::Exists`]; [`FolderError::System`]. A card is whole or not there.
    pub fn create(folder: &Path, manufacture: &Manufacture) -> Result<Self, FolderError> {
        Self::create_finished(folder, manufacture, None, |_| Ok(()))
    }

    /// As [`FolderPlatform::create`], but its random numbers come from `seed` if there is one, and
    /// the card is not there before `finish` has made more of the blank one: not if that fails,
    /// and not if the process is killed meanwhile.
    ///
    /// # Errors
    /// As [`FolderPlatform::create`]; [`FolderError::Seeded`], for a class other than test; what
    /// `finish` says.
    pub fn create_finished<E: From<FolderError>>(
        folder: &Path,
        manufacture: &Manufacture,
        seed: Option<&Seed>,
        finish: impl FnOnce(Self) -> Result<(), E>,
    ) -> Result<Self, E> {
        if fs::symlink_metadata(folder).is_ok() {
            return Err(FolderError::Exists(folder.to_owned()).into());
        }
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
        above
            .map_or(Ok(()), |above| fs::metadata(above).map(drop).map_err(|e| system(above, e)))?;
        let making = files::sibling(folder).map_err(|error| system(folder, error))?;
        let made = make(&making, manufacture, seed)
            .and_then(|()| Self::open(&making))
            .map_err(E::from)
            .and_then(finish)
            .and_then(|()| Ok(put_in_place(&making, folder)?));
        if let Err(error) = made {
            let _ = fs::remove_dir_all(&making);
            return Err(error);
        }
        Ok(Self::open(folder)?)
    }

    /// Takes up the card in a folder.
    ///
    /// # Errors
    /// [`FolderError::NotACard`]; [`FolderError::InUse`]; [`FolderError::Seeded`];
    /// [`FolderError::System`].
    pub fn open(folder: &Path) -> Result<Self, FolderError> {
        let manufacture = manufacture::read(&folder.join("secure/manufacture"))
            .map_err(|error| system(folder, error))?
            .ok_or_else(|| FolderError::NotACard(folder.to_owned()))?;
        let seeded = Seeded::read(&folder.join("secure")).map_err(|error| system(folder, error))?;
        if seeded.is_some() && manufacture.assurance != Assurance::Test {
            return Err(FolderError::Seeded(folder.to_owned()));
        }
        Ok(Self {
            folder: folder.to_owned(),
            manufacture,
            unsynced: Vec::new(),
            unsynced_folders: BTreeSet::new(),
            works: Works::new(folder.join("outside").join(folder_name(Memory::Content))),
            seeded,
            _lock: lock(folder)?,
        })
    }

    /// Gives the card's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn slot_path(&self, slot: Slot) -> PathBuf {
        self.folder.join(match slot {
            Slot::A => "secure/slot-a",
            Slot::B => "secure/slot-b",
        })
    }

    fn memory_path(&self, memory: Memory) -> PathBuf {
        self.folder.join("outside").join(folder_name(memory))
    }

    fn object_path(&self, name: ObjectName) -> PathBuf {
        self.memory_path(name.memory).join(format!("{:016x}", name.number))
    }

    fn write_unsynced(&mut self, name: ObjectName, bytes: &[u8]) -> io::Result<()> {
        if name.memory == Memory::Content {
            return self.works.write(name, bytes);
        }
        let folder = self.memory_path(name.memory);
        fs::create_dir_all(&folder)?;
        self.unsynced.push(files::write(&self.object_path(name), bytes)?);
        self.unsynced_folders.insert(folder);
        if self.unsynced.len() >= MAX_UNSYNCED { self.sync() } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.works.sync()?;
        for file in self.unsynced.drain(..) {
            file.sync_all()?;
        }
        if self.unsynced_folders.is_empty() {
            return Ok(());
        }
        for folder in std::mem::take(&mut self.unsynced_folders) {
            files::sync_folder(&folder)?;
        }
        files::sync_folder(&self.folder.join("outside"))
    }

    /// The numbers that the files of a memory have for names, the first so many.
    fn list(&self, memory: Memory, room: usize) -> io::Result<Vec<u64>> {
        let Some(entries) = files::found(fs::read_dir(self.memory_path(memory)))? else {
            return Ok(Vec::new());
        };
        let numbers = entries.take(room).map(|entry| {
            let name = entry?.file_name();
            Ok(name.to_str().and_then(number_of))
        });
        numbers.filter_map(Result::transpose).collect()
    }
}

impl Platform for FolderPlatform {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        match &mut self.seeded {
            Some(seeded) => seeded.fill(out),
            None => getrandom::fill(out).map_err(|_| RandomFailed),
        }
    }

    fn manufacture(&self) -> &Manufacture {
        &self.manufacture
    }

    /// A slot that is not there, or too short, reads as zeros and is not valid.
    fn read_slot(&self, slot: Slot) -> Result<[u8; SLOT_BYTES], MemoryFailed> {
        let bytes = files::read_secret(&self.slot_path(slot), SLOT_BYTES).map_err(failed)?;
        let slot = bytes.and_then(|bytes| bytes.expose().try_into().ok());
        Ok(slot.unwrap_or([0; SLOT_BYTES]))
    }

    fn write_slot(&mut self, slot: Slot, bytes: &[u8; SLOT_BYTES]) -> Result<(), MemoryFailed> {
        files::overwrite(&self.slot_path(slot), bytes).map_err(failed)
    }

    fn read_object(&self, name: ObjectName) -> Result<Option<Vec<u8>>, MemoryFailed> {
        match name.memory {
            Memory::Content => self.works.read(name),
            _ => files::read(&self.object_path(name), MAX_OBJECT_BYTES),
        }
        .map_err(failed)
    }

    fn write_object(&mut self, sealed: &Sealed) -> Result<(), MemoryFailed> {
        self.write_unsynced(sealed.name(), sealed.bytes()).map_err(failed)
    }

    fn remove_object(&mut self, name: ObjectName) -> Result<(), MemoryFailed> {
        files::found(fs::remove_file(self.object_path(name))).map(drop).map_err(failed)
    }

    fn list_objects(&self) -> Result<Vec<ObjectName>, MemoryFailed> {
        let mut names = Vec::new();
        for memory in Memory::ALL.iter().copied().filter(|memory| *memory != Memory::Content) {
            let room = MAX_LISTED.saturating_sub(names.len());
            let numbers = self.list(memory, room).map_err(failed)?;
            names.extend(numbers.into_iter().map(|number| ObjectName { memory, number }));
        }
        Ok(names)
    }

    fn remove_work(&mut self, id: u64) -> Result<(), MemoryFailed> {
        self.works.remove(id).map_err(failed)
    }

    fn list_works(&self) -> Result<Vec<u64>, MemoryFailed> {
        self.works.list(MAX_LISTED).map_err(failed)
    }

    fn sync_objects(&mut self) -> Result<(), MemoryFailed> {
        self.sync().map_err(failed)
    }
}

impl Tearable for FolderPlatform {
    /// Of a work's segment that is empty, nothing is left: its file's name says its size.
    fn leave_object(&mut self, name: ObjectName, bytes: &[u8]) -> Result<(), MemoryFailed> {
        if name.memory == Memory::Content && bytes.is_empty() {
            return Ok(());
        }
        self.write_unsynced(name, bytes).map_err(failed)
    }
}

/// Makes a whole blank card.
fn make(folder: &Path, manufacture: &Manufacture, seed: Option<&Seed>) -> Result<(), FolderError> {
    let system = |error| system(folder, error);
    files::create_private(folder).map_err(system)?;
    let secure = folder.join("secure");
    files::create_private(&secure).map_err(system)?;
    manufacture::write(&secure.join("manufacture"), manufacture).map_err(system)?;
    seed.map_or(Ok(()), |seed| Seeded::make(&secure, seed)).map_err(system)?;
    for memory in Memory::ALL {
        let path = folder.join("outside").join(folder_name(*memory));
        fs::create_dir_all(path).map_err(system)?;
    }
    let mut platform = FolderPlatform::open(folder)?;
    secure::manufacture(&mut platform).map_err(|_| FolderError::SecureArea(folder.to_owned()))?;
    for made in [secure.as_path(), &folder.join("outside"), folder] {
        files::sync_folder(made).map_err(system)?;
    }
    Ok(())
}

/// Gives a card its name, for good.
fn put_in_place(making: &Path, folder: &Path) -> Result<(), FolderError> {
    fs::rename(making, folder).map_err(|error| system(folder, error))?;
    let parent = files::parent(folder);
    files::sync_folder(parent).map_err(|error| system(parent, error))
}

fn lock(folder: &Path) -> Result<File, FolderError> {
    let path = folder.join("secure/lock");
    let file = File::create(&path).map_err(|error| system(&path, error))?;
    let patience = Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A child that is just being started holds its parent's lock until it is exec'd.
            Err(TryLockError::WouldBlock) if Instant::now() < patience => sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(system(&path, error)),
        }
    }
}

fn folder_name(memory: Memory) -> &'static str {
    match memory {
        Memory::Manifest => "00-manifest",
        Memory::Money => "13-money",
        Memory::Content => "14-content",
        Memory::Key => "15-key",
        Memory::SecretKey => "16-secret-key",
    }
}

/// Reads back what [`FolderPlatform::object_path`] wrote, and nothing else.
fn number_of(name: &str) -> Option<u64> {
    let number = u64::from_str_radix(name, 16).ok()?;
    (format!("{number:016x}") == name).then_some(number)
}

fn system(path: &Path, error: io::Error) -> FolderError {
    FolderError::System { path: path.to_owned(), error }
}

fn failed(error: io::Error) -> MemoryFailed {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => MemoryFailed::Full,
        _ => MemoryFailed::Error,
    }
}

#[cfg(test)]
mod tests;
