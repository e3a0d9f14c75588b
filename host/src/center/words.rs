//! The codes of §4 and §8 in the words of the HTTP interface.

use saifu_center_api as api;
use saifu_wire::signed::PaymentOrder;
use saifu_wire::value::{Kind, Price, ScopeKind};

/// The most characters of a text that a center made up.
const MAX_CHARS: usize = 500;

/// Text from elsewhere without control and direction characters.
pub fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    text.chars().map(|c| if hidden(c) { '\u{FFFD}' } else { c }).collect()
}

/// The same, cut to a length that can be shown and kept.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => plain(&text[..end]) + "…",
        None => plain(text),
    }
}

/// A kind of value.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::BitCash => "bit-cash",
        Kind::CyberCoin => "cyber-coin",
        Kind::Coupon => "coupon",
        Kind::Ticket => "ticket",
        Kind::Cheque => "cheque",
        Kind::CreditCard => "credit-card",
    }
}

/// In which order paying and decrypting come.
pub fn payment(order: PaymentOrder) -> &'static str {
    match order {
        PaymentOrder::PayFirst => "pay-first",
        PaymentOrder::DecryptFirst => "decrypt-first",
        PaymentOrder::AlreadyPaid => "already-paid",
    }
}

/// What a purse or a price is bound to; none where to nothing.
pub fn scope(scope: ScopeKind) -> Option<&'static str> {
    match scope {
        ScopeKind::Any => None,
        ScopeKind::Shop => Some("shop"),
        ScopeKind::Work => Some("work"),
    }
}

/// A time as it travels (RFC 3339), in seconds of Unix time; 0 where there is none.
///
/// `None` where the text is no time, or one that no licence can name.
pub fn second(time: Option<&str>) -> Option<u64> {
    let Some(text) = time else { return Some(0) };
    let second = text.parse::<jiff::Timestamp>().ok()?.as_second();
    u64::try_from(second).ok().filter(|second| *second != 0)
}

/// A second of Unix time as it travels.
pub fn time(second: u64) -> String {
    let time = i64::try_from(second).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    time.map_or_else(|| format!("second {second}"), |time| time.to_string())
}

/// A price of a licence.
pub fn price(price: &Price) -> api::Price {
    let unit = price.unit.as_str().to_owned();
    let scope = scope(price.scope).map(str::to_owned);
    api::Price { kind: kind(price.kind).to_owned(), unit, amount: price.amount, scope }
}
