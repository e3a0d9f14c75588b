//! What a reader makes of what a card says.

use std::time::Duration;

use super::MAX_ANSWER_BYTES;
use super::slot_error::SlotError;
use crate::atr::{Atr, AtrError, Interface};
use crate::plug::Reply;

/// What is said instead of an answer that is none (ISO/IEC 7816-4, 6F00: no precise diagnosis).
const NO_DIAGNOSIS: [u8; 2] = [0x6F, 0x00];

/// How long a card stays out of the reader that was pulled at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// At least so long.
    For(Duration),
    /// For good.
    ForGood,
}

/// What a reader has of a card that was to say something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// All that it said.
    Said(Vec<u8>),
    /// Nothing.
    Nothing,
    /// Nothing, and it is out.
    Lost(Away),
}

impl Heard {
    /// A reader takes what it waits for and no more, so what comes twice, or after it, is lost;
    /// so is the beginning of a block whose rest does not come.
    pub(super) fn of(reply: Reply) -> Self {
        match reply {
            Reply::Answer(answer) if is_sayable(&answer) => Self::Said(answer),
            Reply::Answer(_) => Self::Said(NO_DIAGNOSIS.to_vec()),
            Reply::Exactly(answer) | Reply::Twice(answer) | Reply::Stray { answer, .. } => {
                Self::Said(answer)
            }
            Reply::Silence => Self::Nothing,
            Reply::Cut { .. } => Self::Lost(Away::For(Duration::ZERO)),
            Reply::Pulled(away) => Self::Lost(Away::For(away)),
            Reply::Gone => Self::Lost(Away::ForGood),
        }
    }
}

fn is_sayable(answer: &[u8]) -> bool {
    (2..=MAX_ANSWER_BYTES).contains(&answer.len())
}

/// What a card's answer to reset says to the reader.
///
/// # Errors
/// What is wrong with it.
pub(super) fn interface(atr: &[u8]) -> Result<Interface, SlotError> {
    let atr = Atr::parse(atr).map_err(|error| match error {
        AtrError::Convention(_) => SlotError::BAD_ATR_TS,
        AtrError::Check { .. } => SlotError::BAD_ATR_TCK,
        AtrError::Hex | AtrError::Length { .. } | AtrError::TooLong(_) => SlotError::ICC_MUTE,
    })?;
    let card = atr.interface();
    card.is_t1_with_lrc().then_some(card).ok_or(SlotError::PROTOCOL_NOT_SUPPORTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_takes_what_it_waits_for() {
        let answer = vec![1, 0x90, 0x00];
        let stray = Reply::Stray { answer: answer.clone(), after: vec![7] };
        let kept = [Reply::Answer(answer.clone()), Reply::Twice(answer.clone()), stray];
        for reply in kept {
            assert_eq!(Heard::of(reply), Heard::Said(answer.clone()));
        }
        assert_eq!(Heard::of(Reply::Exactly(vec![])), Heard::Said(vec![]));
        assert_eq!(Heard::of(Reply::Silence), Heard::Nothing);
    }

    #[test]
    fn what_is_no_answer_becomes_one() {
        for none in [vec![], vec![0x90], vec![0; MAX_ANSWER_BYTES + 1]] {
            assert_eq!(Heard::of(Reply::Answer(none)), Heard::Said(vec![0x6F, 0x00]));
        }
        let longest = vec![0; MAX_ANSWER_BYTES];
        assert_eq!(Heard::of(Reply::Answer(longest.clone())), Heard::Said(longest));
    }

    #[test]
    fn a_card_that_goes_is_lost_for_as_long_as_it_says() {
        let cut = Reply::Cut { answer: vec![1], sent_bytes: 1 };
        assert_eq!(Heard::of(cut), Heard::Lost(Away::For(Duration::ZERO)));
        let second = Duration::from_secs(1);
        assert_eq!(Heard::of(Reply::Pulled(second)), Heard::Lost(Away::For(second)));
        assert_eq!(Heard::of(Reply::Gone), Heard::Lost(Away::ForGood));
    }

    #[test]
    fn an_answer_to_reset_that_is_none_is_told_by_what_is_wrong() {
        assert_eq!(interface(Atr::default().as_bytes()).unwrap().ifsc, 254);
        assert_eq!(interface(&[0x3C, 0x00]), Err(SlotError::BAD_ATR_TS));
        assert_eq!(interface(&[0x3B, 0x80, 0x01, 0x80]), Err(SlotError::BAD_ATR_TCK));
        assert_eq!(interface(&[0x3B, 0x80, 0x01]), Err(SlotError::ICC_MUTE));
        assert_eq!(interface(&[]), Err(SlotError::ICC_MUTE));
        assert_eq!(interface(&[0x3B, 0x00]), Err(SlotError::PROTOCOL_NOT_SUPPORTED));
    }
}
