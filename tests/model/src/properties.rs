//! What must hold in every state, and the state from which nothing is left to do.
//!
//! The equation, for each kind of value (holders on the left, the center's word on the right):
//!
//! ```text
//! balances + holds + unsettled + settled + suspense + expired
//!     = issued - loads whose value is on no card
//! ```
//!
//! - a card's part is what it would have after a power-up now; a locked card still holds its own;
//! - *unsettled* are the tokens in outboxes that have no entry: a token in the host's hands alone
//!   is no evidence, the host may lose it;
//! - *settled* is without what a refund took back, *expired* with what a card still has to show;
//! - *issued* is what the purses began with and every load paid in and not given back;
//! - *loads whose value is on no card* are the unapplied credits and the voids not yet booked,
//!   refunds among them.

use stateright::Property as Checked;

use crate::protocol::Protocol;
use crate::state::{Image, KINDS, Stage, State};
use crate::token::Token;

macro_rules! properties {
    ($($(#[doc = $doc:literal])+ $variant:ident: $name:literal;)+) => {
        /// A property of the protocol, as `SECURITY.md` names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Property {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Property {
            /// Every property.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Those that a state alone can show to be broken, for the checker.
            pub(crate) fn checked() -> Vec<Checked<Protocol>> {
                let all = vec![
                    $(Checked::always($name, |protocol, state| {
                        Self::$variant.holds(protocol, state)
                    }),)+
                ];
                let of_states = |one: &Checked<Protocol>| one.name != Self::NothingStranded.name();
                all.into_iter().filter(of_states).collect()
            }

            /// Its sign and name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

properties! {
    /// The equation's left side is never above its right.
    NoValueCreated: "V1 no value created";
    /// The equation's left side is never below its right.
    AllValueAccounted: "V2 all value accounted";
    /// A debit or hold happens only if the purse has the price.
    NoOverdraft: "V3 sufficient funds";
    /// A price is taken from its own kind.
    KindsApart: "V4 kinds apart";
    /// An order debits a card at most once.
    DebitedOnce: "V6 an order debits a card once";
    /// Only a token whose debit a card committed has an entry.
    OnlyWhatWasDebited: "P1 only what was debited is booked";
    /// A token has one entry.
    TokenBookedOnce: "P2 a token is booked once";
    /// An order is settled by one token.
    OrderSettledOnce: "P2 an order is settled once";
    /// The center refuses no token that a card committed.
    GenuineTaken: "P5 a genuine token is taken";
    /// Plaintext leaves only for a payment that was not given back, and for as many uses as it has.
    OnlyPaidPlaintext: "C1 only paid plaintext";
    /// A card acts only on the image it committed last.
    OnlyTheLastImage: "S2 only the last image";
    /// Commits, sequences and used numbers only grow.
    NothingDecreases: "S4 nothing decreases";
    /// From every state, some continuation ends in a quiet one (P3 among it).
    NothingStranded: "no state strands value";
}

impl Property {
    /// Whether it holds in this state; of [`Self::NothingStranded`] a state alone says nothing.
    pub(crate) fn holds(self, protocol: &Protocol, state: &State) -> bool {
        let (seen, center) = (&state.seen, &state.center);
        match self {
            Self::NoValueCreated => {
                (0..KINDS).all(|k| held(protocol, state, k) <= owed(protocol, state, k))
            }
            Self::AllValueAccounted => {
                (0..KINDS).all(|k| held(protocol, state, k) >= owed(protocol, state, k))
            }
            Self::NoOverdraft => !seen.overdraft,
            Self::KindsApart => !seen.other_kind,
            Self::DebitedOnce => seen.debited.iter().all(|token| token.nth == 0),
            Self::OnlyWhatWasDebited => center.booked().except(seen.debited).is_empty(),
            Self::TokenBookedOnce => center.booked_again == [0; KINDS],
            Self::OrderSettledOnce => {
                let settled = |order| center.settled.iter().filter(move |t| t.order == order);
                protocol.config.order_numbers().all(|order| settled(order).count() <= 1)
            }
            Self::GenuineTaken => !seen.refused_genuine,
            Self::OnlyPaidPlaintext => !seen.unpaid_plaintext,
            Self::OnlyTheLastImage => !seen.stale_image,
            Self::NothingDecreases => !seen.decreased,
            Self::NothingStranded => true,
        }
    }
}

/// What the holders have of a kind: the equation's left side.
pub(crate) fn held(protocol: &Protocol, state: &State, kind: usize) -> i32 {
    let center = &state.center;
    let of_kind = |token: &Token| protocol.kind_of(*token) == kind;
    let cards = 0..protocol.config.cards;
    let settled = center.booked().except(center.refunded).iter().filter(of_kind).count() as i32;
    settled
        + i32::from(center.booked_again[kind])
        + cards.map(|card| held_by_card(protocol, state, card, kind)).sum::<i32>()
}

/// A card's part, with what the center has booked of it as expired.
fn held_by_card(protocol: &Protocol, state: &State, card: usize, kind: usize) -> i32 {
    let (center, image) = (&state.center, protocol.in_force(&state.cards[card]));
    let purse = &image.purses[kind];
    let holds = image.held().filter(|order| protocol.config.orders[*order].kind == kind).count();
    let outbox = image.outbox.except(center.booked());
    let unsettled = outbox.iter().filter(|token| protocol.kind_of(*token) == kind).count();
    let to_show = purse.expiry.filter(|expiry| expiry.nth > center.expiries[card][kind]);
    i32::from(purse.balance)
        + (holds + unsettled) as i32
        + i32::from(center.expired[card][kind])
        + to_show.map_or(0, |expiry| i32::from(expiry.amount))
        + center.written_off[card][kind].map_or(0, i32::from)
}

/// What the center has issued of a kind and not taken back: the equation's right side.
pub(crate) fn owed(protocol: &Protocol, state: &State, kind: usize) -> i32 {
    let start = i32::from(protocol.config.start[kind]) * protocol.config.cards as i32;
    let live = state.center.loads.iter().filter(|load| {
        usize::from(load.purse) == kind && !matches!(load.stage, Stage::None | Stage::Voided)
    });
    start
        + live
            .map(|load| i32::from(load.refund_of.is_none()) - i32::from(!load.applied))
            .sum::<i32>()
}

/// Whether nothing is left to do: every unit is in a balance, settled, in suspense, given back
/// or booked as expired.
pub(crate) fn is_quiet(protocol: &Protocol, state: &State) -> bool {
    let cards = (0..protocol.config.cards).all(|card| {
        let image = protocol.powered_up(&state.cards[card]);
        image.is_some_and(|image| is_card_quiet(state, card, &image))
    });
    cards && state.center.loads.iter().all(|load| !load.stage.is_open())
}

fn is_card_quiet(state: &State, card: usize, image: &Image) -> bool {
    let shown = |kind: usize| {
        let expiry = image.purses[kind].expiry;
        expiry.is_none_or(|expiry| expiry.nth == state.center.expiries[card][kind])
    };
    image.outbox.is_empty() && image.held().next().is_none() && (0..KINDS).all(shown)
}

#[cfg(test)]
mod tests;
