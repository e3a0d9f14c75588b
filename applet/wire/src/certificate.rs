//! Card-verifiable certificates (§7): ISO/IEC 7816-8, profile of BSI TR-03110 part 3.
//!
//! ```text
//! 7F21 certificate
//!   7F4E body
//!     5F29 profile 00 · 42 authority · 7F49 public key · 5F20 holder
//!     7F4C role · 5F25 effective · 5F24 expires · 65 who the holder is
//!   5F37 signature, r‖s, over the body with its tag and length
//! ```

pub mod key;
mod name;

pub use key::PublicKey;
pub use name::{Date, Name};

use crate::codec::{Malformed, Reader, Wire};
use crate::{codes, tlv};
use alloc::vec::Vec;

/// OID 2.25.222684515299129862182803947199365278677 (DER content), the project's own arc.
pub const OID_SAIFU: [u8; 20] = [
    0x69, 0x82, 0xCF, 0x87, 0xBD, 0x91, 0xA2, 0xCC, 0xC2, 0xB5, 0xB9, 0x8F, 0x95, 0x83, 0xAD, 0xC5,
    0xE9, 0xB9, 0xD7, 0x55,
];

codes! {
    /// What a certified key may do (§7.2). A key has one role.
    pub enum Role {
        /// The issuer's root: certifies.
        Issuer = 0x01,
        /// The issuer's administration: unblocks and terminates cards.
        Administration = 0x02,
        /// A center's licence key.
        Licence = 0x11,
        /// A center's credit key: mints value.
        Credit = 0x12,
        /// A center's receipt key.
        Receipt = 0x13,
        /// A center's payment key `Kcp` (RSA).
        Payment = 0x14,
        /// A card's signature key `Ksig`.
        CardSignature = 0x21,
        /// A card's encryption key `Kup` (RSA).
        CardEncryption = 0x22,
    }
}

codes! {
    /// How far a card's secure area can be trusted (§7.4).
    pub enum Assurance {
        /// Keys are published: for tests.
        Test = 0,
        /// The secure area is a file.
        Software = 1,
        /// A tamper-resistant chip.
        Hardware = 2,
    }
}

/// What a certificate says, apart from its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Who certifies: the authority's name.
    pub authority: Name,
    /// The certified key.
    pub key: PublicKey,
    /// The name of this certificate.
    pub holder: Name,
    /// What the key may do.
    pub role: Role,
    /// The first day it is valid.
    pub effective: Date,
    /// The last day it is valid.
    pub expires: Date,
    /// Card or center that holds the private key.
    pub holder_id: [u8; 16],
    /// The assurance class of a card; of a center, the highest it is certified for.
    pub assurance: Assurance,
    /// Counts up with each certificate of this holder and role.
    pub sequence: u32,
    /// Certificates of this holder and role with a lower sequence are no longer good.
    pub retires_below: u32,
}

/// A certificate taken apart; the signature is **not** verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    body: Body,
    signed: Vec<u8>,
    signature: [u8; 64],
}

const TAG_CERTIFICATE: u16 = 0x7F21;
const TAG_BODY: u16 = 0x7F4E;
const TAG_SIGNATURE: u16 = 0x5F37;

impl Certificate {
    /// Signs `body` with `sign`, which gets the body object.
    pub fn sign<E>(body: Body, sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>) -> Result<Self, E> {
        let signed = body.to_object();
        let signature = sign(&signed)?;
        Ok(Self { body, signed, signature })
    }

    /// Reads a whole certificate, tag 7F21 included.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        Self::parse_content(tlv::only(bytes, TAG_CERTIFICATE)?)
    }

    /// Reads the content of a certificate: body and signature, as PSO: VERIFY CERTIFICATE
    /// carries it.
    pub fn parse_content(content: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(content);
        let body = tlv::expect(&mut reader, TAG_BODY)?;
        let signature = tlv::expect(&mut reader, TAG_SIGNATURE)?;
        reader.finish()?;
        let signature = signature.try_into().map_err(|_| Malformed::Value)?;
        Ok(Self { body: Body::parse(body)?, signed: tlv::object(TAG_BODY, body), signature })
    }

    /// Takes the certificate that stands next.
    pub fn read_next(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::parse_content(tlv::expect(reader, TAG_CERTIFICATE)?)
    }

    /// What it says; worth as much as the signature, once that is verified.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The bytes that are signed: the body object.
    pub fn signed(&self) -> &[u8] {
        &self.signed
    }

    /// The signature, r‖s.
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Body and signature, without the outer tag.
    pub fn content(&self) -> Vec<u8> {
        let mut out = self.signed.clone();
        tlv::put(&mut out, TAG_SIGNATURE, &self.signature);
        out
    }

    /// The whole certificate, tag 7F21 included.
    pub fn to_bytes(&self) -> Vec<u8> {
        tlv::object(TAG_CERTIFICATE, &self.content())
    }
}

