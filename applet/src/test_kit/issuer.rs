//! The test root, and what it certifies.

use saifu_wire::certificate::{Assurance, Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::test_root::{ROOT_NAME, ROOT_PRIVATE};

use crate::crypto::Secret;
use crate::crypto::ecdsa::SigningKey;
use crate::crypto::rsa::{EXPONENT, KeySize, PrivateKey};
use crate::crypto::test_help::counting;

/// The days on which test certificates are valid, in Unix time: the last ends with this second.
pub(crate) const CERTIFIED: core::ops::Range<u64> = 1_735_689_600..2_051_222_400;

/// The body of a certificate that is as it should be.
pub(crate) fn body(holder: [u8; 16], role: Role, sequence: u32, key: PublicKey) -> Body {
    Body {
        authority: Name::new(ROOT_NAME).unwrap(),
        key,
        holder: Name::of_holder(&holder, role, sequence),
        role,
        effective: Date::new(25, 1, 1).unwrap(),
        expires: Date::new(34, 12, 31).unwrap(),
        holder_id: holder,
        assurance: Assurance::Test,
        sequence,
        retires_below: 0,
    }
}

/// Signs a body with the test root.
pub(crate) fn certify(body: Body) -> Certificate {
    let root = SigningKey::from_scalar(&Secret::new(ROOT_PRIVATE)).unwrap();
    Certificate::sign(body, |signed| root.sign(&[signed])).unwrap()
}

/// An RSA key that is the same each time.
pub(crate) fn make_rsa(seed: u8, size: KeySize) -> PrivateKey {
    PrivateKey::generate(size, &mut counting(seed)).unwrap()
}

/// The public half as certificates carry it.
pub(crate) fn public_rsa(key: &PrivateKey) -> PublicKey {
    PublicKey::Rsa { modulus: key.public_key().modulus(), exponent: EXPONENT.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_certificates_are_valid_on_the_days_that_are_said() {
        let body = body([1; 16], Role::Credit, 1, PublicKey::P256([4; 65]));
        assert_eq!(body.effective.begins()..body.expires.ends(), CERTIFIED);
    }
}
