//! Credits that an operator gives.

use saifu_wire::value::PurseTerms;
use saifu_wire::{AccountId, CenterId, Digest};

use crate::accounts::{purse_of, refuse_barred};
use crate::center::Center;
use crate::config::is_over;
use crate::ledger::{Holder, Instruction, InstructionKind, Side};
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, FundingId, FundingRow, FundingSource, NewFunding};

/// A credit to be given.
#[derive(Debug, Clone)]
pub struct Gift {
    /// To whom.
    pub account: AccountId,
    /// Into which purse.
    pub purse: u32,
    /// How much, in minor units.
    pub amount: u64,
    /// The operator's own name for it: the same one again gives nothing more.
    pub reference: String,
    /// Why, in words.
    pub reason: String,
}

impl Center {
    /// Gives value to a purse, on the center's signed instruction. The same reference again gives
    /// nothing more.
    ///
    /// # Errors
    /// As [`fund`](Center::fund); `limit`: more than one credit may give, or more than one load
    /// of this card may bring; `conflict`: the purse has ended;
    /// `card-frozen`.
    pub fn give(&self, gift: &Gift) -> Result<FundingRow> {
        let account = self.account(gift.account)?;
        refuse_barred(&account)?;
        let terms = purse_of(&account, gift.purse)?;
        if self.has_ended(&terms) {
            return Err(Refusal::conflict(format!(
                "purse {} has ended: give the value to another",
                gift.purse
            )));
        }
        if is_over(gift.amount, self.config.funding.max_credit) {
            return Err(Refusal::limit(format!(
                "a credit gives at most {} here (max_credit of the configuration)",
                self.config.funding.max_credit
            )));
        }
        self.refuse_large_load(&account, gift.amount)?;
        self.fund_noted(self.gift_of(&account, &terms, gift)?, gift.reason.clone())
    }

    /// Refuses what is more than one load of the card may bring.
    ///
    /// # Errors
    /// `limit`.
    pub(crate) fn refuse_large_load(&self, account: &AccountRow, amount: u64) -> Result<()> {
        let most = self.config.limits.of(account.assurance).max_load;
        if !is_over(amount, most) {
            return Ok(());
        }
        Err(Refusal::limit(format!(
            "a load of this card brings at most {most}: ask for less, or use another card"
        )))
    }

    fn gift_of(&self, account: &AccountRow, terms: &PurseTerms, gift: &Gift) -> Result<NewFunding> {
        let cause = FundingId::of(FundingSource::Operator, &gift.reference).cause();
        let instruction = self.keys.sign(Instruction {
            center: CenterId::ZERO,
            signer: 0,
            why: InstructionKind::Grant,
            kind: terms.kind,
            unit: terms.unit,
            amount: gift.amount,
            source: Holder::Issued,
            source_id: [0; 16],
            target: Holder::Unapplied,
            target_id: [0; 16],
            account: account.id,
            purse: terms.purse,
            cause,
            time: self.now(),
        })?;
        Ok(NewFunding {
            account: account.id,
            purse: terms.purse,
            kind: terms.kind,
            unit: terms.unit,
            amount: gift.amount,
            source: FundingSource::Operator,
            reference: gift.reference.clone(),
            available_from: 0,
            from: Side::ISSUED,
            refunded_token: Digest::ZERO,
            refunded_licence: 0,
            evidence: instruction.to_bytes(),
        })
    }
}
