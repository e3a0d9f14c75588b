//! `saifu-card status`: what anybody may know of a card (§6.3).

use std::io::Write;
use std::process::ExitCode;

use saifu_wire::answer::{CardStatus, ContentMemory, Health, LifeCycle, MemoryState};
use saifu_wire::certificate::Assurance;
use saifu_wire::{CardId, Wire};

use super::Failure;
use crate::virtual_card::{VirtualCard, select};

/// Selects the applet and prints its public state, a name and a value a line.
pub(super) fn print(card: &mut VirtualCard, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    card.transmit(&select());
    let id: CardId = read(card, 0xDF01)?;
    let status: CardStatus = read(card, 0xDF02)?;
    writeln!(out, "card        {id}")?;
    writeln!(out, "life cycle  {}", life_cycle(status.life_cycle))?;
    writeln!(out, "class       {}", assurance(status.assurance))?;
    writeln!(out, "memory      {}", memory(status.memory))?;
    writeln!(out, "health      {}", health(status.health))?;
    writeln!(out, "PIN tries   {}", status.pin_tries)?;
    writeln!(out, "licences    {} of {}", status.licences, status.max_licences)?;
    writeln!(out, "outbox      {} of {}", status.outbox, status.max_outbox)?;
    writeln!(out, "centers     {} of {}", status.centers, status.max_centers)?;
    if status.memory == MemoryState::Good && status.life_cycle != LifeCycle::Terminated {
        let content: ContentMemory = read(card, 0xDF06)?;
        writeln!(out, "content     {} of {} bytes", content.used_bytes, content.size_bytes)?;
    }
    Ok(ExitCode::SUCCESS)
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
