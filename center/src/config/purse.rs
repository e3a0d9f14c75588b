//! A purse that every new account gets, as the owner writes it.

use saifu_wire::ShopId;
use saifu_wire::value::{Kind, PurseTerms, ScopeKind};
use serde::{Deserialize, Serialize};

use super::FILE;
use crate::money;
use crate::refusal::{Refusal, Result};

/// A purse that every new account gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurseConfig {
    /// Its number, from 1.
    pub purse: u32,
    /// Its kind: `bit-cash`, `cyber-coin`, `coupon`, `ticket`, `cheque` or `credit-card`.
    pub kind: String,
    /// The unit its amounts count: an ISO 4217 code or the center's own.
    pub unit: String,
    /// The balance it may not exceed, in minor units.
    pub max_balance: u64,
    /// What it is loaded with once, in minor units; 0 for nothing.
    #[serde(default)]
    pub initial: u64,
    /// The only amount that it pays at once; 0 where it is divisible.
    #[serde(default)]
    pub face_amount: u64,
    /// The second (Unix time) after which it pays no more; 0 for never. Cards take no coupon and
    /// no credit card without one.
    #[serde(default)]
    pub not_after: u64,
    /// What it may pay for: `any`, `shop` (this center's own works, or those of the shop
    /// `scope_id`) or `work` (the work `scope_id` alone).
    #[serde(default = "any")]
    pub scope: String,
    /// The shop or work, 32 hex digits; empty for the center itself.
    #[serde(default)]
    pub scope_id: String,
}

fn any() -> String {
    "any".into()
}

impl PurseConfig {
    /// A divisible purse for ever.
    pub fn new(purse: u32, kind: &str, unit: &str, max_balance: u64, initial: u64) -> Self {
        let (kind, unit) = (kind.into(), unit.into());
        Self {
            purse,
            kind,
            unit,
            max_balance,
            initial,
            face_amount: 0,
            not_after: 0,
            scope: any(),
            scope_id: String::new(),
        }
    }

    /// The terms that the center signs.
    ///
    /// # Errors
    /// Kind, unit or an amount is not one.
    pub fn terms(&self) -> Result<PurseTerms> {
        let wrong = |what: String| {
            let purse = self.purse;
            Refusal::malformed(format!("purse {purse} of {FILE}: {what}; correct it there"))
        };
        let limits = [self.max_balance, self.initial, self.face_amount];
        if limits.iter().any(|amount| *amount > money::MAX_AMOUNT) {
            return Err(wrong(format!("an amount is over {}", money::MAX_AMOUNT)));
        }
        if self.initial > self.max_balance {
            return Err(wrong("its initial value is over its largest balance".into()));
        }
        let (scope, scope_id) = self.scope().ok_or_else(|| {
            wrong(format!("\"{} {}\" is nothing it may pay for", self.scope, self.scope_id))
        })?;
        let terms = PurseTerms {
            purse: self.purse,
            kind: money::kind(&self.kind).map_err(|refusal| wrong(refusal.to_string()))?,
            unit: money::unit(&self.unit).map_err(|refusal| wrong(refusal.to_string()))?,
            scope,
            scope_id,
            face_amount: self.face_amount,
            max_balance: self.max_balance,
            not_after: self.not_after,
        };
        match unfit(&terms) {
            None if self.face_amount != 0 && !self.initial.is_multiple_of(self.face_amount) => {
                Err(wrong("its initial value is no multiple of what it pays at once".into()))
            }
            None => Ok(terms),
            Some(what) => Err(wrong(format!("a {} {what}", self.kind))),
        }
    }

    /// What it may pay for, and the shop or work, which a work must be named for.
    fn scope(&self) -> Option<(ScopeKind, [u8; 16])> {
        let id = match &self.scope_id[..] {
            "" => ShopId::ZERO,
            named => ShopId::from_hex(named)?,
        };
        let scope = match &self.scope[..] {
            "any" => ScopeKind::Any,
            name => money::scope(name)?,
        };
        let fits = match scope {
            ScopeKind::Any => id.is_zero(),
            ScopeKind::Shop => true,
            ScopeKind::Work => !id.is_zero(),
        };
        fits.then_some((scope, id.0))
    }
}

