//! A delivery as bytes to be read: header and segments, or any range of them.

use super::lanes::LANES;
use super::{StreamError, StreamSealer};
use saifu_wire::stream::{HEADER_BYTES, TAG_BYTES};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use zeroize::Zeroizing;

/// Reads a delivery, sealing the content as it goes, sixteen segments at a time.
///
/// It holds two buffers of that size (128 KiB together with the default segments), however
/// long the content. If the content is shorter or longer than the header says, or cannot be read,
/// reading fails, and goes on failing: a stream that ended early never looks complete.
#[derive(Debug)]
pub struct SealedStream<R> {
    sealer: StreamSealer,
    source: R,
    /// The segment to be sealed next.
    next: u64,
    /// Bytes not yet given out, from `at` on; before the first segment the header.
    ready: Vec<u8>,
    at: usize,
    /// Bytes still to be given out.
    left: u64,
    plain: Zeroizing<Vec<u8>>,
    failed: bool,
}

impl StreamSealer {
    /// The whole delivery. `source` must begin with the content's first byte and end with its
    /// last.
    pub fn stream<R: Read>(self, source: R) -> SealedStream<R> {
        let (ready, left) = (self.header_bytes().to_vec(), self.delivery_bytes());
        SealedStream {
            sealer: self,
            source,
            next: 0,
            ready,
            at: 0,
            left,
            plain: Zeroizing::default(),
            failed: false,
        }
    }

    /// The bytes `range` of the delivery, the same that [`StreamSealer::stream`] has there.
    ///
    /// # Errors
    /// [`StreamError::Range`], [`StreamError::Shorter`] or [`StreamError::Longer`] within an
    /// [`io::Error`]; the source's own error when it cannot seek.
    pub fn range<R: Read + Seek>(
        self,
        mut source: R,
        range: Range<u64>,
    ) -> io::Result<SealedStream<R>> {
        if range.start > range.end || range.end > self.delivery_bytes() {
            return Err(invalid(io::ErrorKind::InvalidInput, StreamError::Range));
        }
        let total_bytes = self.header().total_bytes;
        match source.seek(SeekFrom::End(0))? {
            length if length < total_bytes => return Err(shorter(total_bytes)),
            length if length > total_bytes => return Err(longer(total_bytes)),
            _ => {}
        }
        let segment_bytes = u64::from(self.header().segment_bytes);
        let mut stream = self.stream(source);
        if let Some(body) = range.start.checked_sub(HEADER_BYTES as u64) {
            let stride = segment_bytes + TAG_BYTES as u64;
            stream.next = body / stride;
            // What of the first segment lies before the range is dropped when it is sealed.
            stream.ready.clear();
            stream.at = (body % stride) as usize;
        } else {
            stream.at = range.start as usize;
        }
        stream.source.seek(SeekFrom::Start((stream.next * segment_bytes).min(total_bytes)))?;
        stream.left = range.end - range.start;
        Ok(stream)
    }
}

impl<R> SealedStream<R> {
    /// Bytes still to be read.
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl<R: Read> Read for SealedStream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other("the stream failed before"));
        }
        if self.left == 0 || out.is_empty() {
            return Ok(0);
        }
        while self.at >= self.ready.len() {
            self.failed = true;
            self.seal_more()?;
            self.failed = false;
        }
        let ready = &self.ready[self.at..];
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let count = out.len().min(ready.len()).min(left);
        out[..count].copy_from_slice(&ready[..count]);
        self.at += count;
        self.left -= count as u64;
        Ok(count)
    }
}

impl<R: Read> SealedStream<R> {
    /// Seals the next segments into `ready`.
    fn seal_more(&mut self) -> io::Result<()> {
        self.at -= self.ready.len();
        self.ready.clear();
        let header = self.sealer.header();
        let (total_bytes, size) = (header.total_bytes, u64::from(header.segment_bytes));
        let start = self.next * size;
        let batch = total_bytes.saturating_sub(start).min(size * LANES as u64);
        self.plain.resize(batch as usize, 0);
        self.source.read_exact(&mut self.plain).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => shorter(total_bytes),
            _ => error,
        })?;
        if start + batch == total_bytes {
            expect_end(&mut self.source, total_bytes)?;
        }
        self.sealer
            .seal(self.next, &self.plain, &mut self.ready)
            .map_err(|error| invalid(io::ErrorKind::InvalidData, error))?;
        self.next += LANES as u64;
        Ok(())
    }
}

/// Demands that the source ends here, before the last segment says so.
fn expect_end(source: &mut impl Read, total_bytes: u64) -> io::Result<()> {
    match source.read_exact(&mut [0]) {
        Ok(()) => Err(longer(total_bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
        Err(error) => Err(error),
    }
}

fn shorter(total_bytes: u64) -> io::Error {
    invalid(io::ErrorKind::UnexpectedEof, StreamError::Shorter { total_bytes })
}

fn longer(total_bytes: u64) -> io::Error {
    invalid(io::ErrorKind::InvalidData, StreamError::Longer { total_bytes })
}

fn invalid(kind: io::ErrorKind, error: StreamError) -> io::Error {
    io::Error::new(kind, error)
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
