//! Every command that changes something stands in the audit log: noted here, once for all.
//!
//! What is noted is the command, its arguments that are no secrets, who ran it, and how it ended.
//! The log is opened first: where it cannot be written, nothing is done.

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::clock::{Clock, SystemClock};
use crate::operators::audit_log::{Action, AuditLog};
use crate::refusal::{Refusal, Result};

/// Commands that change nothing; all others are noted.
const READING: [&str; 27] = [
    "audit",
    "card list",
    "card show",
    "check",
    "completions",
    "config check",
    "config example",
    "config show",
    "credit list",
    "keys list",
    "keys request",
    "log",
    "man",
    "openapi",
    "sales",
    "shop list",
    "shop show",
    "statement",
    "status",
    "token list",
    "voucher batch",
    "voucher list",
    "work list",
    "work show",
    // With the one argument, or without the other.
    "backup --verify",
    "credit repayments",
    "credit repayments --done",
];

/// Arguments with which a command is another.
const DECIDING: [(&str, &str); 3] =
    [("backup", "verify"), ("credit repayments", "done"), ("credit repayments", "pay")];

/// Commands that make the folder: they are noted when it is there.
const MAKING: [&str; 2] = ["init", "restore"];

/// Arguments whose values are never noted: their names have one of these words.
const SECRETS: [&str; 5] = ["secret", "pass", "pin", "code", "key"];

/// A command as it was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Given {
    what: String,
    on: String,
    /// The command with the argument that decides what it does.
    kind: String,
}

impl Given {
    /// Reads the command and its arguments out of what was parsed.
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let (mut words, mut on, mut at) = (Vec::new(), Vec::new(), Some(matches));
        let mut typed = Vec::new();
        while let Some(matches) = at {
            typed.extend(matches.ids().map(clap::Id::as_str).filter(|id| is_typed(matches, id)));
            on.extend(matches.ids().filter_map(|id| argument(matches, id.as_str())));
            at = matches.subcommand().map(|(name, below)| {
                words.push(name);
                below
            });
        }
        let what = words.join(" ");
        let decides = |(of, id): &&(&str, &str)| *of == what && typed.contains(id);
        let kind = match DECIDING.iter().rfind(decides) {
            Some((_, id)) => format!("{what} --{id}"),
            None => what.clone(),
        };
        Self { what, on: on.join(" "), kind }
    }

    fn is_reading(&self) -> bool {
        READING.contains(&self.kind.as_str())
    }

    /// Runs the command, and notes it if it may change something.
    ///
    /// # Errors
    /// What the command refuses; or it cannot be noted.
    pub(super) fn run(
        self,
        folder: &Path,
        command: impl FnOnce() -> Result<ExitCode>,
    ) -> Result<ExitCode> {
        // Without a folder there is no center yet: it is noted when it is made.
        let makes = MAKING.contains(&self.what.as_str());
        if self.is_reading() || !folder.is_dir() && !makes {
            return command();
        }
        // A center is put back into a folder that is empty: not even a log is there yet.
        let restores = self.what == "restore";
        let is_there = folder.is_dir() && !restores;
        let before = is_there.then(|| AuditLog::open(folder)).transpose()?;
        if let Some(log) = before.as_ref().filter(|_| self.what == "serve") {
            log.write(&self.action("begun"))?;
        }
        let done = command();
        if restores && done.is_err() {
            return done;
        }
        let log = before.map_or_else(|| AuditLog::open(folder), Ok);
        let outcome = done.as_ref().map_or_else(|refusal| refusal.code().code(), |_| "done");
        let noted = log.and_then(|log| log.write(&self.action(outcome)));
        match (done, noted) {
            (Ok(_), Err(refusal)) => Err(Refusal::unavailable(format!(
                "{} is done, but it could not be noted in the audit log: {refusal}",
                self.what
            ))),
            (done, _) => done,
        }
    }

    fn action(&self, outcome: &str) -> Action {
        Action {
            time: SystemClock.now(),
            who: format!("user:{}", rustix::process::getuid().as_raw()),
            what: self.what.clone(),
            on: self.on.clone(),
            outcome: outcome.into(),
        }
    }
}

