//! What goes wrong, and at which commands.

use std::fmt;
use std::time::Duration;

use crate::platform::Leaves;

/// Something that goes wrong, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub action: Action,
    /// Whether the command never reaches the card.
    pub before: bool,
    /// The how manieth of the commands that it meets.
    pub when: When,
    /// The commands it meets; all, where it is met beneath the card.
    pub which: Which,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The answer never comes.
    Drop,
    /// The answer comes so much later.
    Delay(Duration),
    /// The last so many bytes are missing.
    Truncate(u16),
    /// A byte is inverted: from the first (0), from the last (-1), or the one in the middle.
    Corrupt(Option<i32>),
    /// The answer comes twice.
    Duplicate,
    /// So many zeros before the status word.
    Lengthen(u16),
    /// This status word instead.
    Status([u8; 2]),
    /// Nothing is carried out or answered, for ever or for so long.
    Silent(Option<Duration>),
    /// An answer of length 0.
    Empty,
    /// So many bytes of the frame, then the connection closes.
    Cut(u16),
    /// Bytes that nobody asked for.
    Stray(Vec<u8>),
    /// The card is gone for good; its process, too, where it has one of its own.
    Die,
    /// The card is pulled and back after so long.
    Away(Duration),
    /// Power fails in a write of the card's memory.
    Tear(Leaves),
    /// The card's random source fails in a draw.
    Random(RandomFault),
    /// The card's memory fails, and power stays.
    Memory(MemoryFault),
    /// The self-test at power-up does not come out.
    SelfTest,
}

/// How the random source fails (§6.3 of `apdu-spec.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RandomFault {
    /// It says so.
    Failed,
    /// It gives zeros.
    Zeros,
    /// It gives one byte again and again.
    Stuck,
}

/// How the memory outside the secure area fails (§2.4 of `apdu-spec.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryFault {
    /// It cannot be read.
    Read,
    /// What was there is not there any more.
    Gone,
    /// It cannot be written.
    Write,
    /// It has no room for what is written.
    Full,
}

/// What a fault that is met beneath the card counts; the others count commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// Writes of the card's memory; removals are writes.
    Writes,
    /// Reads of the memory outside its secure area.
    Reads,
    /// Draws of random numbers.
    Draws,
    /// Power-ups.
    PowerUps,
}

impl Action {
    /// What it counts, unless that is commands.
    pub(super) const fn counts(&self) -> Option<Counts> {
        match self {
            Self::Tear(_) | Self::Memory(MemoryFault::Write | MemoryFault::Full) => {
                Some(Counts::Writes)
            }
            Self::Memory(MemoryFault::Read | MemoryFault::Gone) => Some(Counts::Reads),
            Self::Random(_) => Some(Counts::Draws),
            Self::SelfTest => Some(Counts::PowerUps),
            _ => None,
        }
    }
}

impl Counts {
    /// As an error says it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Writes => "writes",
            Self::Reads => "reads",
            Self::Draws => "draws",
            Self::PowerUps => "power-ups",
        }
    }
}

/// Some of the commands that a fault meets, counted from 1 since it was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// The first.
    pub first: u64,
    /// The last; none is the last if this is `None`.
    pub last: Option<u64>,
}

impl When {
    /// One of them.
    #[must_use]
    pub const fn only(number: u64) -> Self {
        Self { first: number, last: Some(number) }
    }

    /// This one and all after it.
    #[must_use]
    pub const fn from(number: u64) -> Self {
        Self { first: number, last: None }
    }

    pub(super) fn holds(self, number: u64) -> bool {
        number >= self.first && self.last.is_none_or(|last| number <= last)
    }

    pub(super) fn is_over(self, met: u64) -> bool {
        self.last.is_some_and(|last| met >= last)
    }
}

/// Commands by their header; half a byte may be any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    value: [u8; 4],
    mask: [u8; 4],
}

impl Which {
    /// All commands.
    pub const ALL: Self = Self { value: [0; 4], mask: [0; 4] };

    /// Commands with this INS, whatever their class.
    #[must_use]
    pub const fn ins(ins: u8) -> Self {
        Self { value: [0, ins, 0, 0], mask: [0, 0xFF, 0, 0] }
    }

    /// Commands whose CLA, INS, P1 and P2 agree with `value` where `mask` has ones.
    #[must_use]
    pub fn masked(value: [u8; 4], mask: [u8; 4]) -> Self {
        let value = std::array::from_fn(|index| value[index] & mask[index]);
        Self { value, mask }
    }

    /// Whether a command is one of these; one without a whole header only if all are.
    #[must_use]
    pub fn holds(self, command: &[u8]) -> bool {
        let Some(header) = command.first_chunk::<4>() else { return self == Self::ALL };
        (0..4).all(|index| header[index] & self.mask[index] == self.value[index])
    }
}

