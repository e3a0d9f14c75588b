//! What is told while a sale goes on.

use super::report::tell;
use super::text::size;
use crate::money::Money;
use crate::sale::{Observer, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use saifu_wire::signed::Outcome;
use std::io::{self, IsTerminal};

/// Tells each step in a line, and draws a bar while decrypting; only at a terminal.
pub(super) struct Progress {
    shown: bool,
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(json: bool) -> Self {
        let shown = !json && io::stderr().is_terminal();
        Self { shown, bar: ProgressBar::hidden() }
    }

    fn begin(&mut self, bytes: u64) {
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
        let form = "{bar:40} {percent:>3} %  {decimal_bytes_per_sec}";
        self.bar = bar.with_style(
            ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
    }
}

impl Observer for Progress {
    fn step(&mut self, step: &Step) {
        if !self.shown {
            return;
        }
        match step {
            Step::CardLost { name } => {
                self.bar.finish_and_clear();
                tell(&format!("the card in {name} was lost; waiting for it\n"));
            }
            Step::Delivering { delivery_bytes } => self.begin(*delivery_bytes),
            Step::Progress { done_bytes, total_bytes } => {
                self.bar.set_length(*total_bytes);
                self.bar.set_position(*done_bytes);
            }
            step => {
                self.bar.finish_and_clear();
                if let Some(line) = line(step) {
                    tell(&format!("{:<15}  {line}\n", step.sign()));
                }
            }
        }
    }
}

fn line(step: &Step) -> Option<String> {
    Some(match step {
        Step::ValueLoaded { purse, amount, unit, .. } => {
            format!("loaded {} into purse {purse}", Money::new(*amount, unit))
        }
        Step::Ordered { .. } => "ordered".into(),
        Step::Licensed { wrapped_key_bytes, .. } => {
            format!("the licence came, with the key wrapped in {}", size(*wrapped_key_bytes))
        }
        Step::LicenceLoaded { number } => format!("the card took licence {number}"),
        Step::Held { .. } => "the price is on hold: it is paid when the work comes".into(),
        Step::Cancelled { .. } => "the price is back in its purse".into(),
        Step::Stored { bytes } => format!("the card keeps the work, {}", size(*bytes)),
        Step::NotKept => "the card has no room to keep the work; decrypting it all the same".into(),
        Step::Debited { token_bytes, .. } => {
            format!("paid: the card made a token of {}", size(*token_bytes))
        }
        Step::Decrypted { file, bytes } => {
            format!("decrypted {} into {}", size(*bytes), file.display())
        }
        Step::Settled { outcome: Outcome::Suspense, entry } => {
            format!("booked to suspense: ask the center about entry {entry} of its ledger")
        }
        Step::Settled { entry, .. } => format!("settled: entry {entry} of the center's ledger"),
        _ => return None,
    })
}
