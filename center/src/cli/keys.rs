//! `saifu-center keys`: the keys that the center has, and their changes.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use saifu_wire::certificate::Role;
use serde::Serialize;

use super::UNLOCK;
use super::issuer::{Out, read_json};
use super::output::{Output, table};
use crate::clock::{Clock as _, SystemClock};
use crate::keys::{Change, Unlock, role_name};
use crate::parts::{self, Parts};
use crate::refusal::{Refusal, Result};
use crate::rotation::{check_retirable, check_retirement};
use crate::store::sqlite::Sqlite;

/// The variables that hold what the keys are to be sealed under begin so.
const NEW: &str = "SAIFU_CENTER_NEW";

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// List all keys: which sign, which were before them, which wait for their certificate
    List,
    /// Make the next key of a role; the one before it stays good for what it signed
    Rotate {
        /// What the key does
        role: KeyRole,
    },
    /// Retire the keys of a role up to a sequence: a next key is made that retires them
    Retire(Retire),
    /// Ask the issuer for the certificates of the keys that wait for one
    Request(Out),
    /// Install the issuer's answer
    Install {
        /// The file of `saifu-center issuer certify-center`
        answer: PathBuf,
    },
    /// Seal the keys anew, under SAIFU_CENTER_NEW_PASSPHRASE, _NEW_PASSPHRASE_FILE or _NEW_KEY
    Passwd {
        /// Let them lie plain, in a test center
        #[arg(long)]
        plain: bool,
    },
}

#[derive(Args)]
pub(super) struct Retire {
    /// What the keys do
    role: KeyRole,
    /// The highest sequence that is retired
    sequence: u32,
    /// The key has leaked: retire it though something rests on it
    #[arg(long)]
    leaked: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum KeyRole {
    Licence,
    Credit,
    Receipt,
    Payment,
}

impl From<KeyRole> for Role {
    fn from(role: KeyRole) -> Self {
        match role {
            KeyRole::Licence => Self::Licence,
            KeyRole::Credit => Self::Credit,
            KeyRole::Receipt => Self::Receipt,
            KeyRole::Payment => Self::Payment,
        }
    }
}

/// A key as it is told.
#[derive(Serialize)]
struct Told {
    role: &'static str,
    sequence: u32,
    state: &'static str,
}

#[derive(Serialize)]
struct List {
    center: String,
    sealed: bool,
    keys: Vec<Told>,
}

/// Carries out a command on the keys of the center in `folder`.
pub(super) fn run(command: KeysCommand, folder: &Path, output: &Output) -> Result<()> {
    if Parts::of(folder)? != Parts::Whole {
        return Err(Refusal::not_found(format!(
            "there is no center in {}: name its folder with --data",
            folder.display()
        )));
    }
    let (dir, unlock) = (folder.join(parts::KEYS), Unlock::from_env(UNLOCK)?);
    match command {
        KeysCommand::List => list(&Change::look(&dir, &unlock)?, output),
        KeysCommand::Rotate { role } => {
            let mut change = Change::open(&dir, &unlock)?;
            change.rotate(role.into(), 0, SystemClock.now())?;
            list(&change, output)
        }
        KeysCommand::Retire(asked) => {
            let mut change = Change::open(&dir, &unlock)?;
            retire(&mut change, folder, &asked)?;
            list(&change, output)
        }
        KeysCommand::Request(out) => out.put_json(&Change::look(&dir, &unlock)?.request()?),
        KeysCommand::Install { answer } => {
            let mut change = Change::open(&dir, &unlock)?;
            change.install_answer(&read_json(&answer)?)?;
            list(&change, output)
        }
        KeysCommand::Passwd { plain } => {
            Change::open(&dir, &unlock)?.seal(&new_unlock(plain)?)?;
            let sealed = if plain { "lie plain now" } else { "are sealed anew" };
            output.say(&serde_json::json!({ "sealed": !plain }), |_| format!("the keys {sealed}"))
        }
    }
}

fn retire(change: &mut Change, folder: &Path, asked: &Retire) -> Result<()> {
    let (role, sequence) = (asked.role.into(), asked.sequence);
    let now = SystemClock.now();
    check_retirable(change.ring(), role, sequence)?;
    if !asked.leaked {
        let store = Sqlite::open(&folder.join(parts::STORE))?;
        check_retirement(&store, change.ring(), (role, sequence), now)?;
    }
    change.rotate(role, sequence.saturating_add(1), now)?;
    Ok(())
}

fn new_unlock(plain: bool) -> Result<Unlock> {
    let new = Unlock::from_env(NEW)?;
    if new.is_given() == plain {
        return Err(Refusal::malformed(format!(
            "say what the keys are to be sealed under: set {NEW}_PASSPHRASE, {NEW}_PASSPHRASE_FILE \
             or {NEW}_KEY, or say --plain"
        )));
    }
    Ok(new)
}

fn list(change: &Change, output: &Output) -> Result<()> {
    let told = |state: crate::keys::KeyState| Told {
        role: role_name(state.role),
        sequence: state.sequence,
        state: state.stage.name(),
    };
    let list = List {
        center: change.ring().center().to_string(),
        sealed: change.is_sealed(),
        keys: change.states().into_iter().map(told).collect(),
    };
    output.say(&list, |list| {
        let row = |key: &Told| [key.role.into(), key.sequence.to_string(), key.state.into()];
        let rows: Vec<_> = list.keys.iter().map(row).collect();
        table(["role", "sequence", "state"], [false, true, false], &rows)
    })
}
