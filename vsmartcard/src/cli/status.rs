//! `saifu-card status`: what anybody may know of a card (§6.3).

use std::io::{self, Write};
use std::process::ExitCode;

use saifu_wire::answer::{CardStatus, ContentMemory, Health, LifeCycle, MemoryState};
use saifu_wire::certificate::Assurance;
use saifu_wire::{CardId, Wire};
use serde::Serialize;

use super::Failure;
use crate::virtual_card::{VirtualCard, select};

/// What is told of a card.
#[derive(Debug, Serialize)]
struct Told {
    card: String,
    life_cycle: &'static str,
    class: &'static str,
    memory: &'static str,
    health: &'static str,
    pin_tries: u8,
    licences: [u64; 2],
    outbox: [u64; 2],
    centers: [u64; 2],
    content_bytes: Option<[u64; 2]>,
}

/// Selects the applet and prints its public state: a name and a value a line, or as JSON, with the
/// first word of each state, and how much there is of what as pairs.
pub(super) fn print(
    card: &mut VirtualCard,
    as_json: bool,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let told = ask(card)?;
    if as_json {
        let word = |state: &'static str| state.split(':').next().unwrap_or(state);
        let (life_cycle, class) = (word(told.life_cycle), word(told.class));
        let (memory, health) = (word(told.memory), word(told.health));
        let words = Told { life_cycle, class, memory, health, ..told };
        writeln!(out, "{}", serde_json::to_string(&words).map_err(io::Error::from)?)?;
    } else {
        print_text(&told, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(card: &mut VirtualCard) -> Result<Told, Failure> {
    card.transmit(&select());
    let id: CardId = read(card, 0xDF01)?;
    let status: CardStatus = read(card, 0xDF02)?;
    let has_content =
        status.memory == MemoryState::Good && status.life_cycle != LifeCycle::Terminated;
    let content = has_content.then(|| read::<ContentMemory>(card, 0xDF06)).transpose()?;
    Ok(Told {
        card: id.to_string(),
        life_cycle: life_cycle(status.life_cycle),
        class: assurance(status.assurance),
        memory: memory(status.memory),
        health: health(status.health),
        pin_tries: status.pin_tries,
        licences: [status.licences.into(), status.max_licences.into()],
        outbox: [status.outbox.into(), status.max_outbox.into()],
        centers: [status.centers.into(), status.max_centers.into()],
        content_bytes: content.map(|content| [content.used_bytes, content.size_bytes]),
    })
}

fn print_text(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "card        {}", told.card)?;
    writeln!(out, "life cycle  {}", told.life_cycle)?;
    writeln!(out, "class       {}", told.class)?;
    writeln!(out, "memory      {}", told.memory)?;
    writeln!(out, "health      {}", told.health)?;
    writeln!(out, "PIN tries   {}", told.pin_tries)?;
    let pairs = [("licences", told.licences), ("outbox", told.outbox), ("centers", told.centers)];
    for (name, [used, room]) in pairs {
        writeln!(out, "{name:<12}{used} of {room}")?;
    }
    if let Some([used, size]) = told.content_bytes {
        writeln!(out, "content     {used} of {size} bytes")?;
    }
    Ok(())
}

fn read<T: Wire>(card: &mut VirtualCard, tag: u16) -> Result<T, Failure> {
    let [p1, p2] = tag.to_be_bytes();
    let answer = card.transmit(&[0x00, 0xCA, p1, p2, 0x00]);
    let data = answer.strip_suffix(&[0x90, 0x00]).ok_or(Failure::Answer)?;
    T::from_bytes(data).map_err(|_| Failure::Answer)
}

fn life_cycle(state: LifeCycle) -> &'static str {
    match state {
        LifeCycle::Creation => "creation: blank",
        LifeCycle::Initialisation => "initialisation: being personalised",
        LifeCycle::Activated => "activated: in use",
        LifeCycle::Deactivated => "deactivated: being closed",
        LifeCycle::Terminated => "terminated",
    }
}

fn assurance(class: Assurance) -> &'static str {
    match class {
        Assurance::Test => "test: its root is published, nothing on it is worth anything",
        Assurance::Software => "software: its secure area is a file",
        Assurance::Hardware => "hardware",
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
        MemoryState::Blank => "blank: never initialised",
        MemoryState::Good => "good: the one last committed",
        MemoryState::Missing => "missing: put back the one last committed",
        MemoryState::Damaged => "damaged: put back the one last committed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_card::NewCard;

    #[test]
    fn people_are_told_sentences_and_scripts_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut card =
            VirtualCard::create(&folder.path().join("card"), &NewCard::default()).unwrap();
        let mut told = |as_json| {
            let mut out = Vec::new();
            print(&mut card, as_json, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let text = told(false);
        assert!(text.contains("life cycle  activated: in use\n"), "{text}");
        assert!(text.contains("licences    0 of 16384\n"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&told(true)).unwrap();
        assert_eq!((&json["life_cycle"], &json["class"]), (&"activated".into(), &"test".into()));
        assert_eq!((&json["pin_tries"], &json["licences"][1]), (&3.into(), &16_384.into()));
        assert!(json["content_bytes"][1].as_u64() > Some(0));
    }
}
