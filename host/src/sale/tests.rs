mod agreeing;
mod holding;
mod keeping;
mod limits;
mod recovering;

use super::*;
use crate::card::{Card, Pin};
use crate::center::{Client, Damaged};
use crate::session::{Session, SessionError};
use crate::testing::{PlayCard, PlayCenter, Willing, keys, world};
use crate::trust::Untrusted;
use saifu_center_api::ProblemCode;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A card with 1,000 JPY, a center, and a folder for journal and file.
struct World {
    card: PlayCard,
    center: PlayCenter,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { card: PlayCard::new(1_000), center: PlayCenter::default(), folder }
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("bought.png")
    }

    /// Buys the work, or goes on with the sale that is not at its end.
    fn go_on(&self, customer: &mut dyn Customer) -> Result<(), SaleError> {
        let sales = Sales::open(self.folder.path())?;
        let mut card = Card::new(Box::new(self.card.clone()));
        let client = Client::new(Box::new(self.center.clone()));
        let mut session = Session::open(&mut card, &client, &keys::root())?;
        let mut sale = match sales.all()?.pop() {
            Some(sale) => sale,
            None => {
                let work = session.client.works()?.remove(0);
                Sale::begin(&sales, &mut session, customer, work, self.output())?
            }
        };
        sale.run(&mut session, customer, &mut |_: &Step| {})
    }

    fn record(&self) -> Record {
        let sales = Sales::open(self.folder.path()).unwrap();
        sales.all().unwrap().pop().unwrap().record().clone()
    }

    /// One debit, one settlement, one acknowledgement, the right file.
    fn assert_complete(&self, what: &str) {
        let stored = self.card.stored.borrow();
        let kept = self.center.kept.borrow();
        let counts = (stored.debits, stored.balance, kept.orders.len(), kept.receipts.len());
        assert_eq!(counts, (1, 700, 1, 1), "{what}");
        assert!(stored.acknowledged && stored.token.is_none(), "{what}");
        assert_eq!(fs::read(self.output()).unwrap(), world::content(), "{what}");
        assert_eq!(self.record().next(), Next::Nothing, "{what}");
    }

    /// Nothing was paid, and there is no file, not even a part of one.
    fn assert_nothing_paid(&self) {
        let stored = self.card.stored.borrow();
        assert_eq!((stored.debits, stored.balance), (0, 1_000));
        assert!(self.center.kept.borrow().receipts.is_empty());
        self.assert_no_file();
    }

    fn assert_no_file(&self) {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["sales"]);
    }
}

#[test]
fn a_sale_pays_once_and_leaves_the_whole_file() {
    let world = World::new();
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("at once");
}

#[test]
fn the_steps_are_told_in_their_order() {
    let world = World::new();
    let sales = Sales::open(world.folder.path()).unwrap();
    let mut card = Card::new(Box::new(world.card.clone()));
    let client = Client::new(Box::new(world.center.clone()));
    let mut session = Session::open(&mut card, &client, &keys::root()).unwrap();
    let work = world::work();
    let mut sale = Sale::begin(&sales, &mut session, &mut Willing, work, world.output()).unwrap();
    let mut signs = Vec::new();
    let mut observer = |step: &Step| signs.push(step.sign());
    sale.run(&mut session, &mut Willing, &mut observer).unwrap();
    signs.retain(|sign| !sign.is_empty());
    let expected =
        ["ST5", "ST6-ST8", "ST9, ST10 (key)", "ST11", "ST9 (content)", "ST10 (content)", "ST12"];
    assert_eq!(signs, expected);
}

#[test]
fn a_sale_cut_at_any_exchange_is_finished_with_one_debit_and_one_settlement() {
    for loses_answers in [false, true] {
        for cut_card in [false, true] {
            let mut cuts = 0;
            loop {
                let mut world = World::new();
                world.card.loses_answers = loses_answers;
                world.center.loses_answers = loses_answers;
                let fuse = if cut_card { &world.card.fuse } else { &world.center.fuse };
                fuse.set(cuts);
                let what = format!("card {cut_card}, answer {loses_answers}, after {cuts}");
                let first = world.go_on(&mut Willing);
                if first.is_ok() && !fuse.is_blown() {
                    break;
                }
                if first.is_err() {
                    world.go_on(&mut Willing).unwrap();
                }
                world.assert_complete(&what);
                cuts += 1;
            }
            assert!(cuts >= if cut_card { 14 } else { 5 }, "{cuts} cuts");
        }
    }
}

