//! Who has a place on a card, and who gives way (§6.9).

use super::*;
use crate::test_kit::{TestCard, TestCenter, certify, purse};
use alloc::vec;
use saifu_wire::ins::Ins;

fn show(card: &mut TestCard, body: Body) -> Result<Vec<u8>, u16> {
    card.send(Ins::VerifyCertificate, 0x00, 0xBE, &certify(body).content())
}

fn refused(card: &mut TestCard, body: Body) -> u16 {
    card.refused(Ins::VerifyCertificate, 0x00, 0xBE, &certify(body).content())
}

fn credit_key(seed: u8) -> Body {
    TestCenter::new(seed).body(Role::Credit, 1)
}

/// A key whose certificate retires those below it: the card must not forget that.
fn lasting_key(seed: u8) -> Body {
    Body { retires_below: 1, ..credit_key(seed) }
}

fn knows(card: &TestCard, holder: u8, role: Role) -> bool {
    let signer = Signer { holder: CenterId([holder; 16]), role, sequence: 1 };
    verifying_key(card.card.store(), signer).is_ok()
}

/// A card that knows the administration, and as many other holders as there can be.
fn full(key: impl Fn(u8) -> Body) -> TestCard {
    let mut card = TestCard::administrated(1);
    for seed in 1..MAX_CENTERS {
        show(&mut card, key(seed)).unwrap();
    }
    card
}

#[test]
fn at_least_eight_centers_have_room_and_more_than_can_be_are_6a84() {
    const { assert!(MAX_CENTERS > 8) };
    let mut card = full(lasting_key);
    assert_eq!(refused(&mut card, credit_key(MAX_CENTERS)), 0x6A84);
    assert!((1..MAX_CENTERS).all(|seed| knows(&card, seed, Role::Credit)));
}

#[test]
fn no_host_keeps_the_administration_out_with_centers() {
    let mut card = TestCard::in_use(1);
    for seed in 1..MAX_CENTERS {
        show(&mut card, lasting_key(seed)).unwrap();
    }
    assert_eq!(refused(&mut card, credit_key(MAX_CENTERS)), 0x6A84);
    let known = TestCenter::new(1).body(Role::Licence, 1);
    assert_eq!(show(&mut card, known), Ok(vec![]), "a known center takes no place");
    let admin = TestCenter::new(MAX_CENTERS + 1).body(Role::Administration, 1);
    assert_eq!(show(&mut card, admin), Ok(vec![]));
    assert_eq!(refused(&mut card, credit_key(MAX_CENTERS)), 0x6A84);
}

#[test]
fn no_host_keeps_a_center_out_with_centers_that_nobody_uses() {
    let mut card = full(credit_key);
    show(&mut card, TestCenter::new(1).body(Role::Licence, 1)).unwrap();
    assert_eq!(show(&mut card, credit_key(MAX_CENTERS)), Ok(vec![]));
    let mut card = card.power_cycle();
    assert!(knows(&card, MAX_CENTERS, Role::Credit));
    assert!([Role::Credit, Role::Licence].iter().all(|role| !knows(&card, 1, *role)), "all of it");
    assert!((2..MAX_CENTERS).all(|seed| knows(&card, seed, Role::Credit)), "one is enough");
    assert_eq!(card.card.store().count(&Key::centers()), usize::from(MAX_CENTERS));
    assert!(administration(card.card.store()).is_some());
    assert_eq!(show(&mut card, credit_key(1)), Ok(vec![]), "whoever gave way may come back");
}

#[test]
fn whoever_has_an_account_or_signed_a_time_never_gives_way() {
    let (customers, timed) = (TestCenter::new(1), TestCenter::new(2));
    let mut card = full(|seed| if seed < 3 { credit_key(seed) } else { lasting_key(seed) });
    let opening = customers.opening(card.id(), 0, &[purse(1)]);
    customers.send(&mut card, Ins::OpenAccount, opening).unwrap();
    show(&mut card, timed.body(Role::Licence, 1)).unwrap();
    card.set_time(&timed, 5).unwrap();
    assert_eq!(refused(&mut card, credit_key(MAX_CENTERS)), 0x6A84);
    assert!(knows(&card, 1, Role::Credit) && knows(&card, 2, Role::Credit));
}
