//! What a run may use at most: a trace is a stranger's text.

use std::time::Duration;

/// How often it is looked, while a trace waits, whether the run is to end.
pub(super) const LOOK: Duration = Duration::from_millis(50);
/// The most lines carried out for a file, each turn of a loop counted; tests reach it sooner.
pub(super) const MAX_STEPS: u64 = if cfg!(test) { 2_000_000 } else { 20_000_000 };
/// The most commands that a file sends, parts of chains and GET RESPONSE included.
pub(super) const MAX_COMMANDS: u64 = 2_000_000;
/// The most turns of a loop.
pub(super) const MAX_TURNS: u64 = 65_536;
/// The deepest that loops and included files stand in each other.
pub(super) const MAX_DEPTH: usize = 16;
/// The deepest that helpers and counted bytes stand in each other.
pub(super) const MAX_NESTING: usize = 32;
/// The most bytes of a value, a command, or an answer put together of parts.
pub(super) const MAX_VALUE_BYTES: usize = 1 << 20;
/// The most variables of a file.
pub(super) const MAX_VARIABLES: usize = 4_096;
/// The most bytes of all variables of a file together.
pub(super) const MAX_VARIABLE_BYTES: usize = 16 << 20;
/// The most samples kept of one name's times; later ones are not looked at.
pub(super) const MAX_SAMPLES: usize = 65_536;
/// The most names of times of a file.
pub(super) const MAX_TIMED: usize = 256;
/// The most failures of a section that are told one by one; the rest are counted.
pub(super) const MAX_FAILURES: usize = 100;
/// The most failures, notes and unchecked lines of a file that are told one by one.
pub(super) const MAX_TOLD: usize = 1_000;
/// The longest that a file runs: what its lines add up to, no limit of one of them knows.
pub(super) const MAX_TIME: Duration = Duration::from_secs(4 * 60 * 60);
/// The most notes of a section that are kept.
pub(super) const MAX_NOTES: usize = 100;
/// The most sections of a file.
pub(super) const MAX_SECTIONS: usize = 10_000;
/// The most GET RESPONSE for one answer.
pub(super) const MAX_FOLLOWED: usize = 4_096;
/// The longest wait, in milliseconds.
pub(super) const MAX_WAIT_MS: u64 = 60_000;
/// The most files of a run.
pub(super) const MAX_FILES: usize = 10_000;
/// The most bytes that a failure shows.
pub(super) const MAX_SHOWN_BYTES: usize = 1_024;
