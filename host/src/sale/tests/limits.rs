//! What ends a sale before it is paid, and what a use that is taken must not be lost to.

use super::*;
use saifu_center_api::OrderState;
use saifu_wire::signed::Outcome;

/// Has the right PIN, and does something when asked whether to buy.
struct Asked<F: FnMut()>(F);

impl<F: FnMut()> Customer for Asked<F> {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        Ok(Pin::new(world::PIN).unwrap())
    }
    fn approve(&mut self, _: &Offer) -> Result<(), NoCustomer> {
        self.0();
        Ok(())
    }
}

fn never() -> impl Customer {
    Asked(|| panic!("asked"))
}

fn one_use() -> World {
    let world = World::new();
    world.center.kept.borrow_mut().uses = 1;
    world
}

#[test]
fn an_order_that_is_not_open_is_over_before_the_user_is_asked() {
    for state in [OrderState::Expired, OrderState::Settled] {
        let world = World::new();
        world.center.kept.borrow_mut().state = Some(state);
        let error = world.go_on(&mut never()).unwrap_err();
        assert!(matches!(error, SaleError::Closed(_)), "{error}");
        assert!(world.record().abandoned.is_some());
        world.assert_nothing_paid();
    }
}

#[test]
fn an_order_that_expires_while_the_user_thinks_is_not_paid() {
    let world = World::new();
    let center = world.center.clone();
    let expire = || center.kept.borrow_mut().state = Some(OrderState::Expired);
    let error = world.go_on(&mut Asked(expire)).unwrap_err();
    assert_eq!(error.to_string(), "the order has expired at the center");
    assert!(world.record().abandoned.unwrap().contains("expired"));
    world.assert_nothing_paid();
}

#[test]
fn a_token_in_suspense_is_not_called_settled() {
    let world = World::new();
    world.center.kept.borrow_mut().outcome = Some(Outcome::Suspense);
    world.go_on(&mut Willing).unwrap();
    assert_eq!(world.record().outcome(), Some(Outcome::Suspense));
    let world = World::new();
    world.go_on(&mut Willing).unwrap();
    assert_eq!(world.record().outcome(), Some(Outcome::Settled));
}

#[test]
fn a_licence_that_has_run_out_is_nothing_to_be_asked_about() {
    let world = World::new();
    world.center.kept.borrow_mut().refuses = Some((world::ORDER_PATH, ProblemCode::Unavailable));
    world.center.kept.borrow_mut().not_after = crate::session::unix_time() + 1_000;
    world.go_on(&mut never()).unwrap_err();
    let record = world.record();
    let balances = saifu_wire::answer::Balances {
        account: world::ACCOUNT,
        counter: 1,
        purses: saifu_wire::codec::List(vec![]),
    };
    let late = Offer::choose(&record, &balances, crate::session::unix_time() + 1_001);
    let refused = Untrusted::NotValidNow { what: "the licence" };
    assert_eq!(late.unwrap_err().to_string(), refused.to_string());
    let early = Offer::choose(&record, &balances, crate::session::unix_time());
    assert!(matches!(early, Err(SaleError::NotEnough { .. })), "{early:?}");
}

#[test]
fn a_delivery_that_is_not_whole_takes_no_use() {
    let world = one_use();
    let changes: [fn(&mut Vec<u8>); 2] =
        [|delivery| delivery.truncate(80_000), |delivery| delivery.push(0)];
    for change in changes {
        world.center.kept.borrow_mut().changes_delivery = Some(change);
        let error = world.go_on(&mut Willing).unwrap_err();
        assert!(matches!(error, SaleError::Damaged(_)), "{error}");
        assert_eq!(world.card.stored.borrow().opens, 0);
        world.assert_no_file();
    }
    world.center.kept.borrow_mut().changes_delivery = None;
    world.go_on(&mut Willing).unwrap();
    assert_eq!(world.card.stored.borrow().opens, 1);
    world.assert_complete("fetched again");
    assert_eq!(fs::read_dir(world.folder.path()).unwrap().count(), 2);
}

