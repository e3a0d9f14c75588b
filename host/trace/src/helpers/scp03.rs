//! The host's side of SCP03 (GlobalPlatform Card Specification v2.3, amendment D).
//!
//! ```text
//! let opening = Opening::new(keys, version, level, challenge);
//! let answer = send(opening.initialize_update());          // must end in 9000
//! let (authenticate, mut session) = opening.authenticate(answer's data)?;
//! send(authenticate);                                       // must be 9000
//! let answer = send(session.wrap(command)?);
//! let data = session.unwrap(answer's data, answer's status word)?;
//! ```
//!
//! Our own card takes level 33 alone (apdu-spec.md §14.2); other cards take others.

use super::HelperError;
use super::aes::{BLOCK, Key};
use saifu_wire::test_root;
use std::fmt;
use zeroize::Zeroizing;

/// C-MAC: commands carry a MAC.
pub const C_MAC: u8 = 0x01;
/// C-DECRYPTION: commands are encrypted.
pub const C_ENC: u8 = 0x02;
/// R-MAC: answers carry a MAC.
pub const R_MAC: u8 = 0x10;
/// R-ENCRYPTION: answers are encrypted.
pub const R_ENC: u8 = 0x20;

/// The bytes of a MAC on the line.
const MAC: usize = 8;

/// The static keys of a card, one after the other: ENC, MAC, DEK, each of 16 bytes (AES-128) or
/// each of 32 (AES-256).
#[derive(Clone)]
pub struct StaticKeys {
    keys: Zeroizing<Vec<u8>>,
    /// Whether a command that a card refuses before it looks at its protection counts all the same,
    /// in the counter and in the chain of MACs: amendment D leaves no room for such a refusal, our
    /// card makes one (§14.2).
    counts_refused: bool,
}

impl fmt::Debug for StaticKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticKeys")
    }
}

impl StaticKeys {
    /// Three keys, one after the other.
    ///
    /// # Errors
    /// For another length than 48 and 96 bytes.
    pub fn new(keys: &[u8]) -> Result<Self, HelperError> {
        if matches!(keys.len(), 48 | 96) {
            return Ok(Self { keys: Zeroizing::new(keys.to_vec()), counts_refused: true });
        }
        Err(HelperError(format!(
            "the keys of SCP03 are ENC, MAC and DEK one after the other: 48 bytes (or 96 for \
             AES-256), not {}",
            keys.len()
        )))
    }

    /// The keys of a test card (§14.1, §14.8), by its id, which GET DATA DF01 tells.
    ///
    /// # Errors
    /// When the id has not 16 bytes.
    pub fn of_test_card(card: &[u8], version: u8) -> Result<Self, HelperError> {
        if card.len() != 16 {
            return Err(HelperError(format!("a card's id has 16 bytes, not {}", card.len())));
        }
        let master = Key::new(&test_root::SCP03_MASTER)?;
        let mut keys = Zeroizing::new(Vec::with_capacity(48));
        for usage in 1..=3 {
            let which = [version, usage];
            keys.extend_from_slice(&master.cmac(&[
                b"\x01saifu/1 scp03\x00",
                card,
                &which,
                &[0x00, 0x80],
            ]));
        }
        Ok(Self { keys, counts_refused: false })
    }

    /// The three keys, one after the other.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.keys
    }

    fn key(&self, number: usize) -> &[u8] {
        let each = self.keys.len() / 3;
        &self.keys[number * each..(number + 1) * each]
    }
}

/// A channel that is being opened: what to send first.
#[derive(Clone, Debug)]
pub struct Opening {
    keys: StaticKeys,
    version: u8,
    level: u8,
    challenge: [u8; 8],
}

impl Opening {
    /// Begins to open a channel with the keys of this version at this security level.
    #[must_use]
    pub fn new(keys: StaticKeys, version: u8, level: u8, challenge: [u8; 8]) -> Self {
        Self { keys, version, level, challenge }
    }

    /// INITIALIZE UPDATE.
    #[must_use]
    pub fn initialize_update(&self) -> Vec<u8> {
        [&[0x80, 0x50, self.version, 0x00, 8][..], &self.challenge, &[0x00]].concat()
    }

    /// EXTERNAL AUTHENTICATE, and the session that is open once it was answered 9000, from the
    /// data of the answer to INITIALIZE UPDATE.
    ///
    /// # Errors
    /// When the answer has another form, or the card's cryptogram is not of these keys.
    pub fn authenticate(self, answer: &[u8]) -> Result<(Vec<u8>, Session), HelperError> {
        let (card, cryptogram) = challenge_and_cryptogram(answer)?;
        let mut session = Session::derive(&self.keys, &self.challenge, &card, self.level)?;
        let context = [self.challenge, card].concat();
        if derive(&session.mac, 0x00, 64, &context)[..8] != cryptogram {
            return Err(HelperError(
                "the card's cryptogram is wrong: it has other SCP03 keys than these; say \
                 keys=... and version=..."
                    .into(),
            ));
        }
        let host = derive(&session.mac, 0x01, 64, &context);
        let header = [0x84, 0x82, self.level, 0x00];
        let command = session.with_mac(header, &host[..8], None)?;
        Ok((command, session))
    }
}

