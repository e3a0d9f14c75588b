use super::*;
use crate::runtime::Runtime;
use iso7816::Aid;
use std::sync::{Arc, Mutex};

mod hostile;
mod lengths;
mod sessions;

const AID: [u8; 7] = [0xF0, b'P', b'R', b'O', b'B', b'E', 1];

const ECHO: u8 = 0x10;
/// Answers as many bytes as its data say, counted up.
const COUNT: u8 = 0x12;
const SEEN: u8 = 0x14;
/// Refuses with P1-P2, though it has put data into the reply.
const REFUSE: u8 = 0x16;
const PANIC: u8 = 0x18;
/// Answers until there is no room for more.
const FILL: u8 = 0x1A;

const NO_ROOM: iso7816::Status = iso7816::Status::NotEnoughMemory;

/// An `apdu-app` applet that does what it is told, and writes down what happens to it.
#[derive(Clone, Default)]
struct Probe {
    log: Arc<Mutex<Vec<&'static str>>>,
    panics_in: Option<&'static str>,
}

impl Probe {
    fn note(&self, what: &'static str) {
        self.log.lock().unwrap().push(what);
        if self.panics_in == Some(what) {
            panic!("a panic that a test asked for");
        }
    }

    fn entries(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

impl iso7816::App for Probe {
    fn aid(&self) -> Aid {
        Aid::new(&AID)
    }
}

impl App for Probe {
    fn select(
        &mut self,
        _: Interface,
        apdu: CommandView<'_>,
        reply: &mut apdu_app::VecView<u8>,
    ) -> apdu_app::Result {
        self.note("select");
        let told: &[u8] = if apdu.data() == AID { b"selected" } else { b"" };
        reply.extend_from_slice(told).map_err(|_| NO_ROOM)
    }

    fn deselect(&mut self) {
        self.note("deselect");
    }

    fn call(
        &mut self,
        interface: Interface,
        apdu: CommandView<'_>,
        reply: &mut apdu_app::VecView<u8>,
    ) -> apdu_app::Result {
        self.note("call");
        assert_eq!(interface, Interface::Contact);
        match u8::from(apdu.instruction()) {
            ECHO => reply.extend_from_slice(apdu.data()).map_err(|_| NO_ROOM),
            COUNT => {
                let &[high, low] = apdu.data() else { return Err(iso7816::Status::WrongLength) };
                let mut bytes = (0..u16::from_be_bytes([high, low])).map(|byte| byte as u8);
                bytes.try_for_each(|byte| reply.push(byte)).map_err(|_| NO_ROOM)
            }
            SEEN => {
                let seen = [apdu.class().into_inner(), u8::from(apdu.extended)];
                reply.extend_from_slice(&seen).map_err(|_| NO_ROOM)
            }
            REFUSE => {
                reply.extend_from_slice(b"not to be seen").map_err(|_| NO_ROOM)?;
                Err(u16::from_be_bytes([apdu.p1, apdu.p2]).into())
            }
            PANIC => panic!("a panic that a test asked for"),
            FILL => (0..usize::MAX).try_for_each(|_| reply.push(7)).map_err(|_| NO_ROOM),
            _ => Err(iso7816::Status::InstructionNotSupportedOrInvalid),
        }
    }
}

/// Another probe, by another name.
fn other() -> Guest<Probe> {
    Guest { aid: b"OTHER".to_vec(), ..Guest::new(Probe::default()) }
}

/// A card with a probe alone, selected on the basic channel.
fn card() -> (Runtime, Probe) {
    let probe = Probe::default();
    let mut card = Runtime::new(vec![Box::new(Guest::new(probe.clone()))]);
    assert_eq!(card.transmit(&select(0)), b"selected\x90\0");
    probe.entries();
    (card, probe)
}

fn select(channel: u8) -> Vec<u8> {
    [&[channel, 0xA4, 4, 0, 7][..], &AID, &[0]].concat()
}

/// A command with two bytes of parameters and nothing to answer but its word.
fn refuse(word: u16) -> [u8; 4] {
    let [p1, p2] = word.to_be_bytes();
    [0, REFUSE, p1, p2]
}

fn echo(cla: u8, data: &[u8], le: Option<usize>, extended: bool) -> Vec<u8> {
    Command { cla, ins: ECHO, p1: 0, p2: 0, data, le, extended }.to_bytes()
}
