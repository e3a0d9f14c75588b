//! Secure messaging in an open channel (Amendment D, 6.2.4 to 6.2.7).
//!
//! A command is encrypted, then authenticated over the chaining value and its own header; the full
//! tag is the next chaining value. A [`Channel`] is used up by each command and given back only if
//! the command was right: one wrong byte and the channel no longer exists.

use alloc::vec::Vec;

use super::super::aes::BLOCK_LEN;
use super::super::cmac::{cmac, short_cmac, shortened, verify_short};
use super::super::{CryptoError, SecretVec, cbc, same_bytes};
use super::keys::{CHALLENGE_LEN, CRYPTOGRAM_LEN, SessionKeys};

/// Length of a C-MAC or R-MAC on the wire, in bytes.
pub const MAC_LEN: usize = 8;

/// CLA, INS, P1, P2.
type Header = [u8; 4];
type Challenge = [u8; CHALLENGE_LEN];

/// Says what protects commands and responses (Amendment D, table 7-6; P1 of EXTERNAL AUTHENTICATE).
///
/// Commands always carry a MAC; responses are encrypted only where commands are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityLevel {
    /// C-MAC.
    CommandMac = 0x01,
    /// C-MAC and C-DECRYPTION.
    CommandEncryption = 0x03,
    /// C-MAC and R-MAC.
    BothMac = 0x11,
    /// C-MAC, C-DECRYPTION and R-MAC.
    CommandEncryptionBothMac = 0x13,
    /// C-MAC, C-DECRYPTION, R-MAC and R-ENCRYPTION.
    Full = 0x33,
}

impl SecurityLevel {
    const fn encrypts_commands(self) -> bool {
        self as u8 & 0x02 != 0
    }

    const fn authenticates_responses(self) -> bool {
        self as u8 & 0x10 != 0
    }

    const fn encrypts_responses(self) -> bool {
        self as u8 & 0x20 != 0
    }
}

impl TryFrom<u8> for SecurityLevel {
    type Error = CryptoError;

    fn try_from(p1: u8) -> Result<Self, CryptoError> {
        match p1 {
            0x01 => Ok(Self::CommandMac),
            0x03 => Ok(Self::CommandEncryption),
            0x11 => Ok(Self::BothMac),
            0x13 => Ok(Self::CommandEncryptionBothMac),
            0x33 => Ok(Self::Full),
            _ => Err(CryptoError::Refused),
        }
    }
}

/// Holds one end of an open channel.
#[derive(Debug)]
pub struct Channel {
    keys: SessionKeys,
    level: SecurityLevel,
    chaining: [u8; BLOCK_LEN],
    /// Commands since EXTERNAL AUTHENTICATE.
    counter: u32,
}

impl Channel {
    /// Opens the card's end: checks an EXTERNAL AUTHENTICATE, header and data as received.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for a wrong MAC, a wrong cryptogram or an unknown level.
    pub fn accept(
        keys: SessionKeys,
        host: &Challenge,
        card: &Challenge,
        header: Header,
        data: &[u8],
    ) -> Result<Self, CryptoError> {
        let [_, _, p1, _] = header;
        let mut channel = Self::new(keys, SecurityLevel::try_from(p1)?);
        let cryptogram = channel.check_mac(header, data)?;
        if same_bytes(cryptogram, &channel.keys.host_cryptogram(host, card)) {
            Ok(channel)
        } else {
            Err(CryptoError::Refused)
        }
    }

    /// Opens the off-card end: gives it with the data of its EXTERNAL AUTHENTICATE (84 82 level 00).
    ///
    /// # Errors
    /// None in practice: the data is of a fixed, small size.
    pub fn request(
        keys: SessionKeys,
        host: &Challenge,
        card: &Challenge,
        level: SecurityLevel,
    ) -> Result<(Self, [u8; CRYPTOGRAM_LEN + MAC_LEN]), CryptoError> {
        let cryptogram = keys.host_cryptogram(host, card);
        let mut channel = Self::new(keys, level);
        let mac = channel.add_mac([0x84, 0x82, level as u8, 0x00], &cryptogram)?;
        let mut data = [0; CRYPTOGRAM_LEN + MAC_LEN];
        data.iter_mut().zip(cryptogram.iter().chain(&mac)).for_each(|(to, from)| *to = *from);
        Ok((channel, data))
    }

