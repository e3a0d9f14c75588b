//! What is not told.

use saifu_wire::ins::Ins;

/// Instructions of any card, in whatever class, whose data are a PIN (ISO/IEC 7816-4 section
/// 11.6).
const PINS: [u8; 9] = [0x20, 0x21, 0x24, 0x25, 0x26, 0x28, 0x29, 0x2C, 0x2D];
/// Whose data may hold a key, or a command with a PIN in it: ENVELOPE, PUT KEY, PUT DATA in
/// BER-TLV (OpenPGP imports keys so), IMPORT and SET MANAGEMENT KEY of some cards.
const KEYS: [u8; 6] = [0xC2, 0xC3, 0xD8, 0xDB, 0xFE, 0xFF];
/// STORE DATA of GlobalPlatform: keys, and a card's first PIN.
const STORE_DATA: u8 = 0xE2;
/// In the class of readers: LOAD KEYS (PC/SC part 3).
const LOAD_KEYS: [u8; 2] = [0xFF, 0x82];

/// Whether the data field of a command may be a secret.
pub(crate) fn is_secret(cla: u8, ins: u8) -> bool {
    let stores = cla & 0x80 != 0 && ins == STORE_DATA;
    PINS.contains(&ins) || KEYS.contains(&ins) || stores || [cla, ins] == LOAD_KEYS
}

/// Whether an answer holds the plaintext of a work.
pub(super) fn is_work(ins: Ins) -> bool {
    matches!(ins, Ins::Decrypt | Ins::ReadContent)
}

/// A PIN, without its digits.
pub(super) fn pin(pin: &[u8]) -> String {
    // GlobalPlatform and PIV fill up with FF, SIM cards too.
    let filled = pin.iter().rev().take_while(|byte| **byte == 0xFF).count();
    let digits = &pin[..pin.len() - filled];
    match (pin.len(), digits.len()) {
        (0, _) => "no PIN: asks how many tries are left".to_owned(),
        (_, count) if digits.iter().all(u8::is_ascii_digit) => format!("a PIN of {count} digits"),
        (all, _) => format!("a PIN or password of {all} bytes"),
    }
}
