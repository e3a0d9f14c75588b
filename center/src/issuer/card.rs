//! Certifying a card (§14.9): its request, what is checked of it, and the answer.

use saifu_center_api::HexBytes;
use saifu_wire::certificate::{Assurance, PublicKey, Role};
use saifu_wire::signed::{Proof, Signed};
use saifu_wire::{CardId, Digest, Wire as _};
use serde::{Deserialize, Serialize};

use super::{Authority, class_name, class_of};
use crate::crypto::ecdsa::VerifyingKey;
use crate::crypto::{key_id, sha256};
use crate::keys::Subject;
use crate::refusal::{Refusal, Result};

const REQUEST: &str = "saifu-card-request/1";
const ANSWER: &str = "saifu-card-answer/1";

/// What the one who personalises a card sends the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardRequest {
    /// `saifu-card-request/1`.
    pub format: String,
    /// The card's id in hex.
    pub card: String,
    /// Its class (§7.4): `test`, `software` or `hardware`.
    pub class: String,
    /// The public key object of `Ksig`.
    pub signature_key: HexBytes,
    /// The public key object of `Kup`.
    pub encryption_key: HexBytes,
    /// The secret that was wrapped for PROVE KEYS.
    pub secret: HexBytes,
    /// What PROVE KEYS answered (§14.5).
    pub proof: HexBytes,
}

/// What the issuer sends back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardAnswer {
    /// `saifu-card-answer/1`.
    pub format: String,
    /// The card's id in hex.
    pub card: String,
    /// The root that the card is to pin: `42` name, `86` point (§14.6).
    pub root: HexBytes,
    /// The certificate of `Ksig`, tag 7F21 included.
    pub signature_certificate: HexBytes,
    /// The certificate of `Kup`, tag 7F21 included.
    pub encryption_certificate: HexBytes,
    /// The certificate of the administration that the card is to know (§12.1).
    pub administration_certificate: HexBytes,
}

impl CardRequest {
    /// Checks the card's proof, and gives its id, class and keys, `Ksig` first.
    fn check(&self) -> Result<(CardId, Assurance, [PublicKey; 2])> {
        let card = CardId::from_hex(&self.card).filter(|_| self.format == REQUEST);
        let card = card.ok_or_else(|| malformed("its format is another"))?;
        let class = class_of(&self.class).ok_or_else(|| malformed("its class is unknown"))?;
        let key = |bytes: &HexBytes| {
            PublicKey::parse(&bytes.0).map_err(|_| malformed("a key of it is none"))
        };
        let (signature, encryption) = (key(&self.signature_key)?, key(&self.encryption_key)?);
        let proof = Signed::<Proof>::parse(&self.proof.0).map_err(|_| malformed("no proof"))?;
        let unproven = || {
            Refusal::not_authentic(format!(
                "card {card} has not proven that it has the private halves of these keys: do not \
                 certify it, make it anew"
            ))
        };
        let expected = Proof {
            card,
            nonce: proof.message().nonce,
            encryption_key: key_id(&encryption),
            signature_key: key_id(&signature),
            opened: Digest(sha256(&[&self.secret.0])),
        };
        let verifier = VerifyingKey::from_public_key(&signature).map_err(|_| unproven())?;
        verifier.verify_signed(&proof).map_err(|_| unproven())?;
        let is_rsa = matches!(encryption, PublicKey::Rsa { .. });
        if *proof.message() != expected || self.secret.0.len() != 32 || !is_rsa {
            return Err(unproven());
        }
        Ok((card, class, [signature, encryption]))
    }
}

impl Authority {
    /// Certifies a card that has proven its keys, as of `now` (Unix time). Its request must name
    /// the class that the issuer gives.
    ///
    /// # Errors
    /// `malformed`; `not-authentic`: the keys are not proven; `conflict`: the class is another,
    /// the card is revoked, or has other certificates.
    pub fn certify_card(
        &mut self,
        request: &CardRequest,
        class: Assurance,
        now: u64,
    ) -> Result<CardAnswer> {
        let (card, asked, [signature, encryption]) = request.check()?;
        if asked != class {
            return Err(Refusal::conflict(format!(
                "the card asks for class {}: if it is, say so with --class {}",
                class_name(asked),
                class_name(asked)
            )));
        }
        if self.register().revoked().any(|(revoked, ..)| revoked == card) {
            return Err(Refusal::conflict(format!("card {card} is revoked: make another")));
        }
        let mut certify = |key, role| {
            let subject = Subject { holder_id: card.0, role, assurance: class, sequence: 1 };
            Ok::<_, Refusal>(self.certify(key, subject, 0, now)?.to_bytes())
        };
        let signature = certify(signature, Role::CardSignature)?;
        let encryption = certify(encryption, Role::CardEncryption)?;
        Ok(CardAnswer {
            format: ANSWER.into(),
            card: card.to_string(),
            root: self.root().to_bytes().into(),
            signature_certificate: signature.into(),
            encryption_certificate: encryption.into(),
            administration_certificate: self.administration().to_bytes().into(),
        })
    }
}

fn malformed(why: &str) -> Refusal {
    Refusal::malformed(format!("this is no request of a card: {why}; have it made anew"))
}
