//! Patterns against what came (LANGUAGE.md §4).

use super::limits::MAX_VALUE_BYTES;
use super::result::{Shown, Token};
use super::value::{NoValue, Variables};
use crate::syntax::ast::{Match, Pattern};
use std::ops::Range;

/// A pattern with its values put in: bytes and which of their bits count, around at most one
/// piece without a fixed length.
#[derive(Default)]
pub(super) struct Compiled {
    value: Vec<u8>,
    mask: Vec<u8>,
    gap: Option<Gap>,
    captures: Vec<Capture>,
}

/// So many bytes of any kind, before the fixed byte `at`.
#[derive(Clone, Copy)]
struct Gap {
    at: usize,
    least: usize,
    most: Option<usize>,
}

struct Capture {
    name: String,
    from: Edge,
    to: Edge,
}

/// A place between fixed bytes, and on which side of the gap.
#[derive(Clone, Copy)]
struct Edge {
    fixed: usize,
    is_after_gap: bool,
}

/// What a capture holds, by its name.
pub(super) type Captured<'p> = Vec<(&'p str, Range<usize>)>;

/// How data differs from a pattern.
pub(super) struct Mismatch {
    /// In words: the lengths where they differ, else how many bytes do.
    pub(super) what: String,
    pub(super) came: Shown,
    pub(super) expected: Shown,
}

/// Whether data is what a pattern of plain digits says; `None` where it has other pieces.
pub(super) fn matches_plain(pattern: &Pattern, data: &[u8]) -> Option<bool> {
    let mut rest = data;
    for piece in pattern {
        let Match::Digits(digits) = &piece.it else { return None };
        let Some((these, after)) = rest.split_at_checked(digits.len() / 2) else {
            return Some(false);
        };
        let fits = |(byte, pair): (&u8, &[Option<u8>])| {
            pair[0].is_none_or(|high| high == byte >> 4)
                && pair[1].is_none_or(|low| low == byte & 0x0F)
        };
        if !these.iter().zip(digits.chunks_exact(2)).all(fits) {
            return Some(false);
        }
        rest = after;
    }
    Some(rest.is_empty())
}

/// Whether every bit of what it matches is given.
pub(super) fn is_exact(pattern: &Pattern) -> bool {
    pattern.iter().all(|piece| match &piece.it {
        Match::Digits(digits) => digits.iter().all(Option::is_some),
        Match::Masked { mask, .. } => mask.iter().all(|byte| *byte == 0xFF),
        Match::Value(_) => true,
        Match::Any { .. } => false,
        Match::Capture { pattern, .. } => is_exact(pattern),
    })
}

/// Tells the names of what it captures.
pub(super) fn each_capture(pattern: &Pattern, tell: &mut dyn FnMut(&str)) {
    for piece in pattern {
        if let Match::Capture { name, pattern } = &piece.it {
            tell(name);
            each_capture(pattern, tell);
        }
    }
}

impl Compiled {
    /// Puts the values into a pattern.
    pub(super) fn of(pattern: &Pattern, variables: &Variables) -> Result<Self, NoValue> {
        let mut compiled = Self::default();
        compiled.add(pattern, variables)?;
        Ok(compiled)
    }

    fn add(&mut self, pattern: &Pattern, variables: &Variables) -> Result<(), NoValue> {
        for piece in pattern {
            match &piece.it {
                Match::Digits(digits) => self.add_digits(digits),
                Match::Masked { value, mask } => {
                    self.value.extend_from_slice(value);
                    self.mask.extend_from_slice(mask);
                }
                Match::Value(value) => {
                    variables.append_piece(value, &mut self.value)?;
                    self.mask.resize(self.value.len(), 0xFF);
                }
                Match::Any { least, most } => self.add_any(*least, *most)?,
                Match::Capture { name, pattern } => {
                    let from = self.edge();
                    self.add(pattern, variables)?;
                    let to = self.edge();
                    self.captures.push(Capture { name: name.clone(), from, to });
                }
            }
            if self.value.len() > MAX_VALUE_BYTES {
                return Err(format!("the pattern has more than {MAX_VALUE_BYTES} bytes"));
            }
        }
        Ok(())
    }

    fn add_digits(&mut self, digits: &[Option<u8>]) {
        for pair in digits.chunks_exact(2) {
            let half = |digit: Option<u8>| digit.map_or((0, 0), |digit| (digit & 0x0F, 0x0F));
            let ((high, high_mask), (low, low_mask)) = (half(pair[0]), half(pair[1]));
            self.value.push(high << 4 | low);
            self.mask.push(high_mask << 4 | low_mask);
        }
    }

    fn add_any(&mut self, least: u32, most: Option<u32>) -> Result<(), NoValue> {
        let (least, most) = (least as usize, most.map(|most| most as usize));
        if most == Some(least) {
            let length = self.value.len().saturating_add(least).min(MAX_VALUE_BYTES + 1);
            self.value.resize(length, 0);
            self.mask.resize(length, 0);
            return Ok(());
        }
        if self.gap.is_some() {
            return Err("the pattern has two pieces without a fixed length; one is allowed".into());
        }
        self.gap = Some(Gap { at: self.value.len(), least, most });
        Ok(())
    }

    fn edge(&self) -> Edge {
        Edge { fixed: self.value.len(), is_after_gap: self.gap.is_some() }
    }

