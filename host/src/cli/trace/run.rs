//! `saifu trace run`: traces on a card.

use super::interrupt::Interrupt;
use super::on::On;
use super::progress::Progress;
use crate::cli::arguments::Global;
use crate::cli::text::plain;
use crate::cli::{ExitCode, Failure, Report};
use clap::{ArgAction, ValueEnum};
use saifu_trace::report::{self, counted};
use saifu_trace::run::{
    self, Counts, FileResult, RunResult, SectionResult, Settings, StopAt, Stopped,
};
use serde_json::json;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// What a variable may be at most.
const MAX_SET_BYTES: usize = 65_535;

/// Which traces, on which card, and what is told.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes:
   0  all sections passed, or were skipped
   1  something failed; with --strict, or was skipped
   2  wrong command line, or a file is no trace
   3  no card, or the target broke
 130  interrupted by Ctrl-C; what there is until then is told")]
pub(in crate::cli) struct Args {
    /// Traces, folders of them (every NAME.apdu in and below them whose name does not begin with
    /// `_`), or `-` for standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(in crate::cli) traces: Vec<PathBuf>,
    /// Which card: `in-process` for fresh virtual ones in this process; `pcscd` for the same in a
    /// pcscd of their own; `vpcd:PORT` for the same in this machine's pcscd, where vpcd listens;
    /// `reader:NAME` for the card in a reader of this machine, by part of its name
    #[arg(long, value_name = "TARGET", default_value = "in-process", overrides_with = "on")]
    pub(in crate::cli) on: On,
    /// Set a variable of every trace, to hexadecimal or to a text in quotes: `--set 'pin="1234"'`
    /// [pin: $SAIFU_PIN]
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = variable)]
    pub(in crate::cli) variables: Vec<Variable>,
    /// When something fails, leave out the rest of its section, of its file, or everything
    #[arg(long, value_name = "WHERE", value_enum, default_value_t = Until::Never)]
    pub(in crate::cli) stop_at: Until,
    /// Let traces run that can destroy a real card
    #[arg(long)]
    pub(in crate::cli) destructive: bool,
    /// Count what is skipped as failed
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// Only sections whose number and text, or whose file's path, contain this
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) filter: Option<String>,
    /// Included files must be in this folder [default: where this runs, if they lie
    /// below; else the folder named, or the file's own]
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) within: Option<PathBuf>,
    /// What random numbers of traces come from
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) seed: Option<String>,
    /// What is printed
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Text)]
    pub(in crate::cli) report: Form,
    /// Write a report in JUnit XML as well
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) junit: Option<PathBuf>,
    /// Write a report in TAP 14 as well
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) tap: Option<PathBuf>,
    /// Write a report in JSON as well
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) json_file: Option<PathBuf>,
    /// List files and sections, and run nothing
    #[arg(long)]
    pub(in crate::cli) list: bool,
    /// Show every section, and each command and answer as they go
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub(in crate::cli) verbose: bool,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Form {
    /// For people
    Text,
    /// TAP version 14
    Tap,
    /// JUnit XML
    Junit,
    /// JSON, as with --json
    Json,
}

/// Where a run ends when something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Until {
    /// Nowhere
    Never,
    /// At the end of the section
    Section,
    /// At the end of the file
    File,
    /// There
    First,
}

/// A variable that the user gives; its value may be secret.
#[derive(Clone)]
pub(in crate::cli) struct Variable {
    name: String,
    value: Vec<u8>,
}

impl Variable {
    /// Its name and its value.
    pub(super) fn told(&self) -> (String, Vec<u8>) {
        (self.name.clone(), self.value.clone())
    }
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variable").field("name", &self.name).finish_non_exhaustive()
    }
}

