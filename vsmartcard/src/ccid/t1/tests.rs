//! Conversations of blocks, most of them those of ISO/IEC 7816-3, annex A.

use super::block::Block::{I, R, Request, Response};
use super::block::Supervision::{Abort, Ifs, Resynch, Wtx};
use super::*;

/// An I-block's N(S), M and INF.
fn i(sequence: u8, more: u8, piece: &[u8]) -> Vec<u8> {
    I { sequence: sequence == 1, more: more == 1, piece }.to_bytes()
}

/// An R-block's N(R), with no error.
fn r(sequence: u8) -> Vec<u8> {
    R { sequence: sequence == 1 }.to_bytes()
}

fn broken(mut block: Vec<u8>) -> Vec<u8> {
    *block.last_mut().unwrap() ^= 0x01;
    block
}

fn block(bytes: Vec<u8>) -> Reply {
    Reply::Block(bytes)
}

/// A card that was asked once, with the command `01 02 03 04`, and has to answer.
fn asked() -> T1 {
    let mut card = T1::default();
    assert_eq!(card.take(&i(0, 0, &[1, 2, 3, 4])), Reply::Command(vec![1, 2, 3, 4]));
    card
}

#[test]
fn a_command_in_a_block_is_answered_by_a_block_with_numbers_in_turn() {
    let mut card = asked();
    assert_eq!(card.answer(vec![0x90, 0x00]), i(0, 0, &[0x90, 0x00]));
    assert_eq!(card.take(&i(1, 0, &[5])), Reply::Command(vec![5]));
    assert_eq!(card.answer(vec![7, 0x90, 0x00]), i(1, 0, &[7, 0x90, 0x00]));
    assert_eq!(card.take(&i(0, 0, &[])), Reply::Command(vec![]));
}

#[test]
fn a_chain_of_commands_blocks_is_put_together() {
    let mut card = T1::default();
    assert_eq!(card.take(&i(0, 1, &[1, 2])), block(r(1)));
    assert_eq!(card.take(&i(1, 1, &[3])), block(r(0)));
    assert_eq!(card.take(&i(0, 0, &[4])), Reply::Command(vec![1, 2, 3, 4]));
    assert_eq!(card.answer(vec![0x90, 0x00]), i(0, 0, &[0x90, 0x00]));
}

#[test]
fn an_answer_longer_than_the_hosts_blocks_is_chained() {
    let mut card = asked();
    let answer: Vec<u8> = (0..70).collect();
    assert_eq!(card.answer(answer.clone()), i(0, 1, &answer[..32]));
    assert_eq!(card.take(&r(1)), block(i(1, 1, &answer[32..64])));
    assert_eq!(card.take(&r(0)), block(i(0, 0, &answer[64..])));
    assert_eq!(card.take(&i(1, 0, &[9])), Reply::Command(vec![9]));
}

#[test]
fn a_host_that_takes_longer_blocks_gets_them() {
    let mut card = T1::default();
    assert_eq!(card.take(&Request(Ifs(254)).to_bytes()), block(Response(Ifs(254)).to_bytes()));
    assert_eq!(card.take(&i(0, 0, &[1])), Reply::Command(vec![1]));
    assert_eq!(card.answer(vec![3; 300]), i(0, 1, &[3; 254]));
    assert_eq!(card.take(&r(1)), block(i(1, 0, &[3; 46])));
}

#[test]
fn a_block_that_broke_is_asked_for_again_and_taken_then() {
    let mut card = T1::default();
    let good = i(0, 0, &[1]);
    assert_eq!(card.take(&broken(good.clone())), block(again(false, Wrong::Check)));
    assert_eq!(card.take(&[0, 0, 9, 0]), block(again(false, Wrong::Check)), "rule 7.2");
    assert_eq!(card.take(&good), Reply::Command(vec![1]));
}

#[test]
fn an_answers_block_is_said_again_to_a_host_that_asks() {
    let mut card = asked();
    let said = card.answer(vec![5; 40]);
    assert_eq!(card.take(&again(false, Wrong::Check)), block(said));
    let last = i(1, 0, &[5; 8]);
    assert_eq!(card.take(&r(1)), block(last.clone()));
    assert_eq!(card.take(&again(true, Wrong::Other)), block(last));
    assert_eq!(card.take(&r(0)), block(again(true, Wrong::Other)), "nothing is left");
}

#[test]
fn an_acknowledgement_is_said_again_to_a_host_that_did_not_get_it() {
    let mut card = T1::default();
    assert_eq!(card.take(&i(0, 1, &[1])), block(r(1)));
    assert_eq!(card.take(&again(false, Wrong::Check)), block(r(1)));
    assert_eq!(card.take(&i(1, 0, &[2])), Reply::Command(vec![1, 2]));
}

#[test]
fn a_block_with_the_number_of_the_one_before_is_not_taken_twice() {
    let mut card = T1::default();
    assert_eq!(card.take(&i(0, 1, &[1])), block(r(1)));
    assert_eq!(card.take(&i(0, 1, &[1])), block(r(1)), "the same acknowledgement");
    assert_eq!(card.take(&i(1, 0, &[2])), Reply::Command(vec![1, 2]));
}

