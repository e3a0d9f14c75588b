//! Settlement: a card's payment is booked, exactly once (ST12, §9.3).
//!
//! ```text
//! the card's signature ─▶ booked before? its receipt ─▶ opened ─▶ agrees with its licence
//!   ─▶ one transaction: chain, the licence is the center's own, order, entry, receipt
//! ```
//!
//! A genuine token is never refused: where its order cannot be settled it is booked to
//! suspense, with a signed receipt all the same, short of a card that overspends beyond what the
//! store can sum. A center that was put back from a backup settles
//! what it has forgotten: the licence, which it signed, says all that is needed of the order. A
//! token that contradicts its licence is no genuine card's; it is kept as evidence, and nothing is
//! booked. A fork freezes the card.

mod agree;

use std::sync::Arc;

use saifu_center_api::ProblemCode;
use saifu_wire::CenterId;
use saifu_wire::codec::Wire as _;
use saifu_wire::signed::{Licence, Outcome, Receipt, Signed, Token, TokenPayload};

use self::agree::agree;
use crate::accounts::frozen_detail;
use crate::center::Center;
use crate::chain::{self, FirstLink};
use crate::crypto::identity;
use crate::keys::Keys;
use crate::payers::Payer;
use crate::payment::{TokenRefused, Verified};
use crate::refusal::{Refusal, Result};
use crate::store::{
    AccountRow, Evidence, EvidenceKind, Judged, Link, LinkName, OrderFacts, SettleFacts, TokenRow,
    Verdict,
};

impl Center {
    /// Books a token for its licence and returns the signed receipt; the same token again
    /// gets the same bytes. A token that comes without it pays the licence of its own order.
    ///
    /// # Errors
    /// `malformed`; `not-found`: no such account, or no such order, whose licence is needed;
    /// `not-authentic`: not signed by the account's card, or a licence that is not this center's;
    /// `contradiction`: they do not agree; `card-frozen`: the token proves that the card was copied.
    pub fn settle(&self, token: &[u8], licence: Option<&[u8]>) -> Result<Vec<u8>> {
        let token = self.token_for_us(token)?;
        let payer = self.payer(token.message().account)?;
        let account = &payer.account;
        let verified = Verified::of(&payer.signature_key, &token).map_err(|_| {
            let id = account.id;
            Refusal::not_authentic(format!("the card of account {id} has not signed this"))
        })?;
        // From here on the card's signature is verified: what follows may decrypt.
        if let Some(receipt) = self.receipt_of(&payer, &token)? {
            return self.answer(receipt);
        }
        let given = licence.map(read_licence).transpose()?;
        let paid = self.open_payment(&verified, &token)?;
        let licence = given.map_or_else(|| self.licence_of(account, &paid), Ok)?;
        let row = self.read_payment(account, &token, &paid, &licence)?;
        let verdict = self.book_payment(&payer, row, &licence)?;
        self.metrics.verdict(&verdict);
        match verdict {
            Verdict::Known(receipt) | Verdict::Booked { receipt, .. } => {
                payer.note_booked(token.message().counter);
                self.answer(receipt)
            }
            Verdict::Fork(why) => {
                Err(Refusal::new(ProblemCode::CardFrozen, frozen_detail(account.id, &why)))
            }
            Verdict::Unproven => Err(Refusal::internal("a licence was verified and is not taken")),
        }
    }

    /// The receipt of a token that is booked already, where that is likely: it saves the private
    /// operation.
    fn receipt_of(&self, payer: &Payer, token: &Signed<Token>) -> Result<Option<Vec<u8>>> {
        let Token { account, counter, .. } = *token.message();
        if !payer.may_be_booked(counter) {
            return Ok(None);
        }
        let name = LinkName { account, counter, identity: identity(token) };
        self.store.receipt(name)
    }

    fn answer(&self, receipt: Vec<u8>) -> Result<Vec<u8>> {
        self.set_off(&receipt)?;
        Ok(self.keys.renew::<Receipt>(receipt)?)
    }

