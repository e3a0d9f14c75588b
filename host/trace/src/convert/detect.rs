//! Which format a text is in.

use super::Format;
use std::path::Path;

/// How many lines are looked at.
const LINES: usize = 200;

/// By what stands in it; where that could be two formats, by the ending of its name.
pub(super) fn detect(path: &Path, text: &str) -> Option<Format> {
    let named = Format::of_name(path);
    if named == Some(Format::Trace) {
        return named;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<_> = text.lines().map(str::trim).filter(|l| !l.is_empty()).take(LINES).collect();
    if let Some(marked) = MARKS.iter().find(|mark| lines.iter().any(|line| (mark.is)(line))) {
        // Both kits' scripts look alike.
        let by_name = named == Some(Format::JCardSim) && marked.format == Format::Apdutool;
        return if by_name { named } else { Some(marked.format) };
    }
    // What remains are lines of digits: of commands alone, or of commands and answers.
    let is_digits = |line: &&&str| is_hex(line.trim_end_matches('\\'));
    let digits: Vec<_> = lines.iter().filter(is_digits).collect();
    let reads = digits.len() + lines.iter().filter(|line| is_silent(line)).count() == lines.len();
    match named {
        Some(Format::Scriptor | Format::Apdu4j) if reads => named,
        _ if digits.is_empty() || !reads => None,
        _ if is_answered(&digits) => Some(Format::Apdu4j),
        _ => Some(Format::Scriptor),
    }
}

/// A line that only one format has.
struct Mark {
    format: Format,
    is: fn(&str) -> bool,
}

const MARKS: [Mark; 10] = [
    Mark { format: Format::Recording, is: |line| line.starts_with("# saifu-card recording ") },
    Mark { format: Format::OpenscTool, is: |line| line.starts_with("Received (SW1=") },
    Mark { format: Format::OpenscDebug, is: is_opensc_debug },
    Mark { format: Format::ApdutoolLog, is: |line| line.contains("CLA:") && line.contains("INS:") },
    Mark { format: Format::GlobalPlatformPro, is: is_global_platform },
    Mark { format: Format::ScriptorLog, is: is_scriptor_log },
    Mark { format: Format::SimApi, is: is_sim_api },
    Mark { format: Format::Trace, is: is_trace },
    Mark { format: Format::Apdutool, is: is_script },
    Mark { format: Format::Apdu4j, is: |line| line.starts_with("# PROTOCOL: ") },
];

fn is_opensc_debug(line: &str) -> bool {
    ["Outgoing APDU", "Incoming APDU"].iter().any(|mark| line.contains(mark))
        && line.contains("bytes")
}

fn is_global_platform(line: &str) -> bool {
    let path = line.trim_start_matches(['A', 'B']);
    let path = path
        .strip_prefix('#')
        .map_or(path, |channel| channel.trim_start_matches(|c: char| c.is_ascii_digit()));
    path.starts_with(">> ") || path.starts_with("<< ")
}

/// `< 90 00 : Normal processing.`
fn is_scriptor_log(line: &str) -> bool {
    let answer = || line.strip_prefix("< ").and_then(|line| line.split_once(':'));
    line == "> RESET" || answer().is_some_and(|(bytes, _)| bytes == "OK" || is_hex(bytes))
}

fn is_sim_api(line: &str) -> bool {
    let (word, rest) = line.split_at_checked(3).unwrap_or((line, ""));
    let alone = rest.is_empty() && matches!(word, "RST" | "OFF");
    alone || (matches!(word, "CMD" | "INI" | "REM" | "SWI") && rest.starts_with([' ', '\t']))
}

fn is_trace(line: &str) -> bool {
    let word = line.split([' ', '\t']).next().unwrap_or_default();
    matches!(word, ">" | "<" | "sw" | "section" | "title" | "require" | "card" | "destructive")
}

/// A statement up to its `;`, or the first line of one.
fn is_script(line: &str) -> bool {
    let number = line.split_whitespace().next().unwrap_or_default();
    line.starts_with("0x")
        || line.starts_with("0X")
        || ["powerup", "powerdown", "#define "].iter().any(|word| line.starts_with(word))
        || (line.ends_with(';') && number.parse::<u8>().is_ok())
}

/// A line that sends nothing.
fn is_silent(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.starts_with('#') || line.contains("reset") || line.contains("exit")
}

fn is_hex(line: &str) -> bool {
    let digits: Vec<_> = line.chars().filter(|c| !c.is_whitespace()).collect();
    digits.len() >= 2 && digits.iter().all(char::is_ascii_hexdigit)
}

/// Whether each second line can be an answer that a command before it got.
fn is_answered(lines: &[&&str]) -> bool {
    let status = |line: &str| {
        let digits: String = line.chars().filter(char::is_ascii_hexdigit).collect();
        let status = digits.len().checked_sub(4).and_then(|at| digits.get(at..));
        status.is_some_and(|status| status.starts_with(['6', '9']))
    };
    lines.len() >= 2
        && lines.len().is_multiple_of(2)
        && lines.chunks_exact(2).all(|pair| pair[0].len() >= 8 && status(pair[1]))
}
