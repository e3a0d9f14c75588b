//! `saifu-center work add`, `work list` and `publish`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, value_parser};
use saifu_wire::ContentId;
use saifu_wire::signed::PaymentOrder;
use saifu_wire::value::Price;
use serde::Serialize;

use super::output::{Output, table};
use crate::catalogue::{NewWork, PreviewSource, media_type_of};
use crate::center::Center;
use crate::money;
use crate::preview::{self, MediaType};
use crate::refusal::{Refusal, Result};
use crate::store::{Validity, VersionRow, WorkFilter};

/// The works that are read at once.
const PAGE: u32 = 200;

/// The fewest hex digits that a work is named by.
const MIN_PREFIX: usize = 4;

#[derive(Args)]
pub(super) struct Add {
    /// The work M
    file: PathBuf,
    /// Title
    #[arg(long)]
    title: String,
    /// Author, artist or publisher
    #[arg(long)]
    creator: String,
    /// A sentence or two
    #[arg(long, default_value = "")]
    description: String,
    /// A price in minor units, jpy:300, or with its kind, coupon:jpy:300, or for purses bound
    /// to the shop or the work alone, coupon:jpy:300:shop; up to eight
    #[arg(long = "price", value_name = "PRICE", required_unless_present = "free")]
    prices: Vec<String>,
    /// Give it away
    #[arg(long, conflicts_with = "prices")]
    free: bool,
    /// How many times it can be opened [default: any number]
    #[arg(long, value_name = "TIMES", value_parser = value_parser!(u32).range(1..))]
    uses: Option<u32>,
    /// In which order the card pays and decrypts; decrypting first, it holds the price meanwhile
    #[arg(long, value_enum, default_value_t, conflicts_with = "free")]
    payment: Payment,
    /// The time before which it does not open, as in 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = second)]
    not_before: Option<u64>,
    /// The time after which it opens no more
    #[arg(long, value_name = "TIME", value_parser = second)]
    not_after: Option<u64>,
    /// Have the card told the center's time whenever it opens the work
    #[arg(long)]
    needs_time: bool,
    /// The media type [default: what the file's name and content say]
    #[arg(long = "type", value_name = "TYPE/SUBTYPE")]
    media_type: Option<MediaType>,
    /// Bring a preview M' instead of having it made
    #[arg(long, value_name = "FILE")]
    preview: Option<PathBuf>,
    /// Where a sound's excerpt starts, in milliseconds
    #[arg(long, value_name = "MS", conflicts_with = "preview")]
    preview_start: Option<u64>,
    /// How long a sound's excerpt is, in milliseconds
    #[arg(long, value_name = "MS", conflicts_with = "preview")]
    preview_length: Option<u64>,
    /// Add it as a new edition of this work
    #[arg(long, value_name = "WORK")]
    edition_of: Option<String>,
    /// Publish it at once
    #[arg(long)]
    publish: bool,
}

/// In which order paying and decrypting come.
#[derive(Clone, Copy, Default, ValueEnum)]
enum Payment {
    /// Paid, then decrypted
    #[default]
    PayFirst,
    /// On hold, decrypted, then paid
    DecryptFirst,
}

/// A time as people write it (RFC 3339), in seconds of Unix time.
pub(super) fn second(text: &str) -> std::result::Result<u64, String> {
    let time = text
        .parse::<jiff::Timestamp>()
        .ok()
        .and_then(|time| u64::try_from(time.as_second()).ok().filter(|second| *second != 0));
    time.ok_or_else(|| "write it as RFC 3339 does, 2027-01-01T00:00:00Z".into())
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
    title: String,
    creator: String,
    media_type: String,
    bytes: u64,
    preview_media_type: String,
    preview_bytes: u64,
    prices: Vec<String>,
}

/// A version that was published, as it is told.
#[derive(Serialize)]
struct Published {
    #[serde(flatten)]
    version: Told,
    /// The version that the catalogue shows.
    shown: u32,
}

