//! The lists against what the code has.

use std::fs;
use std::path::Path;

use saifu_wire::Status;
use saifu_wire::answer::DataObject;
use saifu_wire::ins::Ins;

use super::*;

fn spec() -> Spec {
    Spec::read(SPEC)
}

#[test]
fn the_commands_are_those_of_the_applet_and_the_runtimes_own() {
    let of = |ins: &Ins| Command { section: ins.section().into(), cla: ins.cla(), ins: ins.code() };
    let mut expected: BTreeSet<_> = Ins::ALL.iter().map(of).collect();
    // MANAGE CHANNEL is the runtime's.
    expected.insert(Command { section: "6.1".into(), cla: 0x00, ins: 0x70 });
    assert_eq!(spec().commands, expected);
}

#[test]
fn the_status_words_are_those_that_a_card_may_answer() {
    let mut expected: BTreeSet<_> =
        Status::ALL.iter().map(|status| format!("{:04X}", *status as u16)).collect();
    expected.extend(["61xx".into(), "63Cx".into()]);
    assert_eq!(spec().statuses, expected);
}

#[test]
fn every_status_word_is_named_by_a_section() {
    let Spec { statuses, pairs, .. } = spec();
    let named: BTreeSet<_> = pairs.iter().map(|pair| pair.status.clone()).collect();
    assert_eq!(named, statuses);
}

#[test]
fn the_tags_are_those_that_the_code_reads_and_writes() {
    let mut expected: BTreeSet<u16> =
        DataObject::ALL.iter().map(|object| 0xDF00 | *object as u16).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in ["applet/wire/src", "applet/src"] {
        collect_tags(&root.join(folder), &mut expected);
    }
    assert_eq!(spec().tags, expected);
}

/// The tags in every call of `saifu_wire::tlv`, below a folder; tests left out.
fn collect_tags(folder: &Path, tags: &mut BTreeSet<u16>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_tags(&path, tags);
        } else if !path.ends_with("tlv.rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let calls = code.match_indices("tlv::").map(|(at, start)| &code[at + start.len()..]);
            tags.extend(calls.filter_map(|call| tag_of(call, code)));
        }
    }
}

/// The tag of a call that begins here: the first argument of `object`, else the second.
fn tag_of(call: &str, code: &str) -> Option<u16> {
    let (name, arguments) = call.split_once('(')?;
    let place = match name {
        "object" => 0,
        "put" | "expect" | "only" => 1,
        _ => return None,
    };
    let argument = match arguments.strip_prefix("tlv::") {
        // One call in another, whose argument is the last.
        Some(inner) => inner.split_once(")?,").unwrap().1.split(')').next(),
        None => arguments.split([',', ')']).nth(place),
    };
    let argument = argument.unwrap().trim();
    let literal = match argument.strip_prefix("0x") {
        Some(_) => argument,
        None => constant(argument, code),
    };
    let digits = literal.trim_start_matches("0x");
    Some(u16::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("no tag: {argument}")))
}

/// What a constant of the same file is.
fn constant<'c>(name: &str, code: &'c str) -> &'c str {
    let value = code.split_once(&format!("const {name}: u16 = "));
    let (_, after) = value.unwrap_or_else(|| panic!("{name} is no constant of its file"));
    after.split(';').next().unwrap()
}

#[test]
fn a_section_names_its_own_status_words_and_those_it_takes_over() {
    let pairs = spec().pairs;
    let pair = |section: &str, status: &str| {
        pairs.contains(&Pair { section: section.into(), status: status.into() })
    };
    assert!(pair("6.1", "6285") && pair("6.1", "9000") && !pair("6.1", "6983"));
    assert!(pair("6.6", "63Cx") && pair("5.3", "61xx"));
    assert!(pair("6.26", "6A84"), "as DEBIT");
    assert!(!pairs.iter().any(|pair| pair.section.starts_with("16") || pair.section == "5.4"));
}

#[test]
fn values_of_p1_and_p2_are_read_with_those_that_follow() {
    let parameters = spec().parameters;
    let of = |section: &str, at| -> Vec<u8> {
        let here = parameters.iter().filter(|one| one.section == section && one.at == at);
        here.map(|one| one.value).collect()
    };
    assert_eq!(of("6.24", 2), [0, 1]);
    assert_eq!(of("6.21", 2), [0, 1, 2]);
    assert_eq!(of("6.34", 2), [0, 1]);
    assert_eq!(of("14.4", 3), [1, 2]);
    assert_eq!(of("14.6", 2), [0, 0x80]);
    assert_eq!(of("6.20", 2), [0; 0], "its P1 is always 00");
}

#[test]
fn a_text_that_names_more_has_more() {
    let more = format!("{SPEC}\n");
    let more = more.replacen(
        "### 6.2 GET RESPONSE\n",
        "### 6.2 GET RESPONSE\n\n`00 77 00 00`, `7F77 { 77 it }`. 6A89.\n",
        1,
    );
    let (spec, more) = (spec(), Spec::read(&more));
    assert_eq!(more.commands.len(), spec.commands.len() + 1);
    assert_eq!(more.tags.difference(&spec.tags).collect::<Vec<_>>(), [&0x77, &0x7F77]);
    assert_eq!(more.pairs.len(), spec.pairs.len() + 1);
}
