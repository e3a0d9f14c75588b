//! Helpers: what a line can compute (LANGUAGE.md §8).

pub mod aes;
mod draws;
mod plain;
pub mod scp03;

pub use draws::Draws;

use std::fmt;

/// What a helper is given, and gives.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number.
    Number(u64),
    /// A bare word, such as a role's name.
    Word(String),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// What a helper was given.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// In order.
    pub plain: Vec<Value>,
    /// By name.
    pub named: Vec<(String, Value)>,
}

/// Why a helper gives nothing: what is wrong, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HelperError(pub String);

/// A helper.
#[derive(Debug, Clone, Copy)]
pub struct Helper {
    /// Its name.
    pub name: &'static str,
    /// What it takes, as the language's annex spells it: `(bytes, key=bytes)`.
    pub takes: &'static str,
    /// What it gives, in a sentence.
    pub gives: &'static str,
    /// How many values it takes in order, at least and at most.
    pub plain: (usize, usize),
    /// The names it takes.
    pub named: &'static [&'static str],
    /// Computes it; what it draws comes from the run's seed.
    pub run: fn(&Arguments, &mut Draws) -> Result<Value, HelperError>,
}

/// Every helper, in the order of the annex.
pub fn all() -> impl Iterator<Item = &'static Helper> {
    plain::ALL.iter()
}

/// The helper of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Helper> {
    all().find(|helper| helper.name == name)
}

impl Arguments {
    /// The bytes at this place.
    ///
    /// # Errors
    /// When something else is there, or nothing.
    pub fn bytes(&self, at: usize) -> Result<Vec<u8>, HelperError> {
        match self.plain.get(at) {
            Some(Value::Bytes(bytes)) => Ok(bytes.clone()),
            Some(Value::Number(number)) => match u8::try_from(*number) {
                Ok(byte) => Ok(vec![byte]),
                Err(_) => {
                    Err(HelperError(format!("{number} is more than a byte; use u16({number})")))
                }
            },
            Some(Value::Word(word)) => {
                Err(HelperError(format!("{word} is a word; bytes are written 0xA0B1 or in quotes")))
            }
            None => Err(HelperError(format!("value {} is missing", at + 1))),
        }
    }

    /// The number at this place.
    ///
    /// # Errors
    /// When something else is there, or nothing.
    pub fn number(&self, at: usize) -> Result<u64, HelperError> {
        match self.plain.get(at) {
            Some(Value::Number(number)) => Ok(*number),
            Some(other) => Err(HelperError(format!("a number is needed, not {other:?}"))),
            None => Err(HelperError(format!("number {} is missing", at + 1))),
        }
    }
}
