use saifu_wire::CenterId;
use saifu_wire::ins::Ins;

use crate::platform::ram::{Cut, Leaves};
use crate::test_kit::content::{listed, named};
use crate::test_kit::sale::{plaintext, work};
use crate::test_kit::{PIN, TestCard, TestCenter};

const CENTER: TestCenter = TestCenter { id: CenterId([0xC1; 16]) };

/// A card with work 1 in both forms.
fn stored() -> TestCard {
    let mut card = CENTER.customer(1, 1_000);
    card.load_licence(&CENTER.issue(CENTER.licence(card.id(), 1))).unwrap();
    card.buy(&CENTER, 1).unwrap();
    card.store_all(&CENTER, 1, &work(1, 1_000));
    card.keep_all(&CENTER, 1, &work(1, 1_000));
    card
}

#[test]
fn one_form_goes_with_its_room_and_the_other_and_the_licence_stay() {
    let mut card = stored();
    let state = card.licence_state(&CENTER, 1);
    card.delete_content(&CENTER, 1, false).unwrap();
    assert_eq!(card.contents(&CENTER), [listed(CENTER.id, true, true)]);
    assert_eq!(card.segments().len(), 4);
    card.delete_content(&CENTER, 1, true).unwrap();
    assert_eq!((card.segments().len(), card.content_memory().used_bytes), (0, 0));
    assert_eq!(card.licence_state(&CENTER, 1), state);
    card.keep_all(&CENTER, 1, &work(1, 1_000));
}

#[test]
fn what_is_not_stored_or_without_pin_is_refused() {
    let mut card = stored().power_cycle();
    assert_eq!(card.refused(Ins::DeleteContent, 0, 0, &named(&CENTER, 1)), 0x6982);
    card.verify(PIN).unwrap();
    for number in [0, 2] {
        assert_eq!(card.refused(Ins::DeleteContent, 0, 0, &named(&CENTER, number)), 0x6A88);
    }
    card.delete_content(&CENTER, 1, false).unwrap();
    assert_eq!(card.refused(Ins::DeleteContent, 0, 0, &named(&CENTER, 1)), 0x6A88);
}

#[test]
fn a_cut_at_any_write_leaves_the_work_whole_or_gone() {
    let platform = stored().card.into_platform();
    for leaves in [Leaves::Nothing, Leaves::Beginning(2), Leaves::Everything] {
        for at_write in 1.. {
            let mut card = TestCard::with_power(platform.clone());
            card.verify(PIN).unwrap();
            card.card.platform_mut().cut_power(Cut { at_write, leaves, keeps_unsynced: true });
            let deleted = card.send(Ins::DeleteContent, 0, 0, &named(&CENTER, 1)).is_ok();
            let failed = !card.card.store().platform().has_power();
            let mut card = card.power_cycle();
            match card.open_stored(&CENTER, 1) {
                Ok(_) => {
                    assert!(!deleted);
                    assert_eq!(card.read_content(0, 4).unwrap(), plaintext(&work(1, 1_000)));
                }
                Err(word) => assert_eq!((word, card.segments().len()), (0x6A88, 4)),
            }
            if !failed {
                break;
            }
        }
    }
}
