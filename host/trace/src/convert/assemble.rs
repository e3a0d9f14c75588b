//! A command that a trace names, as bytes (LANGUAGE.md §3).

use crate::commands;
use saifu_wire::apdu::Command;

/// What is said of a command besides its name and its data.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub(super) cla: Option<u8>,
    pub(super) ins: Option<u8>,
    pub(super) p1: Option<u8>,
    pub(super) p2: Option<u8>,
    /// `Some(None)` is `le=none`.
    pub(super) le: Option<Option<u64>>,
    pub(super) channel: Option<u64>,
    pub(super) extended: bool,
}

/// The most bytes that an answer can have.
const MAX_LE: u64 = 65_536;
/// The most bytes that a command can carry.
const MAX_LC: usize = 65_535;

pub(super) fn assemble(name: &str, said: &Said, data: &[u8]) -> Result<Vec<u8>, String> {
    let usual = commands::by_name(name).ok_or_else(|| format!("no command is called {name}"))?;
    if data.len() > MAX_LC {
        return Err(format!("more than {MAX_LC} bytes of data: a command carries no more"));
    }
    let le = match said.le {
        None => usual.le.map(|le| le as usize),
        Some(None | Some(0)) => None,
        Some(Some(le)) if le <= MAX_LE => Some(le as usize),
        Some(Some(_)) => return Err(format!("an answer has at most {MAX_LE} bytes")),
    };
    let cla = on_channel(said.cla.unwrap_or(usual.cla), said.channel)?;
    let command = Command {
        cla,
        ins: said.ins.unwrap_or(usual.ins),
        p1: said.p1.unwrap_or(usual.p1),
        p2: said.p2.unwrap_or(usual.p2),
        data,
        le,
        extended: said.extended && (le.is_some() || !data.is_empty()),
    };
    Ok(command.to_bytes())
}

/// ISO/IEC 7816-4 section 5.4.1.
fn on_channel(cla: u8, channel: Option<u64>) -> Result<u8, String> {
    match channel {
        None => Ok(cla),
        Some(first @ 0..=3) => Ok(cla & 0xFC | first as u8),
        Some(further @ 4..=19) => Ok(cla & 0x90 | 0x40 | (further - 4) as u8),
        Some(_) => Err("there are channels 0 to 19".to_owned()),
    }
}
