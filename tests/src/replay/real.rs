//! The real center's desk: saifu-center in a folder, asked in process.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::clock::Clock;
use saifu_center::config::{Config as CenterConfig, PurseConfig};
use saifu_center::ledger::reconcile;
use saifu_center::refusal::Refusal;
use saifu_center::store::{LoadRow, Validity};
use saifu_center::{Center, Options, money};
use saifu_model::{Config, OrderTerms, Token};
use saifu_wire::signed::{Event, EventKind, Message, Outcome, Signed};
use saifu_wire::stream::HEADER_BYTES;
use saifu_wire::value::Kind;
use saifu_wire::{AccountId, CenterId, ContentId, LoadId, OrderId};
use tempfile::TempDir;

use super::desk::{
    Answer, CONTENT, DATE, Delivered, Desk, LATE, NOW, No, Opened, Stand, UNIT, payment, refuse,
};
use super::signed::as_of;

/// For how many days the orders wait.
const ORDER_DAYS: u32 = 7;

/// When they have waited too long.
const ENDED: u64 = NOW + 86_400 * (ORDER_DAYS as u64 + 1);

/// The purses' kinds and units.
const PURSES: [(&str, &str); 2] = [("bit-cash", "JPY"), ("cyber-coin", "POINT")];

/// The kinds' codes.
const KINDS: [Kind; 2] = [Kind::BitCash, Kind::CyberCoin];

/// A clock whose hand the replay moves.
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A center as it is before a way begins: its folder, to be copied for each.
pub(super) struct RealTemplate {
    folder: TempDir,
    works: Vec<ContentId>,
    accounts: Vec<AccountId>,
    starts: [i8; 2],
}

/// A center in the middle of a way.
pub(super) struct RealDesk {
    center: Center,
    clock: Arc<Hand>,
    works: Vec<ContentId>,
    accounts: Vec<AccountId>,
    orders: Vec<Placed>,
    loads: Vec<LoadRow>,
    /// Purses that have had their one load.
    had: Vec<(AccountId, u32)>,
    _folder: TempDir,
}

/// An order of the model, as it was placed.
struct Placed {
    order: u8,
    id: OrderId,
    licence: Vec<u8>,
    ended: bool,
}

impl RealTemplate {
    /// A center with this world's purses and works, and nobody registered yet.
    pub(super) fn new(config: &Config) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let center = open(folder.path(), &hand(), center_config(config));
        let add = |terms: &OrderTerms| {
            let work = new_work(terms, config);
            let added = center.add_work(&mut Cursor::new(CONTENT), work).expect("a work");
            center.publish(added.added.work, added.version).expect("a published work").added.work
        };
        let works = config.orders.iter().map(add).collect();
        drop(center);
        Self { folder, works, accounts: Vec::new(), starts: config.start }
    }

    /// Opens it, for cards to register and to be given what they begin with.
    pub(super) fn open(&self) -> Center {
        open(self.folder.path(), &hand(), CenterConfig::default())
    }

    /// Notes the cards' accounts, in their order.
    pub(super) fn registered(&mut self, accounts: Vec<AccountId>) {
        self.accounts = accounts;
    }

    /// A copy of it, opened.
    pub(super) fn start(&self) -> RealDesk {
        let folder = tempfile::tempdir().expect("a folder");
        copy(self.folder.path(), folder.path());
        let clock = hand();
        let center = open(folder.path(), &clock, CenterConfig::default());
        let started = |purse: &u32| self.starts[*purse as usize - 1] > 0;
        let purses = || [1, 2].into_iter().filter(started);
        let had = self.accounts.iter().flat_map(|account| purses().map(|purse| (*account, purse)));
        RealDesk {
            center,
            clock,
            works: self.works.clone(),
            had: had.collect(),
            accounts: self.accounts.clone(),
            orders: Vec::new(),
            loads: Vec::new(),
            _folder: folder,
        }
    }
}

fn hand() -> Arc<Hand> {
    Arc::new(Hand(AtomicU64::new(NOW)))
}

