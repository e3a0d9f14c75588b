//! Payment tokens, and small sets of them.

/// Tokens that one licence can be made to give: one, and a wrong second one.
pub(crate) const TOKENS_OF_A_LICENCE: u8 = 2;

/// A payment token: which card made it, for which order, as which one of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token {
    /// The card, from 0.
    pub card: u8,
    /// The order, from 0.
    pub order: u8,
    /// 0; 1 for a second payment of the same order by the same card.
    pub nth: u8,
}

/// A set of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct TokenSet(u8);

impl Token {
    fn bit(self) -> u8 {
        1 << (self.card * 4 + self.order * 2 + self.nth)
    }

    /// Every token there can be.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bit| Self { card: bit >> 2, order: bit >> 1 & 1, nth: bit & 1 })
    }
}

impl TokenSet {
    pub(crate) fn has(self, token: Token) -> bool {
        self.0 & token.bit() != 0
    }

    pub(crate) fn with(self, token: Token) -> Self {
        Self(self.0 | token.bit())
    }

    pub(crate) fn without(self, token: Token) -> Self {
        Self(self.0 & !token.bit())
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn except(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn len(self) -> u8 {
        self.0.count_ones() as u8
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Token> {
        Token::all().filter(move |token| self.has(*token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_a_place_of_its_own() {
        let all = Token::all().fold(TokenSet::default(), TokenSet::with);
        assert_eq!((all.len(), all.iter().count()), (8, 8));
        for token in Token::all() {
            assert!(!all.without(token).has(token));
            assert_eq!(all.without(token).len(), 7);
        }
    }
}