impl Body {
    /// The body object (tag 7F4E) in its one encoding.
    pub fn to_object(&self) -> Vec<u8> {
        let mut body = Vec::new();
        tlv::put(&mut body, 0x5F29, &[0]);
        tlv::put(&mut body, 0x42, self.authority.as_bytes());
        body.extend_from_slice(&self.key.to_object());
        tlv::put(&mut body, 0x5F20, self.holder.as_bytes());
        let role = [oid_object(), tlv::object(0x53, &[self.role as u8])].concat();
        tlv::put(&mut body, 0x7F4C, &role);
        tlv::put(&mut body, 0x5F25, &self.effective.to_digits());
        tlv::put(&mut body, 0x5F24, &self.expires.to_digits());
        tlv::put(&mut body, 0x65, &tlv::object(0x73, &self.extension()));
        tlv::object(TAG_BODY, &body)
    }

    fn extension(&self) -> Vec<u8> {
        let mut out = oid_object();
        tlv::put(&mut out, 0x80, &self.holder_id);
        tlv::put(&mut out, 0x81, &[self.assurance as u8]);
        tlv::put(&mut out, 0x82, &self.sequence.to_be_bytes());
        tlv::put(&mut out, 0x83, &self.retires_below.to_be_bytes());
        out
    }

    fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        if tlv::expect(&mut reader, 0x5F29)? != [0] {
            return Err(Malformed::Value);
        }
        let authority = Name::new(tlv::expect(&mut reader, 0x42)?)?;
        let key = PublicKey::read(tlv::expect(&mut reader, 0x7F49)?)?;
        let holder = Name::new(tlv::expect(&mut reader, 0x5F20)?)?;
        let role = parse_role(tlv::expect(&mut reader, 0x7F4C)?)?;
        let effective = Date::from_digits(tlv::expect(&mut reader, 0x5F25)?)?;
        let expires = Date::from_digits(tlv::expect(&mut reader, 0x5F24)?)?;
        let extension = tlv::only(tlv::expect(&mut reader, 0x65)?, 0x73)?;
        reader.finish()?;
        let (holder_id, assurance, sequence, retires_below) = parse_extension(extension)?;
        Ok(Self {
            authority,
            key,
            holder,
            role,
            effective,
            expires,
            holder_id,
            assurance,
            sequence,
            retires_below,
        })
    }
}

fn oid_object() -> Vec<u8> {
    tlv::object(0x06, &OID_SAIFU)
}

fn expect_oid(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    if tlv::expect(reader, 0x06)? == OID_SAIFU { Ok(()) } else { Err(Malformed::Value) }
}

fn parse_role(template: &[u8]) -> Result<Role, Malformed> {
    let mut reader = Reader::new(template);
    expect_oid(&mut reader)?;
    let role = Role::from_bytes(tlv::expect(&mut reader, 0x53)?)?;
    reader.finish()?;
    Ok(role)
}

fn parse_extension(template: &[u8]) -> Result<([u8; 16], Assurance, u32, u32), Malformed> {
    let mut reader = Reader::new(template);
    expect_oid(&mut reader)?;
    let holder_id = <[u8; 16]>::from_bytes(tlv::expect(&mut reader, 0x80)?)?;
    let assurance = Assurance::from_bytes(tlv::expect(&mut reader, 0x81)?)?;
    let sequence = u32::from_bytes(tlv::expect(&mut reader, 0x82)?)?;
    let retires_below = u32::from_bytes(tlv::expect(&mut reader, 0x83)?)?;
    reader.finish()?;
    Ok((holder_id, assurance, sequence, retires_below))
}

#[cfg(test)]
mod tests;
