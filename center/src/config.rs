//! What the owner of a center decides: `center.toml` in its folder, and the environment.
//!
//! A center made without one writes the commented [`EXAMPLE`], in which all is as it is by
//! default: a test center, its own issuer under the published test root, with 10,000 JPY of test
//! value for every card that registers. Each section is a type with a file of its own; a new
//! field has a default, and a line and its meaning in `config/center.toml`.

mod example;
mod file;
mod funding;
mod issuer;
mod limits;
mod purse;
mod rates;
mod server;

pub use example::EXAMPLE;
pub use file::{Loaded, PREFIX};
pub use funding::{FundingConfig, ProviderConfig, WebhookSecret};
pub use issuer::IssuerConfig;
pub use limits::{ClassLimits, LimitsConfig};
pub use purse::PurseConfig;
pub use rates::RatesConfig;
pub use server::ServerConfig;

pub(crate) use limits::{is_over, within};

use std::env;
use std::path::Path;

use saifu_wire::certificate::Assurance;
use saifu_wire::codec::List;
use saifu_wire::value::PurseTerms;
use serde::{Deserialize, Serialize};

use crate::funding::Providers;
use crate::parts::CONFIG as FILE;
use crate::refusal::{Refusal, Result};

/// The last second of a test center's coupons: the end of 2049.
const COUPONS_END: u64 = 2_524_607_999;

/// The most purses that one account opening has.
const MAX_PURSES: usize = 16;

/// What the owner decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What the center calls itself.
    pub name: String,
    /// Whether it serves test cards, under the published test root: all value is play money.
    pub test_mode: bool,
    /// For how many days an order waits to be paid.
    pub order_days: u32,
    /// For how many days the value of a replaced card waits for its late payments.
    pub replacement_days: u32,
    /// The most orders that an account may have open at once.
    pub max_open_orders: u32,
    /// The most loads that an account's card may give up.
    pub max_loads: u32,
    /// The most bytes that a work may have.
    pub max_work_bytes: u64,
    /// How much value is given out, and who may pay for it.
    pub funding: FundingConfig,
    /// How much a card of each assurance class may hold, load and pay.
    pub limits: LimitsConfig,
    /// How often callers may ask.
    pub rates: RatesConfig,
    /// What it takes from its issuer.
    pub issuer: IssuerConfig,
    /// How it is served.
    pub server: ServerConfig,
    /// Who takes payments; the first is the one that payments are begun with.
    pub payment_providers: Vec<ProviderConfig>,
    /// The purses that every new account gets.
    pub purses: Vec<PurseConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "Saifu test center".into(),
            test_mode: true,
            order_days: 7,
            replacement_days: 30,
            max_open_orders: 1_000,
            max_loads: 1_000,
            max_work_bytes: 16 << 30,
            funding: FundingConfig::default(),
            limits: LimitsConfig::default(),
            rates: RatesConfig::default(),
            issuer: IssuerConfig::default(),
            server: ServerConfig::default(),
            payment_providers: Vec::new(),
            purses: vec![
                PurseConfig::new(1, "bit-cash", "JPY", 1_000_000, 10_000),
                PurseConfig {
                    not_after: COUPONS_END,
                    ..PurseConfig::new(2, "coupon", "JPY", 100_000, 0)
                },
            ],
        }
    }
}

impl Config {
    /// Reads the folder's configuration; where there is none, writes `made_with` as it.
    ///
    /// # Errors
    /// The file cannot be read or written, or says what cannot be.
    pub fn load_or_write(folder: &Path, made_with: &Config) -> Result<Self> {
        if !folder.join(FILE).exists() {
            made_with.check()?;
            file::write(made_with, folder)?;
        }
        Self::load(folder)
    }

    /// Reads the folder's configuration, and what this process's environment says otherwise.
    ///
    /// # Errors
    /// As [`Loaded::read`].
    pub fn load(folder: &Path) -> Result<Self> {
        Loaded::read(folder, env::vars_os()).map(|loaded| loaded.config)
    }

