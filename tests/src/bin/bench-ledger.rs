//! `make bench-ledger`: what settling and a statement cost with 1,000 sales and with 1,000,000;
//! fails when the many make either dear.

use std::process::ExitCode;

use saifu_tests::bench_ledger::run;

fn main() -> ExitCode {
    match run() {
        Ok(cost) => {
            println!("{cost}");
            if cost.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("bench-ledger: {error}");
            ExitCode::FAILURE
        }
    }
}
