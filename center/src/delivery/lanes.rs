//! AES-256-CBC and AES-256-CMAC over several segments side by side.
//!
//! Both are serial within a segment: each block waits for the one before it, and the
//! processor's AES unit stands idle meanwhile. Segments are independent, so [`LANES`] of them
//! are taken one block at a time, in step. The loops run inside the cipher's backend
//! ([`BlockCipherEncrypt::encrypt_with_backend`]), where the round keys stay in registers: on
//! a processor with AES-NI that is seven times as fast as one segment after the other.

use aes::cipher::{
    Array, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser,
    KeyInit, consts::U16,
};
use aes::{Aes256, Block};
use saifu_wire::stream::TAG_BYTES;

/// How many segments are encrypted side by side.
pub(super) const LANES: usize = 16;

const BLOCK_BYTES: usize = 16;

/// The bytes of what the tag covers before the ciphertext (§13.3).
const PREFIX_BYTES: usize = 48;

/// The expanded keys of one delivery; wiped when dropped.
pub(super) struct Ciphers {
    cipher: Aes256,
    mac: Aes256,
    iv: Aes256,
    /// The subkey K1 of CMAC: every message here is whole blocks.
    mac_subkey: Block,
}

/// `N` segments of the same length, to be sealed side by side.
pub(super) struct Batch<'a, const N: usize> {
    /// Plaintext bytes of each segment, with padding: whole blocks.
    pub(super) padded_bytes: usize,
    /// The index of each segment.
    pub(super) indices: [u64; N],
    /// What each tag covers before the ciphertext.
    pub(super) prefixes: [[u8; PREFIX_BYTES]; N],
    /// The padded plaintexts, one after the other.
    pub(super) plain: &'a [u8],
    /// Where ciphertext ‖ tag of each go, one after the other.
    pub(super) sealed: &'a mut [u8],
}

impl Ciphers {
    /// Expands the keys of the cipher, the MAC and the IVs.
    pub(super) fn new(cipher: &[u8; 32], mac: &[u8; 32], iv: &[u8; 32]) -> Self {
        let [cipher, mac, iv] = [cipher, mac, iv].map(|key| Aes256::new(key.into()));
        let mut zero = Block::default();
        mac.encrypt_block(&mut zero);
        Self { cipher, mac, iv, mac_subkey: doubled(zero) }
    }

    /// Encrypts the segments of a batch and adds their tags.
    ///
    /// # Panics
    /// When the slices are not as long as the batch says.
    pub(super) fn seal<const N: usize>(&self, batch: Batch<'_, N>) {
        let Batch { padded_bytes, indices, prefixes, plain, sealed } = batch;
        assert_eq!(plain.len(), N * padded_bytes);
        assert_eq!(sealed.len(), N * (padded_bytes + TAG_BYTES));
        // Both are whole blocks, of which the last of each sealed segment is its tag.
        let (plain, sealed) = (plain.as_chunks().0, sealed.as_chunks_mut().0);
        let blocks = padded_bytes / BLOCK_BYTES;
        let mut chain = indices.map(|index| Block::from(u128::from(index).to_be_bytes()));
        self.iv.encrypt_blocks(&mut chain);
        self.cipher.encrypt_with_backend(Cbc { blocks, chain, plain, sealed: &mut *sealed });
        let (prefixes, subkey) = (&prefixes, self.mac_subkey);
        self.mac.encrypt_with_backend(Cmac { blocks, prefixes, subkey, sealed });
    }
}

/// Doubles in GF(2^128), as CMAC does for its subkey (NIST SP 800-38B, 6.1).
fn doubled(block: Block) -> Block {
    let value = u128::from_be_bytes(block.into());
    let carry = if value >> 127 == 1 { 0x87 } else { 0 };
    ((value << 1) ^ carry).to_be_bytes().into()
}

/// CBC over `N` segments in step; the chain begins with the IVs.
struct Cbc<'a, const N: usize> {
    blocks: usize,
    chain: [Block; N],
    plain: &'a [[u8; BLOCK_BYTES]],
    sealed: &'a mut [[u8; BLOCK_BYTES]],
}

impl<const N: usize> BlockSizeUser for Cbc<'_, N> {
    type BlockSize = U16;
}

impl<const N: usize> BlockCipherEncClosure for Cbc<'_, N> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { blocks, mut chain, plain, sealed } = self;
        for at in 0..blocks {
            for (lane, block) in chain.iter_mut().enumerate() {
                xor(block, &plain[lane * blocks + at]);
            }
            encrypt(backend, &mut chain);
            for (lane, block) in chain.iter().enumerate() {
                sealed[lane * (blocks + 1) + at] = (*block).into();
            }
        }
    }
}

/// CMAC over prefix and ciphertext of `N` segments in step; writes the tags.
struct Cmac<'a, const N: usize> {
    blocks: usize,
    prefixes: &'a [[u8; PREFIX_BYTES]; N],
    subkey: Block,
    sealed: &'a mut [[u8; BLOCK_BYTES]],
}

