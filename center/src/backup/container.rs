//! Where a backup is written to and read from: one file (tar, POSIX.1-1988), or a folder.
//!
//! It is written under another name beside its place, flushed, and renamed: what has the name of
//! a backup is whole.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir};

use super::manifest::{MANIFEST, MAX_MANIFEST_BYTES, Manifest, Part};
use super::stream::{Digesting, digest};
use crate::refusal::{Refusal, Result};

/// What is not whole yet is called so, with something drawn between.
const PREFIX: &str = ".saifu-backup-";
const SUFFIX: &str = ".part";

/// How long what is not locked may be about to be.
const NEW: Duration = Duration::from_secs(60);

/// A backup that is being written.
pub(super) enum Writer {
    Folder(Scratch),
    Tar(Box<tar::Builder<BufWriter<NamedTempFile>>>),
}

impl Writer {
    /// Begins a backup that will be `to`: a folder, or one file.
    pub(super) fn begin(to: &Path, folder: bool) -> io::Result<Self> {
        if fs::symlink_metadata(to).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let parent = parent(to);
        if folder {
            return scratch(parent).map(Self::Folder);
        }
        sweep(parent);
        let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(parent)?;
        file.as_file().lock()?;
        Ok(Self::Tar(Box::new(tar::Builder::new(BufWriter::new(file)))))
    }

    /// Writes the manifest, which comes before all else.
    pub(super) fn manifest(&mut self, manifest: &Manifest) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(manifest)?;
        match self {
            Self::Folder(folder) => {
                let mut file = create(&folder.path().join(MANIFEST))?;
                file.write_all(&text)?;
                file.sync_all()
            }
            Self::Tar(tar) => {
                tar.append_data(&mut header(text.len() as u64), MANIFEST, text.as_slice())
            }
        }
    }

    /// Writes a part out of `file`, or links it to the same part of an older backup.
    pub(super) fn part(
        &mut self,
        part: &Part,
        file: &Path,
        older: Option<&Path>,
        moved: &mut dyn FnMut(u64),
    ) -> io::Result<()> {
        let found = match self {
            Self::Folder(folder) => {
                let place = folder.path().join(&part.path);
                if let Some(above) = place.parent() {
                    private_folder(above)?;
                }
                if older.is_some_and(|older| link(&older.join(&part.path), &place, part.bytes)) {
                    moved(part.bytes);
                    return Ok(());
                }
                let mut copy = create(&place)?;
                let found = digest(&mut File::open(file)?.take(part.bytes), &mut copy, moved)?;
                copy.sync_all()?;
                found
            }
            Self::Tar(tar) => {
                let mut source = Digesting::new(File::open(file)?.take(part.bytes));
                tar.append_data(&mut header(part.bytes), &part.path, &mut source)?;
                moved(part.bytes);
                source.finish()
            }
        };
        if found == (part.bytes, part.sha256.clone()) {
            return Ok(());
        }
        let what = format!("{} is damaged, or changed meanwhile", file.display());
        Err(io::Error::new(ErrorKind::InvalidData, what))
    }

    /// Makes it whole under its name.
    pub(super) fn finish(self, to: &Path) -> io::Result<()> {
        match self {
            Self::Folder(folder) => {
                sync_all(folder.path())?;
                fs::rename(folder.path(), to)?;
                // What was the scratch folder is the backup now, and stays.
                folder.keep();
            }
            Self::Tar(tar) => {
                let file =
                    tar.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist_noclobber(to).map_err(|refused| refused.error)?;
            }
        }
        sync(parent(to))
    }
}

/// Gives each part of the backup `from` to `each`, in order, and checks lengths and digests; the
/// manifest first.
///
/// # Errors
/// `malformed`: it is damaged or no backup; `unavailable`: it cannot be read.
pub(super) fn read(
    from: &Path,
    each: &mut dyn FnMut(&Manifest, &Part, &mut dyn Read) -> io::Result<()>,
) -> Result<Manifest> {
    let failed = |error: io::Error| {
        let shown = from.display();
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::PermissionDenied => Refusal::unavailable(format!(
                "the backup {shown} cannot be read ({error}): name a backup"
            )),
            _ => Refusal::malformed(format!(
                "the backup {shown} is damaged or none ({error}): use another"
            )),
        }
    };
    if from.is_dir() { read_folder(from, each, &failed) } else { read_tar(from, each, &failed) }
}

