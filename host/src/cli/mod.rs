//! The program `saifu`: what was typed, what it means, what comes out.
//!
//! One file per command; each returns a [`Report`], which is printed as text or as JSON.
//! Prompts, progress and errors go to standard error.

mod again;
mod agree;
mod arguments;
mod balance;
mod browse;
mod buy;
mod card;
mod card_cancel;
mod card_end;
mod card_way;
mod center_way;
mod contents;
mod context;
mod customer;
mod documents;
mod exit;
mod expire;
mod failure;
mod issuer;
mod licences;
mod load;
mod outbox;
mod pin;
mod preview;
mod progress;
mod purchases;
mod register;
mod report;
mod resume;
#[cfg(unix)]
mod signal;
mod text;
mod trace;
mod ways;

pub use exit::ExitCode;
pub use failure::Failure;
pub use report::Report;

use crate::center::Filter;
use arguments::{Arguments, CardCommand, Command, Program};
use clap::FromArgMatches;
use context::Context;
use std::io;

/// Runs the program with the process's arguments.
pub fn main() -> std::process::ExitCode {
    let typed = arguments::program().get_matches();
    let Arguments { global, command } =
        Arguments::from_arg_matches(&typed).unwrap_or_else(|wrong| wrong.exit());
    let json = global.json;
    let done = trace::refuse_foreign(&typed).and_then(|()| match command {
        Program::Terminal(command) => Context::new(global).and_then(|here| run(&here, command)),
        Program::Trace(command) => trace::run(&global, command),
    });
    let report = done.unwrap_or_else(Report::failed);
    let code = report.process_code();
    match report.print(json) {
        // Whoever read the output has seen enough.
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            report::tell(&format!("saifu: what was done could not be told: {why}\n"));
            ExitCode::Failed.into()
        }
        _ => code,
    }
}

fn run(context: &Context, command: Command) -> Result<Report, Failure> {
    #[cfg(unix)]
    signal::watch().map_err(|why| Failure::new(ExitCode::Failed, why, ""))?;
    match command {
        Command::Card { what: None } => card::run(context),
        Command::Card { what: Some(CardCommand::Licences) } => licences::list(context),
        Command::Card { what: Some(CardCommand::Cancel(asked)) } => {
            card_cancel::run(context, &asked)
        }
        Command::Card { what: Some(CardCommand::Forget(asked)) } => {
            licences::forget(context, &asked)
        }
        Command::Card { what: Some(CardCommand::End(end)) } => card_end::run(context, &end),
        Command::Pin(command) => pin::run(context, &command),
        Command::Balance(pin) => balance::run(context, &pin),
        Command::Browse { shop, search } => browse::run(context, &Filter { shop, text: search }),
        Command::Preview { work, output } => preview::run(context, &work, output),
        Command::Register(pin) => register::run(context, &pin),
        Command::Load(asked) => load::run(context, &asked),
        Command::Buy(purchase) => buy::run(context, purchase),
        Command::Again(asked) => again::run(context, asked),
        Command::Contents(asked) => contents::run(context, asked),
        Command::Expire { purse, pin } => expire::run(context, purse, &pin),
        Command::Purchases => purchases::run(context),
        Command::Resume(asked) => resume::run(context, &asked),
        Command::Completions { shell } => Ok(documents::completions(shell)),
        Command::Man { command } => documents::man(command.as_deref()),
    }
}
