//! Holds annex A of `LANGUAGE.md` equal to the names that are known. `SAIFU_BLESS=1` writes it
//! anew.

use saifu_trace::commands;
use std::fs;
use std::path::PathBuf;

const FROM: &str = "\n| name | header | Le | from |\n";
const TO: &str = "\n## Annex B";

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "LANGUAGE.md"].iter().collect()
}

fn annex_a() -> String {
    let mut annex = format!("{FROM}|---|---|---|---|\n");
    for command in commands::all() {
        let [cla, ins, p1, p2] = command.header();
        let le = command.le.map(|le| le.to_string()).unwrap_or_default();
        let row = format!(
            "| `{}` | `{cla:02X} {ins:02X} {p1:02X} {p2:02X}` | {le} | {} |\n",
            command.name, command.origin
        );
        annex.push_str(&row);
    }
    annex
}

#[test]
fn annex_a_is_the_table_of_the_names_of_commands() {
    let language = fs::read_to_string(path()).expect("LANGUAGE.md");
    let end = language.find(TO).expect("annex B");
    let start = language.find(FROM).unwrap_or(end);
    if std::env::var_os("SAIFU_BLESS").is_some() {
        let blessed = format!("{}{}{}", &language[..start], annex_a(), &language[end..]);
        fs::write(path(), blessed).expect("LANGUAGE.md can be written");
    } else {
        assert_eq!(&language[start..end], annex_a(), "run this test with SAIFU_BLESS=1");
    }
}
