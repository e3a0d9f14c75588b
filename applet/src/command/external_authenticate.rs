//! EXTERNAL AUTHENTICATE (§14.2).

use alloc::boxed::Box;
use saifu_wire::Status;
use saifu_wire::personalise::SECURITY_LEVEL;

use super::Context;
use crate::crypto::scp03::Channel;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::{Offer, SecureChannel};

pub(super) fn act<P: Platform>(
    header: [u8; 4],
    data: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    let SecureChannel::Offered(offer) = core::mem::take(&mut context.session.channel) else {
        return Err(Status::ConditionsNotSatisfied.into());
    };
    let [_, _, level, _] = header;
    if level != SECURITY_LEVEL {
        return Err(Status::ConditionsNotSatisfied.into());
    }
    let Offer { host, card, keys } = *offer;
    let channel = Channel::accept(keys, &host, &card, header, data)
        .map_err(|_| Status::SecurityNotSatisfied)?;
    context.session.channel = SecureChannel::Open(Box::new(channel));
    Ok(())
}
