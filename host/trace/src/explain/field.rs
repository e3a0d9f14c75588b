//! Values of fields in words: times, amounts, codes, ids.

use super::Told;
use super::told::shown;
use saifu_wire::answer::{Health, LicenceStatus, LifeCycle, MemoryState, UNLIMITED};
use saifu_wire::certificate::{Assurance, Role};
use saifu_wire::signed::{EventKind, Outcome, PaymentOrder};
use saifu_wire::value::{Kind, ScopeKind, Unit};
use saifu_wire::{Wire, codec};
use std::fmt::Debug;

/// A name of a field in words.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// A field that is one value, of the structure that holds it; amounts are of `unit`.
pub(super) fn explain(structure: &str, name: &str, bytes: &[u8], unit: Option<&str>) -> Told {
    let value = code(structure, name, bytes)
        .or_else(|| number(name, bytes, unit))
        .unwrap_or_else(|| shown(bytes));
    Told::new(words(name), value)
}

fn code(structure: &str, name: &str, bytes: &[u8]) -> Option<String> {
    let value = match (structure, name) {
        ("Event", "kind") => named::<EventKind>(bytes),
        (_, "kind") => named::<Kind>(bytes),
        (_, "scope") => named::<ScopeKind>(bytes),
        (_, "payment") => named::<PaymentOrder>(bytes),
        (_, "status") => named::<LicenceStatus>(bytes),
        (_, "outcome") => named::<Outcome>(bytes),
        (_, "life_cycle") => named::<LifeCycle>(bytes),
        (_, "assurance") => named::<Assurance>(bytes),
        (_, "memory") => named::<MemoryState>(bytes),
        (_, "health") => named::<Health>(bytes),
        (_, "role") => named::<Role>(bytes),
        (_, "unit") => Unit::from_bytes(bytes).map(|unit| unit.to_string()),
        (_, "erase" | "needs_time" | "doubly" | "complete" | "acknowledged") => {
            bool::from_bytes(bytes).map(|yes| if yes { "yes" } else { "no" }.to_owned())
        }
        _ => return None,
    };
    Some(value.unwrap_or_else(|_| format!("{} (no such code)", shown(bytes))))
}

/// A code's name, as words.
pub(super) fn named<T: Wire + Debug>(bytes: &[u8]) -> Result<String, codec::Malformed> {
    let value = T::from_bytes(bytes)?;
    let mut words = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    Ok(format!("{words} ({})", hex::encode_upper(bytes)))
}

fn number(name: &str, bytes: &[u8], unit: Option<&str>) -> Option<String> {
    let number = match bytes.len() {
        1 | 2 | 4 | 8 => bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        _ => return None,
    };
    Some(match name {
        "time" | "not_before" | "not_after" => time(number),
        "uses_left" if number == u64::from(UNLIMITED) => "no limit".to_owned(),
        "uses" if number == 0 => "0, no limit".to_owned(),
        "amount"
        | "balance"
        | "held"
        | "face_amount"
        | "max_balance"
        | "per_payment"
        | "per_payment_without_pin"
        | "total_without_pin" => match unit {
            Some(unit) => format!("{number} (minor units of {unit})"),
            None => format!("{number} (minor units)"),
        },
        _ => number.to_string(),
    })
}

/// A Unix time; 0 stands for none.
fn time(second: u64) -> String {
    let time = i64::try_from(second).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    match (second, time) {
        (0, _) => "none (0)".to_owned(),
        (_, Some(time)) => format!("{time} ({second})"),
        (_, None) => format!("{second} (after the year 9999)"),
    }
}