pub(super) fn add(center: &Center, add: Add, output: &Output) -> Result<()> {
    let mut file = open(&add.file)?;
    let media_type = match &add.media_type {
        Some(named) => named.clone(),
        None => media_type_of(&add.file, &mut file)?,
    };
    let publish = add.publish;
    let work = read(center, add, media_type)?;
    let mut row = center.add_work(&mut file, work)?;
    if publish {
        row = center.publish(row.added.work, row.version)?;
    }
    output.say(&told(&row), |told| {
        let (work, version) = (&told.work, told.version);
        let next = if told.published {
            "published".to_owned()
        } else {
            format!("publish it: {} publish {work} --version {version}", output.program)
        };
        format!(
            "work     {work}\nversion  {version}\nM        {}, {} bytes\nM'       {}, {} bytes\n{next}",
            told.media_type, told.bytes, told.preview_media_type, told.preview_bytes
        )
    })
}

fn read(center: &Center, add: Add, media_type: MediaType) -> Result<NewWork> {
    let prices = add.prices.iter().map(|text| money::parse_price(text)).collect::<Result<_>>()?;
    let payment = match (add.free, add.payment) {
        (true, _) => PaymentOrder::AlreadyPaid,
        (false, Payment::DecryptFirst) => PaymentOrder::DecryptFirst,
        (false, Payment::PayFirst) => PaymentOrder::PayFirst,
    };
    let validity = Validity {
        not_before: add.not_before.unwrap_or(0),
        not_after: add.not_after.unwrap_or(0),
        needs_time: add.needs_time,
    };
    let preview = match &add.preview {
        Some(path) => brought(path)?,
        None => PreviewSource::Made(preview::Options {
            start_ms: add.preview_start,
            length_ms: add.preview_length,
            ..preview::Options::default()
        }),
    };
    Ok(NewWork {
        edition_of: add.edition_of.as_deref().map(|text| work_named(center, text)).transpose()?,
        title: add.title,
        creator: add.creator,
        description: add.description,
        media_type,
        prices,
        payment,
        uses: add.uses.unwrap_or(0),
        validity,
        preview,
    })
}

fn brought(path: &Path) -> Result<PreviewSource> {
    let mut file = open(path)?;
    let media_type = media_type_of(path, &mut file)?;
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    Ok(PreviewSource::Brought { media_type, bytes })
}

pub(super) fn list(center: &Center, output: &Output) -> Result<()> {
    let rows = all(center)?;
    let told: Vec<Told> = rows.iter().map(told).collect();
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
    let published = if told.published { "yes" } else { "no" };
    let prices = if told.prices.is_empty() { "free".into() } else { told.prices.join(" ") };
    let bytes = told.bytes.to_string();
    let (work, title) = (told.work.clone(), told.title.clone());
    [work, told.version.to_string(), published.into(), bytes, prices, title]
}

/// Every version of every work, oldest first.
pub(super) fn all(center: &Center) -> Result<Vec<VersionRow>> {
    let (mut rows, mut after) = (Vec::new(), 0);
    loop {
        let page = center.works(WorkFilter::All, after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(rows) };
        after = *last;
        rows.extend(page.into_iter().map(|(_, row)| row));
    }
}

pub(super) fn publish(center: &Center, publish: &Publish, output: &Output) -> Result<()> {
    let work = work_named(center, &publish.work)?;
    let newest = || {
        let versions = all(center)?.into_iter().filter(|row| row.added.work == work);
        let newest = versions.map(|row| row.version).max();
        newest.ok_or_else(|| Refusal::not_found(format!("there is no work {work}: list the works")))
    };
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

fn told(row: &VersionRow) -> Told {
    Told {
        work: row.added.work.to_string(),
        version: row.version,
        published: row.published.is_some(),
        title: row.added.title.clone(),
        creator: row.added.creator.clone(),
        media_type: row.added.media_type.clone(),
        bytes: row.added.content.length,
        preview_media_type: row.added.preview_media_type.clone(),
        preview_bytes: row.added.preview.length,
        prices: row.added.prices.iter().map(price).collect(),
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

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Refusal {
    let path = path.display();
    Refusal::not_found(format!("{path} cannot be read ({error}): name a file that can"))
}
