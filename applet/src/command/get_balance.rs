//! GET BALANCE (§6.25): what the purses of a center hold.

use saifu_wire::answer::{Balances, PurseState};
use saifu_wire::codec::List;
use saifu_wire::{CenterId, Status, Wire};

use super::Context;
use crate::memory::records::{AccountRecord, PurseRecord};
use crate::memory::{Key, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    center: CenterId,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let store = &context.store;
    let account: AccountRecord = store.get(&Key::Account(center))?.ok_or(Status::NotFound)?;
    let mut purses = List::default();
    for key in store.keys(Key::purses_of(center)) {
        let purse: PurseRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
        purses.0.push(state(&purse));
    }
    let AccountRecord { account, counter, .. } = account;
    Balances { account, counter, purses }.write(context.answer);
    Ok(())
}

fn state(purse: &PurseRecord) -> PurseState {
    let terms = &purse.terms;
    PurseState {
        purse: terms.purse,
        kind: terms.kind,
        unit: terms.unit,
        scope: terms.scope,
        scope_id: terms.scope_id,
        face_amount: terms.face_amount,
        max_balance: terms.max_balance,
        not_after: terms.not_after,
        balance: purse.balance,
        held: purse.held,
        sequence: purse.sequence,
    }
}
