//! Commands that can cost somebody a card: sent to a real one only where that was allowed.

/// Instructions that use up a try of a secret, or change or end what a card holds, whatever
/// their class: PINs and keys, life cycle, files and records, GlobalPlatform's content.
const RISKY: &[(u8, &str)] = &[
    (0x04, "DEACTIVATE FILE can shut a file for good"),
    (0x0C, "ERASE RECORD erases"),
    (0x0E, "ERASE BINARY erases"),
    (0x0F, "ERASE BINARY erases"),
    (0x20, "VERIFY can use up the last try of a PIN"),
    (0x21, "VERIFY can use up the last try of a PIN"),
    (0x24, "CHANGE REFERENCE DATA changes a PIN, or uses up a try"),
    (0x25, "CHANGE REFERENCE DATA changes a PIN, or uses up a try"),
    (0x26, "DISABLE VERIFICATION REQUIREMENT changes what a PIN guards"),
    (0x28, "ENABLE VERIFICATION REQUIREMENT changes what a PIN guards"),
    (0x2C, "RESET RETRY COUNTER can use up the last try of a PUK"),
    (0x2D, "RESET RETRY COUNTER can use up the last try of a PUK"),
    (0x44, "ACTIVATE FILE changes a life cycle"),
    (0x46, "GENERATE ASYMMETRIC KEY PAIR can overwrite a key"),
    (0x47, "GENERATE ASYMMETRIC KEY PAIR can overwrite a key"),
    (0x82, "EXTERNAL AUTHENTICATE can use up the last try of a key"),
    (0x86, "GENERAL AUTHENTICATE can use up the last try of a key"),
    (0x87, "GENERAL AUTHENTICATE can use up the last try of a key"),
    (0xC2, "ENVELOPE can carry any command"),
    (0xC3, "ENVELOPE can carry any command"),
    (0xD0, "WRITE BINARY writes"),
    (0xD1, "WRITE BINARY writes"),
    (0xD2, "WRITE RECORD writes"),
    (0xD3, "WRITE RECORD writes"),
    (0xD6, "UPDATE BINARY overwrites"),
    (0xD7, "UPDATE BINARY overwrites"),
    (0xD8, "PUT KEY changes keys"),
    (0xDA, "PUT DATA overwrites"),
    (0xDB, "PUT DATA overwrites"),
    (0xDC, "UPDATE RECORD overwrites"),
    (0xDD, "UPDATE RECORD overwrites"),
    (0xE0, "CREATE FILE changes what the card holds"),
    (0xE2, "APPEND RECORD or STORE DATA changes what the card holds"),
    (0xE3, "APPEND RECORD or STORE DATA changes what the card holds"),
    (0xE4, "DELETE FILE deletes"),
    (0xE6, "TERMINATE DF or INSTALL changes the card for good"),
    (0xE8, "TERMINATE EF or LOAD changes the card for good"),
    (0xF0, "SET STATUS can end the card's life"),
    (0xFE, "TERMINATE CARD USAGE ends the card's life"),
];

/// [`RISKY`] by instruction: every command is looked up right before it is sent.
static WHY: [Option<&str>; 256] = {
    let mut why = [None; 256];
    let mut at = 0;
    while at < RISKY.len() {
        let (ins, what) = RISKY[at];
        why[ins as usize] = Some(what);
        at += 1;
    }
    why
};

/// Instructions that only read, or say what the next ones are about, in the classes of
/// ISO/IEC 7816-4.
const READS: &[u8] = &[
    0x22, 0x2A, 0x70, 0x84, 0x88, 0x89, 0xA0, 0xA1, 0xA2, 0xA4, 0xA5, 0xB0, 0xB1, 0xB2, 0xB3, 0xC0,
    0xCA, 0xCB, 0xF2,
];

/// Those in classes of nobody's standard that only read wherever they are known.
const READS_OF_OTHERS: &[u8] = &[0x70, 0x84, 0xA4, 0xB0, 0xB2, 0xC0, 0xCA, 0xCB, 0xF2];

/// Those that a reader may answer itself, in class FF (PC/SC part 3): they carry nothing to the
/// card.
const READS_OF_READER: &[u8] = &[0x84, 0xA4, 0xB0, 0xB1, 0xCA, 0xCB];