impl Fault {
    /// A fault at the next command.
    #[must_use]
    pub const fn next(action: Action) -> Self {
        Self { action, before: false, when: When::only(1), which: Which::ALL }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action)?;
        if self.before {
            f.write_str(",before")?;
        }
        write!(f, "@{}", self.when)?;
        if self.which == Which::ALL { Ok(()) } else { write!(f, ":{}", self.which) }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop => f.write_str("drop"),
            Self::Delay(time) => write!(f, "delay={}", Time(*time)),
            Self::Truncate(bytes) => write!(f, "truncate={bytes}"),
            Self::Corrupt(None) => f.write_str("corrupt"),
            Self::Corrupt(Some(index)) => write!(f, "corrupt={index}"),
            Self::Duplicate => f.write_str("duplicate"),
            Self::Lengthen(bytes) => write!(f, "lengthen={bytes}"),
            Self::Status([sw1, sw2]) => write!(f, "status={sw1:02X}{sw2:02X}"),
            Self::Silent(None) => f.write_str("silent"),
            Self::Silent(Some(time)) => write!(f, "silent={}", Time(*time)),
            Self::Empty => f.write_str("empty"),
            Self::Cut(bytes) => write!(f, "cut={bytes}"),
            Self::Stray(bytes) => write!(f, "stray={}", hex::encode_upper(bytes)),
            Self::Die => f.write_str("die"),
            Self::Away(Duration::ZERO) => f.write_str("reconnect"),
            Self::Away(time) => write!(f, "away={}", Time(*time)),
            Self::Tear(left) => write!(f, "tear={}", left_name(*left)),
            Self::Random(fault) => write!(f, "random={}", fault.name()),
            Self::Memory(fault) => write!(f, "memory={}", fault.name()),
            Self::SelfTest => f.write_str("selftest"),
        }
    }
}

impl RandomFault {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Failed, Self::Zeros, Self::Stuck];

    /// In the text form.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Zeros => "zeros",
            Self::Stuck => "stuck",
        }
    }
}

impl MemoryFault {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Read, Self::Gone, Self::Write, Self::Full];

    /// In the text form.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Gone => "gone",
            Self::Write => "write",
            Self::Full => "full",
        }
    }
}

/// What is left of a torn write, in the text form; the number of bytes of a beginning is not.
fn left_name(left: Leaves) -> &'static str {
    match left {
        Leaves::Nothing => "nothing",
        Leaves::Erased => "erased",
        Leaves::Beginning(_) => "half",
        Leaves::Garbage => "garbage",
        Leaves::Everything => "all",
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(f, "{last}"),
            Some(last) => write!(f, "{}-{last}", self.first),
            None => write!(f, "{}+", self.first),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let only_ins = self.mask[0] == 0 && self.mask[2..] == [0, 0];
        let last = self.mask.iter().rposition(|mask| *mask != 0).unwrap_or(0).max(1);
        let bytes = if only_ins { 1..2 } else { 0..last + 1 };
        for index in bytes {
            for shift in [4, 0] {
                match self.mask[index] >> shift & 0xF {
                    0 => f.write_str("x")?,
                    _ => write!(f, "{:X}", self.value[index] >> shift & 0xF)?,
                }
            }
        }
        Ok(())
    }
}

/// A time as the text form has it.
pub(super) struct Time(pub(super) Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        match micros {
            _ if micros.is_multiple_of(60_000_000) && micros > 0 => {
                write!(f, "{}m", micros / 60_000_000)
            }
            _ if micros.is_multiple_of(1_000_000) => write!(f, "{}s", micros / 1_000_000),
            _ if micros.is_multiple_of(1_000) => write!(f, "{}ms", micros / 1_000),
            _ => write!(f, "{micros}us"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_the_commands_it_names_and_no_others() {
        let select = [0x00, 0xA4, 0x04, 0x00, 0x07];
        assert!(Which::ALL.holds(&select) && Which::ALL.holds(&[1]));
        assert!(Which::ins(0xA4).holds(&select) && !Which::ins(0xCA).holds(&select));
        assert!(!Which::ins(0xA4).holds(&[0, 0xA4, 4]), "no whole header");
        let ours = Which::masked([0x80, 0x38, 0xFF, 0], [0xF0, 0xFF, 0, 0]);
        assert!(ours.holds(&[0x83, 0x38, 1, 2]) && !ours.holds(&[0x93, 0x38, 1, 2]));
        assert_eq!(ours.to_string(), "8x38");
    }

    #[test]
    fn some_of_the_commands_are_counted_from_one() {
        let third = When::only(3);
        assert_eq!([2, 3, 4].map(|number| third.holds(number)), [false, true, false]);
        assert!(!third.is_over(2) && third.is_over(3));
        let on = When::from(2);
        assert_eq!([1, 2, 9].map(|number| on.holds(number)), [false, true, true]);
        assert!(!on.is_over(u64::MAX));
    }
}