/// Challenge and cryptogram, behind 10 bytes of diversification data, key version, 03 and i.
fn challenge_and_cryptogram(answer: &[u8]) -> Result<([u8; 8], [u8; 8]), HelperError> {
    let part = |from: usize| answer.get(from..from + 8).and_then(|bytes| bytes.try_into().ok());
    match (answer.get(11), part(13), part(21)) {
        (Some(0x03), Some(challenge), Some(cryptogram)) => Ok((challenge, cryptogram)),
        _ => Err(HelperError(format!(
            "{} bytes that are no answer of SCP03 to INITIALIZE UPDATE: diversification data (10), \
             key version, 03, i, card challenge (8), card cryptogram (8)",
            answer.len()
        ))),
    }
}

/// An open channel.
pub struct Session {
    enc: Key,
    mac: Key,
    rmac: Key,
    level: u8,
    counts_refused: bool,
    /// The MAC chaining value, and what it was before the last command.
    chain: ([u8; BLOCK], [u8; BLOCK]),
    counter: u128,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session(level {:02X})", self.level)
    }
}

impl Session {
    fn derive(
        keys: &StaticKeys,
        host: &[u8; 8],
        card: &[u8; 8],
        level: u8,
    ) -> Result<Self, HelperError> {
        let context = [*host, *card].concat();
        let key = |number, constant| derived_key(keys.key(number), constant, &context);
        Ok(Self {
            enc: key(0, 0x04)?,
            mac: key(1, 0x06)?,
            rmac: key(1, 0x07)?,
            level,
            counts_refused: keys.counts_refused,
            chain: ([0; BLOCK], [0; BLOCK]),
            counter: 0,
        })
    }

    /// Wraps a command APDU: secure messaging in its class, data encrypted and with a MAC as the
    /// level says. Its Le stays; its lengths are short where they still fit and were short.
    ///
    /// # Errors
    /// For bytes that are no command APDU, and for one that has no room for the MAC.
    pub fn wrap(&mut self, command: &[u8]) -> Result<Vec<u8>, HelperError> {
        let parts = Parts::of(command)?;
        self.counter = self.counter.wrapping_add(1);
        let body = if self.level & C_ENC == C_ENC && !parts.data.is_empty() {
            self.enc.encrypt(&self.icv(0), &padded(parts.data))?
        } else {
            parts.data.to_vec()
        };
        if self.level & C_MAC == 0 {
            return Ok(command.to_vec());
        }
        let [cla, ins, p1, p2] = parts.header;
        self.with_mac([secured(cla), ins, p1, p2], &body, parts.le)
    }

    /// Takes the protection off an answer: its data without status word.
    ///
    /// An error status word comes bare. One with which our own card refuses before it looks at the
    /// protection (§5.5 up to the PIN) does not count as a command: the next is wrapped as if that
    /// one had not been. 6985 and 6982 may mean either; they are taken for what they are once a
    /// channel is open: an answer of the command itself. With keys that somebody brought
    /// ([`StaticKeys::new`]) every command counts.
    ///
    /// # Errors
    /// When the MAC or the padding is wrong.
    pub fn unwrap(&mut self, data: &[u8], status: u16) -> Result<Vec<u8>, HelperError> {
        if is_error(status) {
            if looks_not_inside(status) && !self.counts_refused {
                self.counter = self.counter.wrapping_sub(1);
                self.chain.0 = self.chain.1;
            }
            return Ok(data.to_vec());
        }
        let body = if self.level & R_MAC == R_MAC { self.checked(data, status)? } else { data };
        if self.level & R_ENC != R_ENC || body.is_empty() {
            return Ok(body.to_vec());
        }
        let plain = self.enc.decrypt(&self.icv(1 << 127), body)?;
        unpadded(&plain).ok_or_else(|| {
            HelperError("the padding of the answer on the secure channel is wrong".into())
        })
    }

