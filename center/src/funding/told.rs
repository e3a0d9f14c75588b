//! Vouchers and credits as they are told, by the interface and by the owner's program alike.

use saifu_center_api as api;

use crate::clock::rfc3339;
use crate::money;
use crate::store::{Batch, FundingRow, FundingState};

/// A batch, and where its codes are at `now`.
pub fn told_batch(batch: &Batch, now: u64) -> api::VoucherBatch {
    let row = &batch.row;
    let is_expired = row.expires != 0 && row.expires < now;
    let state = match row.sold {
        _ if is_expired => "expired",
        None => "not sold",
        Some(_) => "sold",
    };
    let (unused, expired) = if is_expired { (0, batch.unused) } else { (batch.unused, 0) };
    api::VoucherBatch {
        batch: hex::encode(row.id),
        kind: money::kind_name(row.kind).into(),
        unit: row.unit.to_string(),
        amount: row.amount,
        state: state.into(),
        unused,
        unused_amount: unused.saturating_mul(row.amount),
        redeemed: batch.redeemed,
        redeemed_amount: batch.redeemed.saturating_mul(row.amount),
        voided: batch.voided,
        expired,
        made: rfc3339(row.made),
        expires: (row.expires != 0).then(|| rfc3339(row.expires)),
    }
}

/// A credit, and why it was given.
pub fn told_credit(row: FundingRow, reason: String) -> api::Credit {
    api::Credit {
        funding: row.id.to_string(),
        account: row.what.account.to_string(),
        purse: row.what.purse,
        amount: row.what.amount,
        unit: row.what.unit.to_string(),
        state: told_state(row.state).into(),
        reference: row.what.reference,
        reason,
        given: rfc3339(row.made),
    }
}

/// Where a credit stands.
pub fn told_state(state: FundingState) -> &'static str {
    match state {
        FundingState::Ready => "ready",
        FundingState::Loading => "loading",
        FundingState::Loaded => "loaded",
        FundingState::Returned => "withdrawn",
    }
}
