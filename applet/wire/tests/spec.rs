//! Holds `apdu-spec.md` and this crate equal: tables, sections, and the worked layouts of
//! annex A. `SAIFU_BLESS=1` writes annex A anew.

#[path = "spec/samples.rs"]
mod samples;

use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::signed::EventKind;
use saifu_wire::status::Status;
use saifu_wire::value::Kind;
use std::fmt::Write as _;
use std::path::PathBuf;

fn spec_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../apdu-spec.md")
}

fn spec() -> String {
    std::fs::read_to_string(spec_path()).expect("apdu-spec.md stands at the top")
}

/// The text from the heading that begins with `heading` to the next of the same level.
fn section<'a>(spec: &'a str, heading: &str) -> &'a str {
    let level = heading.split(' ').next().unwrap_or_default();
    let start = spec.find(&format!("\n{heading}")).expect(heading);
    let text = &spec[start + 1..];
    let end = text[1..].find(&format!("\n{level} ")).map_or(text.len(), |end| end + 2);
    &text[..end]
}

/// The first two cells of a section's table rows whose first cell is in backquotes.
fn rows(section: &str) -> Vec<(String, String)> {
    let row = |line: &str| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let key = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        Some((key.to_owned(), cells.get(2)?.to_string()))
    };
    section.lines().filter_map(row).collect()
}

#[test]
fn the_status_words_of_the_specification_are_those_of_the_code() {
    let table = rows(section(&spec(), "### 5.4 "));
    let coded = Status::ALL.iter().map(|s| (format!("{:04X}", *s as u16), s.meaning().to_owned()));
    let exact: Vec<_> = table.iter().filter(|(word, _)| !word.contains('x')).cloned().collect();
    assert_eq!(exact, coded.collect::<Vec<_>>());
    let families: Vec<_> = table.iter().filter(|(word, _)| word.contains('x')).collect();
    assert_eq!(families.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["61xx", "63Cx"]);
}

#[test]
fn every_instruction_has_its_section_class_and_code() {
    let spec = spec();
    for ins in Ins::ALL {
        let level = "###";
        let text = if ins.section() == "14.2" {
            section(&spec, "### 14.2 ").to_owned()
        } else {
            let heading = format!("{level} {} {}", ins.section(), ins.name());
            section(&spec, &heading).to_owned()
        };
        let code = format!("`{:02X} {:02X} ", ins.cla(), ins.code());
        assert!(text.contains(&code), "{} says nowhere {code}", ins.name());
    }
}

#[test]
fn every_command_section_of_the_specification_is_in_the_code() {
    let spec = spec();
    let sections: Vec<_> = spec.lines().filter_map(|line| line.strip_prefix("### 6.")).collect();
    let coded = Ins::ALL.iter().filter(|ins| ins.section().starts_with("6.")).count();
    assert_eq!(sections.len(), coded);
}

#[test]
fn the_roles_of_the_specification_are_those_of_the_code() {
    let table: Vec<_> = rows(section(&spec(), "### 7.2 ")).into_iter().map(|row| row.0).collect();
    let coded: Vec<_> = Role::ALL.iter().map(|role| format!("{:02X}", *role as u8)).collect();
    assert_eq!(table, coded);
}

#[test]
fn the_specification_counts_as_many_kinds_and_events_as_the_code() {
    let spec = spec();
    let kinds = section(&spec, "### 4.1 ").lines().filter(|line| {
        line.strip_prefix("| ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    assert_eq!(kinds.count(), Kind::ALL.len());
    let last = format!("{} refunded", EventKind::Refunded as u8);
    assert!(section(&spec, "### 9.1 ").contains(&last));
}

#[test]
fn the_worked_layouts_of_annex_a_are_what_the_code_writes() {
    let spec = spec();
    let start = spec.find("\n## Annex A").expect("annex A") + 1;
    let end = spec.find("\n## Annex B").map_or(spec.len(), |end| end + 1);
    if std::env::var_os("SAIFU_BLESS").is_some() {
        let blessed = format!("{}{}{}", &spec[..start], annex_a(), &spec[end..]);
        std::fs::write(spec_path(), blessed).expect("apdu-spec.md can be written");
    } else {
        assert_eq!(&spec[start..end], annex_a(), "run this test with SAIFU_BLESS=1");
    }
}

fn annex_a() -> String {
    let mut out = String::from(samples::INTRODUCTION);
    for (index, sample) in samples::all().into_iter().enumerate() {
        let _ =
            writeln!(out, "### A.{} {} (§{})\n\n```text", index + 1, sample.name, sample.section);
        for (field, bytes) in &sample.fields {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            write_field(&mut out, field, &digits);
        }
        let total: usize = sample.fields.iter().map(|(_, bytes)| bytes.len()).sum();
        let _ = writeln!(out, "```\n\n{total} bytes.\n");
    }
    out
}

/// One field: its name, then its digits in lines of 32 bytes.
fn write_field(out: &mut String, field: &str, digits: &str) {
    let lines: Vec<_> = digits.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    for (index, line) in lines.iter().enumerate() {
        let name = if index == 0 { field } else { "" };
        let _ = writeln!(out, "{name:<18}{line}");
    }
    if lines.is_empty() {
        let _ = writeln!(out, "{field}");
    }
}
