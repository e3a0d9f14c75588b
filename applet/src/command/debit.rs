//! DEBIT (§6.14): the price leaves the purse and a token is there, in one commit or not at all.
//!
//! ```text
//! purse − price · account: counter + 1, previous = token · licence: paid, by this token
//! outbox: the token, signed · what was paid without a PIN
//! ```
//! Only then the answer, out of what was stored. A licence that is paid answers with its token.

use saifu_wire::Status;
use saifu_wire::answer::LicenceStatus;
use saifu_wire::codec::Bytes;
use saifu_wire::request::{LicenceRef, PayRequest};
use saifu_wire::signed::{PaymentOrder, TokenPayload};
use saifu_wire::value::Price;
use zeroize::Zeroize;

use super::Context;
use crate::chain;
use crate::crypto::Secret;
use crate::memory::records::{
    AccountRecord, CardRecord, LicenceRecord, OutboxRecord, PurseRecord, SpendingRecord,
};
use crate::memory::{Change, Key, MAX_OUTBOX, Store, StoreError};
use crate::own_keys;
use crate::platform::Platform;
use crate::purse::token::{self, TokenHeader, TokenKeys};
use crate::purse::{self, Purchase, limits};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::trust;

const REFUSED: Status = Status::ConditionsNotSatisfied;

pub(super) fn act<P: Platform>(
    request: &PayRequest,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, answer } = context;
    let LicenceRef { center, number } = request.licence;
    let licence: Option<LicenceRecord> = store.get(&Key::Licence(center, number))?;
    if let Some(paid) = licence.as_ref().filter(|licence| is_paid(licence)) {
        let waiting: Option<OutboxRecord> = store.get(&Key::Outbox(center, paid.state.token))?;
        answer.extend(waiting.into_iter().flat_map(|waiting| waiting.token.0));
        return Ok(());
    }
    let card: CardRecord = store.get(&Key::Card)?.ok_or(StoreError::Memory)?;
    let price = licence.as_ref().and_then(|licence| price(licence, request));
    let leave = ask_leave(store, session, &card, price)?;
    let licence = licence.ok_or(Status::NotFound)?;
    let mut payment = Payment::check(store, request, licence, &card)?;
    let token = payment.make_token(store, request)?;
    payment.commit(store, request, &leave, &token)?;
    if let Leave::Verified = leave {
        session.use_authorisation()?;
    }
    answer.extend_from_slice(&token.token.0);
    Ok(())
}

/// Whether a token paid this licence, and it was not refunded.
fn is_paid(licence: &LicenceRecord) -> bool {
    licence.state.token != 0 && licence.state.status != LicenceStatus::Refunded
}

fn price<'l>(licence: &'l LicenceRecord, request: &PayRequest) -> Option<&'l Price> {
    licence.prices.0.get(usize::from(request.price_index))
}

/// On what grounds a payment may be made (§4.4).
#[derive(Debug)]
enum Leave {
    /// The last VERIFY, which is used up with it.
    Verified,
    /// It is small; this is the sum of such payments then.
    Small(SpendingRecord),
}

/// Asks for the PIN, unless this price is known to need none.
fn ask_leave<P: Platform>(
    store: &Store<P>,
    session: &Session,
    card: &CardRecord,
    price: Option<&Price>,
) -> Result<Leave, Refusal> {
    let blocked = store.pin_tries() == 0;
    if session.is_authorised() && !blocked {
        return Ok(Leave::Verified);
    }
    let spent: Option<SpendingRecord> = store.get(&Key::Spending)?;
    let spent = spent.unwrap_or_default();
    match price.and_then(|price| limits::without_pin(&card.limits, &spent, price.amount)) {
        Some(spent) => Ok(Leave::Small(spent)),
        None if blocked => Err(Status::PinBlocked.into()),
        None => Err(Status::SecurityNotSatisfied.into()),
    }
}

/// A payment that every rule allows; its records are as they will be.
struct Payment {
    licence: LicenceRecord,
    account: AccountRecord,
    purse: PurseRecord,
    price: Price,
    keys: TokenKeys,
}

