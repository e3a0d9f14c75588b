//! The one writer: a thread that commits together what is queued together.
//!
//! A commit costs a write through to the disk, whatever it holds. So the thread takes all
//! jobs that wait, up to a limit, runs them one after the other in one transaction, commits, and
//! only then answers: whoever has an answer has it for good. A job that fails leaves nothing and
//! does not disturb the others: each has a savepoint, but for those that refuse what they refuse
//! before they change anything. Where one of these fails later, or a disk fails any, the whole
//! batch is taken back.
//!
//! Before each commit, and after it before the answers, a test may end the process.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};

use super::failing;
use crate::metrics::WriterCounts;
use crate::refusal::{Refusal, Result};

/// The most jobs that one commit carries: few enough that whoever waits for the next has something
/// to do meanwhile.
const MAX_BATCH: usize = 32;

/// Jobs that may wait before whoever asks waits too.
const MAX_QUEUE: usize = 1_024;

/// Tells whoever asked, once the commit has succeeded or failed.
type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// Does its work, or hears why it cannot; leaves an answer behind, and
/// whether to keep the work.
type Work = Box<dyn FnOnce(Result<&Connection>) -> (bool, Answer) + Send>;

/// What waits for the writer.
struct Job {
    /// The operation, in the words of a test that stops there.
    what: &'static str,
    work: Work,
    /// Whether it may fail after it has changed something.
    guarded: bool,
}

/// A handle on the writer's thread; dropped, the thread ends after what is queued.
pub struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    counts: Arc<Counts>,
}

/// What the thread has done.
#[derive(Default)]
struct Counts {
    batches: AtomicU64,
    operations: AtomicU64,
    largest: AtomicU64,
    waiting: AtomicU64,
    failed: AtomicU64,
}

impl Writer {
    /// Gives `connection` to a thread of its own.
    ///
    /// # Errors
    /// `unavailable`: the system gives no thread.
    pub fn start(connection: Connection) -> Result<Self> {
        let (queue, jobs) = sync_channel(MAX_QUEUE);
        let counts = Arc::new(Counts::default());
        let thread = Builder::new().name("store writer".into()).spawn({
            let counts = Arc::clone(&counts);
            move || run(connection, jobs, &counts)
        });
        let thread = thread.map_err(|error| {
            Refusal::unavailable(format!("no thread for the store's writer ({error}): try again"))
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread), counts })
    }

    /// What it has done since it was started.
    pub(super) fn counts(&self) -> WriterCounts {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Counts { batches, operations, largest, waiting, failed } = &*self.counts;
        WriterCounts {
            batches: of(batches),
            operations: of(operations),
            largest: of(largest),
            waiting: of(waiting),
            failed: of(failed),
        }
    }

    /// Runs `work`, which is called `what`, as one transaction and waits until it is committed.
    ///
    /// # Errors
    /// What `work` refuses, then nothing is changed; or the commit fails, then neither.
    pub fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.queue(what, true, work)
    }

    /// As [`Writer::write`], for `work` that refuses what it refuses before it changes anything: it
    /// is spared a savepoint. Should it fail later all the same (a disk that is full), everything
    /// that was to be committed with it is taken back, too.
    ///
    /// # Errors
    /// As [`Writer::write`]; `unavailable`: another such operation failed half-way.
    pub fn write_judged<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.queue(what, false, work)
    }

    fn queue<T: Send + 'static>(
        &self,
        what: &'static str,
        guarded: bool,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = sync_channel(1);
        let work: Work = Box::new(|connection| carry_out(connection, work, sender));
        let job = Job { what, work, guarded };
        let gone = || Refusal::internal("the store's writer has ended: start the center again");
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        queue.send(job).map_err(|_| gone())?;
        receiver.recv().map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so; there is nobody left to tell here.
            let _ = thread.join();
        }
    }
}

fn carry_out<T: Send + 'static>(
    connection: Result<&Connection>,
    work: impl FnOnce(&Connection) -> Result<T>,
    sender: SyncSender<Result<T>>,
) -> (bool, Answer) {
    let done = catch_unwind(AssertUnwindSafe(|| connection.and_then(work)))
        .unwrap_or_else(|_| Err(Refusal::internal("an operation broke down; nothing is changed")));
    let keep = done.is_ok();
    let answer: Answer = Box::new(move |committed| {
        // Whoever asked may have gone; what was committed stays committed.
        let _ = sender.send(committed.and(done));
    });
    (keep, answer)
}

