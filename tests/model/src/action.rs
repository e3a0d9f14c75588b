//! Everything that can happen: the edges of the state space, as data and in words.

use std::fmt;

use crate::token::Token;

/// One step of the world. Cards, purses, orders and loads count from 0; purse `k` holds kind `k`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The center takes an order, and licenses it to a card; a second card replaces the first.
    Order {
        /// The order.
        order: u8,
        /// The card its licence is for.
        card: u8,
    },
    /// The order's time at the center runs out.
    EndOrder {
        /// The order.
        order: u8,
    },
    /// A customer pays in, and the center opens a load, with a nonce of its own.
    OpenLoad {
        /// The card.
        card: u8,
        /// Its purse.
        purse: u8,
    },
    /// The center opens a refund: a load paid out of what was settled.
    OpenRefund {
        /// The payment that is given back.
        token: Token,
    },
    /// The center answers the challenge in the host's hands with the load's credit.
    IssueCredit {
        /// The load.
        load: u8,
    },
    /// The center books how a card ended a load.
    CloseLoad {
        /// The load.
        load: u8,
        /// What shows it.
        evidence: Evidence,
    },
    /// The center gives a load back for which it has signed no credit.
    Withdraw {
        /// The load.
        load: u8,
    },
    /// A mutant's center gives a load back without the card.
    TimeOut {
        /// The load.
        load: u8,
    },
    /// The center gets a token, books it and gives its receipt.
    Settle {
        /// The token.
        token: Token,
    },
    /// A mutant's center takes a token for another card's.
    SettleAs {
        /// The token.
        token: Token,
        /// The other card.
        card: u8,
    },
    /// The center books a card's Expired event.
    BookExpiry {
        /// The card.
        card: u8,
        /// Its purse.
        purse: u8,
    },
    /// A mutant's center writes a purse off without the card.
    WriteOff {
        /// The card.
        card: u8,
        /// Its purse.
        purse: u8,
    },
    /// A card gets a command.
    Run {
        /// The card.
        card: u8,
        /// The command.
        command: Command,
        /// What becomes of it.
        fate: Fate,
    },
    /// The host loses every message it had.
    Lose,
    /// The host copies an image of a card's outside memory.
    Copy {
        /// The card.
        card: u8,
        /// Not the image in force, but the one that a cut left uncommitted.
        torn: bool,
    },
    /// The host exchanges its copy and what lies in the outside memory; the card starts anew.
    PutBack {
        /// The card.
        card: u8,
    },
    /// The moment passes at which purses and licences with a date end.
    TimePasses,
}

/// The card's commands, of `apdu-spec.md` §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// LOAD LICENCE of this order.
    LoadLicence(u8),
    /// DELETE LICENCE of this order.
    DeleteLicence(u8),
    /// DEBIT of this order's price from this purse.
    Debit(u8, u8),
    /// HOLD of this order's price.
    Hold(u8),
    /// RELEASE of this order's hold.
    Release(u8),
    /// CANCEL of this order's hold.
    Cancel(u8),
    /// OPEN STREAM of this order's work.
    OpenStream(u8),
    /// DECRYPT of some of the open stream.
    Decrypt,
    /// GET TOKEN.
    GetToken(Token),
    /// ACKNOWLEDGE of this token.
    Acknowledge(Token),
    /// GET CREDIT CHALLENGE over this load's nonce.
    Challenge(u8),
    /// CREDIT of this load.
    Credit(u8),
    /// VOID of this load, whose credit is signed.
    Void(u8),
    /// A mutant's: VOID in this purse, of a load whose credit was never signed.
    StrayVoid(u8),
    /// EXPIRE of this purse.
    Expire(u8),
    /// SET TIME.
    SetTime,
}

/// What becomes of a command. One that stores nothing is always answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// Power fails with the new image written and not committed.
    Cut,
    /// Power fails, or the host does, between the commit and the answer.
    Lost,
    /// Committed, and answered.
    Answered,
    /// A mutant's: power fails between the first commit and the second.
    Between,
    /// A mutant's: answered, then power fails before the commit.
    Early,
}

/// What shows a center how a card ended a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The event Credited.
    Credited,
    /// The event Voided.
    Voided,
    /// The event that a challenge carries.
    Challenge,
}

/// What an action is, whatever it is done to: the kind of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The action or the command.
    pub name: &'static str,
    /// A command's fate.
    pub fate: Option<Fate>,
}

