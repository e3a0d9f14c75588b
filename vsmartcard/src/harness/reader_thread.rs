//! A reader at a serial line with any card in it, in a thread.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::HarnessError;
use crate::atr::Atr;
use crate::plug::{CcidPtyPlug, InSlot, Presence, PtyError, ReaderEvent, Stop};

/// A reader is there within this.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// What a reader that is taken away may take for the command in hand.
const END_WITHIN: Duration = Duration::from_secs(2);

/// Anything that answers commands, in a reader of its own for libccid, in a thread; dropped,
/// reader and card are gone.
#[derive(Debug)]
pub struct ReaderThread {
    stop: Stop,
    presence: Presence,
    /// What happens to the reader; ends with the thread.
    events: Receiver<Result<ReaderEvent, PtyError>>,
}

impl ReaderThread {
    /// Makes `link` lead to the line of a reader with `card` in it, which says the ATR of a
    /// Saifu card, and waits until it does.
    ///
    /// # Errors
    /// [`HarnessError::NoCard`], when there can be no reader.
    pub fn start(card: impl InSlot + Send + 'static, link: &Path) -> Result<Self, HarnessError> {
        Self::start_saying(Atr::default(), card, link)
    }

    /// As [`ReaderThread::start`], with an ATR of its own.
    ///
    /// # Errors
    /// As [`ReaderThread::start`].
    pub fn start_saying(
        atr: Atr,
        mut card: impl InSlot + Send + 'static,
        link: &Path,
    ) -> Result<Self, HarnessError> {
        let plug = CcidPtyPlug::new(link, atr);
        let (tell, events) = channel();
        let thread = Self { stop: plug.stop(), presence: plug.presence(), events };
        thread::spawn(move || {
            // That nobody listens to the events any more does not end the card.
            let ended = plug.run(&mut card, &mut |event| drop(tell.send(Ok(event))));
            drop(ended.map_err(|error| tell.send(Err(error))));
        });
        match thread.events.recv_timeout(READY_WITHIN) {
            Ok(Ok(ReaderEvent::Ready(_))) => Ok(thread),
            Ok(Err(error)) => Err(HarnessError::NoCard(error.to_string())),
            Ok(Ok(_)) | Err(_) => Err(HarnessError::NoCard("nothing".into())),
        }
    }

    /// Gives what puts the card into the reader and takes it out.
    #[must_use]
    pub fn presence(&self) -> Presence {
        self.presence.clone()
    }
}

/// A command in hand is answered first.
impl Drop for ReaderThread {
    fn drop(&mut self) {
        self.stop.stop();
        let deadline = Instant::now() + END_WITHIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Echo;

    #[test]
    fn a_reader_is_there_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("reader");
        let reader = ReaderThread::start(Echo::answering(0), &link).unwrap();
        assert!(link.exists() && reader.presence().is_inserted());
        drop(reader);
        assert!(std::fs::symlink_metadata(&link).is_err());
    }

    #[test]
    fn where_no_link_can_be_there_is_no_reader() {
        let folder = tempfile::tempdir().unwrap();
        let no_card = ReaderThread::start(Echo::answering(0), folder.path()).unwrap_err();
        assert!(no_card.to_string().contains("is no reader's link"), "{no_card}");
        let no_t1 = "3B00".parse().unwrap();
        let link = folder.path().join("reader");
        let no_card = ReaderThread::start_saying(no_t1, Echo::answering(0), &link).unwrap_err();
        assert!(no_card.to_string().contains("speaks T=1"), "{no_card}");
    }
}
