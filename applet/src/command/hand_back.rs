//! HAND BACK (§6.22): procedure 2 takes the outer seal off and gives `Ke[M]` back.

use alloc::boxed::Box;

use saifu_wire::request::{LicenceRef, SegmentRange};
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::works::Work;

/// What is asked for.
#[derive(Debug)]
pub enum Step {
    /// The header of this stored work, which is opened for the session.
    Header(LicenceRef),
    /// Segments of the work that is open.
    Segments(SegmentRange),
}

impl Step {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &[u8]) -> Result<Self, Malformed> {
        Ok(match p1 {
            0 => Self::Header(LicenceRef::from_bytes(data)?),
            _ => Self::Segments(SegmentRange::from_bytes(data)?),
        })
    }
}

pub(super) fn act<P: Platform>(step: &Step, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    match step {
        Step::Header(licence) => open(licence, context),
        Step::Segments(range) => read(range, context),
    }
}

fn open<P: Platform>(licence: &LicenceRef, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    let work = Work::find(store, licence, true)?.ok_or(Status::NotFound)?;
    work.header().write(answer);
    session.handed_back = Some(Box::new(work));
    Ok(())
}

fn read<P: Platform>(range: &SegmentRange, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    let work = session.handed_back.as_mut().ok_or(Status::ConditionsNotSatisfied)?;
    if !work.is_current(store)? {
        session.handed_back = None;
        return Err(Status::ConditionsNotSatisfied.into());
    }
    work.read(store, range, answer)
}

#[cfg(test)]
mod tests;
