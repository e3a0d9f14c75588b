//! What the center's owner decides about cards: frozen, thawed, revoked, paid out.
//!
//! A frozen or revoked card begins nothing new. What it has signed is booked all the same: its
//! payments to suspense, its events where they belong.

use saifu_center_api::ProblemCode;
use saifu_wire::{AccountId, CardId};

use crate::center::Center;
use crate::refusal::{Refusal, Result};
use crate::store::{AccountRow, Note, NoteKind, Revocation, Standing};

/// The fewest hex digits that name a card.
const MIN_NAME: usize = 4;

/// The most bytes of a reason.
const MAX_REASON: usize = 500;

impl Center {
    /// The account that `name` names: the hex of its id or of its card's, or its beginning.
    ///
    /// # Errors
    /// `malformed`: no hex, or too short; `not-found`; `conflict`: several begin so.
    pub fn card_named(&self, name: &str) -> Result<AccountRow> {
        let name = name.to_ascii_lowercase();
        if name.len() < MIN_NAME || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Refusal::malformed(format!(
                "\"{name:.64}\" names no card: give at least {MIN_NAME} hex digits of its id or \
                 its account's"
            )));
        }
        let mut found = self.store.accounts_named(&name)?;
        match (found.pop(), found.len()) {
            (Some(account), 0) => Ok(account),
            (None, _) => Err(Refusal::not_found(format!(
                "no card or account here begins with {name}: list the cards"
            ))),
            _ => Err(Refusal::conflict(format!(
                "several cards or accounts begin with {name}: give more of it"
            ))),
        }
    }

    /// At most `limit` accounts after the `after`th, oldest first, each with its place.
    ///
    /// # Errors
    /// The store fails.
    pub fn cards(&self, after: u64, limit: u32) -> Result<Vec<(u64, AccountRow)>> {
        self.store.accounts(after, limit)
    }

    /// What is known of a card's chain and purses.
    ///
    /// # Errors
    /// The store fails.
    pub fn card_standing(&self, account: AccountId) -> Result<Standing> {
        self.store.standing(account, self.now())
    }

    /// What was decided about a card, oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub fn card_notes(&self, account: AccountId) -> Result<Vec<Note>> {
        self.store.notes(account)
    }

    /// Freezes a card: it begins nothing new until it is thawed.
    ///
    /// # Errors
    /// `malformed`: no reason; `not-found`; `conflict`: it is frozen already.
    pub fn freeze_card(&self, account: AccountId, reason: &str) -> Result<()> {
        let row = self.account(account)?;
        if let Some(why) = &row.frozen {
            return Err(Refusal::conflict(format!("account {account} is frozen already: {why}")));
        }
        self.note(account, NoteKind::Frozen, reason)
    }

    /// Lets a frozen card begin new things again.
    ///
    /// # Errors
    /// `malformed`: no reason; `not-found`; `conflict`: it is not frozen, or is revoked or
    /// replaced, or a fork proves that it was copied and `despite_evidence` is not set.
    pub fn thaw_card(
        &self,
        account: AccountId,
        reason: &str,
        despite_evidence: bool,
    ) -> Result<()> {
        let row = self.account(account)?;
        if row.frozen.is_none() {
            return Err(Refusal::conflict(format!("account {account} is not frozen")));
        }
        if row.revoked.is_some() {
            return Err(Refusal::conflict("its card is revoked, which is for good: replace it"));
        }
        if let Some(replacement) = self.store.replacement_of(account)? {
            return Err(Refusal::conflict(format!(
                "its card is replaced by account {}, for good: use that one",
                replacement.new
            )));
        }
        if !despite_evidence && self.card_standing(account)?.forks > 0 {
            return Err(Refusal::conflict(
                "a fork proves that the card was copied: replace it; thaw it despite the evidence \
                 only where you know better",
            ));
        }
        self.note(account, NoteKind::Thawed, reason)
    }

    /// Revokes cards for good, registered here or not; returns how many were not revoked before.
    ///
    /// # Errors
    /// `malformed`: no reason.
    pub fn revoke_cards(&self, cards: &[CardId], reason: &str) -> Result<u32> {
        let (reason, now) = (checked(reason)?, self.now());
        let revoked =
            |card: &CardId| Revocation { card: *card, reason: reason.clone(), revoked: now };
        self.store.revoke_cards(cards.iter().map(revoked).collect())
    }

    /// Refuses to register a card that is revoked; one that has its account keeps it.
    pub(crate) fn refuse_revoked(&self, card: CardId, account: AccountId) -> Result<()> {
        let Some(why) = self.store.revocation(card)? else { return Ok(()) };
        if self.store.account(account)?.is_some() {
            return Ok(());
        }
        let detail = format!("card {card} is revoked: {why}; use another card");
        Err(Refusal::new(ProblemCode::CardNotAccepted, detail))
    }

    fn note(&self, account: AccountId, what: NoteKind, reason: &str) -> Result<()> {
        let note = Note { what, reason: checked(reason)?, noted: self.now() };
        self.store.note_card(account, note)
    }
}

/// A reason that says something.
pub(crate) fn checked(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > MAX_REASON {
        return Err(Refusal::malformed(format!(
            "a reason has 1 to {MAX_REASON} bytes: say why, it is kept"
        )));
    }
    Ok(reason.to_owned())
}
