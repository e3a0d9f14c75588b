//! How fast the emulator is, beside what others offer: `make bench-apdu`.
//!
//! - through one private pcscd, in rounds that take turns, for other programs disturb all kinds
//!   alike: our card, a bare echo card, crate `vpicc` and Debian's `vicc` through vpcd, and our
//!   card through libccid; each card is a process, and sits in either slot in turns
//! - in this process: GET DATA of our applet
//! - from the start of a program until its card listens, is visible, or answers
//!
//! Exit code 1 where a bound is missed, or nothing could be measured.

mod cards;
mod client;
mod in_process;
mod rounds;
mod starts;
mod table;

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use saifu_vsmartcard::harness::PrivatePcscd;
use saifu_vsmartcard::{NewCard, VirtualCard};

use cards::Kind;
use client::Desk;
use table::Figures;

/// Whatever goes wrong, for people to read.
type Anything = Box<dyn Error>;

/// What the program is told in order to be a card, or the client of a pcscd.
const CARD: &str = "card";
const CLIENT: &str = "client";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        [CARD, kind, place, folder] => cards::serve(kind, place, folder.as_ref()),
        [CLIENT, folder, first, second] => measure(folder.as_ref(), [first, second]),
        _ if words.contains(&"--bench") => stage(),
        // Under `cargo test` and `cargo clippy`, nothing is measured.
        _ => Ok(ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        eprintln!("bench-apdu: {error}");
        ExitCode::FAILURE
    })
}

/// Begins a process of this program.
fn again(words: &[&str]) -> Result<Command, Anything> {
    let mut command = Command::new(env::current_exe()?);
    command.args(words);
    Ok(command)
}

/// Makes two cards and a pcscd, and has them measured by a client of that pcscd, which the
/// environment leads there.
fn stage() -> Result<ExitCode, Anything> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let [at_vpcd, at_line, link] = ["vpcd", "line", "reader"].map(|name| folder.path().join(name));
    for card in [&at_vpcd, &at_line] {
        VirtualCard::create(card, &NewCard::default())?;
    }
    let _reader = cards::start(Kind::OursAtLine, text(&link)?, &at_line)?;
    let pcscd = PrivatePcscd::start_with_line(&link)?;
    let ports = [0, 1].map(|slot| pcscd.vpcd_port_of(slot).to_string());
    let words = [CLIENT, text(&at_vpcd)?, &ports[0], &ports[1]];
    let client = pcscd.client(env::current_exe()?).args(words).status()?;
    Ok(if client.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(path: &Path) -> Result<&str, Anything> {
    path.to_str().ok_or_else(|| "the build's folder has a name that is not UTF-8".into())
}

/// Measures everything with the card in `folder` and a vpcd at `ports`.
fn measure(folder: &Path, ports: [&str; 2]) -> Result<ExitCode, Anything> {
    let call = in_process::get_data(folder)?;
    let desk = Desk::new(ports)?;
    let through = rounds::measure(&desk, folder)?;
    let starts = starts::measure(&desk, folder)?;
    let figures = Figures { through, call, starts };
    println!("{figures}");
    Ok(if figures.are_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
