//! Tests that see every room: what they share.
//!
//! - [`shop`]: a center with three real works, and a terminal with a test card
//! - [`demo`]: the demonstration, `make demo`
//! - [`stage`]: the three programs as processes of their own, a private pcscd between them
//! - [`sale_pcsc`]: three sales on that stage, `make sale-pcsc`
//! - [`kill_steps`]: a sale in which each program is killed at each step, `make kill-steps`
//! - [`commit_cost`]: the instructions of a commit, `make commit-cost`
//! - [`bench_ledger`]: what settling costs with few sales and with many, `make bench-ledger`
//! - [`api_fuzz`]: the HTTP interface against its own description, `make api-fuzz`
//! - [`tear`]: power cut at every write of every command, `make tear`
//! - [`attacks`]: every attack of the catalogue, `make attacks`
//! - [`card_storm`]: ten cards that are pulled and killed with all around them, `make card-storm`
//! - [`settle_storm`]: sales while the center is ended all the time, `make settle-storm`
//! - [`repeating`]: a whole center that says the same bytes each time
//! - [`conformance`]: every trace, in process and through pcscd, `make conformance`
//! - [`coverage`]: what `apdu-spec.md` names, and what of it traces have shown
//! - [`replay`]: the model's ways, driven through the real card and center
//! - [`secrets`]: a look for secrets where none may be, the end of `make test`
//! - [`fixture`]: a card and a center that say the same bytes each time

pub mod api_fuzz;
pub mod attacks;
pub mod bench_ledger;
pub mod card_storm;
pub mod commit_cost;
pub mod conformance;
pub mod coverage;
pub mod demo;
pub mod fixture;
pub mod kill_steps;
pub mod repeating;
pub mod replay;
pub mod sale_pcsc;
pub mod secrets;
pub mod settle_storm;
pub mod shop;
pub mod stage;
pub mod tear;
