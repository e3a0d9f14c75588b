//! A delivery has a key of its own (claim 5), and is the same however often it is asked for.

use std::io::Read;

use saifu_center_api::{Order, OrderRequest};
use saifu_host::account;
use saifu_host::card::Card;
use saifu_host::center::{Client, Exchange};
use saifu_host::session::Session;
use saifu_tests::shop::{REAL_WORKS, Shop, pin};
use saifu_wire::signed::{Licence, Signed};

/// The bytes of a stream's header before its salt.
const BEFORE_SALT: usize = 38;

struct World {
    _folder: tempfile::TempDir,
    client: Client,
    exchange: Box<dyn Exchange>,
    request: OrderRequest,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shop = Shop::open(folder.path()).unwrap();
        let work = shop.publish(&REAL_WORKS[2]).unwrap().added.work;
        let client = shop.client().unwrap();
        let mut card: Card = shop.card().unwrap();
        let mut session = Session::open(&mut card, &client, &shop.root).unwrap();
        let silent = &mut |_: &_| {};
        let account = account::register(&mut session, &pin().unwrap(), silent).unwrap();
        let request =
            OrderRequest { account: account.to_string(), work: work.to_string(), version: None };
        let exchange = Box::new(shop.exchange().unwrap());
        Self { _folder: folder, client, exchange, request }
    }

    fn order(&self, key: &str) -> Order {
        self.client.order(key, &self.request).unwrap()
    }

    fn delivery(&self, order: &Order) -> Vec<u8> {
        let path = format!("/v1/orders/{}/delivery", order.id);
        let request = http::Request::get(path).body(Vec::new()).unwrap();
        let mut bytes = Vec::new();
        let mut answer = self.exchange.exchange(request).unwrap();
        answer.body_mut().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, order.delivery_length);
        bytes
    }
}

fn licence(order: &Order) -> Signed<Licence> {
    Signed::parse(&order.licence.0).unwrap()
}

#[test]
fn a_second_order_of_the_same_work_has_another_key_and_another_ciphertext() {
    let world = World::new();
    let (first, second) = (world.order("first"), world.order("second"));
    let (one, two) = (licence(&first), licence(&second));
    assert_eq!(one.message().content, two.message().content);
    assert_eq!((one.message().number, two.message().number), (1, 2));
    // The commitment is a function of Ke alone: another one, another Ke.
    assert_ne!(one.message().commitment, two.message().commitment);
    assert_ne!(one.message().wrapped_key, two.message().wrapped_key);
    assert_ne!(one.message().header, two.message().header);

    let (one, two) = (world.delivery(&first), world.delivery(&second));
    assert_eq!(one.len(), two.len());
    assert_eq!(one[..BEFORE_SALT], two[..BEFORE_SALT], "the same work");
    let blocks = one[70..].chunks_exact(16).zip(two[70..].chunks_exact(16));
    assert_eq!(blocks.filter(|(a, b)| a == b).count(), 0, "no block of ciphertext is the same");
}

#[test]
fn the_same_delivery_asked_for_twice_has_the_same_bytes() {
    let world = World::new();
    let order = world.order("once");
    assert_eq!(world.delivery(&order), world.delivery(&order));
}

#[test]
fn the_same_order_asked_for_twice_is_one_order() {
    let world = World::new();
    assert_eq!(world.order("once"), world.order("once"));
    assert_ne!(world.order("once").id, world.order("again").id);
}
