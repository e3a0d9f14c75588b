//! `CMD <hexdata> [<response>] (<status>)`: tokens and what they say.

use crate::convert::words::{MAX_APDU_BYTES, Part};
use crate::syntax::Diagnostic;

/// A hexadecimal digit, or any.
type Digit = Option<u8>;

/// What stands behind `CMD`.
pub(super) struct Command {
    pub(super) bytes: Vec<u8>,
    /// Two digits a byte.
    pub(super) response: Option<Vec<Digit>>,
    pub(super) status: Option<Vec<[Digit; 4]>>,
}

/// Reads what stands behind `CMD`; `whole` is the statement's first line.
pub(super) fn read(whole: Part<'_>, parts: &[Part<'_>]) -> Result<Command, Diagnostic> {
    let mut tokens = Tokens { all: tokens(parts), next: 0, whole };
    let bytes = tokens.bytes()?;
    if bytes.is_empty() {
        return Err(whole.refuse("CMD and no bytes: a command is expected here"));
    }
    let response = tokens.take("[").map(|_| tokens.response()).transpose()?;
    let status = tokens.take("(").map(|_| tokens.statuses()).transpose()?;
    match tokens.peek() {
        Some(rest) => Err(rest.refuse("CMD bytes [response] (status): nothing more")),
        None => Ok(Command { bytes, response, status }),
    }
}

/// The bytes of a statement that has nothing else.
pub(super) fn read_bytes(whole: Part<'_>, parts: &[Part<'_>]) -> Result<Vec<u8>, Diagnostic> {
    let mut tokens = Tokens { all: tokens(parts), next: 0, whole };
    let bytes = tokens.bytes()?;
    match tokens.peek() {
        Some(rest) => Err(rest.refuse("a byte of two hexadecimal digits is expected here")),
        None => Ok(bytes),
    }
}

const SIGNS: [char; 5] = ['[', ']', '(', ')', ','];

/// Signs one by one, and what stands between them and spaces.
fn tokens<'t>(parts: &[Part<'t>]) -> Vec<Part<'t>> {
    let mut all = Vec::new();
    for word in parts.iter().flat_map(|part| part.words()) {
        let mut rest = word;
        while !rest.text.is_empty() {
            let length = match rest.text.find(SIGNS) {
                Some(0) => 1,
                Some(at) => at,
                None => rest.text.len(),
            };
            all.push(rest.first(length));
            rest = rest.skip(length);
        }
    }
    all
}

struct Tokens<'t> {
    all: Vec<Part<'t>>,
    next: usize,
    whole: Part<'t>,
}

impl<'t> Tokens<'t> {
    fn peek(&self) -> Option<Part<'t>> {
        self.all.get(self.next).copied()
    }

    fn take(&mut self, sign: &str) -> Option<Part<'t>> {
        let token = self.peek().filter(|token| token.text == sign)?;
        self.next += 1;
        Some(token)
    }

    /// Digits up to the next sign, `X` where it may stand for any.
    fn digits(&mut self) -> Result<Vec<(Part<'t>, Vec<Digit>)>, Diagnostic> {
        let mut all = Vec::new();
        while let Some(token) = self.peek().filter(|token| !token.text.starts_with(SIGNS)) {
            let digits: Option<Vec<Digit>> = token.text.chars().map(digit).collect();
            let digits = digits.filter(|digits| digits.len().is_multiple_of(2));
            let why = "a byte of two hexadecimal digits is expected here";
            all.push((token, digits.ok_or_else(|| token.refuse(why))?));
            self.next += 1;
            if all.len() > MAX_APDU_BYTES {
                return Err(token.refuse(format!("more than {MAX_APDU_BYTES} bytes")));
            }
        }
        Ok(all)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Diagnostic> {
        let mut bytes = Vec::new();
        for (token, digits) in self.digits()? {
            let here = crate::convert::plain::exact(&digits);
            bytes.extend(here.ok_or_else(|| token.refuse("what is sent has no `X`"))?);
        }
        Ok(bytes)
    }

    fn response(&mut self) -> Result<Vec<Digit>, Diagnostic> {
        let mut all = Vec::new();
        for (token, digits) in self.digits()? {
            if digits.chunks_exact(2).any(|byte| byte[0].is_none() != byte[1].is_none()) {
                return Err(token.refuse("in a response `XX` stands for a byte, not for a digit"));
            }
            all.extend(digits);
        }
        self.closed("]")?;
        Ok(all)
    }

    fn statuses(&mut self) -> Result<Vec<[Digit; 4]>, Diagnostic> {
        let mut all = Vec::new();
        loop {
            let digits: Vec<Digit> =
                self.digits()?.into_iter().flat_map(|(_, digits)| digits).collect();
            let word = digits.try_into().map_err(|_| {
                let place = self.peek().unwrap_or(self.whole);
                place.refuse("a status word of two bytes is expected before this")
            })?;
            all.push(word);
            if self.take(",").is_none() {
                self.closed(")")?;
                return Ok(all);
            }
        }
    }

    fn closed(&mut self, sign: &str) -> Result<(), Diagnostic> {
        match self.take(sign) {
            Some(_) => Ok(()),
            None => {
                let place = self.peek().unwrap_or(self.whole);
                Err(place.refuse(format!("`{sign}` is missing")))
            }
        }
    }
}

fn digit(character: char) -> Option<Digit> {
    match character {
        'X' | 'x' => Some(None),
        digit => digit.to_digit(16).map(|digit| Some(digit as u8)),
    }
}
