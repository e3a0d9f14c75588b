//! How fast something goes on the benchmark's threads.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// The threads that ask, whatever is asked for.
pub(crate) const THREADS: usize = 64;

/// Does something with each of a list on [`THREADS`] threads; the results in any order.
pub(crate) fn on_threads<T: Send, R: Send>(list: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(list.into_iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some(item) = next() {
            done.push(work(item));
        }
        done
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        let results = threads.into_iter().map(|thread| thread.join().expect("a worker's results"));
        results.flatten().collect()
    })
}

/// How fast something goes.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    /// How many are done in a second.
    pub(crate) per_second: f64,
    /// The microseconds of processor time that one takes, on all threads together.
    pub(crate) processor: f64,
}

/// How fast all of a list are done.
pub(crate) fn rate<T: Send>(list: Vec<T>, work: impl Fn(T) + Sync) -> Rate {
    let (count, begun, processor) = (list.len() as f64, Instant::now(), processor_time());
    on_threads(list, work);
    let processor = (processor_time() - processor) / count;
    Rate { per_second: count / begun.elapsed().as_secs_f64(), processor }
}

/// The microseconds that this process has run so far.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// The middle one of some numbers.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
