//! A command whose power is cut at every write, and again at every write of the recovery.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use saifu_vsmartcard::platform::{Cut, Leaves, RamPlatform};
use saifu_vsmartcard::virtual_card::select;

use super::case::Case;
use super::cuts::Size;
use super::plant::{Plant, Planted};
use super::put_back::{PutBack, Right, fingerprint};
use super::record::{Kind, Outside, Record, Recorded, Written};
use super::report::Row;
use super::seen::{Answer, Seen, alike};
use crate::fixture::TestCard;

/// The most violations of one command that are told.
const MAX_TOLD: usize = 5;

/// A state in which the card may be, and what the command does there.
struct Known {
    seen: Seen,
    answer: Answer,
    ends: Seen,
}

/// The states a card was found in, as indexes of those that are known.
type Found = Vec<usize>;

const BEFORE: usize = 0;
const AFTER: usize = 1;

pub(super) struct Play<'c> {
    case: &'c Case,
    plant: Option<Plant>,
    size: Size,
    known: Vec<Known>,
    writes: Vec<Written>,
    judged: HashMap<u64, Found>,
    /// How many memories were judged, those of recoveries apart.
    outcomes: usize,
    put_back: PutBack,
    row: Row,
}

impl<'c> Play<'c> {
    /// Plays a case in whole; what came of it.
    pub(super) fn run(case: &'c Case, plant: Option<Plant>, size: Size, offset: usize) -> Row {
        let (known, writes, judged) = (Vec::new(), Vec::new(), HashMap::new());
        let row = Row::new(&case.name);
        let put_back = PutBack::default();
        let mut play =
            Self { case, plant, size, known, writes, judged, outcomes: 0, put_back, row };
        match caught(|| play.prepare()) {
            Ok(()) => play.cut_everywhere(offset),
            Err(what) => play.row.violations.push(format!("{}: {what}", case.name)),
        }
        play.row.images = play.put_back.count();
        play.row
    }

    /// Runs the command with power, once and again, and records what it writes.
    fn prepare(&mut self) -> Result<(), String> {
        let case = self.case;
        let before = self.begin(&case.machine, None, Record::default()).machine();
        let (before, machine) = self.knows(&before, &case.machine)?;
        expect(&before.answer, case.answer, "the command")?;
        let (after, _) = self.knows(&machine, &machine)?;
        expect(&after.answer, case.again, "the command again")?;
        if before.seen == after.seen && !case.unseen {
            return Err("it changes nothing that can be read".into());
        }
        self.known = vec![before, after];
        self.check_value()?;
        self.writes = self.record(None);
        if case.stepwise {
            self.prepare_steps()?;
        }
        self.writes = self.record(self.plant);
        self.row.writes = self.writes.len();
        Ok(())
    }

    /// What is seen of a machine, and what the command does on it or on the one it came from;
    /// with the machine after that.
    fn knows(&self, is: &RamPlatform, was: &RamPlatform) -> Result<(Known, RamPlatform), String> {
        let seen = self.look(is)?;
        let mut card = self.begin(was, None, Record::default());
        let answer = (self.case.act)(&mut card);
        let machine = card.machine();
        Ok((Known { seen, answer, ends: self.look(&machine)? }, machine))
    }

    /// The value before and after is what the case says.
    fn check_value(&self) -> Result<(), String> {
        for (known, expected) in self.known.iter().zip(&self.case.value) {
            let mut card = TestCard::on(self.case.machine.clone());
            let value = known.seen.value(&mut card, &self.case.view.centers);
            if value.is_some_and(|value| value != *expected) {
                return Err("value was created or lost with power".into());
            }
        }
        Ok(())
    }

    /// The writes of the command.
    fn record(&self, plant: Option<Plant>) -> Vec<Written> {
        let record = Record::kept();
        let mut card = self.begin(&self.case.machine, plant, record.clone());
        record.take();
        let _ = (self.case.act)(&mut card);
        record.take()
    }

    /// The card may stay as it is after each commit but the last.
    fn prepare_steps(&mut self) -> Result<(), String> {
        let commits = self.writes.iter().zip(1_u64..).filter(|(w, _)| w.kind == Kind::Slot);
        let mut commits: Vec<_> = commits.map(|(_, at_write)| at_write).collect();
        commits.pop();
        for at_write in commits {
            let cut = Cut { at_write, leaves: Leaves::Everything, keeps_unsynced: false };
            let mut card = self.begin(&self.case.machine, None, Record::default());
            card.cut_power(cut);
            let _ = (self.case.act)(&mut card);
            let machine = card.machine();
            let (known, _) = self.knows(&machine, &machine)?;
            self.known.push(known);
        }
        Ok(())
    }

