//! Works on all terms, and the time for cards that have no clock (§8.1, §12.3).

use saifu_center::catalogue::NewWork;
use saifu_center::config::{Config, PurseConfig};
use saifu_center::crypto::ecdsa::VerifyingKey;
use saifu_center::store::Validity;
use saifu_center_api::{HexBytes, ProblemCode, SignedBytes, TimeRequest, Work};
use saifu_wire::certificate::{Certificate, PublicKey, Role};
use saifu_wire::signed::{EventKind, Licence, Outcome, PaymentOrder, Signed, TimeOrder};
use saifu_wire::value::ScopeKind;
use saifu_wire::{CardId, Digest, LoadId};

use crate::desk::{Desk, NOW, TEXT, code};

const LATER: u64 = NOW + 86_400;

/// A center whose accounts have coupons for its own works alone.
fn with_coupons_of_the_shop() -> Config {
    let mut config = Config::default();
    let coupons = PurseConfig::new(3, "coupon", "JPY", 100_000, 0);
    let scope = "shop".to_owned();
    config.purses.push(PurseConfig { scope, not_after: 10 * LATER, ..coupons });
    config
}

/// Sells a text as `change` has it.
fn sell(desk: &Desk, change: impl FnOnce(NewWork) -> NewWork) -> String {
    let text = TEXT.repeat(300);
    let work = change(Desk::new_work(&text, "coupon:jpy:300:shop"));
    let row = desk.center().add_work(&mut text.as_bytes(), work).unwrap();
    desk.center().publish(row.added.work, row.version).unwrap();
    row.added.work.to_string()
}

#[test]
fn catalogue_and_licence_say_the_terms_that_the_owner_gave_even_from_a_center_started_again() {
    let mut desk = Desk::with(&with_coupons_of_the_shop());
    let validity = Validity { not_before: NOW, not_after: LATER, needs_time: true };
    let payment = PaymentOrder::DecryptFirst;
    let work = sell(&desk, |work| NewWork { payment, uses: 3, validity, ..work });
    desk.reopen();
    let shown: Work = desk.get(&format!("/v1/works/{work}")).unwrap();
    assert_eq!((&shown.payment[..], shown.uses, shown.needs_time), ("decrypt-first", 3, true));
    assert_eq!(shown.not_before.as_deref(), Some("2026-11-22T00:00:00Z"));
    assert_eq!(shown.not_after.as_deref(), Some("2026-11-23T00:00:00Z"));
    assert_eq!(shown.prices[0].scope.as_deref(), Some("shop"));
    let order = desk.order(&desk.customer(), &work, "key").unwrap();
    let signed = Signed::<Licence>::parse(&order.licence.0).unwrap();
    let licence = signed.message();
    assert_eq!((licence.payment, licence.uses, licence.needs_time), (payment, 3, true));
    assert_eq!((licence.not_before, licence.not_after), (NOW, LATER));
    assert_eq!(licence.prices.0[0].scope, ScopeKind::Shop);
}

#[test]
fn terms_that_no_licence_can_have_are_refused() {
    let desk = Desk::open();
    let never = Validity { not_before: LATER, not_after: NOW, needs_time: false };
    let good = || Desk::new_work(TEXT, "jpy:300");
    for wrong in [NewWork { validity: never, ..good() }, NewWork { uses: u32::MAX, ..good() }] {
        let refused = desk.center().add_work(&mut TEXT.repeat(300).as_bytes(), wrong);
        assert_eq!(refused.unwrap_err().code(), ProblemCode::Malformed);
    }
}

#[test]
fn what_was_on_hold_settles_as_any_payment_though_its_hold_was_never_sent_in() {
    let desk = Desk::open();
    let work = sell(&desk, |_| NewWork {
        payment: PaymentOrder::DecryptFirst,
        ..Desk::new_work(TEXT, "jpy:300")
    });
    let mut card = desk.customer();
    let before = desk.value();
    for key in ["key-1", "key-2"] {
        let order = desk.order(&card, &work, key).unwrap();
        let held = card.event(EventKind::Held, 1, 300, Digest::ZERO, LoadId::ZERO);
        card.sign_link(held);
        let token = card.debit(&order.licence.0);
        assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Settled);
        assert_eq!(desk.settle(&token, &order.licence.0), desk.settle(&token, &order.licence.0));
    }
    let after = desk.value();
    assert_eq!((after[1], after[2], after[3]), (before[1] - 600, 600, 0));
}

#[test]
fn id8_the_time_is_signed_for_one_session_of_the_accounts_card() {
    let desk = Desk::open();
    let card = desk.customer();
    let ask = |account: String, challenge: Vec<u8>| {
        let request = TimeRequest { account, challenge: HexBytes(challenge) };
        desk.send::<SignedBytes>("POST", "/v1/times", &request)
    };
    let answer = ask(card.account.to_string(), vec![7; 32]).unwrap();
    let signed = Signed::<TimeOrder>::parse(&answer.signed.0).unwrap();
    assert_eq!(licence_key(&desk).verify_signed(&signed), Ok(()));
    let order = signed.message();
    assert_eq!((order.nonce.0, order.time), ([7; 32], NOW));
    assert_eq!((order.center, order.card), (desk.center().id(), CardId(card.id)));
    for length in [0, 31, 33] {
        let refused = ask(card.account.to_string(), vec![7; length]);
        assert_eq!(code(refused), ProblemCode::Malformed, "{length}");
    }
    assert_eq!(code(ask("ab".repeat(16), vec![7; 32])), ProblemCode::NotFound);
}

/// The key with which the center signs licences and times.
fn licence_key(desk: &Desk) -> VerifyingKey {
    let all = desk.center().certificates();
    let mut all = all.iter().map(|bytes| Certificate::parse(bytes).unwrap());
    let found = all.find(|certificate| certificate.body().role == Role::Licence).unwrap();
    let PublicKey::P256(point) = found.body().key else { panic!("a key of another kind") };
    VerifyingKey::from_point(&point).unwrap()
}
