//! `saifu again`: what was bought is licensed once more, already paid (§8.5): to a card that
//! deleted it, or to one that took another's place.

use super::arguments::Consent;
use super::buy::{absolute, place, plan, said};
use super::context::Context;
use super::customer::Typing;
use super::progress::Progress;
use super::purchases::object;
use super::report::tell;
use super::text::{file_name, plain};
use super::{ExitCode, Failure, Report};
use crate::card::Card;
use crate::center::{Client, words};
use crate::sale::{self, Next, Parties, Plan, Sale, SaleError, Sales, Wish};
use crate::session::Session;
use clap::Args;
use saifu_center_api::{Order, OrderState, Preview, Work};
use saifu_wire::answer::{LicenceState, LicenceStatus};
use saifu_wire::signed::{Licence, Signed};
use saifu_wire::{ContentId, ShopId};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The fewest digits of an id that name a work.
const MIN_PREFIX: usize = 4;

/// The digits of a work's id by which it is called where nothing else is known of it.
const SHOWN_DIGITS: usize = 8;

/// Said where a work is left to the purchase that brings it.
const UNDER_WAY: &str = "what comes again already is finished by `saifu resume`\n";

/// What is to be had again, and how.
#[derive(Debug, Args)]
pub(super) struct Again {
    /// The work: its title, its id or the beginning of it; or the id of the order that paid
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    what: Option<String>,
    /// All that was bought and the card has no licence of
    #[arg(long)]
    all: bool,
    /// Where it goes: a file that is not there yet, or a folder
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Have the card keep the work as well
    #[arg(long)]
    keep: bool,
    /// Have the card keep the work as it comes, to be opened later (`saifu contents open`)
    #[arg(long, conflicts_with_all = ["keep", "output"])]
    later: bool,
    #[command(flatten)]
    consent: Consent,
}

/// A work that was bought, and how it comes again.
struct Bought {
    work: Work,
    /// The orders that bring it: the last one last.
    orders: Vec<String>,
    again: sale::Again,
    /// Whether a purchase of this data folder brings it already.
    is_under_way: bool,
}

pub(super) fn run(context: &Context, asked: Again) -> Result<Report, Failure> {
    if let Some(folder) = asked.output.as_ref().filter(|folder| asked.all && !folder.is_dir()) {
        let what = format!("{} is no folder", folder.display());
        return Err(Failure::new(ExitCode::Usage, what, "name one with --output for all works"));
    }
    let mut customer = Typing::new(&asked.consent);
    customer.expect_consent()?;
    customer.take_pin()?;
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let chosen = {
        let mut session = context.session(&sales, &mut card, &client)?;
        customer.meet(&session.center);
        choose(&sales, &mut session, &customer, asked.what.as_deref())?
    };
    let mut had = Vec::new();
    let mut failures = Vec::new();
    for bought in chosen {
        match one(context, &sales, (&mut card, &client), &mut customer, &asked, bought) {
            Ok(sale) => had.push(sale),
            Err(failure) => failures.push(failure),
        }
    }
    let text = match had.is_empty() && failures.is_empty() {
        true => "the card has a licence of all that was bought and comes again\n".to_owned(),
        false => had.iter().map(|sale| said(sale.record())).collect(),
    };
    let all: Vec<_> = had.iter().map(object).collect();
    Ok(Report::new(text, json!({ "purchases": all })).with(failures))
}

/// Has one work licensed, loaded and opened again.
fn one(
    context: &Context,
    sales: &Sales,
    (card, client): (&mut Card, &Client),
    customer: &mut Typing<'_>,
    asked: &Again,
    bought: Bought,
) -> Result<Sale, Failure> {
    let Bought { work, again, .. } = bought;
    let plan = plan(asked.keep, asked.later);
    let output = match plan {
        Plan::Later => absolute(Path::new(&file_name(&work.title, &work.media_type)))?,
        Plan::Open | Plan::Keep => place(asked.output.clone(), &work)?,
    };
    let root = context.root()?;
    let mut session = context.session(sales, card, client)?;
    let wish = Wish { output, plan, purse: None, again: Some(again) };
    let mut sale = Sale::begin_as(sales, &mut session, customer, work, wish)?;
    let told = &mut Progress::new(context.json);
    let done = sale.run(&mut session, customer, told).or_else(|error: SaleError| {
        let mut parties = Parties { card, client, root: &root };
        sale.recover(error, &mut parties, customer, told)
    });
    done.map_err(|error| Failure::of_sale(error, sale.record()))?;
    Ok(sale)
}

