//! `make conformance`. It runs itself once more, as a client of a pcscd of its own: `conformance
//! FOLDER` begins, `conformance FOLDER PORT READER` is the run.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use saifu_host::trace_targets::in_own_pcscd;
use saifu_tests::conformance;

/// The suite.
const TRACES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/traces");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => begin(TRACES),
        [folder] => begin(folder),
        [folder, port, reader] => match port.parse() {
            Ok(port) => end(Path::new(folder), port, reader),
            Err(_) => failed(&format!("{port} is no port of a vpcd")),
        },
        _ => failed("too many arguments; give a folder of traces, or none"),
    }
}

fn begin(folder: &str) -> ExitCode {
    let again = |port: u16, reader: &str| -> Vec<OsString> {
        vec![folder.into(), port.to_string().into(), reader.into()]
    };
    match in_own_pcscd(again) {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => failed(&format!("no private pcscd: {error}; `scripts/setup test` says more")),
    }
}

fn end(folder: &Path, port: u16, reader: &str) -> ExitCode {
    match conformance::run(folder, port, reader) {
        Ok(shown) => {
            anstream::println!("{shown}");
            if shown.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => failed(&error),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("conformance: {why}");
    ExitCode::FAILURE
}
