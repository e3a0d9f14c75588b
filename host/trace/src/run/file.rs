//! A file as it runs: its variables, its card, its sections.

use super::capability;
use super::command::Ready;
use super::exchange::{Came, NotSent, Way};
use super::limits::{MAX_FAILURES, MAX_NOTES, MAX_SECTIONS, MAX_STEPS, MAX_TIME, MAX_TOLD};
use super::result::{Failure, FileResult, Note, SectionResult, Shown, Verdict};
use super::times::Times;
use super::value::{Slot, Variables};
use super::{Settings, StopAt};
use crate::helpers::scp03::Session;
use crate::syntax::Span;
use crate::target::{FreshCard, TargetError};
use std::path::Path;
use std::time::Instant;

/// The variable that holds the card's PIN.
const PIN: &str = "pin";
/// A test card's PIN unless a trace says otherwise.
const TEST_PIN: &str = "1234";

/// What lines are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Skip {
    /// None.
    Nothing,
    /// Those up to the next section.
    Section,
    /// All, and this is why.
    File(String),
    /// All: something failed, and that was to end it.
    Rest,
}

/// The last command and what came of it.
#[derive(Default)]
pub(super) struct Last {
    /// The command as the trace means it; none where nothing was sent yet.
    pub(super) command: Vec<u8>,
    /// Its line.
    pub(super) line: u32,
    /// What came; none where it could not be sent.
    pub(super) came: Option<Came>,
    /// Whether that was in the section that runs: what comes back is expected there.
    pub(super) is_of_section: bool,
}

/// A file as it runs.
pub(super) struct Running<'r> {
    pub(super) settings: &'r Settings,
    pub(super) way: Way<'r>,
    pub(super) variables: Variables,
    pub(super) times: Times,
    pub(super) ready: Ready,
    pub(super) last: Last,
    pub(super) session: Option<Session>,
    pub(super) fresh: FreshCard,
    pub(super) is_prepared: bool,
    pub(super) skip: Skip,
    /// Whether all sections count, whatever their names.
    pub(super) all_sections: bool,
    /// Why the target cannot go on.
    pub(super) broken: Option<String>,
    pub(super) result: FileResult,
    /// The section that runs.
    pub(super) now: SectionResult,
    steps: u64,
    /// How much was told one by one.
    told: usize,
    file_begun: Instant,
    begun: Instant,
    commands_before: u64,
}

impl<'r> Running<'r> {
    pub(super) fn new(settings: &'r Settings, way: Way<'r>, path: &Path) -> Self {
        let seed = settings.seed.as_deref().unwrap_or(super::DEFAULT_SEED);
        let fresh = FreshCard { kind: "test".into(), seed: None, pin: TEST_PIN.into() };
        let mut running = Self {
            settings,
            way,
            variables: Variables::new(seed),
            times: Times::default(),
            ready: Ready::default(),
            last: Last::default(),
            session: None,
            fresh,
            is_prepared: false,
            skip: Skip::Nothing,
            all_sections: settings.takes_file(path),
            broken: None,
            result: FileResult { path: path.to_owned(), ..FileResult::default() },
            now: SectionResult { line: 1, ..SectionResult::default() },
            steps: 0,
            told: 0,
            file_begun: Instant::now(),
            begun: Instant::now(),
            commands_before: 0,
        };
        for (name, value) in &settings.variables {
            // One at a time, and each limited: they fit.
            let _ = running.variables.set(name, Slot::Bytes(value.clone()));
        }
        running.set_pin();
        running
    }

    /// Tells the trace the PIN of the card that the emulator makes, unless the user did.
    pub(super) fn set_pin(&mut self) {
        let makes_it = self.way.target.capabilities().contains(&capability::EMULATED);
        let is_given = self.settings.variables.iter().any(|(name, _)| name == PIN);
        if makes_it && !is_given {
            let pin = Slot::Bytes(self.fresh.pin.clone().into_bytes());
            // The first variable, or in the place of the one before: it fits.
            let _ = self.variables.set(PIN, pin);
        }
    }

    /// Counts a line, or a turn of a loop; whether there may be one more.
    pub(super) fn may_step(&mut self, place: &Span) -> bool {
        self.steps += 1;
        if self.settings.is_interrupted() {
            self.now.skipped.get_or_insert_with(|| format!("interrupted at line {}", place.line));
            self.skip = Skip::Rest;
            return false;
        }
        let over = if self.steps > MAX_STEPS {
            format!("more than {MAX_STEPS} lines were carried out: stopped")
        } else if self.file_begun.elapsed() > MAX_TIME {
            format!("it has run for {} hours: stopped", MAX_TIME.as_secs() / 3_600)
        } else {
            return self.broken.is_none();
        };
        if self.skip != Skip::Rest {
            self.fail(place, over);
            self.skip = Skip::Rest;
        }
        false
    }

