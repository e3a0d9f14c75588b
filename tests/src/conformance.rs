//! `make conformance`: every trace of `tests/traces`, in process and through a pcscd of its own,
//! and how much of `apdu-spec.md` they show.

use std::fmt;
use std::path::Path;

use saifu_host::trace_targets::{AtVpcd, InProcess};
use saifu_trace::report;
use saifu_trace::run::{self, RunResult, Settings, Unwatched, Verdict};
use saifu_trace::target::Target;

use crate::coverage::measure::{Row, measure, percent};
use crate::coverage::spec::{SPEC, Spec};

/// What the traces have shown.
#[derive(Debug)]
pub struct Conformance {
    /// On virtual cards in this process.
    pub in_process: RunResult,
    /// On the same behind vpcd.
    pub through_pcscd: RunResult,
    /// In what the two differ.
    pub differences: Vec<String>,
    /// What of the specification was shown on both.
    pub rows: Vec<Row>,
}

/// Runs the traces of a folder in process, and in a reader of a vpcd.
///
/// # Errors
/// When the folder has no traces; in words.
pub fn run(folder: &Path, port: u16, reader: &str) -> Result<Conformance, String> {
    let traces = run::find(&[folder.to_owned()], None).map_err(|error| error.to_string())?;
    let settings = Settings { coverage: true, ..Settings::default() };
    let on = |target: &mut dyn Target| run::run(&traces, &settings, target, &mut Unwatched);
    let in_process = on(&mut InProcess::default());
    let through_pcscd = on(&mut AtVpcd::new(port, reader));
    Ok(Conformance {
        differences: run::differences(&in_process, &through_pcscd),
        rows: measure(&Spec::read(SPEC), &in_process),
        in_process,
        through_pcscd,
    })
}

impl Conformance {
    /// Whether all traces passed on both, said the same, and show all that can be shown.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.passed() == self.traces() && self.differences.is_empty() && percent(&self.rows) == 100
    }

    fn traces(&self) -> usize {
        self.in_process.files.len()
    }

    /// Traces of which every section passed on both; one that was skipped did not.
    fn passed(&self) -> usize {
        let both = self.in_process.files.iter().zip(&self.through_pcscd.files);
        let has_passed = |file: &run::FileResult| {
            let all = file.sections.iter().all(|section| section.verdict() == Verdict::Passed);
            all && file.verdict() == Verdict::Passed
        };
        both.filter(|(one, other)| has_passed(one) && has_passed(other)).count()
    }
}

impl fmt::Display for Conformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for run in [&self.in_process, &self.through_pcscd] {
            f.write_str(&report::text(run, false))?;
            writeln!(f)?;
        }
        for difference in &self.differences {
            writeln!(f, "not the same in process and through pcscd: {difference}")?;
        }
        for Row { what, named, missing, excepted } in &self.rows {
            writeln!(f, "{what}: {named} named, {} not shown", missing.len() + excepted.len())?;
            missing.iter().try_for_each(|name| writeln!(f, "  missing: {name}"))?;
            excepted.iter().try_for_each(|(name, why)| writeln!(f, "  except {name}: {why}"))?;
        }
        let (traces, passed) = (self.traces(), self.passed());
        let percent = percent(&self.rows);
        write!(f, "conformance: {traces} traces, {passed} passed; spec coverage {percent} %")
    }
}
