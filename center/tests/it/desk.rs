//! A center in a folder of its own, and the requests that a terminal sends.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::{Request, Response};
use rusqlite::Connection;
use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::clock::SetClock;
use saifu_center::config::{Config, PurseConfig};
use saifu_center::keys::{Change, Unlock};
use saifu_center::ledger::reconcile;
use saifu_center::preview;
use saifu_center::store::Validity;
use saifu_center::{Center, Options, money};
use saifu_center_api as api;
use saifu_center_api::{HexBytes, Problem, ProblemCode, SignedBytes};
use saifu_wire::signed::{Outcome, PaymentOrder, Receipt, Signed};
use saifu_wire::{LoadId, Nonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::auditing::wrong_books;
use crate::card::Card;
use crate::running::{Expected, Running};

/// 2026-11-22, 00:00 UTC.
pub(crate) const NOW: u64 = 1_795_305_600;

/// A text that is long enough for an excerpt.
pub(crate) const TEXT: &str = "It was a bright cold day in April, and the purse was full. ";

pub(crate) struct Desk {
    // Ends, and is audited, before its folder is removed.
    center: Option<Running>,
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<SetClock>,
}

impl Desk {
    pub(crate) fn open() -> Self {
        Self::of(tempfile::tempdir().unwrap())
    }

    /// A center whose owner has decided otherwise.
    pub(crate) fn with(config: &Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Config::load_or_write(folder.path(), config).unwrap();
        Self::of(folder)
    }

    /// The center of a folder that stays.
    pub(crate) fn of(folder: TempDir) -> Self {
        let clock = Arc::new(SetClock::at(NOW));
        let center = Some(start(folder.path(), &clock));
        Self { center, folder, clock }
    }

    /// A center that was opened elsewhere.
    pub(crate) fn on(folder: TempDir, clock: Arc<SetClock>, center: Center) -> Self {
        let center = Some(Running::new(Arc::new(center), folder.path()));
        Self { center, folder, clock }
    }

    /// Ends the center and starts it again on what it has stored.
    pub(crate) fn reopen(&mut self) {
        drop(self.center.take());
        self.center = Some(start(self.folder.path(), &self.clock));
    }

    /// Ends the center, changes its keys, and starts it again.
    pub(crate) fn change_keys<T>(&mut self, change: impl FnOnce(&mut Change) -> T) -> T {
        drop(self.center.take());
        let keys = self.folder.path().join("keys");
        let changed = change(&mut Change::open(&keys, &Unlock::Nothing).unwrap());
        self.reopen();
        changed
    }

    /// Ends the center and leaves its folder.
    pub(crate) fn close(mut self) -> TempDir {
        drop(self.center.take());
        self.folder
    }

    /// Copies the store as it is now.
    pub(crate) fn back_up(&self) -> PathBuf {
        let backup = self.folder.path().join("backup");
        let store = Connection::open(self.folder.path().join("center.sqlite3")).unwrap();
        store.execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
        backup
    }

    /// Puts an older store back, as from a backup.
    pub(crate) fn restore(&mut self, backup: &Path) {
        drop(self.center.take());
        let store = self.folder.path().join("center.sqlite3");
        for journal in ["center.sqlite3-wal", "center.sqlite3-shm"] {
            // Gone already where the store was closed in peace.
            let _ = fs::remove_file(self.folder.path().join(journal));
        }
        fs::copy(backup, store).unwrap();
        self.center = Some(start(self.folder.path(), &self.clock));
    }

    pub(crate) fn center(&self) -> &Center {
        &self.running().center
    }

    fn running(&self) -> &Running {
        self.center.as_ref().unwrap()
    }

    /// What the auditor may find at the test's end: nothing, where it is not said.
    pub(crate) fn expect(&self, findings: Expected) {
        *self.running().expected.lock().unwrap() = findings;
    }

    /// The center, for a server of its own.
    pub(crate) fn shared(&self) -> Arc<Center> {
        Arc::clone(&self.running().center)
    }

    pub(crate) fn call(&self, request: Request<Vec<u8>>) -> Response<Box<dyn Read + Send>> {
        self.running().in_process.call(request).unwrap()
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        read(self.call(Request::get(path).body(vec![]).unwrap()))
    }

    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<T, Problem> {
        read(self.call(request))
    }

    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        let response = self.call(Request::get(path).body(vec![]).unwrap());
        assert_eq!(response.status(), 200, "{path}");
        let mut bytes = Vec::new();
        response.into_body().read_to_end(&mut bytes).unwrap();
        bytes
    }

    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        let body = serde_json::to_vec(body).unwrap();
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json").body(body).unwrap();
        read(self.call(request))
    }

    pub(crate) fn new_work(text: &str, price: &str) -> NewWork {
        NewWork {
            shop: None,
            edition_of: None,
            sha256: None,
            title: text.chars().take(20).collect(),
            creator: "Nobody".into(),
            description: String::new(),
            media_type: "text/plain".parse().unwrap(),
            prices: vec![money::parse_price(price).unwrap()],
            payment: PaymentOrder::PayFirst,
            uses: 0,
            validity: Validity::default(),
            preview: PreviewSource::Made(preview::Options::default()),
        }
    }

    /// Adds and publishes a text for `price` and returns the work's id.
    pub(crate) fn sell(&self, price: &str) -> String {
        self.sell_text(price, &TEXT.repeat(300))
    }

    /// Adds and publishes a work for `price` that is decrypted first, and returns its id.
    pub(crate) fn sell_decrypt_first(&self, price: &str) -> String {
        let text = TEXT.repeat(300);
        let payment = PaymentOrder::DecryptFirst;
        self.publish(&text, NewWork { payment, ..Self::new_work(&text, price) })
    }

    /// Adds and publishes `text` with these terms, and returns the work's id.
    pub(crate) fn publish(&self, text: &str, work: NewWork) -> String {
        let added = self.center().add_work(&mut Cursor::new(text), work).unwrap();
        self.center().publish(added.added.work, added.version).unwrap();
        added.added.work.to_string()
    }

    /// Adds and publishes `text` for `price` and returns the work's id.
    pub(crate) fn sell_text(&self, price: &str, text: &str) -> String {
        let center = self.center();
        let added = center.add_work(&mut Cursor::new(text), Self::new_work(text, price)).unwrap();
        center.publish(added.added.work, added.version).unwrap();
        added.added.work.to_string()
    }

    pub(crate) fn register(&self, card: &mut Card) -> api::Account {
        let account: api::Account = self.send("POST", "/v1/accounts", &registration(card)).unwrap();
        let center: api::Center = self.get("/v1/center").unwrap();
        card.open_account(&account.opening.0, &center.certificates[3].0);
        account
    }

    /// A card that is registered and has its initial value.
    pub(crate) fn customer(&self) -> Card {
        let mut card = Card::new();
        self.register(&mut card);
        let load = self.open_load(&card).unwrap();
        let credit = self.credit(&card, &load).unwrap();
        let event = card.credit(&credit);
        self.close_load(&load, &event).unwrap();
        card
    }

    pub(crate) fn open_load(&self, card: &Card) -> Result<api::Load, Problem> {
        let path = format!("/v1/accounts/{}/loads", card.account);
        self.send("POST", &path, &api::LoadRequest { purse: 1 })
    }

    pub(crate) fn credit(&self, card: &Card, load: &api::Load) -> Result<Vec<u8>, Problem> {
        let nonce = Nonce(load.nonce.0.clone().try_into().unwrap());
        self.challenge(load, &card.challenge(1, nonce))
    }

    pub(crate) fn challenge(&self, load: &api::Load, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        self.put(&format!("/v1/loads/{}/challenge", load.id), bytes)
    }

    pub(crate) fn close_load(&self, load: &api::Load, event: &[u8]) -> Result<Vec<u8>, Problem> {
        self.put(&format!("/v1/loads/{}/receipt", load.id), event)
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        let body = SignedBytes { signed: HexBytes(bytes.to_vec()) };
        self.send::<SignedBytes>("PUT", path, &body).map(|answer| answer.signed.0)
    }

    pub(crate) fn order(&self, card: &Card, work: &str, key: &str) -> Result<api::Order, Problem> {
        self.order_version(card, work, key, None)
    }

    pub(crate) fn order_version(
        &self,
        card: &Card,
        work: &str,
        key: &str,
        version: Option<u32>,
    ) -> Result<api::Order, Problem> {
        let (account, work) = (card.account.to_string(), work.to_owned());
        let body = serde_json::to_vec(&api::OrderRequest { account, work, version }).unwrap();
        let request = Request::post("/v1/orders").header("content-type", "application/json");
        read(self.call(request.header("idempotency-key", key).body(body).unwrap()))
    }

    /// Asks for the work of an order again.
    pub(crate) fn again(&self, order: &str, key: &str) -> Result<api::Order, Problem> {
        let request = Request::post(format!("/v1/orders/{order}/again"));
        read(self.call(request.header("idempotency-key", key).body(vec![]).unwrap()))
    }

    /// Orders a work, pays it with purse 1 and settles it; returns order and token.
    pub(crate) fn buy(&self, card: &mut Card, work: &str, key: &str) -> (api::Order, Vec<u8>) {
        let order = self.order(card, work, key).unwrap();
        let token = card.debit(&order.licence.0);
        assert_eq!(self.outcome(&token, &order.licence.0), Outcome::Settled);
        (order, token)
    }

    pub(crate) fn delivery(&self, order: &api::Order) -> Vec<u8> {
        self.bytes(&format!("/v1/orders/{}/delivery", order.id))
    }

    pub(crate) fn settle(&self, token: &[u8], licence: &[u8]) -> Result<Vec<u8>, Problem> {
        let (token, licence) = (HexBytes(token.to_vec()), HexBytes(licence.to_vec()));
        self.pay(api::Payment { token, licence: Some(licence) })
    }

    /// Settles a token whose licence is lost.
    pub(crate) fn settle_alone(&self, token: &[u8]) -> Result<Vec<u8>, Problem> {
        self.pay(api::Payment { token: HexBytes(token.to_vec()), licence: None })
    }

    fn pay(&self, payment: api::Payment) -> Result<Vec<u8>, Problem> {
        self.send::<SignedBytes>("POST", "/v1/settlements", &payment).map(|answer| answer.signed.0)
    }

    /// Sends an event in, one that closes no load.
    pub(crate) fn event(&self, event: &[u8]) -> Result<Vec<u8>, Problem> {
        self.post("/v1/events", event)
    }

    /// Sends a Closing in.
    pub(crate) fn close_card(&self, closing: &[u8]) -> Result<Vec<u8>, Problem> {
        self.post("/v1/closings", closing)
    }

    fn post(&self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        let body = SignedBytes { signed: HexBytes(bytes.to_vec()) };
        self.send::<SignedBytes>("POST", path, &body).map(|answer| answer.signed.0)
    }

    /// How many links of chains are missing.
    pub(crate) fn gaps(&self) -> u64 {
        self.center().books().unwrap().gaps
    }

    /// Settles and reads how it was booked.
    pub(crate) fn outcome(&self, token: &[u8], licence: &[u8]) -> Outcome {
        let receipt = self.settle(token, licence).unwrap();
        Signed::<Receipt>::parse(&receipt).unwrap().message().outcome
    }

    /// Checks that all value is accounted, and says where it is: unapplied, cards, settled,
    /// suspense.
    pub(crate) fn value(&self) -> [i64; 4] {
        let checked = reconcile(&self.center().books().unwrap());
        assert_eq!(checked.findings, Vec::<String>::new());
        assert_eq!(wrong_books(self), Vec::<String>::new());
        checked
            .kinds
            .first()
            .map_or([0; 4], |sums| [sums.unapplied, sums.cards, sums.settled, sums.suspense])
    }
}

