//! The hand on a card's faults while it runs.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::fault::Fault;
use super::pace::Pace;

/// The most faults that wait for their commands.
pub const MAX_FAULTS: usize = 100;
/// The most injected faults that are remembered; older ones are forgotten.
pub const MAX_INJECTED: usize = 1_000;

/// The faults of one card; clones are the same ones.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    shared: Arc<(Mutex<State>, Condvar)>,
}

/// A fault that waits for its commands, or for more of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number, which no other fault of this card has had.
    pub number: u64,
    /// What is to go wrong.
    pub fault: Fault,
    /// How many of the commands or writes it counts there were since it was added.
    pub met: u64,
}

/// A fault that took place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// The how manieth of all injected ones, from 1.
    pub number: u64,
    /// When.
    pub at: SystemTime,
    /// The how manieth command of the card it was, from 1.
    pub command: u64,
    /// That command's CLA, INS, P1, P2, as far as it had them; empty where a write was torn.
    pub header: Vec<u8>,
    /// What went wrong.
    pub fault: Fault,
}

/// There is no room for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a card has at most {MAX_FAULTS} faults to come; clear some first")]
pub struct TooManyFaults;

#[derive(Debug, Default)]
pub(super) struct State {
    pending: Vec<Pending>,
    added: u64,
    injected: VecDeque<Injected>,
    injections: u64,
    commands: u64,
    mute: Option<Mute>,
    pub(super) is_torn: bool,
    pace: Option<Pace>,
    /// How often everything was cleared: whoever waits for a fault waits no more.
    cleared: u64,
}

#[derive(Debug, Clone, Copy)]
enum Mute {
    ForEver,
    Until(Instant),
}

impl Faults {
    /// Adds a fault; its commands are counted from the next one on. Gives its number.
    ///
    /// # Errors
    /// [`TooManyFaults`].
    pub fn add(&self, fault: Fault) -> Result<u64, TooManyFaults> {
        let mut state = self.lock();
        if state.pending.len() >= MAX_FAULTS {
            return Err(TooManyFaults);
        }
        state.added += 1;
        let number = state.added;
        state.pending.push(Pending { number, fault, met: 0 });
        Ok(number)
    }

    /// Takes a fault back by its number; whether it was still to come.
    pub fn remove(&self, number: u64) -> bool {
        let mut state = self.lock();
        let before = state.pending.len();
        state.pending.retain(|pending| pending.number != number);
        state.pending.len() < before
    }

    /// Lists the faults to come, in the order in which they were added.
    #[must_use]
    pub fn list(&self) -> Vec<Pending> {
        self.lock().pending.clone()
    }

    /// Takes all faults back, ends a silence, and lets go a command that is being delayed, or on
    /// its slow way. The pace stays.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.pending.clear();
        state.mute = None;
        state.cleared += 1;
        self.shared.1.notify_all();
    }

    /// Gives the faults that took place, the latest [`MAX_INJECTED`].
    #[must_use]
    pub fn injected(&self) -> Vec<Injected> {
        self.injected_after(0)
    }

    /// How many took place, also of those that are forgotten.
    #[must_use]
    pub fn injections(&self) -> u64 {
        self.lock().injections
    }

    /// As [`Faults::injected`], of those after one of them.
    #[must_use]
    pub fn injected_after(&self, number: u64) -> Vec<Injected> {
        let state = self.lock();
        state.injected.iter().filter(|injected| injected.number > number).cloned().collect()
    }

    /// Makes the card as slow as said, or as fast as it is.
    pub fn set_pace(&self, pace: Option<Pace>) {
        self.lock().pace = pace;
    }

    /// Gives the pace, if there is one.
    #[must_use]
    pub fn pace(&self) -> Option<Pace> {
        self.lock().pace
    }

    /// Whether the card's memory has power: no write was torn.
    #[must_use]
    pub fn has_power(&self) -> bool {
        !self.lock().is_torn
    }

    /// Gives the card's memory power again.
    pub fn restore_power(&self) {
        self.lock().is_torn = false;
    }

    /// Counts a command and gives the faults that it meets; `None` while the card is silent.
    pub(super) fn meet(&self, command: &[u8]) -> Option<Vec<Fault>> {
        let mut state = self.lock();
        state.commands += 1;
        if state.is_mute() {
            return None;
        }
        let counts = |fault: &Fault| fault.action.counts().is_none() && fault.which.holds(command);
        let due = state.due(counts);
        let header = &command[..command.len().min(4)];
        due.iter().for_each(|fault| state.note(fault, header));
        Some(due)
    }

    /// From now on the card says nothing.
    pub(super) fn silence(&self, time: Option<Duration>) {
        let until = time.and_then(|time| Instant::now().checked_add(time));
        self.lock().mute = Some(until.map_or(Mute::ForEver, Mute::Until));
    }

    /// Waits, unless all faults are cleared meanwhile.
    pub(super) fn wait(&self, time: Duration) {
        let state = self.lock();
        let cleared = state.cleared;
        let waits = |state: &mut State| state.cleared == cleared;
        drop(self.shared.1.wait_timeout_while(state, time, waits));
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts for the faults that count it, and gives those whose turn it is.
    pub(super) fn due(&mut self, counts: impl Fn(&Fault) -> bool) -> Vec<Fault> {
        let mut due = Vec::new();
        for pending in self.pending.iter_mut().filter(|pending| counts(&pending.fault)) {
            pending.met = pending.met.saturating_add(1);
            if pending.fault.when.holds(pending.met) {
                due.push(pending.fault.clone());
            }
        }
        self.pending.retain(|pending| !pending.fault.when.is_over(pending.met));
        due
    }

    pub(super) fn note(&mut self, fault: &Fault, header: &[u8]) {
        self.injections += 1;
        if self.injected.len() >= MAX_INJECTED {
            self.injected.pop_front();
        }
        self.injected.push_back(Injected {
            number: self.injections,
            at: SystemTime::now(),
            command: self.commands,
            header: header.to_vec(),
            fault: fault.clone(),
        });
    }

    fn is_mute(&mut self) -> bool {
        if matches!(self.mute, Some(Mute::Until(end)) if Instant::now() >= end) {
            self.mute = None;
        }
        self.mute.is_some()
    }
}

