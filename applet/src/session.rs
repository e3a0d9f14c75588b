//! What a session knows: the volatile state of one logical channel (§2.2).
//!
//! SELECT, deselection, reset and power-up replace it by [`Session::default`]; everything
//! secret in it is wiped when it is dropped.

pub mod blocks;
pub mod secure;
pub mod stream;
pub mod times;

use alloc::boxed::Box;
use saifu_wire::ins::Ins;
use saifu_wire::{Nonce, Status};

use crate::command::Order;
use crate::works::{Storing, Work};

pub use blocks::Blocks;
pub use secure::{Offer, SecureChannel};
pub use stream::{Gate, OpenStream, StreamSource};
pub use times::Times;

/// The volatile state of one logical channel.
#[derive(Debug, Default)]
pub struct Session {
    selected: bool,
    pin: PinStatus,
    /// What GET CHALLENGE answered last; a signed order may name it once.
    pub challenge: Option<Nonce>,
    /// The signed times that hold in this session.
    pub times: Times,
    /// The open stream.
    pub stream: Option<Box<OpenStream>>,
    /// The work that is being stored as it came.
    pub storing: Option<Box<Storing>>,
    /// The stored work that is being handed back.
    pub handed_back: Option<Box<Work>>,
    /// The secure channel.
    pub channel: SecureChannel,
    /// The blocks of STORE DATA so far.
    pub blocks: Blocks,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum PinStatus {
    #[default]
    NotVerified,
    /// Verified, and a payment has used the authorisation.
    Verified,
    /// Verified, and one payment is authorised.
    Authorised,
}

/// What a command that was carried out makes void on every channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voided {
    /// What the old PIN allowed.
    Pin,
    /// Whatever was begun: the card is being closed.
    Everything,
}

impl Voided {
    /// What an order makes void; `None` for most.
    #[must_use]
    pub fn by(order: Order) -> Option<Self> {
        match order.ins() {
            Ins::ChangeReferenceData | Ins::ResetRetryCounter => Some(Self::Pin),
            Ins::Terminate => Some(Self::Everything),
            _ => None,
        }
    }
}

impl Session {
    /// A new session of the applet, which is selected now.
    #[must_use]
    pub fn selected() -> Self {
        Self { selected: true, ..Self::default() }
    }

    /// Whether the applet is selected on this channel.
    #[must_use]
    pub fn is_selected(&self) -> bool {
        self.selected
    }

    /// Whether the PIN was verified in this session.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.pin != PinStatus::NotVerified
    }

    /// Whether a VERIFY authorises one payment that was not made yet.
    #[must_use]
    pub fn is_authorised(&self) -> bool {
        self.pin == PinStatus::Authorised
    }

    /// Notes a right PIN: it authorises one DEBIT, HOLD or VOID.
    pub fn authorise(&mut self) {
        self.pin = PinStatus::Authorised;
    }

    /// Notes a wrong PIN, or a new one.
    pub fn forget_pin(&mut self) {
        self.pin = PinStatus::NotVerified;
    }

    /// Forgets what a command, on whatever channel, has made void.
    pub fn lose(&mut self, voided: Voided) {
        self.forget_pin();
        if voided == Voided::Everything {
            self.stream = None;
            self.storing = None;
            self.handed_back = None;
        }
    }

    /// Uses up the authorisation; reading stays allowed.
    ///
    /// # Errors
    /// 6982 when there is none.
    pub fn use_authorisation(&mut self) -> Result<(), Status> {
        if !self.is_authorised() {
            return Err(Status::SecurityNotSatisfied);
        }
        self.pin = PinStatus::Verified;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_verify_authorises_one_payment_and_reading_goes_on() {
        let mut session = Session::selected();
        assert_eq!(session.use_authorisation(), Err(Status::SecurityNotSatisfied));
        session.authorise();
        assert_eq!(session.use_authorisation(), Ok(()));
        assert_eq!(session.use_authorisation(), Err(Status::SecurityNotSatisfied));
        assert!(session.is_verified());
        session.forget_pin();
        assert!(!session.is_verified());
    }
}
