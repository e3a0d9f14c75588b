//! `saifu contents`: the works that the card keeps, opened from there, and deleted.

use super::arguments::{Consent, Contents, ContentsAction, PinSource};
use super::buy::{place, place_as, said};
use super::context::{Context, pin};
use super::customer::Typing;
use super::progress::Progress;
use super::purchases::{object, readable};
use super::resume::finish;
use super::text::{plain, size, table};
use super::{ExitCode, Failure, Report};
use crate::card::{CardError, Form, Selected};
use crate::sale::{Kept, Parties, Sale, SaleError, Sales};
use crate::session::{Session, SessionError};
use saifu_wire::answer::{ContentMemory, ContentState, LicenceState, LicenceStatus};
use saifu_wire::ins::Ins;
use saifu_wire::request::LicenceRef;
use saifu_wire::{CenterId, Status};
use serde_json::{Value, json};
use std::path::PathBuf;

pub(super) fn run(context: &Context, asked: Contents) -> Result<Report, Failure> {
    match asked.action {
        None => list(context, &asked.pin),
        Some(ContentsAction::Open { number, output, consent }) => {
            open(context, number, output, &consent)
        }
        Some(ContentsAction::Delete { number, pin }) => delete(context, number, &pin),
    }
}

/// A work that the card keeps, and what is known of it.
struct Shown {
    content: ContentState,
    state: Option<LicenceState>,
    title: String,
}

fn list(context: &Context, source: &PinSource) -> Result<Report, Failure> {
    let sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = Session::open(&mut card, &client, &context.root()?)?;
    let contents = session.selected.verify(&pin(source)?)?.contents(session.center.id)?;
    let ContentMemory { size_bytes, used_bytes } = session.selected.content_memory()?;
    let (known, unreadable) = readable(sales.each()?);
    let show = |content| show(&mut session.selected, content, &known);
    let shown = contents.into_iter().map(show).collect::<Result<Vec<_>, _>>()?;
    let free_bytes = size_bytes.saturating_sub(used_bytes);
    let room = format!("{} free of {}\n", size(free_bytes), size(size_bytes));
    let rows: Vec<_> = shown.iter().map(row).collect();
    let text = match rows.is_empty() {
        true => format!("the card keeps no work of this center; {room}"),
        false => table(["NUMBER", "TITLE", "FORM", "SIZE", "WHOLE"], &rows) + &room,
    };
    let all: Vec<_> = shown.iter().map(shown_object).collect();
    let json = json!({ "contents": all, "size_bytes": size_bytes, "free_bytes": free_bytes });
    Ok(Report::new(text, json).with(unreadable))
}

fn show(
    selected: &mut Selected<'_>,
    content: ContentState,
    known: &[Sale],
) -> Result<Shown, CardError> {
    let name = name(&content);
    let state = selected.licence(&name)?;
    let sale = known.iter().find(|sale| sale.record().licence_ref().as_ref() == Some(&name));
    let title = sale.map(|sale| plain(&sale.record().intent.work.title)).unwrap_or_default();
    Ok(Shown { content, state, title })
}

fn row(shown: &Shown) -> [String; 5] {
    let Shown { content, state, title } = shown;
    [
        content.licence.to_string(),
        title.clone(),
        form(content).into(),
        state.as_ref().map(|state| size(state.total_bytes)).unwrap_or_default(),
        if content.complete { "yes" } else { "no" }.into(),
    ]
}

fn shown_object(shown: &Shown) -> Value {
    let Shown { content, state, title } = shown;
    json!({
        "number": content.licence,
        "center": content.center.to_string(),
        "title": title,
        "work": state.as_ref().map(|state| state.content.to_string()),
        "form": form(content),
        "complete": content.complete,
        "bytes": state.as_ref().map(|state| state.total_bytes),
        "segments": content.segments,
    })
}

/// How a work is kept.
fn form(content: &ContentState) -> &'static str {
    match Form::of(content) {
        Form::Plain => "opened",
        Form::Doubly => "as it came",
    }
}

fn name(content: &ContentState) -> LicenceRef {
    LicenceRef { center: content.center, number: content.licence }
}

fn open(
    context: &Context,
    number: u64,
    output: PathBuf,
    consent: &Consent,
) -> Result<Report, Failure> {
    let mut customer = Typing::new(consent);
    customer.take_pin()?;
    let sales = context.sales()?;
    let (mut card, client, root) = (context.card()?, context.client()?, context.root()?);
    let mut session = Session::open(&mut card, &client, &root)?;
    let center = session.center.id;
    let mut verified = session.selected.verify(&customer.known_pin()?)?;
    let (contents, account) = (verified.contents(center)?, verified.balances(center)?.account);
    let found = chosen(&contents, center, number)?;
    let state = session.selected.licence(&name(found))?.ok_or_else(|| none(number))?;
    let sale = sale_of(&sales, name(found))?;
    let output = match &sale {
        Some(sale) => place(Some(output), &sale.record().intent.work)?,
        None => place_as(output, &format!("work {number}.bin"))?,
    };
    if matches!(state.status, LicenceStatus::Loaded | LicenceStatus::Held) {
        let mut sale = sale.ok_or_else(|| elsewhere(number))?;
        if sale.record().abandoned.is_some() {
            return Err(given_up(number));
        }
        sale.move_to(output)?;
        let mut parties = Parties { card: &mut card, client: &client, root: &root };
        let told = &mut Progress::new(context.json);
        let done = finish(&mut sale, &mut parties, &mut customer, told);
        done.map_err(|error| Failure::of_sale(error, sale.record()))?;
        return Ok(Report::new(said(sale.record()), object(&sale)));
    }
    if state.uses_left == 0 {
        return Err(used_up(number));
    }
    let kept = Kept { center, account, state, form: Form::of(found), output };
    let opened = kept.open(&mut session, &mut Progress::new(context.json));
    let opened = opened.map_err(|error| damaged(error, number))?;
    Ok(Report::new(
        format!("{} in {}\n", size(opened.bytes), kept.output.display()),
        json!({
            "number": number,
            "file": kept.output,
            "bytes": opened.bytes,
            "sha256": opened.sha256,
        }),
    ))
}

