//! `make kill-steps`.

use std::process::ExitCode;

use saifu_tests::kill_steps::{Size, run};

fn main() -> ExitCode {
    match run(Size::Full) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kill-steps: {error}");
            ExitCode::FAILURE
        }
    }
}
