//! Certifying a center (§7.7): its request, what is checked of it, and the answer.

use saifu_center_api::HexBytes;
use saifu_wire::CenterId;
use saifu_wire::certificate::{Assurance, PublicKey, Role};
use serde::{Deserialize, Serialize};

use super::Authority;
use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::rsa::WrappingKey;
use crate::crypto::{CryptoError, Secret, aead};
use crate::keys::{Subject, role_of};
use crate::refusal::{Refusal, Result};

/// What a request's signatures cover begins so.
const LABEL_REQUEST: &[u8] = b"saifu/1 center request";
/// The label under which a payment key's certificate is sealed for that key.
pub(crate) const LABEL_ANSWER: &[u8] = b"saifu/1 center answer";

const REQUEST: &str = "saifu-center-request/1";
const ANSWER: &str = "saifu-center-answer/1";

/// The most keys that one request may name.
const MAX_KEYS: usize = 16;

/// What a center sends its issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CenterRequest {
    format: String,
    /// The center's id in hex.
    pub center: String,
    /// The keys to be certified.
    pub keys: Vec<AskedKey>,
    /// The sequence of the licence key that signs the request.
    pub by: u32,
    /// Its signature over [`CenterRequest::signed_bytes`].
    pub signature: HexBytes,
}

/// A key to be certified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedKey {
    /// `licence`, `credit`, `receipt` or `payment`.
    pub role: String,
    /// Its sequence.
    pub sequence: u32,
    /// The keys of its role below this sequence shall be retired; 0: none.
    pub retires_below: u32,
    /// The public key object (§7.3).
    pub key: HexBytes,
    /// A signature key's own signature: the center has its private half. A payment key shows
    /// that by opening the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<HexBytes>,
}

/// What the issuer sends back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CenterAnswer {
    format: String,
    /// The center's id in hex.
    pub center: String,
    /// The certificates of signature keys, tag 7F21 included.
    pub certificates: Vec<HexBytes>,
    /// Those of payment keys.
    pub sealed: Vec<SealedCertificate>,
}

/// A payment key's certificate, which only its private half can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedCertificate {
    /// A key, wrapped with RSA-OAEP under the payment key, label `saifu/1 center answer`.
    pub wrapped_key: HexBytes,
    /// The certificate under that key: AES-256-GCM, the label as associated data.
    pub certificate: HexBytes,
}

/// An asked key, read.
struct Asked {
    role: Role,
    sequence: u32,
    retires_below: u32,
    key: PublicKey,
}

impl CenterRequest {
    /// A request that is not signed yet.
    pub fn new(center: CenterId, keys: Vec<AskedKey>, by: u32) -> Self {
        let signature = HexBytes(Vec::new());
        Self { format: REQUEST.into(), center: center.to_string(), keys, by, signature }
    }

    /// What the signatures cover: `saifu/1 center request` ‖ center 16 ‖ by u32 ‖ for each key:
    /// role u8 ‖ sequence u32 ‖ retires below u32 ‖ length of its object u16 ‖ its object.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = LABEL_REQUEST.to_vec();
        bytes.extend(CenterId::from_hex(&self.center).unwrap_or(CenterId::ZERO).0);
        bytes.extend(self.by.to_be_bytes());
        for key in &self.keys {
            bytes.push(role_of(&key.role).map_or(0, |role| role as u8));
            bytes.extend(key.sequence.to_be_bytes());
            bytes.extend(key.retires_below.to_be_bytes());
            bytes.extend((key.key.0.len() as u16).to_be_bytes());
            bytes.extend(&key.key.0);
        }
        bytes
    }

    fn check(&self) -> Result<(CenterId, Vec<Asked>)> {
        let center = CenterId::from_hex(&self.center).filter(|_| self.format == REQUEST);
        let center = center.ok_or_else(|| malformed("its format is another"))?;
        if self.keys.is_empty() || self.keys.len() > MAX_KEYS {
            return Err(malformed("it asks for no key, or for too many"));
        }
        let bytes = self.signed_bytes();
        let asked = self.keys.iter().map(|key| key.read(&bytes)).collect::<Result<_>>()?;
        Ok((center, asked))
    }
}

