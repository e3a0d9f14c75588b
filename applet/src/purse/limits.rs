//! How much may be paid, and how much of it without a PIN (§4.4).

use saifu_wire::personalise::Limits;
use saifu_wire::value::Price;

use super::kind::counts_money;
use crate::memory::records::SpendingRecord;

/// Whether one payment may be this high at all.
#[must_use]
pub fn allows(limits: &Limits, amount: u64) -> bool {
    amount <= limits.per_payment
}

/// Gives the sum of what was paid without a PIN, this price included; `None` when it needs one, as
/// everything does that is not money: one piece of it may be worth any amount.
#[must_use]
pub fn without_pin(
    limits: &Limits,
    spent: &SpendingRecord,
    price: &Price,
) -> Option<SpendingRecord> {
    let without_pin = spent.without_pin.checked_add(price.amount)?;
    let money = counts_money(price.kind, &price.unit);
    let small = price.amount <= limits.per_payment_without_pin;
    let few = without_pin <= limits.total_without_pin;
    (money && small && few).then_some(SpendingRecord { without_pin })
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_wire::value::{Kind, ScopeKind, Unit};

    const LIMITS: Limits =
        Limits { per_payment: 1_000, per_payment_without_pin: 30, total_without_pin: 70 };

    fn price(kind: Kind, unit: &str, amount: u64) -> Price {
        Price { kind, unit: Unit::new(unit).unwrap(), amount, scope: ScopeKind::Any }
    }

    fn sum(limits: &Limits, spent: u64, amount: u64) -> Option<u64> {
        let spent = SpendingRecord { without_pin: spent };
        let price = price(Kind::BitCash, "JPY", amount);
        without_pin(limits, &spent, &price).map(|spent| spent.without_pin)
    }

    #[test]
    fn only_money_needs_no_pin() {
        let small = |kind, unit| {
            without_pin(&LIMITS, &SpendingRecord::default(), &price(kind, unit, 1)).is_some()
        };
        assert!(small(Kind::BitCash, "JPY") && small(Kind::Coupon, "EUR"));
        assert!(!small(Kind::Coupon, "FILMS") && !small(Kind::CyberCoin, "COIN"));
        assert!(!small(Kind::Ticket, "SHOW7") && !small(Kind::Ticket, "JPY"));
    }

    #[test]
    fn small_sums_need_no_pin_until_they_add_up() {
        assert_eq!(sum(&LIMITS, 0, 30), Some(30));
        assert_eq!(sum(&LIMITS, 0, 31), None);
        assert_eq!(sum(&LIMITS, 40, 30), Some(70));
        assert_eq!(sum(&LIMITS, 41, 30), None);
        assert_eq!(sum(&LIMITS, u64::MAX, 1), None);
    }

    #[test]
    fn limits_of_zero_ask_for_the_pin_each_time() {
        let none = Limits { per_payment_without_pin: 0, total_without_pin: 0, ..LIMITS };
        assert_eq!(sum(&none, 0, 1), None);
        assert_eq!(sum(&Limits { total_without_pin: 70, ..none }, 0, 1), None);
    }

    #[test]
    fn a_payment_is_at_most_what_the_limit_says() {
        assert!(allows(&LIMITS, 1_000));
        assert!(!allows(&LIMITS, 1_001));
    }
}
