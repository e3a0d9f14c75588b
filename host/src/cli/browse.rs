//! `saifu browse`: the works for sale (ST4), and finding one by what was typed.

use super::context::Context;
use super::text::{plain, prices, size, table, terms};
use super::{ExitCode, Failure, Report};
use crate::center::{Client, Filter};
use saifu_center_api::Work;
use saifu_wire::ContentId;
use serde_json::json;

/// The fewest digits of an id that name a work.
const MIN_PREFIX: usize = 4;

/// The digits of an id that are shown.
const SHOWN_DIGITS: usize = 8;

pub(super) fn run(context: &Context, filter: &Filter) -> Result<Report, Failure> {
    let works = context.client()?.works_of(filter)?;
    let rows: Vec<_> = works.iter().map(row).collect();
    let heading = ["WORK", "TITLE", "BY", "TYPE", "SIZE", "PREVIEW", "PRICE", "TERMS"];
    let text = match works.is_empty() {
        true if *filter != Filter::default() => "nothing of this is for sale\n".into(),
        true => format!("nothing is for sale yet; add a work:\n  {}\n", context.how_to_add()),
        false => table(heading, &rows),
    };
    Ok(Report::new(text, json!({ "works": works })))
}

fn row(work: &Work) -> [String; 8] {
    [
        plain(work.id.get(..SHOWN_DIGITS).unwrap_or(&work.id)),
        plain(&work.title),
        plain(&work.creator),
        plain(&work.media_type),
        size(work.length),
        size(work.preview.length),
        prices(&work.prices),
        terms(work),
    ]
}

/// The work whose id, beginning of the id, or title this is.
pub(super) fn find(client: &Client, text: &str) -> Result<Work, Failure> {
    if let Some(id) = ContentId::from_hex(text) {
        return Ok(client.work(id)?);
    }
    let works = client.works()?;
    let titled = |work: &&Work| work.title.to_lowercase() == text.to_lowercase();
    let begins = |work: &&Work| text.len() >= MIN_PREFIX && work.id.starts_with(text);
    let mut found: Vec<_> = works.iter().filter(|work| titled(work) || begins(work)).collect();
    let text = plain(text);
    match (found.pop(), found.len()) {
        (Some(work), 0) => Ok(work.clone()),
        (None, _) => {
            let what = format!("there is no work {text}");
            Err(Failure::new(ExitCode::Failed, what, "`saifu browse` lists what there is"))
        }
        (Some(_), _) => {
            let what = format!("{text} names more than one work");
            Err(Failure::new(ExitCode::Usage, what, "give its whole id: `saifu browse --json`"))
        }
    }
}
