//! The program `saifu-card`: makes virtual cards, puts them into readers, and talks to them.

mod address;
mod between;
#[cfg(target_os = "linux")]
mod ccid_pty;
mod certify;
#[cfg(unix)]
mod control;
mod documents;
mod ending;
mod failure;
mod inspect;
mod keep;
mod order;
mod output;
mod own;
#[cfg(target_os = "linux")]
mod pcscd;
mod proxy;
mod run;
mod status;
mod talk;
mod tell;

pub use own::own;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
#[cfg(unix)]
use control::Hand;
use failure::Failure;
use saifu_applet::platform::DEFAULT_CONTENT_BYTES;
use saifu_wire::CardId;

use crate::platform::Seed;
use crate::virtual_card::{NewCard, TEST_PIN, VirtualCard};

/// What the program can do.
#[derive(Debug, Parser)]
#[command(name = "saifu-card", version, about = "A virtual Saifu card", after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit status: 0 done · 1 it could not be done · 2 wrong usage · \
    3 the card answered a command with an error status word";

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a card of class test in a new folder
    New {
        /// The folder; it must not be there yet
        folder: PathBuf,
        /// The card's id, 32 hex digits; drawn at random if not given
        #[arg(long, value_parser = card_id)]
        id: Option<CardId>,
        /// The PIN, 4 to 12 digits
        #[arg(long, default_value = TEST_PIN, value_parser = pin)]
        pin: String,
        /// The size of its RSA key in bits
        #[arg(long, default_value_t = 2048, value_parser = rsa_bits)]
        rsa_bits: u16,
        /// The size of its content memory in bytes, as stored works take them
        #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_CONTENT_BYTES)]
        content_memory: u64,
        /// Leave it blank, as it comes from its manufacturer
        #[arg(long, conflicts_with_all = ["request", "pin", "rsa_bits"])]
        blank: bool,
        /// Let all its random numbers come from this text: the same text makes the same card
        /// again, which answers the same again
        #[arg(long, value_name = "TEXT", conflicts_with = "request")]
        seed: Option<String>,
        /// Prepare it only, and write the request for its issuer to this file
        #[arg(long, value_name = "FILE")]
        request: Option<PathBuf>,
        /// The class that its issuer is asked for
        #[arg(long, value_enum, default_value = "software", requires = "request")]
        #[arg(conflicts_with_all = ["blank", "seed"])]
        class: certify::Class,
    },
    /// Finish a card that was prepared with --request
    Certify {
        /// The card's folder
        folder: PathBuf,
        /// The file that the issuer answered
        answer: PathBuf,
        /// The PIN, 4 to 12 digits
        #[arg(long, default_value = TEST_PIN, value_parser = pin)]
        pin: String,
    },
    /// Tell what anybody may know of a card: id, life cycle, memory, PIN tries, room; without a
    /// folder, what is in the readers of the `run` at --control
    Status {
        /// The card's folder
        folder: Option<PathBuf>,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
        #[cfg(unix)]
        #[command(flatten)]
        readers: control::Where,
    },
    /// Put a card into an empty reader of a `run` that runs
    #[cfg(unix)]
    Insert {
        /// The card's folder
        folder: PathBuf,
        #[command(flatten)]
        reader: control::Reader,
    },
    /// Take the card out of a reader of a `run` that runs
    #[cfg(unix)]
    Remove {
        #[command(flatten)]
        reader: control::Reader,
    },
    /// Take the card out of a reader of a `run` that runs, and put another in
    #[cfg(unix)]
    Swap {
        /// The other card's folder
        folder: PathBuf,
        #[command(flatten)]
        reader: control::Reader,
    },
    /// Reset the card in a reader of a `run` that runs
    #[cfg(unix)]
    Reset {
        #[command(flatten)]
        reader: control::Reader,
    },
    /// Show what an outsider sees of a card's memories: names and sealed bytes
    Inspect {
        /// The card's folder
        folder: PathBuf,
        /// Print every object's bytes, too
        #[arg(long)]
        bytes: bool,
    },
    /// Put cards into vpcd's readers, or into readers of their own, and keep them there
    Run {
        /// The cards' folders
        #[arg(value_name = "FOLDER", required_unless_present = "control")]
        folders: Vec<PathBuf>,
        #[command(flatten)]
        options: run::Options,
    },
    /// Let something go wrong with the card in a reader of a `run` that runs
    #[cfg(unix)]
    Fault(control::Faulted),
    /// Send command APDUs and print the answers
    Apdu {
        /// The card's folder
        folder: PathBuf,
        /// The APDUs in hex; read from standard input, one a line, if none is given; lines that
        /// begin with # are left out
        apdus: Vec<String>,
        /// Select the Saifu applet first
        #[arg(long)]
        select: bool,
    },
    /// Listen where vpcd would and send command APDUs to any card that connects, without pcscd
    Listen(talk::Options),
    /// Start a pcscd of one's own with cards in it, and run a command that finds them
    #[cfg(target_os = "linux")]
    Pcscd(pcscd::Options),
    /// Put faults and recording between any card and its reader
    Proxy(proxy::Options),
    /// Print an order of the issuer's for a card of class test: its certificate and the order
    #[command(subcommand)]
    Order(order::Order),
    /// Print a shell's completions
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man {
        /// The command, for a page of its own
        command: Option<String>,
    },
}

