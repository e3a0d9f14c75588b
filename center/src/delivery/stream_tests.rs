use super::*;
use crate::delivery::DeliveryKey;
use saifu_wire::ContentId;
use saifu_wire::stream::Header;
use std::io::Cursor;

fn sealer(total_bytes: u64) -> StreamSealer {
    let (content, content_version, salt) = (ContentId([1; 16]), 1, [2; 32]);
    let header = Header { segment_bytes: 256, content, content_version, total_bytes, salt };
    StreamSealer::new(&header, &DeliveryKey::from_bytes([0x4B; 32])).unwrap()
}

fn content(length: u64) -> Vec<u8> {
    (0..length).map(|at| (at ^ (at >> 8)) as u8).collect()
}

/// The delivery in one piece: header, and all segments sealed at once.
fn whole(total: u64) -> Vec<u8> {
    let sealer = sealer(total);
    let mut out = sealer.header_bytes().to_vec();
    sealer.seal(0, &content(total), &mut out).unwrap();
    out
}

fn read_all(mut stream: impl Read) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    stream.read_to_end(&mut out).map(|_| out)
}

fn reason(error: &io::Error) -> Option<StreamError> {
    error.get_ref().and_then(|inner| inner.downcast_ref()).copied()
}

/// A source that gives at most `step` bytes at a time, and now and then none.
struct Slow<R> {
    source: R,
    step: usize,
    turn: usize,
}

impl<R: Read> Read for Slow<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let step = out.len().min(self.step);
        self.source.read(&mut out[..step])
    }
}

const TOTALS: [u64; 12] = [0, 1, 255, 256, 257, 4_095, 4_096, 4_097, 8_191, 8_192, 8_193, 20_000];

#[test]
fn a_stream_is_header_and_segments_whatever_the_pieces_it_is_read_in() {
    for total in TOTALS {
        let expected = whole(total);
        let stream = sealer(total).stream(Cursor::new(content(total)));
        assert_eq!(stream.left(), expected.len() as u64);
        assert!(read_all(stream).unwrap() == expected, "{total} bytes");
        let source = Slow { source: Cursor::new(content(total)), step: 7, turn: 0 };
        let stream = Slow { source: sealer(total).stream(source), step: 13, turn: 0 };
        assert!(read_all(stream).unwrap() == expected, "{total} bytes, slowly");
    }
}

#[test]
fn any_range_is_that_part_of_the_delivery() {
    for total in [0, 1, 256, 257, 4_097, 9_000] {
        let expected = whole(total);
        let end = expected.len() as u64;
        let marks: Vec<u64> = (0..=end).filter(|at| at % 61 == 0 || at % 272 < 2).collect();
        for from in marks.iter().copied().chain([69, 70, 71, end]) {
            for to in [from, from + 1, from + 300, from + 5_000, end] {
                let range = from.min(end)..to.clamp(from.min(end), end);
                let part = &expected[range.start as usize..range.end as usize];
                let stream = sealer(total).range(Cursor::new(content(total)), range.clone());
                assert!(read_all(stream.unwrap()).unwrap() == part, "{range:?} of {end}");
            }
        }
    }
}

#[test]
fn st8_a_range_outside_the_delivery_is_refused() {
    let end = whole(1_000).len() as u64;
    let refused = |range: Range<u64>| {
        let error = sealer(1_000).range(Cursor::new(content(1_000)), range).unwrap_err();
        assert_eq!(reason(&error), Some(StreamError::Range));
    };
    refused(0..end + 1);
    refused(end + 1..end + 1);
    refused(Range { start: 5, end: 4 });
    refused(0..u64::MAX);
}

#[test]
fn st3_content_of_another_length_fails_before_the_last_segment_is_out() {
    for total in [1, 256, 300, 4_096, 4_097, 10_000] {
        let cases = [
            (total - 1, StreamError::Shorter { total_bytes: total }),
            (total / 2, StreamError::Shorter { total_bytes: total }),
            (0, StreamError::Shorter { total_bytes: total }),
            (total + 1, StreamError::Longer { total_bytes: total }),
            (total * 2, StreamError::Longer { total_bytes: total }),
        ];
        for (length, expected) in cases {
            let mut stream = sealer(total).stream(Cursor::new(content(length)));
            let mut out = Vec::new();
            let error = stream.read_to_end(&mut out).unwrap_err();
            assert_eq!(reason(&error), Some(expected), "{length} for {total}");
            let header = sealer(total).header().clone();
            let last = header.segment(header.segment_count() - 1).unwrap();
            assert!(out.len() + last.sealed_bytes() <= whole(total).len(), "{length} for {total}");
        }
    }
}

#[test]
fn st3_a_stream_that_failed_never_ends_well() {
    let mut stream = sealer(10_000).stream(Cursor::new(content(9_000)));
    assert!(stream.read_to_end(&mut Vec::new()).is_err());
    for _ in 0..3 {
        assert!(stream.read(&mut [0; 10]).is_err());
    }
}

#[test]
fn empty_content_that_is_not_empty_fails() {
    let error = read_all(sealer(0).stream(Cursor::new([1]))).unwrap_err();
    assert_eq!(reason(&error), Some(StreamError::Longer { total_bytes: 0 }));
}

#[test]
fn a_range_of_content_of_another_length_is_refused_at_once() {
    for (length, expected) in [
        (999, StreamError::Shorter { total_bytes: 1_000 }),
        (1_001, StreamError::Longer { total_bytes: 1_000 }),
    ] {
        let error = sealer(1_000).range(Cursor::new(content(length)), 0..10).unwrap_err();
        assert_eq!(reason(&error), Some(expected));
    }
}

#[test]
fn the_sources_own_error_comes_through() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let error = read_all(sealer(1_000).stream(Broken)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
}

#[test]
fn memory_stays_bounded_by_sixteen_segments() {
    let mut stream = sealer(1 << 20).stream(io::repeat(7).take(1 << 20));
    let mut out = [0; 1_000];
    while stream.read(&mut out).unwrap() > 0 {
        assert!(stream.ready.capacity() <= 2 * LANES * 272);
        assert!(stream.plain.capacity() <= 2 * LANES * 256);
    }
}

/// A work of many zero bytes that counts how many of them are read.
struct Sparse<'a> {
    at: u64,
    length: u64,
    read: &'a mut u64,
}

impl Read for Sparse<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.length.saturating_sub(self.at).min(out.len() as u64);
        out[..count as usize].fill(0);
        self.at += count;
        *self.read += count;
        Ok(count as usize)
    }
}

impl Seek for Sparse<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(0) => self.length,
            other => panic!("{other:?}"),
        };
        Ok(self.at)
    }
}

#[test]
fn the_end_of_a_work_of_many_gigabytes_is_made_without_reading_the_rest() {
    let length = 5_000_000_123;
    let end = sealer(length).delivery_bytes();
    for range in [end - 300..end, 70..71, end / 2..end / 2 + 5_000] {
        let (mut read, wanted) = (0, range.end - range.start);
        let source = Sparse { at: 0, length, read: &mut read };
        let part = read_all(sealer(length).range(source, range).unwrap()).unwrap();
        assert_eq!(part.len() as u64, wanted);
        let most = 3 * LANES as u64 * 256;
        assert!(read <= most, "{read} bytes are read for {wanted}");
    }
}
