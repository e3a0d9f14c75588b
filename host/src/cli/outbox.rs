//! Payments that wait in the card's outbox and of which no purchase here knows: their journal
//! is lost, and the token alone is enough for the center.

use super::context::{Context, pin};
use super::purchases::outcome;
use super::report::tell;
use super::{Failure, arguments::PinSource};
use crate::session::{Session, SessionError};
use crate::trust::{Untrusted, check_receipt};
use saifu_center_api::{HexBytes, Payment};
use saifu_wire::answer::OutboxEntry;
use saifu_wire::request::TokenRef;
use saifu_wire::signed::{Outcome, Receipt};
use serde_json::{Value, json};

/// Said where a payment to another center waits.
const OTHERS: &str =
    "a payment to another center waits in the card: run `saifu resume` with that --center\n";

const TOKEN: &str = "the card's payment";

/// A payment that was settled, by what the center said of it.
pub(super) struct Settled {
    licence: u64,
    receipt: Receipt,
}

/// Has the center book every payment to it that is still in the card's outbox, and shows the
/// card each receipt; asks for the PIN only where there is one.
///
/// What has been settled before a failure stays so, and is not paid twice.
pub(super) fn settle(context: &Context, source: &PinSource) -> Result<Vec<Settled>, Failure> {
    let mut card = context.card()?;
    if card.select()?.status()?.outbox == 0 {
        return Ok(Vec::new());
    }
    let (client, root) = (context.client()?, context.root()?);
    let mut session = Session::open(&mut card, &client, &root)?;
    let entries = session.selected.verify(&pin(source)?)?.outbox()?.0;
    let here = session.center.id;
    let (mine, others): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.center == here);
    if !others.is_empty() {
        tell(OTHERS);
    }
    Ok(mine.into_iter().map(|entry| submit(&mut session, &entry)).collect::<Result<_, _>>()?)
}

/// Settles one payment: the center finds its licence by its order.
fn submit(session: &mut Session<'_>, entry: &OutboxEntry) -> Result<Settled, SessionError> {
    let OutboxEntry { center, counter, licence } = *entry;
    let token = session.selected.token(&TokenRef { center, counter })?;
    session.card.check(&token, TOKEN)?;
    if (token.message().center, token.message().counter) != (center, counter) {
        return Err(Untrusted::Other { what: TOKEN, field: "center or counter" }.into());
    }
    let payment = Payment { token: HexBytes(token.to_bytes()), licence: None };
    let receipt = session.client.settle(&payment)?;
    let signed = check_receipt(&receipt, &session.center, &token)?;
    session.introduce()?;
    session.selected.acknowledge(&receipt)?;
    Ok(Settled { licence, receipt: signed.message().clone() })
}

impl Settled {
    /// What the user reads.
    pub(super) fn line(&self) -> String {
        let how = match self.receipt.outcome {
            Outcome::Settled => "settled",
            Outcome::Suspense => "booked to suspense: ask the center",
        };
        format!("licence {}: paid, its purchase is not known here: {how}\n", self.licence)
    }

    /// The same as JSON.
    pub(super) fn object(&self) -> Value {
        json!({
            "center": self.receipt.center.to_string(),
            "licence": self.licence,
            "counter": self.receipt.counter,
            "entry": self.receipt.entry,
            "outcome": outcome(self.receipt.outcome),
        })
    }
}
