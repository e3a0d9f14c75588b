//! A card's chain: one counter, each link naming the one before (§9.1).
//!
//! The first link is the event that opened the account. It is never sent in, and need not
//! be: all of it follows from the opening and the card's certificate.

use saifu_wire::signed::{Event, EventKind, Opening, Signed, unsigned_bytes};
use saifu_wire::{Digest, LoadId};

use crate::crypto::ecdsa::other_half;
use crate::crypto::{identity, sha256};
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, ChainFacts, Judged, Link};

/// The number of the link that opened the account.
const FIRST: u64 = 1;

/// What the first link of a chain may be. It names the card's certificate, which is as good with
/// either of two signatures (s, or n - s), and only the card knows with which it was made: whoever
/// registered the card may have turned it.
#[derive(Debug, Clone, Copy)]
pub struct FirstLink([Digest; 2]);

impl FirstLink {
    /// `seen`, where that is the first link; else the first link that was expected.
    pub fn or(&self, seen: Digest) -> Digest {
        let Self([expected, _]) = *self;
        if self.0.contains(&seen) { seen } else { expected }
    }
}

/// The identity of the event by which the account's card opened it.
///
/// # Errors
/// The stored opening is damaged.
pub fn first_link(account: &AccountRow) -> Result<FirstLink> {
    let opening = Signed::<Opening>::parse(&account.opening).map_err(|error| {
        Refusal::internal(format!("the opening of account {} is damaged: {error}", account.id))
    })?;
    let event = |certificate: &[u8]| Event {
        center: opening.message().center,
        account: account.id,
        counter: FIRST,
        previous: Digest(sha256(&[certificate])),
        kind: EventKind::Opened,
        purse: 0,
        amount: 0,
        balance: 0,
        held: 0,
        sequence: u64::from(opening.message().sequence),
        cause: identity(&opening),
        load: LoadId::ZERO,
    };
    let link = |certificate: &[u8]| Digest(sha256(&[&unsigned_bytes(&event(certificate))]));
    let certificate = &account.signature_certificate;
    Ok(FirstLink([link(certificate), link(&other_half(certificate))]))
}

/// The link that an event is.
pub fn link_of(event: &Signed<Event>) -> Link {
    let said = event.message();
    Link {
        account: said.account,
        counter: said.counter,
        identity: identity(event),
        previous: said.previous,
        purse: said.purse,
        balance: said.balance,
        signed: event.to_bytes(),
    }
}

/// Judges whether `link` joins what is known of the chain; `first` is its first link.
///
/// A gap is no fault: the links between are still on their way.
pub fn judge(link: &Link, facts: &ChainFacts, first: FirstLink) -> Judged {
    let same = if link.counter == FIRST { Some(first.or(link.identity)) } else { facts.same };
    let before =
        if link.counter == FIRST + 1 { Some(first.or(link.previous)) } else { facts.before };
    let counter = link.counter;
    match same {
        Some(known) if known == link.identity => return Judged::Known,
        Some(_) => {
            return Judged::Fork(format!("two links of its chain have the number {counter}"));
        }
        None => {}
    }
    if counter == 0 {
        return Judged::Fork("a link of its chain has the number 0".into());
    }
    if before.is_some_and(|before| before != link.previous) {
        return Judged::Fork(format!("link {counter} of its chain does not follow the one before"));
    }
    if facts
        .last
        .is_some_and(|(last, known)| counter > last || (counter == last && known != link.identity))
    {
        return Judged::Fork(format!(
            "link {counter} is not of the chain with which it was closed"
        ));
    }
    if facts.after_previous.is_some_and(|previous| previous != link.identity) {
        return Judged::Fork(format!(
            "link {counter} of its chain is not the one that the next names"
        ));
    }
    Judged::Booked
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_wire::AccountId;

    const FIRST_LINK: FirstLink = FirstLink([Digest([1; 32]), Digest([8; 32])]);

    fn link(counter: u64, identity: u8, previous: u8) -> Link {
        Link {
            account: AccountId([7; 16]),
            counter,
            identity: Digest([identity; 32]),
            previous: Digest([previous; 32]),
            purse: 1,
            balance: 5,
            signed: vec![],
        }
    }

    fn verdict(link: &Link, facts: ChainFacts) -> Judged {
        judge(link, &facts, FIRST_LINK)
    }

    fn is_fork(judged: &Judged) -> bool {
        matches!(judged, Judged::Fork(_))
    }

    #[test]
    fn a_link_that_joins_is_booked_and_one_after_a_gap_too() {
        let before = Some(Digest([4; 32]));
        let facts = ChainFacts { before, ..ChainFacts::default() };
        assert_eq!(verdict(&link(5, 5, 4), facts), Judged::Booked);
        assert_eq!(verdict(&link(9, 5, 4), ChainFacts::default()), Judged::Booked);
        let facts = ChainFacts { after_previous: Some(Digest([5; 32])), ..facts };
        assert_eq!(verdict(&link(5, 5, 4), facts), Judged::Booked);
    }

    #[test]
    fn the_same_link_is_known_and_another_with_its_number_is_a_fork() {
        let facts = ChainFacts { same: Some(Digest([5; 32])), ..ChainFacts::default() };
        assert_eq!(verdict(&link(5, 5, 4), facts), Judged::Known);
        assert!(is_fork(&verdict(&link(5, 6, 4), facts)));
    }

    #[test]
    fn a_link_that_does_not_join_before_or_after_is_a_fork() {
        let facts = ChainFacts { before: Some(Digest([3; 32])), ..ChainFacts::default() };
        assert!(is_fork(&verdict(&link(5, 5, 4), facts)));
        let facts = ChainFacts { after_previous: Some(Digest([6; 32])), ..ChainFacts::default() };
        assert!(is_fork(&verdict(&link(5, 5, 4), facts)));
    }

    #[test]
    fn a_closed_chain_ends_with_the_link_that_its_closing_names() {
        let closed = |last, identity| {
            let last = Some((last, Digest([identity; 32])));
            ChainFacts { last, ..ChainFacts::default() }
        };
        assert_eq!(verdict(&link(5, 5, 4), closed(6, 6)), Judged::Booked);
        assert_eq!(verdict(&link(5, 5, 4), closed(5, 5)), Judged::Booked);
        assert!(is_fork(&verdict(&link(5, 5, 4), closed(5, 6))));
        assert!(is_fork(&verdict(&link(5, 5, 4), closed(4, 4))));
    }

    #[test]
    fn the_chain_begins_with_the_opening_of_the_account() {
        assert_eq!(verdict(&link(2, 2, 1), ChainFacts::default()), Judged::Booked);
        assert_eq!(verdict(&link(2, 2, 8), ChainFacts::default()), Judged::Booked);
        assert!(is_fork(&verdict(&link(2, 2, 9), ChainFacts::default())));
        assert_eq!(verdict(&link(1, 1, 0), ChainFacts::default()), Judged::Known);
        assert_eq!(verdict(&link(1, 8, 0), ChainFacts::default()), Judged::Known);
        assert!(is_fork(&verdict(&link(1, 2, 0), ChainFacts::default())));
        assert!(is_fork(&verdict(&link(0, 2, 0), ChainFacts::default())));
    }
}
