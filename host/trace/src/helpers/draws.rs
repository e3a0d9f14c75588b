//! Random numbers of a run: drawn from its seed, so that the run can be repeated to the byte.

use sha2::{Digest, Sha256};

/// What `random(...)` draws from: SHA-256 in counter mode over the run's seed. Good for tests, and
/// for nothing that must stay secret.
#[derive(Clone)]
pub struct Draws {
    seed: [u8; 32],
    counter: u64,
}

impl Draws {
    /// Draws that follow from a seed of any length.
    #[must_use]
    pub fn new(seed: &[u8]) -> Self {
        Self { seed: Sha256::digest(seed).into(), counter: 0 }
    }

    /// The next bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(count.next_multiple_of(32));
        while out.len() < count {
            let block =
                Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes());
            out.extend_from_slice(&block.finalize());
            self.counter = self.counter.wrapping_add(1);
        }
        out.truncate(count);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_row_of_bytes_that_never_comes_again() {
        let (mut one, mut same, mut other) = (Draws::new(b"1"), Draws::new(b"1"), Draws::new(b"2"));
        let first = one.bytes(40);
        assert_eq!(same.bytes(40), first);
        assert_ne!(other.bytes(40), first);
        assert_ne!(one.bytes(40), first);
    }
}
