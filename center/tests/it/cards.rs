//! What the owner decides about cards, through the library and the program.

use std::process::Command;

use saifu_center::store::NoteKind;
use saifu_center_api::{Account, ProblemCode};
use saifu_wire::CardId;
use saifu_wire::signed::Outcome;
use serde_json::Value;

use crate::card::Card;
use crate::desk::{Desk, code, registration};
use crate::running::Expected;

#[test]
fn pa19_a_frozen_card_begins_nothing_new_until_it_is_thawed() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "before").unwrap();
    let center = desk.center();
    assert!(center.freeze_card(card.account, " ").is_err(), "a reason is needed");
    center.freeze_card(card.account, "reported lost").unwrap();
    assert!(center.freeze_card(card.account, "twice").is_err());
    assert_eq!(code(desk.order(&card, &work, "more")), ProblemCode::CardFrozen);
    let token = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    center.thaw_card(card.account, "found again", false).unwrap();
    assert!(center.thaw_card(card.account, "twice", false).is_err());
    desk.order(&card, &work, "more").unwrap();
    let notes = center.card_notes(card.account).unwrap();
    let whats: Vec<_> = notes.iter().map(|note| note.what).collect();
    assert_eq!(whats, [NoteKind::Frozen, NoteKind::Thawed]);
    assert_eq!(notes[0].reason, "reported lost");
}

#[test]
fn a_proven_fork_is_thawed_only_despite_the_evidence() {
    let desk = Desk::open();
    desk.expect(Expected::Dishonest);
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let [one, two] = ["1", "2"].map(|key| desk.order(&card, &work, key).unwrap());
    let mut copy = card.clone();
    desk.settle(&card.debit(&one.licence.0), &one.licence.0).unwrap();
    assert!(desk.settle(&copy.debit(&two.licence.0), &two.licence.0).is_err());
    assert!(desk.center().thaw_card(card.account, "a mistake", false).is_err());
    desk.center().thaw_card(card.account, "I know better", true).unwrap();
    desk.order(&card, &work, "more").unwrap();
}

#[test]
fn pa13_a_revoked_card_begins_nothing_new_for_good_and_its_payments_go_to_suspense() {
    let desk = Desk::open();
    let (work, mut card) = (desk.sell("jpy:300"), desk.customer());
    let order = desk.order(&card, &work, "before").unwrap();
    let stranger = Card::new();
    let cards = [CardId(card.id), CardId(stranger.id)];
    assert_eq!(desk.center().revoke_cards(&cards, "stolen").unwrap(), 2);
    assert_eq!(desk.center().revoke_cards(&cards, "stolen").unwrap(), 0);
    assert_eq!(code(desk.order(&card, &work, "more")), ProblemCode::CardFrozen);
    assert!(desk.center().thaw_card(card.account, "back", true).is_err());
    let token = card.debit(&order.licence.0);
    assert_eq!(desk.outcome(&token, &order.licence.0), Outcome::Suspense);
    let known: Account = desk.send("POST", "/v1/accounts", &registration(&card)).unwrap();
    assert_eq!(known.id, card.account.to_string(), "what it has signed is still taken");
    let refused = desk.send::<Account>("POST", "/v1/accounts", &registration(&stranger));
    assert_eq!(code(refused), ProblemCode::CardNotAccepted);
}

#[test]
fn a_card_is_named_by_the_beginning_of_its_id_or_its_accounts() {
    let desk = Desk::open();
    let card = desk.customer();
    let account = card.account.to_string();
    let named = |name: &str| desk.center().card_named(name).map(|found| found.id);
    for name in [&account[..8], &account.to_uppercase(), &hex::encode(card.id)[..6]] {
        assert_eq!(named(name), Ok(card.account), "{name}");
    }
    for wrong in ["", "abc", "no hex", &"0".repeat(32)] {
        assert!(named(wrong).is_err(), "{wrong}");
    }
}

/// Runs the program's `card` on the desk's folder, and reads what it says.
fn program(desk: &Desk, arguments: &[&str]) -> (Option<i32>, Value) {
    let ran = Command::new(env!("CARGO_BIN_EXE_saifu-center"))
        .args(["--json", "--data", desk.folder.path().to_str().unwrap(), "card"])
        .args(arguments)
        .output()
        .unwrap();
    let said = if ran.status.success() { ran.stdout } else { ran.stderr };
    (ran.status.code(), serde_json::from_slice(&said).unwrap())
}

#[test]
fn the_program_shows_freezes_thaws_revokes_and_closes_cards() {
    let desk = Desk::open();
    let (card, other) = (desk.customer(), desk.customer());
    let account = card.account.to_string();
    let (code, cards) = program(&desk, &["list"]);
    assert_eq!((code, cards.as_array().unwrap().len()), (Some(0), 2));
    let (_, shown) = program(&desk, &["show", &account[..12]]);
    assert_eq!((&shown["state"], &shown["links_missing"]), (&"good".into(), &0.into()));
    assert_eq!(shown["purses"][0]["on_card"], 10_000);
    assert_eq!(shown["purses"][0]["said"], 10_000);
    assert_eq!(program(&desk, &["freeze", &account, "--reason", "lost"]).1["state"], "frozen");
    assert_eq!(program(&desk, &["freeze", &account, "--reason", "lost"]).0, Some(1));
    assert_eq!(program(&desk, &["thaw", &account, "--reason", "found"]).1["state"], "good");
    let closing = desk.folder.path().join("closing.hex");
    std::fs::write(&closing, hex::encode(card.closing(|_| {}))).unwrap();
    let (_, closed) = program(&desk, &["close", closing.to_str().unwrap()]);
    assert_eq!(
        (&closed["state"], &closed["purses"][0]["owed"]),
        (&"closed".into(), &10_000.into())
    );
    for _ in 0..2 {
        let (code, paid) = program(&desk, &["payout", &account]);
        assert_eq!((code, &paid["paid"][0]["amount"]), (Some(0), &10_000.into()), "once");
    }
    assert_eq!(desk.value(), [0, 10_000, 0, 0], "the other card's");
    let other = other.account.to_string();
    assert_eq!(program(&desk, &["payout", &other]).0, Some(1), "it is not closed");
    assert_eq!(program(&desk, &["revoke", &other, "--reason", "stolen"]).1["state"], "revoked");
    assert_eq!(program(&desk, &["show", "0000"]).0, Some(1));
}
