//! A trace the other way round: a card that answers what the trace says.
//!
//! What is sent in the trace is what this card knows, what must come back is what it answers:
//!
//! - **In order** ([`Order::Strict`]): each command must be the next one. In any order
//!   ([`Order::Any`]) it may be any of them: the next like it behind the last that was answered,
//!   else the one last before it.
//! - A **reset**, in whatever form, goes to where the trace has its next one, and where there is
//!   none any more to its beginning. Several without a command between them are one: readers
//!   reset as they like.
//! - A command whose bytes are not known here, because a variable has no value, is known by its
//!   header alone: `VERIFY $pin` takes any PIN.
//! - Of an answer that the trace does not give to the byte (`[16]`, `XX`, a mask) the open bits
//!   are zero, and of `[*]` there is nothing.
//! - Whatever it does not know it answers with [`UNEXPECTED`], stays where it is, and says what it
//!   waited for.

mod read;

use super::command::shown;
use super::value::Variables;
use super::{DEFAULT_SEED, value::Slot};
use crate::syntax::{Span, Trace};

/// The status word for a command that the trace does not have here (ISO/IEC 7816-4: no precise
/// diagnosis).
pub const UNEXPECTED: [u8; 2] = [0x6F, 0x00];

/// The most commands of one card.
pub const COMMANDS_MAX: usize = 200_000;

/// The most bytes of all its commands and answers.
pub const BYTES_MAX: usize = 256 << 20;

/// Which command may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The next one of the trace.
    #[default]
    Strict,
    /// Any of it.
    Any,
}

/// Why a trace makes no card: the line, and what of it cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", .place.place())]
pub struct NoMock {
    /// Where.
    pub place: Span,
    /// What, and what to do.
    pub what: String,
}

/// What the card does with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It answers data and status word.
    Bytes(Vec<u8>),
    /// It says nothing.
    Lost,
    /// It did not wait for this.
    Unexpected(Unexpected),
}

/// A command that the trace does not have at this place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpected {
    /// The command, without a PIN in it.
    pub command: String,
    /// What was waited for, with its line; nothing where the trace is at its end, or where any
    /// order will do.
    pub expected: Option<(u32, String)>,
}

impl std::fmt::Display for Unexpected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not in the trace here: {}; ", self.command)?;
        match &self.expected {
            Some((line, text)) => write!(f, "line {line} waits for: {text}"),
            None => f.write_str("it waits for nothing more before a reset, or has no such command"),
        }
    }
}

/// How far a card has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Commands it answered as the trace says.
    pub answered: u64,
    /// Commands it did not wait for.
    pub unexpected: u64,
    /// Commands of the trace that never came.
    pub left: usize,
    /// Answers in which the trace leaves bits open.
    pub open_answers: u64,
}

/// The card.
#[derive(Debug)]
pub struct Mock {
    steps: Vec<Step>,
    atr: Option<Vec<u8>>,
    order: Order,
    /// The step that comes next.
    at: usize,
    /// Whether a command was answered since the last reset.
    is_touched: bool,
    progress: Progress,
}

#[derive(Debug)]
enum Step {
    /// A reset, or a loss of power.
    Reset,
    Exchange(Exchange),
}

/// A command and its answer.
#[derive(Debug)]
struct Exchange {
    line: u32,
    command: Wanted,
    answer: Given,
    has_come: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Exactly(Vec<u8>),
    /// Whatever begins so.
    Header(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Given {
    Bytes { bytes: Vec<u8>, is_exact: bool },
    Lost,
}

impl Mock {
    /// The card of a trace whose includes are resolved, in which these variables have values.
    ///
    /// # Errors
    /// [`NoMock`]: the trace needs what no recording has, such as a secure channel, or is more
    /// than [`COMMANDS_MAX`] or [`BYTES_MAX`].
    pub fn of(
        trace: &Trace,
        variables: &[(String, Vec<u8>)],
        order: Order,
    ) -> Result<Self, NoMock> {
        let mut known = Variables::new(DEFAULT_SEED);
        for (name, value) in variables {
            let set = known.set(name, Slot::Bytes(value.clone()));
            set.map_err(|what| NoMock { place: Span::nowhere(), what })?;
        }
        let read::Script { steps, atr } = read::script(trace, known)?;
        let left = steps.iter().filter(|step| matches!(step, Step::Exchange(_))).count();
        let progress = Progress { left, ..Progress::default() };
        Ok(Self { steps, atr, order, at: 0, is_touched: false, progress })
    }

    /// What it says to a reset, where the trace gives that to the byte.
    #[must_use]
    pub fn atr(&self) -> Option<&[u8]> {
        self.atr.as_deref()
    }

    /// How far it has come.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// A reset, or power.
    pub fn reset(&mut self) {
        if !std::mem::take(&mut self.is_touched) {
            return;
        }
        let rest = self.steps[self.at..].iter().position(|step| matches!(step, Step::Reset));
        self.at = rest.map_or(0, |ahead| self.at + ahead + 1);
    }

    /// Answers a command.
    pub fn transmit(&mut self, command: &[u8]) -> Answer {
        let found = match self.order {
            Order::Strict => self.next().filter(|at| self.is_wanted(*at, command)),
            Order::Any => self.nearest(command),
        };
        let Some(at) = found else {
            self.progress.unexpected += 1;
            return Answer::Unexpected(self.unexpected(command));
        };
        (self.at, self.is_touched) = (at + 1, true);
        self.progress.answered += 1;
        let Some(Step::Exchange(exchange)) = self.steps.get_mut(at) else { return Answer::Lost };
        if !std::mem::replace(&mut exchange.has_come, true) {
            self.progress.left -= 1;
        }
        match &exchange.answer {
            Given::Lost => Answer::Lost,
            Given::Bytes { bytes, is_exact } => {
                self.progress.open_answers += u64::from(!is_exact);
                Answer::Bytes(bytes.clone())
            }
        }
    }

    /// The next command; resets before it that did not come are passed over.
    fn next(&self) -> Option<usize> {
        let ahead = self.steps[self.at..].iter().position(|it| matches!(it, Step::Exchange(_)));
        ahead.map(|ahead| self.at + ahead)
    }

    fn nearest(&self, command: &[u8]) -> Option<usize> {
        let wanted = |at: &usize| self.is_wanted(*at, command);
        let ahead = (self.at..self.steps.len()).find(wanted);
        ahead.or_else(|| (0..self.at).rev().find(wanted))
    }

    fn is_wanted(&self, at: usize, command: &[u8]) -> bool {
        match self.steps.get(at) {
            Some(Step::Exchange(Exchange { command: Wanted::Exactly(bytes), .. })) => {
                bytes == command
            }
            Some(Step::Exchange(Exchange { command: Wanted::Header(header), .. })) => {
                command.starts_with(header)
            }
            _ => false,
        }
    }

    fn unexpected(&self, command: &[u8]) -> Unexpected {
        let next = self.next().filter(|_| self.order == Order::Strict);
        let expected = next.and_then(|at| match &self.steps[at] {
            Step::Exchange(Exchange { line, command: Wanted::Exactly(bytes), .. }) => {
                Some((*line, shown(bytes)))
            }
            Step::Exchange(Exchange { line, command: Wanted::Header(header), .. }) => {
                Some((*line, format!("{}  with any data", shown(header))))
            }
            Step::Reset => None,
        });
        Unexpected { command: shown(command), expected }
    }
}

#[cfg(test)]
mod tests;
