//! What is told: a name, what it is, and its parts.

use std::fmt;

/// Something with a name, and what it consists of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What it is called.
    pub name: String,
    /// What it says, in words or hexadecimal.
    pub value: String,
    /// What it consists of, in order.
    pub parts: Vec<Told>,
}

/// The most bytes of a value that are shown; of more, the beginning and the length.
const MAX_SHOWN_BYTES: usize = 64;

impl Told {
    /// Without parts.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), parts: Vec::new() }
    }

    pub(super) fn with(name: impl Into<String>, parts: Vec<Self>) -> Self {
        Self { name: name.into(), value: String::new(), parts }
    }

    pub(super) fn bytes(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self::new(name, shown(bytes))
    }

    pub(super) fn push(&mut self, part: Self) {
        self.parts.push(part);
    }

    pub(super) fn extend(&mut self, parts: impl IntoIterator<Item = Self>) {
        self.parts.extend(parts);
    }

    fn write(&self, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, parts } = self;
        let between = if value.is_empty() || name.is_empty() { "" } else { ": " };
        write!(f, "{:1$}{name}{between}{value}", "", depth * 2)?;
        parts.iter().try_for_each(|part| {
            f.write_str("\n")?;
            part.write(depth + 1, f)
        })
    }
}

impl fmt::Display for Told {
    /// A line for each, its parts below it and two spaces further in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(0, f)
    }
}

/// Bytes in hexadecimal, and beside them their text where they are one.
pub(super) fn shown(bytes: &[u8]) -> String {
    let hex = |bytes: &[u8]| hex::encode_upper(bytes);
    if bytes.is_empty() {
        return "empty".to_owned();
    }
    if bytes.len() > MAX_SHOWN_BYTES {
        return format!("{}... ({} bytes)", hex(&bytes[..MAX_SHOWN_BYTES / 2]), bytes.len());
    }
    let is_text = bytes.len() > 2 && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    match std::str::from_utf8(bytes) {
        Ok(text) if is_text => format!("{} ({text:?})", hex(bytes)),
        _ => hex(bytes),
    }
}
