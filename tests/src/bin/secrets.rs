//! Searches files and folders for the secrets that the tests know: `secrets FILE...`. Exit
//! code 1 if there is one, if nothing was searched, or if something cannot be read.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use saifu_tests::secrets::{Searched, known, search};
use saifu_tests::shop::Anything;

fn main() -> ExitCode {
    let places: Vec<_> = env::args_os().skip(1).map(PathBuf::from).collect();
    match look(&places) {
        Ok(searched) => {
            for (path, name) in &searched.found {
                eprintln!("secrets: {name} lies in {}", path.display());
            }
            println!("{searched}");
            let good = searched.found.is_empty() && searched.files > 0;
            if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("secrets: {error}; name files and folders that can be read");
            ExitCode::FAILURE
        }
    }
}

fn look(places: &[PathBuf]) -> Result<Searched, Anything> {
    Ok(search(places, &known::all()?)?)
}
