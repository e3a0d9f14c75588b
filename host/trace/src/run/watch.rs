//! What is told while a run goes on.

use super::result::{FileResult, SectionResult};
use crate::target::Outcome;
use std::path::Path;
use std::time::Duration;

/// Is told what happens in a run, as it happens.
pub trait Watch {
    /// A file begins: the how manieth, from 1, of how many.
    fn file(&mut self, path: &Path, number: usize, of: usize) {
        let _ = (path, number, of);
    }

    /// A section begins.
    fn section(&mut self, section: &SectionResult) {
        let _ = section;
    }

    /// A section has ended; not told of one that leaves nothing.
    fn section_done(&mut self, section: &SectionResult) {
        let _ = section;
    }

    /// A command went to the card, as it went, and this came of it. What is secret in it is in
    /// it: [`shown`](super::shown) is for people.
    fn exchange(&mut self, command: &[u8], outcome: &Outcome, took: Duration) {
        let _ = (command, outcome, took);
    }

    /// A file has ended.
    fn done(&mut self, file: &FileResult) {
        let _ = file;
    }
}

/// Is not interested.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
