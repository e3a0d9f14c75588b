//! Lines that stand where they mean nothing.

use crate::syntax::ast::{Condition, Expect, Statement};
use crate::syntax::diagnostic::Diagnostic;
use crate::syntax::source::{At, Span};

/// What came before.
#[derive(Default)]
pub(super) struct Order {
    section: Option<Section>,
    /// Whether a command was sent in this section, or in the preamble.
    sent: bool,
    /// Whether one was sent in the file.
    ever_sent: bool,
    /// Whether the line stands behind a command with nothing but expectations between.
    behind: bool,
    /// Whether one of those spoke of the status word.
    spoken: bool,
    /// Whether a secure channel may be open.
    channel: bool,
    preamble: Facts,
    here: Facts,
}

struct Section {
    number: String,
    span: Span,
    does_something: bool,
}

/// What is known of the target once a `skip` did not skip: its line, the capability, whether it is
/// there.
#[derive(Default)]
struct Facts(Vec<(u32, String, bool)>);

impl Order {
    pub(super) fn statement(&mut self, at: &At<Statement>, wrong: &mut Vec<Diagnostic>) {
        if let (Some(section), true) = (&mut self.section, does_something(&at.it)) {
            section.does_something = true;
        }
        match &at.it {
            Statement::Section { number, .. } => self.begin_section(number, &at.span, wrong),
            Statement::Send(send) => {
                if send.secure && !self.channel {
                    let found = "`secure` without a secure channel";
                    let help = "`scp03 open` before this line opens one";
                    wrong.push(Diagnostic::new(at.span.clone(), found).help(help));
                }
                self.command();
            }
            Statement::Select(_) => self.command(),
            Statement::OpenScp03(_) => {
                self.channel = true;
                self.command();
                self.behind = false;
            }
            Statement::Expect(expect) => self.expect(expect, &at.span, wrong),
            Statement::SkipUnless(on) => self.skip(on, true, &at.span, wrong),
            Statement::SkipIf(on) => self.skip(on, false, &at.span, wrong),
            Statement::Destructive(_) if self.ever_sent => {
                let found = "`destructive` behind commands that were sent without it";
                let help = "put it before the first command";
                wrong.push(Diagnostic::new(at.span.clone(), found).help(help));
            }
            _ => self.behind = false,
        }
    }

    /// Where a loop begins or ends: no line stands directly behind a command there.
    pub(super) fn at_border(&mut self) {
        self.behind = false;
    }

    /// Notes a section that does nothing.
    pub(super) fn end_section(&mut self, wrong: &mut Vec<Diagnostic>) {
        if let Some(section) = self.section.take().filter(|section| !section.does_something) {
            let found = format!("section {} sends nothing and expects nothing", section.number);
            wrong.push(Diagnostic::new(section.span, found));
        }
    }

    fn begin_section(&mut self, number: &str, span: &Span, wrong: &mut Vec<Diagnostic>) {
        self.end_section(wrong);
        let (number, span) = (number.to_owned(), span.clone());
        self.section = Some(Section { number, span, does_something: false });
        (self.sent, self.behind) = (false, false);
        self.here = Facts::default();
    }

    fn command(&mut self) {
        (self.sent, self.ever_sent, self.behind, self.spoken) = (true, true, true, false);
    }

    fn expect(&mut self, expect: &Expect, span: &Span, wrong: &mut Vec<Diagnostic>) {
        if matches!(expect, Expect::Atr(_) | Expect::Time { .. }) {
            return;
        }
        let of_status = matches!(expect, Expect::Answer { .. } | Expect::Status(_) | Expect::Lost);
        if !self.sent {
            let found = "nothing is sent before this line whose answer it could expect";
            let expected = "a command, in the same section";
            wrong.push(Diagnostic::new(span.clone(), found).expected(expected));
        } else if of_status && !self.behind && !self.spoken {
            let found = "the status word is expected apart from its command";
            let help = "put it directly behind the command, which must answer 9000 without it";
            wrong.push(Diagnostic::new(span.clone(), found).help(help));
        }
        self.spoken |= of_status;
    }

    /// Notes a `skip` that skips whatever the target, and what is known once it did not.
    fn skip(&mut self, on: &Condition, unless: bool, span: &Span, wrong: &mut Vec<Diagnostic>) {
        self.behind = false;
        let words = match on {
            Condition::Capabilities(words) => words,
            Condition::Status(_) if !self.ever_sent => {
                let found = "nothing is sent before this line whose status word it could look at";
                return wrong.push(Diagnostic::new(span.clone(), found));
            }
            Condition::Status(_) | Condition::Value { .. } => return,
        };
        let known = self.preamble.0.iter().chain(&self.here.0);
        let against = |word: &At<String>| {
            known.clone().find(|(_, other, is_there)| *other == word.it && *is_there != unless)
        };
        if let Some((line, word, _)) = words.iter().find_map(against) {
            let found =
                format!("this always skips, since line {line} asked for `{word}` the other way");
            let help = "nothing behind it is ever run: take one of the two away";
            wrong.push(Diagnostic::new(span.clone(), found).help(help));
        }
        let facts = if self.section.is_some() { &mut self.here } else { &mut self.preamble };
        facts.0.extend(words.iter().map(|word| (span.line, word.it.clone(), unless)));
    }
}

fn does_something(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::Send(_)
            | Statement::Expect(_)
            | Statement::Compare { .. }
            | Statement::Select(_)
            | Statement::OpenScp03(_)
    )
}
