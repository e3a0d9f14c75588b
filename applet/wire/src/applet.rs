//! The native applet trait: how a card runtime talks to an applet (§2).
//!
//! A runtime hosts applets by AID. It parses SELECT and MANAGE CHANNEL, keeps which
//! applet is selected on which logical channel, and passes everything else on as the
//! raw bytes that came: chaining, extended length and GET RESPONSE are the applet's.

use alloc::vec::Vec;

use crate::Status;
use crate::apdu::Command;

/// The AID of the Saifu applet (§2.1): a proprietary one, `F0 "SAIFU" 01`.
pub const AID: [u8; 7] = [0xF0, b'S', b'A', b'I', b'F', b'U', 0x01];

/// The major version of the card's interface this crate describes.
pub const INTERFACE_VERSION: u8 = 1;

/// An application on a card, as its runtime sees it.
///
/// Every method returns; none panics on any input. `answer` is empty when a method is
/// called, and holds data and status word when it returns. An applet that keeps nothing
/// between commands needs a name and [`Applet::transmit`] alone.
pub trait Applet {
    /// The application identifier, 5 to 16 bytes.
    fn aid(&self) -> &[u8];

    /// The card has got power: nothing volatile is left, a torn commit is recovered. Unless an
    /// applet knows more, that is a reset.
    fn power_up(&mut self) {
        self.reset();
    }

    /// The card was reset: PIN status, chains, sessions and secrets in RAM are gone.
    fn reset(&mut self) {}

    /// Judges a SELECT that means this applet, before anything has changed: a refusal is
    /// answered, and what is selected on the channel stays so. The name is the whole AID, P2
    /// says what shall be answered; `elsewhere` is whether the applet is selected on another
    /// channel.
    ///
    /// # Errors
    /// The status word that is answered.
    fn admit(&self, _select: &Command<'_>, _elsewhere: bool) -> Result<(), Status> {
        Ok(())
    }

    /// The applet is selected on `channel`; `apdu` is the SELECT command, which it has admitted.
    /// Unless an applet knows more, it answers 9000.
    fn select(&mut self, _channel: u8, _apdu: &[u8], answer: &mut Vec<u8>) {
        answer.extend_from_slice(&Status::Ok.to_be_bytes());
    }

    /// Another applet is selected on `channel`, or the channel is closed.
    fn deselect(&mut self, _channel: u8) {}

    /// Another command was carried out by the runtime on `channel`: a begun chain and the rest of
    /// an answer are gone, the session stays.
    fn interrupt(&mut self, _channel: u8) {}

    /// A command arrives on `channel`, on which the applet is selected.
    fn transmit(&mut self, channel: u8, apdu: &[u8], answer: &mut Vec<u8>);
}