    fn checked<'d>(&self, data: &'d [u8], status: u16) -> Result<&'d [u8], HelperError> {
        let wrong = || HelperError("the MAC of the answer on the secure channel is wrong".into());
        let (body, claimed) = data.split_last_chunk::<MAC>().ok_or_else(wrong)?;
        let mac = self.rmac.cmac(&[&self.chain.0, body, &status.to_be_bytes()]);
        if mac[..MAC] == *claimed { Ok(body) } else { Err(wrong()) }
    }

    fn with_mac(
        &mut self,
        header: [u8; 4],
        body: &[u8],
        le: Option<Le>,
    ) -> Result<Vec<u8>, HelperError> {
        let length = u16::try_from(body.len() + MAC)
            .map_err(|_| HelperError("the command has no room for a MAC".into()))?;
        let [high, low] = length.to_be_bytes();
        let lc = if length > 255 { vec![0, high, low] } else { vec![low] };
        let [cla, ins, p1, p2] = header;
        let covered = [cla & 0x80 | 0x04, ins, p1, p2];
        self.chain = (self.mac.cmac(&[&self.chain.0, &covered, &lc, body]), self.chain.0);
        let extended = length > 255 || matches!(le, Some(Le { extended: true, .. }));
        let lc = if extended { vec![0, high, low] } else { lc };
        let le = le.map_or_else(Vec::new, |le| le.encoded(extended));
        Ok([&header[..], &lc, body, &self.chain.0[..MAC], &le].concat())
    }

    fn icv(&self, top: u128) -> [u8; BLOCK] {
        self.enc.block((self.counter | top).to_be_bytes())
    }
}

/// The expected length, as it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Le {
    encoded: u16,
    extended: bool,
}

impl Le {
    fn encoded(self, extended: bool) -> Vec<u8> {
        let [high, low] = self.encoded.to_be_bytes();
        // A short 00 means 256.
        match (extended, self.extended) {
            (false, _) => vec![low],
            (true, false) if low == 0 => vec![1, 0],
            (true, _) => vec![high, low],
        }
    }
}

/// A command APDU, taken apart (ISO/IEC 7816-3 section 12.1.3).
struct Parts<'c> {
    header: [u8; 4],
    data: &'c [u8],
    le: Option<Le>,
}

impl<'c> Parts<'c> {
    fn of(command: &'c [u8]) -> Result<Self, HelperError> {
        let wrong = || HelperError("what is to be wrapped is no command APDU".into());
        let (header, rest) = command.split_first_chunk::<4>().ok_or_else(wrong)?;
        let (extended, data, end) = match rest {
            [] => (false, &[][..], &[][..]),
            [_] => (false, &[][..], rest),
            [0, _, _] => (true, &[][..], &rest[1..]),
            [0, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let (data, end) = rest.split_at_checked(length).ok_or_else(wrong)?;
                (true, data, end)
            }
            [length, rest @ ..] => {
                let (data, end) = rest.split_at_checked(usize::from(*length)).ok_or_else(wrong)?;
                (false, data, end)
            }
        };
        let le = match (extended, end) {
            (_, []) => None,
            (false, [le]) => Some(Le { encoded: u16::from(*le), extended }),
            (true, [high, low]) => {
                Some(Le { encoded: u16::from_be_bytes([*high, *low]), extended })
            }
            _ => return Err(wrong()),
        };
        Ok(Self { header: *header, data, le })
    }
}

/// Amendment D, 4.1.5: label (11 zeros, constant) ‖ 00 ‖ length in bits ‖ counter ‖ context.
fn derive(key: &Key, constant: u8, bits: u16, context: &[u8]) -> [u8; BLOCK] {
    key.cmac(&[&[0; 11], &[constant, 0x00], &bits.to_be_bytes(), &[0x01], context])
}

fn derived_key(from: &[u8], constant: u8, context: &[u8]) -> Result<Key, HelperError> {
    let key = Key::new(from)?;
    let bits = if from.len() == 16 { 128_u16 } else { 256 };
    let half = |counter: u8| {
        key.cmac(&[&[0; 11], &[constant, 0x00], &bits.to_be_bytes(), &[counter], context])
    };
    let derived = Zeroizing::new([half(1), half(2)].concat());
    Key::new(&derived[..from.len()])
}

/// The class with secure messaging and the channel that it had.
fn secured(cla: u8) -> u8 {
    if cla & 0x40 == 0 { cla & !0x08 | 0x04 } else { cla | 0x20 }
}

fn is_error(status: u16) -> bool {
    status != 0x9000 && !matches!(status >> 8, 0x62 | 0x63)
}

/// Status words of §5.5 that stand before the protection.
fn looks_not_inside(status: u16) -> bool {
    matches!(
        status,
        0x6700 | 0x6E00 | 0x6881 | 0x6882 | 0x6883 | 0x6D00 | 0x6A86 | 0x6884 | 0x6400 | 0x6581
    )
}

/// ISO/IEC 9797-1 padding method 2.
pub(super) fn padded(data: &[u8]) -> Vec<u8> {
    let mut out = [data, &[0x80]].concat();
    out.resize(out.len().next_multiple_of(BLOCK), 0);
    out
}

pub(super) fn unpadded(data: &[u8]) -> Option<Vec<u8>> {
    let end = data.iter().rposition(|byte| *byte != 0)?;
    let near = data.len() - end <= BLOCK;
    (near && data[end] == 0x80).then(|| data[..end].to_vec())
}

#[cfg(test)]
mod tests;
