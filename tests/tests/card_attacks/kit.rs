//! How large a campaign is, and what must hold of value after any of them.

use std::io::Write;

use saifu_tests::fixture::{PRICE, Seen, TestCard, TestCenter};

/// One number for a reduced campaign, the other for a full one.
pub(crate) fn size<T>(reduced: T, full: T) -> T {
    let whole = std::env::var("SAIFU_CAMPAIGN").is_ok_and(|size| size == "full");
    if whole { full } else { reduced }
}

/// Says how large a campaign was, whether or not the test's output is kept back.
pub(crate) fn tell(what: &str, count: usize) {
    let _ = writeln!(std::io::stderr(), "{what}: {count}");
}

/// Reads the card, and finds every yen that was loaded: in purse 1, in a token of the outbox,
/// or settled. A token waits exactly for what is paid and not settled.
pub(crate) fn account_for(card: &mut TestCard, center: &TestCenter, loaded: u64) -> Seen {
    let seen = card.see(center).expect("a card that can be read");
    let keys = card.keys();
    let paid = seen.licences.iter().filter(|licence| licence.token != 0);
    let (settled, owed): (Vec<_>, Vec<_>) = paid.partition(|licence| licence.acknowledged);
    let owed: Vec<_> = owed.iter().map(|licence| (licence.token, licence.number)).collect();
    let waiting: Vec<_> = seen.outbox.iter().map(|entry| (entry.counter, entry.licence)).collect();
    assert_eq!(waiting, owed);
    let mut unsettled = 0;
    for (counter, licence) in waiting {
        let token = card.token(center, counter).expect("a token that waits");
        let payload = center.open_token(&keys, &token);
        assert_eq!(payload.licence, licence);
        unsettled += payload.amount;
    }
    assert_eq!(seen.balance(1) + unsettled + PRICE * settled.len() as u64, loaded);
    seen
}