fn is_typed(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// An argument that was typed, as `name=value`, without its value if it is a secret.
fn argument(matches: &ArgMatches, id: &str) -> Option<String> {
    // What groups several arguments would tell their values twice.
    let is_group = !is_argument(&<super::Cli as clap::CommandFactory>::command(), id);
    if !is_typed(matches, id) || is_group || ["data", "json"].contains(&id) {
        return None;
    }
    let values = matches.try_get_raw(id).ok().flatten()?;
    if SECRETS.iter().any(|word| id.contains(word)) {
        return Some(format!("{id}=(hidden)"));
    }
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    Some(format!("{id}={}", values.join(",")))
}

/// Whether the command, or one below it, has an argument of this id.
fn is_argument(command: &clap::Command, id: &str) -> bool {
    command.get_arguments().any(|argument| argument.get_id() == id)
        || command.get_subcommands().any(|below| is_argument(below, id))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::Cli;
    use super::*;

    fn given(line: &str) -> Given {
        let matches = Cli::command().try_get_matches_from(line.split(' ')).unwrap();
        Given::of(&matches)
    }

    #[test]
    fn a_command_is_noted_with_what_was_typed_and_nothing_else() {
        let add = given("saifu-center --data /x work add f.txt --title T --creator C --free");
        assert_eq!(add.what, "work add");
        for word in ["file=f.txt", "title=T", "creator=C"] {
            assert!(add.on.contains(word), "{}", add.on);
        }
        assert!(!add.on.contains("/x") && !add.on.contains("payment"), "{}", add.on);
        assert_eq!(given("saifu-center backup /x").on, "backup=/x");
        let serve = given("saifu-center serve --tls-certificate c.pem --tls-key k.pem");
        assert!(serve.on.contains("tls_key=(hidden)"), "{}", serve.on);
    }

    #[test]
    fn what_only_reads_is_not_noted_and_all_else_is() {
        for (line, reading) in [
            ("saifu-center status", true),
            ("saifu-center config show", true),
            ("saifu-center work list", true),
            ("saifu-center token list", true),
            ("saifu-center token revoke 0", false),
            ("saifu-center publish 0", false),
            ("saifu-center sales --suspense", true),
            ("saifu-center sales settle 7", false),
            ("saifu-center payout jpy:5 --reference a", false),
            ("saifu-center init", false),
            ("saifu-center openapi", true),
            ("saifu-center backup b.tar", false),
            ("saifu-center backup b.tar --verify", true),
            ("saifu-center credit repayments", true),
            ("saifu-center credit repayments --done", true),
            ("saifu-center credit repayments --pay 00", false),
            ("saifu-center work show 0", true),
            ("saifu-center shop show 0", true),
            ("saifu-center shop close 0", false),
        ] {
            assert_eq!(given(line).is_reading(), reading, "{line}");
        }
    }

    /// Commands that change something.
    const CHANGING: [&str; 31] = [
        "backup",
        "card close",
        "card freeze",
        "card payout",
        "card refund",
        "card replace",
        "card revoke",
        "card thaw",
        "credit confirm",
        "credit give",
        "credit repayments --pay",
        "init",
        "keys install",
        "keys passwd",
        "keys retire",
        "keys rotate",
        "payout",
        "publish",
        "restore",
        "sales settle",
        "serve",
        "shop add",
        "shop close",
        "shop set",
        "token add",
        "token revoke",
        "voucher make",
        "voucher sold",
        "voucher void",
        "work add",
        "work withdraw",
    ];

    /// Every command that can be given, without those of an issuer, which has a folder of its own.
    fn commands(of: &clap::Command, name: &str) -> Vec<String> {
        let mut below = of.get_subcommands().peekable();
        let runs = below.peek().is_none() || !of.is_subcommand_required_set();
        let below = below.filter(|command| command.get_name() != "issuer");
        let below = below
            .flat_map(|command| commands(command, format!("{name} {}", command.get_name()).trim()));
        let own = (runs && !name.is_empty()).then(|| name.to_owned());
        own.into_iter().chain(below).collect()
    }

    #[test]
    fn every_command_is_one_that_reads_or_one_that_changes() {
        let given = commands(&Cli::command(), "");
        let twice_or_never: Vec<_> = given
            .iter()
            .map(String::as_str)
            .filter(|command| READING.contains(command) == CHANGING.contains(command))
            .collect();
        assert_eq!(twice_or_never, [""; 0]);
        for listed in READING.iter().chain(&CHANGING) {
            let command = listed.split(" --").next().unwrap();
            assert!(given.iter().any(|given| given == command), "there is no {listed}");
        }
    }

    #[test]
    fn a_center_that_was_put_back_says_so_and_one_that_was_not_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let entries = || std::fs::read_dir(folder.path()).unwrap().count();
        let restore = || given("saifu-center restore b.tar");
        let refused = restore().run(folder.path(), || Err(Refusal::malformed("no backup")));
        assert!(refused.is_err() && entries() == 0);
        restore()
            .run(folder.path(), || {
                assert_eq!(entries(), 0, "it wants an empty folder");
                Ok(ExitCode::SUCCESS)
            })
            .unwrap();
        let log = crate::operators::audit_log::list(folder.path(), 0, 9).unwrap();
        let [entry] = &log[..] else { panic!("one: {log:?}") };
        assert_eq!((&*entry.what, &*entry.outcome), ("restore", "done"));
        assert!(entry.on.contains("backup=b.tar"), "{}", entry.on);
    }

    #[test]
    fn a_command_that_cannot_be_noted_is_not_run() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("audit-log.lock")).unwrap();
        let ran = std::cell::Cell::new(false);
        let given = given("saifu-center publish 0");
        let done = given.run(folder.path(), || {
            ran.set(true);
            Ok(ExitCode::SUCCESS)
        });
        assert!(done.is_err() && !ran.get());
    }
}
