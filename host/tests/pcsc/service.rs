//! The PC/SC service ends in the middle of a sale.

use crate::card::{At, at_each};
use crate::desk::Desk;
use saifu_wire::ins::Ins;
use std::time::Duration;

#[test]
fn a_service_that_is_killed_and_started_again_does_not_end_the_run() {
    at_each(
        &[At::got(Ins::LoadLicence), At::did(Ins::Debit), At::got(Ins::Decrypt).number(2)],
        |at| {
            let mut desk = Desk::new();
            let (buying, stopping) = desk.buy_until(at, &[]);
            desk.pcscd.kill().unwrap();
            stopping.answer();
            desk.pcscd.restart().unwrap();
            buying.ran().good();
            desk.assert_sold();
        },
    );
}

#[test]
fn a_service_that_stays_away_ends_the_run_and_resuming_finishes_the_sale() {
    at_each(
        &[At::got(Ins::LoadLicence), At::did(Ins::Debit), At::got(Ins::Decrypt).number(2)],
        |at| {
            let mut desk = Desk::new();
            let (buying, stopping) = desk.buy_until(at, &["--card-timeout", "2"]);
            desk.pcscd.kill().unwrap();
            stopping.answer();
            let ran = buying.ran();
            assert!([3, 10].contains(&ran.code), "{at:?}: {ran:?}");
            ran.told(ran.code, &["PC/SC service does not answer", "saifu resume"]);
            assert!(ran.took < Duration::from_secs(20), "{at:?}: {ran:?}");
            desk.pcscd.restart().unwrap();
            desk.saifu(&["resume", "--yes"]).good();
            desk.assert_sold();
        },
    );
}
