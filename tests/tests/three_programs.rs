//! The three programs as processes of their own, through a private pcscd and HTTP.
#![cfg(target_os = "linux")]

use std::path::Path;

use saifu_tests::{kill_steps, sale_pcsc};
use saifu_wire::signed::PaymentOrder;

#[test]
fn three_works_are_sold_by_three_programs_and_all_value_is_accounted() {
    let client = Path::new(env!("CARGO_BIN_EXE_sale-pcsc"));
    sale_pcsc::run(client).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn whoever_is_killed_at_whatever_step_the_sale_is_paid_once_and_settled_once() {
    kill_steps::run(PaymentOrder::PayFirst).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn whoever_is_killed_at_whatever_step_what_is_decrypted_first_is_paid_once_and_settled_once() {
    kill_steps::run(PaymentOrder::DecryptFirst).unwrap_or_else(|error| panic!("{error}"));
}
