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

/// What is done so far, and the file in hand.
#[derive(Clone, Default)]
struct Done(Arc<Mutex<(Vec<FileResult>, FileResult)>>);

impl Done {
    fn lock(&self) -> MutexGuard<'_, (Vec<FileResult>, FileResult)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of a run that broke off; of the file in hand, the sections that have begun.
    fn broken_off(&self, target: String, why: String, took: Duration) -> RunResult {
        let (mut files, mut file) = std::mem::take(&mut *self.lock());
        if let Some(section) = file.sections.last_mut() {
            section.skipped = Some(format!("broken off: {why}"));
        }
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
        self.done.lock().1 = FileResult { path: path.to_owned(), ..FileResult::default() };
        self.watch.file(path, number, of);
    }

    fn section(&mut self, section: &SectionResult) {
        self.done.lock().1.sections.push(section.clone());
        self.watch.section(section);
    }

    fn exchange(&mut self, command: &[u8], outcome: &Outcome, took: Duration) {
        self.watch.exchange(command, outcome, took);
    }

    fn done(&mut self, file: &FileResult) {
        let mut done = self.done.lock();
        done.1 = FileResult::default();
        done.0.push(file.clone());
        drop(done);
        self.watch.done(file);
    }
}
