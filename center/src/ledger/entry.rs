//! One entry of the ledger, and of what follows which.

use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, Digest};

use super::{Holder, Instruction};
use crate::crypto::sha256;
use crate::store::{LoadRow, LoadState, TokenRow};

/// One side of an entry. Where it is a card, it is the purse of the entry's number, in the
/// account `id`: value of a replaced card goes from one account to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// Which account of the books.
    pub holder: Holder,
    /// Whose: the load, account or shop; zero where there is one only.
    pub id: [u8; 16],
}

/// An entry: an amount goes from source to target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// The amount, above 0.
    pub amount: u64,
    /// Who gives.
    pub source: Side,
    /// Who gets.
    pub target: Side,
    /// The account of the card that it concerns.
    pub account: AccountId,
    /// The purse that it concerns.
    pub purse: u32,
    /// The identity of the signed thing that proves it.
    pub evidence: Digest,
}

impl Side {
    /// What the center has given out.
    pub const ISSUED: Self = Self { holder: Holder::Issued, id: [0; 16] };

    /// A holder's account in the books.
    pub fn new(holder: Holder, id: [u8; 16]) -> Self {
        Self { holder, id }
    }
}

impl Entry {
    /// A credit was given out, of value that `source` had: `signed` is it.
    pub fn credit_given_out(load: &LoadRow, source: Side, signed: &[u8]) -> Self {
        let unsigned = signed.len().saturating_sub(saifu_wire::signed::SIGNATURE_BYTES);
        let evidence = Digest(sha256(&[&signed[..unsigned]]));
        Self::of_load(load, source, unapplied(load), evidence)
    }

    /// A load whose credit was given out was closed by the event `evidence`; none while it is
    /// not closed. What the card gave up goes back to `source`, which gave it.
    pub fn load_closed(
        load: &LoadRow,
        source: Side,
        state: LoadState,
        evidence: Digest,
    ) -> Option<Self> {
        let target = match state {
            LoadState::Applied => card(load.account),
            LoadState::Voided => source,
            LoadState::Open | LoadState::Credited => return None,
        };
        Some(Self::of_load(load, unapplied(load), target, evidence))
    }

    /// A token was booked.
    pub fn payment(token: &TokenRow, outcome: Outcome) -> Self {
        let target = match outcome {
            Outcome::Settled => Side { holder: Holder::Settled, id: token.shop.0 },
            Outcome::Suspense => Side { holder: Holder::Suspense, id: token.link.account.0 },
        };
        Self {
            kind: token.kind,
            unit: token.unit,
            amount: token.amount,
            source: card(token.link.account),
            target,
            account: token.link.account,
            purse: token.link.purse,
            evidence: token.link.identity,
        }
    }

    /// The center decided it: `evidence` is the identity of the signed instruction.
    pub fn instructed(instruction: &Instruction, evidence: Digest) -> Self {
        let Instruction { kind, unit, amount, account, purse, .. } = *instruction;
        let source = Side::new(instruction.source, instruction.source_id);
        let target = Side::new(instruction.target, instruction.target_id);
        Self { kind, unit, amount, source, target, account, purse, evidence }
    }

    fn of_load(load: &LoadRow, source: Side, target: Side, evidence: Digest) -> Self {
        let LoadRow { kind, unit, amount, account, purse, .. } = *load;
        Self { kind, unit, amount, source, target, account, purse, evidence }
    }
}

fn unapplied(load: &LoadRow) -> Side {
    Side { holder: Holder::Unapplied, id: load.id.0 }
}

fn card(account: AccountId) -> Side {
    Side { holder: Holder::Card, id: account.0 }
}
