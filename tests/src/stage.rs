//! The three programs as processes of their own: `saifu-center serve`, `saifu-card run` and
//! `saifu`, the card in a private pcscd, the center on a port of this machine.
//!
//! ```text
//! FOLDER/center     the center's        FOLDER/terminal   the customer's data
//! FOLDER/card       the card's          FOLDER/bought     what was bought
//! ```

mod programs;
mod run;
mod value;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use saifu_barrier::VARIABLE;
use saifu_host::center::words;
use saifu_vsmartcard::harness::{CardProcess, PrivatePcscd, Spoken, free_port};
use serde_json::Value;

use crate::secrets::{Searched, known, search};
use crate::shop::{Anything, REAL_WORKS, RealWork};
pub use programs::Programs;
pub use run::{Ran, Running};
pub use value::Accounts;

/// The center says where it serves within this.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A command of the owner or the customer has ended within this.
const DONE_WITHIN: Duration = Duration::from_secs(120);

/// What the center says before its URL.
const SERVING: &str = "serving at ";

/// The three programs on one folder; dropped, all of them are ended.
pub struct Stage {
    programs: Programs,
    folder: PathBuf,
    /// The socket of whoever holds the programs at their barriers.
    barriers: Option<PathBuf>,
    card: Option<CardProcess>,
    center: Option<Spoken>,
    url: String,
    pcscd: PrivatePcscd,
}

impl Stage {
    /// Makes a center with `works` in `folder`, published, and an empty place for a customer.
    ///
    /// # Errors
    /// A program is missing or refuses.
    pub fn prepare(programs: &Programs, folder: &Path, works: &[RealWork]) -> Result<(), Anything> {
        fs::create_dir_all(folder.join("bought"))?;
        run(owner(programs, folder).arg("init"))?;
        works.iter().try_for_each(|work| {
            let price = format!("jpy:{}", work.price);
            let told = ["--title", work.title, "--creator", work.creator, "--price", &price];
            let order = ["--payment", words::payment(work.payment), "--publish"];
            let mut command = owner(programs, folder);
            run(command.args(["work", "add"]).arg(work.path()).args(told).args(order))
        })
    }

    /// Starts pcscd, the card (made if there is none) and the center of `folder`.
    ///
    /// # Errors
    /// A program is missing, or does not get ready.
    pub fn open(
        programs: &Programs,
        folder: &Path,
        barriers: Option<&Path>,
    ) -> Result<Self, Anything> {
        let mut stage = Self::with(PrivatePcscd::start()?, programs, folder);
        stage.barriers = barriers.map(Path::to_owned);
        stage.make_card()?;
        stage.start_card()?;
        stage.start_center()?;
        Ok(stage)
    }

    /// Starts the center of `folder`, and a pcscd with the reader at the line that `link` leads
    /// to; whoever put it there has the card, made with [`known::PROGRAMS_PIN`].
    ///
    /// # Errors
    /// A program is missing, or does not get ready.
    pub fn open_at_line(programs: &Programs, folder: &Path, link: &Path) -> Result<Self, Anything> {
        let mut stage = Self::with(PrivatePcscd::start_with_line(link)?, programs, folder);
        stage.start_center()?;
        Ok(stage)
    }

    fn with(pcscd: PrivatePcscd, programs: &Programs, folder: &Path) -> Self {
        Self {
            programs: programs.clone(),
            folder: folder.to_owned(),
            barriers: None,
            card: None,
            center: None,
            url: String::new(),
            pcscd,
        }
    }

    /// Makes the card, if there is none, with a PIN that nothing else says by chance.
    fn make_card(&self) -> Result<(), Anything> {
        let folder = self.folder.join("card");
        if folder.exists() {
            return Ok(());
        }
        let mut command = Command::new(&self.programs.card);
        run(command
            .arg("new")
            .arg(folder)
            .args(["--pin", known::PROGRAMS_PIN])
            .env_remove(VARIABLE))
    }

    /// Puts the card into the reader.
    ///
    /// # Errors
    /// Its program does not get ready.
    pub fn start_card(&mut self) -> Result<(), Anything> {
        let (program, folder) = (&self.programs.card, self.folder.join("card"));
        let barriers = self.barriers.clone();
        let card = CardProcess::start_with(program, &folder, self.pcscd.vpcd_port(), |command| {
            hold(command, barriers.as_deref());
        })?;
        self.card = Some(card);
        Ok(())
    }

    /// Ends the card with SIGKILL.
    ///
    /// # Errors
    /// The system.
    pub fn kill_card(&mut self) -> Result<(), Anything> {
        self.card.take().map_or(Ok(()), |card| Ok(card.kill()?))
    }

