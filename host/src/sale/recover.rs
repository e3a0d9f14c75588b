//! Going on after the card was lost on the way: pulled, reset by another program, its reader
//! or the service of readers gone.

use super::{Customer, Observer, Sale, SaleError, Step};
use crate::card::{Card, CardError};
use crate::center::Client;
use crate::session::{Session, SessionError};
use saifu_wire::personalise::PinnedRoot;

/// How often in one go the card is waited for.
const MAX_LOSSES: usize = 3;

/// The two that a sale brings together, and the root both must lead to.
pub struct Parties<'a> {
    /// The card, connected or not any more.
    pub card: &'a mut Card,
    /// The way to the center.
    pub client: &'a Client,
    /// The root that the terminal trusts.
    pub root: &'a PinnedRoot,
}

impl Sale {
    /// Goes on after [`Sale::run`] has failed: where it was the card that was lost, waits for
    /// one to be there, which must prove that it is the card of this sale, and runs again.
    ///
    /// Any other failure is returned as it is, and so is the card's not coming back.
    pub fn recover(
        &mut self,
        error: SaleError,
        parties: &mut Parties<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let mut failed = error;
        for _ in 0..MAX_LOSSES {
            if !is_card_lost(parties.card, &failed) {
                break;
            }
            observer.step(&Step::CardLost { name: parties.card.name().to_owned() });
            parties.card.reconnect()?;
            match self.run_again(parties, customer, observer) {
                Ok(()) => return Ok(()),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn run_again(
        &mut self,
        parties: &mut Parties<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let mut session = Session::open(parties.card, parties.client, parties.root)?;
        self.run(&mut session, customer, observer)
    }
}

/// Whether the card that the session began with may not be the one that is there now.
///
/// A card that was reset or changed without anybody's noticing refuses whatever it is asked,
/// for on it nothing is selected.
fn is_card_lost(card: &mut Card, error: &SaleError) -> bool {
    match error {
        SaleError::Session(SessionError::Card(CardError::Transport(error))) => error.is_lost(),
        SaleError::Session(SessionError::Card(CardError::Refused(_))) => !card.is_selected(),
        _ => false,
    }
}
