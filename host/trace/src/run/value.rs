//! Values: what pieces of a line stand for when it is carried out (LANGUAGE.md §2).

use super::limits::{MAX_NESTING, MAX_VALUE_BYTES, MAX_VARIABLE_BYTES, MAX_VARIABLES};
use crate::helpers::{self, Arguments, Draws};
use crate::syntax::ast::{Call, Piece, Value};
use crate::syntax::source::{At, Span};
use std::cell::RefCell;
use std::collections::HashMap;

/// Why something has no value: what, and what to do.
pub(super) type NoValue = String;

/// What a variable holds.
#[derive(Clone)]
pub(super) enum Slot {
    Bytes(Vec<u8>),
    Number(u64),
    /// A line should have given it a value and could not; its place.
    Missing(String),
}

/// A file's variables, and what its helpers draw from.
pub(super) struct Variables {
    slots: HashMap<String, Slot>,
    bytes: usize,
    draws: RefCell<Draws>,
}

impl Variables {
    /// None yet; what helpers draw follows from a seed.
    pub(super) fn new(seed: &[u8]) -> Self {
        Self { slots: HashMap::new(), bytes: 0, draws: RefCell::new(Draws::new(seed)) }
    }

    /// Draws so many bytes.
    pub(super) fn draw(&self, count: usize) -> Vec<u8> {
        self.draws.borrow_mut().bytes(count)
    }

