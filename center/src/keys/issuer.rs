//! An issuer: certifies the keys of cards and centers (§7).

use super::KeysError;
use crate::chance::{self, Chance};
use crate::crypto::CryptoError;
use crate::crypto::ecdsa::SigningKey;
use saifu_wire::certificate::{Assurance, Body, Certificate, Date, Name, PublicKey, Role};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::SIGNATURE_BYTES;
use saifu_wire::test_root;
use std::sync::Arc;

/// How many years after the one in which it is made a certificate ends.
const VALID_YEARS: u8 = 20;

/// A root key and its name.
#[derive(Debug)]
pub struct Issuer {
    name: Name,
    key: SigningKey,
    chance: Arc<dyn Chance>,
}

/// Whom a certificate is for, and what the key may do.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// The card or center.
    pub holder_id: [u8; 16],
    /// What the key may do.
    pub role: Role,
    /// The class of the card; of a center, the highest it is certified for.
    pub assurance: Assurance,
    /// Which certificate of this holder and role it is, from 1.
    pub sequence: u32,
}

impl Issuer {
    /// The issuer that everybody can be: the published test root.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] never comes: the published key is well formed.
    pub fn test() -> Result<Self, CryptoError> {
        let name = Name::new(test_root::ROOT_NAME).map_err(|_| CryptoError::Refused)?;
        let key = SigningKey::from_parts(&test_root::ROOT_PRIVATE, &test_root::ROOT_POINT)?;
        Ok(Self::new(name, key))
    }

    /// An issuer with a root of its own.
    pub fn new(name: Name, key: SigningKey) -> Self {
        Self { name, key, chance: chance::system() }
    }

    /// The same, whose signatures come from `chance`.
    pub(super) fn by(self, chance: &Arc<dyn Chance>) -> Self {
        Self { chance: Arc::clone(chance), ..self }
    }

    /// The root as cards pin it.
    pub fn root(&self) -> PinnedRoot {
        PinnedRoot { name: self.name, point: *self.key.point() }
    }

    /// Signs what an issuer signs apart from certificates (§7.6).
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the random source fails.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Result<[u8; SIGNATURE_BYTES], CryptoError> {
        self.chance.sign(&self.key, bytes)
    }

    /// Certifies `key` from the first day of the year of `now` (Unix time) to the last day of
    /// the twentieth year after it; no further than 2099.
    ///
    /// # Errors
    /// [`KeysError::Clock`] outside 2000 to 2099; [`KeysError::Crypto`].
    pub fn certify(
        &self,
        key: PublicKey,
        subject: Subject,
        now: u64,
    ) -> Result<Certificate, KeysError> {
        self.certify_retiring(key, subject, 0, now)
    }

    /// As [`Issuer::certify`]; the certificate retires those of its holder and role below
    /// `retires_below` (§7.5).
    ///
    /// # Errors
    /// As [`Issuer::certify`].
    pub fn certify_retiring(
        &self,
        key: PublicKey,
        subject: Subject,
        retires_below: u32,
        now: u64,
    ) -> Result<Certificate, KeysError> {
        let (effective, expires) = validity(now).ok_or(KeysError::Clock)?;
        let body = Body {
            authority: self.name,
            key,
            holder: Name::of_holder(&subject.holder_id, subject.role, subject.sequence),
            role: subject.role,
            effective,
            expires,
            holder_id: subject.holder_id,
            assurance: subject.assurance,
            sequence: subject.sequence,
            retires_below,
        };
        Ok(Certificate::sign(body, |bytes| self.sign(bytes))?)
    }
}

fn validity(now: u64) -> Option<(Date, Date)> {
    let first = |year| Date::new(year, 1, 1).ok();
    let last = |year| Date::new(year, 12, 31).ok();
    let year = (0..=99).find(|year| last(*year).is_some_and(|day| now < day.ends()))?;
    let effective = first(year).filter(|day| day.begins() <= now)?;
    Some((effective, last((year + VALID_YEARS).min(99))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::ecdsa::VerifyingKey;

    fn subject() -> Subject {
        Subject { holder_id: [7; 16], role: Role::Licence, assurance: Assurance::Test, sequence: 3 }
    }

    fn days(now: u64) -> Option<([u8; 6], [u8; 6])> {
        validity(now).map(|(from, to)| (from.to_digits(), to.to_digits()))
    }

    #[test]
    fn a_certificate_is_valid_from_its_year_to_the_twentieth_after() {
        let in_2026 = ([2, 6, 0, 1, 0, 1], [4, 6, 1, 2, 3, 1]);
        assert_eq!(days(1_795_305_600), Some(in_2026));
        let begin = Date::new(26, 1, 1).unwrap().begins();
        let end = Date::new(26, 12, 31).unwrap().ends();
        assert_eq!(days(begin), Some(in_2026));
        assert_eq!(days(end - 1), Some(in_2026));
        assert_eq!(days(end), Some(([2, 7, 0, 1, 0, 1], [4, 7, 1, 2, 3, 1])));
    }

    #[test]
    fn no_certificate_is_made_outside_the_years_it_can_name() {
        let begin = Date::new(0, 1, 1).unwrap().begins();
        let end = Date::new(99, 12, 31).unwrap().ends();
        assert_eq!(days(begin - 1), None);
        assert_eq!(days(end), None);
        assert_eq!(days(end - 1), Some(([9, 9, 0, 1, 0, 1], [9, 9, 1, 2, 3, 1])));
        let key = PublicKey::P256([4; 65]);
        let refused = Issuer::test().unwrap().certify(key, subject(), 0);
        assert!(matches!(refused, Err(KeysError::Clock)));
    }

    #[test]
    fn what_the_test_root_certifies_verifies_under_its_published_point() {
        let key = PublicKey::P256(test_root::ROOT_POINT);
        let made = Issuer::test().unwrap().certify(key, subject(), 1_795_305_600).unwrap();
        let root = VerifyingKey::from_point(&test_root::ROOT_POINT).unwrap();
        assert_eq!(root.verify(made.signed(), made.signature()), Ok(()));
        assert_eq!(made.body().authority.as_bytes(), test_root::ROOT_NAME);
        assert_eq!(made.body().sequence, 3);
    }
}
