//! Card and center, both known: what every purchase begins with.

use crate::card::{Card, CardError, Selected};
use crate::center::{CenterError, Client};
use crate::trust::{CardIdentity, CenterIdentity, Untrusted, check_time};
use saifu_wire::personalise::PinnedRoot;
use saifu_wire::{AccountId, Nonce};
use std::time::{SystemTime, UNIX_EPOCH};

/// A card and a center that the terminal has verified up to its root.
pub struct Session<'a> {
    /// The card, its applet selected.
    pub selected: Selected<'a>,
    /// Who the card is.
    pub card: CardIdentity,
    /// Who the center is.
    pub center: CenterIdentity,
    /// The way to the center.
    pub client: &'a Client,
    /// Unix time when the session began.
    pub now: u64,
    /// Whether the card was told the center's time.
    is_timed: bool,
}

/// Why card and center did not come together.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The card.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The center.
    #[error(transparent)]
    Center(#[from] CenterError),
    /// Something does not verify.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
}

impl<'a> Session<'a> {
    /// Selects the card's applet, has the card prove who it is, and asks the center who it
    /// is; both must lead to `root`.
    pub fn open(
        card: &'a mut Card,
        client: &'a Client,
        root: &PinnedRoot,
    ) -> Result<Self, SessionError> {
        let now = unix_time();
        let mut selected = card.select()?;
        let card = selected.authenticate(root, &fresh_nonce(), now);
        let card = card.map_err(|error| beside_center(error, client))?;
        let center = CenterIdentity::verify(&client.center()?, root, now);
        let center = center.map_err(|error| beside_card(error, root))?;
        Ok(Self { selected, card, center, client, now, is_timed: false })
    }

    /// Tells the card the center's time, once in a session (§12.3).
    pub fn tell_time(&mut self, account: AccountId) -> Result<(), SessionError> {
        if self.is_timed {
            return Ok(());
        }
        self.introduce()?;
        let challenge = self.selected.challenge()?;
        let order = self.client.time(account, &challenge)?;
        check_time(&order, &self.center, &self.card, &challenge)?;
        self.selected.set_time(&order)?;
        self.is_timed = true;
        Ok(())
    }

    /// Shows the card those certificates of the center that it does not hold yet.
    pub fn introduce(&mut self) -> Result<(), CardError> {
        let held = self.selected.center_keys()?.0;
        for certificate in self.center.certificates() {
            let body = certificate.body();
            let known = held.iter().any(|key| {
                key.center == self.center.id
                    && key.role == body.role
                    && key.sequence == body.sequence
            });
            if !known {
                self.selected.verify_certificate(certificate)?;
            }
        }
        Ok(())
    }
}

/// Why a card is not trusted, beside the center that it was brought to: one of yet another root
/// is no use to it, whatever this terminal trusts.
fn beside_center(error: CardError, client: &Client) -> SessionError {
    let CardError::Untrusted(Untrusted::OtherRoot { of: card, .. }) = error else {
        return error.into();
    };
    match client.center().ok().and_then(|center| CenterIdentity::root_said(&center)) {
        Some(center) if center != card => Untrusted::Apart { card, center }.into(),
        _ => error.into(),
    }
}

/// Why a center is not trusted, beside a card that is.
fn beside_card(error: Untrusted, root: &PinnedRoot) -> Untrusted {
    match error {
        Untrusted::OtherRoot { of, .. } => Untrusted::Apart { card: root.name, center: of },
        error => error,
    }
}

/// The terminal's clock, in seconds of Unix time.
pub fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A nonce that nobody has seen.
///
/// # Panics
/// Where the operating system has no random source: nothing can be done safely then.
pub fn fresh_nonce() -> Nonce {
    let mut nonce = Nonce::ZERO;
    getrandom::fill(&mut nonce.0).expect("the operating system has a random source");
    nonce
}
