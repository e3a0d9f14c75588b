//! `saifu-card insert`, `remove`, `swap`, `reset` and `status`: a hand at the readers of a
//! `saifu-card run` that runs elsewhere.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Failure;
use crate::rig::ReaderStatus;
use crate::rig::control::{Answer, Request, ask};

/// The variable that names the socket where no flag does.
pub(super) const VARIABLE: &str = "SAIFU_CARD_CONTROL";

/// Why it cannot be listened at a path.
pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another `saifu-card run` listens there, or it is no socket".into()
        }
        io::ErrorKind::InvalidInput => "the path of a socket has at most 107 bytes".into(),
        _ => error.to_string(),
    }
}

/// Which readers are meant.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Where {
    /// The socket that `saifu-card run --control` made; default: the variable SAIFU_CARD_CONTROL
    #[arg(long, value_name = "SOCKET")]
    control: Option<PathBuf>,
}

/// One of them.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Reader {
    /// The reader's number, from 0 in the order in which `run` was told of them
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    reader: usize,
    /// Print what the readers have in them now as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    whose: Where,
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    Insert,
    Swap,
    Remove,
    Reset,
}

impl Reader {
    /// Does it, with a card's folder where there is one to put in.
    pub(super) fn handle(
        &self,
        hand: Hand,
        card: Option<&Path>,
        out: &mut dyn Write,
    ) -> Result<ExitCode, Failure> {
        let reader = self.reader;
        // The other process has a working folder of its own.
        let card = card.map(std::path::absolute).transpose()?.unwrap_or_default();
        let request = match hand {
            Hand::Insert => Request::Insert { reader, card },
            Hand::Swap => Request::Swap { reader, card },
            Hand::Remove => Request::Remove { reader },
            Hand::Reset => Request::Reset { reader },
        };
        let readers = self.whose.asked(&request)?;
        print(&readers, self.json, out)?;
        let put_in = matches!(hand, Hand::Insert | Hand::Swap);
        let unmet = readers.iter().find(|told| put_in && told.reader == reader && !told.connected);
        unmet.map_or(Ok(ExitCode::SUCCESS), |told| Err(Failure::NoReaderYet(told.place.clone())))
    }
}

/// What `fault` is told.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Faulted {
    /// What shall go wrong, such as drop@3; `run --help` has the forms
    #[arg(value_name = "FAULT")]
    add: Vec<String>,
    /// Take back all that is still to come first
    #[arg(long)]
    clear: bool,
    #[command(flatten)]
    reader: Reader,
}

impl Faulted {
    /// Adds faults to a reader's, and tells them.
    pub(super) fn add(self, out: &mut dyn Write) -> Result<ExitCode, Failure> {
        let Reader { reader, json, whose } = self.reader;
        let request = Request::Fault { reader, clear: self.clear, add: self.add };
        print(&whose.asked(&request)?, json, out)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Where {
    /// Tells what the readers have in them.
    pub(super) fn status(&self, json: bool, out: &mut dyn Write) -> Result<ExitCode, Failure> {
        print(&self.asked(&Request::Status)?, json, out)?;
        Ok(ExitCode::SUCCESS)
    }

    fn asked(&self, request: &Request) -> Result<Vec<ReaderStatus>, Failure> {
        let told = self.control.clone().or_else(|| env::var_os(VARIABLE).map(PathBuf::from));
        let socket = told.ok_or(Failure::NoControl)?;
        let refused = |error: io::Error| Failure::NoRig(socket.display().to_string(), error);
        match ask(&socket, request).map_err(refused)? {
            Answer::Done(readers) => Ok(readers),
            Answer::Refused(why) => Err(Failure::Refused(why)),
        }
    }
}

fn print(readers: &[ReaderStatus], json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        return writeln!(out, "{}", serde_json::to_string(readers)?);
    }
    for ReaderStatus { reader, place, card, connected, faults, injected } in readers {
        let held = match card {
            None => "empty".to_owned(),
            Some(card) if *connected => card.display().to_string(),
            Some(card) => format!("{}, not taken yet", card.display()),
        };
        writeln!(out, "reader {reader}  {place}  {held}")?;
        if !faults.is_empty() || *injected > 0 {
            writeln!(out, "          faults: {injected} so far, to come: {}", faults.join(" "))?;
        }
    }
    Ok(())
}
