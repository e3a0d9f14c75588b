use super::*;

#[test]
fn a_panic_is_answered_6f00_until_the_next_reset() {
    let (mut card, probe) = card();
    assert_eq!(card.transmit(&[0, PANIC, 0, 0]), [0x6F, 0x00]);
    probe.entries();
    assert_eq!(card.transmit(&echo(0, &[1], Some(256), false)), [0x6F, 0x00]);
    assert_eq!(card.transmit(&select(0)), [0x6F, 0x00]);
    assert!(probe.entries().is_empty(), "nobody asks it");
    card.reset();
    assert_eq!(card.transmit(&select(0)), b"selected\x90\0");
    assert_eq!(card.transmit(&echo(0, &[1], Some(256), false)), [1, 0x90, 0x00]);
}

#[test]
fn a_panic_in_select_or_deselect_ends_no_card() {
    for panics_in in ["select", "deselect"] {
        let probe = Probe { panics_in: Some(panics_in), ..Probe::default() };
        let mut card = Runtime::new(vec![Box::new(Guest::new(probe))]);
        let answer = card.transmit(&select(0));
        assert_eq!(answer == [0x6F, 0x00], panics_in == "select", "{answer:02x?}");
        assert_eq!(card.transmit(&select(0)), [0x6F, 0x00], "{panics_in}");
        card.power_down();
        assert_eq!(card.transmit(&[0, ECHO, 0, 0]), [0x69, 0x85], "{panics_in}");
    }
}

#[test]
fn a_panic_in_one_guest_leaves_the_others_alone() {
    let (mut card, _) = card();
    card.install(Box::new(other())).unwrap();
    card.transmit(&[0, 0x70, 0, 1]);
    assert_eq!(card.transmit(b"\x01\xA4\x04\x00\x05OTHER"), [0x90, 0x00]);
    assert_eq!(card.transmit(&[0x00, PANIC, 0, 0]), [0x6F, 0x00]);
    assert_eq!(card.transmit(&echo(0x01, &[1], Some(256), false)), [1, 0x90, 0x00]);
}

#[test]
fn malformed_commands_get_a_status_word_and_never_reach_the_guest() {
    let (mut card, probe) = card();
    for (apdu, word) in [
        (&[0, ECHO, 0, 0, 5, 1][..], [0x67, 0x00]),
        (&[0, ECHO, 0, 0, 0, 0, 0, 0], [0x67, 0x00]),
        (&[0, ECHO, 0], [0x67, 0x00]),
        (&[], [0x67, 0x00]),
        (&[0x20, ECHO, 0, 0], [0x6E, 0x00]),
        (&[0xFF, ECHO, 0, 0], [0x6E, 0x00]),
        (&[0x01, ECHO, 0, 0], [0x68, 0x81]),
    ] {
        assert_eq!(card.transmit(apdu), word, "{apdu:02x?}");
    }
    assert!(probe.entries().is_empty());
}

/// Numbers that are the same in each run (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn whatever_is_sent_is_answered_and_the_guest_lives() {
    let mut numbers = Numbers(0x5A1F_0001);
    let (mut card, probe) = card();
    for round in 0..20_000 {
        let length = numbers.next() as usize % 40;
        let mut apdu: Vec<u8> = (0..length).map(|_| numbers.next() as u8).collect();
        if let [cla, ins, _, _, lc, rest @ ..] = &mut apdu[..] {
            *cla &= 0x91;
            *ins = [ECHO, COUNT, SEEN, REFUSE, 0xC0, 0xA4, 0x70][round % 7];
            *lc = rest.len().saturating_sub(round % 3) as u8;
        }
        assert!(card.transmit(&apdu).len() >= 2, "{apdu:02x?}");
    }
    assert!(probe.entries().len() > 1_000, "commands reach the guest");
    card.reset();
    assert_eq!(card.transmit(&select(0)), b"selected\x90\0");
}
