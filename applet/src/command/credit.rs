//! CREDIT (§6.30, §11.2): loads value into one purse, once; a refund also revokes a licence.

use saifu_wire::Status;
use saifu_wire::answer::LicenceStatus;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Credit, EventKind, Signed};

use super::Context;
use super::load::Load;
use crate::memory::records::{AccountRecord, LicenceRecord};
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;
use crate::trust;
use crate::works::{self, Removed};

pub(super) fn act<P: Platform>(
    signed: &Signed<Credit>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let mut load = Load::to_apply(store, signed)?;
    if !load.has_ended(false) {
        apply(store, signed.message(), &mut load)?;
    }
    answer.extend_from_slice(&load.purse.last_event.0);
    Ok(())
}

fn apply<P: Platform>(
    store: &mut Store<P>,
    credit: &Credit,
    load: &mut Load<'_>,
) -> Result<(), Refusal> {
    load.use_sequence()?;
    let time = trust::time_floor(store, credit.center)?;
    purse::credit(&mut load.purse, credit.amount, time)?;
    let mut change = Change::new();
    let (mut kind, mut work) = (EventKind::Credited, None);
    if credit.refunded_licence != 0 {
        kind = EventKind::Refunded;
        work = revoke(store, &mut load.account, credit, &mut change)?;
    }
    load.end(store, (kind, credit.amount), change)?;
    work.into_iter().for_each(|work| work.clear(store));
    Ok(())
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
    Ok(Some(works::forget(store, &named, change)))
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
