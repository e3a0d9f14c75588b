//! Cards as they are told, by the interface and by the owner's program alike.

use std::collections::BTreeMap;

use saifu_center_api as api;
use saifu_wire::value::PurseTerms;

use crate::accounts::purses_of;
use crate::center::Center;
use crate::clock::rfc3339;
use crate::closings::closing_of;
use crate::left_behind::Left;
use crate::money;
use crate::refusal::Result;
use crate::store::{AccountRow, FundingState, Note, NoteKind};

/// The most fundings of an account that are summed up as waiting.
const MAX_WAITING: u32 = 1_000;

impl Center {
    /// All that is known of a card.
    ///
    /// # Errors
    /// The store fails, or what it has of the account is damaged.
    pub fn told_card(&self, account: &AccountRow) -> Result<api::AdminCard> {
        let standing = self.card_standing(account.id)?;
        Ok(api::AdminCard {
            card: card_line(account),
            links: standing.top,
            links_missing: standing.gaps,
            open_orders: standing.open_orders,
            evidence: standing.evidence,
            forks: standing.forks,
            purses: self.told_purses(account)?,
            notes: self.card_notes(account.id)?.iter().map(noted).collect(),
        })
    }

    fn told_purses(&self, account: &AccountRow) -> Result<Vec<api::CardPurse>> {
        let standing = self.card_standing(account.id)?;
        let (closing, waits) = (closing_of(account)?, self.waits(account)?);
        let of = |terms: &PurseTerms| {
            let found = standing.purses.iter().find(|standing| standing.purse == terms.purse);
            let purses = closing.as_ref().map(|closing| &closing.message().purses.0);
            let owed = purses.and_then(|all| all.iter().find(|purse| purse.purse == terms.purse));
            api::CardPurse {
                purse: terms.purse,
                kind: money::kind_name(terms.kind).into(),
                unit: terms.unit.to_string(),
                on_card: found.map_or(0, |standing| standing.on_card),
                unapplied: found.map_or(0, |standing| standing.unapplied),
                said: found.and_then(|standing| standing.said),
                set_off: found.map_or(0, |standing| standing.set_off),
                owed: owed.map(|purse| purse.balance),
                waits: waits.get(&terms.purse).copied().unwrap_or(0),
                ended: self.has_ended(terms),
            }
        };
        Ok(purses_of(account)?.iter().map(of).collect())
    }

    /// What waits for each of an account's purses to load it.
    fn waits(&self, account: &AccountRow) -> Result<BTreeMap<u32, u64>> {
        let mut waits = BTreeMap::new();
        for row in self.store.fundings(account.id, Some(FundingState::Ready), MAX_WAITING)? {
            let sum: &mut u64 = waits.entry(row.what.purse).or_default();
            *sum = sum.saturating_add(row.what.amount);
        }
        Ok(waits)
    }
}

/// What a replaced card's successor has no purse for.
pub fn told_left(left: &Left) -> api::LeftBehind {
    api::LeftBehind {
        purse: left.purse,
        kind: money::kind_name(left.kind).into(),
        unit: left.unit.to_string(),
        amount: left.amount,
    }
}

/// A card and its state.
pub fn card_line(account: &AccountRow) -> api::CardLine {
    let (state, reason) = match (&account.revoked, &account.frozen, &account.closing) {
        (Some(why), _, _) => ("revoked", why.clone()),
        (None, Some(why), _) => ("frozen", why.clone()),
        (None, None, Some(_)) => ("closed", String::new()),
        (None, None, None) => ("good", String::new()),
    };
    api::CardLine {
        card: account.card.to_string(),
        account: account.id.to_string(),
        class: format!("{:?}", account.assurance).to_lowercase(),
        registered: rfc3339(account.opened),
        state: state.into(),
        reason,
    }
}

fn noted(note: &Note) -> api::CardNote {
    let what = match note.what {
        NoteKind::Frozen => "frozen",
        NoteKind::Thawed => "thawed",
        NoteKind::Revoked => "revoked",
        NoteKind::Replaced => "replaced",
        NoteKind::Replaces => "replaces another",
        NoteKind::Refunded => "refunded",
    };
    api::CardNote { noted: rfc3339(note.noted), what: what.into(), reason: note.reason.clone() }
}
