//! `make tear`; with the beginning of a name only those commands, and with a write after it
//! every power cut there: `tear 'DEBIT, the first' 3`.

use std::env;
use std::process::ExitCode;

use saifu_tests::tear::{self, Report, Row, Size};

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_default();
    let cases = tear::cases_named(&name);
    if cases.is_empty() {
        eprintln!("tear: no command's name begins with '{name}'; without a name, all are played");
        return ExitCode::FAILURE;
    }
    let size = match env::args().nth(2).map(|write| write.parse()) {
        None => Size::asked_for(),
        Some(Ok(write)) => Size::asked_for().at_write(write),
        Some(Err(_)) => {
            eprintln!("tear: after the name comes the number of a write, from 1");
            return ExitCode::FAILURE;
        }
    };
    let mut report = tear::run(&cases, None, size, &tell);
    if name.is_empty() {
        report.rows.push(tear::guess());
        report.rows.last().into_iter().for_each(tell);
    }
    end(&report)
}

fn tell(row: &Row) {
    println!("{row}");
    row.violations.iter().for_each(|violation| println!("VIOLATION: {violation}"));
}

fn end(report: &Report) -> ExitCode {
    println!("{report}");
    if report.violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
