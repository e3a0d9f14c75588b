//! Payments: begun here, paid at a provider, confirmed by its signed message.

use saifu_wire::{AccountId, Digest};

use super::{Paid, Provider, Report, SignedWebhook, Webhook};
use crate::accounts::{purse_of, refuse_barred};
use crate::center::Center;
use crate::config::Config;
use crate::crypto::random;
use crate::ledger::Side;
use crate::refusal::{Refusal, Result};
use crate::store::{
    Confirmed, FundingSource, NewFunding, PaymentId, PaymentRow, PaymentState, ProviderMessage,
    Said,
};

/// The name of the provider that is there in test mode alone.
const TEST: &str = "test";

/// The most bytes of an idempotency key, and of a repayment's reference.
const MAX_KEY_BYTES: usize = 255;

/// The providers of a center.
pub(crate) struct Providers(Vec<Box<dyn Provider>>);

impl Providers {
    /// Those of the configuration, and in test mode the test provider after them.
    ///
    /// # Errors
    /// `malformed`: one of them cannot be.
    pub(crate) fn of(config: &Config) -> Result<Self> {
        let mut providers: Vec<Box<dyn Provider>> = Vec::new();
        for provider in &config.payment_providers {
            if provider.name == TEST || provider.name.is_empty() {
                let what = "a payment provider has a name, and none has that of the test provider";
                return Err(Refusal::malformed(format!("{what}: correct the configuration")));
            }
            if providers.iter().any(|other| other.name() == provider.name) {
                let name = &provider.name;
                let what = format!("there are two payment providers \"{name}\"");
                return Err(Refusal::malformed(format!("{what}: rename one in the configuration")));
            }
            providers.push(Box::new(SignedWebhook::new(provider)?));
        }
        if config.test_mode {
            providers.push(Box::new(TestProvider));
        }
        Ok(Self(providers))
    }

    fn first(&self) -> Result<&dyn Provider> {
        self.0.first().map(AsRef::as_ref).ok_or_else(|| {
            Refusal::conflict("this center takes no payments: redeem a voucher instead")
        })
    }

    fn named(&self, name: &str) -> Result<&dyn Provider> {
        let found = self.0.iter().find(|provider| provider.name() == name);
        found.map(AsRef::as_ref).ok_or_else(|| {
            Refusal::not_found(format!("there is no payment provider \"{name:.64}\" here"))
        })
    }
}

/// A provider whose payments an operator confirms: the whole loop without a bank.
struct TestProvider;

impl Provider for TestProvider {
    fn name(&self) -> &'static str {
        TEST
    }

    fn begin(&self, payment: &PaymentRow) -> Result<String> {
        Ok(format!("saifu-center credit confirm {}", hex::encode(payment.id)))
    }

    fn read(&self, _: &Webhook<'_>, _: u64) -> Result<Report> {
        Err(Refusal::not_authentic(
            "the test provider sends no messages: use `saifu-center credit confirm`",
        ))
    }

    fn repay(&self, payment: &PaymentRow) -> Result<Option<String>> {
        Ok(Some(format!("test-{}", hex::encode(payment.id))))
    }
}

impl Center {
    /// Begins a payment into a purse; the same key and request again is the same payment.
    ///
    /// # Errors
    /// `malformed`: no usable key; `not-found`: no such account or purse; `conflict`: the key was
    /// used for another request, the purse has ended or never takes this amount, or the center
    /// takes no payments; `limit`; `card-frozen`.
    pub fn begin_payment(
        &self,
        account: AccountId,
        key: &str,
        (purse, amount): (u32, u64),
    ) -> Result<PaymentRow> {
        let account = self.account(account)?;
        refuse_barred(&account)?;
        if key.is_empty() || key.len() > MAX_KEY_BYTES || !key.bytes().all(|b| b.is_ascii_graphic())
        {
            let what = "a payment needs one Idempotency-Key of 1 to 255 graphic ASCII characters";
            return Err(Refusal::malformed(format!("{what}: send one")));
        }
        let terms = purse_of(&account, purse)?;
        if self.has_ended(&terms) {
            return Err(Refusal::conflict(format!("purse {purse} has ended: name another")));
        }
        self.refuse_large_load(&account, amount)?;
        let provider = self.providers.first()?;
        let mut payment = PaymentRow {
            id: random::array()?,
            account: account.id,
            idempotency_key: key.into(),
            purse,
            kind: terms.kind,
            unit: terms.unit,
            amount,
            provider: provider.name().into(),
            pay_at: String::new(),
            begun: self.now(),
            state: PaymentState::Begun,
            void_event: None,
            repaid: None,
        };
        self.check_funding(&funding_of(&payment, Vec::new()))?;
        payment.pay_at = provider.begin(&payment)?;
        let begun = self.store.begin_payment(payment)?;
        if (begun.purse, begun.amount) != (purse, amount) {
            return Err(Refusal::conflict("the key was used for another payment: draw a new one"));
        }
        Ok(begun)
    }

