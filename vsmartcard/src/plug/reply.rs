//! What a card says to its reader, right or wrong.

use std::time::Duration;

/// What becomes of one command, as the reader sees it.
///
/// A card that does as it should gives an [`Reply::Answer`]; everything else is a fault, which
/// a plug passes on as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Data and status word. A plug says 6F00 instead of one that no reader can take.
    Answer(Vec<u8>),
    /// Bytes that no plug mends, framed: of length 0, or too short for a status word.
    Exactly(Vec<u8>),
    /// The same answer two times, each in a frame of its own.
    Twice(Vec<u8>),
    /// A framed answer, and bytes after it that nobody asked for.
    Stray {
        /// What the reader waits for.
        answer: Vec<u8>,
        /// What follows, as it is on the line.
        after: Vec<u8>,
    },
    /// The beginning of an answer's frame, then the connection ends as in [`Reply::Pulled`].
    Cut {
        /// What the whole frame would carry.
        answer: Vec<u8>,
        /// How many bytes of the frame are sent, its header of two bytes included.
        sent_bytes: usize,
    },
    /// Nothing, while the card stays in the reader.
    Silence,
    /// Nothing: the card is out of the reader for so long, at least, and comes back. That is
    /// a power-up.
    Pulled(Duration),
    /// Nothing: the card is out of the reader for good, and its plug ends.
    Gone,
}

impl Reply {
    /// Whether the connection ends with it.
    #[must_use]
    pub const fn ends_connection(&self) -> bool {
        matches!(self, Self::Cut { .. } | Self::Pulled(_) | Self::Gone)
    }

    /// Gives data and status word, where nothing is wrong with them.
    #[must_use]
    pub fn into_answer(self) -> Option<Vec<u8>> {
        match self {
            Self::Answer(answer) => Some(answer),
            _ => None,
        }
    }
}

impl From<Vec<u8>> for Reply {
    fn from(answer: Vec<u8>) -> Self {
        Self::Answer(answer)
    }
}
