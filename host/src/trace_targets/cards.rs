//! Virtual cards, made once and copied.

use saifu_trace::target::{FreshCard, TargetError};
use saifu_vsmartcard::NewCard;
use saifu_vsmartcard::platform::{Seed, SeededRam};
use std::collections::HashMap;

/// The seed of cards for which a trace names none: runs repeat.
pub const DEFAULT_SEED: &str = "saifu trace";

/// The most cards that are kept to be copied; past that they are made anew.
const MAX_KEPT: usize = 256;

/// Makes cards, and keeps what making them took: a card's key pairs cost a good part of a second.
#[derive(Debug, Default)]
pub struct Cards {
    made: HashMap<Which, SeededRam>,
}

/// What makes two cards the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Which {
    is_blank: bool,
    pin: String,
    seed: String,
}

impl Cards {
    /// The machine of a fresh card, like every other that was asked for with the same words.
    ///
    /// # Errors
    /// [`TargetError::Unsupported`] for a kind, a seed or a PIN that no card has.
    pub fn fresh(&mut self, wish: &FreshCard) -> Result<SeededRam, TargetError> {
        let which = Which::of(wish)?;
        if let Some(made) = self.made.get(&which) {
            return Ok(made.clone());
        }
        let seed = Some(Seed::of(&which.seed));
        let new = NewCard { pin: which.pin.clone(), seed, ..NewCard::default() };
        let made = if which.is_blank { new.blank_in_ram() } else { new.in_ram() };
        let made = made.map_err(|error| {
            unsupported(format!("no such card can be made: {error}; a PIN has 4 to 12 digits"))
        })?;
        if self.made.len() < MAX_KEPT {
            self.made.insert(which, made.clone());
        }
        Ok(made)
    }
}

impl Which {
    fn of(wish: &FreshCard) -> Result<Self, TargetError> {
        let is_blank = match wish.kind.as_str() {
            "blank" => true,
            "test" | "any" => false,
            other => {
                let what = format!("there is no card {other}: blank, test or any can be said");
                return Err(unsupported(what));
            }
        };
        let seed = match &wish.seed {
            None => DEFAULT_SEED.to_owned(),
            Some(seed) => String::from_utf8(seed.clone())
                .map_err(|_| unsupported("a card's seed is a text, as in seed=\"a sale\""))?,
        };
        Ok(Self { is_blank, pin: wish.pin.clone(), seed })
    }
}

fn unsupported(what: impl Into<String>) -> TargetError {
    TargetError::Unsupported(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(kind: &str, seed: Option<&[u8]>, pin: &str) -> FreshCard {
        FreshCard { kind: kind.into(), seed: seed.map(<[u8]>::to_vec), pin: pin.into() }
    }

    #[test]
    fn what_no_card_can_be_is_refused_with_what_can_be_said() {
        let mut cards = Cards::default();
        for (wish, says) in [
            (wish("used", None, "1234"), "blank, test or any"),
            (wish("blank", Some(&[0xFF]), "1234"), "a text"),
            (wish("test", None, "12"), "4 to 12 digits"),
        ] {
            let error = cards.fresh(&wish).unwrap_err();
            assert!(
                matches!(&error, TargetError::Unsupported(why) if why.contains(says)),
                "{error}"
            );
        }
        assert!(cards.fresh(&wish("blank", None, "1234")).is_ok());
    }
}
