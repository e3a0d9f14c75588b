//! Guests and the Saifu applet side by side, each on a logical channel of its own.

use saifu_vsmartcard::VirtualCard;

use crate::desk::card;
use crate::hostile::{OPENPGP, PIV, SAIFU};

const OK: [u8; 2] = [0x90, 0x00];
const OPENPGP_PIN: &[u8] = b"\x00\x20\x00\x81\x06123456";
const PIV_PIN: &[u8] = b"\x00\x20\x00\x80\x08123456\xFF\xFF";
const SAIFU_PIN: &[u8] = b"\x00\x20\x00\x81\x041234";

/// Sends a command on a channel from 0 to 3; gives its status word.
fn on(card: &mut VirtualCard, channel: u8, apdu: &[u8]) -> [u8; 2] {
    let apdu = [&[apdu[0] | channel], &apdu[1..]].concat();
    *card.transmit(&apdu).last_chunk().unwrap()
}

fn select(card: &mut VirtualCard, channel: u8, aid: &str) -> [u8; 2] {
    let name = hex::decode(aid).unwrap();
    on(card, channel, &[&[0x00, 0xA4, 0x04, 0x00, name.len() as u8], &name[..], &[0x00]].concat())
}

/// Whether the PIN of the applet that is selected on a channel was verified: VERIFY without data.
fn is_verified(card: &mut VirtualCard, channel: u8, verify: &[u8]) -> bool {
    on(card, channel, &verify[..4]) == OK
}

/// The applets on channels 0, 1 and 2, their PINs verified.
fn verified() -> VirtualCard {
    let mut card = card();
    for channel in [1, 2] {
        assert_eq!(on(&mut card, 0, &[0x00, 0x70, 0x00, channel]), OK);
    }
    let applets = [(SAIFU, SAIFU_PIN), (OPENPGP, OPENPGP_PIN), (PIV, PIV_PIN)];
    for (channel, (aid, verify)) in (0..).zip(applets) {
        assert_eq!(select(&mut card, channel, aid), OK, "{aid}");
        assert_eq!(on(&mut card, channel, verify), OK, "{aid}");
    }
    card
}

#[test]
fn three_applets_keep_their_sessions_on_three_channels_until_each_is_left() {
    let mut card = verified();
    for (channel, verify) in [(0, SAIFU_PIN), (1, OPENPGP_PIN), (2, PIV_PIN)] {
        assert!(is_verified(&mut card, channel, verify), "channel {channel}");
    }
    on(&mut card, 0, &[0x00, 0x70, 0x80, 1]);
    on(&mut card, 0, &[0x00, 0x70, 0x00, 1]);
    assert_eq!(select(&mut card, 1, OPENPGP), OK);
    assert!(!is_verified(&mut card, 1, OPENPGP_PIN), "the channel was closed");
    assert!(is_verified(&mut card, 0, SAIFU_PIN) && is_verified(&mut card, 2, PIV_PIN));
}

#[test]
fn a_guest_that_is_in_use_is_refused_elsewhere_and_stays_in_use() {
    let mut card = verified();
    assert_eq!(select(&mut card, 0, OPENPGP), [0x69, 0x85]);
    assert_eq!(select(&mut card, 1, PIV), [0x69, 0x85]);
    for (channel, verify) in [(0, SAIFU_PIN), (1, OPENPGP_PIN), (2, PIV_PIN)] {
        assert!(is_verified(&mut card, channel, verify), "channel {channel}");
    }
}

#[test]
fn a_reset_and_a_removal_end_what_was_verified() {
    let mut card = verified();
    card.reset();
    for (aid, verify) in [(SAIFU, SAIFU_PIN), (OPENPGP, OPENPGP_PIN), (PIV, PIV_PIN)] {
        assert_eq!(select(&mut card, 0, aid), OK, "{aid}");
        assert!(!is_verified(&mut card, 0, verify), "{aid}");
    }
    assert_eq!(on(&mut card, 0, PIV_PIN), OK);
    let piv = hex::decode("A000000308000010000100").unwrap();
    assert!(is_verified(&mut card, 0, PIV_PIN));
    let removed = card.runtime().uninstall(&piv).unwrap();
    assert_eq!(select(&mut card, 0, PIV), [0x6A, 0x82]);
    card.runtime().install(removed).unwrap();
    assert_eq!(select(&mut card, 0, PIV), OK);
    assert!(!is_verified(&mut card, 0, PIV_PIN));
}
