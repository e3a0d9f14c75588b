//! Known-answer tests of all that the card computes with (FIPS 140-3, 10.3.1).
//!
//! At power-up each algorithm computes again what was published, and refuses what was published
//! with a bit changed. A processor or a program that no longer does is found before it touches a
//! key: a card whose test failed tells its state and does nothing else (§5.5).
//!
//! | algorithm | computed | refused |
//! |---|---|---|
//! | SHA-256, HKDF-Expand, ChaCha20 | one value each | |
//! | AES-128-CBC, AES-256-CBC | both ways | |
//! | AES-128-CMAC, AES-256-CMAC | one tag each | a tag with a bit changed |
//! | SCP03 | challenge and both cryptograms | |
//! | ECDSA on P-256 | a signature, and that it verifies | a signature with a bit changed |
//! | RSA-2048-OAEP | a ciphertext, and what one holds | a ciphertext with a bit changed |
//! | the seal | a record, and what it holds | a record with a bit changed |

mod vectors;

use core::fmt;

use rand_core::Rng;

use super::aes::AesKey;
use super::ecdsa::{SigningKey, VerifyingKey};
use super::hash::sha256;
use super::rsa::PrivateKey;
use super::scp03::{SessionKeys, StaticKeys, card_challenge};
use super::seal::SealKeys;
use super::{CryptoError, RandomFailed, Secret, cbc, cmac, kdf, random};
use vectors::{
    Cbc, Expansion, Hash, Mac, Oaep, PUBLISHED, Sealed, SecureChannel, Signature, Vectors,
};

/// Names what failed its test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-256.
    Hash,
    /// HKDF-Expand.
    Expansion,
    /// The generator behind key generation and blinding.
    Generator,
    /// AES-CBC.
    Cbc,
    /// AES-CMAC.
    Mac,
    /// What SCP03 derives.
    SecureChannel,
    /// ECDSA.
    Signature,
    /// RSA-OAEP.
    Oaep,
    /// The seal.
    Seal,
}

/// Says that an algorithm did not give its known answer: the card must not compute with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfTestFailed(pub Algorithm);

impl fmt::Display for SelfTestFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the self-test failed: {:?} did not give its known answer", self.0)
    }
}

impl core::error::Error for SelfTestFailed {}

/// Tests everything: what a card does whenever it gets power.
///
/// # Errors
/// [`SelfTestFailed`], with the first algorithm that failed.
pub fn run() -> Result<(), SelfTestFailed> {
    check(&PUBLISHED)
}

fn check(vectors: &Vectors) -> Result<(), SelfTestFailed> {
    let results = [
        (Algorithm::Hash, hash(&vectors.hash)),
        (Algorithm::Expansion, expansion(&vectors.expansion)),
        (Algorithm::Generator, generator(&vectors.generator)),
        (Algorithm::Cbc, both_cbc(&vectors.cbc)),
        (Algorithm::Mac, both_macs(&vectors.cbc, &vectors.mac)),
        (Algorithm::SecureChannel, channel(&vectors.channel)),
        (Algorithm::Signature, signature(&vectors.signature)),
        (Algorithm::Oaep, oaep(&vectors.oaep)),
        (Algorithm::Seal, seal(&vectors.seal)),
    ];
    let failed = results.iter().find(|(_, passed)| *passed != Some(()));
    failed.map_or(Ok(()), |(algorithm, _)| Err(SelfTestFailed(*algorithm)))
}

/// `None` is a failure, here and below.
type Passed = Option<()>;

fn hash(known: &Hash) -> Passed {
    equal(&sha256(&[&known.message]), &known.digest)
}

fn expansion(known: &Expansion) -> Passed {
    let derived = kdf::expand(&Secret::new(known.key), &known.info, &[]);
    equal(derived.expose(), &known.derived)
}

fn generator(keystream: &[u8; 32]) -> Passed {
    let mut generated = [0; 32];
    random::seeded(&mut fixed(&[0; 32])).ok()?.fill_bytes(&mut generated);
    equal(&generated, keystream)
}

