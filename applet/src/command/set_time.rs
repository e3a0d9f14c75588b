//! SET TIME (§6.32, §12.3): a time that the center signed for this session.

use saifu_wire::Status;
use saifu_wire::certificate::Role;
use saifu_wire::signed::{Signed, TimeOrder};

use super::Context;
use crate::memory::records::CenterRecord;
use crate::memory::{Change, Key, StoreError};
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::trust::{self, Signer};

pub(super) fn act<P: Platform>(
    signed: &Signed<TimeOrder>,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let Context { store, session, .. } = context;
    let order = signed.message();
    // Used up whatever comes of it.
    let challenge = session.challenge.take();
    if order.card != store.card() || challenge != Some(order.nonce) {
        return Err(Status::WrongData.into());
    }
    let signer = Signer { holder: order.center, role: Role::Licence, sequence: order.signer };
    trust::verify(store, signer, signed)?;
    let key = Key::Center(order.center);
    let known: CenterRecord = store.get(&key)?.ok_or(StoreError::Memory)?;
    if order.time < known.time_floor {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    if order.time > known.time_floor {
        let mut change = Change::new();
        change.put(key, &CenterRecord { time_floor: order.time, ..known });
        store.commit(change)?;
    }
    session.times.note(order.center, order.time);
    Ok(())
}

#[cfg(test)]
mod tests;
