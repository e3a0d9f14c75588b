//! What cannot be taken back is agreed to first.

use super::customer::ask;
use super::report::tell;
use super::{ExitCode, Failure};
use std::io::{self, IsTerminal};

/// Tells what is about to be done and asks for a yes, unless it was given beforehand.
pub(super) fn expect_yes(given: bool, told: &str, question: &str) -> Result<(), Failure> {
    if given {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let what = "nobody is there to agree to it";
        return Err(Failure::new(ExitCode::Usage, what, "nothing was done; --yes agrees"));
    }
    tell(told);
    if ask(question) {
        return Ok(());
    }
    Err(Failure::new(ExitCode::Failed, "you did not say yes", "nothing was done"))
}
