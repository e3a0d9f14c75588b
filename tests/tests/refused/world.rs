//! A shop with one work, and a terminal whose way to the center may be tampered with.

use std::io::{Cursor, Read};
use std::path::PathBuf;

use saifu_center_api::{OrderRequest, Registration};
use saifu_host::account;
use saifu_host::card::Card;
use saifu_host::center::{Body, Client, Exchange, NoAnswer};
use saifu_host::cli::Failure;
use saifu_host::sale::{Sale, Sales};
use saifu_host::session::{Session, SessionError};
use saifu_tests::shop::{LedgerSums, REAL_WORKS, RealWork, Shop, Willing, pin, purse};
use saifu_wire::ContentId;
use saifu_wire::certificate::{Body as CertificateBody, Certificate};
use tempfile::TempDir;

/// Takes an answer's path and body, and gives the body that arrives.
pub(crate) type Tamper = Box<dyn Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync>;

/// What must not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value {
    /// The card's balance.
    pub(crate) balance: u64,
    /// The center's ledger.
    pub(crate) ledger: LedgerSums,
}

/// A registered card with 10,000 JPY, and one published work.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) shop: Shop,
    pub(crate) work: RealWork,
    pub(crate) id: ContentId,
    pub(crate) before: Value,
}

impl World {
    /// The work costs 300 JPY.
    pub(crate) fn new() -> Self {
        Self::priced(REAL_WORKS[0].price)
    }

    pub(crate) fn priced(price: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shop = Shop::open(folder.path()).unwrap();
        let work = RealWork { price, ..REAL_WORKS[0] };
        let id = shop.publish(&work).unwrap().added.work;
        register(&shop, &mut shop.card().unwrap());
        let mut world = Self {
            folder,
            work,
            id,
            before: Value { balance: 0, ledger: shop.ledger().unwrap() },
            shop,
        };
        world.before = world.value();
        assert_eq!(world.before.balance, 10_000);
        world
    }

    pub(crate) fn balance(&self) -> u64 {
        let (mut card, client) = (self.shop.card().unwrap(), self.shop.client().unwrap());
        let mut session = Session::open(&mut card, &client, &self.shop.root).unwrap();
        purse(&mut session).unwrap().balance
    }

    pub(crate) fn value(&self) -> Value {
        Value { balance: self.balance(), ledger: self.shop.ledger().unwrap() }
    }

    /// Neither balance nor ledger moved, and no file appeared.
    pub(crate) fn assert_untouched(&self) {
        assert_eq!(self.value(), self.before);
        assert_eq!(self.shop.findings().unwrap(), Vec::<String>::new());
        assert!(!self.output().exists());
    }

    pub(crate) fn output(&self) -> PathBuf {
        self.folder.path().join("bought").join(self.work.file)
    }

    /// What stands beside the output file.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.output().parent().unwrap()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    pub(crate) fn begin(
        &self,
        session: &mut Session<'_>,
        customer: &mut Willing,
    ) -> Result<Sale, Failure> {
        std::fs::create_dir_all(self.output().parent().unwrap()).unwrap();
        let sales = Sales::open(self.folder.path()).unwrap();
        let work = session.client.work(self.id).map_err(Failure::from)?;
        Ok(Sale::begin(&sales, session, customer, work, self.output())?)
    }

    /// A sale up to the debit.
    pub(crate) fn pay(&self, session: &mut Session<'_>) -> Sale {
        let mut sale = self.begin(session, &mut Willing::default()).unwrap();
        let silent = &mut |_: &_| {};
        sale.order(session, silent).unwrap();
        let center = session.center.id;
        let balances = session.selected.verify(&pin().unwrap()).unwrap().balances(center).unwrap();
        let offer = sale.offer(&balances, session.now).unwrap();
        sale.approve(&offer, silent).unwrap();
        sale.load(session, silent).unwrap();
        sale.debit(session, &pin().unwrap(), silent).unwrap();
        sale
    }

    /// A sale up to the receipt, the work not yet fetched.
    pub(crate) fn pay_and_settle(&self, session: &mut Session<'_>) -> Sale {
        let mut sale = self.pay(session);
        sale.settle(session, &mut |_: &_| {}).unwrap();
        sale
    }

    /// Finishes what was begun, over an honest way.
    pub(crate) fn resume(&self) {
        let (mut card, client) = (self.shop.card().unwrap(), self.shop.client().unwrap());
        let mut session = Session::open(&mut card, &client, &self.shop.root).unwrap();
        let sales = Sales::open(self.folder.path()).unwrap();
        let mut unfinished = sales.unfinished().unwrap();
        assert_eq!(unfinished.len(), 1);
        let mut nobody = Willing { pin: String::new() };
        unfinished[0].run(&mut session, &mut nobody, &mut |_: &_| {}).unwrap();
    }

    /// The licence, in hex, that a second card got for the same work.
    pub(crate) fn order_for_another_card(&mut self) -> String {
        let mut other = Card::new(Box::new(self.shop.transport("other").unwrap()));
        let account = register(&self.shop, &mut other);
        let request = OrderRequest { account, work: self.id.to_string(), version: None };
        let order = self.shop.client().unwrap().order("another-cards-order", &request).unwrap();
        self.before.ledger = self.shop.ledger().unwrap();
        hex::encode(order.licence.0)
    }

    /// Registrations that a terminal could make up: a key of its own, or another card's.
    pub(crate) fn forged_registrations(&self) -> Vec<(&'static str, Registration)> {
        let [signature, encryption] = certificates(&mut self.shop.card().unwrap());
        let mut other = Card::new(Box::new(self.shop.transport("stranger").unwrap()));
        let [_, others_encryption] = certificates(&mut other);
        let own = forge(encryption.body(), others_encryption.body());
        let registration = |encryption: Vec<u8>| Registration {
            signature_certificate: signature.to_bytes().into(),
            encryption_certificate: encryption.into(),
        };
        vec![
            ("a key of its own under the card's name", registration(own)),
            ("another card's certificate", registration(others_encryption.to_bytes())),
            ("a signature key as Kup", registration(signature.to_bytes())),
        ]
    }
}

