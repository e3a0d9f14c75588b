//! Amounts, kinds and units as they travel and as people write them.
//!
//! An amount is an integer of minor units, never a fraction. A price is written
//! `jpy:300`, or with its kind `coupon:jpy:300`.

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
/// It is not `unit:amount` or `kind:unit:amount`, or the amount is 0 or too large.
pub fn parse_price(text: &str) -> Result<Price> {
    let parts: Vec<&str> = text.split(':').collect();
    let (kind_text, unit_text, amount) = match parts[..] {
        [unit, amount] => ("bit-cash", unit, amount),
        [kind, unit, amount] => (kind, unit, amount),
        _ => return Err(bad_price(text)),
    };
    let amount = amount.parse().map_err(|_| bad_price(text))?;
    if !(1..=MAX_AMOUNT).contains(&amount) {
        let range = format!("an amount is 1 to {MAX_AMOUNT} minor units");
        return Err(Refusal::malformed(format!("\"{text}\" is no price: {range}")));
    }
    let unit = unit(&unit_text.to_ascii_uppercase())?;
    Ok(Price { kind: kind(kind_text)?, unit, amount, scope: ScopeKind::Any })
}

fn bad_price(text: &str) -> Refusal {
    let right = "write it jpy:300, or coupon:jpy:300 with a kind, in whole minor units";
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
