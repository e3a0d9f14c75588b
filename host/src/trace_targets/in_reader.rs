//! Whatever card is in a reader of this machine.

use super::check_length;
use super::clock::Clock;
use super::link::Link;
use pcsc::Disposition;
use saifu_trace::run::{PCSC, POWER, REAL, TIME};
use saifu_trace::target::{FreshCard, Outcome, Target, TargetError};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The card in a reader, for traces alone: somebody may need it still.
pub struct InReader {
    link: Link,
    within: Duration,
    clock: Arc<Clock>,
}

impl InReader {
    /// Connects to the card in the reader whose name has this in it, or else to the only card
    /// there is, and waits so long for it to be there.
    ///
    /// # Errors
    /// [`TargetError::Broken`]: no service, no such reader, no card, or another program has it.
    pub fn connect(reader: Option<String>, within: Duration) -> Result<Self, TargetError> {
        let mut link = Link::new(reader);
        link.connect(within)?;
        Ok(Self { link, within, clock: Arc::new(Clock::new()) })
    }

    /// Since when the command in hand waits for its answer.
    pub(super) fn clock(&self) -> Arc<Clock> {
        self.clock.clone()
    }
}

impl Target for InReader {
    fn name(&self) -> String {
        self.link.name().to_owned()
    }

    fn is_real(&self) -> bool {
        true
    }

    fn capabilities(&self) -> Vec<&'static str> {
        vec![REAL, PCSC, POWER, TIME]
    }

    fn prepare(&mut self, _: &FreshCard) -> Result<(), TargetError> {
        if self.link.restart(Disposition::UnpowerCard).is_ok() {
            return Ok(());
        }
        self.link.connect(self.within)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<(Outcome, Duration), TargetError> {
        check_length(command)?;
        let begun = Instant::now();
        self.clock.begin();
        let outcome = self.link.transmit(command);
        self.clock.end();
        let outcome = outcome?;
        let took = begun.elapsed();
        if matches!(outcome, Outcome::Lost(_)) && self.link.is_connected() {
            self.link.connect(self.within)?;
        }
        Ok((outcome, took))
    }

    fn atr(&mut self) -> Result<Vec<u8>, TargetError> {
        self.link.atr()
    }

    fn reset(&mut self) -> Result<(), TargetError> {
        self.link.restart(Disposition::ResetCard)
    }

    fn power_off(&mut self) -> Result<(), TargetError> {
        self.link.power_off()
    }

    fn power_on(&mut self) -> Result<(), TargetError> {
        if self.link.is_connected() { Ok(()) } else { self.link.connect(self.within) }
    }

    fn remove(&mut self) -> Result<(), TargetError> {
        Err(unsupported("takes no card out by itself: `skip unless slot`"))
    }

    fn insert(&mut self) -> Result<(), TargetError> {
        Err(unsupported("puts no card in by itself: `skip unless slot`"))
    }

    fn fault(&mut self, _: Option<&str>) -> Result<(), TargetError> {
        Err(unsupported("plants no faults: `skip unless faults`"))
    }
}

fn unsupported(what: &str) -> TargetError {
    TargetError::Unsupported(format!("a reader of this machine {what}"))
}