#[test]
fn a_sale_whose_terminal_dies_before_any_line_is_written_is_finished_all_the_same() {
    let lines = {
        let world = World::new();
        world.go_on(&mut Willing).unwrap();
        journal(&world).1.len()
    };
    assert_eq!(lines, 9);
    for kept in 1..lines {
        let world = World::new();
        world.go_on(&mut Willing).unwrap();
        let (path, all) = journal(&world);
        fs::write(path, all[..kept].concat()).unwrap();
        if !all[..kept].concat().contains("\"opened\"") {
            fs::remove_file(world.output()).unwrap();
        }
        world.go_on(&mut Willing).unwrap();
        world.assert_complete(&format!("{kept} lines"));
    }
}

fn journal(world: &World) -> (PathBuf, Vec<String>) {
    let files = fs::read_dir(world.folder.path().join("sales")).unwrap();
    let mut paths = files.map(|entry| entry.unwrap().path());
    let path = paths.find(|path| path.extension().is_some()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    (path, text.split_inclusive('\n').map(str::to_owned).collect())
}

#[test]
fn a_changed_price_is_found_before_the_user_is_asked() {
    struct NeverAsked;
    impl Customer for NeverAsked {
        fn pin(&mut self) -> Result<Pin, NoCustomer> {
            Ok(Pin::new(world::PIN).unwrap())
        }
        fn approve(&mut self, offer: &Offer) -> Result<(), NoCustomer> {
            panic!("asked for {offer:?}");
        }
    }
    let world = World::new();
    world.center.kept.borrow_mut().changes_licence =
        Some(|licence| licence.prices.0[0].amount = 999);
    let error = world.go_on(&mut NeverAsked).unwrap_err();
    let changed = |error: &SaleError| {
        let SaleError::Session(SessionError::Untrusted(untrusted)) = error else { return false };
        matches!(untrusted, Untrusted::PriceChanged { .. })
    };
    assert!(changed(&error), "{error}");
    assert!(world.record().abandoned.unwrap().contains("changed the price"));
    world.assert_nothing_paid();
}

#[test]
fn a_licence_for_another_card_is_refused_before_it_reaches_the_card() {
    let world = World::new();
    world.center.kept.borrow_mut().changes_licence =
        Some(|licence| licence.card = saifu_wire::CardId([1; 16]));
    let error = world.go_on(&mut Willing).unwrap_err();
    assert_eq!(error.to_string(), "the licence names another card");
    assert!(world.card.stored.borrow().licence.is_none());
    world.assert_nothing_paid();
}

#[test]
fn too_little_value_is_told_with_price_and_balance() {
    let world = World::new();
    world.card.stored.borrow_mut().balance = 299;
    let error = world.go_on(&mut Willing).unwrap_err();
    let text = "not enough value: the price is 300 JPY, and purse 1 holds 299 JPY";
    assert_eq!(error.to_string(), text);
    assert_eq!(world.card.stored.borrow().balance, 299);
    assert_eq!(world.record().next(), Next::Nothing);
}

#[test]
fn a_purse_that_holds_exactly_the_price_pays_it() {
    let world = World::new();
    world.card.stored.borrow_mut().balance = 300;
    world.go_on(&mut Willing).unwrap();
    assert_eq!(world.card.stored.borrow().balance, 0);
}

#[test]
fn a_user_who_says_no_pays_nothing() {
    struct Unwilling;
    impl Customer for Unwilling {
        fn pin(&mut self) -> Result<Pin, NoCustomer> {
            Ok(Pin::new(world::PIN).unwrap())
        }
        fn approve(&mut self, _: &Offer) -> Result<(), NoCustomer> {
            Err(NoCustomer::Declined("you said no".into()))
        }
    }
    let world = World::new();
    world.go_on(&mut Unwilling).unwrap_err();
    assert!(world.card.stored.borrow().licence.is_none());
    world.assert_nothing_paid();
}

#[test]
fn a_delivery_that_is_not_whole_leaves_no_file_but_settles_and_can_be_fetched_again() {
    let changes: [fn(&mut Vec<u8>); 5] = [
        |delivery| delivery.truncate(delivery.len() - 1),
        |delivery| delivery.truncate(80_000),
        |delivery| delivery.push(0),
        |delivery| delivery[50_000] ^= 1,
        |delivery| delivery.swap(100, 10_000),
    ];
    for change in changes {
        let world = World::new();
        world.center.kept.borrow_mut().changes_delivery = Some(change);
        world.go_on(&mut Willing).unwrap_err();
        world.assert_no_file();
        assert_eq!(world.center.kept.borrow().receipts.len(), 1);
        assert!(world.card.stored.borrow().acknowledged);
        world.center.kept.borrow_mut().changes_delivery = None;
        world.go_on(&mut Willing).unwrap();
        world.assert_complete("fetched again");
    }
}

#[test]
fn a_swapped_segment_is_refused_by_the_card() {
    let world = World::new();
    world.center.kept.borrow_mut().changes_delivery = Some(|delivery| {
        let (one, two) = delivery[70..].split_at_mut(4_048);
        one.swap_with_slice(&mut two[..4_048]);
    });
    let error = world.go_on(&mut Willing).unwrap_err();
    assert!(error.to_string().contains("DECRYPT"), "{error}");
    world.assert_no_file();
}

#[test]
fn a_truncated_delivery_is_told_as_that() {
    let world = World::new();
    world.center.kept.borrow_mut().changes_delivery = Some(|delivery| delivery.truncate(9_000));
    let error = world.go_on(&mut Willing).unwrap_err();
    assert!(matches!(error, SaleError::Damaged(Damaged::Truncated)), "{error}");
}

#[test]
fn a_center_that_will_not_settle_does_not_keep_the_work_from_who_paid() {
    let world = World::new();
    let refuses = |path| world.center.kept.borrow_mut().refuses = path;
    refuses(Some(("/v1/settlements", ProblemCode::Unavailable)));
    world.go_on(&mut Willing).unwrap_err();
    assert_eq!(fs::read(world.output()).unwrap(), world::content());
    assert_eq!(world.record().next(), Next::Settle);
    refuses(None);
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("settled later");
}

#[test]
fn an_order_the_center_refuses_for_good_is_over() {
    let world = World::new();
    world.center.kept.borrow_mut().refuses = Some(("/v1/orders", ProblemCode::CardFrozen));
    world.go_on(&mut Willing).unwrap_err();
    assert!(world.record().abandoned.is_some());
    world.assert_nothing_paid();
}

#[test]
fn a_center_that_is_away_for_a_while_is_asked_again() {
    let world = World::new();
    world.center.kept.borrow_mut().refuses = Some(("/v1/orders", ProblemCode::Unavailable));
    world.go_on(&mut Willing).unwrap_err();
    assert_eq!(world.record().next(), Next::Order);
}

#[test]
fn a_folder_has_one_terminal_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Sales::open(folder.path()).unwrap();
    let second = Sales::open(folder.path());
    assert!(matches!(second, Err(JournalError::Locked(_))), "{second:?}");
    drop(first);
    Sales::open(folder.path()).unwrap();
}

#[test]
fn a_sale_goes_on_only_with_the_card_it_was_begun_with() {
    let world = World::new();
    world.center.kept.borrow_mut().refuses = Some(("/v1/orders", ProblemCode::Unavailable));
    world.go_on(&mut Willing).unwrap_err();
    let (path, lines) = journal(&world);
    let other = saifu_wire::CardId([1; 16]).to_string();
    fs::write(path, lines[0].replace(&world::CARD.to_string(), &other)).unwrap();
    let error = world.go_on(&mut Willing).unwrap_err();
    assert!(matches!(error, SaleError::OtherParty("card")), "{error}");
}
