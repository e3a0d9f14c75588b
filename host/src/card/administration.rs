//! What issuer and owner do with a card beside sales: its PIN, its licences, its end (§12).

use super::link::Answer;
use super::selected::{malformed, pin_error};
use super::{CardError, Pin, Selected, Verified};
use saifu_wire::certificate::Certificate;
use saifu_wire::codec::Bytes;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, UnblockRequest, change_pin_data};
use saifu_wire::signed::{Closing, Signed};
use saifu_wire::{Nonce, Wire};
use std::str::FromStr;
use zeroize::Zeroizing;

/// P1 of TERMINATE that has a center's closing answered.
const CLOSE: u8 = 0x00;

/// P1 of TERMINATE that has the master key erased.
const ERASE: u8 = 0x01;

/// An order of the issuer's, with the certificate of its key, as it travels (§12.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerOrder {
    /// The certificate, which the card is shown first.
    pub certificate: Certificate,
    /// The signed order; the card judges it.
    pub order: Vec<u8>,
}

/// What was given as an order is none, and was not shown to the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no order of an issuer's: two lines of hex digits, its certificate and the order")]
pub struct NotAnOrder;

impl FromStr for IssuerOrder {
    type Err = NotAnOrder;

    fn from_str(text: &str) -> Result<Self, NotAnOrder> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut bytes = || lines.next().and_then(|line| hex::decode(line).ok()).ok_or(NotAnOrder);
        let (certificate, order) = (bytes()?, bytes()?);
        match (Certificate::parse(&certificate), lines.next()) {
            (Ok(certificate), None) => Ok(Self { certificate, order }),
            _ => Err(NotAnOrder),
        }
    }
}

impl Selected<'_> {
    /// A random number of the card's, which an order to end it must name (§6.4).
    pub fn challenge(&mut self) -> Result<Nonce, CardError> {
        let nonce = self.call(Ins::GetChallenge, [0, 0], &[], Answer::Short)?;
        Nonce::from_bytes(&nonce).map_err(malformed(Ins::GetChallenge))
    }

    /// Changes the PIN (§6.7); a wrong old one costs a try. No session is verified afterwards.
    pub fn change_pin(&mut self, old: &Pin, new: &Pin) -> Result<(), CardError> {
        let data = Zeroizing::new(change_pin_data(old.digits(), new.digits()));
        match self.call(Ins::ChangeReferenceData, [0x00, 0x81], &data, Answer::None) {
            Err(CardError::Refused(refusal)) => Err(pin_error(refusal)),
            answer => answer.map(drop),
        }
    }

    /// Sets the PIN by order of the issuer, blocked or not (§6.8): 6985 for an order that was
    /// used, 6A80 for one that is not for this card.
    pub fn unblock(&mut self, order: &[u8], new: &Pin) -> Result<(), CardError> {
        let (order, new_pin) = (Bytes(order.to_vec()), Bytes(new.digits().to_vec()));
        let data = Zeroizing::new(UnblockRequest { order, new_pin }.to_bytes());
        self.call(Ins::ResetRetryCounter, [0x00, 0x81], &data, Answer::None).map(drop)
    }

    /// Closes the card by order of the issuer, and has it say what it leaves at a center (§6.34):
    /// 6A88 where there is no center with this number.
    pub fn close(&mut self, number: u8, order: &[u8]) -> Result<Signed<Closing>, CardError> {
        let closing = self.call(Ins::Terminate, [CLOSE, number], order, Answer::Long)?;
        Signed::parse(&closing).map_err(malformed(Ins::Terminate))
    }

    /// Has a card that was closed erase its master key (§6.34): there is no way back.
    pub fn erase(&mut self, order: &[u8]) -> Result<(), CardError> {
        self.call(Ins::Terminate, [ERASE, 0x00], order, Answer::None).map(drop)
    }
}

impl Verified<'_> {
    /// Forgets a licence with its key and work, for ever (§6.13): 6985 while value waits on it.
    pub fn delete_licence(&mut self, licence: &LicenceRef) -> Result<(), CardError> {
        self.call(Ins::DeleteLicence, [0, 0], &licence.to_bytes(), Answer::None).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_order_never_reaches_the_card() {
        for bad in ["", "00", "00\n01", "7f21\nzz", "saifu", "7f2100\n00\n00"] {
            assert_eq!(bad.parse::<IssuerOrder>(), Err(NotAnOrder), "{bad:?}");
        }
    }
}
