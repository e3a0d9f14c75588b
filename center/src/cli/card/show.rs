//! `saifu-center card show`.

use saifu_wire::value::PurseTerms;
use serde::Serialize;

use super::super::output::{Output, table};
use super::{Line, line};
use crate::accounts::purses_of;
use crate::center::Center;
use crate::clock::rfc3339;
use crate::closings::closing_of;
use crate::money;
use crate::refusal::Result;
use crate::store::{AccountRow, Note, NoteKind, PurseStanding};

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    card: Line,
    links: u64,
    links_missing: u64,
    open_orders: u64,
    evidence: u64,
    forks: u64,
    purses: Vec<Purse>,
    notes: Vec<Noted>,
}

#[derive(Serialize)]
struct Purse {
    purse: u32,
    kind: &'static str,
    unit: String,
    on_card: i64,
    unapplied: i64,
    said: Option<i64>,
    set_off: u64,
    owed: Option<u64>,
}

#[derive(Serialize)]
struct Noted {
    noted: String,
    what: &'static str,
    reason: String,
}

/// Shows all that is known of a card.
pub(super) fn show(center: &Center, account: &AccountRow, output: &Output) -> Result<()> {
    let standing = center.card_standing(account.id)?;
    let shown = Shown {
        card: line(account),
        links: standing.top,
        links_missing: standing.gaps,
        open_orders: standing.open_orders,
        evidence: standing.evidence,
        forks: standing.forks,
        purses: purses(account, &standing.purses)?,
        notes: center.card_notes(account.id)?.iter().map(noted).collect(),
    };
    output.say(&shown, text)
}

fn purses(account: &AccountRow, known: &[PurseStanding]) -> Result<Vec<Purse>> {
    let closing = closing_of(account)?;
    let of = |terms: &PurseTerms| {
        let found = known.iter().find(|standing| standing.purse == terms.purse);
        let purses = closing.as_ref().map(|closing| &closing.message().purses.0);
        let owed = purses.and_then(|all| all.iter().find(|purse| purse.purse == terms.purse));
        Purse {
            purse: terms.purse,
            kind: money::kind_name(terms.kind),
            unit: terms.unit.to_string(),
            on_card: found.map_or(0, |standing| standing.on_card),
            unapplied: found.map_or(0, |standing| standing.unapplied),
            said: found.and_then(|standing| standing.said),
            set_off: found.map_or(0, |standing| standing.set_off),
            owed: owed.map(|purse| purse.balance),
        }
    };
    Ok(purses_of(account)?.iter().map(of).collect())
}

fn noted(note: &Note) -> Noted {
    let what = match note.what {
        NoteKind::Frozen => "frozen",
        NoteKind::Thawed => "thawed",
        NoteKind::Revoked => "revoked",
        NoteKind::Replaced => "replaced",
        NoteKind::Replaces => "replaces another",
        NoteKind::Refunded => "refunded",
    };
    Noted { noted: rfc3339(note.noted), what, reason: note.reason.clone() }
}

fn text(shown: &Shown) -> String {
    let card = &shown.card;
    let reason = if card.reason.is_empty() { String::new() } else { format!(": {}", card.reason) };
    let mut text = format!(
        "card      {}\naccount   {}\nclass     {}\nstate     {}{reason}\nchain     {} links, {} \
         missing\norders    {} open\nevidence  {}, {} of them forks\n\n",
        card.card,
        card.account,
        card.class,
        card.state,
        shown.links,
        shown.links_missing,
        shown.open_orders,
        shown.evidence,
        shown.forks,
    );
    let number = |of: Option<i64>| of.map_or("nothing".into(), |of| of.to_string());
    let row = |purse: &Purse| {
        let (on_card, coming) = (purse.on_card.to_string(), purse.unapplied.to_string());
        let owed = purse.owed.map_or(String::new(), |owed| owed.to_string());
        let (said, id) = (number(purse.said), purse.purse.to_string());
        let set_off = purse.set_off.to_string();
        [id, purse.kind.into(), purse.unit.clone(), on_card, coming, said, set_off, owed]
    };
    let rows: Vec<_> = shown.purses.iter().map(row).collect();
    let head = ["purse", "kind", "unit", "ledger", "coming", "card said", "set off", "owed"];
    text.push_str(&table(head, [true, false, false, true, true, true, true, true], &rows));
    for note in &shown.notes {
        text.push_str(&format!("{}  {}: {}\n", note.noted, note.what, note.reason));
    }
    text
}