    /// Counts something that is told; whether there is room for it.
    pub(super) fn may_tell(&mut self) -> bool {
        self.told += 1;
        self.told <= MAX_TOLD
    }

    /// Makes the card ready, before the first line that needs it.
    pub(super) fn prepare(&mut self) -> Result<(), TargetError> {
        if self.is_prepared {
            return Ok(());
        }
        self.way.target.prepare(&self.fresh)?;
        (self.is_prepared, self.session) = (true, None);
        Ok(())
    }

    /// Notes that a line does not hold.
    pub(super) fn fail(&mut self, place: &Span, what: impl Into<String>) {
        self.fail_showing(place, what, None);
    }

    /// As [`Running::fail`], with what came and what was expected.
    pub(super) fn fail_showing(
        &mut self,
        place: &Span,
        what: impl Into<String>,
        shown: Option<(Shown, Shown)>,
    ) {
        self.stop_here();
        if self.now.failures.len() >= MAX_FAILURES || !self.may_tell() {
            self.now.more_failures += 1;
            return;
        }
        let (came, expected) = shown.unzip();
        let has_command = !self.last.command.is_empty();
        let command = || (self.last.line, super::shown(&self.last.command));
        let command = has_command.then(command);
        self.now.failures.push(Failure {
            place: place.clone(),
            what: what.into(),
            came,
            expected,
            command,
        });
    }

    fn stop_here(&mut self) {
        match self.settings.stop_at {
            StopAt::Never => {}
            StopAt::Section if self.skip == Skip::Nothing => self.skip = Skip::Section,
            StopAt::Section => {}
            StopAt::File | StopAt::First => self.skip = Skip::Rest,
        }
    }

    /// Notes what a line could not do.
    pub(super) fn not_sent(&mut self, place: &Span, why: impl Into<NotSent>) {
        match why.into() {
            NotSent::Line(why) => self.fail(place, why),
            NotSent::Broken(why) => {
                self.fail(place, why.clone());
                self.broken = Some(why);
            }
        }
    }

    /// Notes a line that cannot be looked at here.
    pub(super) fn unchecked(&mut self, place: &Span, why: &str) {
        if self.now.unchecked.len() < MAX_NOTES && self.may_tell() {
            self.now.unchecked.push(Note { line: place.line, text: why.into() });
        }
    }

    /// Ends the section that runs, and begins another.
    pub(super) fn begin_section(&mut self, next: SectionResult, place: &Span) {
        self.end_section();
        self.now = next;
        self.last.is_of_section = false;
        self.begun = Instant::now();
        if self.skip == Skip::Section {
            self.skip = Skip::Nothing;
        }
        if let Skip::File(why) = &self.skip {
            self.now.skipped = Some(why.clone());
        }
        if self.result.sections.len() >= MAX_SECTIONS {
            self.fail(place, format!("a file has at most {MAX_SECTIONS} sections"));
            self.skip = Skip::Rest;
        }
        if !self.takes_section() {
            self.skip = if self.skip == Skip::Nothing { Skip::Section } else { self.skip.clone() };
        } else {
            self.way.watch.section(&self.now);
        }
    }

    /// Whether the section that runs was asked for.
    fn takes_section(&self) -> bool {
        self.all_sections || self.now.number.is_empty() || self.settings.takes(&self.now.name())
    }

    /// Ends the section that runs; one that was not asked for, or in which nothing happened
    /// before the first, leaves nothing.
    pub(super) fn end_section(&mut self) {
        let mut now = std::mem::take(&mut self.now);
        now.took = self.begun.elapsed();
        now.commands = self.way.commands - self.commands_before;
        self.commands_before = self.way.commands;
        let is_preamble = now.number.is_empty();
        let is_silent = now.verdict() == Verdict::Passed;
        let says_nothing = is_preamble && is_silent && now.checks == 0 && now.notes.is_empty();
        self.now = now;
        if self.takes_section() && !says_nothing && self.result.sections.len() <= MAX_SECTIONS {
            self.way.watch.section_done(&self.now);
            self.result.sections.push(std::mem::take(&mut self.now));
        }
    }
}
