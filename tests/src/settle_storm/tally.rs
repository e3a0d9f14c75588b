//! What the clients of a storm saw: what they paid, and what they were answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use saifu_wire::signed::{Licence, Outcome, Receipt, Signed};
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest, OrderId, ShopId};

use crate::fixture::{Draws, identity};

/// How many of the last tokens are sent in again by others.
const RECENT: usize = 256;

/// What a card paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The identity of its token.
    pub identity: Digest,
    /// The signed token.
    pub token: Vec<u8>,
    /// The signed licence that it pays.
    pub licence: Vec<u8>,
    /// The account.
    pub account: AccountId,
    /// The order.
    pub order: OrderId,
    /// The shop.
    pub shop: ShopId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// Minor units.
    pub amount: u64,
}

impl Paid {
    /// What `account`'s card paid with this token for its licence's first price.
    pub(super) fn of(account: AccountId, token: Vec<u8>, licence: &Signed<Licence>) -> Self {
        let said = licence.message();
        let price = &said.prices.0[0];
        Self {
            identity: identity(&token),
            token,
            licence: licence.to_bytes(),
            account,
            order: said.order,
            shop: said.shop,
            kind: price.kind,
            unit: price.unit,
            amount: price.amount,
        }
    }
}

/// A purse of a card: what was loaded, and what it says at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purse {
    /// The card's account.
    pub account: AccountId,
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// Minor units that were loaded.
    pub loaded: u64,
    /// The card's word on what is left.
    pub balance: u64,
}

/// Everything that the clients saw.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What was paid, each token once.
    pub paid: Vec<Arc<Paid>>,
    /// The receipt of each token, by the token's identity.
    pub receipts: BTreeMap<Digest, Vec<u8>>,
    /// Every card's purses.
    pub purses: Vec<Purse>,
    /// What the center answered and must not, in words.
    pub wrong: Vec<String>,
    /// Answers to what was no client's first honest request.
    pub mischief: u64,
}

/// What is seen, by all clients at once.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Seen>);

impl Tally {
    /// A card has paid.
    pub(super) fn paid(&self, paid: Paid) -> Arc<Paid> {
        let paid = Arc::new(paid);
        self.lock().paid.push(Arc::clone(&paid));
        paid
    }

    /// The center has answered a token with this; the same bytes for each who asks.
    pub(super) fn receipt(&self, paid: &Paid, receipt: &[u8]) {
        let mut seen = self.lock();
        if let Some(what) = misread(paid, receipt) {
            seen.wrong.push(format!("token {}: {what}", paid.identity));
        }
        let first = seen.receipts.entry(paid.identity).or_insert_with(|| receipt.to_vec());
        if first != receipt {
            seen.wrong.push(format!("token {} has two receipts", paid.identity));
        }
    }

    /// The center has answered what it must not.
    pub(super) fn wrong(&self, what: String) {
        self.lock().wrong.push(what);
    }

    /// Mischief was answered as it must be, or is told as wrong.
    pub(super) fn mischief(&self) {
        self.lock().mischief += 1;
    }

    /// A card's last word on a purse.
    pub(super) fn purse(&self, purse: Purse) {
        self.lock().purses.push(purse);
    }

    /// One of the last tokens of all clients, if there is any.
    pub(super) fn any_recent(&self, draws: &mut Draws) -> Option<Arc<Paid>> {
        let seen = self.lock();
        let recent = &seen.paid[seen.paid.len().saturating_sub(RECENT)..];
        (!recent.is_empty()).then(|| Arc::clone(&recent[draws.below(recent.len())]))
    }

    /// Everything.
    pub(super) fn into_seen(self) -> Seen {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a receipt says that one of this token, settled, does not.
fn misread(paid: &Paid, receipt: &[u8]) -> Option<&'static str> {
    let Ok(receipt) = Signed::<Receipt>::parse(receipt) else {
        return Some("its receipt is none");
    };
    let said = receipt.message();
    if (said.token, said.account) != (paid.identity, paid.account) {
        return Some("its receipt is another token's");
    }
    (said.outcome != Outcome::Settled).then_some("it was not settled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{TestCenter, buyer};

    #[test]
    fn a_token_that_gets_two_receipts_or_anothers_is_told() {
        let (mut card, center) = buyer(0xCA, 1_000, 1..=2);
        let licence = center.deliver(&card.keys(), 1).licence;
        let [first, other] = [1, 2].map(|number| card.buy(&center, number).unwrap());
        let paid = Paid::of(center.account(), first.clone(), &licence);
        let wrong = |receipts: &[Vec<u8>]| {
            let tally = Tally::default();
            receipts.iter().for_each(|receipt| tally.receipt(&paid, receipt));
            tally.into_seen().wrong.len()
        };
        let receipt = |token: &[u8], entry| center.receipt(token, entry).to_bytes();
        let mut suspense = center.receipt_for(&first, 1);
        suspense.outcome = Outcome::Suspense;
        let suspense = sign(&center, suspense);
        assert_eq!(wrong(&[receipt(&first, 1), receipt(&first, 1)]), 0);
        assert_eq!(wrong(&[receipt(&first, 1), receipt(&first, 2)]), 1);
        assert_eq!(wrong(&[receipt(&other, 1)]), 1);
        assert_eq!(wrong(&[suspense]), 1);
        assert_eq!(wrong(&[b"no receipt".to_vec()]), 1);
    }

    fn sign(center: &TestCenter, receipt: Receipt) -> Vec<u8> {
        center.sign(saifu_wire::certificate::Role::Receipt, receipt).to_bytes()
    }
}
