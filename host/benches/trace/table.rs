//! What was measured, beside the bare loop.

use std::fmt;
use std::time::Duration;

/// What `saifu trace run` is to reach of the bare loop's rate.
const LEAST: f64 = 0.9;

/// What one program took in one round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// With a script of one APDU.
    pub(crate) one: Duration,
    /// With the script of all.
    pub(crate) all: Duration,
}

impl Run {
    /// What all but one APDU took.
    fn apdus(&self) -> f64 {
        self.all.as_secs_f64() - self.one.as_secs_f64()
    }
}

/// A program's medians.
struct Row {
    name: &'static str,
    /// APDUs a second.
    rate: f64,
    /// The rate, to the bare loop's.
    rate_to_bare: f64,
    start: f64,
    whole: f64,
    /// The bare loop's whole run, to this one's.
    whole_to_bare: f64,
}

/// All programs' medians, the bare loop first.
pub(crate) struct Figures {
    apdus: usize,
    rounds: usize,
    rows: Vec<Row>,
}

impl Figures {
    /// Of programs with their runs with so many APDUs; the first is what the others are compared
    /// with, round by round.
    pub(crate) fn of(programs: &[(&'static str, Vec<Run>)], apdus: usize) -> Self {
        let bare = programs.first().map(|(_, runs)| &runs[..]).unwrap_or_default();
        let rows = programs.iter().map(|(name, runs)| Row::of(name, runs, bare, apdus)).collect();
        Self { apdus, rounds: bare.len(), rows }
    }

    /// How many programs there are.
    pub(crate) fn count(&self) -> usize {
        self.rows.len()
    }
}

impl Row {
    fn of(name: &'static str, runs: &[Run], bare: &[Run], apdus: usize) -> Self {
        let each = |of: fn(&Run) -> f64| median(runs.iter().map(of));
        let to_bare =
            |of: fn(&Run) -> f64| median(runs.iter().zip(bare).map(|(a, b)| of(b) / of(a)));
        Self {
            name,
            rate: apdus.saturating_sub(1) as f64 / each(Run::apdus),
            rate_to_bare: to_bare(Run::apdus),
            start: each(|run| run.one.as_secs_f64()),
            whole: each(|run| run.all.as_secs_f64()),
            whole_to_bare: to_bare(|run| run.all.as_secs_f64()),
        }
    }

    /// Its name's first word.
    fn short(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (apdus, rounds) = (self.apdus, self.rounds);
        writeln!(out, "{apdus} APDUs from a file, one pcscd, medians of {rounds} rounds")?;
        writeln!(
            out,
            "{:<24}{:>10}{:>10}{:>12}{:>12}{:>10}",
            "", "APDU/s", "to bare", "one APDU", "whole run", "to bare"
        )?;
        for Row { name, rate, rate_to_bare, start, whole, whole_to_bare } in &self.rows {
            let (start, whole) = (start * 1e3, whole * 1e3);
            writeln!(
                out,
                "{name:<24}{rate:>10.0}{rate_to_bare:>10.2}{start:>9.1} ms{whole:>9.0} ms\
                 {whole_to_bare:>10.2}"
            )?;
        }
        writeln!(out, "(APDU/s: all but one of them, by the whole run's time less that for one)")?;
        let mut others = self.rows.iter().skip(1);
        write!(out, "bench-trace:")?;
        if let Some(ours) = others.next() {
            let (name, ratio) = (ours.short(), ours.rate_to_bare);
            write!(out, " {name} {ratio:.2} of a bare loop (at least {LEAST})")?;
        }
        others.try_for_each(|row| write!(out, ", {} {:.2}", row.short(), row.rate_to_bare))
    }
}

/// The middle one; of none, no number.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
