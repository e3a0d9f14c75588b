//! Works that the card keeps: as they are decrypted, or as they came.

use super::*;
use crate::card::Form;
use saifu_wire::request::LicenceRef;

fn client(world: &World) -> Client {
    Client::new(Box::new(world.center.clone()))
}

/// Buys the work as planned.
fn buy(world: &World, plan: Plan) -> Result<(), SaleError> {
    let sales = Sales::open(world.folder.path())?;
    let (mut card, client) = (Card::new(Box::new(world.card.clone())), client(world));
    let mut session = Session::open(&mut card, &client, &keys::root())?;
    let work = session.client.works()?.remove(0);
    let wish = Wish { plan, ..Wish::of(world.output()) };
    let mut sale = Sale::begin_as(&sales, &mut session, &mut Willing, work, wish)?;
    sale.run(&mut session, &mut Willing, &mut |_: &Step| {})
}

/// Opens what the card keeps into the file.
fn open(world: &World, form: Form) -> Result<Opened, SaleError> {
    let (mut card, client) = (Card::new(Box::new(world.card.clone())), client(world));
    let mut session = Session::open(&mut card, &client, &keys::root())?;
    let (center, account) = (world::CENTER, world::ACCOUNT);
    let state = session.selected.licence(&LicenceRef { center, number: 1 })?.unwrap();
    let kept = Kept { center, account, state, form, output: world.output() };
    kept.open(&mut session, &mut |_: &Step| {})
}

#[test]
fn a_work_is_kept_in_the_pass_that_decrypts_it_and_opens_again_without_the_center() {
    let world = World::new();
    buy(&world, Plan::Keep).unwrap();
    world.assert_complete("kept");
    assert_eq!(world.card.stored.borrow().kept[&false], world::content());
    assert!(world.record().opened.unwrap().kept);
    fs::remove_file(world.output()).unwrap();
    let opened = open(&world, Form::Plain).unwrap();
    assert_eq!(fs::read(world.output()).unwrap(), world::content());
    assert_eq!(opened.sha256, world.record().file.unwrap().1);
}

#[test]
fn a_card_without_room_is_told_before_anything_is_ordered() {
    for plan in [Plan::Keep, Plan::Later] {
        let world = World::new();
        world.card.stored.borrow_mut().room = 99_999;
        let error = buy(&world, plan).unwrap_err();
        assert!(matches!(error, SaleError::NoRoom { free_bytes: 99_999, .. }), "{error}");
        assert!(world.center.kept.borrow().orders.is_empty());
        world.assert_nothing_paid();
    }
}

#[test]
fn a_card_that_is_full_on_the_way_decrypts_all_the_same() {
    let world = World::new();
    world.center.kept.borrow_mut().refuses = Some((world::ORDER_PATH, ProblemCode::Unavailable));
    buy(&world, Plan::Keep).unwrap_err();
    world.center.kept.borrow_mut().refuses = None;
    world.card.stored.borrow_mut().room = 70_000;
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("not kept");
    assert!(!world.record().opened.unwrap().kept);
}

#[test]
fn a_work_bought_for_later_is_paid_and_kept_as_it_came_and_opens_later() {
    let world = World::new();
    buy(&world, Plan::Later).unwrap();
    assert_eq!(world.card.stored.borrow().kept[&true], world::delivery());
    assert_eq!(world.card.stored.borrow().opens, 0, "nothing is decrypted");
    assert_eq!(world.record().next(), Next::Nothing);
    assert_eq!((world.card.stored.borrow().balance, world.card.stored.borrow().debits), (700, 1));
    open(&world, Form::Doubly).unwrap();
    assert_eq!(fs::read(world.output()).unwrap(), world::content());
}

#[test]
fn a_work_bought_for_later_and_decrypted_first_waits_on_hold_and_is_paid_when_it_opens() {
    let world = World::new();
    world.center.kept.borrow_mut().decrypts_first = true;
    buy(&world, Plan::Later).unwrap();
    assert_eq!(world.record().next(), Next::Wait);
    assert_eq!(world.card.stored.borrow().held, 300);
    world.go_on(&mut Willing).unwrap();
    assert_eq!(world.record().next(), Next::Wait, "nobody wants it yet");
    let sales = Sales::open(world.folder.path()).unwrap();
    sales.all().unwrap().pop().unwrap().move_to(world.output()).unwrap();
    drop(sales);
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("opened later");
}

