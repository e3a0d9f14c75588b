//! What lies outside the secure area, object by object: the memories 13 to 16 and the manifest.

use saifu_applet::platform::{ObjectName, Platform};
use saifu_applet::secure::{Form, MasterKey};
use saifu_tests::fixture::{PIN, TestCard, buyer};
use saifu_wire::Wire;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, segments_data};

/// Where `Km` lies in a slot of the secure area.
const MASTER: std::ops::Range<usize> = 64..96;

/// More commits than the card below has had: a version is a commit's number, or a work's.
const VERSIONS: u64 = 100;

/// A card that has something in each memory and in each form: a work kept as `Km[M]`, and another
/// as `Km{Ke[M]}` under its `Km{Kup[Ke]}`.
fn card() -> TestCard {
    let (mut card, center) = buyer(0xCA, 1_000, 1..=1);
    let keys = card.keys();
    let (now, later) = (center.deliver(&keys, 1), center.deliver(&keys, 2));
    let named = |number| LicenceRef { center: center.id(), number }.to_bytes();
    let say = |card: &mut TestCard, ins, p1, data: &[u8]| {
        drop(card.send(ins, p1, 0, data).unwrap_or_else(|word| panic!("{ins:?} {word:04X}")));
    };
    card.verify(PIN).expect("the right PIN");
    card.debit(&center, 1).expect("a token");
    card.open_stream(&center, 1, &now.header).expect("a stream");
    say(&mut card, Ins::Decrypt, 1, &segments_data(0, &now.segments.concat()));
    say(&mut card, Ins::LoadLicence, 1, &later.licence.to_bytes());
    let begin = [named(2), later.header.to_bytes()].concat();
    say(&mut card, Ins::StoreContent, 0, &begin);
    say(&mut card, Ins::StoreContent, 1, &segments_data(0, &later.segments.concat()));
    say(&mut card, Ins::StoreContent, 2, &[]);
    card
}

/// The master keys of the slots that have one.
fn masters(card: &TestCard) -> Vec<Vec<u8>> {
    let slots = card.image().slots;
    slots.iter().map(|slot| slot[MASTER].to_vec()).filter(|key| *key != [0; 32]).collect()
}

/// The forms and versions as which an object opens under a master key.
fn opens(card: &TestCard, master: &[u8], name: ObjectName, sealed: &[u8]) -> Vec<(Form, u64)> {
    let id = card.machine().manufacture().card;
    let master = MasterKey::from_bytes(master).expect("32 bytes");
    let as_form = |form: &Form| {
        let seal = master.seal(id, *form);
        let opens = move |version: &u64| seal.open(name.number, *version, sealed).is_ok();
        (0..VERSIONS).filter(opens).map(|version| (*form, version)).collect::<Vec<_>>()
    };
    Form::ALL.iter().flat_map(as_form).collect()
}

#[test]
fn every_object_outside_opens_under_km_alone_and_in_one_form_of_its_memory() {
    let card = card();
    let masters = masters(&card);
    let mut seen = Vec::new();
    for (name, sealed) in &card.image().outside {
        let opened = opens(&card, &masters[0], *name, sealed);
        let [(form, _)] = opened[..] else { panic!("{name:?} opens as {opened:?}") };
        assert_eq!(form.memory(), name.memory);
        let mut other = masters[0].clone();
        other[31] ^= 1;
        assert_eq!(opens(&card, &other, *name, sealed), [], "{name:?} under another Km");
        seen.push(form);
    }
    for form in Form::ALL {
        assert!(seen.contains(form), "nothing outside is of the form {form:?}");
    }
}

#[test]
fn km_is_one_key_for_the_life_of_a_card_and_another_card_has_another() {
    let (one, other) = (card(), TestCard::in_use(0xCB));
    let mine = masters(&one);
    assert_eq!(masters(&TestCard::in_use(0xCA))[0], mine[0]);
    assert!(mine.iter().all(|key| *key == mine[0]) && masters(&other)[0] != mine[0]);
}