/// Why a command can cost somebody a card; `None` where it cannot.
///
/// It is asked of every command that goes to a real card, and errs on the careful side: whatever
/// is not known to read only counts. What no card knows does not: an INS that begins with 6 or 9
/// (ISO/IEC 7816-3, 12.2.1), and 02, by which cards are asked what they do not know; OATH's
/// DELETE, which is 02 as well, names what it deletes in an object 71.
pub(super) fn why(command: &[u8]) -> Option<&'static str> {
    let &[cla, ins, ..] = command else { return None };
    if cla == 0xFF {
        let reads = READS_OF_READER.contains(&ins);
        return (!reads).then_some("a reader's own commands can carry any to the card");
    }
    if matches!(ins, 0x20 | 0x21) && matches!(command, [_, _, _, _] | [_, _, _, _, 0]) {
        return None;
    }
    if let Some(why) = WHY[usize::from(ins)] {
        return Some(why);
    }
    let stores = ins == 0x22 && matches!(command.get(2), Some(0xF2 | 0xF4));
    if stores {
        return Some("MSE: STORE and MSE: ERASE change what the card holds");
    }
    let reads = if cla & 0x80 == 0 { READS } else { READS_OF_OTHERS };
    let deletes = matches!(command, [_, _, _, _, _, 0x71, ..] | [_, _, _, _, 0, _, _, 0x71, ..]);
    let is_nobodys = matches!(ins >> 4, 0x6 | 0x9) || (ins == 0x02 && !deletes);
    let is_known = reads.contains(&ins) || is_nobodys;
    (!is_known).then_some("nobody's standard says that this command only reads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_is_harmless() {
        for command in [
            &[0x00, 0xA4, 4, 0][..],
            &[0x00, 0xA5, 0, 4, 3, 0x60, 1, 0x5C, 0],
            &[0xFF, 0xCB, 0x3F, 0xFF, 3, 0x5C, 1, 0x7E, 0],
            &[0x00, 0xB0, 0, 0, 0],
            &[0x00, 0xCA, 0, 0x6E, 0],
            &[0x80, 0xCA, 0, 0x66, 0],
            &[0x80, 0xF2, 0x40, 0, 2, 0x4F, 0],
            &[0x00, 0x20, 0, 0x81],
            &[0x00, 0x70, 0, 0, 1],
            &[0x00, 0x22, 0x41, 0xB6, 0],
            &[0x00, 0x6F, 0, 0],
            &[0x00, 0x02, 0, 0, 1, 0x5A],
            &[0xFF, 0xCA, 0, 0, 0],
            &[0xA0, 0xA4, 0, 0, 2, 0x3F, 0],
            &[0x00],
        ] {
            assert_eq!(why(command), None, "{command:02X?}");
        }
    }

    #[test]
    fn what_uses_up_tries_or_changes_the_card_is_not_whatever_its_class() {
        for command in [
            &[0x00, 0x20, 0, 0x81, 1, 0x31][..],
            &[0x0C, 0x20, 0, 0x81, 1, 0x31],
            &[0x10, 0xD6, 0, 0, 1, 0],
            &[0x84, 0x82, 0x33, 0, 0x10],
            &[0x80, 0xE4, 0, 0, 0],
            &[0x00, 0xFE, 0, 0],
            &[0x80, 0x38, 0, 0],
            &[0xE0, 0x77, 0, 0],
            &[0x00, 0xC2, 0, 0, 6, 0, 0x20, 0, 0x81, 1, 0x31],
            &[0x00, 0x02, 0, 0, 3, 0x71, 1, 0x61],
            &[0xFF, 0xC2, 0, 1, 2, 0x95, 0],
            &[0xFF, 0x00, 0, 0, 2, 0xD4, 0x40],
            &[0xFF, 0x20, 0, 0x81, 1, 0x31],
            // YubiKey's RESET and SET MANAGEMENT KEY, in the class of the standard.
            &[0x00, 0xFB, 0, 0],
            &[0x00, 0xFF, 0xFF, 0xFF, 1, 0],
            &[0x00, 0x22, 0xF4, 1],
            // Some cards count each as a try until its EXTERNAL AUTHENTICATE.
            &[0x80, 0x50, 0, 0, 8],
        ] {
            assert!(why(command).is_some(), "{command:02X?}");
        }
    }
}
