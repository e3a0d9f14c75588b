//! Status words (§5.4), all of them.

macro_rules! statuses {
    ($($(#[$meta:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// A status word the card can answer, but for 61xx and 63Cx.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Status {
            $($(#[$meta])* $name = $code),*
        }

        impl Status {
            /// Every status word, in numeric order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The meaning, in the words of the specification.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $text),*
                }
            }
        }
    };
}

statuses! {
    /// Selected, but the card is terminated.
    Terminated = 0x6285, "selected, but the card is terminated";
    /// Nothing was done: a self-test, random source or computation failed.
    ExecutionError = 0x6400, "not executed: random source or computation failed";
    /// The memory failed, or is not the one last committed.
    MemoryFailure = 0x6581, "memory failed, or is not the one last committed";
    /// Wrong length.
    WrongLength = 0x6700, "wrong length";
    /// The logical channel is not open.
    ChannelNotSupported = 0x6881, "logical channel is not open";
    /// Secure messaging where none is.
    SecureMessagingNotSupported = 0x6882, "secure messaging where none is";
    /// A chain was begun; its last command is expected.
    LastCommandExpected = 0x6883, "a command of the same chain is expected";
    /// This command cannot be chained.
    ChainingNotSupported = 0x6884, "this command cannot be chained";
    /// PIN or secure channel needed.
    SecurityNotSatisfied = 0x6982, "PIN or secure channel needed";
    /// The PIN is blocked.
    PinBlocked = 0x6983, "PIN blocked";
    /// The card's or the thing's state does not allow it.
    ConditionsNotSatisfied = 0x6985, "conditions of use not satisfied";
    /// A secure messaging object is wrong.
    SecureMessagingWrong = 0x6988, "secure messaging object wrong; channel closed";
    /// Not authentic, or not well formed.
    WrongData = 0x6A80, "data not authentic or not well formed";
    /// No application of this name.
    ApplicationNotFound = 0x6A82, "no application of this name";
    /// No room.
    NotEnoughMemory = 0x6A84, "not enough memory";
    /// P1 or P2 is wrong.
    WrongP1P2 = 0x6A86, "P1 or P2 wrong";
    /// What the command names is not here.
    NotFound = 0x6A88, "referenced data not found";
    /// The name is taken by something else.
    AlreadyExists = 0x6A89, "exists already, with other content";
    /// An offset lies outside.
    WrongOffset = 0x6B00, "offset outside the object";
    /// The instruction is not known in this class.
    InsNotSupported = 0x6D00, "instruction not supported in this class";
    /// The class is not known.
    ClassNotSupported = 0x6E00, "class not supported";
    /// Done.
    Ok = 0x9000, "done";
}

/// 61xx: the answer goes on; xx more bytes, 00 for 256 or more.
pub const MORE_DATA: u8 = 0x61;

/// 63Cx: the PIN is wrong or not yet given; x tries are left.
pub const TRIES_LEFT: u16 = 0x63C0;

impl Status {
    /// The two bytes SW1 and SW2.
    pub fn to_be_bytes(self) -> [u8; 2] {
        (self as u16).to_be_bytes()
    }

    /// The status with this number, if it is one of the list.
    pub fn from_word(word: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| *status as u16 == word)
    }

    /// Whether a card may answer `word` at all (§5.4).
    pub fn is_documented(word: u16) -> bool {
        Self::from_word(word).is_some()
            || word.to_be_bytes()[0] == MORE_DATA
            || (TRIES_LEFT..=TRIES_LEFT | 0x0F).contains(&word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_list_are_documented() {
        assert!(Status::is_documented(0x9000));
        assert!(Status::is_documented(0x6100));
        assert!(Status::is_documented(0x63CF));
        assert!(!Status::is_documented(0x6F00));
        assert!(!Status::is_documented(0x63D0));
    }

    #[test]
    fn the_list_is_in_numeric_order() {
        assert!(Status::ALL.windows(2).all(|pair| (pair[0] as u16) < pair[1] as u16));
    }
}
