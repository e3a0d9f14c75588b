//! How a command gets to the card and its answer back: chains, GET RESPONSE, secure channel.

use super::command::{Ready, get_response, has_room, with_le};
use super::danger;
use super::limits::{MAX_COMMANDS, MAX_FOLLOWED, MAX_VALUE_BYTES};
use super::watch::Watch;
use crate::helpers::scp03::Session;
use crate::target::{Outcome, Target, TargetError};
use std::time::Duration;

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Came {
    /// Data and status word, apart.
    Answer { data: Vec<u8>, status: u16 },
    /// None; what there was instead.
    Lost(String),
}

/// Why there is nothing to look at.
#[derive(Debug)]
pub(super) enum NotSent {
    /// What is wrong with the line.
    Line(String),
    /// The target is broken: the run ends.
    Broken(String),
}

impl From<TargetError> for NotSent {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Unsupported(why) => Self::Line(why),
            TargetError::Broken(why) => Self::Broken(why),
        }
    }
}

/// The way to the card.
pub(super) struct Way<'r> {
    pub(super) target: &'r mut dyn Target,
    pub(super) watch: &'r mut dyn Watch,
    /// Whether what can cost somebody a card is held back.
    pub(super) is_careful: bool,
    /// How many commands the file has sent.
    pub(super) commands: u64,
}

/// How a command is sent.
#[derive(Clone, Copy, Default)]
pub(super) struct How {
    pub(super) follow: bool,
    pub(super) secure: bool,
}

impl Way<'_> {
    /// Sends a command, in its parts where it is a chain, and gives what came of the last.
    pub(super) fn send(
        &mut self,
        ready: &Ready,
        how: How,
        session: Option<&mut Session>,
    ) -> Result<(Came, Duration), NotSent> {
        let mut session = match (how.secure, session) {
            (false, _) => None,
            (true, Some(session)) => Some(session),
            (true, None) => {
                let why = "no secure channel is open: `scp03 open` opens one";
                return Err(NotSent::Line(why.into()));
            }
        };
        let mut took = Duration::ZERO;
        let Some((last, before)) = ready.parts.split_last() else {
            return self.one(&ready.whole, how.follow, session, took);
        };
        for (number, part) in before.iter().enumerate() {
            let (came, time) = self.one(part, false, session.as_deref_mut(), took)?;
            took = time;
            match came {
                Came::Answer { status: 0x9000, .. } => {}
                // What is expected is expected of what came, wherever the chain broke off.
                Came::Lost(why) => {
                    let part = number + 1;
                    return Ok((Came::Lost(format!("{why} (part {part} of the chain)")), took));
                }
                came => return Ok((came, took)),
            }
        }
        self.one(last, how.follow, session, took)
    }

    /// Sends one command; adds its time to what was taken before.
    fn one(
        &mut self,
        command: &[u8],
        follow: bool,
        session: Option<&mut Session>,
        mut took: Duration,
    ) -> Result<(Came, Duration), NotSent> {
        let Some(session) = session else {
            let came = self.followed(command, follow, &mut took)?;
            return Ok((came, took));
        };
        let wrapped = session.wrap(command).map_err(|error| NotSent::Line(error.to_string()))?;
        let came = self.followed(&wrapped, follow, &mut took)?;
        let Came::Answer { data, status } = came else { return Ok((came, took)) };
        let data = session.unwrap(&data, status).map_err(|e| NotSent::Line(e.to_string()))?;
        Ok((Came::Answer { data, status }, took))
    }

    /// Sends a command; where that is asked for, fetches what is left of its answer.
    fn followed(
        &mut self,
        command: &[u8],
        follow: bool,
        took: &mut Duration,
    ) -> Result<Came, NotSent> {
        let mut came = self.raw(command, took)?;
        if !follow {
            return Ok(came);
        }
        let cla = command.first().copied().unwrap_or(0);
        let mut last = command.to_vec();
        let mut all = Vec::new();
        let mut is_corrected = false;
        for _ in 0..MAX_FOLLOWED {
            let Came::Answer { data, status } = came else { return Ok(came) };
            let [high, low] = status.to_be_bytes();
            all.extend_from_slice(&data);
            if !has_room(all.len()) {
                return Err(NotSent::Line(format!("the answer is over {MAX_VALUE_BYTES} bytes")));
            }
            last = match high {
                0x61 => get_response(cla, low).to_vec(),
                0x6C if !is_corrected => with_le(&last, low).unwrap_or(last),
                _ => return Ok(Came::Answer { data: all, status }),
            };
            is_corrected = high == 0x6C;
            came = self.raw(&last, took)?;
        }
        Err(NotSent::Line(format!("the answer goes on after {MAX_FOLLOWED} GET RESPONSE")))
    }

    /// Sends bytes as they are.
    fn raw(&mut self, command: &[u8], took: &mut Duration) -> Result<Came, NotSent> {
        if self.is_careful
            && let Some(why) = danger::why(command)
        {
            let line = format!("not sent to a real card: {why}; --destructive allows it");
            return Err(NotSent::Line(line));
        }
        self.commands += 1;
        if self.commands > MAX_COMMANDS {
            return Err(NotSent::Line(format!("a file sends at most {MAX_COMMANDS} commands")));
        }
        let (outcome, time) = self.target.transmit(command)?;
        *took = took.saturating_add(time);
        self.watch.exchange(command, &outcome, time);
        Ok(apart(outcome))
    }
}

/// Data and status word; fewer than two bytes are no answer.
fn apart(outcome: Outcome) -> Came {
    match outcome {
        Outcome::Lost(why) => Came::Lost(why),
        Outcome::Answer(mut answer) => match answer.split_last_chunk::<2>() {
            None => Came::Lost(format!("{} bytes came, no status word", answer.len())),
            Some((data, status)) => {
                let (length, status) = (data.len(), u16::from_be_bytes(*status));
                answer.truncate(length);
                Came::Answer { data: answer, status }
            }
        },
    }
}
