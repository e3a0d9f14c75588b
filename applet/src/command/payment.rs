//! What DEBIT, HOLD, RELEASE and CANCEL share (§4.4, §6.14): who may pay, what may be paid, and
//! the token that pays it.
//!
//! ```text
//! approve   PIN or a small sum · licence, price, purse, limits, room    DEBIT, HOLD
//! of_hold   what a hold has chosen                                      RELEASE, CANCEL
//! pay       the token, and every record that changes with it            DEBIT, RELEASE
//! ```
//! Nothing here is stored: whoever asks makes one commit of what comes back.

mod leave;
mod token;

use saifu_wire::answer::LicenceStatus;
use saifu_wire::personalise::Limits;
use saifu_wire::request::{LicenceRef, PayRequest};
use saifu_wire::signed::PaymentOrder;
use saifu_wire::value::Price;
use saifu_wire::{CenterId, Status};

pub(super) use leave::Leave;

use super::{Context, plaintext};
use crate::chain;
use crate::memory::records::{
    AccountRecord, CardRecord, HoldRecord, LicenceRecord, OutboxRecord, PurseRecord,
};
use crate::memory::{Key, MAX_OUTBOX_OF_CENTER, Store, StoreError};
use crate::platform::Platform;
use crate::purse::{self, Purchase, limits};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::trust;

const REFUSED: Status = Status::ConditionsNotSatisfied;

/// A payment, or what will be one: the records it changes, and what was chosen.
pub(super) struct Payment {
    /// The licence that is paid.
    pub(super) licence: LicenceRef,
    /// Which price, out of which purse.
    pub(super) choice: HoldRecord,
    /// The licence as it is stored.
    pub(super) record: LicenceRecord,
    /// The account, with the end of the chain.
    pub(super) account: AccountRecord,
    /// The purse.
    pub(super) purse: PurseRecord,
    /// The price.
    pub(super) price: Price,
}

/// Lets a price be paid (pay first) or put on hold (decrypt first); the purse that comes back has
/// given it already.
///
/// # Errors
/// As §6.14 says, in its order.
pub(super) fn approve<P: Platform>(
    request: &PayRequest,
    record: Option<LicenceRecord>,
    order: PaymentOrder,
    context: &Context<'_, P>,
) -> Result<(Payment, Leave), Refusal> {
    let Context { store, session, .. } = context;
    let card: CardRecord = store.get(&Key::Card)?.ok_or(StoreError::Memory)?;
    let choice = HoldRecord { purse: request.purse, price_index: request.price_index };
    let price = record.as_ref().and_then(|record| price(record, choice));
    let leave = leave::ask(store, session, &card.limits, price)?;
    let record = record.ok_or(Status::NotFound)?;
    let mut payment = Payment::of(store, &request.licence, record, choice)?;
    trust::payment_key(store, request.licence.center, &payment.record.center_key)?;
    payment.check(store, session, order, &card.limits)?;
    payment.record.price_index = choice.price_index;
    payment.record.purse = choice.purse;
    if !has_place(store, request.licence.center) {
        return Err(Status::NotEnoughMemory.into());
    }
    Ok((payment, leave))
}

/// The places of the outbox that are taken: by tokens, and by holds, whose tokens will need one.
pub(super) fn outbox_used<P: Platform>(store: &Store<P>) -> usize {
    store.count(&Key::outbox()).saturating_add(store.count(&Key::holds()))
}

/// Whether a center has a place of its own left in the outbox.
fn has_place<P: Platform>(store: &Store<P>, center: CenterId) -> bool {
    let tokens = store.count(&Key::outbox_of(center));
    tokens.saturating_add(store.count(&Key::holds_of(center))) < usize::from(MAX_OUTBOX_OF_CENTER)
}

/// The token of a licence while it waits in the outbox; `None` once it was acknowledged.
pub(super) fn waiting<P: Platform>(
    store: &Store<P>,
    licence: &LicenceRef,
    record: &LicenceRecord,
) -> Result<Option<OutboxRecord>, StoreError> {
    store.get(&Key::Outbox(licence.center, record.state.token))
}

fn price(record: &LicenceRecord, choice: HoldRecord) -> Option<&Price> {
    record.prices.0.get(usize::from(choice.price_index))
}

impl Payment {
    /// What a hold has chosen.
    ///
    /// # Errors
    /// 6985 when nothing is on hold.
    pub(super) fn of_hold<P: Platform>(
        store: &Store<P>,
        licence: &LicenceRef,
        record: LicenceRecord,
    ) -> Result<Self, Refusal> {
        if record.state.status != LicenceStatus::Held {
            return Err(REFUSED.into());
        }
        let hold: Option<HoldRecord> = store.get(&Key::Hold(licence.center, licence.number))?;
        Self::of(store, licence, record, hold.ok_or(StoreError::Memory)?)
    }

    /// Takes up purse, price and account.
    ///
    /// # Errors
    /// 6A88 no such purse; 6A80 no such price.
    fn of<P: Platform>(
        store: &Store<P>,
        licence: &LicenceRef,
        record: LicenceRecord,
        choice: HoldRecord,
    ) -> Result<Self, Refusal> {
        let center = licence.center;
        let purse: Option<PurseRecord> = store.get(&Key::Purse(center, choice.purse))?;
        let purse = purse.ok_or(Status::NotFound)?;
        let price = price(&record, choice).ok_or(Status::WrongData)?.clone();
        let account: AccountRecord = store.get(&Key::Account(center))?.ok_or(StoreError::Memory)?;
        Ok(Self { licence: licence.clone(), choice, record, account, purse, price })
    }

    /// Everything that §6.14 answers with 6985.
    fn check<P: Platform>(
        &mut self,
        store: &Store<P>,
        session: &Session,
        order: PaymentOrder,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        let center = self.licence.center;
        let due =
            self.record.state.payment == order && self.record.state.status == LicenceStatus::Loaded;
        if !due || !plaintext::is_valid(store, session, center, &self.record)? {
            return Err(REFUSED.into());
        }
        let purchase = Purchase {
            shop: self.record.shop,
            content: self.record.state.content,
            time: trust::time_floor(store, center)?,
        };
        // A hold ends in a link of its own.
        let links = match order {
            PaymentOrder::DecryptFirst => {
                purse::hold(&mut self.purse, &self.price, &purchase)?;
                2
            }
            PaymentOrder::PayFirst | PaymentOrder::AlreadyPaid => {
                purse::debit(&mut self.purse, &self.price, &purchase)?;
                1
            }
        };
        if !limits::allows(limits, self.price.amount) {
            return Err(REFUSED.into());
        }
        Ok(chain::check_room(store, center, &self.account, links)?)
    }
}
