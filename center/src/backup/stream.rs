//! Bytes on their way: counted, digested, told.

use std::io::{self, ErrorKind, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};

const BUFFER_BYTES: usize = 128 * 1024;

/// Copies all of `from` to `to`, telling `moved` how much each time; its length and digest.
pub(super) fn digest(
    from: &mut dyn Read,
    to: &mut dyn Write,
    moved: &mut dyn FnMut(u64),
) -> io::Result<(u64, String)> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut bytes = 0_u64;
    loop {
        let count = match from.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if count == 0 {
            return Ok((bytes, hex::encode(context.finish().as_ref())));
        }
        context.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        bytes = bytes.saturating_add(count as u64);
        moved(count as u64);
    }
}

/// Gives what it reads on, and digests it.
pub(super) struct Digesting<R> {
    inner: R,
    context: Context,
    bytes: u64,
}

impl<R: Read> Digesting<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, context: Context::new(&SHA256), bytes: 0 }
    }

    /// Length and digest of what was read.
    pub(super) fn finish(self) -> (u64, String) {
        (self.bytes, hex::encode(self.context.finish().as_ref()))
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.context.update(&buffer[..count]);
        self.bytes = self.bytes.saturating_add(count as u64);
        Ok(count)
    }
}
