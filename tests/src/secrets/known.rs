//! The secrets that every run of the tests makes anew, the same each time.

use saifu_wire::certificate::Role;

use super::canary::Canary;
use crate::attacks::administration::NEW_PIN;
use crate::fixture::{PIECES, Secrets, TestCard, TestCenter, content_key, stored_content};
use crate::shop::{Anything, REAL_WORKS, RealWork};

/// The PIN of cards of the three programs: longer than what is printed by chance.
pub const PROGRAMS_PIN: &str = "735192846024";

/// The seeds of the fixture's cards that are in use, and of its centers.
const CARDS: [u8; 2] = [0xCA, 0xCB];
const CENTERS: [u8; 2] = [0xC1, 0xC2];

/// How many deliveries of each center have their keys looked for.
const DELIVERIES: u64 = 20;

/// The bytes of a work that are looked for.
const PIECE_BYTES: usize = 32;

/// Everything that no log of the tests and nothing that they leave may have in it.
///
/// # Errors
/// A real work cannot be read.
pub fn all() -> Result<Vec<Canary>, Anything> {
    let mut all = programs(&REAL_WORKS)?;
    all.push(Canary::new("the PIN of attacks", NEW_PIN));
    let content = stored_content();
    all.extend(PIECES.map(|piece| Canary::new("plaintext", &content[piece])));
    all.extend(CENTERS.into_iter().flat_map(centers_own));
    all.extend(CARDS.into_iter().flat_map(|seed| {
        Secrets::of(&TestCard::in_use(seed).machine()).named(&format!("card {seed:02X}"))
    }));
    Ok(all)
}

/// What no file of the three programs may have in it, apart from where it is at home.
///
/// # Errors
/// A real work cannot be read.
pub fn programs(works: &[RealWork]) -> Result<Vec<Canary>, Anything> {
    let mut canaries = vec![Canary::new("the PIN", PROGRAMS_PIN.as_bytes())];
    for work in works {
        let bytes = work.read()?;
        // What a preview shows is not secret; it ends long before these places.
        for eighth in [6, 7] {
            let at = bytes.len() / 8 * eighth;
            let piece = &bytes[at..at + PIECE_BYTES];
            canaries.push(Canary::new(format!("the work {}", work.file), piece));
        }
    }
    Ok(canaries)
}

/// The signing keys of a center of the fixture, and the keys of its first deliveries.
fn centers_own(seed: u8) -> Vec<Canary> {
    let center = TestCenter::new(seed);
    let roles = [Role::Licence, Role::Credit, Role::Receipt];
    let keys = roles.map(|role| {
        Canary::new(format!("{role:?} key of center {seed:02X}"), center.scalar(role, 1).expose())
    });
    let contents = (1..=DELIVERIES).map(|number| {
        Canary::new(format!("Ke {number} of {seed:02X}"), content_key(&center, number).expose())
    });
    keys.into_iter().chain(contents).collect()
}
