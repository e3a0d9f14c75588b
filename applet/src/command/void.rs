//! VOID (§6.31, §11.3): uses up a load's sequence without value.

use saifu_wire::codec::Bytes;
use saifu_wire::request::VoidRequest;
use saifu_wire::signed::{Event, EventKind, Signed};
use saifu_wire::{Digest, Status};

use super::Context;
use crate::chain::{self, Happened};
use crate::memory::records::{AccountRecord, PurseRecord};
use crate::memory::{Change, Key, StoreError};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    request: &VoidRequest,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    let center = request.purse.center;
    let purse_key = Key::Purse(center, request.purse.purse);
    let mut purse: PurseRecord = store.get(&purse_key)?.ok_or(Status::NotFound)?;
    if !was_voided(&purse, request) {
        purse::use_sequence(&mut purse, request.sequence)?;
        let account_key = Key::Account(center);
        let mut account: AccountRecord = store.get(&account_key)?.ok_or(StoreError::Memory)?;
        let event = chain::append_event(*store, center, &mut account, &happened(request, &purse))?;
        purse.last_credit = Digest::ZERO;
        purse.last_event = Bytes(event.to_bytes());
        let mut change = Change::new();
        change.put(account_key, &account);
        change.put(purse_key, &purse);
        session.use_authorisation()?;
        store.commit(change)?;
    }
    answer.extend_from_slice(&purse.last_event.0);
    Ok(())
}

/// Whether the purse's last load is the one of the request, and was voided.
fn was_voided(purse: &PurseRecord, request: &VoidRequest) -> bool {
    Signed::<Event>::parse(&purse.last_event.0).is_ok_and(|event| {
        let event = event.message();
        event.kind == EventKind::Voided
            && event.sequence == request.sequence
            && event.load == request.load
    })
}

fn happened(request: &VoidRequest, purse: &PurseRecord) -> Happened {
    Happened {
        kind: EventKind::Voided,
        purse: request.purse.purse,
        amount: 0,
        balance: purse.balance,
        held: purse.held,
        sequence: request.sequence,
        cause: Digest::ZERO,
        load: request.load,
    }
}
