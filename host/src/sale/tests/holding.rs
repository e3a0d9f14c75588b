//! Works that are decrypted first: the price on hold, then paid in any case, or given back.

use super::*;
use saifu_center_api::OrderState;

fn decrypting_first() -> World {
    let world = World::new();
    world.center.kept.borrow_mut().decrypts_first = true;
    world
}

/// Keeps the center from delivering, so that the price is on hold and no byte has left.
fn held() -> World {
    let world = decrypting_first();
    let path = "/v1/orders/0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d/delivery";
    world.center.kept.borrow_mut().refuses = Some((path, ProblemCode::Unavailable));
    world.go_on(&mut Willing).unwrap_err();
    world.center.kept.borrow_mut().refuses = None;
    assert!(world.record().is_on_hold());
    assert_eq!((world.card.stored.borrow().held, world.card.stored.borrow().balance), (300, 700));
    world
}

impl World {
    /// Gives up the only sale; whether it was given up.
    fn give_up(&self) -> Result<bool, SaleError> {
        let sales = Sales::open(self.folder.path())?;
        let mut card = Card::new(Box::new(self.card.clone()));
        let client = Client::new(Box::new(self.center.clone()));
        let mut session = Session::open(&mut card, &client, &keys::root())?;
        let mut sale = sales.all()?.pop().unwrap();
        sale.give_up(&mut session, &mut Willing, &mut |_: &Step| {})
    }

    fn assert_given_back(&self) {
        assert!(self.record().abandoned.is_some());
        assert_eq!(self.card.stored.borrow().held, 0);
        self.assert_nothing_paid();
    }
}

#[test]
fn the_work_comes_before_it_is_paid() {
    let world = decrypting_first();
    let sales = Sales::open(world.folder.path()).unwrap();
    let mut card = Card::new(Box::new(world.card.clone()));
    let client = Client::new(Box::new(world.center.clone()));
    let mut session = Session::open(&mut card, &client, &keys::root()).unwrap();
    let work = session.client.works().unwrap().remove(0);
    let mut sale = Sale::begin(&sales, &mut session, &mut Willing, work, world.output()).unwrap();
    let mut signs = Vec::new();
    let mut observer = |step: &Step| signs.push(step.sign());
    sale.run(&mut session, &mut Willing, &mut observer).unwrap();
    signs.retain(|sign| !sign.is_empty());
    let expected =
        ["ST5", "ST6-ST8", "ST9, ST10 (key)", "ST9 (content)", "ST10 (content)", "ST11", "ST12"];
    assert_eq!(signs, expected);
    drop((sale, sales));
    world.assert_complete("decrypted first");
}

#[test]
fn a_sale_cut_at_any_exchange_is_finished_with_one_payment() {
    for (loses_answers, cut_card) in [(false, false), (false, true), (true, false), (true, true)] {
        for cuts in 0.. {
            let mut world = decrypting_first();
            (world.card.loses_answers, world.center.loses_answers) = (loses_answers, loses_answers);
            let fuse = if cut_card { &world.card.fuse } else { &world.center.fuse };
            fuse.set(cuts);
            let what = format!("card {cut_card}, answer {loses_answers}, after {cuts}");
            let first = world.go_on(&mut Willing);
            if first.is_ok() && !fuse.is_blown() {
                assert!(cuts >= if cut_card { 16 } else { 5 }, "{cuts} cuts");
                break;
            }
            if first.is_err() {
                world.go_on(&mut Willing).unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            world.assert_complete(&what);
        }
    }
}

#[test]
fn a_sale_whose_terminal_dies_before_any_line_is_written_is_finished_all_the_same() {
    let lines = {
        let world = decrypting_first();
        world.go_on(&mut Willing).unwrap();
        journal(&world).1.len()
    };
    assert_eq!(lines, 10);
    for kept in 1..lines {
        let world = decrypting_first();
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

#[test]
fn a_work_that_breaks_off_once_a_byte_has_left_is_paid_and_can_be_fetched_again() {
    let world = decrypting_first();
    world.center.kept.borrow_mut().changes_delivery = Some(|delivery| delivery.truncate(90_000));
    world.go_on(&mut Willing).unwrap_err();
    assert_eq!(world.center.kept.borrow().receipts.len(), 1);
    assert_eq!(world.record().next(), Next::Decrypt);
    world.assert_no_file();
    world.center.kept.borrow_mut().changes_delivery = None;
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("fetched again");
}

#[test]
fn a_work_of_which_nothing_is_authentic_is_not_paid_and_the_hold_can_be_given_back() {
    let world = decrypting_first();
    world.center.kept.borrow_mut().changes_delivery = Some(|delivery| delivery[100] ^= 1);
    world.go_on(&mut Willing).unwrap_err();
    assert!(world.record().is_on_hold());
    assert_eq!(world.card.stored.borrow().held, 300);
    assert!(world.give_up().unwrap());
    world.assert_given_back();
}

#[test]
fn a_hold_is_given_back_whatever_is_lost_on_the_way() {
    for loses_answers in [false, true] {
        for cuts in 0.. {
            let mut world = held();
            world.card.loses_answers = loses_answers;
            world.card.fuse.set(cuts);
            if world.give_up().is_ok() && !world.card.fuse.is_blown() {
                assert!(cuts > 4, "{cuts} cuts");
                break;
            }
            if world.record().abandoned.is_none() {
                assert!(world.give_up().unwrap(), "cut after {cuts}");
            }
            world.assert_given_back();
        }
    }
}

#[test]
fn what_has_begun_to_come_is_not_given_up_but_paid() {
    let world = decrypting_first();
    world.center.kept.borrow_mut().changes_delivery = Some(|delivery| delivery.truncate(90_000));
    world.go_on(&mut Willing).unwrap_err();
    assert!(!world.give_up().unwrap());
    world.center.kept.borrow_mut().changes_delivery = None;
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("not given up");
}

#[test]
fn a_hold_whose_order_can_be_settled_no_more_is_given_back_by_itself() {
    let world = held();
    world.center.kept.borrow_mut().state = Some(OrderState::Expired);
    let error = world.go_on(&mut Willing).unwrap_err();
    assert!(matches!(error, SaleError::Closed(OrderState::Expired)), "{error}");
    world.assert_given_back();
}

#[test]
fn a_price_that_went_back_to_its_purse_is_put_on_hold_anew() {
    let world = held();
    {
        let mut stored = world.card.stored.borrow_mut();
        (stored.held, stored.balance) = (0, 1_000);
    }
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("held again");
}

#[test]
fn a_licence_that_needs_the_time_is_opened_once_the_card_was_told_it() {
    let world = World::new();
    world.center.kept.borrow_mut().needs_time = true;
    world.go_on(&mut Willing).unwrap();
    world.assert_complete("in time");
    assert_eq!((world.card.stored.borrow().times, world.center.kept.borrow().times), (1, 1));
}

#[test]
fn a_time_that_the_center_did_not_sign_is_not_told_to_the_card() {
    let world = World::new();
    world.center.kept.borrow_mut().needs_time = true;
    world.center.kept.borrow_mut().signs_time_as = Some(saifu_wire::certificate::Role::Receipt);
    world.go_on(&mut Willing).unwrap_err();
    assert_eq!(world.card.stored.borrow().times, 0);
    world.assert_nothing_paid();
}
