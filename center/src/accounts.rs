//! Accounts: a user registers with a card, once, and gets purses (§10).
//!
//! Only a card whose two certificates an issuer signed is taken, so that `Ke` is never
//! wrapped for a key of the terminal's own making, nor for another card's.

use saifu_center_api::ProblemCode;
use saifu_wire::AccountId;
use saifu_wire::signed::{Message, Opening, Signed};
use saifu_wire::value::PurseTerms;

use crate::center::Center;
use crate::crypto::ecdsa::other_half;
use crate::keys::{Card, CardRefused};
use crate::refusal::{Refusal, Result};
use crate::store::AccountRow;

impl Center {
    /// Registers a card by its two certificates, tag 7F21 included. The same card again gets
    /// the same account and the same bytes.
    ///
    /// Account and opening follow from the card, the center's keys and its configured purses:
    /// a store put back from a backup older than the account finds the account again, with an
    /// opening of the identity that the card has kept.
    ///
    /// # Errors
    /// `not-authentic` for certificates that do not belong to one genuine card;
    /// `card-not-accepted` for a genuine card that is not served here; `conflict` for a card
    /// that is registered with other certificates.
    pub fn register(&self, signature: &[u8], encryption: &[u8]) -> Result<AccountRow> {
        let now = self.now();
        let card = self.trust.verify_card(signature, encryption, now).map_err(refuse_card)?;
        let id = self.keys.account_of(card.id);
        self.refuse_revoked(card.id, id)?;
        let opening = self.keys.sign(Opening {
            center: self.id(),
            signer: 0,
            card: card.id,
            account: id,
            sequence: 0,
            time: card.since,
            purses: self.config.purse_terms_of(card.assurance)?,
        })?;
        let mut account = self.store.open_account(AccountRow {
            id,
            card: card.id,
            assurance: card.assurance,
            signature_certificate: signature.to_vec(),
            encryption_certificate: encryption.to_vec(),
            opening: opening.to_bytes(),
            opened: now,
            frozen: None,
            revoked: None,
            closing: None,
        })?;
        let same = |known: &[u8], shown| known == shown || other_half(known) == shown;
        if !same(&account.signature_certificate, signature)
            || !same(&account.encryption_certificate, encryption)
        {
            return Err(Refusal::conflict(format!(
                "card {} is registered with other certificates: use those it was made with",
                card.id
            )));
        }
        account.opening = self.keys.renew::<Opening>(account.opening)?;
        Ok(account)
    }

    /// An account.
    ///
    /// # Errors
    /// `not-found`.
    pub fn account(&self, id: AccountId) -> Result<AccountRow> {
        self.store.account(id)?.ok_or_else(|| {
            Refusal::not_found(format!(
                "there is no account {id} here: register the card first, the account is found again"
            ))
        })
    }
}

/// Refuses a card that is frozen, revoked or closed: it begins nothing new here.
///
/// # Errors
/// `card-frozen`; `card-not-accepted`: it is closed.
pub fn refuse_barred(account: &AccountRow) -> Result<()> {
    let id = account.id;
    if let Some(why) = &account.revoked {
        let detail = format!("the card of account {id} is revoked: {why}; use another card");
        return Err(Refusal::new(ProblemCode::CardFrozen, detail));
    }
    if let Some(why) = &account.frozen {
        return Err(Refusal::new(ProblemCode::CardFrozen, frozen_detail(id, why)));
    }
    if account.closing.is_some() {
        let detail = format!("account {id} is closed, by its card's own word: use another card");
        return Err(Refusal::new(ProblemCode::CardNotAccepted, detail));
    }
    Ok(())
}

/// What the owner of a frozen card is told.
pub(crate) fn frozen_detail(account: AccountId, why: &str) -> String {
    format!("the card of account {account} is frozen: {why}; turn to the center's owner")
}

/// The card of an account, as it was taken.
///
/// # Errors
/// The stored certificates are damaged.
pub(crate) fn card_of(account: &AccountRow) -> Result<Card> {
    let [signature, encryption] = [&account.signature_certificate, &account.encryption_certificate];
    Card::of_certificates(signature, encryption)
        .map_err(|error| Refusal::internal(format!("account {}: {error}", account.id)))
}

/// Reads what the account's card signed, `what` in words.
///
/// # Errors
/// `malformed`; `not-authentic`: another key signed it.
pub(crate) fn signed_by_card<M: Message>(
    account: &AccountRow,
    bytes: &[u8],
    what: &str,
) -> Result<Signed<M>> {
    let signed = Signed::<M>::parse(bytes).map_err(|error| {
        Refusal::malformed(format!("this is not {what}: {error}; send what the card answered"))
    })?;
    card_of(account)?.signature_key.verify_signed(&signed).map_err(|_| {
        let id = account.id;
        Refusal::not_authentic(format!("the card of account {id} has not signed this"))
    })?;
    Ok(signed)
}

/// The purses of an account, as the center signed them.
///
/// # Errors
/// The stored opening is damaged.
pub(crate) fn purses_of(account: &AccountRow) -> Result<Vec<PurseTerms>> {
    let opening = Signed::<Opening>::parse(&account.opening).map_err(|error| {
        Refusal::internal(format!("the opening of account {} is damaged: {error}", account.id))
    })?;
    Ok(opening.message().purses.0.clone())
}

/// A purse of an account.
///
/// # Errors
/// `not-found`.
pub(crate) fn purse_of(account: &AccountRow, purse: u32) -> Result<PurseTerms> {
    let found = purses_of(account)?.into_iter().find(|terms| terms.purse == purse);
    found.ok_or_else(|| Refusal::not_found(format!("account {} has no purse {purse}", account.id)))
}

/// Tells a card that is not served from one that is not genuine.
pub(crate) fn refuse_card(refused: CardRefused) -> Refusal {
    match refused {
        CardRefused::Malformed => Refusal::malformed(format!(
            "{refused}: send both certificates as the card gives them, tag 7F21 included"
        )),
        CardRefused::Class => Refusal::new(
            ProblemCode::CardNotAccepted,
            format!(
                "{refused}: use a hardware card where it is in production, a test or software \
                 card in test mode"
            ),
        ),
        CardRefused::NotToday => Refusal::new(
            ProblemCode::CardNotAccepted,
            format!("{refused}: ask the card's issuer for a new card, or set the clock right"),
        ),
        _ => Refusal::not_authentic(format!(
            "{refused}: send the two certificates of one genuine card"
        )),
    }
}
