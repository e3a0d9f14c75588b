//! SELECT (§6.1): what this application is, and a new session.

use saifu_wire::Status;
use saifu_wire::answer::{LifeCycle, Selected};
use saifu_wire::applet::AID;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::session::Session;

pub(super) fn act<P: Platform>(
    aid: &[u8],
    context: &mut Context<'_, P>,
) -> Result<Status, Refusal> {
    if !AID.starts_with(aid) {
        return Err(Status::ApplicationNotFound.into());
    }
    *context.session = Session::selected();
    let life_cycle = context.store.life_cycle();
    let selected = Selected::new(life_cycle, context.store.manufacture().assurance);
    context.answer.extend_from_slice(&selected.to_fci());
    Ok(if life_cycle == LifeCycle::Terminated { Status::Terminated } else { Status::Ok })
}
