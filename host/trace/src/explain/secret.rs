//! What is not told.

use saifu_wire::ins::Ins;

/// Instructions of any card whose data are a PIN (ISO/IEC 7816-4 section 11.6).
const PINS: [u8; 9] = [0x20, 0x21, 0x24, 0x25, 0x26, 0x28, 0x2C, 0x2D, 0x29];
/// Whose data may hold a key: PUT KEY, GENERAL AUTHENTICATE, PUT DATA of key templates, OATH's.
const KEYS: [u8; 2] = [0xD8, 0xFF];

/// Whether the data field of a command may be a secret.
pub(super) fn is_secret(cla: u8, ins: u8) -> bool {
    let interindustry = cla & 0x80 == 0 || cla == 0xA0;
    (interindustry && PINS.contains(&ins)) || KEYS.contains(&ins)
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