fn open(folder: &Path, clock: &Arc<Hand>, config: CenterConfig) -> Center {
    let clock: Arc<dyn Clock> = Arc::<Hand>::clone(clock);
    Center::open(folder, Options { config, clock, ..Options::default() }).expect("a center")
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs::create_dir_all(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A purse begins with its start, or is loaded with one unit when a load is asked for.
fn center_config(config: &Config) -> CenterConfig {
    let purse = |at: usize| {
        let (kind, unit) = PURSES[at];
        let cap = u64::from(config.cap.unsigned_abs());
        let initial = u64::from(config.start[at].max(1).unsigned_abs()) * UNIT;
        let not_after = if config.purses_end[at] { DATE } else { 0 };
        let purse = PurseConfig::new(at as u32 + 1, kind, unit, UNIT * cap, initial);
        PurseConfig { not_after, ..purse }
    };
    let purses = vec![purse(0), purse(1)];
    CenterConfig { purses, order_days: ORDER_DAYS, ..CenterConfig::default() }
}

fn new_work(terms: &OrderTerms, config: &Config) -> NewWork {
    let (kind, unit) = PURSES[terms.kind];
    let price = money::parse_price(&format!("{kind}:{unit}:{UNIT}")).expect("a price");
    let media_type: saifu_center::preview::MediaType = "text/plain".parse().expect("a type");
    let not_after = if config.licences_end { DATE } else { 0 };
    NewWork {
        shop: None,
        edition_of: None,
        sha256: None,
        title: "A work".into(),
        creator: "Nobody".into(),
        description: String::new(),
        media_type: media_type.clone(),
        prices: vec![price],
        payment: payment(terms),
        uses: config.uses.into(),
        validity: Validity { not_after, ..Validity::default() },
        preview: PreviewSource::Brought { media_type, bytes: b"A few words of it.".to_vec() },
    }
}

impl RealDesk {
    fn account(&self, card: u8) -> AccountId {
        self.accounts[usize::from(card)]
    }

    fn placed(&self, order: u8) -> Answer<&Placed> {
        let found = self.orders.iter().find(|placed| placed.order == order);
        found.ok_or_else(|| No::Refused("not-found: no such order".into()))
    }

    fn load(&self, id: LoadId) -> Answer<&LoadRow> {
        let found = self.loads.iter().find(|load| load.id == id);
        found.ok_or_else(|| No::Refused("not-found: no such load".into()))
    }

    /// Asks at the time at which the order has run out, or has not.
    fn at_order_time<T>(&self, order: u8, ask: impl FnOnce(&Center) -> T) -> T {
        let ended = self.orders.iter().any(|placed| placed.order == order && placed.ended);
        self.at(if ended { ENDED } else { NOW }, ask)
    }

    fn at<T>(&self, time: u64, ask: impl FnOnce(&Center) -> T) -> T {
        self.clock.0.store(time, Ordering::SeqCst);
        let answer = ask(&self.center);
        self.clock.0.store(NOW, Ordering::SeqCst);
        answer
    }

    /// Notes a load that a card says it took: its purse has had its value.
    fn note_closed(&mut self, event: &[u8]) {
        let Ok(event) = Signed::<Event>::parse(event) else { return };
        let said = event.message();
        if said.kind == EventKind::Credited {
            self.had.push((said.account, said.purse));
        }
    }

    fn card_and_order(&self, account: AccountId, order: OrderId) -> (u8, u8) {
        let card = self.accounts.iter().position(|known| *known == account);
        let placed = self.orders.iter().find(|placed| placed.id == order);
        (card.expect("a card's account") as u8, placed.expect("an order of the way").order)
    }
}

impl Desk for RealDesk {
    fn id(&self) -> CenterId {
        self.center.id()
    }

    fn order(&mut self, order: u8, card: u8) -> Answer<Delivered> {
        if card != 0 {
            return Err(No::NotOffered("licensing an order to the card that replaces another"));
        }
        let (account, work) = (self.account(card), self.works[usize::from(order)]);
        let key = format!("order-{order}");
        let row = self.at_order_time(order, |center| center.place_order(account, &key, work, None));
        let row = row.map_err(problem)?;
        let mut header = Vec::new();
        let mut delivery = self.center.delivery(row.id).map_err(problem)?.stream();
        delivery.read_to_end(&mut header).expect("a delivery");
        let segments = header.split_off(HEADER_BYTES);
        if self.placed(order).is_err() {
            let licence = row.licence.clone();
            self.orders.push(Placed { order, id: row.id, licence, ended: false });
        }
        Ok(Delivered { licence: row.licence, header, segments })
    }

    fn end_order(&mut self, order: u8) -> Answer<()> {
        self.placed(order)?;
        self.orders.iter_mut().filter(|placed| placed.order == order).for_each(|placed| {
            placed.ended = true;
        });
        Ok(())
    }

    fn open_load(&mut self, card: u8, purse: u8) -> Answer<Opened> {
        let (account, purse) = (self.account(card), u32::from(purse) + 1);
        if self.had.contains(&(account, purse)) {
            return Err(No::NotOffered("a second load of a purse"));
        }
        let row = self.center.open_load(account, purse).map_err(problem)?;
        let opened = Opened { id: row.id, nonce: row.nonce };
        if self.load(row.id).is_err() {
            self.loads.push(row);
        }
        Ok(opened)
    }

    fn open_refund(&mut self, _token: Token) -> Answer<Opened> {
        Err(No::NotOffered("refunds"))
    }

    fn issue_credit(&mut self, load: LoadId, challenge: &[u8]) -> Answer<Vec<u8>> {
        self.center.answer_challenge(load, challenge).map_err(problem)
    }

    fn close_load(&mut self, load: LoadId, event: &[u8]) -> Answer<()> {
        self.center.close_load(load, event).map_err(problem)?;
        self.note_closed(event);
        Ok(())
    }

    /// The center books the event in a challenge that answers another of its nonces; for a load
    /// that the card gave up, it has no credit to answer with then.
    fn close_by_challenge(&mut self, load: LoadId, challenge: &[u8]) -> Answer<()> {
        let signed = as_of::<saifu_wire::signed::Challenge>(challenge)?;
        let said = signed.message();
        let last = as_of::<Event>(&said.last.0)?;
        if last.message().load != load {
            return refuse("conflict: the challenge says nothing of this load");
        }
        let asked = self.loads.iter().find(|row| row.nonce == said.nonce);
        let asked = asked.ok_or_else(|| No::Refused("not-found: no such nonce".into()))?.id;
        let answer = self.center.answer_challenge(asked, challenge);
        if last.message().kind != EventKind::Voided {
            answer.map_err(problem)?;
        }
        self.note_closed(&said.last.0);
        Ok(())
    }

    fn withdraw(&mut self, load: LoadId) -> Answer<()> {
        self.load(load)?;
        Err(No::NotOffered("giving back a load without credit"))
    }

    fn settle(&mut self, of: Token, token: &[u8]) -> Answer<Vec<u8>> {
        let licence = self.placed(of.order)?.licence.clone();
        self.at_order_time(of.order, |center| center.settle(token, Some(&licence))).map_err(problem)
    }

    fn settle_as(&mut self, of: Token, token: &[u8], card: u8) -> Answer<Vec<u8>> {
        let signed = as_of::<saifu_wire::signed::Token>(token)?;
        let account = self.account(card);
        let claimed = saifu_wire::signed::Token { account, ..signed.message().clone() };
        let claimed = resigned(claimed, *signed.signature());
        self.settle(of, &claimed)
    }

    fn book_expiry(&mut self, _card: u8, _purse: u8, _event: &[u8]) -> Answer<()> {
        Err(No::NotOffered("booking what expired"))
    }

    fn sign_time(&mut self, card: u8, challenge: &[u8], late: bool) -> Answer<Vec<u8>> {
        let time = if late { LATE } else { NOW };
        self.at(time, |center| center.sign_time(self.account(card), challenge)).map_err(problem)
    }

    fn stand(&self) -> Stand {
        let books = reconcile(&self.center.books().expect("the books"));
        let of_kind = |kind: Kind| {
            let sums = books.kinds.iter().find(|sums| sums.kind == kind);
            sums.map_or(0, |sums| sums.unapplied.unsigned_abs() / UNIT)
        };
        let mut stand =
            Stand { unapplied: KINDS.map(of_kind), findings: books.findings, ..Stand::default() };
        for sale in self.center.sales(0, 100).expect("the sales") {
            let of = self.card_and_order(sale.account, sale.order);
            match sale.outcome {
                Outcome::Settled => stand.settled.push(of),
                Outcome::Suspense => stand.suspense.push(of),
            }
        }
        stand.settled.sort_unstable();
        stand.suspense.sort_unstable();
        stand
    }
}

/// A message under a signature that was made for another.
fn resigned<M: Message>(message: M, signature: [u8; 64]) -> Vec<u8> {
    let signed = Signed::sign(message, |_| Ok::<_, ()>(signature)).expect("a signature");
    signed.to_bytes()
}

fn problem(refusal: Refusal) -> No {
    let code = refusal.code();
    No::Refused(format!("{code:?}: {refusal}"))
}