/// A certificate that says what the card's says, but for the key; its signature is made up.
fn forge(of: &CertificateBody, key_of: &CertificateBody) -> Vec<u8> {
    let body = CertificateBody { key: key_of.key.clone(), ..of.clone() };
    let sign = |_: &[u8]| Ok::<_, std::convert::Infallible>([7; 64]);
    Certificate::sign(body, sign).unwrap().to_bytes()
}

fn certificates(card: &mut Card) -> [Certificate; 2] {
    card.select().unwrap().certificates().unwrap()
}

/// Registers a card, and gives its account.
fn register(shop: &Shop, card: &mut Card) -> String {
    let client = shop.client().unwrap();
    let mut session = Session::open(card, &client, &shop.root).unwrap();
    account::register(&mut session, &pin().unwrap(), &mut |_: &_| {}).unwrap().to_string()
}

/// One try to buy the world's work.
pub(crate) struct Attempt<'w> {
    world: &'w World,
    pub(crate) customer: Willing,
    pub(crate) tamper: Tamper,
}

impl<'w> Attempt<'w> {
    /// With the right PIN, over a way that changes nothing.
    pub(crate) fn honest(world: &'w World) -> Self {
        Self { world, customer: Willing::default(), tamper: Box::new(|_, body| body) }
    }

    /// The way to the center, tampered with; can be had once.
    pub(crate) fn client(&mut self) -> Client {
        let honest = std::mem::replace(&mut self.tamper, Box::new(|_, body| body));
        let center = Box::new(self.world.shop.exchange().unwrap());
        Client::new(Box::new(Tampered { center, tamper: honest }))
    }

    pub(crate) fn buy(mut self) -> Result<(), Failure> {
        let client = self.client();
        let mut card = self.world.shop.card().unwrap();
        let root = &self.world.shop.root;
        let mut session = Session::open(&mut card, &client, root).map_err(session_failed)?;
        let mut sale = self.world.begin(&mut session, &mut self.customer)?;
        let done = sale.run(&mut session, &mut self.customer, &mut |_: &_| {});
        done.map_err(|error| Failure::of_sale(error, sale.record()))
    }
}

fn session_failed(error: SessionError) -> Failure {
    error.into()
}

struct Tampered {
    center: Box<dyn Exchange>,
    tamper: Tamper,
}

impl Exchange for Tampered {
    fn exchange(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Body>, NoAnswer> {
        let path = request.uri().path().to_owned();
        let (mut head, mut body) = self.center.exchange(request)?.into_parts();
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(|error| NoAnswer::Lost(error.to_string()))?;
        let bytes = (self.tamper)(&path, bytes);
        head.headers.insert(http::header::CONTENT_LENGTH, bytes.len().into());
        Ok(http::Response::from_parts(head, Box::new(Cursor::new(bytes))))
    }
}

/// The JSON object in `body` with one member replaced.
pub(crate) fn replace_json(body: Vec<u8>, member: &str, value: serde_json::Value) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    json[member] = value;
    serde_json::to_vec(&json).unwrap()
}
