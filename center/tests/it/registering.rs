//! A card registers: the same again is the same; what is not one genuine card is refused.

use saifu_center::crypto::ecdsa::SigningKey;
use saifu_center::crypto::identity;
use saifu_center::keys::{Issuer, Subject};
use saifu_center_api as api;
use saifu_center_api::{HexBytes, ProblemCode};
use saifu_wire::certificate::{Assurance, Name, Role};
use saifu_wire::signed::{Opening, Outcome, Signed};
use saifu_wire::test_root::ROOT_NAME;

use crate::card::{Card, certificate, rsa_key};
use crate::desk::{Desk, NOW, code, registration};

fn refusal(desk: &Desk, registration: &api::Registration) -> ProblemCode {
    code(desk.send::<api::Account>("POST", "/v1/accounts", registration))
}

#[test]
fn a_card_registers_once_and_again_gets_the_same_bytes_even_from_a_center_started_again() {
    let (mut desk, card) = (Desk::open(), Card::new());
    let body = registration(&card);
    let first: api::Account = desk.send("POST", "/v1/accounts", &body).unwrap();
    let again: api::Account = desk.send("POST", "/v1/accounts", &body).unwrap();
    assert_eq!(first, again);
    desk.reopen();
    let after: api::Account = desk.send("POST", "/v1/accounts", &body).unwrap();
    assert_eq!(first, after);
    assert_eq!(first.loads_due, [1], "purse 1 waits for its initial value");
    let opening = Signed::<Opening>::parse(&first.opening.0).unwrap();
    assert_eq!(opening.message().account.to_string(), first.id);
    let purses = &opening.message().purses.0;
    assert_eq!(purses.iter().map(|purse| purse.purse).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_center_that_forgot_the_account_finds_it_again_and_books_the_cards_payments() {
    let mut desk = Desk::open();
    let (work, backup) = (desk.sell("jpy:300"), desk.back_up());
    let mut card = desk.customer();
    let body = registration(&card);
    let before: api::Account = desk.send("POST", "/v1/accounts", &body).unwrap();
    let order = desk.order(&card, &work, "key").unwrap();
    let token = card.debit(&order.licence.0);
    desk.restore(&backup);
    desk.clock.advance(86_400);
    let refused = desk.settle(&token, &order.licence.0).unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::NotFound));
    assert!(refused.detail.contains("register the card first"), "{}", refused.detail);
    let after: api::Account = desk.send("POST", "/v1/accounts", &body).unwrap();
    assert_eq!(after.id, before.id);
    let opened =
        |account: &api::Account| identity(&Signed::<Opening>::parse(&account.opening.0).unwrap());
    assert_eq!(opened(&after), opened(&before), "the card keeps this identity");
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
}

#[test]
fn another_card_gets_another_account() {
    let desk = Desk::open();
    let (mut one, mut other) = (Card::new(), Card::new());
    assert_ne!(desk.register(&mut one).id, desk.register(&mut other).id);
}

#[test]
fn id1_a_kup_of_the_terminals_own_making_is_refused() {
    let (desk, card) = (Desk::open(), Card::new());
    let own = Issuer::new(Name::new(ROOT_NAME).unwrap(), SigningKey::generate().unwrap());
    let kup = rsa_key().public_key().clone();
    let holder_id = Signed::<Opening>::parse(&desk.register(&mut card.clone()).opening.0);
    let subject = Subject {
        holder_id: holder_id.unwrap().message().card.0,
        role: Role::CardEncryption,
        assurance: Assurance::Test,
        sequence: 1,
    };
    let forged = own.certify(kup, subject, NOW).unwrap().to_bytes();
    let body =
        api::Registration { encryption_certificate: HexBytes(forged), ..registration(&card) };
    assert_eq!(refusal(&desk, &body), ProblemCode::NotAuthentic);
}

#[test]
fn id1_another_cards_certificate_is_refused() {
    let (desk, one, other) = (Desk::open(), Card::new(), Card::new());
    let [_, encryption] = other.certificates.clone();
    let mixed =
        api::Registration { encryption_certificate: HexBytes(encryption), ..registration(&one) };
    assert_eq!(refusal(&desk, &mixed), ProblemCode::NotAuthentic);
    let [signature, encryption] = one.certificates.clone();
    let swapped = api::Registration {
        signature_certificate: HexBytes(encryption),
        encryption_certificate: HexBytes(signature),
    };
    assert_eq!(refusal(&desk, &swapped), ProblemCode::NotAuthentic);
}

#[test]
fn a_flipped_bit_anywhere_in_a_certificate_is_refused() {
    let (desk, card) = (Desk::open(), Card::new());
    for at in (0..card.certificates[0].len()).step_by(7) {
        let mut body = registration(&card);
        body.signature_certificate.0[at] ^= 1;
        let code = refusal(&desk, &body);
        assert!(
            matches!(code, ProblemCode::NotAuthentic | ProblemCode::Malformed),
            "byte {at}: {code:?}"
        );
    }
}

#[test]
fn a_class_that_is_not_served_is_refused_and_a_software_card_is_not() {
    let desk = Desk::open();
    let hardware = registration(&Card::of_class(Assurance::Hardware));
    assert_eq!(refusal(&desk, &hardware), ProblemCode::CardNotAccepted);
    let software = registration(&Card::of_class(Assurance::Software));
    assert!(desk.send::<api::Account>("POST", "/v1/accounts", &software).is_ok());
}

#[test]
fn a_card_whose_certificates_have_ended_is_refused() {
    let (desk, card) = (Desk::open(), Card::new());
    desk.clock.advance(25 * 366 * 86_400);
    assert_eq!(refusal(&desk, &registration(&card)), ProblemCode::CardNotAccepted);
}

#[test]
fn id1_a_registered_card_id_with_another_key_is_refused() {
    let (desk, mut card) = (Desk::open(), Card::new());
    let opening = desk.register(&mut card).opening;
    let id = Signed::<Opening>::parse(&opening.0).unwrap().message().card.0;
    let key = SigningKey::generate().unwrap().public_key();
    let other = certificate(id, Assurance::Test, Role::CardSignature, key);
    let body = api::Registration { signature_certificate: HexBytes(other), ..registration(&card) };
    assert_eq!(refusal(&desk, &body), ProblemCode::Conflict);
}
