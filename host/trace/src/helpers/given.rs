//! What a helper was given: by place, by name, with what stands for it where it was not said.

use super::{HelperError, Value};

/// What a helper was given.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// In order.
    pub plain: Vec<Value>,
    /// By name.
    pub named: Vec<(String, Value)>,
}

impl Arguments {
    /// The bytes at this place.
    ///
    /// # Errors
    /// When something else is there, or nothing.
    pub fn bytes(&self, at: usize) -> Result<Vec<u8>, HelperError> {
        let value = self.plain.get(at);
        bytes(value.ok_or_else(|| HelperError(format!("value {} is missing", at + 1)))?)
    }

    /// The number at this place; up to eight bytes are one, big-endian.
    ///
    /// # Errors
    /// When something else is there, or nothing.
    pub fn number(&self, at: usize) -> Result<u64, HelperError> {
        let value = self.plain.get(at);
        number(value.ok_or_else(|| HelperError(format!("number {} is missing", at + 1)))?)
    }

    /// The word at this place.
    ///
    /// # Errors
    /// When something else is there, or nothing.
    pub fn word(&self, at: usize) -> Result<&str, HelperError> {
        match self.plain.get(at) {
            Some(Value::Word(word)) => Ok(word),
            Some(other) => Err(HelperError(format!("a word is needed, not {other:?}"))),
            None => Err(HelperError(format!("word {} is missing", at + 1))),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The bytes of this name, if they were given.
    ///
    /// # Errors
    /// When something else was.
    pub(super) fn given(&self, name: &str) -> Result<Option<Vec<u8>>, HelperError> {
        self.find(name).map(bytes).transpose().map_err(|error| in_name(name, &error))
    }

    /// The bytes of this name.
    pub(super) fn needed(&self, name: &str) -> Result<Vec<u8>, HelperError> {
        self.given(name)?.ok_or_else(|| HelperError(format!("{name}= is missing")))
    }

    /// So many bytes of this name; one byte stands for all of them; `otherwise` for none given.
    pub(super) fn array<const N: usize>(
        &self,
        name: &str,
        otherwise: [u8; N],
    ) -> Result<[u8; N], HelperError> {
        let Some(given) = self.given(name)? else { return Ok(otherwise) };
        if let [one] = given[..] {
            return Ok([one; N]);
        }
        let found = given.len();
        given.try_into().map_err(|_| HelperError(format!("{name}= has {N} bytes, not {found}")))
    }

    /// So many bytes of this name, which must be given.
    pub(super) fn needed_array<const N: usize>(&self, name: &str) -> Result<[u8; N], HelperError> {
        self.needed(name)?;
        self.array(name, [0; N])
    }

    /// The number of this name, or another that was not said.
    pub(super) fn count(&self, name: &str, otherwise: u64) -> Result<u64, HelperError> {
        let Some(value) = self.find(name) else { return Ok(otherwise) };
        number(value).map_err(|error| in_name(name, &error))
    }

    /// As [`Arguments::count`], of four bytes.
    pub(super) fn small(&self, name: &str, otherwise: u32) -> Result<u32, HelperError> {
        let value = self.count(name, u64::from(otherwise))?;
        u32::try_from(value)
            .map_err(|_| HelperError(format!("{name}={value} does not fit four bytes")))
    }

    /// What the word of this name stands for.
    pub(super) fn choice<T: Copy>(
        &self,
        name: &str,
        table: &[(&str, T)],
        otherwise: T,
    ) -> Result<T, HelperError> {
        match self.find(name) {
            None => Ok(otherwise),
            Some(Value::Word(word)) => chosen(name, word, table),
            Some(other) => Err(HelperError(format!("{name}= is {}, not {other:?}", words(table)))),
        }
    }
}

/// What a word stands for.
pub(super) fn chosen<T: Copy>(
    name: &str,
    word: &str,
    table: &[(&str, T)],
) -> Result<T, HelperError> {
    let found = table.iter().find(|(known, _)| *known == word).map(|(_, it)| *it);
    found.ok_or_else(|| HelperError(format!("{name} is {}, not {word}", words(table))))
}

fn words<T>(table: &[(&str, T)]) -> String {
    let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
    names.join(" or ")
}

fn in_name(name: &str, error: &HelperError) -> HelperError {
    HelperError(format!("{name}=: {error}"))
}

fn bytes(value: &Value) -> Result<Vec<u8>, HelperError> {
    match value {
        Value::Bytes(bytes) => Ok(bytes.clone()),
        Value::Number(number) => u8::try_from(*number)
            .map(|byte| vec![byte])
            .map_err(|_| HelperError(format!("{number} is more than a byte; use u16({number})"))),
        Value::Word(word) => {
            Err(HelperError(format!("{word} is a word; bytes are written 0xA0B1 or in quotes")))
        }
    }
}

fn number(value: &Value) -> Result<u64, HelperError> {
    match value {
        Value::Number(number) => Ok(*number),
        Value::Bytes(bytes) if (1..=8).contains(&bytes.len()) => {
            Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
        }
        other => Err(HelperError(format!("a number is needed, not {other:?}"))),
    }
}
