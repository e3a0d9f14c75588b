//! Ends the center at random times, and starts it again.

use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use super::Storm;
use crate::fixture::Draws;
use crate::shop::Anything;

/// How often it is looked how far the sales are.
const PAUSE: Duration = Duration::from_millis(1);

/// The longest, in microseconds, that the center goes on past a number of sales, and that it
/// stays away.
const LONGEST_PAUSE: usize = 20_000;

/// The part of the sales, in percent, during which the center is ended.
const UNTIL_PERCENT: u64 = 95;

/// Ends the center as often as the storm's size says; each at a number of sales, and some
/// moment after it.
pub(super) fn kill(storm: &Storm) -> Result<(), Anything> {
    let mut draws = Draws::new(&format!("storm {} killer", storm.seed));
    let until = (storm.size.sales * UNTIL_PERCENT / 100).max(1);
    let mut moments: Vec<_> =
        (0..storm.size.kills).map(|_| draws.below(until as usize) as u64).collect();
    moments.sort_unstable();
    for moment in moments {
        while storm.settled.load(Ordering::Relaxed) < moment {
            if storm.is_broken() {
                return Ok(());
            }
            sleep(PAUSE);
        }
        let mut pause = || sleep(Duration::from_micros(draws.below(LONGEST_PAUSE) as u64));
        pause();
        storm.server.kill()?;
        pause();
        storm.server.start_again()?;
    }
    Ok(())
}
