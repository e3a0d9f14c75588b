//! Key derivation, challenges and cryptograms (Amendment D, 4.1.5, 6.2.1 and 6.2.2).

use super::super::Secret;
use super::super::aes::AesKey;
use super::super::cmac::{cmac, shortened};

/// Length of a challenge in bytes.
pub const CHALLENGE_LEN: usize = 8;
/// Length of a cryptogram in bytes.
pub const CRYPTOGRAM_LEN: usize = 8;

/// A challenge of either side.
type Challenge = [u8; CHALLENGE_LEN];

/// Says what a derived value is for (Amendment D, table 4-1).
#[derive(Clone, Copy)]
enum Constant {
    CardCryptogram = 0x00,
    HostCryptogram = 0x01,
    CardChallenge = 0x02,
    Encryption = 0x04,
    CommandMac = 0x06,
    ResponseMac = 0x07,
}

/// Holds the static keys of one card and key version from which sessions are derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticKeys {
    /// Key-ENC.
    pub enc: Secret<16>,
    /// Key-MAC.
    pub mac: Secret<16>,
}

impl StaticKeys {
    /// Derives a card's static keys from a master key, as [`diversify`] does.
    #[must_use]
    pub fn diversified(master: &Secret<16>, card_id: &[u8; 16], key_version: u8) -> Self {
        Self {
            enc: diversify(master, card_id, key_version, KeyUsage::Encryption),
            mac: diversify(master, card_id, key_version, KeyUsage::Mac),
        }
    }
}

/// Names a static key by its GlobalPlatform key identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUsage {
    /// Key-ENC.
    Encryption = 0x01,
    /// Key-MAC.
    Mac = 0x02,
    /// Key-DEK, for keys inside commands.
    KeyEncryption = 0x03,
}

/// Derives one static key of one card from a master key (§14.1; NIST SP 800-108, counter mode with
/// AES-CMAC).
///
/// ```text
/// key = CMAC(master, 01 ‖ "saifu/1 scp03" ‖ 00 ‖ card id (16) ‖ key version (1) ‖ usage (1) ‖ 0080)
/// ```
/// 01 is the counter, 0080 the length of the key in bits.
#[must_use]
pub fn diversify(
    master: &Secret<16>,
    card_id: &[u8; 16],
    key_version: u8,
    usage: KeyUsage,
) -> Secret<16> {
    let which = [key_version, usage as u8];
    let input: [&[u8]; 6] = [&[0x01], b"saifu/1 scp03", &[0x00], card_id, &which, &[0x00, 0x80]];
    Secret::new(cmac(&AesKey::from(master), &input))
}

/// Computes a card challenge from the card's sequence counter (Amendment D, 6.2.2.1).
///
/// Such a challenge is unpredictable without Key-ENC, and is never repeated as long as the counter
/// is not.
#[must_use]
pub fn card_challenge(keys: &StaticKeys, sequence: [u8; 3], aid: &[u8]) -> Challenge {
    eight_bytes(&AesKey::from(&keys.enc), Constant::CardChallenge, [&sequence, aid])
}

/// Holds the keys of one session, wiped when dropped.
#[derive(Clone, Debug)]
pub struct SessionKeys {
    /// S-ENC.
    pub(super) enc: AesKey,
    /// S-MAC.
    pub(super) mac: AesKey,
    /// S-RMAC.
    pub(super) rmac: AesKey,
}

impl SessionKeys {
    /// Derives S-ENC, S-MAC and S-RMAC (Amendment D, 6.2.1).
    #[must_use]
    pub fn derive(keys: &StaticKeys, host: &Challenge, card: &Challenge) -> Self {
        let key = |from: &Secret<16>, constant| {
            let derived = derive(&AesKey::from(from), constant, 128, [host, card]);
            AesKey::from(&Secret::new(derived))
        };
        Self {
            enc: key(&keys.enc, Constant::Encryption),
            mac: key(&keys.mac, Constant::CommandMac),
            rmac: key(&keys.mac, Constant::ResponseMac),
        }
    }

    /// Computes the cryptogram by which the card proves that it has the keys.
    #[must_use]
    pub fn card_cryptogram(&self, host: &Challenge, card: &Challenge) -> [u8; CRYPTOGRAM_LEN] {
        eight_bytes(&self.mac, Constant::CardCryptogram, [host, card])
    }

    /// Computes the cryptogram by which the off-card side proves that it has the keys.
    #[must_use]
    pub fn host_cryptogram(&self, host: &Challenge, card: &Challenge) -> [u8; CRYPTOGRAM_LEN] {
        eight_bytes(&self.mac, Constant::HostCryptogram, [host, card])
    }
}

