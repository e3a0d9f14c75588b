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

/// Commands that change nothing, by their first word or by both.
const READING: [&str; 19] = [
    "audit",
    "card list",
    "card show",
    "check",
    "completions",
    "config",
    "credit list",
    "keys list",
    "keys request",
    "log",
    "man",
    "sales",
    "shop list",
    "statement",
    "status",
    "token list",
    "voucher batch",
    "voucher list",
    "work list",
];

/// Commands that change something though their first word alone does not.
const CHANGING: [&str; 1] = ["sales settle"];

/// Arguments whose values are never noted: their names have one of these words.
const SECRETS: [&str; 5] = ["secret", "pass", "pin", "code", "key"];

/// A command as it was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Given {
    what: String,
    on: String,
}

impl Given {
    /// Reads the command and its arguments out of what was parsed.
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let (mut words, mut on, mut at) = (Vec::new(), Vec::new(), Some(matches));
        while let Some(matches) = at {
            on.extend(matches.ids().filter_map(|id| argument(matches, id.as_str())));
            at = matches.subcommand().map(|(name, below)| {
                words.push(name);
                below
            });
        }
        Self { what: words.join(" "), on: on.join(" ") }
    }

    fn is_reading(&self) -> bool {
        let first = self.what.split(' ').next().unwrap_or_default();
        let changes = CHANGING.contains(&self.what.as_str());
        !changes && READING.iter().any(|reading| *reading == first || *reading == self.what)
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
        if self.is_reading() || !folder.is_dir() && self.what != "init" {
            return command();
        }
        let before = folder.is_dir().then(|| AuditLog::open(folder)).transpose()?;
        if let Some(log) = before.as_ref().filter(|_| self.what == "serve") {
            log.write(&self.action("begun"))?;
        }
        let done = command();
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

/// An argument that was typed, as `name=value`, without its value if it is a secret.
fn argument(matches: &ArgMatches, id: &str) -> Option<String> {
    let typed = matches.value_source(id) == Some(ValueSource::CommandLine);
    if !typed || ["data", "json"].contains(&id) {
        return None;
    }
    // What groups several arguments has no values of its own.
    let values = matches.try_get_raw(id).ok().flatten()?;
    if SECRETS.iter().any(|word| id.contains(word)) {
        return Some(format!("{id}=(hidden)"));
    }
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    Some(format!("{id}={}", values.join(",")))
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
        ] {
            assert_eq!(given(line).is_reading(), reading, "{line}");
        }
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
