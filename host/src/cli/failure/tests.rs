use super::*;
use crate::card::CardRefusal;
use crate::center::Damaged;
use crate::sale::{Choice, Entry, Intent, Plan};
use crate::testing::world;
use crate::transport::TransportError;
use saifu_wire::signed::PaymentOrder;

/// A sale as it is once these lines are written.
fn record(entries: &[Entry]) -> Record {
    let intent = Intent {
        format: 1,
        center: world::CENTER.to_string(),
        card: world::CARD.to_string(),
        account: world::ACCOUNT.to_string(),
        work: world::work(),
        output: "/tmp/bought.png".into(),
        plan: Plan::Open,
        purse: None,
        again: None,
    };
    let mut record = Record::new(intent);
    entries.iter().for_each(|entry| record.apply(entry.clone()).unwrap());
    record
}

fn lines() -> Vec<Entry> {
    let unit = "JPY".to_owned();
    let choice = Choice { price_index: 0, purse: 1, amount: 300, unit, balance_before: 1_000 };
    vec![
        Entry::Licensed { order: world::order(&world::licence(|_| {})) },
        Entry::Approved { payment: Some(choice) },
        Entry::Loaded,
        Entry::Debited { token: Some(vec![1].into()), balance_after: Some(700) },
    ]
}

fn code(error: impl Into<SaleError>, written: usize) -> ExitCode {
    Failure::of_sale(error.into(), &record(&lines()[..written])).code
}

fn broken() -> CardError {
    TransportError::Broken { name: "reader".into(), reason: "cut".into() }.into()
}

fn refused(command: Ins, status: u16) -> CardError {
    CardError::Refused(CardRefusal { command, status })
}

#[test]
fn each_error_has_its_code() {
    for (error, expected) in [
        (CardError::WrongPin { tries_left: 2 }, ExitCode::CardRefused),
        (CardError::PinBlocked, ExitCode::PinBlocked),
        (broken(), ExitCode::NoCard),
        (refused(Ins::LoadLicence, 0x6A80), ExitCode::CardRefused),
        (refused(Ins::Decrypt, 0x6A80), ExitCode::Damaged),
        (refused(Ins::Decrypt, 0x6985), ExitCode::CardRefused),
        (refused(Ins::StoreContent, 0x6A84), ExitCode::CardRefused),
    ] {
        assert_eq!(Failure::from(error.clone()).code, expected, "{error}");
    }
    let changed = || Untrusted::PriceChanged { offered: "1".into(), signed: "2".into() };
    assert_eq!(Failure::from(changed()).code, ExitCode::NotAuthentic);
    let swapped = Untrusted::Other { what: "the delivery", field: "licence" };
    assert_eq!(Failure::from(swapped).code, ExitCode::Damaged);
    assert_eq!(
        Failure::from(CenterError::Unreachable(NoAnswer::Lost("".into()))).code,
        ExitCode::NoCenter
    );
    let problem = ProblemCode::CardFrozen.problem("");
    assert_eq!(Failure::from(CenterError::Refused(problem)).code, ExitCode::CenterRefused);
    let price = SaleError::NotEnough { price: "2 JPY".into(), have: "nothing".into() };
    assert_eq!(Failure::from(price).code, ExitCode::NotEnough);
}

#[test]
fn a_cut_is_an_interruption_only_once_the_card_may_have_paid() {
    for (written, expected) in [
        (0, ExitCode::NoCard),
        (1, ExitCode::NoCard),
        (2, ExitCode::NoCard),
        (3, ExitCode::Interrupted),
        (4, ExitCode::Interrupted),
    ] {
        assert_eq!(code(broken(), written), expected, "after {written} lines");
    }
}

#[test]
fn a_damaged_delivery_stays_one_after_the_payment_and_says_that_it_is_safe() {
    let failure = Failure::of_sale(Damaged::Truncated.into(), &record(&lines()));
    assert_eq!(failure.code, ExitCode::Damaged);
    assert!(failure.next.contains("payment is safe"), "{}", failure.next);
}

#[test]
fn a_delivery_that_breaks_off_is_the_center_s_silence_and_no_damage() {
    let broken = || Damaged::Broken(io::ErrorKind::TimedOut.into());
    for (written, expected) in [(2, ExitCode::NoCenter), (4, ExitCode::Interrupted)] {
        let failure = Failure::of_sale(broken().into(), &record(&lines()[..written]));
        assert_eq!(failure.code, expected, "after {written} lines");
        assert!(failure.next.contains("saifu resume"), "{failure:?}");
    }
}

#[test]
fn a_center_that_does_not_answer_is_to_be_looked_for() {
    let silent = Failure::from(CenterError::Unreachable(NoAnswer::Lost("".into())));
    assert!(silent.next.contains("`saifu-center serve`"), "{silent:?}");
    let busy = Failure::from(CenterError::Refused(ProblemCode::Unavailable.problem("")));
    assert!(busy.next.contains("try again later"), "{busy:?}");
}

