//! From the lines of a trace to what its card knows.

use super::{BYTES_MAX, COMMANDS_MAX, Exchange, Given, NoMock, Step, Wanted};
use crate::run::command::Ready;
use crate::run::limits::{MAX_DEPTH, MAX_STEPS, MAX_TURNS, MAX_VALUE_BYTES};
use crate::run::pattern::Compiled;
use crate::run::value::{NoValue, Slot, Variables};
use crate::syntax::Span;
use crate::syntax::ast::{
    Expect, Form, Line, Named, Pattern, Piece, Send, Statement, StatusSet, Trace, Value,
};
use crate::syntax::source::At;

/// The bytes of CLA, INS, P1 and P2.
const HEADER_BYTES: usize = 4;
const GOOD: [u8; 2] = [0x90, 0x00];
/// SELECT by name.
const SELECT: [u8; HEADER_BYTES] = [0x00, 0xA4, 0x04, 0x00];

/// What a card knows, in order.
#[derive(Default)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    pub(super) atr: Option<Vec<u8>>,
}

/// What stands behind a command, put together.
struct Expected {
    data: Vec<u8>,
    status: [u8; 2],
    is_exact: bool,
    is_lost: bool,
}

struct Reader {
    script: Script,
    variables: Variables,
    ready: Ready,
    commands: usize,
    bytes: usize,
    lines: u64,
}

/// Reads a trace whose includes are resolved.
pub(super) fn script(trace: &Trace, variables: Variables) -> Result<Script, NoMock> {
    let (script, ready) = (Script::default(), Ready::default());
    let mut reader = Reader { script, variables, ready, commands: 0, bytes: 0, lines: 0 };
    reader.block(&trace.lines, 0)?;
    Ok(reader.script)
}

impl Reader {
    fn block(&mut self, lines: &[Line], depth: usize) -> Result<(), NoMock> {
        for (at, line) in lines.iter().enumerate() {
            let Some(At { it, span }) = &line.statement else { continue };
            self.step(1, span)?;
            self.statement(it, span, (&lines[at + 1..], depth))?;
        }
        Ok(())
    }

    fn statement(
        &mut self,
        statement: &Statement,
        place: &Span,
        (behind, depth): (&[Line], usize),
    ) -> Result<(), NoMock> {
        match statement {
            Statement::Send(send) => self.send(send, place, behind),
            Statement::Select(name) => self.select(name, place, behind),
            Statement::Reset | Statement::Power(_) | Statement::Remove | Statement::Insert => {
                self.script.steps.push(Step::Reset);
                self.count(1, place)
            }
            Statement::Expect(Expect::Atr(pattern)) => self.atr(pattern, place),
            Statement::Set { name, value } => {
                // What cannot be known here is known to nobody: its uses match any data.
                let Ok(slot) = self.variables.slot(value) else { return Ok(()) };
                self.variables.set(name, slot).map_err(|what| refused(place, what))
            }
            Statement::For { name, from, to, body, .. } => {
                self.count_up(name, (&from.it, &to.it), body, (place, depth))
            }
            Statement::Repeat { times, body, .. } => {
                let times = self.number(&times.it, place)?;
                self.turns(times, (place, depth))?;
                (0..times).try_for_each(|_| self.block(body, depth + 1))
            }
            Statement::OpenScp03(_) => Err(refused(
                place,
                "a secure channel has other bytes each time: record what goes through it",
            )),
            _ => Ok(()),
        }
    }

    fn count_up(
        &mut self,
        name: &str,
        (from, to): (&Value, &Value),
        body: &[Line],
        (place, depth): (&Span, usize),
    ) -> Result<(), NoMock> {
        let (from, to) = (self.number(from, place)?, self.number(to, place)?);
        self.turns(to.saturating_sub(from), (place, depth))?;
        for number in from..=to {
            let set = self.variables.set(name, Slot::Number(number));
            set.map_err(|what| refused(place, what))?;
            self.block(body, depth + 1)?;
        }
        Ok(())
    }

    /// Counts lines, and turns of loops: those without lines take time, too.
    fn step(&mut self, count: u64, place: &Span) -> Result<(), NoMock> {
        self.lines = self.lines.saturating_add(count);
        if self.lines > MAX_STEPS {
            return Err(refused(place, format!("more than {MAX_STEPS} lines with all loops")));
        }
        Ok(())
    }

    fn turns(&mut self, turns: u64, (place, depth): (&Span, usize)) -> Result<(), NoMock> {
        if turns > MAX_TURNS || depth >= MAX_DEPTH {
            let what = format!("at most {MAX_TURNS} turns, {MAX_DEPTH} loops in each other");
            return Err(refused(place, what));
        }
        self.step(turns, place)
    }

    fn number(&self, value: &Value, place: &Span) -> Result<u64, NoMock> {
        self.variables.number(value).map_err(|what| refused(place, what))
    }

    fn send(&mut self, send: &Send, place: &Span, behind: &[Line]) -> Result<(), NoMock> {
        if send.secure {
            let what = "what goes through a secure channel is other bytes each time";
            return Err(refused(place, what));
        }
        let made = self.ready.make(&send.form, &self.variables);
        let answer = self.expected(behind).map_err(|what| refused(place, what))?;
        if made.is_err() {
            let header = self.header(&send.form).map_err(|what| refused(place, what))?;
            return self.push(Wanted::Header(header), answer, place);
        }
        let parts = std::mem::take(&mut self.ready.parts);
        let whole = std::mem::take(&mut self.ready.whole);
        match parts.split_last() {
            None => self.push(Wanted::Exactly(whole), answer, place),
            Some((last, before)) => {
                for part in before {
                    let good = Given::Bytes { bytes: GOOD.to_vec(), is_exact: true };
                    self.push(Wanted::Exactly(part.clone()), good, place)?;
                }
                self.push(Wanted::Exactly(last.clone()), answer, place)
            }
        }
    }

