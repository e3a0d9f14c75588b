//! An issuer revokes cards, and a center takes its list.

use std::fs;

use saifu_center::issuer::Authority;
use saifu_center::keys::Unlock;
use saifu_center_api::ProblemCode;
use saifu_wire::CardId;
use saifu_wire::certificate::{Assurance, Name};
use saifu_wire::signed::Outcome;

use crate::card::Card;
use crate::desk::{Desk, NOW, code};
use crate::production::sale_ready;

fn list(issuer: &Authority) -> Vec<u8> {
    issuer.revocations(NOW).unwrap().to_bytes()
}

/// A card with value, whose payment for an order is under way.
fn payer(issuer: &mut Authority, desk: &Desk) -> (Card, String, [Vec<u8>; 2]) {
    let mut card = Card::certified(issuer, Assurance::Hardware);
    desk.register(&mut card);
    let load = desk.open_load(&card).unwrap();
    let event = card.credit(&desk.credit(&card, &load).unwrap());
    desk.close_load(&load, &event).unwrap();
    let work = desk.sell("jpy:300");
    let licence = desk.order(&card, &work, "one").unwrap().licence.0;
    let token = card.debit(&licence);
    (card, work, [token, licence])
}

#[test]
fn a_card_that_its_issuer_revoked_begins_nothing_new_and_its_tokens_are_still_booked() {
    let (_folder, mut issuer, desk) = sale_ready();
    let (card, work, [token, licence]) = payer(&mut issuer, &desk);
    let (other, ..) = payer(&mut issuer, &desk);
    issuer.revoke(CardId(card.id), "stolen", NOW).unwrap();
    let taken = desk.center().take_revocations(&list(&issuer)).unwrap();
    assert_eq!((taken.number, taken.new), (1, 1));
    assert_eq!(taken.issuer, issuer.root().name.to_string());
    assert_eq!(code(desk.order(&card, &work, "two")), ProblemCode::CardFrozen);
    assert_eq!(code(desk.open_load(&card)), ProblemCode::CardFrozen);
    assert_eq!(desk.outcome(&token, &licence), Outcome::Suspense);
    desk.value();
    desk.order(&other, &work, "two").unwrap();
    assert_eq!(desk.center().take_revocations(&list(&issuer)).unwrap().new, 0);
}

#[test]
fn a_list_that_is_older_or_changed_or_of_another_issuer_revokes_nothing() {
    let (_folder, mut issuer, desk) = sale_ready();
    let (card, work, _) = payer(&mut issuer, &desk);
    let older = list(&issuer);
    issuer.revoke(CardId([7; 16]), "lost", NOW).unwrap();
    desk.center().take_revocations(&list(&issuer)).unwrap();
    issuer.revoke(CardId(card.id), "stolen", NOW).unwrap();
    let mut changed = list(&issuer);
    *changed.last_mut().unwrap() ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let unlock = Unlock::passphrase("a stranger's passphrase").unwrap();
    // Of the same name, even.
    let name = Name::new(issuer.root().name.as_bytes()).unwrap();
    let mut stranger = Authority::make(folder.path(), name, &unlock, NOW).unwrap();
    for id in [card.id, [7; 16], [8; 16]] {
        stranger.revoke(CardId(id), "stolen", NOW).unwrap();
    }
    for (refused, why) in [
        (older, ProblemCode::Conflict),
        (changed, ProblemCode::NotAuthentic),
        (list(&stranger), ProblemCode::NotAuthentic),
        (b"no list".to_vec(), ProblemCode::Malformed),
    ] {
        let error = desk.center().take_revocations(&refused).unwrap_err();
        assert_eq!(error.code(), why, "{error}");
    }
    desk.order(&card, &work, "two").unwrap();
}

#[test]
fn the_file_of_a_list_is_taken_and_what_is_none_is_told() {
    let (_folder, mut issuer, desk) = sale_ready();
    let (card, work, _) = payer(&mut issuer, &desk);
    assert_eq!(desk.center().take_configured_revocations().unwrap(), None);
    issuer.revoke(CardId(card.id), "stolen", NOW).unwrap();
    let path = desk.folder.path().join("revoked.hex");
    let error = desk.center().take_revocations_of(&path).unwrap_err();
    assert_eq!(error.code(), ProblemCode::Unavailable, "{error}");
    fs::write(&path, "no hex").unwrap();
    let error = desk.center().take_revocations_of(&path).unwrap_err();
    assert_eq!(error.code(), ProblemCode::Malformed, "{error}");
    desk.order(&card, &work, "two").unwrap();
    fs::write(&path, hex::encode(list(&issuer)) + "\n").unwrap();
    assert_eq!(desk.center().take_revocations_of(&path).unwrap().new, 1);
    assert_eq!(code(desk.order(&card, &work, "three")), ProblemCode::CardFrozen);
}