    /// The terms of the purses that every new account gets.
    ///
    /// # Errors
    /// As [`PurseConfig::terms`].
    pub fn purse_terms(&self) -> Result<List<PurseTerms, 16>> {
        self.purses.iter().map(PurseConfig::terms).collect::<Result<_>>().map(List)
    }

    /// The terms of the purses of a new account whose card is of class `class`.
    ///
    /// # Errors
    /// As [`PurseConfig::terms`].
    pub fn purse_terms_of(&self, class: Assurance) -> Result<List<PurseTerms, 16>> {
        let most = self.limits.of(class).max_balance;
        let mut purses = self.purse_terms()?;
        // A purse that pays one amount only keeps its balance, or it could never pay.
        for terms in purses.0.iter_mut().filter(|terms| terms.face_amount == 0) {
            terms.max_balance = within(terms.max_balance, most);
        }
        Ok(purses)
    }

    /// What purse `purse` is loaded with once.
    pub fn initial(&self, purse: u32) -> u64 {
        let found = self.purses.iter().find(|config| config.purse == purse);
        found.map_or(0, |config| config.initial)
    }

    fn check(&self) -> Result<()> {
        let mut numbers: Vec<u32> = self.purses.iter().map(|purse| purse.purse).collect();
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() != self.purses.len() || numbers.first() == Some(&0) {
            let what = "purses are numbered from 1, each number once";
            return Err(Refusal::malformed(format!("{FILE}: {what}; correct it there")));
        }
        if self.purses.len() > MAX_PURSES {
            let what = format!("an account has at most {MAX_PURSES} purses");
            return Err(Refusal::malformed(format!("{FILE}: {what}; remove some there")));
        }
        if let Some(what) = self.server.wrong().or_else(|| self.rates.wrong()) {
            return Err(Refusal::malformed(format!("{FILE}: {what}; correct it there")));
        }
        Providers::of(self)?;
        self.purse_terms().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_center_made_without_configuration_is_a_test_center_and_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let made = Config::load_or_write(folder.path(), &Config::default()).unwrap();
        assert!(made.test_mode);
        assert_eq!(made.initial(1), 10_000);
        let other = Config { name: "another".into(), ..Config::default() };
        assert_eq!(Config::load_or_write(folder.path(), &other).unwrap(), made);
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_place_to_correct_it() {
        let purse = |purse, kind, unit, max| PurseConfig::new(purse, kind, unit, max, 5);
        for (purses, word) in [
            (vec![purse(1, "gold", "JPY", 10)], "gold"),
            (vec![purse(1, "coupon", "yen", 10)], "yen"),
            (vec![purse(1, "coupon", "JPY", 4)], "initial"),
            (vec![purse(1, "coupon", "JPY", u64::MAX)], "over"),
            (vec![purse(0, "coupon", "JPY", 10)], "from 1"),
            (vec![purse(1, "coupon", "JPY", 10); 2], "once"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let config = Config { purses, ..Config::default() };
            let error = Config::load_or_write(folder.path(), &config).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains(FILE), "{error}");
        }
    }

    #[test]
    fn a_payment_provider_that_could_not_be_served_is_no_configuration_in_order() {
        let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let provider = |name: &str, secrets: &[&str]| ProviderConfig {
            name: name.into(),
            pay_at: "https://pay.example/".into(),
            secrets: secrets.iter().map(|secret| WebhookSecret::from(*secret)).collect(),
        };
        let check = |payment_providers| Config { payment_providers, ..Config::default() }.check();
        check(vec![provider("pay", &[good]), provider("other", &[good])]).unwrap();
        for (providers, word) in [
            (vec![provider("pay", &[])], "secret"),
            (vec![provider("pay", &[good, "whsec_x"])], "secret"),
            (vec![provider("test", &[good])], "test provider"),
            (vec![provider("", &[good])], "has a name"),
            (vec![provider("pay", &[good]), provider("pay", &[good])], "\"pay\""),
        ] {
            let refused = check(providers).unwrap_err().to_string();
            assert!(refused.contains(word), "{refused}");
        }
    }
}
