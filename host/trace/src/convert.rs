//! Other tools' scripts, dumps and logs, into the language and back (FORMATS.md).
//!
//! A reader makes a [`Trace`] of the lines of another format, a writer lines of a trace. What
//! one side cannot say is refused, with its line and the reason; where [`Loss::Comment`] is
//! chosen it becomes a comment, and what remains is written.

mod apdu4j;
mod build;
mod detect;
mod global_platform;
mod opensc;
pub(crate) mod plain;
mod recording;
mod scr;
mod scriptor;
mod scriptor_log;
mod sim_api;
mod words;
mod write;

use crate::syntax::ast::Trace;
use crate::syntax::source::Source;
use crate::syntax::{Diagnostic, FILE_MAX_BYTES, LINES_MAX};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use words::on_line;

/// What a file of commands and answers can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The trace language.
    Trace,
    /// What `scriptor` of pcsc-tools reads.
    Scriptor,
    /// What `scriptor` prints.
    ScriptorLog,
    /// What `apdutool` of Oracle's Java Card development kit reads.
    Apdutool,
    /// What `APDUScriptTool` of jCardSim reads.
    JCardSim,
    /// What either of those two prints.
    ApdutoolLog,
    /// What apdu4j dumps and replays.
    Apdu4j,
    /// 3GPP TS 51.013 annex B (ETSI TS 101 955).
    SimApi,
    /// What `opensc-tool -s` prints.
    OpenscTool,
    /// What OpenSC writes with `OPENSC_DEBUG`.
    OpenscDebug,
    /// What `gp -d` of GlobalPlatformPro prints, or apdu4j's loggers.
    GlobalPlatformPro,
    /// What `saifu-card run --record` writes.
    Recording,
}

/// How a format is called, and told from others.
struct About {
    format: Format,
    name: &'static str,
    /// Endings of names of files that hold it, the first for what is written.
    endings: &'static [&'static str],
    is_written: bool,
    is: &'static str,
}

const fn about(
    format: Format,
    name: &'static str,
    endings: &'static [&'static str],
    is_written: bool,
    is: &'static str,
) -> About {
    About { format, name, endings, is_written, is }
}

const FORMATS: [About; 12] = [
    about(Format::Trace, "trace", &["apdu"], true, "the trace language"),
    about(Format::Scriptor, "scriptor", &["scriptor"], true, "a scriptor file"),
    about(Format::ScriptorLog, "scriptor-log", &[], false, "what scriptor prints"),
    about(Format::Apdutool, "scr", &["scr"], true, "a script of Oracle's apdutool"),
    about(Format::JCardSim, "jcardsim", &["jcardsim"], true, "a script of jCardSim"),
    about(Format::ApdutoolLog, "scr-log", &[], false, "what apdutool or jCardSim prints"),
    about(Format::Apdu4j, "apdu4j", &["dump"], true, "a dump of apdu4j"),
    about(Format::SimApi, "51.013", &["51013", "sim"], true, "a script of 3GPP TS 51.013"),
    about(Format::OpenscTool, "opensc-tool", &[], false, "what opensc-tool -s prints"),
    about(Format::OpenscDebug, "opensc-debug", &[], false, "a debug log of OpenSC"),
    about(Format::GlobalPlatformPro, "gp", &[], false, "what gp -d prints"),
    about(Format::Recording, "recording", &[], false, "a recording of saifu-card"),
];

impl Format {
    /// Every format.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(|about| about.format)
    }

    /// What `--from` and `--to` call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        self.about().is
    }

    /// Whether it can be written, too; a log can only be read.
    #[must_use]
    pub fn is_written(self) -> bool {
        self.about().is_written
    }

    /// The format that a file's name ends for, where it is one that can be written.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        FORMATS.iter().find(|about| about.endings.contains(&&*ending)).map(|about| about.format)
    }

    /// The format of a text: by what stands in it, and where that could be two, by its name.
    #[must_use]
    pub fn detect(path: &Path, text: &str) -> Option<Self> {
        detect::detect(path, text)
    }

    fn about(self) -> &'static About {
        // Every format is in the table: a test goes through both.
        FORMATS.iter().find(|about| about.format == self).unwrap_or(&FORMATS[0])
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no format's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no format is called `{0}`; there are {names}", names = names())]
pub struct NoFormat(String);

