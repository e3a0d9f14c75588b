//! Orders: one work for one card, with a licence and a delivery of its own (ST5 to ST8).
//!
//! `Ke` and the salt are drawn afresh for each order and kept with it, so that the same
//! delivery asked for again has the same bytes.

use std::ops::Range;

use saifu_center_api::OrderState;
use saifu_wire::codec::Wire;
use saifu_wire::signed::{Licence, PaymentOrder, Signed};
use saifu_wire::stream::{HEADER_BYTES, Header};
use saifu_wire::{AccountId, ContentId, Digest, OrderId};

use crate::accounts::refuse_card;
use crate::blobs::{Blob, Checked};
use crate::center::Center;
use crate::config::is_over;
use crate::crypto::sha256;
use crate::delivery::{
    DeliveryKey, SealedStream, StreamError, StreamSealer, Terms, issue_licence, new_header,
};
use crate::keys::Card;
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, FundingState, NewOrder, OrderRow, VersionRow};

/// The most bytes of an idempotency key.
const MAX_KEY_BYTES: usize = 255;

const SECONDS_PER_DAY: u64 = 86_400;

/// A delivery, ready to be read.
pub struct Delivery {
    /// SHA-256 of its header: it names these bytes and no others.
    pub header: Digest,
    /// Its bytes.
    pub length: u64,
    sealer: StreamSealer,
    content: Box<dyn Blob>,
}

impl Delivery {
    /// The whole of it, from its first byte.
    pub fn stream(self) -> SealedStream<Box<dyn Blob>> {
        self.sealer.stream(self.content)
    }

    /// The bytes `range` of it, made from the segment on that holds the first of them.
    ///
    /// # Errors
    /// The delivery has no such bytes; the work is damaged.
    pub fn range(self, range: Range<u64>) -> Result<SealedStream<Box<dyn Blob>>> {
        let stream = self.sealer.range(self.content, range);
        stream.map_err(|error| Refusal::internal(format!("a delivery cannot be made: {error}")))
    }
}

impl Center {
    /// The second after which an order that was placed at `placed` is not waited for.
    pub(crate) fn order_expires(&self, placed: u64) -> u64 {
        placed.saturating_add(u64::from(self.config.order_days) * SECONDS_PER_DAY)
    }

    /// Orders a work for an account's card; the same key and request get the same order.
    ///
    /// # Errors
    /// `malformed`: no usable key; `not-found`: account, work or version; `conflict`: the key
    /// was used for another request, or the account has too many open orders; `card-frozen`;
    /// `card-not-accepted`; `limit`: it costs more than cards of this class may pay at once.
    pub fn place_order(
        &self,
        account: AccountId,
        key: &str,
        work: ContentId,
        asked_version: Option<u32>,
    ) -> Result<OrderRow> {
        check_key(key)?;
        let (account, now) = (self.account(account)?, self.now());
        let card = self.card_now(&account, now)?;
        let version = match self.version_for_sale(work, asked_version) {
            Ok(version) => version,
            Err(refusal) => {
                // What was ordered while it was for sale stays ordered.
                let placed = self.store.order_by_key(account.id, key)?;
                let same = |row: &OrderRow| (row.work, row.asked_version) == (work, asked_version);
                return placed.filter(same).ok_or(refusal);
            }
        };
        let most = self.config.limits.of(account.assurance).max_price;
        if version.added.prices.iter().any(|price| is_over(price.amount, most)) {
            return Err(Refusal::limit(format!(
                "an order of this card costs at most {most} here: use another card"
            )));
        }
        // What cannot be delivered is not sold.
        drop(self.blobs.open(&version.added.content)?);
        let chance = self.keys.chance();
        let (content, length) = (version.added.work, version.added.content.length);
        let header = new_header(content, version.version, length, chance)?;
        let delivery_key = DeliveryKey::draw(chance)?;
        let to_pay = version.added.payment != PaymentOrder::AlreadyPaid;
        let order = NewOrder {
            id: OrderId(chance.ordered_id()?),
            account: account.id,
            idempotency_key: key.to_owned(),
            work,
            version: version.version,
            asked_version,
            again_of: None,
            header: header.to_bytes(),
            key: delivery_key.clone(),
            placed: now,
            expires: self.order_expires(now),
            most_open: to_pay.then_some(self.config.max_open_orders),
        };
        let (keys, id) = (self.keys.clone(), order.id);
        let make = move |number| {
            let terms = terms(version, number, id, now);
            let licence = issue_licence(&keys, &card, &terms, &header, &delivery_key);
            let licence = licence.map_err(|error| Refusal::internal(error.to_string()))?;
            Ok(licence.to_bytes())
        };
        let placed = self.store.place_order(order, Box::new(make))?;
        self.metrics.orders.add(1);
        Ok(placed)
    }