    /// A payment.
    ///
    /// # Errors
    /// `not-found`.
    pub fn payment(&self, id: PaymentId) -> Result<PaymentRow> {
        self.store.payment(id)?.ok_or_else(|| {
            Refusal::not_found(format!("there is no payment {}: begin one", hex::encode(id)))
        })
    }

    /// Takes a message of a provider: verified, kept as it came, and acted on once.
    ///
    /// # Errors
    /// `not-found`: no such provider; `not-authentic`; `malformed`.
    pub fn provider_said(&self, provider: &str, message: &Webhook<'_>) -> Result<Said> {
        let provider = self.providers.named(provider)?;
        let report = provider.read(message, self.now())?;
        self.take_report(provider.name(), report, message.body)
    }

    /// Confirms a payment of the test provider.
    ///
    /// # Errors
    /// `not-found`; `conflict`: it is another provider's, whose message alone confirms it.
    pub fn confirm_test_payment(&self, id: PaymentId) -> Result<Said> {
        let payment = self.payment(id)?;
        if payment.provider != TEST || !self.config.test_mode {
            return Err(Refusal::conflict(format!(
                "payment {} is confirmed by {}'s signed message alone",
                hex::encode(id),
                payment.provider
            )));
        }
        let paid = Paid { amount: payment.amount, unit: payment.unit.to_string() };
        let report = Report { id: hex::encode(id), payment: Some(id), paid: Some(paid) };
        self.take_report(TEST, report, b"confirmed by the operator, in test mode")
    }

    fn take_report(&self, provider: &str, report: Report, body: &[u8]) -> Result<Said> {
        let message = ProviderMessage {
            provider: provider.into(),
            id: report.id,
            payment: report.payment,
            body: body.to_vec(),
        };
        let (name, body) = (provider.to_owned(), body.to_vec());
        let judge = move |payment| Ok(judge(payment, report.paid, &name, body));
        self.store.provider_said(message, self.now(), Box::new(judge))
    }

    /// At most `limit` payments that a card's VOID made due to their payers, oldest first; with
    /// `done`, those that were paid back.
    ///
    /// # Errors
    /// The store fails.
    pub fn repayments(&self, done: bool, limit: u32) -> Result<Vec<PaymentRow>> {
        self.store.repayments(done, limit)
    }

    /// Pays a payment back through its provider, or notes that an operator has, under the
    /// provider's `reference`. Once; the same reference again changes nothing.
    ///
    /// # Errors
    /// `not-found`; `conflict`: the card has not given the value up, or the payment was paid back
    /// under another reference; `malformed`: the provider leaves it to an operator, and no
    /// reference is given.
    pub fn repay(&self, id: PaymentId, reference: Option<&str>) -> Result<PaymentRow> {
        let payment = self.payment(id)?;
        let state = payment.state;
        if !matches!(state, PaymentState::RepaymentDue | PaymentState::Repaid) {
            return Err(Refusal::conflict(
                "no repayment is due: only the card's signed VOID makes one",
            ));
        }
        let given = match (reference, &payment.repaid) {
            (Some(reference), _) => Some(reference.to_owned()),
            (None, Some(repaid)) => Some(repaid.clone()),
            (None, None) => self.providers.named(&payment.provider)?.repay(&payment)?,
        };
        let given = given.filter(|given| !given.is_empty() && given.len() <= MAX_KEY_BYTES);
        let given = given.ok_or_else(|| {
            Refusal::malformed(format!(
                "{} pays nothing back by itself: pay it there, and give the repayment's reference",
                payment.provider
            ))
        })?;
        let repaid = self.store.mark_repaid(id, given.clone())?;
        repaid.filter(|row| row.repaid.as_ref() == Some(&given)).ok_or_else(|| {
            Refusal::conflict("the payment was paid back under another reference: see the list")
        })
    }
}

/// What follows from a message: a funding, where it says that just what was begun is paid.
fn judge(
    payment: Option<PaymentRow>,
    paid: Option<Paid>,
    provider: &str,
    body: Vec<u8>,
) -> Confirmed {
    let nothing = |why: &str| Confirmed::Nothing(why.into());
    let Some(paid) = paid else { return nothing("it confirms no payment") };
    let Some(payment) = payment.filter(|payment| payment.provider == provider) else {
        return nothing("this provider has no such payment here");
    };
    if (paid.amount, &paid.unit[..]) != (payment.amount, payment.unit.as_str()) {
        return nothing("amount or unit differ from what was begun");
    }
    match payment.state {
        PaymentState::Begun => Confirmed::Paid(Box::new(funding_of(&payment, body))),
        _ => nothing("the payment was confirmed before"),
    }
}

fn funding_of(payment: &PaymentRow, evidence: Vec<u8>) -> NewFunding {
    NewFunding {
        account: payment.account,
        purse: payment.purse,
        kind: payment.kind,
        unit: payment.unit,
        amount: payment.amount,
        source: FundingSource::Payment,
        reference: hex::encode(payment.id),
        available_from: 0,
        from: Side::ISSUED,
        refunded_token: Digest::ZERO,
        refunded_licence: 0,
        evidence,
    }
}
