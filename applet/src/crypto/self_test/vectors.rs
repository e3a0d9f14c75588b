//! The known answers, and where each was published.

/// Every known answer that a power-up computes again.
#[derive(Clone, Debug)]
pub(super) struct Vectors {
    /// FIPS 180-4, the example of one block.
    pub(super) hash: Hash,
    /// RFC 5869, test case 1: the first 32 bytes of its output.
    pub(super) expansion: Expansion,
    /// RFC 8439, A.1, test vector 1: the keystream of an all-zero key and nonce.
    pub(super) generator: [u8; 32],
    /// NIST SP 800-38A, F.2.1 and F.2.5: the first two blocks.
    pub(super) cbc: Cbc,
    /// RFC 4493, example 3, and NIST SP 800-38B, D.3, example 11.
    pub(super) mac: Mac,
    /// A session of a real eUICC, as osmocom pySim's `test_globalplatform.py` records it.
    pub(super) channel: SecureChannel,
    /// RFC 6979, A.2.5, with SHA-256 and the message "sample".
    pub(super) signature: Signature,
    /// Wycheproof, `rsa_oaep_2048_sha256_mgf1sha256_test.json`, tcId 10.
    pub(super) oaep: Oaep,
    /// The card's own format, computed with OpenSSL's AES, CMAC and HKDF.
    pub(super) seal: Sealed,
}

/// SHA-256.
#[derive(Clone, Debug)]
pub(super) struct Hash {
    /// What is hashed.
    pub(super) message: [u8; 3],
    /// Its hash.
    pub(super) digest: [u8; 32],
}

/// HKDF-Expand with SHA-256.
#[derive(Clone, Debug)]
pub(super) struct Expansion {
    /// The key, taken as PRK.
    pub(super) key: [u8; 32],
    /// Label and context together.
    pub(super) info: [u8; 10],
    /// What is derived.
    pub(super) derived: [u8; 32],
}

/// AES-CBC with both lengths of key.
#[derive(Clone, Debug)]
pub(super) struct Cbc {
    /// The key of 16 bytes.
    pub(super) short_key: [u8; 16],
    /// The key of 32 bytes.
    pub(super) long_key: [u8; 32],
    /// The IV.
    pub(super) iv: [u8; 16],
    /// The plaintext.
    pub(super) plaintext: [u8; 32],
    /// What it becomes under the short key.
    pub(super) under_short: [u8; 32],
    /// What it becomes under the long key.
    pub(super) under_long: [u8; 32],
}

/// AES-CMAC with both lengths of key; the keys are those of [`Cbc`].
#[derive(Clone, Debug)]
pub(super) struct Mac {
    /// The message: two blocks and a half.
    pub(super) message: [u8; 40],
    /// Its tag under the short key.
    pub(super) under_short: [u8; 16],
    /// Its tag under the long key.
    pub(super) under_long: [u8; 16],
}

/// What both ends of an SCP03 channel derive.
#[derive(Clone, Debug)]
pub(super) struct SecureChannel {
    /// Key-ENC.
    pub(super) enc: [u8; 16],
    /// Key-MAC.
    pub(super) mac: [u8; 16],
    /// The card's sequence counter.
    pub(super) sequence: [u8; 3],
    /// The application's identifier.
    pub(super) aid: [u8; 16],
    /// The terminal's challenge.
    pub(super) host_challenge: [u8; 8],
    /// The card's challenge, which follows from sequence and identifier.
    pub(super) card_challenge: [u8; 8],
    /// The cryptogram of the card.
    pub(super) card_cryptogram: [u8; 8],
    /// The cryptogram of the terminal.
    pub(super) host_cryptogram: [u8; 8],
}

/// ECDSA on P-256 with SHA-256, its nonce after RFC 6979.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    /// The private key.
    pub(super) scalar: [u8; 32],
    /// The public key.
    pub(super) point: [u8; 65],
    /// What is signed.
    pub(super) message: [u8; 6],
    /// The signature.
    pub(super) signature: [u8; 64],
}

/// RSAES-OAEP with SHA-256, of the smallest size of key.
#[derive(Clone, Debug)]
pub(super) struct Oaep {
    /// The private key, p ‖ q.
    pub(super) primes: [u8; 256],
    /// The label.
    pub(super) label: [u8; 32],
    /// The ciphertext.
    pub(super) ciphertext: [u8; 256],
    /// What is in it.
    pub(super) message: [u8; 6],
    /// The same message under the same label again, its seed the generator's under the label,
    /// computed with Python's integers.
    pub(super) wrapped: [u8; 256],
}

/// A record that leaves the secure area.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    /// The master key.
    pub(super) master: [u8; 32],
    /// The purpose, which is the associated data, too.
    pub(super) purpose: [u8; 9],
    /// The IV.
    pub(super) iv: [u8; 16],
    /// What is sealed.
    pub(super) plaintext: [u8; 17],
    /// The sealed record.
    pub(super) record: [u8; 68],
}

