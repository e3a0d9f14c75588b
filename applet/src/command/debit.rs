//! DEBIT (§6.14): the price leaves the purse and a token is there, in one commit or not at all.
//!
//! ```text
//! purse − price · account: counter + 1, previous = token · licence: paid, by this token
//! outbox: the token, signed · what was paid without a PIN
//! ```
//! Only then the answer, out of what was stored. A licence that is paid answers with its token.

use saifu_wire::answer::LicenceStatus;
use saifu_wire::request::{LicenceRef, PayRequest};
use saifu_wire::signed::PaymentOrder;

use super::Context;
use super::payment;
use crate::content_key;
use crate::memory::Key;
use crate::memory::records::LicenceRecord;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    request: &PayRequest,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let LicenceRef { center, number } = request.licence;
    let record: Option<LicenceRecord> = context.store.get(&Key::Licence(center, number))?;
    if let Some(paid) = record.as_ref().filter(|record| is_paid(record)) {
        let waiting = payment::waiting(context.store, &request.licence, paid)?;
        context.answer.extend(waiting.into_iter().flat_map(|waiting| waiting.token.0));
        return Ok(());
    }
    let (payment, leave) = payment::approve(request, record, PaymentOrder::PayFirst, context)?;
    let (token, mut change) = payment.pay(context.store, LicenceStatus::Paid)?;
    content_key::open_kept(context.store, &request.licence, &mut change)?;
    leave.commit(change, context.store, context.session)?;
    context.answer.extend_from_slice(&token.token.0);
    Ok(())
}

/// Whether a debit paid this licence, and it was not refunded.
fn is_paid(record: &LicenceRecord) -> bool {
    record.state.token != 0 && record.state.status == LicenceStatus::Paid
}

#[cfg(test)]
mod cuts;
#[cfg(test)]
mod purses;
#[cfg(test)]
mod tests;
