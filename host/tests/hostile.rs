//! A sale with real card and real center, and hostile ways to both.
#![cfg(feature = "embedded")]

mod shop;

use saifu_center_api::Order;
use saifu_host::account::register;
use saifu_host::card::{Card, Pin};
use saifu_host::center::{Body, Client, Exchange, NoAnswer};
use saifu_host::embedded::{self, EmbeddedCenter};
use saifu_host::sale::{Customer, Next, NoCustomer, Offer, Sale, SaleError, Sales, Step};
use saifu_host::session::{Session, SessionError};
use saifu_host::transport::{Transport, TransportError};
use saifu_host::trust::Untrusted;
use saifu_wire::{ContentId, test_root};
use shop::{PIN, PRICE, Shop, photograph_bytes};
use std::cell::Cell;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::rc::Rc;

struct Willing;

impl Customer for Willing {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        Ok(Pin::new(PIN).unwrap())
    }
    fn approve(&mut self, _: &Offer) -> Result<(), NoCustomer> {
        Ok(())
    }
}

/// A way to the card that breaks once, losing the answer, or passes only short APDUs.
struct Way<T> {
    card: T,
    breaks_after: Rc<Cell<Option<usize>>>,
    extended: bool,
}

impl<T: Transport> Transport for Way<T> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        assert!(self.extended || command.len() <= 4 + 1 + 255 + 1, "a short APDU");
        let answer = self.card.transmit(command)?;
        assert!(self.extended || answer.len() <= 256 + 2, "a short answer");
        let left = self.breaks_after.get();
        self.breaks_after.set(left.and_then(|left| left.checked_sub(1)));
        match left {
            Some(0) => Err(TransportError::Broken { name: "way".into(), reason: "cut".into() }),
            _ => Ok(answer),
        }
    }
    fn reconnect(&mut self) -> Result<(), TransportError> {
        self.card.reconnect()
    }
    fn name(&self) -> &str {
        "way"
    }
    fn passes_extended(&self) -> Option<bool> {
        Some(self.extended)
    }
}

type Change = fn(&str, Vec<u8>) -> Vec<u8>;

/// A way to the center on which answers are changed, by path.
struct Changing(EmbeddedCenter, Change);

impl Exchange for Changing {
    fn exchange(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Body>, NoAnswer> {
        let path = request.uri().path().to_owned();
        let (head, mut body) = self.0.exchange(request)?.into_parts();
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).unwrap();
        let body: Body = Box::new(Cursor::new((self.1)(&path, bytes)));
        Ok(http::Response::from_parts(head, body))
    }
}

