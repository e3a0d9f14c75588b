//! The secure channel of a session: offered, then open, gone at the first wrong byte (§14.2).

use alloc::boxed::Box;
use alloc::vec::Vec;
use saifu_wire::Status;
use zeroize::Zeroize;

use crate::crypto::scp03::{Channel, SessionKeys};
use crate::crypto::{CryptoError, SecretVec};

/// Where the secure channel of a session stands.
#[derive(Debug, Default)]
pub enum SecureChannel {
    /// There is none.
    #[default]
    Closed,
    /// INITIALIZE UPDATE was answered; EXTERNAL AUTHENTICATE is expected.
    Offered(Box<Offer>),
    /// Both sides have shown that they know the keys.
    Open(Box<Channel>),
}

/// What INITIALIZE UPDATE settled.
#[derive(Debug)]
pub struct Offer {
    /// The terminal's challenge.
    pub host: [u8; 8],
    /// The card's challenge.
    pub card: [u8; 8],
    /// The keys that follow from both.
    pub keys: SessionKeys,
}

impl SecureChannel {
    /// Whether commands can come through it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Takes off a command's protection; `header` and `data` are as they came.
    ///
    /// # Errors
    /// 6982 when it is not open; 6988 for a wrong MAC or padding, and then it is closed.
    pub fn unwrap(&mut self, header: [u8; 4], data: &[u8]) -> Result<SecretVec, Status> {
        let Self::Open(channel) = core::mem::take(self) else {
            return Err(Status::SecurityNotSatisfied);
        };
        let (channel, plain) =
            channel.unwrap_command(header, data).map_err(|_| Status::SecureMessagingWrong)?;
        *self = Self::Open(Box::new(channel));
        Ok(plain)
    }

    /// Protects an answer whose status word will be 9000.
    ///
    /// # Errors
    /// Of the cryptography; there is no answer then.
    pub fn wrap(&self, answer: &mut Vec<u8>) -> Result<(), CryptoError> {
        let Self::Open(channel) = self else { return Ok(()) };
        let wrapped = channel.wrap_response(answer, Status::Ok.to_be_bytes())?;
        answer.zeroize();
        answer.extend_from_slice(&wrapped);
        Ok(())
    }
}
