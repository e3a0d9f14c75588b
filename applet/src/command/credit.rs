//! CREDIT (§6.30, §11.2): loads value into one purse, once; a refund also revokes a licence.

use saifu_wire::answer::LicenceStatus;
use saifu_wire::certificate::Role;
use saifu_wire::codec::Bytes;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Credit, EventKind, Signed};
use saifu_wire::{Digest, Status};

use super::Context;
use crate::chain::{self, Happened};
use crate::memory::records::{AccountRecord, LicenceRecord, PurseRecord};
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;
use crate::trust::{self, Signer};
use crate::works::{self, Removed};

pub(super) fn act<P: Platform>(
    signed: &Signed<Credit>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let credit = signed.message();
    let mut account = check_authentic(store, signed)?;
    let purse_key = Key::Purse(credit.center, credit.purse);
    let mut purse: PurseRecord = store.get(&purse_key)?.ok_or(Status::NotFound)?;
    if (purse.terms.kind, purse.terms.unit) != (credit.kind, credit.unit) {
        return Err(Status::WrongData.into());
    }
    let identity = chain::identity(signed);
    if purse.last_credit != identity {
        purse::use_sequence(&mut purse, credit.sequence)?;
        purse::credit(&mut purse, credit.amount)?;
        let mut change = Change::new();
        let mut work = None;
        if is_refund(credit) {
            work = revoke(store, &mut account, credit, &mut change)?;
        }
        let happened = happened(credit, &purse, identity);
        let event = chain::append_event(store, credit.center, &mut account, &happened)?;
        purse.last_credit = identity;
        purse.last_event = Bytes(event.to_bytes());
        change.put(Key::Account(credit.center), &account);
        change.put(purse_key, &purse);
        store.commit(change)?;
        work.into_iter().for_each(|work| work.clear(store));
    }
    answer.extend_from_slice(&purse.last_event.0);
    Ok(())
}

/// The account that the credit is for, once it is known to be the center's word.
fn check_authentic<P: Platform>(
    store: &Store<P>,
    signed: &Signed<Credit>,
) -> Result<AccountRecord, Refusal> {
    let credit = signed.message();
    let signer = Signer { holder: credit.center, role: Role::Credit, sequence: credit.signer };
    trust::verify(store, signer, signed)?;
    let account: AccountRecord =
        store.get(&Key::Account(credit.center))?.ok_or(Status::WrongData)?;
    let ours = credit.card == store.card() && credit.account == account.account;
    // A refund names token and licence, a load neither.
    let whole = credit.refunded_token.is_zero() == (credit.refunded_licence == 0);
    if ours && whole { Ok(account) } else { Err(Status::WrongData.into()) }
}

fn is_refund(credit: &Credit) -> bool {
    credit.refunded_licence != 0
}

fn happened(credit: &Credit, purse: &PurseRecord, cause: Digest) -> Happened {
    Happened {
        kind: if is_refund(credit) { EventKind::Refunded } else { EventKind::Credited },
        purse: credit.purse,
        amount: credit.amount,
        balance: purse.balance,
        held: purse.held,
        sequence: credit.sequence,
        cause,
        load: credit.load,
    }
}

/// Makes the refunded licence open nothing any more (§11.4): its content key is gone, and the work
/// if it is stored. If the card does not have the licence, its number is used up, so that it never
/// will.
fn revoke<P: Platform>(
    store: &Store<P>,
    account: &mut AccountRecord,
    credit: &Credit,
    change: &mut Change,
) -> Result<Option<Removed>, Refusal> {
    let key = Key::Licence(credit.center, credit.refunded_licence);
    let Some(mut licence) = store.get::<LicenceRecord>(&key)? else {
        account.used.mark(credit.refunded_licence);
        return Ok(None);
    };
    if !matches!(licence.state.status, LicenceStatus::Paid | LicenceStatus::Released) {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    if licence.token != credit.refunded_token {
        return Err(Status::WrongData.into());
    }
    check_price(&licence, credit)?;
    licence.state.status = LicenceStatus::Refunded;
    change.put(key, &licence);
    let named = LicenceRef { center: credit.center, number: credit.refunded_licence };
    Ok(Some(works::forget(store, &named, change)?))
}

/// A refund gives back what was paid, or a part of it.
fn check_price(licence: &LicenceRecord, credit: &Credit) -> Result<(), Status> {
    let price = licence.prices.0.get(usize::from(licence.price_index)).ok_or(Status::WrongData)?;
    let same_value = (price.kind, price.unit) == (credit.kind, credit.unit);
    if same_value && credit.amount <= price.amount { Ok(()) } else { Err(Status::WrongData) }
}

#[cfg(test)]
mod refund_tests;
#[cfg(test)]
mod tests;
