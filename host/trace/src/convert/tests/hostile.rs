//! Whatever comes, no format panics, and what is refused is shown.

use super::draws::Draws;
use super::*;

const TEXTS: u64 = 1_500;

/// Pieces of every format, and of none.
const PIECES: [&str; 64] = [
    "> ",
    "< ",
    "00 A4 04 00",
    "9000",
    "sw any",
    "reset",
    "exit",
    "\\",
    "\n",
    "\n",
    "\n",
    " ",
    "\t",
    "# ",
    "#",
    "RST",
    "CMD ",
    "INI ",
    "REM ",
    "SWI {",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ";",
    "0x",
    "0x00 ",
    "65536",
    "powerup;",
    "echo \"",
    "\"",
    "/*",
    "*/",
    "//",
    "#define a a\n",
    "extended on;",
    "delay 99999999999;",
    "select //aid/",
    "A>> ",
    "A#1<< ",
    "(4+0000) ",
    "T=1 ",
    "SCardConnect(",
    "-> T=1, 3B",
    "Sending: ",
    "Received (SW1=0x90, SW2=0x00):",
    "Received (SW1=",
    "Outgoing APDU (",
    "5 bytes",
    "Incoming APDU [18446744073709551616 bytes]",
    "CLA: 00, INS: a4, P1: ",
    "Lc: ffff, ",
    "= atr ",
    "= silence",
    "[redacted]",
    " @0.1",
    "é",
    "\u{feff}",
    "\u{0}",
    "XX",
    "# 42ms no",
];

#[test]
fn pieces_of_all_formats_in_any_order_never_panic() {
    for seed in 0..TEXTS {
        let mut draws = Draws(seed);
        let text: String = (0..draws.below(40)).map(|_| draws.one(&PIECES)).collect();
        all_ways(&text);
    }
}

#[test]
fn changed_bytes_of_good_texts_never_panic() {
    let good = [
        "CMD A0 C2 00 00 07 \\\n[XX XX](91 33 , 69 XX)\nREM a\nRST\n",
        "0x00 0xA4 0x04 0x00 0x02 0x3F 0x00 0x7F;\npowerup;\n",
        "Outgoing APDU (5 bytes):\n00 84 00 00 08 .....\nIncoming APDU (2 bytes):\n90 00 ..\n",
        "A>> T=1 (4+0000) 00A40400 00\nA<< (0018+2) (60ms) 6F10 9000\n",
        "> 00 A4\n< 90 00 : Normal processing.\n",
        "> SELECT F0 53\n< a:[4] 9000\n",
    ];
    for seed in 0..TEXTS {
        let mut draws = Draws(seed);
        let mut bytes = draws.one(&good).as_bytes().to_vec();
        for _ in 0..=draws.below(4) {
            let at = draws.below(bytes.len());
            bytes[at] = draws.byte();
        }
        all_ways(&String::from_utf8_lossy(&bytes));
    }
}

fn all_ways(text: &str) {
    let _ = Format::detect(Path::new("-"), text);
    for format in Format::all() {
        for loss in [Loss::Refuse, Loss::Comment] {
            match read(format, &source("in", text), loss) {
                Err(wrong) => assert!(wrong.to_string().starts_with("in:"), "{wrong}"),
                Ok(trace) => Format::all().for_each(|to| {
                    let _ = write(to, &trace, loss);
                }),
            }
        }
    }
}

#[test]
fn a_trace_made_of_anything_is_one_that_its_parser_reads() {
    for seed in 0..TEXTS {
        let mut draws = Draws(seed);
        let text: String = (0..draws.below(30)).map(|_| draws.one(&PIECES)).collect();
        for format in Format::all().filter(|format| *format != Format::Trace) {
            let Ok(trace) = read(format, &source("in", &text), Loss::Comment) else { continue };
            let written = write(Format::Trace, &trace, Loss::Comment).unwrap();
            let again = read(Format::Trace, &source("out.apdu", &written), Loss::Refuse);
            assert!(again.is_ok(), "{format}: of\n{text}\nwas made\n{written}\n{:?}", again.err());
        }
    }
}

#[test]
fn a_text_over_the_limit_is_refused() {
    let text = "#".repeat(MAX_TEXT_BYTES + 1);
    let (line, _, why) = refused(Format::Scriptor, &text);
    assert!(line == 1 && why.contains("in parts"), "{line}");
}