#[test]
fn a_sale_for_later_cut_at_any_exchange_is_finished_with_one_payment() {
    for loses_answers in [false, true] {
        for cuts in 0.. {
            let mut world = World::new();
            world.card.loses_answers = loses_answers;
            world.card.fuse.set(cuts);
            let first = buy(&world, Plan::Later);
            if first.is_ok() && !world.card.fuse.is_blown() {
                assert!(cuts > 14, "{cuts} cuts");
                break;
            }
            let begun = !Sales::open(world.folder.path()).unwrap().all().unwrap().is_empty();
            let again = if begun { world.go_on(&mut Willing) } else { buy(&world, Plan::Later) };
            again.unwrap_or_else(|error| panic!("cut after {cuts}: {error}"));
            let stored = world.card.stored.borrow();
            assert_eq!((stored.debits, stored.balance), (1, 700), "cut after {cuts}");
            assert_eq!(stored.kept[&true], world::delivery(), "cut after {cuts}");
            assert_eq!(world.record().next(), Next::Nothing, "cut after {cuts}");
        }
    }
}

#[test]
fn a_sale_that_keeps_the_work_cut_at_any_exchange_is_finished_with_one_copy_and_one_payment() {
    for loses_answers in [false, true] {
        for cuts in 0.. {
            let mut world = World::new();
            world.card.loses_answers = loses_answers;
            world.card.fuse.set(cuts);
            let first = buy(&world, Plan::Keep);
            if first.is_ok() && !world.card.fuse.is_blown() {
                assert!(cuts > 14, "{cuts} cuts");
                break;
            }
            let begun = !Sales::open(world.folder.path()).unwrap().all().unwrap().is_empty();
            let again = if begun { world.go_on(&mut Willing) } else { buy(&world, Plan::Keep) };
            again.unwrap_or_else(|error| panic!("cut after {cuts}: {error}"));
            let stored = world.card.stored.borrow();
            assert_eq!((stored.debits, stored.balance), (1, 700), "cut after {cuts}");
            assert_eq!(stored.kept[&false], world::content(), "cut after {cuts}");
            assert!(world.record().opened.unwrap().kept, "cut after {cuts}");
        }
    }
}

#[test]
fn a_card_that_has_the_work_whole_is_not_asked_to_replace_it() {
    for plan in [Plan::Keep, Plan::Later] {
        let world = World::new();
        world.center.kept.borrow_mut().changes_delivery = Some(|delivery| delivery.truncate(10));
        buy(&world, plan).unwrap_err();
        world.center.kept.borrow_mut().changes_delivery = None;
        let before = [(false, world::content()), (true, world::delivery())];
        world.card.stored.borrow_mut().kept.extend(before.clone());
        world.go_on(&mut Willing).unwrap();
        assert_eq!(world.record().next(), Next::Nothing);
        assert!(world.card.stored.borrow().kept == before.into());
    }
}

#[test]
fn a_card_that_reads_out_less_or_more_than_the_work_leaves_no_file() {
    for change in [|kept: &mut Vec<u8>| kept.truncate(99_000), |kept: &mut Vec<u8>| kept.push(0)] {
        let world = World::new();
        buy(&world, Plan::Keep).unwrap();
        fs::remove_file(world.output()).unwrap();
        change(world.card.stored.borrow_mut().kept.get_mut(&false).unwrap());
        open(&world, Form::Plain).unwrap_err();
        world.assert_no_file();
    }
}

#[test]
fn what_a_card_hands_back_and_did_not_come_from_the_center_leaves_no_file() {
    for at in [40, 100, 50_000] {
        let world = World::new();
        buy(&world, Plan::Later).unwrap();
        world.card.stored.borrow_mut().kept.get_mut(&true).unwrap()[at] ^= 1;
        open(&world, Form::Doubly).unwrap_err();
        world.assert_no_file();
    }
}