fn delete(context: &Context, number: u64, source: &PinSource) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let (mut card, client) = (context.card()?, context.client()?);
    let mut session = Session::open(&mut card, &client, &context.root()?)?;
    let center = session.center.id;
    let mut verified = session.selected.verify(&pin(source)?)?;
    let contents = verified.contents(center)?;
    let forms: Vec<_> = contents.iter().filter(|one| is(one, center, number)).collect();
    if forms.is_empty() {
        return Err(none(number));
    }
    for content in &forms {
        verified.delete_content(&name(content), Form::of(content))?;
    }
    let text = format!("work {number} is deleted from the card; what was bought stays bought\n");
    Ok(Report::new(text, json!({ "number": number, "deleted": forms.len() })))
}

/// The work of this number that is whole; where it is there in both forms, the opened one.
fn chosen(
    contents: &[ContentState],
    center: CenterId,
    number: u64,
) -> Result<&ContentState, Failure> {
    let mut found: Vec<_> = contents.iter().filter(|one| is(one, center, number)).collect();
    if found.is_empty() {
        return Err(none(number));
    }
    found.retain(|one| one.complete);
    found.sort_by_key(|one| one.doubly);
    found.first().copied().ok_or_else(|| {
        let what = format!("work {number} is not whole on the card");
        let next = "run `saifu resume` if its sale was interrupted; else delete it there";
        Failure::new(ExitCode::Failed, what, next)
    })
}

fn is(content: &ContentState, center: CenterId, number: u64) -> bool {
    content.center == center && content.licence == number
}

fn sale_of(sales: &Sales, name: LicenceRef) -> Result<Option<Sale>, Failure> {
    let (known, _) = readable(sales.each()?);
    Ok(known.into_iter().find(|sale| sale.record().licence_ref().as_ref() == Some(&name)))
}

fn none(number: u64) -> Failure {
    let what = format!("the card keeps no work {number} of this center");
    Failure::new(ExitCode::Failed, what, "`saifu contents` lists what it keeps")
}

fn elsewhere(number: u64) -> Failure {
    let what = format!("work {number} is not paid yet, and its sale is not in this data folder");
    Failure::new(ExitCode::Failed, what, "name the folder it was bought with, with --data")
}

fn used_up(number: u64) -> Failure {
    let what = format!("no use of work {number} is left");
    let next = format!("buy it again; `saifu contents delete {number}` makes room");
    Failure::new(ExitCode::CardRefused, what, next)
}

fn given_up(number: u64) -> Failure {
    let what = format!("work {number} was given up before it was paid");
    let next = format!("buy it again; `saifu contents delete {number}` makes room");
    Failure::new(ExitCode::Failed, what, next)
}

/// What to do where the copy on the card is none of the work: it is bought, and the center
/// delivers it again.
fn damaged(error: SaleError, number: u64) -> Failure {
    let unreadable = is_unreadable(&error);
    let failure = Failure::from(error);
    if failure.code != ExitCode::Damaged && !unreadable {
        return failure;
    }
    let next = format!(
        "delete it with `saifu contents delete {number}`; if it was bought for later with this data folder, \
         `saifu resume SALE --output FILE` fetches it again"
    );
    Failure::new(ExitCode::Damaged, failure.what, next)
}

/// Whether the card cannot read a stored segment any more (6581).
fn is_unreadable(error: &SaleError) -> bool {
    let SaleError::Session(SessionError::Card(CardError::Refused(refused))) = error else {
        return false;
    };
    let reads = matches!(refused.command, Ins::ReadContent | Ins::HandBack);
    reads && refused.is(Status::MemoryFailure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::CardRefusal;

    #[test]
    fn a_damaged_copy_on_the_card_is_told_with_how_to_get_another() {
        let refused = |command, status| CardError::Refused(CardRefusal { command, status }).into();
        for (command, status, code) in [
            (Ins::Decrypt, Status::WrongData, ExitCode::Damaged),
            (Ins::ReadContent, Status::MemoryFailure, ExitCode::Damaged),
            (Ins::HandBack, Status::MemoryFailure, ExitCode::Damaged),
            (Ins::OpenStream, Status::MemoryFailure, ExitCode::CardRefused),
        ] {
            let failure = damaged(refused(command, status as u16), 7);
            assert_eq!(failure.code, code, "{failure:?}");
            let told = failure.next.contains("saifu contents delete 7");
            assert_eq!(told, code == ExitCode::Damaged, "{failure:?}");
        }
    }

    #[test]
    fn the_opened_form_is_taken_before_the_other_and_a_part_is_none() {
        let center = CenterId([1; 16]);
        let one =
            |doubly, complete| ContentState { center, licence: 7, doubly, complete, segments: 1 };
        let both = [one(true, true), one(false, true)];
        assert_eq!(chosen(&both, center, 7), Ok(&both[1]));
        let part = [one(false, false), one(true, true)];
        assert_eq!(chosen(&part, center, 7), Ok(&part[1]));
        assert!(chosen(&part[..1], center, 7).unwrap_err().what.contains("not whole"));
        assert!(chosen(&both, center, 8).unwrap_err().what.contains("no work 8"));
        assert!(chosen(&both, CenterId([2; 16]), 7).is_err());
    }
}
