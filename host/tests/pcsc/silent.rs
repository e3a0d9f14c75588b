//! A card that does not answer.

use crate::card::{At, at_each};
use crate::desk::Desk;
use saifu_wire::ins::Ins;
use std::time::Duration;

const TIMEOUT: [&str; 2] = ["--card-timeout", "2"];
/// The two seconds, and what the rest of a sale takes on the slowest of machines.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_card_silent_in_a_sale_is_told_in_time_and_resuming_finishes_it() {
    at_each(
        &[At::got(Ins::LoadLicence), At::did(Ins::Debit), At::got(Ins::Decrypt).number(2)],
        |at| {
            let desk = Desk::new();
            let (buying, stopping) = desk.buy_until(at, &TIMEOUT);
            let ran = buying.ran();
            assert!([3, 10].contains(&ran.code), "{at:?}: {ran:?}");
            ran.told(ran.code, &["Virtual PCD 00 00 has not answered for 2 s", "saifu resume"]);
            assert!(ran.took < ENDS_WITHIN, "{at:?}: {ran:?}");
            stopping.answer();
            desk.saifu(&["resume", "--yes"]).good();
            desk.assert_sold();
        },
    );
}

#[test]
fn a_card_silent_from_the_first_command_on_is_told_in_time() {
    let desk = Desk::new();
    let (buying, stopping) = desk.buy_until(At::got(Ins::Select), &TIMEOUT);
    let ran = buying.ran();
    ran.told(3, &["Virtual PCD 00 00 has not answered for 2 s", "take the card out, put it back"]);
    assert!(ran.took < ENDS_WITHIN, "{ran:?}");
    stopping.answer();
    desk.assert_nothing_paid();
}

#[test]
fn a_silent_card_holds_up_no_other_run_for_ever() {
    let mut desk = Desk::new();
    let (buying, stopping) = desk.buy_until(At::did(Ins::Debit), &TIMEOUT);
    buying.ran().told(10, &["saifu resume"]);
    let ran = desk.saifu(&[&["resume"], &TIMEOUT[..]].concat());
    ran.told(3, &["another program has the card in Virtual PCD 00 00", "take the card out"]);
    assert!(ran.took < ENDS_WITHIN, "{ran:?}");
    desk.in_reader.as_ref().unwrap().end();
    stopping.pull();
    // pcscd resets a card for a process that has died, and loses sight of one that was pulled
    // meanwhile and is back before it has looked: a hand is slower than that.
    desk.saifu(&["card", "--card-timeout", "1"]).told(3, &["there is no card"]);
    desk.put_in();
    desk.saifu(&["resume"]).good();
    desk.assert_sold();
}
