//! What is required, and what is skipped (LANGUAGE.md §7).

use super::capability;
use super::exchange::Came;
use super::file::{Running, Skip};
use super::pattern::Compiled;
use super::status;
use crate::syntax::Span;
use crate::syntax::ast::{Condition, Pattern, Piece, StatusSet};
use crate::syntax::source::At;

impl Running<'_> {
    /// Whether all of these words hold; none where one cannot be told.
    fn hold(&mut self, words: &[At<String>]) -> Option<Vec<(String, bool)>> {
        let mut held = Vec::new();
        for word in words {
            if !capability::is_known(&word.it) {
                self.fail(&word.span, format!("{} is no capability; annex B lists them", word.it));
                return None;
            }
            let has = self.prepare().and_then(|()| capability::has(self.way.target, &word.it));
            match has {
                Ok(has) => held.push((word.it.clone(), has)),
                Err(error) => {
                    self.not_sent(&word.span, error);
                    return None;
                }
            }
        }
        Some(held)
    }

    pub(super) fn require(&mut self, words: &[At<String>]) {
        let Some(held) = self.hold(words) else { return };
        for (word, (name, has)) in words.iter().zip(held) {
            self.now.checks += 1;
            if !has {
                let target = self.way.target.name();
                self.fail(&word.span, format!("{target} is not {name}, which this trace requires"));
            }
        }
    }

    /// Skips what follows unless it holds, or if it does.
    pub(super) fn skip_where(&mut self, condition: &Condition, where_held: bool, place: &Span) {
        let why = match condition {
            Condition::Capabilities(words) => self.capability_that(words, where_held),
            Condition::Status(set) => self.status_that(&set.it, where_held),
            Condition::Value { value, pattern } => {
                self.value_that(value, pattern, where_held, place)
            }
        };
        if let Some(why) = why {
            self.pass_over(why);
        }
    }

    /// The first of these words that the target has, or has not.
    fn capability_that(&mut self, words: &[At<String>], is_held: bool) -> Option<String> {
        let (name, _) = self.hold(words)?.into_iter().find(|(_, has)| *has == is_held)?;
        let target = self.way.target.name();
        let is = if is_held { "is" } else { "is not" };
        Some(format!("{target} {is} {name}"))
    }

    /// That the last status word is one of those, or none of them.
    fn status_that(&self, set: &StatusSet, is_held: bool) -> Option<String> {
        let (told, holds) = match &self.last.came {
            Some(Came::Answer { status, .. }) => {
                (format!("{status:04X} came"), status::holds(set, *status))
            }
            Some(Came::Lost(_)) | None => ("no answer came".into(), false),
        };
        (holds == is_held).then_some(told)
    }

    /// That a value looks like this, or does not; one that there is not is a failure.
    fn value_that(
        &mut self,
        value: &[At<Piece>],
        pattern: &Pattern,
        is_held: bool,
        place: &Span,
    ) -> Option<String> {
        let compiled = Compiled::of(pattern, &self.variables);
        match self.variables.bytes(value).and_then(|bytes| Ok((bytes, compiled?))) {
            Ok((bytes, compiled)) => {
                let is = if is_held { "is" } else { "is not" };
                let told = || format!("what was captured {is} what line {} names", place.line);
                (compiled.meet(&bytes).is_ok() == is_held).then(told)
            }
            Err(why) => {
                self.fail(place, why);
                Some("a value to decide by is missing".into())
            }
        }
    }

    /// Skips the rest of the section; before the first, of the file.
    fn pass_over(&mut self, why: String) {
        let is_preamble = self.now.number.is_empty();
        self.skip = if is_preamble { Skip::File(why.clone()) } else { Skip::Section };
        self.now.skipped = Some(why);
    }

    pub(super) fn destructive(&mut self, why: &str) {
        if self.way.target.is_real() && !self.settings.destructive {
            self.skip =
                Skip::File(format!("it can destroy a real card: {why}; --destructive runs it"));
            if let Skip::File(why) = &self.skip {
                self.now.skipped = Some(why.clone());
            }
        }
    }
}
