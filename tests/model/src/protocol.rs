//! The state space: where it begins, what can happen, and what follows.

use stateright::{Model, Property as Checked};

use crate::action::{Action, Command, Fate};
use crate::card::{self, Answer, Effect};
use crate::config::Config;
use crate::mutant::Mutant;
use crate::properties::{self, Property};
use crate::state::{Card, Image, LOADS, Licence, State};
use crate::token::Token;
use crate::{center, host};

/// The design in one world, or one mutant of it.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    pub(crate) config: Config,
    pub(crate) mutant: Option<Mutant>,
}

impl Protocol {
    /// The design, or a mutant, in this world.
    #[must_use]
    pub fn new(config: Config, mutant: Option<Mutant>) -> Self {
        Self { config, mutant }
    }

    /// The states that these actions lead through, the first one included; none if one of them
    /// is refused.
    #[must_use]
    pub fn replay(&self, actions: &[Action]) -> Option<Vec<State>> {
        let mut states = vec![self.first_state()];
        for action in actions {
            let next = self.next_state(states.last()?, *action)?;
            states.push(next);
        }
        Some(states)
    }

    /// The state in which the world begins.
    #[must_use]
    pub fn begin(&self) -> State {
        self.first_state()
    }

    /// What an action leads to; none if it is refused.
    #[must_use]
    pub fn step(&self, state: &State, action: Action) -> Option<State> {
        self.next_state(state, action)
    }

    /// Everything that can happen in a state, and what it leads to.
    #[must_use]
    pub fn steps(&self, state: &State) -> Vec<(Action, State)> {
        let mut actions = Vec::new();
        self.actions(state, &mut actions);
        let step = |action| Some((action, self.next_state(state, action)?));
        actions.into_iter().filter_map(step).collect()
    }

    /// What is tried in a state and refused, by a rule or because a bound is met.
    #[must_use]
    pub fn refusals(&self, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        self.actions(state, &mut actions);
        actions.retain(|action| self.next_state(state, *action).is_none());
        actions
    }

    /// Whether nothing is left to do in a state: no value waits anywhere.
    #[must_use]
    pub fn is_quiet(&self, state: &State) -> bool {
        properties::is_quiet(self, state)
    }

    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    pub(crate) fn kind_of(&self, token: Token) -> usize {
        self.config.orders[usize::from(token.order)].kind
    }

    /// The image on which the card acts, if there is one: the base design's is the very one
    /// whose hash the secure area remembers.
    pub(crate) fn powered_up(&self, card: &Card) -> Option<Image> {
        let matches = if self.is(Mutant::SealWithoutFreshness) {
            true
        } else if self.is(Mutant::EpochWithoutRoot) {
            card.outside.epoch == card.root.epoch
        } else {
            card.outside == card.root
        };
        (matches && !card.dead).then_some(card.outside)
    }

    /// What the card has: the image on which it acts, or else the one for which it waits.
    pub(crate) fn in_force(&self, card: &Card) -> Image {
        self.powered_up(card).unwrap_or(card.root)
    }

    fn first_state(&self) -> State {
        let mut state = State { holds_left: self.config.holds, ..State::default() };
        for card in &mut state.cards[..self.config.cards] {
            for (purse, balance) in card.root.purses.iter_mut().zip(self.config.start) {
                purse.balance = balance;
            }
            card.outside = card.root;
        }
        state
    }

    /// What a card's command leads to; none if the card refuses it, or if this cannot befall it.
    fn run(&self, state: &State, at: u8, command: Command, fate: Fate) -> Option<State> {
        let card = &state.cards[usize::from(at)];
        let image = self.powered_up(card)?;
        let mut effect = card::execute(self, state, at, &image, command)?;
        let mut next = state.clone();
        if let Some(written) = &mut effect.image {
            written.epoch += u8::from(self.config.copies);
        } else if fate != Fate::Answered {
            return None;
        }
        match fate {
            Fate::Cut => self.tear(&mut next, at, &effect),
            Fate::Lost => {
                self.commit(&mut next, at, command, &effect);
                next.cards[usize::from(at)].stream = None;
            }
            Fate::Answered => {
                self.commit(&mut next, at, command, &effect);
                self.answer(&mut next, at, &effect);
            }
            Fate::Between => {
                let token = effect.debited?;
                let written = effect.image.as_mut()?;
                written.outbox = written.outbox.without(token);
                effect.debited = None;
                self.commit(&mut next, at, command, &effect);
            }
            Fate::Early => {
                let made = next.seen.made;
                next.seen.made = effect.debited.map_or(made, |token| made.with(token));
                self.answer(&mut next, at, &effect);
                next.cards[usize::from(at)].stream = None;
            }
        }
        Some(next)
    }

    fn tear(&self, next: &mut State, at: u8, effect: &Effect) {
        let card = &mut next.cards[usize::from(at)];
        card.stream = None;
        if self.config.copies {
            card.torn = effect.image;
        }
    }

