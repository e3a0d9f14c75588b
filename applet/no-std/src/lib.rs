//! The card, linked without the standard library: what a chip's own program would be built around.
//!
//! That it builds is the proof. A dependency of the card that needs std, or has a feature of it
//! switched on, brings std's panic handler beside the one below: E0152.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;
use core::panic::PanicInfo;

use saifu_applet::Card;
use saifu_applet::platform::ram::RamPlatform;
use saifu_wire::applet::Applet;

/// The memory of a card while it works: the longest command and answer several times over, and a
/// manifest at its limits, which takes up to 17 MiB; not that of what [`RamPlatform`] stores.
const HEAP_BYTES: usize = 32 << 20;

#[global_allocator]
static HEAP: emballoc::Allocator<HEAP_BYTES> = emballoc::Allocator::new();

/// Stops, as a chip does that waits for its reset.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Gives a blank card power, self-test included.
pub fn power_up(seed: u8) -> Card<RamPlatform> {
    Card::new(RamPlatform::new(seed))
}

/// Carries an APDU of the basic channel out on a card that has power.
pub fn transmit(card: &mut Card<RamPlatform>, apdu: &[u8], answer: &mut Vec<u8>) {
    card.transmit(0, apdu, answer);
}

// What nobody outside could call is left out of a static library, and with it all of the card.
#[used]
static POWER_UP: fn(u8) -> Card<RamPlatform> = power_up;
#[used]
static TRANSMIT: fn(&mut Card<RamPlatform>, &[u8], &mut Vec<u8>) = transmit;