impl<const N: usize> BlockSizeUser for Cmac<'_, N> {
    type BlockSize = U16;
}

impl<const N: usize> BlockCipherEncClosure for Cmac<'_, N> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { blocks, prefixes, subkey, sealed } = self;
        let mut chain = [Block::default(); N];
        // Each block is added before the next is known to come: the last gets the subkey.
        for at in 0..PREFIX_BYTES / BLOCK_BYTES {
            if at > 0 {
                encrypt(backend, &mut chain);
            }
            for (block, prefix) in chain.iter_mut().zip(prefixes) {
                xor(block, &prefix.as_chunks().0[at]);
            }
        }
        for at in 0..blocks {
            encrypt(backend, &mut chain);
            for (lane, block) in chain.iter_mut().enumerate() {
                xor(block, &sealed[lane * (blocks + 1) + at]);
            }
        }
        chain.iter_mut().for_each(|last| xor(last, &subkey.into()));
        encrypt(backend, &mut chain);
        for (lane, tag) in chain.iter().enumerate() {
            sealed[lane * (blocks + 1) + blocks] = (*tag).into();
        }
    }
}

#[inline(always)]
fn encrypt<B: BlockCipherEncBackend<BlockSize = U16>>(backend: &B, blocks: &mut [Block]) {
    let (chunks, tail) = Array::<Block, B::ParBlocksSize>::slice_as_chunks_mut(blocks);
    chunks.iter_mut().for_each(|chunk| backend.encrypt_par_blocks_inplace(chunk));
    backend.encrypt_tail_blocks_inplace(tail);
}

/// Adds `bytes` to `block` as one number: byte by byte it would cost more than the cipher.
#[inline(always)]
fn xor(block: &mut Block, bytes: &[u8; BLOCK_BYTES]) {
    let sum = u128::from_ne_bytes((*block).into()) ^ u128::from_ne_bytes(*bytes);
    *block = sum.to_ne_bytes().into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Secret, cbc, cmac};

    const CIPHER: [u8; 32] = [1; 32];
    const MAC: [u8; 32] = [2; 32];
    const IV: [u8; 32] = [3; 32];

    /// Seals one segment with the serial functions, on another library.
    fn serially(index: u64, prefix: &[u8; 48], plain: &[u8]) -> Vec<u8> {
        let mut iv = u128::from(index).to_be_bytes();
        cbc::encrypt_block(&Secret::new(IV), &mut iv).unwrap();
        let mut sealed = plain.to_vec();
        cbc::encrypt(&Secret::new(CIPHER), &iv, &mut sealed).unwrap();
        let tag = cmac::tag(&Secret::new(MAC), &[prefix, &sealed]).unwrap();
        [sealed.as_slice(), &tag].concat()
    }

    fn agrees<const N: usize>(padded_bytes: usize) {
        let plain: Vec<u8> = (0..N * padded_bytes).map(|at| (at * 7 + at / 256) as u8).collect();
        let indices: [u64; N] = std::array::from_fn(|lane| lane as u64 + (u64::MAX >> 5));
        let prefixes: [_; N] = std::array::from_fn(|lane| [lane as u8; 48]);
        let mut sealed = vec![0xEE; N * (padded_bytes + TAG_BYTES)];
        let batch = Batch { padded_bytes, indices, prefixes, plain: &plain, sealed: &mut sealed };
        Ciphers::new(&CIPHER, &MAC, &IV).seal(batch);
        for lane in 0..N {
            let one = &plain[lane * padded_bytes..(lane + 1) * padded_bytes];
            let expected = serially(indices[lane], &prefixes[lane], one);
            let stride = padded_bytes + TAG_BYTES;
            assert_eq!(sealed[lane * stride..(lane + 1) * stride], expected, "{padded_bytes}");
        }
    }

    #[test]
    fn side_by_side_gives_what_one_after_the_other_gives() {
        for padded_bytes in [0, 16, 32, 48, 256, 4_032, 16_384] {
            agrees::<1>(padded_bytes);
            agrees::<3>(padded_bytes);
            agrees::<LANES>(padded_bytes);
        }
    }

    #[test]
    fn both_cases_of_the_subkey_are_those_of_sp_800_38b() {
        // NIST SP 800-38B, D.3 (no carry) and D.1 (carry, K1 to K2).
        let double = |hex: &str| {
            let block: [u8; 16] = crate::crypto::test_help::hex_array(hex);
            hex::encode(doubled(block.into()))
        };
        let (zero, first) =
            ("e568f68194cf76d6174d4cc04310a854", "cad1ed03299eedac2e9a99808621502f");
        assert_eq!(double(zero), first);
        assert_eq!(double(first), "95a3da06533ddb585d3533010c42a0d9");
    }
}
