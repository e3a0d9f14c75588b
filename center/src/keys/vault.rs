//! A folder of files that changes as a whole, encrypted at rest.
//!
//! ```text
//! manifest.json     whose it is, how it is sealed, which files are in force
//! 3-licence-1.key   a file of generation 3: sealed under the folder's key
//! 3-licence-1.cvc   certificates are public, and lie as they are
//! lock              held by whoever uses the folder
//! ```
//!
//! A change writes all files under the names of the next generation, flushes them, and then
//! replaces the manifest, in one step; what is of no generation in force is swept up later.
//! Each sealed file is AES-256-GCM bound to its owner and name, so that none takes the place
//! of another. [`Vault::read`] and [`Vault::write`] are the only two functions that see a
//! file's bytes. A folder without manifest holds files under their own names, plain.

use super::unlock::{Seal, Unlock};
use super::{KeysError, disk};
use crate::crypto::{Secret, aead};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Files by their names.
pub(super) type Files = BTreeMap<String, Zeroizing<Vec<u8>>>;

const MANIFEST: &str = "manifest.json";
const LOCK: &str = "lock";
const LABEL: &[u8] = b"saifu/1 file at rest";
/// What is sealed to tell a wrong passphrase from a damaged file.
const CHECK: &str = "check";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    owner: String,
    generation: Option<u64>,
    seal: Seal,
    check: String,
    files: Vec<String>,
}

/// An open folder. While it is there, the folder does not change but through it.
#[derive(Debug)]
pub(super) struct Vault {
    dir: PathBuf,
    manifest: Manifest,
    key: Option<Secret<32>>,
    lock: File,
}

impl Vault {
    /// Whether there is anything in the folder `dir`.
    pub(super) fn any(dir: &Path) -> Result<bool, KeysError> {
        match fs::read_dir(dir) {
            Ok(mut entries) => Ok(entries.next().is_some()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed(dir)(error)),
        }
    }

    /// Makes the folder `dir` of `owner` with `files`; says whether it did, for another may
    /// have been first. It appears whole or not at all.
    pub(super) fn create(
        dir: &Path,
        owner: &[u8; 16],
        unlock: &Unlock,
        files: &Files,
    ) -> Result<bool, KeysError> {
        let parent = match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(failed(dir))?;
        let mut scratch = tempfile::Builder::new();
        scratch.prefix(".keys-").permissions(fs::Permissions::from_mode(0o700));
        let scratch = scratch.tempdir_in(parent).map_err(failed(dir))?;
        let (manifest, key) = Manifest::new(owner, unlock)?;
        let lock = lock_file(scratch.path())?;
        let mut vault = Self { dir: scratch.path().to_path_buf(), manifest, key, lock };
        vault.replace(files)?;
        match fs::rename(scratch.path(), dir) {
            Ok(()) => {
                // What was the scratch folder is now in its place, and stays.
                let _ = scratch.keep();
                disk::sync(parent).map_err(failed(dir))?;
                Ok(true)
            }
            Err(_) if Self::any(dir)? => Ok(false),
            Err(error) => Err(failed(dir)(error)),
        }
    }

    /// Opens the folder `dir` to use what is in it, beside others who do.
    pub(super) fn open(dir: &Path, unlock: &Unlock) -> Result<(Self, Files), KeysError> {
        Self::locked(dir, unlock, |lock| lock.try_lock_shared())
    }

    /// Opens the folder `dir` to change it: nobody else may be using it.
    pub(super) fn open_alone(dir: &Path, unlock: &Unlock) -> Result<(Self, Files), KeysError> {
        Self::locked(dir, unlock, |lock| lock.try_lock())
    }

    fn locked(
        dir: &Path,
        unlock: &Unlock,
        take: impl FnOnce(&File) -> Result<(), fs::TryLockError>,
    ) -> Result<(Self, Files), KeysError> {
        Manifest::load(dir)?;
        let lock = lock_file(dir)?;
        take(&lock).map_err(|refused| match refused {
            fs::TryLockError::WouldBlock => KeysError::InUse { path: dir.to_path_buf() },
            fs::TryLockError::Error(error) => failed(dir)(error),
        })?;
        // Only now nobody changes it any more.
        let manifest = Manifest::load(dir)?;
        let key = unlock.open(&manifest.seal)?;
        let vault = Self { dir: dir.to_path_buf(), manifest, key, lock };
        vault.check()?;
        let read = |name: &String| Ok((name.clone(), vault.read(name)?));
        let files = vault.manifest.files.iter().map(read).collect::<Result<_, KeysError>>()?;
        Ok((vault, files))
    }

    /// Whose it is; nobody is named where there is no manifest.
    pub(super) fn owner(&self) -> Option<[u8; 16]> {
        hex::decode(&self.manifest.owner).ok()?.try_into().ok()
    }

    /// Whether its files are encrypted.
    pub(super) fn is_sealed(&self) -> bool {
        self.key.is_some()
    }

    /// Keeps the lock alone, for as long as what was read is used.
    pub(super) fn into_lock(self) -> File {
        self.lock
    }

    /// Seals the folder otherwise, together with the next change.
    pub(super) fn reseal(&mut self, owner: &[u8; 16], unlock: &Unlock) -> Result<(), KeysError> {
        let generation = self.manifest.generation;
        (self.manifest, self.key) = Manifest::new(owner, unlock)?;
        self.manifest.generation = generation;
        Ok(())
    }

