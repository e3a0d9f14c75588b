//! What a host asks a card: commands it takes, and commands that are none.

use saifu_vsmartcard::virtual_card::select as select_bytes;
use saifu_wire::apdu::MAX_COMMAND;
use saifu_wire::status::{MORE_DATA, Status};

use super::believed::{Asked, Believed};
use crate::fixture::Draws;

/// A PIN that no card ever has.
const NOBODYS: u32 = 99_999_999;

const GET_ID: [u8; 5] = [0x00, 0xCA, 0xDF, 0x01, 0x00];
const GET_STATUS: [u8; 5] = [0x00, 0xCA, 0xDF, 0x02, 0x00];
/// With an extended Le: the certificates are longer than a short answer.
const GET_CERTIFICATES: [u8; 7] = [0x00, 0xCA, 0x7F, 0x21, 0x00, 0x00, 0x00];

/// What a new card has, and never loses.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) id: Vec<u8>,
    pub(super) certificates: Vec<u8>,
}

impl Identity {
    /// Asks a card that has just been made.
    pub(super) fn of(mut transmit: impl FnMut(&[u8]) -> Vec<u8>) -> Option<Self> {
        transmit(&select_bytes());
        let mut data = |command: &[u8]| Some(transmit(command).strip_suffix(&OK)?.to_vec());
        Some(Self { id: data(&GET_ID)?, certificates: data(&GET_CERTIFICATES)? })
    }
}

const OK: [u8; 2] = [0x90, 0x00];

/// What must be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    /// 9000, with any data.
    Done,
    /// 9000 with these data.
    Data(Vec<u8>),
    /// A status word alone that refuses.
    Refused,
    /// What the PIN makes of it, without data.
    Pin,
    /// Any status word.
    Word,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) what: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) asked: Asked,
    pub(super) expected: Expected,
}

impl Order {
    fn new(what: &'static str, bytes: impl Into<Vec<u8>>, expected: Expected) -> Self {
        Self { what, bytes: bytes.into(), asked: Asked::Nothing, expected }
    }

    /// Whether it is no command that a card takes.
    pub(super) fn is_malformed(&self) -> bool {
        matches!(self.expected, Expected::Refused | Expected::Word)
    }

    /// Whether its form is extended (ISO/IEC 7816-3, section 12.1.3).
    pub(super) fn is_extended(&self) -> bool {
        self.bytes.len() > 6 && self.bytes[4] == 0
    }

    /// What is wrong with an answer, as far as its form tells.
    pub(super) fn misfit(&self, answer: &[u8]) -> Option<String> {
        let Some((data, word)) = parted(answer) else {
            return Some(format!("{} bytes and no status word", answer.len()));
        };
        let (first, is_done) = (word.to_be_bytes()[0], word == Status::Ok as u16);
        let fits = match &self.expected {
            Expected::Done => is_done,
            Expected::Data(wanted) => is_done && data == wanted,
            Expected::Refused => !is_done && first != MORE_DATA && data.is_empty(),
            Expected::Pin => data.is_empty(),
            Expected::Word => true,
        };
        let fits = fits && Status::is_documented(word);
        (!fits).then(|| format!("{word:04X} with {} bytes", data.len()))
    }
}

/// An answer's data and its status word.
pub(super) fn parted(answer: &[u8]) -> Option<(&[u8], u16)> {
    let (data, word) = answer.split_last_chunk()?;
    Some((data, u16::from_be_bytes(*word)))
}

pub(super) fn select() -> Order {
    Order::new("SELECT", select_bytes(), Expected::Done)
}

pub(super) fn id(identity: &Identity) -> Order {
    Order::new("GET DATA of the id", GET_ID, Expected::Data(identity.id.clone()))
}

pub(super) fn status() -> Order {
    Order::new("GET DATA of the status", GET_STATUS, Expected::Done)
}

fn certificates(identity: &Identity) -> Order {
    let expected = Expected::Data(identity.certificates.clone());
    Order::new("GET DATA of the certificates", GET_CERTIFICATES, expected)
}

