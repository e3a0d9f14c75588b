//! The center: registers works, sells and delivers them, settles payments.
//!
//! A library first: [`Center::open`] on a folder is all it takes. What it does, in the order
//! of a sale:
//!
//! | step | room |
//! |---|---|
//! | shops are opened | [`shops`] |
//! | ST1 a work is registered | [`catalogue`], its bytes in [`blobs`] |
//! | ST2 its preview M' is made or brought | [`preview`] |
//! | ST3, ST4 it is published and browsed | [`catalogue`] |
//! | a user registers a card, and value is loaded | [`accounts`], [`funding`], [`loads`] |
//! | ST5 to ST8 an order: `Ke`, `Kup[Ke]`, `Ke[M]` | [`orders`], [`delivery`] |
//! | ST12 the payment is opened and settled | [`payment`], [`settlement`] |
//! | shops are paid out, suspense is settled | [`payouts`] |
//! | every unit accounted | [`ledger`], the cards' chains in [`chain`] |
//! | what else a card says, and its last word | [`evidence`], [`closings`] |
//! | a deleted work again, a payment back, a card's end | [`again`], [`refunds`], [`cards`] |
//! | a lost card gets a successor | [`replacement`] |
//!
//! Under them: [`store`] remembers, in whole operations; [`keys`] and [`crypto`] sign and
//! open; [`config`] is the owner's will, [`clock`] the only time, [`chance`] what a sale draws,
//! [`refusal`] the only error.
//! [`operators`] run it, with [`metrics`] before their eyes.
//! In front of them: [`http`] is the interface, which [`serve`] puts on a network and
//! [`in_process`] calls without one; [`cli`] is the owner's.

extern crate alloc;

pub mod accounts;
pub mod again;
pub mod audit;
pub mod backup;
pub mod blobs;
pub mod cards;
pub mod cards_told;
pub mod catalogue;
pub mod center;
pub mod chain;
pub mod chance;
mod checks;
pub mod cli;
pub mod clock;
pub mod closings;
pub mod config;
pub mod crypto;
pub mod delivery;
pub mod evidence;
pub mod funding;
pub mod http;
pub mod in_process;
pub mod issuer;
pub mod keys;
pub mod ledger;
pub mod left_behind;
pub mod loads;
pub mod metrics;
pub mod money;
pub mod operators;
pub mod orders;
mod parts;
mod payers;
pub mod payment;
pub mod payouts;
pub mod preview;
mod private;
pub mod refunds;
pub mod refusal;
pub mod replacement;
mod restored;
pub mod revocations;
pub mod rotation;
pub mod serve;
pub mod settlement;
pub mod shops;
pub mod statements;
pub mod store;
mod times;

pub use center::{Center, Options};
pub use refusal::{Refusal, Result};
