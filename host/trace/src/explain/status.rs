//! Status words (ISO/IEC 7816-4 section 5.6; ours: apdu-spec.md section 5.4).

use super::Told;
use saifu_wire::Status;
use saifu_wire::status::TRIES_LEFT;

pub(super) fn explain(status: [u8; 2], is_ours: bool) -> Told {
    let word = u16::from_be_bytes(status);
    let standard = standard(status);
    let ours = Status::from_word(word).filter(|_| is_ours).map(Status::meaning);
    let told = match (ours, standard) {
        (Some(ours), _) => ours.to_owned(),
        (None, Some(standard)) => standard,
        (None, None) => unknown(status[0]).to_owned(),
    };
    Told::new(format!("SW {word:04X}"), told)
}

/// What the standard's table says.
fn standard([one, two]: [u8; 2]) -> Option<String> {
    let word = u16::from_be_bytes([one, two]);
    Some(match (one, two) {
        (0x61, 0) => "done; 256 bytes or more are left for GET RESPONSE".to_owned(),
        (0x61, left) => format!("done; {left} bytes are left for GET RESPONSE"),
        (0x6C, 0) => "wrong Le: 256 bytes are there".to_owned(),
        (0x6C, right) => format!("wrong Le: {right} bytes are there"),
        (0x63, counter) if word & 0xFFF0 == TRIES_LEFT => {
            format!("wrong or not given; {} tries are left", counter & 0x0F)
        }
        (0x62 | 0x64, asked @ 0x02..=0x80) => format!("the card asks for {asked} bytes"),
        (0x91, length) => {
            format!("done; a proactive command of {length} bytes waits (SIM toolkit)")
        }
        (0x9F, length) => format!("done; {length} bytes are left for GET RESPONSE (SIM)"),
        _ => return TABLE.iter().find(|row| row.0 == word).map(|row| row.1.to_owned()),
    })
}

const TABLE: [(u16, &str); 49] = [
    (0x9000, "done"),
    (0x6200, "warning: nothing has changed"),
    (0x6281, "warning: part of the data may be corrupted"),
    (0x6282, "warning: the end of the file came first, or nothing was found"),
    (0x6283, "warning: the selected file is deactivated"),
    (0x6284, "warning: the file's information is not formatted"),
    (0x6285, "warning: the selected file is terminated"),
    (0x6286, "warning: no data from a sensor"),
    (0x6287, "warning: a referenced record is deactivated"),
    (0x6300, "warning: something has changed; or not verified"),
    (0x6381, "warning: the file is full"),
    (0x6400, "error: nothing has changed"),
    (0x6401, "error: an answer is needed at once"),
    (0x6500, "error: something has changed"),
    (0x6581, "error: memory failed"),
    (0x6600, "error: security"),
    (0x6700, "wrong length"),
    (0x6800, "a function of the class byte is not supported"),
    (0x6881, "logical channel is not supported, or not open"),
    (0x6882, "secure messaging is not supported"),
    (0x6883, "the last command of the chain is expected"),
    (0x6884, "command chaining is not supported"),
    (0x6900, "command not allowed"),
    (0x6981, "command does not fit the file's structure"),
    (0x6982, "security status not satisfied"),
    (0x6983, "authentication method blocked"),
    (0x6984, "reference data not usable"),
    (0x6985, "conditions of use not satisfied"),
    (0x6986, "command not allowed: no current EF"),
    (0x6987, "objects of secure messaging are missing"),
    (0x6988, "objects of secure messaging are wrong"),
    (0x6999, "the application cannot be selected"),
    (0x6A00, "P1 or P2 wrong"),
    (0x6A80, "data field wrong"),
    (0x6A81, "function not supported"),
    (0x6A82, "file or application not found"),
    (0x6A83, "record not found"),
    (0x6A84, "not enough memory in the file"),
    (0x6A85, "Lc does not fit the TLV structure"),
    (0x6A86, "P1 or P2 wrong"),
    (0x6A87, "Lc does not fit P1-P2"),
    (0x6A88, "referenced data not found"),
    (0x6A89, "file exists already"),
    (0x6A8A, "name of the DF exists already"),
    (0x6B00, "P1 or P2 wrong: offset outside the file"),
    (0x6D00, "instruction not supported"),
    (0x6E00, "class not supported"),
    (0x6F00, "no precise diagnosis"),
    (0x9300, "the SIM toolkit is busy"),
];

/// What SW1 alone says.
fn unknown(one: u8) -> &'static str {
    match one {
        0x62 => "warning: nothing has changed; of the card's own",
        0x63 => "warning: something has changed; of the card's own",
        0x64 => "error: nothing has changed; of the card's own",
        0x65 => "error: something has changed; of the card's own",
        0x66 => "error: security; of the card's own",
        0x67..=0x6F => "refused, for a reason of the card's own",
        0x90..=0x9F => "of the application's own",
        _ => "no status word of the standard: they begin with 6 or 9",
    }
}
