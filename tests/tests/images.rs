//! What cards have stored in each format there was: it is read as it was written.
//!
//! `tests/images/FORMAT/` has `card.txt`, a card's secure area and outside memory, and `seen.txt`,
//! all it answers. Whoever changes a stored format gives it a new name in [`CURRENT`]; with
//! `SAIFU_BLESS=1` this test then writes its folder. Those that are there stay, and are still read.

use std::fs;
use std::path::{Path, PathBuf};

use saifu_applet::platform::{Memory, ObjectName, SLOT_BYTES};
use saifu_tests::fixture::{
    CONTENT, Delivery, PIN, PRICE, TestCard, TestCenter, customer, identity, money_purse,
    stored_content,
};
use saifu_tests::tear::{Seen, View};
use saifu_vsmartcard::platform::{Image, RamPlatform};
use saifu_wire::answer::{LicenceState, LicenceStatus};
use saifu_wire::certificate::Role;
use saifu_wire::ins::Ins;
use saifu_wire::request::{LicenceRef, PayRequest, segments_data};
use saifu_wire::signed::{Credit, PaymentOrder};
use saifu_wire::value::{Kind, PurseTerms, ScopeKind};
use saifu_wire::{Digest, Wire};

/// The formats of slot and manifest in which cards store now.
const CURRENT: &str = "slot-2-manifest-2";

/// The seed of the card whose life is stored.
const SEED: u8 = 0xCA;

/// Everything of every format must be small enough to be kept for ever.
const MAX_BYTES: u64 = 300_000;

#[test]
fn every_format_there_was_is_read_as_it_was_written() {
    if blessed() {
        bless();
    }
    let folders = folders();
    assert!(folders.iter().any(|folder| folder.ends_with(CURRENT)), "{}", advice());
    for folder in folders {
        let seen = read(&folder).to_string();
        let recorded = fs::read_to_string(folder.join("seen.txt")).expect("seen.txt");
        for (is, was) in seen.lines().zip(recorded.lines()) {
            let (is, was) = (without_limits(is), without_limits(was));
            assert_eq!(is, was, "{}: a card that has this reads it otherwise", folder.display());
        }
        assert_eq!(seen.len(), recorded.len(), "{}", folder.display());
    }
}

#[test]
fn a_card_of_today_stores_in_the_current_format_and_says_the_same() {
    let (mut card, view) = life();
    let (slots, stored) = (card.image().slots, image(&folder(CURRENT)).slots);
    for (slot, stored) in slots.iter().zip(&stored) {
        assert_eq!(slot[..2], stored[..2], "{}", advice());
    }
    let differs = Seen::read(&mut card, &view).differs(&read(&folder(CURRENT)));
    assert_eq!(differs, None, "{}", advice());
}