fn run(mut connection: Connection, jobs: Receiver<Job>, counts: &Counts) {
    while let Ok(first) = jobs.recv() {
        let batch: Vec<Job> =
            std::iter::once(first).chain(jobs.try_iter()).take(MAX_BATCH).collect();
        let operations = batch.len() as u64;
        counts.waiting.fetch_sub(operations, Ordering::Relaxed);
        counts.operations.fetch_add(operations, Ordering::Relaxed);
        counts.largest.fetch_max(operations, Ordering::Relaxed);
        counts.batches.fetch_add(1, Ordering::Relaxed);
        let committed = commit(&mut connection, batch);
        counts.failed.fetch_add(u64::from(!committed), Ordering::Relaxed);
    }
}

/// Commits a batch and answers; says whether it is committed.
fn commit(connection: &mut Connection, batch: Vec<Job>) -> bool {
    let barriers = Barriers::of(&batch);
    let mut jobs = batch.into_iter();
    let mut answers = Vec::new();
    let committed = run_batch(connection, &mut jobs, &mut answers, &barriers);
    match &committed {
        Ok(()) => barriers.reach("committed, not answered"),
        // The jobs that the transaction did not reach.
        Err(refusal) => answers.extend(jobs.map(|job| (job.work)(Err(refusal.clone())).1)),
    }
    answers.into_iter().for_each(|answer| answer(committed.clone()));
    committed.is_ok()
}

fn run_batch(
    connection: &mut Connection,
    jobs: &mut impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
    barriers: &Barriers,
) -> Result<()> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failing("begin a transaction"))?;
    for job in jobs {
        if job.guarded {
            run_guarded(&transaction, job, answers)?;
        } else {
            run_judged(&transaction, job, answers)?;
        }
    }
    barriers.reach("before its commit");
    transaction.commit().map_err(failing("commit"))
}

/// Runs a job in a savepoint, and takes back what it did if it fails.
fn run_guarded(connection: &Connection, job: Job, answers: &mut Vec<Answer>) -> Result<()> {
    let begun = step(connection, "SAVEPOINT job").map_err(failing("begin a step"));
    let (keep, answer) = (job.work)(begun.as_ref().map(|()| connection).map_err(Clone::clone));
    if !keep && connection.is_autocommit() {
        return Err(taken_back(job.what, answer));
    }
    answers.push(answer);
    begun?;
    if !keep {
        step(connection, "ROLLBACK TO job").map_err(failing("take a step back"))?;
    }
    step(connection, "RELEASE job").map_err(failing("end a step"))
}

/// Runs a job that changes nothing if it fails; where it does, the batch cannot be kept. Nor can it
/// where the failure ended the transaction, as that of a disk does: each step of the next job would
/// be kept by itself.
fn run_judged(connection: &Connection, job: Job, answers: &mut Vec<Answer>) -> Result<()> {
    let before = connection.total_changes();
    let (keep, answer) = (job.work)(Ok(connection));
    if keep || (connection.total_changes() == before && !connection.is_autocommit()) {
        answers.push(answer);
        return Ok(());
    }
    Err(taken_back(job.what, answer))
}

/// Answers a job that failed half-way with its own reason; those beside it hear what is returned.
fn taken_back(what: &'static str, answer: Answer) -> Refusal {
    answer(Ok(()));
    Refusal::unavailable(format!(
        "the operation \"{what}\" failed half-way: what was to be committed with it is taken back, \
         try again"
    ))
}

/// Runs a statement that is the same for each job.
fn step(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// The points of one batch where a test may end the process; none where there is no such test.
struct Barriers(Option<String>);

impl Barriers {
    fn of(batch: &[Job]) -> Self {
        let listening = env::var_os(saifu_barrier::VARIABLE).is_some();
        let what = || batch.iter().map(|job| job.what).collect::<Vec<_>>().join(" + ");
        Self(listening.then(what))
    }

    fn reach(&self, point: &str) {
        if let Some(what) = &self.0 {
            saifu_barrier::reach(&format!("transaction {what}: {point}"));
        }
    }
}

#[cfg(test)]
mod tests;
