//! Which kills come when: drawn before the storm, so that a seed draws the same again.

use std::collections::VecDeque;

use super::Size;
use crate::fixture::Draws;

/// What a card's own thread kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    Host,
    Pcscd,
}

/// All kills of a storm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// Those of the process with all the cards: the insertions of all cards before each.
    pub(super) cards: Vec<u64>,
    /// Those beside each card: its own insertions before each.
    pub(super) beside: Vec<VecDeque<(u64, Victim)>>,
}

/// The part of the insertions, in percent, during which the cards' process is killed.
const UNTIL_PERCENT: u64 = 95;

impl Plan {
    /// Draws it.
    pub(super) fn draw(size: Size, seed: u64) -> Self {
        let mut draws = Draws::new(&format!("card-storm {seed} kills"));
        let until = (size.insertions * UNTIL_PERCENT / 100).max(1) as usize;
        let mut cards = Vec::new();
        let mut beside = vec![Vec::new(); usize::from(size.cards)];
        for _ in 0..size.kills {
            let victim = match draws.below(3) {
                0 => {
                    cards.push(draws.below(until) as u64);
                    continue;
                }
                1 => Victim::Host,
                _ => Victim::Pcscd,
            };
            let number = draws.below(beside.len());
            let own = share(size, number).max(1);
            beside[number].push((1 + draws.below(own as usize) as u64, victim));
        }
        cards.sort_unstable();
        beside.iter_mut().for_each(|kills| kills.sort_by_key(|(when, _)| *when));
        Self { cards, beside: beside.into_iter().map(VecDeque::from).collect() }
    }
}

/// The insertions of one card.
pub(super) fn share(size: Size, number: usize) -> u64 {
    let (cards, number) = (u64::from(size.cards), number as u64);
    size.insertions / cards + u64::from(number < size.insertions % cards)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_as_many_kills_as_asked_for_of_each_kind_and_the_same_again() {
        let plan = Plan::draw(Size::FULL, 7);
        assert_eq!(plan, Plan::draw(Size::FULL, 7));
        assert_ne!(plan, Plan::draw(Size::FULL, 8));
        let beside: Vec<_> = plan.beside.iter().flatten().collect();
        assert_eq!((plan.cards.len() + beside.len()) as u64, Size::FULL.kills);
        for victim in [Victim::Host, Victim::Pcscd] {
            assert!(beside.iter().filter(|(_, drawn)| *drawn == victim).count() > 30);
        }
        assert!(plan.cards.len() > 30 && plan.cards.iter().all(|when| *when < 950));
        assert!(beside.iter().all(|(when, _)| (1..=100).contains(when)));
    }

    #[test]
    fn all_shares_are_all_insertions() {
        let size = Size { cards: 10, insertions: 57, kills: 0 };
        assert_eq!((0..10).map(|number| share(size, number)).sum::<u64>(), 57);
    }
}
