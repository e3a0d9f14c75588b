//! A shop, a private pcscd, and a card with an account and 1,000 JPY in its first reader.

use crate::card::{At, Stopping, TestCard};
use crate::program::{Ran, Running};
use crate::shop::{PIN, PRICE, Shop, TITLE, photograph_bytes};
use saifu_center::ledger::reconcile;
use saifu_center::{Center, Options};
use saifu_vsmartcard::harness::{CardThread, PrivatePcscd};
use saifu_vsmartcard::plug::InSlot;
use std::fs;
use std::process::Command;

/// What the card holds at first.
pub(crate) const INITIAL: u64 = 1_000;

/// The name of the file that is bought.
pub(crate) const FILE: &str = "bought.jpg";

pub(crate) struct Desk {
    pub(crate) shop: Shop,
    pub(crate) card: TestCard,
    pub(crate) in_reader: Option<CardThread>,
    pub(crate) pcscd: PrivatePcscd,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let mut desk = Self::without_card(pcscd());
        desk.put_in();
        desk.saifu(&["register"]).good();
        desk
    }

    /// A desk whose card was not used yet and is in no reader.
    pub(crate) fn without_card(pcscd: PrivatePcscd) -> Self {
        let shop = Shop::new(INITIAL);
        let card = TestCard::new(&shop.path("card"));
        Self { shop, card, in_reader: None, pcscd }
    }

    pub(crate) fn put_in(&mut self) {
        self.in_reader = Some(self.insert(0, self.card.clone()));
    }

    /// Puts any card into the first (0) or second (1) reader.
    pub(crate) fn insert(&self, slot: u8, card: impl InSlot + Send + 'static) -> CardThread {
        CardThread::start(card, self.pcscd.vpcd_port_of(slot)).unwrap()
    }

    /// Runs `saifu` with the card in a reader.
    #[track_caller]
    pub(crate) fn saifu(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).ran()
    }

    /// Begins to run `saifu` with the card in a reader.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.pcscd.client(env!("CARGO_BIN_EXE_saifu"));
        Running::start(self.shop.at_home(&mut command).args(arguments))
    }

    /// Begins to buy the photograph, with more arguments.
    pub(crate) fn buy(&self, more: &[&str]) -> Running {
        self.start(&[&["buy", TITLE, "-o", FILE, "--yes"], more].concat())
    }

    /// Begins to buy the photograph with a card that stops, and waits until it has.
    #[track_caller]
    pub(crate) fn buy_until(&self, at: At, more: &[&str]) -> (Running, Stopping) {
        let stopping = self.card.stop(at);
        let running = self.buy(more);
        stopping.wait();
        (running, stopping)
    }

    /// Checks that the photograph was bought and paid, once, and that all of it is finished.
    #[track_caller]
    pub(crate) fn assert_sold(&self) {
        self.shop.assert_sold(&|arguments| self.saifu(arguments));
    }

    /// Checks that nothing was paid, and that there is no file.
    #[track_caller]
    pub(crate) fn assert_nothing_paid(&self) {
        assert!(!self.shop.path(FILE).exists());
        let purses = self.saifu(&["balance", "--json"]).json();
        assert_eq!(purses["purses"][0]["balance"], INITIAL);
        assert_eq!(self.shop.settled(), Vec::<u64>::new());
    }
}

pub(crate) fn pcscd() -> PrivatePcscd {
    PrivatePcscd::start().unwrap_or_else(|error| panic!("{error}"))
}

impl Shop {
    /// Lets a command run in this folder, its card in a reader, with the right PIN.
    pub(crate) fn at_home<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.current_dir(self.path("")).env("SAIFU_DATA", self.data());
        command.env("SAIFU_CARD", "pcsc").env("SAIFU_PIN", PIN)
    }

    /// As [`Desk::assert_sold`], where `saifu` runs the program.
    #[track_caller]
    pub(crate) fn assert_sold(&self, saifu: &dyn Fn(&[&str]) -> Ran) {
        let resumed = saifu(&["resume", "--yes"]).good();
        assert_eq!(resumed, "nothing is left to be finished\n");
        assert_eq!(fs::read(self.path(FILE)).unwrap(), photograph_bytes());
        let purses = saifu(&["balance", "--json"]).json();
        assert_eq!(purses["purses"][0]["balance"], INITIAL - PRICE);
        let card = saifu(&["card", "--json"]).json();
        assert_eq!((&card["licences"], &card["outbox"]), (&1.into(), &0.into()));
        assert_eq!(self.settled(), vec![PRICE]);
    }

    /// What was settled, sale by sale, by books that must be right.
    fn settled(&self) -> Vec<u64> {
        let center = Center::open(&self.data().join("center"), Options::default()).unwrap();
        let books = reconcile(&center.books().unwrap());
        assert_eq!(books.findings, Vec::<String>::new());
        let sales = center.sales(0, 10).unwrap();
        let settled = sales.iter().map(|sale| sale.amount).collect::<Vec<_>>();
        let sum = books.kinds.iter().map(|kind| kind.settled.unsigned_abs()).sum::<u64>();
        assert_eq!(settled.iter().sum::<u64>(), sum);
        settled
    }
}
