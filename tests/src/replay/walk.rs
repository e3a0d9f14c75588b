//! Walks through the design's worlds, drawn by lot: each repeats from its number.
//!
//! Between the steps of the design they try what it refuses, and the real ones must, too.

use saifu_model::{Action, Command, Config, Fate, Protocol, Size, Stage, State, World};

use super::cases::Case;
use crate::fixture::Draws;

/// Steps of one walk.
const STEPS: usize = 24;

/// One in so many steps that only forget or cut is taken.
const DULL: usize = 4;

/// One in so many steps is one that the design refuses.
const REFUSED: usize = 4;

/// `count` walks, through one world after the other. Every second goes only where the real center
/// plays its part.
#[must_use]
pub fn walks(size: Size, count: usize) -> Vec<Case> {
    let worlds = World::ALL.iter().cycle().take(count);
    worlds.enumerate().map(|(number, world)| walk(*world, size, number)).collect()
}

fn walk(world: World, size: Size, number: usize) -> Case {
    let name = format!("walk {number}, {}", world.name());
    let config = world.config(size);
    let protocol = Protocol::new(config, None);
    let mut draws = Draws::new(&name);
    let (mut state, mut actions) = (protocol.begin(), Vec::new());
    while actions.len() < STEPS {
        let refused: Vec<Action> = refusals(&protocol, &config, &state).collect();
        if !refused.is_empty() && draws.below(REFUSED) == 0 {
            actions.push(refused[draws.below(refused.len())]);
            continue;
        }
        let mut steps = protocol.steps(&state);
        if number.is_multiple_of(2) {
            steps.retain(|(action, _)| is_offered(&config, &state, action));
        }
        // Most walks would end with a host that forgets and repeats.
        let bright = steps.iter().any(|(action, next)| !is_dull(action) && *next != state);
        if bright && draws.below(DULL) != 0 {
            steps.retain(|(action, next)| !is_dull(action) && *next != state);
        }
        if steps.is_empty() {
            break;
        }
        let (action, next) = steps.swap_remove(draws.below(steps.len()));
        actions.push(action);
        state = next;
    }
    Case::of_walk(name, config, actions)
}

/// Whether nothing comes of a step but that something is lost.
fn is_dull(action: &Action) -> bool {
    matches!(action, Action::Lose | Action::EndOrder { .. } | Action::TimePasses)
}

/// Whether saifu-center offers this step.
fn is_offered(config: &Config, state: &State, action: &Action) -> bool {
    match action {
        Action::Order { card, .. } => *card == 0,
        Action::OpenLoad { purse, .. } => {
            let credited = |(stage, of)| stage == Stage::Credited && of == *purse;
            config.start[usize::from(*purse)] == 0 && !state.loads().any(credited)
        }
        Action::OpenRefund { .. } | Action::Withdraw { .. } | Action::BookExpiry { .. } => false,
        _ => true,
    }
}

/// What the design refuses here by a rule of the card or the center; a bound of the model, which
/// the real ones do not have, is none.
///
/// Left out is what the real ones take because they do two of the model's steps at once: a center
/// answers the challenge of a load whose credit is out, and books the event in it; a card notes the
/// first time it is told.
fn refusals(protocol: &Protocol, config: &Config, state: &State) -> impl Iterator<Item = Action> {
    let (deletes, copies) = (config.deletes, config.copies);
    let loads: Vec<_> = state.loads().collect();
    let is_open = move |load: u8| loads.get(usize::from(load)).is_some_and(|l| l.0 == Stage::Open);
    protocol.refusals(state).into_iter().filter(move |action| match action {
        Action::Run { command, fate: Fate::Answered, .. } => match command {
            Command::Hold(_) => false,
            Command::DeleteLicence(_) => deletes,
            Command::SetTime => !copies,
            _ => true,
        },
        Action::IssueCredit { load } => is_open(*load),
        Action::CloseLoad { .. } => true,
        Action::SettleAs { token, card } => *card != token.card,
        _ => false,
    })
}
