//! A card that is lost on the way and comes back: the sale goes on by itself.

use super::*;
use crate::card::CardError;
use crate::transport::TransportError;

impl World {
    /// Buys the work as the program does: in one go, whatever happens to the card.
    fn buy_in_one_go(&self, told: &mut Vec<Step>) -> Result<(), SaleError> {
        let sales = Sales::open(self.folder.path())?;
        let mut card = Card::new(Box::new(self.card.clone()));
        let client = Client::new(Box::new(self.center.clone()));
        let root = keys::root();
        let mut session = Session::open(&mut card, &client, &root)?;
        let work = session.client.works()?.remove(0);
        let mut sale = Sale::begin(&sales, &mut session, &mut Willing, work, self.output())?;
        let observer = &mut |step: &Step| told.push(step.clone());
        sale.run(&mut session, &mut Willing, observer).or_else(|error| {
            let mut parties = Parties { card: &mut card, client: &client, root: &root };
            sale.recover(error, &mut parties, &mut Willing, observer)
        })
    }
}

fn losses(told: &[Step]) -> usize {
    told.iter().filter(|step| matches!(step, Step::CardLost { .. })).count()
}

#[test]
fn a_card_lost_at_any_command_is_waited_for_and_pays_once() {
    let mut lost = 0;
    for loses_answers in [false, true] {
        for count in 0.. {
            let mut world = World::new();
            world.card.fuse.set(count);
            world.card.loses_answers = loses_answers;
            let mut told = Vec::new();
            let bought = world.buy_in_one_go(&mut told);
            if told.is_empty() {
                assert!(bought.is_err(), "nothing had begun");
                continue;
            }
            bought.unwrap_or_else(|error| panic!("command {count}: {error}"));
            world.assert_complete(&format!("command {count}"));
            lost += losses(&told);
            if !world.card.fuse.is_blown() {
                break;
            }
        }
    }
    assert!(lost > 20, "the card was lost {lost} times only");
}

#[test]
fn a_center_that_fails_is_not_taken_for_a_lost_card() {
    let world = World::new();
    world.center.kept.borrow_mut().refuses = Some(("/v1/orders", ProblemCode::Unavailable));
    let mut told = Vec::new();
    let error = world.buy_in_one_go(&mut told).unwrap_err();
    assert!(matches!(error, SaleError::Session(SessionError::Center(_))), "{error}");
    assert_eq!(losses(&told), 0);
}

#[test]
fn a_card_that_does_not_come_back_is_told_and_nothing_is_paid() {
    let world = World::new();
    let sales = Sales::open(world.folder.path()).unwrap();
    let mut card = Card::new(Box::new(world.card.clone()));
    let client = Client::new(Box::new(world.center.clone()));
    let root = keys::root();
    let mut session = Session::open(&mut card, &client, &root).unwrap();
    let work = session.client.works().unwrap().remove(0);
    let mut sale = Sale::begin(&sales, &mut session, &mut Willing, work, world.output()).unwrap();
    let gone = || TransportError::NoCard { name: "reader".into() };
    let mut away = Card::new(Box::new(Away(gone())));
    let mut parties = Parties { card: &mut away, client: &client, root: &root };
    let mut told = Vec::new();
    let observer = &mut |step: &Step| told.push(step.clone());
    let error = SaleError::from(CardError::from(gone()));
    let error = sale.recover(error, &mut parties, &mut Willing, observer).unwrap_err();
    assert!(error.to_string().contains("no card in reader"), "{error}");
    assert_eq!(losses(&told), 1, "it was waited for once");
    world.assert_nothing_paid();
}

/// A reader without a card.
struct Away(TransportError);

impl crate::transport::Transport for Away {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
        Err(self.0.clone())
    }
    fn reconnect(&mut self) -> Result<(), TransportError> {
        Err(self.0.clone())
    }
    fn name(&self) -> &str {
        "reader"
    }
}