#[test]
fn the_stored_card_has_something_of_everything() {
    let (mut card, view) = life();
    card.verify(PIN).expect("the right PIN");
    let states = view.works.iter().map(|(center, number, _)| {
        let licence = LicenceRef { center: center.id(), number: *number };
        let answer = card.send(Ins::GetLicence, 0, 0, &licence.to_bytes()).expect("a licence");
        LicenceState::from_bytes(&answer).expect("its state").status
    });
    let states: Vec<_> = states.collect();
    assert!(LicenceStatus::ALL.iter().all(|status| states.contains(status)), "{states:?}");
    let seen = card.see(&view.centers[0]).expect("a card that can be read");
    let kinds: Vec<_> = seen.balances.purses.0.iter().map(|purse| purse.kind).collect();
    assert!(Kind::ALL.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    assert!(!seen.outbox.is_empty() && seen.balances.purses.0[0].held == PRICE);
    let memories: Vec<_> = card.image().outside.keys().map(|name| name.memory).collect();
    assert!(Memory::ALL.iter().all(|memory| memories.contains(memory)), "{memories:?}");
}

#[test]
fn all_images_together_stay_small() {
    let sizes = folders().into_iter().flat_map(|folder| {
        ["card.txt", "seen.txt"].map(|name| fs::metadata(folder.join(name)).expect(name).len())
    });
    assert!(sizes.sum::<u64>() < MAX_BYTES);
}

/// What a card says of itself without its limits (§6.3), which are those of the card that reads.
fn without_limits(said: &str) -> String {
    let Some(status) = said.strip_prefix("DF02 = ") else { return said.to_owned() };
    let limits = [12..16, 18..20, 22..24];
    let shown = status.char_indices().filter(|(at, _)| !limits.iter().any(|one| one.contains(at)));
    shown.map(|(_, digit)| digit).collect()
}

#[test]
fn only_the_limits_of_a_status_may_differ() {
    let status = "DF02 = 05000102000640000340020f00";
    assert_eq!(without_limits(status), without_limits("DF02 = 050001020006200003f0020e00"));
    for other in ["DF02 = 05000102000740000340020f00", "DF02 = 05000102000640000440020f00"] {
        assert_ne!(without_limits(status), without_limits(other));
    }
    assert_eq!(without_limits("DF03 = 00"), "DF03 = 00");
}

/// A card that has something of everything, and who can read it.
fn life() -> (TestCard, View) {
    let (mut card, center) = customer(SEED, 5_000);
    let other = TestCenter::new(0xC2);
    card.introduce(&other);
    let opening = other.opening(card.id(), 0, &[money_purse(1)]);
    card.open_account(&opening).expect("an account");
    card.credit(&other.load(card.id(), 1, 1, 700)).expect("a load");
    open_purses(&mut card, &center);
    let works = [
        (1, PaymentOrder::PayFirst),
        (2, PaymentOrder::DecryptFirst),
        (3, PaymentOrder::PayFirst),
        (4, PaymentOrder::PayFirst),
        (5, PaymentOrder::DecryptFirst),
        (6, PaymentOrder::PayFirst),
    ];
    let works = works.map(|(number, payment)| (center, number, load(&mut card, number, payment)));
    pay(&mut card, &center);
    store(&mut card, &works[2].2);
    card.void(&center, 3).expect("a void");
    card.verify(b"0000").expect_err("a wrong PIN");
    let (pins, centers) = (vec![PIN.to_vec()], vec![center, other]);
    (card, View { pins, centers, works: works.to_vec() })
}

/// Opens a purse of each kind that a customer's card does not have, and loads them.
fn open_purses(card: &mut TestCard, center: &TestCenter) {
    let purse = |number, kind| PurseTerms { kind, ..money_purse(number) };
    let (scope, scope_id) = (ScopeKind::Work, CONTENT.0);
    let purses = [
        PurseTerms { not_after: u64::MAX, ..purse(3, Kind::Coupon) },
        PurseTerms { face_amount: 1, scope, scope_id, ..purse(4, Kind::Ticket) },
        PurseTerms { face_amount: 500, max_balance: 500, ..purse(5, Kind::Cheque) },
        PurseTerms { not_after: u64::MAX, ..purse(6, Kind::CreditCard) },
    ];
    card.open_account(&center.opening(card.id(), 1, &purses)).expect("more purses");
    for PurseTerms { purse, kind, unit, .. } in purses {
        let terms = Credit { kind, unit, ..center.credit(card.id(), purse, 1, 500) };
        card.credit(&center.sign(Role::Credit, terms)).expect("a load");
    }
}

fn load(card: &mut TestCard, number: u64, payment: PaymentOrder) -> Delivery {
    let keys = card.keys();
    let center = TestCenter::new(0xC1);
    let work = center.deliver_as(&keys, number, &stored_content(), |terms| terms.payment = payment);
    card.load_licence(&work.licence).expect("a licence");
    work
}

/// Leaves licence 1 as it is, holds 2, pays 3, pays and settles 4, releases 5, refunds 6.
fn pay(card: &mut TestCard, center: &TestCenter) {
    for number in [2, 5] {
        card.verify(PIN).expect("the right PIN");
        let licence = LicenceRef { center: center.id(), number };
        let hold = PayRequest { licence, price_index: 0, purse: 1 }.to_bytes();
        card.send(Ins::Hold, 0, 0, &hold).expect("a hold");
    }
    let licence = LicenceRef { center: center.id(), number: 5 }.to_bytes();
    card.send(Ins::Release, 0, 0, &licence).expect("a payment");
    card.buy(center, 3).expect("a token");
    for number in [4, 6] {
        let token = card.buy(center, number).expect("a token");
        card.acknowledge(&center.receipt(&token, number)).expect("a receipt");
        if number == 6 {
            refund(card, center, identity(&token));
        }
    }
}

fn refund(card: &mut TestCard, center: &TestCenter, token: Digest) {
    let terms = center.credit(card.id(), 1, 2, PRICE);
    let terms = Credit { refunded_token: token, refunded_licence: 6, ..terms };
    card.credit(&center.sign(Role::Credit, terms)).expect("a refund");
}

/// Stores the work of licence 3 as plaintext and as it came.
fn store(card: &mut TestCard, work: &Delivery) {
    let center = TestCenter::new(0xC1);
    let segments = segments_data(0, &work.segments.concat());
    card.open_stream(&center, 3, &work.header).expect("a stream");
    card.send(Ins::Decrypt, 1, 0, &segments).expect("plaintext that is kept");
    let licence = LicenceRef { center: center.id(), number: 3 }.to_bytes();
    let begin = [licence, work.header.to_bytes()].concat();
    for (step, data) in [(0, &begin), (1, &segments), (2, &Vec::new())] {
        card.send(Ins::StoreContent, step, 0, data).expect("a work that is stored");
    }
}

/// What a stored card says, after power-up.
fn read(folder: &Path) -> Seen {
    let (_, view) = life();
    let mut machine = RamPlatform::new(SEED);
    *machine.image_mut() = image(folder);
    Seen::read(&mut TestCard::on(machine), &view)
}

/// Reads `card.txt`: `slot HEX` twice, then an object a line: `MEMORY NUMBER HEX`.
fn image(folder: &Path) -> Image {
    let text =
        fs::read_to_string(folder.join("card.txt")).unwrap_or_else(|_| panic!("{}", advice()));
    let (mut slots, mut image) = (Vec::new(), RamPlatform::new(SEED).image().clone());
    for line in text.lines() {
        let fields: Vec<_> = line.split(' ').collect();
        match fields[..] {
            ["slot", hex] => slots.push(hex::decode(hex).expect("hex").try_into().expect("a slot")),
            [memory, number, hex] => {
                let memory = Memory::from_code(memory.parse().expect("a memory"));
                let number = number.parse().expect("a number");
                let name = ObjectName { memory: memory.expect("a memory"), number };
                image.outside.insert(name, hex::decode(hex).expect("hex"));
            }
            _ => panic!("{}: {line:.40}", folder.display()),
        }
    }
    image.slots = <[[u8; SLOT_BYTES]; 2]>::try_from(slots).expect("two slots");
    image
}

fn write_image(folder: &Path, image: &Image) {
    let slots = image.slots.iter().map(|slot| format!("slot {}\n", hex::encode(slot)));
    let objects = image.outside.iter().map(|(name, bytes)| {
        format!("{} {} {}\n", name.memory as u8, name.number, hex::encode(bytes))
    });
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join("card.txt"), slots.chain(objects).collect::<String>()).expect("card.txt");
}

/// Writes the current format, if it is not there, and what every stored card says now.
fn bless() {
    let current = folder(CURRENT);
    if !current.join("card.txt").exists() {
        write_image(&current, &life().0.image());
    }
    for folder in folders() {
        fs::write(folder.join("seen.txt"), read(&folder).to_string()).expect("seen.txt");
    }
}

fn blessed() -> bool {
    std::env::var_os("SAIFU_BLESS").is_some()
}

fn advice() -> String {
    format!(
        "tests/images/{CURRENT} is not what a card stores now; if the stored format has changed, \
         give it a new name in CURRENT and run this test with SAIFU_BLESS=1"
    )
}

fn folder(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("images").join(format)
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder("")).into_iter().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    folders
}
