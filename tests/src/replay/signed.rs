//! The fixture's desk: signs what a center signs, and keeps books of its own.
//!
//! It plays the ways on which a center is asked for what the real one does not offer yet. It
//! follows the specification (§9.3, §11) on the cards' real bytes and looks at nothing else.

use saifu_model::{Config, Token};
use saifu_wire::certificate::Role;
use saifu_wire::codec::Wire;
use saifu_wire::signed::{
    Challenge, Credit, Event, EventKind, Message, Outcome, Receipt, Signed, TimeOrder,
};
use saifu_wire::value::PurseTerms;
use saifu_wire::{CardId, CenterId, Digest, LoadId, Nonce, OrderId};

use super::desk::{Answer, DATE, Delivered, Desk, LATE, NOW, No, Opened, Stand, UNIT, refuse};
use super::desk::{CONTENT, payment};
use crate::fixture::{CardKeys, Delivery, TestCenter, identity, money_purse, point_purse, price};

/// A load or a refund on the books.
struct Load {
    opened: Opened,
    card: u8,
    purse: u8,
    credit: Option<Signed<Credit>>,
    /// How it ended.
    ended: Option<EventKind>,
    refund_of: Option<Token>,
}

/// A token on the books, and the receipt it got.
struct Booked {
    token: Token,
    identity: Digest,
    outcome: Outcome,
    receipt: Vec<u8>,
}

/// The fixture's center with books.
pub(super) struct SignedDesk {
    center: TestCenter,
    config: Config,
    cards: Vec<CardKeys>,
    deliveries: Vec<(u8, u8, Delivery)>,
    ended: Vec<u8>,
    loads: Vec<Load>,
    booked: Vec<Booked>,
    /// The last Expired event of a purse that is booked, and the sum of all.
    expired: [[(u64, u64); 2]; 2],
}

/// Parses what a card signed.
pub(super) fn as_of<M: Message>(bytes: &[u8]) -> Answer<Signed<M>> {
    Signed::parse(bytes).map_err(|error| No::Refused(format!("malformed: {error}")))
}

/// The purses of every account there.
pub(super) fn purses(config: &Config) -> [PurseTerms; 2] {
    let max_balance = UNIT * u64::from(config.cap.unsigned_abs());
    let end = |at: usize| if config.purses_end[at] { DATE } else { 0 };
    [
        PurseTerms { max_balance, not_after: end(0), ..money_purse(1) },
        PurseTerms { max_balance, not_after: end(1), ..point_purse(2) },
    ]
}

impl SignedDesk {
    /// A center of the fixture that has opened accounts for these cards.
    pub(super) fn new(center: TestCenter, config: Config, cards: Vec<CardKeys>) -> Self {
        Self {
            center,
            config,
            cards,
            deliveries: Vec::new(),
            ended: Vec::new(),
            loads: Vec::new(),
            booked: Vec::new(),
            expired: [[(0, 0); 2]; 2],
        }
    }

    fn signed_by<M: Message>(&self, card: u8, bytes: &[u8]) -> Answer<Signed<M>> {
        let signed = as_of::<M>(bytes)?;
        let key = &self.cards[usize::from(card)].signature;
        match key.verify(&[signed.unsigned()], signed.signature()) {
            Ok(()) => Ok(signed),
            Err(_) => refuse("not-authentic: the card has not signed this"),
        }
    }

    fn load(&self, id: LoadId) -> Answer<usize> {
        let found = self.loads.iter().position(|load| load.opened.id == id);
        found.ok_or_else(|| No::Refused("not-found: no such load".into()))
    }

    fn open(&mut self, card: u8, purse: u8, refund_of: Option<Token>) -> Answer<Opened> {
        let its_own = |load: &&Load| (load.card, load.purse) == (card, purse);
        if self.loads.iter().filter(its_own).any(|load| load.ended.is_none()) {
            return refuse("conflict: a load of this purse is open");
        }
        let number = self.loads.len() as u8 + 1;
        let opened = Opened { id: LoadId([number; 16]), nonce: Nonce([number; 32]) };
        self.loads.push(Load { opened, card, purse, credit: None, ended: None, refund_of });
        Ok(opened)
    }

    fn booked(&self, token: Token) -> Option<&Booked> {
        self.booked.iter().find(|booked| booked.token == token)
    }

    fn delivery(&self, order: u8, card: u8) -> Answer<&Delivery> {
        let found = self.deliveries.iter().find(|(of, to, _)| (*of, *to) == (order, card));
        let delivery = found.map(|(.., delivery)| delivery);
        delivery.ok_or_else(|| No::Refused("not-found: no such order".into()))
    }