/// Whether the PIN is verified, in the session that the card takes this for.
pub(super) fn verified() -> Order {
    Order::new("VERIFY without a PIN", [0x00, 0x20, 0x00, 0x81], Expected::Word)
}

/// The digits of the PIN of a number.
pub(super) fn digits(pin: u32) -> String {
    format!("{pin:08}")
}

pub(super) fn verify(pin: u32, extended: bool) -> Order {
    let bytes = of_pin(0x20, digits(pin).as_bytes(), extended);
    Order { asked: Asked::Verify(pin), ..Order::new("VERIFY", bytes, Expected::Pin) }
}

fn change(from: u32, extended: bool) -> Order {
    let to = from + 1;
    let data = [&[8], digits(from).as_bytes(), digits(to).as_bytes()].concat();
    let bytes = of_pin(0x24, &data, extended);
    let asked = Asked::Change { from, to };
    Order { asked, ..Order::new("CHANGE REFERENCE DATA", bytes, Expected::Pin) }
}

fn of_pin(ins: u8, data: &[u8], extended: bool) -> Vec<u8> {
    let length = data.len() as u8;
    let lc = if extended { vec![0, 0, length] } else { vec![length] };
    [&[0x00, ins, 0x00, 0x81], &lc[..], data].concat()
}

/// One command that changes the card, or asks it for much: one to be interrupted.
pub(super) fn long(believed: &Believed, identity: &Identity, draws: &mut Draws) -> Order {
    let extended = draws.below(2) == 0;
    match draws.below(4) {
        0 => verify(believed.pin(), extended),
        1 => certificates(identity),
        _ => change(believed.pin(), extended),
    }
}

/// What a host does next with a card whose PIN is known and has all its tries.
pub(super) fn next(believed: &Believed, identity: &Identity, draws: &mut Draws) -> Vec<Order> {
    let (pin, extended) = (believed.pin(), draws.below(2) == 0);
    match draws.below(10) {
        0 => vec![verify(pin, extended)],
        1 => vec![verify(NOBODYS, extended), verify(pin, extended)],
        2 => vec![id(identity), status()],
        3 => vec![certificates(identity)],
        4 | 5 => vec![change(pin, extended)],
        6 => abandoned_chain(identity),
        7 => vec![garbage(draws)],
        _ => vec![malformed(draws)],
    }
}

/// The first part of a chain, and then something else: neither has any effect.
fn abandoned_chain(identity: &Identity) -> Vec<Order> {
    let part = [0x10, 0x24, 0x00, 0x81, 0x03, 0x08, 0x30, 0x30];
    let begun = Order::new("a chain's first part", part, Expected::Done);
    let other = Order { expected: Expected::Refused, ..certificates(identity) };
    vec![begun, Order { what: "something else in a chain", ..other }]
}

/// Any bytes at all.
fn garbage(draws: &mut Draws) -> Order {
    let length = match draws.below(8) {
        0 => MAX_COMMAND,
        1 => 4,
        _ => 4 + draws.below(600),
    };
    Order::new("any bytes", draws.bytes(length), Expected::Word)
}

