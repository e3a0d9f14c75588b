//! What the books sum up to.

use saifu_wire::AccountId;
use saifu_wire::signed::Outcome;
use saifu_wire::value::{Kind, Unit};

use super::{Holder, InstructionKind};
use crate::store::LoadState;

/// What the ledger and the evidence sum up to, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Books {
    /// What went from whom to whom, by the ledger.
    pub flows: Vec<Sum<Flow>>,
    /// Loads whose credit was given out, by state.
    pub loaded: Vec<Sum<LoadState>>,
    /// Tokens, by outcome.
    pub paid: Vec<Sum<Outcome>>,
    /// What the center decided itself, by why.
    pub instructed: Vec<Sum<InstructionKind>>,
    /// Purses whose ledger does not agree with the card's word or with what is noted of them, or
    /// is below zero.
    pub purses: Vec<PurseFinding>,
    /// How many accounts there are.
    pub accounts: u64,
    /// How many of them are frozen.
    pub frozen: u64,
    /// How many pieces of evidence are kept.
    pub evidence: u64,
    /// How many links of cards' chains were not sent in yet.
    pub gaps: u64,
}

/// An amount of one kind and unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum<T> {
    /// The kind of value.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// What it is the sum of.
    pub of: T,
    /// The sum.
    pub amount: i64,
}

/// From whom value goes, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Who gives.
    pub source: Holder,
    /// Who gets.
    pub target: Holder,
}

/// What [`Sum`]s can be of.
pub trait SumOf: Copy + PartialEq {}

impl SumOf for Flow {}
impl SumOf for InstructionKind {}
impl SumOf for LoadState {}
impl SumOf for Outcome {}

/// A purse of which the books cannot be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurseFinding {
    /// The account.
    pub account: AccountId,
    /// The purse.
    pub purse: u32,
    /// What the card has, by the ledger.
    pub balance: i64,
    /// What is on its way to the card.
    pub coming: i64,
    /// What the card's last known link says, with what is on hold; none if there is none.
    pub signed: Option<i64>,
    /// What settling goes by: the sum of both, as it is noted beside the ledger.
    pub noted: i64,
}
