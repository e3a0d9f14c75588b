//! One sale, in which one program is ended at one barrier.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::barriers::{Barriers, Reached};
use super::world::{Copy, World};
use super::{Point, Program};
use crate::shop::Anything;
use crate::stage::{Accounts, Running, Stage};

/// A sale, or what goes on of it, has ended within this.
pub(super) const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// How often it is looked at whether a sale has ended before its barrier.
const PAUSE: Duration = Duration::from_millis(5);

/// A barrier, and who is ended while somebody stands there.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) point: Point,
    pub(super) victim: Program,
}

/// How a sale came to its end.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    /// The run that was disturbed went on by itself.
    ByItself,
    /// `saifu resume` finished it.
    Resumed,
    /// It had not begun: nothing was written down, ordered or paid.
    BoughtAgain,
}

impl Case {
    /// Runs the sale, ends the victim, starts it again, resumes and compares.
    pub(super) fn run(&self, world: &World) -> Result<How, Anything> {
        let Copy { mut stage, barriers, _folder } = world.copy()?;
        barriers.hold_after(Some(self.point.index));
        let mut sale = stage.start_saifu(&world.purchase(), true)?;
        let held = wait_for(&barriers, &mut sale)?;
        if held.point != self.point.name {
            return Err(format!("this barrier is another: {}", held.point).into());
        }
        self.end_victim(&mut stage, sale, held)?;
        barriers.hold_after(None);
        let how = finish(&stage, world)?;
        compare(&stage, world)?;
        stage.search()?;
        Ok(how)
    }

    /// Ends the victim while all stand still, lets the others on, and starts it again.
    ///
    /// The center is away for longer at every other barrier, so that the terminal has to end.
    fn end_victim(&self, stage: &mut Stage, sale: Running, held: Reached) -> Result<(), Anything> {
        match self.victim {
            Program::Terminal => {
                sale.kill()?;
                drop(held);
            }
            Program::Card => {
                stage.kill_card()?;
                drop(held);
                stage.start_card()?;
                sale.wait(ENDS_WITHIN)?;
            }
            Program::Center => {
                stage.kill_center()?;
                if self.point.index.is_multiple_of(2) {
                    stage.start_center()?;
                }
                drop(held);
                sale.wait(ENDS_WITHIN)?;
                if stage.center_pid().is_none() {
                    stage.start_center()?;
                }
            }
        }
        Ok(())
    }
}

/// Waits until a program stands at the barrier.
fn wait_for(barriers: &Barriers, sale: &mut Running) -> Result<Reached, Anything> {
    let begun = Instant::now();
    while begun.elapsed() < ENDS_WITHIN && !sale.has_ended()? {
        if let Some(held) = barriers.held(PAUSE) {
            return Ok(held);
        }
    }
    Err("the barrier was not reached".into())
}

/// Finishes the sale as its customer would.
fn finish(stage: &Stage, world: &World) -> Result<How, Anything> {
    let purchases = stage.saifu_json(&["purchases"])?;
    let purchases = purchases["purchases"].as_array().ok_or("no list of purchases")?;
    Ok(match &purchases[..] {
        [] => {
            let untouched = Accounts::ask(stage)? == world.accounts;
            let bought = untouched.then(|| stage.saifu(&world.purchase()));
            bought.ok_or("nothing was begun, and yet something was paid")??.good()?;
            How::BoughtAgain
        }
        [sale] if sale["complete"] == Value::Bool(true) => How::ByItself,
        [sale] => {
            let id = sale["sale"].as_str().ok_or("a sale without an id")?;
            stage.saifu(&["resume", id, "--yes"])?.good()?;
            How::Resumed
        }
        more => return Err(format!("{} sales were begun", more.len()).into()),
    })
}

/// One order, one debit, one settlement, the right file, and nothing else.
///
/// A center numbers its licences for a card in a row: after one order the number is 1.
fn compare(stage: &Stage, world: &World) -> Result<(), Anything> {
    let purchases = stage.saifu_json(&["purchases"])?;
    if purchases["purchases"][0]["licence"] != 1 || purchases["purchases"][1] != Value::Null {
        return Err(format!("it was ordered more than once: {purchases}").into());
    }
    let after = Accounts::ask(stage)?;
    let expected = Accounts {
        balance: world.accounts.balance - world.work.price,
        settled: world.work.price,
        sales: 1,
        licences: 1,
        ..world.accounts
    };
    if after != expected || !after.is_whole() {
        return Err(format!("the value is {after:?}").into());
    }
    let folder = stage.folder().join("bought");
    let names = fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    if names != [world.work.file] {
        return Err(format!("these files are there: {names:?}").into());
    }
    match fs::read(folder.join(world.work.file))? == world.work.read()? {
        true => Ok(()),
        false => Err("the file is not the original".into()),
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Point { index, program, name } = &self.point;
        write!(f, "{index:>3}  {program}, {name}: {} killed", self.victim)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminal => "terminal",
            Self::Card => "card",
            Self::Center => "center",
        })
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByItself => "went on by itself",
            Self::Resumed => "resumed",
            Self::BoughtAgain => "had not begun, bought again",
        })
    }
}
