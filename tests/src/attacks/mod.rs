//! The attacks that a card meets in the field, played by a terminal and by a thief of its
//! outside memory: APDUs through the runtime, and hands on the machine; never a call inside.
//!
//! Each attack is a function whose name begins with the number of its row in the catalogue
//! (`tests/README.md`). Refused means, for all of them ([`Tally`]): the documented status word,
//! no data beside it, nothing changed that is stored, and no secret in any answer. Families are
//! played at a reduced size, or whole with `SAIFU_CAMPAIGN=full`.

pub(crate) mod administration;
mod apdus;
mod certificates;
mod chains;
mod credits;
mod holds;
mod identities;
mod kit;
mod licences;
mod list;
mod outside;
mod payments;
mod personalisation;
mod pins;
mod power;
pub mod random;
mod signatures;
mod stores;
mod streams;
mod tally;
mod witness;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

pub use list::ALL;
pub use tally::Tally;

/// How many attacks are played side by side.
const WORKERS: usize = 2;

/// The catalogue's sections, and how many rows each has.
pub const SECTIONS: [(&str, &str, u8); 8] = [
    ("AP", "APDU and transport", 14),
    ("LI", "licence and keys", 15),
    ("PA", "payment and settlement", 19),
    ("CR", "credit, void, refund", 10),
    ("NV", "outside memory", 11),
    ("ST", "streaming", 11),
    ("PI", "PIN, life cycle, faults", 12),
    ("ID", "identities, scopes, ends", 12),
];

/// One attack.
#[derive(Debug, Clone, Copy)]
pub struct Attack {
    /// Its name: the row in small letters, then what must hold.
    pub name: &'static str,
    play: fn(&mut Tally),
}

impl Attack {
    /// The rows it belongs to, such as `PA3`.
    pub fn rows(&self) -> impl Iterator<Item = String> {
        self.name.split('_').take_while(|word| is_row(word)).map(str::to_uppercase)
    }

    /// Plays it; a panic is a failure that is told, like any other.
    #[must_use]
    pub fn play(&self) -> Tally {
        let mut tally = Tally::default();
        let played = catch_unwind(AssertUnwindSafe(|| (self.play)(&mut tally)));
        if let Err(panic) = played {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            tally.fail(format!("ended early: {}", text.unwrap_or("a panic without words")));
        }
        tally
    }
}

/// Whether a word of a name is the number of a row.
fn is_row(word: &str) -> bool {
    let (section, number) = word.split_at(word.len().min(2));
    let number = number.parse::<u8>().ok();
    let has = |name: &str, rows: u8| {
        name.eq_ignore_ascii_case(section) && number.is_some_and(|n| (1..=rows).contains(&n))
    };
    SECTIONS.iter().any(|(name, _, rows)| has(name, *rows))
}

/// The attack of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Attack> {
    ALL.iter().find(|attack| attack.name == name)
}

/// Plays attacks side by side, and tells of each as it ends; the tallies in the list's order.
#[must_use]
pub fn play_all(attacks: &[&Attack], tell: &(dyn Fn(&Attack, &Tally) + Sync)) -> Vec<Tally> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let worker = || {
        while let Some((index, attack)) = take(&next, attacks) {
            let tally = attack.play();
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            tell(attack, &tally);
            done.push((index, tally));
        }
    };
    thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(worker))));
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, tally)| tally).collect()
}

fn take<'a>(next: &AtomicUsize, attacks: &[&'a Attack]) -> Option<(usize, &'a Attack)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    attacks.get(index).map(|attack| (index, *attack))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attack_belongs_to_a_row_and_has_a_name_of_its_own() {
        let mut names: Vec<_> = ALL.iter().map(|attack| attack.name).collect();
        for attack in ALL {
            assert!(attack.rows().next().is_some(), "{} names no row", attack.name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn a_name_tells_its_rows_and_nothing_that_is_no_row() {
        let rows = |name| Attack { name, play: |_| () }.rows().collect::<Vec<_>>();
        assert_eq!(rows("li8_li9_every_key"), ["LI8", "LI9"]);
        assert_eq!(rows("pa3_v4_a_purse"), ["PA3"]);
        assert_eq!(rows("ap15_there_is_none"), [""; 0]);
        assert_eq!(rows("ap0_there_is_none"), [""; 0]);
    }

    #[test]
    fn an_attack_that_ends_early_or_is_not_refused_has_failed() {
        let early = Attack { name: "ap1_early", play: |_| panic!("too early") };
        let taken = Attack { name: "ap1_taken", play: |t| t.case(false, || "taken".into()) };
        let tallies = play_all(&[&early, &taken], &|_, _| ());
        assert_eq!(tallies.iter().map(Tally::failed_cases).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(tallies[0].failures(), ["ended early: too early"]);
    }
}
