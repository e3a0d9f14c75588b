//! Public key objects (§7.3).

use crate::codec::{Malformed, Reader};
use crate::tlv;
use alloc::vec::Vec;

/// OID id-TA-ECDSA-SHA-256 (0.4.0.127.0.7.2.2.2.2.3), BSI TR-03110.
pub const OID_ECDSA_SHA256: [u8; 10] = [0x04, 0, 0x7F, 0, 0x07, 0x02, 0x02, 0x02, 0x02, 0x03];

/// OID id-RSAES-OAEP (1.2.840.113549.1.1.7), RFC 8017.
pub const OID_RSA_OAEP: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07];

/// A public key; its object's SHA-256 names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// A point of P-256, uncompressed: 04, x, y.
    P256([u8; 65]),
    /// An RSA key of 2048 or 3072 bits.
    Rsa {
        /// 256 or 384 bytes, the first not zero.
        modulus: Vec<u8>,
        /// Without leading zeros.
        exponent: Vec<u8>,
    },
}

impl PublicKey {
    /// The public key object (tag 7F49).
    pub fn to_object(&self) -> Vec<u8> {
        let mut key = Vec::new();
        match self {
            Self::P256(point) => {
                tlv::put(&mut key, 0x06, &OID_ECDSA_SHA256);
                tlv::put(&mut key, 0x86, point);
            }
            Self::Rsa { modulus, exponent } => {
                tlv::put(&mut key, 0x06, &OID_RSA_OAEP);
                tlv::put(&mut key, 0x81, modulus);
                tlv::put(&mut key, 0x82, exponent);
            }
        }
        tlv::object(0x7F49, &key)
    }

    /// Reads a whole public key object, tag 7F49 included.
    pub fn parse(object: &[u8]) -> Result<Self, Malformed> {
        Self::read(tlv::only(object, 0x7F49)?)
    }

    pub(super) fn read(key: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(key);
        let oid = tlv::expect(&mut reader, 0x06)?;
        let key = if oid == OID_ECDSA_SHA256 {
            read_point(tlv::expect(&mut reader, 0x86)?)?
        } else if oid == OID_RSA_OAEP {
            read_rsa(tlv::expect(&mut reader, 0x81)?, tlv::expect(&mut reader, 0x82)?)?
        } else {
            return Err(Malformed::Value);
        };
        reader.finish()?;
        Ok(key)
    }
}

fn read_point(point: &[u8]) -> Result<PublicKey, Malformed> {
    let point: [u8; 65] = point.try_into().map_err(|_| Malformed::Value)?;
    if point.first() == Some(&0x04) { Ok(PublicKey::P256(point)) } else { Err(Malformed::Value) }
}

/// Lets through 65,537 as the only exponent: small ones are a risk, others a cost.
fn read_rsa(modulus: &[u8], exponent: &[u8]) -> Result<PublicKey, Malformed> {
    let sized = matches!(modulus.len(), 256 | 384);
    let full = modulus.first().is_some_and(|first| first & 0x80 != 0);
    let odd = modulus.last().is_some_and(|last| last & 1 == 1);
    if sized && full && odd && exponent == [1, 0, 1] {
        Ok(PublicKey::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    } else {
        Err(Malformed::Value)
    }
}
