//! Prices that somebody can pay: for each there is a purse in the configuration.

use saifu_wire::signed::MAX_PRICES;
use saifu_wire::value::{Price, PurseTerms, ScopeKind};
use saifu_wire::{ContentId, ShopId};

use crate::money::{kind_name, scope_name};
use crate::refusal::{Refusal, Result};

/// What is to be paid for, and when.
pub(super) struct Sold {
    /// The shop that sells.
    pub(super) shop: ShopId,
    /// The work.
    pub(super) work: ContentId,
    /// The time now.
    pub(super) now: u64,
}

/// Checks that each price is given once, is more than nothing, and that one of `purses` can pay it.
///
/// # Errors
/// `malformed`: says which price, and what keeps every purse from paying it.
pub(super) fn check(prices: &[Price], sold: &Sold, purses: &[PurseTerms]) -> Result<()> {
    if prices.len() > usize::from(MAX_PRICES) {
        return Err(Refusal::malformed(format!("a work has at most {MAX_PRICES} prices")));
    }
    for (at, price) in prices.iter().enumerate() {
        if prices[..at].contains(price) {
            return Err(refuse(price, "is given twice: give it once".into()));
        }
        if price.amount == 0 {
            let why = "is nothing, which no card pays: give no price where nothing is to be paid";
            return Err(refuse(price, why.into()));
        }
        if let Some(why) = unpayable(price, sold, purses) {
            return Err(refuse(price, why));
        }
    }
    Ok(())
}

fn refuse(price: &Price, why: String) -> Refusal {
    let text = format!("{}:{}:{}", kind_name(price.kind), price.unit, price.amount);
    let scope = scope_name(price.scope).map_or(String::new(), |scope| format!(":{scope}"));
    Refusal::malformed(format!("the price {text}{scope} {why}"))
}

/// What keeps the last of the purses from paying, if none can.
fn unpayable(price: &Price, sold: &Sold, purses: &[PurseTerms]) -> Option<String> {
    let mut left: Vec<_> = purses.iter().collect();
    left.retain(|purse| (purse.kind, purse.unit) == (price.kind, price.unit));
    if left.is_empty() {
        let held = purses.iter().map(|purse| format!("{} {}", kind_name(purse.kind), purse.unit));
        let held = held.collect::<Vec<_>>().join(", ");
        return Some(format!(
            "can be paid by no purse of this center's accounts, which hold {held}: ask for one \
             of these, or add a purse to the configuration"
        ));
    }
    left.retain(|purse| {
        let bound = price.scope == ScopeKind::Any || price.scope == purse.scope;
        bound && purse.serves(&sold.shop, &sold.work.0)
    });
    if left.is_empty() {
        return Some(
            "can be paid by no purse: those of its kind and unit are bound to something else; \
             ask for another scope, or add a purse that is bound so to the configuration"
                .into(),
        );
    }
    if !left.iter().any(|purse| purse.face_amount == 0 || purse.face_amount == price.amount) {
        let faces = left.iter().map(|purse| purse.face_amount.to_string());
        let faces = faces.collect::<Vec<_>>().join(" or ");
        return Some(format!("is not what such a purse pays at once: ask for {faces}"));
    }
    left.retain(|purse| purse.face_amount == 0 || purse.face_amount == price.amount);
    let most = left.iter().map(|purse| purse.max_balance).max().unwrap_or(0);
    if price.amount > most {
        return Some(format!("is more than such a purse may ever hold: ask for at most {most}"));
    }
    left.retain(|purse| price.amount <= purse.max_balance);
    let pays = |purse: &&PurseTerms| purse.not_after == 0 || purse.not_after >= sold.now;
    let ended = "is for purses that pay no more: give them a later not_after in the configuration";
    (!left.iter().any(pays)).then(|| ended.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PurseConfig;
    use crate::money::parse_price;

    const SOLD: Sold = Sold { shop: ShopId([1; 16]), work: ContentId([2; 16]), now: 1_000 };

    fn purses() -> Vec<PurseTerms> {
        let purse = |kind: &str, unit, max| PurseConfig::new(1, kind, unit, max, 0);
        let bound = |scope: &str, id: u8, config: PurseConfig| PurseConfig {
            scope: scope.into(),
            scope_id: hex::encode([id; 16]),
            ..config
        };
        let ticket = PurseConfig { face_amount: 1, ..purse("ticket", "SEAT", 20) };
        let coupon = |not_after| PurseConfig { not_after, ..purse("coupon", "JPY", 500) };
        let configs = [
            purse("bit-cash", "JPY", 10_000),
            PurseConfig { face_amount: 700, ..purse("cheque", "EUR", 700) },
            bound("shop", 1, ticket),
            bound("shop", 9, coupon(5_000)),
            bound("work", 2, coupon(5_000)),
            PurseConfig { not_after: 999, ..purse("credit-card", "USD", 500) },
        ];
        configs.iter().map(|config| config.terms().unwrap()).collect()
    }

    fn said(texts: &[&str]) -> Result<()> {
        let prices: Vec<_> = texts.iter().map(|text| parse_price(text).unwrap()).collect();
        check(&prices, &SOLD, &purses())
    }

    #[test]
    fn prices_in_several_kinds_are_good_where_each_has_its_purse() {
        let kinds = ["jpy:10000", "cheque:eur:700", "ticket:seat:1:shop", "coupon:jpy:500:work"];
        assert_eq!(said(&kinds), Ok(()));
        assert_eq!(said(&["coupon:jpy:1"]), Ok(()), "the work's own coupons pay any such price");
        assert_eq!(said(&[]), Ok(()));
    }

    #[test]
    fn a_price_that_nobody_can_pay_is_refused_with_the_reason() {
        for (price, word) in [
            ("usd:3", "bit-cash JPY, cheque EUR"),
            ("coupon:usd:3", "no purse of this center's"),
            ("bit-cash:jpy:3:shop", "bound to something else"),
            ("coupon:jpy:3:shop", "bound to something else"),
            ("cheque:eur:5", "ask for 700"),
            ("ticket:seat:2", "ask for 1"),
            ("jpy:10001", "at most 10000"),
            ("credit-card:usd:3", "pay no more"),
        ] {
            let error = said(&[price]).unwrap_err().to_string();
            assert!(error.contains(word), "{price}: {error}");
        }
    }

    #[test]
    fn a_price_is_given_once_and_there_are_at_most_eight() {
        assert!(said(&["jpy:1", "jpy:2"]).is_ok());
        assert!(said(&["jpy:1", "jpy:2", "jpy:1"]).unwrap_err().to_string().contains("twice"));
        let many: Vec<_> = (1..=9).map(|amount| format!("jpy:{amount}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert!(said(&many[..8]).is_ok() && said(&many).is_err());
    }
}
