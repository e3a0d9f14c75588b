//! The configurations: small worlds, each about one part of the protocol, explored whole.

use std::fmt;

use crate::state::{CARDS, KINDS, ORDERS};

/// How large the worlds are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// For every run of the tests.
    Reduced,
    /// With a second order, load or purse more.
    Full,
}

impl Size {
    /// The size that the environment's `SAIFU_CAMPAIGN` asks for.
    #[must_use]
    pub fn of_campaign() -> Self {
        let full = std::env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
        if full { Self::Full } else { Self::Reduced }
    }
}

/// A small world, by what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum World {
    /// Two orders paid first, an outbox of one place, deleted licences, an order that runs out.
    Payment,
    /// An order decrypted first beside one paid first, and a date after which neither is valid.
    Hold,
    /// Loads of two purses, more than the cap takes, and voids.
    Load,
    /// Payments that are given back.
    Refund,
    /// A host that copies outside images and puts them back.
    Memory,
    /// Two cards and an order that is licensed to both.
    Cards,
    /// A purse with a date.
    Expiry,
}

/// What there is in a world. All of it opens something; whatever closes is never limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Cards in it.
    pub cards: usize,
    /// Orders that can be placed.
    pub orders: &'static [OrderTerms],
    /// A purse's first balance.
    pub start: [i8; KINDS],
    /// What a purse holds at most.
    pub cap: i8,
    /// Loads there can be of each kind.
    pub loads: [u8; KINDS],
    /// Refunds there can be.
    pub refunds: u8,
    /// Streams that a licence opens; 0 any number.
    pub uses: u8,
    /// Times that a price can be put on hold.
    pub holds: u8,
    /// Places in a card's outbox.
    pub outbox_places: u8,
    /// Licences are deleted.
    pub deletes: bool,
    /// Orders run out at the center.
    pub orders_end: bool,
    /// Purses of these kinds end at the date.
    pub purses_end: [bool; KINDS],
    /// Licences end at the date.
    pub licences_end: bool,
    /// The host keeps a copy of each card's outside memory.
    pub copies: bool,
}

/// What an order asks for: one unit of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderTerms {
    /// The kind of value.
    pub kind: usize,
    /// Decrypt first, else pay first (§8.2).
    pub decrypt_first: bool,
}

const PAY_FIRST: OrderTerms = OrderTerms { kind: 0, decrypt_first: false };
const DECRYPT_FIRST: OrderTerms = OrderTerms { kind: 0, decrypt_first: true };
const PAY_FIRST_OTHER_KIND: OrderTerms = OrderTerms { kind: 1, decrypt_first: false };

const NOTHING: Config = Config {
    cards: 1,
    orders: &[],
    start: [0; KINDS],
    cap: 3,
    loads: [0; KINDS],
    refunds: 0,
    uses: 0,
    holds: 0,
    outbox_places: 2,
    deletes: false,
    orders_end: false,
    purses_end: [false; KINDS],
    licences_end: false,
    copies: false,
};

impl World {
    /// Every world.
    pub const ALL: [Self; 7] = [
        Self::Payment,
        Self::Hold,
        Self::Load,
        Self::Refund,
        Self::Memory,
        Self::Cards,
        Self::Expiry,
    ];

    /// The bounds of this world at this size.
    #[must_use]
    pub fn config(self, size: Size) -> Config {
        let mut config = self.reduced();
        if size == Size::Full {
            self.enlarge(&mut config);
        }
        config
    }

    fn reduced(self) -> Config {
        let common = NOTHING;
        match self {
            Self::Payment => Config {
                orders: &[PAY_FIRST, PAY_FIRST],
                start: [1, 1],
                loads: [1, 0],
                outbox_places: 1,
                deletes: true,
                orders_end: true,
                ..common
            },
            Self::Hold => Config {
                orders: &[DECRYPT_FIRST, PAY_FIRST],
                start: [2, 0],
                uses: 1,
                holds: 2,
                outbox_places: 1,
                deletes: true,
                licences_end: true,
                ..common
            },
            Self::Load => Config { cap: 1, loads: [2, 1], ..common },
            Self::Refund => Config {
                orders: &[PAY_FIRST],
                start: [1, 0],
                loads: [1, 0],
                refunds: 2,
                deletes: true,
                ..common
            },
            Self::Memory => Config {
                orders: &[PAY_FIRST],
                start: [1, 0],
                loads: [1, 0],
                deletes: true,
                copies: true,
                ..common
            },
            Self::Cards => Config {
                cards: CARDS,
                orders: &[PAY_FIRST],
                start: [1, 0],
                loads: [1, 0],
                ..common
            },
            Self::Expiry => Config {
                orders: &[DECRYPT_FIRST],
                start: [1, 0],
                loads: [1, 0],
                holds: 2,
                purses_end: [true, false],
                licences_end: true,
                ..common
            },
        }
    }

    fn enlarge(self, config: &mut Config) {
        match self {
            Self::Payment => config.loads = [1, 1],
            Self::Hold => config.loads = [1, 0],
            Self::Load => config.loads = [3, 1],
            Self::Refund => config.loads = [2, 0],
            Self::Memory => {
                config.start = [2, 0];
                config.orders = &[PAY_FIRST, DECRYPT_FIRST];
                config.loads = [0, 0];
            }
            Self::Cards => config.orders = &[PAY_FIRST, DECRYPT_FIRST],
            Self::Expiry => config.orders = &[DECRYPT_FIRST, PAY_FIRST_OTHER_KIND],
        }
        if config.orders.contains(&DECRYPT_FIRST) {
            config.holds = 2;
        }
        if config.orders.contains(&PAY_FIRST_OTHER_KIND) {
            config.start[1] = 1;
        }
    }

    /// The world's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Hold => "hold",
            Self::Load => "load",
            Self::Refund => "refund",
            Self::Memory => "memory",
            Self::Cards => "cards",
            Self::Expiry => "expiry",
        }
    }
}

impl Config {
    /// Whether a purse of this kind has ended for a card that knows the date has passed.
    pub(crate) fn purse_ended(&self, kind: usize, late: bool) -> bool {
        late && self.purses_end[kind]
    }

    pub(crate) fn has_dates(&self) -> bool {
        self.licences_end || self.purses_end.contains(&true)
    }

    pub(crate) fn order_numbers(&self) -> std::ops::Range<u8> {
        debug_assert!(self.orders.len() <= ORDERS);
        0..self.orders.len() as u8
    }

    pub(crate) fn card_numbers(&self) -> std::ops::Range<u8> {
        0..self.cards as u8
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.orders.iter().filter(|order| order.decrypt_first).count();
        write!(f, "cards {}, orders {}", self.cards, self.orders.len())?;
        write!(f, " ({first} decrypt first), balances {:?}", self.start)?;
        write!(f, " at most {}, loads {:?}", self.cap, self.loads)?;
        write!(f, ", refunds {}, holds {}", self.refunds, self.holds)?;
        write!(f, ", uses {}, outbox {}", self.uses, self.outbox_places)?;
        let also = [
            (self.deletes, "licences deleted"),
            (self.orders_end, "orders run out"),
            (self.licences_end, "licences end"),
            (self.purses_end.contains(&true), "a purse ends"),
            (self.copies, "images copied and put back"),
        ];
        also.iter().filter(|(is, _)| *is).try_for_each(|(_, what)| write!(f, ", {what}"))
    }
}
