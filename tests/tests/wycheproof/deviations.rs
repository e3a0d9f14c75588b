//! Reads the table of deviations.

use std::ops::RangeInclusive;

/// Stands for one row of the table.
pub(crate) struct Row {
    pub(crate) set: &'static str,
    pub(crate) tc_ids: RangeInclusive<usize>,
    pub(crate) says: &'static str,
    pub(crate) reason: &'static str,
}

/// Gives the rows of `DEVIATIONS.md`: lines of five cells whose second is a range of tcIds.
pub(crate) fn written_down() -> Vec<Row> {
    include_str!("DEVIATIONS.md").lines().filter_map(row).collect()
}

fn row(line: &'static str) -> Option<Row> {
    let cells: Vec<&'static str> =
        line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split('|').collect();
    let [set, tc_ids, says, _does, reason] = cells[..] else { return None };
    let (first, last) = tc_ids.trim().split_once(" to ")?;
    let tc_ids = first.parse().ok()?..=last.parse().ok()?;
    let [set, says, reason] = [set, says, reason].map(str::trim);
    Some(Row { set, tc_ids, says, reason })
}