impl Action {
    /// The kind of edge this is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let name = match self {
            Self::Run { command, fate, .. } => {
                return Kind { name: command.name(), fate: Some(*fate) };
            }
            Self::Order { .. } => "order",
            Self::EndOrder { .. } => "end order",
            Self::OpenLoad { .. } => "open load",
            Self::OpenRefund { .. } => "open refund",
            Self::IssueCredit { .. } => "issue credit",
            Self::CloseLoad { evidence: Evidence::Challenge, .. } => "close load by challenge",
            Self::CloseLoad { .. } => "close load by event",
            Self::Withdraw { .. } => "withdraw load",
            Self::TimeOut { .. } => "time out",
            Self::Settle { .. } => "settle",
            Self::SettleAs { .. } => "settle as another's",
            Self::BookExpiry { .. } => "book expiry",
            Self::WriteOff { .. } => "write off",
            Self::Lose => "lose",
            Self::Copy { torn: false, .. } => "copy image",
            Self::Copy { torn: true, .. } => "copy torn image",
            Self::PutBack { .. } => "put back",
            Self::TimePasses => "time passes",
        };
        Kind { name, fate: None }
    }
}

impl Command {
    /// The command's name in the specification.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::LoadLicence(_) => "LOAD LICENCE",
            Self::DeleteLicence(_) => "DELETE LICENCE",
            Self::Debit(..) => "DEBIT",
            Self::Hold(_) => "HOLD",
            Self::Release(_) => "RELEASE",
            Self::Cancel(_) => "CANCEL",
            Self::OpenStream(_) => "OPEN STREAM",
            Self::Decrypt => "DECRYPT",
            Self::GetToken(_) => "GET TOKEN",
            Self::Acknowledge(_) => "ACKNOWLEDGE",
            Self::Challenge(_) => "GET CREDIT CHALLENGE",
            Self::Credit(_) => "CREDIT",
            Self::Void(_) => "VOID",
            Self::StrayVoid(_) => "VOID without credit",
            Self::Expire(_) => "EXPIRE",
            Self::SetTime => "SET TIME",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fate {
            Some(fate) => write!(f, "{}, {fate}", self.name),
            None => f.write_str(self.name),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cut => "cut before the commit",
            Self::Lost => "committed, answer lost",
            Self::Answered => "answered",
            Self::Between => "cut between its two commits",
            Self::Early => "answered, cut before the commit",
        })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = if self.nth == 0 { "" } else { "second " };
        write!(f, "card {}'s {second}token for order {}", self.card, self.order)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::Run { card, command, fate } => write!(f, "card {card}: {command}: {fate}"),
            Self::Order { order, card } => write!(f, "center: order {order}, for card {card}"),
            Self::EndOrder { order } => write!(f, "center: order {order} runs out"),
            Self::OpenLoad { card, purse }
            | Self::BookExpiry { card, purse }
            | Self::WriteOff { card, purse } => {
                write!(f, "center: {kind}, card {card}, purse {purse}")
            }
            Self::OpenRefund { token } | Self::Settle { token } => {
                write!(f, "center: {kind}, {token}")
            }
            Self::SettleAs { token, card } => write!(f, "center: {token}, taken for card {card}'s"),
            Self::IssueCredit { load }
            | Self::CloseLoad { load, .. }
            | Self::Withdraw { load }
            | Self::TimeOut { load } => {
                write!(f, "center: {kind}, load {load}")
            }
            Self::Lose => f.write_str("host: loses every message"),
            Self::Copy { card, .. } | Self::PutBack { card } => {
                write!(f, "host: {kind}, card {card}")
            }
            Self::TimePasses => f.write_str("time passes"),
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Self::LoadLicence(order)
            | Self::DeleteLicence(order)
            | Self::Hold(order)
            | Self::Release(order)
            | Self::Cancel(order)
            | Self::OpenStream(order) => write!(f, "{name} of order {order}"),
            Self::Debit(order, purse) => write!(f, "{name} of order {order} from purse {purse}"),
            Self::GetToken(token) | Self::Acknowledge(token) => write!(f, "{name} of {token}"),
            Self::Challenge(load) => write!(f, "{name} over the nonce of load {load}"),
            Self::Credit(load) | Self::Void(load) => write!(f, "{name} of load {load}"),
            Self::StrayVoid(purse) | Self::Expire(purse) => write!(f, "{name}, purse {purse}"),
            Self::Decrypt | Self::SetTime => f.write_str(name),
        }
    }
}