    fn token_for_us(&self, token: &[u8]) -> Result<Signed<Token>> {
        let token = Signed::<Token>::parse(token).map_err(|error| {
            Refusal::malformed(format!("this is not a signed token: {error}; send it as it is"))
        })?;
        let Token { center, .. } = token.message();
        if *center != self.id() {
            return Err(Refusal::not_found(format!(
                "the token pays center {center}, this is {}: send it there",
                self.id()
            )));
        }
        Ok(token)
    }

    fn open_payment(&self, verified: &Verified<'_>, token: &Signed<Token>) -> Result<TokenPayload> {
        let opened = verified.open(&self.keys).map_err(refuse_token);
        opened.or_else(|refusal| self.contradiction(token, refusal))
    }

    /// The licence of the order that a token names, for one that came without it: the order
    /// must be this account's, and the licence the one that was paid.
    fn licence_of(&self, account: &AccountRow, paid: &TokenPayload) -> Result<Signed<Licence>> {
        let order = self.store.order(paid.order)?.filter(|order| order.account == account.id);
        let licence = order.map(|order| read_licence(&order.licence)).transpose()?;
        licence.filter(|licence| identity(licence) == paid.licence_identity).ok_or_else(|| {
            Refusal::not_found(format!(
                "the licence that the token pays, of order {}, is not remembered here: send the \
                 licence with the token",
                paid.order
            ))
        })
    }

    /// Checks that the token says what its licence says.
    fn read_payment(
        &self,
        account: &AccountRow,
        token: &Signed<Token>,
        paid: &TokenPayload,
        licence: &Signed<Licence>,
    ) -> Result<TokenRow> {
        if paid.licence_identity != identity(licence) {
            self.prove(licence)?;
            // The terminal's mistake, no proof against the card.
            return Err(Refusal::contradiction(
                "the token pays another licence: send each token with the licence that it pays",
            ));
        }
        agree(account, token.message(), paid, licence.message()).or_else(|refusal| {
            self.prove(licence)?;
            self.contradiction(token, refusal)
        })?;
        Ok(TokenRow {
            link: link(token, paid),
            payload: paid.to_bytes(),
            licence: licence.to_bytes(),
            licence_identity: paid.licence_identity,
            licence_number: paid.licence,
            order_expires: self.order_expires(licence.message().time),
            order: paid.order,
            shop: paid.shop,
            kind: paid.kind,
            unit: paid.unit,
            amount: paid.amount,
        })
    }

    /// Keeps a token that no honest card signs, and refuses it.
    fn contradiction<T>(&self, token: &Signed<Token>, refusal: Refusal) -> Result<T> {
        if refusal.code() == ProblemCode::Contradiction {
            let evidence = Evidence {
                kind: EvidenceKind::Contradiction,
                account: token.message().account,
                identity: identity(token),
                detail: refusal.to_string(),
                signed: token.to_bytes(),
            };
            self.store.keep_evidence(evidence, false, self.now())?;
        }
        Err(refusal)
    }

    /// Verifies that this center signed a licence, whether it remembers it or not, and returns it
    /// with a signature that proves it.
    fn prove(&self, licence: &Signed<Licence>) -> Result<Vec<u8>> {
        if self.keys.verify(licence).is_ok() {
            return Ok(licence.to_bytes());
        }
        // Its key may be retired; what is remembered to have been given is the center's own.
        let order = self.store.order(licence.message().order)?;
        let given = order.and_then(|order| Signed::<Licence>::parse(&order.licence).ok());
        let same = given.filter(|given| identity(given) == identity(licence));
        same.map(|given| given.to_bytes()).ok_or_else(not_ours)
    }

    /// Books a payment. That its licence is the center's own is seen at once where its order has
    /// the same bytes; otherwise its signature is verified first.
    fn book_payment(
        &self,
        payer: &Payer,
        row: TokenRow,
        licence: &Signed<Licence>,
    ) -> Result<Verdict> {
        let (mut row, now) = (Arc::new(row), self.now());
        let settle = |row: &Arc<TokenRow>, proven| {
            let judge = self.judge(payer.first_link, (Arc::clone(row), now), proven);
            self.store.settle(Arc::clone(row), now, judge)
        };
        match settle(&row, false)? {
            Verdict::Unproven => {
                Arc::make_mut(&mut row).licence = self.prove(licence)?;
                settle(&row, true)
            }
            verdict => Ok(verdict),
        }
    }

