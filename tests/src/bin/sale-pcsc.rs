//! `make sale-pcsc`.

use std::env;
use std::process::ExitCode;

use saifu_tests::sale_pcsc::{MEASURE, Ratio, answer_for_measure, run};
use saifu_tests::shop::Anything;

fn main() -> ExitCode {
    match act() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sale-pcsc: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act() -> Result<(), Anything> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => match run(&env::current_exe()?)? {
            slow if slow > Ratio::MOST => {
                Err(format!("our card takes {:.2} times as long as the echo card", slow.0).into())
            }
            _ => Ok(()),
        },
        [MEASURE, card, echo] => answer_for_measure(card, echo),
        _ => Err("it takes no arguments".into()),
    }
}
