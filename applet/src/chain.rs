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
use crate::memory::Store;
use crate::memory::records::AccountRecord;
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
