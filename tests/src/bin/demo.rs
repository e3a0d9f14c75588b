//! Sells three real works to a virtual card and tells each step.

use std::process::ExitCode;

fn main() -> ExitCode {
    match saifu_tests::demo::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: failed: {error}");
            ExitCode::FAILURE
        }
    }
}
