//! A provider that signs its messages after Standard Webhooks 1.0.0 (standardwebhooks.com): HMAC
//! of `id.timestamp.body` with SHA-256, in base 64 after `v1,`, several signatures for several
//! secrets, and five minutes' tolerance.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{Paid, Provider, Report, Webhook};
use crate::config::ProviderConfig;
use crate::refusal::{Refusal, Result};
use crate::store::{PaymentId, PaymentRow};

/// How far a message's time may be from the center's.
const TOLERANCE_SECONDS: u64 = 300;

/// The most bytes of a message's id.
const MAX_ID_BYTES: usize = 128;

/// The most signatures of one message that are looked at.
const MAX_SIGNATURES: usize = 16;

/// What messages are called that say that a payment is paid.
const CONFIRMED: &str = "payment.confirmed";

/// A provider that signs its messages.
pub struct SignedWebhook {
    name: String,
    pay_at: String,
    secrets: Vec<hmac::Key>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    payment: String,
    amount: u64,
    unit: String,
}

impl SignedWebhook {
    /// The provider of a configuration.
    ///
    /// # Errors
    /// `malformed`: it has no secret, or one that is none.
    pub fn new(config: &ProviderConfig) -> Result<Self> {
        let name = config.name.clone();
        let secrets = config.all_secrets();
        let secrets = secrets.iter().map(|secret| key(secret.expose()));
        let secrets = secrets.collect::<Option<Vec<_>>>().filter(|secrets| !secrets.is_empty());
        let secrets = secrets.ok_or_else(|| {
            Refusal::malformed(format!(
                "payment provider \"{name}\" has no secret, or one that is not `whsec_` and 24 to \
                 64 bytes in base 64: correct it in the configuration or the environment"
            ))
        })?;
        Ok(Self { name, pay_at: config.pay_at.clone(), secrets })
    }

    /// Whether one of the signatures is of one of the secrets.
    fn is_signed(&self, message: &Webhook<'_>) -> bool {
        let signed =
            [message.id.as_bytes(), b".", message.timestamp.as_bytes(), b".", message.body];
        let tags: Vec<String> = self.secrets.iter().map(|key| tag(key, &signed)).collect();
        let given = message.signature.split(' ').take(MAX_SIGNATURES);
        let given = given.filter_map(|signature| signature.strip_prefix("v1,"));
        // Each against each, without stopping at the first that fits.
        given.fold(false, |found, given| {
            tags.iter().fold(found, |found, tag| {
                constant_time::verify_slices_are_equal(tag.as_bytes(), given.as_bytes()).is_ok()
                    | found
            })
        })
    }
}

impl Provider for SignedWebhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn begin(&self, payment: &PaymentRow) -> Result<String> {
        let filled = self.pay_at.replace("{payment}", &hex::encode(payment.id));
        let filled = filled.replace("{amount}", &payment.amount.to_string());
        Ok(filled.replace("{unit}", payment.unit.as_str()))
    }

    fn read(&self, message: &Webhook<'_>, now: u64) -> Result<Report> {
        let time: Option<u64> = message.timestamp.parse().ok();
        let is_now = time.is_some_and(|time| time.abs_diff(now) <= TOLERANCE_SECONDS);
        if !self.is_signed(message) || !is_now {
            return Err(Refusal::not_authentic(
                "the message is not signed with a secret of this provider, or not of these five \
                 minutes: sign it again and send it",
            ));
        }
        if message.id.is_empty() || message.id.len() > MAX_ID_BYTES {
            return Err(Refusal::malformed("a message's id has 1 to 128 bytes: send one"));
        }
        let read: Message = serde_json::from_slice(message.body).map_err(|error| {
            Refusal::malformed(format!(
                "the message is not understood: {error}; send type and data"
            ))
        })?;
        let is_confirmed = read.kind == CONFIRMED;
        let payment = read.data.as_ref().and_then(|data| payment_id(&data.payment));
        let paid = read.data.filter(|_| is_confirmed);
        let paid = paid.map(|data| Paid { amount: data.amount, unit: data.unit });
        Ok(Report { id: message.id.into(), payment, paid })
    }

    fn repay(&self, _: &PaymentRow) -> Result<Option<String>> {
        Ok(None)
    }
}

/// Reads a payment's id.
pub(super) fn payment_id(text: &str) -> Option<PaymentId> {
    hex::decode(text).ok()?.try_into().ok()
}

fn key(secret: &str) -> Option<hmac::Key> {
    let bytes = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    (24..=64).contains(&bytes.len()).then(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn tag(key: &hmac::Key, parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    STANDARD.encode(context.sign())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the specification's libraries (standard-webhooks, javascript README and
    // tests): secret, id, time, body and signature.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIME: u64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn provider(secrets: &[&str]) -> SignedWebhook {
        let secrets = secrets.iter().map(|secret| (*secret).into()).collect();
        let pay_at = "https://pay.example/{payment}?amount={amount}&unit={unit}".into();
        SignedWebhook::new(&ProviderConfig { name: "example".into(), pay_at, secrets }).unwrap()
    }

    fn is_signed(provider: &SignedWebhook, signature: &str, body: &[u8]) -> bool {
        provider.is_signed(&Webhook { id: ID, timestamp: "1614265330", signature, body })
    }

    #[test]
    fn the_standards_example_is_signed_and_nothing_near_it() {
        let known = provider(&[SECRET]);
        assert!(is_signed(&known, SIGNATURE, BODY));
        assert!(!is_signed(&known, SIGNATURE, b"{}"));
        assert!(!is_signed(&known, &SIGNATURE.replace("v1,", "v2,"), BODY));
        assert!(!is_signed(&known, "v1,", BODY));
        assert!(!is_signed(
            &provider(&["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]),
            SIGNATURE,
            BODY
        ));
    }

    #[test]
    fn while_secrets_change_either_is_taken() {
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(is_signed(&provider(&[other, SECRET]), SIGNATURE, BODY));
        assert!(is_signed(&provider(&[SECRET]), &format!("v1,AAAA {SIGNATURE}"), BODY));
    }

    #[test]
    fn a_message_is_taken_for_five_minutes() {
        let known = provider(&[SECRET]);
        let message = Webhook { id: ID, timestamp: "1614265330", signature: SIGNATURE, body: BODY };
        let is_late = |now| known.read(&message, now).unwrap_err().to_string().contains("five");
        assert!(!is_late(TIME) && !is_late(TIME + 300) && !is_late(TIME - 300));
        assert!(is_late(TIME + 301) && is_late(TIME - 301));
    }

    #[test]
    fn a_provider_without_a_secret_is_refused() {
        for secrets in [vec![], vec!["whsec_AAAA"], vec!["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]] {
            let secrets = secrets.into_iter().map(Into::into).collect();
            let config = ProviderConfig { name: "x".into(), pay_at: String::new(), secrets };
            assert!(SignedWebhook::new(&config).is_err());
        }
    }
}
