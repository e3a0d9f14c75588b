//! Whole files against a card that says what it was told to.

use super::*;
use crate::target::{FreshCard, Outcome, TargetError};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

mod flow;
mod told;

/// Answers in order, one a command; what it was sent is kept.
#[derive(Default)]
struct Script {
    answers: Vec<Outcome>,
    sent: Vec<Vec<u8>>,
    done: Vec<String>,
    is_real: bool,
    breaks: bool,
}

impl Script {
    fn of(answers: &[&str]) -> Self {
        let outcome = |text: &&str| match *text {
            "lost" => Outcome::Lost("nothing came".into()),
            text => Outcome::Answer(hex::decode(text).unwrap()),
        };
        Self { answers: answers.iter().map(outcome).collect(), ..Self::default() }
    }

    fn act(&mut self, what: &str) -> Result<(), TargetError> {
        self.done.push(what.into());
        Ok(())
    }
}

impl Target for Script {
    fn name(&self) -> String {
        "script".into()
    }

    fn is_real(&self) -> bool {
        self.is_real
    }

    fn capabilities(&self) -> Vec<&'static str> {
        if self.is_real { vec![REAL, TIME] } else { vec![EMULATED, FAULTS] }
    }

    fn prepare(&mut self, card: &FreshCard) -> Result<(), TargetError> {
        self.act(&format!("prepare {} {}", card.kind, card.pin))
    }

    fn transmit(&mut self, command: &[u8]) -> Result<(Outcome, Duration), TargetError> {
        if self.breaks {
            return Err(TargetError::Broken("the reader is gone; plug it in".into()));
        }
        let good = Outcome::Answer(vec![0x90, 0x00]);
        let answer = self.answers.get(self.sent.len()).cloned().unwrap_or(good);
        self.sent.push(command.to_vec());
        Ok((answer, Duration::from_micros(10)))
    }

    fn atr(&mut self) -> Result<Vec<u8>, TargetError> {
        Ok(vec![0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0x00, 0x00, 0x40, 0x00])
    }

    fn reset(&mut self) -> Result<(), TargetError> {
        self.act("reset")
    }

    fn power_off(&mut self) -> Result<(), TargetError> {
        self.act("off")
    }

    fn power_on(&mut self) -> Result<(), TargetError> {
        self.act("on")
    }

    fn remove(&mut self) -> Result<(), TargetError> {
        self.act("remove")
    }

    fn insert(&mut self) -> Result<(), TargetError> {
        self.act("insert")
    }

    fn fault(&mut self, fault: Option<&str>) -> Result<(), TargetError> {
        self.act(&format!("fault {}", fault.unwrap_or("none")))
    }
}

/// A folder with traces, gone with the value.
struct Folder(PathBuf);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("trace-{}-{number}", std::process::id()));
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn run(&self, settings: &Settings, script: &mut Script) -> RunResult {
        let traces = find(std::slice::from_ref(&self.0), None).unwrap();
        run(&traces, settings, script, &mut Unwatched)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What came of one trace.
fn ran(text: &str, script: &mut Script) -> FileResult {
    let result = Folder::of(&[("a.apdu", text)]).run(&Settings::default(), script);
    let file = result.files.into_iter().next().unwrap();
    assert_eq!(file.unreadable, None, "{text}");
    file
}

/// The lines that failed, and what was said of them.
fn failures(text: &str, answers: &[&str]) -> Vec<(u32, String)> {
    let file = ran(text, &mut Script::of(answers));
    let failures = file.sections.iter().flat_map(|section| &section.failures);
    failures.map(|failure| (failure.place.line, failure.what.clone())).collect()
}