impl AskedKey {
    fn read(&self, signed: &[u8]) -> Result<Asked> {
        let role = role_of(&self.role).ok_or_else(|| malformed("a role is unknown"))?;
        let key = PublicKey::parse(&self.key.0).map_err(|_| malformed("a key is none"))?;
        if self.sequence == 0 || self.retires_below > self.sequence {
            return Err(malformed("a key would retire itself"));
        }
        let refused = |_| {
            Refusal::not_authentic(format!(
                "the request does not prove that the center has its {} key {}: have it made anew",
                self.role, self.sequence
            ))
        };
        match (&key, role, &self.signature) {
            (PublicKey::Rsa { .. }, Role::Payment, None) => {}
            (PublicKey::P256(_), Role::Licence | Role::Credit | Role::Receipt, Some(signature)) => {
                verify(&key, signed, signature).map_err(refused)?;
            }
            _ => return Err(malformed("a key is not of the type of its role")),
        }
        Ok(Asked { role, sequence: self.sequence, retires_below: self.retires_below, key })
    }
}

impl Authority {
    /// Certifies the keys that a center asks for, as of `now` (Unix time). The first request of
    /// a center is taken on its own word, later ones are signed by a licence key that was
    /// certified before. Nothing is certified unless all can be.
    ///
    /// # Errors
    /// `malformed`; `not-authentic`: a key's possession is not proven, or another than the
    /// center's licence key signed; `conflict`: a sequence has another certificate.
    pub fn certify_center(&mut self, request: &CenterRequest, now: u64) -> Result<CenterAnswer> {
        let (center, asked) = request.check()?;
        self.check_requester(request, center, &asked)?;
        let mut answer = CenterAnswer {
            format: ANSWER.into(),
            center: center.to_string(),
            certificates: Vec::new(),
            sealed: Vec::new(),
        };
        for key in asked {
            let subject = Subject {
                holder_id: center.0,
                role: key.role,
                assurance: Assurance::Hardware,
                sequence: key.sequence,
            };
            let certificate = self.certify(key.key, subject, key.retires_below, now)?.to_bytes();
            match self.register().certificate(&subject).map(|known| &known.body().key) {
                Some(key @ PublicKey::Rsa { .. }) => {
                    answer.sealed.push(SealedCertificate::seal(key, &certificate)?);
                }
                _ => answer.certificates.push(certificate.into()),
            }
        }
        Ok(answer)
    }

    /// Checks that the center itself asks: with the licence key that is known of it, or, the
    /// first time, with the one that it brings.
    fn check_requester(
        &self,
        request: &CenterRequest,
        center: CenterId,
        asked: &[Asked],
    ) -> Result<()> {
        let known = self.register().certificates().iter().map(|known| known.body());
        let mut known =
            known.filter(|body| (body.holder_id, body.role) == (center.0, Role::Licence));
        let is_known = known.clone().next().is_some();
        let floor = known.clone().map(|body| body.retires_below).max().unwrap_or(0);
        let key = match is_known {
            true => known
                .find(|body| body.sequence == request.by && body.sequence >= floor)
                .map(|body| &body.key),
            false => asked
                .iter()
                .find(|key| (key.role, key.sequence) == (Role::Licence, request.by))
                .map(|key| &key.key),
        };
        let signed =
            key.is_some_and(|key| verify(key, &request.signed_bytes(), &request.signature).is_ok());
        if signed {
            Ok(())
        } else {
            Err(Refusal::not_authentic(format!(
                "the request is not signed by the licence key that is known of center {center}"
            )))
        }
    }
}

impl CenterAnswer {
    /// Checks that it is an answer, and for this center.
    ///
    /// # Errors
    /// `malformed`, `conflict`.
    pub fn check(&self, center: CenterId) -> Result<()> {
        if self.format != ANSWER {
            return Err(Refusal::malformed("this is no issuer's answer to a center"));
        }
        if self.center != center.to_string() {
            return Err(Refusal::conflict(format!(
                "the answer is for center {}, this is {center}",
                self.center
            )));
        }
        Ok(())
    }
}

impl SealedCertificate {
    fn seal(key: &PublicKey, certificate: &[u8]) -> Result<Self> {
        let secret = Secret::random()?;
        let wrapped_key = WrappingKey::from_public_key(key)?.wrap_key(LABEL_ANSWER, &secret)?;
        let certificate = aead::seal(&secret, LABEL_ANSWER, certificate)?;
        Ok(Self { wrapped_key: wrapped_key.into(), certificate: certificate.into() })
    }
}

pub(super) fn verify(
    key: &PublicKey,
    bytes: &[u8],
    signature: &HexBytes,
) -> core::result::Result<(), CryptoError> {
    let signature = signature.0.as_slice().try_into().map_err(|_| CryptoError::Refused)?;
    VerifyingKey::from_public_key(key)?.verify(bytes, signature)
}

fn malformed(why: &str) -> Refusal {
    Refusal::malformed(format!("this is no request of a center: {why}; have it made anew"))
}
