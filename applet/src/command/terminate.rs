//! TERMINATE (§6.34): the card's last words, center by center, and the end of `Km`.

use alloc::vec::Vec;

use saifu_wire::codec::List;
use saifu_wire::signed::{Closing, ClosingPurse, Signed, TerminateOrder};
use saifu_wire::{CenterId, Malformed, Nonce, Status};

use super::Context;
use crate::memory::records::{AccountRecord, ClosingRecord, PurseRecord};
use crate::memory::{Change, Key, MAX_CENTERS, Store, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::signer;
use crate::trust;

/// A bit for each center that may have an account.
const _: () = assert!(MAX_CENTERS as u32 <= u32::BITS);

/// What is to be done.
#[derive(Debug)]
pub enum Step {
    /// Close the card, and answer the closing of the center with this number.
    Close(Signed<TerminateOrder>, u8),
    /// Erase `Km`.
    Erase(Signed<TerminateOrder>),
}

impl Step {
    /// P1 says which, P2 the center's number.
    pub(super) fn parse(p1: u8, p2: u8, data: &[u8]) -> Result<Self, Malformed> {
        let order = Signed::parse(data)?;
        Ok(if p1 == 0 { Self::Close(order, p2) } else { Self::Erase(order) })
    }

    fn order(&self) -> &Signed<TerminateOrder> {
        match self {
            Self::Close(order, _) | Self::Erase(order) => order,
        }
    }
}

pub(super) fn act<P: Platform>(step: &Step, context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    // Whatever comes of it, the challenge is used up.
    let nonce = session.challenge.take();
    check_order(store, nonce, step)?;
    check_settled(store)?;
    let centers = centers(store);
    match step {
        Step::Close(order, number) => {
            let center = centers.get(usize::from(*number)).ok_or(Status::NotFound)?;
            let closing = signer::sign(store, closing(store, *center, order.message().nonce)?)?;
            note_answered(store, *number)?;
            answer.extend_from_slice(&closing.to_bytes());
            Ok(())
        }
        Step::Erase(_) if answered(store)? == all_of(centers.len()) => Ok(store.terminate()?),
        Step::Erase(_) => Err(Status::ConditionsNotSatisfied.into()),
    }
}

/// Whether the issuer signed just this step, for this card and this session's challenge.
///
/// # Errors
/// 6982 for whatever is wrong with it; 6581.
fn check_order<P: Platform>(
    store: &Store<P>,
    nonce: Option<Nonce>,
    step: &Step,
) -> Result<(), Refusal> {
    let order = step.order();
    let said = order.message();
    let erases = matches!(step, Step::Erase(_));
    if said.card != store.card() || Some(said.nonce) != nonce || said.erase != erases {
        return Err(Status::SecurityNotSatisfied.into());
    }
    trust::verify_order(store, said.signer, order).map_err(|refusal| match refusal {
        Refusal::Status(Status::WrongData) => Status::SecurityNotSatisfied.into(),
        failed => failed,
    })
}

/// Whether no value is on its way: no token in the outbox, no price on hold.
fn check_settled<P: Platform>(store: &Store<P>) -> Result<(), Status> {
    let waits = store.keys(Key::outbox()).chain(store.keys(Key::holds())).next().is_some();
    if waits { Err(Status::ConditionsNotSatisfied) } else { Ok(()) }
}

/// The centers with an account, in the order of their ids.
fn centers<P: Platform>(store: &Store<P>) -> Vec<CenterId> {
    let center = |key| if let Key::Account(center) = key { Some(center) } else { None };
    store.keys(Key::accounts()).filter_map(center).collect()
}

/// What the card leaves at a center.
fn closing<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    nonce: Nonce,
) -> Result<Closing, StoreError> {
    let account: AccountRecord = store.get(&Key::Account(center))?.ok_or(StoreError::Memory)?;
    let mut purses = List::default();
    for key in store.keys(Key::purses_of(center)) {
        let purse: PurseRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
        purses.0.push(ClosingPurse {
            purse: purse.terms.purse,
            kind: purse.terms.kind,
            unit: purse.terms.unit,
            balance: purse.balance,
            sequence: purse.sequence,
            last: purse.last_event,
        });
    }
    let AccountRecord { account, counter, previous, .. } = account;
    Ok(Closing { card: store.card(), nonce, center, account, counter, previous, purses })
}

/// Notes that a center's closing is answered; with the first one the card is deactivated.
fn note_answered<P: Platform>(store: &mut Store<P>, number: u8) -> Result<(), StoreError> {
    let before = answered(store)?;
    let noted = before | 1_u32.checked_shl(u32::from(number)).unwrap_or_default();
    if noted == before {
        return Ok(());
    }
    let mut change = Change::new();
    change.put(Key::Closing, &ClosingRecord { answered: noted });
    change.deactivate();
    store.commit(change)
}

fn answered<P: Platform>(store: &Store<P>) -> Result<u32, StoreError> {
    let record: Option<ClosingRecord> = store.get(&Key::Closing)?;
    Ok(record.unwrap_or_default().answered)
}

/// The bits of so many centers.
fn all_of(centers: usize) -> u32 {
    (0..centers).fold(0, |bits, _| bits << 1 | 1)
}

#[cfg(test)]
mod tests;
