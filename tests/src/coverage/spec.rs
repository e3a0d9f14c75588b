//! Lists read out of `apdu-spec.md`.

use std::collections::BTreeSet;

use super::text::{Section, is_hex, sections};

/// The specification.
pub const SPEC: &str = include_str!("../../../apdu-spec.md");

/// A command, and the section that describes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Command {
    /// Such as `6.1`.
    pub section: String,
    /// Its class byte, on the basic channel.
    pub cla: u8,
    /// Its instruction byte.
    pub ins: u8,
}

/// A value of P1 or P2 that a command's section names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameter {
    /// The section.
    pub section: String,
    /// 2 for P1, 3 for P2: its place in the header.
    pub at: usize,
    /// The value.
    pub value: u8,
}

/// A status word that a section names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The section.
    pub section: String,
    /// As the table of §5.4 writes it: `6985`, `61xx`, `63Cx`.
    pub status: String,
}

/// Everything that the specification names and a card can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Its commands (§6, §14).
    pub commands: BTreeSet<Command>,
    /// Values of P1 and P2 that the sections of commands name.
    pub parameters: BTreeSet<Parameter>,
    /// The table of §5.4.
    pub statuses: BTreeSet<String>,
    /// Tags of data objects, wherever they are named.
    pub tags: BTreeSet<u16>,
    /// Which section names which status word, from §2 to §15; §5.4 names all, and is left out.
    pub pairs: BTreeSet<Pair>,
}

impl Spec {
    /// Reads a specification.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let sections: Vec<_> = sections(text).into_iter().filter(is_about_cards).collect();
        let commands: BTreeSet<_> = sections.iter().flat_map(commands_of).collect();
        let statuses = sections.iter().filter(|section| section.number == "5.4");
        Self {
            parameters: sections.iter().flat_map(parameters_of).collect(),
            statuses: statuses.flat_map(table_of_statuses).collect(),
            tags: sections.iter().flat_map(tags_of).collect(),
            pairs: pairs_of(&sections, &commands),
            commands,
        }
    }
}

/// Sections 2 to 15: 1 is an overview, 16 is between terminal and center.
fn is_about_cards(section: &Section) -> bool {
    let chapter = section.number.split('.').next().and_then(|number| number.parse::<u8>().ok());
    chapter.is_some_and(|chapter| (2..=15).contains(&chapter))
}

fn describes_commands(section: &Section) -> bool {
    section.number.starts_with("6.") || section.number.starts_with("14.")
}

/// Headers: CLA, INS and what stands for P1 and P2.
fn headers_of(section: &Section) -> impl Iterator<Item = [&str; 4]> {
    let spans = section.spans().filter(|_| describes_commands(section));
    spans.filter_map(|(_, span)| header(span))
}

fn header(span: &str) -> Option<[&str; 4]> {
    let words: Vec<&str> = span.split(' ').collect();
    let [cla, ins, p1, p2] = words[..] else { return None };
    let stands = |word: &str| is_hex(word, 2) || ["P1", "P2", "nn", "kvn"].contains(&word);
    let all = is_hex(cla, 2) && is_hex(ins, 2) && stands(p1) && stands(p2);
    all.then_some([cla, ins, p1, p2])
}

fn commands_of(section: &Section) -> Vec<Command> {
    let byte = |text: &str| u8::from_str_radix(text, 16).unwrap_or_default();
    let command = |[cla, ins, ..]: [&str; 4]| Command {
        section: section.number.clone(),
        cla: byte(cla),
        ins: byte(ins),
    };
    headers_of(section).map(command).collect()
}

