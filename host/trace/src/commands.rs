//! Names of commands (LANGUAGE.md annex A): header, usual P1-P2 and usual Le of each.
//!
//! Those of the standards stand in [`standards`], ours come out of [`saifu_wire::ins::Ins`]. A
//! name belongs to one command: where two standards give one name to two commands, ISO/IEC 7816
//! keeps it, GlobalPlatform's has `GP` before it and ours `SAIFU`.

mod ours;
mod standards;

use std::fmt;
use std::sync::LazyLock;

/// A command that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    /// Its name, in capitals.
    pub name: &'static str,
    /// The class byte on the basic channel, without chaining.
    pub cla: u8,
    /// The instruction byte.
    pub ins: u8,
    /// What P1 is unless said otherwise.
    pub p1: u8,
    /// What P2 is unless said otherwise.
    pub p2: u8,
    /// How many bytes are asked for unless said otherwise; none where no data comes back.
    pub le: Option<u32>,
    /// Where it is described.
    pub origin: Origin,
}

/// Where a command is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This part of ISO/IEC 7816.
    Iso7816(u8),
    /// GlobalPlatform Card Specification, chapter 11 and amendment D.
    GlobalPlatform,
    /// This section of `apdu-spec.md`.
    Saifu(&'static str),
}

static ALL: LazyLock<Vec<Command>> = LazyLock::new(|| {
    let mut all = standards::ALL.to_vec();
    for command in ours::all() {
        if !all.iter().any(|other| other.name == command.name) {
            all.push(command);
        }
    }
    all
});

/// Every command that has a name: those of the standards, then ours.
#[must_use]
pub fn all() -> &'static [Command] {
    &ALL
}

/// The command of this name, in capitals, one space between two words.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Command> {
    all().iter().find(|command| command.name == name)
}

/// The command that begins with these bytes: CLA, INS and, where they are there, P1 and P2.
///
/// Channel, chaining and secure messaging make no other command of it. Where P1-P2 tell two
/// apart, as in PERFORM SECURITY OPERATION, the one whose P1-P2 these are comes; else the first
/// of the instruction. An odd instruction of ISO/IEC 7816 is its even one with TLVs.
#[must_use]
pub fn by_header(header: &[u8]) -> Option<&'static Command> {
    let (&[cla, ins], rest) = header.split_first_chunk::<2>()?;
    if cla == 0xFF {
        return None;
    }
    let proprietary = cla & 0x80 != 0;
    let find = |ins: u8| {
        let same =
            |command: &&Command| command.ins == ins && (command.cla & 0x80 != 0) == proprietary;
        all().iter().filter(same).rev().max_by_key(|command| command.agreement(rest))
    };
    let shared = || by_name("GET RESPONSE").filter(|command| command.ins == ins);
    let even = || (!proprietary && ins & 1 == 1).then(|| find(ins & 0xFE)).flatten();
    find(ins).or_else(shared).or_else(even)
}

/// The command whose name is the longest that these words begin with, and how many words it has.
#[must_use]
pub fn by_words(words: &[&str]) -> Option<(&'static Command, usize)> {
    (1..=words.len().min(WORDS_MAX))
        .rev()
        .find_map(|count| Some((by_name(&words[..count].join(" "))?, count)))
}

/// More words than any name has.
const WORDS_MAX: usize = 6;

impl Command {
    /// CLA, INS, P1 and P2.
    #[must_use]
    pub fn header(&self) -> [u8; 4] {
        [self.cla, self.ins, self.p1, self.p2]
    }

