//! Retiring keys without stranding what rests on them (§7.5).
//!
//! | role | rests on it | while that is so |
//! |---|---|---|
//! | licence | orders that wait to be paid, by their expiry | refused |
//! | payment | the same | refused |
//! | credit | credits given out and not closed | refused, unless the key has leaked |
//! | receipt | nothing: receipts are signed again when asked for | |
//!
//! Where a key has leaked, waiting is worse: open orders are lost with it (they are ordered
//! anew), and open credits are signed again with the new key.

use saifu_wire::certificate::Role;
use saifu_wire::signed::{Credit, Licence, Signed};

use crate::crypto::key_id;
use crate::keys::{Ring, role_name};
use crate::refusal::{Refusal, Result};
use crate::store::KeyUseStore;

/// Checks that nothing rests on the keys of `role` up to `sequence`, as of `now` (Unix time).
///
/// # Errors
/// `conflict`: something does; there is no such key, or it is the newest that is certified and
/// none can take its place.
pub fn check_retirement(
    store: &dyn KeyUseStore,
    ring: &Ring,
    (role, sequence): (Role, u32),
    now: u64,
) -> Result<()> {
    let name = role_name(role);
    let payment_keys = ring.key_ids(role, sequence);
    let rests = match role {
        Role::Licence => store.any_unpaid_licence(now, &|licence| {
            Signed::<Licence>::parse(licence).is_ok_and(|l| l.message().signer <= sequence)
        })?,
        Role::Payment => store.any_unpaid_licence(now, &|licence| {
            Signed::<Licence>::parse(licence)
                .is_ok_and(|l| payment_keys.contains(&l.message().center_key))
        })?,
        Role::Credit => store.any_open_credit(&|credit| {
            Signed::<Credit>::parse(credit).is_ok_and(|c| c.message().signer <= sequence)
        })?,
        _ => false,
    };
    match (rests, role) {
        (false, _) => Ok(()),
        (true, Role::Credit) => Err(Refusal::conflict(
            "a card has a credit that this credit key signed, and could neither take nor void it: \
             wait until its load is closed; if the key has leaked, say --leaked, and the credit is \
             signed again with the new key",
        )),
        (true, _) => Err(Refusal::conflict(format!(
            "orders that wait to be paid need this {name} key: wait until they are paid or have \
             expired; if the key has leaked, say --leaked, and they must be ordered anew"
        ))),
    }
}

/// Checks that there is a key of `role` with `sequence` to retire.
///
/// # Errors
/// `not-found`; `conflict`: it is retired already.
pub fn check_retirable(ring: &Ring, role: Role, sequence: u32) -> Result<()> {
    let name = role_name(role);
    if sequence == 0 || sequence > ring.newest(role) {
        return Err(Refusal::not_found(format!(
            "there is no certified {name} key {sequence}: `saifu-center keys list` shows them"
        )));
    }
    if sequence < ring.floor(role) {
        return Err(Refusal::conflict(format!("{name} key {sequence} is retired already")));
    }
    Ok(())
}

impl Ring {
    /// The key ids of the certified keys of a role up to a sequence.
    fn key_ids(&self, role: Role, sequence: u32) -> Vec<saifu_wire::Digest> {
        let bodies = self.certificates().map(saifu_wire::certificate::Certificate::body);
        let meant = bodies.filter(|body| body.role == role && body.sequence <= sequence);
        meant.map(|body| key_id(&body.key)).collect()
    }
}
