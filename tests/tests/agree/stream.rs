//! The stream: the center seals, the card verifies and decrypts.

use saifu_applet::Refusal;
use saifu_applet::crypto::Secret;
use saifu_applet::secure::content_cipher::ContentCipher;
use saifu_center::delivery::{DeliveryKey, StreamSealer};
use saifu_center_api::HexBytes;
use saifu_wire::stream::Header;
use saifu_wire::{ContentId, Wire as _};
use serde::Deserialize;
use std::io::{Cursor, Read as _};

use crate::vectors::{array, content, read};

#[derive(Deserialize)]
struct Stream {
    key: HexBytes,
    segment_bytes: u32,
    content: HexBytes,
    content_version: u32,
    total_bytes: u64,
    salt: HexBytes,
    header: HexBytes,
    sealed: HexBytes,
}

impl Stream {
    fn header(&self) -> Header {
        Header {
            segment_bytes: self.segment_bytes,
            content: ContentId(array(&self.content)),
            content_version: self.content_version,
            total_bytes: self.total_bytes,
            salt: array(&self.salt),
        }
    }

    fn sealer(&self) -> StreamSealer {
        let key = DeliveryKey::from_bytes(array(&self.key));
        StreamSealer::new(&self.header(), &key).unwrap()
    }

    fn on_card(&self) -> ContentCipher {
        ContentCipher::new(&Secret::new(array(&self.key)), self.header())
    }

    fn name(&self) -> String {
        format!("{} bytes by {}", self.total_bytes, self.segment_bytes)
    }
}

fn vectors() -> Vec<Stream> {
    let vectors: Vec<Stream> = read("stream.json");
    assert!(vectors.iter().any(|vector| vector.header().segment_count() > 16));
    vectors
}

#[test]
fn the_center_makes_exactly_these_streams() {
    for vector in vectors() {
        let source = Cursor::new(content(vector.total_bytes));
        let mut delivery = Vec::new();
        vector.sealer().stream(source).read_to_end(&mut delivery).unwrap();
        let expected = [vector.header.0.as_slice(), &vector.sealed.0].concat();
        assert!(delivery == expected, "{}", vector.name());
        assert_eq!(Header::from_bytes(&vector.header.0), Ok(vector.header()));
    }
}

#[test]
fn the_center_makes_any_segment_of_them_alone() {
    for vector in vectors() {
        let (header, content) = (vector.header(), content(vector.total_bytes));
        let mut start = 0;
        for index in 0..header.segment_count() {
            let at = (index * u64::from(header.segment_bytes)) as usize;
            let segment = header.segment(index).unwrap();
            let plain = &content[at..at + segment.plain_bytes as usize];
            let mut sealed = Vec::new();
            vector.sealer().seal(index, plain, &mut sealed).unwrap();
            let expected = &vector.sealed.0[start..start + segment.sealed_bytes()];
            assert!(sealed == expected, "{}, segment {index}", vector.name());
            start += segment.sealed_bytes();
        }
    }
}

#[test]
fn the_card_decrypts_exactly_these_streams() {
    for vector in vectors() {
        let plain = decrypt(&vector.on_card(), 0, &vector.sealed.0).unwrap();
        assert!(plain == content(vector.total_bytes), "{}", vector.name());
    }
}

#[test]
fn the_card_decrypts_no_stream_with_a_flipped_bit_or_out_of_its_place() {
    for vector in vectors() {
        let card = vector.on_card();
        let refused = |first, bytes: &[u8]| {
            assert!(decrypt(&card, first, bytes).is_err(), "{}", vector.name());
        };
        for at in (0..vector.sealed.0.len()).step_by(97) {
            let mut bad = vector.sealed.0.clone();
            bad[at] ^= 1;
            refused(0, &bad);
        }
        refused(1, &vector.sealed.0);
        refused(0, &vector.sealed.0[1..]);
        let other = Stream { salt: HexBytes(vec![0; 32]), ..vector_like(&vector) };
        assert!(decrypt(&other.on_card(), 0, &vector.sealed.0).is_err());
    }
}

/// What the card makes of segments from the index `first` on; where it refuses, there is nothing.
fn decrypt(card: &ContentCipher, first: u64, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::new();
    let decrypted =
        card.verify(first, bytes).and_then(|verified| Ok(verified.decrypt_into(&mut plain)?));
    assert!(decrypted.is_ok() || plain.is_empty());
    decrypted.map(|()| plain)
}

/// The vector again, to be changed.
fn vector_like(vector: &Stream) -> Stream {
    Stream {
        key: vector.key.clone(),
        content: vector.content.clone(),
        salt: vector.salt.clone(),
        header: vector.header.clone(),
        sealed: vector.sealed.clone(),
        ..*vector
    }
}