/// The name of standard output, for whoever reads why nothing came.
const STDOUT: &str = "standard output";

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    exit_code(run(Arguments::parse().command, &mut output::Named::new(STDOUT, io::stdout().lock())))
}

/// What the process says in the end.
fn exit_code(ended: Result<ExitCode, Failure>) -> ExitCode {
    match ended {
        Ok(code) => code,
        // Whoever read our output has seen enough.
        Err(Failure::System(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{}: {failure}", program());
            ExitCode::from(if failure.is_wrong_usage() { 2 } else { 1 })
        }
    }
}

/// The name by which the process was called: a program of one's own has another.
fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from);
    let name = called.as_deref().and_then(std::path::Path::file_name);
    name.map_or_else(|| "saifu-card".into(), |name| name.to_string_lossy().into_owned())
}

fn run(command: Command, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    match command {
        Command::New {
            folder,
            id,
            pin,
            rsa_bits,
            content_memory: content_bytes,
            blank,
            seed,
            request,
            class,
        } => {
            let seed = seed.as_deref().map(Seed::of);
            let new =
                NewCard { card: id, pin, rsa_bits, content_bytes, seed, ..NewCard::default() };
            if let Some(file) = request {
                return certify::request(&folder, (&new, class), &file, out);
            }
            let (made, mut card) = match blank {
                true => ("a blank card", VirtualCard::create_blank(&folder, &new)?),
                false => ("a card", VirtualCard::create(&folder, &new)?),
            };
            writeln!(out, "{made} of class test in {}", folder.display())?;
            status::print(&mut card, false, out)
        }
        Command::Certify { folder, answer, pin } => {
            certify::certify(&folder, &answer, &NewCard { pin, ..NewCard::default() }, out)
        }
        Command::Status { folder: Some(folder), json, .. } => {
            status::print(&mut VirtualCard::open(&folder)?, json, out)
        }
        #[cfg(unix)]
        Command::Status { folder: None, json, readers } => readers.status(json, out),
        #[cfg(not(unix))]
        Command::Status { folder: None, .. } => Err(Failure::NoFolder),
        #[cfg(unix)]
        Command::Insert { folder, reader } => reader.handle(Hand::Insert, Some(&folder), out),
        #[cfg(unix)]
        Command::Swap { folder, reader } => reader.handle(Hand::Swap, Some(&folder), out),
        #[cfg(unix)]
        Command::Remove { reader } => reader.handle(Hand::Remove, None, out),
        #[cfg(unix)]
        Command::Reset { reader } => reader.handle(Hand::Reset, None, out),
        #[cfg(unix)]
        Command::Fault(faulted) => faulted.add(out),
        Command::Inspect { folder, bytes } => inspect::print(&folder, bytes, out),
        Command::Run { folders, options } => run::serve(&folders, options, out),
        Command::Apdu { folder, apdus, select } => talk::with_folder(&folder, &apdus, select, out),
        Command::Listen(options) => talk::with_whoever_connects(&options, out),
        #[cfg(target_os = "linux")]
        Command::Pcscd(options) => pcscd::serve(&options),
        Command::Proxy(options) => proxy::serve(&options, out),
        Command::Order(order) => order::print(&order, out),
        Command::Completions { shell } => documents::completions(shell, out),
        Command::Man { command } => documents::man(command.as_deref(), out),
    }
}

fn card_id(text: &str) -> Result<CardId, String> {
    CardId::from_hex(text).ok_or_else(|| "a card's id is 32 hex digits".into())
}

fn pin(text: &str) -> Result<String, &'static str> {
    let is_pin = (4..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_pin.then(|| text.to_owned()).ok_or("a PIN has 4 to 12 digits")
}

fn rsa_bits(text: &str) -> Result<u16, &'static str> {
    match text {
        "2048" => Ok(2048),
        "3072" => Ok(3072),
        _ => Err("2048 or 3072"),
    }
}
