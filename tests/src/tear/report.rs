//! What a campaign has shown.

use std::fmt;

/// What came of one command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The command, and its situation.
    pub name: String,
    /// How often it writes.
    pub writes: usize,
    /// How often power was cut in it.
    pub cuts: usize,
    /// How often power was cut in a recovery from that.
    pub recoveries: usize,
    /// How many earlier memories were put back.
    pub images: usize,
    /// How many cuts had an outcome that must not be.
    pub violated: usize,
    /// The first of them, each with what is needed to play it again.
    pub violations: Vec<String>,
}

impl Row {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, writes, cuts, recoveries, images, .. } = self;
        write!(f, "{name:<60} {writes:>4} writes {cuts:>6} cuts {recoveries:>6} in recovery")?;
        write!(f, " {images:>6} put back")
    }
}

/// What came of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// One row for each command.
    pub rows: Vec<Row>,
}

impl Report {
    /// How often power was cut, in commands and recoveries.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.rows.iter().map(|row| row.cuts + row.recoveries).sum()
    }

    /// How many violations there were.
    #[must_use]
    pub fn violations(&self) -> usize {
        self.rows.iter().map(|row| row.violated.max(row.violations.len())).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tear: {} cuts, {} violations", self.cuts(), self.violations())
    }
}
