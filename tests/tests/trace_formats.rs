//! A scriptor file says the same to a card whoever reads it: Debian's `scriptor` in a private
//! pcscd, or a trace that was made of it. What `scriptor` and `opensc-tool` print is a trace that
//! a card of the same seed passes.
//!
//! Needs Linux, root or user namespaces, and what `scripts/setup test` installs.

#![cfg(target_os = "linux")]

use saifu_host::trace_targets::{Cards, InProcess};
use saifu_trace::convert::{Format, Loss, read, write};
use saifu_trace::run::{self, Settings, Verdict, Watch};
use saifu_trace::syntax::Source;
use saifu_trace::target::{FreshCard, Outcome};
use saifu_vsmartcard::VirtualCard;
use saifu_vsmartcard::faults::Faults;
use saifu_vsmartcard::harness::{CardThread, PrivatePcscd};
use saifu_vsmartcard::platform::Torn;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// As its users write them: whole, in pairs, over two lines, with a reset; right, wrong, long,
/// extended, and with all that a refused command changes.
const SCRIPT: &str = "\
# A card from its beginning to its reset
00CADF0100
00A4040007F053414946550100
00 CA DF 02 00
00 CA 7F 21 00
00 C0 00 00 00
00 CA 7F 21 00 00 00
00 20 00 81 04 39 39 39 39
00 20 00 81
00 20 00 81 \\
04 31 32 33 34
00 20 00 81
00 84 00 00 20
00 FF 00 00
80 38 00 00 01 00
00 70 00 00 01
01 CA DF 01 00

reset
00 CA DF 01 00
00A4040005F05341494600
00A4040007F053414946550100
";
const READER_WITHIN: Duration = Duration::from_secs(10);

fn convert(from: Format, to: Format, name: &str, text: &str) -> String {
    let source = Arc::new(Source { path: name.into(), text: text.to_owned() });
    let converted = read(from, &source, Loss::Refuse);
    let written = converted.and_then(|trace| write(to, &trace, Loss::Refuse));
    written.unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// What a program does with a card like that of a trace, in a reader of a pcscd of its own.
fn at_a_reader(program: impl FnOnce(&PrivatePcscd) -> Output) -> Output {
    let wish = FreshCard { kind: "test".into(), seed: None, pin: "1234".into() };
    let machine = Cards::default().fresh(&wish).unwrap();
    let card = VirtualCard::on(Torn::new(machine, Faults::default()));
    let pcscd = PrivatePcscd::start().unwrap_or_else(|error| panic!("{error}"));
    let _card = CardThread::start(card, pcscd.vpcd_port()).unwrap();
    assert!(pcscd.wait_for_cards(1, READER_WITHIN), "{}", pcscd.log());
    let output = program(&pcscd);
    assert!(output.status.success(), "{output:?}");
    output
}

/// What real scriptor prints.
fn scriptor(folder: &TempDir, script: &str) -> String {
    let file = folder.path().join("talk.scriptor");
    std::fs::write(&file, script).unwrap();
    let output = at_a_reader(|pcscd| {
        let mut client = pcscd.client("scriptor");
        client.args(["-r", &pcscd.reader(0), "-p", "T=1"]).arg(&file);
        client.output().expect("scriptor, which scripts/setup test installs")
    });
    String::from_utf8(output.stdout).unwrap()
}

#[derive(Default)]
struct Answers(Vec<Vec<u8>>);

impl Watch for Answers {
    fn exchange(&mut self, _command: &[u8], outcome: &Outcome, _took: Duration) {
        self.0.push(match outcome {
            Outcome::Answer(answer) => answer.clone(),
            Outcome::Lost(_) => Vec::new(),
        });
    }
}

/// Whether a trace passes here, and the answers it gets.
fn run_here(path: &Path, trace: &str) -> (Verdict, Vec<Vec<u8>>) {
    std::fs::write(path, trace).unwrap();
    let mut answers = Answers::default();
    let found = run::find(&[path.to_owned()], None).unwrap();
    let result = run::run(&found, &Settings::default(), &mut InProcess::default(), &mut answers);
    assert!(result.stopped.is_none(), "{result:?}");
    (result.files[0].verdict(), answers.0)
}

/// The answers that scriptor shows: what stands between `<` and the words behind `:`.
fn shown(said: &str) -> Vec<Vec<u8>> {
    let answers = said.split("\n< ").skip(1).filter(|answer| !answer.starts_with("OK"));
    let hex = |answer: &str| {
        let (bytes, _) = answer.split_once(':').unwrap();
        hex::decode(bytes.split_whitespace().collect::<String>()).unwrap()
    };
    answers.map(hex).collect()
}

#[test]
fn a_scriptor_file_gets_the_same_answers_from_scriptor_and_from_its_trace() {
    let folder = tempfile::tempdir().unwrap();
    let trace = convert(Format::Scriptor, Format::Trace, "a.scriptor", SCRIPT);
    let exported = convert(Format::Trace, Format::Scriptor, "a.apdu", &trace);
    let said = scriptor(&folder, &exported);
    let (verdict, here) = run_here(&folder.path().join("a.apdu"), &trace);
    assert_eq!(verdict, Verdict::Passed);
    assert_eq!(here.len(), trace.lines().filter(|line| line.starts_with('>')).count());
    assert_eq!(here, shown(&said), "{said}");
    assert!(here.iter().any(|answer| answer.len() > 256), "an answer in extended form");
    // What it printed is a trace, too: with all these answers expected.
    let log = convert(Format::ScriptorLog, Format::Trace, "said.log", &said);
    let path = folder.path().join("said.apdu");
    assert_eq!(run_here(&path, &log), (Verdict::Passed, here));
    let changed = log.replacen("\n< 63C2\n", "\n< 63C1\n", 1);
    assert_ne!(changed, log);
    assert_eq!(run_here(&path, &changed).0, Verdict::Failed);
}

#[test]
fn what_opensc_tool_prints_and_logs_runs_green_as_a_trace() {
    let talk = ["00A4040007F053414946550100", "00CADF0200", "00200081", "00FF0000"];
    let output = at_a_reader(|pcscd| {
        let mut client = pcscd.client("opensc-tool");
        client.args(["--reader", "0", "-c", "default"]).env("OPENSC_DEBUG", "9");
        client.args(talk.iter().flat_map(|command| ["-s", command]));
        client.output().expect("opensc-tool, which scripts/setup test installs")
    });
    let folder = tempfile::tempdir().unwrap();
    for (format, said) in
        [(Format::OpenscTool, output.stdout), (Format::OpenscDebug, output.stderr)]
    {
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(Format::detect(Path::new("-"), &said), Some(format), "{said}");
        let trace = convert(format, Format::Trace, "-", &said);
        let (verdict, answers) = run_here(&folder.path().join("a.apdu"), &trace);
        assert_eq!(verdict, Verdict::Passed, "{trace}");
        assert!(answers.len() >= talk.len(), "{trace}");
    }
}
