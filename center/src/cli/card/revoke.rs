//! `saifu-center card revoke`: one card by its owner's decision, or those of the issuer's list.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Output, Result, say_state};
use crate::center::Center;
use crate::refusal::Refusal;

#[derive(Args)]
pub(in crate::cli) struct Revoke {
    /// The card: its id or its account's, or the beginning of it
    #[arg(required_unless_present = "list", requires = "reason")]
    card: Option<String>,
    /// Why
    #[arg(long, requires = "card")]
    reason: Option<String>,
    /// Revoke the cards of this file instead, which `saifu-center issuer revocations` wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["card", "reason"])]
    list: Option<PathBuf>,
}

pub(super) fn run(center: &Center, asked: &Revoke, output: &Output) -> Result<()> {
    match (&asked.list, &asked.card, &asked.reason) {
        (Some(list), ..) => of_list(center, list, output),
        (None, Some(card), Some(reason)) => {
            let account = center.card_named(card)?;
            center.revoke_cards(&[account.card], reason)?;
            say_state(center, &account, output)
        }
        _ => Err(Refusal::malformed("name a card and a reason, or a list with --list")),
    }
}

fn of_list(center: &Center, list: &Path, output: &Output) -> Result<()> {
    let taken = center.take_revocations_of(list)?;
    let said = json!({ "issuer": taken.issuer, "number": taken.number, "revoked": taken.new });
    output.say(&said, |_| {
        let (number, issuer, new) = (taken.number, &taken.issuer, taken.new);
        format!("list {number} of {issuer} is taken: {new} cards were not revoked before\n")
    })
}
