//! `saifu-card apdu` and `saifu-card listen`: send command APDUs and print the answers.

use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::Failure;
use super::address::Listen;
use crate::plug::{ReaderError, VpcdReader};
use crate::runtime::Runtime;
use crate::virtual_card::{VirtualCard, select};

/// The most bytes of a line: the longest APDU, each digit with a space or a colon after it.
pub(super) const MAX_LINE_BYTES: u64 = 4 * 65_544;

/// What `listen` is told.
#[derive(Debug, clap::Args)]
#[command(after_help = "Start the card with this port in place of vpcd's, such as vicc --port \
    35970, or saifu-card run FOLDER --vpcd localhost:35970.\n\n\
    Exit status: 0 every answer was good · 1 no card came, or it was pulled or silent · 2 wrong \
    usage · 3 a command was answered with an error status word")]
pub(super) struct Options {
    /// Where the card connects, as to vpcd
    #[arg(value_name = "[HOST:]PORT")]
    port: Listen,
    /// The APDUs in hex; read from standard input, one a line, if none is given; lines that begin
    /// with # are left out
    apdus: Vec<String>,
    /// Select the Saifu applet first
    #[arg(long)]
    select: bool,
    /// How long to wait for a card, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = seconds())]
    wait: u64,
    /// How long to wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds())]
    timeout: u64,
}

/// At most a day.
fn seconds() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(0..=86_400)
}

/// Whatever answers commands.
type Answers<'a> = dyn FnMut(&[u8]) -> Result<Vec<u8>, Failure> + 'a;

/// Talks to the card in `folder`.
pub(super) fn with_folder(
    folder: &Path,
    apdus: &[String],
    selects: bool,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let mut card = VirtualCard::open(folder)?;
    talk(&mut |apdu| Ok(card.transmit(apdu)), apdus, selects, out)
}

/// Talks to a card of any applets, which lives no longer than that.
pub(super) fn with_applets(
    card: &mut Runtime,
    apdus: &[String],
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    talk(&mut |apdu| Ok(card.transmit(apdu)), apdus, false, out)
}

/// Talks to whatever card connects, without pcscd.
pub(super) fn with_whoever_connects(
    options: &Options,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    checked(&options.apdus)?;
    let within = Duration::from_secs(options.timeout);
    let listener = options.port.bind()?;
    writeln!(out, "# waiting for a card at {}", listener.address()?)?;
    out.flush()?;
    let address = listener.address()?;
    let came = listener.accept(Duration::from_secs(options.wait));
    let mut card: VpcdReader = came.map_err(|error| match error {
        ReaderError::Late => Failure::NobodyCame(address, options.wait),
        error => error.into(),
    })?;
    card.power_on(within)?;
    writeln!(out, "= atr {}", hex::encode_upper(card.atr(within)?))?;
    talk(&mut |apdu| Ok(card.transmit(apdu, within)?), &options.apdus, options.select, out)
}

/// Sends each APDU and prints `> command` and `< answer`.
fn talk(
    card: &mut Answers<'_>,
    apdus: &[String],
    selects: bool,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let told = checked(apdus)?;
    let mut all_good = !selects || exchange(card, &select(), out)?;
    if apdus.is_empty() {
        let mut input = io::stdin().lock();
        while let Some(line) = line(&mut input)? {
            if !line.is_empty() && !line.starts_with('#') {
                all_good &= exchange(card, &apdu(&line)?, out)?;
            }
        }
    }
    for apdu in &told {
        all_good &= exchange(card, apdu, out)?;
    }
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// Those that were typed, all of them before the first is sent.
fn checked(apdus: &[String]) -> Result<Vec<Vec<u8>>, Failure> {
    apdus.iter().map(|text| apdu(text)).collect()
}

/// The next line without the blanks around it; none at the end.
fn line(input: &mut impl BufRead) -> Result<Option<String>, Failure> {
    let mut line = String::new();
    let read = input.take(MAX_LINE_BYTES).read_line(&mut line);
    let bytes = read.map_err(|error| Failure::File { path: "standard input".into(), error })?;
    if bytes as u64 == MAX_LINE_BYTES && !line.ends_with('\n') {
        return Err(Failure::LongLine);
    }
    Ok((bytes > 0).then(|| line.trim().to_owned()))
}

fn apdu(text: &str) -> Result<Vec<u8>, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    hex::decode(&digits).map_err(|_| Failure::NotHex(text.into()))
}

/// Whether the answer's status word is 9000 or 61xx.
fn exchange(card: &mut Answers<'_>, apdu: &[u8], out: &mut dyn Write) -> Result<bool, Failure> {
    writeln!(out, "> {}", hex::encode_upper(apdu))?;
    let answer = card(apdu)?;
    writeln!(out, "< {}", hex::encode_upper(&answer))?;
    out.flush()?;
    Ok(matches!(answer.as_slice(), [.., 0x90, 0x00] | [.., 0x61, _]))
}
