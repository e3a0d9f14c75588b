//! A transport that expects certain commands and gives prepared answers.

use crate::transport::{Transport, TransportError};
use std::cell::Cell;
use std::rc::Rc;

/// Commands that must come, in this order, and their answers.
pub(crate) struct Script {
    expected: std::vec::IntoIter<(Vec<u8>, Vec<u8>)>,
    sent: Rc<Cell<usize>>,
    extended: bool,
}

impl Script {
    pub(crate) fn new(lines: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        let expected: Vec<_> = lines.into_iter().collect();
        Self { expected: expected.into_iter(), sent: Rc::default(), extended: true }
    }

    /// The same over a reader that passes only short APDUs.
    pub(crate) fn short(mut self) -> Self {
        self.extended = false;
        self
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.get()
    }

    /// Counts what was sent, after this was given away.
    pub(crate) fn counter(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.sent)
    }
}

impl Transport for Script {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        let (expected, answer) = self.expected.next().expect("no more commands");
        assert_eq!(hex::encode(command), hex::encode(expected));
        self.sent.set(self.sent.get() + 1);
        Ok(answer)
    }

    fn reconnect(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn name(&self) -> &str {
        "script"
    }

    fn passes_extended(&self) -> Option<bool> {
        Some(self.extended)
    }
}
