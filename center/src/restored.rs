//! A center that was put back from a backup: what cards say of loads that it has forgotten.
//!
//! The card is genuine and signed that the value is on it: it is booked on the card's word, from
//! nothing that the center remembers. A center that was never put back has forgotten nothing, and
//! takes no such word.

use saifu_center_api::ProblemCode;
use saifu_wire::LoadId;
use saifu_wire::signed::{Event, EventKind, Signed};

use crate::accounts::{frozen_detail, purse_of, signed_by_card};
use crate::center::Center;
use crate::chain;
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, CardsWord, ChainFacts, Judged};

impl Center {
    /// Books the event by which a card closed `load`, of which nothing is known here, and returns
    /// it.
    ///
    /// # Errors
    /// `not-found`: the event closes another load; else as [`Center::close_load`].
    pub(crate) fn close_forgotten(&self, load: LoadId, event: &[u8]) -> Result<Vec<u8>> {
        let parsed = Signed::<Event>::parse(event).map_err(|error| {
            Refusal::malformed(format!(
                "this is not a signed event: {error}; send what the card answered"
            ))
        })?;
        if parsed.message().load != load {
            return Err(Refusal::not_found(format!(
                "there is no load {load}: ask for one of the purse"
            )));
        }
        let account = self.account(parsed.message().account)?;
        let event = signed_by_card::<Event>(&account, event, "a signed event")?;
        self.take_word(&account, &event)?;
        Ok(event.to_bytes())
    }

    /// Whether a load, or that its credit was given out, may have been forgotten: nothing of it is
    /// known, or it was opened before the center was put back from a backup.
    pub(crate) fn has_forgotten(&self, load: LoadId) -> Result<bool> {
        let Some(restored) = self.store.last_restore()? else { return Ok(false) };
        let row = self.store.load(load)?;
        Ok(row.is_none_or(|row| row.credit.is_none() && row.opened <= restored))
    }

    /// Books an event for a load that was forgotten.
    ///
    /// # Errors
    /// `card-frozen`: it breaks the card's chain; `conflict`: it closes no load.
    pub(crate) fn take_word(&self, account: &AccountRow, event: &Signed<Event>) -> Result<()> {
        let said = event.message();
        let amount = match said.kind {
            EventKind::Credited | EventKind::Refunded => said.amount,
            EventKind::Voided => 0,
            _ => {
                return Err(Refusal::conflict(
                    "the event closes no load: send the receipt of the load",
                ));
            }
        };
        if (said.center, said.account) != (self.id(), account.id) {
            return Err(Refusal::conflict("the event is of another center or account"));
        }
        let terms = purse_of(account, said.purse)?;
        let (link, first) = (chain::link_of(event), chain::first_link(account)?);
        let word = CardsWord {
            link: link.clone(),
            load: said.load,
            kind: terms.kind,
            unit: terms.unit,
            amount,
        };
        let judge = move |facts: ChainFacts| Ok(chain::judge(&link, &facts, first));
        match self.store.book_cards_word(word, self.now(), Box::new(judge))? {
            Judged::Booked | Judged::Known => Ok(()),
            Judged::Fork(why) => {
                Err(Refusal::new(ProblemCode::CardFrozen, frozen_detail(account.id, &why)))
            }
        }
    }
}
