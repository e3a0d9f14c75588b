//! What CREDIT and VOID have in common (§11): a signed credit, shown to the card that it is for,
//! and the event with which its load ends.

use saifu_wire::certificate::Role;
use saifu_wire::codec::Bytes;
use saifu_wire::signed::{Credit, Event, EventKind, Signed};
use saifu_wire::{Digest, Status};

use crate::chain::{self, Happened};
use crate::memory::records::{AccountRecord, PurseRecord};
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::purse;
use crate::refusal::Refusal;
use crate::trust::{self, Signer};

/// A load, by its credit, which is authentic and for this card, account, kind and unit.
pub(super) struct Load<'a> {
    credit: &'a Credit,
    identity: Digest,
    pub(super) account: AccountRecord,
    pub(super) purse: PurseRecord,
}

impl<'a> Load<'a> {
    /// Takes the credit that a host shows to have it applied.
    ///
    /// # Errors
    /// 6A80 not authentic, or not for this card, account, kind and unit; 6A88 no such purse.
    pub(super) fn to_apply<P: Platform>(
        store: &Store<P>,
        signed: &'a Signed<Credit>,
    ) -> Result<Self, Refusal> {
        trust::verify(store, signer(signed.message()), signed)?;
        Self::of(store, signed)
    }

    /// Takes the credit that a host gives up. That its key has expired meanwhile does not matter:
    /// it gives no value, and its load would never end else.
    ///
    /// # Errors
    /// As [`Load::to_apply`].
    pub(super) fn to_void<P: Platform>(
        store: &Store<P>,
        signed: &'a Signed<Credit>,
    ) -> Result<Self, Refusal> {
        trust::verify_even_expired(store, signer(signed.message()), signed)?;
        Self::of(store, signed)
    }

    fn of<P: Platform>(store: &Store<P>, signed: &'a Signed<Credit>) -> Result<Self, Refusal> {
        let credit = signed.message();
        let account = check_ours(store, credit)?;
        let purse: PurseRecord =
            store.get(&Key::Purse(credit.center, credit.purse))?.ok_or(Status::NotFound)?;
        if (purse.terms.kind, purse.terms.unit) != (credit.kind, credit.unit) {
            return Err(Status::WrongData.into());
        }
        Ok(Self { credit, identity: chain::identity(signed), account, purse })
    }

    /// Whether this very credit was the purse's last load, and ended so.
    pub(super) fn has_ended(&self, voided: bool) -> bool {
        let is_so = |event: Signed<Event>| (event.message().kind == EventKind::Voided) == voided;
        self.purse.last_credit == self.identity
            && Signed::parse(&self.purse.last_event.0).is_ok_and(is_so)
    }

    /// Takes the load's sequence.
    ///
    /// # Errors
    /// 6985 unless it is the purse's plus one.
    pub(super) fn use_sequence(&mut self) -> Result<(), Status> {
        purse::use_sequence(&mut self.purse, self.credit.sequence)
    }

    /// Ends the load with an event, in the commit that makes all else of `change`.
    ///
    /// # Errors
    /// Those of signing and of [`Store::commit`].
    pub(super) fn end<P: Platform>(
        &mut self,
        store: &mut Store<P>,
        (kind, amount): (EventKind, u64),
        mut change: Change,
    ) -> Result<(), Refusal> {
        let happened = Happened {
            kind,
            purse: self.credit.purse,
            amount,
            balance: self.purse.balance,
            held: self.purse.held,
            sequence: self.credit.sequence,
            cause: self.identity,
            load: self.credit.load,
        };
        let center = self.credit.center;
        let event = chain::append_event(store, center, &mut self.account, &happened)?;
        self.purse.last_credit = self.identity;
        self.purse.last_event = Bytes(event.to_bytes());
        change.put(Key::Account(center), &self.account);
        change.put(Key::Purse(center, self.credit.purse), &self.purse);
        Ok(store.commit(change)?)
    }
}

fn signer(credit: &Credit) -> Signer {
    Signer { holder: credit.center, role: Role::Credit, sequence: credit.signer }
}

/// The account that the credit is for.
fn check_ours<P: Platform>(store: &Store<P>, credit: &Credit) -> Result<AccountRecord, Refusal> {
    let account: AccountRecord =
        store.get(&Key::Account(credit.center))?.ok_or(Status::WrongData)?;
    let ours = credit.card == store.card() && credit.account == account.account;
    // A refund names token and licence, a load neither.
    let whole = credit.refunded_token.is_zero() == (credit.refunded_licence == 0);
    if ours && whole { Ok(account) } else { Err(Status::WrongData.into()) }
}
