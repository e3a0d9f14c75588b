//! A card whose faults are on demand.

use std::time::Duration;

use super::control::Faults;
use super::fault::{Action, Fault};
use crate::atr::Atr;
use crate::plug::{InSlot, MAX_FRAME_PAYLOAD, Reply};

/// Stands between any card and its plug, and does what its [`Faults`] say.
#[derive(Debug)]
pub struct Faulty<C> {
    card: C,
    faults: Faults,
}

impl<C: InSlot> Faulty<C> {
    /// Puts a card into the hand of `faults`.
    pub const fn new(card: C, faults: Faults) -> Self {
        Self { card, faults }
    }

    /// Lends the card.
    pub const fn card_mut(&mut self) -> &mut C {
        &mut self.card
    }

    fn carry_out(&mut self, command: &[u8], due: &[Fault]) -> Reply {
        for fault in due.iter().filter(|fault| fault.before) {
            if let Some(reply) = self.instead(&fault.action) {
                return reply;
            }
        }
        let reply = self.card.transmit(command);
        if !self.faults.has_power() {
            return Reply::Pulled(Duration::ZERO);
        }
        let after = due.iter().filter(|fault| !fault.before);
        after.fold(reply, |reply, fault| self.change(&fault.action, reply))
    }

    /// What becomes of a command that the card does not get; `None` where it does after all.
    fn instead(&self, action: &Action) -> Option<Reply> {
        Some(match action {
            Action::Delay(time) => {
                self.faults.wait(*time);
                return None;
            }
            Action::Status(status) => Reply::Answer(status.to_vec()),
            Action::Empty => Reply::Exactly(Vec::new()),
            Action::Die => Reply::Gone,
            Action::Away(time) => Reply::Pulled(*time),
            _ => Reply::Silence,
        })
    }

    /// Changes an answer; what is none any more stays as it is.
    fn change(&self, action: &Action, reply: Reply) -> Reply {
        if let Action::Delay(time) = action {
            self.faults.wait(*time);
            return reply;
        }
        let (Reply::Answer(mut answer) | Reply::Exactly(mut answer)) = reply else { return reply };
        match action {
            Action::Drop | Action::Silent(_) => Reply::Silence,
            Action::Truncate(bytes) => {
                answer.truncate(answer.len().saturating_sub(usize::from(*bytes)));
                Reply::Exactly(answer)
            }
            Action::Corrupt(index) => {
                corrupt(&mut answer, *index);
                Reply::Exactly(answer)
            }
            Action::Duplicate => Reply::Twice(answer),
            Action::Lengthen(bytes) => Reply::Exactly(lengthen(&answer, usize::from(*bytes))),
            Action::Status(status) => Reply::Answer(status.to_vec()),
            Action::Empty => Reply::Exactly(Vec::new()),
            Action::Cut(bytes) => Reply::Cut { answer, sent_bytes: usize::from(*bytes) },
            Action::Stray(after) => Reply::Stray { answer, after: after.clone() },
            Action::Die => Reply::Gone,
            Action::Away(time) => Reply::Pulled(*time),
            // The first is dealt with above, the others beneath the card.
            Action::Delay(_)
            | Action::Tear(_)
            | Action::Random(_)
            | Action::Memory(_)
            | Action::SelfTest => Reply::Exactly(answer),
        }
    }
}

impl<C: InSlot> InSlot for Faulty<C> {
    fn power_off(&mut self) {
        self.card.power_off();
    }

    fn power_on(&mut self) {
        self.faults.restore_power();
        self.card.power_on();
    }

    fn reset(&mut self) {
        self.card.reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        let Some(due) = self.faults.meet(command) else { return Reply::Silence };
        let silent = due.iter().find_map(|fault| match fault.action {
            Action::Silent(time) => Some(time),
            _ => None,
        });
        if let Some(time) = silent {
            self.faults.silence(time);
            return Reply::Silence;
        }
        let reply = self.carry_out(command, &due);
        if let (Some(pace), Some(bytes)) = (self.faults.pace(), answer_bytes(&reply)) {
            self.faults.wait(pace.time(command.len(), bytes));
        }
        reply
    }

    fn atr(&mut self, usual: &Atr) -> Reply {
        self.card.atr(usual)
    }
}

/// How long an answer is on the line, if there is one.
fn answer_bytes(reply: &Reply) -> Option<usize> {
    match reply {
        Reply::Answer(answer)
        | Reply::Exactly(answer)
        | Reply::Twice(answer)
        | Reply::Stray { answer, .. }
        | Reply::Cut { answer, .. } => Some(answer.len()),
        Reply::Silence | Reply::Pulled(_) | Reply::Gone => None,
    }
}

/// Inverts a byte; one beyond the ends changes nothing.
fn corrupt(answer: &mut [u8], index: Option<i32>) {
    let middle = answer.len() / 2;
    let at = match index {
        None => Some(middle),
        Some(index) if index < 0 => answer.len().checked_sub(index.unsigned_abs() as usize),
        Some(index) => Some(index.unsigned_abs() as usize),
    };
    if let Some(byte) = at.and_then(|at| answer.get_mut(at)) {
        *byte = !*byte;
    }
}

/// Puts zeros before the status word, as many as a frame has room for.
fn lengthen(answer: &[u8], bytes: usize) -> Vec<u8> {
    let (data, status) = answer.split_at(answer.len().saturating_sub(2));
    let zeros = bytes.min(MAX_FRAME_PAYLOAD.saturating_sub(answer.len()));
    [data, &vec![0; zeros], status].concat()
}

#[cfg(test)]
mod tests;
