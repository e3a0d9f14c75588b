//! What a center asks its issuer for, and takes from it (§7.7).

use super::ring::{Entry, Private, Ring, State};
use super::{Change, KeysError, role_name};
use crate::crypto::aead;
use crate::issuer::{AskedKey, CenterAnswer, CenterRequest, LABEL_ANSWER};
use saifu_wire::certificate::{Certificate, Role};

impl Change {
    /// A request for the certificates of all keys that wait for one, signed by the licence key
    /// that the issuer knows, or is to know first.
    ///
    /// # Errors
    /// [`KeysError::Refused`]: no key waits; [`KeysError::Crypto`].
    pub fn request(&self) -> Result<CenterRequest, KeysError> {
        let asked: Vec<_> = self.ring().entries.iter().filter_map(asked).collect();
        if asked.is_empty() {
            return Err(KeysError::Refused("no key waits for its certificate".into()));
        }
        let keys = asked.iter().map(|(key, _)| key.clone()).collect();
        let (by, licence) = self.ring().licence_key().ok_or(KeysError::Refused(
            "the center has no licence key to sign the request with".into(),
        ))?;
        let mut request = CenterRequest::new(self.ring().center, keys, by);
        let bytes = request.signed_bytes();
        for (key, (_, private)) in request.keys.iter_mut().zip(&asked) {
            if let Private::Signing(private) = private {
                key.signature = Some(private.sign(&bytes)?.to_vec().into());
            }
        }
        request.signature = licence.sign(&bytes)?.to_vec().into();
        Ok(request)
    }

    /// Takes the issuer's answer; says how many certificates are new. That of a payment key can
    /// be read only with the key.
    ///
    /// # Errors
    /// As [`Change::install`]; [`KeysError::Refused`]: the answer is another center's.
    pub fn install_answer(&mut self, answer: &CenterAnswer) -> Result<usize, KeysError> {
        answer.check(self.ring().center).map_err(|why| KeysError::Refused(why.to_string()))?;
        let unreadable =
            || KeysError::Refused("the answer is damaged, or for other keys than these".into());
        let mut certificates = Vec::new();
        for bytes in &answer.certificates {
            certificates.push(Certificate::parse(&bytes.0).map_err(|_| unreadable())?);
        }
        for sealed in &answer.sealed {
            let payment = self.ring().entries.iter().filter_map(|entry| match &entry.private {
                Some(Private::Payment(key)) => Some(key),
                _ => None,
            });
            let opened = payment
                .filter_map(|key| key.unwrap_key(LABEL_ANSWER, &sealed.wrapped_key.0).ok())
                .find_map(|key| aead::open(&key, LABEL_ANSWER, &sealed.certificate.0).ok());
            let opened = opened.ok_or_else(unreadable)?;
            certificates.push(Certificate::parse(&opened).map_err(|_| unreadable())?);
        }
        self.install(certificates)
    }
}

impl Ring {
    /// The newest certified licence key; where none is, the first.
    fn licence_key(&self) -> Option<(u32, &crate::crypto::ecdsa::SigningKey)> {
        let of_role = self.entries.iter().filter(|entry| entry.role == Role::Licence);
        let certified = of_role.clone().filter(|entry| entry.certificate().is_some());
        let entry = certified.max_by_key(|entry| entry.sequence).or(of_role.clone().next())?;
        match &entry.private {
            Some(Private::Signing(key)) => Some((entry.sequence, key)),
            _ => None,
        }
    }
}

/// A key that waits, as it is asked for.
fn asked(entry: &Entry) -> Option<(AskedKey, &Private)> {
    let (State::Asked { retires_below }, Some(private)) = (&entry.state, &entry.private) else {
        return None;
    };
    let key = AskedKey {
        role: role_name(entry.role).into(),
        sequence: entry.sequence,
        retires_below: *retires_below,
        key: private.public_key().to_object().into(),
        signature: None,
    };
    Some((key, private))
}