const MALFORMED: [(&str, &[u8]); 20] = [
    ("data shorter than Lc", b"\x00\x20\x00\x81\x0812"),
    ("neither Lc nor Le", b"\x00\x20\x00\x81\x00\x08"),
    ("data longer than Lc", b"\x00\x20\x00\x81\x0212345"),
    ("a torn extended Lc", &[0x00, 0xA4, 0x04, 0x00, 0x00, 0x01]),
    ("an extended Lc that lies", &[0x00, 0x2A, 0x00, 0xBE, 0x00, 0xFF, 0xFF, 1, 2, 3]),
    ("an extended Lc of nothing", &[0x00, 0x2A, 0x00, 0xBE, 0x00, 0x00, 0x00, 0x01]),
    ("a class not in use", &[0xA0, 0xCA, 0xDF, 0x01, 0x00]),
    ("the class that is none", &[0xFF, 0xCA, 0x00, 0x00, 0x00]),
    ("an instruction that is none", &[0x00, 0xFF, 0x00, 0x00]),
    ("an instruction of another class", &[0x80, 0xCA, 0xDF, 0x01, 0x00]),
    ("P1 and P2 of nothing", &[0x00, 0xCA, 0x12, 0x34, 0x00]),
    ("a channel that is closed", &[0x01, 0xCA, 0xDF, 0x01, 0x00]),
    ("a further channel that is closed", &[0x41, 0xCA, 0xDF, 0x01, 0x00]),
    ("secure messaging where none is", &[0x0C, 0xCA, 0xDF, 0x01, 0x00]),
    ("the rest of no answer", &[0x00, 0xC0, 0x00, 0x00, 0x00]),
    ("no Le where data come", &[0x00, 0xCA, 0xDF, 0x01]),
    ("a PIN that is none", b"\x00\x20\x00\x81\x03abc"),
    ("an old PIN longer than all", b"\x00\x24\x00\x81\x05\xFF1234"),
    ("an application that is none", b"\x00\xA4\x04\x00\x05\xF0none\x00"),
    ("a chain of what takes no data", &[0x10, 0xCA, 0xDF, 0x01, 0x01, 0x00]),
];

/// A command that is wrong in one way, or in bulk.
fn malformed(draws: &mut Draws) -> Order {
    match MALFORMED.get(draws.below(MALFORMED.len() + 2)) {
        Some((what, bytes)) => Order::new(what, *bytes, Expected::Refused),
        None => {
            let data = draws.below(65_000) + 256;
            let [high, low] = (data as u16).to_be_bytes();
            let head = [0x00, 0x2A, 0x00, 0xBE, 0x00, high, low];
            let bytes = [&head[..], &draws.bytes(data)].concat();
            Order::new("a long certificate that is none", bytes, Expected::Refused)
        }
    }
}

#[cfg(test)]
mod tests {
    use saifu_vsmartcard::platform::RamPlatform;
    use saifu_vsmartcard::{NewCard, VirtualCard};

    use super::*;

    fn card() -> (tempfile::TempDir, VirtualCard) {
        let folder = tempfile::tempdir().unwrap();
        let new = NewCard { pin: digits(0), ..NewCard::default() };
        let card = VirtualCard::create(&folder.path().join("card"), &new).unwrap();
        (folder, card)
    }

    #[test]
    fn a_card_in_process_answers_all_orders_as_they_expect() {
        let (_folder, mut card) = card();
        let identity = Identity::of(|command| card.transmit(command)).unwrap();
        let (mut believed, mut draws) = (Believed::new(), Draws::new("orders"));
        for _ in 0..600 {
            for order in next(&believed, &identity, &mut draws) {
                let answer = card.transmit(&order.bytes);
                assert_eq!(order.misfit(&answer), None, "{}", order.what);
                believed.answered(order.asked, parted(&answer).unwrap().1).unwrap();
            }
        }
        assert!(believed.pin() > 50, "the PIN is changed often");
        for (what, bytes) in MALFORMED {
            let order = Order::new(what, bytes, Expected::Refused);
            assert_eq!(order.misfit(&card.transmit(bytes)), None, "{what}");
        }
    }

    #[test]
    fn a_blank_card_has_no_identity() {
        let mut blank = VirtualCard::on(RamPlatform::new(1));
        assert!(Identity::of(|command| blank.transmit(command)).is_none());
    }

    #[test]
    fn an_answer_that_is_not_as_expected_is_told() {
        let refused = Order::new("", [0; 4], Expected::Refused);
        for bad in [&[][..], &[0x67], &[0x90, 0x00], &[0x61, 0x01], &[1, 0x67, 0], &[0x6F, 0x00]] {
            assert!(refused.misfit(bad).is_some(), "{bad:02X?}");
        }
        assert_eq!(refused.misfit(&[0x67, 0x00]), None);
        let data = Order::new("", [0; 4], Expected::Data(vec![1]));
        assert!(data.misfit(&[2, 0x90, 0x00]).is_some() && data.misfit(&[0x90, 0x00]).is_some());
        assert_eq!(data.misfit(&[1, 0x90, 0x00]), None);
    }
}
