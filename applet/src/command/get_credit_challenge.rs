//! GET CREDIT CHALLENGE (§6.29, §11.1): where a purse stands, before a load.

use saifu_wire::Status;
use saifu_wire::request::ChallengeRequest;
use saifu_wire::signed::Challenge;

use super::Context;
use crate::memory::Key;
use crate::memory::records::{AccountRecord, PurseRecord};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::signer;

pub(super) fn act<P: Platform>(
    request: &ChallengeRequest,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let center = request.purse.center;
    let key = Key::Purse(center, request.purse.purse);
    let purse: PurseRecord = context.store.get(&key)?.ok_or(Status::NotFound)?;
    let account: Option<AccountRecord> = context.store.get(&Key::Account(center))?;
    let challenge = Challenge {
        center,
        account: account.ok_or(Status::MemoryFailure)?.account,
        purse: request.purse.purse,
        sequence: purse.sequence,
        nonce: request.nonce,
        last: purse.last_event,
    };
    let signed = signer::sign(context.store, challenge)?;
    context.answer.extend_from_slice(&signed.to_bytes());
    Ok(())
}
