//! Whose signature is good: certificates under the trusted roots, one role for each key (§7).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use saifu_wire::Wire as _;
use saifu_wire::certificate::{Certificate, Role};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::signed::{Message, Signed};
use saifu_wire::{CenterId, Digest, test_root};

use super::finding::{Findings, Rule};
use crate::crypto::ecdsa::{VerifyingKey, other_half};
use crate::crypto::{key_id, sha256};
use crate::refusal::{Refusal, Result};

/// The roots under which a center's certificates stand: those that lie plain with its keys, or else
/// the published test root. Where the root is sealed, that it is the test root shows in the
/// certificates.
///
/// # Errors
/// `unavailable`: the folder or a file cannot be read; `malformed`: a root is sealed, or damaged.
pub fn roots(keys: &Path) -> Result<Vec<PinnedRoot>> {
    let mut found = Vec::new();
    let is_root = |name: &str| name == "root" || name.ends_with("-root");
    gather(keys, MAX_DEPTH, &is_root, &mut found).map_err(|error| unread(keys, &error))?;
    if found.is_empty() {
        return Ok(test_root::pinned().into_iter().collect());
    }
    let roots: std::result::Result<_, _> =
        found.iter().map(|bytes| PinnedRoot::from_bytes(bytes)).collect();
    let published: Vec<_> = test_root::pinned().into_iter().collect();
    if roots.is_err() && certificates(keys)?.iter().all(|of| certified(of, &published).is_ok()) {
        return Ok(published);
    }
    roots.map_err(|_| {
        let keys = keys.display();
        Refusal::malformed(format!(
            "the issuer's root lies sealed among the keys in {keys}: name it with --root, the file \
             of `saifu-center issuer root`"
        ))
    })
}

/// The most folders below one another in which certificates are looked for.
const MAX_DEPTH: usize = 4;

/// All certificates in a center's folder of keys, and in the folders in it: the files whose names
/// end in `.cvc`.
///
/// # Errors
/// `unavailable`: the folder or a file cannot be read.
pub fn certificates(keys: &Path) -> Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let is_certificate = |name: &str| name.ends_with(".cvc");
    gather(keys, MAX_DEPTH, &is_certificate, &mut found).map_err(|error| unread(keys, &error))?;
    Ok(found)
}

fn unread(keys: &Path, error: &io::Error) -> Refusal {
    let keys = keys.display();
    Refusal::unavailable(format!(
        "the certificates in {keys} cannot be read ({error}): name the center's folder with \
         --data, and give permission"
    ))
}

fn gather(
    folder: &Path,
    depth: usize,
    takes: &dyn Fn(&str) -> bool,
    found: &mut Vec<Vec<u8>>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if path.is_dir() && depth > 0 {
            gather(&path, depth - 1, takes, found)?;
        } else if takes(&entry.file_name().to_string_lossy()) {
            found.push(fs::read(&path)?);
        }
    }
    Ok(())
}

/// What is right, or what is wrong with it in words.
type Checked<T> = std::result::Result<T, String>;

/// The public keys of a center, as its issuer certified them.
pub(super) struct CenterKeys {
    pub(super) center: CenterId,
    signers: BTreeMap<(u8, u32), VerifyingKey>,
    payment: BTreeSet<Digest>,
}

impl CenterKeys {
    /// Takes from `certificates` those that name `center`; what is wrong with one is a finding.
    pub(super) fn new(
        center: CenterId,
        certificates: &[Vec<u8>],
        roots: &[PinnedRoot],
        findings: &mut Findings,
    ) -> Self {
        let mut keys = Self { center, signers: BTreeMap::new(), payment: BTreeSet::new() };
        for bytes in certificates {
            if let Err(why) = keys.take(bytes, roots) {
                findings.add(Rule::Certificate, || format!("a certificate of the center {why}"));
            }
        }
        for role in [Role::Licence, Role::Credit, Role::Receipt] {
            let has = keys.signers.keys().any(|(known, _)| *known == role as u8);
            findings.unless(has, Rule::Certificate, || {
                format!("the center has no certificate for the role {role:?}")
            });
        }
        keys
    }

    fn take(&mut self, bytes: &[u8], roots: &[PinnedRoot]) -> Checked<()> {
        let certificate = certified(bytes, roots)?;
        let body = certificate.body();
        if body.holder_id != self.center.0 {
            return Err("names another holder".into());
        }
        match body.role {
            Role::Payment => {
                self.payment.insert(key_id(&body.key));
            }
            Role::Licence | Role::Credit | Role::Receipt => {
                let key = VerifyingKey::from_public_key(&body.key)
                    .map_err(|_| "carries a key that cannot sign".to_owned())?;
                self.signers.insert((body.role as u8, body.sequence), key);
            }
            role => return Err(format!("is for the role {role:?}, which no center has")),
        }
        Ok(())
    }

    /// Whether the center's key number `signer` of `role` has signed this.
    pub(super) fn signed<M: Message>(&self, role: Role, signer: u32, signed: &Signed<M>) -> bool {
        let key = self.signers.get(&(role as u8, signer));
        key.is_some_and(|key| key.verify_signed(signed).is_ok())
    }