#[test]
fn a_file_in_the_way_takes_no_use() {
    let world = one_use();
    fs::write(world.output(), "mine").unwrap();
    let error = world.go_on(&mut Willing).unwrap_err();
    assert!(matches!(error, SaleError::File { .. }), "{error}");
    assert_eq!(world.card.stored.borrow().opens, 0);
    assert_eq!(fs::read(world.output()).unwrap(), b"mine");
}

#[test]
fn what_was_opened_whole_before_a_cut_is_only_put_in_its_place() {
    let world = one_use();
    world.go_on(&mut Willing).unwrap();
    let (path, lines) = journal(&world);
    let opened = lines.iter().position(|line| line.contains("\"opened\"")).unwrap();
    fs::write(path, lines[..=opened].concat()).unwrap();
    fs::rename(world.output(), world.record().opened.unwrap().part).unwrap();
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("renamed");
    assert_eq!(world.card.stored.borrow().opens, 1);
    assert_eq!(fs::read_dir(world.folder.path()).unwrap().count(), 2);
}

#[test]
fn a_sale_whose_folder_vanished_goes_on_in_another() {
    let world = World::new();
    let output = world.output();
    world.go_on(&mut Asked(|| fs::write(&output, "in the way").unwrap())).unwrap_err();
    let other = world.folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let sales = Sales::open(world.folder.path()).unwrap();
    let mut sale = sales.all().unwrap().pop().unwrap();
    sale.move_to(other.join("work.png")).unwrap();
    drop((sale, sales));
    world.go_on(&mut Willing).unwrap();
    assert_eq!(fs::read(other.join("work.png")).unwrap(), world::content());
    assert_eq!(fs::read(world.output()).unwrap(), b"in the way");
}

#[test]
fn a_place_where_no_file_can_be_made_begins_no_sale() {
    let world = World::new();
    std::os::unix::fs::symlink("/nowhere/at/all", world.output()).unwrap();
    let error = world.go_on(&mut never()).unwrap_err();
    assert!(matches!(error, SaleError::File { .. }), "{error}");
    assert!(Sales::open(world.folder.path()).unwrap().all().unwrap().is_empty());
    fs::remove_file(world.output()).unwrap();
    for name in ["x".repeat(300), "missing/".into()] {
        let output = world.folder.path().join(name);
        assert!(super::file::check_place(&output).is_err(), "{}", output.display());
    }
    assert!(super::file::check_place(&world.output()).is_ok());
    world.assert_no_file();
}

#[test]
fn what_a_killed_terminal_left_is_removed_when_its_journal_is_opened() {
    let world = World::new();
    world.center.kept.borrow_mut().changes_delivery = Some(Vec::clear);
    world.go_on(&mut Willing).unwrap_err();
    let id = Sales::open(world.folder.path()).unwrap().all().unwrap()[0].id().to_owned();
    for ending in ["part", "sealed"] {
        fs::write(world.folder.path().join(format!(".saifu-{id}.{ending}")), "plain").unwrap();
    }
    Sales::open(world.folder.path()).unwrap().all().unwrap();
    world.assert_no_file();
}

#[test]
fn a_payment_from_another_account_is_no_payment_of_this_sale() {
    let world = World::new();
    world.card.stored.borrow_mut().pays_from = Some(saifu_wire::AccountId([1; 16]));
    let error = world.go_on(&mut Willing).unwrap_err();
    assert_eq!(error.to_string(), "the card's payment names another account");
}

#[test]
fn a_journal_that_cannot_be_read_hides_no_other() {
    let world = World::new();
    world.go_on(&mut Willing).unwrap();
    let bad = world.folder.path().join("sales/00bad.jsonl");
    fs::write(&bad, "rubbish\n").unwrap();
    let sales = Sales::open(world.folder.path()).unwrap();
    let each = sales.each().unwrap();
    assert!(matches!(&each[0], Err((path, _)) if *path == bad), "{each:?}");
    assert!(each[1].is_ok());
    assert!(sales.all().is_err());
}
