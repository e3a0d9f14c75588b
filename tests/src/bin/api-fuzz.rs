//! `make api-fuzz`: the HTTP interface, asked by Schemathesis; the argument is that program.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use saifu_tests::api_fuzz::run;
use saifu_tests::shop::Anything;

fn main() -> ExitCode {
    match fuzz() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("api-fuzz: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fuzz() -> Result<bool, Anything> {
    let schemathesis = env::args_os().nth(1).map(PathBuf::from);
    let schemathesis = schemathesis.ok_or("name the program: `make api-fuzz` does")?;
    let full = env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
    let seed = env::var("SAIFU_FUZZ_SEED").ok().map(|seed| seed.parse()).transpose()?;
    let found = run(&schemathesis, full, seed)?;
    println!("{found}");
    Ok(found.is_good())
}
