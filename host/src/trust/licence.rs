//! The licence: what the center signed against what it offered (§8.1).

use super::error::DELIVERY;
use super::{CardIdentity, CenterIdentity, Untrusted, sha256};
use crate::center::words;
use crate::money::Money;
use saifu_center_api as api;
use saifu_wire::certificate::Role;
use saifu_wire::signed::{Licence, Signed};
use saifu_wire::stream::{HEADER_BYTES, Header};
use saifu_wire::{ContentId, Malformed, OrderId, ShopId, Wire};
use std::fmt;

const LICENCE: &str = "the licence";

/// What a licence must agree with.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// The center that sells.
    pub center: &'a CenterIdentity,
    /// The card that buys.
    pub card: &'a CardIdentity,
    /// The work as the catalogue offered it.
    pub work: &'a api::Work,
    /// The center's answer to the order.
    pub order: &'a api::Order,
    /// Unix time.
    pub now: u64,
}

/// Verifies a licence: authentic, for this card, order, work and version, valid now, and at
/// the price and on the terms that were offered.
pub fn check_licence(offered: &Offered<'_>) -> Result<Signed<Licence>, Untrusted> {
    let malformed = |why| Untrusted::Malformed { what: LICENCE, why };
    let signed: Signed<Licence> = Signed::parse(&offered.order.licence.0).map_err(malformed)?;
    let licence = signed.message();
    offered.center.check(&signed, Role::Licence, licence.signer, LICENCE)?;
    check_meant(licence, offered)?;
    check_valid(licence, offered.now)?;
    check_terms(licence, offered.work)?;
    Ok(signed)
}

/// Checks that a licence opens its work at `now` (Unix time).
pub fn check_valid(licence: &Licence, now: u64) -> Result<(), Untrusted> {
    let early = licence.not_before > now;
    let late = licence.not_after != 0 && licence.not_after < now;
    if early || late { Err(Untrusted::NotValidNow { what: LICENCE }) } else { Ok(()) }
}

/// Checks for whom and what the licence is meant.
fn check_meant(licence: &Licence, offered: &Offered<'_>) -> Result<(), Untrusted> {
    let Offered { center, card, work, order, .. } = offered;
    let shop = work.shop.as_deref().map_or(Some(ShopId::ZERO), ShopId::from_hex);
    let version = licence.content_version;
    for (agrees, field) in [
        (licence.center == center.id, "center"),
        (licence.card == card.id, "card"),
        (licence.card_key == card.encryption_key_id, "key of the card"),
        (Some(licence.order) == OrderId::from_hex(&order.id), "order"),
        (Some(licence.content) == ContentId::from_hex(&work.id), "work"),
        (order.work == work.id, "work"),
        (version == work.version && version == order.version, "version of the work"),
        (Some(licence.shop) == shop, "shop"),
        (licence.total_bytes == work.length, "length of the work"),
        (center.has_payment_key(&licence.center_key), "payment key of the center"),
    ] {
        if !agrees {
            return Err(Untrusted::Other { what: LICENCE, field });
        }
    }
    Ok(())
}

/// Checks prices and terms of use against the offer.
fn check_terms(licence: &Licence, work: &api::Work) -> Result<(), Untrusted> {
    let mut signed: Vec<_> = licence.prices.0.iter().map(words::price).collect();
    let mut offered = work.prices.clone();
    let key = |price: &api::Price| {
        (price.kind.clone(), price.unit.clone(), price.amount, price.scope.clone())
    };
    signed.sort_by_key(key);
    offered.sort_by_key(key);
    if signed != offered {
        let (offered, signed) = (list(&work.prices), list(&signed));
        return Err(Untrusted::PriceChanged { offered, signed });
    }
    let signed = Terms::signed(licence);
    match Terms::offered(work) {
        Some(offered) if offered == signed => Ok(()),
        offered => {
            let offered = offered.map_or("a time that is none".into(), |terms| terms.to_string());
            Err(Untrusted::TermsChanged { offered, signed: signed.to_string() })
        }
    }
}

fn list(prices: &[api::Price]) -> String {
    let each = prices.iter().map(|price| {
        let amount = Money::new(price.amount, &price.unit);
        format!("{amount} ({})", price.kind)
    });
    let all: Vec<_> = each.collect();
    if all.is_empty() { "no price".into() } else { all.join(" or ") }
}

/// How a work may be used, as it was offered or as it was signed.
#[derive(PartialEq, Eq)]
struct Terms<'a> {
    payment: &'a str,
    uses: u32,
    not_before: u64,
    not_after: u64,
    needs_time: bool,
}

impl<'a> Terms<'a> {
    fn signed(licence: &Licence) -> Self {
        Self {
            payment: words::payment(licence.payment),
            uses: licence.uses,
            not_before: licence.not_before,
            not_after: licence.not_after,
            needs_time: licence.needs_time,
        }
    }

    /// None where an offered time is none.
    fn offered(work: &'a api::Work) -> Option<Self> {
        Some(Self {
            payment: &work.payment,
            uses: work.uses,
            not_before: words::second(work.not_before.as_deref())?,
            not_after: words::second(work.not_after.as_deref())?,
            needs_time: work.needs_time,
        })
    }
}

impl fmt::Display for Terms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.payment)?;
        match self.uses {
            0 => write!(f, ", any number of uses")?,
            uses => write!(f, ", uses: {uses}")?,
        }
        for (word, second) in [("from", self.not_before), ("until", self.not_after)] {
            if second != 0 {
                write!(f, ", {word} {}", words::time(second))?;
            }
        }
        if self.needs_time { write!(f, ", with a signed time") } else { Ok(()) }
    }
}

/// Verifies a delivery's header against the licence, and the length the center announced.
pub fn check_header(
    bytes: &[u8; HEADER_BYTES],
    licence: &Licence,
    delivery_bytes: u64,
) -> Result<Header, Untrusted> {
    if sha256(bytes) != licence.header {
        return Err(Untrusted::Other { what: DELIVERY, field: "licence" });
    }
    let malformed = |why: Malformed| Untrusted::Malformed { what: DELIVERY, why };
    let header = Header::from_bytes(bytes).map_err(malformed)?;
    let whole = header.sealed_bytes().checked_add(HEADER_BYTES as u64);
    for (agrees, field) in [
        (header.content == licence.content, "work"),
        (header.content_version == licence.content_version, "version of the work"),
        (header.total_bytes == licence.total_bytes, "length of the work"),
        (whole == Some(delivery_bytes), "length in all"),
    ] {
        if !agrees {
            return Err(Untrusted::Other { what: DELIVERY, field });
        }
    }
    Ok(header)
}

#[cfg(test)]
mod tests;
