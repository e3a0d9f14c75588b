//! `saifu-card order`: what the issuer of test cards orders (§12).

use std::io::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use saifu_wire::{CardId, Nonce, Wire};

use super::{Failure, card_id};
use crate::personalise::TestAdministration;
use crate::virtual_card::{CardError, validity_from_now};

/// What is ordered, and of which card.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Order {
    /// Set a new PIN, once
    Unblock {
        /// The card's id, 32 hex digits
        #[arg(long, value_parser = card_id)]
        card: CardId,
        /// Higher than that of every order the card has carried out [default: the time in ms]
        #[arg(long)]
        sequence: Option<u64>,
    },
    /// Close the card, and say what it leaves at one center
    Close(Challenged),
    /// Erase the master key, once every center's closing is there
    Erase(Challenged),
}

/// A card, and what it challenges the issuer with.
#[derive(Debug, clap::Args)]
pub(super) struct Challenged {
    /// The card's id, 32 hex digits
    #[arg(long, value_parser = card_id)]
    card: CardId,
    /// The challenge it answered last, 64 hex digits
    #[arg(long, value_name = "HEX", value_parser = challenge)]
    challenge: Nonce,
}

/// Signs the order, and prints it as it travels (§12.1): certificate and order, a line each.
pub(super) fn print(order: &Order, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let administration = TestAdministration::new().map_err(CardError::from)?;
    let validity = validity_from_now().ok_or(CardError::Clock)?;
    let certificate = administration.certificate(validity).map_err(CardError::from)?;
    let terminate = |asked: &Challenged, erase| {
        let order = administration.terminate(asked.card, asked.challenge, erase);
        order.map(|order| order.to_bytes())
    };
    let signed = match order {
        Order::Unblock { card, sequence } => {
            let sequence = sequence.unwrap_or_else(milliseconds);
            administration.unblock(*card, sequence).map(|order| order.to_bytes())
        }
        Order::Close(asked) => terminate(asked, false),
        Order::Erase(asked) => terminate(asked, true),
    };
    writeln!(out, "{}", hex::encode(certificate.to_bytes()))?;
    writeln!(out, "{}", hex::encode(signed.map_err(CardError::from)?))?;
    Ok(ExitCode::SUCCESS)
}

/// The time, as a sequence that rises from order to order.
fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn challenge(text: &str) -> Result<Nonce, String> {
    let bytes = hex::decode(text).ok().and_then(|bytes| Nonce::from_bytes(&bytes).ok());
    bytes.ok_or_else(|| "a challenge is 64 hex digits".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_wire::certificate::{Certificate, Role};
    use saifu_wire::signed::{Signed, TerminateOrder, UnblockOrder};

    const CARD: CardId = CardId([0xCA; 16]);

    /// Certificate and order of what is printed.
    fn printed(order: &Order) -> [Vec<u8>; 2] {
        let mut out = Vec::new();
        print(order, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().map(|line| hex::decode(line).unwrap()).collect();
        lines.try_into().unwrap()
    }

    #[test]
    fn an_order_comes_after_the_certificate_of_its_key() {
        let [certificate, order] = printed(&Order::Unblock { card: CARD, sequence: Some(7) });
        let certificate = Certificate::parse(&certificate).unwrap();
        assert_eq!(certificate.body().role, Role::Administration);
        let order: Signed<UnblockOrder> = Signed::parse(&order).unwrap();
        assert_eq!((order.message().card, order.message().sequence), (CARD, 7));
        assert_eq!(order.message().signer, certificate.body().sequence);
    }

    #[test]
    fn an_order_to_end_a_card_names_its_challenge_and_whether_the_key_goes() {
        let challenge = Nonce([7; 32]);
        for erase in [false, true] {
            let asked = Challenged { card: CARD, challenge };
            let order = if erase { Order::Erase(asked) } else { Order::Close(asked) };
            let order: Signed<TerminateOrder> = Signed::parse(&printed(&order)[1]).unwrap();
            let said = order.message();
            assert_eq!((said.card, said.nonce, said.erase), (CARD, challenge, erase));
        }
    }

    #[test]
    fn without_a_sequence_a_later_order_has_a_higher_one() {
        let sequence = || {
            let order = printed(&Order::Unblock { card: CARD, sequence: None })[1].clone();
            Signed::<UnblockOrder>::parse(&order).unwrap().message().sequence
        };
        let first = sequence();
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(first < sequence());
    }

    #[test]
    fn a_challenge_is_64_hex_digits() {
        assert_eq!(challenge(&"07".repeat(32)), Ok(Nonce([7; 32])));
        for bad in ["", "07", &"07".repeat(33), &"0x".repeat(32)] {
            assert!(challenge(bad).is_err(), "{bad}");
        }
    }
}