    fn credit_of(&self, load: &Load, sequence: u64) -> Signed<Credit> {
        let card = self.cards[usize::from(load.card)].card;
        let terms = self.center.credit(card, u32::from(load.purse) + 1, sequence, UNIT);
        let refunded = load.refund_of.and_then(|token| self.booked(token));
        let named = refunded.map(|booked| {
            let of = self.delivery(booked.token.order, booked.token.card).expect("its licence");
            (booked.identity, of.licence.message().number)
        });
        let (refunded_token, refunded_licence) = named.unwrap_or((Digest::ZERO, 0));
        let terms = Credit { load: load.opened.id, refunded_token, refunded_licence, ..terms };
        self.center.sign(Role::Credit, terms)
    }

    /// Books how a load ended, once the event is known to be the card's.
    fn close(&mut self, at: usize, event: &Event) -> Answer<()> {
        let load = &mut self.loads[at];
        let credit = load.credit.as_ref().map(Signed::message);
        let agrees = match event.kind {
            EventKind::Credited | EventKind::Refunded => credit.is_some_and(|credit| {
                (credit.sequence, credit.amount) == (event.sequence, event.amount)
            }),
            EventKind::Voided => event.amount == 0,
            _ => false,
        };
        let once = load.ended.is_none_or(|ended| ended == event.kind);
        if event.load != load.opened.id || !agrees || !once {
            return refuse("conflict: the event does not close this load");
        }
        load.ended = Some(event.kind);
        Ok(())
    }

    fn outcome(&self, of: Token) -> Outcome {
        let paid =
            |booked: &Booked| booked.outcome == Outcome::Settled && booked.token.order == of.order;
        let surplus = self.booked.iter().any(paid);
        if surplus || self.ended.contains(&of.order) { Outcome::Suspense } else { Outcome::Settled }
    }

    /// Checks that this card made the token, for its licence of this order.
    fn verify_token(&self, order: u8, card: u8, bytes: &[u8]) -> Answer<()> {
        self.signed_by::<saifu_wire::signed::Token>(card, bytes)?;
        let payload = self.center.open_token(&self.cards[usize::from(card)], bytes);
        let licence = self.delivery(order, card)?.licence.message();
        let said = (payload.order, payload.licence, payload.amount);
        if said == (licence.order, licence.number, UNIT) {
            return Ok(());
        }
        refuse("contradiction: token and licence differ")
    }

    fn booked_as(&self, outcome: Outcome) -> Vec<(u8, u8)> {
        let of = self.booked.iter().filter(|booked| booked.outcome == outcome);
        let mut all: Vec<_> = of.map(|booked| (booked.token.card, booked.token.order)).collect();
        all.sort_unstable();
        all
    }
}

impl Desk for SignedDesk {
    fn id(&self) -> CenterId {
        self.center.id()
    }

    fn order(&mut self, order: u8, card: u8) -> Answer<Delivered> {
        let terms = self.config.orders[usize::from(order)];
        let (keys, number) = (&self.cards[usize::from(card)], u64::from(order) + 1);
        let purse = &purses(&self.config)[terms.kind];
        let mut price = price(UNIT);
        (price.kind, price.unit) = (purse.kind, purse.unit);
        let delivery = self.center.deliver_as(keys, number, CONTENT, |licence| {
            licence.order = OrderId([order + 1; 16]);
            licence.prices.0 = vec![price];
            licence.payment = payment(&terms);
            licence.uses = self.config.uses.into();
            licence.not_after = if self.config.licences_end { DATE } else { 0 };
        });
        let delivered = Delivered {
            licence: delivery.licence.to_bytes(),
            header: delivery.header.to_bytes(),
            segments: delivery.segments.concat(),
        };
        if self.delivery(order, card).is_err() {
            self.deliveries.push((order, card, delivery));
        }
        Ok(delivered)
    }

    fn end_order(&mut self, order: u8) -> Answer<()> {
        self.ended.push(order);
        Ok(())
    }

    fn open_load(&mut self, card: u8, purse: u8) -> Answer<Opened> {
        self.open(card, purse, None)
    }

    fn open_refund(&mut self, token: Token) -> Answer<Opened> {
        let back =
            |load: &Load| load.refund_of == Some(token) && load.ended != Some(EventKind::Voided);
        let settled = self.booked(token).is_some_and(|one| one.outcome == Outcome::Settled);
        if !settled || self.loads.iter().any(back) {
            return refuse("conflict: the payment is not settled, or is given back already");
        }
        let purse = self.config.orders[usize::from(token.order)].kind;
        self.open(token.card, purse as u8, Some(token))
    }