fn both_cbc(known: &Cbc) -> Passed {
    one_cbc(&AesKey::from(&Secret::new(known.short_key)), known, &known.under_short)?;
    one_cbc(&AesKey::from(&Secret::new(known.long_key)), known, &known.under_long)
}

fn one_cbc(key: &AesKey, known: &Cbc, ciphertext: &[u8; 32]) -> Passed {
    let mut data = known.plaintext;
    cbc::encrypt(key, &known.iv, &mut data).ok()?;
    equal(&data, ciphertext)?;
    cbc::decrypt(key, &known.iv, &mut data).ok()?;
    equal(&data, &known.plaintext)
}

fn both_macs(keys: &Cbc, known: &Mac) -> Passed {
    let short = AesKey::from(&Secret::new(keys.short_key));
    let long = AesKey::from(&Secret::new(keys.long_key));
    one_mac(&short, &known.message, &known.under_short)?;
    one_mac(&long, &known.message, &known.under_long)
}

fn one_mac(key: &AesKey, message: &[u8], tag: &[u8; cmac::TAG_LEN]) -> Passed {
    equal(&cmac::cmac(key, &[message]), tag)?;
    cmac::verify(key, &[message], tag).ok()?;
    refused(cmac::verify(key, &[message], &damaged(tag)))
}

fn channel(known: &SecureChannel) -> Passed {
    let keys = StaticKeys { enc: Secret::new(known.enc), mac: Secret::new(known.mac) };
    equal(&card_challenge(&keys, known.sequence, &known.aid), &known.card_challenge)?;
    let (host, card) = (&known.host_challenge, &known.card_challenge);
    let session = SessionKeys::derive(&keys, host, card);
    equal(&session.card_cryptogram(host, card), &known.card_cryptogram)?;
    equal(&session.host_cryptogram(host, card), &known.host_cryptogram)
}

fn signature(known: &Signature) -> Passed {
    let key = SigningKey::from_scalar(&Secret::new(known.scalar)).ok()?;
    equal(&key.public_point(), &known.point)?;
    equal(&key.sign(&[&known.message]).ok()?, &known.signature)?;
    let verifier = VerifyingKey::from_point(&known.point).ok()?;
    verifier.verify(&[&known.message], &known.signature).ok()?;
    refused(verifier.verify(&[&known.message], &damaged(&known.signature)))
}

/// A damaged ciphertext is refused by a check of its padding, after a whole private operation: as
/// slow as the good one, and no less part of the test.
fn oaep(known: &Oaep) -> Passed {
    let key = PrivateKey::from_bytes(&known.primes).ok()?;
    let unwrap =
        |ciphertext: &[u8]| key.unwrap_oaep(&mut fixed(&known.label), &known.label, ciphertext);
    equal(unwrap(&known.ciphertext).ok()?.expose(), &known.message)?;
    let wrapped =
        key.public_key().wrap_oaep(&mut fixed(&known.label), &known.label, &known.message);
    equal(&wrapped.ok()?, &known.wrapped)?;
    refused(unwrap(&damaged(&known.ciphertext)))
}

fn seal(known: &Sealed) -> Passed {
    let keys = SealKeys::derive(&Secret::new(known.master), &known.purpose);
    let record = keys.seal(&mut fixed(&known.iv), &known.purpose, &known.plaintext).ok()?;
    equal(&record, &known.record)?;
    equal(keys.open(&known.purpose, &known.record).ok()?.expose(), &known.plaintext)?;
    refused(keys.open(&known.purpose, &damaged(&known.record)))
}

fn equal(computed: &[u8], known: &[u8]) -> Passed {
    (computed == known).then_some(())
}

fn refused<T>(outcome: Result<T, CryptoError>) -> Passed {
    matches!(outcome, Err(CryptoError::Refused)).then_some(())
}

/// Changes the last bit.
fn damaged<const N: usize>(known: &[u8; N]) -> [u8; N] {
    let mut bytes = *known;
    bytes.last_mut().into_iter().for_each(|byte| *byte ^= 1);
    bytes
}

/// Gives the same bytes at every draw: nothing here is a secret.
fn fixed(bytes: &[u8]) -> impl FnMut(&mut [u8]) -> Result<(), RandomFailed> + '_ {
    move |out| {
        out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
