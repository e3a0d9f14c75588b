//! One command, one answer, whatever lies between (§5.2, §5.3).
//!
//! Where extended APDUs pass, a command goes out whole. Elsewhere its data are sent as a
//! chain of short commands. Either way `61xx` is followed with GET RESPONSE until the
//! answer is whole, and after `6Cxx` a command is repeated with the Le it names (ISO/IEC
//! 7816-4, 5.6). Where neither reader nor user says whether extended APDUs pass, one that
//! changes nothing is tried.

use super::error::{CardError, CardRefusal};
use crate::transport::{Transport, TransportError, send};
use saifu_wire::answer::DataObject;
use saifu_wire::apdu::{Command, MAX_RESPONSE_DATA};
use saifu_wire::ins::Ins;
use saifu_wire::status::{MORE_DATA, Status};
use zeroize::Zeroizing;

/// The most data bytes of a short command.
const SHORT_DATA_BYTES: usize = 255;

/// The most data bytes of a short answer.
const SHORT_ANSWER_BYTES: usize = 256;

/// The Le that asks for as much as extended lengths can say.
const LONG_ANSWER_BYTES: usize = 65_536;

/// The class bit of all commands of a chain but the last.
const CHAINED: u8 = 0x10;

/// The first byte of the status word that says Le is wrong, and in its second byte which is
/// right; 0 stands for 256.
const WRONG_LE: u8 = 0x6C;

/// How long the data of an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// No data.
    None,
    /// At most 256 bytes: asked for with a short Le, as before it is known what the card bears.
    Short,
    /// Any number of bytes.
    Long,
}

/// The way to one card.
pub(super) struct Link {
    transport: Box<dyn Transport>,
    /// Whether extended APDUs pass; none until it is known.
    extended: Option<bool>,
    /// Whether the user asked for short APDUs, whatever the reader.
    keeps_short: bool,
}

impl Link {
    pub(super) fn new(transport: Box<dyn Transport>) -> Self {
        let extended = transport.passes_extended();
        Self { transport, extended, keeps_short: false }
    }

    /// Sends short APDUs only from now on.
    pub(super) fn keep_short(&mut self) {
        self.extended = Some(false);
        self.keeps_short = true;
    }

    /// Finds out whether extended APDUs pass, once, by GET DATA of the status. Returns whether
    /// the way to the card broke of it and was made anew: then nothing is selected.
    ///
    /// Readers that pass short APDUs only refuse longer ones in many ways, and some let go
    /// of the card.
    pub(super) fn try_extended(&mut self) -> Result<bool, TransportError> {
        if self.extended.is_some() {
            return Ok(false);
        }
        let (ins, [p1, p2]) = (Ins::GetData, [0xDF, DataObject::Status as u8]);
        let le = Some(LONG_ANSWER_BYTES);
        let long =
            Command { cla: ins.cla(), ins: ins.code(), p1, p2, data: &[], le, extended: true };
        let tried = self.exchange(&long);
        self.extended = Some(tried.as_ref().is_ok_and(Reply::is_good));
        match tried {
            Err(error) if error.is_lost() => self.reconnect().map(|()| true),
            tried => tried.map(|_| false),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.transport.name()
    }

    /// Connects anew. What was found out of a reader holds for that reader only.
    pub(super) fn reconnect(&mut self) -> Result<(), TransportError> {
        let before = self.transport.name().to_owned();
        self.transport.reconnect()?;
        if !self.keeps_short && self.transport.name() != before {
            self.extended = self.transport.passes_extended();
        }
        Ok(())
    }

    /// Sends a command and returns the data of its answer, if its status word is 9000.
    pub(super) fn call(
        &mut self,
        ins: Ins,
        [p1, p2]: [u8; 2],
        data: &[u8],
        answer: Answer,
    ) -> Result<Vec<u8>, CardError> {
        let extended = self.extended == Some(true);
        let le = match answer {
            Answer::None => None,
            Answer::Long if extended => Some(LONG_ANSWER_BYTES),
            Answer::Short | Answer::Long => Some(SHORT_ANSWER_BYTES),
        };
        let last = if extended { data } else { self.send_chain(ins, [p1, p2], data)? };
        let command =
            Command { cla: ins.cla(), ins: ins.code(), p1, p2, data: last, le, extended: false };
        let first = self.exchange(&command)?;
        self.collect(ins, first)
    }

    /// Sends all parts of `data` but the last, which it returns.
    fn send_chain<'d>(
        &mut self,
        ins: Ins,
        [p1, p2]: [u8; 2],
        mut data: &'d [u8],
    ) -> Result<&'d [u8], CardError> {
        while data.len() > SHORT_DATA_BYTES {
            let (part, rest) = data.split_at(SHORT_DATA_BYTES);
            let cla = ins.cla() | CHAINED;
            let ins_code = ins.code();
            let command =
                Command { cla, ins: ins_code, p1, p2, data: part, le: None, extended: false };
            self.exchange(&command)?.finish(ins)?;
            data = rest;
        }
        Ok(data)
    }

    /// Fetches what is left of an answer.
    fn collect(&mut self, ins: Ins, mut reply: Reply) -> Result<Vec<u8>, CardError> {
        let (mut data, mut asked) = (Vec::new(), false);
        while let [MORE_DATA, left] = reply.status.to_be_bytes() {
            let grown = data.len() + reply.data.len();
            if grown > MAX_RESPONSE_DATA || reply.data.is_empty() && asked {
                let (expected, got) = (MAX_RESPONSE_DATA as u64, grown as u64);
                return Err(CardError::Length { command: ins, expected, got });
            }
            data.append(&mut reply.data);
            reply = self.get_response(left)?;
            asked = true;
        }
        data.append(&mut reply.finish(ins)?);
        Ok(data)
    }

    fn get_response(&mut self, left: u8) -> Result<Reply, CardError> {
        let ins = Ins::GetResponse;
        let (cla, ins, le) = (ins.cla(), ins.code(), Some(short_le(left)));
        let command = Command { cla, ins, p1: 0, p2: 0, data: &[], le, extended: false };
        Ok(self.exchange(&command)?)
    }

    /// Sends a command; once more, if its Le was wrong, with the right one.
    fn exchange(&mut self, command: &Command<'_>) -> Result<Reply, TransportError> {
        let reply = self.exchange_once(command)?;
        match reply.status.to_be_bytes() {
            [WRONG_LE, right] if command.le.is_some() => {
                self.exchange_once(&Command { le: Some(short_le(right)), ..*command })
            }
            _ => Ok(reply),
        }
    }

    /// Sends one APDU; its bytes are wiped afterwards, for they may hold a PIN.
    fn exchange_once(&mut self, command: &Command<'_>) -> Result<Reply, TransportError> {
        let bytes = Zeroizing::new(command.to_bytes());
        let mut data = send(self.transport.as_mut(), &bytes)?;
        let status = data.split_off(data.len() - 2);
        Ok(Reply { data, status: u16::from_be_bytes([status[0], status[1]]) })
    }
}

/// How many bytes a short Le asks for.
fn short_le(byte: u8) -> usize {
    if byte == 0 { SHORT_ANSWER_BYTES } else { usize::from(byte) }
}

/// One answer; its data are to be had only through its status word.
struct Reply {
    data: Vec<u8>,
    status: u16,
}

impl Reply {
    fn is_good(&self) -> bool {
        self.status == Status::Ok as u16
    }

    fn finish(self, command: Ins) -> Result<Vec<u8>, CardRefusal> {
        match self.status {
            status if status == Status::Ok as u16 => Ok(self.data),
            status => Err(CardRefusal { command, status }),
        }
    }
}
