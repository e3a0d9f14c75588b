use alloc::vec;
use alloc::vec::Vec;

use super::*;
use saifu_wire::answer::{Outbox, OutboxEntry};
use saifu_wire::ins::Ins;
use saifu_wire::request::TokenRef;
use saifu_wire::{AccountId, Digest, Wire};

use crate::test_kit::{PIN, TestCard, TestCenter, certify};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card that has paid for these licences, and its tokens.
fn paid(numbers: &[u64]) -> (TestCard, Vec<Vec<u8>>) {
    let mut card = CENTER.customer(1, 1_000);
    let mut tokens = Vec::new();
    for number in numbers {
        let licence = CENTER.licence(card.id(), *number);
        card.load_licence(&CENTER.issue(licence)).unwrap();
        tokens.push(card.buy(&CENTER, *number).unwrap());
    }
    (card, tokens)
}

/// A receipt for a token, changed and then signed.
fn receipt(token: &[u8], change: impl FnOnce(&mut Receipt)) -> Vec<u8> {
    let mut receipt = CENTER.receipt(token);
    change(&mut receipt);
    CENTER.sign(Role::Receipt, receipt).to_bytes()
}

fn acknowledge(card: &mut TestCard, receipt: &[u8]) -> Result<Vec<u8>, u16> {
    card.send(Ins::Acknowledge, 0, 0, receipt)
}

fn refused(card: &mut TestCard, receipt: &[u8]) -> u16 {
    card.refused(Ins::Acknowledge, 0, 0, receipt)
}

fn get_token(card: &mut TestCard, counter: u64) -> Result<Vec<u8>, u16> {
    let token = TokenRef { center: CENTER.id, counter };
    card.send(Ins::GetToken, 0, 0, &token.to_bytes())
}

/// The counters and licences in the outbox.
fn outbox(card: &mut TestCard) -> Vec<(u64, u64)> {
    card.verify(PIN).unwrap();
    let answer = card.send(Ins::ListOutbox, 0, 0, &[]).unwrap();
    let entries = Outbox::from_bytes(&answer).unwrap().0;
    entries.into_iter().map(|OutboxEntry { counter, licence, .. }| (counter, licence)).collect()
}

#[test]
fn a_receipt_takes_its_own_token_out_of_the_outbox() {
    let (mut card, tokens) = paid(&[7, 3]);
    assert_eq!(outbox(&mut card), [(3, 7), (4, 3)]);
    assert_eq!(acknowledge(&mut card, &receipt(&tokens[0], |_| ())), Ok(vec![]));
    assert_eq!(outbox(&mut card), [(4, 3)]);
    assert!(card.licence_state(&CENTER, 7).acknowledged);
    assert!(!card.licence_state(&CENTER, 3).acknowledged);
}

#[test]
fn a_token_can_be_had_until_it_is_acknowledged() {
    let (card, tokens) = paid(&[1]);
    let mut card = card.power_cycle();
    assert_eq!(get_token(&mut card, 3), Ok(tokens[0].clone()));
    assert_eq!(get_token(&mut card, 2), Err(0x6A88));
    acknowledge(&mut card, &receipt(&tokens[0], |_| ())).unwrap();
    assert_eq!(get_token(&mut card, 3), Err(0x6A88));
    assert_eq!(card.debit(&CENTER, 1), Ok(vec![]), "paid, and nothing to be given");
}

#[test]
fn listing_the_outbox_needs_a_pin() {
    let (card, _) = paid(&[1]);
    let mut card = card.power_cycle();
    assert_eq!(card.refused(Ins::ListOutbox, 0, 0, &[]), 0x6982);
    assert_eq!(outbox(&mut card), [(3, 1)]);
}

#[test]
fn pa15_a_forged_receipt_takes_nothing_out() {
    let (mut card, tokens) = paid(&[1]);
    let good = receipt(&tokens[0], |_| ());
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(refused(&mut card, &bad), 0x6A80, "byte {at}");
    }
    for role in [Role::Licence, Role::Credit] {
        let bad = CENTER.sign(role, CENTER.receipt(&tokens[0])).to_bytes();
        assert_eq!(refused(&mut card, &bad), 0x6A80, "{role:?}");
    }
    assert_eq!(acknowledge(&mut card, &good), Ok(vec![]));
}

