//! A trace as it was written: every line, in order, comments kept (LANGUAGE.md).

use super::source::{At, Source};
use std::sync::Arc;

/// A file. Two are equal if their lines are, wherever they came from.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Where it came from.
    pub source: Arc<Source>,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl PartialEq for Trace {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

impl Eq for Trace {}

/// A line: a statement, a comment, both or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub statement: Option<At<Statement>>,
    /// What follows `#`, without it.
    pub comment: Option<String>,
}

/// What a line says (§3 to §7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `> ...`
    Send(Send),
    /// What must come back of the last command.
    Expect(Expect),
    /// `title`
    Title(String),
    /// `section`: its number and its text.
    Section {
        /// As it stands: `6.1`.
        number: String,
        /// What it is called.
        text: Option<String>,
    },
    /// `card`
    Card(CardWish),
    /// `require`
    Require(Vec<At<String>>),
    /// `skip unless`
    SkipUnless(Condition),
    /// `skip if`
    SkipIf(Condition),
    /// `destructive`
    Destructive(String),
    /// `include`
    Include(At<String>),
    /// `set`
    Set {
        /// The variable.
        name: String,
        /// What it becomes.
        value: Vec<At<Piece>>,
    },
    /// `expect VALUE = PATTERN`
    Compare {
        /// What is looked at.
        value: Vec<At<Piece>>,
        /// What it must be.
        pattern: Pattern,
    },
    /// `for`
    For {
        /// The variable.
        name: String,
        /// The first number.
        from: At<Value>,
        /// The last number.
        to: At<Value>,
        /// The lines up to `end`.
        body: Vec<Line>,
        /// The comment behind `end`.
        end_comment: Option<String>,
    },
    /// `repeat`
    Repeat {
        /// How often.
        times: At<Value>,
        /// The lines up to `end`.
        body: Vec<Line>,
        /// The comment behind `end`.
        end_comment: Option<String>,
    },
    /// `reset`
    Reset,
    /// `power`
    Power(Power),
    /// `remove`
    Remove,
    /// `insert`
    Insert,
    /// `select`
    Select(Vec<At<Piece>>),
    /// `fault`: the text of a fault, or none any more.
    Fault(Option<At<String>>),
    /// `scp03 open`
    OpenScp03(Vec<(String, At<Value>)>),
    /// `scp03 close`
    CloseScp03,
    /// `wait`, in milliseconds.
    Wait(At<Value>),
    /// `note`
    Note(String),
}

/// On what it depends whether lines are skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Capabilities: `skip unless` wants all of them, `skip if` any.
    Capabilities(Vec<At<String>>),
    /// `sw`: the last command's status word.
    Status(At<StatusSet>),
    /// `VALUE = PATTERN`
    Value {
        /// What is looked at.
        value: Vec<At<Piece>>,
        /// What it looks like.
        pattern: Pattern,
    },
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Its bytes, or its name and what differs from it.
    pub form: Form,
    /// `follow`
    pub follow: bool,
    /// `secure`
    pub secure: bool,
    /// `as NAME`
    pub timed_as: Option<String>,
}

/// How a command is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Its bytes.
    Bytes(Vec<At<Piece>>),
    /// By name.
    Named(Box<Named>),
}

/// A command by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As annex A of the language spells it.
    pub name: At<String>,
    /// `cla=`
    pub cla: Option<u8>,
    /// `ins=`
    pub ins: Option<u8>,
    /// `p1=`
    pub p1: Option<At<Value>>,
    /// `p2=`
    pub p2: Option<At<Value>>,
    /// `le=`; `Some(None)` is `le=none`.
    pub le: Option<Option<At<Value>>>,
    /// `channel=`
    pub channel: Option<At<Value>>,
    /// `extended`
    pub extended: bool,
    /// `chain=`
    pub chain: Option<At<Value>>,
    /// The data field.
    pub data: Vec<At<Piece>>,
}

/// A piece of bytes; a row of them is what they are one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Hexadecimal.
    Hex(Vec<u8>),
    /// A text's bytes.
    Text(Vec<u8>),
    /// A variable.
    Variable(String),
    /// A helper.
    Call(Box<Call>),
    /// Bytes with their length before them.
    Counted(Vec<At<Piece>>),
}

/// A helper with what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: At<String>,
    /// What it is given, in order; those with a key by name.
    pub arguments: Vec<(Option<String>, At<Value>)>,
}

/// A single value in a place where numbers may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A decimal number.
    Number(u64),
    /// `0x...`
    Hex(Vec<u8>),
    /// A text's bytes.
    Text(Vec<u8>),
    /// A variable.
    Variable(String),
    /// A helper.
    Call(Box<Call>),
    /// A bare word.
    Word(String),
}

/// What must come back (§4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// `<`
    Answer {
        /// The data.
        data: Pattern,
        /// The status word.
        status: At<StatusSet>,
    },
    /// `sw`
    Status(At<StatusSet>),
    /// `data`
    Data(Pattern),
    /// `length`
    Length(At<Lengths>),
    /// `tlv`
    Tlv {
        /// Where it is.
        path: At<Path>,
        /// What of it.
        what: TlvExpect,
    },
    /// `lost`
    Lost,
    /// `atr`: of the last reset, not of a command.
    Atr(Pattern),
    /// `time`: may stand anywhere.
    Time {
        /// What may not be slower.
        name: At<String>,
        /// How many thousandths of the other's time.
        thousandths: u32,
        /// What it is compared with.
        than: At<String>,
    },
}

/// Status words that are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusSet {
    /// Whatever comes.
    Any,
    /// One of these; four digits each, from the left, `None` is any digit.
    Of(Vec<[Option<u8>; 4]>),
}

/// So many bytes, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lengths {
    /// At least.
    pub least: Value,
    /// At most; the same as at least where this is `None`.
    pub most: Option<Value>,
}

/// A way to a data object: each step its tag, and the how manieth of that tag, from 1.
pub type Path = Vec<(u32, u16)>;

/// What of a data object is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlvExpect {
    /// That it is there.
    Present,
    /// That it is not.
    Absent,
    /// What it holds.
    Is(Pattern),
    /// How long it is.
    Length(At<Lengths>),
}

/// What bytes must look like; at most one piece has no fixed length.
pub type Pattern = Vec<At<Match>>;

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Digits, from the left, an even number; `None` is `X`.
    Digits(Vec<Option<u8>>),
    /// Bytes in the bits of a mask, both of one length.
    Masked {
        /// The bytes.
        value: Vec<u8>,
        /// The mask.
        mask: Vec<u8>,
    },
    /// The value of a text, a variable, a helper or counted bytes.
    Value(Piece),
    /// `[n]`, `[n..m]`, `[*]`: so many bytes; no end is `None`.
    Any {
        /// At least.
        least: u32,
        /// At most.
        most: Option<u32>,
    },
    /// `name:...`
    Capture {
        /// The variable.
        name: String,
        /// What it holds.
        pattern: Pattern,
    },
}

/// What the card shall be before the first command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardWish {
    /// `blank`, `test`, `any` ...
    pub kind: At<String>,
    /// What is said about it.
    pub options: Vec<(String, At<Value>)>,
}

/// What is done with its power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// `power off`
    Off,
    /// `power on`
    On,
    /// `power cycle`
    Cycle,
}
