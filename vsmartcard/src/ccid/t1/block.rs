//! Blocks of T=1 as bytes (ISO/IEC 7816-3, section 11.3): NAD, PCB, LEN, INF, LRC.

use super::MAX_INF_BYTES;
use crate::ccid::lrc;

/// Neither side has a number of its own.
const NAD: u8 = 0x00;
const I_SEQUENCE: u8 = 0x40;
const I_MORE: u8 = 0x20;
const R: u8 = 0x80;
const R_SEQUENCE: u8 = 0x10;
const S: u8 = 0xC0;
const S_RESPONSE: u8 = 0x20;

/// A block that is well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block<'a> {
    /// A piece of a command or an answer.
    I {
        /// N(S).
        sequence: bool,
        /// M: the next block goes on with it.
        more: bool,
        /// INF.
        piece: &'a [u8],
    },
    /// Acknowledges a piece, or asks for a block again.
    R {
        /// N(R), the N(S) of the block that is expected.
        sequence: bool,
    },
    /// S(... request).
    Request(Supervision),
    /// S(... response).
    Response(Supervision),
}

/// What an S-block is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Supervision {
    /// Both begin anew.
    Resynch,
    /// The most bytes of INF that its sender takes.
    Ifs(u8),
    /// A chain ends before its end.
    Abort,
    /// So many block waiting times more.
    Wtx(u8),
}

/// What is wrong with bytes that shall be a block, as the low bits of an R-block say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Nothing is wrong.
    Nothing = 0,
    /// The check byte.
    Check = 1,
    /// Anything else.
    Other = 2,
}

impl<'a> Block<'a> {
    /// Takes bytes that are a block from the host.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Wrong> {
        let (_, covered) = bytes.split_last().ok_or(Wrong::Other)?;
        let [nad, pcb, length, inf @ ..] = covered else { return Err(Wrong::Other) };
        if usize::from(*length) != inf.len() || inf.len() > MAX_INF_BYTES {
            return Err(Wrong::Other);
        }
        if lrc(bytes) != 0 {
            return Err(Wrong::Check);
        }
        if *nad != NAD {
            return Err(Wrong::Other);
        }
        Self::of(*pcb, inf).ok_or(Wrong::Other)
    }

    fn of(pcb: u8, inf: &'a [u8]) -> Option<Self> {
        if pcb & R == 0 {
            let (sequence, more) = (pcb & I_SEQUENCE != 0, pcb & I_MORE != 0);
            let reserved = pcb & !(I_SEQUENCE | I_MORE);
            return (reserved == 0).then_some(Self::I { sequence, more, piece: inf });
        }
        if pcb & S != S {
            let error = pcb & !(R | R_SEQUENCE);
            let empty = inf.is_empty() && error <= Wrong::Other as u8;
            return empty.then_some(Self::R { sequence: pcb & R_SEQUENCE != 0 });
        }
        let what = Supervision::of(pcb & !(S | S_RESPONSE), inf)?;
        Some(if pcb & S_RESPONSE == 0 { Self::Request(what) } else { Self::Response(what) })
    }

    /// Its bytes, with the check byte.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::I { sequence, more, piece } => {
                let sequence = if sequence { I_SEQUENCE } else { 0 };
                let more = if more { I_MORE } else { 0 };
                seal(sequence | more, piece)
            }
            Self::R { sequence } => again(sequence, Wrong::Nothing),
            Self::Request(what) => what.seal(S),
            Self::Response(what) => what.seal(S | S_RESPONSE),
        }
    }
}

impl Supervision {
    fn of(code: u8, inf: &[u8]) -> Option<Self> {
        match (code, inf) {
            (0, []) => Some(Self::Resynch),
            (1, [bytes @ 1..=254]) => Some(Self::Ifs(*bytes)),
            (2, []) => Some(Self::Abort),
            (3, [times]) => Some(Self::Wtx(*times)),
            _ => None,
        }
    }

    fn seal(self, pcb: u8) -> Vec<u8> {
        match self {
            Self::Resynch => seal(pcb, &[]),
            Self::Ifs(bytes) => seal(pcb | 1, &[bytes]),
            Self::Abort => seal(pcb | 2, &[]),
            Self::Wtx(times) => seal(pcb | 3, &[times]),
        }
    }
}

/// An R-block that says what was wrong with the last block.
pub(super) fn again(sequence: bool, wrong: Wrong) -> Vec<u8> {
    let sequence = if sequence { R_SEQUENCE } else { 0 };
    seal(R | sequence | wrong as u8, &[])
}

/// A block of a PCB and at most 254 bytes.
fn seal(pcb: u8, inf: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(inf.len() + 4);
    bytes.extend_from_slice(&[NAD, pcb, inf.len() as u8]);
    bytes.extend_from_slice(inf);
    bytes.push(lrc(&bytes));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_block_survives_its_bytes() {
        let most = [7; MAX_INF_BYTES];
        let supervisions =
            [Supervision::Resynch, Supervision::Ifs(254), Supervision::Abort, Supervision::Wtx(9)];
        let mut blocks = vec![Block::I { sequence: false, more: false, piece: &[] }];
        for (sequence, more) in [(true, false), (false, true), (true, true)] {
            blocks.push(Block::I { sequence, more, piece: &most });
        }
        blocks.extend([false, true].map(|sequence| Block::R { sequence }));
        blocks.extend(supervisions.map(Block::Request));
        blocks.extend(supervisions.map(Block::Response));
        for block in blocks {
            assert_eq!(Block::parse(&block.to_bytes()), Ok(block));
        }
    }

    #[test]
    fn blocks_of_the_standard_are_read() {
        let ifs = [0x00, 0xC1, 0x01, 0xFE, 0x3E];
        assert_eq!(Block::parse(&ifs), Ok(Block::Request(Supervision::Ifs(254))));
        assert_eq!(Block::Response(Supervision::Ifs(254)).to_bytes(), [0, 0xE1, 1, 0xFE, 0x1E]);
        assert_eq!(again(true, Wrong::Check), [0x00, 0x91, 0x00, 0x91]);
    }

    #[test]
    fn a_wrong_check_byte_is_told_from_all_else() {
        assert_eq!(Block::parse(&[0x00, 0x80, 0x00, 0x81]), Err(Wrong::Check));
        for other in [
            &[][..],
            &[0x00],
            &[0x00, 0x80, 0x80],
            &[0x00, 0x00, 0x01, 0x01],
            &[0x00, 0x00, 0x00, 0x00, 0x00],
            &[0x01, 0x80, 0x00, 0x81],
            &[0x00, 0x01, 0x00, 0x01],
            &[0x00, 0x83, 0x00, 0x83],
            &[0x00, 0xA0, 0x00, 0xA0],
            &[0x00, 0x80, 0x01, 0x55, 0xD4],
            &[0x00, 0xC4, 0x00, 0xC4],
            &[0x00, 0xC1, 0x01, 0x00, 0xC0],
            &[0x00, 0xC1, 0x01, 0xFF, 0x3F],
            &[0x00, 0xC0, 0x01, 0x00, 0xC1],
            &[0x00, 0xC3, 0x00, 0xC3],
        ] {
            assert_eq!(Block::parse(other), Err(Wrong::Other), "{other:02X?}");
        }
        let mut longest = seal(0, &[0; 255]);
        assert_eq!(longest[2], 0xFF);
        assert_eq!(Block::parse(&longest), Err(Wrong::Other), "LEN FF is for later use");
        longest.truncate(8);
        assert_eq!(Block::parse(&longest), Err(Wrong::Other));
    }
}
