//! From APDUs to whole commands, and from whole answers to APDUs (§5; the seed's 7).
//!
//! One [`Link`] per logical channel. It checks, in this order: length fields (6700), class
//! (6E00), channel (6881), secure messaging (6882), chaining (6883), then what
//! [`Order::find`] checks, then chaining again (6884) and the presence of data and Le
//! (6700). Whatever is refused drops a chain and a rest that were there: each APDU either
//! continues what the last one began, or ends it.

mod chain;
mod rest;

use alloc::vec::Vec;
use chain::{CHAINING_BIT, Chain};
use rest::Rest;
use saifu_wire::Status;
use saifu_wire::apdu::{Class, Command, MAX_COMMAND_DATA};
use saifu_wire::ins::{Family, Ins};
use zeroize::Zeroizing;

use crate::command::Order;

/// What one channel keeps between two APDUs.
#[derive(Debug, Default)]
pub struct Link {
    chain: Option<Chain>,
    rest: Rest,
}

/// What an APDU amounts to.
#[derive(Debug)]
pub enum Received<'a> {
    /// A whole command, to be carried out.
    Whole(Request<'a>),
    /// A part of a chain of this order, kept until the last one comes: answered.
    Part(Order),
    /// GET RESPONSE: answered with the rest of an answer.
    Answered,
}

/// A whole command: known, with the parameters, the data and the Le it must have.
#[derive(Debug)]
pub struct Request<'a> {
    /// What is to be done.
    pub order: Order,
    /// Its header as it came, for secure messaging.
    pub header: [u8; 4],
    /// Whether its data field is under secure messaging.
    pub secure: bool,
    /// Its data.
    pub data: Data<'a>,
    le: Option<usize>,
}

/// The data field of a command, from one APDU or from a chain of them.
#[derive(Debug)]
pub enum Data<'a> {
    /// As it stands in the APDU.
    Borrowed(&'a [u8]),
    /// Put together, and wiped after use.
    Joined(Zeroizing<Vec<u8>>),
}

impl Data<'_> {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Joined(bytes) => bytes,
        }
    }
}

impl Link {
    /// Takes an APDU that came on `channel`; what is answered at once goes to `answer`.
    ///
    /// # Errors
    /// The status word of the first check that fails.
    pub fn receive<'a>(
        &mut self,
        channel: u8,
        apdu: &'a [u8],
        answer: &mut Vec<u8>,
    ) -> Result<Received<'a>, Status> {
        let Self { chain, rest } = core::mem::take(self);
        let command = Command::parse(apdu).map_err(|_| Status::WrongLength)?;
        let class = Class::parse(command.cla).ok_or(Status::ClassNotSupported)?;
        let ins = Ins::find(class.proprietary, command.ins);
        check_class(class, channel, command.cla, ins)?;
        if chain.as_ref().is_some_and(|chain| !chain.continues_with(&command)) {
            return Err(Status::LastCommandExpected);
        }
        let order = Order::find(ins, command.p1, command.p2)?;
        if order.ins() == Ins::GetResponse {
            return self.send_rest(rest, class, &command, answer);
        }
        self.assemble(order, class, command, chain, answer)
    }

    /// Answers with what was written to `answer`, as much of it as Le allows; `end` is the
    /// status word that comes with the last byte.
    pub fn reply(&mut self, request: &Request<'_>, end: Status, answer: &mut Vec<u8>) {
        self.rest = Rest::split(answer, request.le, end);
    }

    fn send_rest<'a>(
        &mut self,
        mut rest: Rest,
        class: Class,
        command: &Command<'_>,
        answer: &mut Vec<u8>,
    ) -> Result<Received<'a>, Status> {
        if class.chained {
            return Err(Status::ChainingNotSupported);
        }
        let (&[], Some(le)) = (command.data, command.le) else {
            return Err(Status::WrongLength);
        };
        if rest.is_empty() {
            return Err(Status::ConditionsNotSatisfied);
        }
        rest.next(le, answer);
        self.rest = rest;
        Ok(Received::Answered)
    }

    fn assemble<'a>(
        &mut self,
        order: Order,
        class: Class,
        command: Command<'a>,
        chain: Option<Chain>,
        answer: &mut Vec<u8>,
    ) -> Result<Received<'a>, Status> {
        if (class.chained || chain.is_some()) && !order.takes_data() {
            return Err(Status::ChainingNotSupported);
        }
        if command.data.len() > MAX_COMMAND_DATA {
            return Err(Status::NotEnoughMemory);
        }
        if class.chained {
            self.keep_part(chain, &command, answer)?;
            return Ok(Received::Part(order));
        }
        let data = match chain {
            None => Data::Borrowed(command.data),
            Some(mut chain) => {
                chain.add(command.data)?;
                Data::Joined(chain.into_data())
            }
        };
        order.check_lengths(data.bytes().len(), command.le)?;
        let header = [command.cla, command.ins, command.p1, command.p2];
        Ok(Received::Whole(Request { order, header, secure: class.secure, data, le: command.le }))
    }

    fn keep_part(
        &mut self,
        chain: Option<Chain>,
        part: &Command<'_>,
        answer: &mut Vec<u8>,
    ) -> Result<(), Status> {
        if part.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let mut chain = chain.unwrap_or_else(|| Chain::begin(part));
        chain.add(part.data)?;
        self.chain = Some(chain);
        answer.extend_from_slice(&Status::Ok.to_be_bytes());
        Ok(())
    }
}

/// The class byte of secure messaging, without the chaining bit (§5.1).
const SECURE_CLASS: u8 = 0x84;

/// Only personalisation is under secure messaging, only on the basic channel, in one form.
fn check_class(class: Class, channel: u8, cla: u8, ins: Option<Ins>) -> Result<(), Status> {
    if class.channel != channel {
        return Err(Status::ChannelNotSupported);
    }
    let personalises = ins.is_some_and(|ins| ins.family() == Family::Personalisation);
    if class.secure && !(personalises && cla & !CHAINING_BIT == SECURE_CLASS) {
        return Err(Status::SecureMessagingNotSupported);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