    fn select(&mut self, name: &[At<Piece>], place: &Span, behind: &[Line]) -> Result<(), NoMock> {
        let answer = self.expected(behind).map_err(|what| refused(place, what))?;
        let name = self.variables.bytes(name).ok();
        let named = name.and_then(|name| Some((u8::try_from(name.len()).ok()?, name)));
        let command = match named {
            Some((length, name)) => Wanted::Exactly([&SELECT[..], &[length], &name, &[0]].concat()),
            None => Wanted::Header(SELECT.to_vec()),
        };
        self.push(command, answer, place)
    }

    /// What is known of a command of which a value is not: the header.
    fn header(&mut self, form: &Form) -> Result<Vec<u8>, NoValue> {
        let known = match form {
            Form::Named(named) => {
                let bare = Named { data: Vec::new(), chain: None, ..(**named).clone() };
                self.ready.make(&Form::Named(Box::new(bare)), &self.variables)?;
                self.ready.whole.clone()
            }
            Form::Bytes(pieces) => {
                let mut known = Vec::new();
                for piece in pieces {
                    if self.variables.append_piece(&piece.it, &mut known).is_err() {
                        break;
                    }
                }
                known
            }
        };
        match known.get(..HEADER_BYTES) {
            Some(header) => Ok(header.to_vec()),
            None => Err("nothing of the command is known: give its variables with --set".into()),
        }
    }

    fn push(&mut self, command: Wanted, answer: Given, place: &Span) -> Result<(), NoMock> {
        let (Wanted::Exactly(sent) | Wanted::Header(sent)) = &command;
        let answered = match &answer {
            Given::Bytes { bytes, .. } => bytes.len(),
            Given::Lost => 0,
        };
        self.commands += 1;
        self.count(sent.len() + answered, place)?;
        let exchange = Exchange { line: place.line, command, answer, has_come: false };
        self.script.steps.push(Step::Exchange(exchange));
        Ok(())
    }

    fn count(&mut self, bytes: usize, place: &Span) -> Result<(), NoMock> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.commands > COMMANDS_MAX || self.bytes > BYTES_MAX {
            let what = format!("at most {COMMANDS_MAX} commands, {BYTES_MAX} bytes");
            return Err(refused(place, what));
        }
        Ok(())
    }

    /// What the lines behind a command say of its answer; 9000 where they say nothing.
    fn expected(&mut self, behind: &[Line]) -> Result<Given, NoValue> {
        let (data, status) = (Vec::new(), GOOD);
        let mut expected = Expected { data, status, is_exact: true, is_lost: false };
        for line in behind {
            match &line.statement {
                None => {}
                Some(At { it: Statement::Expect(expect), .. }) => {
                    self.one(expect, &mut expected)?
                }
                Some(_) => break,
            }
        }
        let Expected { mut data, status, is_exact, is_lost } = expected;
        if is_lost {
            return Ok(Given::Lost);
        }
        data.extend(status);
        Ok(Given::Bytes { bytes: data, is_exact })
    }

    fn one(&mut self, expect: &Expect, expected: &mut Expected) -> Result<(), NoValue> {
        match expect {
            Expect::Answer { data, status } => {
                expected.status = first(&status.it);
                self.data(data, expected)?;
            }
            Expect::Status(status) => expected.status = first(&status.it),
            Expect::Data(pattern) => self.data(pattern, expected)?,
            Expect::Length(lengths) if expected.data.is_empty() => {
                let least = self.variables.number(&lengths.it.least)?;
                let least = usize::try_from(least).unwrap_or(usize::MAX).min(MAX_VALUE_BYTES);
                (expected.data, expected.is_exact) = (vec![0; least], least == 0);
            }
            Expect::Tlv { .. } if expected.data.is_empty() => expected.is_exact = false,
            Expect::Lost => expected.is_lost = true,
            Expect::Length(_) | Expect::Tlv { .. } | Expect::Atr(_) | Expect::Time { .. } => {}
        }
        Ok(())
    }

    fn data(&mut self, pattern: &Pattern, expected: &mut Expected) -> Result<(), NoValue> {
        let compiled = Compiled::of(pattern, &self.variables)?;
        let (bytes, captured, is_exact) = compiled.shortest();
        for (name, range) in captured {
            let value = bytes.get(range).unwrap_or_default().to_vec();
            self.variables.set(name, Slot::Bytes(value))?;
        }
        (expected.data, expected.is_exact) = (bytes, is_exact);
        Ok(())
    }

    fn atr(&mut self, pattern: &Pattern, place: &Span) -> Result<(), NoMock> {
        let compiled = Compiled::of(pattern, &self.variables);
        let compiled = compiled.map_err(|what| refused(place, what))?;
        if let (bytes, _, true) = compiled.shortest() {
            self.script.atr.get_or_insert(bytes);
        }
        Ok(())
    }
}

/// The first status word that is right, with zeros for digits that are open.
fn first(set: &StatusSet) -> [u8; 2] {
    let StatusSet::Of(words) = set else { return GOOD };
    let Some(digits) = words.first() else { return GOOD };
    let byte = |at: usize| digits[at].unwrap_or(0) << 4 | digits[at + 1].unwrap_or(0);
    [byte(0), byte(2)]
}

fn refused(place: &Span, what: impl Into<String>) -> NoMock {
    NoMock { place: place.clone(), what: what.into() }
}