fn names() -> String {
    FORMATS.map(|about| about.name).join(", ")
}

impl FromStr for Format {
    type Err = NoFormat;

    fn from_str(name: &str) -> Result<Self, NoFormat> {
        let found = FORMATS.iter().find(|about| about.name.eq_ignore_ascii_case(name));
        found.map(|about| about.format).ok_or_else(|| NoFormat(name.to_owned()))
    }
}

/// What becomes of a line that has no counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It is refused, and with it the file.
    Refuse,
    /// It becomes a comment.
    Comment,
}

/// The longest text that is read, in bytes: a trace is not longer either.
pub const MAX_TEXT_BYTES: usize = FILE_MAX_BYTES;

/// Reads a text in whatever format as a trace, whose places are those of the text.
///
/// # Errors
/// [`Diagnostic`]: a line that is not of the format, or has no counterpart in the language.
pub fn read(format: Format, source: &Arc<Source>, loss: Loss) -> Result<Trace, Diagnostic> {
    if source.text.len() > MAX_TEXT_BYTES {
        let why = format!("more than {MAX_TEXT_BYTES} bytes: convert it in parts");
        return Err(on_line(source, 1, why));
    }
    let trace = read_any(format, source, loss)?;
    let is_log = !format.is_written();
    if is_log && trace.lines.iter().all(|line| line.statement.is_none()) {
        let why = format!("nothing in it is a command as {} has it", format.describe());
        let mut wrong = on_line(source, 1, why);
        wrong.expected = "a log with commands in it; `--from` names another format".to_owned();
        return Err(wrong);
    }
    if trace.lines.len() > LINES_MAX {
        let why = format!("more than {LINES_MAX} lines as a trace: convert it in parts");
        return Err(on_line(source, 1, why));
    }
    Ok(trace)
}

fn read_any(format: Format, source: &Arc<Source>, loss: Loss) -> Result<Trace, Diagnostic> {
    match format {
        Format::Trace => {
            crate::syntax::parse(Arc::clone(source)).map_err(|wrong| first(source, wrong))
        }
        Format::Scriptor => scriptor::read(source),
        Format::ScriptorLog => scriptor_log::read(source),
        Format::Apdutool => scr::read(source, loss),
        Format::JCardSim => scr::read_jcardsim(source, loss),
        Format::ApdutoolLog => scr::read_log(source),
        Format::Apdu4j => apdu4j::read(source),
        Format::SimApi => sim_api::read(source, loss),
        Format::OpenscTool => opensc::read_tool(source),
        Format::OpenscDebug => opensc::read_debug(source),
        Format::GlobalPlatformPro => global_platform::read(source),
        Format::Recording => recording::read(source),
    }
}

/// Writes a trace in a format.
///
/// # Errors
/// [`Diagnostic`]: a line that the format has nothing for, or a format that is only read.
pub fn write(format: Format, trace: &Trace, loss: Loss) -> Result<String, Diagnostic> {
    match format {
        Format::Trace => Ok(crate::syntax::format(trace)),
        Format::Scriptor => write::write(trace, &mut scriptor::Writer::default(), loss),
        Format::Apdutool => write::write(trace, &mut scr::Writer::apdutool(), loss),
        Format::JCardSim => write::write(trace, &mut scr::Writer::jcardsim(), loss),
        Format::Apdu4j => write::write(trace, &mut apdu4j::Writer, loss),
        Format::SimApi => write::write(trace, &mut sim_api::Writer, loss),
        read_only => {
            let why = format!("{} can only be read", read_only.describe());
            Err(on_line(&trace.source, 1, why))
        }
    }
}

/// Of the mistakes in a trace the first; `saifu trace check` tells them all.
fn first(source: &Arc<Source>, wrong: Vec<Diagnostic>) -> Diagnostic {
    wrong.into_iter().next().unwrap_or_else(|| on_line(source, 1, "not a trace"))
}

#[cfg(test)]
mod tests;
