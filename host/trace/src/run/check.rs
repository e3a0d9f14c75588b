//! What must come back, line by line (LANGUAGE.md §4 and §6).

use super::capability;
use super::exchange::Came;
use super::file::Running;
use super::pattern::{Compiled, each_capture, is_exact, matches_plain};
use super::result::{Shown, Token};
use super::status;
use super::times::Slower;
use super::tlv::{self, NoObject};
use super::value::Slot;
use crate::syntax::Span;
use crate::syntax::ast::{Expect, Lengths, Path, Pattern, StatusSet, TlvExpect};

/// The status word of success.
const GOOD: u16 = 0x9000;

impl Running<'_> {
    /// Looks at one line.
    pub(super) fn expect(&mut self, expect: &Expect, place: &Span) {
        match expect {
            Expect::Time { name, thousandths, than } => {
                self.time(&name.it, *thousandths, &than.it, place);
            }
            Expect::Atr(pattern) => self.atr(pattern, place),
            expect => self.of_answer(expect, place),
        }
    }

    /// Looks at a line about the answer to the last command.
    fn of_answer(&mut self, expect: &Expect, place: &Span) {
        if !self.last.is_of_section {
            self.miss_all(expect, place);
            return self.fail(place, "no command was sent before this line in its section");
        }
        // One that could not be sent has failed by itself.
        let Some(came) = self.last.came.take() else { return self.miss_all(expect, place) };
        self.now.checks += 1;
        match (&came, expect) {
            (Came::Lost(_), Expect::Lost) => {}
            (Came::Lost(why), expect) => {
                let speaks = matches!(expect, Expect::Answer { .. } | Expect::Status(_));
                self.miss_all(expect, place);
                let expected = if speaks { "an answer" } else { "data" };
                let shown = (Shown::word(why.as_str()), Shown::word(expected));
                self.fail_showing(place, "the answer was lost", Some(shown));
            }
            (Came::Answer { data, status }, expect) => self.answer(expect, data, *status, place),
        }
        self.last.came = Some(came);
    }

    fn answer(&mut self, expect: &Expect, data: &[u8], status: u16, place: &Span) {
        match expect {
            Expect::Answer { data: pattern, status: set } => {
                self.status(&set.it, status, data, place);
                self.data(pattern, data, place);
            }
            Expect::Status(set) => self.status(&set.it, status, data, place),
            Expect::Data(pattern) => self.data(pattern, data, place),
            Expect::Length(lengths) => self.length(&lengths.it, data.len(), "the data has", place),
            Expect::Tlv { path, what } => self.tlv(&path.it, what, data, place),
            Expect::Lost => {
                let shown = (answer_shown(data, status), Shown::word("no answer"));
                self.fail_showing(place, "an answer came", Some(shown));
            }
            // These two are not about an answer.
            Expect::Atr(_) | Expect::Time { .. } => {}
        }
    }

    /// The command must have been answered 9000, which no line says.
    pub(super) fn expect_good(&mut self, place: &Span) {
        let Some(came) = self.last.came.take() else { return };
        self.now.checks += 1;
        match &came {
            Came::Answer { status: GOOD, .. } => self.covered(GOOD),
            Came::Answer { data, status } => {
                let shown = (answer_shown(data, *status), Shown::word("9000"));
                let what = format!("the status word is {status:04X}{}", meaning(*status));
                self.fail_showing(place, what, Some(shown));
            }
            Came::Lost(why) => {
                let shown = (Shown::word(why.as_str()), Shown::word("9000"));
                self.fail_showing(place, "the answer was lost", Some(shown));
            }
        }
        self.last.came = Some(came);
    }

    fn status(&mut self, set: &StatusSet, status: u16, data: &[u8], place: &Span) {
        if status::holds(set, status) {
            if status::names(set, status) {
                self.covered(status);
            }
            return;
        }
        let shown = (answer_shown(data, status), Shown::word(status::text(set)));
        let what = format!("the status word is {status:04X}{}", meaning(status));
        self.fail_showing(place, what, Some(shown));
    }

    fn covered(&mut self, status: u16) {
        if self.settings.coverage {
            self.now.coverage.answered(&self.last.command, status);
        }
    }

    fn data(&mut self, pattern: &Pattern, data: &[u8], place: &Span) {
        let holds = matches_plain(pattern, data) == Some(true)
            || match Compiled::of(pattern, &self.variables) {
                Ok(compiled) => self.meet(&compiled, data, pattern, "the data", place),
                Err(why) => {
                    self.miss_captures(pattern, place);
                    self.fail(place, why);
                    false
                }
            };
        if holds && self.settings.coverage && is_exact(pattern) {
            self.now.coverage.data(&self.last.command, data);
        }
    }

    /// Compares bytes with a pattern and keeps what it captures; whether they match.
    pub(super) fn meet(
        &mut self,
        compiled: &Compiled,
        bytes: &[u8],
        pattern: &Pattern,
        called: &str,
        place: &Span,
    ) -> bool {
        let captured = match compiled.meet(bytes) {
            Ok(captured) => captured,
            Err(mismatch) => {
                self.miss_captures(pattern, place);
                let what = format!("{called} is not what was expected: {}", mismatch.what);
                self.fail_showing(place, what, Some((mismatch.came, mismatch.expected)));
                return false;
            }
        };
        for (name, range) in captured {
            if let Err(why) = self.variables.set(name, Slot::Bytes(bytes[range].to_vec())) {
                self.fail(place, why);
            }
        }
        true
    }

    /// Notes for each capture that it should have been made here.
    pub(super) fn miss_captures(&mut self, pattern: &Pattern, place: &Span) {
        each_capture(pattern, &mut |name| self.variables.miss(name, place));
    }

    fn miss_all(&mut self, expect: &Expect, place: &Span) {
        match expect {
            Expect::Answer { data: pattern, .. }
            | Expect::Data(pattern)
            | Expect::Atr(pattern)
            | Expect::Tlv { what: TlvExpect::Is(pattern), .. } => {
                self.miss_captures(pattern, place)
            }
            _ => {}
        }
    }

    fn length(&mut self, lengths: &Lengths, bytes: usize, called: &str, place: &Span) {
        let least = self.variables.number(&lengths.least);
        let most = lengths.most.as_ref().map(|most| self.variables.number(most)).transpose();
        let (least, most) = match (least, most) {
            (Ok(least), Ok(most)) => (least, most),
            (Err(why), _) | (_, Err(why)) => return self.fail(place, why),
        };
        let fits = bytes as u64 >= least && bytes as u64 <= most.unwrap_or(least);
        if fits {
            return;
        }
        let expected = match most {
            Some(most) => format!("{least} to {most} bytes"),
            None => format!("{least} bytes"),
        };
        let what = format!("{called} {bytes} bytes");
        let shown = (Shown::word(format!("{bytes} bytes")), Shown::word(expected));
        self.fail_showing(place, what, Some(shown));
    }

    fn tlv(&mut self, path: &Path, what: &TlvExpect, data: &[u8], place: &Span) {
        let found = tlv::find(data, path);
        let text = tlv::text(path);
        match (found, what) {
            (Err(NoObject::Absent(_)), TlvExpect::Absent) => {}
            (Ok(_), TlvExpect::Absent) => {
                let shown = (Shown::bytes(data, &[]), Shown::word(format!("no {text}")));
                self.fail_showing(place, format!("{text} is there"), Some(shown));
            }
            (Err(NoObject::Absent(why) | NoObject::Broken(why)), _) => {
                if let TlvExpect::Is(pattern) = what {
                    self.miss_captures(pattern, place);
                }
                let shown = (Shown::bytes(data, &[]), Shown::word(text));
                self.fail_showing(place, why, Some(shown));
            }
            (Ok(value), what) => {
                self.cover_path(path);
                self.value(&text, what, &data[value], place);
            }
        }
    }

    fn cover_path(&mut self, path: &Path) {
        if self.settings.coverage {
            for (tag, _) in path {
                self.now.coverage.tag(&self.last.command, *tag);
            }
        }
    }

    /// Looks at the value of a data object.
    fn value(&mut self, path: &str, what: &TlvExpect, value: &[u8], place: &Span) {
        match what {
            TlvExpect::Present | TlvExpect::Absent => {}
            TlvExpect::Length(lengths) => {
                self.length(&lengths.it, value.len(), &format!("{path} has"), place);
            }
            TlvExpect::Is(pattern) => match Compiled::of(pattern, &self.variables) {
                Ok(compiled) => {
                    if self.meet(&compiled, value, pattern, path, place)
                        && self.settings.coverage
                        && is_exact(pattern)
                    {
                        self.now.coverage.data(&self.last.command, value);
                    }
                }
                Err(why) => {
                    self.miss_captures(pattern, place);
                    self.fail(place, why);
                }
            },
        }
    }

    fn atr(&mut self, pattern: &Pattern, place: &Span) {
        self.now.checks += 1;
        let atr = self.prepare().and_then(|()| self.way.target.atr());
        match (atr, Compiled::of(pattern, &self.variables)) {
            (Ok(atr), Ok(compiled)) => {
                self.meet(&compiled, &atr, pattern, "the ATR", place);
            }
            (Err(error), _) => {
                self.miss_captures(pattern, place);
                self.not_sent(place, error);
            }
            (_, Err(why)) => {
                self.miss_captures(pattern, place);
                self.fail(place, why);
            }
        }
    }

    fn time(&mut self, name: &str, thousandths: u32, than: &str, place: &Span) {
        if !self.way.target.capabilities().contains(&capability::TIME) {
            return self.unchecked(place, "this target's times mean nothing");
        }
        self.now.checks += 1;
        match self.times.compare(name, thousandths, than) {
            Ok(()) => {}
            Err(Slower::None(why)) => self.fail(place, why),
            Err(Slower::By { slow, quick }) => {
                let ratio = slow.as_secs_f64() / quick.as_secs_f64().max(f64::MIN_POSITIVE);
                let what = format!("{name} took {ratio:.2} times what {than} took");
                let came = Shown::word(format!("{name} {slow:.1?}, {than} {quick:.1?}"));
                let most = f64::from(thousandths) / 1_000.0;
                let expected = Shown::word(format!("at most {most} times"));
                self.fail_showing(place, what, Some((came, expected)));
            }
        }
    }
}

/// An answer with its status word marked.
fn answer_shown(data: &[u8], status: u16) -> Shown {
    let mut shown = Shown::bytes(data, &[]);
    shown.tokens.push(Token { text: format!("{status:04X}"), differs: true });
    shown
}

/// What a status word means, where our specification names it.
fn meaning(status: u16) -> String {
    let known = saifu_wire::Status::from_word(status);
    known.map_or_else(String::new, |known| format!(" ({})", known.meaning()))
}