pub(crate) fn registration(card: &Card) -> api::Registration {
    let [signature, encryption] = card.certificates.clone();
    api::Registration {
        signature_certificate: HexBytes(signature),
        encryption_certificate: HexBytes(encryption),
    }
}

pub(crate) fn load_id(load: &api::Load) -> LoadId {
    LoadId::from_hex(&load.id).unwrap()
}

/// The code of a refusal.
pub(crate) fn code<T>(answer: Result<T, Problem>) -> ProblemCode {
    answer.err().expect("a refusal").code().expect("a code of the table")
}

fn start(folder: &Path, clock: &Arc<SetClock>) -> Running {
    let mut config = Config::default();
    config.purses.push(PurseConfig::new(3, "bit-cash", "USD", 100_000, 0));
    let options = Options { config, clock: clock.clone(), ..Options::default() };
    Running::new(Arc::new(Center::open(folder, options).unwrap()), folder)
}

fn read<T: DeserializeOwned>(response: Response<Box<dyn Read + Send>>) -> Result<T, Problem> {
    let (status, kind) = (response.status(), response.headers()["content-type"].clone());
    let mut body = Vec::new();
    response.into_body().read_to_end(&mut body).unwrap();
    if status.is_success() {
        return Ok(serde_json::from_slice(&body).unwrap());
    }
    let problem: Problem = serde_json::from_slice(&body).unwrap();
    assert_eq!(kind, "application/problem+json");
    assert_eq!(problem.status, status.as_u16());
    assert!(problem.detail.len() > 10, "a refusal says why: {problem:?}");
    Err(problem)
}
