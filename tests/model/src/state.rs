//! What a state of the protocol is: cards with their memories, a center, a host's messages.
//!
//! Everything is small and of fixed size, so that a state is compared and kept as it is. Each
//! price, and each load, is one unit of its kind.

use crate::token::{Token, TokenSet};

/// Cards there can be.
pub(crate) const CARDS: usize = 2;
/// Kinds of value; a card's purse `k` holds kind `k`.
pub(crate) const KINDS: usize = 2;
/// Orders there can be; a card's licence number is the order's.
pub(crate) const ORDERS: usize = 2;
/// Loads and refunds there can be.
pub(crate) const LOADS: usize = 4;

/// The whole world at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    pub(crate) cards: [Card; CARDS],
    pub(crate) center: Center,
    pub(crate) host: Host,
    /// The moment has passed at which purses and licences with a date end.
    pub(crate) late: bool,
    pub(crate) holds_left: u8,
    pub(crate) seen: Seen,
}

/// A card: what its secure area remembers, and the images outside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Card {
    /// The image whose hash the secure area remembers: the last one committed.
    pub(crate) root: Image,
    /// The image that lies in the outside memory.
    pub(crate) outside: Image,
    /// An image that a cut left beside it, written and not committed.
    pub(crate) torn: Option<Image>,
    /// The copy that the host keeps.
    pub(crate) saved: Option<Image>,
    /// The session's stream; gone with the power.
    pub(crate) stream: Option<Stream>,
    /// Refuses everything for good; no rule of the base design leads here.
    pub(crate) dead: bool,
}

/// Everything a card keeps outside its secure area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Image {
    /// Commits so far; counted only where the host keeps images.
    pub(crate) epoch: u8,
    pub(crate) purses: [Purse; KINDS],
    pub(crate) licences: [Licence; ORDERS],
    /// Uses counted of each licence, where they are limited.
    pub(crate) uses: [u8; ORDERS],
    pub(crate) outbox: TokenSet,
    /// The card has been told that the moment has passed.
    pub(crate) late: bool,
}

/// A stream that a session has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stream {
    pub(crate) order: u8,
    /// Its use is counted.
    pub(crate) counted: bool,
    /// Plaintext of it has left.
    pub(crate) served: bool,
}

/// A purse on a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Purse {
    pub(crate) balance: i8,
    /// Loads credited or voided.
    pub(crate) sequence: u8,
    /// The event that ended the last of them.
    pub(crate) ended: Option<Ended>,
    pub(crate) expiry: Option<Expiry>,
}

/// How a sequence ended on the card; a mutant's VOID names no load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ended {
    pub(crate) how: How,
    pub(crate) load: Option<u8>,
}

/// What a card did with a load's sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum How {
    Credited,
    Voided,
}

/// The event by which a card wrote off a purse's balance; `nth` counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Expiry {
    pub(crate) nth: u8,
    pub(crate) amount: u8,
}

/// The state of a licence on a card (§8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Licence {
    /// Never loaded.
    #[default]
    Absent,
    /// Neither held nor paid.
    Loaded,
    /// Its price is on hold.
    Held,
    /// Debited.
    Paid,
    /// Its hold became a payment.
    Released,
    /// Its payment was given back.
    Refunded,
    /// Deleted; its number never opens again.
    Used,
}

/// What the center has on its books.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Center {
    pub(crate) orders: [Order; ORDERS],
    pub(crate) loads: [Load; LOADS],
    pub(crate) settled: TokenSet,
    pub(crate) suspense: TokenSet,
    /// Settled tokens whose value a refund took back.
    pub(crate) refunded: TokenSet,
    /// Entries booked for a token that had one, for each kind.
    pub(crate) booked_again: [u8; KINDS],
    /// Expired value, booked on a card's event.
    pub(crate) expired: [[u8; KINDS]; CARDS],
    pub(crate) expiries: [[u8; KINDS]; CARDS],
    /// Value written off by the clock alone.
    pub(crate) written_off: [[Option<u8>; KINDS]; CARDS],
}

/// An order at the center; the cards to which it is licensed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Order {
    pub(crate) licensed: [bool; CARDS],
    pub(crate) ended: bool,
}

/// A load or a refund at the center.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Load {
    pub(crate) stage: Stage,
    pub(crate) card: u8,
    pub(crate) purse: u8,
    /// What the credit says; 0 before there is one.
    pub(crate) sequence: u8,
    pub(crate) refund_of: Option<Token>,
    /// A card's committed state has its value; no rule reads this, the equation does.
    pub(crate) applied: bool,
}

