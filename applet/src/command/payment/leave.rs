//! On what grounds a payment may be made: a VERIFY, or because it is small (§4.4).

use saifu_wire::Status;
use saifu_wire::personalise::Limits;
use saifu_wire::value::Price;

use crate::memory::records::SpendingRecord;
use crate::memory::{Change, Key, Store};
use crate::platform::Platform;
use crate::purse::limits;
use crate::refusal::Refusal;
use crate::session::Session;

/// On what grounds a payment may be made.
#[derive(Debug)]
pub(in crate::command) enum Leave {
    /// The last VERIFY, which is used up with it.
    Verified,
    /// It is small; this is the sum of such payments then.
    Small(SpendingRecord),
}

/// Asks for the PIN, unless this price is known to need none.
pub(super) fn ask<P: Platform>(
    store: &Store<P>,
    session: &Session,
    limits: &Limits,
    price: Option<&Price>,
) -> Result<Leave, Refusal> {
    let blocked = store.pin_tries() == 0;
    if session.is_authorised() && !blocked {
        return Ok(Leave::Verified);
    }
    let spent: Option<SpendingRecord> = store.get(&Key::Spending)?;
    let spent = spent.unwrap_or_default();
    match price.and_then(|price| limits::without_pin(limits, &spent, price)) {
        Some(spent) => Ok(Leave::Small(spent)),
        None if blocked => Err(Status::PinBlocked.into()),
        None => Err(Status::SecurityNotSatisfied.into()),
    }
}

impl Leave {
    /// Commits a payment together with what it costs of the leave.
    ///
    /// # Errors
    /// Those of [`Store::commit`]; then the leave is as it was.
    pub(in crate::command) fn commit<P: Platform>(
        &self,
        mut change: Change,
        store: &mut Store<P>,
        session: &mut Session,
    ) -> Result<(), Refusal> {
        match self {
            Self::Small(spent) => change.put(Key::Spending, spent),
            Self::Verified => {}
        }
        store.commit(change)?;
        match self {
            Self::Verified => Ok(session.use_authorisation()?),
            Self::Small(_) => Ok(()),
        }
    }
}
