//! The ISO 7816-4 suite (`tests/iso7816`) finds what it is there to find: our card passes, and
//! each section is failed by a card that is wrong in a way which it is about.

#[path = "iso7816/wrong.rs"]
mod wrong;

use std::collections::BTreeSet;

use saifu_trace::run::{self, RunResult, Settings, Unwatched, Verdict};
use wrong::{Wrong, WrongCard};

const VARIABLES: [(&str, &str); 6] = [
    ("aid", "F0534149465501"),
    ("read", "CADF02"),
    ("ask", "00880000"),
    ("ask_chained", "10880000"),
    ("ask_1", "000102030405060708090A0B0C0D0E0F"),
    ("ask_2", "101112131415161718191A1B1C1D1E1F"),
];

fn suite(card: &mut WrongCard, wrong: Wrong) -> RunResult {
    card.wrong = wrong;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/iso7816");
    let traces = run::find(&[folder.into()], None).unwrap();
    let value = |(name, hex): (&str, &str)| (name.to_owned(), hex::decode(hex).unwrap());
    let settings = Settings { variables: VARIABLES.map(value).to_vec(), ..Settings::default() };
    run::run(&traces, &settings, card, &mut Unwatched)
}

fn failed(result: &RunResult) -> Vec<String> {
    let sections = result.files.iter().flat_map(|file| &file.sections);
    let failed = sections.filter(|section| section.verdict() == Verdict::Failed);
    failed.map(|section| section.number.clone()).collect()
}

/// Every way to be wrong but one, and the sections that fail for it.
const WRONG: &[(Wrong, &str)] = &[
    (Wrong::AnswersAgain, "3.2 3.5 3.6 3.7 3.8 3.9 3.10 6.9 7.4"),
    (Wrong::AnswersOnOneChannel, "6.1 6.2 6.6 6.8"),
    (Wrong::AnswersTooMuch, "3.2 3.3 3.4 3.6 3.7 5.8 5.9 5.10 6.6 6.10 7.3 7.6"),
    (Wrong::BreaksChains, "4.1 4.2 4.4 6.20"),
    (Wrong::ChangesAtResets, "7.1 7.2 7.7"),
    (Wrong::CutsAnswers, "3.2 3.3 3.7"),
    (Wrong::DeniesWhatItHas, "4.5 4.6 4.8 5.2 6.3"),
    (Wrong::ForgetsNothing, "6.6 6.18 6.20 7.3 7.4 7.6"),
    (Wrong::ForgetsWhenRefused, "1.7 1.8 1.15 6.7 6.20"),
    (Wrong::IgnoresChains, "4.1 4.2 4.3 4.4 4.5 4.6 6.20 7.5"),
    (Wrong::IgnoresChannels, "6.1 6.2 6.6 6.9 6.10 6.11 6.14 6.18 6.20"),
    (Wrong::IgnoresLe, "1.10 3.1"),
    (Wrong::IgnoresParameters, "1.9 1.16 1.17 1.18 3.10"),
    (Wrong::IgnoresSecureMessaging, "5.8 5.9 5.10 5.11 5.12"),
    (Wrong::KnowsEverything, "2.1 2.2 2.3 2.4 2.5 2.6 2.7 3.9 3.11 4.3 5.4 5.5 5.6 5.7"),
    (
        Wrong::ManagesNothing,
        "6.4 6.5 6.6 6.7 6.9 6.10 6.11 6.12 6.13 6.14 6.15 6.16 6.17 6.18 6.20",
    ),
    (Wrong::RefusesLongOnes, "2.3 2.4 2.5 2.6 2.7 2.8 2.11 2.12 2.13 2.14 2.15"),
    (Wrong::RefusesPartialNames, "1.5 1.18"),
    (Wrong::RefusesTheRest, "3.2 3.6 3.7 3.8 3.10"),
    (
        Wrong::RefusesTheSecondSelect,
        "1.2 1.4 1.7 1.8 1.15 1.16 1.17 1.18 2.8 2.9 2.10 2.11 2.12 2.13 2.14 2.15 3.11 4.3 4.4 4.7 6.7 6.8 6.20",
    ),
    (Wrong::SaysAnotherName, "1.4"),
    (Wrong::SaysNoTemplate, "1.3"),
    (Wrong::SaysThatItSelected, "1.6 5.12 6.19"),
    (Wrong::SelectsAnything, "1.11 1.13 1.14 1.15 3.11 6.7 6.20"),
    (
        Wrong::StunnedByNonsense,
        "1.12 2.9 2.10 2.11 2.12 2.13 2.14 2.15 2.16 2.17 4.5 4.6 4.7 5.1 5.2 5.3",
    ),
    (Wrong::TakesLies, "2.9 2.10 2.11 2.12 2.13 2.14 2.15"),
    (Wrong::TakesReservedClasses, "5.1 5.2"),
];

fn sections(result: &RunResult) -> BTreeSet<String> {
    let sections = result.files.iter().flat_map(|file| &file.sections);
    sections.map(|section| section.number.clone()).collect()
}

#[test]
fn our_card_passes_every_section() {
    let result = suite(&mut WrongCard::new(), Wrong::Nowhere);
    assert_eq!(failed(&result), [""; 0]);
    let skipped = result.counts().skipped;
    assert_eq!(skipped, 3, "what a card without chaining or channels does, and 6.19");
}

#[test]
fn a_card_that_is_wrong_fails_where_it_is_and_each_section_is_failed_by_one() {
    let mut card = WrongCard::new();
    let mut by_none = sections(&suite(&mut card, Wrong::Nowhere));
    for (wrong, expected) in WRONG {
        let failed = failed(&suite(&mut card, *wrong));
        assert_eq!(failed.join(" "), *expected, "{wrong:?}");
        by_none.retain(|number| !failed.contains(number));
    }
    let refuses = failed(&suite(&mut card, Wrong::RefusesSelect));
    assert_eq!(refuses.first().map(String::as_str), Some("1.1"));
    assert_eq!(by_none, BTreeSet::from(["1.1".to_owned()]));
}