impl fmt::Display for Injected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {} at command {}", self.fault, self.command)?;
        if self.header.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", hex::encode_upper(&self.header))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &[&str]) -> Faults {
        let faults = Faults::default();
        for text in texts {
            faults.add(text.parse().unwrap()).unwrap();
        }
        faults
    }

    fn met(faults: &Faults, command: &[u8]) -> Vec<String> {
        faults.meet(command).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn commands_are_counted_for_each_fault_from_when_it_was_added() {
        let faults = faults(&["drop@2", "empty@1:A4"]);
        assert_eq!(met(&faults, &[0, 0xCA, 0, 0]), [""; 0]);
        faults.add("duplicate@1-2".parse().unwrap()).unwrap();
        assert_eq!(met(&faults, &[0, 0xA4, 0, 0]), ["drop@2", "empty@1:A4", "duplicate@1-2"]);
        assert_eq!(met(&faults, &[0, 0xA4, 0, 0]), ["duplicate@1-2"]);
        assert_eq!(faults.list(), []);
        let numbers: Vec<_> = faults.injected().iter().map(|injected| injected.command).collect();
        assert_eq!(numbers, [2, 2, 2, 3]);
        let last = faults.injected_after(3).remove(0).to_string();
        assert_eq!(last, "fault duplicate@1-2 at command 3 (00A40000)");
    }

    #[test]
    fn a_fault_can_be_taken_back_and_all_can_be_cleared() {
        let faults = faults(&["drop@5+"]);
        let second = faults.add("empty@9".parse().unwrap()).unwrap();
        assert!(faults.remove(second) && !faults.remove(second));
        faults.silence(None);
        assert_eq!(faults.meet(&[0; 4]), None);
        faults.clear();
        assert_eq!(faults.meet(&[0; 4]), Some(vec![]));
        assert_eq!(faults.list(), []);
    }

    #[test]
    fn a_delay_ends_when_all_faults_are_cleared() {
        let faults = Faults::default();
        let waiting = faults.clone();
        let begun = Instant::now();
        let waits = std::thread::spawn(move || waiting.wait(Duration::from_secs(60)));
        while !waits.is_finished() {
            faults.clear();
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_silence_ends_by_itself_after_its_time() {
        let faults = Faults::default();
        faults.silence(Some(Duration::from_millis(20)));
        assert_eq!(faults.meet(&[0; 4]), None);
        std::thread::sleep(Duration::from_millis(25));
        assert_eq!(faults.meet(&[0; 4]), Some(vec![]));
    }

    #[test]
    fn faults_and_their_log_have_limits() {
        let faults = Faults::default();
        for _ in 0..MAX_FAULTS {
            faults.add("drop@1+".parse().unwrap()).unwrap();
        }
        assert_eq!(faults.add("drop".parse().unwrap()), Err(TooManyFaults));
        for _ in 0..11 {
            assert_eq!(faults.meet(&[0; 4]).unwrap().len(), MAX_FAULTS);
        }
        let injected = faults.injected();
        assert_eq!(injected.len(), MAX_INJECTED);
        assert_eq!(injected[0].number, 101, "the oldest are forgotten");
    }
}
