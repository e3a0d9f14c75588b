//! The HTTP interface, asked by Schemathesis from its own description, `make api-fuzz`.
//!
//! A center serves on a port of this machine: works, an account that has bought one, vouchers, a
//! token of each role. Schemathesis asks every route that `/v1/openapi.json` describes for what
//! the description allows and for what it does not, and holds each answer against it. How many
//! requests there were, and how many failures of the center's own, is what the center itself has
//! logged. Afterwards its books must be whole.

mod asked;
mod place;

use std::fmt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use self::asked::{Caller, ask};
use self::place::Place;
use crate::shop::Anything;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The operations that the description has, all of which were asked.
    operations: u64,
    /// The requests that the center has answered.
    requests: u64,
    /// Those that it answered with a failure of its own.
    server_errors: u64,
    /// The answers that are not as described, by kind.
    failures: u64,
}

impl Found {
    /// Whether every answer was as the description says.
    pub fn is_good(&self) -> bool {
        self.server_errors == 0 && self.failures == 0 && self.operations > 0
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, requests, server_errors, failures } = self;
        if *failures > 0 {
            writeln!(out, "api-fuzz: {failures} kinds of answers are not as described, see above")?;
        }
        write!(
            out,
            "api-fuzz: {operations} operations, {requests} requests, {server_errors} server errors"
        )
    }
}

/// Asks a center of its own by `schemathesis`, from `seed` or one drawn now.
///
/// # Errors
/// A program is missing or fails, an operation was not asked, or the center's books are not whole
/// afterwards.
pub fn run(schemathesis: &Path, full: bool, seed: Option<u32>) -> Result<Found, Anything> {
    let drawn = SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos();
    let seed = seed.unwrap_or(drawn);
    println!("api-fuzz: seed {seed}; SAIFU_FUZZ_SEED={seed} asks the same again");
    let place = Place::prepare()?;
    let mut found = Found { operations: 0, requests: 0, server_errors: 0, failures: 0 };
    for caller in Caller::all(place.tokens(), full) {
        let report = ask(schemathesis, &place, &caller, seed)?;
        println!("api-fuzz: {}: {} cases", caller.name, report.cases);
        found.operations = found.operations.max(report.operations);
        found.failures += report.failures;
    }
    (found.requests, found.server_errors) = place.end()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_center_or_an_answer_not_as_described_is_not_good() {
        let good = Found { operations: 30, requests: 900, server_errors: 0, failures: 0 };
        assert!(good.is_good());
        assert_eq!(good.to_string(), "api-fuzz: 30 operations, 900 requests, 0 server errors");
        assert!(!Found { server_errors: 1, ..good.clone() }.is_good());
        assert!(!Found { operations: 0, ..good.clone() }.is_good());
        let amiss = Found { failures: 2, ..good };
        assert!(!amiss.is_good() && amiss.to_string().contains("2 kinds of answers"));
    }
}
