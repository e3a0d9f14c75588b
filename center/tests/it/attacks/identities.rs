//! Whose a thing is, and whether it is the same thing (ID1 to ID11).

use saifu_wire::signed::Outcome;

use super::{other_half, sales};

#[test]
fn id3_a_signature_turned_to_its_other_half_is_the_same_payment() {
    let (desk, mut card, [order]) = sales();
    let token = card.debit(&order.licence.0);
    let turned = other_half(&order.licence.0);
    assert_ne!(turned, order.licence.0);
    assert_eq!(desk.outcome(&token, &turned), Outcome::Settled);
    let receipt = desk.settle(&token, &order.licence.0).unwrap();
    assert_eq!(desk.settle(&other_half(&token), &order.licence.0).unwrap(), receipt);
    assert_eq!(desk.value(), [0, 9_700, 300, 0]);
    assert_eq!(desk.center().books().unwrap().frozen, 0);
}
