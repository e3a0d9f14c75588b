//! The bound: a loop that sends and does nothing else.

use std::ffi::CString;
use std::path::Path;

use pcsc::{Context, Protocols, Scope, ShareMode};

use super::{Anything, script};

/// Sends each APDU of a trace to the card in a reader; each must be answered 9000.
pub(crate) fn run(file: &Path, reader: &str) -> Result<(), Anything> {
    let commands = script::commands_in(&std::fs::read_to_string(file)?)?;
    let context = Context::establish(Scope::User)?;
    let reader = CString::new(reader)?;
    let mut card = context.connect(&reader, ShareMode::Shared, Protocols::ANY)?;
    let transaction = card.transaction()?;
    let mut buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
    for command in &commands {
        let answer = transaction.transmit(command, &mut buffer)?;
        if answer != [0x90, 0x00] {
            return Err(format!("{command:02X?} was answered {answer:02X?}").into());
        }
    }
    Ok(())
}
