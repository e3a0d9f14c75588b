//! Each term of the equation is broken by hand, and each thing left to do is left.

use stateright::Model;

use super::*;
use crate::action::{Action, Command, Evidence, Fate};
use crate::config::{Size, World};
use crate::state::Licence;

const CREATED: &[Property] = &[Property::NoValueCreated];
const LOST: &[Property] = &[Property::AllValueAccounted];

fn protocol(world: World) -> Protocol {
    Protocol::new(world.config(Size::Reduced), None)
}

fn run(command: Command) -> Action {
    Action::Run { card: 0, command, fate: Fate::Answered }
}

/// The state after these actions, all of which must be possible.
fn after(protocol: &Protocol, actions: &[Action]) -> State {
    let states = protocol.replay(actions).expect("no action is refused");
    states.last().expect("there is a first state").clone()
}

/// The properties of states that fail in a state changed by hand.
fn broken_by(protocol: &Protocol, state: &State, change: impl Fn(&mut State)) -> Vec<Property> {
    let mut changed = state.clone();
    change(&mut changed);
    let fails = |property: &Property| !property.holds(protocol, &changed);
    Property::ALL.iter().copied().filter(fails).collect()
}

/// Changes the image that the card has, inside and outside.
fn with_image(state: &mut State, change: impl Fn(&mut Image)) {
    change(&mut state.cards[0].root);
    state.cards[0].outside = state.cards[0].root;
}

const BUY: [Action; 3] = [
    Action::Order { order: 0, card: 0 },
    Action::Run { card: 0, command: Command::LoadLicence(0), fate: Fate::Answered },
    Action::Run { card: 0, command: Command::Debit(0, 0), fate: Fate::Answered },
];
const TOKEN: Token = Token { card: 0, order: 0, nth: 0 };
const ISSUE: [Action; 3] = [
    Action::OpenLoad { card: 0, purse: 0 },
    Action::Run { card: 0, command: Command::Challenge(0), fate: Fate::Answered },
    Action::IssueCredit { load: 0 },
];

#[test]
fn a_unit_more_or_less_in_a_balance_is_seen() {
    let protocol = protocol(World::Payment);
    let state = after(&protocol, &[]);
    assert_eq!(broken_by(&protocol, &state, |_| ()), []);
    let more = |state: &mut State| with_image(state, |image| image.purses[0].balance += 1);
    assert_eq!(broken_by(&protocol, &state, more), CREATED);
    let less = |state: &mut State| with_image(state, |image| image.purses[1].balance -= 1);
    assert_eq!(broken_by(&protocol, &state, less), LOST);
}

#[test]
fn a_unit_that_changes_its_kind_is_seen_in_both() {
    let protocol = protocol(World::Payment);
    let state = after(&protocol, &[]);
    let moved = |state: &mut State| {
        with_image(state, |image| {
            image.purses[0].balance -= 1;
            image.purses[1].balance += 1;
        });
    };
    let broken = broken_by(&protocol, &state, moved);
    assert_eq!(broken, [Property::NoValueCreated, Property::AllValueAccounted]);
}

#[test]
fn a_token_lost_from_the_outbox_is_seen_unless_it_is_booked() {
    let protocol = protocol(World::Payment);
    let lose = |state: &mut State| {
        with_image(state, |image| image.outbox = image.outbox.without(TOKEN));
    };
    let paid = after(&protocol, &BUY);
    assert_eq!(broken_by(&protocol, &paid, lose), LOST);
    let settled = after(&protocol, &[&BUY[..], &[Action::Settle { token: TOKEN }]].concat());
    assert_eq!(broken_by(&protocol, &settled, lose), []);
    let unbooked = |state: &mut State| state.center.settled = state.center.settled.without(TOKEN);
    assert_eq!(broken_by(&protocol, &settled, unbooked), []);
    let both = |state: &mut State| {
        lose(state);
        unbooked(state);
    };
    assert_eq!(broken_by(&protocol, &settled, both), LOST);
}

#[test]
fn an_entry_that_no_debit_made_or_that_is_made_twice_is_seen() {
    let protocol = protocol(World::Payment);
    let state = after(&protocol, &BUY[..2]);
    let forged = |state: &mut State| state.center.suspense = state.center.suspense.with(TOKEN);
    let broken = broken_by(&protocol, &state, forged);
    assert_eq!(broken, [Property::NoValueCreated, Property::OnlyWhatWasDebited]);
    let settled = after(&protocol, &[&BUY[..], &[Action::Settle { token: TOKEN }]].concat());
    let again = |state: &mut State| state.center.booked_again[0] += 1;
    let broken = broken_by(&protocol, &settled, again);
    assert_eq!(broken, [Property::NoValueCreated, Property::TokenBookedOnce]);
}

