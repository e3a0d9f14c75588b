//! Whether a token says of its licence what the licence says, and of its purse what may be paid.

use saifu_wire::signed::{Licence, Token, TokenPayload};
use saifu_wire::value::{PurseTerms, ScopeKind};

use crate::accounts::purses_of;
use crate::refusal::{Refusal, Result};
use crate::store::AccountRow;

/// Checks that a genuine token says of its licence what the licence says.
pub(super) fn agree(
    account: &AccountRow,
    token: &Token,
    paid: &TokenPayload,
    licence: &Licence,
) -> Result<()> {
    let price = licence.prices.0.get(usize::from(paid.price_index));
    let purses = purses_of(account)?;
    let purse = purses.iter().find(|purse| purse.purse == paid.purse);
    let same = [
        ("the licence's number", paid.licence == licence.number),
        ("the card", licence.card == account.card),
        ("the payment key", token.center_key == licence.center_key),
        ("the order", paid.order == licence.order),
        ("the shop", paid.shop == licence.shop),
        ("the work", paid.content == licence.content),
        ("the version", paid.content_version == licence.content_version),
        ("the price's index", price.is_some()),
        ("the amount", price.is_some_and(|price| price.amount == paid.amount)),
        ("the kind", price.is_some_and(|price| price.kind == paid.kind)),
        ("the unit", price.is_some_and(|price| price.unit == paid.unit)),
        ("the purse", purse.is_some_and(|purse| may_pay(purse, paid))),
        ("the purse's scope", price.zip(purse).is_some_and(|(p, q)| in_scope(p.scope, q, paid))),
    ];
    match same.iter().find(|(_, agrees)| !agrees) {
        None => Ok(()),
        Some((what, _)) => Err(Refusal::contradiction(format!(
            "token and licence differ in {what}: nothing is booked, turn to the center's owner"
        ))),
    }
}

/// Whether the purse holds what was paid, and may pay as much at once (§4.2).
fn may_pay(purse: &PurseTerms, paid: &TokenPayload) -> bool {
    let whole = purse.face_amount == 0 || purse.face_amount == paid.amount;
    whole && (purse.kind, purse.unit) == (paid.kind, paid.unit)
}

/// Whether the purse serves the licence, and is bound as the price asks (§4.3).
fn in_scope(asked: ScopeKind, purse: &PurseTerms, paid: &TokenPayload) -> bool {
    let bound = asked == ScopeKind::Any || asked == purse.scope;
    bound && purse.serves(&paid.shop, &paid.content.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_wire::value::{Kind, Unit};
    use saifu_wire::{ContentId, Digest, OrderId, ShopId};

    fn purse(scope: ScopeKind, scope_id: u8, face_amount: u64) -> PurseTerms {
        PurseTerms {
            purse: 1,
            kind: Kind::Ticket,
            unit: Unit::new("JPY").unwrap(),
            scope,
            scope_id: [scope_id; 16],
            face_amount,
            max_balance: 1_000,
            not_after: 0,
        }
    }

    /// A payment of 300 to shop 5 for work 6.
    fn paid() -> TokenPayload {
        TokenPayload {
            licence: 1,
            licence_identity: Digest::ZERO,
            order: OrderId::ZERO,
            shop: ShopId([5; 16]),
            content: ContentId([6; 16]),
            content_version: 1,
            price_index: 0,
            purse: 1,
            kind: Kind::Ticket,
            unit: Unit::new("JPY").unwrap(),
            amount: 300,
            balance: 0,
            blinding: [0; 32],
        }
    }

    #[test]
    fn id9_an_indivisible_purse_pays_its_face_amount_and_nothing_else() {
        for (face, may) in [(0, true), (300, true), (299, false), (500, false)] {
            assert_eq!(may_pay(&purse(ScopeKind::Any, 0, face), &paid()), may, "{face}");
        }
        let any = purse(ScopeKind::Any, 0, 0);
        assert!(!may_pay(&any, &TokenPayload { kind: Kind::Coupon, ..paid() }));
        assert!(!may_pay(&any, &TokenPayload { unit: Unit::new("USD").unwrap(), ..paid() }));
    }

    #[test]
    fn id2_a_bound_purse_pays_where_it_is_bound_and_a_price_may_ask_for_one() {
        use ScopeKind::{Any, Shop, Work};
        for (asked, scope, id, serves) in [
            (Any, Any, 0, true),
            (Any, Shop, 5, true),
            (Any, Shop, 7, false),
            (Any, Work, 6, true),
            (Any, Work, 5, false),
            (Shop, Shop, 5, true),
            (Shop, Any, 0, false),
            (Shop, Work, 6, false),
            (Work, Work, 6, true),
            (Work, Shop, 5, false),
        ] {
            let purse = purse(scope, id, 0);
            assert_eq!(in_scope(asked, &purse, &paid()), serves, "{asked:?} {scope:?} {id}");
        }
    }
}
