//! The attacks that a card meets in the field, played by a terminal and by a thief of its
//! outside memory: APDUs through the runtime, and hands on the machine; never a call inside.
//!
//! Names carry the number of the attack. Refused means: a documented status word, no data
//! beside it, and nothing changed that is stored. Campaigns run at a reduced size, or whole
//! with `SAIFU_CAMPAIGN=full`, and print how large they were.

#[path = "card_attacks/apdus.rs"]
mod apdus;
#[path = "card_attacks/credits.rs"]
mod credits;
#[path = "card_attacks/kit.rs"]
mod kit;
#[path = "card_attacks/outside.rs"]
mod outside;
#[path = "card_attacks/payments.rs"]
mod payments;
#[path = "card_attacks/personalisation.rs"]
mod personalisation;
#[path = "card_attacks/pins.rs"]
mod pins;
#[path = "card_attacks/power.rs"]
mod power;
#[path = "card_attacks/signatures.rs"]
mod signatures;
#[path = "card_attacks/streams.rs"]
mod streams;
#[path = "card_attacks/witness.rs"]
mod witness;
