//! `saifu-center token add`, `token list` and `token revoke`.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Output, table};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::operators::{MAX_TOKENS, NewToken};
use crate::refusal::{Refusal, Result};
use crate::store::{OperatorRow, Role};

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token for `/v1/admin/`; it is printed once and kept nowhere
    Add(Add),
    /// List the tokens, without their secrets
    List,
    /// Revoke a token, at once and for good
    Revoke {
        /// The token's id: its 16 hex digits
        id: String,
    },
}

#[derive(Args)]
pub(super) struct Add {
    /// What it is for: owner (everything), shop (one shop), funding (vouchers, credits, payments),
    /// auditor (reads everything, changes nothing) or metrics
    #[arg(long)]
    role: String,
    /// The shop that a token of role shop is bound to
    #[arg(long, value_name = "SHOP")]
    shop: Option<String>,
    /// The time from which it is worth nothing, as in 2027-01-01T00:00:00Z [default: never]
    #[arg(long, value_name = "TIME", value_parser = super::work::second)]
    expires: Option<u64>,
}

/// A token as it is told; its text only where it was made.
#[derive(Serialize)]
struct Told {
    id: String,
    role: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    shop: String,
    made: String,
    expires: Option<String>,
    revoked: Option<String>,
    last_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

pub(super) fn run(center: &Center, command: TokenCommand, output: &Output) -> Result<()> {
    match command {
        TokenCommand::Add(new) => add(center, new, output),
        TokenCommand::List => list(center, output),
        TokenCommand::Revoke { id } => {
            let row = center.revoke_token(&id)?;
            output.say(&told(&row), |told| format!("revoked: token {} ({})", told.id, told.role))
        }
    }
}

fn add(center: &Center, new: Add, output: &Output) -> Result<()> {
    let role = Role::from_name(&new.role).ok_or_else(|| {
        let names: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
        let named = &new.role;
        Refusal::malformed(format!("\"{named:.64}\" is no role: give {}", names.join(", ")))
    })?;
    let (row, token) = center.add_token(NewToken { role, shop: new.shop, expires: new.expires })?;
    let told = Told { token: Some((*token).clone()), ..told(&row) };
    output.say(&told, |told| {
        let token = told.token.as_deref().unwrap_or_default();
        format!("{token}\nThis is token {} ({}); it is not shown again.", told.id, told.role)
    })
}

fn list(center: &Center, output: &Output) -> Result<()> {
    let rows = center.tokens(2 * MAX_TOKENS)?;
    let told: Vec<_> = rows.iter().map(told).collect();
    output.say(&told, |told| {
        if told.is_empty() {
            return format!("no tokens yet: {} token add --role owner", output.program);
        }
        let rows: Vec<_> = told.iter().map(line).collect();
        table(["token", "role", "shop", "made", "expires", "last used", "state"], [false; 7], &rows)
    })
}

fn line(told: &Told) -> [String; 7] {
    let or = |time: &Option<String>, none: &str| time.clone().unwrap_or_else(|| none.into());
    let state = if told.revoked.is_some() { "revoked" } else { "in use" };
    [
        told.id.clone(),
        told.role.into(),
        told.shop.clone(),
        told.made.clone(),
        or(&told.expires, "never"),
        or(&told.last_used, "never"),
        state.into(),
    ]
}

fn told(row: &OperatorRow) -> Told {
    Told {
        id: hex::encode(row.id),
        role: row.role.name(),
        shop: row.shop.clone(),
        made: rfc3339(row.made),
        expires: (row.expires != 0).then(|| rfc3339(row.expires)),
        revoked: row.revoked.map(rfc3339),
        last_used: row.last_used.map(rfc3339),
        token: None,
    }
}
