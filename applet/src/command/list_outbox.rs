//! LIST OUTBOX (§6.16): which tokens no receipt has taken out yet.

use saifu_wire::Wire;
use saifu_wire::answer::{Outbox, OutboxEntry};

use super::Context;
use crate::memory::records::OutboxRecord;
use crate::memory::{Key, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let Context { store, answer, .. } = context;
    let mut outbox = Outbox::default();
    for key in store.keys(Key::outbox()) {
        if let Key::Outbox(center, counter) = key {
            let record: OutboxRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
            outbox.0.push(OutboxEntry { center, counter, licence: record.licence });
        }
    }
    outbox.write(answer);
    Ok(())
}
