//! What a way begins with: cards with accounts and their first value, at either desk.
//!
//! It is made once for each world and copied for each way. Where a world's outboxes can be full,
//! the places that the model's card does not have are taken by tokens that no licence paid.

use std::sync::{Arc, Mutex, PoisonError};

use saifu_applet::crypto::hash::sha256;
use saifu_applet::memory::records::OutboxRecord;
use saifu_applet::memory::{Change, Key, Store};
use saifu_center::Center;
use saifu_model::Config;
use saifu_vsmartcard::platform::RamPlatform;
use saifu_wire::answer::CERTIFICATES;
use saifu_wire::certificate::Certificate;
use saifu_wire::codec::{Bytes, Reader};
use saifu_wire::ins::Ins;
use saifu_wire::request::{ChallengeRequest, PurseRef};
use saifu_wire::{AccountId, Digest, Wire};

use super::card::ReplayCard;
use super::desk::{Desk, UNIT};
use super::real::RealTemplate;
use super::signed::{SignedDesk, purses};
use crate::fixture::{CardKeys, OUTBOX_PLACES, PIN, TestCard, TestCenter};

/// The cards' seeds, by the model's number.
const SEEDS: [u8; 2] = [0xCA, 0xCB];

/// What the tokens say they pay that take places away; no order of a world has this number.
pub(super) const NO_LICENCE: u64 = u64::MAX;

/// Who plays the center.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Player {
    /// saifu-center.
    Real,
    /// The fixture, which signs what a center would sign.
    Fixture,
}

/// A world as it is before a way begins.
pub(super) struct Stage {
    config: Config,
    machines: Vec<RamPlatform>,
    desk: Prepared,
}

enum Prepared {
    Real(Box<RealTemplate>),
    Fixture(TestCenter, Vec<CardKeys>),
}

impl Stage {
    /// The stage of a world and a player; made once.
    pub(super) fn of(config: Config, player: Player) -> Arc<Self> {
        type Made = Mutex<Vec<(Player, Arc<Stage>)>>;
        static MADE: Made = Mutex::new(Vec::new());
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |(by, stage): &&(Player, Arc<Self>)| (*by, stage.config) == (player, config);
        if let Some((_, stage)) = made.iter().find(same) {
            return Arc::clone(stage);
        }
        let stage = Arc::new(Self::new(config, player));
        made.push((player, Arc::clone(&stage)));
        stage
    }

    fn new(config: Config, player: Player) -> Self {
        let mut cards: Vec<_> = SEEDS[..config.cards].iter().map(|seed| blank(*seed)).collect();
        let desk = match player {
            Player::Real => Prepared::Real(Box::new(join_real(&config, &mut cards))),
            Player::Fixture => join_fixture(&config, &mut cards),
        };
        if config.orders.len() > usize::from(config.outbox_places) {
            fill(&mut cards[0], OUTBOX_PLACES - u64::from(config.outbox_places));
        }
        Self { config, machines: cards.iter().map(TestCard::machine).collect(), desk }
    }

    /// A desk and cards, for the way of this name.
    pub(super) fn start(&self, name: &str) -> (Box<dyn Desk>, Vec<ReplayCard>) {
        let desk: Box<dyn Desk> = match &self.desk {
            Prepared::Real(template) => Box::new(template.start()),
            Prepared::Fixture(center, keys) => {
                Box::new(SignedDesk::new(*center, self.config, keys.clone()))
            }
        };
        let way = sha256(&[name.as_bytes()]);
        let on = |machine: &RamPlatform| ReplayCard::on(machine.clone(), desk.id(), way);
        let cards = self.machines.iter().map(on).collect();
        (desk, cards)
    }

    /// How many loads a purse had before the way began.
    pub(super) fn loads_before(config: &Config, purse: u8) -> u64 {
        u64::from(config.start[usize::from(purse)] > 0)
    }
}

fn blank(seed: u8) -> TestCard {
    let mut card = TestCard::in_use(seed);
    card.select();
    card
}

/// Takes places away that the card's one center has in the outbox, with the last counters there
/// are.
fn fill(card: &mut TestCard, places: u64) {
    let mut store = Store::recover(card.machine());
    let Some(Key::Account(center)) = store.keys(Key::accounts()).next() else {
        panic!("a card that joined a center");
    };
    let waiting =
        OutboxRecord { licence: NO_LICENCE, identity: Digest::ZERO, token: Bytes(Vec::new()) };
    let mut change = Change::new();
    for place in 0..places {
        change.put(Key::Outbox(center, u64::MAX - place), &waiting);
    }
    store.commit(change).expect("a memory that works");
    *card = TestCard::on(store.into_platform());
    card.select();
}

/// Registers the cards at the real center, and has it load what they begin with.
fn join_real(config: &Config, cards: &mut [TestCard]) -> RealTemplate {
    let mut template = RealTemplate::new(config);
    let center = template.open();
    let join = |card: &mut TestCard| {
        let account = register(&center, card);
        (1..=2).filter(|purse| config.start[*purse as usize - 1] > 0).for_each(|purse| {
            load_real(&center, card, account, purse);
        });
        account
    };
    let accounts = cards.iter_mut().map(join).collect();
    drop(center);
    template.registered(accounts);
    template
}

fn register(center: &Center, card: &mut TestCard) -> AccountId {
    let bytes = card.get_data(CERTIFICATES).expect("two certificates");
    let mut reader = Reader::new(&bytes);
    let mut next = || Certificate::read_next(&mut reader).expect("a certificate").to_bytes();
    let (signature, encryption) = (next(), next());
    let account = center.register(&signature, &encryption).expect("an account");
    for certificate in center.certificates() {
        let content = Certificate::parse(&certificate).expect("a certificate").content();
        card.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).expect("a key");
    }
    card.send(Ins::OpenAccount, 0, 0, &account.opening).expect("an account");
    account.id
}

fn load_real(center: &Center, card: &mut TestCard, account: AccountId, purse: u32) {
    let load = center.open_load(account, purse).expect("a load");
    card.verify(PIN).expect("the right PIN");
    let purse = PurseRef { center: center.id(), purse };
    let request = ChallengeRequest { purse, nonce: load.nonce };
    let challenge = card.send(Ins::GetCreditChallenge, 0, 0, &request.to_bytes());
    let credit = center.answer_challenge(load.id, &challenge.expect("a challenge"));
    let event = card.send(Ins::Credit, 0, 0, &credit.expect("a credit")).expect("an event");
    center.close_load(load.id, &event).expect("a closed load");
}

fn join_fixture(config: &Config, cards: &mut [TestCard]) -> Prepared {
    let center = TestCenter::new(0xC1);
    for card in &mut *cards {
        card.introduce(&center);
        let opening = center.opening(card.id(), 0, &purses(config));
        card.open_account(&opening).expect("an account");
        for (purse, start) in (1..).zip(config.start).filter(|(_, start)| *start > 0) {
            let amount = u64::from(start.unsigned_abs()) * UNIT;
            card.credit(&center.load(card.id(), purse, 1, amount)).expect("a load");
        }
    }
    Prepared::Fixture(center, cards.iter_mut().map(TestCard::keys).collect())
}