pub(super) fn run(global: &Global, asked: &Args) -> Result<Report, Failure> {
    if asked.on == On::Pcscd {
        return in_own_pcscd();
    }
    let traces = run::find(&asked.traces, asked.within.as_deref()).map_err(|error| {
        Failure::new(ExitCode::Usage, error, "name a trace, or a folder with NAME.apdu in it")
    })?;
    let interrupt = Interrupt::watch()?;
    let settings = Settings { interrupt: interrupt.flag(), ..settings(asked) };
    if asked.list {
        return Ok(list(&run::list(&traces, &settings)));
    }
    let progress = Progress::new(asked.verbose);
    let within = Duration::from_secs(global.card_timeout);
    let result = asked.on.run(traces, settings, progress, within)?;
    let mut failures: Vec<_> = failure(&result, asked.strict).into_iter().collect();
    failures.extend(write_files(asked, &result));
    let text = match asked.report {
        Form::Text => report::text(&result, asked.verbose),
        Form::Tap => report::tap(&result),
        Form::Junit => report::junit(&result),
        Form::Json => format!("{:#}\n", report::json(&result)),
    };
    let signal = interrupt.signal().filter(|_| result.stopped == Some(Stopped::Interrupted));
    Ok(Report::new(text, report::json(&result)).with(failures).cut_short(signal))
}

/// Writes the reports that were asked for; gives what could not be written.
fn write_files(asked: &Args, result: &RunResult) -> Vec<Failure> {
    type Form = fn(&RunResult) -> String;
    let forms: [(&Option<PathBuf>, Form); 3] = [
        (&asked.junit, report::junit),
        (&asked.tap, report::tap),
        (&asked.json_file, |result| format!("{:#}\n", report::json(result))),
    ];
    let asked = forms.iter().filter_map(|(path, form)| Some((path.as_ref()?, form)));
    let written = asked.map(|(path, form)| {
        fs::write(path, form(result)).map_err(|error| Failure::file(path, &error))
    });
    written.filter_map(Result::err).collect()
}

/// Files with their sections, and what is no trace.
fn list(files: &[FileResult]) -> Report {
    let name = |section: &SectionResult| format!("  {}\n", plain(&section.name()));
    let text = |file: &FileResult| {
        let sections: String = file.sections.iter().map(name).collect();
        let wrong = file.unreadable.iter().map(|why| format!("{why}\n")).collect::<String>();
        format!("{}\n{sections}{wrong}", plain(&file.path.display().to_string()))
    };
    let objects = files.iter().map(|file| {
        let sections = file.sections.iter().map(|section| {
            json!({ "number": section.number, "text": section.text, "line": section.line })
        });
        json!({
            "path": file.path.display().to_string(),
            "unreadable": file.unreadable,
            "sections": sections.collect::<Vec<_>>(),
        })
    });
    let text = files.iter().map(text).collect::<String>();
    let failures = files.iter().any(|file| file.unreadable.is_some()).then(|| unreadable(files));
    let report = Report::new(text, json!({ "files": objects.collect::<Vec<_>>() }));
    report.with(failures.into_iter().collect())
}

/// Runs the same once more, in a pcscd of its own, and ends as that does.
#[cfg(all(feature = "embedded", unix))]
fn in_own_pcscd() -> Result<Report, Failure> {
    use crate::trace_targets::in_own_pcscd;
    let _waits_for_it = Interrupt::watch_terminal()?;
    let status = in_own_pcscd(|port, reader| {
        let mut arguments: Vec<_> = env::args_os().skip(1).collect();
        let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
        let on = ["--on".into(), format!("vpcd:{port}:{reader}").into()];
        arguments.splice(end..end, on);
        arguments
    });
    let status = status
        .map_err(|error| Failure::new(ExitCode::NoCard, error, "--on in-process needs no pcscd"))?;
    // It has said all there is to say.
    std::process::exit(status.code().unwrap_or(ExitCode::Failed as i32))
}

#[cfg(not(all(feature = "embedded", unix)))]
fn in_own_pcscd() -> Result<Report, Failure> {
    let next = "use --on reader:NAME, or build it with the feature `embedded` on Linux";
    Err(Failure::new(ExitCode::Usage, "this saifu has no virtual card", next))
}