/// Where the header leaves P1 or P2 open: `` P1 `00` ``, and what follows in the same sentence: `` P1 `00` the one, `01` the other ``.
fn parameters_of(section: &Section) -> Vec<Parameter> {
    let is_open = |at: usize, name| headers_of(section).any(|header| header[at] == name);
    let open = [is_open(2, "P1"), is_open(3, "P2")];
    let mut found = Vec::new();
    let mut at = None;
    for (before, span) in section.spans() {
        if before.ends_with("P1 ") {
            at = open[0].then_some(2);
        } else if before.ends_with("P2 ") {
            at = open[1].then_some(3);
        } else if before.contains(['.', ';', '|']) {
            at = None;
        }
        if let (Some(at), true, Ok(value)) = (at, is_hex(span, 2), u8::from_str_radix(span, 16)) {
            found.push(Parameter { section: section.number.clone(), at, value });
        }
    }
    found
}

/// The first cells of the rows.
fn table_of_statuses(section: &Section) -> Vec<String> {
    let rows = section.text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).map(Into::into).collect()
}

/// The status word that a word is, as the table of §5.4 writes it.
fn status(word: &str) -> Option<String> {
    match word {
        "61xx" | "63Cx" => Some(word.into()),
        _ if is_hex(word, 4) => class_of(u16::from_str_radix(word, 16).ok()?),
        _ => None,
    }
}

/// How the table of §5.4 writes a status word, if it is one of a card's.
#[must_use]
pub fn class_of(word: u16) -> Option<String> {
    match word {
        0x6100..=0x61FF => Some("61xx".into()),
        0x63C0..=0x63CF => Some("63Cx".into()),
        word if saifu_wire::Status::is_documented(word) => Some(format!("{word:04X}")),
        _ => None,
    }
}

fn pairs_of(sections: &[Section], commands: &BTreeSet<Command>) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for section in sections.iter().filter(|section| section.number != "5.4") {
        let mut statuses: BTreeSet<String> = section.words().filter_map(status).collect();
        if commands.iter().any(|command| command.section == section.number) {
            statuses.insert("9000".into());
        }
        if let Some(other) = taken_from(section, sections) {
            statuses.extend(other.words().filter_map(status));
        }
        let section = &section.number;
        pairs.extend(statuses.into_iter().map(|status| Pair { section: section.clone(), status }));
    }
    pairs
}

/// The section whose status words another takes over: "Status words as DEBIT".
fn taken_from<'s>(section: &Section, sections: &'s [Section]) -> Option<&'s Section> {
    let (_, after) = section.text.split_once("Status words as ")?;
    let name: String =
        after.chars().take_while(|letter| letter.is_ascii_uppercase() || *letter == ' ').collect();
    let number = saifu_wire::ins::Ins::ALL.iter().find(|ins| ins.name() == name.trim())?.section();
    sections.iter().find(|section| section.number == number)
}

/// Tags: named in braces, as `` `7F49 { 06 OID  86 point } ``; or two bytes that begin as those of
/// two bytes do, alone between back quotes.
fn tags_of(section: &Section) -> Vec<u16> {
    let mut tags = Vec::new();
    let spans = section.spans().map(|(_, span)| span);
    for code in section.blocks().chain(spans) {
        if is_hex(code, 4) && is_long_tag(code) {
            tags.extend(u16::from_str_radix(code, 16));
        } else if code.contains('{') || code.contains("\n  7F4E") {
            tags.extend(named_in(code));
        }
    }
    tags
}

/// Bits 5 to 1 of the first byte are ones (ISO/IEC 8825-1).
fn is_long_tag(text: &str) -> bool {
    ["5F", "7F", "DF"].iter().any(|first| text.starts_with(first))
}

/// Hexadecimal words, but for a value that follows a colon in its line.
fn named_in(code: &str) -> Vec<u16> {
    let mut tags = Vec::new();
    for line in code.lines() {
        let mut is_value = false;
        for word in line.split_whitespace() {
            let is_tag = is_hex(word, 2) || (is_hex(word, 4) && is_long_tag(word));
            if is_tag && !is_value {
                tags.extend(u16::from_str_radix(word, 16));
            }
            is_value = word.ends_with(':') || (is_value && is_tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests;
