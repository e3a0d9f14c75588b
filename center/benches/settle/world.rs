//! A center with many accounts, works of many shops, and tokens made beforehand.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use saifu_center::catalogue::{NewWork, PreviewSource};
use saifu_center::config::{Config, PurseConfig};
use saifu_center::crypto::{CryptoError, Secret};
use saifu_center::keys::Unwrap;
use saifu_center::preview::MediaType;
use saifu_center::shops::NewShop;
use saifu_center::store::Validity;
use saifu_center::{Center, Options, money};
use saifu_wire::ContentId;
use saifu_wire::signed::PaymentOrder;

use crate::measure::on_threads;
use crate::payer::{PURSE, Payer, Payment};

/// The accounts that pay.
const ACCOUNTS: usize = 256;

/// The shops that sell, each one work.
const SHOPS: usize = 64;

/// What an account is loaded with.
const VALUE: u64 = 1_000_000_000;

/// Who is paid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shops {
    /// One shop takes all sales.
    One,
    /// Many shops take as much each.
    Many,
}

/// The center twice, on one store: with its payment key, and with what that would unwrap.
pub(crate) struct World {
    pub(crate) center: Center,
    works: Vec<ContentId>,
    payers: Vec<Payer>,
}

/// The keys that the private operation would give, by their labels.
struct Unwrapped(HashMap<[u8; 32], [u8; 32]>);

impl Unwrap for Unwrapped {
    fn unwrap_key(&self, label: &[u8], _ciphertext: &[u8]) -> Result<Secret<32>, CryptoError> {
        let key = <[u8; 32]>::try_from(label).ok().and_then(|label| self.0.get(&label));
        key.copied().map(Secret::new).ok_or(CryptoError::Refused)
    }
}

impl World {
    /// Makes it in `folder`.
    pub(crate) fn make(folder: &Path) -> Self {
        let purse = PurseConfig::new(PURSE, "bit-cash", "JPY", VALUE, VALUE);
        let config = Config { purses: vec![purse], max_open_orders: u32::MAX, ..Config::default() };
        let center = Center::open(folder, Options { config, ..Options::default() });
        let center = center.expect("a center");
        let works = (0..SHOPS).map(|number| sell(&center, number)).collect();
        let payers = on_threads(vec![(); ACCOUNTS], |()| Payer::register(&center));
        Self { center, works, payers }
    }

    /// Makes `count` tokens, in the order in which they are to be sent in: round by round the
    /// next of each account.
    pub(crate) fn pay(&mut self, count: usize, shops: Shops) -> Vec<Payment> {
        let each = count.div_ceil(ACCOUNTS);
        let (center, works) = (&self.center, &self.works);
        let pay = |(number, mut payer): (usize, Payer)| {
            let pay = |turn: usize| {
                let work = if shops == Shops::One { 0 } else { number + turn };
                let key = saifu_center::crypto::random::array::<16>().expect("a key");
                let work = works[work % works.len()];
                let order = center.place_order(payer.account, &hex::encode(key), work, None);
                payer.pay(order.expect("an order").licence)
            };
            let paid: Vec<_> = (0..each).map(pay).collect();
            (payer, paid)
        };
        let payers = std::mem::take(&mut self.payers).into_iter().enumerate().collect();
        let (payers, mut paid): (Vec<_>, Vec<_>) = on_threads(payers, pay).into_iter().unzip();
        self.payers = payers;
        paid.iter_mut().for_each(|own| own.reverse());
        let mut turns = Vec::with_capacity(count);
        for _ in 0..each {
            turns.extend(paid.iter_mut().filter_map(Vec::pop));
        }
        turns.truncate(count);
        turns
    }
}

/// The center of `folder` once more, with these tokens' keys in place of the private operation.
pub(crate) fn unwrapped<'a>(folder: &Path, payments: impl Iterator<Item = &'a Payment>) -> Center {
    let keys = Unwrapped(payments.map(|payment| payment.wrapped).collect());
    let center = Center::open(folder, Options::default()).expect("the center");
    center.unwrapping_elsewhere(Arc::new(keys)).expect("a center with unwrapped keys")
}

/// A work of a shop of its own.
fn sell(center: &Center, number: usize) -> ContentId {
    let shop = NewShop {
        name: format!("Shop {number}"),
        slug: None,
        terms: String::new(),
        fee_basis_points: 250,
    };
    let shop = center.add_shop(shop).expect("a shop").id;
    let media_type: MediaType = "text/plain".parse().expect("a type");
    let work = NewWork {
        shop: Some(shop),
        edition_of: None,
        sha256: None,
        title: "A work".into(),
        creator: "Nobody".into(),
        description: String::new(),
        media_type: media_type.clone(),
        prices: vec![money::parse_price("jpy:300").expect("a price")],
        payment: PaymentOrder::PayFirst,
        uses: 0,
        validity: Validity::default(),
        preview: PreviewSource::Brought { media_type, bytes: b"A few words of it.".to_vec() },
    };
    let added = center.add_work(&mut Cursor::new("All its words."), work).expect("a work");
    let published = center.publish(added.added.work, added.version).expect("a published work");
    published.added.work
}
