//! One client: a card, and its sales one after the other.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use saifu_center_api::OrderRequest;
use saifu_host::account::register;
use saifu_host::sale::Step;
use saifu_host::session::Session;
use saifu_vsmartcard::platform::RamPlatform;
use saifu_wire::request::{LicenceRef, PayRequest};
use saifu_wire::signed::{Licence, Signed};
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, test_root};

use super::patient::Way;
use super::tally::{Paid, Purse};
use super::{Storm, cards, mischief};
use crate::fixture::Draws;
use crate::shop::{Anything, pin};

/// The most tokens that are kept back; a card's outbox has places for sixteen.
const MOST_KEPT: usize = 10;

/// A client in the middle of its sales.
pub(super) struct Client<'s> {
    pub(super) storm: &'s Storm,
    pub(super) number: u64,
    pub(super) way: &'s Way,
    pub(super) session: Session<'s>,
    pub(super) draws: Draws,
    account: AccountId,
    /// Paid, and not yet acknowledged.
    kept: Vec<Arc<Paid>>,
}

impl Client<'_> {
    /// Registers, buys its part of the sales, and tells what its card says at the end.
    pub(super) fn live(storm: &Storm, number: u64, machine: RamPlatform) -> Result<(), Anything> {
        let way = storm.patience.way(&storm.server.url())?;
        let (center, mut card) = (way.client(), cards::insert(machine));
        let root = test_root::pinned().ok_or("the test root is well formed")?;
        let mut session = Session::open(&mut card, &center, &root)?;
        let mut loaded = Vec::new();
        let mut observe = |step: &Step| {
            if let Step::ValueLoaded { purse, amount, .. } = step {
                loaded.push((*purse, *amount));
            }
        };
        let account = register(&mut session, &pin()?, &mut observe)?;
        let draws = Draws::new(&format!("storm {} client {number}", storm.seed));
        let mut client =
            Client { storm, number, way: &way, session, draws, account, kept: Vec::new() };
        client.buy_all()?;
        client.tell_purses(&loaded)
    }

    fn buy_all(&mut self) -> Result<(), Anything> {
        let clients = u64::from(self.storm.size.clients);
        let sales = (self.number..self.storm.size.sales).step_by(clients as usize);
        for sale in sales {
            if self.storm.is_broken() {
                return Ok(());
            }
            self.buy(sale)?;
            if self.kept.len() >= MOST_KEPT || self.draws.below(3) > 0 {
                self.settle_kept()?;
            }
        }
        self.settle_kept()
    }

    /// Orders, loads the licence, and pays.
    fn buy(&mut self, sale: u64) -> Result<(), Anything> {
        let work = self.storm.works[self.draws.below(self.storm.works.len())];
        let request = OrderRequest {
            account: self.account.to_string(),
            work: work.to_string(),
            version: None,
        };
        let key = format!("sale-{sale}");
        let order = self.session.client.order(&key, &request)?;
        mischief::order_again(self, &key, &request, &order)?;
        self.session.selected.load_licence(&order.licence.0)?;
        let licence = Signed::<Licence>::parse(&order.licence.0)?;
        let token = self.debit(&licence)?;
        let paid = Paid::of(self.account, token, &licence);
        mischief::before_it_is_known(self, &paid)?;
        self.kept.push(self.storm.tally.paid(paid));
        mischief::of_others(self)
    }

    fn debit(&mut self, licence: &Signed<Licence>) -> Result<Vec<u8>, Anything> {
        let said = licence.message();
        let purse = if said.prices.0[0].kind == Kind::BitCash { 1 } else { 2 };
        let licence = LicenceRef { center: said.center, number: said.number };
        let payment = PayRequest { licence, price_index: 0, purse };
        let (token, _) = self.session.selected.verify(&pin()?)?.debit(&payment)?;
        Ok(token.ok_or("a debit gives a token")?.to_bytes())
    }

    /// Sends in what was kept back, in another order, and acknowledges it.
    fn settle_kept(&mut self) -> Result<(), Anything> {
        while !self.kept.is_empty() {
            let paid = self.kept.swap_remove(self.draws.below(self.kept.len()));
            let receipt = mischief::submit(self, &paid)?;
            self.session.selected.acknowledge(&receipt)?;
            self.storm.settled.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn tell_purses(&mut self, loaded: &[(u32, u64)]) -> Result<(), Anything> {
        let center = self.session.center.id;
        let balances = self.session.selected.verify(&pin()?)?.balances(center)?;
        for purse in &balances.purses.0 {
            let loads = loaded.iter().filter(|(number, _)| *number == purse.purse);
            self.storm.tally.purse(Purse {
                account: self.account,
                kind: purse.kind,
                unit: purse.unit,
                loaded: loads.map(|(_, amount)| amount).sum(),
                balance: purse.balance,
            });
        }
        Ok(())
    }
}
