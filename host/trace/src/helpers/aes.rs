//! AES as cards use it: CMAC (SP 800-38B) and CBC (SP 800-38A), with keys of 16 or 32 bytes.

use super::HelperError;
use ::aes::cipher::{
    Array, Block, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
};
use ::aes::{Aes128, Aes256};
use ::cmac::digest::InnerInit;
use ::cmac::{Cmac, Mac};

/// The bytes of a block.
pub const BLOCK: usize = 16;

/// A key, expanded; wiped when dropped.
#[derive(Clone)]
pub enum Key {
    /// Of 16 bytes.
    Short(Aes128),
    /// Of 32 bytes.
    Long(Aes256),
}

impl Key {
    /// Expands a key.
    ///
    /// # Errors
    /// For another length than 16 and 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, HelperError> {
        if let Ok(short) = <&[u8; 16]>::try_from(bytes) {
            return Ok(Self::Short(Aes128::new(short.into())));
        }
        let long = <&[u8; 32]>::try_from(bytes).map_err(|_| {
            HelperError(format!("a key of AES has 16 or 32 bytes here, not {}", bytes.len()))
        })?;
        Ok(Self::Long(Aes256::new(long.into())))
    }

    /// Encrypts one block.
    #[must_use]
    pub fn block(&self, mut block: [u8; BLOCK]) -> [u8; BLOCK] {
        match self {
            Self::Short(aes) => aes.encrypt_block((&mut block).into()),
            Self::Long(aes) => aes.encrypt_block((&mut block).into()),
        }
        block
    }

    /// The CMAC over the parts as if they were one string.
    #[must_use]
    pub fn cmac(&self, parts: &[&[u8]]) -> [u8; BLOCK] {
        match self {
            Self::Short(aes) => tag(Cmac::inner_init(aes), parts),
            Self::Long(aes) => tag(Cmac::inner_init(aes), parts),
        }
    }

    /// Encrypts whole blocks.
    ///
    /// # Errors
    /// When the last block is not whole.
    pub fn encrypt(&self, iv: &[u8; BLOCK], data: &[u8]) -> Result<Vec<u8>, HelperError> {
        let mut data = data.to_vec();
        let blocks = blocks(&mut data)?;
        match self {
            Self::Short(aes) => {
                cbc::Encryptor::inner_iv_init(aes, iv.into()).encrypt_blocks(blocks)
            }
            Self::Long(aes) => cbc::Encryptor::inner_iv_init(aes, iv.into()).encrypt_blocks(blocks),
        }
        Ok(data)
    }

    /// Decrypts whole blocks.
    ///
    /// # Errors
    /// When the last block is not whole.
    pub fn decrypt(&self, iv: &[u8; BLOCK], data: &[u8]) -> Result<Vec<u8>, HelperError> {
        let mut data = data.to_vec();
        let blocks = blocks(&mut data)?;
        match self {
            Self::Short(aes) => {
                cbc::Decryptor::inner_iv_init(aes, iv.into()).decrypt_blocks(blocks)
            }
            Self::Long(aes) => cbc::Decryptor::inner_iv_init(aes, iv.into()).decrypt_blocks(blocks),
        }
        Ok(data)
    }
}

fn tag<M: Mac<OutputSize = ::aes::cipher::consts::U16>>(
    mut mac: M,
    parts: &[&[u8]],
) -> [u8; BLOCK] {
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// AES-128 and AES-256 have the same blocks.
fn blocks(data: &mut [u8]) -> Result<&mut [Block<Aes256>], HelperError> {
    let bytes = data.len();
    let (blocks, rest) = Array::slice_as_chunks_mut(data);
    if rest.is_empty() {
        return Ok(blocks);
    }
    Err(HelperError(format!("{bytes} bytes are no whole blocks of {BLOCK}; use pad(...)")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cmac_of_rfc_4493_comes_out() {
        let key = Key::new(&hex::decode("2b7e151628aed2a6abf7158809cf4f3c").unwrap()).unwrap();
        let message = hex::decode("6bc1bee22e409f96e93d7e117393172a").unwrap();
        assert_eq!(hex::encode(key.cmac(&[&message])), "070a16b46b4d4144f79bdd9dd04a287c");
        let parts: [&[u8]; 2] = [&message[..5], &message[5..]];
        assert_eq!(key.cmac(&parts), key.cmac(&[&message]));
    }

    #[test]
    fn cbc_gives_what_sp_800_38a_shows_and_back() {
        let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
        let key = Key::new(&hex::decode(key).unwrap()).unwrap();
        let iv = std::array::from_fn(|at| at as u8);
        let plain = hex::decode("6bc1bee22e409f96e93d7e117393172a").unwrap();
        let sealed = key.encrypt(&iv, &plain).unwrap();
        assert_eq!(hex::encode(&sealed), "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
        assert_eq!(key.decrypt(&iv, &sealed), Ok(plain));
    }

    #[test]
    fn other_lengths_are_refused_in_words() {
        assert!(Key::new(&[0; 24]).is_err_and(|error| error.0.contains("not 24")));
        let key = Key::new(&[0; 16]).unwrap();
        assert!(key.encrypt(&[0; 16], &[0; 15]).is_err_and(|error| error.0.contains("pad")));
    }
}
