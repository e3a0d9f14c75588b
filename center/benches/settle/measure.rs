//! How fast something goes on the benchmark's threads.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

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

/// How many of a list are done in a second.
pub(crate) fn rate<T: Send>(list: Vec<T>, work: impl Fn(T) + Sync) -> f64 {
    let (count, begun) = (list.len(), Instant::now());
    on_threads(list, work);
    count as f64 / begun.elapsed().as_secs_f64()
}

/// The middle one of some numbers.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
