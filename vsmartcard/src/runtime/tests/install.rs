use super::*;
use crate::runtime::install::{InstallError, MAX_APPLETS};

fn named(aid: &[u8], log: &Log) -> Box<dyn Applet + Send> {
    Box::new(Named { aid: aid.to_vec(), log: log.clone() })
}

#[test]
fn an_applet_is_installed_on_a_living_card_and_powered_up_with_it() {
    let (mut card, log) = card();
    card.transmit(&select(b"AAAA1", 0, 0));
    entries(&log);
    card.install(named(b"AAAA3", &log)).unwrap();
    assert_eq!(entries(&log), ["AAAA3 power"]);
    card.transmit(&[0, 0xCA, 0, 0]);
    assert_eq!(entries(&log), ["AAAA1 apdu 0 ca"], "what is selected stays so");
    assert_eq!(card.transmit(&select(b"AAAA", 0, 0x01)), b"AAAA3\x90\0");
    card.power_down();
    entries(&log);
    card.install(named(b"CCCCC", &log)).unwrap();
    assert!(entries(&log).is_empty(), "no power");
}

#[test]
fn an_applet_without_a_proper_name_or_with_a_taken_one_is_not_installed() {
    let (mut card, log) = card();
    assert_eq!(card.install(named(b"FOUR", &log)), Err(InstallError::Aid(4)));
    assert_eq!(card.install(named(&[1; 17], &log)), Err(InstallError::Aid(17)));
    let taken = card.install(named(b"BBBBB", &log)).unwrap_err();
    assert_eq!(taken.to_string(), "an applet with the AID 4242424242 is there: uninstall it first");
    card.install(named(&[1; 5], &log)).unwrap();
    card.install(named(&[1; 16], &log)).unwrap();
}

#[test]
fn a_card_takes_so_many_applets_and_no_more() {
    let (mut card, log) = card();
    for number in 3..MAX_APPLETS {
        card.install(named(&[b"NEXT"[..].to_vec(), vec![number as u8]].concat(), &log)).unwrap();
    }
    assert_eq!(card.install(named(b"CCCCC", &log)), Err(InstallError::Full));
    assert!(card.uninstall(b"AAAA1").is_ok());
    card.install(named(b"CCCCC", &log)).unwrap();
}

#[test]
fn an_applet_that_is_uninstalled_is_left_on_each_channel_once_and_gone() {
    let (mut card, log) = card();
    card.transmit(&[0, 0x70, 0, 1]);
    card.transmit(&select(b"AAAA2", 0, 0));
    card.transmit(&select(b"AAAA2", 0x01, 0));
    entries(&log);
    let gone = card.uninstall(b"AAAA2").unwrap();
    assert_eq!(gone.aid(), b"AAAA2");
    assert_eq!(entries(&log), ["AAAA2 leave 0", "AAAA2 leave 1", "AAAA2 reset"]);
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x69, 0x85], "nothing is selected");
    assert_eq!(card.transmit(&select(b"AAAA2", 0, 0)), [0x6A, 0x82]);
    card.install(gone).unwrap();
    assert_eq!(card.transmit(&select(b"AAAA2", 0, 0)), b"AAAA2\x90\0");
}

#[test]
fn other_sessions_go_on_when_an_applet_is_uninstalled() {
    let (mut card, log) = card();
    card.transmit(&[0, 0x70, 0, 1]);
    card.transmit(&select(b"AAAA1", 0, 0));
    card.transmit(&select(b"BBBBB", 0x01, 0));
    entries(&log);
    drop(card.uninstall(b"AAAA2").unwrap());
    card.transmit(&[0x00, 0xCA, 0, 0]);
    card.transmit(&[0x01, 0xCA, 0, 0]);
    assert_eq!(entries(&log), ["AAAA2 reset", "AAAA1 apdu 0 ca", "BBBBB apdu 1 ca"]);
}

#[test]
fn what_is_not_there_is_neither_uninstalled_nor_made_the_default() {
    let (mut card, _) = card();
    let absent = Err(InstallError::Absent(b"AAAA".to_vec()));
    assert_eq!(card.uninstall(b"AAAA").map(drop), absent, "a part of a name is none");
    assert_eq!(card.set_default(Some(b"AAAA")), absent);
    assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 0]), [0x67, 0x00], "no default");
}

#[test]
fn the_default_applet_is_selected_by_power_reset_opening_and_a_select_without_a_name() {
    let (mut card, log) = card();
    card.set_default(Some(b"BBBBB")).unwrap();
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x69, 0x85], "from the next reset on");
    card.reset();
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x90, 0x00]);
    card.power_down();
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x90, 0x00]);
    card.transmit(&[0, 0x70, 0, 5]);
    entries(&log);
    assert_eq!(card.transmit(&[0x41, 0xCA, 0, 0]), [0x90, 0x00]);
    card.transmit(&select(b"AAAA1", 0, 0));
    assert_eq!(card.transmit(&[0, 0xA4, 4, 0x02, 0]), [0x6A, 0x82], "there is one default only");
    assert_eq!(card.transmit(&[0, 0xA4, 4, 0x04, 0]), [0x6A, 0x86]);
    assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 0]), b"BBBBB\x90\0");
    card.transmit(&[0x41, 0x70, 0, 6]);
    assert_eq!(card.transmit(&[0x42, 0xCA, 0, 0]), [0x69, 0x85], "opened from another channel");
}

#[test]
fn a_default_applet_that_is_uninstalled_or_unset_is_none() {
    let (mut card, _) = card();
    card.set_default(Some(b"BBBBB")).unwrap();
    drop(card.uninstall(b"BBBBB").unwrap());
    card.reset();
    assert_eq!(card.transmit(&[0, 0xA4, 4, 0, 0]), [0x67, 0x00]);
    card.set_default(Some(b"AAAA1")).unwrap();
    card.set_default(None).unwrap();
    card.reset();
    assert_eq!(card.transmit(&[0, 0xCA, 0, 0]), [0x69, 0x85]);
}

#[test]
fn a_default_applet_that_refuses_a_second_channel_leaves_it_open_with_nothing_selected() {
    let (mut card, log) = card();
    card.install(named(SINGLE, &log)).unwrap();
    card.set_default(Some(SINGLE)).unwrap();
    card.reset();
    assert_eq!(card.transmit(&[0, 0x70, 0, 0, 1]), [1, 0x90, 0x00]);
    assert_eq!(card.transmit(&[0x01, 0xCA, 0, 0]), [0x69, 0x85]);
    assert_eq!(card.transmit(&[0x00, 0xCA, 0, 0]), [0x90, 0x00]);
}
