//! The last word of a card that was terminated (§12.2): it ends the chain, says what every purse
//! holds, and proves of a load above its last sequence that it never came to the card.

use saifu_wire::signed::{Closing, Signed};

use super::Audit;
use super::chain::Chain;
use super::finding::Rule;
use super::moment::uint;
use crate::crypto::identity;

/// Takes an account's Closing, if there is one.
pub(super) fn read(audit: &mut Audit<'_>, chain: &mut Chain<'_>) -> rusqlite::Result<()> {
    let sql = "SELECT closing, counter, previous FROM closings WHERE account = ?1";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([chain.account])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    let name = format!("account {}: its closing", hex::encode(chain.account));
    let Ok(signed) = Signed::<Closing>::parse(&row.get::<_, Vec<u8>>("closing")?) else {
        audit.findings.add(Rule::Unreadable, || format!("{name} is none"));
        return Ok(());
    };
    let said = signed.message();
    let by_card = chain.card.key.verify_signed(&signed).is_ok();
    audit.findings.unless(by_card, Rule::Signature, || format!("{name} is not signed by its card"));
    let of = (said.center, said.account.0, said.card.0);
    let ours = of == (audit.keys.center, chain.account, chain.card.id);
    audit.findings.unless(ours, Rule::Chain, || format!("{name} is of another card or account"));
    let kept = (uint(row, "counter")?, row.get("previous")?);
    audit.findings.unless(kept == (said.counter, said.previous.0), Rule::Row, || {
        format!("{name}: its row says other than it")
    });
    chain.end(&name, (said.counter, said.previous), audit);
    for purse in &said.purses.0 {
        chain.loads.close_by_card(purse.purse, purse.sequence, identity(&signed), audit)?;
        let Some(known) = chain.purses.get_mut(&purse.purse) else { continue };
        if let Some(wrong) = known.closed(purse.balance, purse.sequence) {
            audit.findings.add(Rule::Purse, || format!("{name}: purse {}: {wrong}", purse.purse));
        }
    }
    Ok(())
}
