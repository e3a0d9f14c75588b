//! `saifu trace check`: what is wrong with traces, without running them.

use super::files::{self, counted};
use crate::cli::{ExitCode, Failure, Report};
use saifu_trace::run::CAPABILITIES;
use saifu_trace::syntax::{self, Diagnostic, LoadError, Outside};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Which traces are looked at, and what they are run with.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A file whose name, or whose folder's name, begins with `_` is there to be \
    included: only whether it can be read is looked at.\n\nExit codes: 0 no mistake; 1 mistakes, or a \
    file that cannot be read; 2 wrong usage"
)]
pub(in crate::cli) struct Args {
    /// Traces, folders of them (every NAME.apdu in and below them), or `-` for standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// A variable that `saifu trace run --set` gives a value
    #[arg(long, value_name = "NAME")]
    set: Vec<String>,
    /// Included files must be in this folder [default: where this runs, if they lie
    /// below; else the folder named, or the file's own]
    #[arg(long, value_name = "FOLDER")]
    within: Option<PathBuf>,
}

pub(super) fn run(asked: &Args) -> Result<Report, Failure> {
    let (mut traces, mut wrong, mut failures) = (0_usize, Vec::new(), Vec::new());
    for path in &asked.paths {
        for file in files::named(std::slice::from_ref(path))? {
            traces += 1;
            let root = asked.within.clone().unwrap_or_else(|| syntax::includes_root(path));
            match look(&file, path, &root, &asked.set) {
                Ok(found) | Err(LoadError::Wrong(found)) => wrong.extend(found),
                Err(LoadError::File { path, why }) => failures.push(files::unreadable(&path, &why)),
            }
        }
    }
    Ok(report(traces, &wrong, failures))
}

/// The mistakes of a file that can be read; `named` is what the user named, the file or a folder.
fn look(
    file: &Path,
    named: &Path,
    root: &Path,
    set: &[String],
) -> Result<Vec<Diagnostic>, LoadError> {
    let source = files::read(file)?;
    if syntax::is_part(file, named) {
        return syntax::parse(source).map(|_| Vec::new()).map_err(LoadError::Wrong);
    }
    let trace = syntax::load_source(source, root)?;
    let capabilities: Vec<_> = CAPABILITIES.iter().map(|(word, _)| *word).collect();
    let outside = Outside { variables: set, fault: &fault, capabilities: &capabilities };
    Ok(syntax::check(&trace, &outside))
}

/// Whether the emulator knows the fault; the first line of why not, as the place is shown.
#[cfg(feature = "embedded")]
fn fault(text: &str) -> Result<(), String> {
    let fault: Result<saifu_vsmartcard::faults::Fault, _> = text.parse();
    fault.map(drop).map_err(|why| why.to_string().lines().next().unwrap_or_default().to_owned())
}

/// Without the emulator nobody knows faults.
#[cfg(not(feature = "embedded"))]
fn fault(_text: &str) -> Result<(), String> {
    Ok(())
}

fn report(traces: usize, wrong: &[Diagnostic], mut failures: Vec<Failure>) -> Report {
    let told: String = wrong.iter().map(|wrong| format!("{wrong}\n\n")).collect();
    let objects: Vec<_> = wrong.iter().map(files::object).collect();
    let traces_told = counted(traces, "trace");
    let json = json!({ "traces": traces, "mistakes": objects });
    if wrong.is_empty() {
        let good = if failures.is_empty() { format!("{traces_told}, no mistake\n") } else { told };
        return Report::new(good, json).with(failures);
    }
    let what = format!("{} in {traces_told}", counted(wrong.len(), "mistake"));
    let next = "host/trace/LANGUAGE.md says what can be written";
    failures.push(Failure::new(ExitCode::Failed, what, next));
    Report::new(told, json).with(failures)
}
