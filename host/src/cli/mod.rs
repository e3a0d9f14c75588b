//! The program `saifu`: what was typed, what it means, what comes out.
//!
//! One file per command; each returns a [`Report`], which is printed as text or as JSON.
//! Prompts, progress and errors go to standard error.

mod arguments;
mod balance;
mod browse;
mod buy;
mod card;
mod context;
mod customer;
mod documents;
mod exit;
mod failure;
mod preview;
mod progress;
mod purchases;
mod register;
mod report;
mod resume;
mod text;

pub use exit::ExitCode;
pub use failure::Failure;
pub use report::Report;

use arguments::{Arguments, Command};
use clap::Parser;
use context::Context;
use std::io::{self, Write};

/// Runs the program with the process's arguments.
pub fn main() -> std::process::ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let json = global.json;
    let done = Context::new(global).and_then(|context| run(&context, command));
    let (code, printed) = match done {
        Ok(report) => (ExitCode::Done, report.print(json)),
        Err(failure) => (failure.code, print_failure(&failure, json)),
    };
    match printed {
        // Whoever read the output has seen enough.
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => ExitCode::Failed.into(),
        _ => code.into(),
    }
}

fn run(context: &Context, command: Command) -> Result<Report, Failure> {
    match command {
        Command::Card => card::run(context),
        Command::Balance(pin) => balance::run(context, &pin),
        Command::Browse => browse::run(context),
        Command::Preview { work, output } => preview::run(context, &work, output),
        Command::Register(pin) => register::run(context, &pin),
        Command::Buy { work, output, consent } => buy::run(context, &work, output, &consent),
        Command::Purchases => purchases::run(context),
        Command::Resume { sale, give_up, consent } => {
            resume::run(context, sale.as_deref(), give_up, &consent)
        }
        Command::Completions { shell } => Ok(documents::completions(shell)),
        Command::Man => documents::man(),
    }
}

fn print_failure(failure: &Failure, json: bool) -> io::Result<()> {
    let Failure { code, what, next } = failure;
    if json {
        let error = serde_json::json!({ "exit": *code as u8, "what": what, "next": next });
        return Report::json_only(serde_json::json!({ "error": error })).print(true);
    }
    let bold = anstyle::AnsiColor::Red.on_default().bold();
    let mut err = anstream::stderr().lock();
    writeln!(err, "{bold}saifu:{bold:#} {}", text::plain(what))?;
    if !next.is_empty() {
        writeln!(err, "       {}", text::plain(next))?;
    }
    Ok(())
}
