//! Amounts, kinds and units as they travel and as people write them.
//!
//! An amount is an integer of minor units, never a fraction. A price is written
//! `jpy:300`, or with its kind `coupon:jpy:300`, or for purses bound to the shop or the work
//! alone `coupon:jpy:300:shop`.

use saifu_wire::signed::PaymentOrder;
use saifu_wire::value::{Kind, Price, ScopeKind, Unit};

use crate::refusal::{Refusal, Result};

/// The most that one amount may be, in minor units: sums of millions of them fit the store.
pub const MAX_AMOUNT: u64 = 1_000_000_000_000;

const KINDS: [(Kind, &str); 6] = [
    (Kind::BitCash, "bit-cash"),
    (Kind::CyberCoin, "cyber-coin"),
    (Kind::Coupon, "coupon"),
    (Kind::Ticket, "ticket"),
    (Kind::Cheque, "cheque"),
    (Kind::CreditCard, "credit-card"),
];

/// The name of a kind, as it travels.
pub fn kind_name(kind: Kind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, name)| name)
}

/// The kind of this name.
///
/// # Errors
/// No kind has it.
pub fn kind(name: &str) -> Result<Kind> {
    let found = KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind);
    found.ok_or_else(|| {
        let known = KINDS.map(|(_, name)| name).join(", ");
        Refusal::malformed(format!("\"{name}\" is no kind of value: use one of {known}"))
    })
}

/// The name of what a price asks a purse to be bound to; none where it asks for nothing.
pub fn scope_name(scope: ScopeKind) -> Option<&'static str> {
    match scope {
        ScopeKind::Any => None,
        ScopeKind::Shop => Some("shop"),
        ScopeKind::Work => Some("work"),
    }
}

/// The name of an order of paying and decrypting, as it travels.
pub fn payment_name(payment: PaymentOrder) -> &'static str {
    match payment {
        PaymentOrder::PayFirst => "pay-first",
        PaymentOrder::DecryptFirst => "decrypt-first",
        PaymentOrder::AlreadyPaid => "already-paid",
    }
}

/// What a purse or price is bound to by this name, `shop` or `work`.
pub fn scope(name: &str) -> Option<ScopeKind> {
    [ScopeKind::Shop, ScopeKind::Work].into_iter().find(|scope| scope_name(*scope) == Some(name))
}

/// The unit of this code.
///
/// # Errors
/// It is not one to eight capital letters or digits.
pub fn unit(code: &str) -> Result<Unit> {
    Unit::new(code).map_err(|_| {
        let what = "use one to eight capital letters or digits, for money the ISO 4217 code";
        Refusal::malformed(format!("\"{code}\" is no unit: {what}"))
    })
}

/// Reads a price as people write it.
///
/// # Errors
/// It is not `unit:amount`, `kind:unit:amount` or `kind:unit:amount:scope`, or the amount is 0
/// or too large.
pub fn parse_price(text: &str) -> Result<Price> {
    let parts: Vec<&str> = text.split(':').collect();
    let (kind_text, unit_text, amount, scope) = match parts[..] {
        [unit, amount] => ("bit-cash", unit, amount, Some(ScopeKind::Any)),
        [kind, unit, amount] => (kind, unit, amount, Some(ScopeKind::Any)),
        [kind, unit, amount, bound] => (kind, unit, amount, scope(bound)),
        _ => return Err(bad_price(text)),
    };
    let scope = scope.ok_or_else(|| bad_price(text))?;
    let amount = amount.parse().map_err(|_| bad_price(text))?;
    if !(1..=MAX_AMOUNT).contains(&amount) {
        let range = format!("an amount is 1 to {MAX_AMOUNT} minor units");
        return Err(Refusal::malformed(format!("\"{text}\" is no price: {range}")));
    }
    let unit = unit(&unit_text.to_ascii_uppercase())?;
    Ok(Price { kind: kind(kind_text)?, unit, amount, scope })
}

fn bad_price(text: &str) -> Refusal {
    let right = "write it jpy:300, or coupon:jpy:300 with a kind, or coupon:jpy:300:shop for purses \
                 bound to the shop (or the work), in whole minor units";
    Refusal::malformed(format!("\"{text}\" is no price: {right}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_people_write_it() {
        let price = parse_price("jpy:300").unwrap();
        assert_eq!((price.kind, price.unit.as_str(), price.amount), (Kind::BitCash, "JPY", 300));
        let price = parse_price("ticket:SHOW7:1").unwrap();
        assert_eq!((price.kind, price.unit.as_str(), price.amount), (Kind::Ticket, "SHOW7", 1));
        assert_eq!(price.scope, ScopeKind::Any);
        assert_eq!(parse_price("coupon:jpy:5:shop").unwrap().scope, ScopeKind::Shop);
        assert_eq!(parse_price("coupon:jpy:5:work").unwrap().scope, ScopeKind::Work);
    }

    #[test]
    fn what_is_no_price_is_refused_with_an_example() {
        for bad in ["", "300", "jpy", "jpy:", "jpy:-1", "jpy:3.5", "a:b:c:d", "jpy:+ 3"] {
            let error = parse_price(bad).unwrap_err().to_string();
            assert!(error.contains("jpy:300"), "{error}");
        }
        for bad in ["jpy:0", "jpy:1000000000001", "gold:jpy:1", "yen!:3"] {
            assert!(parse_price(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_kind_is_found_again_by_its_name() {
        for known in Kind::ALL {
            assert_eq!(kind(kind_name(*known)), Ok(*known));
        }
    }
}
