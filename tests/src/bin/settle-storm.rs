//! `make settle-storm`: sales while the center is ended all the time; fails when one is lost or
//! doubled. `SAIFU_CAMPAIGN=full` for all of it, `SAIFU_SEED` for what was drawn before.

use std::process::ExitCode;

use saifu_tests::settle_storm::{self, FOLDER, Report, Size};
use saifu_tests::shop::Anything;

fn main() -> ExitCode {
    match storm() {
        Ok(report) => end(&report),
        Err(error) => {
            eprintln!("settle-storm: {error}");
            ExitCode::FAILURE
        }
    }
}

fn storm() -> Result<Report, Anything> {
    let folder = tempfile::tempdir()?;
    settle_storm::run(Size::asked_for(), settle_storm::seed()?, &folder.path().join(FOLDER))
}

fn end(report: &Report) -> ExitCode {
    let (lost, mischief) = (report.lost_answers, report.seen.mischief);
    println!("{lost} answers were lost and asked for again, {mischief} requests were mischief");
    report.verdict.findings.iter().for_each(|finding| println!("WRONG: {finding}"));
    println!("{report}");
    if report.verdict.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
