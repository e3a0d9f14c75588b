//! Who a card is (§7).

use super::{Untrusted, sha256, verify_signature};
use saifu_wire::certificate::{Assurance, Certificate, PublicKey, Role};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::{Message, Signed};
use saifu_wire::{CardId, Digest};

const SIGNATURE_KEY: &str = "the certificate of the card's signature key";
const ENCRYPTION_KEY: &str = "the certificate of the card's encryption key";

/// A card whose certificates were verified up to the terminal's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardIdentity {
    /// The card.
    pub id: CardId,
    /// How far its secure area can be trusted.
    pub assurance: Assurance,
    /// The certificate of its signature key.
    pub signature_certificate: Certificate,
    /// The certificate of its encryption key.
    pub encryption_certificate: Certificate,
    /// The key id of its encryption key `Kup`.
    pub encryption_key_id: Digest,
    signature_point: [u8; 65],
}

impl CardIdentity {
    /// Verifies a card's two certificates, signature key first, up to `root` at `now`
    /// (Unix time): authentic, valid, of the right roles, and of one card and class.
    pub fn verify(
        [signature, encryption]: [Certificate; 2],
        root: &PinnedRoot,
        now: u64,
    ) -> Result<Self, Untrusted> {
        check_certificate(&signature, root, now, SIGNATURE_KEY)?;
        check_certificate(&encryption, root, now, ENCRYPTION_KEY)?;
        let (one, other) = (signature.body(), encryption.body());
        if one.holder_id != other.holder_id || one.assurance != other.assurance {
            return Err(Untrusted::Other { what: ENCRYPTION_KEY, field: "card or class" });
        }
        let signature_point = match (&one.key, one.role) {
            (PublicKey::P256(point), Role::CardSignature) => *point,
            _ => return Err(wrong_role(SIGNATURE_KEY)),
        };
        match (&other.key, other.role) {
            (PublicKey::Rsa { .. }, Role::CardEncryption) => {}
            _ => return Err(wrong_role(ENCRYPTION_KEY)),
        }
        Ok(Self {
            id: CardId(one.holder_id),
            assurance: one.assurance,
            encryption_key_id: sha256(&other.key.to_object()),
            signature_point,
            signature_certificate: signature,
            encryption_certificate: encryption,
        })
    }

    /// Verifies that this card signed.
    pub fn check<M: Message>(
        &self,
        signed: &Signed<M>,
        what: &'static str,
    ) -> Result<(), Untrusted> {
        verify_signature(&self.signature_point, signed.unsigned(), signed.signature(), what)
    }
}

/// Verifies a certificate's authority, signature and days.
pub(super) fn check_certificate(
    certificate: &Certificate,
    root: &PinnedRoot,
    now: u64,
    what: &'static str,
) -> Result<(), Untrusted> {
    let body = certificate.body();
    if body.authority != root.name {
        return Err(Untrusted::OtherRoot { what, of: body.authority, trusted: root.name });
    }
    verify_signature(&root.point, certificate.signed(), certificate.signature(), what)?;
    if now < body.effective.begins() || now >= body.expires.ends() {
        return Err(Untrusted::NotValidNow { what });
    }
    Ok(())
}

pub(super) fn wrong_role(what: &'static str) -> Untrusted {
    Untrusted::Uncertified { what, why: "its role or key is another" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keys, world};
    use saifu_wire::certificate::Name;

    #[test]
    fn a_card_under_the_root_is_known() {
        let identity =
            CardIdentity::verify(world::card_certificates(), &keys::root(), NOW).unwrap();
        assert_eq!(identity.id, world::CARD);
        assert_eq!(identity.assurance, Assurance::Test);
    }

    #[test]
    fn a_card_under_another_root_is_not() {
        let mut root = keys::root();
        root.point = keys::point(&keys::signing(99));
        let refused = CardIdentity::verify(world::card_certificates(), &root, NOW);
        assert_eq!(refused, Err(Untrusted::Signature { what: SIGNATURE_KEY }));
        let trusted = Name::new(b"ZZSHOPROOT00001").unwrap();
        let of = keys::root().name;
        root.name = trusted;
        let refused = CardIdentity::verify(world::card_certificates(), &root, NOW);
        assert_eq!(refused, Err(Untrusted::OtherRoot { what: SIGNATURE_KEY, of, trusted }));
    }

    #[test]
    fn certificates_out_of_order_or_out_of_date_are_refused() {
        let [signature, encryption] = world::card_certificates();
        let swapped = CardIdentity::verify([encryption, signature], &keys::root(), NOW);
        assert!(matches!(swapped, Err(Untrusted::Uncertified { .. })), "{swapped:?}");
        let late = NOW + 100 * 365 * 86_400;
        let expired = CardIdentity::verify(world::card_certificates(), &keys::root(), late);
        assert_eq!(expired, Err(Untrusted::NotValidNow { what: SIGNATURE_KEY }));
    }

    #[test]
    fn an_encryption_key_of_another_card_is_refused() {
        let [signature, _] = world::card_certificates();
        let [_, encryption] = world::certificates_of_card(saifu_wire::CardId([9; 16]));
        let refused = CardIdentity::verify([signature, encryption], &keys::root(), NOW);
        assert!(matches!(refused, Err(Untrusted::Other { .. })), "{refused:?}");
    }
}