#[test]
fn a_center_that_cannot_now_is_asked_again_with_resume_once_the_card_may_have_paid() {
    for (written, expected) in [(0, ExitCode::NoCenter), (4, ExitCode::Interrupted)] {
        let error = CenterError::Unreachable(NoAnswer::Lost("it answered 503".into()));
        let failure = Failure::of_sale(error.into(), &record(&lines()[..written]));
        assert_eq!(failure.code, expected, "after {written} lines");
        assert!(failure.next.contains("saifu resume"), "{failure:?}");
    }
}

#[test]
fn a_failure_of_certificate_or_proxy_is_not_looked_for_at_the_center() {
    for (why, advice) in [
        (NoAnswer::NotProven("expired".into()), "ask the center's owner"),
        (NoAnswer::Proxy("down".into()), "check the proxy"),
    ] {
        let failure = Failure::from(CenterError::Unreachable(why));
        assert_eq!(failure.code, ExitCode::NoCenter);
        assert!(failure.next.contains(advice), "{failure:?}");
        assert!(!failure.next.contains("saifu-center serve"), "{failure:?}");
    }
}

#[test]
fn a_wrong_pin_at_the_payment_stays_a_wrong_pin() {
    assert_eq!(code(CardError::WrongPin { tries_left: 1 }, 3), ExitCode::CardRefused);
}

#[test]
fn a_failure_says_what_to_do_next() {
    let no_account = refused(Ins::GetBalance, 0x6A88);
    assert!(Failure::from(no_account).next.contains("saifu register"));
    let interrupted = Failure::of_sale(broken().into(), &record(&lines()));
    assert!(interrupted.next.contains("saifu resume"));
}

/// The card may have paid before its answer was lost on the way.
#[test]
fn an_answer_that_no_card_gives_is_an_interruption_once_the_card_may_have_paid() {
    let malformed = |command| CardError::Length { command, expected: 9, got: 1 };
    for (written, expected) in [(2, ExitCode::CardRefused), (3, ExitCode::Interrupted)] {
        assert_eq!(code(refused(Ins::Debit, 0x00B3), written), expected, "after {written} lines");
        assert_eq!(code(malformed(Ins::Debit), written), expected, "after {written} lines");
    }
    assert_eq!(code(refused(Ins::Debit, 0x6985), 3), ExitCode::CardRefused, "it says so itself");
}

#[test]
fn an_error_that_lasts_keeps_its_code_and_says_what_helps() {
    let in_the_way = || SaleError::File {
        path: "/tmp/bought.png".into(),
        source: io::ErrorKind::AlreadyExists.into(),
    };
    let problem = || CenterError::Refused(ProblemCode::CardFrozen.problem(""));
    for (error, expected, advice) in [
        (refused(Ins::OpenStream, 0x6985).into(), ExitCode::CardRefused, "no use is left"),
        (in_the_way(), ExitCode::Failed, "--output FILE"),
        (problem().into(), ExitCode::CenterRefused, "ask the center"),
        (SaleError::OtherParty("card"), ExitCode::Failed, "begun with"),
    ] {
        let failure = Failure::of_sale(error, &record(&lines()));
        assert_eq!(failure.code, expected, "{failure:?}");
        assert!(failure.next.contains(advice), "{failure:?}");
    }
    let passing = CenterError::Refused(ProblemCode::Unavailable.problem(""));
    assert_eq!(code(passing, 4), ExitCode::Interrupted);
    assert_eq!(code(refused(Ins::OpenStream, 0x6F00), 4), ExitCode::Interrupted);
}

#[test]
fn a_price_on_hold_for_a_licence_that_opens_no_more_can_be_given_back() {
    let licence = world::licence(|licence| licence.payment = PaymentOrder::DecryptFirst);
    let mut lines = lines();
    lines[0] = Entry::Licensed { order: world::order(&licence) };
    lines[3] = Entry::Held { signed: vec![1].into() };
    let failure = Failure::of_sale(refused(Ins::OpenStream, 0x6985).into(), &record(&lines));
    assert_eq!(failure.code, ExitCode::CardRefused, "{failure:?}");
    for part in ["opens the work no more", "`saifu resume SALE --give-up`"] {
        assert!(failure.next.contains(part), "{failure:?}");
    }
}

#[test]
fn an_order_that_is_closed_was_not_paid_and_is_not_to_be_resumed() {
    let mut closed = record(&lines()[..3]);
    closed.apply(Entry::Abandoned { reason: "closed".into() }).unwrap();
    let error = SaleError::Closed(saifu_center_api::OrderState::Expired);
    let failure = Failure::of_sale(error, &closed);
    assert_eq!(failure.code, ExitCode::CenterRefused);
    assert!(failure.next.contains("nothing was paid"), "{failure:?}");
}

#[test]
fn a_journal_that_cannot_be_read_is_named() {
    for why in [JournalError::Order, JournalError::Format(2)] {
        let failure = Failure::of_journal(Path::new("/sales/a.jsonl"), why);
        assert!(failure.what.starts_with("/sales/a.jsonl: "), "{failure:?}");
    }
}
