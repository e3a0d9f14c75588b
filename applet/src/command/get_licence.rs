//! GET LICENCE (§6.12): where licences stand.

use saifu_wire::answer::{LICENCES_PER_LIST, Licences};
use saifu_wire::request::LicenceRef;
use saifu_wire::{Malformed, Status, Wire};

use super::Context;
use crate::memory::records::LicenceRecord;
use crate::memory::{Key, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;

/// What is asked for.
#[derive(Debug)]
pub enum Query {
    /// This licence.
    One(LicenceRef),
    /// The licences of this center from this number on.
    From(LicenceRef),
}

impl Query {
    /// P1 says which.
    pub(super) fn parse(p1: u8, data: &[u8]) -> Result<Self, Malformed> {
        let licence = LicenceRef::from_bytes(data)?;
        Ok(if p1 == 0 { Self::One(licence) } else { Self::From(licence) })
    }
}

pub(super) fn act<P: Platform>(query: &Query, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    match query {
        Query::One(licence) => one(licence, context),
        Query::From(first) => list(first, context),
    }
}

fn one<P: Platform>(licence: &LicenceRef, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let key = Key::Licence(licence.center, licence.number);
    let record: LicenceRecord = context.store.get(&key)?.ok_or(Status::NotFound)?;
    record.state.write(context.answer);
    Ok(())
}

fn list<P: Platform>(first: &LicenceRef, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let keys = store.keys(Key::licences_from(first.center, first.number));
    let mut licences = Licences::default();
    for key in keys.take(usize::from(LICENCES_PER_LIST)) {
        let record: LicenceRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
        licences.0.push(record.state);
    }
    licences.write(answer);
    Ok(())
}

#[cfg(test)]
mod tests;
