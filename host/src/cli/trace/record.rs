//! `saifu trace record`: a live PC/SC session as a trace.

use crate::cli::arguments::Global;
use crate::cli::report::tell;
use crate::cli::{ExitCode, Failure, Report};
use crate::trace_record::{
    Counts, Head, Output, ReaderCard, Script, Stage, StageError, Tape, TapeError, Traced,
};
use clap::ArgGroup;
use jiff::{Timestamp, Unit};
use saifu_trace::report;
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::platform::Seed;
use saifu_vsmartcard::plug::{InSlot, Relayed, Reply, Stop, VpcdListener};
use saifu_vsmartcard::{NewCard, VirtualCard};
use serde_json::json;
use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The longest seed that is written into a trace.
const MAX_SEED_CHARS: usize = 200;

/// Which card, which program, which file.
#[derive(Debug, clap::Args)]
#[command(
    group = ArgGroup::new("which").args(["reader", "folder", "seed", "listen"]),
    after_help = "The program runs in a pcscd of its own, whose reader is joined to the card; any \
    PC/SC program will do, unchanged: it finds that pcscd by PCSCLITE_CSOCK_NAME. Without \
    --reader, --virtual, --seed and --listen the card is the only one in a reader of this \
    machine, which nobody else can use meanwhile. It needs pcscd and vpcd, and root or user \
    namespaces.\n\n\
    Lines are written as they come; a kill loses at most the last. PINs become $pin, $pin2 ..., \
    which `saifu trace run` is given by --set, the first by SAIFU_PIN, too; keys are left out, and of the works that a card \
    opens the SHA-256 is kept. What a card gives away elsewhere nobody can know: look before you \
    pass a recording on.\n\n\
    Exit codes: 0 recorded, and the program ended well; 1 it did not, or the recording broke \
    off; 2 wrong usage; 3 there is no card\n\n\
    Examples:\n  \
    saifu trace record -o gpg.apdu -- gpg --card-status\n  \
    saifu trace record -o buy.apdu --seed A -- saifu --card pcsc balance\n  \
    saifu trace record -o vicc.apdu --listen 35970 -- opensc-tool -n & vicc --port 35970"
)]
pub(in crate::cli) struct Args {
    /// Where the trace goes; what was there is gone
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The card in the reader of this machine whose name has this in it
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// The virtual card in this folder, as `saifu-card new` makes one
    #[arg(long = "virtual", value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// A fresh card of class test, PIN 1234, whose random numbers come from this text, so that a
    /// run of the trace meets the same one
    #[arg(long, value_name = "TEXT", value_parser = seed)]
    seed: Option<String>,
    /// A card that connects here as if to vpcd
    #[arg(long, value_name = "[HOST:]PORT", value_parser = address)]
    listen: Option<String>,
    /// Keep PINs, keys and works, too; only you can read the file
    #[arg(long)]
    unredacted: bool,
    /// Write all commands in hexadecimal, none by name
    #[arg(long)]
    hex: bool,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

/// A card, and what the recording says of it.
struct Source {
    card: Box<dyn InSlot + Send>,
    atr: Atr,
    reader: String,
    /// What a run shall make before, in the words of `card`.
    wish: Option<String>,
}

/// Records until the program has ended.
pub(super) fn run(global: &Global, asked: &Args) -> Result<Report, Failure> {
    if let Some(program) = asked.program.first().filter(|program| !is_there(program)) {
        // Before the file is made: what was there is kept.
        let what = format!("there is no program {}", program.display());
        return Err(Failure::new(ExitCode::Failed, what, "install it, or name its path"));
    }
    let stage = Stage::start().map_err(no_stage)?;
    let Source { card, atr, reader, wish } =
        source(asked, stage.folder(), Duration::from_secs(global.card_timeout))?;
    let head = Head { date: now(), reader, program: asked.program.first().map(name), card: wish };
    let mut script = if asked.unredacted { Script::new().unredacted() } else { Script::new() };
    if asked.hex {
        script = script.in_hex();
    }
    let tape = Tape::create(&asked.output, script, &head, asked.unredacted).map_err(no_tape)?;
    let tape = Arc::new(Mutex::new(tape));
    let output = if global.json { Output::Apart } else { Output::Shared };
    let card = Traced::new(card, Arc::clone(&tape));
    let ended = stage.run(card, atr, &asked.program, output).map_err(no_stage)?;
    let counts = tape.lock().unwrap_or_else(PoisonError::into_inner).finish().map_err(no_tape)?;
    Ok(report(asked, counts, ended))
}

/// What was recorded is told apart from what the program has said.
fn report(asked: &Args, counts: Counts, ended: ExitStatus) -> Report {
    let Counts { commands, lost } = counts;
    let file = asked.output.display();
    let unanswered = if lost == 0 { String::new() } else { format!(", {lost} not answered") };
    tell(&format!("{file}: {}{unanswered}\n", report::counted(commands, "command")));
    let json = json!({
        "file": asked.output,
        "commands": commands,
        "lost": lost,
        "program": ended.code(),
    });
    let report = Report::new("", json);
    if ended.success() {
        return report;
    }
    let program = asked.program.first().map(name).unwrap_or_default();
    let what = format!("{program} ended with {ended}");
    report.with(vec![Failure::new(ExitCode::Failed, what, "the recording has what it did")])
}

/// Whether a program is a file, in a folder of `PATH` unless it is named with its own.
fn is_there(program: &OsString) -> bool {
    if Path::new(program).components().count() > 1 {
        return Path::new(program).is_file();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The card that was asked for.
fn source(asked: &Args, folder: &Path, within: Duration) -> Result<Source, Failure> {
    if let Some(address) = &asked.listen {
        return connecting(address, within);
    }
    if let Some(seed) = &asked.seed {
        let new = NewCard { seed: Some(Seed::of(seed)), ..NewCard::default() };
        let card = VirtualCard::create(&folder.join("card"), &new).map_err(no_card)?;
        let wish = Some(format!("test seed=\"{seed}\""));
        return Ok(Source { wish, ..virtual_card(card, "a fresh virtual card") });
    }
    if let Some(folder) = &asked.folder {
        let card = VirtualCard::open(folder).map_err(no_card)?;
        return Ok(virtual_card(card, "a virtual card"));
    }
    let card = ReaderCard::connect(asked.reader.as_deref(), within)?;
    let reader = card.name().to_owned();
    Ok(Source { card: Box::new(card), atr: Atr::default(), reader, wish: None })
}

fn virtual_card(card: VirtualCard, reader: &str) -> Source {
    Source { card: Box::new(card), atr: Atr::default(), reader: reader.into(), wish: None }
}

/// Waits for a card to connect where vpcd would be.
fn connecting(address: &str, within: Duration) -> Result<Source, Failure> {
    let listener = VpcdListener::bind(address).map_err(|error| {
        let what = format!("cannot listen at {address}: {error}");
        Failure::new(ExitCode::Failed, what, "choose another port")
    })?;
    tell(&format!("waiting for a card at {address}\n"));
    let (mut card, late) = (Relayed::new(listener), Stop::default());
    let ends = late.clone();
    thread::spawn(move || {
        thread::sleep(within);
        ends.stop();
    });
    let is_there = card.wait_for_card(&late);
    match is_there {
        Ok(true) => {}
        _ => {
            let what = format!("no card connected to {address} within {} s", within.as_secs());
            let next = format!("start one, such as `saifu-card run FOLDER --vpcd {address}`");
            return Err(Failure::new(ExitCode::NoCard, what, next));
        }
    }
    card.power_on();
    let atr = match card.atr(&Atr::default()) {
        Reply::Answer(atr) => Atr::parse(&atr).unwrap_or_default(),
        _ => Atr::default(),
    };
    let reader = "a card that connected".to_owned();
    Ok(Source { card: Box::new(card), atr, reader, wish: None })
}

/// The time, in whole seconds.
fn now() -> String {
    Timestamp::now().round(Unit::Second).unwrap_or_default().to_string()
}

/// A program without its folder.
fn name(program: &OsString) -> String {
    let path = Path::new(program);
    path.file_name().unwrap_or(program).to_string_lossy().into_owned()
}

fn no_tape(error: TapeError) -> Failure {
    Failure::new(ExitCode::Failed, error, "")
}

fn no_card(error: impl ToString) -> Failure {
    let next = "make one with `saifu-card new FOLDER`, or record a fresh one with --seed";
    Failure::new(ExitCode::NoCard, error, next)
}

pub(super) fn no_stage(error: StageError) -> Failure {
    let next = match &error {
        StageError::Program { error, .. } if error.kind() == io::ErrorKind::NotFound => {
            "install it, or name its path"
        }
        StageError::Program { .. } => "",
        _ => "on Debian: apt install pcscd vsmartcard-vpcd; in a container it needs privileges",
    };
    Failure::new(ExitCode::Failed, error, next)
}

fn seed(text: &str) -> Result<String, &'static str> {
    let plain = text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '#'));
    let fits = plain && (1..=MAX_SEED_CHARS).contains(&text.len());
    fits.then(|| text.to_owned()).ok_or("write up to 200 letters, digits and signs, no spaces")
}

