//! Cards in the middle of their lives, and what their centers know of them.

use saifu_vsmartcard::personalise::Order;
use saifu_wire::personalise::Limits;
use saifu_wire::signed::Licence;
use saifu_wire::value::PurseTerms;

use super::seen::{Sums, View};
use crate::fixture::{
    CardKeys, Delivery, LIMITS, PIN, PRICE, TestCard, TestCenter, money_purse, point_purse,
    stored_content,
};

/// A card, who may read it, and the value that was loaded and has not left it.
pub(super) struct World {
    pub(super) card: TestCard,
    pub(super) view: View,
    pub(super) value: Sums,
}

impl World {
    /// A card of which nothing is known but its PIN; its applet is selected.
    pub(super) fn of(mut card: TestCard) -> Self {
        card.select();
        let view = View { pins: vec![PIN.to_vec()], ..View::default() };
        Self { card, view, value: Sums::new() }
    }

    /// A card in use that knows no center.
    pub(super) fn in_use() -> Self {
        Self::of(TestCard::in_use(0xCA))
    }

    /// A card in use that pays small amounts without its PIN, with two licences.
    pub(super) fn spender() -> Self {
        let mut card = TestCard::blank(0xCD);
        card.select();
        let limits =
            Limits { per_payment_without_pin: PRICE, total_without_pin: 2 * PRICE, ..LIMITS };
        let order = Order { limits, ..card.order() };
        card.personalise_as(&order);
        let mut world = Self::of(card);
        world.joins(&first(), &[money_purse(1)]);
        world.load(&first(), 1, 1, 1_000);
        (1..=2).for_each(|number| world.order(number));
        world
    }

    /// A card with an account at two centers, and `balance` yen in purse 1 of the first.
    pub(super) fn customer(balance: u64) -> Self {
        let mut world = Self::in_use();
        world.joins(&first(), &[money_purse(1), point_purse(2)]);
        world.joins(&second(), &[money_purse(1)]);
        if balance > 0 {
            world.load(&first(), 1, 1, balance);
        }
        world
    }

    /// As [`World::customer`], with the licences of these numbers.
    pub(super) fn buyer(balance: u64, numbers: std::ops::RangeInclusive<u64>) -> Self {
        let mut world = Self::customer(balance);
        numbers.for_each(|number| world.order(number));
        world
    }

    /// The same once more.
    pub(super) fn copy(&self) -> Self {
        let mut card = TestCard::on(self.card.machine());
        card.select();
        Self { card, view: self.view.clone(), value: self.value.clone() }
    }

    pub(super) fn keys(&mut self) -> CardKeys {
        self.card.keys()
    }

    /// Opens an account with these purses.
    pub(super) fn joins(&mut self, center: &TestCenter, purses: &[PurseTerms]) {
        self.card.introduce(center);
        let opening = center.opening(self.card.id(), 0, purses);
        self.card.open_account(&opening).expect("an account");
        self.view.centers.push(*center);
    }

    /// Loads an amount as the load of this sequence.
    pub(super) fn load(&mut self, center: &TestCenter, purse: u32, sequence: u64, amount: u64) {
        let load = center.load(self.card.id(), purse, sequence, amount);
        self.card.credit(&load).expect("a load");
        *self.value.entry((center.id(), purse)).or_default() += amount;
    }

    /// Loads the licence of this number at the first center.
    pub(super) fn order(&mut self, number: u64) {
        self.order_as(number, |_| ());
    }

    /// Loads a licence after a change of its terms.
    pub(super) fn order_as(&mut self, number: u64, change: impl FnOnce(&mut Licence)) -> Delivery {
        let delivery = first().deliver_as(&self.keys(), number, &stored_content(), change);
        self.card.load_licence(&delivery.licence).expect("a licence");
        delivery
    }

    /// Has whoever reads the card open this work, too.
    pub(super) fn shows(&mut self, number: u64, delivery: &Delivery) {
        self.view.works.push((first(), number, delivery.clone()));
    }

    /// Pays for a licence; the token.
    pub(super) fn buys(&mut self, number: u64) -> Vec<u8> {
        self.card.buy(&first(), number).expect("a token")
    }

    /// Has a token settled.
    pub(super) fn settles(&mut self, token: &[u8]) {
        self.card.acknowledge(&first().receipt(token, 1)).expect("a receipt that is taken");
        less(&mut self.value, PRICE);
    }
}

/// The center that sells.
pub(super) fn first() -> TestCenter {
    TestCenter::new(0xC1)
}

/// Another one.
pub(super) fn second() -> TestCenter {
    TestCenter::new(0xC2)
}

/// Value comes into purse 1 of the first center.
pub(super) fn more(value: &mut Sums, amount: u64) {
    *value.entry((first().id(), 1)).or_default() += amount;
}

/// Value has left purse 1 of the first center.
pub(super) fn less(value: &mut Sums, amount: u64) {
    *value.entry((first().id(), 1)).or_default() -= amount;
    value.retain(|_, amount| *amount > 0);
}
