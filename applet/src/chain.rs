//! The chain: one counter and one line of hashes over everything that moved value (§9.1).
//!
//! ```text
//! SHA-256(certificate of Ksig) <- link 1 <- link 2 <- ... <- link n     n = counter
//! ```
//! One chain per center. A link is an event or a token; whoever makes one changes the
//! account's record with it, in the same commit.

use saifu_wire::signed::{Event, EventKind, Message, Signed};
use saifu_wire::{CenterId, Digest, LoadId, Status};

use crate::crypto::hash::sha256;
use crate::memory::records::AccountRecord;
use crate::memory::{Key, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::signer;

/// What an event says, apart from its place in the chain.
#[derive(Debug, Clone, Copy)]
pub struct Happened {
    /// What it did.
    pub kind: EventKind,
    /// The purse; 0 when an account was opened.
    pub purse: u32,
    /// The amount moved.
    pub amount: u64,
    /// The purse's balance afterwards.
    pub balance: u64,
    /// What the purse has on hold afterwards.
    pub held: u64,
    /// The load's sequence; of an opening, the opening's.
    pub sequence: u64,
    /// The identity of what caused it; zero for none.
    pub cause: Digest,
    /// The load; zero for none.
    pub load: LoadId,
}

/// The identity of a signed thing: the SHA-256 of what is signed (§3.2).
#[must_use]
pub fn identity<M: Message>(signed: &Signed<M>) -> Digest {
    Digest(sha256(&[signed.unsigned()]))
}

/// The number of the next link.
///
/// # Errors
/// 6985 at the counter's end.
pub fn next_counter(account: &AccountRecord) -> Result<u64, Status> {
    account.counter.checked_add(1).ok_or(Status::ConditionsNotSatisfied)
}

/// Whether so many links more fit, besides the one with which each price on hold will end.
///
/// # Errors
/// 6985 when they do not.
pub fn check_room<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    account: &AccountRecord,
    links: u64,
) -> Result<(), Status> {
    let holds = u64::try_from(store.count(&Key::holds_of(center))).unwrap_or(u64::MAX);
    let last = links.checked_add(holds).and_then(|more| account.counter.checked_add(more));
    last.map(drop).ok_or(Status::ConditionsNotSatisfied)
}

/// How many links an event needs: one, and one more for the end of a hold, which takes the place
/// that was left for it.
const fn links(kind: EventKind) -> u64 {
    match kind {
        EventKind::Held => 2,
        EventKind::Cancelled => 0,
        EventKind::Opened
        | EventKind::Credited
        | EventKind::Voided
        | EventKind::Expired
        | EventKind::Refunded => 1,
    }
}

/// Makes `link` the end of the chain; its counter is [`next_counter`].
///
/// # Errors
/// 6985 at the counter's end.
pub fn append<M: Message>(account: &mut AccountRecord, link: &Signed<M>) -> Result<(), Status> {
    account.counter = next_counter(account)?;
    account.previous = identity(link);
    Ok(())
}

/// Signs the next event of an account and makes it the end of the chain.
///
/// # Errors
/// 6985 at the counter's end; those of [`signer::sign`].
pub fn append_event<P: Platform>(
    store: &Store<P>,
    center: CenterId,
    account: &mut AccountRecord,
    happened: &Happened,
) -> Result<Signed<Event>, Refusal> {
    check_room(store, center, account, links(happened.kind))?;
    let event = Event {
        center,
        account: account.account,
        counter: next_counter(account)?,
        previous: account.previous,
        kind: happened.kind,
        purse: happened.purse,
        amount: happened.amount,
        balance: happened.balance,
        held: happened.held,
        sequence: happened.sequence,
        cause: happened.cause,
        load: happened.load,
    };
    let signed = signer::sign(store, event)?;
    append(account, &signed)?;
    Ok(signed)
}
