use super::*;
use crate::crypto::{Secret, cbc, cmac};

fn header(segment_bytes: u32, total_bytes: u64) -> Header {
    let (content, content_version, salt) = (ContentId([1; 16]), 1, [2; 32]);
    Header { segment_bytes, content, content_version, total_bytes, salt }
}

fn key() -> DeliveryKey {
    DeliveryKey::from_bytes([0x4B; 32])
}

fn content(length: u64) -> Vec<u8> {
    (0..length).map(|at| (at ^ (at >> 8)) as u8).collect()
}

fn sealed(header: &Header, first: u64, plain: &[u8]) -> Result<Vec<u8>, StreamError> {
    let mut out = Vec::new();
    StreamSealer::new(header, &key())?.seal(first, plain, &mut out).map(|()| out)
}

/// Seals a whole stream step by step, as the format says, on another library.
fn serially(header: &Header, content: &[u8]) -> Vec<u8> {
    let hash = sha256(&[&header.to_bytes()]);
    let derive = |label: &[u8]| kdf::expand(&Secret::new([0x4B; 32]), label, &hash);
    let mut out = Vec::new();
    let count = header.segment_count();
    for index in 0..count {
        let start = (index * u64::from(header.segment_bytes)) as usize;
        let plain = &content[start..content.len().min(start + header.segment_bytes as usize)];
        let mut body = plain.to_vec();
        body.resize(plain.len().div_ceil(16) * 16, 0);
        let mut iv = [0; 16];
        iv[8..].copy_from_slice(&index.to_be_bytes());
        cbc::encrypt_block(&derive(b"saifu/1 stream iv"), &mut iv).unwrap();
        cbc::encrypt(&derive(b"saifu/1 stream cipher"), &iv, &mut body).unwrap();
        let mut prefix = hash.to_vec();
        prefix.extend(index.to_be_bytes());
        prefix.push(u8::from(index + 1 == count));
        prefix.extend((plain.len() as u32).to_be_bytes());
        prefix.extend([0; 3]);
        let tag = cmac::tag(&derive(b"saifu/1 stream mac"), &[&prefix, &body]).unwrap();
        out.extend(body);
        out.extend(tag);
    }
    out
}

#[test]
fn a_stream_is_the_same_whether_sealed_side_by_side_or_serially() {
    for size in [256, 4_032, 16_384] {
        let whole = u64::from(size) * 16;
        let lengths = [0, 1, 15, 16, 17, 255, 256, 257, 4_031, 4_032, 4_033];
        for total in lengths.into_iter().chain([whole - 1, whole, whole + 1, 2 * whole + 17]) {
            let (header, content) = (header(size, total), content(total));
            let expected = serially(&header, &content);
            assert_eq!(expected.len() as u64, header.sealed_bytes());
            assert!(sealed(&header, 0, &content).unwrap() == expected, "{total} by {size}");
        }
    }
}

#[test]
fn any_run_of_segments_is_that_part_of_the_stream() {
    let (header, content) = (header(256, 40 * 256 + 9), content(40 * 256 + 9));
    let whole = sealed(&header, 0, &content).unwrap();
    for first in 0..header.segment_count() as usize {
        for count in [1, 15, 16, 17, 41] {
            let end = (first + count) * 256;
            let plain = &content[first * 256..content.len().min(end)];
            let part = sealed(&header, first as u64, plain).unwrap();
            let from = first * 272;
            assert_eq!(part, whole[from..whole.len().min(from + count * 272)]);
        }
    }
}

#[test]
fn st11_a_part_of_a_segment_or_too_many_are_refused_and_nothing_is_appended() {
    let header = header(256, 1_000);
    let refused = |first, length| {
        let mut out = vec![0xEE];
        let sealer = StreamSealer::new(&header, &key()).unwrap();
        let result = sealer.seal(first, &content(length), &mut out);
        assert_eq!((result, out), (Err(StreamError::Range), vec![0xEE]), "{first} {length}");
    };
    refused(0, 255);
    refused(0, 257);
    refused(0, 999);
    refused(0, 1_001);
    refused(3, 231);
    refused(3, 256);
    refused(3, 0);
    refused(4, 0);
    refused(4, 256);
    refused(u64::MAX, 256);
    assert!(sealed(&header, 3, &content(232)).is_ok());
}

#[test]
fn st2_another_key_salt_or_index_gives_another_ciphertext() {
    let plain = content(256);
    let base = header(256, 512);
    let expected = sealed(&base, 0, &plain).unwrap();
    assert_eq!(sealed(&base, 0, &plain).unwrap(), expected);
    assert_ne!(sealed(&base, 1, &plain).unwrap(), expected);
    let salted = Header { salt: [3; 32], ..base.clone() };
    assert_ne!(sealed(&salted, 0, &plain).unwrap(), expected);
    let other = StreamSealer::new(&base, &DeliveryKey::from_bytes([1; 32])).unwrap();
    let mut out = Vec::new();
    other.seal(0, &plain, &mut out).unwrap();
    assert_ne!(out, expected);
}

#[test]
fn st4_a_header_that_no_reader_takes_makes_no_sealer() {
    let refused = |header: Header| {
        assert_eq!(StreamSealer::new(&header, &key()).err(), Some(StreamError::Header));
    };
    refused(header(255, 1));
    refused(header(264, 1));
    refused(header(0, 1));
    refused(header(32_768, 1));
    refused(header(256, (1 << 36) + 1));
    assert!(StreamSealer::new(&header(256, 1 << 36), &key()).is_ok());
}

#[test]
fn new_headers_have_salts_of_their_own() {
    let new = || new_header(ContentId([1; 16]), 1, 5, &crate::chance::SystemChance).unwrap();
    assert_ne!(new().salt, new().salt);
    assert_eq!(Header { salt: [2; 32], ..new() }, header(4_032, 5));
}

#[test]
fn a_sealer_prints_its_header_and_no_key() {
    let printed = format!("{:?}", StreamSealer::new(&header(256, 1), &key()).unwrap());
    assert!(printed.contains("segment_bytes: 256"), "{printed}");
    assert!(!printed.contains("cipher"), "{printed}");
}