    /// The time that `row` is given with is that of the entry and of the receipt: they must not
    /// differ.
    fn judge(&self, first: FirstLink, (row, now): (Arc<TokenRow>, u64), proven: bool) -> Judge {
        let (keys, center) = (self.keys.clone(), self.id());
        Box::new(move |facts: SettleFacts| {
            let judged = chain::judge(&row.link, &facts.chain, first);
            if judged == Judged::Known {
                let receipt = facts.receipt;
                return receipt.map(Verdict::Known).ok_or_else(|| {
                    Refusal::internal("a token is in its chain and has no receipt")
                });
            }
            if !proven && facts.order.as_ref().is_none_or(|order| order.licence != row.licence) {
                return Ok(Verdict::Unproven);
            }
            if let Judged::Fork(why) = judged {
                return Ok(Verdict::Fork(why));
            }
            let (outcome, reason) = outcome(&row, &facts, now);
            let receipt = receipt(&keys, center, &row, (outcome, facts.entry), now)?;
            let proves = (reason == OVERSPENT).then_some(EvidenceKind::Overspent);
            Ok(Verdict::Booked { outcome, reason, receipt, proves })
        })
    }
}

type Judge = Box<dyn FnOnce(SettleFacts) -> Result<Verdict> + Send>;

const OVERSPENT: &str = "the card has spent more than it was given";

/// No proof against the card: what forgot the order may have forgotten credits, too.
const FORGOTTEN: &str = "neither the order nor what the card was given is known here";

/// Whether a genuine payment settles its order, and why not. Of an order that is not known here
/// the licence says what is needed; that it is this card's is checked by then.
fn outcome(row: &TokenRow, facts: &SettleFacts, now: u64) -> (Outcome, &'static str) {
    let suspense = |reason| (Outcome::Suspense, reason);
    if facts.order.as_ref().is_some_and(|order| !is_licence_of(order, row)) {
        return suspense("the order is remembered with another licence");
    }
    if facts.frozen {
        return suspense("the card is frozen");
    }
    if facts.settled {
        return suspense("the order was paid already");
    }
    if now > facts.order.as_ref().map_or(row.order_expires, |order| order.expires) {
        return suspense("the order has expired");
    }
    if facts.spendable < row.amount.cast_signed() {
        return suspense(if facts.order.is_some() { OVERSPENT } else { FORGOTTEN });
    }
    (Outcome::Settled, "")
}

/// Whether the order has the licence that was paid; its signature may be another good one.
fn is_licence_of(order: &OrderFacts, row: &TokenRow) -> bool {
    let same = || {
        let licence = Signed::<Licence>::parse(&order.licence);
        licence.is_ok_and(|licence| identity(&licence) == row.licence_identity)
    };
    order.account == row.link.account && (order.licence == row.licence || same())
}

fn receipt(
    keys: &Keys,
    center: CenterId,
    row: &TokenRow,
    (outcome, entry): (Outcome, u64),
    time: u64,
) -> Result<Vec<u8>> {
    let Link { account, counter, identity, .. } = row.link;
    let receipt =
        Receipt { center, signer: 0, account, token: identity, counter, outcome, entry, time };
    Ok(keys.sign(receipt)?.to_bytes())
}

fn link(token: &Signed<Token>, paid: &TokenPayload) -> Link {
    let said = token.message();
    Link {
        account: said.account,
        counter: said.counter,
        identity: identity(token),
        previous: said.previous,
        purse: paid.purse,
        balance: paid.balance,
        signed: token.to_bytes(),
    }
}

fn read_licence(licence: &[u8]) -> Result<Signed<Licence>> {
    Signed::<Licence>::parse(licence).map_err(|error| {
        Refusal::malformed(format!("this is not a signed licence: {error}; send it as it is"))
    })
}

fn not_ours() -> Refusal {
    Refusal::not_authentic("this center has not signed the licence: send the one it gave")
}

fn refuse_token(refused: TokenRefused) -> Refusal {
    match refused {
        TokenRefused::Signature => Refusal::not_authentic(refused.to_string()),
        _ => Refusal::contradiction(refused.to_string()),
    }
}
