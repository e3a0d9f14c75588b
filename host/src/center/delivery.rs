//! A delivery as it streams in: header, then segments (§13).

use super::Body;
use super::resumed::{Resumed, Source};
use saifu_wire::stream::{HEADER_BYTES, Header};
use std::fmt;
use std::io::{ErrorKind, Read};

/// A delivery that has not been read to its end.
pub struct Delivery {
    body: Resumed,
}

/// Why a delivery is not what it had to be.
#[derive(Debug, thiserror::Error)]
pub enum Damaged {
    /// It ends too early.
    #[error("the delivery ends before its last segment")]
    Truncated,
    /// Something follows the last segment.
    #[error("the delivery goes on after its last segment")]
    Trailing,
    /// It broke off.
    #[error("the delivery broke off: {0}")]
    Broken(std::io::Error),
}

impl Delivery {
    /// A delivery that is read from `body`.
    pub fn new(body: Body) -> Self {
        Self { body: Resumed::new(body, None) }
    }

    /// A delivery that goes on where it broke off, where its source is known.
    pub(super) fn resumed(body: Body, source: Option<Source>) -> Self {
        Self { body: Resumed::new(body, source) }
    }

    /// What is left of it.
    pub fn body(&mut self) -> &mut dyn Read {
        &mut self.body
    }

    /// Takes the header, which comes first.
    pub fn header(&mut self) -> Result<[u8; HEADER_BYTES], Damaged> {
        let mut header = [0; HEADER_BYTES];
        self.fill(&mut header)?;
        Ok(header)
    }

    /// Takes `count` whole segments of `header` from index `first` on; fewer at the end.
    ///
    /// Returns their sealed bytes and the number of plaintext bytes in them.
    pub fn segments(
        &mut self,
        header: &Header,
        first: u64,
        count: u64,
    ) -> Result<(Vec<u8>, u64), Damaged> {
        let segments = (first..first.saturating_add(count)).map_while(|i| header.segment(i));
        let (sealed, plain) = segments.fold((0, 0), |(sealed, plain), segment| {
            (sealed + segment.sealed_bytes(), plain + u64::from(segment.plain_bytes))
        });
        let mut bytes = vec![0; sealed];
        self.fill(&mut bytes)?;
        Ok((bytes, plain))
    }

    /// Demands that nothing is left.
    pub fn finish(mut self) -> Result<(), Damaged> {
        match self.body.read_exact(&mut [0]) {
            Ok(()) => Err(Damaged::Trailing),
            Err(why) if why.kind() == ErrorKind::UnexpectedEof => Ok(()),
            Err(why) => Err(Damaged::Broken(why)),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Damaged> {
        self.body.read_exact(bytes).map_err(|why| match why.kind() {
            ErrorKind::UnexpectedEof => Damaged::Truncated,
            _ => Damaged::Broken(why),
        })
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delivery")
    }
}