    /// How well P1-P2 are those of this command: 2 the same, 1 the same P1, 0 other.
    fn agreement(&self, parameters: &[u8]) -> u8 {
        match parameters {
            [p1, p2, ..] if (*p1, *p2) == (self.p1, self.p2) => 2,
            [p1, ..] if *p1 == self.p1 => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Iso7816(part) => write!(f, "ISO/IEC 7816-{part}"),
            Self::GlobalPlatform => f.write_str("GlobalPlatform"),
            Self::Saifu(section) => write!(f, "apdu-spec.md {section}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_wire::ins::Ins;

    #[test]
    fn no_two_commands_share_a_name() {
        for (at, command) in all().iter().enumerate() {
            let again = all()[at + 1..].iter().find(|other| other.name == command.name);
            assert_eq!(again, None, "{}", command.name);
        }
    }

    #[test]
    fn every_name_is_words_of_capitals_that_are_no_hexadecimal_at_the_beginning() {
        for Command { name, .. } in all() {
            let words: Vec<_> = name.split(' ').collect();
            assert!(words.len() < WORDS_MAX, "{name}");
            assert!(name.chars().all(|c| c.is_ascii_uppercase() || " :-".contains(c)), "{name}");
            assert!(!words[0].chars().all(|c| c.is_ascii_hexdigit()), "{name}");
        }
    }

    #[test]
    fn each_of_our_instructions_is_found_by_name_and_by_its_header() {
        for ins in Ins::ALL {
            let by_header = by_header(&[ins.cla(), ins.code()]).unwrap();
            assert_eq!(by_header.ins, ins.code(), "{}", ins.name());
            let shared = ["GP ", "SAIFU ", ""].map(|before| format!("{before}{}", ins.name()));
            let named = shared.iter().filter_map(|name| by_name(name));
            let same = |command: &Command| {
                (command.cla | 0x04, command.ins) == (ins.cla() | 0x04, ins.code())
            };
            assert!(named.into_iter().any(same), "{}", ins.name());
        }
    }

    #[test]
    fn a_header_is_named_whatever_its_channel_chaining_and_secure_messaging() {
        for cla in [0x00, 0x03, 0x04, 0x0C, 0x10, 0x41, 0x6F] {
            assert_eq!(by_header(&[cla, 0xA4, 4, 0]).unwrap().name, "SELECT", "{cla:02X}");
        }
        for cla in [0x80, 0x84, 0x90, 0xC3] {
            assert_eq!(by_header(&[cla, 0x38]).unwrap().name, "DEBIT", "{cla:02X}");
        }
        assert_eq!(by_header(&[0x80, 0xC0, 0, 0]).unwrap().name, "GET RESPONSE");
    }

    #[test]
    fn parameters_tell_security_operations_apart() {
        let name = |header: [u8; 4]| by_header(&header).unwrap().name;
        assert_eq!(name([0x00, 0x2A, 0x9E, 0x9A]), "PSO: COMPUTE DIGITAL SIGNATURE");
        assert_eq!(name([0x10, 0x2A, 0x00, 0xBE]), "PSO: VERIFY CERTIFICATE");
        assert_eq!(name([0x00, 0x22, 0x41, 0xB8]), "MSE: SET");
    }

    #[test]
    fn what_no_standard_names_has_no_name() {
        assert_eq!(by_header(&[0x00, 0x38, 0, 0]), None);
        assert_eq!(by_header(&[0x80, 0xA4]), None);
        assert_eq!(by_header(&[0xFF, 0xA4, 4, 0]), None);
        assert_eq!(by_header(&[0x00]), None);
        assert_eq!(by_name("select"), None);
        assert_eq!(by_header(&[0x00, 0xCB, 0x3F, 0xFF]).unwrap().name, "GET DATA");
    }

    #[test]
    fn the_longest_name_is_taken() {
        let words = |text: &'static str| by_words(&text.split(' ').collect::<Vec<_>>());
        assert_eq!(words("LOAD FEED").map(|(c, n)| (c.name, n)), Some(("LOAD", 1)));
        assert_eq!(words("LOAD LICENCE").map(|(c, n)| (c.name, n)), Some(("LOAD LICENCE", 2)));
        assert_eq!(words("LICENCE LOAD"), None);
    }
}
