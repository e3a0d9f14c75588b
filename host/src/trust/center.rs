//! Who a center is, and which of its keys signs what (§7.2).

use super::card::{check_certificate, wrong_role};
use super::{Untrusted, sha256, verify_signature};
use saifu_center_api as api;
use saifu_wire::certificate::{Certificate, Name, PublicKey, Role};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::{Message, Signed};
use saifu_wire::{CenterId, Digest};

const CERTIFICATE: &str = "a certificate of the center";

/// The roles a center must have keys for.
const ROLES: [Role; 4] = [Role::Licence, Role::Credit, Role::Receipt, Role::Payment];

/// A center whose certificates were verified up to the terminal's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CenterIdentity {
    /// The center.
    pub id: CenterId,
    /// What it calls itself.
    pub name: String,
    /// Whether it serves test cards.
    pub test_mode: bool,
    certificates: Vec<Certificate>,
}

impl CenterIdentity {
    /// Verifies what a center says of itself, up to `root` at `now` (Unix time).
    ///
    /// Every certificate must be authentic and the center's own; those that are out of date
    /// or retired are left out, and each role must have one left.
    pub fn verify(center: &api::Center, root: &PinnedRoot, now: u64) -> Result<Self, Untrusted> {
        let why = saifu_wire::Malformed::Value;
        let malformed = |why| Untrusted::Malformed { what: CERTIFICATE, why };
        let id = CenterId::from_hex(&center.id)
            .ok_or(Untrusted::Malformed { what: "the center's id", why })?;
        let mut certificates = Vec::new();
        for bytes in &center.certificates {
            let certificate = Certificate::parse(&bytes.0).map_err(malformed)?;
            match check(&certificate, id, root, now) {
                Ok(()) => certificates.push(certificate),
                Err(Untrusted::NotValidNow { .. }) => {}
                Err(untrusted) => return Err(untrusted),
            }
        }
        drop_retired(&mut certificates);
        if ROLES.iter().any(|role| certificates.iter().all(|c| c.body().role != *role)) {
            let why = "it shows no valid certificate for one of its keys";
            return Err(Untrusted::Uncertified { what: "the center", why });
        }
        Ok(Self { id, name: center.name.clone(), test_mode: center.test_mode, certificates })
    }

    /// The root under which a center says it stands; nothing is verified of it.
    pub fn root_said(center: &api::Center) -> Option<Name> {
        let first = center.certificates.first()?;
        Some(Certificate::parse(&first.0).ok()?.body().authority)
    }

    /// The certificates a card needs to see.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Verifies that the center's key of `role` and sequence `signer` signed.
    pub fn check<M: Message>(
        &self,
        signed: &Signed<M>,
        role: Role,
        signer: u32,
        what: &'static str,
    ) -> Result<(), Untrusted> {
        let body = self.certificates.iter().map(Certificate::body);
        let mut keys = body.filter(|body| body.role == role && body.sequence == signer);
        let Some(PublicKey::P256(point)) = keys.next().map(|body| &body.key) else {
            let why = "the center shows no valid certificate of the key that signed";
            return Err(Untrusted::Uncertified { what, why });
        };
        verify_signature(point, signed.unsigned(), signed.signature(), what)
    }

    /// Whether `key` is the key id of a payment key of the center.
    pub fn has_payment_key(&self, key: &Digest) -> bool {
        let body = self.certificates.iter().map(Certificate::body);
        let mut keys = body.filter(|body| body.role == Role::Payment);
        keys.any(|body| sha256(&body.key.to_object()) == *key)
    }
}

fn check(
    certificate: &Certificate,
    id: CenterId,
    root: &PinnedRoot,
    now: u64,
) -> Result<(), Untrusted> {
    check_certificate(certificate, root, now, CERTIFICATE)?;
    let body = certificate.body();
    if body.holder_id != id.0 {
        return Err(Untrusted::Other { what: CERTIFICATE, field: "center" });
    }
    match (body.role, &body.key) {
        (Role::Licence | Role::Credit | Role::Receipt, PublicKey::P256(_)) => Ok(()),
        (Role::Payment, PublicKey::Rsa { .. }) => Ok(()),
        _ => Err(wrong_role(CERTIFICATE)),
    }
}

/// Leaves out what a later certificate of the same role retires.
fn drop_retired(certificates: &mut Vec<Certificate>) {
    for role in ROLES {
        let of_role = certificates.iter().map(Certificate::body).filter(|b| b.role == role);
        let floor = of_role.map(|body| body.retires_below).max().unwrap_or(0);
        certificates.retain(|c| c.body().role != role || c.body().sequence >= floor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, keys, world};

    fn verify(center: &api::Center) -> Result<CenterIdentity, Untrusted> {
        CenterIdentity::verify(center, &keys::root(), NOW)
    }

    #[test]
    fn a_center_under_the_root_is_known() {
        assert_eq!(verify(&world::center()).unwrap().id, world::CENTER);
    }

    #[test]
    fn a_center_without_one_of_its_keys_is_refused() {
        for missing in 0..4 {
            let mut center = world::center();
            center.certificates.remove(missing);
            assert!(matches!(verify(&center), Err(Untrusted::Uncertified { .. })));
        }
    }

    #[test]
    fn a_certificate_of_another_center_is_refused() {
        let mut center = world::center();
        let stranger = world::center_certificate(Role::Licence, 2, 0, CenterId([8; 16]));
        center.certificates.push(stranger.to_bytes().into());
        let refused = Untrusted::Other { what: CERTIFICATE, field: "center" };
        assert_eq!(verify(&center), Err(refused));
    }

    #[test]
    fn a_retired_key_verifies_nothing_any_more() {
        let licence = world::licence(|_| {});
        let before = verify(&world::center()).unwrap();
        assert_eq!(before.check(&licence, Role::Licence, 1, "the licence"), Ok(()));
        let mut center = world::center();
        let next = world::center_certificate(Role::Licence, 2, 2, world::CENTER);
        center.certificates.push(next.to_bytes().into());
        let after = verify(&center).unwrap();
        let refused = after.check(&licence, Role::Licence, 1, "the licence");
        assert!(matches!(refused, Err(Untrusted::Uncertified { .. })), "{refused:?}");
    }

    #[test]
    fn a_key_of_another_role_verifies_nothing() {
        let center = verify(&world::center()).unwrap();
        let refused = center.check(&world::licence(|_| {}), Role::Credit, 1, "the licence");
        assert_eq!(refused, Err(Untrusted::Signature { what: "the licence" }));
    }
}