/// How far a load has come at the center.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// There is no such load.
    #[default]
    None,
    /// Paid in by the customer, or taken out of settled.
    Open,
    /// Its credit is signed.
    Issued,
    /// The card has it, and the center has heard so.
    Credited,
    /// Given back to where it came from.
    Voided,
}

/// What the host has got hold of. Licences and credits are not among it: the center repeats
/// them for ever, so the host always has those that exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Host {
    pub(crate) tokens: TokenSet,
    pub(crate) receipts: TokenSet,
    pub(crate) credited: [bool; LOADS],
    pub(crate) voided: [bool; LOADS],
    pub(crate) challenges: [[Option<Challenge>; KINDS]; CARDS],
    pub(crate) expiries: [[Option<Expiry>; KINDS]; CARDS],
}

/// A card's signed challenge: the load over whose nonce it was asked, and the purse's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Challenge {
    pub(crate) nonce: u8,
    pub(crate) sequence: u8,
    pub(crate) last: Option<Ended>,
}

/// What happened that must not. No rule reads this, the properties do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    /// Tokens that a card made, committed or not.
    pub(crate) made: TokenSet,
    /// Tokens whose debit a card committed.
    pub(crate) debited: TokenSet,
    /// Streams of each order of which plaintext left, where uses are limited.
    pub(crate) served: [u8; ORDERS],
    pub(crate) overdraft: bool,
    pub(crate) other_kind: bool,
    pub(crate) unpaid_plaintext: bool,
    pub(crate) stale_image: bool,
    pub(crate) decreased: bool,
    pub(crate) refused_genuine: bool,
}

impl State {
    /// The balance of a purse.
    #[must_use]
    pub fn balance(&self, card: u8, purse: u8) -> i8 {
        self.committed(card).purses[usize::from(purse)].balance
    }

    /// The loads that a purse took or voided.
    #[must_use]
    pub fn sequence(&self, card: u8, purse: u8) -> u8 {
        self.committed(card).purses[usize::from(purse)].sequence
    }

    /// The state of an order's licence.
    #[must_use]
    pub fn licence(&self, card: u8, order: u8) -> Licence {
        self.committed(card).licences[usize::from(order)]
    }

    /// The tokens in an outbox.
    #[must_use]
    pub fn outbox(&self, card: u8) -> Vec<Token> {
        self.committed(card).outbox.iter().collect()
    }

    /// The loads and refunds there are, in their order: how far each has come, and its purse.
    pub fn loads(&self) -> impl Iterator<Item = (Stage, u8)> + '_ {
        let there = self.center.loads.iter().filter(|load| load.stage.is_there());
        there.map(|load| (load.stage, load.purse))
    }

    /// What the center has booked as expired of a purse.
    #[must_use]
    pub fn expired(&self, card: u8, purse: u8) -> u8 {
        self.center.expired[usize::from(card)][usize::from(purse)]
    }

    /// Whether a card lies over another image than the one it committed last.
    #[must_use]
    pub fn is_locked(&self, card: u8) -> bool {
        self.cards[usize::from(card)].outside != *self.committed(card)
    }

    /// The tokens that the center settled.
    #[must_use]
    pub fn settled(&self) -> Vec<Token> {
        self.center.settled.iter().collect()
    }

    /// The tokens that the center booked to suspense.
    #[must_use]
    pub fn in_suspense(&self) -> Vec<Token> {
        self.center.suspense.iter().collect()
    }

    fn committed(&self, card: u8) -> &Image {
        &self.cards[usize::from(card)].root
    }
}

impl Image {
    /// The orders whose price is on hold.
    pub(crate) fn held(&self) -> impl Iterator<Item = usize> + '_ {
        (0..ORDERS).filter(|order| self.licences[*order] == Licence::Held)
    }
}

impl Center {
    /// The tokens that have an entry.
    pub(crate) fn booked(&self) -> TokenSet {
        self.settled.and(self.suspense)
    }

    /// The load of this purse that is neither credited nor voided.
    pub(crate) fn open_loads(&self, card: u8, purse: u8) -> impl Iterator<Item = usize> + '_ {
        let is_its_own = move |load: &Load| load.card == card && load.purse == purse;
        (0..LOADS).filter(move |at| is_its_own(&self.loads[*at]) && self.loads[*at].stage.is_open())
    }
}

impl Stage {
    pub(crate) fn is_there(self) -> bool {
        self != Self::None
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Issued)
    }
}
