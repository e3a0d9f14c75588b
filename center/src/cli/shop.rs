//! `saifu-center shop`: the shops of the mall.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Output, table};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::refusal::{Refusal, Result};
use crate::shops::{NewShop, ShopChange};
use crate::store::ShopRow;

/// The shops that are read at once.
const PAGE: u32 = 200;

#[derive(Subcommand)]
pub(super) enum ShopCommand {
    /// Open a shop
    Add(Add),
    /// List all shops; the first is the center itself
    List,
    /// Show a shop with its terms
    Show(Named),
    /// Change what is said of a shop
    Set(Set),
    /// Close a shop: nothing of it is shown or sold; what was bought stays bought
    Close(Named),
}

#[derive(Args)]
pub(super) struct Add {
    /// What it calls itself
    name: String,
    /// Its name in addresses [default: made of its name]
    #[arg(long)]
    slug: Option<String>,
    #[command(flatten)]
    terms: Terms,
    /// What the center keeps of its sales, in hundredths of a percent: 250 for 2.5 %
    #[arg(long, value_name = "BASIS POINTS", default_value_t = 0)]
    fee: u32,
}

#[derive(Args)]
pub(super) struct Named {
    /// The shop: its slug or its id
    shop: String,
}

#[derive(Args)]
pub(super) struct Set {
    /// The shop: its slug or its id
    shop: String,
    /// What it calls itself
    #[arg(long)]
    name: Option<String>,
    /// Its name in addresses
    #[arg(long)]
    slug: Option<String>,
    #[command(flatten)]
    terms: Terms,
    /// What the center keeps of its sales, in hundredths of a percent: 250 for 2.5 %
    #[arg(long, value_name = "BASIS POINTS")]
    fee: Option<u32>,
    /// Open it again if it was closed
    #[arg(long)]
    reopen: bool,
}

#[derive(Args)]
struct Terms {
    /// The terms it sells under
    #[arg(long)]
    terms: Option<String>,
    /// The terms it sells under, from a file
    #[arg(long, value_name = "FILE", conflicts_with = "terms")]
    terms_file: Option<PathBuf>,
}

/// A shop, as it is told.
#[derive(Serialize)]
struct Told {
    id: String,
    slug: String,
    name: String,
    terms: String,
    fee_basis_points: u32,
    opened: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<String>,
}

pub(super) fn run(center: &Center, command: ShopCommand, output: &Output) -> Result<()> {
    let show = |row: ShopRow| output.say(&told(row), text);
    match command {
        ShopCommand::List => list(center, output),
        ShopCommand::Show(named) => show(center.shop(&named.shop)?),
        ShopCommand::Add(add) => show(center.add_shop(NewShop {
            name: add.name,
            slug: add.slug,
            terms: add.terms.read()?.unwrap_or_default(),
            fee_basis_points: add.fee,
        })?),
        ShopCommand::Set(set) => {
            let shop = center.shop(&set.shop)?.id;
            show(center.change_shop(shop, set.change()?)?)
        }
        ShopCommand::Close(named) => {
            let shop = center.shop(&named.shop)?.id;
            let change = ShopChange { open: Some(false), ..ShopChange::default() };
            show(center.change_shop(shop, change)?)
        }
    }
}

impl Set {
    fn change(self) -> Result<ShopChange> {
        Ok(ShopChange {
            terms: self.terms.read()?,
            name: self.name,
            slug: self.slug,
            fee_basis_points: self.fee,
            open: self.reopen.then_some(true),
        })
    }
}

impl Terms {
    fn read(&self) -> Result<Option<String>> {
        let read = |path: &Path| {
            fs::read_to_string(path).map_err(|error| {
                let path = path.display();
                Refusal::not_found(format!("{path} cannot be read ({error}): name a text file"))
            })
        };
        let file = self.terms_file.as_deref().map(read).transpose()?;
        Ok(file.or_else(|| self.terms.clone()))
    }
}

fn list(center: &Center, output: &Output) -> Result<()> {
    let (mut shops, mut after) = (Vec::new(), 0);
    loop {
        let page = center.shops(after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        shops.extend(page.into_iter().map(|(_, row)| told(row)));
    }
    output.say(&shops, |shops| {
        let rows: Vec<_> = shops.iter().map(line).collect();
        table(["shop", "fee", "open", "name"], [false, true, false, false], &rows)
    })
}

fn line(told: &Told) -> [String; 4] {
    let open = if told.closed.is_none() { "yes" } else { "no" };
    [told.slug.clone(), percent(told.fee_basis_points), open.into(), told.name.clone()]
}

fn text(told: &Told) -> String {
    let closed = told.closed.as_ref().map_or(String::new(), |at| format!("closed  {at}\n"));
    let Told { slug, name, id, .. } = told;
    let (fee, terms) = (percent(told.fee_basis_points), &told.terms);
    let text = format!("shop    {slug}\nname    {name}\nid      {id}\nfee     {fee}\n{closed}");
    if terms.is_empty() { text } else { format!("{text}\n{terms}") }
}

/// A fee as people write it.
fn percent(basis_points: u32) -> String {
    format!("{}.{:02} %", basis_points / 100, basis_points % 100)
}

fn told(row: ShopRow) -> Told {
    Told {
        id: row.id.to_string(),
        slug: row.slug,
        name: row.name,
        terms: row.terms,
        fee_basis_points: row.fee_basis_points,
        opened: rfc3339(row.opened),
        closed: row.closed.map(rfc3339),
    }
}
