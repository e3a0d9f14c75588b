//! `saifu trace`: conversations with any card as text files (`host/trace/LANGUAGE.md`).
//!
//! One file per command, each with what can be typed and what it does. None needs the data
//! folder, a center or the terminal's own card.

mod check;
mod commands;
mod convert;
mod explain;
mod files;
mod fmt;
mod input;
mod interrupt;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod mock;
mod on;
mod options;
mod progress;
#[cfg(all(feature = "embedded", target_os = "linux"))]
mod record;
mod run;

use super::arguments::Global;
use super::{Failure, Report};
use clap::Subcommand;
pub(super) use options::{completed, of_traces, refuse_foreign};

/// What is done with traces.
#[derive(Debug, Subcommand)]
pub(super) enum TraceCommand {
    /// Run traces on a card, and tell what does not hold
    Run(run::Args),
    /// Look for mistakes in traces, without running them
    Check(check::Args),
    /// Put traces into their settled form
    Fmt(fmt::Args),
    /// Say what bytes mean: commands, answers, data objects, from an argument or a file
    Explain(explain::Args),
    /// Record what a PC/SC program and a card say to each other as a trace
    #[cfg(all(feature = "embedded", target_os = "linux"))]
    Record(record::Args),
    /// Be the card of a trace: answer what it says must come back
    #[cfg(all(feature = "embedded", target_os = "linux"))]
    Mock(mock::Args),
    /// Convert scripts, dumps and logs of other tools into traces, and traces into scripts
    Convert(convert::Args),
    /// List the names of commands that a trace can use, with header, Le and where they come from
    Commands(commands::Args),
}

pub(super) fn run(global: &Global, command: TraceCommand) -> Result<Report, Failure> {
    match command {
        TraceCommand::Run(asked) => run::run(global, &asked),
        TraceCommand::Check(asked) => check::run(&asked),
        TraceCommand::Fmt(asked) => fmt::run(global, &asked),
        TraceCommand::Explain(asked) => explain::run(&asked),
        #[cfg(all(feature = "embedded", target_os = "linux"))]
        TraceCommand::Record(asked) => record::run(global, &asked),
        #[cfg(all(feature = "embedded", target_os = "linux"))]
        TraceCommand::Mock(asked) => mock::run(global, &asked),
        TraceCommand::Convert(asked) => convert::run(global, &asked),
        TraceCommand::Commands(asked) => commands::run(&asked),
    }
}