impl Payment {
    /// Checks everything that §6.14 names, in its order.
    fn check<P: Platform>(
        store: &Store<P>,
        request: &PayRequest,
        licence: LicenceRecord,
        card: &CardRecord,
    ) -> Result<Self, Refusal> {
        let center = request.licence.center;
        let purse = store.get(&Key::Purse(center, request.purse))?;
        let mut purse: PurseRecord = purse.ok_or(Status::NotFound)?;
        let price = price(&licence, request).ok_or(Status::WrongData)?.clone();
        let center_key = trust::payment_key(store, center, &licence.center_key)?;
        let time = trust::time_floor(store, center)?;
        check_payable(&licence, time)?;
        let purchase = Purchase { shop: licence.shop, content: licence.state.content, time };
        purse::debit(&mut purse, &price, &purchase)?;
        let account: AccountRecord = store.get(&Key::Account(center))?.ok_or(StoreError::Memory)?;
        if !limits::allows(&card.limits, price.amount) || chain::next_counter(&account).is_err() {
            return Err(REFUSED.into());
        }
        if store.keys(Key::outbox()).count() >= usize::from(MAX_OUTBOX) {
            return Err(Status::NotEnoughMemory.into());
        }
        let card_key = own_keys::signature_key(store)?.ok_or(StoreError::Memory)?;
        let keys = TokenKeys { center: center_key, card: card_key };
        Ok(Self { licence, account, purse, price, keys })
    }

    /// Makes the token, complete and signed, and the link of the chain that it is.
    fn make_token<P: Platform>(
        &mut self,
        store: &mut Store<P>,
        request: &PayRequest,
    ) -> Result<OutboxRecord, Refusal> {
        let mut random = |out: &mut [u8]| store.random(out);
        let blinding = Secret::random(&mut random)?;
        let header = TokenHeader {
            center: request.licence.center,
            center_key: self.licence.center_key,
            account: self.account.account,
            counter: chain::next_counter(&self.account)?,
            previous: self.account.previous,
        };
        let mut payload = self.payload(request, *blinding.expose());
        let token = token::make(header, &payload, &self.keys, &mut random);
        payload.blinding.zeroize();
        let token = token?;
        chain::append(&mut self.account, &token)?;
        Ok(OutboxRecord {
            licence: request.licence.number,
            identity: self.account.previous,
            token: Bytes(token.to_bytes()),
        })
    }

    fn payload(&self, request: &PayRequest, blinding: [u8; 32]) -> TokenPayload {
        let LicenceRecord { state, shop, order, .. } = &self.licence;
        TokenPayload {
            licence: state.number,
            licence_identity: state.identity,
            order: *order,
            shop: *shop,
            content: state.content,
            content_version: state.content_version,
            price_index: request.price_index,
            purse: request.purse,
            kind: self.price.kind,
            unit: self.price.unit,
            amount: self.price.amount,
            balance: self.purse.balance,
            blinding,
        }
    }

    /// Stores all that the payment changes at once.
    fn commit<P: Platform>(
        mut self,
        store: &mut Store<P>,
        request: &PayRequest,
        leave: &Leave,
        token: &OutboxRecord,
    ) -> Result<(), StoreError> {
        let LicenceRef { center, number } = request.licence;
        let counter = self.account.counter;
        self.licence.state.status = LicenceStatus::Paid;
        self.licence.state.token = counter;
        self.licence.price_index = request.price_index;
        self.licence.purse = request.purse;
        self.licence.token = token.identity;
        let mut change = Change::new();
        change.put(Key::Purse(center, request.purse), &self.purse);
        change.put(Key::Account(center), &self.account);
        change.put(Key::Licence(center, number), &self.licence);
        change.put(Key::Outbox(center, counter), token);
        if let Leave::Small(spent) = leave {
            change.put(Key::Spending, spent);
        }
        store.commit(change)
    }
}

/// Whether the licence's state and validity let it be paid now.
fn check_payable(licence: &LicenceRecord, time: u64) -> Result<(), Status> {
    let pay_first = licence.state.payment == PaymentOrder::PayFirst;
    let unpaid = licence.state.status == LicenceStatus::Loaded;
    if pay_first && unpaid && licence.is_valid(time) { Ok(()) } else { Err(REFUSED) }
}

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod purses;
#[cfg(test)]
mod tests;
