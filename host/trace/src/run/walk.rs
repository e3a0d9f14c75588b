//! The lines of a file, one after the other.

use super::exchange::{Came, How};
use super::file::{Last, Running, Skip};
use super::limits::{LOOK, MAX_DEPTH, MAX_NOTES, MAX_TURNS, MAX_WAIT_MS};
use super::pattern::Compiled;
use super::result::{Note, SectionResult};
use super::value::Slot;
use crate::syntax::Span;
use crate::syntax::ast::{CardWish, Expect, Line, Pattern, Piece, Power, Send, Statement, Value};
use crate::syntax::source::At;
use crate::target::{FreshCard, TargetError};
use std::time::{Duration, Instant};

impl Running<'_> {
    /// Carries out lines in order.
    pub(super) fn block(&mut self, lines: &[Line], depth: usize) {
        for (at, line) in lines.iter().enumerate() {
            let Some(statement) = &line.statement else { continue };
            if !self.may_step(&statement.span) {
                return;
            }
            match (&statement.it, &self.skip) {
                (Statement::Section { .. }, Skip::Rest) => return,
                (Statement::Section { .. }, _) => {
                    let next = SectionResult::begun(statement).unwrap_or_default();
                    self.begin_section(next, &statement.span);
                }
                (Statement::Send(send), Skip::Nothing) => {
                    self.send(send, &statement.span, &lines[at + 1..]);
                }
                (it, Skip::Nothing) => self.statement(it, &statement.span, depth),
                _ => {}
            }
        }
    }

    fn statement(&mut self, statement: &Statement, place: &Span, depth: usize) {
        match statement {
            Statement::Expect(expect) => self.expect(expect, place),
            Statement::Title(title) => self.result.title = Some(title.clone()),
            Statement::Card(wish) => self.card(wish, place),
            Statement::Require(words) => self.require(words),
            Statement::SkipUnless(words) => self.skip_where(words, false, place),
            Statement::SkipIf(words) => self.skip_where(words, true, place),
            Statement::Destructive(why) => self.destructive(why),
            Statement::Set { name, value } => self.set(name, value, place),
            Statement::Compare { value, pattern } => self.compare(value, pattern, place),
            Statement::For { name, from, to, body, .. } => {
                self.count(name, (from, to), body, place, depth);
            }
            Statement::Repeat { times, body, .. } => self.repeat(times, body, depth),
            Statement::Select(name) => self.select(name, place),
            Statement::OpenScp03(options) => self.open_scp03(options, place),
            Statement::CloseScp03 => self.session = None,
            Statement::Wait(time) => self.wait(time),
            Statement::Note(text) if self.now.notes.len() < MAX_NOTES && self.may_tell() => {
                self.now.notes.push(Note { line: place.line, text: text.clone() });
            }
            Statement::Reset
            | Statement::Power(_)
            | Statement::Remove
            | Statement::Insert
            | Statement::Fault(_) => self.act(statement, place),
            // The first two are the walk's own; what is included stands there already; of notes there
            // are enough.
            Statement::Send(_)
            | Statement::Section { .. }
            | Statement::Include(_)
            | Statement::Note(_) => {}
        }
    }

    /// Sends a command; where none of the lines behind it speaks of the status word, it must be
    /// 9000.
    fn send(&mut self, send: &Send, place: &Span, behind: &[Line]) {
        if let Err(why) = self.ready.make(&send.form, &self.variables) {
            self.last = Last { line: place.line, is_of_section: true, ..Last::default() };
            self.now.checks += 1;
            return self.fail(place, why);
        }
        let how = How { follow: send.follow, secure: send.secure };
        if let Some(took) = self.transmit(how, place)
            && let Some(name) = &send.timed_as
        {
            self.times.add(name, took);
        }
        let speaks = |line: &Line| match &line.statement {
            None => Some(false),
            Some(At { it: Statement::Expect(expect), .. }) => Some(speaks_of_status(expect)),
            Some(_) => None,
        };
        if !behind.iter().map_while(speaks).any(|speaks| speaks) {
            self.expect_good(place);
        }
    }

    /// Sends what is ready; how long it took, if it could be sent.
    fn transmit(&mut self, how: How, place: &Span) -> Option<Duration> {
        (self.last.line, self.last.is_of_section) = (place.line, true);
        self.last.came = None;
        self.last.command.clear();
        self.last.command.extend_from_slice(&self.ready.whole);
        if let Err(error) = self.prepare() {
            self.not_sent(place, error);
            return None;
        }
        if self.settings.coverage {
            self.now.coverage.sent(&self.last.command);
        }
        match self.way.send(&self.ready, how, self.session.as_mut()) {
            Ok((came, took)) => {
                if matches!(came, Came::Lost(_)) {
                    self.session = None;
                }
                self.last.came = Some(came);
                Some(took)
            }
            Err(why) => {
                self.not_sent(place, why);
                None
            }
        }
    }

    fn select(&mut self, name: &[At<Piece>], place: &Span) {
        let name = match self.variables.bytes(name) {
            Ok(name) if name.len() <= 16 => name,
            Ok(name) => {
                return self
                    .fail(place, format!("a name has at most 16 bytes, not {}", name.len()));
            }
            Err(why) => return self.fail(place, why),
        };
        self.exchange(
            &[&[0x00, 0xA4, 0x04, 0x00, name.len() as u8][..], &name, &[0x00]].concat(),
            place,
        );
        self.expect_good(place);
    }

    /// Sends bytes that a line stands for, as they are; gives data and status word.
    pub(super) fn exchange(&mut self, command: &[u8], place: &Span) -> Option<(Vec<u8>, u16)> {
        self.ready.whole.clear();
        self.ready.whole.extend_from_slice(command);
        self.ready.parts.clear();
        self.transmit(How::default(), place)?;
        match &self.last.came {
            Some(Came::Answer { data, status }) => Some((data.clone(), *status)),
            Some(Came::Lost(_)) | None => None,
        }
    }

    fn card(&mut self, wish: &CardWish, place: &Span) {
        let mut fresh = FreshCard { kind: wish.kind.it.clone(), seed: None, ..self.fresh.clone() };
        for (key, value) in &wish.options {
            match (key.as_str(), self.variables.value_bytes(&value.it)) {
                ("seed", Ok(seed)) => fresh.seed = Some(seed),
                ("pin", Ok(pin)) => match String::from_utf8(pin) {
                    Ok(pin) => fresh.pin = pin,
                    Err(_) => self.fail(&value.span, "a PIN is 4 to 12 digits"),
                },
                (_, Err(why)) => self.fail(&value.span, why),
                (key, _) => {
                    self.fail(place, format!("a card has no {key}; seed and pin can be said"))
                }
            }
        }
        (self.fresh, self.is_prepared) = (fresh, false);
        self.session = None;
        self.set_pin();
    }

    fn set(&mut self, name: &str, value: &[At<Piece>], place: &Span) {
        let given = self.settings.variables.iter().any(|(given, _)| given == name);
        // What the user gave stands.
        if given {
            return;
        }
        let set = self.variables.slot(value).and_then(|slot| self.variables.set(name, slot));
        if let Err(why) = set {
            self.variables.miss(name, place);
            self.fail(place, why);
        }
    }

    fn compare(&mut self, value: &[At<Piece>], pattern: &Pattern, place: &Span) {
        self.now.checks += 1;
        let compiled = Compiled::of(pattern, &self.variables);
        match self.variables.bytes(value).and_then(|bytes| Ok((bytes, compiled?))) {
            Ok((bytes, compiled)) => {
                self.meet(&compiled, &bytes, pattern, "the value", place);
            }
            Err(why) => {
                self.miss_captures(pattern, place);
                self.fail(place, why);
            }
        }
    }

    fn count(
        &mut self,
        name: &str,
        (from, to): (&At<Value>, &At<Value>),
        body: &[Line],
        place: &Span,
        depth: usize,
    ) {
        let Some((first, last)) = self.number(from).zip(self.number(to)) else { return };
        if last.saturating_sub(first) >= MAX_TURNS {
            return self.fail(&to.span, format!("a loop has at most {MAX_TURNS} turns"));
        }
        for number in first..=last {
            if let Err(why) = self.variables.set(name, Slot::Number(number)) {
                return self.fail(place, why);
            }
            if !self.turn(body, depth, place) {
                return;
            }
        }
    }

    fn repeat(&mut self, times: &At<Value>, body: &[Line], depth: usize) {
        let Some(turns) = self.number(times) else { return };
        if turns > MAX_TURNS {
            return self.fail(&times.span, format!("a loop has at most {MAX_TURNS} turns"));
        }
        for _ in 0..turns {
            if !self.turn(body, depth, &times.span) {
                return;
            }
        }
    }

    /// One turn of a loop; whether there may be another.
    fn turn(&mut self, body: &[Line], depth: usize, place: &Span) -> bool {
        if depth >= MAX_DEPTH {
            self.fail(
                place,
                format!("loops and included files stand in each other over {MAX_DEPTH} deep"),
            );
            return false;
        }
        self.block(body, depth + 1);
        self.skip == Skip::Nothing && self.may_step(place)
    }

    fn number(&mut self, value: &At<Value>) -> Option<u64> {
        let number = self.variables.number(&value.it);
        number.map_err(|why| self.fail(&value.span, why)).ok()
    }

    fn act(&mut self, statement: &Statement, place: &Span) {
        if let Err(error) = self.try_act(statement) {
            self.not_sent(place, error);
        }
    }

    fn try_act(&mut self, statement: &Statement) -> Result<(), TargetError> {
        self.prepare()?;
        let target = &mut *self.way.target;
        if !matches!(statement, Statement::Fault(_)) {
            self.session = None;
        }
        match statement {
            Statement::Reset => target.reset(),
            Statement::Remove => target.remove(),
            Statement::Insert => target.insert(),
            Statement::Power(Power::Off) => target.power_off(),
            Statement::Power(Power::On) => target.power_on(),
            Statement::Power(Power::Cycle) => target.power_off().and_then(|()| target.power_on()),
            Statement::Fault(fault) => target.fault(fault.as_ref().map(|fault| fault.it.as_str())),
            _ => Ok(()),
        }
    }

    fn wait(&mut self, time: &At<Value>) {
        match self.number(time) {
            Some(milliseconds) if milliseconds <= MAX_WAIT_MS => {
                self.pause(Duration::from_millis(milliseconds));
            }
            Some(_) => self.fail(&time.span, format!("at most {MAX_WAIT_MS} ms are waited")),
            None => {}
        }
    }

    /// Waits, and looks now and then whether the run is to end.
    fn pause(&self, time: Duration) {
        let end = Instant::now() + time;
        while !self.settings.is_interrupted() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }
}

/// Whether a line says what status word, or none, must come.
fn speaks_of_status(expect: &Expect) -> bool {
    matches!(expect, Expect::Answer { .. } | Expect::Status(_) | Expect::Lost)
}
