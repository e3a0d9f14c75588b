//! Debian's card, started again whenever it dies.
//!
//! It has no application of its own, so each time one is made: a DF with a name, and in it a
//! transparent file with 16 bytes, short identifier 1. It ends with a traceback when it shall
//! answer with file control information, and at more; its reader sees it pulled then.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use saifu_vsmartcard::atr::Atr;
use saifu_vsmartcard::harness::Vicc;
use saifu_vsmartcard::plug::{InSlot, Reply};

use super::Anything;

/// Python takes a second or two to start.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
const LOOKS_EACH: Duration = Duration::from_millis(10);
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// So long its reader is empty, at least: pcscd looks each 400 ms.
const AWAY: Duration = Duration::from_millis(450);
/// CREATE FILE of the DF F0 "DEBIA", and of the file in it.
const APPLICATION: [&[u8]; 2] = [
    b"\x00\xE0\x00\x00\x11\x62\x0F\x82\x01\x38\x83\x02\x10\x01\x84\x06\xF0DEBIA",
    b"\x00\xE0\x00\x00\x10\x62\x0E\x82\x01\x01\x83\x02\x10\x02\x88\x01\x08\x80\x02\x00\x10",
];
const OK: [u8; 2] = [0x90, 0x00];
const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

/// The card, or where the next one comes.
pub(crate) struct Revived {
    cards: TcpListener,
    process: Vicc,
    /// None until it has connected.
    line: Option<TcpStream>,
}

impl Revived {
    /// Starts the first one.
    pub(crate) fn start() -> Result<Self, Anything> {
        let cards = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        cards.set_nonblocking(true)?;
        let process = Vicc::start(cards.local_addr()?.port())?;
        let mut revived = Self { cards, process, line: None };
        revived.wait()?;
        Ok(revived)
    }

    /// Waits for the card that was started, and makes its application.
    fn wait(&mut self) -> Result<(), Anything> {
        if self.line.is_some() {
            return Ok(());
        }
        let deadline = Instant::now() + STARTS_WITHIN;
        let mut line = loop {
            match self.cards.accept() {
                Ok((line, _)) => break line,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error.into()),
                Err(_) if Instant::now() > deadline => return Err("vicc does not come".into()),
                Err(_) => thread::sleep(LOOKS_EACH),
            }
        };
        line.set_nonblocking(false)?;
        line.set_read_timeout(Some(ANSWERS_WITHIN))?;
        tell(&mut line, &[POWER_ON])?;
        for create in APPLICATION {
            let answer = ask(&mut line, create)?;
            if answer != OK {
                return Err(format!("vicc answers {answer:02X?} to CREATE FILE").into());
            }
        }
        tell(&mut line, &[RESET])?;
        self.line = Some(line);
        Ok(())
    }

    /// Tells the card what has no answer; one that is gone shows it at the next command.
    fn control(&mut self, control: u8) {
        if let Some(line) = &mut self.line {
            let _ = tell(line, &[control]);
        }
    }

    /// Asks the card, and starts another when it dies of it.
    fn ask(&mut self, payload: &[u8]) -> Reply {
        let answer = self.wait().and_then(|()| {
            let line = self.line.as_mut().ok_or("vicc is not there")?;
            Ok(ask(line, payload)?)
        });
        match answer {
            Ok(answer) => Reply::Answer(answer),
            Err(_) => self.next(),
        }
    }

    fn next(&mut self) -> Reply {
        self.line = None;
        let port = self.cards.local_addr().map(|address| address.port());
        match port.map(Vicc::start) {
            Ok(Ok(process)) => self.process = process,
            Ok(Err(_)) | Err(_) => return Reply::Gone,
        }
        Reply::Pulled(AWAY)
    }
}

impl InSlot for Revived {
    fn power_off(&mut self) {
        self.control(POWER_OFF);
    }

    fn power_on(&mut self) {
        self.control(POWER_ON);
    }

    fn reset(&mut self) {
        self.control(RESET);
    }

    fn transmit(&mut self, command: &[u8]) -> Reply {
        self.ask(command)
    }

    fn atr(&mut self, _usual: &Atr) -> Reply {
        self.ask(&[GET_ATR])
    }
}

/// Sends a frame as vpcd does: the length of the payload, and the payload.
fn tell(line: &mut TcpStream, payload: &[u8]) -> io::Result<()> {
    let length = u16::try_from(payload.len()).map_err(io::Error::other)?;
    line.write_all(&[&length.to_be_bytes(), payload].concat())
}

fn ask(line: &mut TcpStream, payload: &[u8]) -> io::Result<Vec<u8>> {
    tell(line, payload)?;
    let mut length = [0; 2];
    line.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    line.read_exact(&mut answer)?;
    Ok(answer)
}
