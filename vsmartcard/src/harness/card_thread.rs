//! Any card in a reader, in a thread.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::HarnessError;
use crate::atr::Atr;
use crate::plug::{Event, InSlot, Stop, VpcdPlug};

/// A card is in its reader within this.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// What a card that is taken out may take for the command in hand.
const END_WITHIN: Duration = Duration::from_secs(2);

/// Anything that answers commands, put into a vpcd by a thread; dropped, it is taken out.
///
/// It comes back by itself when the reader goes away and returns.
#[derive(Debug)]
pub struct CardThread {
    stop: Stop,
    /// What happens to the plug; ends with the thread.
    events: Receiver<Event>,
}

impl CardThread {
    /// Puts `card` into the reader that listens at `port` of this machine and waits until it
    /// is there. It says the ATR of a Saifu card.
    ///
    /// # Errors
    /// [`HarnessError::NoCard`], when nobody listens there.
    pub fn start(card: impl InSlot + Send + 'static, port: u16) -> Result<Self, HarnessError> {
        Self::start_saying(Atr::default(), card, port)
    }

    /// As [`CardThread::start`], with an ATR of its own.
    ///
    /// # Errors
    /// As [`CardThread::start`].
    pub fn start_saying(
        atr: Atr,
        mut card: impl InSlot + Send + 'static,
        port: u16,
    ) -> Result<Self, HarnessError> {
        let reader = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let plug = VpcdPlug::new(reader.to_string(), atr);
        let (tell, events) = channel();
        let thread = Self { stop: plug.stop(), events };
        // That nobody listens to the events any more does not end the card.
        thread::spawn(move || plug.run(&mut card, &mut |event| drop(tell.send(event))));
        thread.wait_until_in_reader()?;
        Ok(thread)
    }

    /// Has it taken out as soon as it has answered the command in hand, or been pulled during
    /// it, and does not wait for that.
    pub fn end(&self) {
        self.stop.stop();
    }

    fn wait_until_in_reader(&self) -> Result<(), HarnessError> {
        match self.events.recv_timeout(READY_WITHIN) {
            Ok(Event::Connected(_)) => Ok(()),
            Ok(Event::Unreachable(error)) => Err(HarnessError::NoCard(error.to_string())),
            Ok(Event::Lost(_)) | Err(_) => Err(HarnessError::NoCard("nothing".into())),
        }
    }

    /// Whether the thread ends in time.
    fn ends(&self) -> bool {
        let deadline = Instant::now() + END_WITHIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(_) => {}
                Err(error) => return error == RecvTimeoutError::Disconnected,
            }
        }
    }
}

/// A command in hand is answered first. A card that does not come back from it loses its
/// connection all the same; its thread stays with it.
impl Drop for CardThread {
    fn drop(&mut self) {
        self.stop.stop();
        if !self.ends() {
            self.stop.cut();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Echo;
    use crate::plug::{ReaderError, Reply, VpcdListener, VpcdReader};
    use std::sync::mpsc::Sender;

    const WITHIN: Duration = Duration::from_secs(10);

    fn in_reader(card: impl InSlot + Send + 'static) -> (CardThread, VpcdReader) {
        let listener = VpcdListener::bind("127.0.0.1:0").unwrap();
        let thread = CardThread::start(card, listener.address().unwrap().port()).unwrap();
        (thread, listener.accept(WITHIN).unwrap())
    }

    fn is_pulled(reader: &mut VpcdReader) -> bool {
        matches!(reader.transmit(&[0; 4], WITHIN), Err(ReaderError::Pulled))
    }

    /// Tells when a command has come, then waits until its `until` has no other end.
    struct Silent {
        heard: Sender<()>,
        until: Receiver<()>,
    }

    impl InSlot for Silent {
        fn power_off(&mut self) {}

        fn power_on(&mut self) {}

        fn reset(&mut self) {}

        fn transmit(&mut self, _: &[u8]) -> Reply {
            let _ = self.heard.send(());
            let _ = self.until.recv();
            Reply::Answer(vec![0x90, 0x00])
        }
    }

    #[test]
    fn a_card_is_in_the_reader_until_it_is_dropped() {
        let (thread, mut reader) = in_reader(Echo::answering(1));
        assert_eq!(reader.transmit(&[0; 4], WITHIN).unwrap(), [0, 0x90, 0x00]);
        assert_eq!(reader.atr(WITHIN).unwrap(), Atr::default().as_bytes());
        drop(thread);
        assert!(is_pulled(&mut reader));
    }

    #[test]
    fn a_card_that_is_told_to_end_answers_first() {
        let ((heard, hears), (go, until)) = (channel(), channel());
        let (thread, mut reader) = in_reader(Silent { heard, until });
        let waiting = thread::spawn(move || (reader.transmit(&[0; 4], WITHIN), reader));
        hears.recv_timeout(WITHIN).unwrap();
        thread.end();
        drop(go);
        let (answer, mut reader) = waiting.join().unwrap();
        assert_eq!(answer.unwrap(), [0x90, 0x00]);
        assert!(is_pulled(&mut reader));
    }

    #[test]
    fn a_card_that_never_answers_can_be_taken_out() {
        let ((heard, hears), (_going, until)) = (channel(), channel());
        let (thread, mut reader) = in_reader(Silent { heard, until });
        let waiting = thread::spawn(move || reader.transmit(&[0; 4], WITHIN));
        hears.recv_timeout(WITHIN).unwrap();
        drop(thread);
        let pulled = waiting.join().unwrap();
        assert!(matches!(pulled, Err(ReaderError::Pulled)), "{pulled:?}");
    }

    #[test]
    fn where_nobody_listens_there_is_no_card() {
        let no_card = CardThread::start(Echo::answering(0), 0).unwrap_err();
        assert!(matches!(no_card, HarnessError::NoCard(_)), "{no_card}");
    }
}
