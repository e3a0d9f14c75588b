//! Amounts, sizes and terms in words.

use saifu_center_api::decimals;
use saifu_wire::signed::PaymentOrder;
use saifu_wire::value::{Kind, Price};

use crate::money::{kind_name, scope_name};
use crate::store::NewVersion;

/// All prices of a work on one line.
pub(super) fn priced(work: &NewVersion) -> String {
    let prices: Vec<_> = work.prices.iter().map(price).collect();
    if prices.is_empty() { "free".into() } else { prices.join(" or ") }
}

/// A price: the amount as people write it, with its kind where that is not plain money, and what
/// the purse must be bound to.
fn price(price: &Price) -> String {
    let unit = price.unit.as_str();
    let mut text = format!("{} {unit}", amount(price.amount, decimals(unit)));
    if price.kind != Kind::BitCash {
        text.push_str(&format!(" ({})", kind_name(price.kind).replace('-', " ")));
    }
    if let Some(scope) = scope_name(price.scope) {
        text.push_str(&format!(", for this {scope} alone"));
    }
    text
}

fn amount(minor: u64, decimals: u32) -> String {
    let one = 10_u64.pow(decimals);
    match decimals {
        0 => minor.to_string(),
        width => format!("{}.{:02$}", minor / one, minor % one, width as usize),
    }
}

/// A number of bytes in three digits or four.
pub(super) fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, "B");
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1000.0, next);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

/// The order of paying and decrypting, as a buyer reads it.
pub(super) fn payment(payment: PaymentOrder) -> &'static str {
    match payment {
        PaymentOrder::PayFirst => "paid, then decrypted",
        PaymentOrder::DecryptFirst => {
            "the price is on hold, and is paid when the work is decrypted"
        }
        PaymentOrder::AlreadyPaid => "nothing to pay",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::parse_price;

    #[test]
    fn a_price_is_read_as_people_write_it() {
        for (typed, told) in [
            ("jpy:300", "300 JPY"),
            ("usd:1205", "12.05 USD"),
            ("coupon:jpy:5:shop", "5 JPY (coupon), for this shop alone"),
            ("ticket:SEAT:1:work", "1 SEAT (ticket), for this work alone"),
        ] {
            assert_eq!(price(&parse_price(typed).unwrap()), told);
        }
        assert_eq!(amount(u64::MAX, 4), "1844674407370955.1615");
    }

    #[test]
    fn sizes_have_few_digits() {
        for (bytes, text) in [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (1_234_567, "1.2 MB")]
        {
            assert_eq!(size(bytes), text);
        }
    }
}