fn unchanged(_: &str, bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

/// Ways to card and center of a data folder.
struct Ways {
    data: std::path::PathBuf,
    breaks_after: Rc<Cell<Option<usize>>>,
    extended: bool,
    change: Change,
}

impl Ways {
    fn new(data: &Path) -> Self {
        let breaks_after = Rc::default();
        Self { data: data.to_owned(), breaks_after, extended: true, change: unchanged }
    }

    /// Registers the card.
    fn register(&self) {
        self.with_session(|session, _| {
            let pin = Pin::new(PIN).unwrap();
            Ok(register(session, &pin, &mut |_: &Step| {}).map(drop)?)
        })
        .unwrap();
    }

    /// Buys the work into `output`, or goes on where the last sale stopped.
    fn buy(&self, output: &Path) -> Result<(), SaleError> {
        self.with_session(|session, sales| {
            let unfinished = sales.unfinished()?.pop();
            let mut sale = match unfinished {
                Some(sale) => sale,
                None => {
                    let work = session.client.works()?.remove(0);
                    Sale::begin(sales, session, &mut Willing, work, output.to_owned())?
                }
            };
            sale.run(session, &mut Willing, &mut |_: &Step| {})
        })
    }

    /// Gives up what is not at its end; tells of each whether it was given up.
    fn give_up(&self) -> Vec<bool> {
        let mut all = Vec::new();
        self.with_session(|session, sales| {
            for sale in &mut sales.unfinished()? {
                all.push(sale.give_up(session, &mut Willing, &mut |_: &Step| {})?);
            }
            Ok(())
        })
        .unwrap();
        all
    }

    fn balance(&self) -> u64 {
        let mut balance = 0;
        self.with_session(|session, _| {
            let center = session.center.id;
            let pin = Pin::new(PIN).unwrap();
            balance = session.selected.verify(&pin)?.balances(center)?.purses.0[0].balance;
            Ok(())
        })
        .unwrap();
        balance
    }

    fn with_session(
        &self,
        act: impl FnOnce(&mut Session<'_>, &Sales) -> Result<(), SaleError>,
    ) -> Result<(), SaleError> {
        let sales = Sales::open(&self.data)?;
        let way = Way {
            card: embedded::card(&self.data).unwrap().it,
            breaks_after: Rc::clone(&self.breaks_after),
            extended: self.extended,
        };
        let center = Changing(embedded::center(&self.data).unwrap().it, self.change);
        let (mut card, client) = (Card::new(Box::new(way)), Client::new(Box::new(center)));
        let mut session = Session::open(&mut card, &client, &test_root::pinned().unwrap())?;
        act(&mut session, &sales)
    }
}

fn untrusted(error: &SaleError) -> &Untrusted {
    let SaleError::Session(SessionError::Untrusted(untrusted)) = error else {
        panic!("{error}");
    };
    untrusted
}

#[test]
fn a_reader_that_passes_only_short_apdus_is_enough() {
    let shop = Shop::new(1_000);
    let mut ways = Ways::new(&shop.data());
    ways.extended = false;
    ways.register();
    ways.buy(&shop.path("bought.jpg")).unwrap();
    assert_eq!(fs::read(shop.path("bought.jpg")).unwrap(), photograph_bytes());
    assert_eq!(ways.balance(), 1_000 - PRICE);
}

#[test]
fn an_answer_lost_anywhere_costs_one_price_and_no_work() {
    let shop = Shop::new(100_000);
    let ways = Ways::new(&shop.data());
    ways.register();
    let mut balance = 100_000;
    let mut lost = 0;
    loop {
        let file = shop.path(&format!("{lost}.jpg"));
        ways.breaks_after.set(Some(lost));
        let first = ways.buy(&file);
        if ways.breaks_after.take().is_some() {
            break;
        }
        if first.is_err() {
            ways.buy(&file).unwrap();
        }
        balance -= PRICE;
        assert_eq!(ways.balance(), balance, "after {lost} answers");
        assert_eq!(fs::read(&file).unwrap(), photograph_bytes(), "after {lost} answers");
        lost += 1;
    }
    assert!(lost >= 15, "{lost} answers lost");
    println!("a sale cut at {lost} APDUs: {lost} finished, each paid once");
}

#[test]
fn a_price_that_is_not_the_offered_one_is_found_before_anything_is_paid() {
    let shop = Shop::new(1_000);
    let mut ways = Ways::new(&shop.data());
    ways.register();
    ways.change = |path, bytes| match path {
        "/v1/works" => {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains("\"amount\":300"), "{text}");
            text.replace("\"amount\":300", "\"amount\":3").into_bytes()
        }
        _ => bytes,
    };
    let error = ways.buy(&shop.path("bought.jpg")).unwrap_err();
    assert!(matches!(untrusted(&error), Untrusted::PriceChanged { .. }), "{error}");
    assert_eq!(ways.balance(), 1_000);
}

#[test]
fn a_licence_with_a_lower_price_put_in_is_not_authentic() {
    let shop = Shop::new(1_000);
    let mut ways = Ways::new(&shop.data());
    ways.register();
    ways.change = |path, bytes| match path {
        "/v1/orders" => {
            let mut order: Order = serde_json::from_slice(&bytes).unwrap();
            let price = PRICE.to_be_bytes();
            let found = order.licence.0.windows(8).position(|eight| eight == price).unwrap();
            order.licence.0[found + 7] = 1;
            serde_json::to_vec(&order).unwrap()
        }
        _ => bytes,
    };
    let error = ways.buy(&shop.path("bought.jpg")).unwrap_err();
    assert_eq!(untrusted(&error), &Untrusted::Signature { what: "the licence" });
    assert_eq!(ways.balance(), 1_000);
}

#[test]
fn a_damaged_delivery_leaves_no_file_and_is_fetched_again() {
    let shop = Shop::new(100_000);
    let mut ways = Ways::new(&shop.data());
    ways.register();
    let changes: [Change; 3] = [
        |path, mut bytes| {
            if path.ends_with("/delivery") {
                bytes.truncate(bytes.len() - 4_048);
            }
            bytes
        },
        |path, mut bytes| {
            if path.ends_with("/delivery") {
                let (one, two) = bytes[70..].split_at_mut(4_048);
                one.swap_with_slice(&mut two[..4_048]);
            }
            bytes
        },
        |path, mut bytes| {
            if path.ends_with("/delivery") {
                *bytes.last_mut().unwrap() ^= 1;
            }
            bytes
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let file = shop.path(&format!("{index}.jpg"));
        ways.change = change;
        ways.buy(&file).unwrap_err();
        assert!(!file.exists());
        ways.change = unchanged;
        ways.buy(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), photograph_bytes());
    }
    assert_eq!(ways.balance(), 100_000 - 3 * PRICE);
}

#[test]
fn a_sale_that_is_not_paid_can_be_given_up_and_one_that_is_cannot() {
    let shop = Shop::new(1_000);
    let mut ways = Ways::new(&shop.data());
    ways.register();
    ways.change = |path, bytes| if path == "/v1/orders" { Vec::new() } else { bytes };
    ways.buy(&shop.path("bought.jpg")).unwrap_err();
    ways.change = |path, bytes| if path.ends_with("/delivery") { Vec::new() } else { bytes };
    assert_eq!(ways.give_up(), [true]);
    ways.buy(&shop.path("bought.jpg")).unwrap_err();
    assert_eq!(ways.give_up(), [false]);
    ways.change = unchanged;
    ways.buy(&shop.path("bought.jpg")).unwrap();
    assert_eq!(ways.balance(), 1_000 - PRICE);
}

#[test]
fn a_file_that_appeared_meanwhile_is_not_written_over() {
    let shop = Shop::new(1_000);
    let ways = Ways::new(&shop.data());
    ways.register();
    let file = shop.path("bought.jpg");
    fs::write(&file, "mine").unwrap();
    let error = ways.buy(&file).unwrap_err();
    assert!(matches!(error, SaleError::File { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    fs::remove_file(&file).unwrap();
    ways.buy(&file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), photograph_bytes());
    assert_eq!(ways.balance(), 1_000 - PRICE);
}

#[test]
fn another_card_in_the_reader_does_not_go_on_with_the_sale() {
    let (shop, other) = (Shop::new(1_000), Shop::new(1_000));
    let mut ways = Ways::new(&shop.data());
    ways.register();
    ways.change = |path, bytes| match path {
        path if path.ends_with("/delivery") => Vec::new(),
        _ => bytes,
    };
    ways.buy(&shop.path("bought.jpg")).unwrap_err();
    ways.change = unchanged;
    drop(embedded::card(&other.data()).unwrap());
    fs::remove_dir_all(shop.data().join("card")).unwrap();
    fs::rename(other.data().join("card"), shop.data().join("card")).unwrap();
    let error = ways.buy(&shop.path("bought.jpg")).unwrap_err();
    assert!(matches!(error, SaleError::OtherParty("card")), "{error}");
}

#[test]
fn steps_driven_one_by_one_leave_the_sale_where_it_stands() {
    let shop = Shop::new(1_000);
    let ways = Ways::new(&shop.data());
    ways.register();
    let output = shop.path("bought.jpg");
    let done = ways.with_session(|session, sales| {
        let id = ContentId::from_hex(&shop.work).unwrap();
        let work = session.client.work(id)?;
        let mut sale = Sale::begin(sales, session, &mut Willing, work, output.clone())?;
        let told = &mut |_: &Step| {};
        sale.order(session, told)?;
        assert!(matches!(sale.load(session, told), Err(SaleError::OutOfOrder)));
        let (center, pin) = (session.center.id, Pin::new(PIN).unwrap());
        let balances = session.selected.verify(&pin)?.balances(center)?;
        let offer = sale.offer(&balances, session.now)?;
        sale.approve(&offer, told)?;
        sale.load(session, told)?;
        assert!(!sale.recover_debit(session, told)?);
        sale.debit(session, &pin, told)?;
        sale.settle(session, told)?;
        sale.acknowledge(session, told)?;
        assert_eq!(sale.record().next(), Next::Decrypt);
        sale.decrypt(session, told)?;
        assert_eq!(sale.record().next(), Next::Nothing);
        Ok(())
    });
    done.unwrap();
    assert_eq!(fs::read(output).unwrap(), photograph_bytes());
}
