//! Reads `tests/vectors`, and makes card and center out of them.

use std::collections::BTreeMap;
use std::path::Path;

use saifu_applet::crypto as card_crypto;
use saifu_applet::crypto::RandomFailed;
use saifu_center::keys::{Card, Keys, Trust, Unlock};
use saifu_center_api::HexBytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads the vectors of the file `name`.
pub(crate) fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The bytes, as many as the type asks for.
pub(crate) fn array<const N: usize>(bytes: &HexBytes) -> [u8; N] {
    bytes.0.as_slice().try_into().unwrap()
}

/// A random source for the card: repeatable, never twice the same draw.
pub(crate) fn random() -> impl FnMut(&mut [u8]) -> Result<(), RandomFailed> {
    let mut count = 0_u8;
    move |out| {
        count += 1;
        out.iter_mut().enumerate().for_each(|(at, byte)| *byte = count ^ at as u8);
        Ok(())
    }
}

/// The content of every vector: as many of these bytes as it says.
pub(crate) fn content(length: u64) -> Vec<u8> {
    (0..length).map(|at| (at ^ (at >> 8)) as u8).collect()
}

#[derive(Deserialize)]
struct CenterVector {
    id: HexBytes,
    files: BTreeMap<String, HexBytes>,
}

/// The center of the vectors, from the key folder that a third implementation wrote.
pub(crate) fn center() -> Keys {
    let vector: CenterVector = read("center.json");
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in &vector.files {
        std::fs::write(dir.path().join(name), &bytes.0).unwrap();
    }
    let keys = Keys::open(dir.path(), &Unlock::Nothing).unwrap();
    assert_eq!(keys.center().0, array(&vector.id));
    keys
}

#[derive(Deserialize)]
struct CardVector {
    id: HexBytes,
    now: u64,
    encryption_primes: HexBytes,
    signature_scalar: HexBytes,
    signature_certificate: HexBytes,
    encryption_certificate: HexBytes,
}

/// The card of the vectors: its own private keys, and what a center knows of it.
pub(crate) struct BothSides {
    pub(crate) kus: card_crypto::rsa::PrivateKey,
    pub(crate) ksig: card_crypto::ecdsa::SigningKey,
    pub(crate) taken: Card,
}

pub(crate) fn card() -> BothSides {
    let vector: CardVector = read("card.json");
    let [signature, encryption] = [&vector.signature_certificate, &vector.encryption_certificate];
    let taken = Trust::test().verify_card(&signature.0, &encryption.0, vector.now).unwrap();
    assert_eq!(taken.id.0, array(&vector.id));
    let scalar = card_crypto::Secret::new(array(&vector.signature_scalar));
    BothSides {
        kus: card_crypto::rsa::PrivateKey::from_bytes(&vector.encryption_primes.0).unwrap(),
        ksig: card_crypto::ecdsa::SigningKey::from_scalar(&scalar).unwrap(),
        taken,
    }
}

#[test]
fn the_center_takes_the_certificates_of_the_cards_own_keys() {
    let card = card();
    let point = saifu_wire::certificate::PublicKey::P256(card.ksig.public_point());
    assert_eq!(card.taken.signature_key.public_key(), point);
    let kup = saifu_applet::own_keys::encryption_public(&card.kus);
    assert_eq!(card.taken.encryption_key.public_key(), &kup);
}

#[test]
fn the_card_verifies_the_centers_certificates_and_no_changed_one() {
    use saifu_wire::test_root::ROOT_POINT;
    let root = card_crypto::ecdsa::VerifyingKey::from_point(&ROOT_POINT).unwrap();
    for certificate in center().certificates() {
        let mut body = certificate.signed().to_vec();
        assert_eq!(root.verify(&[&body], certificate.signature()), Ok(()));
        body[60] ^= 1;
        assert!(root.verify(&[&body], certificate.signature()).is_err());
    }
}