    /// Replaces all files, in one step.
    pub(super) fn replace(&mut self, files: &Files) -> Result<(), KeysError> {
        let generation = self.manifest.generation.unwrap_or(0).saturating_add(1);
        let names = files.keys().cloned().collect();
        self.manifest =
            Manifest { generation: Some(generation), files: names, ..self.manifest.clone() };
        // What an interrupted change has left lies under these names.
        self.sweep()?;
        self.manifest.check = match self.key {
            Some(_) => hex::encode(self.sealed(CHECK, &[])?),
            None => String::new(),
        };
        for (name, bytes) in files {
            self.write(name, bytes)?;
        }
        disk::sync(&self.dir).map_err(failed(&self.dir))?;
        let text =
            serde_json::to_vec_pretty(&self.manifest).map_err(|e| failed(&self.dir)(e.into()));
        let path = self.dir.join(MANIFEST);
        disk::replace(&path, &text?).map_err(failed(&path))?;
        self.sweep_others();
        Ok(())
    }

    /// The place of a file.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        match self.manifest.generation {
            Some(generation) => self.dir.join(format!("{generation}-{name}")),
            None => self.dir.join(name),
        }
    }

    fn check(&self) -> Result<(), KeysError> {
        let Some(key) = &self.key else { return Ok(()) };
        let sealed = hex::decode(&self.manifest.check).unwrap_or_default();
        let opened = aead::open(key, &self.context(CHECK), &sealed);
        opened.map(drop).map_err(|_| KeysError::Wrong)
    }

    fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        let path = self.path(name);
        let bytes = fs::read(&path).map(Zeroizing::new).map_err(failed(&path))?;
        match &self.key {
            Some(key) if !is_public(name) => aead::open(key, &self.context(name), &bytes)
                .map_err(|_| KeysError::Damaged { path }),
            _ => Ok(bytes),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), KeysError> {
        let path = self.path(name);
        let written = match is_public(name) {
            true => disk::write_new(&path, bytes),
            false => disk::write_new(&path, &self.sealed(name, bytes)?),
        };
        written.map_err(failed(&path))
    }

    fn sealed(&self, name: &str, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        Ok(Zeroizing::new(match &self.key {
            Some(key) => aead::seal(key, &self.context(name), bytes)?,
            None => bytes.to_vec(),
        }))
    }

    fn context(&self, name: &str) -> Vec<u8> {
        [LABEL, self.manifest.owner.as_bytes(), b" ", name.as_bytes()].concat()
    }

    /// Takes away the files of the generation that is about to be written.
    fn sweep(&self) -> Result<(), KeysError> {
        for path in self.files_there()? {
            if self.is_of_generation(&path) {
                fs::remove_file(&path).map_err(failed(&path))?;
            }
        }
        Ok(())
    }

    /// Takes away what is not in force any more; what stays is taken away the next time.
    fn sweep_others(&self) {
        for path in self.files_there().unwrap_or_default() {
            if !self.is_of_generation(&path) && is_of_any_generation(&path) {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn files_there(&self) -> Result<Vec<PathBuf>, KeysError> {
        let entries = fs::read_dir(&self.dir).map_err(failed(&self.dir))?;
        Ok(entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
    }

    fn is_of_generation(&self, path: &Path) -> bool {
        let prefix = format!("{}-", self.manifest.generation.unwrap_or(0));
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
    }
}

impl Manifest {
    fn new(owner: &[u8; 16], unlock: &Unlock) -> Result<(Self, Option<Secret<32>>), KeysError> {
        let seal = unlock.new_seal()?;
        let key = unlock.open(&seal)?;
        let (owner, check) = (hex::encode(owner), String::new());
        Ok((Self { owner, generation: None, seal, check, files: Vec::new() }, key))
    }

    /// That of a folder; where there is none, all its files in plain.
    fn load(dir: &Path) -> Result<Self, KeysError> {
        let path = dir.join(MANIFEST);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| KeysError::Damaged { path }),
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && FIRST_FILES.iter().any(|name| dir.join(name).exists()) =>
            {
                let files = FIRST_FILES.map(str::to_owned).to_vec();
                let (owner, check) = Default::default();
                Ok(Self { owner, generation: None, seal: Seal::Plain, check, files })
            }
            Err(error) => Err(failed(&path)(error)),
        }
    }
}

/// The files of a center's folder without manifest.
const FIRST_FILES: [&str; 9] = [
    "licence.key",
    "licence.cvc",
    "credit.key",
    "credit.cvc",
    "receipt.key",
    "receipt.cvc",
    "payment.key",
    "payment.cvc",
    "accounts.key",
];

/// Whether a folder of keys names its files so; what else lies there is not touched.
fn is_of_any_generation(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let numbered = name.split_once('-').is_some_and(|(number, _)| number.parse::<u64>().is_ok());
    numbered || FIRST_FILES.contains(&name.as_ref())
}

fn is_public(name: &str) -> bool {
    name.ends_with(".cvc")
}

fn lock_file(dir: &Path) -> Result<File, KeysError> {
    let path = dir.join(LOCK);
    disk::open_or_make(&path).map_err(failed(&path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    move |source| KeysError::Io { path: path.to_path_buf(), source }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
