//! The center's rules: orders, loads and refunds, settlement.

use crate::action::{Action, Evidence};
use crate::mutant::Mutant;
use crate::protocol::Protocol;
use crate::state::{Challenge, Ended, How, KINDS, LOADS, Load, Stage, State};
use crate::token::Token;

/// Adds what the center, or a customer at it, could do; the center refuses some of it.
pub(crate) fn actions(protocol: &Protocol, state: &State, actions: &mut Vec<Action>) {
    for order in protocol.config.order_numbers() {
        actions.extend(protocol.config.card_numbers().map(|card| Action::Order { order, card }));
        actions.push(Action::EndOrder { order });
    }
    for card in protocol.config.card_numbers() {
        for purse in 0..KINDS as u8 {
            actions.push(Action::OpenLoad { card, purse });
            actions.push(Action::BookExpiry { card, purse });
            actions.push(Action::WriteOff { card, purse });
        }
        actions.extend(state.host.tokens.iter().map(|token| Action::SettleAs { token, card }));
    }
    for load in 0..LOADS as u8 {
        if !state.center.loads[usize::from(load)].stage.is_open() {
            continue;
        }
        actions.extend([
            Action::IssueCredit { load },
            Action::Withdraw { load },
            Action::TimeOut { load },
        ]);
        let close = |evidence| Action::CloseLoad { load, evidence };
        actions.extend([Evidence::Credited, Evidence::Voided, Evidence::Challenge].map(close));
    }
    actions.extend(state.host.tokens.iter().map(|token| Action::Settle { token }));
    actions.extend(state.center.settled.iter().map(|token| Action::OpenRefund { token }));
}

/// What the center's action leads to; none if the center refuses.
pub(crate) fn step(protocol: &Protocol, state: &State, action: Action) -> Option<State> {
    let is = |mutant| protocol.is(mutant);
    match action {
        Action::Order { order, card } => take_order(state, order, card),
        Action::EndOrder { order } => end_order(protocol, state, order),
        Action::OpenLoad { card, purse } => open_load(protocol, state, card, purse),
        Action::OpenRefund { token } => open_refund(protocol, state, token),
        Action::IssueCredit { load } => issue_credit(protocol, state, load),
        Action::CloseLoad { load, evidence } => close_load(state, load, evidence),
        Action::Withdraw { load } => withdraw(state, load),
        Action::TimeOut { load } => is(Mutant::VoidOnTimeout).then(|| give_back(state, load)),
        Action::Settle { token } => settle(protocol, state, token, token),
        Action::SettleAs { token, card } => {
            let other = is(Mutant::TokenUnbound) && card != token.card;
            if other { settle(protocol, state, token, Token { card, ..token }) } else { None }
        }
        Action::BookExpiry { card, purse } => book_expiry(state, card, purse),
        Action::WriteOff { card, purse } => {
            let by_clock = is(Mutant::WrittenOffByClock) && state.late;
            if by_clock { write_off(protocol, state, card, purse) } else { None }
        }
        _ => None,
    }
}

/// The first card is licensed first; a later one in its place.
fn take_order(state: &State, order: u8, card: u8) -> Option<State> {
    let row = state.center.orders[usize::from(order)];
    let is_next = row.licensed.iter().position(|licensed| !licensed) == Some(usize::from(card));
    let mut next = state.clone();
    next.center.orders[usize::from(order)].licensed[usize::from(card)] = true;
    (is_next && !row.ended).then_some(next)
}

fn end_order(protocol: &Protocol, state: &State, order: u8) -> Option<State> {
    let row = state.center.orders[usize::from(order)];
    let mut next = state.clone();
    next.center.orders[usize::from(order)].ended = true;
    (protocol.config.orders_end && row.licensed[0] && !row.ended).then_some(next)
}

fn open_load(protocol: &Protocol, state: &State, card: u8, purse: u8) -> Option<State> {
    let is_one = |load: &&Load| load.purse == purse && load.refund_of.is_none();
    let there = state.center.loads.iter().filter(|load| load.stage.is_there());
    let left =
        there.filter(is_one).count() < usize::from(protocol.config.loads[usize::from(purse)]);
    let load = Load { stage: Stage::Open, card, purse, ..Load::default() };
    if left { open(protocol, state, load) } else { None }
}

fn open_refund(protocol: &Protocol, state: &State, token: Token) -> Option<State> {
    let refunds = state.center.loads.iter().filter(|load| load.refund_of.is_some()).count();
    let again = state.center.refunded.has(token) && !protocol.is(Mutant::RefundTwice);
    let purse = protocol.kind_of(token) as u8;
    let refund_of = Some(token);
    let load = Load { stage: Stage::Open, card: token.card, purse, refund_of, ..Load::default() };
    if again || refunds >= usize::from(protocol.config.refunds) {
        return None;
    }
    let mut next = open(protocol, state, load)?;
    next.center.refunded = next.center.refunded.with(token);
    Some(next)
}

