//! PSO: VERIFY CERTIFICATE (§6.9): the card learns a center's key.

use saifu_wire::certificate::Certificate;

use super::Context;
use crate::platform::Platform;
use crate::refusal::Refusal;
use crate::trust;

pub(super) fn act<P: Platform>(
    certificate: &Certificate,
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    trust::accept(context.store, certificate)
}
