//! `saifu-center card`: what is known of cards, and what is decided about them.

mod revoke;
mod show;

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use saifu_center_api::CardLine;
use saifu_wire::OrderId;
use serde_json::json;

use super::output::{Output, table};
use crate::cards_told::{card_line, told_left};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::left_behind::Left;
use crate::refusal::{Refusal, Result};
use crate::replacement::Replace;
use crate::store::{AccountRow, CardPayout};

const SECONDS_PER_DAY: u64 = 86_400;

/// The cards that are read at once.
const PAGE: u32 = 1_000;

/// The most bytes of a Closing's hex: those of the interface.
const MAX_CLOSING: u64 = 64 * 1_024;

#[derive(Subcommand)]
pub(super) enum CardCommand {
    /// List the cards that are registered
    List,
    /// Show a card: its standing, its purses by the ledger and by its own word, what is missing
    Show(Named),
    /// Freeze a card: it begins nothing new, and its payments go to suspense
    Freeze(Reasoned),
    /// Let a frozen card begin new things again
    Thaw(Thaw),
    /// Revoke a card for good, or all cards of the issuer's list
    Revoke(revoke::Revoke),
    /// Close an account by its card's Closing, the hex of which is in a file
    Close(Close),
    /// Pay what a closed card had out to its holder, or what of a replaced one could not follow,
    /// once: note that it is paid
    Payout(Named),
    /// Put another card in the place of one that is lost, stolen or erased
    Replace(Replacing),
    /// Give an order's payment back, with the card's next load of that purse
    Refund(Refund),
}

/// The card that a command is about.
#[derive(Args)]
pub(super) struct Named {
    /// The card: its id or its account's, or the beginning of it
    card: String,
}