/// A port alone is one of this machine for no other.
fn address(text: &str) -> Result<String, &'static str> {
    let whole = match text.parse::<u16>() {
        Ok(port) => format!("127.0.0.1:{port}"),
        Err(_) => text.to_owned(),
    };
    let port = whole.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    port.filter(|port| *port != 0).map(|_| whole).ok_or("write PORT or HOST:PORT, such as 35970")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_for_where_a_shell_would() {
        assert!(is_there(&"sh".into()) && is_there(&"/bin/sh".into()));
        for wrong in ["no-such-program", "./sh", "/bin/no-such-program", "/bin"] {
            assert!(!is_there(&wrong.into()), "{wrong}");
        }
    }

    #[test]
    fn a_seed_is_what_a_line_of_a_trace_can_hold() {
        assert_eq!(seed("sale-1"), Ok("sale-1".into()));
        for wrong in ["", "a b", "a\"b", "a#b", "ä", &"x".repeat(201)] {
            assert!(seed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_to_listen_at_is_a_port_with_a_host_or_alone() {
        assert_eq!(address("35970"), Ok("127.0.0.1:35970".into()));
        assert_eq!(address("localhost:1"), Ok("localhost:1".into()));
        for wrong in ["", "0", "x", "localhost", "localhost:0", "65536"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_program_is_named_without_its_folder_and_a_time_in_whole_seconds() {
        assert_eq!(name(&"/usr/bin/gpg".into()), "gpg");
        assert_eq!(now().len(), "2026-11-23T00:00:00Z".len());
    }
}