#[test]
fn a_command_in_the_middle_of_an_answer_is_not_taken() {
    let mut card = asked();
    let answer = card.answer(vec![5; 40]);
    assert_eq!(answer, i(0, 1, &[5; 32]));
    assert_eq!(card.take(&i(1, 0, &[9])), block(again(true, Wrong::Other)));
    assert_eq!(card.take(&r(1)), block(i(1, 0, &[5; 8])), "and the answer goes on");
}

#[test]
fn after_three_wrong_blocks_the_card_is_silent_until_a_good_one() {
    let mut card = T1::default();
    for _ in 0..MAX_WRONG {
        assert_eq!(card.take(&[]), block(again(false, Wrong::Other)));
    }
    assert_eq!(card.take(&[]), Reply::Silence);
    assert_eq!(card.take(&broken(i(0, 0, &[1]))), Reply::Silence);
    assert_eq!(card.take(&i(0, 0, &[1])), Reply::Command(vec![1]));
    assert_eq!(card.answer(vec![0x90, 0x00]), i(0, 0, &[0x90, 0x00]));
    assert_eq!(card.take(&[]), block(again(true, Wrong::Other)), "it counts anew");
}

#[test]
fn both_begin_anew_after_resynch() {
    let mut card = asked();
    card.answer(vec![5; 40]);
    card.take(&Request(Ifs(254)).to_bytes());
    assert_eq!(card.take(&Request(Resynch).to_bytes()), block(Response(Resynch).to_bytes()));
    assert_eq!(card.take(&i(0, 0, &[1])), Reply::Command(vec![1]));
    assert_eq!(card.answer(vec![5; 40]), i(0, 1, &[5; 32]), "with blocks of 32 bytes");
}

#[test]
fn an_aborted_chain_is_forgotten_in_either_direction() {
    let mut card = T1::default();
    let (abort, aborted) = (Request(Abort).to_bytes(), Response(Abort).to_bytes());
    assert_eq!(card.take(&i(0, 1, &[1])), block(r(1)));
    assert_eq!(card.take(&abort), block(aborted.clone()));
    assert_eq!(card.take(&i(1, 0, &[2])), Reply::Command(vec![2]));
    card.answer(vec![5; 40]);
    assert_eq!(card.take(&abort), block(aborted));
    assert_eq!(card.take(&r(1)), block(again(false, Wrong::Other)), "nothing is left");
    assert_eq!(card.take(&i(0, 0, &[3])), Reply::Command(vec![3]));
    assert_eq!(card.answer(vec![0x90, 0x00]), i(1, 0, &[0x90, 0x00]));
}

#[test]
fn a_command_that_takes_long_is_carried_out_once_the_host_grants_the_time() {
    let mut card = T1::default();
    let generate = [0x00, 0x47, 0x80, 0x00];
    let wish = block(Request(Wtx(SLOW_TIMES)).to_bytes());
    assert_eq!(card.take(&i(0, 0, &generate)), wish);
    assert_eq!(card.take(&i(1, 0, &[1])), wish, "first the time");
    assert_eq!(card.take(&Response(Wtx(SLOW_TIMES + 1)).to_bytes()), wish);
    let granted = Response(Wtx(SLOW_TIMES)).to_bytes();
    assert_eq!(card.take(&granted), Reply::Command(generate.to_vec()));
    assert_eq!(card.answer(vec![0x90, 0x00]), i(0, 0, &[0x90, 0x00]));
    assert_eq!(card.take(&granted), block(again(true, Wrong::Other)), "nobody asked");
}

#[test]
fn a_host_cannot_ask_for_time_nor_answer_what_nobody_asked() {
    for wrong in [Request(Wtx(1)), Response(Wtx(1)), Response(Ifs(9)), Response(Resynch)] {
        let mut card = T1::default();
        assert_eq!(card.take(&wrong.to_bytes()), block(again(false, Wrong::Other)), "{wrong:?}");
    }
    assert_eq!(T1::default().take(&r(0)), block(again(false, Wrong::Other)));
}

#[test]
fn the_longest_command_passes_and_a_longer_one_is_told_its_length() {
    for (extra, expected) in [(0, None), (1, Some(WRONG_LENGTH.to_vec()))] {
        let command: Vec<u8> = (0..MAX_COMMAND_BYTES + extra).map(|byte| byte as u8).collect();
        let mut card = T1::default();
        let mut reply = Reply::Silence;
        let pieces: Vec<_> = command.chunks(254).collect();
        for (index, piece) in pieces.iter().enumerate() {
            let more = u8::from(index + 1 < pieces.len());
            reply = card.take(&i(index as u8 & 1, more, piece));
        }
        match expected {
            None => assert_eq!(reply, Reply::Command(command)),
            Some(answer) => assert_eq!(reply, block(i(0, 0, &answer))),
        }
        assert!(card.command.capacity() <= 2 * MAX_COMMAND_BYTES);
    }
}

#[test]
fn an_empty_answer_is_an_empty_block() {
    assert_eq!(asked().answer(vec![]), i(0, 0, &[]));
}
