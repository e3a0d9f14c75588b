//! Status words: which are right.

use crate::syntax::ast::StatusSet;

/// Whether a status word is one of those.
pub(super) fn holds(set: &StatusSet, status: u16) -> bool {
    let StatusSet::Of(words) = set else { return true };
    words.iter().any(|word| {
        word.iter().zip([12, 8, 4, 0]).all(|(digit, shift)| {
            digit.is_none_or(|digit| u16::from(digit) == status >> shift & 0x0F)
        })
    })
}

/// Whether it names this very status word, with all its digits.
pub(super) fn names(set: &StatusSet, status: u16) -> bool {
    let StatusSet::Of(words) = set else { return false };
    let exact = |word: &[Option<u8>; 4]| {
        word.iter().try_fold(0, |sum, digit| digit.map(|digit| sum << 4 | u16::from(digit)))
    };
    words.iter().any(|word| exact(word) == Some(status))
}

/// As it is written.
pub(super) fn text(set: &StatusSet) -> String {
    let StatusSet::Of(words) = set else { return "any".into() };
    let digit = |digit: &Option<u8>| digit.map_or("X".into(), |digit| format!("{digit:X}"));
    let word = |word: &[Option<u8>; 4]| word.iter().map(digit).collect::<String>();
    words.iter().map(word).collect::<Vec<_>>().join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> StatusSet {
        let digit = |c: char| c.to_digit(16).map(|digit| digit as u8);
        let word = |word: &&str| -> [Option<u8>; 4] {
            word.chars().map(digit).collect::<Vec<_>>().try_into().unwrap()
        };
        StatusSet::Of(words.iter().map(word).collect())
    }

    #[test]
    fn a_digit_x_is_any_and_any_is_all() {
        let set = of(&["63CX", "9000"]);
        assert!(holds(&set, 0x63C2) && holds(&set, 0x9000) && holds(&StatusSet::Any, 0x6A82));
        assert!(!holds(&set, 0x6382) && !holds(&set, 0x9001));
        assert_eq!(text(&set), "63CX|9000");
    }

    #[test]
    fn only_a_whole_word_names_one() {
        let set = of(&["63CX", "9000"]);
        assert!(names(&set, 0x9000));
        assert!(!names(&set, 0x63C2) && !names(&StatusSet::Any, 0x9000));
    }
}
