//! `saifu-center work add`: the file, what is said of it, its prices and its preview.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, value_parser};
use saifu_wire::signed::PaymentOrder;

use super::{told, work_named};
use crate::blobs::BlobId;
use crate::catalogue::{NewWork, PreviewSource, media_type_of};
use crate::center::Center;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::money;
use crate::preview::{self, MediaType};
use crate::refusal::{Refusal, Result};
use crate::store::Validity;

/// The name of standard input.
const STDIN: &str = "-";

#[derive(Args)]
pub(in crate::cli) struct Add {
    /// The work M; `-` for standard input, with --media-type
    file: PathBuf,
    /// Title
    #[arg(long)]
    title: String,
    /// Author, artist or publisher
    #[arg(long)]
    creator: String,
    /// The shop that sells it, by its slug or its id [default: the center itself]
    #[arg(long)]
    shop: Option<String>,
    /// What its SHA-256 must be, 64 hex digits
    #[arg(long, value_name = "HEX")]
    sha256: Option<BlobId>,
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
    #[arg(long = "media-type", visible_alias = "type", value_name = "TYPE/SUBTYPE")]
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
pub(in crate::cli) fn second(text: &str) -> std::result::Result<u64, String> {
    crate::clock::second(text).map_err(str::to_owned)
}

pub(in crate::cli) fn run(center: &Center, add: Add, output: &Output) -> Result<()> {
    let (source, length, media_type) = source(&add)?;
    let publish = add.publish;
    let work = read(center, add, media_type)?;
    let mut row = center.add_work(&mut Progress::new(source, length), work)?;
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

/// Where M comes from, its length where that is known, and its media type.
fn source(add: &Add) -> Result<(Box<dyn Read>, Option<u64>, MediaType)> {
    if add.file == Path::new(STDIN) {
        let named = add.media_type.clone().ok_or_else(|| {
            Refusal::malformed("standard input has no name that tells what it is: --media-type")
        })?;
        return Ok((Box::new(io::stdin().lock()), None, named));
    }
    let mut file = open(&add.file)?;
    let media_type = match &add.media_type {
        Some(named) => named.clone(),
        None => media_type_of(&add.file, &mut file)?,
    };
    let length = file.metadata().ok().map(|metadata| metadata.len());
    Ok((Box::new(file), length, media_type))
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
    let shop = add.shop.as_deref().map(|shop| center.shop(shop)).transpose()?;
    Ok(NewWork {
        shop: shop.map(|shop| shop.id),
        sha256: add.sha256,
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

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Refusal {
    let path = path.display();
    Refusal::not_found(format!("{path} cannot be read ({error}): name a file that can"))
}
