//! Who is asked, and what for: the right card, and what was agreed to.

use super::*;

/// Is asked for nothing that it would answer.
struct Nobody;

impl Customer for Nobody {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        panic!("the PIN was asked for")
    }
    fn approve(&mut self, _: &Offer) -> Result<(), NoCustomer> {
        panic!("an offer was made")
    }
}

/// Agrees, and then does not pay more than so much.
struct Sparing(u64);

impl Customer for Sparing {
    fn pin(&mut self) -> Result<Pin, NoCustomer> {
        Willing.pin()
    }
    fn approve(&mut self, _: &Offer) -> Result<(), NoCustomer> {
        Ok(())
    }
    fn confirm(&mut self, choice: &Choice) -> Result<(), NoCustomer> {
        let too_much = NoCustomer::Declined("too much".into());
        if choice.amount > self.0 { Err(too_much) } else { Ok(()) }
    }
}

/// The journal of the only sale, its lines cut after `event`.
fn cut_after(world: &World, event: &str, change: impl Fn(&str) -> String) {
    let names = fs::read_dir(world.folder.path().join("sales")).unwrap();
    let mut paths = names.map(|entry| entry.unwrap().path());
    let path = paths.find(|path| path.extension().is_some()).unwrap();
    let text = change(&fs::read_to_string(&path).unwrap());
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let event = format!("\"{event}\"");
    let last = lines.iter().position(|line| line.contains(&event)).unwrap();
    fs::write(path, lines[..=last].concat()).unwrap();
}

#[test]
fn another_card_is_asked_for_no_pin_and_shown_no_offer() {
    let world = World::new();
    world.go_on(&mut Sparing(0)).unwrap_err();
    let other = "ab".repeat(16);
    for event in ["ordered", "licensed", "approved"] {
        cut_after(&world, event, |text| text.replace(&world::CARD.to_string(), &other));
        let before = world.record();
        let error = world.go_on(&mut Nobody).unwrap_err();
        assert!(matches!(error, SaleError::OtherParty("card")), "{error}");
        assert_eq!(world.record(), before, "nothing was written down");
        world.go_on(&mut Nobody).unwrap_err();
        world.assert_nothing_paid();
        cut_after(&world, event, |text| text.replace(&other, &world::CARD.to_string()));
        world.go_on(&mut Sparing(0)).unwrap_err();
    }
}

#[test]
fn what_was_agreed_to_is_confirmed_before_it_is_paid_and_waits_if_it_is_not() {
    let world = World::new();
    let error = world.go_on(&mut Sparing(world::PRICE - 1)).unwrap_err();
    assert!(matches!(error, SaleError::Customer(NoCustomer::Declined(_))), "{error}");
    assert!(world.record().abandoned.is_none());
    world.assert_nothing_paid();
    world.go_on(&mut Sparing(world::PRICE)).unwrap();
    world.assert_complete("confirmed");
}

#[test]
fn a_sale_whose_licence_no_card_has_is_given_up_without_a_card() {
    let world = World::new();
    world.center.kept.borrow_mut().refuses = Some(("/v1/orders", ProblemCode::Unavailable));
    world.go_on(&mut Willing).unwrap_err();
    let sales = Sales::open(world.folder.path()).unwrap();
    let mut sale = sales.all().unwrap().pop().unwrap();
    assert!(sale.give_up_unloaded(&mut |_: &Step| {}).unwrap());
    assert!(sale.record().abandoned.is_some());
}
