//! Which variables a line uses and which it gives a value.

use super::named_values;
use crate::syntax::ast::{
    Call, Condition, Expect, Form, Line, Match, Pattern, Piece, Statement, TlvExpect, Value,
};
use crate::syntax::diagnostic::{Diagnostic, nearest};
use crate::syntax::source::{At, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Whether the run gives it a value: the card's PIN, and those of a recording, `$pin2` and so on.
fn is_given(name: &str) -> bool {
    name.strip_prefix("pin").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Those that may have a value by now, and where the others get theirs.
pub(super) struct Variables {
    set: BTreeSet<String>,
    times: BTreeSet<String>,
    places: BTreeMap<String, Span>,
}

impl Variables {
    /// Before the first line.
    pub(super) fn of(lines: &[Line], given: &[String]) -> Self {
        let set = given.iter().cloned().collect();
        let mut found = Self { set, times: BTreeSet::new(), places: BTreeMap::new() };
        found.find_places(lines);
        found
    }

    fn find_places(&mut self, lines: &[Line]) {
        for at in lines.iter().filter_map(|line| line.statement.as_ref()) {
            each_set(&at.it, &mut |name| {
                self.places.entry(name.to_owned()).or_insert_with(|| at.span.clone());
            });
            if let Statement::For { body, .. } | Statement::Repeat { body, .. } = &at.it {
                self.find_places(body);
            }
        }
    }

    /// Notes what the line gives a value.
    pub(super) fn sets(&mut self, statement: &Statement) {
        each_set(statement, &mut |name| {
            self.set.insert(name.to_owned());
        });
        if let Statement::Send(send) = statement {
            self.times.extend(send.timed_as.clone());
        }
    }

    /// Notes the variables and times that the line uses, and that have no value yet. What its own
    /// pattern captures may stand further on in it.
    pub(super) fn uses(&self, statement: &Statement, wrong: &mut Vec<Diagnostic>) {
        let mut own = BTreeSet::new();
        if !matches!(statement, Statement::Set { .. } | Statement::For { .. }) {
            each_set(statement, &mut |name| {
                own.insert(name.to_owned());
            });
        }
        each_use(statement, &mut |name, span| {
            if !is_given(name) && !self.set.contains(name) && !own.contains(name) {
                wrong.push(self.unset(name, span));
            }
        });
        if let Statement::Expect(Expect::Time { name, than, .. }) = statement {
            for time in [name, than].into_iter().filter(|time| !self.times.contains(&time.it)) {
                let found = format!("no command before this line is timed as `{}`", time.it);
                let wrong_time = Diagnostic::new(time.span.clone(), found);
                let known = self.times.iter().map(String::as_str);
                wrong.push(match nearest(&time.it, known) {
                    Some(near) => wrong_time.help(format!("did you mean `{near}`?")),
                    None => wrong_time.help(format!("end a command with `as {}`", time.it)),
                });
            }
        }
    }

    fn unset(&self, name: &str, span: &Span) -> Diagnostic {
        let wrong = Diagnostic::new(span.clone(), format!("`${name}` has no value here"));
        let near = nearest(name, self.set.iter().map(String::as_str));
        wrong.help(match (self.places.get(name), near) {
            (Some(place), _) if place.line == span.line => {
                "the line itself would give it one, too late".into()
            }
            (Some(place), _) => format!("it gets one in line {}, after this", place.line),
            (None, Some(near)) => format!("did you mean `${near}`?"),
            (None, None) => format!(
                "`set {name} = ...` or a capture `{name}:[8]` before this line gives it one, or \
                 `--set {name}=...`"
            ),
        })
    }
}

/// The variables that a line gives a value.
fn each_set(statement: &Statement, see: &mut dyn FnMut(&str)) {
    match statement {
        Statement::Set { name, .. } | Statement::For { name, .. } => see(name),
        _ => {
            if let Some(pattern) = pattern(statement) {
                each_capture(pattern, see);
            }
        }
    }
}

fn each_capture(pattern: &Pattern, see: &mut dyn FnMut(&str)) {
    for piece in pattern {
        if let Match::Capture { name, pattern } = &piece.it {
            see(name);
            each_capture(pattern, see);
        }
    }
}

/// The pattern of a line, if it has one.
fn pattern(statement: &Statement) -> Option<&Pattern> {
    match statement {
        Statement::Expect(
            Expect::Answer { data: pattern, .. }
            | Expect::Data(pattern)
            | Expect::Atr(pattern)
            | Expect::Tlv { what: TlvExpect::Is(pattern), .. },
        )
        | Statement::Compare { pattern, .. }
        | Statement::SkipUnless(Condition::Value { pattern, .. })
        | Statement::SkipIf(Condition::Value { pattern, .. }) => Some(pattern),
        _ => None,
    }
}

/// What a line holds: variables with their places, helpers.
enum Held<'t> {
    Variable(&'t str, &'t Span),
    Call(&'t Call),
}

fn each_use(statement: &Statement, see: &mut dyn FnMut(&str, &Span)) {
    each_held(statement, &mut |held| {
        if let Held::Variable(name, span) = held {
            see(name, span);
        }
    });
}

/// Every helper of a line, those inside others included.
pub(super) fn each_call(statement: &Statement, see: &mut dyn FnMut(&Call)) {
    each_held(statement, &mut |held| {
        if let Held::Call(call) = held {
            see(call);
        }
    });
}

fn each_held<'t>(statement: &'t Statement, see: &mut dyn FnMut(Held<'t>)) {
    match statement {
        Statement::Send(send) => match &send.form {
            Form::Bytes(pieces) => in_pieces(pieces, see),
            Form::Named(named) => {
                named_values(named).for_each(|value| in_value(value, see));
                in_pieces(&named.data, see);
            }
        },
        Statement::Set { value, .. } | Statement::Select(value) => in_pieces(value, see),
        Statement::Compare { value, .. }
        | Statement::SkipUnless(Condition::Value { value, .. })
        | Statement::SkipIf(Condition::Value { value, .. }) => in_pieces(value, see),
        Statement::For { from, to, .. } => [from, to].into_iter().for_each(|at| in_value(at, see)),
        Statement::Repeat { times: value, .. } | Statement::Wait(value) => in_value(value, see),
        Statement::OpenScp03(options) => options.iter().for_each(|(_, at)| in_value(at, see)),
        Statement::Card(wish) => wish.options.iter().for_each(|(_, at)| in_value(at, see)),
        Statement::Expect(
            Expect::Length(lengths) | Expect::Tlv { what: TlvExpect::Length(lengths), .. },
        ) => {
            for value in [Some(&lengths.it.least), lengths.it.most.as_ref()].into_iter().flatten() {
                one_value(value, &lengths.span, see);
            }
        }
        _ => {}
    }
    if let Some(pattern) = pattern(statement) {
        in_pattern(pattern, see);
    }
}

fn in_pieces<'t>(pieces: &'t [At<Piece>], see: &mut dyn FnMut(Held<'t>)) {
    pieces.iter().for_each(|at| in_piece(&at.it, &at.span, see));
}

fn in_piece<'t>(piece: &'t Piece, span: &'t Span, see: &mut dyn FnMut(Held<'t>)) {
    match piece {
        Piece::Variable(name) => see(Held::Variable(name, span)),
        Piece::Call(call) => in_call(call, see),
        Piece::Counted(inside) => in_pieces(inside, see),
        Piece::Hex(_) | Piece::Text(_) => {}
    }
}

fn in_pattern<'t>(pattern: &'t Pattern, see: &mut dyn FnMut(Held<'t>)) {
    for piece in pattern {
        match &piece.it {
            Match::Value(value) => in_piece(value, &piece.span, see),
            Match::Capture { pattern, .. } => in_pattern(pattern, see),
            Match::Digits(_) | Match::Masked { .. } | Match::Any { .. } => {}
        }
    }
}

fn in_call<'t>(call: &'t Call, see: &mut dyn FnMut(Held<'t>)) {
    see(Held::Call(call));
    call.arguments.iter().for_each(|(_, at)| in_value(at, see));
}

fn in_value<'t>(at: &'t At<Value>, see: &mut dyn FnMut(Held<'t>)) {
    one_value(&at.it, &at.span, see);
}

fn one_value<'t>(value: &'t Value, span: &'t Span, see: &mut dyn FnMut(Held<'t>)) {
    match value {
        Value::Variable(name) => see(Held::Variable(name, span)),
        Value::Call(call) => in_call(call, see),
        Value::Number(_) | Value::Hex(_) | Value::Text(_) | Value::Word(_) => {}
    }
}