    /// Gives a variable its value.
    pub(super) fn set(&mut self, name: &str, slot: Slot) -> Result<(), NoValue> {
        let before = self.slots.get(name).map_or(0, size);
        let bytes = self.bytes - before + size(&slot);
        if bytes > MAX_VARIABLE_BYTES {
            return Err(format!("the variables hold more than {MAX_VARIABLE_BYTES} bytes"));
        }
        if let Some(there) = self.slots.get_mut(name) {
            *there = slot;
        } else if self.slots.len() < MAX_VARIABLES {
            self.slots.insert(name.to_owned(), slot);
        } else {
            return Err(format!("there are more than {MAX_VARIABLES} variables"));
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Notes that a line should have given it a value.
    pub(super) fn miss(&mut self, name: &str, place: &Span) {
        let at = format!("{}:{}", place.source.path.display(), place.line);
        // Where there is no room, it has no value either.
        let _ = self.set(name, Slot::Missing(at));
    }

    fn get(&self, name: &str) -> Result<&Slot, NoValue> {
        match self.slots.get(name) {
            None => Err(format!("${name} has no value: set it, capture it, or give it with --set")),
            Some(Slot::Missing(at)) => {
                Err(format!("${name} has no value: it should have been captured at {at}"))
            }
            Some(slot) => Ok(slot),
        }
    }

    /// Appends what the pieces stand for, one after the other.
    pub(super) fn append(&self, pieces: &[At<Piece>], out: &mut Vec<u8>) -> Result<(), NoValue> {
        pieces.iter().try_for_each(|piece| self.append_one(&piece.it, out, 0))
    }

    /// What the pieces stand for.
    pub(super) fn bytes(&self, pieces: &[At<Piece>]) -> Result<Vec<u8>, NoValue> {
        let mut out = Vec::new();
        self.append(pieces, &mut out)?;
        Ok(out)
    }

    /// What a variable becomes of these pieces; a single number stays one.
    pub(super) fn slot(&self, pieces: &[At<Piece>]) -> Result<Slot, NoValue> {
        if let [At { it, .. }] = pieces {
            let value = match it {
                Piece::Variable(name) => return self.get(name).cloned(),
                Piece::Call(call) => Some(self.call(call, 0)?),
                _ => None,
            };
            if let Some(helpers::Value::Number(number)) = value {
                return Ok(Slot::Number(number));
            }
        }
        self.bytes(pieces).map(Slot::Bytes)
    }

    /// Appends what one piece stands for.
    pub(super) fn append_piece(&self, piece: &Piece, out: &mut Vec<u8>) -> Result<(), NoValue> {
        self.append_one(piece, out, 0)
    }

    fn append_one(&self, piece: &Piece, out: &mut Vec<u8>, depth: usize) -> Result<(), NoValue> {
        match piece {
            Piece::Hex(bytes) | Piece::Text(bytes) => out.extend_from_slice(bytes),
            Piece::Variable(name) => match self.get(name)? {
                Slot::Bytes(bytes) => out.extend_from_slice(bytes),
                Slot::Number(number) => out.push(one_byte(*number)?),
                Slot::Missing(_) => {}
            },
            Piece::Call(call) => match self.call(call, depth)? {
                helpers::Value::Bytes(bytes) => out.extend_from_slice(&bytes),
                helpers::Value::Number(number) => out.push(one_byte(number)?),
                helpers::Value::Word(word) => return Err(format!("{word} is a word, not bytes")),
            },
            Piece::Counted(pieces) => self.append_counted(pieces, out, deeper(depth)?)?,
        }
        if out.len() > MAX_VALUE_BYTES {
            return Err(format!("a value has more than {MAX_VALUE_BYTES} bytes"));
        }
        Ok(())
    }

    /// The length comes first: one byte, or `00` and two.
    fn append_counted(
        &self,
        pieces: &[At<Piece>],
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), NoValue> {
        let mut inside = Vec::new();
        for piece in pieces {
            self.append_one(&piece.it, &mut inside, depth)?;
        }
        match (u8::try_from(inside.len()), u16::try_from(inside.len())) {
            (Ok(length), _) => out.push(length),
            (_, Ok(length)) => {
                out.push(0);
                out.extend_from_slice(&length.to_be_bytes());
            }
            _ => return Err(format!("{} bytes in braces: 65535 at most", inside.len())),
        }
        out.extend_from_slice(&inside);
        Ok(())
    }

    fn call(&self, call: &Call, depth: usize) -> Result<helpers::Value, NoValue> {
        let depth = deeper(depth)?;
        let name = &call.name.it;
        let helper = helpers::find(name)
            .ok_or_else(|| format!("there is no helper {name}; LANGUAGE.md §8 lists them"))?;
        let mut arguments = Arguments::default();
        for (key, value) in &call.arguments {
            let value = self.value(&value.it, depth)?;
            match key {
                None => arguments.plain.push(value),
                Some(key) => arguments.named.push((key.clone(), value)),
            }
        }
        check_arguments(helper, &arguments)?;
        (helper.run)(&arguments, &mut self.draws.borrow_mut())
            .map_err(|error| format!("{name}: {error}"))
    }

    fn value(&self, value: &Value, depth: usize) -> Result<helpers::Value, NoValue> {
        Ok(match value {
            Value::Number(number) => helpers::Value::Number(*number),
            Value::Hex(bytes) | Value::Text(bytes) => helpers::Value::Bytes(bytes.clone()),
            Value::Word(word) => helpers::Value::Word(word.clone()),
            Value::Call(call) => self.call(call, depth)?,
            Value::Variable(name) => match self.get(name)? {
                Slot::Number(number) => helpers::Value::Number(*number),
                Slot::Bytes(bytes) => helpers::Value::Bytes(bytes.clone()),
                Slot::Missing(_) => helpers::Value::Bytes(Vec::new()),
            },
        })
    }

    /// The bytes of a single value; a number is one byte.
    pub(super) fn value_bytes(&self, value: &Value) -> Result<Vec<u8>, NoValue> {
        match self.value(value, 0)? {
            helpers::Value::Bytes(bytes) => Ok(bytes),
            helpers::Value::Number(number) => one_byte(number).map(|byte| vec![byte]),
            helpers::Value::Word(word) => Ok(word.into_bytes()),
        }
    }

    /// The number of a single value; bytes are one, most significant first.
    pub(super) fn number(&self, value: &Value) -> Result<u64, NoValue> {
        match self.value(value, 0)? {
            helpers::Value::Number(number) => Ok(number),
            helpers::Value::Bytes(bytes) if bytes.len() <= 8 => {
                Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
            }
            helpers::Value::Bytes(bytes) => {
                Err(format!("{} bytes where a number is needed", bytes.len()))
            }
            helpers::Value::Word(word) => Err(format!("{word} is a word, not a number")),
        }
    }

    /// The byte of a single value.
    pub(super) fn byte(&self, value: &Value) -> Result<u8, NoValue> {
        one_byte(self.number(value)?)
    }
}

fn check_arguments(helper: &helpers::Helper, given: &Arguments) -> Result<(), NoValue> {
    let (least, most) = helper.plain;
    let named = |key: &String| helper.named.contains(&key.as_str());
    let fits = (least..=most).contains(&given.plain.len());
    if fits && given.named.iter().all(|(key, _)| named(key)) {
        return Ok(());
    }
    Err(format!("{} takes {}", helper.name, helper.takes))
}

fn size(slot: &Slot) -> usize {
    match slot {
        Slot::Bytes(bytes) => bytes.len(),
        Slot::Number(_) | Slot::Missing(_) => 0,
    }
}

fn one_byte(number: u64) -> Result<u8, NoValue> {
    u8::try_from(number).map_err(|_| format!("{number} is more than a byte; write u16({number})"))
}

fn deeper(depth: usize) -> Result<usize, NoValue> {
    if depth >= MAX_NESTING {
        return Err(format!("helpers and braces stand in each other more than {MAX_NESTING} deep"));
    }
    Ok(depth + 1)
}