    /// Starts the center, on the port it had before.
    ///
    /// # Errors
    /// It does not get ready.
    pub fn start_center(&mut self) -> Result<(), Anything> {
        let place = match self.url.strip_prefix("http://") {
            Some(place) => place.to_owned(),
            // One that no connection gets by chance while the center is away.
            None => format!("127.0.0.1:{}", free_port()?),
        };
        let mut command = owner(&self.programs, &self.folder);
        command.args(["serve", "--until-eof", "--listen", &place]);
        hold(&mut command, self.barriers.as_deref());
        let mut center = Spoken::start(&mut command)?;
        let line = center.hear(READY_WITHIN)?;
        let url = line.strip_prefix(SERVING).ok_or_else(|| format!("the center said: {line}"))?;
        self.url = url.trim().to_owned();
        self.center = Some(center);
        Ok(())
    }

    /// Ends the center with SIGKILL.
    ///
    /// # Errors
    /// The system.
    pub fn kill_center(&mut self) -> Result<(), Anything> {
        self.center.take().map_or(Ok(()), |mut center| Ok(center.kill()?))
    }

    /// Ends card and center as they end by themselves.
    ///
    /// # Errors
    /// The system; one of them ends with an error.
    pub fn end(mut self) -> Result<(), Anything> {
        let card = self.card.take().map_or(Ok(true), CardProcess::end)?;
        let center = self.center.take().map_or(Ok(true), |mut center| center.end())?;
        match card && center {
            true => Ok(()),
            false => Err("card or center ended with an error".into()),
        }
    }

    /// Searches what card, center and terminal have written, apart from where secrets are at
    /// home, for the PIN and the works.
    ///
    /// # Errors
    /// A secret is there; something cannot be read.
    pub fn search(&self) -> Result<Searched, Anything> {
        let searched = search(std::slice::from_ref(&self.folder), &known::programs(&REAL_WORKS)?)?;
        match &searched.found[..] {
            [] => Ok(searched),
            [(path, name), ..] => Err(format!("{name} lies in {}", path.display()).into()),
        }
    }

    /// The folder of it all.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the center serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The private pcscd.
    pub fn pcscd(&self) -> &PrivatePcscd {
        &self.pcscd
    }

    /// The process id of the card, while there is one.
    pub fn card_pid(&self) -> Option<u32> {
        self.card.as_ref().map(CardProcess::pid)
    }

    /// The process id of the center, while there is one.
    pub fn center_pid(&self) -> Option<u32> {
        self.center.as_ref().map(Spoken::pid)
    }

    /// Starts `saifu` as the customer runs it; `held` at its barriers, if anybody holds them.
    ///
    /// # Errors
    /// The system.
    pub fn start_saifu(&self, arguments: &[&str], held: bool) -> Result<Running, Anything> {
        let mut command = self.pcscd.client(&self.programs.terminal);
        command.args(arguments).current_dir(self.folder.join("bought"));
        command
            .env("SAIFU_DATA", self.folder.join("terminal"))
            .env("SAIFU_PIN", known::PROGRAMS_PIN);
        command.env("SAIFU_CARD", "pcsc").env("SAIFU_CENTER", &self.url);
        hold(&mut command, self.barriers.as_deref().filter(|_| held));
        Running::start(&mut command)
    }

    /// Runs `saifu` to its end, whatever that is.
    ///
    /// # Errors
    /// The system; it does not end.
    pub fn saifu(&self, arguments: &[&str]) -> Result<Ran, Anything> {
        self.start_saifu(arguments, false)?.wait(DONE_WITHIN)
    }

    /// Runs `saifu`, which must end well, and reads the JSON that it prints.
    ///
    /// # Errors
    /// It fails, or prints something else.
    pub fn saifu_json(&self, arguments: &[&str]) -> Result<Value, Anything> {
        let mut all = arguments.to_vec();
        all.push("--json");
        self.saifu(&all)?.json()
    }

    /// Runs `saifu-center` on the folder, beside the one that serves; it must end well.
    ///
    /// # Errors
    /// It fails, or prints something else than JSON.
    pub fn owner_json(&self, arguments: &[&str]) -> Result<Value, Anything> {
        let mut command = owner(&self.programs, &self.folder);
        Running::start(command.arg("--json").args(arguments))?.wait(DONE_WITHIN)?.json()
    }
}

/// `saifu-center` on a stage's folder.
fn owner(programs: &Programs, folder: &Path) -> Command {
    let mut command = Command::new(&programs.center);
    command.arg("--data").arg(folder.join("center")).env_remove(VARIABLE);
    command
}

/// Has a program held at its barriers, or at none.
fn hold(command: &mut Command, barriers: Option<&Path>) {
    match barriers {
        Some(socket) => command.env(VARIABLE, socket),
        None => command.env_remove(VARIABLE),
    };
}

/// Runs a command of the owner, which must end well.
fn run(command: &mut Command) -> Result<(), Anything> {
    Running::start(command)?.wait(DONE_WITHIN)?.good().map(drop)
}