    /// Compares data with it; gives what was captured.
    pub(super) fn meet(&self, data: &[u8]) -> Result<Captured<'_>, Box<Mismatch>> {
        let gap_bytes = self.gap_bytes(data.len());
        let same = |at: usize, in_data: usize| {
            data.get(in_data).is_some_and(|byte| (byte ^ self.value[at]) & self.mask[at] == 0)
        };
        let fits = |gap_bytes: usize| {
            (0..self.value.len()).all(|at| same(at, self.in_data(at, gap_bytes)))
        };
        match gap_bytes {
            Some(gap_bytes) if fits(gap_bytes) => Ok(self.captured(gap_bytes)),
            _ => Err(Box::new(self.mismatch(data, gap_bytes))),
        }
    }

    /// The shortest bytes that it matches, zero in the bits that do not count, what is captured of
    /// them, and whether every bit counts.
    pub(super) fn shortest(&self) -> (Vec<u8>, Captured<'_>, bool) {
        let (at, least) = self.gap.map_or((0, 0), |gap| (gap.at, gap.least.min(MAX_VALUE_BYTES)));
        let mut bytes: Vec<_> = self.value.iter().zip(&self.mask).map(|(v, m)| v & m).collect();
        bytes.splice(at..at, std::iter::repeat_n(0, least));
        let is_exact = self.gap.is_none() && self.mask.iter().all(|mask| *mask == 0xFF);
        (bytes, self.captured(least), is_exact)
    }

    /// How many bytes the gap takes of so many in all; `None` where lengths do not fit.
    fn gap_bytes(&self, length: usize) -> Option<usize> {
        let rest = length.checked_sub(self.value.len())?;
        match self.gap {
            None => (rest == 0).then_some(0),
            Some(gap) => {
                (rest >= gap.least && gap.most.is_none_or(|most| rest <= most)).then_some(rest)
            }
        }
    }

    fn in_data(&self, at: usize, gap_bytes: usize) -> usize {
        if self.gap.is_some_and(|gap| at >= gap.at) { at + gap_bytes } else { at }
    }

    fn captured(&self, gap_bytes: usize) -> Captured<'_> {
        let place = |edge: Edge| edge.fixed + if edge.is_after_gap { gap_bytes } else { 0 };
        let range = |capture: &Capture| place(capture.from)..place(capture.to);
        self.captures.iter().map(|capture| (capture.name.as_str(), range(capture))).collect()
    }

    /// What differs; where lengths do not fit, as far as both reach from the front.
    fn mismatch(&self, data: &[u8], gap_bytes: Option<usize>) -> Mismatch {
        let gap_at = self.gap.map(|gap| gap.at);
        let end = if gap_bytes.is_none() { gap_at } else { None }.unwrap_or(self.value.len());
        let mut differs = vec![false; data.len()];
        let mut wrong = vec![false; self.value.len()];
        let mut count = 0;
        for (at, wrong) in wrong.iter_mut().enumerate().take(end) {
            let place = self.in_data(at, gap_bytes.unwrap_or(0));
            match data.get(place) {
                Some(byte) if (byte ^ self.value[at]) & self.mask[at] == 0 => {}
                Some(_) => {
                    (differs[place], *wrong) = (true, true);
                    count += 1;
                }
                None => *wrong = true,
            }
        }
        if gap_bytes.is_none() && self.gap.is_none() {
            differs.iter_mut().skip(self.value.len()).for_each(|extra| *extra = true);
        }
        let what = match gap_bytes {
            None => format!("{} bytes came, {} were expected", data.len(), self.length_text()),
            Some(_) => format!("{count} of {} bytes differ", data.len()),
        };
        Mismatch { what, came: Shown::bytes(data, &differs), expected: self.shown(&wrong) }
    }

    /// How many bytes it matches, in words.
    fn length_text(&self) -> String {
        let fixed = self.value.len();
        match self.gap {
            None => fixed.to_string(),
            Some(Gap { least, most: None, .. }) => format!("at least {}", fixed + least),
            Some(Gap { least, most: Some(most), .. }) => {
                format!("{} to {}", fixed + least, fixed.saturating_add(most))
            }
        }
    }

    fn shown(&self, wrong: &[bool]) -> Shown {
        let gap = |at: usize| {
            let here = self.gap.filter(|gap| gap.at == at);
            here.map(|gap| Token { text: gap.text(), differs: false })
        };
        let mut tokens = Vec::with_capacity(self.value.len() + 1);
        for (at, ((value, mask), differs)) in
            self.value.iter().zip(&self.mask).zip(wrong).enumerate()
        {
            tokens.extend(gap(at));
            tokens.push(Token { text: byte_text(*value, *mask), differs: *differs });
        }
        tokens.extend(gap(self.value.len()));
        Shown::of(tokens)
    }
}

impl Gap {
    fn text(self) -> String {
        match (self.least, self.most) {
            (0, None) => "[*]".into(),
            (least, None) => format!("[{least}..]"),
            (least, Some(most)) => format!("[{least}..{most}]"),
        }
    }
}

fn byte_text(value: u8, mask: u8) -> String {
    let digit = |value: u8, mask: u8| match mask & 0x0F {
        0x0F => Some(format!("{:X}", value & 0x0F)),
        0 => Some("X".into()),
        _ => None,
    };
    match (digit(value >> 4, mask >> 4), digit(value, mask)) {
        (Some(high), Some(low)) => high + &low,
        _ => format!("{value:02X}/{mask:02X}"),
    }
}

#[cfg(test)]
mod tests;