    fn issue_credit(&mut self, load: LoadId, challenge: &[u8]) -> Answer<Vec<u8>> {
        let at = self.load(load)?;
        let said = self.signed_by::<Challenge>(self.loads[at].card, challenge)?;
        let (said, row) = (said.message(), &self.loads[at]);
        if (said.nonce, said.purse) != (row.opened.nonce, u32::from(row.purse) + 1) {
            return refuse("conflict: the challenge is not for this load");
        }
        if row.ended.is_some() {
            return refuse("conflict: the load is closed");
        }
        let credit = row.credit.clone();
        let credit = credit.unwrap_or_else(|| self.credit_of(row, said.sequence + 1));
        self.loads[at].credit = Some(credit.clone());
        Ok(credit.to_bytes())
    }

    fn close_load(&mut self, load: LoadId, event: &[u8]) -> Answer<()> {
        let at = self.load(load)?;
        let event = self.signed_by::<Event>(self.loads[at].card, event)?;
        self.close(at, event.message())
    }

    fn close_by_challenge(&mut self, load: LoadId, challenge: &[u8]) -> Answer<()> {
        let at = self.load(load)?;
        let said = self.signed_by::<Challenge>(self.loads[at].card, challenge)?;
        self.close_load(load, &said.message().last.0)
    }

    fn withdraw(&mut self, load: LoadId) -> Answer<()> {
        let at = self.load(load)?;
        let load = &mut self.loads[at];
        if load.credit.is_some() || load.ended.is_some() {
            return refuse("conflict: a card may have this load");
        }
        load.ended = Some(EventKind::Voided);
        Ok(())
    }

    fn settle(&mut self, of: Token, token: &[u8]) -> Answer<Vec<u8>> {
        self.verify_token(of.order, of.card, token)?;
        let identity = identity(token);
        if let Some(known) = self.booked.iter().find(|booked| booked.identity == identity) {
            return Ok(known.receipt.clone());
        }
        let outcome = self.outcome(of);
        let terms = self.center.receipt_for(token, self.booked.len() as u64 + 1);
        let receipt = self.center.sign(Role::Receipt, Receipt { outcome, ..terms }).to_bytes();
        self.booked.push(Booked { token: of, identity, outcome, receipt: receipt.clone() });
        Ok(receipt)
    }

    fn settle_as(&mut self, of: Token, token: &[u8], card: u8) -> Answer<Vec<u8>> {
        self.verify_token(of.order, card, token)?;
        self.settle(Token { card, ..of }, token)
    }

    fn book_expiry(&mut self, card: u8, purse: u8, event: &[u8]) -> Answer<()> {
        let event = self.signed_by::<Event>(card, event)?;
        let said = event.message();
        let (last, sum) = &mut self.expired[usize::from(card)][usize::from(purse)];
        let its_own = (said.kind, said.purse) == (EventKind::Expired, u32::from(purse) + 1);
        if !its_own || said.counter <= *last {
            return refuse("conflict: booked already, or not this purse's");
        }
        (*last, *sum) = (said.counter, *sum + said.amount / UNIT);
        Ok(())
    }

    fn sign_time(&mut self, card: u8, challenge: &[u8], late: bool) -> Answer<Vec<u8>> {
        let nonce = Nonce::from_bytes(challenge);
        let nonce = nonce.map_err(|_| No::Refused("malformed: no challenge".into()))?;
        let (center, card) = (self.center.id(), self.cards[usize::from(card)].card);
        let time = if late { LATE } else { NOW };
        let order = TimeOrder { center, signer: 1, card, nonce, time };
        Ok(self.center.sign(Role::Licence, order).to_bytes())
    }

    fn stand(&self) -> Stand {
        let mut unapplied = [0; 2];
        for load in self.loads.iter().filter(|load| load.credit.is_some() && load.ended.is_none()) {
            unapplied[usize::from(load.purse)] += 1;
        }
        Stand {
            settled: self.booked_as(Outcome::Settled),
            suspense: self.booked_as(Outcome::Suspense),
            unapplied,
            expired: Some(self.expired.map(|purses| purses.map(|(_, sum)| sum))),
            findings: Vec::new(),
        }
    }
}

/// A receipt for this token that another center signed in this one's name.
pub(super) fn forged_receipt(center: CenterId, token: &[u8]) -> Vec<u8> {
    let other = TestCenter::new(0xEE);
    let terms = Receipt { center, ..other.receipt_for(token, 1) };
    other.sign(Role::Receipt, terms).to_bytes()
}

/// A credit for a purse's next sequence that another center signed in this one's name.
pub(super) fn forged_credit(center: CenterId, card: CardId, purse: u8, sequence: u64) -> Vec<u8> {
    let other = TestCenter::new(0xEE);
    let terms = Credit { center, ..other.credit(card, u32::from(purse) + 1, sequence, UNIT) };
    other.sign(Role::Credit, terms).to_bytes()
}
