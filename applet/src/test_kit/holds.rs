//! Decrypt first: licences whose price is put on hold, and what a card answers for them.

use alloc::vec::Vec;

use saifu_wire::answer::LicenceStatus;
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::request::LicenceRef;
use saifu_wire::signed::{Event, Licence, PaymentOrder, Signed, TimeOrder};
use saifu_wire::{Nonce, Wire};

use super::sale::pay;
use super::{PIN, TestCard, TestCenter};
use crate::memory::Key;
use crate::memory::records::{AccountRecord, LicenceRecord};

/// Where a licence, its purse, the chain and the outbox stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: LicenceStatus,
    pub(crate) uses_left: u32,
    pub(crate) balance: u64,
    pub(crate) held: u64,
    pub(crate) counter: u64,
    pub(crate) tokens: usize,
    pub(crate) holds: usize,
}

impl TestCenter {
    /// A card with a balance and licence 1, decrypt first and otherwise changed so.
    pub(crate) fn decrypt_first(
        &self,
        balance: u64,
        change: impl FnOnce(&mut Licence),
    ) -> TestCard {
        let mut card = self.customer(1, balance);
        self.sell_decrypt_first(&mut card, 1, change);
        card
    }

    /// Puts one more decrypt-first licence on a card.
    pub(crate) fn sell_decrypt_first(
        &self,
        card: &mut TestCard,
        number: u64,
        change: impl FnOnce(&mut Licence),
    ) {
        let mut licence = self.licence(card.id(), number);
        licence.payment = PaymentOrder::DecryptFirst;
        change(&mut licence);
        card.load_licence(&self.issue(licence)).unwrap();
    }

    /// The time order for a challenge that is drawn for it.
    pub(crate) fn time_order(&self, card: &mut TestCard, time: u64) -> TimeOrder {
        let nonce = card.send(Ins::GetChallenge, 0, 0, &[]).unwrap();
        let nonce = Nonce(nonce.try_into().unwrap());
        TimeOrder { center: self.id, signer: 1, card: card.id(), nonce, time }
    }

    /// The data of RELEASE and CANCEL.
    pub(crate) fn named(&self, number: u64) -> Vec<u8> {
        LicenceRef { center: self.id, number }.to_bytes()
    }
}

impl TestCard {
    /// VERIFY, then HOLD of the first price of a licence, from purse 1.
    pub(crate) fn hold(&mut self, center: &TestCenter, number: u64) -> Result<Vec<u8>, u16> {
        self.verify(PIN).unwrap();
        self.send(Ins::Hold, 0, 0, &pay(center, number, 0, 1))
    }

    pub(crate) fn release(&mut self, center: &TestCenter, number: u64) -> Result<Vec<u8>, u16> {
        self.send(Ins::Release, 0, 0, &center.named(number))
    }

    /// VERIFY, then CANCEL.
    pub(crate) fn cancel(&mut self, center: &TestCenter, number: u64) -> Result<Vec<u8>, u16> {
        self.verify(PIN).unwrap();
        self.send(Ins::Cancel, 0, 0, &center.named(number))
    }

    /// GET CHALLENGE, then SET TIME with what the center signs for it.
    pub(crate) fn set_time(&mut self, center: &TestCenter, time: u64) -> Result<Vec<u8>, u16> {
        let order = center.time_order(self, time);
        self.send(Ins::SetTime, 0, 0, &center.sign(Role::Licence, order).to_bytes())
    }

    /// Where a licence that purse 1 pays stands, as it is stored.
    pub(crate) fn standing(&self, center: &TestCenter, number: u64) -> Standing {
        let store = self.card.store();
        let licence: LicenceRecord = store.get(&Key::Licence(center.id, number)).unwrap().unwrap();
        let account: AccountRecord = store.get(&Key::Account(center.id)).unwrap().unwrap();
        let purse = self.purse(center, 1);
        Standing {
            status: licence.state.status,
            uses_left: licence.state.uses_left,
            balance: purse.balance,
            held: purse.held,
            counter: account.counter,
            tokens: store.keys(Key::outbox()).count(),
            holds: store.keys(Key::holds()).count(),
        }
    }

    /// Takes an event apart that must be this card's.
    pub(crate) fn event(&self, bytes: &[u8]) -> Event {
        let event: Signed<Event> = Signed::parse(bytes).unwrap();
        self.verifier().verify(&[event.unsigned()], event.signature()).unwrap();
        event.message().clone()
    }
}
