//! The terminal's options: what of them `saifu trace` shows and takes.
//!
//! Traces have neither a data folder nor a center nor the terminal's card. An option that names
//! one is not shown, and refused rather than ignored; what the environment says of them is for
//! the terminal and stands.

use crate::cli::{ExitCode, Failure};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use std::mem;

/// The command that none of this is for.
const TRACE: &str = "trace";

/// The options that mean nothing to traces, by their ids, and what to know in their place.
const FOREIGN: [(&str, &str); 7] = [
    ("data", "traces keep nothing in a data folder"),
    ("card", "`saifu trace run --on` says which card"),
    ("center", "traces speak with a card alone"),
    ("center_ca", "traces speak with a card alone"),
    ("root", "`saifu trace run --within FOLDER` says where included files are"),
    ("short_apdus", "a trace says itself how long its commands are"),
    ("center_timeout", "traces speak with a card alone; its time is --card-timeout"),
];

/// How long a card is waited for, and which commands have a card.
const CARD_TIMEOUT: &str = "card_timeout";
const WITH_CARD: [&str; 2] = ["run", "record"];

/// Where options of every command stand in help: behind a command's own.
const BEHIND: usize = 500;

/// The program with `saifu trace` showing of the options of every command those that mean
/// something there; the others are hidden, to be refused by [`refuse_foreign`].
pub(in crate::cli) fn of_traces(program: Command) -> Command {
    let mut program = with_timeout(program);
    let hidden: Vec<_> = foreign(&program).into_iter().map(|arg| arg.hide(true)).collect();
    if let Some(trace) = program.find_subcommand_mut(TRACE) {
        *trace = mem::take(trace).args(hidden);
    }
    program
}

/// The program as shells complete it. They are told of hidden options, too: here the others have
/// the terminal's, each for itself, and `saifu trace` has none of them.
pub(in crate::cli) fn completed(program: Command) -> Command {
    let mut program = with_timeout(program);
    let foreign = foreign(&program);
    for each in program.get_subcommands_mut().filter(|each| each.get_name() != TRACE) {
        *each = mem::take(each).args(&foreign);
    }
    program.mut_args(|arg| if is_foreign(&arg) { arg.global(false) } else { arg })
}

/// The program, its options of every command behind each command's own, and the commands of
/// traces that have a card with the time to wait for it.
fn with_timeout(program: Command) -> Command {
    let mut order = BEHIND;
    let mut program = program.mut_args(|arg| {
        order += 1;
        arg.display_order(order)
    });
    let timeout = program.get_arguments().find(|arg| arg.get_id() == CARD_TIMEOUT).cloned();
    let trace = program.find_subcommand_mut(TRACE).into_iter();
    for each in trace.flat_map(Command::get_subcommands_mut) {
        if WITH_CARD.contains(&each.get_name()) {
            *each = mem::take(each).args(timeout.clone());
        }
    }
    program
}

fn foreign(program: &Command) -> Vec<Arg> {
    program.get_arguments().filter(|arg| is_foreign(arg)).cloned().collect()
}

fn is_foreign(arg: &Arg) -> bool {
    arg.get_id() == CARD_TIMEOUT || FOREIGN.iter().any(|(id, _)| arg.get_id() == *id)
}

/// Refuses a terminal's option that was typed for traces.
pub(in crate::cli) fn refuse_foreign(typed: &ArgMatches) -> Result<(), Failure> {
    if typed.subcommand_matches(TRACE).is_none() {
        return Ok(());
    }
    let is_typed = |id: &str| typed.value_source(id) == Some(ValueSource::CommandLine);
    match FOREIGN.iter().find(|(id, _)| is_typed(id)) {
        None => Ok(()),
        Some((id, next)) => {
            let what = format!("--{} means nothing to traces", id.replace('_', "-"));
            Err(Failure::new(ExitCode::Usage, what, next))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::program;

    fn help(names: &[&str]) -> String {
        let mut command = program();
        command.build();
        let mut page = &command;
        for name in names {
            page = page.find_subcommand(name).unwrap();
        }
        page.clone().render_long_help().to_string()
    }

    #[test]
    fn help_on_traces_shows_none_of_the_options_of_shop_and_wallet() {
        for names in [&["trace"][..], &["trace", "run"], &["trace", "check"]] {
            let shown = help(names);
            assert!(shown.contains("--json"), "{shown}");
            for (id, _) in FOREIGN {
                let option = format!("--{} ", id.replace('_', "-"));
                assert!(!shown.contains(&option), "{option} in {names:?}");
            }
        }
        assert!(help(&["balance"]).contains("--center "));
        assert!(help(&["trace", "run"]).contains("--card-timeout"));
        assert!(!help(&["trace", "check"]).contains("--card-timeout"));
    }

    #[test]
    fn shells_complete_the_options_of_each_command_and_no_others() {
        let mut completed = crate::cli::arguments::completed();
        completed.build();
        let takes = |names: &[&str], option: &str| {
            let mut command = &completed;
            for name in names {
                command = command.find_subcommand(name).unwrap();
            }
            command.get_arguments().any(|arg| arg.get_long() == Some(option))
        };
        assert!(takes(&["balance"], "center") && takes(&["card", "licences"], "center"));
        assert!(takes(&["trace", "run"], "card-timeout") && takes(&["trace", "run"], "json"));
        assert!(!takes(&["trace", "run"], "center") && !takes(&["trace", "check"], "card-timeout"));
    }

    #[test]
    fn an_option_of_the_wallet_is_refused_before_and_behind_the_name_of_the_command() {
        for line in [
            &["saifu", "--card", "virtual", "trace", "commands"][..],
            &["saifu", "trace", "--root", "a", "commands"],
            &["saifu", "trace", "commands", "--short-apdus"],
        ] {
            let typed = program().try_get_matches_from(line).unwrap();
            let refused = refuse_foreign(&typed).unwrap_err();
            assert_eq!(refused.code, ExitCode::Usage, "{line:?}");
        }
    }

    #[test]
    fn what_is_typed_for_the_wallet_itself_is_not_refused() {
        for line in [
            &["saifu", "--card", "virtual", "balance"][..],
            &["saifu", "trace", "commands", "--json"],
            &["saifu", "trace", "run", "--card-timeout", "3", "a.apdu"],
        ] {
            let typed = program().try_get_matches_from(line).unwrap();
            assert!(refuse_foreign(&typed).is_ok(), "{line:?}");
        }
        let line = ["saifu", "trace", "run", "--card-timeout", "3", "a.apdu"];
        let typed = program().try_get_matches_from(line).unwrap();
        assert_eq!(typed.get_one::<u64>(CARD_TIMEOUT), Some(&3));
    }
}