    /// Gives the level that was agreed on.
    #[must_use]
    pub const fn level(&self) -> SecurityLevel {
        self.level
    }

    /// Takes off a command's protection (card). Header and data are as received.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for a class without secure messaging, a wrong MAC or wrong padding;
    /// the channel is then gone.
    pub fn unwrap_command(
        mut self,
        header: Header,
        data: &[u8],
    ) -> Result<(Self, SecretVec), CryptoError> {
        let [class, ..] = header;
        if !is_secured(class) {
            return Err(CryptoError::Refused);
        }
        self.counter = self.counter.checked_add(1).ok_or(CryptoError::Refused)?;
        let body = self.check_mac(header, data)?;
        let plain = if self.level.encrypts_commands() {
            self.decrypt(Direction::Command, body)?
        } else {
            SecretVec::new(body.to_vec())
        };
        Ok((self, plain))
    }

    /// Protects a command (off card): gives its header and data field as they are to be sent.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for data too long for an extended APDU.
    pub fn wrap_command(
        mut self,
        header: Header,
        data: &[u8],
    ) -> Result<(Self, Header, Vec<u8>), CryptoError> {
        self.counter = self.counter.checked_add(1).ok_or(CryptoError::Refused)?;
        let mut body = if self.level.encrypts_commands() {
            self.encrypt(Direction::Command, data)?
        } else {
            data.to_vec()
        };
        let [class, ins, p1, p2] = header;
        let header = [secured(class), ins, p1, p2];
        let mac = self.add_mac(header, &body)?;
        body.extend_from_slice(&mac);
        Ok((self, header, body))
    }

    /// Protects the response to the last command (card).
    ///
    /// An error status word goes out bare (Amendment D, 6.2.5).
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for data beside an error status word.
    pub fn wrap_response(&self, data: &[u8], status: [u8; 2]) -> Result<Vec<u8>, CryptoError> {
        if is_error(status) {
            return if data.is_empty() { Ok(Vec::new()) } else { Err(CryptoError::Refused) };
        }
        let mut body = if self.level.encrypts_responses() {
            self.encrypt(Direction::Response, data)?
        } else {
            data.to_vec()
        };
        if self.level.authenticates_responses() {
            let mac = short_cmac(&self.keys.rmac, &[&self.chaining, &body, &status]);
            body.extend_from_slice(&mac);
        }
        Ok(body)
    }

    /// Takes off the protection of the response to the last command (off card).
    ///
    /// # Errors
    /// [`CryptoError::Refused`] for a wrong MAC, wrong padding, or data beside an error status word.
    pub fn unwrap_response(&self, data: &[u8], status: [u8; 2]) -> Result<SecretVec, CryptoError> {
        if is_error(status) {
            return if data.is_empty() {
                Ok(SecretVec::default())
            } else {
                Err(CryptoError::Refused)
            };
        }
        let body = if self.level.authenticates_responses() {
            let (body, mac) = data.split_last_chunk::<MAC_LEN>().ok_or(CryptoError::Refused)?;
            verify_short(&self.keys.rmac, &[&self.chaining, body, &status], mac)?;
            body
        } else {
            data
        };
        if self.level.encrypts_responses() {
            self.decrypt(Direction::Response, body)
        } else {
            Ok(SecretVec::new(body.to_vec()))
        }
    }

    const fn new(keys: SessionKeys, level: SecurityLevel) -> Self {
        Self { keys, level, chaining: [0; BLOCK_LEN], counter: 0 }
    }

