//! `saifu-center backup` and `restore`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::bar::Bar;
use super::output::Output;
use crate::backup::{self, Manifest, Options};
use crate::clock::{Clock as _, SystemClock};
use crate::parts::Parts;
use crate::refusal::{Refusal, Result};

#[derive(Args)]
pub(super) struct Backup {
    /// The backup: one file, or a folder with --folder
    backup: PathBuf,
    /// Make a folder, not one file
    #[arg(long)]
    folder: bool,
    /// Works that are in this older backup, a folder on the same disk, are not copied again
    #[arg(long, value_name = "DIR", requires = "folder")]
    reuse: Option<PathBuf>,
    /// Make nothing: read the backup and check that it is whole
    #[arg(long, conflicts_with_all = ["folder", "reuse"])]
    verify: bool,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The backup, one file or a folder
    backup: PathBuf,
}

/// What is told of a backup.
#[derive(Serialize)]
struct Told<'a> {
    backup: String,
    center: &'a str,
    made: &'a str,
    entry: u64,
    parts: usize,
    bytes: u64,
    folder: Option<String>,
}

fn told<'a>(backup: &Path, manifest: &'a Manifest, folder: Option<&Path>) -> Told<'a> {
    Told {
        backup: backup.display().to_string(),
        center: &manifest.center,
        made: &manifest.made_at,
        entry: manifest.entry,
        parts: manifest.parts.len(),
        bytes: manifest.bytes(),
        folder: folder.map(|folder| folder.display().to_string()),
    }
}

fn text(told: &Told<'_>) -> String {
    format!(
        "backup    {}\ncenter    {}\nmade      {}\nentry     {}, the last one in it\nparts     {}\n\
         bytes     {}\n",
        told.backup, told.center, told.made, told.entry, told.parts, told.bytes
    )
}

/// Backs the center in `folder` up, also while it serves; or checks a backup.
pub(super) fn backup(folder: &Path, asked: &Backup, output: &Output) -> Result<()> {
    let to = &asked.backup;
    if asked.verify {
        let bar = Bar::new(output, "checking");
        let manifest = backup::verify(to, &mut |done, all| bar.show(done, all))?;
        drop(bar);
        let whole = |told: &Told<'_>| text(told) + "it is whole\n";
        return output.say(&told(to, &manifest, None), whole);
    }
    if Parts::of(folder)? != Parts::Whole {
        let folder = folder.display();
        return Err(Refusal::not_found(format!(
            "there is no center in {folder}: name its folder with --data"
        )));
    }
    let bar = Bar::new(output, "backing up");
    let options = Options { folder: asked.folder, older: asked.reuse.as_deref() };
    let show = &mut |done, all| bar.show(done, all);
    let manifest = backup::back_up(folder, to, options, SystemClock.now(), show)?;
    drop(bar);
    output.say(&told(to, &manifest, None), |told| {
        let keys = "it holds the center's keys: keep it where nobody else can read it\n";
        format!(
            "{}{keys}check it with `{} backup --verify {}`\n",
            text(told),
            output.program,
            told.backup
        )
    })
}

/// Puts a center back from a backup into `folder`.
pub(super) fn restore(folder: &Path, asked: &Restore, output: &Output) -> Result<()> {
    let bar = Bar::new(output, "restoring");
    let show = &mut |done, all| bar.show(done, all);
    let manifest = backup::restore(&asked.backup, folder, SystemClock.now(), show)?;
    drop(bar);
    let program = &output.program;
    output.say(&told(&asked.backup, &manifest, Some(folder)), |told| {
        format!(
            "{}the center is put back, as it was then. What to do now:\n\
             1. never start the old one again: two centers with one set of keys sell the same \
             numbers\n\
             2. {program} audit    says what is missing since the backup\n\
             3. {program} serve    cards send in what they paid since, and it is settled\n\
             4. withdraw vouchers that may have been used since, and back up again\n",
            text(told)
        )
    })
}
