//! Carries out traces on a target, and tells what came of them.
//!
//! ```no_run
//! use saifu_trace::run::{self, Settings, Unwatched};
//! # use saifu_trace::target::Target;
//! # fn on(card: &mut dyn Target) -> Result<(), Box<dyn std::error::Error>> {
//! let traces = run::find(&["tests/traces".into()], None)?;
//! let result = run::run(&traces, &Settings::default(), card, &mut Unwatched);
//! assert_eq!(result.counts().failed, 0);
//! # Ok(())
//! # }
//! ```
//!
//! A file runs from its first line to its last; what does not hold is noted, and the next line
//! follows. Everything a trace can make grow has a limit (`limits`), and the same files, target
//! and seed give the same result, times apart.

mod capability;
mod channel;
mod check;
mod command;
mod compare;
mod coverage;
mod danger;
mod exchange;
mod file;
mod find;
mod limits;
pub mod mock;
mod pattern;
mod result;
mod skip;
mod status;
mod times;
mod tlv;
mod value;
mod walk;
mod watch;

pub use capability::{
    CAPABILITIES, CHAINING, CHANNELS, EMULATED, EXTENDED, FAULTS, PARTIAL_NAMES, PCSC, POWER, REAL,
    SAIFU, SLOT, TIME,
};
pub use command::shown;
pub(crate) use command::without_variables;
pub use compare::differences;
pub use coverage::Coverage;
pub use find::{Found, NoTraces, find};
pub use result::{
    Counts, Failure, FileResult, Note, RunResult, SectionResult, Shown, Stopped, Token, Verdict,
};
pub use watch::{Unwatched, Watch};

use crate::target::Target;
use exchange::Way;
use file::Running;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What random numbers of helpers come from unless a seed is said.
pub const DEFAULT_SEED: &[u8] = b"saifu trace";

/// How a run goes.
#[derive(Clone, Default)]
pub struct Settings {
    /// Variables of every file; what a trace sets under their names does not count.
    pub variables: Vec<(String, Vec<u8>)>,
    /// Where a run ends when something fails.
    pub stop_at: StopAt,
    /// Whether a real card may be destroyed.
    pub destructive: bool,
    /// Only sections whose number and text, or whose file's path, contain this.
    pub filter: Option<String>,
    /// Whether it is kept what was covered.
    pub coverage: bool,
    /// What random numbers come from; [`DEFAULT_SEED`] if there is none.
    pub seed: Option<Vec<u8>>,
    /// Ends the run before its next line, once it is set.
    pub interrupt: Arc<AtomicBool>,
}

/// Where a run ends when something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StopAt {
    /// Nowhere.
    #[default]
    Never,
    /// The rest of the section is left out.
    Section,
    /// The rest of the file is left out.
    File,
    /// Everything after it is left out.
    First,
}

impl Settings {
    /// Whether all of a file is asked for.
    fn takes_file(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        self.filter.as_ref().is_none_or(|filter| path.contains(filter.as_str()))
    }

    /// Whether the run is to end.
    fn is_interrupted(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    /// Whether something of this name is asked for.
    fn takes(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
    }
}

/// Values may be secret.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.variables.iter().map(|(name, _)| name).collect();
        let mut told = f.debug_struct("Settings");
        told.field("variables", &names).field("stop_at", &self.stop_at).finish_non_exhaustive()
    }
}

/// Carries out traces, one after the other, each on a fresh card where the target makes one.
///
/// It ends early only where the target breaks, or where [`Settings::stop_at`] or
/// [`Settings::interrupt`] says so; then [`RunResult::stopped`] tells.
pub fn run(
    traces: &[Found],
    settings: &Settings,
    target: &mut dyn Target,
    watch: &mut dyn Watch,
) -> RunResult {
    let begun = Instant::now();
    let mut result = RunResult { target: target.name(), ..RunResult::default() };
    for (index, found) in traces.iter().enumerate() {
        watch.file(&found.path, index + 1, traces.len());
        let (file, broken) = run_file(found, settings, target, watch);
        watch.done(&file);
        let has_failed = file.verdict() == Verdict::Failed;
        if !file.sections.is_empty() || file.unreadable.is_some() || settings.filter.is_none() {
            result.files.push(file);
        }
        if settings.is_interrupted() {
            result.stopped = Some(Stopped::Interrupted);
            break;
        }
        if let Some(why) = broken {
            result.stopped = Some(Stopped::Target(why));
            break;
        }
        if has_failed && settings.stop_at == StopAt::First {
            result.stopped = Some(Stopped::Failure);
            break;
        }
    }
    result.took = begun.elapsed();
    result
}

/// The sections that a run would carry out, with nothing come of them; what is no trace is told.
#[must_use]
pub fn list(traces: &[Found], settings: &Settings) -> Vec<FileResult> {
    let listed = |found: &Found| {
        let path = found.path.clone();
        match found.load() {
            Ok(trace) => {
                let all = settings.takes_file(&found.path);
                let named = trace.lines.iter().filter_map(|line| line.statement.as_ref());
                let sections = named.filter_map(SectionResult::begun);
                let sections = sections.filter(|one| all || settings.takes(&one.name()));
                FileResult { path, sections: sections.collect(), ..FileResult::default() }
            }
            Err(error) => {
                let unreadable = Some(error.to_string());
                FileResult { path, unreadable, ..FileResult::default() }
            }
        }
    };
    traces.iter().map(listed).collect()
}

/// Carries out one trace; the second is why the target can do no more.
fn run_file(
    found: &Found,
    settings: &Settings,
    target: &mut dyn Target,
    watch: &mut dyn Watch,
) -> (FileResult, Option<String>) {
    let begun = Instant::now();
    let trace = match found.load() {
        Ok(trace) => trace,
        Err(error) => {
            let path = found.path.clone();
            let unreadable = Some(error.to_string());
            return (FileResult { path, unreadable, ..FileResult::default() }, None);
        }
    };
    let is_careful = target.is_real() && !settings.destructive;
    let way = Way { target, watch, is_careful, commands: 0 };
    let mut running = Running::new(settings, way, &found.path);
    running.block(&trace.lines, 0);
    running.end_section();
    let broken = running.broken.take();
    let mut file = running.result;
    file.took = begun.elapsed();
    (file, broken)
}

#[cfg(test)]
mod tests;
