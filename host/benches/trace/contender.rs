//! The programs that are compared.

use std::env;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

use saifu_vsmartcard::harness::PrivatePcscd;

use super::Anything;
use super::script::Script;

/// What the program is told in order to be the bare loop.
pub(crate) const BARE: &str = "bare";

/// Debian's Python, which sees Debian's modules.
const PYTHON: &str = "/usr/bin/python3";
const LOOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/trace/loop.py");

/// A program that sends the APDUs of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    Bare,
    Saifu,
    Scriptor,
    OpenscTool,
    Pyscard,
}

impl Contender {
    /// All, the bound first.
    pub(crate) const ALL: [Self; 5] =
        [Self::Bare, Self::Saifu, Self::Scriptor, Self::OpenscTool, Self::Pyscard];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare loop, crate pcsc",
            Self::Saifu => "saifu trace run",
            Self::Scriptor => "scriptor",
            Self::OpenscTool => "opensc-tool",
            Self::Pyscard => "pyscard",
        }
    }

    /// Fails with what to do where the machine lacks it.
    pub(crate) fn must_be_there(self) -> Result<(), Anything> {
        let (program, arguments): (&str, &[&str]) = match self {
            Self::Bare | Self::Saifu => return Ok(()),
            Self::Scriptor => ("scriptor", &["-h"]),
            Self::OpenscTool => ("opensc-tool", &["--version"]),
            Self::Pyscard => (PYTHON, &["-c", "import smartcard"]),
        };
        let mut command = Command::new(program);
        let asked = command.args(arguments).stdin(Stdio::null()).output();
        let lacks = match asked {
            Err(error) if error.kind() == ErrorKind::NotFound => true,
            Err(error) => return Err(format!("{program} does not start: {error}").into()),
            Ok(said) => self == Self::Pyscard && !said.status.success(),
        };
        if lacks {
            let name = self.name();
            return Err(format!("{name} is not here: `scripts/setup test` installs it").into());
        }
        Ok(())
    }

    /// The process that sends a script to the card in the first reader of a pcscd.
    pub(crate) fn command(
        self,
        pcscd: &PrivatePcscd,
        script: &Script,
    ) -> Result<Command, Anything> {
        let reader = pcscd.reader(0);
        Ok(match self {
            Self::Bare => {
                let mut command = pcscd.client(env::current_exe()?);
                command.arg(BARE).arg(&script.trace).arg(reader);
                command
            }
            Self::Saifu => {
                let mut command = pcscd.client(env!("CARGO_BIN_EXE_saifu"));
                command.args(["trace", "run", "--on", &format!("reader:{reader}")]);
                command.arg(&script.trace);
                command
            }
            Self::Scriptor => {
                let mut command = pcscd.client("scriptor");
                command.args(["-r", &reader, "-p", "T=1"]).arg(&script.lines);
                command
            }
            Self::OpenscTool => {
                let mut command = pcscd.client("opensc-tool");
                // Of a card that it has to guess it asks much by itself.
                command.args(["--reader", "0", "--card-driver", "default"]);
                command.args(script.words.iter().flat_map(|word| ["-s", word]));
                command
            }
            Self::Pyscard => {
                let mut command = pcscd.client(PYTHON);
                command.arg(LOOP).arg(&script.trace).arg(reader);
                command
            }
        })
    }
}