    fn commit(&self, next: &mut State, at: u8, command: Command, effect: &Effect) {
        let card = &mut next.cards[usize::from(at)];
        next.seen.stale_image |= card.outside != card.root;
        let Some(image) = effect.image else { return };
        next.seen.decreased |= decreases(&card.root, &image);
        (card.root, card.outside, card.torn) = (image, image, None);
        next.seen.overdraft |= effect.overdraft;
        next.seen.other_kind |= effect.other_kind;
        if let Some(token) = effect.debited {
            next.seen.made = next.seen.made.with(token);
            next.seen.debited = next.seen.debited.with(token);
        }
        match command {
            Command::Hold(_) => next.holds_left -= 1,
            Command::Credit(load) => next.center.loads[usize::from(load)].applied = true,
            _ => {}
        }
    }

    fn answer(&self, next: &mut State, at: u8, effect: &Effect) {
        let card = usize::from(at);
        if let Answer::Plaintext(order) = effect.answer {
            next.seen.unpaid_plaintext |= !is_paid(next, at, order) || self.is_over_used(next, at);
        }
        next.cards[card].stream = effect.stream.or(next.cards[card].stream);
        let host = &mut next.host;
        match effect.answer {
            Answer::Nothing | Answer::Plaintext(_) => {}
            Answer::Token(token) => host.tokens = host.tokens.with(token),
            Answer::Credited(load) => host.credited[usize::from(load)] = true,
            Answer::Voided(load) => host.voided[usize::from(load)] = true,
            Answer::Challenge(purse, challenge) => host.challenges[card][purse] = Some(challenge),
            Answer::Expired(purse, expiry) => host.expiries[card][purse] = Some(expiry),
        }
    }

    /// Counts the card's stream as one of which plaintext left, and tells whether it is one more
    /// than the licence opens.
    fn is_over_used(&self, next: &mut State, at: u8) -> bool {
        let Some(stream) = next.cards[usize::from(at)].stream.filter(|stream| !stream.served)
        else {
            return false;
        };
        let served = &mut next.seen.served[usize::from(stream.order)];
        *served += 1;
        *served > self.config.uses
    }

    /// The commands that make sense to try; the card refuses some of them.
    fn commands(&self, state: &State, card: u8) -> Vec<Command> {
        let mut commands = Vec::with_capacity(32);
        for order in self.config.order_numbers() {
            commands.extend([Command::LoadLicence(order), Command::DeleteLicence(order)]);
            commands.extend([Command::Debit(order, 0), Command::Debit(order, 1)]);
            commands.extend([Command::Hold(order), Command::Release(order)]);
            commands.extend([Command::Cancel(order), Command::OpenStream(order)]);
        }
        for token in state.cards[usize::from(card)].outside.outbox.iter() {
            commands.extend([Command::GetToken(token), Command::Acknowledge(token)]);
        }
        for load in
            (0..LOADS as u8).filter(|load| state.center.loads[usize::from(*load)].stage.is_there())
        {
            commands.extend([Command::Challenge(load), Command::Credit(load), Command::Void(load)]);
        }
        for purse in 0..2 {
            commands.extend([Command::StrayVoid(purse), Command::Expire(purse)]);
        }
        commands.extend([Command::Decrypt, Command::SetTime]);
        commands
    }

    fn fates(&self) -> &'static [Fate] {
        match self.mutant {
            Some(Mutant::DebitInTwoCommits) => {
                &[Fate::Cut, Fate::Lost, Fate::Answered, Fate::Between]
            }
            Some(Mutant::TokenBeforeCommit | Mutant::PlaintextBeforeCommit) => {
                &[Fate::Cut, Fate::Lost, Fate::Answered, Fate::Early]
            }
            _ => &[Fate::Cut, Fate::Lost, Fate::Answered],
        }
    }
}

/// Whether the card's payment of this order is committed and was not given back.
fn is_paid(state: &State, card: u8, order: u8) -> bool {
    let given_back =
        |token| state.center.loads.iter().any(|load| load.applied && load.refund_of == Some(token));
    let mut paid = state.seen.debited.iter().filter(|t| (t.card, t.order) == (card, order));
    paid.any(|token| !given_back(token))
}

/// Whether something that only grows is less in the later image.
pub(crate) fn decreases(before: &Image, after: &Image) -> bool {
    let mut purses = before.purses.iter().zip(&after.purses);
    let mut licences = before.licences.iter().zip(&after.licences);
    after.epoch < before.epoch
        || before.late && !after.late
        || purses.any(|(before, after)| after.sequence < before.sequence)
        || licences.any(|(before, after)| *before == Licence::Used && *after != Licence::Used)
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.first_state()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        center::actions(self, state, actions);
        host::actions(self, state, actions);
        for card in self.config.card_numbers() {
            if self.powered_up(&state.cards[usize::from(card)]).is_none() {
                continue;
            }
            for command in self.commands(state, card) {
                let run = |fate: &Fate| Action::Run { card, command, fate: *fate };
                actions.extend(self.fates().iter().map(run));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        match action {
            Action::Run { card, command, fate } => self.run(state, card, command, fate),
            Action::Lose | Action::Copy { .. } | Action::PutBack { .. } | Action::TimePasses => {
                host::step(self, state, action)
            }
            _ => center::step(self, state, action),
        }
    }

    fn properties(&self) -> Vec<Checked<Self>> {
        Property::checked()
    }
}
