//! What a card gets when it is made (§14).

use crate::certificate::Name;
use crate::codec::{Malformed, Reader, Wire};
use crate::{CardId, layout, tlv};
use alloc::vec::Vec;

/// The label of the OAEP under which PROVE KEYS sends its secret (§14.5).
pub const LABEL_PROOF: &[u8] = b"saifu/1 key proof";

/// The security level of EXTERNAL AUTHENTICATE: MAC and encryption, both ways (§14.2).
pub const SECURITY_LEVEL: u8 = 0x33;

/// The `i` parameter of the channel: pseudo-random challenge, R-MAC and R-ENC.
pub const SCP03_I: u8 = 0x70;

layout! {
    /// INITIALISE (§14.3): names the card; the master key is drawn on it.
    pub struct InitialiseRequest {
        /// The card's id; must be the one in the secure area.
        card: CardId,
    }
}

/// P2 of GENERATE ASYMMETRIC KEY PAIR for `Kus`/`Kup` (§14.4).
pub const KEY_ENCRYPTION: u8 = 0x01;

/// P2 of GENERATE ASYMMETRIC KEY PAIR for `Ksig` (§14.4).
pub const KEY_SIGNATURE: u8 = 0x02;

layout! {
    /// What may be paid how (§4.4). Amounts are in minor units, whatever the purse.
    pub struct Limits {
        /// The most one payment may be.
        per_payment: u64,
        /// The most one payment may be without VERIFY; 0 asks for the PIN each time.
        per_payment_without_pin: u64,
        /// The most payments without VERIFY may sum up to since the last VERIFY.
        total_without_pin: u64,
    }
}

/// The issuer's root, which the card trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedRoot {
    /// Its name: the authority of the certificates it signs.
    pub name: Name,
    /// Its point of P-256, uncompressed.
    pub point: [u8; 65],
}

impl Wire for PinnedRoot {
    fn write(&self, out: &mut Vec<u8>) {
        tlv::put(out, 0x42, self.name.as_bytes());
        tlv::put(out, 0x86, &self.point);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let name = Name::new(tlv::expect(reader, 0x42)?)?;
        let point = tlv::expect(reader, 0x86)?.try_into().map_err(|_| Malformed::Value)?;
        Ok(Self { name, point })
    }
}

/// The data objects of STORE DATA, in this order, each once (§14.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personalisation {
    /// Tag DF21.
    pub root: PinnedRoot,
    /// Tag DF22: 4 to 12 digits.
    pub pin: Vec<u8>,
    /// Tag DF23.
    pub limits: Limits,
    /// Tag DF24: the certificate of `Ksig`, tag 7F21 included.
    pub signature_certificate: Vec<u8>,
    /// Tag DF25: the certificate of `Kup`, tag 7F21 included.
    pub encryption_certificate: Vec<u8>,
}

impl Wire for Personalisation {
    fn write(&self, out: &mut Vec<u8>) {
        tlv::put(out, 0xDF21, &self.root.to_bytes());
        tlv::put(out, 0xDF22, &self.pin);
        tlv::put(out, 0xDF23, &self.limits.to_bytes());
        tlv::put(out, 0xDF24, &self.signature_certificate);
        tlv::put(out, 0xDF25, &self.encryption_certificate);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            root: PinnedRoot::from_bytes(tlv::expect(reader, 0xDF21)?)?,
            pin: tlv::expect(reader, 0xDF22)?.to_vec(),
            limits: Limits::from_bytes(tlv::expect(reader, 0xDF23)?)?,
            signature_certificate: tlv::expect(reader, 0xDF24)?.to_vec(),
            encryption_certificate: tlv::expect(reader, 0xDF25)?.to_vec(),
        })
    }
}
