//! The comparison sees what it is there to see.

use saifu_model::{Action, Command, Config, Fate, Protocol, Size, State, World as ModelWorld};

use super::compare::compare;
use super::play;
use super::stage::Player;
use super::world::{Came, World};

const ORDER: Action = Action::Order { order: 0, card: 0 };
const LOAD: Action = run(Command::LoadLicence(0));
const DEBIT: Action = run(Command::Debit(0, 0));
const TOKEN: Action = Action::Settle { token: saifu_model::Token { card: 0, order: 0, nth: 0 } };

const fn run(command: Command) -> Action {
    Action::Run { card: 0, command, fate: Fate::Answered }
}

fn config() -> Config {
    ModelWorld::Payment.config(Size::Reduced)
}

fn state_after(actions: &[Action]) -> State {
    let states = Protocol::new(config(), None).replay(actions).expect("the design's own way");
    states.last().expect("a state").clone()
}

/// A real world that has done these, all of which it does.
fn world_after(player: Player, actions: &[Action]) -> World {
    let mut world = World::begin(config(), player, &format!("{actions:?}"));
    for action in actions {
        assert_eq!(world.act(*action), Ok(Came::Done), "{action}");
    }
    world
}

#[test]
fn one_step_more_or_less_is_seen_in_the_licence_the_purse_and_the_books() {
    let way = [ORDER, LOAD, DEBIT, TOKEN];
    let differs = ["licence of order 0", "balance of purse 0", "settled"];
    for player in [Player::Real, Player::Fixture] {
        for (done, differs) in (1..).zip(differs) {
            let mut world = world_after(player, &way[..=done]);
            assert_eq!(compare(&mut world, &state_after(&way[..=done])), Ok(()));
            let error = compare(&mut world, &state_after(&way[..done])).unwrap_err();
            assert!(error.contains(differs), "{player:?}, one more than the model: {error}");
            let mut world = world_after(player, &way[..done]);
            let error = compare(&mut world, &state_after(&way[..=done])).unwrap_err();
            assert!(error.contains(differs), "{player:?}, one less than the model: {error}");
        }
    }
}

#[test]
fn a_card_over_another_image_is_told_from_one_over_its_own() {
    let config = ModelWorld::Memory.config(Size::Reduced);
    let way = [Action::Copy { card: 0, torn: false }, ORDER, LOAD, Action::PutBack { card: 0 }];
    let states = Protocol::new(config, None).replay(&way).expect("the design's own way");
    let mut world = World::begin(config, Player::Real, "another image");
    for action in way {
        assert_eq!(world.act(action), Ok(Came::Done), "{action}");
    }
    assert_eq!(compare(&mut world, &states[4]), Ok(()));
    let error = compare(&mut world, &states[3]).unwrap_err();
    assert!(error.contains("the model says locked: false"), "{error}");
}

#[test]
fn what_a_player_does_not_offer_is_no_refusal() {
    let mut world = world_after(Player::Real, &[ORDER, LOAD, DEBIT, TOKEN]);
    let token = saifu_model::Token { card: 0, order: 0, nth: 0 };
    assert_eq!(world.act(Action::OpenRefund { token }), Err("refunds"));
    assert!(matches!(world.act(DEBIT), Ok(Came::Done)), "the same token again");
    assert_eq!(world.act(run(Command::Cancel(0))), Ok(Came::Refused("6985".into())));
}

#[test]
fn a_stream_that_was_opened_in_time_goes_on_when_the_date_has_passed() {
    let config = ModelWorld::Expiry.config(Size::Reduced);
    let begin = [ORDER, LOAD, run(Command::Hold(0)), run(Command::OpenStream(0))];
    let late = [Action::TimePasses, run(Command::SetTime), run(Command::Decrypt)];
    let played = play(config, &[&begin[..], &late].concat(), false).expect("the design's own way");
    assert_eq!((played.done, played.refused), (7, vec![]));
    let reopened = [&begin[..], &late[..2], &[run(Command::OpenStream(0))]].concat();
    let played = play(config, &reopened, false).expect("the design refuses the last, too");
    assert_eq!((played.done, played.refused), (6, vec!["6985".to_owned()]));
}