/// Derives up to one block (Amendment D, 4.1.5): label (11 zeros, constant) ‖ 00 ‖ length in bits (2)
/// ‖ counter 01 ‖ context.
fn derive(key: &AesKey, constant: Constant, bits: u16, context: [&[u8]; 2]) -> [u8; 16] {
    let [first, second] = context;
    let constant = [constant as u8];
    cmac(key, &[&[0; 11], &constant, &[0x00], &bits.to_be_bytes(), &[0x01], first, second])
}

fn eight_bytes(key: &AesKey, constant: Constant, context: [&[u8]; 2]) -> [u8; 8] {
    shortened(&derive(key, constant, 64, context))
}

#[cfg(test)]
mod tests {
    use super::super::super::test_help::{hex, hex_array, hex_secret};
    use super::*;

    // Sessions of a real eUICC under the usual test keys, as osmocom pySim's
    // `test_globalplatform.py` records them.
    #[test]
    fn a_real_cards_cryptograms_come_out() {
        let keys = StaticKeys {
            enc: hex_secret("000102030405060708090a0b0c0d0e0f"),
            mac: hex_secret("101112131415161718191a1b1c1d1e1f"),
        };
        let sessions = [
            ("b13e5f938fc108c4", "3eb51047495b249f", "66c484c1d2ef1948", "7d5f5826a993ebc8"),
            ("8e1552d0513c60f3", "30760cd2c47c1dd3", "95065fe5ead8a9d7", "fd4721a14d9b0700"),
            ("fdf38259a1e0de44", "3b1aca81e821f219", "081cdc01c26b372d", "8c36f96bcc00724a"),
        ];
        for (host, card, card_cryptogram, host_cryptogram) in sessions {
            let (host, card) = (hex_array(host), hex_array(card));
            let session = SessionKeys::derive(&keys, &host, &card);
            assert_eq!(session.card_cryptogram(&host, &card).as_slice(), hex(card_cryptogram));
            assert_eq!(session.host_cryptogram(&host, &card).as_slice(), hex(host_cryptogram));
        }
    }

    #[test]
    fn a_real_cards_challenges_follow_from_its_sequence_counter() {
        let keys = StaticKeys {
            enc: hex_secret("000102030405060708090a0b0c0d0e0f"),
            mac: hex_secret("101112131415161718191a1b1c1d1e1f"),
        };
        let isd_r = hex("a0000005591010ffffffff8900000100");
        for (sequence, challenge) in
            [(1, "30760cd2c47c1dd3"), (2, "3eb51047495b249f"), (3, "3b1aca81e821f219")]
        {
            assert_eq!(card_challenge(&keys, [0, 0, sequence], &isd_r).as_slice(), hex(challenge));
        }
    }

    #[test]
    fn another_challenge_or_key_gives_other_cryptograms() {
        let keys = StaticKeys { enc: Secret::new([1; 16]), mac: Secret::new([2; 16]) };
        let (host, card) = ([3; 8], [4; 8]);
        let right = SessionKeys::derive(&keys, &host, &card).card_cryptogram(&host, &card);
        let wrong_challenge = SessionKeys::derive(&keys, &host, &[5; 8]);
        let wrong_keys = StaticKeys { mac: Secret::new([6; 16]), ..keys };
        let wrong_keys = SessionKeys::derive(&wrong_keys, &host, &card);
        assert_ne!(wrong_challenge.card_cryptogram(&host, &card), right);
        assert_ne!(wrong_keys.card_cryptogram(&host, &card), right);
    }

    #[test]
    fn card_id_version_usage_and_master_each_change_the_diversified_key() {
        let master = Secret::new([7; 16]);
        let key = diversify(&master, &[1; 16], 1, KeyUsage::Encryption);
        assert_eq!(key, diversify(&master, &[1; 16], 1, KeyUsage::Encryption));
        for other in [
            diversify(&Secret::new([8; 16]), &[1; 16], 1, KeyUsage::Encryption),
            diversify(&master, &[2; 16], 1, KeyUsage::Encryption),
            diversify(&master, &[1; 16], 2, KeyUsage::Encryption),
            diversify(&master, &[1; 16], 1, KeyUsage::Mac),
            diversify(&master, &[1; 16], 1, KeyUsage::KeyEncryption),
        ] {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn a_diversified_key_has_the_documented_input() {
        let master = Secret::new([7; 16]);
        let input =
            [b"\x01saifu/1 scp03\x00".as_slice(), &[9; 16], &[0x30, 0x02, 0, 0x80]].concat();
        let expected = cmac(&AesKey::from(&master), &[&input]);
        assert_eq!(diversify(&master, &[9; 16], 0x30, KeyUsage::Mac).expose(), &expected);
        let both = StaticKeys::diversified(&master, &[9; 16], 0x30);
        assert_eq!(both.mac.expose(), &expected);
        assert_eq!(both.enc, diversify(&master, &[9; 16], 0x30, KeyUsage::Encryption));
    }
}
