//! The issuer's administration, and what a card does on more channels than one.

use alloc::vec::Vec;

use saifu_wire::CenterId;
use saifu_wire::applet::{AID, Applet};
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;

use super::{TestCard, TestCenter, command, split};

/// The administration; it signs as a center does, with keys of its role.
pub(crate) const ADMINISTRATION: TestCenter = TestCenter { id: CenterId([0xAD; 16]) };

impl TestCard {
    /// A card in use that knows the administration.
    pub(crate) fn administrated(seed: u8) -> Self {
        Self::in_use(seed).know_administration()
    }

    /// The same card, once it was shown the administration's certificate.
    pub(crate) fn know_administration(mut self) -> Self {
        let content = ADMINISTRATION.certificate(Role::Administration, 1).content();
        self.send(Ins::VerifyCertificate, 0x00, 0xBE, &content).unwrap();
        self
    }

    /// Selects the applet on a channel from 1 to 3.
    pub(crate) fn select_on(&mut self, channel: u8) {
        let mut select = command(Ins::Select, 0x04, 0x00, &AID, Some(256));
        select[0] |= channel;
        let mut answer = Vec::new();
        self.card.select(channel, &select, &mut answer);
        assert_eq!(split(answer).1, 0x9000);
    }

    /// As [`TestCard::send`], on a channel from 1 to 3.
    pub(crate) fn send_on(
        &mut self,
        channel: u8,
        ins: Ins,
        p1_p2: [u8; 2],
        data: &[u8],
    ) -> Result<Vec<u8>, u16> {
        let mut apdu = command(ins, p1_p2[0], p1_p2[1], data, Some(65_536));
        apdu[0] |= channel;
        match self.transmit(&apdu) {
            (answer, 0x9000) => Ok(answer),
            (_, word) => Err(word),
        }
    }

    /// VERIFY on a channel from 1 to 3.
    pub(crate) fn verify_on(&mut self, channel: u8, pin: &[u8]) -> Result<Vec<u8>, u16> {
        self.send_on(channel, Ins::Verify, [0x00, 0x81], pin)
    }
}