#[test]
fn a_hold_that_vanishes_and_one_from_nothing_are_seen() {
    let protocol = protocol(World::Hold);
    let hold = [Action::Order { order: 0, card: 0 }, run(Command::LoadLicence(0))];
    let loaded = after(&protocol, &hold);
    let become_held = |state: &mut State| {
        with_image(state, |image| image.licences[0] = Licence::Held);
    };
    assert_eq!(broken_by(&protocol, &loaded, become_held), CREATED);
    let held = after(&protocol, &[&hold[..], &[run(Command::Hold(0))]].concat());
    let forget = |state: &mut State| with_image(state, |image| image.licences[0] = Licence::Loaded);
    assert_eq!(broken_by(&protocol, &held, forget), LOST);
}

#[test]
fn a_credit_in_transit_is_on_no_card_and_a_load_given_back_is_not_owed() {
    let protocol = protocol(World::Load);
    let issued = after(&protocol, &ISSUE);
    let take = |state: &mut State| with_image(state, |image| image.purses[0].balance += 1);
    assert_eq!(broken_by(&protocol, &issued, take), CREATED);
    let credited = after(&protocol, &[&ISSUE[..], &[run(Command::Credit(0))]].concat());
    assert_eq!((held(&protocol, &credited, 0), owed(&protocol, &credited, 0)), (1, 1));
    let give_back = |state: &mut State| state.center.loads[0].stage = Stage::Voided;
    assert_eq!(broken_by(&protocol, &credited, give_back), CREATED);
    let voided = after(&protocol, &[&ISSUE[..], &[run(Command::Void(0))]].concat());
    assert_eq!(broken_by(&protocol, &voided, give_back), []);
}

#[test]
fn what_a_card_wrote_off_counts_once_however_it_is_booked() {
    let protocol = protocol(World::Expiry);
    let expire = [Action::TimePasses, run(Command::SetTime), run(Command::Expire(0))];
    let expired = after(&protocol, &expire);
    assert!(!is_quiet(&protocol, &expired));
    let forget = |state: &mut State| with_image(state, |image| image.purses[0].expiry = None);
    assert_eq!(broken_by(&protocol, &expired, forget), LOST);
    let book = Action::BookExpiry { card: 0, purse: 0 };
    let booked = after(&protocol, &[&expire[..], &[book]].concat());
    assert!(is_quiet(&protocol, &booked));
    let twice = |state: &mut State| state.center.expired[0][0] += 1;
    assert_eq!(broken_by(&protocol, &booked, twice), CREATED);
}

#[test]
fn a_state_is_quiet_only_when_nothing_is_left_to_do() {
    let payment = protocol(World::Payment);
    assert!(is_quiet(&payment, &after(&payment, &[])));
    let paid = after(&payment, &BUY);
    assert!(!is_quiet(&payment, &paid), "a token waits");
    let end = [Action::Settle { token: TOKEN }, run(Command::Acknowledge(TOKEN))];
    assert!(is_quiet(&payment, &after(&payment, &[&BUY[..], &end].concat())));

    let load = protocol(World::Load);
    assert!(!is_quiet(&load, &after(&load, &ISSUE[..1])), "a load is open");
    assert!(!is_quiet(&load, &after(&load, &ISSUE)), "a credit is in transit");
    let end =
        [run(Command::Credit(0)), Action::CloseLoad { load: 0, evidence: Evidence::Credited }];
    assert!(is_quiet(&load, &after(&load, &[&ISSUE[..], &end].concat())));
}

#[test]
fn a_card_with_an_old_image_refuses_everything_and_still_holds_its_value() {
    let protocol = protocol(World::Memory);
    let copy = [Action::Copy { card: 0, torn: false }];
    let put_back = [Action::PutBack { card: 0 }];
    let locked = after(&protocol, &[&copy[..], &BUY, &put_back].concat());
    assert!(protocol.powered_up(&locked.cards[0]).is_none());
    assert_eq!(broken_by(&protocol, &locked, |_| ()), []);
    assert!(!is_quiet(&protocol, &locked));
    let get_token = run(Command::GetToken(TOKEN));
    assert!(protocol.next_state(&locked, get_token).is_none());
    let revived = protocol.next_state(&locked, put_back[0]).expect("the copy is there");
    assert!(protocol.next_state(&revived, get_token).is_some());
}
