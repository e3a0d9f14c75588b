//! GET DATA of our applet, in the process.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use saifu_vsmartcard::VirtualCard;
use saifu_vsmartcard::virtual_card::select;

use super::Anything;
use super::rounds::{GET_STATUS, median};

const CALLS: u32 = 5_000;
const BATCHES: usize = 201;

/// Gives the median of what one call takes, over batches of calls to the card in `folder`.
pub(crate) fn get_data(folder: &Path) -> Result<Duration, Anything> {
    let mut card = VirtualCard::open(folder)?;
    for apdu in [&select()[..], &GET_STATUS] {
        let answer = card.transmit(apdu);
        if !answer.ends_with(&[0x90, 0x00]) {
            return Err(format!("our card answers {answer:02X?} to {apdu:02X?}").into());
        }
    }
    let batch = |_| {
        let began = Instant::now();
        (0..CALLS).for_each(|_| drop(black_box(card.transmit(black_box(&GET_STATUS)))));
        began.elapsed()
    };
    // Nanoseconds are too coarse for one call.
    Ok(median((0..BATCHES).map(batch).collect()) / CALLS)
}
