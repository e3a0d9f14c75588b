//! Ends the process with all the cards at random times, and starts it again.

use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use super::Storm;
use crate::fixture::Draws;
use crate::shop::Anything;

/// How often it is looked how far the cards are.
const PAUSE: Duration = Duration::from_millis(1);

/// The longest, in microseconds, that the process goes on past a number of insertions, and that
/// it stays away.
const LONGEST_PAUSE: usize = 300_000;

/// Ends it at these numbers of insertions, each some moment after it.
pub(super) fn kill(storm: &Storm, moments: &[u64]) -> Result<(), Anything> {
    let mut draws = Draws::new(&format!("card-storm {} killer", storm.seed));
    for moment in moments {
        while storm.tally.lock().insertions < *moment {
            if nobody_is_left(storm) {
                return Ok(());
            }
            sleep(PAUSE);
        }
        let mut pause = || Duration::from_micros(draws.below(LONGEST_PAUSE) as u64);
        sleep(pause());
        storm.rack.kill(pause())?;
        storm.tally.lock().killed_cards += 1;
    }
    Ok(())
}

/// Whether all have come to their end, or something is broken.
fn nobody_is_left(storm: &Storm) -> bool {
    storm.broken.load(Ordering::Relaxed) || storm.at_work.load(Ordering::Relaxed) == 0
}