/// The published values.
pub(super) static PUBLISHED: Vectors = Vectors {
    hash: Hash {
        message: *b"abc",
        digest: hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    },
    expansion: Expansion {
        key: hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
        info: hex("f0f1f2f3f4f5f6f7f8f9"),
        derived: hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"),
    },
    generator: hex("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"),
    cbc: Cbc {
        short_key: hex("2b7e151628aed2a6abf7158809cf4f3c"),
        long_key: hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
        iv: hex("000102030405060708090a0b0c0d0e0f"),
        plaintext: hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"),
        under_short: hex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"),
        under_long: hex("f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"),
    },
    mac: Mac {
        message: hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51 \
             30c81c46a35ce411"),
        under_short: hex("dfa66747de9ae63030ca32611497c827"),
        under_long: hex("aaf3d8f1de5640c232f5b169b9c911e6"),
    },
    channel: SecureChannel {
        enc: hex("000102030405060708090a0b0c0d0e0f"),
        mac: hex("101112131415161718191a1b1c1d1e1f"),
        sequence: [0, 0, 1],
        aid: hex("a0000005591010ffffffff8900000100"),
        host_challenge: hex("8e1552d0513c60f3"),
        card_challenge: hex("30760cd2c47c1dd3"),
        card_cryptogram: hex("95065fe5ead8a9d7"),
        host_cryptogram: hex("fd4721a14d9b0700"),
    },
    signature: Signature {
        scalar: hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"),
        point: hex("04 60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6 \
             7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"),
        message: *b"sample",
        signature: hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716 \
             f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"),
    },
    oaep: Oaep {
        primes: hex("dc431050f782e894fb5248247d98cb7d58b8d1e24f3b55d041c56e4de086b0d5 \
             bb028bda42eeb5d234d5681e5809d415e6a289ad4cfbf78f978f6c35814f50ee \
             bff1c5b80a69f788e81e6bab5ddaa78369d659d143ec6f17e79813a575cfad9c \
             569156b90113e2e9110ad9e7b48a1c9348a6e653321191290ea36cfb3a5b18f1 \
             bd1a81e7977f9898122273ae3222b598ea5fb19eb4eabc38308a5e32196603b2 \
             e500ffb79f5b886816611debc472fac45544070beb057c941378a6868af3b7a0 \
             3d3f9880ec47d5e089b94fbde542aba9ae8d72c57088d7abf5b131f39098f7bc \
             160f90536abc9492fd4e06f3ed7299d4b97bb03677207d95669f140cfbc20f25"),
        label: hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        ciphertext: hex("26aa8e7931ed624bfd4077e3b83ec08de080483a61641e877f493fb7d0ae4dfe \
             bd4f05612a2e4869d20d440a64e928b13daa3b79da2ed674b99421df7e7f625a \
             22b1c71136da27db699d3dd96e3364ee0cd2123ab6808930c6bc28a5dc307880 \
             d1ab4b03bcd6178a81b8ad52aafffbab387d40352dfea526abedca016c87e9e5 \
             6ccc4c88e80f579da015b979bcdd88618b2a32ce072918b2e223535359f1ce4e \
             aba5e692e6296b2140dc2304092ebd6f136a48092b3849082b57e70c93b54db5 \
             5045dd6094ef3d2cfa8bc9e2fd2b1bbe0c7c603ad38d3f40c9eac8ae5e28cbbb \
             031c38d93d3b2541d94eab3a1e8992a444ee4ce7b8d08c0b9a4f623d32fcba14"),
        message: hex("313233343030"),
        wrapped: hex("03744cdd28377e85563acd678f05c4f7a15b3868f9da4e8b915b7f41bc2516db \
             dd003b335b4196040433ece337cbac338e8501279fcd971dde4f0f76ccc884b4 \
             cba595f2c94425ce2fc4257aabf1985eda8a1d1e99c4bc229a7f69463a6f2a7c \
             81217d299b5d7e5cf9b1d38da2da9fe46fa67a76fc00be21d07c257f4c77404d \
             65866192ebc0141d6b21a6101792d481b01c71e87153f899d4e675217547da03 \
             22f3934d7ad44aa76fc728922c5381c97efd40395d31d6b1fb5cf9562e5e8d9a \
             363e2a515ecff586c00969276dd69564c4d414ecf5d995449ba9b6ce3ea19aa0 \
             b856291059c69372bbef32a74bd8cd043a5aba01e727ad2c7f9a9c15dc9d7f73"),
    },
    seal: Sealed {
        master: hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
        purpose: *b"self-test",
        iv: hex("000102030405060708090a0b0c0d0e0f"),
        plaintext: *b"seventeen bytes!!",
        record: hex("00000011000102030405060708090a0b0c0d0e0f9576288219aa92f6e606954f \
             13486151dcedc519892268ccb34246bddf8642d7de5611506e29a61192cd1d94 \
             93c3be26"),
    },
};

/// Decodes exactly `N` bytes of hex at compile time; blanks are passed over.
#[expect(clippy::panic, reason = "it runs only at compile time, and stops that")]
const fn hex<const N: usize>(digits: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut to: &mut [u8] = &mut bytes;
    let mut from = digits.as_bytes();
    while let [high, rest @ ..] = from {
        from = rest;
        if *high == b' ' {
            continue;
        }
        let ([low, rest @ ..], [byte, others @ ..]) = (rest, to) else {
            panic!("half a byte, or too many");
        };
        *byte = digit(*high) << 4 | digit(*low);
        (from, to) = (rest, others);
    }
    assert!(to.is_empty(), "too few bytes");
    bytes
}

#[expect(clippy::panic, reason = "it runs only at compile time, and stops that")]
const fn digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit & 0x0F,
        b'a'..=b'f' => (digit & 0x0F).wrapping_add(9),
        _ => panic!("not a digit"),
    }
}
