//! `make kill-steps`; with `ORDER` only of a sale paid in that order, with `ORDER INDEX PROGRAM`
//! only that point of it, as in `kill-steps decrypt-first 14 card`.

use std::env;
use std::process::ExitCode;

use saifu_host::center::words;
use saifu_tests::kill_steps::{run, run_only};
use saifu_wire::signed::PaymentOrder;

/// The orders in which paying and decrypting come.
const ORDERS: [PaymentOrder; 2] = [PaymentOrder::PayFirst, PaymentOrder::DecryptFirst];

fn main() -> ExitCode {
    let only: Vec<_> = env::args().skip(1).collect();
    let done = match &only[..] {
        [] => ORDERS.into_iter().try_for_each(run),
        [order, point @ ..] => match ORDERS.into_iter().find(|one| words::payment(*one) == order) {
            Some(order) if point.is_empty() => run(order),
            Some(order) => run_only(order, &point.join(" ")),
            None => Err("the order is pay-first or decrypt-first".into()),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kill-steps: {error}");
            ExitCode::FAILURE
        }
    }
}
