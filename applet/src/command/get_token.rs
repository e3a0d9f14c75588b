//! GET TOKEN (§6.15): a token that waits in the outbox, as it was signed.

use saifu_wire::Status;
use saifu_wire::request::TokenRef;

use super::Context;
use crate::memory::Key;
use crate::memory::records::OutboxRecord;
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    token: &TokenRef,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let key = Key::Outbox(token.center, token.counter);
    let record: OutboxRecord = context.store.get(&key)?.ok_or(Status::NotFound)?;
    context.answer.extend_from_slice(&record.token.0);
    Ok(())
}
