//! `make commit-cost`: counts the instructions of a commit; fails when they grow with the licences
//! held.

use std::env;
use std::process::ExitCode;

use saifu_tests::commit_cost::{WORK, answer_for_work, run};
use saifu_tests::shop::Anything;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((word, words)) if word == WORK => answer_for_work(words).map(|()| true),
        _ => count(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("commit-cost: {error}");
            ExitCode::FAILURE
        }
    }
}

fn count() -> Result<bool, Anything> {
    let cost = run(&env::current_exe()?)?;
    println!("{cost}");
    Ok(cost.is_good())
}
