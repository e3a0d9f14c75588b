//! What a hostile host does, besides carrying, keeping and repeating what it has: it forgets, and
//! it copies the outside memory and puts the copy back. And the clock, which nobody stops.

use crate::action::Action;
use crate::mutant::Mutant;
use crate::protocol::{self, Protocol};
use crate::state::{Card, Host, Image, State};

/// Adds what the host could do.
pub(crate) fn actions(protocol: &Protocol, state: &State, actions: &mut Vec<Action>) {
    if state.host != Host::default() {
        actions.push(Action::Lose);
    }
    if protocol.config.has_dates() && !state.late {
        actions.push(Action::TimePasses);
    }
    if protocol.config.copies {
        for card in protocol.config.card_numbers() {
            actions.push(Action::Copy { card, torn: false });
            actions.push(Action::Copy { card, torn: true });
            actions.push(Action::PutBack { card });
        }
    }
}

/// What the host's action leads to; none if there is nothing to do it to.
pub(crate) fn step(protocol: &Protocol, state: &State, action: Action) -> Option<State> {
    let mut next = state.clone();
    match action {
        Action::Lose => next.host = Host::default(),
        Action::TimePasses => next.late = true,
        Action::Copy { card, torn } => {
            let card = &mut next.cards[usize::from(card)];
            let image = if torn { card.torn? } else { card.outside };
            if card.saved.replace(image).is_some() {
                return None;
            }
        }
        Action::PutBack { card } => {
            let card = &mut next.cards[usize::from(card)];
            let image = card.saved.replace(card.outside)?;
            (card.outside, card.stream) = (image, None);
            next.seen.decreased |= start_anew(protocol, card);
        }
        _ => return None,
    }
    Some(next)
}

/// Powers the card up over what lies outside now, and tells whether something became less. The
/// base design does nothing: a card that finds no matching image waits for it.
fn start_anew(protocol: &Protocol, card: &mut Card) -> bool {
    if card.outside == card.root {
        return false;
    }
    if protocol.is(Mutant::LockedForGood) {
        card.dead = true;
    }
    if protocol.is(Mutant::SilentRepair) {
        let before = std::mem::take(&mut card.root);
        card.outside = Image::default();
        return protocol::decreases(&before, &card.root);
    }
    false
}
