//! Helpers: what a line can compute (LANGUAGE.md §8).
//!
//! - [`aes`], [`scp03`], `keys`: cryptography, and the host's side of a secure channel
//! - `bytes`, `plain`, `crypto`: what any card's trace needs
//! - `center`, `sale`, `token`, `issuer`: a test center and a test issuer for Saifu's card (§7 to §14)
//!
//! All of it is computed apart from the card's own code, so that a trace is a second opinion.

pub mod aes;
mod bytes;
mod center;
mod crypto;
mod draws;
mod given;
mod issuer;
mod keys;
mod plain;
mod sale;
pub mod scp03;
mod token;

pub use draws::Draws;
pub use given::Arguments;

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

/// As many values as one likes.
const MANY: usize = 256;

impl Helper {
    const fn new(
        name: &'static str,
        takes: &'static str,
        gives: &'static str,
        plain: (usize, usize),
        run: fn(&Arguments, &mut Draws) -> Result<Value, HelperError>,
    ) -> Self {
        Self { name, takes, gives, plain, named: &[], run }
    }

    const fn names(mut self, named: &'static [&'static str]) -> Self {
        self.named = named;
        self
    }

    /// Computes it, once what it is given is found to be what it takes.
    ///
    /// # Errors
    /// For a value too many or too few, a name that it does not know, and what `run` finds.
    pub fn call(&self, given: &Arguments, draws: &mut Draws) -> Result<Value, HelperError> {
        let (least, most) = self.plain;
        let Self { name, takes, .. } = self;
        if !(least..=most).contains(&given.plain.len()) {
            return Err(HelperError(format!(
                "{name}{takes} takes {}, not {}",
                counted(least, most),
                given.plain.len()
            )));
        }
        if let Some((key, _)) = given.named.iter().find(|(key, _)| !self.named.contains(&&**key)) {
            return Err(HelperError(format!("there is no {key}= in {name}{takes}")));
        }
        (self.run)(given, draws).map_err(|error| HelperError(format!("{name}: {error}")))
    }
}

fn counted(least: usize, most: usize) -> String {
    match (least, most) {
        (_, MANY) => format!("at least {least} values"),
        (1, 1) => "one value".into(),
        _ if least == most => format!("{least} values"),
        _ => format!("{least} to {most} values"),
    }
}

/// Every helper, in the order of the annex.
pub fn all() -> impl Iterator<Item = &'static Helper> {
    [plain::ALL, bytes::ALL, crypto::ALL, center::ALL, sale::ALL, token::ALL, issuer::ALL]
        .into_iter()
        .flatten()
}

/// The helper of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Helper> {
    all().find(|helper| helper.name == name)
}

#[cfg(test)]
mod tests;
