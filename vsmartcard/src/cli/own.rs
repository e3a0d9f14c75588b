//! The program of a card with applets of one's own.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use saifu_wire::applet::Applet;

use super::output::Named;
use super::{EXIT_CODES, Failure, STDOUT, exit_code, keep, talk};
use crate::runtime::Runtime;

/// What the program can do.
#[derive(Debug, Parser)]
#[command(about = "A virtual card with applets of one's own", after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put the card into vpcd's reader and keep it there
    Run(keep::Reader),
    /// Send command APDUs and print the answers, without a reader
    Apdu {
        /// The APDUs in hex; read from standard input, one a line, if none is given
        apdus: Vec<String>,
    },
}

/// Runs a program that is a card with these applets, with the process's arguments.
///
/// `run` puts it into vpcd's reader, with all that `saifu-card run` knows of faults and
/// recording; `apdu` answers commands in the process. The first applet is found first by a
/// partial AID; none is the default one. Gives the exit status: 0 done, 1 it could not be done,
/// 2 wrong usage, 3 a command was answered with an error status word.
pub fn own(applets: Vec<Box<dyn Applet + Send>>) -> ExitCode {
    let out = &mut Named::new(STDOUT, io::stdout().lock());
    exit_code(carry_out(Arguments::parse().command, applets, out))
}

fn carry_out(
    command: Command,
    applets: Vec<Box<dyn Applet + Send>>,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let mut card = Runtime::new(Vec::new());
    for applet in applets {
        card.install(applet)?;
    }
    match command {
        Command::Run(reader) => {
            let faults = reader.faults()?;
            keep::keep_in_reader(card, faults, &reader, out)
        }
        Command::Apdu { apdus } => talk::with_applets(&mut card, &apdus, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Named(&'static [u8]);

    impl Applet for Named {
        fn aid(&self) -> &[u8] {
            self.0
        }

        fn transmit(&mut self, _: u8, _: &[u8], answer: &mut Vec<u8>) {
            answer.extend([0x6D, 0x00]);
        }
    }

    fn said(arguments: &[&str], names: &[&'static [u8]]) -> Result<(String, ExitCode), Failure> {
        let command = Arguments::try_parse_from([&["card"], arguments].concat()).unwrap().command;
        let applets = names.iter().map(|name| -> Box<dyn Applet + Send> { Box::new(Named(name)) });
        let mut out = Vec::new();
        let code = carry_out(command, applets.collect(), &mut out)?;
        Ok((String::from_utf8(out).unwrap(), code))
    }

    #[test]
    fn commands_are_answered_one_after_another() {
        let select = ["apdu", "00A4040005 4F4E453031"];
        let (text, code) = said(&select, &[b"ONE01", b"TWO02"]).unwrap();
        assert_eq!(text, "> 00A40400054F4E453031\n< 9000\n");
        assert_eq!(code, ExitCode::SUCCESS);
        let (text, code) = said(&[&select[..], &["80010000"]].concat(), &[b"ONE01"]).unwrap();
        assert!(text.ends_with("> 80010000\n< 6D00\n"), "{text}");
        assert_eq!(code, ExitCode::from(3));
    }

    #[test]
    fn applets_that_cannot_live_together_are_told() {
        let failure = said(&["apdu", "00CA0000"], &[b"ONE01", b"ONE01"]).unwrap_err();
        assert!(failure.to_string().contains("uninstall it first"), "{failure}");
    }
}
