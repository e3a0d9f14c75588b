//! What is wrong with a trace that can be read, and is known without running it.

mod order;
mod values;
mod variables;

use super::ast::{Condition, Expect, Line, Named, Statement, TlvExpect, Trace, Value};
use super::diagnostic::Diagnostic;
use super::parser::DIAGNOSTICS_MAX;
use super::source::At;
use order::Order;
use variables::Variables;

/// What a trace is run with, as far as it matters.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The variables that have a value before the first line, beside `pin`, `pin2` and so on.
    pub variables: &'a [String],
    /// Why a text is no fault, or why that is not to be told.
    pub fault: &'a dyn Fn(&str) -> Result<(), String>,
    /// What a target can be capable of; nothing where that is not to be looked at.
    pub capabilities: &'a [&'a str],
}

/// Looks for what no run can carry out: a variable without a value, a helper that is not there or
/// takes something else, an expectation without a command, a section that does nothing, lines
/// behind a `skip` that always skips, numbers out of range, faults that are none.
///
/// At most [`DIAGNOSTICS_MAX`] are told. The trace is one whose includes are resolved ([`super::load`]): what they set is set.
#[must_use]
pub fn check(trace: &Trace, outside: &Outside<'_>) -> Vec<Diagnostic> {
    let mut check = Check {
        outside: *outside,
        wrong: Vec::new(),
        variables: Variables::of(&trace.lines, outside.variables),
        order: Order::default(),
    };
    check.lines(&trace.lines);
    check.order.end_section(&mut check.wrong);
    check.wrong.truncate(DIAGNOSTICS_MAX);
    check.wrong
}

struct Check<'a> {
    outside: Outside<'a>,
    wrong: Vec<Diagnostic>,
    variables: Variables,
    order: Order,
}

impl Check<'_> {
    fn lines(&mut self, lines: &[Line]) {
        for statement in lines.iter().filter_map(|line| line.statement.as_ref()) {
            if self.wrong.len() >= DIAGNOSTICS_MAX {
                return;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, at: &At<Statement>) {
        self.order.statement(at, &mut self.wrong);
        self.values(&at.it);
        self.variables.uses(&at.it, &mut self.wrong);
        self.variables.sets(&at.it);
        if let Statement::For { body, .. } | Statement::Repeat { body, .. } = &at.it {
            self.order.at_border();
            self.lines(body);
            self.order.at_border();
        }
    }

    /// What is written in the line itself: helpers, numbers, words.
    fn values(&mut self, statement: &Statement) {
        let wrong = &mut self.wrong;
        match statement {
            Statement::Fault(Some(fault)) => {
                if let Err(why) = (self.outside.fault)(&fault.it) {
                    let expected = "what `saifu-card run --fault` takes, such as `drop@3`";
                    let found = format!("this is no fault: {why}");
                    wrong.push(Diagnostic::new(fault.span.clone(), found).expected(expected));
                }
            }
            Statement::Require(words)
            | Statement::SkipUnless(Condition::Capabilities(words))
            | Statement::SkipIf(Condition::Capabilities(words)) => {
                values::capabilities(words, self.outside.capabilities, wrong);
            }
            Statement::Card(wish) => values::card(wish, wrong),
            Statement::For { from, to, .. } => values::rounds(from, to, wrong),
            Statement::Expect(
                Expect::Length(lengths) | Expect::Tlv { what: TlvExpect::Length(lengths), .. },
            ) => values::lengths(lengths, wrong),
            _ => {}
        }
        variables::each_call(statement, &mut |call| values::helper(call, wrong));
    }
}

/// The values of a command's options.
fn named_values(named: &Named) -> impl Iterator<Item = &At<Value>> {
    let le = named.le.as_ref().and_then(Option::as_ref);
    let header = [named.p1.as_ref(), named.p2.as_ref()];
    header.into_iter().chain([le, named.channel.as_ref(), named.chain.as_ref()]).flatten()
}