/// What is to be had again: what was named, or all that the card has no licence of.
fn choose(
    sales: &Sales,
    session: &mut Session<'_>,
    customer: &Typing<'_>,
    what: Option<&str>,
) -> Result<Vec<Bought>, Failure> {
    let center = session.center.id;
    let account = {
        let mut verified = session.selected.verify(&customer.known_pin()?)?;
        verified.balances(center)?.account
    };
    let bought = comes_again(sales, session.client, session.client.orders(account)?)?;
    let Some(what) = what else {
        let held = session.selected.licences(center)?;
        let mut missing = bought;
        missing.retain(|bought| !held.iter().any(|licence| is_of(licence, &bought.work)));
        let all = missing.len();
        missing.retain(|bought| !bought.is_under_way);
        if missing.len() < all {
            tell(UNDER_WAY);
        }
        return Ok(missing);
    };
    let mut found = named(bought, what);
    match (found.pop(), found.is_empty()) {
        (Some(one), true) if one.is_under_way => {
            let what = format!("{} comes again already", plain(&one.work.title));
            Err(Failure::new(ExitCode::Failed, what, "`saifu resume` finishes that"))
        }
        (Some(one), true) => Ok(vec![one]),
        (None, _) => {
            let what = format!("{} names nothing that was bought and comes again", plain(what));
            let next = "it comes again where it is settled, not given back, and was sold for any \
                        number of uses: `saifu purchases` lists what was bought here";
            Err(Failure::new(ExitCode::Failed, what, next))
        }
        (Some(one), false) => {
            found.push(one);
            let orders: Vec<_> = found.iter().filter_map(|bought| bought.orders.last()).collect();
            let orders: Vec<_> = orders.into_iter().map(|order| plain(order)).collect();
            let what = format!("{} names more than one: orders {}", plain(what), orders.join(", "));
            Err(Failure::new(ExitCode::Usage, what, "name one of these orders"))
        }
    }
}

/// Those of this title, id or beginning of it, or the one of this order.
fn named(bought: Vec<Bought>, what: &str) -> Vec<Bought> {
    let titled = |work: &Work| work.title.to_lowercase() == what.to_lowercase();
    let begins = |work: &Work| what.len() >= MIN_PREFIX && work.id.starts_with(what);
    let is_named = |bought: &Bought| {
        bought.orders.iter().any(|order| order == what)
            || titled(&bought.work)
            || begins(&bought.work)
    };
    bought.into_iter().filter(is_named).collect()
}

/// Whether the card has this licence of the work, and opens it by that or is to pay it.
fn is_of(licence: &LicenceState, work: &Work) -> bool {
    licence.status != LicenceStatus::Refunded
        && Some(licence.content) == ContentId::from_hex(&work.id)
        && licence.content_version == work.version
}

/// What of an account's orders comes again: each work and version once.
fn comes_again(sales: &Sales, client: &Client, orders: Vec<Order>) -> Result<Vec<Bought>, Failure> {
    let (shown, begun) = (client.works()?, sales.all()?);
    let mut each = BTreeMap::new();
    for order in orders.into_iter().filter(|order| order.state == OrderState::Settled) {
        let Ok(licence) = Signed::<Licence>::parse(&order.licence.0) else { continue };
        let again = match (licence.message().uses, &order.again_of) {
            (0, _) => sale::Again::Of(order.id.clone()),
            // What is left of a number of uses comes with another card's place, once.
            (_, Some(_)) => sale::Again::By(order.id.clone()),
            (_, None) => continue,
        };
        let of = licence.message();
        let known = known(&of.content.to_string(), &shown, &begun);
        let work = describe(of, known);
        let is_under_way = is_under_way(&begun, &work);
        let bought = Bought { work, orders: vec![], again: again.clone(), is_under_way };
        let bought = each.entry((of.content.0, of.content_version)).or_insert(bought);
        bought.again = again;
        bought.orders.extend(order.again_of.into_iter().chain([order.id]));
    }
    Ok(each.into_values().collect())
}

/// Whether a purchase of this data folder that is not at its end brings the work again.
fn is_under_way(begun: &[Sale], work: &Work) -> bool {
    begun.iter().map(Sale::record).any(|record| {
        let intent = &record.intent;
        intent.again.is_some()
            && record.next() != Next::Nothing
            && (&intent.work.id, intent.work.version) == (&work.id, work.version)
    })
}

/// What catalogue or journals say of a work.
fn known<'a>(work: &str, shown: &'a [Work], begun: &'a [Sale]) -> Option<&'a Work> {
    let bought = begun.iter().map(|sale| &sale.record().intent.work);
    shown.iter().chain(bought).find(|known| known.id == work)
}

/// The work as its licence has it, by the name that is known of it.
fn describe(licence: &Licence, known: Option<&Work>) -> Work {
    let id = licence.content.to_string();
    let text =
        |of: fn(&Work) -> &String, else_: String| known.map_or(else_, |work| of(work).clone());
    let time = |second: u64| (second != 0).then(|| words::time(second));
    Work {
        title: text(|work| &work.title, id[..SHOWN_DIGITS].to_owned()),
        creator: text(|work| &work.creator, String::new()),
        description: String::new(),
        media_type: text(|work| &work.media_type, "application/octet-stream".into()),
        shop_name: text(|work| &work.shop_name, String::new()),
        id,
        version: licence.content_version,
        shop: (licence.shop != ShopId::ZERO).then(|| licence.shop.to_string()),
        length: licence.total_bytes,
        preview: Preview { media_type: String::new(), length: 0 },
        prices: vec![],
        payment: "already-paid".into(),
        uses: licence.uses,
        not_before: time(licence.not_before),
        not_after: time(licence.not_after),
        needs_time: licence.needs_time,
        published: String::new(),
    }
}
