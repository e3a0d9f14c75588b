//! Ways of the model, driven through the real card and the real center.
//!
//! A way is a list of the model's [`Action`]s. Each is done with APDUs to cards in RAM, in their
//! runtime, and with requests to a center; after each, what a terminal finds on the cards after a
//! power-up and what stands in the center's books must be what the base design's state says:
//! balances, holds, sequences, licences, tokens that wait, settled, suspense, credits on their
//! way, expired. Where the base design refuses an action (a mutant's way), the real ones must
//! refuse it, or say again what they said before, and keep everything as it was.
//!
//! # Who plays the center
//!
//! | step | saifu-center | the fixture signs what a center would sign |
//! |---|---|---|
//! | order, licence, delivery | for the first card | for the card that replaces it |
//! | an order runs out | its clock | |
//! | load, credit | a purse's first value; after a void again | any other load |
//! | close a load, by event or challenge | yes | |
//! | give back a load without credit | | yes |
//! | settle, receipt, suspense | yes | |
//! | refund | | yes |
//! | book what expired | | yes |
//! | time for a session | yes | |
//!
//! A way that asks saifu-center for what it does not offer is played by the fixture from its
//! beginning ([`Played::player`]): one center has one ledger.
//!
//! # What stands for what
//!
//! *Cut* fails power in the write of the secure area that commits, and leaves nothing, garbage,
//! zeros or a beginning of it in turn; *answer lost* fails it after that write. *Cut between two
//! commits*, which the real card does not have, cuts at each write there is. A torn image is what
//! the cut commit would have left outside. A unit is 100 minor units; an outbox is filled until as
//! many places are left as the model has.
//!
//! The model's images are equal where their contents are; the card's are not, it draws at random.
//! A walk that puts back a torn image and later commits its like ends there ([`Played::whole`]); no
//! other way does.

mod card;
mod cases;
mod commands;
mod compare;
mod desk;
mod real;
mod signed;
mod stage;
mod trap;
mod walk;
mod world;

use saifu_model::{Action, Command, Config, Fate, Protocol, State};

pub use cases::{Case, Coverage, counterexamples, cover, edges};
pub use stage::Player;
pub use walk::walks;

use compare::compare;
use world::{Came, World};

/// What became of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Who played the center.
    pub player: Player,
    /// Steps that were done.
    pub done: usize,
    /// Steps that were refused, and how.
    pub refused: Vec<String>,
    /// Whether it was played to its end, for what lies outside is what the model means.
    pub whole: bool,
}

/// A way that is being played.
struct Play {
    base: Protocol,
    state: State,
    world: World,
    played: Played,
}

/// Why a way does not go on.
enum Stop {
    /// Real ones and model differ.
    Differs(String),
    /// The center that plays does not offer a step.
    NotOffered,
    /// The model's images say no more what lies outside.
    OtherBytes,
}

/// Plays a way, and where `to_quiet` is set, goes on until no value waits.
///
/// # Errors
/// Where the real ones differ from the base design, and how.
pub fn play(config: Config, actions: &[Action], to_quiet: bool) -> Result<Played, String> {
    for player in [Player::Real, Player::Fixture] {
        let mut play = Play::begin(config, player, &format!("{config} {actions:?}"));
        match play.go(actions, to_quiet) {
            Ok(()) => return Ok(play.played),
            Err(Stop::OtherBytes) => return Ok(Played { whole: false, ..play.played }),
            Err(Stop::Differs(what)) => return Err(format!("{player:?}: {what}")),
            Err(Stop::NotOffered) => {}
        }
    }
    Err("neither center offers a step of it".into())
}

impl Play {
    fn begin(config: Config, player: Player, name: &str) -> Self {
        let base = Protocol::new(config, None);
        let played = Played { player, done: 0, refused: Vec::new(), whole: true };
        Self { state: base.begin(), base, world: World::begin(config, player, name), played }
    }

    fn go(&mut self, actions: &[Action], to_quiet: bool) -> Result<(), Stop> {
        compare(&mut self.world, &self.state).map_err(Stop::Differs)?;
        for action in actions {
            self.step(*action)?;
        }
        if !to_quiet {
            return Ok(());
        }
        let rest = cases::way_to_quiet(&self.base, &self.state);
        let rest = rest.ok_or_else(|| Stop::Differs("the base design strands value".into()))?;
        rest.into_iter().try_for_each(|action| self.step(action))
    }

    /// Does one action and compares.
    fn step(&mut self, action: Action) -> Result<(), Stop> {
        let at = self.played.done + self.played.refused.len() + 1;
        let differs = |what: String| Stop::Differs(format!("step {at}, {action}: {what}"));
        let next = of_the_base(&self.base, &self.state, action);
        let before = self.world.views();
        let host = self.world.host.clone();
        let came = self.world.act(action).map_err(|_| Stop::NotOffered)?;
        match (next, came) {
            (Some(next), Came::Done) => {
                self.note_commit(action, &next)?;
                self.state = next;
                self.played.done += 1;
            }
            (None, came) => {
                if !is_refused(action, &came) || before != self.world.views() {
                    return Err(differs(format!("{came:?}, and not as it was before")));
                }
                let said = if let Came::Refused(why) = came { why } else { "said again".into() };
                self.played.refused.push(said);
                self.world.host = host;
            }
            (Some(_), Came::Refused(why)) => {
                return Err(differs(format!("refused ({why}), and the model does it")));
            }
        }
        compare(&mut self.world, &self.state).map_err(differs)
    }

    /// Notes what lies outside after a commit; whether what was put back is what the model means.
    fn note_commit(&mut self, action: Action, next: &State) -> Result<(), Stop> {
        match action {
            Action::Run { card, fate: Fate::Answered | Fate::Lost, .. } => {
                self.world.card(card).has_committed();
                Ok(())
            }
            Action::PutBack { card } => {
                let own = next.is_locked(card) || self.world.card(card).lies_over_its_own();
                if own { Ok(()) } else { Err(Stop::OtherBytes) }
            }
            _ => Ok(()),
        }
    }
}

/// What a step of a mutant's way is in the base design, if it is one there. What the mutant's
/// card does in two commits, or answers before its commit, is cut in the one that there is.
fn of_the_base(base: &Protocol, state: &State, action: Action) -> Option<State> {
    let action = match action {
        Action::Run { card, command, fate: Fate::Between | Fate::Early } => {
            Action::Run { card, command, fate: Fate::Cut }
        }
        _ => action,
    };
    let mut steps = base.steps(state).into_iter();
    steps.find(|(step, _)| *step == action).map(|(_, next)| next)
}

/// Plaintext is never just said again.
fn is_refused(action: Action, came: &Came) -> bool {
    let decrypts = matches!(action, Action::Run { command: Command::Decrypt, .. });
    !decrypts || *came != Came::Done
}

#[cfg(test)]
mod tests;
