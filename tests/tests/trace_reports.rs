//! Reports of traces, read back by a parser that nobody here wrote.

use saifu_host::trace_targets::InProcess;
use saifu_trace::report;
use saifu_trace::run::{self, RunResult, Settings, Unwatched};
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

/// Tells of a report in JUnit XML what CI systems take from it.
const READER: &str = "
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
assert root.tag == 'testsuites', root.tag
for suite in root:
    print(suite.get('name'), suite.get('tests'), suite.get('failures'), suite.get('errors'),
          suite.get('skipped'), sep='|')
    assert len(suite) == int(suite.get('tests'))
    for case in suite:
        told = [(child.tag, child.get('message'), child.text) for child in case]
        print(ascii(case.get('name')), case.get('line'), ascii(told), sep='|')
";

/// A run in which everything happens, with names that XML takes for its own.
fn a_run() -> RunResult {
    let folder = tempfile::tempdir().unwrap();
    let texts = [
        (
            "a&b.apdu",
            "section 1 \"<a> & \\\"b\\\"\"\n> SELECT 00\nnote \"]]>\"\nsection 2 \"b\"\n\
                      skip unless real\nsection 3 \"c\"\n> SELECT F0534149465501\n",
        ),
        ("b.apdu", "> 00 <x>\n"),
    ];
    for (name, text) in texts {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let traces = run::find(&[folder.path().to_owned()], None).unwrap();
    run::run(&traces, &Settings::default(), &mut InProcess::default(), &mut Unwatched)
}

fn read_by_python(xml: &str) -> String {
    let mut python = Command::new("python3");
    python.args(["-c", READER]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().expect("python3 is there: run scripts/setup test");
    python.stdin.take().unwrap().write_all(xml.as_bytes()).unwrap();
    let read = python.wait_with_output().unwrap();
    assert!(read.status.success(), "it is no XML:\n{xml}");
    String::from_utf8(read.stdout).unwrap()
}

#[test]
fn junit_is_xml_that_says_what_the_run_came_to() {
    let told = read_by_python(&report::junit(&a_run()));
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 6, "{told}");
    assert!(lines[0].ends_with("a&b.apdu|3|1|0|1"), "{told}");
    assert!(lines[1].starts_with("'1 <a> & \"b\"'|1|[('failure', 'the status word is 6A82"));
    assert!(lines[1].contains("a&b.apdu:2:1: the status word is 6A82"), "{told}");
    assert_eq!(lines[2], "'2 b'|4|[('skipped', 'in process is not real', None)]");
    assert_eq!(lines[3], "'3 c'|6|[]");
    assert!(lines[4].ends_with("b.apdu|1|0|1|0"), "{told}");
    assert!(lines[5].contains("('error', ") && lines[5].contains("00 <x>"), "{told}");
}
