//! Traces on a card that may hang: nothing in PC/SC has a deadline.

use super::InReader;
use saifu_trace::run::{
    self, FileResult, Found, RunResult, SectionResult, Settings, Stopped, Watch,
};
use saifu_trace::target::{Outcome, Target};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked whether the card hangs.
const LOOK: Duration = Duration::from_millis(50);

/// Runs traces on the card in a reader. Where it does not answer for so long, the run ends with
/// what there is until then, and the thread that waits for the card is left behind: nobody else
/// can use that reader either, until the card is taken out.
pub fn run_in_reader(
    mut reader: InReader,
    traces: Vec<Found>,
    settings: Settings,
    watch: Box<dyn Watch + Send>,
    deadline: Duration,
) -> RunResult {
    let (clock, target, begun) = (reader.clock(), reader.name(), Instant::now());
    let done = Done::default();
    let mut watch = Keeping { watch, done: done.clone() };
    let (tell, told) = channel();
    thread::spawn(move || {
        // Where nobody listens any more, the run has ended without it.
        let _ = tell.send(run::run(&traces, &settings, &mut reader, &mut watch));
    });
    loop {
        match told.recv_timeout(LOOK) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) if !clock.is_over(deadline) => {}
            Err(RecvTimeoutError::Timeout) => {
                let seconds = deadline.as_secs();
                let why = format!(
                    "the card in {target} has not answered for {seconds} s; take it out, put it \
                     back, and run again"
                );
                return done.broken_off(target, why, begun.elapsed());
            }
            Err(RecvTimeoutError::Disconnected) => {
                return done.broken_off(target, "the run has ended".into(), begun.elapsed());
            }
        }
    }
}

/// What is done so far.
#[derive(Clone, Default)]
struct Done(Arc<Mutex<Parts>>);

/// Whole files, the sections that have ended of the file in hand, and the one that has begun.
#[derive(Default)]
struct Parts {
    files: Vec<FileResult>,
    file: FileResult,
    section: SectionResult,
}

impl Done {
    fn lock(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of a run that broke off: of the file in hand the sections that have ended, and
    /// the one that has begun as one that was not finished.
    fn broken_off(&self, target: String, why: String, took: Duration) -> RunResult {
        let Parts { mut files, mut file, mut section } = std::mem::take(&mut *self.lock());
        section.skipped = Some(format!("broken off: {why}"));
        file.sections.push(section);
        files.push(file);
        RunResult { target, files, stopped: Some(Stopped::Target(why)), took }
    }
}

/// Keeps what is done while it tells somebody else.
struct Keeping {
    watch: Box<dyn Watch + Send>,
    done: Done,
}

impl Watch for Keeping {
    fn file(&mut self, path: &Path, number: usize, of: usize) {
        let mut done = self.done.lock();
        done.file = FileResult { path: path.to_owned(), ..FileResult::default() };
        done.section = SectionResult { line: 1, ..SectionResult::default() };
        drop(done);
        self.watch.file(path, number, of);
    }

    fn section(&mut self, section: &SectionResult) {
        self.done.lock().section = section.clone();
        self.watch.section(section);
    }

    fn section_done(&mut self, section: &SectionResult) {
        self.done.lock().file.sections.push(section.clone());
        self.watch.section_done(section);
    }

    fn exchange(&mut self, command: &[u8], outcome: &Outcome, took: Duration) {
        self.watch.exchange(command, outcome, took);
    }

    fn done(&mut self, file: &FileResult) {
        let mut done = self.done.lock();
        done.file = FileResult::default();
        done.files.push(file.clone());
        drop(done);
        self.watch.done(file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use saifu_trace::run::{Unwatched, Verdict, find};
    use saifu_trace::target::{FreshCard, TargetError};

    /// Answers 9000 for a while, and then never.
    struct Hanging {
        answers: u32,
        hangs: std::sync::mpsc::Sender<()>,
    }

    impl Target for Hanging {
        fn name(&self) -> String {
            "hanging".into()
        }

        fn is_real(&self) -> bool {
            false
        }

        fn capabilities(&self) -> Vec<&'static str> {
            Vec::new()
        }

        fn prepare(&mut self, _: &FreshCard) -> Result<(), TargetError> {
            Ok(())
        }

        fn transmit(&mut self, _: &[u8]) -> Result<(Outcome, Duration), TargetError> {
            if self.answers == 0 {
                self.hangs.send(()).unwrap();
                loop {
                    thread::park();
                }
            }
            self.answers -= 1;
            Ok((Outcome::Answer(vec![0x90, 0x00]), Duration::ZERO))
        }

        fn atr(&mut self) -> Result<Vec<u8>, TargetError> {
            Ok(Vec::new())
        }

        fn reset(&mut self) -> Result<(), TargetError> {
            Ok(())
        }

        fn power_off(&mut self) -> Result<(), TargetError> {
            Ok(())
        }

        fn power_on(&mut self) -> Result<(), TargetError> {
            Ok(())
        }

        fn remove(&mut self) -> Result<(), TargetError> {
            Ok(())
        }

        fn insert(&mut self) -> Result<(), TargetError> {
            Ok(())
        }

        fn fault(&mut self, _: Option<&str>) -> Result<(), TargetError> {
            Ok(())
        }
    }

    #[test]
    fn what_failed_before_a_card_hung_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let text = "section 1\n> 00 CA 00 00\nsw 6A82\nsection 2\n> 00 CA 00 00\nsection 3\n\
                    > 00 CA 00 00\n";
        std::fs::write(folder.path().join("a.apdu"), text).unwrap();
        let traces = find(&[folder.path().to_owned()], None).unwrap();
        let done = Done::default();
        let mut watch = Keeping { watch: Box::new(Unwatched), done: done.clone() };
        let (hangs, hung) = channel();
        thread::spawn(move || {
            let mut target = Hanging { answers: 2, hangs };
            run::run(&traces, &Settings::default(), &mut target, &mut watch)
        });
        hung.recv_timeout(Duration::from_secs(30)).unwrap();
        let result = done.broken_off("hanging".into(), "it hangs".into(), Duration::ZERO);
        let verdicts: Vec<_> = result.files[0].sections.iter().map(|one| one.verdict()).collect();
        assert_eq!(verdicts, [Verdict::Failed, Verdict::Passed, Verdict::Skipped]);
    }
}