    /// Checks the MAC at the end of `data`, moves the chain on, gives the data before the MAC.
    fn check_mac<'a>(&mut self, header: Header, data: &'a [u8]) -> Result<&'a [u8], CryptoError> {
        let (body, claimed) = data.split_last_chunk::<MAC_LEN>().ok_or(CryptoError::Refused)?;
        if same_bytes(&self.add_mac(header, body)?, claimed) {
            Ok(body)
        } else {
            Err(CryptoError::Refused)
        }
    }

    /// Computes the C-MAC over chaining value, modified header and data, and moves the chain on.
    fn add_mac(&mut self, header: Header, body: &[u8]) -> Result<[u8; MAC_LEN], CryptoError> {
        let [class, ins, p1, p2] = header;
        let header = [mac_class(class), ins, p1, p2];
        let length = encoded_length(body.len()).ok_or(CryptoError::Refused)?;
        let length =
            if let [0, 0, short] = &length { core::slice::from_ref(short) } else { &length };
        self.chaining = cmac(&self.keys.mac, &[&self.chaining, &header, length, body]);
        Ok(shortened(&self.chaining))
    }

    /// Pads and encrypts; an empty data field stays empty (Amendment D, 6.2.6).
    fn encrypt(&self, direction: Direction, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if data.is_empty() {
            return Ok(Vec::new());
        }
        let mut padded = pad(data);
        cbc::encrypt(&self.keys.enc, &self.icv(direction), &mut padded)?;
        Ok(padded)
    }

    fn decrypt(&self, direction: Direction, body: &[u8]) -> Result<SecretVec, CryptoError> {
        let mut plain = SecretVec::new(body.to_vec());
        if !plain.is_empty() {
            cbc::decrypt(&self.keys.enc, &self.icv(direction), plain.expose_mut())?;
            let len = unpadded_len(plain.expose()).ok_or(CryptoError::Refused)?;
            plain.truncate(len);
        }
        Ok(plain)
    }

    /// Encrypts the counter block into the ICV; a response has the top bit set.
    fn icv(&self, direction: Direction) -> [u8; BLOCK_LEN] {
        let top_bit = match direction {
            Direction::Command => 0,
            Direction::Response => 1 << 127,
        };
        let mut block = (u128::from(self.counter) | top_bit).to_be_bytes();
        self.keys.enc.encrypt_block(&mut block);
        block
    }
}

/// Says which way encrypted data goes.
#[derive(Clone, Copy)]
enum Direction {
    Command,
    Response,
}

/// Says whether a class byte announces secure messaging (ISO 7816-4, 5.4.1) and is none reserved.
const fn is_secured(class: u8) -> bool {
    if class & 0x40 == 0 { class & 0x2C == 0x04 } else { class & 0x20 != 0 }
}

/// Sets the secure messaging bit and leaves the logical channel as it is.
const fn secured(class: u8) -> u8 {
    if class & 0x40 == 0 { class & !0x08 | 0x04 } else { class | 0x20 }
}

/// Gives the class byte as the MAC covers it: without logical channel, with secure messaging.
const fn mac_class(class: u8) -> u8 {
    class & 0x80 | 0x04
}

/// Encodes the length of the data field with its MAC: 00 ‖ length (2).
fn encoded_length(body_len: usize) -> Option<[u8; 3]> {
    let [high, low] = u16::try_from(body_len.checked_add(MAC_LEN)?).ok()?.to_be_bytes();
    Some([0, high, low])
}

/// Says whether a status word is neither success nor a warning.
const fn is_error(status: [u8; 2]) -> bool {
    !matches!(status, [0x90, 0x00] | [0x62 | 0x63, _])
}

/// Pads by ISO/IEC 9797-1 method 2: 80, then zeros to the end of the block.
fn pad(data: &[u8]) -> Vec<u8> {
    let full = data.len().saturating_add(1).next_multiple_of(BLOCK_LEN);
    let mut padded = Vec::with_capacity(full);
    padded.extend_from_slice(data);
    padded.push(0x80);
    padded.resize(full, 0);
    padded
}

/// Gives the length before padding; the data is authentic, so its shape is no secret to protect.
fn unpadded_len(padded: &[u8]) -> Option<usize> {
    let end = padded.iter().rposition(|byte| *byte != 0)?;
    let in_last_block = padded.len().saturating_sub(end) <= BLOCK_LEN;
    (in_last_block && padded.get(end) == Some(&0x80)).then_some(end)
}

#[cfg(test)]
mod tests;
