//! The PIN: a try is spent, durably, before anything is compared (§6.6).

use super::records::PinRecord;
use super::{Key, Store, StoreError};
use crate::platform::Platform;
use crate::secure::MAX_PIN_TRIES;

/// Says what a presented PIN was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinAnswer {
    /// Right; all tries are there again.
    Right,
    /// Wrong; so many tries are left.
    Wrong(u8),
    /// Not compared: no try was left.
    Blocked,
}

impl<P: Platform> Store<P> {
    /// Compares a PIN with the stored one, in constant time, at the price of a try.
    ///
    /// The try is counted down and stored first: power that fails at any moment never gives it
    /// back, and nothing is compared unless it was stored.
    ///
    /// # Errors
    /// [`StoreError::Memory`], when the stored PIN cannot be read or the tries cannot be written.
    pub fn verify_pin(&mut self, pin: &[u8]) -> Result<PinAnswer, StoreError> {
        let stored: PinRecord = self.get(&Key::Pin)?.ok_or(StoreError::Memory)?;
        if self.pin_tries() == 0 {
            return Ok(PinAnswer::Blocked);
        }
        let left = self.pin_tries().saturating_sub(1);
        self.change_area(|state| state.pin_tries = left)?;
        if !stored.is(pin) {
            return Ok(PinAnswer::Wrong(left));
        }
        self.change_area(|state| state.pin_tries = MAX_PIN_TRIES)?;
        Ok(PinAnswer::Right)
    }
}
