//! The protocol between cards, centers and a hostile host, as a state space that is explored
//! whole: the design breaks no property in it, and each rule of the design is shown to be
//! needed by removing it.
//!
//! ```text
//! world (bounds) ─▶ protocol ─▶ checker (stateright): every property of states, in every state
//!                      │    └─▶ graph: all edges, searched backwards: no state strands value
//!                      └ mutant: one rule less ─▶ the property that breaks, and how to get there
//! ```
//!
//! # What stands for what
//!
//! | here | in the specification | in the code |
//! |---|---|---|
//! | `Order`, `EndOrder` | §8, §16 | `center/src/orders.rs`, `delivery/` |
//! | `OpenLoad`, `IssueCredit`, `CloseLoad`, `Withdraw` | §11.1 to §11.3 | `center/src/loads.rs` |
//! | `OpenRefund` | §11.4 | `center/src/` |
//! | `Settle` and its receipt | §9.3, §9.4 | `center/src/settlement.rs`, `payment/` |
//! | `BookExpiry` | §9.1, §6.33 | `center/src/` |
//! | `Run` of LOAD and DELETE LICENCE | §6.11, §6.13, §8.4, §8.5 | `applet/src/command/load_licence.rs` |
//! | `Run` of DEBIT, GET TOKEN, ACKNOWLEDGE | §6.14 to §6.17 | `command/debit.rs`, `get_token.rs`, `acknowledge.rs` |
//! | `Run` of HOLD, RELEASE, CANCEL | §6.26 to §6.28 | `applet/src/command/` |
//! | `Run` of DECRYPT | §6.18, §6.19 | `command/open_stream.rs`, `decrypt.rs` |
//! | `Run` of GET CREDIT CHALLENGE, CREDIT, VOID | §6.29 to §6.31 | `command/get_credit_challenge.rs`, `credit.rs`, `void.rs` |
//! | `Run` of EXPIRE, SET TIME | §6.32, §6.33, §12.3 | `applet/src/command/` |
//! | the commit in a `Run`, and its [`Fate`] | §2.4 | `applet/src/memory/commit.rs`, `recover.rs` |
//! | `Copy`, `PutBack`, what a card then takes | §2.4 | `applet/src/memory/recover.rs` |
//!
//! A command is one edge for each thing that can befall it: power fails before the commit, with
//! the new image written beside the old; or after it, with no answer; or it is answered. Nobody
//! else sees the moments between, so no more edges are needed. A refusal changes nothing and is
//! no edge. Messages are never used up: what the host has it can bring at any time, in any order,
//! as often as it likes, until it loses everything at once.
//!
//! # For a test that drives the real card and center
//!
//! [`traces`] gives a shortest way to each kind of edge of the design, [`refute`] each mutant's
//! counterexample: [`Action`]s in a [`World`], which [`World::config`] describes. Where the real
//! ones do as the design does, they follow the first kind step by step, and [`Protocol::replay`]
//! says what is to be found on them after each. Of the second kind they refuse a step; or, where
//! the mutant refuses too much, have a step more to offer.
//!
//! # Limits
//!
//! Worlds are small ([`World`]); each is about one part, and [`Config`] prints its bounds. What is
//! bounded only opens something; whatever closes is not, so that no state seems to strand value
//! because a bound was met. Names are given out in order (orders, loads, the card that is
//! licensed first), which is the symmetry there is. A price and a load are one unit. The host
//! keeps one copy of an outside memory, taken when it likes.
//!
//! # Left out
//!
//! The PIN (the host has it), limits of payments, counts of uses, streams that stay open between
//! commands, several centers, shops, the chain of events and the freezing of forks (without a
//! copied card there are none), certificates and their retirement, personalisation, termination,
//! a center's restored backup. Cryptography is perfect: only who holds a key signs with it.

mod action;
mod card;
mod center;
mod check;
mod config;
mod graph;
mod host;
mod mutant;
mod properties;
mod protocol;
mod state;
mod token;

pub use action::{Action, Command, Evidence, Fate, Kind};
pub use check::{Counterexample, Explored, Failure, Trace, explore, refute, traces, traces_in};
pub use config::{Config, OrderTerms, Size, World};
pub use mutant::Mutant;
pub use properties::Property;
pub use protocol::Protocol;
pub use state::{Licence, Stage, State};
pub use token::Token;
