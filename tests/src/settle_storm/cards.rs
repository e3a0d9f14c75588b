//! The clients' cards: personalised machines in RAM, made side by side.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use saifu_applet::Card as Applet;
use saifu_host::card::Card;
use saifu_host::transport::InProcess;
use saifu_vsmartcard::platform::RamPlatform;
use saifu_vsmartcard::virtual_card::VirtualCard;

use crate::fixture::TestCard;
use crate::shop::Anything;

/// Makes this many cards, whose ids are sixteen times their number, from 1.
pub(super) fn make(count: u8) -> Result<Vec<RamPlatform>, Anything> {
    let (next, made) = (AtomicU8::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let number @ 1.. = count.saturating_sub(next.fetch_add(1, Ordering::Relaxed)) {
            let mut card = TestCard::blank(number);
            card.select();
            card.personalise();
            made.lock().unwrap_or_else(PoisonError::into_inner).push(card.machine());
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(count.into());
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    match made.len() == usize::from(count) {
        true => Ok(made),
        false => Err("a card could not be made".into()),
    }
}

/// A card of this machine, in this process.
pub(super) fn insert(machine: RamPlatform) -> Card {
    let applet = Applet::with_self_test(machine, || Ok(()));
    Card::new(Box::new(InProcess::new(VirtualCard::of(applet), "a card in RAM")))
}