    /// Gives a machine power, and does what goes before the command.
    fn begin(&self, machine: &RamPlatform, plant: Option<Plant>, record: Record) -> TestCard {
        let mut machine = machine.clone();
        machine.restore_power();
        let mut card = TestCard::through(machine, |machine| {
            Planted::new(Recorded::new(machine.clone(), record), machine, plant)
        });
        card.transmit(&select());
        // Where it is refused, so is the command, which is then judged.
        let _ = (self.case.ready)(&mut card);
        card
    }

    /// Reads a copy of a machine, and finds all value.
    fn look(&self, machine: &RamPlatform) -> Result<Seen, String> {
        let mut machine = machine.clone();
        machine.restore_power();
        let mut card = TestCard::on(machine);
        let seen = Seen::read(&mut card, &self.case.view);
        let value = seen.value(&mut card, &self.case.view.centers);
        let accounted = value.is_none_or(|value| self.case.value.contains(&value));
        if accounted { Ok(seen) } else { Err("value was created or lost".into()) }
    }

    fn cut_everywhere(&mut self, offset: usize) {
        for cut in self.size.cuts(&self.writes, offset) {
            self.row.cuts += 1;
            if let Err(what) = caught(|| self.cut(cut)) {
                self.violated(&format!("{cut:?}"), &what, cut.at_write);
            }
        }
        self.row.cuts += 1;
        if let Err(what) = caught(|| self.cut_after_the_answer()) {
            self.violated("after the answer", &what, self.writes.len() as u64 + 1);
        }
    }

    fn violated(&mut self, cut: &str, what: &str, at_write: u64) {
        let Self { case: Case { name, .. }, writes, row, .. } = self;
        let of = writes.len();
        row.violated += 1;
        if row.violations.len() < MAX_TOLD {
            let replay = format!("tear '{name}' {at_write}");
            row.violations.push(format!("{name}, {of} writes, {cut}: {what}; again: {replay}"));
        }
    }

    /// Cuts power once: what was answered is done, and the card is as before or as after.
    fn cut(&mut self, cut: Cut) -> Result<(), String> {
        let mut card = self.begin(&self.case.machine, self.plant, Record::default());
        card.cut_power(cut);
        let answer = (self.case.act)(&mut card);
        if card.has_power() {
            return Err("another number of writes than before".into());
        }
        self.ends(&answer, card.machine())
    }

    /// Takes power away once the command was answered: it is done.
    fn cut_after_the_answer(&mut self) -> Result<(), String> {
        let mut card = self.begin(&self.case.machine, self.plant, Record::default());
        let answer = (self.case.act)(&mut card);
        expect(&answer, self.case.answer, "the command")?;
        card.lose_power();
        self.ends(&answer, card.machine())
    }

    fn ends(&mut self, answer: &Answer, mut machine: RamPlatform) -> Result<(), String> {
        machine.restore_power();
        let found = self.judge(&machine)?;
        let is_answered = expect(answer, self.case.answer, "").is_ok();
        if is_answered && !found.contains(&AFTER) {
            return Err("answered, and not done".into());
        }
        Ok(())
    }

    /// Finds out in which state a cut left the card; for one memory once.
    fn judge(&mut self, machine: &RamPlatform) -> Result<Found, String> {
        let image = fingerprint(machine.image());
        if let Some(found) = self.judged.get(&image) {
            return Ok(found.clone());
        }
        let settled = self.power_up(machine.clone()).machine();
        let found = self.find(&settled)?;
        self.cut_recovery(machine, settled.writes() - machine.writes(), &found)?;
        self.outcomes += 1;
        if (self.outcomes - 1).is_multiple_of(self.size.again) {
            self.put_all_back(&settled, &machine.image().outside, &found)?;
        }
        self.judged.insert(image, found.clone());
        Ok(found)
    }

    fn power_up(&self, machine: RamPlatform) -> TestCard {
        let plant = self.plant;
        TestCard::through(machine, |machine| {
            Planted::new(Recorded::new(machine.clone(), Record::default()), machine, plant)
        })
    }

