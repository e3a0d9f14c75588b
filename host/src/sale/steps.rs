//! The steps of a sale, each of which may be done again.

use super::{
    Again, Choice, Entry, Intent, Journal, Next, Observer, Offer, Outgoing, Plan, Record,
    SaleError, Step,
};
use crate::card::Pin;
use crate::session::Session;
use crate::trust::{Offered, Untrusted, check_licence, check_receipt, check_token, identity};
use saifu_center_api::{HexBytes, Order, OrderRequest, OrderState, Payment};
use saifu_wire::answer::{Balances, LicenceState, LicenceStatus};
use saifu_wire::request::{LicenceRef, PayRequest, TokenRef};
use saifu_wire::signed::{Licence, PaymentOrder, Signed, Token};
use saifu_wire::{AccountId, ContentId, OrderId};

/// A sale: its journal, and what the journal adds up to.
#[derive(Debug)]
pub struct Sale {
    id: String,
    journal: Journal,
    record: Record,
}

impl Sale {
    pub(super) fn new(id: String, journal: Journal, record: Record) -> Self {
        Self { id, journal, record }
    }

    /// Its id, which is also the key with which the center is asked.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What waits to be told to centers beside its journal.
    pub(super) fn outgoing(&self) -> Outgoing {
        Outgoing::of(self.journal.folder())
    }