#[test]
fn pa15_a_receipt_for_another_account_or_of_another_center_takes_nothing_out() {
    let (mut card, tokens) = paid(&[1]);
    let other_account = receipt(&tokens[0], |receipt| receipt.account = AccountId([9; 16]));
    assert_eq!(refused(&mut card, &other_account), 0x6A80);
    let other = TestCenter::new(0xC2);
    other.introduce(&mut card);
    let foreign = Receipt { center: other.id, ..CENTER.receipt(&tokens[0]) };
    let foreign = other.sign(Role::Receipt, foreign).to_bytes();
    assert_eq!(refused(&mut card, &foreign), 0x6A80);
}

#[test]
fn pa15_a_receipt_for_a_token_that_is_not_there_is_6a88() {
    let (mut card, tokens) = paid(&[1]);
    for change in [
        |receipt: &mut Receipt| receipt.counter = 4,
        |receipt: &mut Receipt| receipt.counter = 0,
        |receipt: &mut Receipt| receipt.token = Digest([9; 32]),
    ] {
        assert_eq!(refused(&mut card, &receipt(&tokens[0], change)), 0x6A88);
    }
}

#[test]
fn pa15_a_receipt_again_changes_nothing() {
    let (mut card, tokens) = paid(&[1, 2]);
    let good = receipt(&tokens[0], |_| ());
    acknowledge(&mut card, &good).unwrap();
    let root = card.card.store().root();
    let mut card = card.power_cycle();
    assert_eq!(acknowledge(&mut card, &good), Ok(vec![]));
    assert_eq!(card.card.store().root(), root);
    // A receipt for another token of that number is still none.
    let other = receipt(&tokens[0], |receipt| receipt.token = Digest([9; 32]));
    assert_eq!(refused(&mut card, &other), 0x6A88);
}

#[test]
fn id3_a_receipt_signed_with_n_minus_s_is_the_same_receipt() {
    let (mut card, tokens) = paid(&[1]);
    let good = receipt(&tokens[0], |_| ());
    let mut turned = good.clone();
    let s: [u8; 32] = good[good.len() - 32..].try_into().unwrap();
    let at = turned.len() - 32;
    turned[at..].copy_from_slice(&order_less(&s));
    assert_eq!(acknowledge(&mut card, &turned), Ok(vec![]));
    assert_eq!(acknowledge(&mut card, &good), Ok(vec![]));
}

/// n - s, n being the order of P-256 (SEC 2, 2.4.2).
fn order_less(s: &[u8; 32]) -> [u8; 32] {
    let n = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let mut out = [0; 32];
    let mut borrow = 0;
    for at in (0..32).rev() {
        let digit = i16::from(n.as_ref().unwrap()[at]) - i16::from(s[at]) - borrow;
        borrow = i16::from(digit < 0);
        out[at] = digit.rem_euclid(256) as u8;
    }
    out
}

#[test]
fn id7_receipts_of_an_old_key_count_until_it_is_retired() {
    let (mut card, tokens) = paid(&[1, 2]);
    let certificate = CENTER.certificate(Role::Receipt, 2).content();
    card.send(Ins::VerifyCertificate, 0, 0xBE, &certificate).unwrap();
    assert!(acknowledge(&mut card, &receipt(&tokens[0], |_| ())).is_ok());
    let mut body = CENTER.body(Role::Receipt, 3);
    body.retires_below = 2;
    card.send(Ins::VerifyCertificate, 0, 0xBE, &certify(body).content()).unwrap();
    assert_eq!(refused(&mut card, &receipt(&tokens[1], |_| ())), 0x6A80);
}

#[test]
fn a_refund_must_name_its_token_also_when_that_is_acknowledged() {
    let (mut card, tokens) = paid(&[1]);
    acknowledge(&mut card, &receipt(&tokens[0], |_| ())).unwrap();
    let mut refund = CENTER.load(card.id(), 2, 300);
    (refund.refunded_token, refund.refunded_licence) = (Digest([9; 32]), 1);
    let wrong = CENTER.sign(Role::Credit, refund.clone()).to_bytes();
    assert_eq!(card.refused(Ins::Credit, 0, 0, &wrong), 0x6A80);
    refund.refunded_token = CENTER.receipt(&tokens[0]).token;
    assert!(CENTER.send(&mut card, Ins::Credit, refund).is_ok());
}
