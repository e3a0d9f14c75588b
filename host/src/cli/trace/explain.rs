//! `saifu trace explain`: bytes to words.

use super::input;
use crate::cli::{ExitCode, Failure, Report};
use saifu_trace::explain::text::{Line, explain};
use saifu_trace::explain::{Told, anything};
use serde_json::{Value, json};
use std::path::Path;

/// What is explained.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Bytes in hexadecimal, or the file of a trace, a script, a log or a recording; `-` is
    /// standard input [default: -]
    #[arg(value_name = "HEX|FILE")]
    pub(in crate::cli) what: Vec<String>,
}

pub(super) fn run(asked: &Args) -> Result<Report, Failure> {
    let path = match asked.what.as_slice() {
        [] => Path::new("-"),
        [one] if one == "-" || Path::new(one).exists() => Path::new(one),
        all => return Ok(bytes(&hexadecimal(all)?)),
    };
    Ok(lines(&explain(path, &input::text(path)?)))
}

fn hexadecimal(words: &[String]) -> Result<Vec<u8>, Failure> {
    let joined = words.concat();
    let digits: String = joined.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    hex::decode(digits.strip_prefix("0x").unwrap_or(&digits)).map_err(|wrong| {
        let what = format!("`{}` is no file, and no bytes either: {wrong}", words.join(" "));
        let next = "give pairs of hexadecimal digits, the path of a file, or - for standard input";
        Failure::new(ExitCode::Failed, what, next)
    })
}

fn bytes(bytes: &[u8]) -> Report {
    let told = anything(bytes);
    Report::new(format!("{told}\n"), object(&told))
}

/// Each line, and what it says below it and four spaces in.
fn lines(lines: &[Line]) -> Report {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.text);
        text.push('\n');
        for told in &line.told {
            told.to_string().lines().for_each(|line| text.push_str(&format!("    {line}\n")));
        }
    }
    let objects: Vec<_> = lines.iter().map(line_object).collect();
    Report::new(text, json!({ "lines": objects }))
}

fn line_object(line: &Line) -> Value {
    let told: Vec<_> = line.told.iter().map(object).collect();
    json!({ "number": line.number, "text": line.text, "told": told })
}

fn object(told: &Told) -> Value {
    let parts: Vec<_> = told.parts.iter().map(object).collect();
    json!({ "name": told.name, "value": told.value, "parts": parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_in_one_word_or_in_many() {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let expected = vec![0x00, 0xA4, 0x04, 0x00];
        for given in
            [&["00A40400"][..], &["00", "a4", "04", "00"], &["00:a4:04:00"], &["0x00A40400"]]
        {
            assert_eq!(hexadecimal(&words(given)).unwrap(), expected);
        }
        let failure = hexadecimal(&words(&["00A4040"])).unwrap_err();
        assert!(failure.what.contains("00A4040"), "{}", failure.what);
        assert!(run(&Args { what: words(&["no-such-file.apdu"]) }).is_err());
    }

    #[test]
    fn each_line_of_a_file_is_followed_by_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.apdu");
        std::fs::write(&path, "> 00 A4 04 00\nsw 6A82\n").unwrap();
        let asked = Args { what: vec![path.to_str().unwrap().to_owned()] };
        let report = run(&asked).unwrap();
        let shown = format!("{report:?}");
        assert!(shown.contains("SELECT") && shown.contains("no application"), "{shown}");
    }
}
