//! CHANGE REFERENCE DATA (§6.7): a new PIN for the old one.

use saifu_wire::Status;
use saifu_wire::request::is_pin;

use super::{Context, verify};
use crate::memory::records::PinRecord;
use crate::memory::{Change, Key};
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(
    old: &[u8],
    new: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    // A blocked card says so first; what is no PIN costs no try.
    if context.store.pin_tries() > 0 && !is_pin(new) {
        return Err(Status::WrongData.into());
    }
    verify::compare(old, context)?;
    let mut change = Change::new();
    change.put(Key::Pin, &PinRecord::new(new).ok_or(Status::WrongData)?);
    Ok(context.store.commit(change)?)
}

#[cfg(test)]
mod tests {
    use crate::test_kit::{PIN, TestCard};
    use alloc::vec;
    use saifu_wire::ins::Ins;
    use saifu_wire::request::change_pin_data;

    fn change(card: &mut TestCard, old: &[u8], new: &[u8]) -> Result<alloc::vec::Vec<u8>, u16> {
        card.send(Ins::ChangeReferenceData, 0x00, 0x81, &change_pin_data(old, new))
    }

    #[test]
    fn the_new_pin_is_right_and_the_old_one_wrong() {
        let mut card = TestCard::in_use(1);
        card.verify(PIN).unwrap();
        assert_eq!(change(&mut card, PIN, b"567890"), Ok(vec![]));
        assert_eq!(card.verify(&[]), Err(0x63C3), "no longer verified");
        assert_eq!(card.verify(PIN), Err(0x63C2));
        assert_eq!(card.power_cycle().verify(b"567890"), Ok(vec![]));
    }

    #[test]
    fn a_new_pin_ends_the_verification_on_every_channel_and_a_refused_one_on_its_own() {
        let mut card = TestCard::in_use(1);
        card.select_on(1);
        card.verify_on(1, PIN).unwrap();
        assert_eq!(change(&mut card, b"0000", b"567890"), Err(0x63C2));
        assert_eq!(card.verify_on(1, &[]), Ok(vec![]));
        change(&mut card, PIN, b"567890").unwrap();
        assert_eq!(card.verify_on(1, &[]), Err(0x63C3));
    }

    #[test]
    fn a_wrong_old_pin_costs_a_try_and_changes_nothing() {
        let mut card = TestCard::in_use(1);
        card.verify(PIN).unwrap();
        assert_eq!(change(&mut card, b"0000", b"5678"), Err(0x63C2));
        assert_eq!(card.verify(&[]), Err(0x63C2));
        assert_eq!(change(&mut card, b"0000", b"5678"), Err(0x63C1));
        assert_eq!(change(&mut card, b"0000", b"5678"), Err(0x63C0));
        assert_eq!(change(&mut card, PIN, b"5678"), Err(0x6983));
        assert_eq!(change(&mut card, PIN, b"x"), Err(0x6983));
    }

    #[test]
    fn what_is_no_pin_costs_no_try() {
        let mut card = TestCard::in_use(1);
        for (old, new) in
            [(PIN, &b"123"[..]), (PIN, b"12345678901234"), (b"12", b"5678"), (PIN, b"")]
        {
            let data = change_pin_data(old, new);
            assert_eq!(card.refused(Ins::ChangeReferenceData, 0x00, 0x81, &data), 0x6A80);
        }
        assert_eq!(card.refused(Ins::ChangeReferenceData, 0x00, 0x81, &[9, b'1']), 0x6A80);
        assert_eq!(card.verify(&[]), Err(0x63C3));
        assert_eq!(card.verify(PIN), Ok(vec![]));
    }
}