/// What keeps cards from taking a purse of its kind (§4.2).
fn unfit(terms: &PurseTerms) -> Option<&'static str> {
    let PurseTerms { kind, face_amount, max_balance, not_after, scope, .. } = *terms;
    let unit = terms.unit.as_str();
    let is_money = unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
    let wants_money = matches!(kind, Kind::BitCash | Kind::Cheque | Kind::CreditCard);
    let face = match kind {
        Kind::Ticket => 1,
        Kind::Cheque => max_balance,
        _ => 0,
    };
    match kind {
        _ if max_balance == 0 => Some("has a largest balance above 0"),
        _ if wants_money && !is_money => Some("counts money: three capitals, as ISO 4217 has them"),
        Kind::CyberCoin if is_money => Some("has a unit that is none of ISO 4217's form"),
        Kind::Coupon | Kind::CreditCard if not_after == 0 => Some("has a date: give not_after"),
        Kind::Ticket if scope == ScopeKind::Any => Some("is for one shop or work: give its scope"),
        _ if face_amount != face => Some(
            "has face_amount 1 if it is a ticket, its max_balance if \
             it is a cheque, else 0",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purse_that_no_card_takes_is_refused_before_any_card_is_asked() {
        let purse = |kind: &str, unit, face_amount, not_after| PurseConfig {
            face_amount,
            not_after,
            ..PurseConfig::new(1, kind, unit, 10, 10)
        };
        for good in [
            purse("bit-cash", "JPY", 0, 0),
            purse("cyber-coin", "POINTS", 0, 0),
            purse("coupon", "JPY", 0, 9),
            purse("cheque", "EUR", 10, 0),
            purse("credit-card", "EUR", 0, 9),
            bound("shop", ""),
        ] {
            assert!(good.terms().is_ok(), "{good:?}");
        }
        for (wrong, word) in [
            (purse("bit-cash", "POINTS", 0, 0), "three capitals"),
            (purse("bit-cash", "JPY", 5, 0), "face_amount"),
            (purse("cyber-coin", "EUR", 0, 0), "none of ISO"),
            (purse("coupon", "JPY", 0, 0), "date"),
            (purse("cheque", "EUR", 5, 0), "face_amount"),
            (purse("credit-card", "EUR", 0, 0), "date"),
            (bound("any", ""), "one shop or work"),
            (PurseConfig { face_amount: 2, ..bound("shop", "") }, "face_amount"),
            (
                PurseConfig { max_balance: 10, initial: 5, ..purse("cheque", "EUR", 10, 0) },
                "multiple",
            ),
            (
                PurseConfig { max_balance: 0, initial: 0, ..purse("bit-cash", "JPY", 0, 0) },
                "above 0",
            ),
        ] {
            let error = wrong.terms().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_purse_may_be_bound_to_the_shop_or_to_one_work() {
        let terms = |scope, id: &str| bound(scope, id).terms().map(|t| (t.scope, t.scope_id));
        let any = PurseConfig::new(1, "bit-cash", "JPY", 10, 0).terms().unwrap();
        assert_eq!((any.scope, any.scope_id), (ScopeKind::Any, [0; 16]));
        assert_eq!(terms("shop", ""), Ok((ScopeKind::Shop, [0; 16])));
        assert_eq!(terms("work", &"ab".repeat(16)), Ok((ScopeKind::Work, [0xAB; 16])));
        let id = "ab".repeat(16);
        for (scope, id) in [("work", ""), ("any", &id[..]), ("shop", "ab"), ("planet", "")] {
            let error = bound(scope, id).terms().unwrap_err().to_string();
            assert!(error.contains("nothing it may pay for"), "{error}");
        }
    }

    fn bound(scope: &str, id: &str) -> PurseConfig {
        let ticket = PurseConfig::new(1, "ticket", "SEAT", 10, 5);
        PurseConfig { face_amount: 1, scope: scope.into(), scope_id: id.into(), ..ticket }
    }
}
