//! What is to be found on the real cards and in the real books where the model has this state.

use std::fmt::Debug;

use saifu_model::{Licence, Stage as LoadStage, State};
use saifu_wire::answer::LicenceStatus;
use saifu_wire::ins::Ins;

use super::card::View;
use super::desk::UNIT;
use super::stage::Stage;
use super::world::World;

/// What a card answers that finds another outside memory than its own (§2.4).
const LOCKED: u16 = 0x6581;

/// What a card answers to the licence of a number that was used (§8.5).
const USED: u16 = 0x6985;

/// Compares the real state with the model's.
///
/// # Errors
/// What differs, in words.
pub(super) fn compare(world: &mut World, state: &State) -> Result<(), String> {
    for card in 0..world.config.cards as u8 {
        compare_card(world, state, card).map_err(|error| format!("card {card}: {error}"))?;
    }
    compare_books(world, state).map_err(|error| format!("the books: {error}"))
}

fn compare_card(world: &mut World, state: &State, card: u8) -> Result<(), String> {
    let view = match (world.card(card).look(), state.is_locked(card)) {
        (Ok(view), false) => view,
        (Err(word), true) => return same("what a locked card answers", word, LOCKED),
        (seen, locked) => {
            return Err(format!("the model says locked: {locked}, the card {seen:?}"));
        }
    };
    for purse in 0..2 {
        compare_purse(world, state, (card, purse), &view)?;
    }
    for order in 0..world.config.orders.len() as u8 {
        compare_licence(world, state, (card, order), &view)?;
    }
    let mut waiting: Vec<u64> = view.outbox.iter().map(|entry| entry.licence).collect();
    waiting.sort_unstable();
    let number = |order| world.licence(card, order).map(|licence| licence.number);
    let tokens = state.outbox(card).into_iter().map(|token| number(token.order));
    let mut expected = tokens.collect::<Result<Vec<u64>, String>>()?;
    expected.sort_unstable();
    same("licences whose tokens wait", waiting, expected)
}

fn compare_purse(
    world: &World,
    state: &State,
    (card, purse): (u8, u8),
    view: &View,
) -> Result<(), String> {
    let orders = 0..world.config.orders.len() as u8;
    let of_kind = |order: &u8| world.config.orders[usize::from(*order)].kind == usize::from(purse);
    let held = |order: &u8| state.licence(card, *order) == Licence::Held;
    let held = orders.filter(of_kind).filter(held).count() as u64;
    let real = &view.purses[usize::from(purse)];
    let before = Stage::loads_before(&world.config, purse);
    let sequence = u64::from(state.sequence(card, purse)) + before;
    let balance = u64::from(state.balance(card, purse).unsigned_abs()) * UNIT;
    let what = |what: &str| format!("{what} of purse {purse}");
    same(&what("balance"), real.balance, balance)?;
    same(&what("held"), real.held, held * UNIT)?;
    same(&what("sequence"), real.sequence, sequence)
}

fn compare_licence(
    world: &mut World,
    state: &State,
    (card, order): (u8, u8),
    view: &View,
) -> Result<(), String> {
    let number = world.licence(card, order).map(|licence| licence.number).ok();
    let found = view.licences.iter().find(|licence| Some(licence.number) == number);
    let expected = match state.licence(card, order) {
        Licence::Absent => None,
        Licence::Used => {
            let licence = &world.deliveries[&(order, card)].licence.clone();
            let again = world.card(card).copy().send(Ins::LoadLicence, 0, 0, licence);
            same("what a used number's licence gets", again, Err(USED))?;
            None
        }
        Licence::Loaded => Some(LicenceStatus::Loaded),
        Licence::Held => Some(LicenceStatus::Held),
        Licence::Paid => Some(LicenceStatus::Paid),
        Licence::Released => Some(LicenceStatus::Released),
        Licence::Refunded => Some(LicenceStatus::Refunded),
    };
    same(&format!("licence of order {order}"), found.map(|found| found.status), expected)
}

fn compare_books(world: &World, state: &State) -> Result<(), String> {
    let stand = world.desk.stand();
    let of = |tokens: Vec<saifu_model::Token>| {
        let mut of: Vec<_> = tokens.iter().map(|token| (token.card, token.order)).collect();
        of.sort_unstable();
        of
    };
    same("settled", &stand.settled, &of(state.settled()))?;
    same("suspense", &stand.suspense, &of(state.in_suspense()))?;
    let mut unapplied = [0; 2];
    for (_, purse) in state.loads().filter(|(stage, _)| *stage == LoadStage::Issued) {
        unapplied[usize::from(purse)] += 1;
    }
    same("credits on their way", stand.unapplied, unapplied)?;
    if let Some(expired) = stand.expired {
        let cards = [0, 1].map(|card| [0, 1].map(|purse| u64::from(state.expired(card, purse))));
        same("expired", expired, cards)?;
    }
    same("findings", stand.findings, Vec::new())
}

fn same<T: PartialEq + Debug>(what: &str, real: T, model: T) -> Result<(), String> {
    if real == model {
        return Ok(());
    }
    Err(format!("{what}: the real one has {real:?}, the model {model:?}"))
}