fn read_folder(
    from: &Path,
    each: &mut dyn FnMut(&Manifest, &Part, &mut dyn Read) -> io::Result<()>,
    failed: &dyn Fn(io::Error) -> Refusal,
) -> Result<Manifest> {
    let mut text = Vec::new();
    let file = File::open(from.join(MANIFEST)).map_err(failed)?;
    file.take(MAX_MANIFEST_BYTES).read_to_end(&mut text).map_err(failed)?;
    let manifest = Manifest::parse(&text)?;
    for part in &manifest.parts {
        let file = File::open(from.join(&part.path)).map_err(|error| {
            let what = format!("{}: {error}", part.path);
            failed(io::Error::new(ErrorKind::InvalidData, what))
        })?;
        take(&manifest, part, file, each).map_err(failed)?;
    }
    Ok(manifest)
}

fn read_tar(
    from: &Path,
    each: &mut dyn FnMut(&Manifest, &Part, &mut dyn Read) -> io::Result<()>,
    failed: &dyn Fn(io::Error) -> Refusal,
) -> Result<Manifest> {
    let file = File::open(from).map_err(failed)?;
    let mut tar = tar::Archive::new(BufReader::new(file));
    let mut entries = tar.entries().map_err(failed)?;
    let mut next = |name: &str| {
        let entry = entries.next().unwrap_or_else(|| Err(missing(name)))?;
        let is = entry.path()?.to_string_lossy() == name;
        if is { Ok(entry) } else { Err(missing(name)) }
    };
    let mut text = Vec::new();
    let first = next(MANIFEST).map_err(failed)?;
    first.take(MAX_MANIFEST_BYTES).read_to_end(&mut text).map_err(failed)?;
    let manifest = Manifest::parse(&text)?;
    for part in &manifest.parts {
        let entry = next(&part.path).map_err(failed)?;
        take(&manifest, part, entry, each).map_err(failed)?;
    }
    if next("").is_ok() || entries.next().is_some() {
        return Err(failed(io::Error::new(ErrorKind::InvalidData, "more is in it than it says")));
    }
    Ok(manifest)
}

fn missing(name: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("{name} is not where it should be in it"))
}

fn take(
    manifest: &Manifest,
    part: &Part,
    from: impl Read,
    each: &mut dyn FnMut(&Manifest, &Part, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    let mut from = Digesting::new(from);
    each(manifest, part, &mut from)?;
    if from.finish() == (part.bytes, part.sha256.clone()) {
        return Ok(());
    }
    let what = format!("{} is not what the manifest says", part.path);
    Err(io::Error::new(ErrorKind::InvalidData, what))
}

/// A new file for its owner alone.
pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// A folder for its owner alone, and those above it.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A folder for its owner alone that is not a backup, nor a center, until it is renamed; locked
/// while it is written.
pub(super) struct Scratch {
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder where it is.
    pub(super) fn keep(self) {
        let _ = self.folder.keep();
    }
}

/// A new scratch folder in `parent`.
pub(super) fn scratch(parent: &Path) -> io::Result<Scratch> {
    sweep(parent);
    let mut scratch = tempfile::Builder::new();
    scratch.prefix(PREFIX).suffix(SUFFIX).permissions(Permissions::from_mode(0o700));
    let folder = scratch.tempdir_in(parent)?;
    let lock = File::open(folder.path())?;
    lock.lock()?;
    Ok(Scratch { folder, _lock: lock })
}

/// Removes what interrupted programs left in `parent`. It holds keys; what cannot be removed stays.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            let _ = remove_left(&entry.path());
        }
    }
}

/// Removes a file or folder that nobody writes: it is not locked, and not so new that it may be
/// about to be.
fn remove_left(path: &Path) -> io::Result<()> {
    let is = fs::symlink_metadata(path)?;
    if !(is.is_file() || is.is_dir()) || is.modified()?.elapsed().is_ok_and(|age| age < NEW) {
        return Ok(());
    }
    let lock = File::open(path)?;
    lock.try_lock()?;
    if is.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// The folder in which `path` lies.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Writes the names in a folder, and in those in it, through to the disk.
pub(super) fn sync_all(folder: &Path) -> io::Result<()> {
    let folders: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    folders.iter().filter(|path| path.is_dir()).try_for_each(|path| sync_all(path))?;
    sync(folder)
}

/// Writes the names in a folder through to the disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Gives a work of an older backup a second name; whether that was possible.
fn link(older: &Path, place: &Path, bytes: u64) -> bool {
    let same = fs::symlink_metadata(older).is_ok_and(|is| is.is_file() && is.len() == bytes);
    same && fs::hard_link(older, place).is_ok()
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header
}
