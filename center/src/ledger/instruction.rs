//! What the center itself decides about value: signed, so that it is evidence like a card's word.
//!
//! Every entry of the ledger follows from something signed. What no card says and no card is
//! told (a payment taken out of suspense, value of a lost card, a payout to a shop) follows
//! from an instruction, signed by the credit key.

use saifu_wire::signed::Message;
use saifu_wire::value::{Kind, Unit};
use saifu_wire::{AccountId, CenterId, Digest, codes, layout};

use super::Holder;
use crate::store::NewFunding;

codes! {
    /// Why the center moves value.
    pub enum InstructionKind {
        /// A payment in suspense is settled after all; `cause` is the token's identity.
        Settle = 1,
        /// A shop, or the holder of a closed card, is paid out of the scheme; `cause` is the
        /// identity of the Closing, or SHA-256 of the payout's reference for a shop.
        PayOut = 2,
        /// Value is granted to a purse: an operator's gift, or a source of funding that signs
        /// nothing itself; `cause` is SHA-256 of the funding's id.
        Grant = 3,
        /// Value of a card that is replaced goes to its successor; `cause` is SHA-256 of the
        /// funding's id.
        Replace = 4,
        /// A payment is to be given back; `cause` is the token's identity.
        Refund = 5,
    }
}

layout! {
    /// An instruction: `amount` goes from source to target.
    pub struct Instruction {
        /// The center.
        center: CenterId,
        /// The sequence number of the credit key that signs.
        signer: u32,
        /// Why.
        why: InstructionKind,
        /// The kind of value.
        kind: Kind,
        /// The unit.
        unit: Unit,
        /// The amount, above 0.
        amount: u64,
        /// Who gives.
        source: Holder,
        /// Whose account of the books that is.
        source_id: [u8; 16],
        /// Who gets.
        target: Holder,
        /// Whose account of the books that is.
        target_id: [u8; 16],
        /// The account of the card that it concerns; zero for none.
        account: AccountId,
        /// The purse that it concerns; 0 for none.
        purse: u32,
        /// The identity of what it rests on.
        cause: Digest,
        /// The center's time, seconds since 1970.
        time: u64,
    }
}

impl Instruction {
    /// What a funding rests on that takes its value from an account of the books: the value is
    /// on its way to the funding's purse.
    pub fn of_funding(
        center: CenterId,
        why: InstructionKind,
        funding: &NewFunding,
        (cause, time): (Digest, u64),
    ) -> Self {
        Self {
            center,
            signer: 0,
            why,
            kind: funding.kind,
            unit: funding.unit,
            amount: funding.amount,
            source: funding.from.holder,
            source_id: funding.from.id,
            target: Holder::Unapplied,
            target_id: funding.id().0,
            account: funding.account,
            purse: funding.purse,
            cause,
            time,
        }
    }
}

impl Message for Instruction {
    const TAG: [u8; 4] = *b"SINS";
}
