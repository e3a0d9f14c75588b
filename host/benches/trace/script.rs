//! The same APDUs in the words of each program.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::Anything;

/// A script of so many APDUs, in every form.
pub(crate) struct Script {
    /// How many there are.
    pub(crate) apdus: usize,
    /// In the language of traces, each to be answered 9000 without data.
    pub(crate) trace: PathBuf,
    /// In hexadecimal, a line each, as scriptor reads them.
    pub(crate) lines: PathBuf,
    /// In hexadecimal.
    pub(crate) words: Vec<String>,
}

impl Script {
    /// Writes one into a folder.
    pub(crate) fn create(folder: &Path, apdus: usize) -> Result<Self, Anything> {
        let words: Vec<_> = (0..apdus).map(read_binary).collect();
        let mut trace = format!("title \"{apdus} APDUs\"\nsection 1 \"READ BINARY\"\n");
        for word in &words {
            write!(trace, "> {word}\n< 9000\n")?;
        }
        let path = |extension: &str| folder.join(format!("{apdus}.{extension}"));
        let script = Self { apdus, trace: path("apdu"), lines: path("txt"), words };
        fs::write(&script.trace, trace)?;
        fs::write(&script.lines, script.words.join("\n") + "\n")?;
        Ok(script)
    }
}

/// One that differs from its neighbours, and that no program holds back from any card.
fn read_binary(number: usize) -> String {
    let [.., high, low] = number.to_be_bytes();
    format!("00 B0 {:02X} {low:02X} 00", high & 0x7F)
}

/// The commands of a trace that has nothing but hexadecimal in it.
pub(crate) fn commands_in(trace: &str) -> Result<Vec<Vec<u8>>, Anything> {
    let commands = trace.lines().filter_map(|line| line.strip_prefix("> "));
    commands.map(|digits| Ok(hex::decode(digits.replace(' ', ""))?)).collect()
}
