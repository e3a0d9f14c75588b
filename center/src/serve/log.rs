//! What a server tells its operator: one line for each failure of its own.
//!
//! Callers can make failures happen, so lines are counted: [`MAX_LINES`] in a second are told,
//! then how many more there were. A thread writes them; nobody who is served waits for whoever
//! reads them.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::{Clock, SystemClock, rfc3339};

/// The most lines of a second.
const MAX_LINES: u32 = 10;

const SECOND: Duration = Duration::from_secs(1);

/// The most lines that wait to be written.
const MAX_WAITING: usize = 64;

/// Tells failures; its clone tells them to the same place.
#[derive(Clone)]
pub(super) struct Log(Arc<Lines>);

struct Lines {
    sender: Option<SyncSender<String>>,
    /// Lines that found no room to wait in.
    untold: Arc<AtomicU64>,
    ended: Mutex<Receiver<()>>,
}

impl Log {
    /// Tells on standard error.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn new() -> io::Result<Self> {
        Self::to(io::stderr())
    }

    fn to(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, lines) = sync_channel(MAX_WAITING);
        let (ending, ended) = sync_channel(1);
        let untold = Arc::new(AtomicU64::new(0));
        let mut writer =
            Writer { out, untold: Arc::clone(&untold), told: 0, begun: Instant::now() };
        thread::Builder::new().name("log".into()).spawn(move || {
            writer.run(&lines);
            // Whoever has waited its second for this is gone.
            let _ = ending.send(());
        })?;
        Ok(Self(Arc::new(Lines { sender: Some(sender), untold, ended: Mutex::new(ended) })))
    }

    /// Tells `what`, in one line, with the time.
    pub(super) fn tell(&self, what: &str) {
        let shown: String = what.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = format!("{} {shown}", rfc3339(SystemClock.now()));
        let sent = self.0.sender.as_ref().map(|sender| sender.try_send(line));
        if !matches!(sent, Some(Ok(()))) {
            self.0.untold.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        drop(self.sender.take());
        // The last lines are told, unless nobody takes them.
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(SECOND);
    }
}

struct Writer<W> {
    out: W,
    untold: Arc<AtomicU64>,
    /// Lines of this second, and when it began.
    told: u32,
    begun: Instant,
}

impl<W: Write> Writer<W> {
    fn run(&mut self, lines: &Receiver<String>) {
        loop {
            let left = SECOND.saturating_sub(self.begun.elapsed());
            let next = match left.is_zero() {
                true => lines.try_recv().map_err(|none| none == TryRecvError::Disconnected),
                false => {
                    lines.recv_timeout(left).map_err(|none| none == RecvTimeoutError::Disconnected)
                }
            };
            match next {
                Ok(line) => self.line(&line),
                Err(true) => return self.turn(),
                Err(false) => {
                    self.turn();
                    // Nothing is left to count: sleep until there is something.
                    let Ok(line) = lines.recv() else { return };
                    self.line(&line);
                }
            }
        }
    }

    fn line(&mut self, line: &str) {
        if self.begun.elapsed() >= SECOND {
            self.turn();
        }
        if self.told == MAX_LINES {
            self.untold.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.told += 1;
        self.write(line);
    }

    /// Ends a second: says how much of it was not told.
    fn turn(&mut self) {
        let untold = self.untold.swap(0, Ordering::Relaxed);
        if untold > 0 {
            self.write(&format!("{} and {untold} more failures", rfc3339(SystemClock.now())));
        }
        (self.told, self.begun) = (0, Instant::now());
    }

    fn write(&mut self, line: &str) {
        // Where nobody reads this, there is nobody to say so to.
        let _ = writeln!(self.out, "saifu-center: {line}").and_then(|()| self.out.flush());
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, pipe};

    use super::*;

    #[test]
    fn so_many_lines_are_told_and_the_others_counted() {
        let (reader, writer) = pipe().unwrap();
        let log = Log::to(writer).unwrap();
        for n in 0..25 {
            log.tell(&format!("line {n}\nof one"));
        }
        let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
        for n in 0..10 {
            let line = lines.next().unwrap();
            assert!(line.ends_with(&format!("Z line {n} of one")), "{line}");
        }
        assert!(lines.next().unwrap().ends_with(" and 15 more failures"), "told unasked");
        log.tell("the next second");
        drop(log);
        assert!(lines.next().unwrap().ends_with("the next second"));
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn nobody_waits_for_a_reader_that_does_not_read() {
        let (mut reader, writer) = pipe().unwrap();
        let log = Log::to(writer).unwrap();
        let begun = Instant::now();
        for _ in 0..500 {
            log.tell(&"x".repeat(20_000));
        }
        drop(log);
        assert!(begun.elapsed() < Duration::from_secs(60));
        assert!(reader.read(&mut [0; 16]).unwrap() > 0);
    }
}
