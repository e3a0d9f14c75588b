//! One account: its card's certificates, its opening, its loads, its chain, and what its purses
//! come to.

use rusqlite::Row;
use saifu_wire::AccountId;
use saifu_wire::certificate::Role;
use saifu_wire::signed::{Closing, Event, Opening, Signed, Token};

use super::chain::Chain;
use super::finding::Rule;
use super::keys::CardKeys;
use super::moment::uint;
use super::purse::Purse;
use super::report::{Gap, PurseGap};
use super::{Audit, closing, loads};

/// An account, as its row says.
pub(super) struct AccountRow {
    pub(super) id: [u8; 16],
    card: [u8; 16],
    assurance: u64,
    signature: Vec<u8>,
    encryption: Vec<u8>,
    opening: Vec<u8>,
    frozen: bool,
}

impl AccountRow {
    /// Reads an account.
    pub(super) fn read(audit: &Audit<'_>, id: [u8; 16]) -> rusqlite::Result<Self> {
        let sql = "SELECT * FROM accounts WHERE id = ?1";
        audit.moment.connection.prepare_cached(sql)?.query_row([id], Self::of)
    }

    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            card: row.get("card")?,
            assurance: uint(row, "assurance")?,
            signature: row.get("signature_certificate")?,
            encryption: row.get("encryption_certificate")?,
            opening: row.get("opening")?,
            frozen: row.get::<_, Option<String>>("frozen")?.is_some(),
        })
    }
}

/// Audits one account.
pub(super) fn audit(audit: &mut Audit<'_>, row: &AccountRow) -> rusqlite::Result<()> {
    let name = format!("account {}", hex::encode(row.id));
    let card = match CardKeys::new(&row.signature, &row.encryption, audit.roots) {
        Ok(card) => card,
        Err(why) => {
            audit
                .findings
                .add(Rule::Certificate, || format!("{name}: a certificate of its card {why}"));
            return Ok(());
        }
    };
    let same = (card.id, u64::from(card.assurance)) == (row.card, row.assurance);
    audit.findings.unless(same, Rule::Certificate, || {
        format!("{name}: the certificates are of another card or class than the account")
    });
    let Some(opening) = opening(audit, row, &name) else { return Ok(()) };
    let loads = loads::read(audit, row.id, row.card)?;
    let mut chain = Chain::new(&opening, &card, loads);
    chain.walk(audit)?;
    closing::read(audit, &mut chain)?;
    for (purse, amount) in chain.loads.end(&mut audit.findings) {
        if let Some(purse) = chain.purses.get_mut(&purse) {
            purse.coming += i128::from(amount);
        }
    }
    purses(audit, &chain, &name);
    gaps(audit, &chain);
    evidence(audit, row, &card)
}

/// The opening, if it is the center's and this account's.
fn opening(audit: &mut Audit<'_>, row: &AccountRow, name: &str) -> Option<Signed<Opening>> {
    let Ok(signed) = Signed::<Opening>::parse(&row.opening) else {
        audit.findings.add(Rule::Opening, || format!("{name}: its opening is none"));
        return None;
    };
    let said = signed.message();
    let good = audit.keys.signed(Role::Credit, said.signer, &signed);
    audit.findings.unless(good, Rule::Signature, || {
        format!("{name}: its opening is not signed by the center's credit key")
    });
    let is = (said.center, said.account.0, said.card.0, said.sequence);
    let same = is == (audit.keys.center, row.id, row.card, 0);
    audit.findings.unless(same, Rule::Opening, || {
        format!("{name}: its opening is of another center, account or card")
    });
    same.then_some(signed)
}

/// Where no link is missing, the evidence and the card's last word come to the same.
fn purses(audit: &mut Audit<'_>, chain: &Chain<'_>, name: &str) {
    for (number, purse) in &chain.purses {
        audit.take_words(purse);
        audit.findings.unless(
            !chain.gaps.is_empty() || purse.booked == purse.whole(),
            Rule::Purse,
            || {
                format!(
                    "{name}, purse {number}: the evidence leaves {} on it, the card's last word \
                     is {}",
                    purse.booked,
                    purse.whole()
                )
            },
        );
        // What is missing of the chain of a card whose orders were forgotten may be credits.
        let forgotten = chain.forgotten && !chain.gaps.is_empty();
        let covered = purse.booked + purse.coming >= 0 || forgotten;
        audit.findings.unless(covered, Rule::Overspent, || {
            let over = -(purse.booked + purse.coming);
            format!("{name}, purse {number}: the card has spent {over} more than it was given")
        });
    }
}

/// Tells what is missing, and how much that is.
fn gaps(audit: &mut Audit<'_>, chain: &Chain<'_>) {
    if chain.gaps.is_empty() {
        return;
    }
    let unsettled = |purse: &Purse| purse.booked - purse.whole();
    let open = chain.purses.iter().filter(|(_, purse)| unsettled(purse) != 0);
    audit.tell_gap(Gap {
        account: AccountId(chain.account).to_string(),
        links: chain.gaps.iter().map(|(first, last)| last - first + 1).sum(),
        runs: chain.gaps.clone(),
        purses: open
            .map(|(number, purse)| PurseGap {
                purse: *number,
                unit: purse.terms.unit.to_string(),
                unsettled: unsettled(purse),
            })
            .collect(),
    });
}

/// Judges what is kept against the card: that it signed it, and that a copied one is frozen.
fn evidence(audit: &mut Audit<'_>, account: &AccountRow, card: &CardKeys) -> rusqlite::Result<()> {
    let sql = "SELECT kind, detail, signed FROM evidence WHERE account = ?1 ORDER BY place";
    let moment = audit.moment;
    let mut statement = moment.connection.prepare_cached(sql)?;
    let mut rows = statement.query([account.id])?;
    let name = format!("account {}", hex::encode(account.id));
    while let Some(row) = rows.next()? {
        let (kind, detail): (i64, String) = (row.get("kind")?, row.get("detail")?);
        let signed: Vec<u8> = row.get("signed")?;
        let by_card = Signed::<Token>::parse(&signed)
            .map(|token| card.key.verify_signed(&token).is_ok())
            .or_else(|_| {
                Signed::<Event>::parse(&signed).map(|event| card.key.verify_signed(&event).is_ok())
            })
            .or_else(|_| {
                Signed::<Closing>::parse(&signed).map(|last| card.key.verify_signed(&last).is_ok())
            });
        audit.findings.unless(by_card == Ok(true), Rule::Signature, || {
            format!("{name}: what is kept against its card was not signed by it: {detail}")
        });
        audit.evidence = audit.evidence.saturating_add(1);
        if kind == FORK {
            let frozen = if account.frozen { "" } else { ", and it is not frozen" };
            audit.findings.add(Rule::Fork, || format!("{name}: {detail}{frozen}"));
        }
    }
    Ok(())
}

/// The code of evidence that a card was copied.
const FORK: i64 = 1;
