//! `saifu-center card show`.

use saifu_center_api::{AdminCard, CardPurse};

use super::super::output::{Output, table};
use crate::center::Center;
use crate::refusal::Result;
use crate::store::AccountRow;

/// Shows all that is known of a card.
pub(super) fn show(center: &Center, account: &AccountRow, output: &Output) -> Result<()> {
    output.say(&center.told_card(account)?, text)
}

fn text(shown: &AdminCard) -> String {
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
    let row = |purse: &CardPurse| {
        let (on_card, coming) = (purse.on_card.to_string(), purse.unapplied.to_string());
        let owed = purse.owed.map_or(String::new(), |owed| owed.to_string());
        let (said, id) = (number(purse.said), purse.purse.to_string());
        let set_off = purse.set_off.to_string();
        let waits = if purse.waits == 0 { String::new() } else { purse.waits.to_string() };
        let (kind, unit) = (purse.kind.clone(), purse.unit.clone());
        [id, kind, unit, on_card, coming, waits, said, set_off, owed]
    };
    let rows: Vec<_> = shown.purses.iter().map(row).collect();
    let head =
        ["purse", "kind", "unit", "ledger", "coming", "waits", "card said", "set off", "owed"];
    text.push_str(&table(head, [true, false, false, true, true, true, true, true, true], &rows));
    for purse in shown.purses.iter().filter(|purse| purse.ended && purse.waits > 0) {
        text.push_str(&format!(
            "purse {} has ended: the {} {} that wait for it are never loaded\n",
            purse.purse, purse.waits, purse.unit
        ));
    }
    for note in &shown.notes {
        text.push_str(&format!("{}  {}: {}\n", note.noted, note.what, note.reason));
    }
    text
}
