//! What is said, part by part, and how the annex writes it down.

use std::fmt::Write as _;

use saifu_tests::fixture::{Exchange, TestCard, TestCenter, command};
use saifu_wire::ins::Ins;

/// An answer of at most 256 bytes.
pub(crate) const SHORT: Option<usize> = Some(256);

/// An answer as long as it may be.
pub(crate) const LONG: Option<usize> = Some(65_536);

/// A card and a center, and what was said so far.
pub(crate) struct Script {
    pub(crate) card: TestCard,
    pub(crate) center: TestCenter,
    parts: Vec<Part>,
}

/// A command, why it is sent, and its exchanges.
struct Part {
    ins: Ins,
    why: String,
    exchanges: Vec<Exchange>,
}

impl Script {
    /// A card as the factory makes it, and a center that has never seen it.
    pub(crate) fn new() -> Self {
        let mut card = TestCard::blank(0xCA);
        card.record();
        Self { card, center: TestCenter::new(0xC1), parts: Vec::new() }
    }

    /// Begins a part.
    pub(crate) fn part(&mut self, ins: Ins, why: &str) {
        self.parts.push(Part { ins, why: why.to_owned(), exchanges: Vec::new() });
    }

    /// Sends a command of the part's instruction, which must be answered with 9000; the data.
    pub(crate) fn say(&mut self, p1: u8, p2: u8, data: &[u8], le: Option<usize>) -> Vec<u8> {
        self.say_for(0x9000, p1, p2, data, le)
    }

    /// As [`Script::say`], for another status word.
    pub(crate) fn say_for(
        &mut self,
        word: u16,
        p1: u8,
        p2: u8,
        data: &[u8],
        le: Option<usize>,
    ) -> Vec<u8> {
        let ins = self.parts.last().expect("a part").ins;
        self.say_bytes(word, &command(ins, p1, p2, data, le))
    }

    /// Sends an APDU as it is.
    pub(crate) fn say_bytes(&mut self, word: u16, apdu: &[u8]) -> Vec<u8> {
        let mut answer = self.card.transmit(apdu);
        let part = self.parts.last_mut().expect("a part");
        part.exchanges.extend(self.card.take_record());
        let found = answer.split_off(answer.len() - 2);
        assert_eq!(found, word.to_be_bytes(), "{}: {}", part.ins.name(), part.why);
        answer
    }

    /// Takes over what was said without this script, command by command.
    pub(crate) fn overheard(&mut self, why: impl Fn(&Exchange) -> (Ins, &'static str)) {
        for exchange in self.card.take_record() {
            let (ins, why) = why(&exchange);
            match self.parts.last_mut().filter(|part| part.ins == ins && part.why == why) {
                Some(part) => part.exchanges.push(exchange),
                None => {
                    self.part(ins, why);
                    self.parts.last_mut().expect("a part").exchanges.push(exchange);
                }
            }
        }
    }

    /// The parts as the annex has them, from B.2 on.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for (number, part) in self.parts.iter().enumerate() {
            let (name, section) = (part.ins.name(), part.ins.section());
            let _ = writeln!(out, "### B.{} {name} (§{section})\n", number + 2);
            let _ = writeln!(out, "{}\n\n```text", part.why);
            for exchange in &part.exchanges {
                write_lines(&mut out, '>', &exchange.command);
                write_lines(&mut out, '<', &exchange.answer);
            }
            let end = if number + 1 == self.parts.len() { "```" } else { "```\n" };
            let _ = writeln!(out, "{end}");
        }
        out
    }
}

/// One side's bytes, in lines of 32.
fn write_lines(out: &mut String, side: char, bytes: &[u8]) {
    for (number, line) in bytes.chunks(32).enumerate() {
        let _ = writeln!(out, "{} {}", if number == 0 { side } else { ' ' }, hex(line));
    }
}

/// Two digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
