//! What is asked beside a sale and after it: what cards have signed, and works licensed again.

use super::client::{MAX_PAGES, escape, not_understood, parse};
use super::{CenterError, Client};
use http::{Method, Request};
use saifu_center_api::{MAX_PAGE, Order, Orders, SignedBytes};
use saifu_wire::{AccountId, OrderId};

impl Client {
    /// Sends an event of a card's chain that closes no load.
    pub fn event(&self, event: Vec<u8>) -> Result<(), CenterError> {
        self.post_signed("/v1/events", event)
    }

    /// Sends a card's Closing.
    pub fn closing(&self, closing: Vec<u8>) -> Result<(), CenterError> {
        self.post_signed("/v1/closings", closing)
    }

    /// Licenses the work of an order again, already paid; the same `key` gives the same order.
    pub fn again(&self, key: &str, order: OrderId) -> Result<Order, CenterError> {
        let path = format!("/v1/orders/{order}/again");
        let request = Request::post(&path).header("Idempotency-Key", key);
        parse(self.send(request, &path, Vec::new())?, &path)
    }

    /// All orders of an account, oldest first.
    pub fn orders(&self, account: AccountId) -> Result<Vec<Order>, CenterError> {
        let first = format!("/v1/accounts/{account}/orders?limit={MAX_PAGE}");
        let (mut orders, mut path) = (Vec::new(), first.clone());
        for _ in 0..MAX_PAGES {
            let page: Orders = self.get(&path)?;
            orders.extend(page.orders);
            let Some(next) = page.next else { return Ok(orders) };
            path = format!("{first}&cursor={}", escape(&next));
        }
        Err(not_understood(&first, "the list of orders has no end"))
    }

    fn post_signed(&self, path: &str, signed: Vec<u8>) -> Result<(), CenterError> {
        let body = SignedBytes { signed: signed.into() };
        self.call::<SignedBytes>(Method::POST, path, &body, None).map(drop)
    }
}