    /// Where it stands.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Orders (ST5), and verifies the licence that comes back (ST6 to ST8): it must be for
    /// this card and work and at the offered price, before anybody is asked.
    ///
    /// A refusal that is final, or a licence that is not as offered, ends the sale.
    pub fn order(
        &mut self,
        session: &Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Order, session)?;
        let ordered = self.try_order(session, observer);
        if let Err(error) = &ordered
            && error.is_final()
        {
            self.abandon(&error.to_string(), observer)?;
        }
        ordered
    }

    fn try_order(
        &mut self,
        session: &Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let Intent { work, .. } = &self.record.intent;
        let content = ContentId::from_hex(&work.id).ok_or(SaleError::OutOfOrder)?;
        observer.step(&Step::Ordered { work: content });
        let order = self.ask_for_order(session)?;
        let Session { center, card, now, .. } = session;
        let offered = Offered { center, card, work, order: &order, now: *now };
        let licence = check_licence(&offered)?;
        let step = Step::Licensed {
            order: licence.message().order,
            number: licence.message().number,
            licence_bytes: order.licence.0.len() as u64,
            wrapped_key_bytes: licence.message().wrapped_key.0.len() as u64,
            delivery_bytes: order.delivery_length,
        };
        self.append(Entry::Licensed { order })?;
        observer.step(&step);
        Ok(())
    }

    /// The center's answer: to an order, or to the wish for what was bought before.
    fn ask_for_order(&self, session: &Session<'_>) -> Result<Order, SaleError> {
        let Intent { account, work, again, .. } = &self.record.intent;
        let named = |order: &str| OrderId::from_hex(order).ok_or(SaleError::OutOfOrder);
        Ok(match again {
            None => {
                let (account, version) = (account.clone(), Some(work.version));
                let request = OrderRequest { account, work: work.id.clone(), version };
                session.client.order(&self.id, &request)?
            }
            Some(Again::Of(order)) => session.client.again(&self.id, named(order)?)?,
            Some(Again::By(order)) => session.client.order_state(named(order)?)?,
        })
    }

    /// What the user is to be asked: the signed price and the purse that can pay it.
    pub fn offer(&self, balances: &Balances, now: u64) -> Result<Offer, SaleError> {
        Offer::choose(&self.record, balances, now)
    }

    /// Asks the center whether the order can still be paid; one that cannot is over, and
    /// nothing was paid.
    pub fn check_open(
        &mut self,
        session: &Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let licence = self.licence()?;
        if licence.message().payment == PaymentOrder::AlreadyPaid {
            return Ok(());
        }
        let state = session.client.order_state(licence.message().order)?.state;
        if state == OrderState::Open {
            return Ok(());
        }
        let closed = SaleError::Closed(state);
        self.abandon(&closed.to_string(), observer)?;
        Err(closed)
    }

    /// The user agreed.
    pub fn approve(&mut self, offer: &Offer, observer: &mut dyn Observer) -> Result<(), SaleError> {
        let payment = offer.payment.as_ref().map(|paid| paid.choice.clone());
        let (amount, balance) = payment.as_ref().map_or((0, 0), |c| (c.amount, c.balance_before));
        self.append(Entry::Approved { payment })?;
        observer.step(&Step::Approved { amount, balance });
        Ok(())
    }

    /// Loads the licence into the card (ST9), which opens `Ke` (ST10 for the key).
    pub fn load(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Load, session)?;
        session.introduce()?;
        let licence = self.licence()?;
        let state = match self.record.intent.plan {
            Plan::Later => session.selected.load_licence_as_it_is(&licence.to_bytes())?,
            Plan::Open | Plan::Keep => session.selected.load_licence(&licence.to_bytes())?,
        };
        if state.identity != identity(&licence) {
            return Err(Untrusted::Other { what: "the card's answer", field: "licence" }.into());
        }
        self.append(Entry::Loaded)?;
        observer.step(&Step::LicenceLoaded { number: state.number });
        Ok(())
    }

    /// Pays (ST11): the card debits the purse and gives out the token; only an order that is
    /// still open.
    pub fn debit(
        &mut self,
        session: &mut Session<'_>,
        pin: &Pin,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.expect(Next::Debit, session)?;
        self.check_open(session, observer)?;
        self.tell_time(session)?;
        let payment = self.payment()?;
        let (token, mut verified) = session.selected.verify(pin)?.debit(&payment)?;
        let balances = verified.balances(session.center.id);
        let purse = |balances: Balances| {
            let mut purses = balances.purses.0.into_iter();
            purses.find(|purse| purse.purse == payment.purse).map(|purse| purse.balance)
        };
        self.debited(session, token, balances.ok().and_then(purse), observer)
    }

    /// Finds out whether the card has paid already, and if so keeps its token; asks no PIN.
    pub fn recover_debit(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<bool, SaleError> {
        self.expect(Next::Debit, session)?;
        let state = session.selected.licence(&self.name()?)?;
        let Some(state) = state.filter(is_paid) else { return Ok(false) };
        let token = self.token_of(session, &state)?;
        self.debited(session, token, None, observer)?;
        Ok(true)
    }

    /// The token that paid a licence, if the card still has it.
    pub(super) fn token_of(
        &self,
        session: &mut Session<'_>,
        state: &LicenceState,
    ) -> Result<Option<Signed<Token>>, SaleError> {
        let token = TokenRef { center: self.name()?.center, counter: state.token };
        Ok(match state.acknowledged {
            true => None,
            false => Some(session.selected.token(&token)?),
        })
    }

    fn debited(
        &mut self,
        session: &Session<'_>,
        token: Option<Signed<Token>>,
        balance_after: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let token = self.checked(session, token)?;
        self.append(Entry::Debited { token, balance_after })?;
        self.tell_payment(observer);
        Ok(())
    }

    /// A token of the card's for the journal, once it is found to pay this sale.
    pub(super) fn checked(
        &self,
        session: &Session<'_>,
        token: Option<Signed<Token>>,
    ) -> Result<Option<HexBytes>, SaleError> {
        let licence = self.licence()?;
        if let Some(token) = &token {
            check_token(token, &session.card, licence.message(), self.account()?)?;
        }
        Ok(token.map(|token| HexBytes(token.to_bytes())))
    }

    /// Says that the card has paid (ST11).
    pub(super) fn tell_payment(&self, observer: &mut dyn Observer) {
        let token_bytes = self.record.token.as_ref().map_or(0, |token| token.0.len() as u64);
        let amount = self.record.approved.iter().flatten().map(|choice| choice.amount).sum();
        let balance = self.record.balance_after;
        observer.step(&Step::Debited { amount, balance, token_bytes });
    }

    /// Submits token and licence to the center (ST12), and verifies its receipt.
    ///
    /// May come before or after the content is decrypted.
    pub fn settle(
        &mut self,
        session: &Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.same_parties(session)?;
        let token = self.record.signed_token().ok_or(SaleError::OutOfOrder)?;
        let licence = HexBytes(self.licence()?.to_bytes());
        let payment = Payment { token: HexBytes(token.to_bytes()), licence: Some(licence) };
        let receipt = session.client.settle(&payment)?;
        let signed = check_receipt(&receipt, &session.center, &token)?;
        self.append(Entry::Settled { receipt: HexBytes(receipt) })?;
        let (outcome, entry) = (signed.message().outcome, signed.message().entry);
        observer.step(&Step::Settled { outcome, entry });
        Ok(())
    }

    /// Shows the card the receipt, so that it drops the token.
    pub fn acknowledge(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.same_parties(session)?;
        let receipt = self.record.receipt.clone().ok_or(SaleError::OutOfOrder)?;
        session.introduce()?;
        session.selected.acknowledge(&receipt.0)?;
        self.append(Entry::Acknowledged)?;
        observer.step(&Step::Acknowledged);
        Ok(())
    }

    /// Gives the sale up; only before anything was paid.
    pub fn abandon(&mut self, reason: &str, observer: &mut dyn Observer) -> Result<(), SaleError> {
        self.append(Entry::Abandoned { reason: reason.to_owned() })?;
        self.tidy();
        observer.step(&Step::Abandoned { reason: reason.to_owned() });
        Ok(())
    }

    /// The order's id at the center, once there is one.
    pub fn order_id(&self) -> Option<OrderId> {
        self.record.licence().map(|licence| licence.message().order)
    }

    /// Price and purse, as the card is told.
    pub(super) fn payment(&self) -> Result<PayRequest, SaleError> {
        let choice = self.record.approved.clone().flatten().ok_or(SaleError::OutOfOrder)?;
        let Choice { price_index, purse, .. } = choice;
        Ok(PayRequest { licence: self.name()?, price_index, purse })
    }

    /// Tells the card the center's time where the licence asks for it in each session.
    pub(super) fn tell_time(&self, session: &mut Session<'_>) -> Result<(), SaleError> {
        if self.licence()?.message().needs_time {
            session.tell_time(self.account()?)?;
        }
        Ok(())
    }

    pub(super) fn account(&self) -> Result<AccountId, SaleError> {
        AccountId::from_hex(&self.record.intent.account).ok_or(SaleError::OutOfOrder)
    }

    /// What names the licence on the card.
    pub(super) fn name(&self) -> Result<LicenceRef, SaleError> {
        self.record.licence_ref().ok_or(SaleError::OutOfOrder)
    }

    pub(super) fn licence(&self) -> Result<Signed<Licence>, SaleError> {
        self.record.licence().ok_or(SaleError::OutOfOrder)
    }

    /// Checks that the step can come now, on paper before it is on disk.
    pub(super) fn append(&mut self, entry: Entry) -> Result<(), SaleError> {
        let mut record = self.record.clone();
        record.apply(entry.clone())?;
        self.journal.append(&entry)?;
        self.record = record;
        Ok(())
    }

    pub(super) fn expect(&self, next: Next, session: &Session<'_>) -> Result<(), SaleError> {
        if self.record.next() != next {
            return Err(SaleError::OutOfOrder);
        }
        self.same_parties(session)
    }

    pub(super) fn same_parties(&self, session: &Session<'_>) -> Result<(), SaleError> {
        let Intent { card, center, .. } = &self.record.intent;
        match () {
            () if *card != session.card.id.to_string() => Err(SaleError::OtherParty("card")),
            () if *center != session.center.id.to_string() => Err(SaleError::OtherParty("center")),
            () => Ok(()),
        }
    }
}

pub(super) fn is_paid(state: &LicenceState) -> bool {
    matches!(state.status, LicenceStatus::Paid | LicenceStatus::Released)
}
