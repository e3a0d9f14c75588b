//! What a center meets beside honest requests: repetitions, replays and forgeries.

use std::thread;

use saifu_center_api::{Order, OrderRequest, Payment, ProblemCode};
use saifu_host::center::CenterError;

use super::client::Client;
use super::tally::Paid;
use crate::shop::Anything;

/// How many send the same token in at the same time.
const AT_ONCE: usize = 3;

/// Orders again with the same key, at times: it must be the same order, licence and all.
pub(super) fn order_again(
    client: &mut Client<'_>,
    key: &str,
    request: &OrderRequest,
    first: &Order,
) -> Result<(), Anything> {
    if client.draws.below(8) > 0 {
        return Ok(());
    }
    let again = client.session.client.order(key, request)?;
    client.storm.tally.mischief();
    if (&again.id, &again.licence) != (&first.id, &first.licence) {
        client.storm.tally.wrong(format!("{key} is ordered twice"));
    }
    Ok(())
}

/// Sends a token in with another's licence, or changed, while nobody else has it: refused.
pub(super) fn before_it_is_known(client: &mut Client<'_>, paid: &Paid) -> Result<(), Anything> {
    let draw = client.draws.below(10);
    let other = client.storm.tally.any_recent(&mut client.draws);
    match (draw, other) {
        (0, Some(other)) => {
            let payment = payment(&paid.token, Some(&other.licence));
            refused(client, "another licence", &payment, &[ProblemCode::Contradiction])
        }
        (1, _) => {
            let mut changed = paid.token.clone();
            let at = client.draws.below(changed.len());
            changed[at] ^= 1 << client.draws.below(8);
            let codes = [ProblemCode::Malformed, ProblemCode::NotFound, ProblemCode::NotAuthentic];
            refused(client, "a bit changed", &payment(&changed, Some(&paid.licence)), &codes)
        }
        _ => Ok(()),
    }
}

/// Sends in somebody's token, at times: settled already or not, its receipt is the same.
pub(super) fn of_others(client: &mut Client<'_>) -> Result<(), Anything> {
    if client.draws.below(3) > 0 {
        return Ok(());
    }
    if let Some(paid) = client.storm.tally.any_recent(&mut client.draws) {
        let licence = (client.draws.below(2) > 0).then_some(&paid.licence);
        let receipt = client.session.client.settle(&payment(&paid.token, licence))?;
        client.storm.tally.mischief();
        client.storm.tally.receipt(&paid, &receipt);
    }
    Ok(())
}

/// Sends a token in, once or several times at once, with its licence or without.
pub(super) fn submit(client: &mut Client<'_>, paid: &Paid) -> Result<Vec<u8>, Anything> {
    let licence = (client.draws.below(4) > 0).then_some(&paid.licence);
    let payment = payment(&paid.token, licence);
    if client.draws.below(6) == 0 {
        at_once(client, paid, &payment)?;
    }
    let receipt = client.session.client.settle(&payment)?;
    client.storm.tally.receipt(paid, &receipt);
    Ok(receipt)
}

fn at_once(client: &Client<'_>, paid: &Paid, payment: &Payment) -> Result<(), Anything> {
    let (tally, way) = (&client.storm.tally, client.way);
    let submit = || {
        let receipt = way.client().settle(payment)?;
        tally.mischief();
        tally.receipt(paid, &receipt);
        Ok::<_, Anything>(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(submit)).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(end) => end,
            Err(_) => Err("a thread that sent a token in panicked".into()),
        })
    })
}

fn refused(
    client: &Client<'_>,
    what: &str,
    payment: &Payment,
    codes: &[ProblemCode],
) -> Result<(), Anything> {
    client.storm.tally.mischief();
    match client.session.client.settle(payment) {
        Ok(_) => client.storm.tally.wrong(format!("a token with {what} was settled")),
        Err(CenterError::Refused(problem)) => match problem.code() {
            Some(code) if codes.contains(&code) => {}
            _ => client.storm.tally.wrong(format!("a token with {what}: {}", problem.detail)),
        },
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn payment(token: &[u8], licence: Option<&Vec<u8>>) -> Payment {
    Payment { token: token.to_vec().into(), licence: licence.map(|bytes| bytes.clone().into()) }
}
