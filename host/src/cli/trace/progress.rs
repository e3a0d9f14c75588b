//! What is told while traces run: a bar, or each command.

use crate::cli::report::tell;
use crate::cli::text::plain;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use saifu_trace::run::{FileResult, SectionResult, Watch, shown};
use saifu_trace::target::Outcome;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

/// How many bytes of an answer are told.
const TOLD_BYTES: usize = 64;

/// Draws a bar at a terminal, or tells every command and its answer.
pub(super) struct Progress {
    verbose: bool,
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(verbose: bool) -> Self {
        let shown = !verbose && io::stderr().is_terminal();
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}");
        let bar = ProgressBar::with_draw_target(Some(0), target)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { verbose, bar }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn file(&mut self, path: &Path, _: usize, of: usize) {
        let name = plain(&path.display().to_string());
        if self.verbose {
            tell(&format!("== {name}\n"));
        }
        self.bar.set_length(of as u64);
        self.bar.set_message(name);
    }

    fn section(&mut self, section: &SectionResult) {
        if self.verbose {
            tell(&format!("-- {}\n", plain(&section.name())));
        }
    }

    fn exchange(&mut self, command: &[u8], outcome: &Outcome, took: Duration) {
        if !self.verbose {
            return;
        }
        let answer = match outcome {
            Outcome::Answer(answer) => {
                let (head, status) = answer.split_at(answer.len().saturating_sub(2));
                let cut = &head[..head.len().min(TOLD_BYTES)];
                let more = if cut.len() < head.len() { "... " } else { "" };
                let space = if cut.is_empty() { "" } else { " " };
                let (data, status) = (hex::encode_upper(cut), hex::encode_upper(status));
                format!("{data}{space}{more}{status}")
            }
            Outcome::Lost(why) => format!("lost: {}", plain(why)),
        };
        let micros = took.as_micros();
        tell(&format!("> {}\n< {answer}  ({micros} us)\n", plain(&shown(command))));
    }

    fn done(&mut self, _: &FileResult) {
        self.bar.inc(1);
    }
}
