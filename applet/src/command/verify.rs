//! VERIFY (§6.6): the PIN, at the price of a try.

use saifu_wire::Status;
use saifu_wire::request::is_pin;

use super::Context;
use crate::memory::records::SpendingRecord;
use crate::memory::{Change, Key, PinAnswer, Store};
use crate::platform::Platform;
use crate::refusal::Refusal;

pub(super) fn act<P: Platform>(pin: &[u8], context: &mut Context<'_, P>) -> Result<(), Refusal> {
    let tries = context.store.pin_tries();
    match pin {
        [] if tries == 0 => Err(Status::PinBlocked.into()),
        [] if context.session.is_verified() => Ok(()),
        [] => Err(Refusal::TriesLeft(tries)),
        pin => {
            compare(pin, context)?;
            forget_spending(context.store)?;
            context.session.authorise();
            Ok(())
        }
    }
}

/// Compares a PIN with the card's; whatever comes of it, the session is not verified now.
pub(super) fn compare<P: Platform>(
    pin: &[u8],
    context: &mut Context<'_, P>,
) -> Result<(), Refusal> {
    if context.store.pin_tries() == 0 {
        context.session.forget_pin();
        return Err(Status::PinBlocked.into());
    }
    if !is_pin(pin) {
        return Err(Status::WrongData.into());
    }
    context.session.forget_pin();
    match context.store.verify_pin(pin)? {
        PinAnswer::Right => Ok(()),
        PinAnswer::Wrong(tries) => Err(Refusal::TriesLeft(tries)),
        PinAnswer::Blocked => Err(Status::PinBlocked.into()),
    }
}

/// What was paid without a VERIFY counts since the last one (§4.4).
fn forget_spending<P: Platform>(store: &mut Store<P>) -> Result<(), Refusal> {
    let spent: Option<SpendingRecord> = store.get(&Key::Spending)?;
    if spent.is_none_or(|spent| spent == SpendingRecord::default()) {
        return Ok(());
    }
    let mut change = Change::new();
    change.put(Key::Spending, &SpendingRecord::default());
    Ok(store.commit(change)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::records::SpendingRecord;
    use crate::platform::ram::{Cut, Leaves};
    use crate::test_kit::{PIN, TestCard};
    use alloc::vec;
    use saifu_wire::ins::Ins;

    const RIGHT: Result<alloc::vec::Vec<u8>, u16> = Ok(vec![]);

    #[test]
    fn pi1_wrong_pins_count_down_to_blocked_for_good() {
        let mut card = TestCard::in_use(1);
        assert_eq!(card.verify(b"1235"), Err(0x63C2));
        assert_eq!(card.verify(b"12345"), Err(0x63C1));
        assert_eq!(card.verify(b"0000"), Err(0x63C0));
        assert_eq!(card.verify(PIN), Err(0x6983));
        assert_eq!(card.verify(&[]), Err(0x6983));
        assert_eq!(card.verify(b"x"), Err(0x6983));
        let mut card = card.power_cycle();
        assert_eq!(card.verify(PIN), Err(0x6983));
    }

    #[test]
    fn a_right_pin_gives_all_tries_back() {
        let mut card = TestCard::in_use(1);
        assert_eq!(card.verify(b"1235"), Err(0x63C2));
        assert_eq!(card.verify(PIN), RIGHT);
        assert_eq!(card.verify(b"1235"), Err(0x63C2));
    }

    #[test]
    fn pi3_a_query_or_what_is_no_pin_costs_no_try() {
        let mut card = TestCard::in_use(1);
        assert_eq!(card.verify(&[]), Err(0x63C3));
        for bad in [&b"1"[..], b"123", b"12a4", b"1234567890123", &[b'1'; 255], &[0xFF; 300]] {
            assert_eq!(card.refused(Ins::Verify, 0x00, 0x81, bad), 0x6A80);
        }
        assert_eq!(card.verify(&[]), Err(0x63C3));
        assert_eq!(card.verify(PIN), RIGHT);
        assert_eq!(card.verify(&[]), RIGHT);
    }

    #[test]
    fn a_wrong_pin_ends_the_verification_and_one_that_is_none_does_not() {
        let mut card = TestCard::in_use(1);
        card.verify(PIN).unwrap();
        assert_eq!(card.verify(b"12"), Err(0x6A80));
        assert_eq!(card.verify(&[]), RIGHT);
        assert_eq!(card.verify(b"1235"), Err(0x63C2));
        assert_eq!(card.verify(&[]), Err(0x63C2));
    }

    #[test]
    fn pi2_a_cut_never_gives_a_try_back() {
        let cuts = [Leaves::Nothing, Leaves::Erased, Leaves::Beginning(60), Leaves::Everything];
        for leaves in cuts {
            for (pin, writes) in [(&b"9999"[..], 1), (PIN, 2)] {
                for at_write in 1..=writes {
                    let mut card = TestCard::in_use(1);
                    let cut = Cut { at_write, leaves, keeps_unsynced: true };
                    card.card.platform_mut().cut_power(cut);
                    assert_eq!(card.verify(pin), Err(0x6581), "{leaves:?} at write {at_write}");
                    let mut card = card.power_cycle();
                    let Err(query) = card.verify(&[]) else { panic!("verified by a cut") };
                    // The first write spends the try, the second gives it back.
                    let spent = at_write == 2 || leaves == Leaves::Everything;
                    let back = at_write == 2 && leaves == Leaves::Everything;
                    assert_eq!(query, if spent && !back { 0x63C2 } else { 0x63C3 });
                }
            }
        }
    }

    #[test]
    fn a_try_that_cannot_be_stored_compares_nothing() {
        let mut card = TestCard::in_use(1);
        let error = crate::platform::MemoryFailed::Error;
        card.card.platform_mut().refuse_writes(1, error);
        assert_eq!(card.verify(PIN), Err(0x6581));
        assert_eq!(card.verify(&[]), Err(0x6581));
        card.card.platform_mut().accept_writes();
        let mut card = card.power_cycle();
        assert_eq!(card.verify(&[]), Err(0x63C3));
    }

    #[test]
    fn a_right_pin_begins_the_sum_without_pin_anew() {
        let mut store = Store::recover(TestCard::in_use(1).card.into_platform());
        let mut change = Change::new();
        change.put(Key::Spending, &SpendingRecord { without_pin: 70 });
        store.commit(change).unwrap();
        let mut card = TestCard::with_power(store.into_platform());
        let spent = |card: &TestCard| {
            card.card.store().get::<SpendingRecord>(&Key::Spending).unwrap().unwrap().without_pin
        };
        assert_eq!(card.verify(b"0000"), Err(0x63C2));
        assert_eq!(spent(&card), 70);
        card.verify(PIN).unwrap();
        assert_eq!(spent(&card), 0);
    }
}
