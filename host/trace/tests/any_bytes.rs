//! Whatever bytes come, the parser answers: a trace or mistakes whose places can be shown.

use saifu_trace::syntax::{Diagnostic, Source, Trace, parse};
use std::sync::Arc;

const EVERYTHING: &str = include_str!("data/everything.apdu");

/// So many texts are tried.
const ROUNDS: u32 = 20_000;

/// What is put into a text, beside bytes drawn at random.
const MORSELS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\\",
    "\\\n",
    "#",
    "$",
    "$a",
    ":",
    "|",
    "*",
    "..",
    "=",
    ",",
    "<=",
    "<",
    ">",
    "0",
    "FF",
    "0x",
    "X",
    "é",
    "\u{FEFF}",
    "\r",
    "\t",
    "\0",
    "\n",
    "for ",
    "end\n",
    "repeat 9\n",
    "section ",
    "a:",
    "a:(",
    "[4..",
    "99999999999999999999",
    "6F/",
    "#2",
    "fault ",
    "SELECT ",
    "PSO: ",
    " as ",
    "PSO:VERIFY CERTIFICATE",
    "\\x",
    "/",
    "le=",
    "u16(",
    "@",
    "\u{202E}",
];

/// Numbers that repeat: xorshift of 64 bits (Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

fn read(text: String) -> Result<Trace, Vec<Diagnostic>> {
    parse(Arc::new(Source { path: "a.apdu".into(), text }))
}

/// A valid trace with something put in, taken out, doubled or exchanged, up to four times.
fn mutated(numbers: &mut Numbers) -> String {
    let lines: Vec<_> = EVERYTHING.lines().collect();
    let from = numbers.below(lines.len());
    let count = 1 + numbers.below(4);
    let mut bytes = lines[from..lines.len().min(from + count)].join("\n").into_bytes();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(12)).min(bytes.len());
        match numbers.below(5) {
            0 => drop(bytes.splice(at..end, [])),
            1 => bytes.insert(at, u8::try_from(numbers.below(256)).unwrap()),
            2 => {
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            _ => {
                let morsel = MORSELS[numbers.below(MORSELS.len())];
                drop(bytes.splice(at..end.min(at + 1), morsel.bytes()));
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn no_text_makes_the_parser_fail_in_another_way_than_with_mistakes() {
    let mut numbers = Numbers(0x5A1F_0000_0000_0007);
    let (mut good, mut bad) = (0_u32, 0_u32);
    for _ in 0..ROUNDS {
        let text = mutated(&mut numbers);
        match read(text.clone()) {
            Ok(_) => good += 1,
            Err(wrong) => {
                bad += 1;
                assert!(!wrong.is_empty(), "{text:?}");
                for wrong in wrong {
                    let told = wrong.to_string();
                    assert!(told.contains('^') && !wrong.found.is_empty(), "{text:?}\n{told}");
                    let lines = u32::try_from(text.split('\n').count()).unwrap();
                    assert!((1..=lines).contains(&wrong.span.line), "{text:?}\n{told}");
                }
            }
        }
    }
    assert!(good > ROUNDS / 20 && bad > ROUNDS / 4, "{good} good, {bad} bad");
}
