//! `saifu-center voucher make`, `list`, `batch`, `sold` and `void`.

use clap::{Args, Subcommand};
use saifu_center_api::VoucherBatch;
use serde::Serialize;

use super::output::{Output, table};
use super::work::second;
use crate::center::Center;
use crate::funding::{NewBatch, told_batch};
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::{Batch, BatchId};

/// The batches that are listed.
const MAX_LISTED: u32 = 1_000;

#[derive(Subcommand)]
pub(super) enum VoucherCommand {
    /// Make a batch and print its codes, this once: only their hashes are kept
    Make(Make),
    /// List the batches, newest first
    List,
    /// Show a batch: how many of its codes are where
    Batch {
        /// The batch, as `voucher list` names it
        batch: String,
    },
    /// Note that a batch is sold: from now on its codes redeem
    Sold {
        /// The batch, as `voucher list` names it
        batch: String,
    },
    /// Take unused codes back: those of a batch, or one
    Void {
        /// The batch, or a code
        #[arg(value_name = "BATCH|CODE")]
        code_or_batch: String,
    },
}

#[derive(Args)]
pub(super) struct Make {
    /// How many codes
    #[arg(long)]
    count: u32,
    /// The kind of the purses that they are for
    #[arg(long, value_name = "KIND", default_value = "bit-cash")]
    purse_kind: String,
    /// The unit of their amount
    #[arg(long)]
    unit: String,
    /// What each brings, in minor units
    #[arg(long)]
    amount: u64,
    /// The time after which they are not redeemed, as in 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = second)]
    expires: Option<u64>,
    /// Only for purses that are bound to this shop: its slug or its id
    #[arg(long, value_name = "SHOP")]
    shop: Option<String>,
    /// They are sold already: no `voucher sold` is needed
    #[arg(long)]
    sold: bool,
    /// Print comma-separated lines, with a heading
    #[arg(long)]
    csv: bool,
}

#[derive(Serialize)]
struct Made {
    batch: String,
    unit: String,
    amount: u64,
    codes: Vec<String>,
}

/// Carries out a command on vouchers.
///
/// # Errors
/// What the center refuses.
pub(super) fn run(center: &Center, command: VoucherCommand, output: &Output) -> Result<()> {
    match command {
        VoucherCommand::Make(asked) => make(center, &asked, output),
        VoucherCommand::List => list(center, output),
        VoucherCommand::Batch { batch } => {
            show(center, &center.voucher_batch(id(&batch)?)?, output)
        }
        VoucherCommand::Sold { batch } => show(center, &center.sell_vouchers(id(&batch)?)?, output),
        VoucherCommand::Void { code_or_batch } => void(center, &code_or_batch, output),
    }
}

fn make(center: &Center, asked: &Make, output: &Output) -> Result<()> {
    let shop = asked.shop.as_deref().map(|shop| center.shop(shop)).transpose()?;
    let (row, codes) = center.make_vouchers(&NewBatch {
        count: asked.count,
        kind: money::kind(&asked.purse_kind)?,
        unit: money::unit(&asked.unit.to_ascii_uppercase())?,
        amount: asked.amount,
        shop: shop.map(|shop| shop.id).unwrap_or_default(),
        expires: asked.expires.unwrap_or(0),
        sold: asked.sold,
    })?;
    let made = Made {
        batch: hex::encode(row.id),
        unit: row.unit.to_string(),
        amount: row.amount,
        codes: codes.iter().map(|code| code.expose().to_string()).collect(),
    };
    let csv = asked.csv;
    output.say(&made, |made| if csv { lines(made) } else { told(made) })
}

fn lines(made: &Made) -> String {
    let Made { batch, unit, amount, codes } = made;
    let line = |code: &String| format!("{code},{amount},{unit},{batch}\n");
    std::iter::once("code,amount,unit,batch\n".into()).chain(codes.iter().map(line)).collect()
}

fn told(made: &Made) -> String {
    let Made { batch, unit, amount, codes } = made;
    format!("batch {batch}: {} codes of {amount} {unit}\n{}\n", codes.len(), codes.join("\n"))
}

fn list(center: &Center, output: &Output) -> Result<()> {
    let now = center.now();
    let batches = center.voucher_batches(MAX_LISTED)?;
    let shown: Vec<_> = batches.iter().map(|batch| told_batch(batch, now)).collect();
    output.say(&shown, |shown| {
        let row = |of: &VoucherBatch| {
            let amount = format!("{} {}", of.amount, of.unit);
            let counts = [of.unused, of.redeemed, of.voided].map(|count| count.to_string());
            let [unused, redeemed, voided] = counts;
            [of.batch.clone(), amount, of.state.clone(), unused, redeemed, voided, of.made.clone()]
        };
        let head = ["batch", "each", "state", "unused", "redeemed", "voided", "made"];
        let right = [false, true, false, true, true, true, false];
        table(head, right, &shown.iter().map(row).collect::<Vec<_>>())
    })
}

fn show(center: &Center, batch: &Batch, output: &Output) -> Result<()> {
    output.say(&told_batch(batch, center.now()), |of| {
        format!(
            "batch {}: {}, {} {} each ({})\nunused    {} ({} {})\nredeemed  {} ({} {})\n\
             voided    {}\nexpired   {}\n",
            of.batch,
            of.state,
            of.amount,
            of.unit,
            of.kind,
            of.unused,
            of.unused_amount,
            of.unit,
            of.redeemed,
            of.redeemed_amount,
            of.unit,
            of.voided,
            of.expired,
        )
    })
}

fn void(center: &Center, what: &str, output: &Output) -> Result<()> {
    let voided = match id(what) {
        Ok(batch) => center.void_vouchers(batch)?,
        Err(_) => center.void_voucher(what).map(|()| 1)?,
    };
    output.say(&serde_json::json!({ "voided": voided }), |_| format!("voided {voided}\n"))
}

fn id(text: &str) -> Result<BatchId> {
    let id = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    id.ok_or_else(|| Refusal::malformed("a batch is 32 hex digits: see `voucher list`"))
}
