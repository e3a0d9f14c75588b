//! A token as text: `saifu_<id>_<secret>`, 16 and 64 hex digits.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::crypto::{Secret, random, sha256};
use crate::refusal::{Refusal, Result};
use crate::store::SecretProof;

/// What a token begins with, so that whoever finds one in a file knows what it is.
const PREFIX: &str = "saifu_";

/// Memory and passes of argon2id (OWASP's first choice with one lane).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// The most that a stored proof may ask for: a damaged row shall not stop the center.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;

/// A token.
pub(super) struct Token {
    /// What names it.
    pub(super) id: [u8; 8],
    secret: Secret<32>,
}

impl Token {
    /// Draws a new one.
    pub(super) fn draw() -> Result<Self> {
        Ok(Self { id: random::array()?, secret: Secret::random()? })
    }

    /// Reads one; none where the text is no token.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, digits) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let mut token = Self { id: id(name)?, secret: Secret::new([0; 32]) };
        hex::decode_to_slice(digits, token.secret.expose_mut()).ok()?;
        Some(token)
    }

    /// Its text.
    pub(super) fn text(&self) -> Zeroizing<String> {
        let secret = Zeroizing::new(hex::encode(self.secret.expose()));
        Zeroizing::new(format!("{PREFIX}{}_{}", hex::encode(self.id), *secret))
    }

    /// What it is known again by while it is remembered.
    pub(super) fn digest(&self) -> [u8; 32] {
        sha256(&[&self.id, self.secret.expose()])
    }

    /// Makes what proves its secret.
    pub(super) fn prove(&self) -> Result<SecretProof> {
        let mut proof = SecretProof {
            salt: random::array()?,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            hash: [0; 32],
        };
        proof.hash = *self.hash(&proof)?.expose();
        Ok(proof)
    }

    /// Whether its secret is the one of `proof`; compared in constant time.
    pub(super) fn is_proved_by(&self, proof: &SecretProof) -> Result<bool> {
        Ok(self.hash(proof)? == Secret::new(proof.hash))
    }

    fn hash(&self, proof: &SecretProof) -> Result<Secret<32>> {
        let failed = |_| Refusal::internal("a token's proof is damaged: make another token");
        let memory = proof.memory_kib.min(MAX_MEMORY_KIB);
        let params = Params::new(memory, proof.passes.min(MAX_PASSES), 1, Some(32));
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(failed)?);
        let mut hash = Secret::new([0; 32]);
        let hashed =
            argon2.hash_password_into(self.secret.expose(), &proof.salt, hash.expose_mut());
        hashed.map_err(failed)?;
        Ok(hash)
    }
}

/// Reads a token's id.
pub(super) fn id(text: &str) -> Option<[u8; 8]> {
    let mut id = [0; 8];
    hex::decode_to_slice(text, &mut id).ok()?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_proved_by_its_own_proof_alone() {
        let (one, other) = (Token::draw().unwrap(), Token::draw().unwrap());
        let text = one.text();
        assert_eq!(text.len(), "saifu_".len() + 16 + 1 + 64);
        let read = Token::parse(&text).unwrap();
        assert_eq!((read.id, read.digest()), (one.id, one.digest()));
        let proof = one.prove().unwrap();
        assert!(read.is_proved_by(&proof).unwrap());
        assert!(!other.is_proved_by(&proof).unwrap());
        assert_ne!(one.prove().unwrap().hash, proof.hash, "each proof has a salt of its own");
    }

    #[test]
    fn what_is_no_token_is_none() {
        let text = Token::draw().unwrap().text();
        let upper = text.to_uppercase();
        for wrong in ["", "saifu_", "saifu__", &text[1..], &text[..86], &upper, "saifu_00_00"] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
        assert!(Token::parse(&format!("{}0", *text)).is_none());
    }

    #[test]
    fn a_proof_does_not_print_what_could_be_guessed_at() {
        let (salt, hash) = ([0xa5; 16], [0x5a; 32]);
        let printed = format!("{:?}", SecretProof { salt, memory_kib: 7, passes: 2, hash });
        assert_eq!(printed, "SecretProof { memory_kib: 7, passes: 2, .. }");
    }

    #[test]
    fn a_damaged_proof_is_an_error_and_no_proof() {
        let token = Token::draw().unwrap();
        let proof = SecretProof { memory_kib: 0, ..token.prove().unwrap() };
        assert!(token.is_proved_by(&proof).is_err());
    }
}
