//! Scripts that are made up go there and back.

use super::draws::Draws;
use super::*;
use crate::convert::words::spaced;
use saifu_wire::apdu::Command;

const SCRIPTS: u64 = 300;
const LINES: usize = 24;
const WORDS: [&str; 5] = ["select the file", "§ 6.1 «Größe»", "a # b", "- - -", "~ what"];

/// A text of the format becomes the same again after it was a trace, and so does the trace.
fn goes_there_and_back(format: Format, text: &str) {
    let trace = trace_of(format, text);
    let written = text_of(format, &trace);
    assert_eq!(trace_of(format, &written), trace, "of\n{text}\nwas made\n{written}");
    assert_eq!(text_of(format, &trace_of(format, &written)), written);
}

fn scripts(format: Format, line: fn(&mut Draws) -> String) {
    for seed in 0..SCRIPTS {
        let mut draws = Draws(seed);
        let count = draws.below(LINES) + 1;
        let lines: Vec<_> = (0..count).map(|_| line(&mut draws)).collect();
        goes_there_and_back(format, &format!("{}\n", lines.join("\n")));
    }
}

fn command(draws: &mut Draws, most: usize, le_most: usize) -> Vec<u8> {
    let data = draws.bytes(most);
    let le = match draws.below(3) {
        0 => None,
        _ => Some(draws.below(le_most) + 1),
    };
    let [cla, ins, p1, p2] = [(); 4].map(|()| draws.byte());
    Command { cla, ins, p1, p2, data: &data, le, extended: false }.to_bytes()
}

fn scriptor_line(draws: &mut Draws) -> String {
    match draws.below(6) {
        0 => String::new(),
        1 => format!("# {}", draws.one(&WORDS)),
        2 => draws.one(&["reset", "RESET", "  Reset the card"]).to_owned(),
        3 => hex::encode(command(draws, 300, 65_536)),
        4 => format!("{} \\\n{}", spaced(&draws.bytes(4)).trim(), spaced(&[draws.byte()])),
        _ => spaced(&command(draws, 40, 256)),
    }
}

#[test]
fn scriptor_files_go_there_and_back() {
    scripts(Format::Scriptor, scriptor_line);
}

fn numbers(draws: &mut Draws, bytes: &[u8]) -> String {
    let number = |byte: &u8| match draws.below(3) {
        0 => byte.to_string(),
        1 => format!("0x{byte:x}"),
        _ => format!("0x{byte:02X}"),
    };
    bytes.iter().map(number).collect::<Vec<_>>().join(" ")
}

fn short_statement(draws: &mut Draws) -> String {
    let data = draws.bytes(30);
    let bytes = [&draws.bytes(0), &[(); 4].map(|()| draws.byte())[..], &[data.len() as u8], &data];
    let bytes = [&bytes.concat()[..], &[draws.byte()]].concat();
    format!("{};", numbers(draws, &bytes))
}

fn apdutool_line(draws: &mut Draws) -> String {
    match draws.below(8) {
        0 => format!("// {}", draws.one(&WORDS)),
        1 => draws.one(&["powerup;", "powerdown;", "powerdown; powerup;"]).to_owned(),
        2 => format!("echo \"{}\";", draws.one(&WORDS)),
        3 => format!("delay {};", draws.below(60_001)),
        4 => draws.one(&["output on;", "output off;", "contacted;"]).to_owned(),
        5 => {
            let data = draws.bytes(400);
            let (cla, ins, p1, p2) = (draws.byte(), draws.byte(), 0, 0);
            let le = Some(draws.below(65_536) + 1);
            let long = Command { cla, ins, p1, p2, data: &data, le, extended: true };
            format!("extended on; {}; extended off;", numbers(draws, &long.to_bytes()))
        }
        _ => short_statement(draws),
    }
}

#[test]
fn scripts_of_apdutool_go_there_and_back() {
    scripts(Format::Apdutool, apdutool_line);
}

fn jcardsim_line(draws: &mut Draws) -> String {
    match draws.below(4) {
        0 => format!("// {}", draws.one(&WORDS)),
        1 => draws.one(&["powerup;", "powerdown;", "contacted;"]).to_owned(),
        _ => short_statement(draws),
    }
}

#[test]
fn scripts_of_jcardsim_go_there_and_back() {
    scripts(Format::JCardSim, jcardsim_line);
}

fn dump_lines(draws: &mut Draws) -> String {
    match draws.below(5) {
        0 => String::new(),
        1 => format!("# {}", draws.one(&WORDS)),
        2 => format!("# ATR: 3B{}", hex::encode(draws.bytes(20))),
        _ => {
            let answer = [draws.bytes(60), vec![0x90, draws.byte()]].concat();
            let sent = hex::encode_upper(command(draws, 60, 256));
            format!("{sent}\n# {}ms\n{}", draws.below(900), hex::encode_upper(answer))
        }
    }
}

#[test]
fn dumps_of_apdu4j_go_there_and_back() {
    scripts(Format::Apdu4j, dump_lines);
}

fn open_byte(draws: &mut Draws) -> String {
    match draws.below(3) {
        0 => "XX".to_owned(),
        _ => format!("{:02X}", draws.byte()),
    }
}

fn status(draws: &mut Draws) -> String {
    let digit = |draws: &mut Draws| match draws.below(4) {
        0 => 'X',
        _ => draws.one(&["0", "6", "9", "F"]).chars().next().unwrap_or('X'),
    };
    let [a, b, c, d] = [(); 4].map(|()| digit(draws));
    format!("{a}{b} {c}{d}")
}

fn sim_line(draws: &mut Draws) -> String {
    match draws.below(8) {
        0 => String::new(),
        1 => format!("REM {}", draws.one(&WORDS)),
        2 => draws.one(&["RST", "OFF", "\tRST "]).to_owned(),
        3 => format!("PTS {}", draws.one(&WORDS)),
        _ => {
            let mut line = format!("CMD {}", spaced(&command(draws, 60, 256)));
            if draws.below(2) == 0 {
                let bytes: Vec<_> = (0..draws.below(40)).map(|_| open_byte(draws)).collect();
                line = format!("{line} \\\n[{}]", bytes.join(" "));
            }
            if draws.below(3) > 0 {
                let words: Vec<_> = (0..=draws.below(3)).map(|_| status(draws)).collect();
                line = format!("{line} ({})", words.join(" , "));
            }
            line
        }
    }
}

#[test]
fn scripts_of_51_013_go_there_and_back() {
    scripts(Format::SimApi, sim_line);
}

#[test]
fn what_two_formats_can_say_goes_from_one_to_the_other() {
    let trace = "# a\nreset\n> 00 A4 04 00 02 3F00 10\nsw any\n";
    for format in [Format::Scriptor, Format::SimApi] {
        assert_eq!(trace_of(format, &text_of(format, trace)), trace, "{format}");
    }
    let trace = "# a\npower on\n> 00 A4 04 00 02 3F00 10\nsw any\npower off\n";
    for format in [Format::Apdutool, Format::JCardSim] {
        assert_eq!(trace_of(format, &text_of(format, trace)), trace, "{format}");
    }
}

#[test]
fn data_without_a_status_word_stands_for_9000() {
    let trace = trace_of(Format::Trace, "> 00 CA 00 00 00\ndata 01 02\n");
    let script = text_of(Format::SimApi, &trace);
    let back = text_of(Format::Trace, &trace_of(Format::SimApi, &script));
    assert!(back.contains("9000"), "of\n{script}\nwas made\n{back}");
}