fn settings(asked: &Args) -> Settings {
    let mut variables: Vec<_> = asked.variables.iter().map(Variable::told).collect();
    let has_pin = variables.iter().any(|(name, _)| name == "pin");
    // Where the emulator makes the card, `$pin` is its own.
    let needs_pin = !has_pin && matches!(asked.on, On::Reader(_));
    if let Some(pin) = env::var("SAIFU_PIN").ok().filter(|_| needs_pin) {
        variables.push(("pin".into(), pin.into_bytes()));
    }
    Settings {
        variables,
        stop_at: match asked.stop_at {
            Until::Never => StopAt::Never,
            Until::Section => StopAt::Section,
            Until::File => StopAt::File,
            Until::First => StopAt::First,
        },
        destructive: asked.destructive,
        filter: asked.filter.clone(),
        coverage: false,
        seed: asked.seed.clone().map(String::into_bytes),
        ..Settings::default()
    }
}

/// How the program ends; the report itself has told what failed.
fn failure(result: &RunResult, strict: bool) -> Option<Failure> {
    let Counts { failed, skipped, passed } = result.counts();
    if let Some(Stopped::Target(why)) = &result.stopped {
        return Some(Failure::new(ExitCode::NoCard, why, "the run ended there"));
    }
    if result.stopped == Some(Stopped::Interrupted) {
        return None;
    }
    if result.is_unreadable() {
        return Some(unreadable(&result.files));
    }
    let all = counted(passed + failed + skipped, "section");
    let what = format!("{failed} of {all} failed");
    if failed > 0 {
        return Some(Failure::new(ExitCode::Failed, what, ""));
    }
    if strict && skipped > 0 {
        let what = format!("{skipped} of {all} skipped, and --strict counts that as failed");
        return Some(Failure::new(ExitCode::Failed, what, ""));
    }
    if passed + skipped == 0 {
        return Some(Failure::new(
            ExitCode::Failed,
            "no section ran",
            "see --filter, or `section`",
        ));
    }
    None
}

/// Of files of which some are no traces.
fn unreadable(files: &[FileResult]) -> Failure {
    let unreadable = files.iter().filter(|file| file.unreadable.is_some()).count();
    let of = if files.len() == 1 { "file" } else { "files" };
    let is = if unreadable == 1 { "is no trace" } else { "are no traces" };
    let what = format!("{unreadable} of {} {of} {is}", files.len());
    Failure::new(ExitCode::Usage, what, "`saifu trace check` finds such mistakes without a card")
}

pub(super) fn variable(text: &str) -> Result<Variable, String> {
    let (name, value) =
        text.split_once('=').ok_or("write NAME=VALUE, as in --set challenge=0011")?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.chars().all(is_name) || !name.starts_with(|c: char| !c.is_ascii_digit()) {
        return Err("a variable's name is letters, digits and _, no digit first".into());
    }
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let value = match quoted {
        Some(text) => text.as_bytes().to_vec(),
        None => hex::decode(value.replace(' ', ""))
            .map_err(|_| "a value is hexadecimal, or a text in quotes: 'pin=\"1234\"'")?,
    };
    if value.len() > MAX_SET_BYTES {
        return Err(format!("a value has at most {MAX_SET_BYTES} bytes"));
    }
    Ok(Variable { name: name.into(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_hexadecimal_or_a_text_in_quotes() {
        assert_eq!(variable("a=00 ff").unwrap().value, [0, 0xFF]);
        assert_eq!(variable("pin=\"1234\"").unwrap().value, b"1234");
        assert_eq!(variable("empty=").unwrap().value, b"");
        for wrong in ["a", "=00", "a b=00", "a-b=00", "1=00", "a=0", "a=xy"] {
            assert!(variable(wrong).is_err(), "{wrong}");
        }
        assert!(!format!("{:?}", variable("pin=\"1234\"").unwrap()).contains("31"));
    }
}
