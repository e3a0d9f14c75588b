//! The user at the terminal, or what was agreed to beforehand.

use super::arguments::Consent;
use super::context::pin;
use super::report::tell;
use super::text::{plain, size};
use super::{ExitCode, Failure};
use crate::card::Pin;
use crate::center::words;
use crate::money::Money;
use crate::sale::{Choice, Customer, NoCustomer, Offer};
use crate::trust::CenterIdentity;
use saifu_wire::signed::PaymentOrder;
use std::io::{self, IsTerminal};

/// Asks at the terminal, unless `--yes` was given.
pub(super) struct Typing<'a> {
    consent: &'a Consent,
    pin: Option<Pin>,
    seller: String,
}

impl<'a> Typing<'a> {
    pub(super) fn new(consent: &'a Consent) -> Self {
        Self { consent, pin: None, seller: String::new() }
    }

    /// Whether somebody is there who can agree to a price now.
    pub(super) fn can_agree(&self) -> bool {
        !self.consent.yes && io::stdin().is_terminal()
    }

    /// Fails where nobody agrees, neither now nor beforehand.
    pub(super) fn expect_consent(&self) -> Result<(), Failure> {
        if !self.consent.yes && !self.can_agree() {
            let what = "nobody is there to agree to the price";
            let next = "use --yes, and --max-price to set a limit";
            return Err(Failure::new(ExitCode::Usage, what, next));
        }
        Ok(())
    }

    /// Takes the PIN now, so that nothing begins that cannot be paid.
    pub(super) fn take_pin(&mut self) -> Result<(), Failure> {
        self.pin = Some(pin(&self.consent.pin)?);
        Ok(())
    }

    /// The PIN that was taken.
    pub(super) fn known_pin(&self) -> Result<Pin, Failure> {
        self.pin.clone().map_or_else(|| pin(&self.consent.pin), Ok)
    }

    fn check_limit(&self, price: &Money) -> Result<(), NoCustomer> {
        match &self.consent.max_price {
            Some(limit) if price.unit != limit.unit || price.amount > limit.amount => {
                Err(NoCustomer::Declined(format!("the price is {price}, and --max-price {limit}")))
            }
            _ => Ok(()),
        }
    }

    /// Names the center that sells.
    pub(super) fn meet(&mut self, center: &CenterIdentity) {
        let mode =
            if center.test_mode { " (test mode: nothing here is worth anything)" } else { "" };
        self.seller = format!("{}{mode}", plain(&center.name));
    }
}

impl Customer for Typing<'_> {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        if self.pin.is_none() {
            let typed = pin(&self.consent.pin);
            self.pin = Some(typed.map_err(|failure| NoCustomer::Absent(failure.what))?);
        }
        self.pin.clone().ok_or_else(|| NoCustomer::Absent("there is no PIN".into()))
    }

    fn approve(&mut self, offer: &Offer) -> Result<(), NoCustomer> {
        tell(&describe(offer, &self.seller));
        if let Some(paid) = &offer.payment {
            self.check_limit(&paid.price)?;
        }
        if self.consent.yes || ask("Buy it? [y/N] ") {
            Ok(())
        } else {
            Err(NoCustomer::Declined("you did not say yes".into()))
        }
    }

    fn confirm(&mut self, choice: &Choice) -> Result<(), NoCustomer> {
        self.check_limit(&Money::new(choice.amount, &choice.unit))
    }
}

/// Whether the user says yes.
pub(super) fn ask(question: &str) -> bool {
    tell(question);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "Yes")
}

/// What is bought, the signed price, and the balance before and after.
fn describe(offer: &Offer, seller: &str) -> String {
    let uses = match offer.uses {
        0 => "any number of times".to_owned(),
        1 => "once".to_owned(),
        uses => format!("{uses} times"),
    };
    let until = match offer.not_after {
        0 => String::new(),
        second => format!(" until {}", super::text::time(second)),
    };
    let what = format!("{}, {}, opens {uses}{until}", plain(&offer.media_type), size(offer.bytes));
    let mut fields = vec![
        ("Title", plain(&offer.title)),
        ("By", plain(&offer.creator)),
        ("What", what),
        ("At", seller.to_owned()),
    ];
    match &offer.payment {
        Some(paid) => fields.extend([
            ("Price", format!("{}, signed by the center", paid.price)),
            ("From", format!("purse {} ({})", paid.choice.purse, words::kind(paid.kind))),
            ("Balance", format!("{} now, {} afterwards", paid.before, paid.after)),
            ("Paid", order(offer).to_owned()),
        ]),
        None => fields.push(("Price", "nothing to pay".to_owned())),
    }
    super::text::fields(&fields)
}

/// When the price is paid.
fn order(offer: &Offer) -> &'static str {
    match offer.order {
        PaymentOrder::DecryptFirst => "once the work comes; until then it is on hold",
        PaymentOrder::PayFirst | PaymentOrder::AlreadyPaid => "at once",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::PinSource;
    use crate::sale::{Paid, Plan};
    use saifu_wire::value::Kind;

    fn offer() -> Offer {
        let unit = "JPY".to_owned();
        let choice = Choice { price_index: 0, purse: 1, amount: 300, unit, balance_before: 1_000 };
        Offer {
            title: "A \x1b]Title".into(),
            creator: "A Creator".into(),
            media_type: "image/png".into(),
            bytes: 100_000,
            uses: 0,
            not_after: 0,
            order: PaymentOrder::PayFirst,
            plan: Plan::Open,
            payment: Some(Paid {
                price: Money::new(300, "JPY"),
                kind: Kind::BitCash,
                before: Money::new(1_000, "JPY"),
                after: Money::new(700, "JPY"),
                choice,
            }),
        }
    }

    #[test]
    fn an_offer_shows_the_price_and_the_balance_before_and_after() {
        let text = describe(&offer(), "A Center");
        for part in ["A Creator", "image/png, 100.0 kB", "300 JPY", "1000 JPY now, 700 JPY"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains('\x1b'));
    }

    #[test]
    fn an_offer_shows_how_often_and_until_when_it_opens() {
        assert!(describe(&offer(), "").contains("opens any number of times\n"));
        let limited = Offer { uses: 3, not_after: 1_800_000_000, ..offer() };
        let text = describe(&limited, "");
        assert!(text.contains("opens 3 times until 2027-01-15 08:00 UTC"), "{text}");
    }

    #[test]
    fn a_price_above_the_limit_or_of_another_unit_is_declined() {
        for (limit, agrees) in [("300 JPY", true), ("299 JPY", false), ("1000 EUR", false)] {
            let pin = PinSource { pin_file: None };
            let consent = Consent { pin, yes: true, max_price: Some(limit.parse().unwrap()) };
            let mut typing = Typing::new(&consent);
            assert_eq!(typing.approve(&offer()).is_ok(), agrees, "{limit}");
            let choice = offer().payment.unwrap().choice;
            assert_eq!(typing.confirm(&choice).is_ok(), agrees, "{limit}");
        }
    }
}
