//! `saifu card`: who the card is, and how it is.

use super::context::Context;
use super::text::fields;
use super::{Failure, Report};
use crate::card::Selected;
use crate::session::{fresh_nonce, unix_time};
use crate::trust::CardIdentity;
use saifu_wire::answer::{CardStatus, Health, LifeCycle, MemoryState};
use saifu_wire::certificate::{Assurance, Certificate, Date};
use serde_json::json;

pub(super) fn run(context: &Context) -> Result<Report, Failure> {
    let _sales = context.sales()?;
    let mut card = context.card()?;
    let name = card.name().to_owned();
    let mut selected = card.select()?;
    let id = selected.card_id()?;
    let status = selected.status()?;
    let identity = identity(&mut selected, &status, context)?;
    let mut lines = vec![
        ("Card", id.to_string()),
        ("In", name.clone()),
        ("Class", class(status.assurance)),
        ("Life cycle", life_cycle(status.life_cycle).to_owned()),
        ("Memory", memory(status.memory).to_owned()),
        ("Health", health(status.health).to_owned()),
        ("PIN tries", status.pin_tries.to_string()),
        ("Licences", of(status.licences, status.max_licences)),
        ("Outbox", of(status.outbox, status.max_outbox)),
        ("Centers", of(status.centers, status.max_centers)),
    ];
    let certificates: Vec<_> = identity.iter().flat_map(certificates).collect();
    lines.extend(
        certificates.iter().map(|(name, until)| {
            ("Certificate", format!("{name}, valid until {until}, authentic"))
        }),
    );
    let json = json!({
        "card": id.to_string(),
        "in": name,
        "class": class_name(status.assurance),
        "life_cycle": life_cycle(status.life_cycle),
        "memory": memory(status.memory),
        "health": health(status.health),
        "pin_tries": status.pin_tries,
        "licences": status.licences,
        "max_licences": status.max_licences,
        "outbox": status.outbox,
        "max_outbox": status.max_outbox,
        "centers": status.centers,
        "max_centers": status.max_centers,
        "authentic": identity.is_some(),
        "certificates": certificates
            .iter()
            .map(|(name, until)| json!({ "name": name, "valid_until": until }))
            .collect::<Vec<_>>(),
    });
    Ok(Report::new(fields(&lines), json))
}

/// Verifies a card that is in use; another has nothing to verify.
fn identity(
    selected: &mut Selected<'_>,
    status: &CardStatus,
    context: &Context,
) -> Result<Option<CardIdentity>, Failure> {
    if status.life_cycle != LifeCycle::Activated || status.memory != MemoryState::Good {
        return Ok(None);
    }
    Ok(Some(selected.authenticate(&context.root()?, &fresh_nonce(), unix_time())?))
}

fn certificates(identity: &CardIdentity) -> [(String, String); 2] {
    let line = |certificate: &Certificate| {
        let body = certificate.body();
        (body.holder.to_string(), day(body.expires))
    };
    [line(&identity.signature_certificate), line(&identity.encryption_certificate)]
}

fn day(date: Date) -> String {
    let [y1, y2, m1, m2, d1, d2] = date.to_digits();
    format!("20{y1}{y2}-{m1}{m2}-{d1}{d2}")
}

fn of(used: impl ToString, room: impl ToString) -> String {
    format!("{} of {}", used.to_string(), room.to_string())
}

fn class(assurance: Assurance) -> String {
    let remark = match assurance {
        Assurance::Test => ": its keys are published, and what it holds is worth nothing",
        Assurance::Software => ": its secure area is a file",
        Assurance::Hardware => "",
    };
    format!("{}{remark}", class_name(assurance))
}

fn class_name(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Test => "test",
        Assurance::Software => "software",
        Assurance::Hardware => "hardware",
    }
}

fn life_cycle(state: LifeCycle) -> &'static str {
    match state {
        LifeCycle::Creation => "blank",
        LifeCycle::Initialisation => "being personalised",
        LifeCycle::Activated => "in use",
        LifeCycle::Deactivated => "being closed",
        LifeCycle::Terminated => "terminated",
    }
}

fn health(health: Health) -> &'static str {
    match health {
        Health::Good => "good",
        Health::SelfTestFailed => "self-test failed: if power off and on does not help, replace it",
        Health::RandomFailed => "random source failed: power off and on",
    }
}

fn memory(state: MemoryState) -> &'static str {
    match state {
        MemoryState::Blank => "blank",
        MemoryState::Good => "good",
        MemoryState::Missing => "missing: put back the one last written",
        MemoryState::Damaged => "damaged: put back the one last written",
    }
}
