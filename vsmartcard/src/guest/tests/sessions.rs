use super::*;

#[test]
fn a_guest_is_found_by_a_part_of_its_name_and_told_the_whole() {
    let (mut card, _) = card();
    assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 2, 0xF0, b'P', 0]), b"selected\x90\0");
    assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 2, 0xF0, b'Q', 0]), [0x6A, 0x82]);
}

#[test]
fn a_select_that_asks_for_no_data_leaves_none_behind() {
    let (mut card, _) = card();
    let with_le = select(0);
    let mut no_data = with_le.clone();
    no_data[3] = 0x0C;
    let without_le = &with_le[..with_le.len() - 1];
    assert_eq!(card.transmit(&no_data), [0x90, 0x00]);
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), [0x6D, 0x00]);
    assert_eq!(card.transmit(without_le), b"selected\x90\0");
    let short = [without_le, &[3]].concat();
    assert_eq!(card.transmit(&short), b"sel\x61\x05");
    assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), b"ected\x90\0");
}

#[test]
fn every_end_of_a_session_is_told_once() {
    type End = fn(&mut Runtime);
    let ends: [(&str, End); 5] = [
        ("reset", |card| card.reset()),
        ("power down", |card| card.power_down()),
        ("power up", |card| card.power_up()),
        ("another applet", |card| {
            card.install(Box::new(other())).unwrap();
            card.transmit(b"\x00\xA4\x04\x00\x05OTHER");
        }),
        ("uninstalled", |card| drop(card.uninstall(&AID).unwrap())),
    ];
    for (name, end) in ends {
        let (mut card, probe) = card();
        end(&mut card);
        assert_eq!(probe.entries(), ["deselect"], "{name}");
        card.power_down();
        assert!(probe.entries().is_empty(), "{name}");
    }
}

#[test]
fn a_guest_selected_again_begins_a_new_session() {
    let (mut card, probe) = card();
    card.transmit(&select(0));
    assert_eq!(probe.entries(), ["deselect", "select"]);
}

#[test]
fn a_guest_is_selected_on_one_channel_at_a_time() {
    let (mut card, probe) = card();
    card.transmit(&[0, 0x70, 0, 1]);
    assert_eq!(card.transmit(&select(1)), [0x69, 0x85]);
    assert!(probe.entries().is_empty());
    assert_eq!(card.transmit(&echo(0, &[1], Some(256), false)), [1, 0x90, 0x00], "goes on");
    card.reset();
    card.transmit(&[0, 0x70, 0, 2]);
    assert_eq!(card.transmit(&select(2)), b"selected\x90\0");
    assert_eq!(card.transmit(&select(0)), [0x69, 0x85]);
    card.transmit(&[0, 0x70, 0x80, 2]);
    assert_eq!(card.transmit(&select(0)), b"selected\x90\0", "once that channel is closed");
}

#[test]
fn a_guest_sees_the_class_bytes_of_the_basic_channel() {
    for (channel, cla, seen) in [
        (1, 0x01, 0x00),
        (3, 0x83, 0x80),
        (3, 0x0F, 0x0C),
        (4, 0x40, 0x00),
        (19, 0x4F, 0x00),
        (19, 0xCF, 0x80),
        (5, 0x61, 0x08),
    ] {
        let (mut card, _) = card();
        card.reset();
        card.transmit(&[0, 0x70, 0, channel]);
        let select_cla = if channel < 4 { channel } else { 0x40 | (channel - 4) };
        assert_eq!(card.transmit(&select(select_cla)), b"selected\x90\0", "channel {channel}");
        let answer = card.transmit(&[cla, SEEN, 0, 0, 0]);
        assert_eq!(answer, [seen, 0, 0x90, 0x00], "class {cla:02X}");
    }
}

#[test]
fn a_status_word_of_the_guest_passes_without_data() {
    let (mut card, _) = card();
    for word in [0x6285, 0x63C2, 0x6982, 0x6C10, 0x6F00, 0x6107, 0x1234] {
        assert_eq!(card.transmit(&refuse(word)), u16::to_be_bytes(word));
        assert_eq!(card.transmit(&[0, 0xC0, 0, 0, 0]), [0x6D, 0x00], "its own GET RESPONSE");
    }
}

/// A card with a probe that is made anew, and how often that was done.
fn made() -> (Runtime, Arc<Mutex<usize>>) {
    let made = Arc::<Mutex<usize>>::default();
    let counted = made.clone();
    let guest = Guest::made_by(move || {
        *counted.lock().unwrap() += 1;
        Probe::default()
    });
    (Runtime::new(vec![Box::new(guest)]), made)
}

#[test]
fn a_guest_is_made_anew_after_each_reset_and_loss_of_power_that_follow_its_use() {
    let (mut card, made) = made();
    card.power_up();
    card.reset();
    assert_eq!(*made.lock().unwrap(), 1, "nobody used it");
    for (count, end) in [Runtime::reset, Runtime::power_down, Runtime::power_up].iter().enumerate()
    {
        assert_eq!(card.transmit(&select(0)), b"selected\x90\0");
        end(&mut card);
        assert_eq!(*made.lock().unwrap(), count + 2);
    }
    card.transmit(&select(0));
    card.transmit(&select(0));
    assert_eq!(*made.lock().unwrap(), 4, "selected again is no reset");
}

#[test]
fn a_guest_that_panicked_is_another_after_the_reset() {
    let (mut card, made) = made();
    card.transmit(&select(0));
    assert_eq!(card.transmit(&[0, PANIC, 0, 0]), [0x6F, 0x00]);
    card.reset();
    assert_eq!(*made.lock().unwrap(), 2);
    assert_eq!(card.transmit(&select(0)), b"selected\x90\0");
}

#[test]
fn a_guest_that_cannot_be_made_again_is_answered_for_until_it_can() {
    let mut left = [true, false, true].into_iter();
    let guest = Guest::made_by(move || {
        assert!(left.next().unwrap(), "a panic that a test asked for");
        Probe::default()
    });
    let mut card = Runtime::new(vec![Box::new(guest)]);
    assert_eq!(card.transmit(&select(0)), b"selected\x90\0");
    card.reset();
    assert_eq!(card.transmit(&select(0)), [0x6F, 0x00]);
    card.reset();
    assert_eq!(card.transmit(&select(0)), b"selected\x90\0");
}
