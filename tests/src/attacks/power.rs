//! Power that fails at every write of a command, and once more in the recovery.

use crate::fixture::{Delivery, PIN, Seen, TestCard, TestCenter, buyer, customer};
use saifu_vsmartcard::platform::{Cut, Leaves, RamPlatform};

use super::kit::{account_for, size};
use super::tally::Tally;

type Act<'t> = dyn Fn(&mut TestCard, &TestCenter) -> Result<Vec<u8>, u16> + 't;

/// A command whose power is cut.
struct Torn<'t> {
    center: TestCenter,
    machine: RamPlatform,
    /// Whether the command needs a VERIFY before it.
    verify: bool,
    act: &'t Act<'t>,
    /// What was loaded, before the command and after it.
    loaded: [u64; 2],
}

/// What is left of the write in which power fails.
fn remains() -> Vec<Leaves> {
    let few = vec![Leaves::Nothing, Leaves::Garbage, Leaves::Everything];
    let more =
        [Leaves::Erased, Leaves::Beginning(1), Leaves::Beginning(64), Leaves::Beginning(127)];
    size(few.clone(), few.into_iter().chain(more).collect())
}

impl Torn<'_> {
    fn card(&self) -> TestCard {
        let mut card = TestCard::on(self.machine.clone());
        card.select();
        if self.verify {
            card.verify(PIN).expect("the right PIN");
        }
        card
    }

    fn see(&self, card: &mut TestCard, done: bool) -> Seen {
        account_for(card, &self.center, self.loaded[usize::from(done)])
    }

    /// Runs the command with power; its writes and what is seen after it.
    fn unharmed(&self) -> (u64, Seen) {
        let mut card = self.card();
        let before = card.writes();
        (self.act)(&mut card, &self.center).expect("a command that works");
        let writes = card.writes() - before;
        (writes, self.see(&mut card, true))
    }

    /// Cuts power at each write: the card is as before the command or as after it, what was
    /// answered was done, and the command again ends as it should have.
    fn is_done_or_not_begun(&self, t: &mut Tally, name: &str) {
        let before = self.see(&mut self.card(), false);
        let (writes, after) = self.unharmed();
        assert!(before != after, "{name} changes nothing");
        for at_write in 1..=writes {
            for leaves in remains() {
                for keeps_unsynced in [false, true] {
                    let cut = Cut { at_write, leaves, keeps_unsynced };
                    self.survives(cut, &before, &after);
                    t.accepted();
                }
            }
        }
    }

    fn survives(&self, cut: Cut, before: &Seen, after: &Seen) {
        let mut card = self.card();
        card.cut_power(cut);
        let answer = (self.act)(&mut card, &self.center);
        assert!(!card.has_power(), "{cut:?}");
        card.power_up_and_cut(Cut { at_write: 1, ..cut });
        card.power_cycle();
        let done = card.see(&self.center).expect("a whole card") == *after;
        assert!(done || answer.is_err(), "{cut:?}: answered, and not done");
        let seen = self.see(&mut card, done);
        assert_eq!(seen, *(if done { after } else { before }), "{cut:?}");
        if self.verify {
            card.verify(PIN).expect("the right PIN");
        }
        (self.act)(&mut card, &self.center).expect("the command again");
        assert_eq!(self.see(&mut card, true), *after, "{cut:?}");
    }
}

pub(super) fn pa6_a_debit_cut_at_any_write_is_paid_with_its_token_or_not_at_all(t: &mut Tally) {
    let (card, center) = buyer(0xCA, 1_000, 1..=2);
    let act = |card: &mut TestCard, center: &TestCenter| card.debit(center, 1);
    let machine = card.machine();
    Torn { center, machine, verify: true, act: &act, loaded: [1_000; 2] }
        .is_done_or_not_begun(t, "DEBIT");
}

pub(super) fn cr6_a_credit_cut_at_any_write_is_loaded_once_or_not_at_all(t: &mut Tally) {
    let (card, center) = customer(0xCA, 1_000);
    let load = center.load(card.id(), 1, 2, 500);
    let act = |card: &mut TestCard, _: &TestCenter| card.credit(&load);
    let machine = card.machine();
    Torn { center, machine, verify: false, act: &act, loaded: [1_000, 1_500] }
        .is_done_or_not_begun(t, "CREDIT");
}

pub(super) fn cr6_a_void_cut_at_any_write_uses_its_sequence_up_or_not(t: &mut Tally) {
    let (card, center) = customer(0xCA, 1_000);
    let act = |card: &mut TestCard, center: &TestCenter| card.void(center, 2);
    let machine = card.machine();
    Torn { center, machine, verify: true, act: &act, loaded: [1_000; 2] }
        .is_done_or_not_begun(t, "VERIFY and VOID");
}

pub(super) fn li10_a_licence_whose_loading_is_cut_at_any_write_is_there_whole_or_not_at_all(
    t: &mut Tally,
) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let Delivery { licence, .. } = center.deliver(&card.keys(), 2);
    let act = |card: &mut TestCard, _: &TestCenter| card.load_licence(&licence).map(|_| vec![]);
    let machine = card.machine();
    Torn { center, machine, verify: false, act: &act, loaded: [1_000; 2] }
        .is_done_or_not_begun(t, "LOAD LICENCE");
}

pub(super) fn pa15_an_acknowledgement_cut_at_any_write_takes_the_token_out_or_leaves_it(
    t: &mut Tally,
) {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=2);
    let token = card.buy(&center, 1).unwrap();
    card.buy(&center, 2).unwrap();
    let receipt = center.receipt(&token, 1);
    let act = |card: &mut TestCard, _: &TestCenter| card.acknowledge(&receipt);
    let machine = card.machine();
    Torn { center, machine, verify: false, act: &act, loaded: [1_000; 2] }
        .is_done_or_not_begun(t, "ACKNOWLEDGE");
}
