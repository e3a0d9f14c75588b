//! `saifu-center work list`, `show` and `withdraw`, and `publish`.

pub(super) mod add;

pub(super) use self::add::second;

use clap::Args;
use saifu_wire::ContentId;
use saifu_wire::value::Price;
use serde::Serialize;

use super::output::{Output, table};
use crate::center::Center;
use crate::clock::rfc3339;
use crate::money;
use crate::refusal::{Refusal, Result};
use crate::store::{VersionRow, WorkFilter};

/// The works that are read at once.
const PAGE: u32 = 200;

/// The fewest hex digits that a work is named by.
const MIN_PREFIX: usize = 4;

#[derive(Args)]
pub(super) struct List {
    /// Those of this shop alone: its slug or its id
    #[arg(long)]
    shop: Option<String>,
}

#[derive(Args)]
pub(super) struct Named {
    /// The work: its id, or as many of its first hex digits as only it has
    work: String,
}

#[derive(Args)]
pub(super) struct Publish {
    /// The work: its id, or as many of its first hex digits as only it has
    work: String,
    /// Its version [default: the newest]
    #[arg(long)]
    version: Option<u32>,
}

/// A version of a work, as it is told.
#[derive(Serialize)]
struct Told {
    work: String,
    version: u32,
    published: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<String>,
    shop: String,
    title: String,
    creator: String,
    media_type: String,
    bytes: u64,
    preview_media_type: String,
    preview_bytes: u64,
    prices: Vec<String>,
    payment: &'static str,
    uses: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<String>,
    needs_time: bool,
    sha256: String,
}

/// A version that was published, as it is told.
#[derive(Serialize)]
struct Published {
    #[serde(flatten)]
    version: Told,
    /// The version that the catalogue shows.
    shown: u32,
}

pub(super) fn list(center: &Center, asked: &List, output: &Output) -> Result<()> {
    let shop = asked.shop.as_deref().map(|shop| center.shop(shop)).transpose()?;
    let rows = every(center, &WorkFilter { shop: shop.map(|shop| shop.id), ..WorkFilter::all() })?;
    let told = rows.iter().map(told).collect::<Vec<_>>();
    output.say(&told, |works| {
        if works.is_empty() {
            return format!("no works yet: {} work add FILE", output.program);
        }
        let rows: Vec<_> = works.iter().map(line).collect();
        let head = ["work", "version", "published", "bytes", "price", "title"];
        table(head, [false, true, false, true, false, false], &rows)
    })
}

fn line(told: &Told) -> [String; 6] {
    let published = match (told.published, &told.withdrawn) {
        (_, Some(_)) => "withdrawn",
        (true, None) => "yes",
        (false, None) => "no",
    };
    let bytes = told.bytes.to_string();
    let (work, title) = (told.work.clone(), told.title.clone());
    [work, told.version.to_string(), published.into(), bytes, told.priced(), title]
}

/// Every version of every work, oldest first.
pub(super) fn all(center: &Center) -> Result<Vec<VersionRow>> {
    every(center, &WorkFilter::all())
}

fn every(center: &Center, filter: &WorkFilter) -> Result<Vec<VersionRow>> {
    let (mut rows, mut after) = (Vec::new(), 0);
    loop {
        let page = center.works(filter, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(rows) };
        after = *last;
        rows.extend(page.into_iter().map(|(_, row)| row));
    }
}

pub(super) fn show(center: &Center, named: &Named, output: &Output) -> Result<()> {
    let versions = center.versions(work_named(center, &named.work)?)?;
    let told: Vec<Told> = versions.iter().map(told).collect();
    output.say(&told, |versions| versions.iter().map(Told::text).collect::<Vec<_>>().join("\n"))
}

pub(super) fn withdraw(center: &Center, named: &Named, output: &Output) -> Result<()> {
    let row = center.withdraw(work_named(center, &named.work)?)?;
    output.say(&told(&row), |told| {
        let Told { work, title, version, .. } = told;
        let back = format!("{} publish {work} --version {version}", output.program);
        format!("withdrawn: {title} (work {work})\nfor sale again: {back}")
    })
}

