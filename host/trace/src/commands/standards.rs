//! Commands that standards name.

use super::{Command, Origin};

const ISO_4: Origin = Origin::Iso7816(4);
const ISO_8: Origin = Origin::Iso7816(8);
const ISO_9: Origin = Origin::Iso7816(9);
const GP: Origin = Origin::GlobalPlatform;

/// Le `00`: as much as there is, at most 256 bytes.
const LE_00: Option<u32> = Some(256);

/// In the order in which a reader looks for them. P1-P2 are the usual ones: SELECT by name, the
/// current file, the record whose number is P1, the first password, one key for signatures.
pub(super) const ALL: &[Command] = &[
    row(ISO_4, "SELECT", [0x00, 0xA4, 0x04, 0x00], LE_00),
    row(ISO_4, "GET RESPONSE", [0x00, 0xC0, 0x00, 0x00], LE_00),
    row(ISO_4, "GET DATA", [0x00, 0xCA, 0x00, 0x00], LE_00),
    row(ISO_4, "PUT DATA", [0x00, 0xDA, 0x00, 0x00], None),
    row(ISO_4, "READ BINARY", [0x00, 0xB0, 0x00, 0x00], LE_00),
    row(ISO_4, "WRITE BINARY", [0x00, 0xD0, 0x00, 0x00], None),
    row(ISO_4, "UPDATE BINARY", [0x00, 0xD6, 0x00, 0x00], None),
    row(ISO_4, "ERASE BINARY", [0x00, 0x0E, 0x00, 0x00], None),
    row(ISO_4, "SEARCH BINARY", [0x00, 0xA0, 0x00, 0x00], LE_00),
    row(ISO_4, "READ RECORD", [0x00, 0xB2, 0x01, 0x04], LE_00),
    row(ISO_4, "WRITE RECORD", [0x00, 0xD2, 0x01, 0x04], None),
    row(ISO_4, "UPDATE RECORD", [0x00, 0xDC, 0x01, 0x04], None),
    row(ISO_4, "APPEND RECORD", [0x00, 0xE2, 0x00, 0x00], None),
    row(ISO_4, "SEARCH RECORD", [0x00, 0xA2, 0x01, 0x04], LE_00),
    row(ISO_4, "ERASE RECORD", [0x00, 0x0C, 0x01, 0x04], None),
    row(ISO_4, "INTERNAL AUTHENTICATE", [0x00, 0x88, 0x00, 0x00], LE_00),
    row(ISO_4, "EXTERNAL AUTHENTICATE", [0x00, 0x82, 0x00, 0x00], None),
    row(ISO_4, "GET CHALLENGE", [0x00, 0x84, 0x00, 0x00], LE_00),
    row(ISO_4, "GENERAL AUTHENTICATE", [0x00, 0x86, 0x00, 0x00], LE_00),
    row(ISO_4, "VERIFY", [0x00, 0x20, 0x00, 0x81], None),
    row(ISO_4, "CHANGE REFERENCE DATA", [0x00, 0x24, 0x00, 0x81], None),
    row(ISO_4, "RESET RETRY COUNTER", [0x00, 0x2C, 0x00, 0x81], None),
    row(ISO_4, "ENABLE VERIFICATION REQUIREMENT", [0x00, 0x28, 0x00, 0x81], None),
    row(ISO_4, "DISABLE VERIFICATION REQUIREMENT", [0x00, 0x26, 0x00, 0x81], None),
    row(ISO_4, "MSE: SET", [0x00, 0x22, 0x41, 0xB6], None),
    row(ISO_4, "MSE: STORE", [0x00, 0x22, 0xF2, 0x00], None),
    row(ISO_4, "MSE: RESTORE", [0x00, 0x22, 0xF3, 0x00], None),
    row(ISO_4, "MSE: ERASE", [0x00, 0x22, 0xF4, 0x00], None),
    row(ISO_4, "MANAGE CHANNEL", [0x00, 0x70, 0x00, 0x00], Some(1)),
    row(ISO_4, "ENVELOPE", [0x00, 0xC2, 0x00, 0x00], LE_00),
    row(ISO_8, "GENERATE ASYMMETRIC KEY PAIR", [0x00, 0x46, 0x80, 0x00], LE_00),
    row(ISO_8, "PSO: COMPUTE DIGITAL SIGNATURE", [0x00, 0x2A, 0x9E, 0x9A], LE_00),
    row(ISO_8, "PSO: VERIFY DIGITAL SIGNATURE", [0x00, 0x2A, 0x00, 0xA8], None),
    row(ISO_8, "PSO: VERIFY CERTIFICATE", [0x00, 0x2A, 0x00, 0xBE], None),
    row(ISO_8, "PSO: COMPUTE CRYPTOGRAPHIC CHECKSUM", [0x00, 0x2A, 0x8E, 0x80], LE_00),
    row(ISO_8, "PSO: VERIFY CRYPTOGRAPHIC CHECKSUM", [0x00, 0x2A, 0x00, 0xA2], None),
    row(ISO_8, "PSO: HASH", [0x00, 0x2A, 0x90, 0x80], None),
    row(ISO_8, "PSO: ENCIPHER", [0x00, 0x2A, 0x86, 0x80], LE_00),
    row(ISO_8, "PSO: DECIPHER", [0x00, 0x2A, 0x80, 0x86], LE_00),
    row(ISO_9, "CREATE FILE", [0x00, 0xE0, 0x00, 0x00], None),
    row(ISO_9, "DELETE FILE", [0x00, 0xE4, 0x00, 0x00], None),
    row(ISO_9, "ACTIVATE FILE", [0x00, 0x44, 0x00, 0x00], None),
    row(ISO_9, "DEACTIVATE FILE", [0x00, 0x04, 0x00, 0x00], None),
    row(ISO_9, "TERMINATE DF", [0x00, 0xE6, 0x00, 0x00], None),
    row(ISO_9, "TERMINATE EF", [0x00, 0xE8, 0x00, 0x00], None),
    row(ISO_9, "TERMINATE CARD USAGE", [0x00, 0xFE, 0x00, 0x00], None),
    row(GP, "GP GET DATA", [0x80, 0xCA, 0x00, 0x00], LE_00),
    row(GP, "GET STATUS", [0x80, 0xF2, 0x80, 0x02], LE_00),
    row(GP, "SET STATUS", [0x80, 0xF0, 0x80, 0x05], None),
    row(GP, "INITIALIZE UPDATE", [0x80, 0x50, 0x00, 0x00], LE_00),
    row(GP, "GP EXTERNAL AUTHENTICATE", [0x84, 0x82, 0x33, 0x00], None),
    row(GP, "INSTALL", [0x80, 0xE6, 0x0C, 0x00], LE_00),
    row(GP, "LOAD", [0x80, 0xE8, 0x80, 0x00], LE_00),
    row(GP, "DELETE", [0x80, 0xE4, 0x00, 0x00], LE_00),
    row(GP, "PUT KEY", [0x80, 0xD8, 0x00, 0x81], LE_00),
    row(GP, "STORE DATA", [0x80, 0xE2, 0x80, 0x00], None),
];

const fn row(origin: Origin, name: &'static str, header: [u8; 4], le: Option<u32>) -> Command {
    let [cla, ins, p1, p2] = header;
    Command { name, cla, ins, p1, p2, le, origin }
}
