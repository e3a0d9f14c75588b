//! The cards, each a process of its own that ends when its input closes.

use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use std::{io, thread};

use saifu_vsmartcard::VirtualCard;
use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::harness::{Echo, Spoken, Vicc};
use saifu_vsmartcard::plug::{CcidPtyPlug, Event, InSlot, ReaderEvent, Reply, VpcdPlug};
use saifu_wire::Status;
use saifu_wire::apdu::Command;
use saifu_wire::applet::Applet;

use super::{Anything, CARD, again, text};

/// The AID of the applet that gives every command's data back.
pub(crate) const MIRROR: &[u8] = b"\xF0MIRROR";

/// What a card says once it is in its reader.
const READY: &str = "in reader";
const READY_WITHIN: Duration = Duration::from_secs(10);

/// The bytes around the data of an extended command with Le: header, Lc and Le.
pub(crate) const AROUND_DATA_BYTES: usize = 4 + 3 + 2;

/// A card to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The Saifu card with a mirror beside it.
    Ours,
    /// The same in a reader of libccid's.
    OursAtLine,
    /// As short a program as can be, with our plug.
    Echo,
    /// The same with the crate vpicc.
    Vpicc,
    /// Debian's card in Python.
    Vicc,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Ours, Self::OursAtLine, Self::Echo, Self::Vpicc, Self::Vicc];
}

/// A card's process; dropped, it ends.
pub(crate) enum Running {
    /// Of this program.
    Own { _process: Spoken },
    /// Debian's.
    Debians { _process: Vicc },
}

/// Starts a card at a vpcd's port, or at the path of a line; `folder` is that of our card.
pub(crate) fn start(kind: Kind, place: &str, folder: &Path) -> Result<Running, Anything> {
    if kind == Kind::Vicc {
        return Ok(Running::Debians { _process: Vicc::start(place.parse()?)? });
    }
    let name = format!("{kind:?}");
    let mut process = Spoken::start(&mut again(&[CARD, &name, place, text(folder)?])?)?;
    let said = process.hear(READY_WITHIN)?;
    if said != READY {
        return Err(format!("the card {name} said: {said}").into());
    }
    Ok(Running::Own { _process: process })
}

/// Is the card of this name until the input closes.
pub(crate) fn serve(name: &str, place: &str, folder: &Path) -> Result<ExitCode, Anything> {
    thread::spawn(|| {
        // An input that fails has closed, too.
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let kind = Kind::ALL.into_iter().find(|kind| format!("{kind:?}") == name);
    match kind.ok_or("there is no card of this name")? {
        Kind::Ours => at_vpcd(&mut ours(folder)?, place),
        Kind::OursAtLine => at_line(&mut ours(folder)?, place.as_ref())?,
        Kind::Echo => at_vpcd(&mut Bare(Echo::answering(0)), place),
        Kind::Vpicc => {
            let connection = vpicc::Connection::from(TcpStream::connect(address(place))?);
            println!("{READY}");
            connection.run(&mut Bare(Echo::answering(0)))?;
        }
        Kind::Vicc => return Err("Debian's card is a program of its own".into()),
    }
    Ok(ExitCode::SUCCESS)
}

fn address(port: &str) -> String {
    format!("127.0.0.1:{port}")
}

fn ours(folder: &Path) -> Result<VirtualCard, Anything> {
    let mut card = VirtualCard::open(folder)?;
    card.runtime().install(Box::new(Mirror))?;
    Ok(card)
}

fn at_vpcd(card: &mut dyn InSlot, port: &str) {
    VpcdPlug::new(address(port), Atr::default()).run(card, &mut |event| match event {
        Event::Connected(_) => println!("{READY}"),
        Event::Unreachable(error) => println!("no reader: {error}"),
        Event::Lost(_) => {}
    });
}

fn at_line(card: &mut dyn InSlot, link: &Path) -> Result<(), Anything> {
    Ok(CcidPtyPlug::new(link, Atr::default()).run(card, &mut |event| {
        if let ReaderEvent::Ready(_) = event {
            println!("{READY}");
        }
    })?)
}

/// Gives each command's data back.
struct Mirror;

impl Applet for Mirror {
    fn aid(&self) -> &[u8] {
        MIRROR
    }

    fn transmit(&mut self, _channel: u8, apdu: &[u8], answer: &mut Vec<u8>) {
        let command = Command::parse(apdu);
        answer.extend_from_slice(command.map_or(&[], |command| command.data));
        answer.extend_from_slice(&Status::Ok.to_be_bytes());
    }
}

/// Answers as many zeros as an extended command brings data, and to a short one none.
struct Bare(Echo);

impl InSlot for Bare {
    fn power_off(&mut self) {}

    fn power_on(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Reply {
        self.0.answer(command.len().saturating_sub(AROUND_DATA_BYTES));
        self.0.transmit(command)
    }
}

impl vpicc::VSmartCard for Bare {
    fn execute(&mut self, command: &[u8]) -> Vec<u8> {
        match self.transmit(command) {
            Reply::Answer(answer) => answer,
            other => unreachable!("an echo answers, and never {other:?}"),
        }
    }
}