pub(super) fn publish(center: &Center, publish: &Publish, output: &Output) -> Result<()> {
    let work = work_named(center, &publish.work)?;
    let newest =
        || -> Result<u32> { Ok(center.versions(work)?.last().map_or(1, |row| row.version)) };
    let version = publish.version.map_or_else(newest, Ok)?;
    let row = center.publish(work, version)?;
    let shown = center.work(work)?.version;
    output.say(&Published { version: told(&row), shown }, |Published { version, shown }| {
        let Told { title, version, work, .. } = version;
        let said = format!("published: {title} (version {version} of work {work})");
        if shown == version {
            return said;
        }
        format!("{said}\nthe catalogue still shows version {shown}, the newest published")
    })
}

impl Told {
    /// The prices, in one cell.
    fn priced(&self) -> String {
        if self.prices.is_empty() { "free".into() } else { self.prices.join(" ") }
    }

    /// All there is to say of it, in lines.
    fn text(&self) -> String {
        let sold = match (&self.withdrawn, self.published) {
            (Some(at), _) => format!("no: withdrawn {at}"),
            (None, true) => "yes".into(),
            (None, false) => "no: not published".into(),
        };
        let uses = if self.uses == 0 { "any number".into() } else { self.uses.to_string() };
        let dated = [("not before", &self.not_before), ("not after", &self.not_after)];
        let dates = dated
            .into_iter()
            .filter_map(|(name, at)| at.as_ref().map(|at| format!("{name:10}  {at}\n")));
        let time = if self.needs_time { "needs time  at each opening\n" } else { "" };
        format!(
            "work        {}\nversion     {}\nfor sale    {sold}\nshop        {}\n\
             title       {}\ncreator     {}\nM           {}, {} bytes, SHA-256 {}\n\
             M'          {}, {} bytes\nprice       {}\npayment     {}\nuses        {uses}\n{}{time}",
            self.work,
            self.version,
            self.shop,
            self.title,
            self.creator,
            self.media_type,
            self.bytes,
            self.sha256,
            self.preview_media_type,
            self.preview_bytes,
            self.priced(),
            self.payment,
            dates.collect::<String>()
        )
    }
}

fn told(row: &VersionRow) -> Told {
    let time = |second: u64| (second != 0).then(|| rfc3339(second));
    Told {
        work: row.added.work.to_string(),
        version: row.version,
        published: row.published.is_some(),
        withdrawn: row.withdrawn.map(rfc3339),
        shop: row.shop_slug.clone(),
        title: row.added.title.clone(),
        creator: row.added.creator.clone(),
        media_type: row.added.media_type.clone(),
        bytes: row.added.content.length,
        preview_media_type: row.added.preview_media_type.clone(),
        preview_bytes: row.added.preview.length,
        prices: row.added.prices.iter().map(price).collect(),
        payment: money::payment_name(row.added.payment),
        uses: row.added.uses,
        not_before: time(row.added.validity.not_before),
        not_after: time(row.added.validity.not_after),
        needs_time: row.added.validity.needs_time,
        sha256: row.added.content.sha256.to_string(),
    }
}

fn price(price: &Price) -> String {
    let text = format!("{}:{}:{}", money::kind_name(price.kind), price.unit, price.amount);
    money::scope_name(price.scope).map_or(text.clone(), |scope| format!("{text}:{scope}"))
}

/// The work that `text` names: its id, or the beginning of it that no other work has.
fn work_named(center: &Center, text: &str) -> Result<ContentId> {
    if let Some(work) = ContentId::from_hex(text) {
        return Ok(work);
    }
    let digits = text.len() >= MIN_PREFIX && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !digits || text.len() > 2 * size_of::<ContentId>() {
        return Err(Refusal::malformed(format!(
            "\"{text}\" is no work: works are named by 32 hex digits, or the first {MIN_PREFIX} or \
             more of them"
        )));
    }
    let beginning = text.to_ascii_lowercase();
    let mut works: Vec<_> = all(center)?.iter().map(|row| row.added.work).collect();
    works.retain(|work| work.to_string().starts_with(&beginning));
    works.sort_unstable();
    works.dedup();
    match works[..] {
        [work] => Ok(work),
        [] => Err(Refusal::not_found(format!("no work begins with {text}: list the works"))),
        _ => Err(Refusal::conflict(format!(
            "{} works begin with {text}: give more digits",
            works.len()
        ))),
    }
}