/// Opens a load: one at a time for each purse.
fn open(protocol: &Protocol, state: &State, load: Load) -> Option<State> {
    let place = state.center.loads.iter().position(|load| !load.stage.is_there())?;
    let mut others = state.center.open_loads(load.card, load.purse);
    let issued = |at: usize| state.center.loads[at].stage == Stage::Issued;
    let alone = match protocol.is(Mutant::SecondLoad) {
        true => others.all(issued),
        false => others.next().is_none(),
    };
    let mut next = state.clone();
    next.center.loads[place] = load;
    alone.then_some(next)
}

/// The challenge that the host has of the load's purse.
fn challenge_for(state: &State, load: &Load) -> Option<Challenge> {
    state.host.challenges[usize::from(load.card)][usize::from(load.purse)]
}

/// Answers a challenge over the load's own nonce.
fn issue_credit(protocol: &Protocol, state: &State, number: u8) -> Option<State> {
    let load = state.center.loads[usize::from(number)];
    let challenge = challenge_for(state, &load)?;
    let fresh = challenge.nonce == number || protocol.is(Mutant::StaleChallenge);
    if load.stage != Stage::Open || !fresh {
        return None;
    }
    let mut next = state.clone();
    let issued = &mut next.center.loads[usize::from(number)];
    (issued.stage, issued.sequence) = (Stage::Issued, challenge.sequence + 1);
    Some(next)
}

/// Books how the card ended a load, by an event of it or by the one that a challenge carries.
fn close_load(state: &State, number: u8, evidence: Evidence) -> Option<State> {
    let at = usize::from(number);
    let last = challenge_for(state, &state.center.loads[at]).and_then(|challenge| challenge.last);
    let names_it = |last: &Ended| last.load == Some(number);
    let how = match evidence {
        Evidence::Credited => state.host.credited[at].then_some(How::Credited),
        Evidence::Voided => state.host.voided[at].then_some(How::Voided),
        Evidence::Challenge => last.filter(names_it).map(|last| last.how),
    }?;
    if how == How::Voided {
        return Some(give_back(state, number));
    }
    let mut next = state.clone();
    next.center.loads[at].stage = Stage::Credited;
    Some(next)
}

/// Gives back a load that no card can have: no credit of it is signed.
fn withdraw(state: &State, number: u8) -> Option<State> {
    let unsigned = state.center.loads[usize::from(number)].stage == Stage::Open;
    unsigned.then(|| give_back(state, number))
}

/// Gives a load's value back to its source: to the customer, or to what was settled.
fn give_back(state: &State, number: u8) -> State {
    let mut next = state.clone();
    let load = &mut next.center.loads[usize::from(number)];
    load.stage = Stage::Voided;
    if let Some(token) = load.refund_of {
        next.center.refunded = next.center.refunded.without(token);
    }
    next
}

/// Books a token, once, under the identity it is taken for, and gives the receipt: settled, or
/// in suspense if its order ran out or another token settled it.
fn settle(protocol: &Protocol, state: &State, token: Token, identity: Token) -> Option<State> {
    let mut next = state.clone();
    let center = &mut next.center;
    let order = center.orders[usize::from(token.order)];
    let is_settled = center.settled.iter().any(|other| other.order == token.order);
    let surplus = is_settled && !protocol.is(Mutant::DeduplicationByToken);
    next.host.receipts = next.host.receipts.with(token);
    if center.booked().has(identity) {
        let again = u8::from(protocol.is(Mutant::NoDeduplication));
        center.booked_again[protocol.kind_of(token)] += again;
    } else if order.ended && protocol.is(Mutant::LateTokenRefused) {
        next.seen.refused_genuine |= next.seen.debited.has(token);
        next.host.receipts = state.host.receipts;
    } else if order.ended || surplus {
        center.suspense = center.suspense.with(identity);
    } else {
        center.settled = center.settled.with(identity);
    }
    Some(next)
}

fn book_expiry(state: &State, card: u8, purse: u8) -> Option<State> {
    let (card, purse) = (usize::from(card), usize::from(purse));
    let expiry = state.host.expiries[card][purse]?;
    let mut next = state.clone();
    next.center.expired[card][purse] += expiry.amount;
    next.center.expiries[card][purse] = expiry.nth;
    (expiry.nth > state.center.expiries[card][purse]).then_some(next)
}

fn write_off(protocol: &Protocol, state: &State, card: u8, purse: u8) -> Option<State> {
    let (card, purse) = (usize::from(card), usize::from(purse));
    let balance = protocol.in_force(&state.cards[card]).purses[purse].balance;
    let ended = protocol.config.purses_end[purse];
    let mut next = state.clone();
    let first = next.center.written_off[card][purse].replace(balance.unsigned_abs()).is_none();
    (ended && first).then_some(next)
}