    /// An order.
    ///
    /// # Errors
    /// `not-found`.
    pub fn order(&self, id: OrderId) -> Result<OrderRow> {
        let found = self.store.order(id)?;
        found.ok_or_else(|| Refusal::not_found(format!("there is no order {id}: place one")))
    }

    /// The delivery of an order: header and segments, sealed as they are read, in bounded
    /// memory. Each time the same bytes.
    ///
    /// # Errors
    /// `not-found`; `conflict`: it is refunded; the work is missing or damaged.
    pub fn delivery(&self, order: OrderId) -> Result<Delivery> {
        if self.refund_state(order)? == Some(FundingState::Loaded) {
            return Err(Refusal::conflict(format!(
                "order {order} is refunded, and the card took its licence back: order the work anew"
            )));
        }
        let found = self
            .store
            .content(order)?
            .ok_or_else(|| Refusal::not_found(format!("there is no order {order}: place one")))?;
        let sealer = sealer(&found.header, &found.key)?;
        let (header, length) = (found.header, sealer.delivery_bytes());
        let content = self.blobs.open(&found.content)?;
        let content = Box::new(Checked::new(content, found.content));
        Ok(Delivery { header: Digest(sha256(&[&header])), length, sealer, content })
    }

    /// Where an order stands now; one with nothing to pay is settled from the start.
    ///
    /// # Errors
    /// The store fails.
    pub fn order_state(&self, order: &OrderRow) -> Result<OrderState> {
        if self.refund_state(order.id)? == Some(FundingState::Loaded) {
            return Ok(OrderState::Refunded);
        }
        Ok(match order {
            OrderRow { settled: true, .. } => OrderState::Settled,
            _ if is_free(order) => OrderState::Settled,
            OrderRow { expires, .. } if self.now() > *expires => OrderState::Expired,
            _ => OrderState::Open,
        })
    }

    /// At most `limit` orders of an account after its `after`th licence, oldest first.
    ///
    /// # Errors
    /// `not-found`: no such account.
    pub fn orders(&self, account: AccountId, after: u64, limit: u32) -> Result<Vec<OrderRow>> {
        let account = self.account(account)?;
        self.store.orders(account.id, after, limit)
    }

    /// The account's card, if it is still good for something new.
    pub(crate) fn card_now(&self, account: &AccountRow, now: u64) -> Result<Card> {
        let [signature, encryption] =
            [&account.signature_certificate, &account.encryption_certificate];
        self.trust.verify_card(signature, encryption, now).map_err(refuse_card)
    }

    fn version_for_sale(&self, work: ContentId, version: Option<u32>) -> Result<VersionRow> {
        let found = self.store.version(work, version)?.filter(is_for_sale);
        found.ok_or_else(|| {
            let version = version.map_or(String::new(), |version| format!("version {version} of "));
            Refusal::not_found(format!("there is no {version}work {work} for sale: list the works"))
        })
    }
}

/// An idempotency key is printed characters of ASCII, as a header field carries them.
pub(crate) fn check_key(key: &str) -> Result<()> {
    let length = (1..=MAX_KEY_BYTES).contains(&key.len());
    if length && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Refusal::malformed(format!(
        "this request needs a header Idempotency-Key of 1 to {MAX_KEY_BYTES} printed characters: \
         draw one for each thing asked, and send it again with the same request"
    )))
}

/// The bytes of an order's delivery.
///
/// # Errors
/// The stored header is damaged.
pub(crate) fn delivery_bytes(order: &OrderRow) -> Result<u64> {
    let header = Header::from_bytes(&order.header)
        .map_err(|error| Refusal::internal(format!("order {} is damaged: {error}", order.id)))?;
    Ok(header.sealed_bytes() + HEADER_BYTES as u64)
}

pub(crate) fn is_free(order: &OrderRow) -> bool {
    let licence = Signed::<Licence>::parse(&order.licence);
    licence.is_ok_and(|licence| licence.message().payment == PaymentOrder::AlreadyPaid)
}

fn is_for_sale(version: &VersionRow) -> bool {
    version.published.is_some() && version.withdrawn.is_none()
}

fn sealer(header: &[u8], key: &DeliveryKey) -> Result<StreamSealer> {
    let header = Header::from_bytes(header)
        .map_err(|error| Refusal::internal(format!("a stored header is damaged: {error}")))?;
    StreamSealer::new(&header, key).map_err(refuse_stream)
}

fn refuse_stream(error: StreamError) -> Refusal {
    Refusal::internal(error.to_string())
}

fn terms(version: VersionRow, number: u64, order: OrderId, now: u64) -> Terms {
    Terms {
        shop: version.added.shop,
        number,
        order,
        prices: version.added.prices,
        payment: version.added.payment,
        uses: version.added.uses,
        not_before: version.added.validity.not_before,
        not_after: version.added.validity.not_after,
        needs_time: version.added.validity.needs_time,
        time: now,
    }
}
