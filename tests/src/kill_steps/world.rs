//! What every case begins with: a center with a work, a card with an account and value.

use std::fs;
use std::io;
use std::path::Path;

use saifu_wire::signed::PaymentOrder;
use tempfile::TempDir;

use super::barriers::Barriers;
use super::{Point, Program};
use crate::shop::{Anything, REAL_WORKS, RealWork};
use crate::stage::{Accounts, Programs, Stage};

/// A stage at rest, to be copied.
pub(super) struct World {
    pub(super) programs: Programs,
    pub(super) work: RealWork,
    /// Where the value is at first.
    pub(super) accounts: Accounts,
    folder: TempDir,
}

/// A copy of the world that is there, and whoever holds its programs.
pub(super) struct Copy {
    pub(super) stage: Stage,
    pub(super) barriers: Barriers,
    pub(super) _folder: TempDir,
}

impl World {
    /// Makes center and card, and registers the card.
    pub(super) fn prepare(programs: Programs, payment: PaymentOrder) -> Result<Self, Anything> {
        let [.., work] = REAL_WORKS;
        let work = RealWork { payment, ..work };
        let folder = tempfile::tempdir()?;
        Stage::prepare(&programs, folder.path(), &[work])?;
        let stage = Stage::open(&programs, folder.path(), None)?;
        stage.saifu(&["register"])?.good()?;
        let accounts = Accounts::ask(&stage)?;
        stage.end()?;
        Ok(Self { programs, work, accounts, folder })
    }

    /// Starts a copy of it.
    pub(super) fn copy(&self) -> Result<Copy, Anything> {
        let folder = tempfile::tempdir()?;
        copy_all(self.folder.path(), folder.path())?;
        let barriers = Barriers::listen(folder.path())?;
        let stage = Stage::open(&self.programs, folder.path(), Some(barriers.socket()))?;
        Ok(Copy { stage, barriers, _folder: folder })
    }

    /// The arguments with which the work is bought.
    pub(super) fn purchase(&self) -> [&str; 5] {
        ["buy", self.work.title, "--output", self.work.file, "--yes"]
    }

    /// The barriers of a sale that nothing disturbs.
    pub(super) fn points(&self) -> Result<Vec<Point>, Anything> {
        let Copy { stage, barriers, _folder } = self.copy()?;
        barriers.hold_after(None);
        stage.start_saifu(&self.purchase(), true)?.wait(super::case::ENDS_WITHIN)?.good()?;
        let points = barriers.seen().into_iter().enumerate().map(|(index, (pid, name))| {
            let program = match Some(pid) {
                pid if pid == stage.card_pid() => Program::Card,
                pid if pid == stage.center_pid() => Program::Center,
                _ => Program::Terminal,
            };
            Point { index, program, name }
        });
        Ok(points.collect())
    }
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            fs::set_permissions(&target, entry.metadata()?.permissions())?;
            copy_all(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
