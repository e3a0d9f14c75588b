//! `saifu trace fmt`: traces in their settled form.

use super::files::{self, STDIN, counted};
use crate::cli::arguments::Global;
use crate::cli::report::tell;
use crate::cli::{ExitCode, Failure, Report};
use saifu_trace::syntax::{self, Diagnostic, LoadError, parse};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Which traces are settled.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Comments, and how hexadecimal digits are grouped, stay. A trace that cannot be \
    read stays as it is.\n\nExit codes: 0 all are settled; 1 one is not (--check), or cannot be \
    read or written; 2 wrong usage"
)]
pub(in crate::cli) struct Args {
    /// Traces, folders of them (every NAME.apdu in and below them), or `-` for standard input,
    /// which goes to standard output
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Change nothing; list what is not settled
    #[arg(long)]
    check: bool,
}

/// What came of all files.
#[derive(Default)]
struct Done {
    settled: usize,
    changed: Vec<PathBuf>,
    wrong: Vec<Diagnostic>,
    failures: Vec<Failure>,
    /// Standard input, settled.
    text: Option<String>,
}

pub(super) fn run(global: &Global, asked: &Args) -> Result<Report, Failure> {
    let mut done = Done::default();
    for file in files::named(&asked.paths)? {
        match settle(&file, asked.check, &mut done) {
            Ok(()) => {}
            Err(LoadError::Wrong(wrong)) => done.wrong.extend(wrong),
            Err(LoadError::File { path, why }) => {
                done.failures.push(files::unreadable(&path, &why));
            }
        }
    }
    if !global.json {
        // Not to standard output: what is settled goes there.
        done.wrong.iter().for_each(|wrong| tell(&format!("{wrong}\n\n")));
    }
    Ok(report(done, asked.check))
}

fn settle(file: &Path, only_check: bool, done: &mut Done) -> Result<(), LoadError> {
    let source = files::read(file)?;
    let text = syntax::format(&parse(source.clone()).map_err(LoadError::Wrong)?);
    let is_settled = text == source.text;
    if file == Path::new(STDIN) && !only_check {
        done.text = Some(text);
    } else if is_settled {
        done.settled += 1;
    } else {
        if !only_check {
            let failed = |why| LoadError::File { path: file.to_owned(), why };
            files::replace(file, &text).map_err(failed)?;
        }
        done.changed.push(file.to_owned());
    }
    Ok(())
}

fn report(mut done: Done, only_check: bool) -> Report {
    let mut told = String::new();
    let word = if only_check { "not settled" } else { "settled" };
    for file in &done.changed {
        told.push_str(&format!("{word}: {}\n", file.display()));
    }
    let json = json!({
        "changed": done.changed,
        "unchanged": done.settled,
        "mistakes": done.wrong.iter().map(files::object).collect::<Vec<_>>(),
        "text": done.text,
    });
    told.push_str(&done.text.unwrap_or_default());
    if !done.wrong.is_empty() {
        let what = counted(done.wrong.len(), "mistake");
        let next =
            "what cannot be read stays as it is; host/trace/LANGUAGE.md says how to write it";
        done.failures.push(Failure::new(ExitCode::Failed, what, next));
    }
    if only_check && !done.changed.is_empty() {
        let what = format!("{} not settled", counted(done.changed.len(), "trace"));
        let failure = Failure::new(ExitCode::Failed, what, "run `saifu trace fmt` on them");
        done.failures.push(failure);
    }
    Report::new(told, json).with(done.failures)
}
