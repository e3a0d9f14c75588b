//! What the commands work with: the data folder, and what is in it.

use super::arguments::{Global, PinSource};
use super::{ExitCode, Failure};
use crate::card::{Card, Pin};
use crate::center::Client;
use crate::sale::Sales;
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::test_root;
use std::env;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The data folder, and how to talk.
pub(super) struct Context {
    /// The data folder.
    pub(super) data: PathBuf,
    /// Whether JSON is printed.
    pub(super) json: bool,
}

impl Context {
    pub(super) fn new(global: Global) -> Result<Self, Failure> {
        let data = global.data.or_else(default_data).ok_or_else(|| {
            let next = "set HOME, or name a folder with --data";
            Failure::new(ExitCode::Usage, "there is no data folder", next)
        })?;
        Ok(Self { data, json: global.json })
    }

    /// The root that this terminal trusts.
    pub(super) fn root(&self) -> Result<PinnedRoot, Failure> {
        test_root::pinned().ok_or_else(|| Failure::new(ExitCode::Failed, "there is no root", ""))
    }

    /// This data folder's sales, for this process alone.
    pub(super) fn sales(&self) -> Result<Sales, Failure> {
        Ok(Sales::open(&self.data)?)
    }

    /// The command that adds a work to the test center.
    pub(super) fn how_to_add(&self) -> String {
        let center = self.data.join("center");
        let what = "work add FILE --title TITLE --creator NAME --price jpy:300 --publish";
        format!("saifu-center --data {} {what}", center.display())
    }

    /// The card.
    #[cfg(feature = "embedded")]
    pub(super) fn card(&self) -> Result<Card, Failure> {
        let found = crate::embedded::card(&self.data)?;
        if found.is_new {
            let pin = crate::embedded::TEST_PIN;
            let made = format!("made a virtual test card, PIN {pin}, in");
            eprintln!("{made} {}", self.data.join("card").display());
            eprintln!("test mode: its keys are published, and what it holds is worth nothing");
        }
        Ok(Card::new(Box::new(found.it)))
    }

    /// The center.
    #[cfg(feature = "embedded")]
    pub(super) fn client(&self) -> Result<Client, Failure> {
        fs::create_dir_all(&self.data).map_err(|why| Failure::file(&self.data, &why))?;
        let found = crate::embedded::center(&self.data)?;
        if found.is_new {
            eprintln!("made a test center in {}", self.data.join("center").display());
        }
        Ok(Client::new(Box::new(found.it)))
    }

    /// The card.
    #[cfg(not(feature = "embedded"))]
    pub(super) fn card(&self) -> Result<Card, Failure> {
        let next = "build it with the feature `embedded`";
        Err(Failure::new(ExitCode::NoCard, "this saifu has no way to a card", next))
    }

    /// The center.
    #[cfg(not(feature = "embedded"))]
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let next = "build it with the feature `embedded`";
        Err(Failure::new(ExitCode::NoCenter, "this saifu has no way to a center", next))
    }
}

/// The PIN from a file, the environment, or the user at the terminal.
pub(super) fn pin(source: &PinSource) -> Result<Pin, Failure> {
    if let Some(path) = &source.pin_file {
        let text = fs::read_to_string(path).map(Zeroizing::new);
        return Ok(Pin::new(&text.map_err(|why| Failure::file(path, &why))?)?);
    }
    if let Ok(text) = env::var("SAIFU_PIN") {
        return Ok(Pin::new(&Zeroizing::new(text))?);
    }
    if !io::stdin().is_terminal() {
        let next = "use --pin-file, or set SAIFU_PIN";
        return Err(Failure::new(
            ExitCode::Usage,
            "the PIN is needed, and nobody can type it",
            next,
        ));
    }
    let text = rpassword::prompt_password("PIN: ").map(Zeroizing::new);
    Ok(Pin::new(&text.map_err(|why| Failure::file(Path::new("terminal"), &why))?)?)
}

fn default_data() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".local/share"));
    Some(absolute("XDG_DATA_HOME").or_else(home)?.join("saifu"))
}
