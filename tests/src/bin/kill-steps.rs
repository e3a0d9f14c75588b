//! `make kill-steps`; with `INDEX PROGRAM` only that point, as in `kill-steps 14 card`.

use std::env;
use std::process::ExitCode;

use saifu_tests::kill_steps::{run, run_only};

fn main() -> ExitCode {
    let only: Vec<_> = env::args().skip(1).collect();
    let done = match &only[..] {
        [] => run(),
        only => run_only(&only.join(" ")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kill-steps: {error}");
            ExitCode::FAILURE
        }
    }
}