    /// Which of the known states a machine is in.
    fn find(&self, machine: &RamPlatform) -> Result<Found, String> {
        let seen = self.look(machine)?;
        let known = self.known.iter().enumerate();
        let found: Found = known.filter(|(_, k)| k.seen == seen).map(|(at, _)| at).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let differs = |at: usize| seen.differs(&self.known[at].seen).unwrap_or_default();
        Err(format!("neither before ({}) nor after ({})", differs(BEFORE), differs(AFTER)))
    }

    /// Cuts power at every write of the recovery, too: the next one ends in the same state.
    fn cut_recovery(
        &mut self,
        machine: &RamPlatform,
        writes: u64,
        found: &Found,
    ) -> Result<(), String> {
        let remains = [Leaves::Nothing, Leaves::Erased, Leaves::Beginning(64), Leaves::Everything];
        for at_write in 1..=writes {
            for leaves in remains {
                let cut = Cut { at_write, leaves, keeps_unsynced: false };
                self.row.recoveries += 1;
                self.recovers(machine.clone(), cut, found)
                    .map_err(|what| format!("then {cut:?} in the recovery: {what}"))?;
            }
        }
        Ok(())
    }

    fn recovers(
        &mut self,
        mut machine: RamPlatform,
        cut: Cut,
        found: &Found,
    ) -> Result<(), String> {
        machine.cut_power(cut);
        let mut machine = self.power_up(machine).machine();
        if machine.has_power() {
            return Err("another number of writes than before".into());
        }
        machine.restore_power();
        let image = fingerprint(machine.image());
        let again = match self.judged.get(&image) {
            Some(found) => found.clone(),
            None => self.find(&self.power_up(machine).machine())?,
        };
        self.judged.insert(image, again.clone());
        if again == *found { Ok(()) } else { Err("the recovery changed its mind".into()) }
    }

    /// Puts back every memory there was before, now and after the command was given again.
    fn put_all_back(
        &mut self,
        settled: &RamPlatform,
        torn: &Outside,
        found: &Found,
    ) -> Result<(), String> {
        let view = &self.case.view;
        let seen = &self.known[*found.first().unwrap_or(&BEFORE)].seen;
        let right = Right { machine: settled, seen, view };
        let begin = &self.case.machine.image().outside;
        for earlier in self.writes.iter().map(|write| &write.outside).chain([begin, torn]) {
            self.put_back.play(&right, earlier)?;
        }
        let (seen, machine) = self.again(settled, found)?;
        let right = Right { machine: &machine, seen: &seen, view };
        for earlier in [begin, torn, &settled.image().outside] {
            self.put_back.play(&right, earlier).map_err(|what| format!("given again, {what}"))?;
        }
        Ok(())
    }

    /// Gives the command again: it ends as it does in one of the states the card may be in.
    fn again(&self, settled: &RamPlatform, found: &Found) -> Result<(Seen, RamPlatform), String> {
        let mut card = self.begin(settled, self.plant, Record::default());
        let answer = (self.case.act)(&mut card);
        card.lose_power();
        let machine = self.power_up_again(card.machine());
        let seen = self.look(&machine)?;
        let as_known = |at: &usize| {
            let Known { answer: known, ends, .. } = &self.known[*at];
            let drawn = self.case.drawn && answer.is_ok() && known.is_ok();
            (drawn || alike(&answer, known)) && seen.differs(ends).is_none()
        };
        if found.iter().any(as_known) {
            return Ok((seen, machine));
        }
        let ends = &self.known[*found.first().unwrap_or(&BEFORE)].ends;
        let what = seen.differs(ends).unwrap_or_else(|| format!("it answers {answer:02x?}"));
        Err(format!("given again, it ends otherwise: {what}"))
    }

    fn power_up_again(&self, mut machine: RamPlatform) -> RamPlatform {
        machine.restore_power();
        self.power_up(machine).machine()
    }
}

/// Whether an answer is of the kind that must come.
fn expect(answer: &Answer, word: Option<u16>, who: &str) -> Result<(), String> {
    match (answer, word) {
        (Ok(_), None) => Ok(()),
        (Err(is), Some(word)) if *is == word => Ok(()),
        (Ok(_), Some(word)) => Err(format!("{who} is answered, and not {word:04X}")),
        (Err(is), _) => Err(format!("{who} is refused with {is:04X}")),
    }
}

/// Runs a step; a panic is a violation as any other.
fn caught(step: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|_| Err("a panic, told above".into()))
}
