//! What the user is asked: the signed price, and the purse that can pay it (§4.3).

use super::{Choice, Plan, Record, SaleError};
use crate::money::Money;
use crate::trust::check_valid;
use saifu_wire::answer::{Balances, PurseState};
use saifu_wire::signed::{Licence, PaymentOrder};
use saifu_wire::value::{Kind, Price, ScopeKind};

/// What the user is asked to agree to; every amount is from the signed licence and the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The title.
    pub title: String,
    /// Author, artist or publisher.
    pub creator: String,
    /// The media type of M.
    pub media_type: String,
    /// The bytes of M.
    pub bytes: u64,
    /// How many sessions may decrypt it; 0 for any number.
    pub uses: u32,
    /// The second after which it opens no more; 0 for never.
    pub not_after: u64,
    /// In which order paying and decrypting come.
    pub order: PaymentOrder,
    /// What becomes of the work.
    pub plan: Plan,
    /// What is paid, and with what; none where nothing is to be paid.
    pub payment: Option<Paid>,
}

/// The payment of an [`Offer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The signed price.
    pub price: Money,
    /// The kind of value.
    pub kind: Kind,
    /// The balance now.
    pub before: Money,
    /// The balance afterwards.
    pub after: Money,
    /// Price and purse, as the card is told.
    pub choice: Choice,
}

impl Offer {
    /// Chooses the first of the licence's prices that a purse can pay at `now` (Unix time).
    ///
    /// Fails with [`SaleError::NotEnough`] where none can, or not the one that the user named;
    /// a licence that is not valid now is none to be asked about.
    pub fn choose(record: &Record, balances: &Balances, now: u64) -> Result<Self, SaleError> {
        let licence = record.licence().ok_or(SaleError::OutOfOrder)?;
        let licence = licence.message();
        check_valid(licence, now)?;
        let payment = match licence.payment {
            PaymentOrder::PayFirst | PaymentOrder::DecryptFirst => {
                Some(choose(licence, &purses(balances, record.intent.purse), now)?)
            }
            PaymentOrder::AlreadyPaid => None,
        };
        let work = &record.intent.work;
        Ok(Self {
            title: work.title.clone(),
            creator: work.creator.clone(),
            media_type: work.media_type.clone(),
            bytes: licence.total_bytes,
            uses: licence.uses,
            not_after: licence.not_after,
            order: licence.payment,
            plan: record.intent.plan,
            payment,
        })
    }
}

/// The purses that may pay: all, or the one that the user named.
fn purses(balances: &Balances, named: Option<u32>) -> Vec<PurseState> {
    let all = balances.purses.0.iter();
    all.filter(|purse| named.is_none_or(|named| purse.purse == named)).cloned().collect()
}

fn choose(licence: &Licence, purses: &[PurseState], now: u64) -> Result<Paid, SaleError> {
    for (index, price) in (0..).zip(&licence.prices.0) {
        let mut fitting = purses.iter().filter(|purse| fits(purse, price, licence, now));
        if let Some(purse) = fitting.find(|purse| purse.balance >= price.amount) {
            return Ok(paid(index, price, purse));
        }
    }
    Err(not_enough(licence, purses, now))
}

/// Whether a purse may pay this price, if it holds enough.
fn fits(purse: &PurseState, price: &Price, licence: &Licence, now: u64) -> bool {
    let serves = match purse.scope {
        ScopeKind::Any => true,
        ScopeKind::Shop => purse.scope_id == licence.shop.0,
        ScopeKind::Work => purse.scope_id == licence.content.0,
    };
    let bound = price.scope == ScopeKind::Any || price.scope == purse.scope;
    let whole = purse.face_amount == 0 || purse.face_amount == price.amount;
    let valid = purse.not_after == 0 || purse.not_after >= now;
    purse.kind == price.kind && purse.unit == price.unit && serves && bound && whole && valid
}

fn paid(price_index: u8, price: &Price, purse: &PurseState) -> Paid {
    let unit = price.unit.to_string();
    let after = purse.balance.saturating_sub(price.amount);
    Paid {
        price: Money::new(price.amount, &unit),
        kind: price.kind,
        before: Money::new(purse.balance, &unit),
        after: Money::new(after, &unit),
        choice: Choice {
            price_index,
            purse: purse.purse,
            amount: price.amount,
            unit,
            balance_before: purse.balance,
        },
    }
}

fn not_enough(licence: &Licence, purses: &[PurseState], now: u64) -> SaleError {
    let prices = &licence.prices.0;
    let each = prices.iter().map(|price| Money::new(price.amount, price.unit).to_string());
    let price = each.collect::<Vec<_>>().join(" or ");
    let payable = |purse: &&PurseState| prices.iter().any(|p| fits(purse, p, licence, now));
    let held = purses.iter().filter(payable).map(|purse| {
        let balance = Money::new(purse.balance, purse.unit);
        format!("purse {} holds {balance}", purse.purse)
    });
    let held: Vec<_> = held.collect();
    let have = match purses {
        _ if !held.is_empty() => held.join(", "),
        [] => "the card has no such purse here".into(),
        [one] => format!("purse {} cannot pay it", one.purse),
        _ => "no purse can pay it".into(),
    };
    SaleError::NotEnough { price, have }
}
