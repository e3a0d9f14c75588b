//! A sale from where it stands to its end.

use super::file::check_place;
use super::stored::check_room;
use super::{Again, Choice, Intent, Next, Observer, Offer, Plan, Sale, SaleError, Sales};
use crate::card::Pin;
use crate::session::Session;
use saifu_center_api::Work;
use std::path::PathBuf;

/// The user, or what stands for the user.
pub trait Customer {
    /// The PIN; may be asked for more than once.
    fn pin(&mut self) -> Result<Pin, NoCustomer>;

    /// Whether to buy at the signed price. An error ends the sale with its words as reason.
    fn approve(&mut self, offer: &Offer) -> Result<(), NoCustomer>;

    /// Whether what was agreed to earlier may be paid now. An error leaves the sale as it is.
    fn confirm(&mut self, _: &Choice) -> Result<(), NoCustomer> {
        Ok(())
    }
}

/// Why the user did not answer, or not with yes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCustomer {
    /// The user said no, or what stands for the user did.
    #[error("not bought: {0}")]
    Declined(String),
    /// There is nobody to ask.
    #[error("{0}")]
    Absent(String),
}

/// How a work is to be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Where the file goes: an absolute path where a file can be made.
    pub output: PathBuf,
    /// What becomes of the work.
    pub plan: Plan,
    /// The purse that is to pay; any that can where none is named.
    pub purse: Option<u32>,
    /// The order that licenses it once more; none where it is bought.
    pub again: Option<Again>,
}

impl Wish {
    /// The work decrypted into `output`, paid from any purse that can.
    pub fn of(output: PathBuf) -> Self {
        Self { output, plan: Plan::Open, purse: None, again: None }
    }
}

impl Sale {
    /// Begins the purchase of `work` into the file `output`, an absolute path where a file can
    /// be made.
    pub fn begin(
        sales: &Sales,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        work: Work,
        output: PathBuf,
    ) -> Result<Self, SaleError> {
        Self::begin_as(sales, session, customer, work, Wish::of(output))
    }

    /// The same, as the user wishes it.
    pub fn begin_as(
        sales: &Sales,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        work: Work,
        wish: Wish,
    ) -> Result<Self, SaleError> {
        let Wish { output, plan, purse, again } = wish;
        if plan != Plan::Later {
            check_place(&output)?;
        }
        if plan != Plan::Open {
            check_room(session, &work)?;
        }
        let pin = customer.pin()?;
        let balances = session.selected.verify(&pin)?.balances(session.center.id)?;
        Ok(sales.begin(Intent {
            format: super::entry::FORMAT,
            center: session.center.id.to_string(),
            card: session.card.id.to_string(),
            account: balances.account.to_string(),
            work,
            output,
            plan,
            purse,
            again,
        })?)
    }

    /// Does what is left to be done.
    ///
    /// Once the card has paid, a failure to fetch the work does not hinder the settlement,
    /// and the other way round; the first failure is returned.
    pub fn run(
        &mut self,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        // Another card is not even asked for its PIN.
        self.same_parties(session)?;
        loop {
            match self.record().next() {
                Next::Order => self.order(session, observer)?,
                Next::Approve => self.ask(session, customer, observer)?,
                Next::Load => self.load(session, observer)?,
                Next::Debit => self.pay(session, customer, observer)?,
                Next::Hold => self.put_on_hold(session, customer, observer)?,
                Next::Decrypt | Next::Store
                    if self.record().is_on_hold()
                        && !self.hold_stands(session, customer, observer)? => {}
                Next::Decrypt | Next::Store | Next::Keep => return self.finish(session, observer),
                Next::Release | Next::Settle | Next::Acknowledge => {
                    return self.finish(session, observer);
                }
                Next::Wait | Next::Nothing => return Ok(()),
            }
        }
    }

    fn ask(
        &mut self,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        self.check_open(session, observer)?;
        let pin = customer.pin()?;
        let balances = session.selected.verify(&pin)?.balances(session.center.id)?;
        let answer = self.offer(&balances, session.now).and_then(|offer| {
            customer.approve(&offer)?;
            Ok(offer)
        });
        match answer {
            Ok(offer) => self.approve(&offer, observer),
            Err(error) => {
                if !matches!(error, SaleError::Customer(NoCustomer::Absent(_))) {
                    self.abandon(&error.to_string(), observer)?;
                }
                Err(error)
            }
        }
    }

    fn pay(
        &mut self,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        if self.recover_debit(session, observer)? {
            return Ok(());
        }
        if let Some(choice) = self.record().approved.iter().flatten().next() {
            customer.confirm(choice)?;
        }
        let pin = customer.pin()?;
        self.debit(session, &pin, observer)
    }

    fn put_on_hold(
        &mut self,
        session: &mut Session<'_>,
        customer: &mut dyn Customer,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        if self.recover_hold(session, observer)? {
            return Ok(());
        }
        if let Some(choice) = self.record().approved.iter().flatten().next() {
            customer.confirm(choice)?;
        }
        let pin = customer.pin()?;
        self.hold(session, &pin, observer)
    }

    fn finish(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        let opened = self.open(session, observer);
        let paid = self.pay_hold(session, observer);
        let settled = paid.and_then(|()| self.close(session, observer));
        opened.and(settled)
    }

    /// Pays what is on hold, or finds it paid, whether the work has come whole or not.
    fn pay_hold(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        match self.record().next() {
            Next::Release => self.release(session, observer),
            Next::Decrypt | Next::Keep if self.record().is_on_hold() => {
                self.recover_release(session, observer)
            }
            _ => Ok(()),
        }
    }

    fn open(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        loop {
            match self.record().next() {
                Next::Decrypt => self.decrypt(session, observer)?,
                Next::Store => self.store(session, observer)?,
                Next::Keep => self.keep(session, observer)?,
                _ => return Ok(()),
            }
        }
    }

    fn close(
        &mut self,
        session: &mut Session<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), SaleError> {
        if self.record().owes_settlement() {
            self.settle(session, observer)?;
        }
        if self.record().receipt.is_some() && !self.record().acknowledged {
            self.acknowledge(session, observer)?;
        }
        Ok(())
    }
}