/// A card and a reason, which is kept.
#[derive(Args)]
pub(super) struct Reasoned {
    #[command(flatten)]
    named: Named,
    /// Why
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
pub(super) struct Thaw {
    #[command(flatten)]
    what: Reasoned,
    /// Also where a fork proves that the card was copied
    #[arg(long)]
    despite_evidence: bool,
}

#[derive(Args)]
pub(super) struct Close {
    /// The file
    file: PathBuf,
}

#[derive(Args)]
pub(super) struct Replacing {
    /// The card that is replaced
    old: String,
    /// The card that takes its place, registered already
    new: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// For how many days its value waits for late payments [default: as configured]
    #[arg(long, value_name = "DAYS")]
    waiting: Option<u32>,
    /// License works for a number of uses once more, too, for all of them
    #[arg(long)]
    with_limited: bool,
}

#[derive(Args)]
pub(super) struct Refund {
    /// The order, as `sales --json` names it
    order: String,
    /// Why
    #[arg(long)]
    reason: String,
}

/// Carries out one command about cards.
pub(super) fn run(center: &Center, command: &CardCommand, output: &Output) -> Result<()> {
    match command {
        CardCommand::List => list(center, output),
        CardCommand::Show(named) => show::show(center, &center.card_named(&named.card)?, output),
        CardCommand::Freeze(Reasoned { named, reason }) => {
            let account = center.card_named(&named.card)?;
            center.freeze_card(account.id, reason)?;
            say_state(center, &account, output)
        }
        CardCommand::Thaw(Thaw { what, despite_evidence }) => {
            let account = center.card_named(&what.named.card)?;
            center.thaw_card(account.id, &what.reason, *despite_evidence)?;
            say_state(center, &account, output)
        }
        CardCommand::Revoke(asked) => revoke::run(center, asked, output),
        CardCommand::Close(close) => close_by(center, close, output),
        CardCommand::Payout(named) => pay_out(center, named, output),
        CardCommand::Replace(asked) => replace(center, asked, output),
        CardCommand::Refund(asked) => refund(center, asked, output),
    }
}

fn list(center: &Center, output: &Output) -> Result<()> {
    let (mut lines, mut after) = (Vec::new(), 0);
    loop {
        let page = center.cards(after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        lines.extend(page.iter().map(|(_, account)| card_line(account)));
    }
    output.say(&lines, |lines| {
        if lines.is_empty() {
            return "no card is registered yet\n".into();
        }
        let row = |line: &CardLine| {
            let card = line.card.chars().take(8).collect();
            let account = line.account.chars().take(8).collect();
            let CardLine { class, registered, state, reason, .. } = line;
            let cells = [class, registered, state, reason].map(Clone::clone);
            let [class, registered, state, reason] = cells;
            [card, account, class, registered, state, reason]
        };
        let rows: Vec<_> = lines.iter().map(row).collect();
        let head = ["card", "account", "class", "registered", "state", "reason"];
        table(head, [false; 6], &rows)
    })
}

fn say_state(center: &Center, account: &AccountRow, output: &Output) -> Result<()> {
    let now = card_line(&center.account(account.id)?);
    output.say(&now, |now| format!("card {} is {}\n", now.card, now.state))
}

fn close_by(center: &Center, close: &Close, output: &Output) -> Result<()> {
    let shown = close.file.display();
    let unread = |error| Refusal::unavailable(format!("{shown} cannot be read: {error}"));
    if fs::metadata(&close.file).map_err(unread)?.len() > MAX_CLOSING {
        return Err(Refusal::malformed(format!(
            "{shown} is longer than any Closing: name another"
        )));
    }
    let text = fs::read_to_string(&close.file).map_err(unread)?;
    let closing = hex::decode(text.trim())
        .map_err(|_| Refusal::malformed(format!("{shown} is no hex: bring the Closing's hex")))?;
    let account = center.close_by_card(&closing)?;
    show::show(center, &account, output)
}

fn refund(center: &Center, asked: &Refund, output: &Output) -> Result<()> {
    let order = OrderId::from_hex(&asked.order).ok_or_else(|| {
        Refusal::malformed(format!(
            "\"{:.64}\" names no order: give its 32 hex digits",
            asked.order
        ))
    })?;
    let made = center.refund(order, &asked.reason)?;
    let what = &made.what;
    let said = json!({
        "order": asked.order, "account": what.account.to_string(), "purse": what.purse,
        "amount": what.amount, "unit": what.unit.to_string(), "funding": made.id.to_string(),
    });
    output.say(&said, |_| {
        format!(
            "{} {} go back into purse {} of account {}, with its card's next load\n",
            what.amount, what.unit, what.purse, what.account
        )
    })
}

fn pay_out(center: &Center, named: &Named, output: &Output) -> Result<()> {
    let account = center.card_named(&named.card)?;
    let paid = center.pay_out_card(account.id)?;
    let line = |paid: &CardPayout| json!({ "purse": paid.purse, "amount": paid.amount, "entry": paid.entry });
    let lines: Vec<_> = paid.iter().map(line).collect();
    output.say(&json!({ "account": account.id.to_string(), "paid": lines }), |_| {
        let line = |paid: &CardPayout| {
            format!("purse {}: {} paid out, entry {}\n", paid.purse, paid.amount, paid.entry)
        };
        let text: String = paid.iter().map(line).collect();
        if text.is_empty() { "the card had nothing\n".into() } else { text }
    })
}

fn replace(center: &Center, asked: &Replacing, output: &Output) -> Result<()> {
    let days = asked.waiting.unwrap_or(center.config().replacement_days);
    let (replacement, moved) = center.replace_card(&Replace {
        old: center.card_named(&asked.old)?.id,
        new: center.card_named(&asked.new)?.id,
        reason: asked.reason.clone(),
        waiting: u64::from(days) * SECONDS_PER_DAY,
        with_limited: asked.with_limited,
    })?;
    let due = rfc3339(replacement.due);
    let said = json!({
        "old": replacement.old.to_string(), "new": replacement.new.to_string(), "due": due,
        "works": moved.works, "limited": moved.limited,
        "left": moved.left.iter().map(told_left).collect::<Vec<_>>(),
    });
    output.say(&said, |_| {
        let left = match moved.limited {
            0 => String::new(),
            n => format!("; {n} for a number of uses are left, --with-limited licenses them, too"),
        };
        let stays = |left: &Left| {
            let Left { purse, unit, amount, .. } = left;
            let old = replacement.old;
            format!(
                "but for {amount} {unit} of purse {purse}, which the new card has no purse for: \
                 pay its holder, then note it with `card payout {old}`\n"
            )
        };
        let stays: String = moved.left.iter().map(stays).collect();
        format!(
            "{} works are licensed to the new card{left}\nwhat the ledger says is on the old card \
             is credited from {due} on\n{stays}",
            moved.works
        )
    })
}
