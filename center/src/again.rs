//! Again: a work that was bought and deleted is licensed once more, already paid (§8.5).
//!
//! The licence is new, with a number, an order and a content key of its own; version and terms
//! are those that were bought. Uses never come back, so what was sold for a number of uses is
//! not licensed again.

use saifu_wire::OrderId;
use saifu_wire::codec::Wire;
use saifu_wire::signed::{Licence, PaymentOrder, Signed};

use crate::center::Center;
use crate::delivery::{DeliveryKey, Terms, issue_licence, new_header};
use crate::orders::{check_key, is_free};
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, NewOrder, OrderRow};

impl Center {
    /// Licenses the work of a settled order again, to the same account's card; the same key gives
    /// the same order.
    ///
    /// # Errors
    /// `malformed`: no usable key; `not-found`; `conflict`: the order is not settled, or is
    /// refunded or to be, or was for a number of uses; `card-frozen`; `card-not-accepted`.
    pub fn order_again(&self, order: OrderId, key: &str) -> Result<OrderRow> {
        let order = self.order(order)?;
        let account = self.account(order.account)?;
        self.license_again(&order, &account, key, 0)
    }

    /// Licenses the work of `order` again to `account`'s card, for `uses` of it where it was sold
    /// for a number of uses.
    pub(crate) fn license_again(
        &self,
        order: &OrderRow,
        account: &AccountRow,
        key: &str,
        uses: u32,
    ) -> Result<OrderRow> {
        check_key(key)?;
        let bought = self.bought(order)?;
        if bought.message().uses != uses {
            return Err(Refusal::conflict(format!(
                "order {} is for {} uses, and uses never come back: order the work anew",
                order.id,
                bought.message().uses
            )));
        }
        let now = self.now();
        let card = self.card_now(account, now)?;
        let root = order.again_of.unwrap_or(order.id);
        let said = bought.message().clone();
        let chance = self.keys.chance();
        let header = new_header(said.content, said.content_version, said.total_bytes, chance)?;
        let delivery_key = DeliveryKey::draw(chance)?;
        let new = NewOrder {
            id: OrderId(chance.ordered_id()?),
            account: account.id,
            idempotency_key: key.to_owned(),
            work: order.work,
            version: order.version,
            asked_version: Some(order.version),
            again_of: Some(root),
            header: header.to_bytes(),
            key: delivery_key.clone(),
            placed: now,
            expires: self.order_expires(now),
            most_open: None,
        };
        let (keys, id) = (self.keys.clone(), new.id);
        let make = move |number| {
            let terms = terms(&said, number, id, now);
            let licence = issue_licence(&keys, &card, &terms, &header, &delivery_key);
            let licence = licence.map_err(|error| Refusal::internal(error.to_string()))?;
            Ok(licence.to_bytes())
        };
        self.store.place_order(new, Box::new(make))
    }

    /// The licence of an order whose work is bought, and stays so.
    fn bought(&self, order: &OrderRow) -> Result<Signed<Licence>> {
        let root = order.again_of.map_or_else(|| Ok(order.clone()), |root| self.order(root))?;
        if !root.settled && !is_free(&root) {
            return Err(Refusal::conflict(format!(
                "order {} is not settled: pay it, or send in its token first",
                root.id
            )));
        }
        if self.is_given_back(root.id)? {
            let why = "its payment is given back";
            return Err(Refusal::conflict(format!(
                "order {}: {why}: order the work anew",
                root.id
            )));
        }
        Signed::<Licence>::parse(&root.licence).map_err(|error| {
            Refusal::internal(format!("the licence of order {} is damaged: {error}", root.id))
        })
    }
}

/// What is licensed again: as it was bought, and nothing to pay.
fn terms(bought: &Licence, number: u64, order: OrderId, now: u64) -> Terms {
    Terms {
        shop: bought.shop,
        number,
        order,
        prices: vec![],
        payment: PaymentOrder::AlreadyPaid,
        uses: bought.uses,
        not_before: bought.not_before,
        not_after: bought.not_after,
        needs_time: bought.needs_time,
        time: now,
    }
}