    /// The sequence numbers of the center's credit keys.
    pub(super) fn credit_signers(&self) -> impl Iterator<Item = u32> {
        let credit = |(role, _): &&(u8, u32)| *role == Role::Credit as u8;
        self.signers.keys().filter(credit).map(|(_, sequence)| *sequence)
    }

    /// Whether this names a payment key of the center.
    pub(super) fn opens(&self, key: &Digest) -> bool {
        self.payment.contains(key)
    }
}

/// What a card's two certificates say of it.
pub(super) struct CardKeys {
    pub(super) id: [u8; 16],
    pub(super) key: VerifyingKey,
    /// What the first link of its chain may name as the one before: the certificate with either
    /// of its two signatures.
    pub(super) starts: [Digest; 2],
    /// The name of its encryption key, as licences have it.
    pub(super) encryption: Digest,
    pub(super) assurance: u8,
}

impl CardKeys {
    /// Reads and checks both certificates; the error says what is wrong with them.
    pub(super) fn new(signature: &[u8], encryption: &[u8], roots: &[PinnedRoot]) -> Checked<Self> {
        let (signing, wrapping) = (certified(signature, roots)?, certified(encryption, roots)?);
        let (signing, wrapping) = (signing.body(), wrapping.body());
        if (signing.role, wrapping.role) != (Role::CardSignature, Role::CardEncryption) {
            return Err("is for another role than a card's".into());
        }
        if (signing.holder_id, signing.assurance) != (wrapping.holder_id, wrapping.assurance) {
            return Err("names another card or class than the other one".into());
        }
        Ok(Self {
            id: signing.holder_id,
            key: VerifyingKey::from_public_key(&signing.key)
                .map_err(|_| "carries a key that cannot sign".to_owned())?,
            starts: [signature, &other_half(signature)].map(|bytes| Digest(sha256(&[bytes]))),
            encryption: key_id(&wrapping.key),
            assurance: signing.assurance as u8,
        })
    }
}

/// Reads a certificate that a trusted root has signed.
fn certified(bytes: &[u8], roots: &[PinnedRoot]) -> Checked<Certificate> {
    let certificate = Certificate::parse(bytes).map_err(|error| format!("is none: {error}"))?;
    let by = |root: &PinnedRoot| {
        root.name == certificate.body().authority
            && VerifyingKey::from_point(&root.point)
                .is_ok_and(|key| key.verify(certificate.signed(), certificate.signature()).is_ok())
    };
    if roots.iter().any(by) {
        Ok(certificate)
    } else {
        Err("is signed by no root that is trusted here".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::test_help::{NOW, TestCard};
    use crate::keys::{Issuer, Subject};
    use saifu_wire::certificate::Assurance;

    fn pinned() -> Vec<PinnedRoot> {
        test_root::pinned().into_iter().collect()
    }

    fn card(certificates: &[Vec<u8>; 2]) -> Checked<[u8; 16]> {
        CardKeys::new(&certificates[0], &certificates[1], &pinned()).map(|keys| keys.id)
    }

    #[test]
    fn a_cards_certificates_must_be_of_one_card_in_their_roles_and_under_a_trusted_root() {
        let issuer = Issuer::test().unwrap();
        let good = TestCard::new(1).certificates(&issuer);
        assert_eq!(card(&good), Ok([1; 16]));
        let other = TestCard::new(2).certificates(&issuer);
        let mixed = [good[0].clone(), other[1].clone()];
        assert!(card(&mixed).unwrap_err().contains("another card"));
        let swapped = [good[1].clone(), good[0].clone()];
        assert!(card(&swapped).unwrap_err().contains("another role"));
        let refused = CardKeys::new(&good[0], &good[1], &[]).map(|keys| keys.id);
        assert!(refused.unwrap_err().contains("no root"));
        let mut bad = good;
        let last = bad[0].len() - 1;
        bad[0][last] ^= 1;
        assert!(card(&bad).unwrap_err().contains("no root"));
    }

    fn taken(center: CenterId, certificates: &[Vec<u8>]) -> Vec<String> {
        let mut findings = Findings::new(9);
        CenterKeys::new(center, certificates, &pinned(), &mut findings);
        findings.into_parts().0.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_centers_certificates_are_its_own_and_there_is_one_for_each_role_that_signs() {
        let (issuer, key) = (Issuer::test().unwrap(), TestCard::new(1).signature.public_key());
        let certify = |role, holder_id| {
            let subject = Subject { holder_id, role, assurance: Assurance::Test, sequence: 1 };
            issuer.certify(key.clone(), subject, NOW).unwrap().to_bytes()
        };
        let good = [Role::Licence, Role::Credit, Role::Receipt].map(|role| certify(role, [7; 16]));
        assert_eq!(taken(CenterId([7; 16]), &good), [""; 0]);
        assert_eq!(taken(CenterId([7; 16]), &good[..2]).len(), 1);
        assert!(taken(CenterId([7; 16]), &good[..2])[0].contains("Receipt"));
        assert_eq!(taken(CenterId([8; 16]), &good).len(), 6);
        let with = |more| taken(CenterId([7; 16]), &[&good[..], &[more]].concat());
        assert!(with(certify(Role::Issuer, [7; 16]))[0].contains("no center has"));
        assert!(with(b"junk".to_vec())[0].contains("is none"));
    }
}
