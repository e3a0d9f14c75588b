//! `make card-storm`: ten cards in one process that are pulled, put in and killed, with their
//! hosts and pcscds; fails when one hangs, is wedged, loses something or does not answer.
//! `SAIFU_CAMPAIGN=full` for all of it, `SAIFU_SEED` for what was drawn before.

use std::env;
use std::process::ExitCode;

use saifu_tests::card_storm::{self, HOST, Report, Size};
use saifu_tests::settle_storm::seed;
use saifu_tests::shop::Anything;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let done = match &arguments[..] {
        [host, reader] if host == HOST => card_storm::serve(reader).map(|()| true),
        _ => storm(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("card-storm: {error}");
            ExitCode::FAILURE
        }
    }
}

fn storm() -> Result<bool, Anything> {
    let folder = tempfile::tempdir()?;
    let this = env::current_exe()?;
    let report = card_storm::run(Size::asked_for(), seed()?, &this, folder.path(), &[])?;
    tell(&report);
    Ok(report.is_good())
}

fn tell(report: &Report) {
    let seen = &report.seen;
    let (cards, hosts, pcscds) = (seen.killed_cards, seen.killed_hosts, seen.killed_pcscds);
    println!("killed: the ten cards {cards} times, a host {hosts}, a pcscd {pcscds}");
    let (answered, malformed, extended) = (seen.answered, seen.malformed, seen.extended);
    println!(
        "{answered} commands were answered, {malformed} of them malformed, {extended} extended"
    );
    println!("{} were interrupted; {:.1?}", seen.interrupted, report.took);
    seen.errors.iter().for_each(|(text, times)| println!("  {times:>5} x {text}"));
    seen.findings.iter().for_each(|(wrong, what)| println!("{wrong}: {what}"));
    println!("{report}");
}
