//! What lies between whole commands and answers and a reader's: chains, and the rest of answers.

use std::mem;

use saifu_wire::Status;
use saifu_wire::apdu::{Class, Command};
use saifu_wire::status::MORE_DATA;
use zeroize::Zeroizing;

/// The most data of a whole command, in bytes.
const COMMAND_BYTES: usize = 65_535;
/// The most data of an answer to a command without Le, in bytes.
const WITHOUT_LE: usize = 256;
const INS_GET_RESPONSE: u8 = 0xC0;

/// The bits of a class byte for channels 0 to 3 that say which secure messaging there is.
const SECURE: u8 = 0x0C;
/// What they are for the one kind that a class byte for channels 4 to 19 knows.
const HEADER_NOT_SECURED: u8 = 0x08;
/// Tells a class byte for channels 4 to 19.
const FURTHER: u8 = 0x40;
const PROPRIETARY: u8 = 0x80;

/// A begun chain and the rest of an answer.
#[derive(Default)]
pub(super) struct Link {
    chain: Option<Chain>,
    rest: Zeroizing<Vec<u8>>,
}

/// Parts that have come.
struct Chain {
    header: [u8; 4],
    data: Zeroizing<Vec<u8>>,
}

/// A command as the applet gets it: on the basic channel, and in one piece.
pub(super) struct Whole<'a> {
    header: [u8; 4],
    data: Data<'a>,
    le: Option<usize>,
    extended: bool,
}

enum Data<'a> {
    One(&'a [u8]),
    Joined(Zeroizing<Vec<u8>>),
}

impl<'a> Whole<'a> {
    /// A command that came in one piece.
    pub(super) fn of(class: &Class, command: &Command<'a>) -> Self {
        let (data, le) = (Data::One(command.data), command.le);
        Self { header: header(class, command), data, le, extended: command.extended }
    }

    /// The last part of a chain, with the data of all of them.
    fn joined(header: [u8; 4], data: Zeroizing<Vec<u8>>, last: &Command<'a>) -> Self {
        Self { header, data: Data::Joined(data), le: last.le, extended: last.extended }
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let data = match &self.data {
            Data::One(data) => data,
            Data::Joined(data) => &data[..],
        };
        let [cla, ins, p1, p2] = self.header;
        // Without data and Le there is nothing to be extended.
        let extended = self.extended && !(data.is_empty() && self.le.is_none());
        Zeroizing::new(Command { cla, ins, p1, p2, data, le: self.le, extended }.to_bytes())
    }
}

/// A command's first four bytes as on the basic channel, without the mark of a chain.
fn header(class: &Class, command: &Command<'_>) -> [u8; 4] {
    let kind = if class.proprietary { PROPRIETARY } else { 0x00 };
    let secure = match command.cla & FURTHER {
        0x00 => command.cla & SECURE,
        _ if class.secure => HEADER_NOT_SECURED,
        _ => 0x00,
    };
    [kind | secure, command.ins, command.p1, command.p2]
}

impl Link {
    /// Forgets what has begun.
    pub(super) fn end(&mut self) {
        self.chain = None;
        self.discard_rest();
    }

    /// Forgets what was left of an answer.
    pub(super) fn discard_rest(&mut self) {
        self.rest = Zeroizing::default();
    }

    /// Whether a command is GET RESPONSE, and there is something left for it.
    pub(super) fn continues(&self, class: &Class, command: &Command<'_>) -> bool {
        let is_get_response = command.ins == INS_GET_RESPONSE && !class.proprietary;
        is_get_response && self.chain.is_none() && !self.rest.is_empty()
    }

    /// Carries out GET RESPONSE; one of another form leaves the rest where it is.
    pub(super) fn go_on(
        &mut self,
        command: &Command<'_>,
        answer: &mut Vec<u8>,
    ) -> Result<(), Status> {
        if (command.p1, command.p2) != (0x00, 0x00) {
            return Err(Status::WrongP1P2);
        }
        let wanted = command.le.filter(|_| command.data.is_empty()).ok_or(Status::WrongLength)?;
        let rest = mem::take(&mut self.rest);
        self.answer(&rest, Some(wanted), answer);
        Ok(())
    }

    /// Takes a command or a part of one; the whole of it once that is there.
    ///
    /// # Errors
    /// 6883 for a command that is not of the chain, 6A84 for too much data; the chain is gone.
    pub(super) fn join<'a>(
        &mut self,
        class: &Class,
        command: &Command<'a>,
    ) -> Result<Option<Whole<'a>>, Status> {
        let header = header(class, command);
        let begun = self.chain.take();
        if !class.chained && begun.is_none() {
            return Ok(Some(Whole::of(class, command)));
        }
        let mut chain = begun.unwrap_or_else(|| Chain { header, data: Zeroizing::default() });
        if chain.header != header {
            return Err(Status::LastCommandExpected);
        }
        if chain.data.len() + command.data.len() > COMMAND_BYTES {
            return Err(Status::NotEnoughMemory);
        }
        chain.data.extend_from_slice(command.data);
        if !class.chained {
            return Ok(Some(Whole::joined(header, chain.data, command)));
        }
        self.chain = Some(chain);
        Ok(None)
    }

    /// Answers with as much data as is wanted, and 9000, or 61xx and keeps the rest.
    pub(super) fn answer(&mut self, data: &[u8], wanted: Option<usize>, answer: &mut Vec<u8>) {
        let (now, later) = data.split_at(wanted.unwrap_or(WITHOUT_LE).min(data.len()));
        answer.extend_from_slice(now);
        let word = match later.len() {
            0 => Status::Ok.to_be_bytes(),
            left => [MORE_DATA, u8::try_from(left).unwrap_or(0)],
        };
        answer.extend_from_slice(&word);
        self.rest = Zeroizing::new(later.to_vec());
    }
}
